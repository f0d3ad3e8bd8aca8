"""Comparisons -> cohorts: what each side of a sentence asks for by itself, and what it leaves to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.analysis.facts import is_number
from core.catalog import tokens
from core.catalog.columns import columns_of
from core.catalog.matching import names_meant
from core.catalog.naming import exact, title
from core.catalog.word_index import forms
from core.search.english import english
from core.search.lexicon import Lexicon
from core.search.parting import said_versus
from core.search.query import And, Expr, Filter, Query, Text, both, either, leaves, negate, versus
from core.search.sentences import Sentence
from core.search.sides import Side
from core.vocabulary import fold

if TYPE_CHECKING:
    from core.catalog.reading import Reader

LONGEST_COMPARISON, MOST_SPLITS = 100, 8
"""Words of a sentence that is tried as a comparison, and places where it is tried to be parted in two."""


class Comparing:
    """Reads comparisons; `plain` reads one side by itself."""

    def __init__(self, reader: Reader, lexicon: Lexicon, plain: Callable[[str], Query]) -> None:
        self._reader, self._lexicon, self._plain = reader, lexicon, plain

    def _exact(self, text: str) -> str | None:
        return exact(text, self._reader.names())

    def query(self, sentence: Sentence) -> Query | None:
        """The two sides of a comparison, split where both read best; None where no split gives two."""
        parted = sentence.sides
        several = [name for side in parted[0] for name in self._names(side)] if len(parted) == 1 else []
        if len(several) > 2:
            return self._several([self._side(side) for side in several])
        names = [self._called(side) or self._only_one_in(side) for side in parted[0]] if len(parted) == 1 else []
        if len(names) == 2 and any(names):
            names = [name or self._stands_beside(side, names) for name, side in zip(names, parted[0], strict=True)]
        if len(names) == 2 and all(names):
            return Query(either(Filter("id", ":", name) for name in names), intent="compare")
        best: tuple[float, Query] | None = None
        if len(parted) > 1 and len(sentence.text.split()) > LONGEST_COMPARISON:
            return None
        for texts in parted[:MOST_SPLITS]:
            named = self._with_noun([self._without_field(text) for text in texts])
            sides = self._siblings(self._numbered([self._side(text) for text in named]))
            if _REST.match(texts[1].strip()) and sides[0].expr:
                return versus([Query(sides[0].expr), Query(sides[0].turned())])
            told = said_versus(sentence.text) or not all(map(self._untold, sides)) or sides[0].is_of_kind(sides[1])
            if not all(side.asks() for side in sides) or not told or _of_words(sentence, sides):
                continue  # "compare pairs of digits with shared weights" asks for what compares
            score = sides[0].likeness(sides[1])
            if best is None or score > best[0]:
                best = (score, self._versus(sides[0], sides[1]))
        return best[1] if best else None

    def _names(self, side: str) -> list[str]:
        """The families of which alone a side consists, in the plural: "GANs VAEs" and CNNs."""
        words = side.split()
        found = [self._lexicon.exact([word]) for word in words]
        families = all(name and name.plural and name.sense.field == "architecture" for name in found)
        return words if len(words) > 1 and families else [side]

    def _several(self, sides: list[Side]) -> Query | None:
        """Three sides or more: "LSTM versus GRU versus transformer for translation"."""
        if not all(side.expr for side in sides) or all(map(self._untold, sides)):
            return None
        named = next((side for side in sides if side.fields() == {"id"}), None)
        *others, last = [self._beside(side, named) for side in sides] if named else sides
        return versus([*(Query(side.completed(last, trailing=True)) for side in others), Query(last.expr)])

    def _with_noun(self, texts: Sequence[str]) -> Sequence[str]:
        """Two sides that name one model each, of which the first lacks its noun, "the discrete and the continuous PPO",
        or where it acts, "PPO and A2C on Sonic"."""
        first, second = (re.sub(r"^the\s+", "", text.strip(), flags=re.IGNORECASE).split() for text in texts)
        if len(first) != 1 or len(second) < 2 or (second[1] != "on" and self._lexicon.exact(first) is not None):
            return texts
        named = " ".join([*first, *second[1:]])
        return [named, texts[1]] if all(map(self._only_one_called, (named, " ".join(second)))) else texts

    def _numbered(self, sides: list[Side]) -> list[Side]:
        """The sides with the field of a number that only one of them names: "batches above 256 and those below 32"."""
        told = [_number_fields(side.expr) for side in sides]
        for place, side in enumerate(sides):
            said, fields = _NUMBER.match(f"{side.text.strip()}{self._bound(side, sides[1 - place])}"), told[1 - place]
            if said and not told[place] and len(fields) == 1:
                sides[place] = Side(side.text, self._plain(f"{fields.pop().replace('_', ' ')} {said['number']}").expr)
        return sides

    def _bound(self, side: Side, other: Side) -> str:
        """The number of the other side, where one only compares: "lr above 1e-3 versus below"."""
        numbers = [leaf.value for leaf, _ in leaves(other.expr) if isinstance(leaf, Filter) and is_number(leaf.value)]
        said = _BOUND.fullmatch(side.text.strip())
        than = " than" if said and said["bare"] else ""
        return f"{than} {numbers[0]}" if len(numbers) == 1 and said else ""

    def _siblings(self, sides: list[Side]) -> list[Side]:
        """A side that refers to a namesake of the model on the other: "offline/iql and the finetuning one"."""
        for place, side in enumerate(sides):
            named = sides[1 - place].expr
            if not (isinstance(named, Filter) and named.field == "id") or not (side.refers() and self._untold(side)):
                continue
            own, _, stem = str(named.value).rpartition("/")
            said = {form for word in tokens.words(side.text) for form in forms(word)} - english().dropped
            ids = [name for name in columns_of(self._reader).ids if name.endswith(f"/{stem}") and name != named.value]
            told = [name for name in ids if any({*forms(word)} & said for word in _apart_from(name, own))]
            if len(told) == 1:
                sides[place] = Side(side.text, Filter("id", ":", told[0]))
        return sides

    def _untold(self, side: Side) -> bool:
        """Whether a side is free text and no name of one kind of a family."""
        return side.fields() <= {"text", "phrase"} and not side.named

    def _side(self, text: str) -> Side:
        name = self._called(text)
        read = Filter("id", ":", name) if name else self._plain(text).expr
        if any(isinstance(leaf, Text) for leaf, _ in leaves(read)):
            only = self._only_one_called(text)
            read = Filter("id", ":", only) if only else self._folder(text) or self._named_alone(text) or read
        return Side(text, read, self._lexicon.is_narrower(read))

    def _folder(self, text: str) -> Filter | None:
        """The folder that one side names in two words or more: "first edition" for `first_edition/`."""
        said = re.sub(r"^the\s+", "", text.strip(), flags=re.IGNORECASE)
        keys = {fold(said), fold(said.partition(" of ")[0])}
        parts = {part for name in columns_of(self._reader).ids for part in name.split("/")[:-1]}
        found = [part for part in parts if " " in said and fold(part) in keys]
        return Filter("path", ":", f"/{found[0]}/") if len(found) == 1 else None

    def _without_field(self, text: str) -> str:
        """A side without what is compared of it: "the batch sizes of GANs", "samples of v1"."""
        text = _PICTURES.sub("", text)
        said = re.sub(r"^the\s+", "", text.strip(), flags=re.IGNORECASE).split()
        found = self._lexicon.exact(said)
        field = found is not None and found.sense.kind in ("field", "setting")
        rest = said[found.length :] if found and field else []
        return " ".join(rest[1:]) if rest[:1] in (["of"], ["in"], ["for"]) and rest[1:] else text

    def _named_alone(self, text: str) -> Expr | None:
        """What a side means that is one name and nothing more, though it is a word of English too: "reinforce"."""
        words = text.split()
        found = self._lexicon.exact(words)
        if found is None or found.length < len(words) or not found.sense.weak or found.sense.kind == "setting":
            return None
        sense = found.sense
        return self._plain(sense.value if sense.kind == "concept" else f'{sense.field}:"{sense.value}"').expr

    def _called(self, text: str) -> str | None:
        """The model that one side names."""
        said = text.strip(" ?.\"'")
        return None if said in self._lexicon.families else self._exact(said)

    def _only_one_in(self, folder: str) -> str | None:
        """The one model of a folder by this name: "gcn" for `gcn/main`."""
        ids = [name for name in columns_of(self._reader).ids if name.split("/")[-2:-1] == [folder]]
        return ids[0] if len(ids) == 1 else None

    def _only_one_called(self, text: str) -> str | None:
        """The one model in whose id all words of a text stand: "offline CQL", "noisy net"."""
        said = [set(forms(word)) for word in tokens.words(text) if word not in english().dropped]
        parts = {name: {*tokens.words(name), *tokens.parts(name)} for name in columns_of(self._reader).ids}
        found = [name for name, held in parts.items() if said and all(word & held for word in said)]
        return found[0] if len(found) == 1 else None

    def _versus(self, first: Side, second: Side) -> Query:
        first, second = self._variants(*self._both_kinds(first, second))
        one, other = first.completed(second, trailing=True), second.completed(first)
        if set(_parts(one)) == set(_parts(other)) and all(
            isinstance(leaf, Filter) and leaf.op == "has" for leaf in _parts(one)
        ):
            return Query(one)  # "batch size relative to learning rate"
        ids = [side for side in (one, other) if isinstance(side, Filter) and side.field == "id"]
        if len(ids) == 2:
            return Query(either(ids), intent="compare")
        if ids:  # "Rainbow versus the categorical DQNs", of which it is one
            one, other = (side if side is ids[0] else both([side, negate(ids[0])]) for side in (one, other))
        return versus([Query(self._apart(one, other)), Query(self._apart(other, one))])

    def _apart(self, side: Expr | None, other: Expr | None) -> Expr | None:
        """A family without that member of it which it is compared with: "WGAN versus WGAN-GP", "RNNs and LSTMs"."""
        members = [leaf for leaf in _families(other) for own in _families(side) if self._holds(own, leaf)]
        mine, theirs = _parts(side), _parts(other)
        more = [part for part in theirs if part not in mine] if set(mine) < set(theirs) else []
        return both([side, *map(negate, [*members, *(part for part in more if part not in members)])])

    def _holds(self, family: Filter, member: Filter) -> bool:
        """Whether a family holds another one: by the vocabulary, or because every model here of that is of both."""
        if str(family.value) in self._lexicon.vocabulary.parents("architecture", str(member.value)):
            return True
        columns = columns_of(self._reader)
        of = [
            columns.column("architecture").where(
                len(columns.ids), names_meant("architecture", str(leaf.value), self._lexicon.vocabulary)
            )
            for leaf in (family, member)
        ]
        return bool(of[1].any() and of[0][of[1]].all() and not of[1][of[0]].all())

    def _both_kinds(self, first: Side, second: Side) -> tuple[Side, Side]:
        """A name that is both a family's and a model's is a family's beside another one: "WGAN versus WGAN-GP"."""
        sides = (first, second)
        if sum(side.fields() == {"id"} for side in sides) != 1:
            return sides
        plain = [Side(side.text, self._plain(side.text).expr) for side in sides]
        one, other = plain[0].fields(), plain[1].fields()
        if "text" not in one | other and (one <= other or other <= one):
            return plain[0], plain[1]
        return self._beside(sides[0], sides[1]), self._beside(sides[1], sides[0])

    def _beside(self, side: Side, other: Side) -> Side:
        """A family by whose name a model stands beside the one of the other side, as that model: "wgan_gp and wgan_div"
        in one repository."""
        leaf, named = side.expr, other.expr
        if not (isinstance(leaf, Filter) and leaf.field == "architecture" and isinstance(named, Filter)):
            return side
        if named.field != "id" or _is_plural(side.text, str(leaf.value)):
            return side
        found = self._stands_beside(str(leaf.value), [str(named.value)])
        return Side(side.text, Filter("id", ":", found)) if found else side

    def _stands_beside(self, called: str, names: Sequence[str | None]) -> str | None:
        """The one model in the root of a named one whose file, or else whose folder, is called so."""
        root = next(name for name in names if name).partition("/")[0]
        ids = [name for name in columns_of(self._reader).ids if name.startswith(f"{root}/")]
        for part in (-1, -2):
            found = [name for name in ids if fold(called) in (fold(said := name.split("/")[part]), fold(title(said)))]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _variants(self, first: Side, second: Side) -> tuple[Side, Side]:
        """Two variants that are told apart by the value of one setting: "the H and the B variant"."""
        names = [side.variant() for side in (first, second)]
        one, other = map(str, names)
        fields = columns_of(self._reader).settings_that_are(one, other) if all(names) else ()
        return (first.being(fields[0], one), second.being(fields[0], other)) if fields else (first, second)


