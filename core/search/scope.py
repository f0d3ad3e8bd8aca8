"""Conditions -> one expression: what a negation reaches, and which conditions hold together or in place of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.search.english import english, is_derived, spelt
from core.search.items import Item, letters
from core.search.nouns import is_plural_noun
from core.search.query import Expr, Filter, Text, both, either, negate
from core.vocabulary import load


@dataclass(slots=True)
class Atom:
    """One condition of the sentence; `between` are the letters between it and the one before."""

    expr: Expr
    fields: tuple[str, ...]
    negated: bool
    between: str
    plural: bool
    """A plural noun, or before one: "GANs", "LSTM scripts"."""


def expression(items: list[Item], as_written: str, held: Callable[[Sequence[Expr]], bool]) -> Expr | None:
    """What the items demand together. `as_written` is the free text where no item is a condition; `held` tells whether
    some model meets several conditions at once."""
    join_names(items)
    _join_word(items)
    _not_both(items)
    spread_negation(items)
    atoms = _atoms(items)
    if not atoms and (not any(item.negated for item in items) or _describes(items)):
        return Text(as_written) if as_written else None
    free = " ".join(item.text for item in items if item.code == "w" and not item.negated)
    refused = _refused(items)
    return both([_joined(atoms, held), Text(free) if free else None, *(negate(Text(words)) for words in refused)])


def _describes(items: list[Item]) -> bool:
    """Whether a sentence describes a thing by what it does without: then all of it is free text.

    "Learning without backpropagation", "turn horses into zebras without paired pictures"; "models without batch
    normalisation" only refuses."""
    words = [item for item in items if item.code == "w"]
    wanted, refused = [item for item in words if not item.negated], [item for item in words if item.negated]
    if not wanted or not refused:
        return False
    generic = english().generic
    without = re.search(r"\b(?:without|with no)\b", " ".join(item.text.casefold() for item in items))
    manner = without or refused[0].text.endswith("ing")
    telling = any(item.text.casefold() not in generic for item in refused)
    said = sum(len(item.text.split()) for item in wanted)
    doing = any(item.text.endswith("ing") for item in items[items.index(refused[0]) - 1 :][:1])
    return bool(manner and (said > 1 or doing)) or (telling and all(item.text.casefold() in generic for item in wanted))


# -- negation


def join_names(items: list[Item]) -> None:
    """Puts a comma between names side by side that a list ends: "GANs VAEs and CNNs"; of families only between
    plurals, since "conditional GANs and VAEs" begins with a kind."""
    for place in range(len(items) - 2, -1, -1):
        rest = _LIST.match(letters(items[place + 1 :]))
        names = [items[place], items[place + 1], items[place + rest.end()]] if items[place].code == "E" and rest else []
        fields = {name.fields for name in names}
        whole = fields != {("architecture",)} or (names[0].plural and names[1].plural)
        if len(fields) == 1 and whole and names[0].fields not in ((), ("",)):
            items.insert(place + 1, Item("c", ","))


def _join_word(items: list[Item]) -> None:
    """Takes the only free words for a name in place of the one that "or" joins them to: "MAML or prototypical networks"
    are those, and those that say the word."""
    codes = letters(items)
    match = re.search("(?P<name>E)o[rf]?(?P<words>w+)(?=[f]*$)|^[fr]*(?P<first>w+)o[rf]?(?P<last>E)", codes)
    part, name = ("words", "name") if match and match["name"] else ("first", "last")
    if match is None or codes.count("w") > len(match[part]) or "X" in codes:
        return
    named, words = items[match.start(name)], items[match.start(part) : match.end(part)]
    said = " ".join(item.text.casefold() for item in words)
    if len(words) < 3 and said not in english().generic and named.expr is not None:
        named.expr = either([named.expr, Text(said, phrase=True)])
        for item in words:
            item.code = "f"


def _not_both(items: list[Item]) -> None:
    """Reads "MNIST or CIFAR-10 but not both": one of the two, and not the other."""
    match = re.search("Eo[rf]?E(?=(?P<not>c?b?X[rf]?)x[f]*$)", letters(items))
    if match is None:
        return
    first, second = items[match.start()], items[match.end() - 1]
    pair = [first.expr, second.expr]
    second.expr = negate(both(pair))
    first.expr, first.fields, second.fields = either(pair), ("",), ()
    for item in [*items[match.start() + 1 : match.end() - 1], *items[match.end() :]]:
        item.code = "f"


_LIST = re.compile("E(?:cE)*c?[ao][rf]?E")


