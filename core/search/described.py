"""What a sentence leaves to free text: descriptions of more than one word, and what no rule has read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.search.cutoff import is_topic
from core.search.english import english, spelt
from core.search.items import Item, letters, near
from core.search.lexicon import Lexicon
from core.search.nouns import counts_models
from core.search.query import Filter, Text, leaves


def describe(items: list[Item]) -> None:
    """What pictures show is a word of the description where more is said of them, "generating faces"; a condition on
    the data where nothing is, or where it is the data: "CNNs on flower images". So is a task in a longer one: "guide
    the sampling by a classifier trained on noisy images"."""
    if acting := _acting(items):
        acting.code, acting.fields = "w", ()
    conditions = [item for item in items if item.code == "E"]
    if _says_what_is_done(items) or _says_what_a_part_is(items):
        _free(item for item in conditions if _is_plain(item))
    _free(
        items[place] for place, item in enumerate(items) if item.fields == ("architecture",) and _is_part(items, place)
    )
    while told := [item for place, item in enumerate(items) if item.code == "E" and _tells(items, place)]:
        _free(told)
    if _is_one_description(items):
        _free(conditions)


def _free(items: Iterable[Item]) -> None:
    """Make words of conditions."""
    for item in items:
        if item.code == "E":
            item.code, item.expr = "w", None


_PLAIN = frozenset(["architecture", "task", "path", "hardware", ""])
"""What a description says in plain words; names of data, optimizers and frameworks stay conditions."""


def _counts_in_words(item: Item) -> bool:
    """Whether a condition is a setting or a size, with a number in words or none: "separate two classes of points",
    "match scores at many noise levels"."""
    asked = (item.expr.field,) if item.fields == ("has",) and isinstance(item.expr, Filter) else item.fields
    counted = bool(asked) and all(name.startswith("settings.") or name == "parameters" for name in asked)
    return item.code == "E" and counted and not any(letter.isdigit() for letter in item.text)


def _is_plain(item: Item) -> bool:
    """Whether a condition is said in plain words, such as a description has."""
    return item.text == item.text.casefold() and (set(item.fields) <= _PLAIN or _counts_in_words(item))


def _is_one_description(items: list[Item]) -> bool:
    """Whether all conditions are plain words of a sentence that says more, though no topic that could be looked for
    beside them: "very deep transformers made stable", "attention over graph nodes"."""
    conditions = [item for item in items if item.code == "E"]
    words = [word for item in items if item.code == "w" for word in item.text.casefold().split()]
    if not words or any(map(is_topic, words)) or _length(items) < ENOUGH - 1 or set(letters(items)) & _ASKING:
        return False
    return all(_is_plain(item) and not item.negated and "hardware" not in item.fields for item in conditions)


_ASKING = frozenset("XmzsLSp<>")
"""Roles of words that refuse, sort or compare: a sentence with one is no description alone."""


def _acting(items: list[Item]) -> Item | None:
    """The setting in plain English of which a longer sentence tells what several do: "several workers learn at the
    same time"."""
    place = next((place for place, item in enumerate(items) if item.text.casefold() not in _SOME), len(items))
    item = items[place] if 0 < place < len(items) else None
    if item is None or item.code != "F" or item.text.casefold() not in spelt() or set(letters(items)) & set("EG<>"):
        return None
    settings = all(name.startswith("settings.") for name in item.fields)
    return item if settings and _length(items[place:]) > ENOUGH else None


_SOME = frozenset(["some", "several", "many", "two", "three", "four"])


def _length(items: list[Item]) -> int:
    """How many words items have."""
    return sum(len(item.text.split()) for item in items)


def _says_what_is_done(items: list[Item]) -> bool:
    """Whether a sentence begins with what a model does: "generate images one pixel after another".

    Its plain words belong together, whatever facts some of them name."""
    first = next((item for item in items if item.code not in "cr"), None)
    words = sum(len(item.text.split()) for item in items if item.code in "wEzFG")
    return first is not None and first.text.split()[0] in english().describing and words > 2


def _says_what_a_part_is(items: list[Item]) -> bool:
    """Whether a sentence says of a part of a model what it is, and more: "the discriminator is an autoencoder whose
    reconstruction error is the energy"."""
    codes = letters(items)
    return re.match("rwqr*E", codes) is not None and codes.count("w") > 1


def _tells(items: list[Item], place: int) -> bool:
    """Whether a condition is but a word of what the other free words describe."""
    item, words = items[place], [item.text.casefold() for item in items if item.code == "w"]
    if item.described and not item.negated and _runs_on(items, place):
        return True
    if not words:
        return False
    topics = sum(word not in english().generic for word in words)
    said = len(words) + sum(other.code == "z" or (other.code in "FG" and other.weak) for other in items)
    if item.subject or (_is_english(item) and set(letters(items)) - set("EwN")):
        before = next((other.text.casefold() for other in items[:place][::-1] if other.code not in "rw"), "")
        return before != "on" or _beside_word(items, place)
    if item.negated:
        return False
    if topics and _counts_in_words(item):
        return True
    if item.fields == ("task",) and any(isinstance(leaf, Text) for leaf, _ in leaves(item.expr)):
        return True  # a task that no model is known to be for
    if item.described:
        return topics > 0 or len(words) > 1
    return item.fields == ("task",) and (said > 2 or topics > 1)


