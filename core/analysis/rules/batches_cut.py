"""Batches that no loader makes: what each turn of training draws at random, or cuts off the data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.facts import Fact
from core.analysis.nodes import below, is_operation, walk
from core.analysis.program import Call, ListValue, Loop, Made, Program, Resolved, each_in
from core.analysis.rules.bodies import code_of, last_name
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.loops import training_loops

_MADE = dict.fromkeys(("make_moons", "make_circles", "make_swiss_roll", "make_s_curve"), ("n_samples", 0))
"""Calls that make as many points as they are told."""
_DRAWS = {"randint": ("size", 2), "integers": ("size", 2), "choice": ("size", 1), "sample": ("k", 1), **_MADE}
_DRAWS_OF_JAX = {"randint": ("shape", 1), "choice": ("shape", 2)}
"""Calls that draw at random, with where they are told how many; JAX's are given a key first."""


def drawn(program: Program) -> Iterator[Fact]:
    """How many places of the data each turn of training draws: `at = randint(0, len(x), 16)`, then `x[at]`."""
    trained = {id(loop) for loop in training_loops(program)}
    for call in program.named(*_DRAWS):
        told_at = _DRAWS_OF_JAX if call.dotted.startswith("jax.random.") else _DRAWS
        size = call.argument(*told_at.get(call.name, ("size", None)))
        size = size if size is not None else next((v for v in call.positional if isinstance(v.value, ListValue)), None)
        told = next(iter(each_in(size)), None)
        count = told.integer if told is not None else None
        if told is not None and count and count > 1 and id(call.loop) in trained and _picks(call):
            yield Fact("batch_size", count, told.place, told.how)


def cut_off(program: Program) -> Iterator[Fact]:
    """How long the pieces are that training takes one after the other: `for i in range(0, len(x), 64): x[i : i + 64]`,
    also `for start, end in zip(range(0, n, 64), range(64, n, 64))`; or that a generator gives to training."""
    trained = training_loops(program)
    for loop in (*trained, *_giving_out(program, trained)):
        over = loop.over.value if loop.over is not None else None
        for made in (over, *(value.value for value in over.call.positional)) if isinstance(over, Made) else ():
            size = _split_into(made) or (_stride(made) if _cuts(loop) else None)
            if size is not None and size.integer and size.integer > 1 and not _WINDOW.search(size.name.lower()):
                yield Fact("batch_size", size.integer, size.place, size.how)


def _stride(made: object) -> Resolved | None:
    """The step of `range(0, len(x), 64)`."""
    counted = isinstance(made, Made) and made.call.name in ("range", "arange") and len(made.call.positional) == 3
    return made.call.positional[2] if isinstance(made, Made) and counted else None


def _split_into(made: object) -> Resolved | None:
    """How long the parts are of `order.split(64)`, `torch.split(x, 64)`, along the first axis; other libraries are
    told how many parts there are."""
    if not isinstance(made, Made) or made.call.name != "split" or not made.call.dotted.startswith("torch."):
        return None
    function = made.call.dotted == "torch.split"
    axis = made.call.argument("dim", 1 + function)
    size = made.call.argument("split_size_or_sections" if function else "split_size", int(function))
    return size if axis is None or axis.value == 0 else None


def _cuts(loop: Loop) -> bool:
    """Whether what a loop counts is where pieces begin."""
    slices = ((node, node.slice) for node in below(loop.node, ast.Subscript))
    starts = {
        getattr(part.lower, "id", "")
        for node, part in slices
        if isinstance(part, ast.Slice) and isinstance(node.ctx, ast.Load)
    }
    return not starts.isdisjoint(loop.targets) and not _goes_on(loop)


def _goes_on(loop: Loop) -> bool:
    """Whether pieces are taken one place on, too, as of one long sequence: `x[i : i + 35]`, `x[i + 1 : i + 36]`."""
    lows = (node.slice.lower for node in below(loop.node, ast.Subscript) if isinstance(node.slice, ast.Slice))
    sums = (low for low in lows if is_operation(low, ast.Add) and is_constant(low.right, 1))
    return any(getattr(low.left, "id", "") in loop.targets for low in sums)


_WINDOW = re.compile(r"seq|length|window|bptt|context|block|num_steps|time")
"""How long a piece is called that one sequence is cut into."""


def _giving_out(program: Program, trained: list[Loop]) -> list[Loop]:
    """The loops that give out what loops of training go over: `yield x[i : i + 64]` in `for x in batches(data)`."""
    heads = [loop.node.iter for loop in trained if not isinstance(loop.node, ast.While)]
    asked = {last_name(node.func) for head in heads for node in walk(head) if isinstance(node, ast.Call)}
    inner = (loop for loop in program.loops if loop.within is not None and loop.within.name in asked)
    return [loop for loop in inner if below(loop.node, ast.Yield)]


def _picks(call: Call) -> bool:
    """Whether what a library's call draws is, or becomes, what data are taken by; `x.at[i].set(1)` only writes."""
    if call.dotted == "random.sample" or call.name in _MADE:
        return True
    home = code_of(call.home)
    read = (node for node in home.of(ast.Subscript) if isinstance(node.ctx, ast.Load))
    taken = (node.slice for node in read if getattr(node.value, "attr", "") != "at")
    return call.target is None and any(
        node is call.node or (call.bound and getattr(node, "id", "") == call.bound)
        for part in taken
        for node in walk(part)
    )
