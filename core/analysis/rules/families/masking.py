"""Signs of transformers that guess masked words: what is masked, and of which kind each word is."""

from __future__ import annotations

import ast
import re

from core.analysis.facts import Place
from core.analysis.rules.bodies import FORWARDS, Body, last_name
from core.analysis.rules.view import View


def guesses_masked(view: View) -> Place | None:
    """Where two things are named for tokens that are masked: which they are, and where they stand."""
    for body in (body for body in view.bodies if body.calls):
        if sum(map(bool, map(_MASKED.search, {*body.assigned, *body.parameters}))) >= 2:
            return body.place(next(iter(body.calls.values()))[0])
    return None


def tells_kinds(body: Body) -> ast.AST | None:
    """`words(x) + position_embeddings(at) + token_type_embeddings(kinds)` in the forward of a class."""
    calls = body.calls if body.cls is not None and body.name in FORWARDS else {}
    kinds = [name for name in calls if _KINDS.search(name)]
    places = any(map(_PLACES.search, calls))
    return calls[kinds[0]][0] if kinds and places else None


_KINDS = re.compile(r"^(token_?type|seg(ment)?)_?emb", re.IGNORECASE)
_PLACES = re.compile(r"^pos(ition)?(al)?_?emb", re.IGNORECASE)


def adds_kinds(body: Body) -> ast.AST | None:
    """`output += token_type_embeddings`, `output += position_embeddings`, of a table each, in a function."""
    if body.cls is not None or not any(map(_KINDS.search, body.assigned)):
        return None
    added = [line for line in body.of(ast.AugAssign) if isinstance(line.op, ast.Add)]
    kinds = [line for line in added if _KINDS.search(last_name(line.value))]
    return kinds[0] if kinds and any(_PLACES.search(last_name(line.value)) for line in added) else None


_MASKED = re.compile(
    r"masked_?(tok|pos|lm|ids|ind|lab)|mask_lm|^mask_(prob|token)$|next_sent|mlm|lm_(lab|pos)|logits_lm", re.IGNORECASE
)
