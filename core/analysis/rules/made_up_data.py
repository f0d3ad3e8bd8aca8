"""Data that no one gave: made by a generator, or drawn at random."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.analysis.facts import Fact
from core.analysis.program import Call, Made, Program, Resolved
from core.analysis.rules.kinds import plain

SYNTHETIC = frozenset({
    "FakeData", "make_blobs", "make_moons", "make_circles", "make_classification", "make_regression",
    "make_swiss_roll", "make_s_curve", "make_friedman1", "make_gaussian_quantiles", "make_multilabel_classification",
})  # fmt: skip


def made_up(program: Program) -> Iterator[Fact]:
    """Data that a generator makes, or that is drawn at random."""
    made = next((c for c in program.named(*SYNTHETIC) if "sklearn" in c.dotted or c.name == "FakeData"), None)
    if made is not None:
        yield Fact("datasets", None, made.place, f"synthetic, made by {made.name}")
        return
    given = (call.positional[0] for call in program.named(*_TAKING) if call.target is None and call.positional)
    drawn = next((found for value in given if (found := _drawn(value)) is not None), None)
    if drawn is not None:
        yield Fact("datasets", None, drawn.place, f"synthetic, drawn by {drawn.name}")


_TAKING = ("TensorDataset", "from_tensor_slices", "fit")
"""Calls of libraries whose first argument is data."""
_RANDOM = re.compile(r"(torch\.(rand|randn|randint|normal)|(numpy|tensorflow|jax)\.random\.\w+)$")


def _drawn(value: Resolved, depth: int = 4) -> Call | None:
    """The call that drew a value at random, whatever was done with it afterwards; None where none did."""
    call = value.value.call if isinstance(value.value, Made) else None
    if call is not None and _RANDOM.match(plain(call.dotted)):
        return call
    before = [*call.positional[:1], *([call.receiver] if call.receiver else [])] if call is not None else value.parts
    found = (_drawn(each, depth - 1) for each in before) if depth else ()
    return next((each for each in found if each is not None), None)
