"""Which files are models: entry points that train, with their launchers, modules and configurations."""

from __future__ import annotations

import os.path
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from core.analysis import choices, sharing
from core.analysis.config_pools import Choices
from core.analysis.evidence import STEPPING, is_weak
from core.analysis.facts import Candidate
from core.analysis.fragments import fragments
from core.analysis.outline import MAIN, Outline
from core.analysis.reaching import Reaching

_TEST_NAME = re.compile(
    r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|noxfile|autogen|docs?/(\w+/)?conf)\.py$"
)
_TEST_FOLDER = re.compile(r"(^|/)(tests?|testing)/")


def discover(outlines: Mapping[str, Outline], root: str) -> list[Candidate]:
    """All models among these files (absolute path -> outline), sorted by path; the same for the same files."""
    return _Discovery(outlines, root).candidates()


OWN_SETTINGS = 4
"""Literal settings that make one of several launchers of a loop a model of its own."""
OWN_OVERRIDES = 3
"""Entries of its own, in a dict that it gives away or put on what it imports, that make a launcher of what can be run
by itself a model."""
FEW = 3
"""Training functions that a script may have which nothing starts."""
_NETWORK = re.compile(r"(^|[._])(Module|Model|Layer|LightningModule)$")
"""Names of bases of classes that are networks or parts of them."""


_JUDGE_NAME = re.compile(
    r"^(run_)?(eval|evaluate|evaluation|visuali[sz]e|plot|infer|inference|predict|sample|demo|play|enjoy|watch|render|test|generate|reconstruct"
    r"|synthesi[sz]e|convert|export|to)(_|\.)|(?!.*(train|variational|bayes|amorti)).*_(infer|inference|predict|sample|serve|eval|evaluate|evaluation|deploy)\."
)
_SHOWING = re.compile(r"_(demo|app)\.")
"""How scripts end that show what a model does, where they start no training."""
_SERVERS = frozenset({"fastapi", "flask", "gradio", "streamlit", "uvicorn"})
"""Libraries by which a script serves what others train."""
_SCORING = frozenset({"evaluation", "evaluator", "evaluate", "metrics"})
"""Folders of scripts that score what others predict."""


def _judges(path: str, files: list[str], outline: Outline) -> bool:
    """A script that is named for using a model, and trains, if at all, by what it imports; a package's command goes by
    the package's name. A notebook that runs a trainer demonstrates training."""
    spoken = outline.uses.get("", ()) if path.endswith(".ipynb") else ()
    if any(name.endswith("Trainer") for name in spoken) and not _STARTING.isdisjoint(spoken):
        return False
    if path.endswith(".ipynb") and outline.updates:  # with optimizers of its own
        return False
    if _scores(path, outline):
        return True
    name = os.path.basename(os.path.dirname(path)) + "." if _is_command(path) else os.path.basename(path)
    called = {*chain.from_iterable(outline.uses.values())}
    shows = _SHOWING.search(name.lower()) and not any(
        name in _STARTING or name.endswith("_training") for name in called
    )
    serves = any(module.partition(".")[0] in _SERVERS for module, _, _ in outline.imports)
    return files[0] != path and bool(shows or serves or _JUDGE_NAME.match(name.lower().lstrip("0123456789_-")))


def _scores(path: str, outline: Outline) -> bool:
    """A script in a folder of scores, or named for analysing or measuring, that lays a line through points; not where
    it parts its data to learn from, `analyze_sentiment.py`."""
    signs = {sign for told in outline.trains.values() for sign in told}
    *folders, name = path.lower().split(os.sep)[-3:]
    parts = any(name in _PARTING for names in outline.uses.values() for name in names)
    scoring = not _SCORING.isdisjoint(folder.rpartition("_")[2] for folder in folders)
    scoring = scoring or (_ANALYSING.match(name) is not None and not parts)
    return signs == {"fit"} and not outline.builds and scoring and "train" not in name