def _of_words(sentence: Sentence, sides: Sequence[Side]) -> bool:
    """Whether one side only tells what is done with the other: "compare two digits with shared weights"."""
    phrases = ["phrase" in side.fields() <= {"phrase", "text"} for side in sides]
    beside = " with " not in sentence.text and any(side.fields() == {"architecture"} for side in sides)
    return not said_versus(sentence.text) and any(phrases) and not beside and not sides[0].is_of_kind(sides[1])


_REST = re.compile(
    r"(?=.*(?:not|n't|nt|without|w/o)\b)(?:the |those |these )?"
    r"(?:(?:ones?|scripts|models|runs|agents|networks|notebooks) ?)?"
    r"(?:that |which |who )?(?:without|w/o|(?:do|does|did|are|is|were|was|have|has)(?:n't|nt| not))"
    r"(?: (?:use|have|on|with|in|using))?(?: it| one| any| them)?$"
    r"|(?:all |everything |anything |every )?(?:of )?(?:the )?"
    r"(?:rest|others?|else|remaining|other (?:ones|scripts|models|agents|notebooks))(?: of them)?$",
    re.IGNORECASE,
)
"""A side that is what the first one is not: "those that don't", "the rest", "without"."""


_NUMBER = re.compile(
    r"(?:(?:the |those |these )?(?:ones?|scripts|models|runs|agents|networks|notebooks)?|those|these)\s*"
    r"(?:(?:that|which|who) )?(?:(?:with|of|at|using|are|is|have|has|train\w*(?: for)?|for) )?"
    r"(?P<number>(?:(?:above|over|below|under|beyond|exceeding|(?:more|less|fewer|larger|smaller|higher|lower|longer"
    r"|shorter|bigger|greater) than|at (?:least|most)|up to|exactly|only|just|[<>]=?) )?\.?\d[\w.,-]*"
    r"(?: or (?:more|less|fewer|higher|lower|larger|smaller))?)$",
    re.IGNORECASE,
)
"""A side that is only a number: "those below 32", "the ones with 64 or more"."""


