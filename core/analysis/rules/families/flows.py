"""Flows: what turns data into noise and back, and knows how volumes change; and what learns the way itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import below, is_of_self, same, walk
from core.analysis.program import Class, Function
from core.analysis.rules.bodies import LOG_DETERMINANT, Body, code_of, is_call, last_name, named_in
from core.analysis.rules.families.arithmetic import is_constant, is_rest, is_square, sums, terms
from core.analysis.rules.families.asking import RANDOM, Evidence, acts, is_noise, is_shut, once, reached, shown
from core.analysis.rules.view import View


@once
def flows(view: View) -> Iterator[Evidence]:
    """Flow: invertible parts whose log-determinants are added to a likelihood; or a likelihood that adds to that of the
    point, into which a sample is turned, what the same call says of the volume."""
    for call in view.program.whose(_is_bijection) if not acts(view) else ():
        if call.target is None:
            yield Evidence("Flow", call.place, f"built of {call.name}")
            return
    counted = 0
    for body in view.bodies:
        if body.cls is None or not (said := body.once(_log_determinants)):
            continue
        made = {name: body.assigned[name][0] for name in said if name in body.assigned}
        names = [name for name, node in made.items() if _is_counted(view, node) and not is_shut(view, body, node)]
        if names or any(name in body.calls for name in said):
            counted += 2 if names and _is_inverted(view) else 1
            if counted >= 2 and not acts(view):
                node = body.assigned[names[0]][0] if names else next(iter(body.calls.values()))[0]
                yield Evidence("Flow", body.place(node), "log-determinants of invertible parts are added up")
                return
    if not acts(view):
        yield from shown(view, "Flow", "a likelihood by the change of variables", _change_of_variables)
        yield from shown(
            view, "Flow", "the trace of a Jacobian is the change of a likelihood", _trace_of_jacobian, *_DERIVING
        )
        if any(_LIKELIHOOD.search(name) for body in view.bodies for name in body.calls):
            yield from shown(view, "Flow", "density is lost by the trace of a slope", _loses_density)
        yield from shown(view, "Flow", "what is added to one half is taken away on the way back", _coupled, *_HALVING)
        yield from shown(view, "Flow", "a log-determinant is added one way and taken off the other", _given_and_taken)
        yield from _both_ways(view)


def _given_and_taken(body: Body) -> ast.AST | None:
    """`logdet += change` one way, and `logdet -= change` in a branch for the other."""
    lines = [line for line in body.of(ast.AugAssign) if LOG_DETERMINANT.search(last_name(line.target))]
    added, taken = ([each for each in lines if isinstance(each.op, way)] for way in (ast.Add, ast.Sub))
    if not {last_name(each.target) for each in added} & {last_name(each.target) for each in taken}:
        return None
    branches = (block for choice in body.of(ast.If) for block in (choice.body, choice.orelse))
    apart = any(_holds(block, added) != _holds(block, taken) for block in branches)
    return taken[0] if apart else None


def _holds(block: list[ast.stmt], lines: list[ast.AugAssign]) -> bool:
    return any(line in below(each, ast.AugAssign) for each in block for line in lines)


def _both_ways(view: View) -> Iterator[Evidence]:
    """A part whose forward and whose inverse both go through the same networks of its own: `self.net(first(x))`; not
    where each asks another too, as what tells the next state and what tells the action do."""
    for cls in dict.fromkeys(instance.cls for instance in view.network_instances):
        ways = [found.value for name in ("forward", "inverse") if (found := cls.find(name)) is not None]
        asked = [_parts_asked(cls, way) for way in ways if isinstance(way, Function)]
        if len(asked) == 2 and asked[0] == asked[1] != set():
            yield Evidence("Flow", cls.module.place(cls.node), "its forward and its inverse ask one network")
            return


def _parts_asked(cls: Class, way: Function) -> set[str]:
    """What a method calls of its object and is no method: `net` of `self.net(x)`."""
    called = {call.func.attr for call in code_of(way.node).of(ast.Call) if is_of_self(call.func)}
    return {name for name in called if cls.find(name) is None}


def matched_flows(view: View) -> Iterator[Evidence]:
    """Flow Matching: a network learns the velocity from noise to data at points between them."""
    for call in view.program.under("torchcfm.", "flow_matching."):
        yield Evidence("Flow Matching", call.place, f"built of {call.name}")
        return
    if not any(body.once(_mixed) for body in view.bodies):
        return
    acting = acts(view)
    for several in _together(view.bodies):
        drawn = any(RANDOM & body.calls.keys() for body in (*several, *_callers(view, several)))
        ends = {pair for body in several for pair in body.once(_mixed)} if drawn else set()
        if acting:  # weights that follow others slowly are mixed too
            ends = {pair for pair in ends if any(is_noise(body, name) for body in several for name in pair)}
        told = [(body, ends) for body in several] + (_handed(view, several) if drawn and not acting else [])
        for body, pairs in told if ends else ():
            node = next((node for node, parts in sums(body) if _apart(parts) & pairs), None)
            if node is not None:
                yield Evidence("Flow Matching", body.place(node), "a velocity is learnt between noise and data")
                return


def _callers(view: View, bodies: list[Body]) -> Iterator[Body]:
    """What calls one of these functions by its name."""
    names = [body.name for body in bodies if body.cls is None and body.name]
    return (caller for name in names for caller in view.calling(name))


def _handed(view: View, bodies: list[Body]) -> list[tuple[Body, set[frozenset[str]]]]:
    """What calls one of these functions, and what it calls the things that are mixed there: `mix(data, noise, t)`."""
    found: list[tuple[Body, set[frozenset[str]]]] = []
    for body in (body for body in bodies if body.cls is None and body.once(_mixed)):
        taken = [each.arg for each in body.node.args.args] if isinstance(body.node, ast.FunctionDef) else []
        for caller in view.calling(body.name) if taken else ():
            given = (dict(zip(taken, map(last_name, call.args), strict=False)) for call in caller.calls[body.name])
            named = ({frozenset(names.get(one, "") for one in pair) for pair in body.once(_mixed)} for names in given)
            found += [(caller, pairs) for pairs in named]
    return found


def _together(bodies: list[Body]) -> list[list[Body]]:
    """Each function alone, the methods of a class together, and the functions of one line of a module."""
    several: dict[object, list[Body]] = {}
    for body in bodies:
        several.setdefault(body.cls or body, []).append(body)
        if body.cls is None and isinstance(body.node, ast.FunctionDef) and len(body.node.body) < _SHORT:
            several.setdefault(body.module.path, []).append(body)
    return list(several.values())


_SHORT = 6
"""Statements of a function that does one thing for others: `x_t`, or the velocity at it."""


def _mixed(body: Body) -> frozenset[frozenset[str]]:
    """The names of two things that are mixed by a share and its rest: `(1 - t) * a + t * b`."""
    found = set()
    for _, parts in sums(body):
        factors = [(term.left, term.right) for sign, term in parts if sign > 0 and isinstance(term, ast.BinOp)]
        sides = [pair for left, right in factors for pair in ((left, right), (right, left))]
        rests = [(rest, last_name(what)) for share, what in sides if (rest := _taken_from_one(share)) is not None]
        shares = [(share, last_name(what)) for share, what in sides if _taken_from_one(share) is None]
        found |= {frozenset({a, b}) for rest, a in rests for share, b in shares if a and b and _speaks_of(rest, share)}
    return frozenset(found)


def _taken_from_one(node: ast.AST) -> ast.AST | None:
    """`t` of `1 - t`."""
    return node.right if is_rest(node) else None


def _speaks_of(rest: ast.AST, share: ast.AST) -> bool:
    """Whether a rest is that of a share: `t`, or `(1 - sigma) * t`."""
    return any(same(inner, share) for inner in walk(rest) if type(inner) is type(share))


def _apart(parts: list[tuple[int, ast.AST]]) -> set[frozenset[str]]:
    """The pairs of names of a sum of which one is added and the other, or a part of it, taken away."""
    added = {last_name(term) for sign, term in parts if sign > 0} - {""}
    away = {name for sign, term in parts if sign < 0 for name in named_in(term)}
    return {frozenset({a, b}) for a in added for b in away - {"", a}}


_HALVING = ("chunk", "split", "tensor_split")


def _coupled(body: Body) -> ast.AST | None:
    """`yb = xb + shift(xa)` one way and `yb = xb - shift(xa)` the other, of a thing that was cut in halves."""
    if body.cls is None:
        return None
    moved: dict[str, set[int]] = {}
    for node, parts in sums(body):
        calls = [(sign, term) for sign, term in parts if isinstance(term, ast.Call)]
        if len(parts) == 2 and len(calls) == 1 and any(isinstance(term, ast.Name) for _, term in parts):
            signs = moved.setdefault(ast.dump(calls[0][1]), set())
            signs.add(calls[0][0])
            if len(signs) == 2:
                return node
    return None


def _log_determinants(body: Body) -> list[str]:
    """What a body computes or calls that goes by the name of a log-determinant; not whether one is wanted, as it is
    told: `self.logdet = logdet`."""
    told = {name for name, values in body.assigned.items() if all(last_name(value) == name for value in values)}
    found = dict.fromkeys((*(name for name in body.assigned if name not in told), *body.calls))
    return [name for name in found if LOG_DETERMINANT.search(name)]


def _is_counted(view: View, value: ast.AST) -> bool:
    """Whether the run computes a value: not in a loop over no parts at all."""
    lines = [line for loop in view.program.loops for line in loop.node.body]
    around = [line for line in lines if any(inner is value for inner in walk(line))]
    return all(reached(view, line) is not None for line in around)


def _trace_of_jacobian(body: Body) -> ast.AST | None:
    """`trace(jacobian(f))`, called a change of log-probability: a continuous flow."""
    if not any(map(_OF_LIKELIHOODS.search, (body.name, *body.assigned))):
        return None
    return body.calls_any(("trace",))


def _loses_density(body: Body) -> ast.AST | None:
    """`return dz_dt, -trace(dz_dt, z)` of a network that is given a time `t`: a flow in continuous time, if something
    asks for a likelihood; an equation of physics may hold the like."""
    if body.cls is None or "t" not in body.parameters:
        return None
    taken = (node for node in body.of(ast.UnaryOp) if isinstance(node.op, ast.USub))
    return next((node for node in taken if any(_SLOPES.search(word) for word in body.words(node.operand, 0))), None)


_LIKELIHOOD = re.compile(r"log_?(p(rob)?|normal|density)(_|$)|normal_log")
_SLOPES = re.compile(r"(^|_)(trace|diverg)")
_DERIVING = ("vjp", "jvp", "jacrev", "jacfwd", "jacobian", "grad")
_OF_LIKELIHOODS = re.compile(r"log_?p|log_?det|diverg|trace", re.IGNORECASE)


def _is_bijection(dotted: str) -> bool:
    """A part of a library of flows; of the libraries of distributions, only what turns one into another."""
    root, _, rest = dotted.partition(".")
    if root in ("nflows", "normflows", "FrEIA", "zuko"):
        return True
    libraries = ("distrax", "tensorflow_probability", "tensorflow.contrib.distributions", "numpyro", "pyro")
    return dotted.startswith(libraries) and bool(
        re.search(r"Coupling|Autoregressive(Flow|Transform)|RealNVP|Glow|\.Transformed(Distribution)?$|^Inverse$", rest)
    )


def _is_inverted(view: View) -> bool:
    """Whether the parts are also gone through backwards."""
    return any(
        re.match(r"_?(inverse|reverse|invert)", name)
        for body in view.bodies
        if body.cls is not None
        for name in (body.name, *body.calls)
    )


def _change_of_variables(body: Body) -> ast.AST | None:
    """`z, change = turned(x)`, and then `change - 0.5 * z**2 - ...` or `prior.log_prob(z) + change`.

    Through several parts: `z, change = part(z)` with `total = total + change`, and the sum takes the total.
    """
    taken = [
        node for node in body.of(ast.Assign) if type(node.targets[0]) is ast.Tuple and type(node.value) is ast.Call
    ]
    turned = dict(pair for node in taken if (pair := _point_and_change(node)) is not None)
    totals = [(name, value) for name, values in body.assigned.items() for value in values] if turned else []
    for name, value in totals:
        added = {last_name(term) for sign, term in terms(value) if sign > 0 and isinstance(term, ast.Name)}
        for change in added & turned.keys() if name in added else ():
            turned[name] = turned[change]
    for node, parts in sums(body) if turned else ():
        changes = [term.id for sign, term in parts if sign > 0 and isinstance(term, ast.Name) and term.id in turned]
        for change in changes:
            rest = [(sign, term) for sign, term in parts if getattr(term, "id", "") != change]
            told = any(change in body.words(term, 0) for _, term in rest)
            if not told and any(_log_density(turned[change], sign, term) for sign, term in rest):
                return node
    return None


def _point_and_change(node: ast.AST) -> tuple[str, str] | None:
    """`z, change = f(x)` as (change, z)."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or len(node.targets) != 1:
        return None
    target = node.targets[0]
    parted = last_name(node.value.func) in (
        "split", "chunk", "unstack", "moments", "std_mean", "var_mean", "meshgrid"
    )  # fmt: skip
    names = [last_name(item) for item in target.elts] if isinstance(target, ast.Tuple) and not parted else []
    return (names[1], names[0]) if len(names) == 2 else None


def _log_density(point: str, sign: int, term: ast.AST) -> bool:
    """`- 0.5 * (z**2).sum()` or `+ prior.log_prob(z)` of this very point."""
    for inner in walk(term):
        if sign < 0 and is_square(inner):
            squared = _squared(inner)
            if isinstance(squared, ast.Name) and squared.id == point:
                return True
        if sign > 0 and is_call(inner, ("log_prob", "logpdf", "log_pdf")):
            return any(isinstance(each, ast.Name) and each.id == point for each in inner.args)
    return False


def _squared(node: ast.AST) -> ast.AST | None:
    """x of `x**2`, `square(x)`, `pow(x, 2)`, `x.pow(2)`."""
    if isinstance(node, ast.BinOp):
        return node.left
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) < 2:
        return node.args[0] if node.args and not is_constant(node.args[0], 2) else node.func.value
    return node.args[0] if isinstance(node, ast.Call) and node.args else None
