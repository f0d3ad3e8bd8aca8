"""The nouns for models and the numbers that count them: "three small GANs", "the two scripts"."""

from __future__ import annotations

from core.search.items import Item

PLURAL_NOUNS = frozenset(
    [
        "models",
        "scripts",
        "experiments",
        "runs",
        "notebooks",
        "configs",
        "ones",
        "files",
        "studies",
        "programs",
        "entries",
        "agents",
        "networks",
        "nets",
        "classifiers",
        "implementations",
        "projects",
        "examples",
        "tutorials",
        "recipes",
        "lessons",
        "demos",
    ]
)
NOUNS = frozenset(word.removesuffix("s") for word in PLURAL_NOUNS) | {
    "study",
    "entry",
    "training",
    "version",
    "thing",
}


def count(item: Item) -> int | None:
    return int(item.number) if 1 <= item.number < 1e6 else None


def number_said(item: Item) -> int | None:
    """The number of a count; "two" is an article where nothing is counted."""
    return 2 if item.text.casefold() == "two" else count(item) if item.code == "N" else None


def counts_models(items: list[Item], place: int) -> bool:
    """Whether a number counts the models asked for: the "three" of "three small GANs"."""
    if number_said(items[place]) is None:
        return False
    behind = next((item for item in items[place + 1 :] if not (item.code == "E" and not is_plural(item))), None)
    return behind is not None and is_plural(behind)


def is_noun(item: Item) -> bool:
    return _last(item) in NOUNS or (item.code == "E" and not item.plural and item.fields == ("architecture",))


def is_plural(item: Item) -> bool:
    kind = item.fields == ("architecture",) or (item.fields == ("",) and not item.subject)
    return _last(item) in PLURAL_NOUNS or (item.code == "E" and item.plural and kind)


def _last(item: Item) -> str:
    """The word that says what is meant: of "language model" the last."""
    return item.text.casefold().rpartition(" ")[2]


def is_plural_noun(items: list[Item], place: int) -> bool:
    """Whether a plural noun for models stands here: the "scripts" of "LSTM scripts"."""
    return place < len(items) and items[place].text.casefold() in PLURAL_NOUNS
