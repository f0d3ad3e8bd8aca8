"""Families shown by how a network's output is drawn."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core import vocabulary
from core.analysis.nodes import below
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.asking import Evidence, acts, first, has_call
from core.analysis.rules.view import View

DRAWING = frozenset({"multinomial", "categorical", "Categorical", "OneHotCategorical"})


def fed_back(view: View) -> Iterator[Evidence]:
    """Autoregressive: a network over pictures or sounds draws one element after the other, each fed back for the next.

    Text that is written word by word is a language model's and not accepted, nor are captions and an agent's actions.
    """
    if view.kinds["factory"] or acts(view):
        return
    remembers = any(view.kinds[kind] for kind in ("lstm", "gru", "rnn", "attention", "transformer", "conv"))
    found = first(view, _fills_pictures) or (first(view, _draws_on) if remembers and _is_of_signals(view) else None)
    if found is not None:
        yield Evidence("Autoregressive", found[0].place(found[1]), "each element that is drawn is fed back")


def _fills_pictures(body: Body) -> ast.AST | None:
    """`for i ...: for j ...: out = net(picture); picture[:, :, i, j] = draw(out)`: pixel by pixel, each made of those
    before."""
    for outer in body.of(ast.For):
        for inner in below(outer, ast.For):
            indices = {last_name(outer.target), last_name(inner.target)}
            for line in below(inner, ast.Assign) if inner is not outer and len(indices) == 2 else ():
                target = line.targets[0]
                places = below(target.slice, ast.Name) if isinstance(target, ast.Subscript) else []
                at = indices <= {name.id for name in places}
                if at and _is_read(inner, last_name(target), line) and not _is_of_itself(line):
                    return line
    return None


def _is_of_itself(line: ast.Assign) -> bool:
    """`table[i, j] = table[i - 1, j] + 1`: what is computed from its neighbours, not by a network."""
    target = last_name(line.targets[0])
    return any(last_name(each) == target for each in below(line.value, ast.Subscript))


def _draws_on(body: Body) -> ast.AST | None:
    """In a loop of a network's method: a name is given what was drawn, and is read to compute what is drawn next."""
    if body.cls is None:
        return None
    for loop in body.of(ast.For, ast.While):
        drawn = {last_name(line.targets[0]) for line in below(loop, ast.Assign) if has_call(line.value, DRAWING)}
        for line in below(loop, ast.Assign):
            placed = isinstance(line.targets[0], ast.Subscript) and last_name(line.value) in drawn
            if (placed or has_call(line.value, DRAWING)) and _is_read(loop, last_name(line.targets[0]), line):
                return line
    return None


def _is_read(loop: ast.AST, name: str, line: ast.Assign) -> bool:
    """Whether a call in the loop that comes before the drawing takes the name."""
    calls = [call for call in below(loop, ast.Call) if call.lineno <= line.lineno]
    given = [value for call in calls for value in (*call.args, *(word.value for word in call.keywords))]
    return bool(name) and any(inner.id == name for value in given for inner in below(value, ast.Name))


def _is_of_signals(view: View) -> bool:
    """Whether the known data are all pictures or sounds."""
    from core.analysis.rules.datasets import datasets

    words = vocabulary.load()
    holds = {name: kind for kind, names in words.table("datasets", "holds").items() for name in names}
    known = [str(fact.value) for fact in view.program.ask(datasets) if fact.value is not None]
    named = [name for name in known if words.canonical("datasets", name) is not None]
    return bool(named) and all(holds.get(name, "image") in ("image", "audio") for name in named)
