"""Which words refuse, and what: "MNIST is not wanted", "not evaluated on MNIST", "drop the MNIST ones"."""

from __future__ import annotations

import re

from core.search.english import English
from core.search.items import Item, letters
from core.search.nouns import is_plural_noun


def find_refusals(items: list[Item], words: English) -> None:
    """Puts each negation before the name that it refuses, and takes those that refuse no model for plain words."""
    for match in re.finditer("(?P<verb>[wfh])r*E[Erao]*(?P<away>[wf])", letters(items)):
        verb, away = items[match.start("verb")], items[match.start("away")]
        if verb.text.casefold() in _PUTTING and away.text.casefold() in _AWAY:
            verb.code, away.code = "X", "f"  # "leave the MNIST ones aside"
    for place, item in enumerate(items):
        first = items[place - 1].code in "cb" if place else True
        if item.code == "X" and _says_what_a_thing_does(items, place):
            item.code = "f"
        elif first and item.text.casefold() in _DROPPING and re.match("r?E", letters(items[place + 1 :])):
            item.code = "X"  # "drop the MNIST ones from the GANs"
        elif place and items[place - 1].code == "E" and item.text.casefold() == "aside":
            item.code = "X"  # "MNIST aside"
    for match in re.finditer("C(?=[fr]{0,2}E)", letters(items)):
        if items[match.start()].role == "unequal":
            items[match.start()].code = "X"  # "whose data differ from MNIST"
    for match in re.finditer("Xr?(?P<noun>f)c", letters(items)):
        if is_plural_noun(items, match.start("noun")):
            items[match.start()].code = "f"  # "notebooks, not scripts, on MNIST"
    _refuse_behind(items, words)
    _pass_over_verbs(items, words)


def _refuse_behind(items: list[Item], words: English) -> None:
    """Refuses the name before a negation that has nothing more behind it than a word for its kind: "LSTMs excluded",
    "MNIST is not wanted", "where MNIST isn't the dataset"."""
    for match in _BEHIND.finditer(letters(items)):
        name, refusal = items[match.start()], items[match.start("not")]
        verb, kind = (items[match.start(part)] if match[part] else None for part in ("verb", "kind"))
        joint = items[match.start("joint")].text.casefold() if match["joint"] else ""
        bare = verb is None or verb.text.casefold() in words.generic
        like = kind is None or (name.code == "E" and bool(set(kind.fields) & set(name.fields)))
        if bare and like and joint not in _WHO and _may_trail(refusal) and not name.weak:
            passed = [Item("f", "") for _ in range(match.end() - match.start() - 2)]
            items[match.start() : match.end()] = [refusal, name, *passed]


def _may_trail(refusal: Item) -> bool:
    said = refusal.text.casefold()
    return said in _TRAILING or said.endswith(("n't", "nt"))


def _pass_over_verbs(items: list[Item], words: English) -> None:
    """Leads a negation over a verb to the name that it governs: "not evaluated on MNIST", "not allowed to use it"."""
    for match in re.finditer(r"X[frh]{0,2}(?P<verb>w)(?P<to>[fhqtC])h?[fr]{0,2}[EFG]", letters(items)):
        verb, to = items[match.start("verb")], items[match.start("to")]
        if verb.text.casefold() in words.generic and to.text.casefold() in _GOVERNING:
            verb.code = to.code = "f"


def _says_what_a_thing_does(items: list[Item], place: int) -> bool:
    """Whether a negation tells of a doubt, "is not sure of its answer", of what is new, "classes not seen before", or
    belongs to a verb of which a pronoun is the subject, so that it refuses no model: "states it can't predict"; "one
    without dropout" and "we have not trained on MNIST" refuse."""
    if items[place + 1 : place + 2] and items[place + 1].text.casefold() in _DOUBTED:
        return True
    if re.match("[frh]*[EFG]", letters(items[place + 1 :])):
        return False
    if place and items[place].text.casefold() in ("nobody", "no-one") and not set(letters(items[place:])) & set("EFG"):
        return True  # "pictures nobody has taken"
    before = [item.text.casefold() for item in items[max(place - 2, 0) : place]]
    told = any(item.code in "EFG" and not item.weak for item in items)
    if before[-1:] and before[-1] in _DOING and letters(items[place + 1 : place + 2]) == "w" and not told:
        return True  # "does not forget old tasks"
    if before[-1:] and before[-1] in _AUXILIARIES:
        before.pop()
    return before[-1:] != [] and before[-1] in _PRONOUNS and items[place].text.casefold() not in ("without", "w/o")


_BEHIND = re.compile(r"[EFG](?P<joint>[qf]?)(?P<not>X)[fhr]{0,2}(?:(?P<verb>w)|(?P<kind>[FG]))?f?(?=[cb]|$)")
_PUTTING = frozenset(["leave", "leaves", "leaving", "set", "put", "keep", "take", "throw", "filter", "rule", "cut"])
_AWAY = frozenset(["aside", "out", "away", "alone"])
_DROPPING = frozenset(["drop", "remove", "hide", "forget", "discard", "delete", "erase", "subtract"])
_WHO = frozenset(["that", "which", "who", "whose", "where"])
_GOVERNING = frozenset(["about", "in", "on", "with", "from", "of", "to", "for", "at", "by", "upon", "into", "over"])
_TRAILING = frozenset([
    "no", "not", "never", "cannot", "excluded", "excepted", "omitted", "unwanted", "forbidden", "banned", "absent",
    "left out", "aside",
])  # fmt: skip
"""What may refuse the name before it; "without" and the like refuse only what is behind them."""
_DOUBTED = frozenset(["sure", "certain", "confident", "seen", "met", "heard", "encountered", "visited"])
_PRONOUNS = frozenset(["it", "they", "he", "she", "you", "we", "one"])
_DOING = frozenset(["does", "do", "can"])
_AUXILIARIES = frozenset([
    "does", "do", "did", "is", "are", "was", "were", "has", "have", "had", "can", "could", "will", "would",
    "must", "should",
])  # fmt: skip
