"""How often networks normalise what their layers give."""

from __future__ import annotations

import ast

from core.analysis.nodes import is_of_self
from core.analysis.program import Class
from core.analysis.rules.bodies import Body
from core.analysis.rules.families.asking import forward_of
from core.analysis.rules.networks import Network
from core.analysis.rules.view import View


def norms_of(view: View, network: Network) -> int:
    """Norm layers of a library, of the user's own and of blocks that add; of one that a helper makes, its calls."""
    norms = network.kinds["layernorm"] + _own_norms(network, view) + _norms_of_blocks(view, network)
    return _normalised(view, network) if norms == 1 else norms


def _normalised(view: View, network: Network) -> int:
    """How often a network normalises, where one helper makes each of its norm layers: `h = layer_norm(h)`."""
    classes = {cls for part in network.parts for cls in part.cls.lineage()}
    bodies = (body for body in view.bodies if body.cls in classes)
    return sum(len(calls) for body in bodies for name, calls in body.calls.items() if "norm" in name.casefold())


def _norms_of_blocks(view: View, network: Network) -> int:
    """How many norms over a batch, of places of a sequence, stand in blocks that add twice what comes in."""
    found = [layer for layer in network.layers if layer.kind == "norm" and layer.call.name.endswith("1d")]
    owners = [owner.cls for layer in found if (owner := view.owner_of(layer.call)) is not None]
    forwards = [forward_of(view, cls) for cls in owners]
    return sum(body is not None and body.once(_additions) >= 2 for body in forwards)


def _additions(body: Body) -> int:
    """How often something is added to what a name stands for: `x = x + self.attend(x)`."""
    added: list[ast.BinOp | ast.AugAssign] = body.of(ast.BinOp, ast.AugAssign)
    sides = [(n.left, n.right) if isinstance(n, ast.BinOp) else (n.target,) for n in added if isinstance(n.op, ast.Add)]
    return sum(any(isinstance(side, ast.Name) for side in each) for each in sides)


def _own_norms(network: Network, view: View) -> int:
    """Norm layers that the user wrote: classes of the network that are named so, or take a root of a mean."""
    return sum(_is_norm(view, part.cls) for part in network.parts)


def _is_norm(view: View, cls: Class) -> bool:
    if cls.name.casefold().endswith(("norm", "normalization")):
        return True
    body = forward_of(view, cls)
    return body is not None and body.once(_divides_by_root)


def _divides_by_root(body: Body) -> bool:
    """`x * rsqrt(x.pow(2).mean(-1))`, `x / sqrt(...)`, by no other parts of the object: what the forward of a norm
    computes."""
    if "mean" not in body.calls or any(is_of_self(call.func) for call in body.of(ast.Call)):
        return False
    divided = (node.right for node in body.of(ast.BinOp) if isinstance(node.op, ast.Div))
    return "rsqrt" in body.calls or any("sqrt" in body.words(each, 1) for each in divided)
