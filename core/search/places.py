"""Words -> items: roots, folders, files and ids that are named in a sentence, and chapters by their number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.search.english import english, singulars
from core.search.items import Item
from core.search.lexicon import LONGEST_PHRASE, Lexicon
from core.search.query import Filter, both, either
from core.vocabulary import fold

_PARTS = frozenset(
    ["chapter", "part", "lesson", "lecture", "week", "section", "unit", "day", "exercise", "lab", "notebook"]
)
"""What collections of lessons are parted in."""
_TIMES = frozenset(["week", "day", "unit", "section"])
"""Those of other things too, for which a number alone in a path tells nothing: "day 1 of training"."""
FOLDERS = frozenset(["folder", "directory", "repo", "repository", "root", "subfolder", "collection", "package"])
_FOLDER = frozenset(["folder", "directory", "subfolder"])
"""Those that the name may stand behind."""
_PATHLIKE = re.compile(r"[\w.~-]*/[\w./*~-]+|[\w-]{3,}/|[\w-]+\.(?:py|ipynb|ya?ml|json|toml)")

_PATTERN = re.compile(r"(?=\S*\*)(?:[\w.*?~-]*/[\w./*?~-]+|[\w*?-]+\.(?:py|ipynb|ya?ml|json|toml))")
"""A path with what a shell fills in: `models/*gan/*.py`, `*.ipynb`."""


class Places:
    """Reads where things lie over one lexicon. `exact` gives the id that a text names."""

    def __init__(self, lexicon: Lexicon, exact: Callable[[str], str | None]) -> None:
        self._lexicon, self._exact = lexicon, exact

    def told(self, texts: Sequence[str], lows: Sequence[str], before: list[Item]) -> tuple[Item, int] | None:
        """The root whose label stands there in four words or more; the one in whose label a word stands that ends "in
        the tutorial"; the folder of several words that ends "from the second edition"."""
        for length in range(LONGEST_PHRASE, 3, -1):
            if label := self._lexicon.titles.get(fold("".join(lows[:length])) if len(lows) >= length else ""):
                return Item("E", label, expr=Filter("root", ":", label), fields=("root",)), length
        ahead = " ".join(item.text.casefold() for item in before[-2:])
        if lows[0] in self._lexicon.labels or ahead not in ("in the", "from the", "of the"):
            return None
        if len(lows) == 1:
            if self._lexicon.exact(texts):
                return None  # "the batch size of the VAE"
            told = {label for part, label in self._lexicon.label_parts if part in singulars(lows[0])}
            expr = Filter("root", ":", told.pop()) if len(told) == 1 else None
        else:
            told = {name for name in self._lexicon.folders if fold(name) == fold("".join(lows))}
            expr = Filter("path", ":", f"/{told.pop()}") if len(told) == 1 else None
        return (Item("E", " ".join(texts), expr=expr, fields=(expr.field,)), len(texts)) if expr else None

    def numbered_part(self, lows: Sequence[str]) -> tuple[Item, int] | None:
        """Reads "chapter 8": what is so called and numbered in a path, `chapter08_vision`, else what is numbered so."""
        if lows[0] not in _PARTS or not (len(lows) > 1 and lows[1].isdigit() and lows[1].isascii()):
            return None
        called = [rf"{lows[0]}[\W_]?0*{lows[1]}(?!\d)"]
        if lows[0] not in _TIMES:
            called.append(rf"0*{lows[1]}[\W_]+(?=[^\W\d]|\d+[\W_])")
        folders = self._lexicon.folders
        found = next(filter(None, (sorted(filter(re.compile(name).match, folders)) for name in called)), [])
        expr = either(Filter("path", ":", f"/{name}") for name in found)
        if expr and lows[0] == "notebook":
            expr = both([Filter("kind", ":", "notebook"), expr])
        return (Item("E", " ".join(lows[:2]), expr=expr, fields=("path",)), 2) if expr else None

    def place(self, texts: Sequence[str], lows: Sequence[str]) -> tuple[Item, int] | None:
        """A root, an id, a path or a file named in the sentence; "the X folder", "the folder X"."""
        lexicon, text, low = self._lexicon, texts[0], lows[0]
        if low in _FOLDER and len(lows) > 1 and lows[1] in lexicon.folders and (behind := self._path(f"{texts[1]}/")):
            return Item("E", texts[1], expr=behind, fields=(behind.field,)), 2
        noun = len(lows) > 1 and lows[1] in FOLDERS
        named = lexicon.called_roots.get(low)
        if named and (noun or (low not in english().ordinary and not lexicon.means(text))):
            return Item("E", text, expr=Filter("root", ":", named), fields=("root",)), 1 + noun
        parted = [label for part, label in lexicon.label_parts if part == low] if noun else []
        if len(parted) == 1 and (low not in lexicon.folders or lows[1].startswith("repo")):
            return Item("E", text, expr=Filter("root", ":", parted[0]), fields=("root",)), 2
        if noun and low in lexicon.folders:
            return Item("E", text, expr=Filter("path", ":", f"/{text}/"), fields=("path",)), 2
        if _PATTERN.fullmatch(text):
            return Item(
                "E", text, expr=Filter("path", "glob", re.sub(r"^(?:\*|~?\.{0,2}/)*", "*", text)), fields=("path",)
            ), 1
        if not _PATHLIKE.fullmatch(text):
            return None
        if not text.endswith("/") and (name := self._exact(text)):
            return Item("E", text, expr=Filter("id", ":", name), fields=("id",)), 1
        if found := self._path(text):
            return Item("E", text, expr=found, fields=(found.field,)), 1
        return None

    def _path(self, text: str) -> Filter | None:
        """The filter for a piece of a path; `owner/name`, as code is cited on the web, means the root called `name`."""
        parts = [part for part in text.casefold().split("/") if part not in ("", ".", "~")]
        paths = self._lexicon.columns.column("path").values if self._lexicon.columns else ()
        piece = "/".join(parts)
        if parts and any(f"/{piece}/" in f"{str(path).casefold()}/" for path in paths):
            return Filter("path", ":", f"/{piece}" if "." in parts[-1] else f"/{piece}/")
        label = self._lexicon.labels.get(parts[-1]) if parts else None
        return Filter("root", ":", label, note=f"{text} read as the root {label}") if label else None
