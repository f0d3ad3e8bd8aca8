"""The errors a user can cause. Each one's text is one clear line, fit to be printed as it is."""

from __future__ import annotations

from collections.abc import Sequence


class ModelSearchError(Exception):
    """Base of every error whose text may be shown to the user; exit code 2."""

    exit_code = 2


class BadInput(ModelSearchError):
    """A path, option, question or file that cannot be used as given."""


class UnknownModel(ModelSearchError):
    """No model answers to this id; exit code 1."""

    exit_code = 1

    def __init__(self, text: str, nearest: Sequence[str] = ()) -> None:
        self.text, self.nearest = text, tuple(nearest)
        hint = f"; did you mean {', '.join(self.nearest)}?" if self.nearest else ""
        super().__init__(f"no model is called {text!r}{hint}")


class AmbiguousModel(ModelSearchError):
    """Several models answer to this id; exit code 2, the candidates listed."""

    def __init__(self, text: str, candidates: Sequence[str]) -> None:
        self.text, self.candidates = text, tuple(candidates)
        super().__init__(f"{text!r} could be any of: {', '.join(self.candidates)}")


class CatalogBusy(ModelSearchError):
    """Another process is writing this catalogue."""


class CatalogDamaged(ModelSearchError):
    """The catalogue cannot be read; the text says how to rebuild it."""