_BOUND = re.compile(
    r"(?:(?:the ones?|those|these) )?(?:(?:with )?(?:less|more|fewer|higher|lower|larger|smaller|longer|shorter) than"
    r"|(?P<bare>less|more|fewer)|above|over|below|under|at (?:least|most)|up to)(?: (?:it|that))?",
    re.IGNORECASE,
)
"""A side that only compares, with a number that the other one has."""


def _apart_from(name: str, folder: str) -> set[str]:
    """The words of a model's folders that another folder's path has not."""
    return {*tokens.words(name.rpartition("/")[0])} - {*tokens.words(folder)}


def _number_fields(expr: Expr | None) -> set[str]:
    """The fields of which an expression demands a number."""
    found = [leaf for leaf, _ in leaves(expr) if isinstance(leaf, Filter)]
    return {leaf.field for leaf in found if is_number(leaf.value)}


_PICTURES = re.compile(
    r"^\s*(?:the\s+)?(?:samples|images|pictures|reconstructions|results)\s+(?:of|from|by)\s+", re.IGNORECASE
)


def _parts(expr: Expr | None) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, And) else (expr,) if expr else ()


def _is_plural(text: str, name: str) -> bool:
    """Whether a side speaks of several: the "conditional GANs" that are a family, whatever a file is called."""
    return text.rstrip().casefold().endswith("s") and not name.casefold().endswith("s")


def _families(expr: Expr | None) -> list[Filter]:
    """The families that an expression demands, by name."""
    found = [leaf for leaf, negated in leaves(expr) if isinstance(leaf, Filter) and not negated]
    return [leaf for leaf in found if leaf.field == "architecture" and leaf.op == ":"]
