"""Families that mix: linear layers over channels and places in turn, and experts that a gate weighs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.rules.bodies import FORWARDS, Body
from core.analysis.rules.families.asking import Evidence, adds_input, forward_of, once, shown
from core.analysis.rules.families.attending import takes_queries
from core.analysis.rules.view import View


@once
def mixers(view: View) -> Iterator[Evidence]:
    """MLP-Mixer: linear layers over channels, then, transposed, over places; no attention. What comes in is added
    there, or by the block that it stands in for attention in."""
    if view.kinds["attention"] or view.kinds["transformer"] or view.kinds["linear"] + 2 * view.kinds["mlp"] < 4:
        return
    for instance in view.network_instances:
        body = forward_of(view, instance.cls)
        if body is None or "ixer" not in instance.cls.name:
            continue
        turned = body.calls_any(("transpose", "permute", "swapaxes", "Permute", "rearrange", "matrix_transpose"))
        if turned is not None and (adds_input(body) is not None or takes_queries(body)):
            yield Evidence("MLP-Mixer", body.place(turned), "linear layers over channels and over places in turn")
            return


CHOOSING = ("topk", "top_k", "softmax")
"""What a gate chooses experts by."""


_OF_EXPERTS = re.compile(r"MoE(?![a-z])|MixtureOfExperts")


def experts(view: View) -> Iterator[Evidence]:
    """Mixture of Experts: a gate's softmax or top-k weighs the outputs of a list of experts."""

    def gated(body: Body) -> ast.AST | None:
        call = body.calls_any(CHOOSING)
        names = body.attributes | {name.casefold() for name in (*body.assigned, *body.calls)}
        told = any("expert" in name for name in names) and any("gat" in name or "rout" in name for name in names)
        named = body.cls is not None and _OF_EXPERTS.search(body.cls.name) and body.name in FORWARDS
        return call if told or named else None

    yield from shown(view, "Mixture of Experts", "a gate weighs experts", gated, *CHOOSING)
