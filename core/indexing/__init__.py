"""The way in: scan -> analyse -> link -> store -> embed, with progress."""

from __future__ import annotations

from core.indexing.run import forget, index

__all__ = ["forget", "index"]
