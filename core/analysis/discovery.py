"""Which files are models: entry points that train, with their launchers, modules and configurations."""

from __future__ import annotations

import os.path
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from core.analysis import choices, sharing
from core.analysis.belonging import Files
from core.analysis.evidence import is_weak
from core.analysis.facts import Candidate
from core.analysis.outline import MAIN, Outline

_TEST_NAME = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|noxfile|autogen)\.py$")
_TEST_FOLDER = re.compile(r"(^|/)(tests?|testing)/")
HOOKS = frozenset({"forward", "call", "__call__", "__init__", "training_step", "configure_optimizers", "train_step",
    "setup", "_build",
                   "train_dataloader", "compute_loss", "prepare_data", "__post_init__", "run_step",
                   "optimizer_step", "on_train_batch_start", "on_train_batch_end"})  # fmt: skip
"""Methods that are reached with their object, though nobody names them."""


HOOKS_OF = {"labml_helpers": ("step",), "chainer": ("update_core",)}
"""Further ones, by the library that calls them."""


def discover(outlines: Mapping[str, Outline], root: str) -> list[Candidate]:
    """All models among these files (absolute path -> outline), sorted by path; the same for the same files."""
    return _Discovery(outlines, root).candidates()


OWN_SETTINGS = 4
"""Literal settings that make one of several launchers of a loop a model of its own."""
OWN_OVERRIDES = 3
"""Entries of its own, in a dict that it gives away, that make a launcher of what can be run by itself a model."""
FEW = 3
"""Training functions that a script may have which nothing starts."""
_NETWORK = re.compile(r"(^|[._])(Module|Model|Layer|LightningModule)$")
"""Names of bases of classes that are networks or parts of them."""


_JUDGE_NAME = re.compile(
    r"^(eval|evaluate|evaluation|visuali[sz]e|plot|infer|inference|predict|sample|demo|play|enjoy|watch)(_|\.)"
)


def _judges(path: str, files: list[str]) -> bool:
    """A script that is named for using a model, and trains, if at all, by what it imports."""
    return files[0] != path and bool(_JUDGE_NAME.match(os.path.basename(path).lower().lstrip("0123456789_-")))


def _is_tried(name: str) -> bool:
    """`music_test.py`: a script that tries something out, beside no tests."""
    return name.endswith("_test.py") and not _TEST_FOLDER.search(name)


def _trains_by_itself(outline: Outline) -> bool:
    """Whether a script takes settings, and changes weights in a loop of its own."""
    own = bool(outline.trains and outline.updates) and outline.settings >= OWN_SETTINGS
    return own and outline.runs and not outline.testing


def _training_first(model: tuple[str, set[str]]) -> tuple[bool, str]:
    """Of several scripts that take the same configurations, the one called train has them."""
    return "train" not in os.path.basename(model[0]).lower(), model[0]


def _makes(name: str) -> bool:
    """Whether a name that is spoken of makes what a configuration names."""
    return name.rpartition(".")[2] in ("instantiate", "call", "get_class", "get_object", "get_method", "locate")


class _Imported(NamedTuple):
    """One name of an import: the file of the module, the file that the name itself is, its name there and here."""

    target: str | None
    inner: str | None
    original: str
    local: str


