"""How a latent is drawn, and held near a prior: what variational families ask of code."""

from __future__ import annotations

import ast
import re

from core.analysis.nodes import below, is_negative, is_operation, kept, name_of, walk
from core.analysis.rules.bodies import Body, Code, code_of, holder, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_square, sums
from core.analysis.rules.families.asking import RANDOM, has_call, presets
from core.analysis.rules.products import products


def reparameterised(body: Body) -> ast.AST | None:
    if "mix" in body.name or "cumprod" in body.calls:
        return None  # drawn from a mixture of distributions, or along a ray: data, no latent
    if RANDOM.isdisjoint(body.calls) and "sample" not in body.calls and not _outer_noise(body):
        return None
    for node, left, right in products(body):
        sides = (body.words(left), body.words(right))
        for one, other in (sides, sides[::-1]):
            if one & RANDOM and other & {"exp", "softplus", "exp_"}:
                return node
    added = next((node for node, parts in sums(body) if _moved_by_noise(body, [term for _, term in parts])), None)
    calls = (call for name in ("add", "add_") for call in body.calls.get(name, ()) if _adds(body, call))
    return added or next(calls, None)


MEANS = re.compile(r"(^|_)(mu|mean|loc)(_|$)", re.IGNORECASE)
SPREADS = re.compile(r"(^|_)(std|sigma|stddev|scale|var|variance|deviation)(_|$)", re.IGNORECASE)


def _moved_by_noise(body: Body, parts: list[ast.AST]) -> bool:
    """`mean + noise * deviation`, by their names; noise around a number that a setting gives is no latent."""
    means = [term for term in parts if MEANS.search(last_name(term)) and last_name(term) not in _set_to_numbers(body)]
    spread = [term for term in parts if is_operation(term, ast.Mult)]
    for sides in ((term.left, term.right) for term in spread if means):
        for one, other in (sides, sides[::-1]):
            noise = body.words(one) & RANDOM or last_name(one) in _outer_noise(body)
            if noise and SPREADS.search(last_name(other)) and not _is_measured(body, other):
                return True
    return False


def _is_measured(body: Body, spread: ast.AST) -> bool:
    """Whether a deviation is that of numbers at hand, which no network told: `spread = codes.std()`."""
    return any(is_call(value, ("std", "var")) for value in body.assigned.get(last_name(spread), ()))