_ANALYSING = re.compile(r"(analy[sz]e|evaluate|eval|score)_.*\.py$|.*_metrics?\.py$")
"""What scripts are called that say how good something is."""
_PARTING = frozenset({"train_test_split", "KFold", "StratifiedKFold", "cross_val_score", "GridSearchCV"})
"""What sets apart the data that what is learnt is tried on."""
_STARTING = frozenset({".run", ".fit", ".train"})
"""Methods by which a notebook starts what trains for it."""


def _is_command(path: str) -> bool:
    """`python -m package`"""
    return os.path.basename(path) == "__main__.py"


def _commands_of_others(trained: dict[str, list[str]], outlines: Mapping[str, Outline]) -> dict[str, str]:
    """The commands of packages that build nothing of their own, each with the script that starts the same training; a
    notebook only for want of one."""
    thin = (path for path in trained if _is_command(path) and not outlines[path].builds)
    commands = {path: trained[path] for path in thin if trained[path][0] != path}
    scripts = sorted(trained.keys() - commands.keys(), key=lambda path: (path.endswith(".ipynb"), path))
    found = {path: [each for each in scripts if files[0] in trained[each]] for path, files in commands.items()}
    return {path: others[0] for path, others in found.items() if others}


def _is_tried(name: str) -> bool:
    """`music_test.py`: a script that tries something out, beside no tests, and no measure of speed."""
    return name.endswith("_test.py") and not _TEST_FOLDER.search(name) and not _MEASURING.search(name)


_MEASURING = re.compile(r"(speed|performance|perf|benchmark|latency|memory|smoke|unit|load)_test\.py$")


def _trains_by_itself(outline: Outline) -> bool:
    """Whether a script takes settings, and changes weights in a loop of its own."""
    own = bool(outline.trains and outline.updates) and outline.settings >= OWN_SETTINGS
    return own and outline.runs and not outline.testing


def _training_first(model: tuple[str, set[str]]) -> tuple[bool, str]:
    """Of several scripts that take the same configurations, the one called train has them."""
    return "train" not in os.path.basename(model[0]).lower(), model[0]


