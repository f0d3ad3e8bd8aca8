"""What is being walked: a function call, class body or module; and how far a walk goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.analysis.program import Function, Instance, Loop, Resolved, Scope

LARGEST_WALK = 80_000
"""Expressions evaluated for one program: half a second. What lies beyond is not followed, and a warning says so."""
MOST_MODULES = 400
UNROLLED = 48
"""Items of a known list, or turns of a known range while a model is built, that are followed one by one."""
MOST_ENTRIES = 300
"""Entries of settings that are kept as attributes one by one."""
MOST_TURNS = 600
"""Turns of loops within one another that are followed one by one."""
DEEPEST_CALL = 24
MANY = 5
"""Names among which a run must be told to choose: what each would make is not what the source says it makes."""


class Exhausted(Exception):
    """The walk is longer than `LARGEST_WALK`."""


@dataclass(slots=True, eq=False)
class Frame:
    """One function call, class body or module being walked."""

    scope: Scope
    function: Function | None = None
    owner: Instance | None = None
    loop: Loop | None = None
    outer_loop: Loop | None = None
    """The loop that the frame was entered in."""
    maybe: bool = False
    building: bool = False
    """Whether an object is being built, whose lists of layers matter one by one."""
    returned: list[Resolved] = field(default_factory=list)
    global_names: frozenset[str] = frozenset()
    depth: int = 0
    replaced: dict[str, bool] = field(default_factory=dict)
    """Attributes and entries that each way of a branching sets anew, and whether a way has set them by now."""
