"""Items -> order: "the latest", "largest batch size", "top 5 by epochs", and how many are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from core.catalog.columns import COUNT
from core.search.counted import COUNTED
from core.search.english import english
from core.search.items import Item, letters
from core.search.nouns import NOUNS, PLURAL_NOUNS, count, counts_models, is_noun, is_plural, number_said


@dataclass(slots=True)
class Order:
    """What a sentence says about order and number."""

    sort: list[tuple[str, bool]] = field(default_factory=list)
    rank: tuple[int, int | None] | None = None
    limit: int | None = None


def read_order(items: list[Item], order: Order) -> list[Item]:
    """Reads "the latest", "largest batch size", "top 5 by epochs", "sorted by learning rate"."""
    place = 0
    while place < len(items):
        item = items[place]
        used = 0
        if ends := _END_TO_END.match(letters(items), place):
            used = _end_to_end(items, place, ends, order)
        elif item.code == "S":
            used = _sorted_by(items, place, order)
        elif item.code == "s":
            used = _ranked(items, place, order, _most)
        elif item.code == "L" or _is_first(items, place):
            used = _ranked(items, place, order, _latest)
        elif (
            item.text.casefold() == "by"
            and not _repeated(items, place)
            and (by := re.fullmatch(r".[frq]{0,2}(?P<field>[FG])c?(?P<turned>V)?", letters(items[place:])))
        ):
            turned = bool(by["turned"]) and items[-1].role == "descending"
            order.sort.append((items[place + by.start("field")].fields[0], turned))
            used = len(items) - place
        elif item.code in "fw" and item.text.casefold() in ("order", "sort", "rank"):
            _by(items, place + 1, order, descending=False)
        elif item.code == "p" and place + 1 < len(items) and items[place + 1].code == "N" and not _inner(items, place):
            order.limit, used = count(items[place + 1]), 2
            _by(items, place + 2, order, descending=item.text.casefold() != "bottom")
            used = _top_of(items, place, order) or used
        items[place : place + used] = [Item("f", item.text)] if used else items[place : place + used]
        place += 1
    _read_first(items, order)
    return items


def _read_first(items: list[Item], order: Order) -> None:
    """Reads "GANs, newest first": what a sentence ends with where it sorts by nothing else."""
    ends = items[-1] if items and not order.sort else None
    if ends and ends.code in "PV" and (said := _FIRST.get(ends.text.casefold())):
        order.sort.append(said)
        ends.code = "f"


_FIRST = {
    "newest first": ("created", True),
    "oldest first": ("created", False),
    "earliest first": ("created", False),
    "latest first": ("modified", True),
    "most recent first": ("modified", True),
    "largest first": ("parameters", True),
    "biggest first": ("parameters", True),
    "smallest first": ("parameters", False),
}


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PLACED = re.compile(r"([1-9]\d?)(?:st|nd|rd|th)")


def _ranked(items: list[Item], place: int, order: Order, read: Callable[[list[Item], int, Order], int]) -> int:
    """A superlative and the places that it gives: "the second largest", "all but the oldest"; of a field, where one is
    asked for, all that have as much."""
    number = _ordinal(items[place - 1]) if place else 0
    but = _all_but(items, place)
    if number:
        items[place - 1].code = "f"
    used = read(items, place, order)
    if not used:
        items[place - 1].code = "w" if number else items[place - 1].code
    elif number:
        order.rank, order.limit = (number, number), None
    elif but:
        but.code = "f"
        order.rank, order.limit = ((order.limit or 1) + 1, None), None
    elif order.limit == 1 and items[place].code == "s":
        order.rank, order.limit = (1, 1), None
    return used


_ALL_BUT = re.compile("(?:X[fhqrN]*|b[rN]*)$")


def _all_but(items: list[Item], place: int) -> Item | None:
    """What leaves out a superlative and stands before it: "all but the two largest", "except the one with the most"."""
    match = _ALL_BUT.search(letters(items[:place]))
    return items[match.start()] if match else None


def _ordinal(item: Item) -> int:
    """The number of a place, "second" or "2nd"; 0 where the word is none."""
    word = item.text.casefold()
    placed = _PLACED.fullmatch(word)
    return int(placed[1]) if placed else _PLACES.index(word) + 1 if word in _PLACES else 0


_END_TO_END = re.compile(r"[sL]r?t[r]?[sL]")


def _end_to_end(items: list[Item], place: int, ends: re.Match[str], order: Order) -> int:
    """Reads "from largest to smallest", "from oldest to newest": all of them in that order."""
    if items[place].code == "L":
        order.sort.append(("created", items[place].role == "latest"))
    else:
        named = next((item.fields[0] for item in items if item.code == "F" and not item.weak), "parameters")
        order.sort.append((named, items[place].role == "most"))
    return ends.end() - place


def _inner(items: list[Item], place: int) -> bool:
    """Whether "first" stands within what is described, "reuse what the first five digits taught"."""
    return items[place].text.casefold() == "first" and any(item.code == "w" for item in items[:place])


def _repeated(items: list[Item], place: int) -> bool:
    """Whether the same word stands on both sides: "step by step" orders nothing."""
    return 0 < place < len(items) - 1 and items[place - 1].text.casefold() == items[place + 1].text.casefold()


def _by(items: list[Item], place: int, order: Order, descending: bool) -> None:
    """The field behind a later "by": of "top 5 by number of epochs", of "order the GANs by learning rate"."""
    codes = letters(items)
    places = [at for at in range(place, len(items)) if items[at].text.casefold() == "by"]
    match = next(
        (found for at in places if (found := re.compile(r".[frq]{0,3}(?P<field>[FG])").match(codes, at))), None
    )
    if match:
        said = items[match.start("field")]
        turned = any(item.role == "descending" for item in items[match.end() : match.end() + 2])
        order.sort.append((said.fields[0], descending or turned))
        items[place - 1].code = "f"
        for item in items[match.start() : match.end()]:
            item.code = "f"


def _sorted_by(items: list[Item], place: int, order: Order) -> int:
    used = 1
    while place + used < len(items) and items[place + used].code in "fr":
        if items[place + used].text.casefold() in ("date", "age", "created", "modified"):
            break
        used += 1
    if place + used >= len(items):
        return 0
    said = items[place + used]
    name = said.fields[0] if said.code in "FG" else {"date": "created", "age": "created"}.get(said.text.casefold(), "")
    if not name:
        return 0
    used += 1
    comma = letters(items[place + used : place + used + 2]) == "cV"
    after = items[place + used + comma] if place + used + comma < len(items) else None
    order.sort.append((name, bool(after and after.role == "descending")))
    return used + (1 + comma if after and after.code == "V" else 0)


def _most(items: list[Item], place: int, order: Order) -> int:
    """A superlative and the field it is of; of "the largest model" the parameters are meant."""
    after = items[place + 1 : place + 3]
    if after and after[0].text.casefold() in _NUMBER_OF - {"of"}:
        after = items[place + 1 : place + 5]  # "the smallest number of the training steps"
    for used, item in enumerate(after, 2):
        if item.text.casefold() in _NUMBER_OF:
            continue
        if item.code in "FG":
            order.sort.append((_most_of(items[place], item), items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        word = item.text.casefold()
        if word in _FILES and items[place].text.casefold() in _SIZES | {"longest", "shortest"}:
            used -= item.code == "E"
            long = items[place].text.casefold() in ("longest", "shortest")
            order.sort.append(("lines" if long else "size", items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        if word in _PICTURES and items[place].text.casefold() in _SIZES | {"highest", "lowest"}:
            order.sort.append(("image_size", items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        trains = item.code == "E" or word in ("trained", "training", "running")
        if items[place].text.casefold() in ("longest", "shortest") and trains:
            used -= item.code == "E"
            order.sort.append(("epochs", items[place].role == "most"))
            _limit(items, place, used, order)
            return used
        if item.code not in "fr" or word in NOUNS | PLURAL_NOUNS:
            break
    trained = {item.text.casefold() for item in items[max(place - 3, 0) : place]} & _TRAINED
    if trained and items[place].text.casefold() in ("longest", "shortest"):
        order.sort.append(("epochs", items[place].role == "most"))
        _limit(items, place, 1, order)
        return 1
    if used := _of_before(items, place, order):
        return used
    return _largest(items, place, order) if items[place].text.casefold() in _SIZES else 0


def _most_of(extreme: Item, said: Item) -> str:
    """The field that is sorted by, or how many values of it there are: "the most datasets"."""
    several = said.plural and said.fields[0] in COUNTED and extreme.text.casefold() in ("most", "fewest", "least")
    return f"{COUNT}{said.fields[0]}" if several else said.fields[0]


def _of_before(items: list[Item], place: int, order: Order) -> int:
    """A superlative of what was said before it: "whose learning rate is the highest of all", "sort the GANs by learning
    rate and show me the lowest one"."""
    descending = items[place].role == "most"
    match = _IS_MOST.search(letters(items[:place]))
    said = items[match.start()] if match else None
    if match and said and not said.weak and any(i.text.casefold() in _BEING for i in items[match.start() : place]):
        order.sort.append((said.fields[0], descending))
        said.code = "f"
    elif order.sort and not set(letters(items[place + 1 :])) & set("EFG"):
        order.sort[-1] = (order.sort[-1][0], descending)
    else:
        return 0
    _limit(items, place, 1, order)
    several = (said or items[place]).plural or any(map(is_plural, items[place + 1 :]))
    order.limit = order.limit or (None if several else 1)
    return 1