def _runs_on(items: list[Item], place: int) -> bool:
    """Whether one sentence tells of two things at once: "align a chatbot with human preferences", nothing refused."""
    others = [other for other, item in enumerate(items) if item.described and item.code == "E" and other != place]
    between = [letters(items[min(place, other) + 1 : max(place, other)]) for other in others]
    return any(not set(codes) & set("aocX") for codes in between)


def _beside_word(items: list[Item], place: int) -> bool:
    """Whether "or" joins an item and a word that nothing knows: "movie reviews or news"."""
    codes = letters(items)
    return bool(re.match("o[rf]*w", codes[place + 1 :]) or re.search("w[rf]*o[rf]*$", codes[:place]))


def _is_english(item: Item) -> bool:
    """Whether data are named in plain words of English: "movie reviews", "diabetes"."""
    words = item.text.split()
    known = english().ordinary if len(words) > 1 else spelt()
    return item.fields == ("datasets",) and all(word in known for word in words)


def named_in(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """The families and the subjects of pictures that a description names, each with its field as a line of the grammar:
    "predict words with a recurrent language model", "draw new faces"."""
    words = text.split()
    while words:
        found = lexicon.exact(words)
        sense = found.sense if found and not (found.sense.weak and found.length == 1) else None
        if sense and sense.kind == "value" and sense.field == "architecture":
            yield "architecture", f'architecture:"{sense.value}"'
        elif sense and sense.subject and not sense.value.startswith("("):
            yield sense.value.partition(":")[0], sense.value
        words = words[found.length if found else 1 :]


def leave(items: list[Item]) -> None:
    """What no rule has read becomes free text where it says something, and nothing where it does not."""
    dropped = {"f", "h", "q", "B", "t", "C", "P", "s", "L", "S", "V", "p"}
    codes = letters(items)
    tells = "E" not in codes and codes.count("w") > 1  # "find a good learning rate before training"
    for place, item in enumerate(items):
        if item.code == "w" and item.text.casefold() in _PARTS and codes[place - 1 : place] == "E":
            item.code = "f"
        elif item.code == "z":
            ahead = codes[place + 1 :].lstrip("zfrw")
            named = items[len(items) - len(ahead)] if ahead[:1] == "E" else None
            if named and (item.text.casefold() == "frozen" or named.fields == ("datasets",)):
                named.code, named.expr = "w", None  # what it was pretrained on is not what it is trained on
            tuned = item.text.casefold().replace("-", "").startswith("finetun")
            item.code = "f" if tuned and "E" in codes else "w"
        elif item.code in "FG" and any(set(item.fields) & set(other.fields) for other in near(items, place)):
            item.code = "f"
        elif item.code in "NmFG":
            known = item.text.casefold() in english().dropped or counts_models(items, place)
            item.code = "f" if known or (item.code in "FG" and not (item.weak or tells)) else "w"
        elif item.code in dropped:
            item.code = "f"


_PARTS = frozenset(["cell", "cells", "unit", "units", "block", "blocks", "part", "parts", "backbone", "backbones"])
"""Nouns that say nothing more behind a family: "GRU cells", "a ResNet backbone"."""


def _is_part(items: list[Item], place: int) -> bool:
    """Whether a network is spoken of as a part of another one: "VGG features"."""
    return place + 1 < len(items) and items[place + 1].text.casefold() in ("feature", "features", "activations")


ENOUGH = 5
"""Words that say something together, though none does alone."""


def written(items: list[Item]) -> str:
    """The free text with all its words, without those that only ask: "show me models that ..."."""
    return " ".join(_told(items)) if any(item.code == "w" for item in items) else ""


def together(items: list[Item]) -> str:
    """What words say that say nothing alone: "two networks trained against each other"."""
    told = _told(items)
    words = " ".join(told)
    return words if len(words.split()) >= ENOUGH else ""


def _told(items: list[Item]) -> list[str]:
    """The words between those that only ask."""
    told = _without(english().lead, [item for item in items if item.code != "c"])
    return [item.text for item in reversed(_without(english().tail, told[::-1]))]


def _without(words: frozenset[str], items: list[Item]) -> list[Item]:
    """The items from the first one on that is none of these words."""
    said = (place for place, item in enumerate(items) if item.code == "w" or item.text.casefold() not in words)
    return items[next(said, len(items)) :]