def spread_negation(items: list[Item]) -> None:
    """Mark what each negation reaches: the first condition or run of free words behind it, and the list it heads."""
    place = 0
    while place < len(items):
        if items[place].code == "X" and items[place].text.casefold() in _TELLING and not _named_behind(items, place):
            items[place].code = "f"  # "a whole distribution instead of the mean", "skips connections" tell what is done
        place = _reach(items, place + 1) if items[place].code == "X" else place + 1


_TELLING = frozenset([
    "instead of", "rather than", "skip", "skips", "skipping", "ignore", "ignoring", "avoid", "avoids", "avoiding",
    "omit", "omitting", "leave out", "leaving out", "leave aside", "leaving aside",
])  # fmt: skip
"""What refuses names only; before plain words it tells what a model does."""


def _named_behind(items: list[Item], place: int) -> bool:
    """Whether what follows a negation is a name: "Adam rather than SGD"."""
    return next((item.code for item in items[place + 1 :] if item.code not in "frqh"), "") in "EFG"


def _reach(items: list[Item], place: int) -> int:
    """Mark one negation's objects from `place`; returns where it ends."""
    marked: Item | None = None
    if place and items[place - 1].text.casefold() == "non" and items[place : place + 1] and items[place].code in "wE":
        _refuse_prefixed(items[place])
        return place + 1
    while place < len(items):
        code = items[place].code
        if code in "wEz":
            if marked is not None and not _continues(items, place, marked):
                return place
            place, marked = _mark_chunk(items, place)
        elif code in "bX" or (marked is not None and code in "fqhLsSN"):
            return place
        else:
            place += 1
    return place


def _refuse_prefixed(item: Item) -> None:
    """Refuse what "non-" stands before, which reaches no further than its word: "non-adversarial image generation".

    Of a name in several words the noun is still asked for: "non-variational autoencoders"."""
    name, expr = item.text.split(), item.expr
    if len(name) > 1 and isinstance(expr, Filter) and (parents := load().parents(expr.field, str(expr.value))):
        item.expr = both([Filter(expr.field, ":", parents[0]), negate(expr)])
    else:
        item.negated = True


def _continues(items: list[Item], place: int, marked: Item) -> bool:
    """Whether the object here belongs to the list: "not Adam, SGD or RMSprop", "without dropout and weight decay"."""
    back = place - 1
    joints = ""
    while back >= 0 and items[back].code in "coarx":
        joints = items[back].code + joints
        back -= 1
    listed = bool(set(joints) & set("ac"))
    last = listed and marked.code == "E" and letters(items[place:]).rstrip("f") == "w" and _is_name(items[place].text)
    return "o" in joints or last or (listed and items[place].code == "E" and _alike(items[place], marked))


def _is_name(word: str) -> bool:
    """Whether a word that nothing knows can only be a name: "except DCGAN and LSGAN"."""
    low = word.casefold()
    known = low in spelt() or low in english().ordinary or is_derived(low) or low.endswith(("ed", "ing"))
    return low.isalnum() and not known


def _alike(item: Item, other: Item) -> bool:
    features = {*item.fields, *other.fields} <= {"has", ""}  # "without batch norm and dropout"
    return features or bool(set(item.fields) & set(other.fields))


def _mark_chunk(items: list[Item], place: int) -> tuple[int, Item]:
    """Mark a run of words and names: the names if there is one ("not using pretrained ResNet"), else the words."""
    _refuse_together(items, place)
    end = place
    while end < len(items) and (items[end].code in "wEz" or _object(items, end)):
        end += 1
        if items[end - 1].code == "E":
            break
    chunk = items[place:end]
    names = [item for item in chunk if item.code == "E"]
    for item in chunk:
        if item.code == "E":
            item.negated = True
        elif names:
            item.code = "f"
        else:
            item.negated = True
    return end, chunk[-1]


def _refuse_together(items: list[Item], place: int) -> None:
    """Makes one condition of names that are refused at once, "everything except PyTorch GANs"; of "no dropout GANs"
    only the first is refused."""
    said = re.search("(?P<all>[rfX])?(?P<but>X)[rf]*$", letters(items[:place]))
    words = " ".join(items[said.start(name)].text.casefold() for name in ("all", "but") if said[name]) if said else ""
    names = re.match("E{2,3}", letters(items[place:]))
    chunk = items[place : place + names.end()] if names and _ALL_BUT.match(words) else []
    whole = place > 0 and items[place - 1].text.casefold() in ("a", "an")  # "anything but a PyTorch GAN"
    if chunk and (whole or chunk[-1].plural) and chunk[-1].fields == ("architecture",):
        chunk[0].expr, chunk[0].fields = both(item.expr for item in chunk), chunk[-1].fields
        del items[place + 1 : place + len(chunk)]


