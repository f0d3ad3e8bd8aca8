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
    if view.kinds["factory"] or not any(
        view.kinds[kind] for kind in ("lstm", "gru", "rnn", "attention", "transformer")
    ):
        return
    found = first(view, _draws_on)
    if found is not None and _is_of_signals(view) and not acts(view):
        yield Evidence("Autoregressive", found[0].place(found[1]), "each element that is drawn is fed back")


def _draws_on(body: Body) -> ast.AST | None:
    """In a loop of a network's method: a name is given what was drawn, and is read to compute what is drawn next."""
    if body.cls is None:
        return None
    for loop in body.of(ast.For, ast.While):
        for line in below(loop, ast.Assign):
            if has_call(line.value, DRAWING) and _is_read(loop, last_name(line.targets[0]), line):
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