_IS_MOST = re.compile("[FG][fqr]{1,3}$")
_BEING = frozenset(["is", "are", "was", "were", "being"])
_NUMBER_OF = frozenset(["number", "amount", "count", "total", "value", "of"])
_TRAINED = frozenset(["trained", "trains", "train", "ran", "runs", "run", "running"])
_FILES = frozenset(["file", "files", "script", "scripts", "notebook", "notebooks"])
_PICTURES = frozenset(["images", "pictures", "inputs", "photos"])
_SIZES = frozenset(["largest", "biggest", "smallest"])


def _largest(items: list[Item], place: int, order: Order) -> int:
    """Reads "biggest VAE", "3 largest PyTorch models", by parameters where no other field is said."""
    for at in range(place + 1, min(place + 5, len(items))):
        item, descending = items[at], items[place].role == "most"
        if item.code in "FG":
            order.sort.append((item.fields[0], descending))
            item.code = "f"
        elif is_noun(item) or is_plural(item):
            sorts = len(order.sort)
            _by(items, at + 1, order, descending)
            if len(order.sort) == sorts:
                order.sort.append(("parameters", descending))
        elif item.code in "frE":
            continue
        else:
            return 0
        _limit(items, place, 1, order)
        return 1
    if place + 1 < len(items):
        return 0
    order.sort.append(("parameters", items[place].role == "most"))
    _limit(items, place, 1, order)
    return 1