class _Discovery(Files):
    def __init__(self, outlines: Mapping[str, Outline], root: str) -> None:
        super().__init__(outlines, root)
        self.meanings: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
        self.methods: dict[tuple[str, str], list[str]] = {}
        self.tables: dict[str, dict[str, list[tuple[int, _Imported]]]] = {}
        self.reached: dict[str, list[tuple[str, str]]] = {}
        self.started: set[str] = set()
        """Entries that build what they train."""
        self.choosers: dict[str, str] = {}
        """For each file that is one of several loops that a launcher can choose: that launcher."""

    def candidates(self) -> list[Candidate]:
        entries = [path for path, outline in self.code.items() if self._is_entry(path, outline)]
        trained = {path: self._trained_by(path) for path in entries}
        trained = {path: files for path, files in trained.items() if files and not _judges(path, files)}
        models = self._place_models(trained)
        models.update(self._orphans(trained))
        found: dict[str, Candidate] = {}
        choices_of = {path: self._configurations(path, sorted(launchers)) for path, launchers in models.items()}
        ordered = sorted(models.items(), key=_training_first)
        owners = sharing.owners(self.outlines, {path: choices_of[path][0] for path, _ in ordered})
        for path, launchers in ordered:
            for candidate in self._with_configs(path, sorted(launchers), *choices_of[path], owners):
                found.setdefault(candidate.path, candidate)
        return [found[path] for path in sorted(found)]

    # -- entries

    def _is_entry(self, path: str, outline: Outline) -> bool:
        return outline.runs and not self._is_test(path, outline)

    def _is_test(self, path: str, outline: Outline) -> bool:
        if outline.testing and not outline.trains.get(""):
            return True
        name = os.path.relpath(path, self.root)
        return bool(_TEST_NAME.search(name)) and not (_is_tried(name) and _trains_by_itself(outline))

    def _trained_by(self, path: str) -> list[str]:
        """The files whose training loops are reached when `path` is run, its own first."""
        reached = self._reach(path)
        files = dict.fromkeys(file for file, function in reached if self.outlines[file].trains.get(function))
        signs = [sign for file, function in reached for sign in self.outlines[file].trains.get(function, ())]
        changing = (function in self.outlines[file].updates for file, function in reached if file in files)
        if is_weak(signs) and not any(changing):
            return []
        return sorted(files, key=lambda file: (file != path, list(files).index(file)))

    def _reach(self, path: str) -> list[tuple[str, str]]:
        """(file, function) pairs reached from a file's module level, by the names that are spoken of; found once."""
        if path not in self.reached:
            self.reached[path] = self._looked_through(path)
        return self.reached[path]

    def _looked_through(self, path: str) -> list[tuple[str, str]]:
        queue = [(path, ""), (path, MAIN)]
        seen: dict[tuple[str, str], None] = dict.fromkeys(queue)
        waiting: dict[str, list[tuple[str, str]]] = defaultdict(list)
        hooks = (name for library, names in HOOKS_OF.items() if self._uses(path, library) for name in names)
        spoken: set[str] = {*HOOKS, *hooks}

        def reach(item: tuple[str, str]) -> None:
            if item not in seen:
                seen[item] = None
                queue.append(item)

        def enter(target_file: str, target: str) -> None:
            reach((target_file, target))
            for method in self._methods(target_file, target):
                last = method.rpartition(".")[2]
                if last in spoken:
                    reach((target_file, method))
                else:
                    waiting[last].append((target_file, method))

        named = self._configured(path)
        while queue:
            file, function = queue.pop()
            if named and any(_makes(name) for name in self.outlines[file].uses.get(function, ())):
                for target_file, target in named:
                    enter(target_file, target)
                named = []
            if not function:
                for member in self.packaged(file):
                    enter(member, "")
                    for name in self.outlines[member].uses:
                        if name and "." not in name and name != MAIN:
                            enter(member, name)
            for name in self._spoken(file, function):
                if name.startswith("."):
                    for method in (name[1:], "run") if name == ".start" else (name[1:],):  # a thread runs
                        spoken.add(method)
                        for item in waiting.pop(method, ()):
                            reach(item)
                    continue
                nested = f"{function}.{name}"
                if nested in self.outlines[file].uses:
                    reach((file, nested))
                for target_file, target in self._meaning(file, name):
                    enter(target_file, target)
        return list(seen)

    def _spoken(self, file: str, function: str) -> list[str]:
        """The names that a function speaks of; with `globals()[name]`, all that its file imports."""
        names = self.outlines[file].uses.get(function, [])
        if "globals" not in names:
            return names
        imported = [each for several in self._named(file).values() for _, each in several]
        starred = [f for each in imported if each.original == "*" for f in self._files_of(each.target)]
        tops = (name for f in starred for name in self.outlines[f].uses if name and "." not in name and name != MAIN)
        return [*names, *(each.local for each in imported if each.original != "*"), *tops]

    def _files_of(self, module: str | None) -> list[str]:
        """A module, and those of its package that it imports by names that it makes."""
        return [module, *self.packaged(module)] if module else []

    def _uses(self, path: str, library: str) -> bool:
        """Whether a file imports a library that is not at hand."""
        modules = (module for module, level, _ in self.outlines[path].imports if not level)
        return library not in self.heads and any(module.partition(".")[0] == library for module in modules)

    def _configured(self, path: str) -> list[tuple[str, str]]:
        """The (file, class) pairs that the configurations of a Hydra script name."""
        if not any(how == "hydra" for how, _, _ in self.outlines[path].configs):
            return []
        targets = choices.configurations(self.outlines, [path], [path], self.root, ()).targets
        named = [dotted.rpartition(".") for dotted in dict.fromkeys(targets)]
        found = [(self.module(path, module, 0), name) for module, _, name in named]
        return [pair for file, name in found if file for pair in self._within(file, name, 0)]

    def _methods(self, file: str, name: str) -> list[str]:
        if (file, name) not in self.methods:
            uses = self.outlines[file].uses if name else ()
            self.methods[file, name] = [function for function in uses if function.startswith(f"{name}.")]
        return self.methods[file, name]

    def _meaning(self, file: str, name: str, depth: int = 0) -> list[tuple[str, str]]:
        """The (file, function) that a name in a file stands for."""
        key = (file, name, depth)
        found = self.meanings.get(key)
        if found is None:
            found = self.meanings[key] = self._looked_up(file, name, depth)
        return found

    def _looked_up(self, file: str, name: str, depth: int) -> list[tuple[str, str]]:
        if name in self.outlines[file].uses:
            return [(file, name)]
        head = name.partition(".")[0]
        table = self._named(file)
        found: dict[tuple[str, str], None] = {}
        for _, each in sorted((*table.get(head, ()), *table.get("*", ()))):
            if each.original == "*":
                found.update(dict.fromkeys(self._imported(file, each, "", head, depth)))
            elif name == each.local or name.startswith(f"{each.local}."):
                found.update(dict.fromkeys(self._imported(file, each, name[len(each.local) + 1 :], head, depth)))
        return list(found)

    def _named(self, file: str) -> dict[str, list[tuple[int, _Imported]]]:
        """What a file imports of local modules, by the first part of the name it has there, numbered in order."""
        if file not in self.tables:
            table: dict[str, list[tuple[int, _Imported]]] = defaultdict(list)
            imports = self.outlines[file].imports
            named = ((module, level, *pair) for module, level, pairs in imports for pair in pairs)
            for number, (module, level, original, local) in enumerate(named):
                target = self.module(file, module, level)
                dotted = f"{module}.{original}" if module else original
                inner = self.module(file, dotted, level) if original else None
                if target or inner:
                    head = "*" if original == "*" else local.partition(".")[0]
                    table[head].append((number, _Imported(target, inner, original, local)))
            self.tables[file] = table
        return self.tables[file]

    def _imported(self, file: str, what: _Imported, last: str, head: str, depth: int) -> list[tuple[str, str]]:
        """What an imported name stands for, and (when a name of it is spoken of) `last` of it."""
        target, inner = what.target, what.inner
        if inner and inner != file:
            return [(inner, ""), *self._within(inner, last, depth)]
        if not target:
            return []
        if target == file:  # `from train import Workspace` in train.py
            return self._within(file, what.original, depth) if what.original != "*" else []
        if not what.original:
            return [(target, ""), *self._within(target, last, depth)]
        wanted = head if what.original == "*" else what.original
        if wanted in self.outlines[target].uses:
            return [(target, ""), (target, wanted)]
        return [(target, ""), *self._within(target, wanted, depth)]

    def _within(self, file: str, name: str, depth: int) -> list[tuple[str, str]]:
        """What a name of a module stands for, there or where it took it from."""
        return self._meaning(file, name, depth + 1) if name and depth < 4 else []

    # -- which file is the model

    def _place_models(self, trained: dict[str, list[str]]) -> dict[str, set[str]]:
        """Model path -> its launchers."""
        self.started = {path for path in trained if self.outlines[path].builds and self.outlines[path].guard}
        launchers: dict[str, list[str]] = defaultdict(list)
        models: dict[str, set[str]] = {}
        for path, files in trained.items():
            several = self._loops_to_choose(path, files)
            for file in several:
                models.setdefault(file, set())
                self.choosers[file] = path
            target = several[0] if several else self._loop_file(path, files)
            if target is None:
                models.setdefault(path, set())
            else:
                launchers[target].append(path)
        for target, starters in launchers.items():
            own = [path for path in starters if self._has_settings(path, len(starters) > 1, target in trained)]
            models.update({path: set() for path in own})
            models.setdefault(target, set()).update(path for path in starters if path not in own)
        return models

    def _loops_to_choose(self, path: str, files: list[str]) -> list[str]:
        """The files of several classes, each with a loop of its own, one of which a launcher starts by its name; the
        one that it starts by default first."""
        outline = self.outlines[path]
        if files[0] == path or outline.builds:
            return []
        found: dict[str, str] = {}
        for text, name in outline.chosen:
            for file, function in self._meaning(path, name):
                if file in files and file != path and function:
                    found.setdefault(file, text)
        preset = {text for file in (path, *self.neighbours(path)) for text in self.outlines[file].preset}
        several = sorted(found, key=lambda file: (found[file] not in preset, list(found).index(file)))
        return several if len(several) > 1 else []

    def _loop_file(self, path: str, files: list[str]) -> str | None:
        """The sibling whose loop a thin launcher starts; None where the file is a model itself."""
        outline = self.outlines[path]
        if files[0] == path or outline.builds or outline.loops or self._specialises(path, files):
            return None
        running = [file for file in self.neighbours(path) if self.outlines[file].loops]
        if len(running) == 1:
            return running[0]
        started = [file for file in self.neighbours(path) if file in self.started and file != path]
        if len(started) == 1:
            return started[0]
        if outline.looping and not any(self.outlines[file].repeats for file in files):
            return None  # what trains stands in no loop but the launcher's
        folder = os.path.dirname(path)
        own = [file for file in files if os.path.dirname(file) == folder and self.outlines[file].builds]
        return self._on_the_way(path, own[0]) if own else None

    def _has_settings(self, path: str, one_of_several: bool, beside: bool) -> bool:
        """Whether a launcher has settings of its own: as one of several, or beside what can be run by itself."""
        told = self.outlines[path]
        return (one_of_several and told.settings >= OWN_SETTINGS) or (beside and told.overrides >= OWN_OVERRIDES)

    def _specialises(self, path: str, files: list[str]) -> bool:
        """Whether a script brings a network of its own, or a class that derives from one that holds the loop."""
        bases = self.outlines[path].bases
        return any(
            _NETWORK.search(base) or any(file in files for file, function in self._meaning(path, base) if function)
            for base in bases
        )

    def _on_the_way(self, path: str, file: str) -> str:
        """The sibling that a launcher imports and through which it reaches a file: that file, or what calls it."""
        near = [other for other in self.neighbours(path) if os.path.dirname(other) == os.path.dirname(path)]
        if file in near:
            return file
        return next((other for other in near if file in self.modules([other])), file)

    def _orphans(self, trained: dict[str, list[str]]) -> dict[str, set[str]]:
        """Files with a whole training function that nothing starts or imports; one with many is a library."""
        imported: set[str] = set()
        for path in self.code:
            imported.update(self.neighbours(path))
        found: dict[str, set[str]] = {}
        reached = {file for files in trained.values() for file in files}
        for path, outline in self.code.items():
            functions = [name for name in outline.trains if "." not in name and name not in ("", MAIN)]
            if (
                0 < len(functions) <= FEW
                and outline.builds
                and not outline.runs
                and path not in imported | reached
                and not self._is_test(path, outline)
            ):
                found[path] = set()
        return found

    # -- what belongs to a model

    def _configurations(self, path: str, launchers: list[str]) -> tuple[choices.Choices, list[str]]:
        """The configurations that a model and its launchers take, and the modules they import."""
        entry_files = [path, *launchers]
        modules = self.modules([*entry_files, *([self.choosers[path]] if path in self.choosers else [])])
        reached = {pair for file in entry_files for pair in self._reach(file)}
        return choices.configurations(self.outlines, entry_files, modules, self.root, reached), modules

    def _with_configs(
        self, path: str, launchers: list[str], found: choices.Choices, modules: list[str], owners: Mapping[str, str]
    ) -> list[Candidate]:
        for target in found.targets:
            modules += [file for file in self.modules(self.target_files(path, target)) if file not in modules]
        base = {*modules, *found.always, *self.readmes(path)}
        candidates = []
        free = [config for config in found.chosen if owners.get(config) == path]
        if found.default or not free or found.optional:
            aliases = [file for file in (*launchers, *found.default) if file != path]
            files = tuple(sorted({*base, *found.default}))
            candidates.append(Candidate(path, self.outlines[path].model_kind(), None, tuple(sorted(aliases)), files))
        for config in free:
            files = tuple(
                sorted(
                    {*base, *self.built_on(config), *found.default, *self.modules([config, *self.neighbours(config)])}
                )
            )
            candidates.append(Candidate(config, "config", path, (), files))
        return candidates
