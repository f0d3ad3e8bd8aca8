"""What is reached when a file is run: functions and classes, by the names that are spoken of on the way."""

from __future__ import annotations

import os.path
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from core.analysis import choices
from core.analysis.belonging import Files
from core.analysis.config_files import bases_of
from core.analysis.outline import MAIN, Outline

HOOKS = frozenset({"forward", "call", "__call__", "__init__", "training_step", "configure_optimizers", "train_step",
    "setup", "_build",
                   "train_dataloader", "compute_loss", "prepare_data", "__post_init__", "run_step",
                   "optimizer_step", "on_train_batch_start", "on_train_batch_end"})  # fmt: skip
"""Methods that are reached with their object, though nobody names them."""


HOOKS_OF = {"labml_helpers": ("step",), "chainer": ("update_core",)}
"""Further ones, by the library that calls them."""


def _makes(name: str) -> bool:
    """Whether a name that is spoken of makes what a configuration names."""
    return name.rpartition(".")[2] in (
        "instantiate", "call", "get_class", "get_object", "get_method", "locate", "load_hyperpyyaml",
    )  # fmt: skip


class _Imported(NamedTuple):
    """One name of an import: the file of the module, the file that the name itself is, its name there and here."""

    target: str | None
    inner: str | None
    original: str
    local: str


_Told = tuple[str, str, Sequence[tuple[str, str]]]
"""What one name means that a function speaks of: a method of whatever has it, a function inside this one, (file,
function) pairs."""


class _Walk:
    """What was reached on the way from one file's module level, and what waits to be looked at."""

    def __init__(self, reaching: Reaching, start: list[tuple[str, str]], spoken: set[str]) -> None:
        self.reaching = reaching
        self.queue = start
        self.seen = dict.fromkeys(start)
        self.spoken = spoken
        """Names of methods that were spoken of, or are called by a library."""
        self.waiting: dict[str, list[tuple[str, str]]] = defaultdict(list)
        """Methods of classes that were reached, by their names, which nobody has spoken of yet."""
        self.entered: set[tuple[str, str]] = set()
        self.asked = False
        """Whether it was asked what the configurations of the script name."""

    def reach(self, item: tuple[str, str]) -> None:
        if item not in self.seen:
            self.seen[item] = None
            self.queue.append(item)

    def enter_all(self, targets: Iterable[tuple[str, str]]) -> None:
        """Reach functions or classes, and of these the methods that are spoken of."""
        for target in targets:
            if target not in self.entered:
                self.entered.add(target)
                self.reach(target)
                self._methods_of(*target)

    def _methods_of(self, file: str, name: str) -> None:
        for method in self.reaching.methods_of(file, name):
            last = method.rpartition(".")[2]
            if last in self.spoken:
                self.reach((file, method))
            else:
                self.waiting[last].append((file, method))

    def speak(self, method: str) -> None:
        """From now on, methods of this name are reached with their class."""
        self.spoken.add(method)
        for item in self.waiting.pop(method, ()):
            self.reach(item)


