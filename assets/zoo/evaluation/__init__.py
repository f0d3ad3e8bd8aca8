"""How the numbers of `RESULTS.md` are measured: a file for each kind of study.

A measure is a function of a study's folder, and of what its entry in `studies.toml` says beside the common keys. It
gives the number, or the number and a text to compare it with.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMON = {"name", "better", "measure", "compare"}


def measure(folder: Path, number: Mapping[str, Any]) -> tuple[float, str]:
    """The number of an entry `{name, better, measure = "FILE.FUNCTION", compare, ...}` and what to compare it with."""
    module, function = number["measure"].split(".")
    options = {name: value for name, value in number.items() if name not in COMMON}
    found = getattr(importlib.import_module(f"{__name__}.{module}"), function)(folder, **options)
    value, compare = found if isinstance(found, tuple) else (found, "")
    return round(float(value), 6), number.get("compare", compare)
