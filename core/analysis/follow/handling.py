"""What stands in for the callables of libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.analysis.program import Call, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

Handler = Callable[["Machine", Call], Resolved | None]
"""What a call of a library's callable gives; None where nothing is known of it."""