class Reaching(Files):
    """Files whose names are followed from one to another; what is found stays, since many entries reach the same."""

    def __init__(self, outlines: Mapping[str, Outline], root: str) -> None:
        super().__init__(outlines, root)
        self.meanings: dict[tuple[str, str, int], list[tuple[str, str]]] = {}
        self.methods: dict[str, dict[str, list[str]]] = {}
        self.tables: dict[str, dict[str, list[tuple[int, _Imported]]]] = {}
        self.told: dict[tuple[str, str], list[_Told]] = {}
        self.offered: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self.reached: dict[str, list[tuple[str, str]]] = {}
        functions = chain.from_iterable(outline.uses for outline in outlines.values())
        self.called = frozenset(name.rpartition(".")[2] for name in functions if "." in name)
        """The names of all methods: what is called by another name means none of them."""
        self.registering: dict[tuple[str, int], list[str]] = {}

    def reach(self, path: str) -> list[tuple[str, str]]:
        """(file, function) pairs reached from a file's module level, by the names that are spoken of; found once."""
        if path not in self.reached:
            self.reached[path] = self._looked_through(path)
        return self.reached[path]

    def _looked_through(self, path: str) -> list[tuple[str, str]]:
        hooks = (name for library, names in HOOKS_OF.items() if self._uses(path, library) for name in names)
        walk = _Walk(self, [(path, ""), (path, MAIN)], {*HOOKS, *hooks})
        named = self._configured(path)
        while walk.queue or self._enter_imported(path, walk):
            file, function = walk.queue.pop()
            if named and any(_makes(name) for name in self.outlines[file].uses.get(function, ())):
                walk.enter_all(named)
                named = []
            if not function:
                self._import(file, path, walk)
            for method, nested, meant in self._told_by(file, function):
                if method and method not in walk.spoken:
                    walk.speak(method)
                if nested:
                    walk.reach((file, nested))
                walk.enter_all(meant)
        return list(walk.seen)

    def _enter_imported(self, path: str, walk: _Walk) -> bool:
        """Reach the classes that the configurations of a script name with their modules, where something that it
        reaches imports modules by names that nobody knows: those under a key which that speaks of, if it does; what
        files of gin bind in the modules that they import, where it reads such; whether there are any, asked once."""
        seen = walk.seen if not walk.asked else ()
        importing = [(file, function) for file, function in seen if "*" in self.outlines[file].packages]
        binding = [file for file, function in seen if self._reads_gin(file, function)]
        walk.asked = walk.asked or bool(importing or binding)
        if not importing and not binding:
            return False
        spoken = {name for file, function in importing for name in self.outlines[file].uses.get(function, ())}
        found = choices.configurations(self.outlines, [path], [*{file: None for file, _ in seen}], self.root, walk.seen)
        told = [self.outlines[config] for config in (*found.default, *found.always, *found.chosen)]
        told += [base for each in told for base in bases_of(self.outlines, each)]
        walk.enter_all(pair for each in told for pair in self._bound(each))
        named = [pair for each in told for pair in zip(each.roles, each.targets, strict=True)]
        classes = (pair for pair in named if pair[1].rpartition(".")[2][:1].isupper())
        asked = [dotted for role, dotted in classes if role in spoken]
        walk.enter_all(self._classes(path, asked or [dotted for _, dotted in named]))
        return bool(walk.queue)

    def _reads_gin(self, file: str, function: str) -> bool:
        return any(how == "gin" and where in ("", function) for how, _, where in self.outlines[file].configs)

    def _bound(self, config: Outline) -> list[tuple[str, str]]:
        """What a file of gin binds parameters of, as the modules define it that it imports."""
        modules = self.neighbours(config.path) if config.path.endswith(".gin") else []
        bound = {key.partition(".")[0] for key in config.keys if "." in key}
        return [(file, name) for file in modules for name in sorted(bound & self.outlines[file].uses.keys())]

    def _import(self, file: str, path: str, walk: _Walk) -> None:
        """What importing a file does beside its own lines: modules of a package that it takes together, modules that
        register what they have, classes that the texts of the script at `path` name."""
        for member in self.packaged(file):
            names = (name for name in ("", *self.outlines[member].uses) if "." not in name and name != MAIN)
            walk.enter_all((member, name) for name in names)
        for member in self._registering(file):
            walk.reach((member, ""))
        if "*" in self.outlines[file].packages:
            walk.enter_all(self._told_classes(path))

    def _told_classes(self, path: str) -> list[tuple[str, str]]:
        """The (file, class) pairs that a script's texts name: `import_class("processor.recognition.Processor")`."""
        return self._classes(path, self.outlines[path].classes)

    def _registering(self, file: str, depth: int = 3) -> list[str]:
        """The modules that a file imports, or a package does that it imports, which hand what they define to a
        registry: nobody need speak of it."""
        if (file, depth) not in self.registering:
            imported = [each for several in self._named(file).values() for _, each in several]
            named = dict.fromkeys(module for each in imported for module in (each.target, each.inner) if module)
            modules = [module for module in named if module != file]
            packages = [module for module in modules if os.path.basename(module) == "__init__.py"] if depth else []
            inner = chain.from_iterable(self._registering(each, depth - 1) for each in packages)
            found = chain((module for module in modules if self.outlines[module].registered), inner)
            self.registering[file, depth] = list(dict.fromkeys(found))
        return self.registering[file, depth]

    def _told_by(self, file: str, function: str) -> list[_Told]:
        """What the names mean that a function speaks of, found once for all entries that reach it."""
        if (file, function) not in self.told:
            uses, told = self.outlines[file].uses, list[_Told]()
            table = self._named(file)
            around = [*accumulate(function.split("."), "{}.{}".format)][::-1]  # it sees what those around it define
            around = [outer for outer in around if self.methods_of(file, outer)]
            offered = self._offered(file)
            for name in self._spoken(file, function):
                if name[:1] == ".":
                    if name[1:] in self.called or name[1:] in offered:
                        told.append((name[1:], "", offered.get(name[1:], ())))
                    told += [("run", "", ())] if name == ".start" else ()  # a thread runs
                    continue
                nested = next((f"{each}.{name}" for each in around if f"{each}.{name}" in uses), "") if around else ""
                if name in uses or nested or "*" in table or name.partition(".")[0] in table:
                    told.append(("", nested, self.meaning(file, name)))
            self.told[file, function] = told
        return self.told[file, function]

    def _offered(self, file: str) -> dict[str, list[tuple[str, str]]]:
        """What the modules that a file keeps under texts define, by name, to call a function of one:
        `{"vae": models.vae}[name].train()`; with those of their modules that it speaks of: `[name].config.build()`."""
        if file not in self.offered:
            meant = (pair for _, name in self.outlines[file].chosen for pair in self.meaning(file, name))
            kept = [each for each, function in meant if not function]
            spoken = {name[1:] for names in self.outlines[file].uses.values() for name in names if name[:1] == "."}
            kept += [inner for each in kept for inner in self._modules_of(each, spoken)]
            offered = self.offered[file] = defaultdict(list)
            for each in dict.fromkeys(kept):
                for function in self.outlines[each].uses.keys() & spoken:
                    offered[function].append((each, function))
        return self.offered[file]

    def _modules_of(self, file: str, names: set[str]) -> list[str]:
        """The modules that a module has under some of these names."""
        table = self._named(file)
        heads = names if "*" in table else names & (table.keys() | self.heads)
        meant = (pair for name in sorted(heads) for pair in self._within(file, name, 0))
        return [inner for inner, function in meant if not function]

    def _spoken(self, file: str, function: str) -> list[str]:
        """The names that a function speaks of; with `globals()[name]`, all that its file defines or imports."""
        names = self.outlines[file].uses.get(function, [])
        if "globals" not in names:
            return names
        imported = [each for several in self._named(file).values() for _, each in several]
        starred = [f for each in imported if each.original == "*" for f in self._files_of(each.target)]
        tops = (
            name
            for f in (file, *starred)
            for name in self.outlines[f].uses
            if name and "." not in name and name != MAIN
        )
        return [*names, *(each.local for each in imported if each.original != "*"), *tops]

    def _files_of(self, module: str | None) -> list[str]:
        """A module, and those of its package that it imports by names that it makes."""
        return [module, *self.packaged(module)] if module else []

    def _uses(self, path: str, library: str) -> bool:
        """Whether a file imports a library that is not at hand."""
        modules = (module for module, level, _ in self.outlines[path].imports if not level)
        return library not in self.heads and any(module.partition(".")[0] == library for module in modules)

    def _configured(self, path: str) -> list[tuple[str, str]]:
        """The (file, class) pairs that the configurations of a script of Hydra or HyperPyYAML name."""
        if not any(how in ("hydra", "objects") for how, _, _ in self.outlines[path].configs):
            return []
        return self._classes(path, choices.configurations(self.outlines, [path], [path], self.root, ()).targets)

    def _classes(self, path: str, names: Iterable[str]) -> list[tuple[str, str]]:
        """The (file, class) pairs that dotted names mean in a script."""
        named = [dotted.rpartition(".") for dotted in dict.fromkeys(names)]
        found = [(self.module(path, module, 0), name) for module, _, name in named]
        return [pair for file, name in found if file for pair in self._within(file, name, 0)]

    def methods_of(self, file: str, name: str) -> list[str]:
        if file not in self.methods:
            held = self.methods[file] = defaultdict(list)
            for function in self.outlines[file].uses:
                for outer in accumulate(function.split(".")[:-1], "{}.{}".format):
                    held[outer].append(function)
        return self.methods[file].get(name, [])

    def meaning(self, file: str, name: str, depth: int = 0) -> list[tuple[str, str]]:
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
        if head not in table and "*" not in table:
            return []
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
        if inner and inner not in (file, target) and not self._names_itself(target, what.original):
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

    def _names_itself(self, package: str | None, name: str) -> bool:
        """Whether a package takes up a name that one of its modules has too: `from .Trainer import Trainer`."""
        taken = self.outlines[package].imports if package is not None else ()
        return any((name, name) in pairs and module.rpartition(".")[2] == name for module, _, pairs in taken)

    def _within(self, file: str, name: str, depth: int) -> list[tuple[str, str]]:
        """What a name of a module stands for, there or where it took it from."""
        if not name or depth >= 4:
            return []
        return self.meaning(file, name, depth + 1) or self._below(file, name, depth)

    def _below(self, file: str, name: str, depth: int) -> list[tuple[str, str]]:
        """A module of a package, which another may have imported, or what is in it: `models.vae.beta` of `models`."""
        for dotted, last in ((name, ""), name.rpartition(".")[::2]) if file.endswith("__init__.py") else ():
            inner = self.module(file, dotted, 1) if dotted else None
            if inner and inner != file:
                return [(inner, ""), *self._within(inner, last, depth + 1)]
        return []
