"""Telling ids from questions among the words of a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import UnknownModel
from tui.cli.printing import note

if TYPE_CHECKING:
    from core.library import Library


class NoIds(UnknownModel):
    """A command that takes ids got words that are none; the text offers to ask them instead. Exit code 1."""

    def __init__(self, command: str, takes: str, words: Sequence[str]) -> None:
        super().__init__(" ".join(words))
        self.args = (
            f"{command} takes {takes}, and {' '.join(words)!r} is none; "
            f"to ask it as a question: modelsearch -- {command} {' '.join(words)}",
        )


def one_id(library: Library, words: Sequence[str]) -> str:
    """The id that the words are, as one text. Raises NoIds for a sentence, UnknownModel, AmbiguousModel."""
    try:
        return library.resolve(" ".join(words))
    except UnknownModel as error:
        if len(words) > 1:
            raise NoIds("show", "the id of one model", words) from None
        raise _offer(error, "show", words) from None


def two_ids(library: Library, words: Sequence[str]) -> tuple[str, str]:
    """The ids that two words are. Raises NoIds for a sentence, UnknownModel, AmbiguousModel."""
    if len(words) != 2:
        raise NoIds("diff", "the ids of two models", words)
    try:
        return library.resolve(words[0]), library.resolve(words[1])
    except UnknownModel as error:
        raise _offer(error, "diff", words) from None


def _offer(error: UnknownModel, command: str, words: Sequence[str]) -> UnknownModel:
    """The same error with the way to ask the words as a question."""
    error.args = (f"{error}; to ask it as a question: modelsearch -- {command} {' '.join(words)}",)
    return error


def ids_or_question(library: Library, words: Sequence[str]) -> tuple[list[str], str]:
    """The ids that the whole line or each word is; else no ids and the question, which is said on stderr.

    Only exact ids and unambiguous tails count: a fuzzy piece of an id may well be a word of a question.
    """
    text = " ".join(words)
    if whole := library.exact(text):
        return [whole], ""
    found = [library.exact(word) for word in words]
    if found and all(found):
        return list(dict.fromkeys(id for id in found if id)), ""
    note(f"read as a question: {text}")
    return [], text
