"""Words -> items: each word or phrase looked up, as a date, a number, a name, a word of English or free text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.search.dated import Moments
from core.search.dates import Clock
from core.search.english import English, english
from core.search.items import CODES, Item, Word
from core.search.lexicon import Lexicon
from core.search.nouns import NOUNS, PLURAL_NOUNS
from core.search.numbers import SCALES, read_number, read_part, read_spoken
from core.search.places import FOLDERS, Places
from core.search.query import Expr, Filter, Text, both, either, leaves, negate
from core.search.schedules import schedules_set_to
from core.search.senses import Found, Sense
from core.search.settling import settle
from core.vocabulary import fold

_SQUARE = re.compile(r"(?P<side>\d+)(?:(?: ?[x×] ?| by )(?P=side)|[ -]?(?:px|pixels?))(?!\S)")
"""How large pictures are: "64x64", "64 x 64", "64 by 64", "256-pixel", "64px"."""
_WINDOWS = ("conv", "kernel", "filter", "max", "pool", "patch", "grid", "window")
"""How words begin that a smaller size may be of, where no picture is: "3x3 convolutions"."""
_LEAST_PICTURE = 28
_BOUNDS = frozenset(["less", "at_most", "more", "at_least"])
"""Roles of words that compare with the number behind them."""
_NAMINGFOLDERS = frozenset(["datasets", "environment"])
"""Fields of what folders are called after where no fact says it."""


class Scanner:
    """Reads words into items over one lexicon. `exact` gives the id that a text names; `concept` reads a line."""

    def __init__(
        self, lexicon: Lexicon, clock: Clock, exact: Callable[[str], str | None], concept: Callable[[str], Expr | None]
    ) -> None:
        self._lexicon, self._exact, self._concept = lexicon, exact, concept
        self._moments = Moments(lexicon, clock)
        self._places = Places(lexicon, exact)
        self._english: English = english()

    def scan(self, words: Sequence[Word]) -> list[Item]:
        items: list[Item] = []
        place = 0
        while place < len(words):
            item, length = self._next(words, place, items)
            if item.text or item.code != "f":
                items.append(item)
            if words[place + length - 1].comma:
                items.append(Item("c", ","))
            place += length
        return settle(items, self._english)

    def _next(self, words: Sequence[Word], place: int, before: list[Item]) -> tuple[Item, int]:
        run = _up_to_comma(words, place)
        texts, lows = [word.text for word in run], [word.low for word in run]
        if dated := self._moments.read(lows, before):
            return dated
        role, role_length = self._english.role(lows, self._english.functions)
        number = self._number(lows, before)
        found = self._lexicon.exact(texts)
        if found is None or found.length == 1:
            found = self._lexicon.misspelt.ending(texts) or found
        if found and found.length == 1 and lows[0] in self._lexicon.called_roots and not self._lexicon.means(texts[0]):
            found = None  # a root's name before one that no model has: "Ignite"
        bound = bool(before) and before[-1].role in _BOUNDS  # "no more than two optimizers"
        if number and number[1] >= role_length and (bound or not (found and found.length > number[1])):
            return number
        if found and self._is_free(texts[found.length :]) and (lacking := self._lacking(found)):
            return lacking, found.length + 1
        if found and self._is_of_another(found, lows[1:], before):
            return Item("w", texts[0]), 1
        found = found and self._meant_beside(found, texts, before)
        if place_item := self._places.told(texts, lows, before) or self._places.numbered_part(lows):
            return place_item
        if kind := self._kind(texts, before):
            return kind
        if (name := self._lexicon.parted(texts)) and not (found and found.length > 1):
            return Item("w", name), 2
        if (lows[0].endswith("/") or (lows[1:2] and lows[1] in FOLDERS)) and (
            place_item := self._places.place(texts, lows)
        ):
            return place_item
        if found and (found.length > role_length or (found.length == role_length and not found.sense.weak)):
            item = self._sense(found, texts, bool(before) and before[-1].code == "N")
            item.text = (found.note and found.name) or item.text
            return item, found.length
        if place_item := self._places.place(texts, lows) or _tagged(texts, lows):
            return place_item
        if role:
            return Item(CODES[role], " ".join(texts[:role_length]), role), role_length
        if lows[0] in self._english.dropped:
            return Item("f", texts[0]), 1
        return self._counted(lows[0], before) or self._unknown(texts)

    def _meant_beside(self, found: Found, texts: Sequence[str], before: list[Item]) -> Found:
        """What a name is beside a number, a setting, and beside the word for a field, a value of it."""
        behind = texts[found.length :]
        if setting := self._lexicon.setting_too(found):
            counted = found.plural and bool(before) and before[-1].code == "N"  # "8 parallel environments"
            numbered = self._numbered([text.casefold() for text in behind])  # "entropy bonus of 0.01"
            found = setting if counted or numbered else found
        return self._lexicon.value_too(found, self._fields_beside(before, texts[found.length :])) or found

    def _is_free(self, behind: Sequence[str]) -> bool:
        """Whether "free" stands behind a name and what is free of it behind that, if anything: "MNIST free GANs"."""
        if [word.casefold() for word in behind[:1]] != ["free"]:
            return False
        of = self._lexicon.exact(behind[1:])
        return len(behind) == 1 or behind[1].casefold() in NOUNS | PLURAL_NOUNS or (of is not None and of.plural)

    def _is_of_another(self, found: Found, behind: Sequence[str], before: list[Item]) -> bool:
        """Whether a number is that of a thing which no field is of: "kernel size 4"."""
        weak = found.sense.kind == "field" and found.sense.weak and found.length == 1
        of = before[-1].text if before and before[-1].code == "w" else ""
        return weak and of.isalpha() and self._numbered(behind)

    def _counted(self, low: str, before: list[Item]) -> tuple[Item, int] | None:
        """The setting that says how many of a thing there are, behind a number: "10 critics"."""
        names = self._lexicon.vocabulary.settings_aliases.get(f"number of {low}", ())
        if not names or not before or before[-1].code != "N":
            return None
        own = self._lexicon.settings_called(names)
        return Item("F", low, fields=tuple(f"settings.{name}" for name in own), weak=True), 1

    def _fields_beside(self, before: list[Item], behind: Sequence[str]) -> set[str]:
        """The fields named right before and right behind a name."""
        found = self._lexicon.exact(behind)
        if list(behind[:1]) in (["or"], ["and"]) and (other := self._lexicon.exact(behind[1:])):
            last = behind[other.length : 1 + other.length]  # "a step or cosine schedule" ends in one name
            found = self._lexicon.exact(last) or self._lexicon.exact(behind[1 + other.length :])
        named = {found.sense.field} if found and found.sense.kind == "field" else set()
        if before[-1:] and before[-1].code == "o":
            return {name for item in before[-2:-1] if item.code == "E" for name in item.fields}  # "mse or mae"
        return named | {name for item in before[-1:] if item.code in "FG" for name in item.fields}

    # -- names

    def _sense(self, found: Found, texts: Sequence[str], behind_number: bool = False) -> Item:
        sense, text = found.sense, " ".join(texts[: found.length])
        written = texts[0] if found.length == 1 and texts[0] != texts[0].casefold() else ""
        played = sense.field == "environment" and self._lexicon.in_use("environment", sense.value)  # "DQN on Doom"
        shown_as_name = bool(written) and (written == sense.value or (written.isupper() and len(written) > 3) or played)
        weak = sense.weak and found.length == 1 and not shown_as_name
        if sense.kind == "value":
            return self._value(found, texts, weak)
        if sense.kind == "concept":
            expr = self._concept(sense.value)
            expr = (sense.subject and self._called_so(expr, found.name)) or expr
            said = {leaf.field if isinstance(leaf, Filter) else "" for leaf, _ in leaves(expr)}
            fields = tuple(said) if len(said) == 1 and not sense.alone else ("",)
            item = Item("E", text, expr=expr, fields=fields, plural=found.plural)
            item.alone, item.subject, item.described = sense.alone, sense.subject, sense.described
            item.weak = sense.weak and not shown_as_name
            return item
        if found.length == 1 and (own := self._lexicon.setting_apart(texts[0], sense.field)):
            return Item("F", text, fields=(f"settings.{own}",))
        return self._field(found, text, weak, behind_number)

    def _called_so(self, expr: Expr | None, name: str) -> Expr | None:
        """The folders and files called after what data show ("flowers") or where an agent acts ("grid world"), else the
        word itself, where no model is known to have such data or to act there."""
        told = [leaf for leaf, _ in leaves(expr) if isinstance(leaf, Filter) and leaf.field in _NAMINGFOLDERS]
        if len(told) < len(list(leaves(expr))) or any(
            self._lexicon.in_use(leaf.field, str(leaf.value)) for leaf in told
        ):
            return None
        note = f"no model is known to be trained on {name}: read as a name"
        called = [Filter("path", ":", f"/{own}", note=note) for own in self._lexicon.called(name)]
        return either(called) if called else Text(name, phrase=True)

    def _kind(self, texts: Sequence[str], before: list[Item]) -> tuple[Item, int] | None:
        """A kind of the family said last, told by its adjective alone: "GANs, but not the conditional ones"."""
        said = [item.expr for item in before if isinstance(item.expr, Filter) and item.expr.field == "architecture"]
        if texts[1:2] not in (["ones"], ["one"]) or not said:
            return None
        named = [texts[0], str(said[-1].value)]
        found = self._lexicon.exact(named)
        return (self._sense(found, named), 2) if found and found.length == 2 else None

    def _value(self, found: Found, texts: Sequence[str], weak: bool) -> Item:
        """A name of a value; what no model is known to have is looked for in names or the text."""
        sense, text = found.sense, " ".join(texts[: found.length])
        value = self._lexicon.family(sense, text)
        in_use = self._lexicon.in_use(sense.field, value)
        if fold(found.name) == fold(value) and (told := self._task_too(sense, value)):
            family = [Filter(sense.field, ":", value)] if in_use else self._called(found, value)
            return Item("E", text, expr=either([*family, told]), fields=(sense.field,), weak=weak, plural=found.plural)
        if sense.field == "task" and not in_use:
            return self._unknown_task(found.name if found.note else text)
        if self._only_english(found.length, texts) and not self._lexicon.in_use(sense.field, sense.value):
            return Item("w", text)
        tells = sense.field not in ("hardware", "scheduler")  # a folder `tpu` does not run on one
        if tells and not in_use and (called := self._called(found, value)):
            return Item("E", text, expr=either(called), fields=(sense.field,), weak=weak, plural=found.plural)
        if sense.field == "architecture" and not in_use and self._lexicon.in_use("named_only", value):
            note = f"no model is known to be {value}: read as one that is only named so"
            named = Filter("named_only", ":", value, note=note)
            return Item("E", text, expr=named, fields=(sense.field,), weak=weak, plural=found.plural)
        expr: Expr | None = Filter(sense.field, ":", value, note=found.note)
        if sense.field == "scheduler":
            expr = either([expr, *schedules_set_to(value, self._lexicon)])
        if sense.field == "architecture" and fold(found.name) in self._lexicon.narrower:
            expr = Text(found.name)
        return Item("E", text, expr=expr, fields=(sense.field,), weak=weak, plural=found.plural)

    def _called(self, found: Found, value: str) -> list[Filter]:
        """The names of folders and files that a value which no model is known to have may be."""
        note = f"no model is known to be {value}: read as a name"
        named = self._lexicon.called(found.name) or self._lexicon.called(value)
        return [Filter("path", ":", f"/{name}", note=note) for name in named]

    def _task_too(self, sense: Sense, value: str) -> Filter | None:
        """The task of the family's name that models here are for, of whatever family: "super-resolution"."""
        task = self._lexicon.vocabulary.canonical("task", value) if sense.field == "architecture" else None
        same = task is not None and fold(task) == fold(value) and self._lexicon.in_use("task", task)
        return Filter("task", ":", task) if task and same else None

    def _field(self, found: Found, text: str, weak: bool, behind_number: bool) -> Item:
        """A field or a setting: of numbers, or another one; "3 layers" are a setting that counts."""
        sense, vocabulary = found.sense, self._lexicon.vocabulary
        counted = vocabulary.settings_aliases.get(f"number of {text.casefold()}")
        counts = bool(counted) and (sense.field in ("layers", "model_classes") or behind_number)
        said = counted if counted and counts else sense.names
        own = [name for name in said if name in vocabulary.fields]
        others = self._lexicon.settings_called([name for name in said if name not in vocabulary.fields])
        names = (*own, *(f"settings.{name}" for name in others)) or (sense.field,)
        spec = vocabulary.fields.get(names[0])
        numeric = counts or sense.kind == "setting" or (spec is not None and spec.kind in ("number", "size"))
        return Item("F" if numeric else "G", text, fields=names, weak=weak or counts, plural=found.plural)

    @staticmethod
    def _unknown_task(name: str) -> Item:
        """A task that no model is known to be for: those that are called so, and of those whose task is unknown those
        whose text says it."""
        plain = name.replace(" ", "").replace("-", "").isalpha()
        stem = re.sub("[ -]", "?", name[: max(7, len(name) - 4)])
        called = Filter("id", "glob", f"*{stem}*") if plain else None
        said = Text(name, phrase=len(re.split(r"[\s-]", name)) > 1)
        expr = either([called, both([Filter("task", "missing"), said])])
        return Item("E", name, expr=expr, fields=("task",))

    def _only_english(self, length: int, texts: Sequence[str]) -> bool:
        """Whether a name is a phrase with plain words inside, "horses into zebras": no name unless it is in use."""
        lows = [text.casefold() for text in texts[:length]]
        return length > 1 and texts[0] == lows[0] and any(word in self._english.dropped for word in lows[1:-1])

    def _unknown(self, texts: Sequence[str]) -> tuple[Item, int]:
        """A word that nothing knows: a class of the collection, a compound, a misspelling, or free text."""
        first = texts[0]
        if first in self._lexicon.class_names and sum(map(str.isupper, first)) > 1:
            return Item("E", first, expr=Filter("model_classes", ":", first), fields=("model_classes",)), 1
        # "metric-based" is no kind of metric where a folder is so called
        written = "_" in first or first.endswith("-based")
        if written and first.casefold() in self._lexicon.folders and not self._exact(first):
            return Item("E", first, expr=Filter("path", ":", f"/{first}"), fields=("path",)), 1
        less = re.fullmatch(r"(.+)-(?:free|less)", first, re.IGNORECASE)
        named = self._lexicon.exact([less[1]]) if less else None
        if compound := self._lacking(named) or self._compound(first) or self._sized(first):
            return compound, 1
        found = self._lexicon.misspelt.name(texts)
        if found:
            item = self._sense(found, texts)
            item.text = found.name or item.text  # what is left to free text is spelt well
            return item, found.length
        word = self._lexicon.misspelt.word(first)
        whole = self._lexicon.parted([word, *texts[1:]]) if word else None
        return (Item("w", whole), 2) if whole else (Item("w", word or first), 1)

    def _lacking(self, found: Found | None) -> Item | None:
        """`Keras-free`, `GPU-less`: a name, or what a script may have, that is refused."""
        item = self._sense(found, [found.name]) if found else None
        if item is None or item.weak or not item.fields:
            return None
        if item.code in "FG":
            item.expr, item.fields = either(Filter(name, "has") for name in item.fields), ("has",)
        item.code, item.negated = "E", True
        return item

    def _sized(self, text: str) -> Item | None:
        """`resnet18`, `ViT-B/16`: one model of a family, whose name the text must hold too."""
        match = re.fullmatch(r"([A-Za-z]{3,})[-_]?(\d\w*)", text)
        families = self._lexicon.vocabulary.table("architectures", "factories")
        family = families.get(fold(match[1])) if match else None
        if not match or not family:
            return None
        expr = both([Filter("architecture", ":", family), Text(f"{match[1]}{match[2]}".casefold())])
        return Item("E", text, expr=expr, fields=("architecture",))

    def _compound(self, text: str) -> Item | None:
        """`JAX/Flax`: either of both; `DQN/CartPole`, `GAN+MNIST`: both; `MNIST-trained`: the part that is a name."""
        parts = [part for part in re.split(r"\+" if "+" in text else r"[/-]", text) if part]
        if len(parts) < 2:
            return None
        found = [self._lexicon.exact([part]) for part in parts]
        known = [each.sense for each in found if each and each.sense.kind == "value" and not each.sense.weak]
        if len(known) != len([part for part in parts if part.casefold() not in self._english.dropped]):
            return None
        filters = [Filter(sense.field, ":", sense.value) for sense in known]
        if not filters:
            return None
        fields = tuple(leaf.field for leaf in filters)
        if "/" in text and len(set(fields)) == 1:
            return Item("E", text, expr=either(filters), fields=fields)
        return Item("E", text, expr=both(filters), fields=fields, plural=text.endswith("s"))

    # -- numbers

    def _number(self, lows: Sequence[str], before: list[Item]) -> tuple[Item, int] | None:
        if square := _SQUARE.match(" ".join(lows[:3])):
            expr, length = Filter("image_size", ":", int(square["side"])), len(square[0].split())
            if int(square["side"]) < _LEAST_PICTURE and "".join(lows[length : length + 1]).startswith(_WINDOWS):
                return Item("w", square[0]), length
            return Item("E", square[0], expr=expr, fields=("image_size",)), length
        part, length = read_part(lows)
        if length:
            return Item("N", " ".join(lows[:length]), number=part), length
        ends = before and before[-1].role == "between"  # "between one hundred and fifty" has two numbers
        spoken, several = read_spoken(lows[: lows.index("and")] if ends and "and" in lows else lows)
        if several > 1:
            return Item("N", " ".join(lows[:several]), number=spoken), several
        scaled = len(lows) > 1 and lows[1] in SCALES
        compared = bool(before) and before[-1].code in "Cq" and len(lows) == 1  # "learning rates over one"
        counted = scaled or compared or bool(ends) or self._is_counted(lows[1:])
        if (lows[0] == "a" and not scaled) or (lows[0] in ("one", "single") and not counted):
            return None
        number = 1 if lows[0] in ("a", "single") else read_number(lows[0])
        length = 1
        if number is None:
            sized = lows[0][0].isdigit() and (len(lows) == 1 or lows[0].endswith(("kb", "mb", "gb")))
            size = read_number(lows[0], size=True) if sized else None
            return (Item("N", lows[0], number=size), 1) if size is not None else None
        if scaled:
            number *= SCALES[lows[1]]
            length = 2
        return Item("N", " ".join(lows[:length]), number=number), length

    def _numbered(self, lows: Sequence[str]) -> bool:
        """Whether a number stands behind a name, words that compare aside."""
        while lows:
            if read_number(lows[0]) is not None and (lows[0] not in ("one", "two") or set(lows[1:2]) & set(SCALES)):
                return True
            role, length = self._english.role(lows, self._english.functions)
            if CODES.get(role) not in ("C", "q", "r", "B", "h"):
                return False
            lows = lows[length:]
        return False

    def _is_counted(self, lows: Sequence[str]) -> bool:
        """Whether a field of numbers stands here: the "epoch" of "one epoch", but not "one rates it"."""
        found = self._lexicon.exact(lows)
        return found is not None and found.sense.kind in ("field", "setting") and not lows[0].endswith("s")


def _tagged(texts: Sequence[str], lows: Sequence[str]) -> tuple[Item, int] | None:
    """What the user wrote: "tagged best", "tagged as baseline", "untagged"."""
    if lows[0] == "untagged":
        return Item("E", texts[0], expr=negate(Filter("tag", "has")), fields=("tag",)), 1
    skipped = 2 if lows[1:2] in (["as"], ["with"]) else 1
    if lows[0] != "tagged" or len(lows) <= skipped:
        return None
    said = " ".join(texts[: skipped + 1])
    return Item("E", said, expr=Filter("tag", ":", texts[skipped]), fields=("tag",)), skipped + 1


def _up_to_comma(words: Sequence[Word], place: int) -> list[Word]:
    """The words from here to the next comma; a date may hold one ("March 15, 2025")."""
    end = place
    while end < len(words):
        end += 1
        dated = (
            end < len(words)
            and re.fullmatch(r"(19|20)\d\d", words[end].low)
            and re.match(r"\d|[a-z]{3,}", words[end - 1].low)
        )
        if words[end - 1].comma and not dated:
            break
    return list(words[place:end])