class _Discovery(Reaching):
    def __init__(self, outlines: Mapping[str, Outline], root: str) -> None:
        super().__init__(outlines, root)
        self.started: set[str] = set()
        """Entries that build what they train."""
        self.choosers: dict[str, str] = {}
        """For each file that is one of several loops that a launcher can choose: that launcher."""

    def candidates(self) -> list[Candidate]:
        """The models: scripts that train, what nobody starts and what their configurations make of them."""
        entries = {path: outline for path, outline in self.code.items() if self._is_entry(path, outline)}
        trained = {path: self._trained_by(path) for path in entries}
        trained |= self._only_tried(trained)
        trained = {
            path: files for path, files in trained.items() if files and not _judges(path, files, self.code[path])
        }
        commands = _commands_of_others(trained, self.code)
        models = self._place_models({path: files for path, files in trained.items() if path not in commands})
        for path, other in commands.items():
            model = next((model for model, launchers in models.items() if other in (model, *launchers)), other)
            models.setdefault(model, set()).add(path)
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

    def _only_tried(self, trained: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Scripts such as `ddpg_test.py` that test nothing, and start what no other script does."""
        others = (path for path, told in self.code.items() if path not in trained and told.runs and not told.testing)
        tried = [path for path in others if _is_tried(os.path.relpath(path, self.root))]
        found = {path: self._trained_by(path) for path in tried}
        elsewhere = {file for files in trained.values() for file in files}
        return {path: files for path, files in found.items() if files and elsewhere.isdisjoint(files)}

    def _is_entry(self, path: str, outline: Outline) -> bool:
        """Whether a file is run by itself; what a package does when it is imported starts no training of others."""
        imported = os.path.basename(path) == "__init__.py" and not outline.trains and not outline.guard
        return outline.runs and not imported and not self._is_test(path, outline)

    def _is_test(self, path: str, outline: Outline) -> bool:
        if outline.testing and not outline.trains.get(""):
            return True
        name = os.path.relpath(path, self.root)
        return bool(_TEST_NAME.search(name)) and not (_is_tried(name) and _trains_by_itself(outline))

    def _trained_by(self, path: str) -> list[str]:
        """The files whose training loops are reached when `path` is run, its own first."""
        reached = self.reach(path)
        files = dict.fromkeys(file for file, function in reached if self.outlines[file].trains.get(function))
        strong = dict.fromkeys(f for f, name in reached if not is_weak(self.outlines[f].trains.get(name, [])))
        files = strong or files  # gradients are taken elsewhere too, for a penalty
        signs = [sign for file, function in reached for sign in self.outlines[file].trains.get(function, ())]
        bases = ((file, base) for file in files for base in self.outlines[file].bases)
        near = {*files, *(other for file, base in bases for other, _ in self.meaning(file, base))}  # a base may step
        changing = (function in self.outlines[file].updates for file, function in reached if file in near)
        still = not (self.outlines[path].builds or any(self.outlines[file].looping for file in (path, *files)))
        still = still and not self._repeated(reached, files)
        if is_weak(signs) and (not files or still or not any(changing)):
            files = self._descending(reached)  # or gradients are taken, and nothing is trained with them
        asking = (file for file, function in reached if function in self.outlines[file].asks)
        files = files or dict.fromkeys(asking) or dict.fromkeys(self._runs(path))
        return sorted(files, key=lambda file: (file != path, list(files).index(file)))

    def _repeated(self, reached: Sequence[tuple[str, str]], files: Collection[str]) -> bool:
        """Whether a loop of another file asks for a method that trains: `self.step(batch)` of a base."""
        training = ((file, name) for file, name in reached if file in files and self.outlines[file].trains.get(name))
        asked = {f".{name.rpartition('.')[2]}" for _, name in training if "." in name}
        loops = (self.outlines[file].uses.get(name, ()) for file, name in reached if self.outlines[file].looping)
        return bool(asked) and not all(map(asked.isdisjoint, loops))

    def _descending(self, reached: Sequence[tuple[str, str]]) -> dict[str, None]:
        """The files whose functions step down a gradient, where others that are reached multiply matrices: a framework
        of one's own over plain arrays."""
        plain = [(self.outlines[file], function) for file, function in reached if self._is_plain(file)]
        found = dict.fromkeys(told.path for told, function in plain if function in told.descends)
        return found if any(function in told.multiplies for told, function in plain) else {}

    def _is_plain(self, file: str) -> bool:
        """Whether a file takes up no library that takes steps along gradients."""
        return STEPPING.isdisjoint(module.partition(".")[0] for module, _, _ in self.outlines[file].imports)

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
            if target in trained or len(own) < len(starters):
                models.setdefault(target, set()).update(path for path in starters if path not in own)
        return models

    def _loops_to_choose(self, path: str, files: list[str]) -> list[str]:
        """The files of several classes, each with a loop of its own, one of which a launcher starts by its name; the
        one that it starts by default first."""
        outline = self.outlines[path]
        if files[0] == path or outline.builds or outline.loops:
            return []
        found: dict[str, str] = {}
        for text, name in outline.chosen:
            for file, function in self.meaning(path, name):
                if file in files and file != path and function and self.outlines[file].looping:
                    found.setdefault(file, text)
        preset = {text for file in (path, *self.neighbours(path)) for text in self.outlines[file].preset}
        several = sorted(found, key=lambda file: (found[file] not in preset, list(found).index(file)))
        return several if len(several) > 1 else self._runs(path)

    def _runs(self, path: str) -> list[str]:
        """The modules of a package, one of which a launcher imports by a name that it makes, that each build what they
        have a trainer train."""
        outline = self.outlines[path]
        packages = [package for package in (*outline.packages, *outline.launches) if package != "*"]
        modules = [file for package in packages for file in self.inside(path, package)]
        told = [file for file in modules if self.outlines[file].builds and self.outlines[file].asks]
        return sorted({file for file in told if not self.outlines[file].runs})

    def _loop_file(self, path: str, files: list[str]) -> str | None:
        """The sibling whose loop a thin launcher starts; None where the file is a model itself."""
        outline = self.outlines[path]
        if files[0] == path or outline.builds or outline.loops or outline.epochs or self._specialises(path, files):
            return None
        running = [file for file in self.neighbours(path) if self.outlines[file].loops]
        if len(running) == 1:
            return running[0]
        started = [file for file in self.neighbours(path) if file in self.started and file != path]
        if len(started) == 1:
            return started[0]
        if not any(self.outlines[file].repeats for file in files) and self._loops_apart(path, files):
            return None  # what trains stands in no loop of its own: an agent's update
        folder = os.path.dirname(path)
        own = [file for file in files if os.path.dirname(file) == folder and self.outlines[file].builds]
        return self._on_the_way(path, own[0]) if own else None

    def _loops_apart(self, path: str, files: list[str]) -> bool:
        """Whether a script, or a file that it reaches beside those that train, repeats steps: those of a world."""
        told = ((self.outlines[file], function) for file, function in self.reach(path) if file not in files)
        return self.outlines[path].looping or any(each.looping and name in each.updates for each, name in told)

    def _has_settings(self, path: str, one_of_several: bool, beside: bool) -> bool:
        """Whether a launcher has settings of its own: as one of several, or beside what can be run by itself."""
        told = self.outlines[path]
        return (one_of_several and told.settings >= OWN_SETTINGS) or (beside and told.overrides >= OWN_OVERRIDES)

    def _specialises(self, path: str, files: list[str]) -> bool:
        """Whether a script brings a network of its own, or a class that derives from one that holds the loop."""
        bases = self.outlines[path].bases
        return any(
            _NETWORK.search(base) or any(file in files for file, function in self.meaning(path, base) if function)
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

    def _configurations(self, path: str, launchers: list[str]) -> tuple[Choices, list[str]]:
        """The configurations that a model and its launchers take, and the modules they import."""
        entry_files = [path, *launchers]
        lines = [file for file in entry_files if not file.endswith(".ipynb")] or entry_files  # that a shell can start
        modules = self.modules([*lines, *([self.choosers[path]] if path in self.choosers else [])])
        reached = {pair for file in entry_files for pair in self.reach(file)}
        found = choices.configurations(self.outlines, entry_files, modules, self.root, reached)
        if path.endswith(".ipynb"):  # a notebook is given no command line
            found.chosen, found.optional = [], True
        if not found.default and not found.chosen and any(self.outlines[file].configs for file in entry_files):
            loading = [file for file in modules if "*" in self.outlines[file].packages]
            found.chosen = sorted({path for file in loading for path in self.classes_to_choose(file)})
            found.optional = found.optional and not found.chosen
        return found, modules

    def _with_configs(
        self, path: str, launchers: list[str], found: Choices, modules: list[str], owners: Mapping[str, str]
    ) -> list[Candidate]:
        """The script itself, where it trains without a choice, and each configuration that is its own."""
        for target in found.targets:
            modules += [file for file in self.modules(self.target_files(path, target)) if file not in modules]
        base = {*modules, *found.always, *self.readmes(path)}
        candidates = []
        own = [config for config in found.chosen if owners.get(config) == path]
        left = fragments(self.outlines, own, modules)
        free = [config for config in own if config not in left]
        again = bool(found.chosen) and not free and self._submits(path)
        if found.default or found.optional or not (free or again):
            aliases = [file for file in (*launchers, *found.default) if file != path]
            files = tuple(sorted({*base, *(file for each in found.default for file in self._made_of(each))}))
            candidates.append(Candidate(path, self.outlines[path].model_kind(), None, tuple(sorted(aliases)), files))
        for config in free:
            files = tuple(
                sorted(
                    {
                        *base,
                        *found.beside.get(config, ()),
                        *self._made_of(config),
                        *found.default,
                    }
                )
            )
            candidates.append(Candidate(config, "config", path, (), files))
        return candidates

    def _submits(self, path: str) -> bool:
        """Whether a script only hands to a cluster what another one does: by submitit."""
        told = self.outlines[path]
        return not told.trains and any(module.partition(".")[0] == "submitit" for module, _, _ in told.imports)

    def _made_of(self, config: str) -> list[str]:
        """The files that a configuration is made of: itself, what it is built on, and the modules that it imports."""
        return [*self.built_on(config), *self.modules([config, *self.neighbours(config)])]
