"""Networks that solve differential equations: their derivatives make up what is left of an equation."""

from __future__ import annotations

import re

from core.analysis.rules.bodies import Body
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def solving(model: Purposed) -> Answer | None:
    """Two derivatives or more of one quantity, called as mathematics writes them, `u_t` and `u_xx`, where derivatives
    are taken; or DeepXDE's equations."""
    equation = next((call for call in model.view.program.under("deepxde.") if _EQUATIONS.search(call.dotted)), None)
    if equation is not None:
        return "differential equations", equation.place, f"DeepXDE's {equation.name}"
    body = next((body for body in model.view.bodies if body.once(_derives)), None)
    return ("differential equations", body.place(body.node), "derivatives of what is found") if body else None


def _derives(body: Body) -> bool:
    return sum(map(bool, map(_DERIVATIVE.fullmatch, body.assigned))) > 1 and any(map(_SLOPES.search, body.calls))


_DERIVATIVE = re.compile(r"d?([uvwpqhfT]|psi|phi|theta)_(t|x|y|z|xx|yy|zz|tt|xy)")
_SLOPES = re.compile(r"^(batch_)?(jacobian|hessian|derivative|jac(fwd|rev)|jvp|vjp)$|(^|_)(grad|gradients?)$")
_EQUATIONS = re.compile(r"\.data\.\w*(PDE|ODE|IDE|Operator)|\.(jacobian|hessian)$")
