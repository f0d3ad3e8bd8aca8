"""Networks that solve differential equations: their derivatives make up what is left of an equation."""

from __future__ import annotations

import re
from itertools import chain

from core.analysis.rules.bodies import Body
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def solving(model: Purposed) -> Answer | None:
    """Two derivatives or more, called as mathematics writes them, `u_t` and `u_xx`, that are taken as such; or
    DeepXDE's equations."""
    equation = next((call for call in model.view.program.under("deepxde.") if _EQUATIONS.search(call.dotted)), None)
    if equation is not None:
        return "differential equations", equation.place, f"DeepXDE's {equation.name}"
    body = next((body for body in model.view.bodies if body.once(_derives)), None)
    return ("differential equations", body.place(body.node), "derivatives of what is found") if body else None


def _derives(body: Body) -> bool:
    """What is only called so is none: `q_z`, what a network says of codes, or `h_t`, what it keeps of the past."""
    named = [values for name, values in body.assigned.items() if _DERIVATIVE.fullmatch(name)]
    words = ([*chain.from_iterable(body.words(value) for value in values)] for values in named if len(named) > 1)
    return sum(any(map(_SLOPES.search, each)) for each in words) > 1


_DERIVATIVE = re.compile(r"d?([uvwpqhfT]|psi|phi|theta)_(t|x|y|z|xx|yy|zz|tt|xy)")
_SLOPES = re.compile(r"^(batch_)?(jacobian|hessian|deriv\w*|df|jac(fwd|rev)|jvp|vjp|jet)$|(^|_)(grads?|gradients?)$")
_EQUATIONS = re.compile(r"\.data\.\w*(PDE|ODE|IDE|Operator)|\.(jacobian|hessian)$")
