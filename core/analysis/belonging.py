"""The files of a collection and what belongs together: modules that import one another, what configurations name."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate

from core.analysis.config_files import FOLDERS, bases_of
from core.analysis.localmodules import LIBRARIES, find_module, find_package, heads, may_be_local
from core.analysis.outline import Outline
from core.analysis.readmes import is_readme

LARGEST_PACKAGE = 100
"""Modules of a package any of which may be imported by a name that nobody knows."""
MOST_BASES = 20
"""Files that are built on one another."""


class Files:
    """Outlines by absolute path, and which file an import, a package or a name of a configuration means."""

    def __init__(self, outlines: Mapping[str, Outline], root: str) -> None:
        self.outlines = dict(sorted(outlines.items()))
        self.root = root
        self.code = {p: o for p, o in self.outlines.items() if o.kind in ("python", "notebook")}
        self.folders = {path: os.path.dirname(path) for path in self.outlines}
        self.known = frozenset(self.code)
        self.heads = heads(self.known)
        self.imports: dict[tuple[str, str], list[str]] = {}
        self.found: dict[tuple[str, str, int, tuple[str, ...]], str | None] = {}

    def packaged(self, path: str) -> list[str]:
        """The modules of the packages of which a file imports some by names that it makes."""
        found: dict[str, None] = {}
        for package in self.outlines[path].packages:
            if package == "*":
                found.update(dict.fromkeys([*self.named_by_options(path), *self.classes_to_choose(path)]))
                continue
            found.update(dict.fromkeys(self.inside(path, package)))
        return list(found)

    def inside(self, path: str, package: str) -> list[str]:
        """The modules of a package that a file names; of a large one, those that stand in no package within it."""
        level = len(package) - len(package.lstrip("."))
        put = tuple(self.outlines[path].put)
        folder = find_package(package.lstrip("."), level, path, path, self.known, put)
        below = [p for p in self.code if folder and p.startswith(folder + os.sep) and p != path]
        near = [p for p in below if os.path.dirname(p) == folder]  # f"models.{kind}.{name}" may be any
        return below if len(below) <= LARGEST_PACKAGE else near

    def named_by_options(self, path: str) -> list[str]:
        """The modules that are the defaults of options, of a file or of those that it imports, and of the classes that
        its texts name."""
        near = [self.module(path, module, level) for module, level, _ in self.outlines[path].imports]
        texts = [text for file in (path, *near) if file for text in self.outlines[file].preset if _is_dotted(text)]
        texts += [text.rpartition(".")[0] for text in self.outlines[path].classes]
        found = [self.module(path, text, 0) for text in dict.fromkeys(texts)]
        return [file for file in found if file and file != path]

    def classes_to_choose(self, path: str) -> list[str]:
        """The files in folders of configurations, one of which a file imports by a name that it makes, to take a class
        of it: `import_module(name).Experiment()`."""
        spoken = {name[1:] for names in self.outlines[path].uses.values() for name in names if name[1:2].isupper()}
        return [other for other in self._choosable if not spoken.isdisjoint(self.code[other].uses)]

    @cached_property
    def _choosable(self) -> list[str]:
        """The files in folders of configurations that neither run nor train."""
        still = [path for path, outline in self.code.items() if not outline.runs and not outline.trains]
        return [path for path in still if set(FOLDERS) & set(path.removeprefix(self.root).split(os.sep)[:-1])]

    def module(self, file: str, dotted: str, level: int) -> str | None:
        put = tuple(self.outlines[file].put)
        key = (self.folders[file], dotted, level, put)
        if key not in self.found:
            local = level or not dotted or may_be_local(dotted, self.heads)
            self.found[key] = find_module(dotted, level, file, file, self.known, put) if local else None
        return self.found[key]

    def neighbours(self, path: str) -> list[str]:
        """The local files that a file imports."""
        key = (path, "")
        if key not in self.imports:
            found: dict[str, None] = {}
            for module, level, pairs in self.outlines[path].imports:
                targets = [self.module(path, module, level)]
                targets += [
                    self.module(path, f"{module}.{name}" if module else name, level) for name, _ in pairs if name
                ]
                parts = module.split(".")
                targets += [self.module(path, ".".join(parts[:cut]), level) for cut in range(1, len(parts))]
                found.update(dict.fromkeys(target for target in targets if target and target != path))
            found.update(dict.fromkeys(self.packaged(path)))
            self.imports[key] = list(found)
        return self.imports[key]

    def modules(self, starts: list[str]) -> list[str]:
        """These files and all local modules they import, directly or through others."""
        seen: dict[str, None] = {}
        stack = list(reversed(starts))
        while stack:
            path = stack.pop()
            if path in seen or path not in self.code:
                continue
            seen[path] = None
            stack.extend(reversed(self.neighbours(path)))
            stack.extend(file for start in starts if start in self.code for file in self._beside(start, path))
            if "*" in self.outlines[path].packages:  # of names that the start may state, or that stand in its data
                stack.extend(file for start in starts if start in self.code for file in self.named_by_options(start))
                stack.extend(self._whole_package(path))
        return list(seen)

    def _beside(self, start: str, path: str) -> list[str]:
        """The modules that a file imports of a package that has a library's name, and lies beside what is run:
        `from datasets.coco import Coco` in `engine/trainer.py`, where `main.py` stands next to `datasets/`."""
        named = self._named_as_libraries if self.folders[path] != self.folders[start] else ()
        imports = [each for each in self.outlines[path].imports if named and not each[1]]
        dotted = [f"{module}.{name}" for module, _, pairs in imports for name in ("", *(name for name, _ in pairs))]
        whole = (each.strip(".").split(".") for each in dotted if each.partition(".")[0] in named)
        dotted = [*dict.fromkeys(part for parts in whole for part in accumulate(parts, "{}.{}".format))]
        found = (find_module(each, 0, path, start, self.known) for each in dotted)
        return [file for file in found if file and file != path]

    @cached_property
    def _named_as_libraries(self) -> frozenset[str]:
        return self.heads & LIBRARIES

    def _whole_package(self, path: str) -> list[str]:
        """The modules of the outermost package that holds a file, where they are not too many."""
        folder = os.path.dirname(path)
        while os.path.join(os.path.dirname(folder), "__init__.py") in self.code:
            folder = os.path.dirname(folder)
        if os.path.join(folder, "__init__.py") not in self.code:
            return []
        found = [other for other in self.code if other.startswith(folder + os.sep)]
        return found if len(found) <= LARGEST_PACKAGE else []

    def built_on(self, config: str) -> list[str]:
        """A configuration, and the files that it names as what it is built on, and so on."""
        return [config, *(each.path for each in bases_of(self.outlines, self.outlines[config], MOST_BASES))]

    def target_files(self, path: str, dotted: str) -> list[str]:
        parts = dotted.split(".")
        found = [self.module(path, ".".join(parts[:cut]), 0) for cut in range(len(parts), 0, -1)]
        return [file for file in found if file]

    def readmes(self, path: str) -> list[str]:
        """Those of a file's folder and of the folders further up."""
        return [readme for readme in self._readmes if path.startswith(self.folders[readme] + os.sep)]

    @cached_property
    def _readmes(self) -> list[str]:
        return [path for path in self.outlines if is_readme(path)]


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
