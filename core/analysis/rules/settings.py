"""Every option and upper-case constant, as a fact of its own."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.facts import Fact, Value
from core.analysis.program import UNKNOWN, ListValue, Program, Resolved

LONGEST_LIST = 12
LONGEST_TEXT = 200


def settings(program: Program) -> Iterator[Fact]:
    """`settings.NAME` for command-line options, configuration entries, dataclass fields and module constants."""
    seen: set[str] = set()
    for option in sorted(program.options, key=lambda option: option.kind == "constant"):
        known, value = _value(option.value)
        if (
            known
            and option.name not in seen
            and option.name.replace("_", "").replace("-", "").replace(".", "").isalnum()
        ):
            seen.add(option.name)
            yield Fact(f"settings.{option.name}", value, option.value.place, option.value.how or option.kind)


def _value(value: Resolved) -> tuple[bool, Value]:
    """Whether it is a plain value short enough to show, and that value. None is no value: nothing is set."""
    inner = value.value
    if inner is UNKNOWN or inner is None:
        return False, None
    if isinstance(inner, str):
        return len(inner) <= LONGEST_TEXT, inner
    if isinstance(inner, (int, float)):
        return True, inner
    if isinstance(inner, ListValue) and 0 < len(inner.items) <= LONGEST_LIST:
        items = [_value(item) for item in inner.items]
        return all(known for known, _ in items), tuple(item for _, item in items)
    return False, None