_ALL_BUT = re.compile(r"(?:all|any\w*|every\w*) (?:but|except|besides|excluding|other than|apart from)")


def _object(items: list[Item], place: int) -> bool:
    """Whether an article leads from a verb to what it does that to: "do not average their weights"."""
    return items[place].text.casefold() in _OWN and [item.code for item in items[place - 1 : place + 2]] == [
        "w",
        "r",
        "w",
    ]


_OWN = frozenset(["the", "a", "an", "its", "their", "any"])
_HEADS = frozenset(("network", "networks", "training", "learning", "loss", "data", "layer", "layers"))
"""Nouns that say little alone and belong to the word before: "without a target network"."""


def _refused(items: list[Item]) -> list[str]:
    """The runs of free words that are negated."""
    runs: list[list[str]] = [[]]
    for item in items:
        if (item.negated and item.code in "wz") or (runs[-1] and item.text.casefold() in _HEADS):
            runs[-1].append(item.text)
        elif runs[-1] and not item.negated:
            runs.append([])
    return [" ".join(run) for run in runs if run]


# -- and, or


def _atoms(items: list[Item]) -> list[Atom]:
    found: list[Atom] = []
    last = 0
    for place, item in enumerate(items):
        if item.code == "E" and item.expr is not None:
            expr = negate(item.expr) if item.negated else item.expr
            heads_plural = item.plural or is_plural_noun(items, place + 1)
            assert expr is not None
            between = "".join(map(_joint, items[last:place]))
            found.append(Atom(expr, item.fields, item.negated, between, heads_plural))
            last = place + 1
    return found


def _joint(item: Item) -> str:
    """The letter of an item between two conditions; a J too where both are demanded: "as well as"."""
    return "aJ" if item.code == "a" and item.text.casefold() not in ("and", "&") else item.code


def _joined(atoms: Sequence[Atom], held: Callable[[Sequence[Expr]], bool]) -> Expr | None:
    """The conditions as one expression. "or" between like conditions binds them; between sentences it parts them."""
    runs: list[list[Atom]] = []
    for atom in atoms:
        if runs and _one_list(runs[-1][-1], atom):
            runs[-1].append(atom)
        else:
            runs.append([atom])
    sides: list[list[Expr | None]] = [[]]
    fields: list[set[str]] = [set()]
    for place, run in enumerate(runs):
        names = {name for atom in run for name in atom.fields}
        if place and "o" in run[0].between and not run[0].negated:
            later = {name for other in runs[place:] for atom in other for name in atom.fields}
            if fields[-1] & later and sides[-1][-1:] != [None]:
                sides.append([])
                fields.append(set())
            elif sides[-1]:
                sides[-1][-1] = either([sides[-1][-1], _run(run, held)])
                fields[-1] |= names
                continue
        sides[-1].append(_run(run, held))
        fields[-1] |= names
    return either(both(side) for side in sides)


def _one_list(before: Atom, atom: Atom) -> bool:
    """Whether two conditions stand in one list: alike, and nothing but joints between."""
    joints = set(atom.between)
    alike = set(before.fields) & set(atom.fields) or _are_groups(before, atom)
    if before.negated != atom.negated or not joints or not alike:
        return False
    return joints <= set("coarxfJ") and bool(joints & set("coa")) and ("f" not in joints or "o" in joints)


def _are_groups(*atoms: Atom) -> bool:
    """Whether conditions name groups of models, by families or tasks: "agents and GANs"."""
    return all(atom.plural and atom.fields in (("architecture",), ("task",)) for atom in atoms)


def _run(run: list[Atom], held: Callable[[Sequence[Expr]], bool]) -> Expr | None:
    """A list of like conditions: any behind "or"; all behind "and", unless "GANs and VAEs" names groups or no model
    meets all, "DQN and PPO in JAX", "PyTorch and Keras GANs"."""
    exprs = [atom.expr for atom in run]
    joints = "".join(atom.between for atom in run[1:])
    if len(run) == 1 or run[0].negated:
        return both(exprs)
    if "o" in joints:
        return either(exprs)
    single = [expr for expr in exprs if isinstance(expr, Filter) and expr.op == ":"]
    dates = all(expr.field in ("created", "modified") for expr in single)
    numbers = len(single) == len(exprs) and (dates or all(isinstance(expr.value, int | float) for expr in single))
    between = set("".join(atom.between for atom in run))
    families = run[0].fields[0] in ("architecture", "") and run[-1].plural
    groups = (families or _are_groups(*run)) and "x" not in between
    return either(exprs) if numbers or groups or not (between & set("xJ") or held(exprs)) else both(exprs)