def _set_to_numbers(body: Body) -> set[str]:
    """The parameters of a function, and of the maker of its class, that are a number where nothing else is given, or
    said to be one: `std: float`."""
    methods = body.cls.node.body if body.cls else ()
    makers = [each for each in methods if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
    given = (parameter for node in (body.node, *makers) for parameter in presets(node).items())
    numbers = {name for name, preset in given if isinstance(preset, ast.Constant) and type(preset.value) in _NUMBERS}
    said = (parameter for node in makers for parameter in (*node.args.args, *node.args.kwonlyargs))
    return numbers | {each.arg for each in said if name_of(each.annotation) in ("float", "int")}


_NUMBERS = (int, float)


def _outer_noise(body: Body) -> frozenset[str]:
    """The names of noise that its module draws once and for all, as far as a function speaks of them."""
    tree = body.module.tree
    drawn = kept(tree, "_noise", lambda: _noise_of(code_of(tree))) if body.name else frozenset()
    return frozenset(name for name in drawn if name.casefold() in body.spoken) if drawn else drawn


def _noise_of(code: Code) -> frozenset[str]:
    named = code.assigned.items()
    return frozenset(name for name, values in named if any(has_call(value, RANDOM) for value in values))


def _adds(body: Body, call: ast.Call) -> bool:
    """`noise.mul(deviation).add(mean)`, by their names; weights that begin so are no latent."""
    held = holder(call)
    if held is not None and body.words(held, 0) & {"weight", "bias"}:
        return False
    if not isinstance(held, ast.Call) or not call.args or not MEANS.search(last_name(call.args[0])):
        return False
    scaled = isinstance(held.func, ast.Attribute) and held.func.attr in ("mul", "mul_") and held.args
    return bool(scaled and body.words(held.func) & RANDOM and SPREADS.search(last_name(held.args[0])))


def named_sampling(body: Body) -> ast.AST | None:
    """A function called `sampling` that draws around what it is given, whatever the distribution."""
    named = re.match(r"_?(sampling|reparam)", body.name, re.IGNORECASE)
    return body.calls_any(RANDOM) if named and body.parameters else None


def divergence(body: Body) -> ast.AST | None:
    """-0.5 * (1 + logvar - mu^2 - exp(logvar)) in any order and spelling, or `kldivergence(q, p)` of distributions."""
    for node, parts in sums(body):
        unit = len(parts) >= 3 and any(is_constant(term, 1, 0.5) for _, term in parts)
        if unit:
            squares = sum(_holds_square(body, term) for _, term in parts)
            spread = any(has_call(term, ("exp", "log", "exp_")) for _, term in parts)
            if squares and spread and not any(has_call(term, ("cumprod",)) for _, term in parts):
                return node
    call = body.calls_any(("kl_divergence", "analytic_kl"))
    if call is not None and _is_of_answers(call):
        return None
    return call if call is not None and len(call.args) + isinstance(call.func, ast.Attribute) >= 2 else None


def _holds_square(body: Body, term: ast.AST) -> bool:
    """Whether a square stands in a term, or under a name in it: `squared = mean * mean`."""
    return any(is_square(each) for inner in walk(term) for each in (inner, *body.bound(inner)))


def _is_of_answers(call: ast.Call) -> bool:
    """Whether two answers are compared: what a student says with what its teacher does, or what a policy says with what
    it said before."""
    return any(_ANSWERS.search(last_name(given)) for given in call.args)


_ANSWERS = re.compile(r"teacher|student|logits|log_?probs?(_|$)|_old$|^old_", re.IGNORECASE)


def adds_divergence(body: Body) -> ast.AST | None:
    """`loss = reconstruction + weight * kld`: a term that was computed, or that a network kept, and is called a KL
    divergence."""
    for node, parts in sums(body):
        for _, term in parts:
            named = [inner for inner in walk(term) if _OF_KL.search(last_name(inner))]
            named = [inner for inner in named if not _WEIGHING.search(last_name(inner))]
            kept_there = any(isinstance(inner, ast.Attribute) for inner in named)
            made = [value for inner in named for value in body.assigned.get(last_name(inner), ())]
            if any(_is_of_answers(call) for value in made for call in below(value, ast.Call)):
                continue
            if len(parts) >= 2 and (kept_there or made):
                return node
    return None


_WEIGHING = re.compile(r"weight|coef|scale|lambda|factor", re.IGNORECASE)
_OF_KL = re.compile(r"(^|_)kl(d|_|$)", re.IGNORECASE)


def estimates_bound(body: Body) -> ast.AST | None:
    """`log_px_z + log_pz - log_qz_x`, or the same less than nothing: how likely a drawn latent is, without what it was
    drawn from; also of distributions of such names, `p_z.log_prob(z)`."""
    for node, parts in sums(body):
        named = [(sign, _density(term)) for sign, term in parts] if len(parts) >= 3 else []
        signs = {name: {sign for sign, each in named if each == name} for name in ("p", "q")}
        if len(signs["p"]) == len(signs["q"]) == 1 and signs["p"] != signs["q"]:
            return node
    return None


def _density(term: ast.AST) -> str:
    """Whether a term is of a model, `p`, or of what is near it, `q`."""
    asked = (holder(call) for call in below(term, ast.Call) if last_name(call.func) == "log_prob")
    told = (_DENSITY.match(last_name(each)) for each in (term, *asked) if each is not None)
    return next((found[1] for found in told if found is not None), "")


_DENSITY = re.compile(r"(?:log_?)?(?:prob_?)?([pq])(?:_?[xz](?=_|[xz]|$)|_(?:latents?|images?|prior|given))")


def gumbel(body: Body) -> ast.AST | None:
    for call in body.calls.get("log", ()) if "mix" not in body.name else ():
        inner = call.args[0] if call.args else holder(call)
        if inner is not None and any(is_negative(node) and has_call(node, ("log",)) for node in walk(inner)):
            return call
    return body.calls_any(("gumbel_softmax",))


def samples(body: Body) -> ast.AST | None:
    return body.calls_any((*RANDOM, "rsample", "sample"))
