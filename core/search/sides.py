"""One side of a comparison, and how two sides complete each other: "MNIST and CIFAR-10 VAEs", "the one in Flax"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeGuard

from core.search.english import english
from core.search.query import And, Expr, Filter, Text, both, leaves, negate


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison as it was read by itself."""

    text: str
    expr: Expr | None
    named: bool = False
    """Whether it is the name of one kind of a family: "double DQN"."""

    def fields(self) -> set[str]:
        return _fields(self.expr)

    def asks(self) -> bool:
        """Whether anything is asked for, and not in words alone that ask for nothing: "compare against GANs"."""
        words = self.expr.words.casefold().split() if isinstance(self.expr, Text) else ()
        return self.expr is not None and (not words or any(word not in english().generic for word in words))

    def likeness(self, other: Side) -> float:
        """How well two sides fit each other: the fields that both name, less what only one does."""
        mine, theirs = self.fields(), other.fields()
        return len(mine & theirs) - 0.5 * len(mine ^ theirs) - 2 * ("text" in mine | theirs)

    def is_of_kind(self, other: Side) -> bool:
        """Whether phrases say that both sides are of one kind: "the WAE with X and the WAE with Y"."""
        return "phrase" in self.fields() and ("phrase" in other.fields() or _TWO.search(self.text) is not None)

    def refers(self) -> bool:
        """Whether a side speaks of one that the other side names: "the fine-tuned one"."""
        return _REFERS.search(self.text) is not None or "version" in self.text.casefold()

    def variant(self) -> str | None:
        """The one word of its own by which a variant is called, where it is."""
        words = [word for leaf, _ in leaves(self.expr) if _is_free(leaf) for word in leaf.words.split()]
        own = [word for word in words if word.casefold() not in english().generic]
        return own[0] if len(own) == 1 else None

    def parts(self) -> tuple[Expr | None, ...]:
        """What this side demands, one by one."""
        return self.expr.args if isinstance(self.expr, And) else (self.expr,)

    def turned(self) -> Expr | None:
        """What this side leaves out: its last condition refused, a kind of model only where nothing else is said."""
        parts = self.parts()
        told = [part for part in parts if not _fields(part) <= {"architecture", "task"}]
        refused = (told or parts)[-1]
        return both([*(part for part in parts if part is not refused), negate(refused)])

    def being(self, field: str, value: str) -> Side:
        """This side with its own word read as the value of a setting."""
        kept = [part for part in self.parts() if not _is_free(part)]
        return Side(self.text, both([*kept, Filter(field, ":", value)]))

    def _shared(self, other: Side) -> list[Expr]:
        """What stands behind the second side and is said of both: "LSTMs and GRUs on IMDb", "lstm vs gru imdb"."""
        mine, parts = self.fields(), other.parts()
        terse = len(mine) == 1 and _fields(parts[0]) == mine  # behind the same kind of name
        if _ON.search(self.text) or not (terse or _ON.search(other.text)):
            return []
        lent = _SHARED | {"text"} if _SUBJECT.search(other.text) else _SHARED
        if not mine < other.fields():
            lent = _WHERE if mine == {"text"} and not self.named else set()
        lent = lent - mine
        return [part for part in other.parts() if part and _fields(part) <= lent]

    def completed(self, other: Side, trailing: bool = False) -> Expr | None:
        """This side and what it leaves to the other: "the one in Flax", "MNIST and CIFAR-10 VAEs"."""
        mine = self.fields()
        adjective = mine <= {"framework"} and not _NOUN.search(self.text)  # "the JAX and the PyTorch VAEs on MNIST"
        if trailing and not adjective and (lent := self._shared(other)):
            return both([*lent, self.expr])
        refers = _REFERS.search(self.text)
        variant = re.search(r"\b(?:variants?|versions?)\b", self.text, re.IGNORECASE)
        if trailing and mine == {"framework"} < other.fields() and adjective:
            return both([*(part for part in other.parts() if _fields(part) != mine), self.expr])
        if trailing and mine == other.fields() == {"architecture"} and _ADJECTIVE.search(self.text):
            return both([*(part for part in other.parts() if isinstance(part, Filter)), self.expr])
        if trailing and mine < other.fields() and _ADJECTIVE.search(self.text):
            return both([*self._left_to(other), self.expr])
        if _POSSESSED.search(self.text) and not mine & {"root", "path"}:
            return both([self.expr, *(part for part in other.parts() if _fields(part) <= {"root", "path"})])
        named = variant or not (_NOUN.search(self.text) or mine & {"architecture", "id", "text"})
        placed = mine & {"root", "path"}
        headless = len(mine) == 1 and named and (not placed or bool(mine & other.fields()))
        headless = headless and other.fields() not in _PLACES  # "layer norm vs batch norm", a folder's name
        headless = headless and not (mine == {"phrase"} and other.fields() == {"architecture"})  # "beta VAE and WAE"
        headless = headless or (
            mine == {"text"} and not self.named and len(self.text.split()) == 1 and "architecture" in other.fields()
        )
        headless = headless or (mine == {"text"} and _TWO.search(other.text) is not None)
        if other.expr is None or not (refers or headless) or ("architecture" in mine and not refers):
            return self.expr
        return both([*self._left_to(other), self.expr])

    def _left_to(self, other: Side) -> list[Expr]:
        """What the other side says of fields that this one does not name."""
        own = self.fields() | {"id"} | (set() if _REFERS.search(self.text) else {"text"})
        return [part for part in other.parts() if part and not (_fields(part) & own)]


_PLACES = ({"path"}, {"root"})
"""What only says where a side lies, and nothing that the other one could be meant to share."""
_TWO = re.compile(r"\b(?:the two|both)\b", re.IGNORECASE)
"""What says that both sides are of one kind: "the two VAEs with small and large codes"."""
_POSSESSED = re.compile(r"^(?:its|their|his|her)\s", re.IGNORECASE)
"""A side that belongs to the place of the other one: "the flows in this folder and its VAEs"."""
_REFERS = re.compile(r"\b(the )?(ones?|that|those|counterparts?|equivalents?)\b(?!-)", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:models?|scripts?|experiments?|runs?|notebooks?|networks?|agents?|trainings?)\b", re.IGNORECASE
)


_ADJECTIVE = re.compile(r"(?:al|ed|ive|ent|ic)$", re.IGNORECASE)
"""An adjective that is the end of a side: its noun is the other side's, "convolutional and recurrent notebooks"."""
_ON = re.compile(r"\b(?:on|for|in|that|which)\s", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:on|for)\s", re.IGNORECASE)
"""What stands before that which both sides are about, in whatever words: "the LSTM and the CNN for web traffic"."""
_WHERE = {"datasets", "environment"}
"""What two sides have in common though one is said in words alone: "one-hot vectors versus word embeddings on IMDb"."""
_SHARED = {"datasets", "environment", "task", "framework", "root", "path", "phrase", "kind"}


def _is_free(leaf: object) -> TypeGuard[Text]:
    """Whether a condition is free text, which only ranks."""
    return isinstance(leaf, Text) and not leaf.phrase


def _fields(part: Expr | None) -> set[str]:
    """All that a part is on."""
    return {_field(leaf) for leaf, _ in leaves(part)}


def _field(leaf: object) -> str:
    """What a condition is on; a phrase that must stand there is no free text."""
    if isinstance(leaf, Filter):
        return leaf.field
    return "text" if _is_free(leaf) else "phrase"
