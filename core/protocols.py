"""What core asks of neural networks. `models` implements these; `tui` wires them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Multiplier(Protocol):
    """The exact products of a vector, whose components are from -63 to 63, with the columns of a matrix."""

    def __call__(self, vector: NDArray[np.int8], /) -> NDArray[np.int32]: ...


class TextEmbedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are."""

    @property
    def name(self) -> str:
        """Identifies weights and precision; a catalogue made with another name is embedded again."""

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimensions), each of unit length."""

    def remember(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for texts that ship with ModelSearch, whose vectors may be kept from one run to the next."""

    def multiplier(self, matrix: NDArray[np.int8]) -> Multiplier:
        """Made once for a matrix of shape (dimensions, columns): what runs networks is fast at bytes, numpy is not."""


class Writer(Protocol):
    """A language model that writes a short text. It never supplies a fact."""

    @property
    def name(self) -> str: ...

    def write(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 200,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Pieces of text as they are written; ends early once `stop()` is true. `grammar` is GBNF."""