def _limit(items: list[Item], place: int, used: int, order: Order) -> None:
    """A number before the superlative or before what is counted, "the two models with the most epochs"; else one where
    the sentence asks for one thing."""
    counted = next((at for at in range(place) if at == place - 1 or counts_models(items, at)), None)
    if counted is not None and (number := number_said(items[counted])):
        order.limit, items[counted].code = number, "f"
    elif _among(items, place + used) or _singular(items, place):
        order.limit = order.limit or 1
    elif order.limit is None and not any(is_plural(item) for item in _without_verbs(items)):
        bare = {item.code for item in items} <= set("frqsFGac")  # "largest batch size, smallest lr"
        order.limit = 1 if bare or any(is_noun(item) for item in items) else None


def _among(items: list[Item], place: int) -> bool:
    """Whether one thing is asked for that several have: "the largest batch size of the GANs"."""
    behind = items[place].text.casefold() if place < len(items) else ""
    return behind in _AMONG and items[place - 1].code in "FG" and not any(map(is_plural, items[:place]))


def _singular(items: list[Item], place: int) -> bool:
    """Whether a verb tells that the most is had: "which of the GANs has the highest learning rate", "which models have
    the lowest learning rate", but not "the lowest learning rates"."""
    before = [item for item in items[:place] if item.code != "r"][-1:]
    said = before[0].text.casefold() if before else ""
    several = any(item.code in "FG" and item.plural and item.text.endswith("s") for item in items[place : place + 3])
    return said in ("has", "uses", "was", "is") or (said in ("have", "use") and not several)


_AMONG = frozenset(
    [
        "among",
        "amongst",
        "of",
        "in",
        "across",
        "out of",
        "over",
        "for",
        "within",
        "on",
        "with",
        "using",
        "that",
        "which",
    ]
)


def _without_verbs(items: list[Item]) -> list[Item]:
    """The items but for a "runs" that is a verb: "the script that runs for the most epochs"."""
    before = ["", *(item.text.casefold() for item in items)]
    return [item for item, word in zip(items, before, strict=False) if word not in ("that", "which", "who", "it")]


def _top_of(items: list[Item], place: int, order: Order) -> int:
    """Reads "top 3 batch sizes": the largest values of a field."""
    behind = letters(items[place + 2 : place + 4])
    if order.sort or behind.lstrip("r")[:1] != "F":
        return 0
    used = 2 + behind.index("F")
    order.sort.append((items[place + used].fields[0], True))
    return used + 1


def _is_first(items: list[Item], place: int) -> bool:
    """Whether the oldest is meant: "the first script ever written", "was written first", not "the first layer"."""
    ever = any(item.text.casefold() == "ever" for item in items[place:])
    return items[place].text.casefold() == "first" and (ever or bool(_closing(items, place)))


def _closing(items: list[Item], place: int) -> str:
    """The date of what a sentence ends with: "which was written first", "changed last"."""
    if place < len(items) - 1 or not place:
        return ""
    role = english().dates.get(items[place - 1].text.casefold(), "")
    return role if role in ("created", "modified") else ""


_OF_MAKING = frozenset(["created", "made", "written", "added", "new", "oldest", "earliest", "newest", "first"])


def _latest(items: list[Item], place: int, order: Order) -> int:
    """Reads "the latest GAN", "5 newest scripts"; "last layer" is no order."""
    after = next(
        (item for item in items[place + 1 :] if item.code not in "fr" or is_noun(item) or is_plural(item)), None
    )
    counted = bool(place + 1 < len(items) and items[place + 1].code == "N")
    closing = _closing(items, place)
    if items[place].text.casefold() == "last" and not (
        closing or counted or (after and (is_noun(after) or is_plural(after)))
    ):
        return 0
    told = {item.text.casefold() for item in items[place + 1 : place + 3]}
    told.add(items[place].text.casefold())
    name = closing or ("created" if told & _OF_MAKING else "modified")
    order.sort.append((name, items[place].role == "latest"))
    if counted:
        order.limit = count(items[place + 1])
        return 2
    _limit(items, place, 1, order)
    return 1
