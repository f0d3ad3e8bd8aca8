"""Rates of steps that scripts take by hand: the factor of a gradient that is taken away from weights."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.descents import is_rate, is_turned
from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import below, is_operation, keyword, name_of
from core.analysis.program import Call, Module, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.bodies import named_in

RATE = re.compile(
    r"(^|_)(lr|learning_?rate|blr|step_size|stepsize|rate|eta)(_?\d+|_[a-z])?$|^lr|learning_rate|_lr(_|$)"
)


def scaled_by_hand(program: Program) -> list[Fact]:
    """`w -= lr * w.grad`, `p - 0.1 * g`: the factor of a gradient that is taken away; else of any gradient."""
    products = [
        (module, node, product)
        for module in program.modules
        for node in module.of(ast.BinOp, ast.AugAssign)
        for product in [_taken_away(node)]
        if product is not None
    ]
    taken = [
        fact for module, node, product in products if product is not node for fact in _factors(program, module, product)
    ]
    taken += [
        fact
        for call in in_order([program.named("add_", "sub_")])
        for factor in [_step_size(call)]
        if factor is not None
        for fact in _factor(program, call.module, factor)
    ]
    taken += [fact for call, factor in _over_trees(program) for fact in _factor(program, call.module, factor)]
    return taken or [
        fact
        for module, node, product in products
        if product is node
        for fact in _factors(program, module, product, sure=False)
    ]


def _over_trees(program: Program) -> Iterator[tuple[Call, ast.expr]]:
    """The factor in `tree_map(lambda p, d: p - 0.1 * d, weights, slopes)`, whatever the slope is called."""
    for call in program.named("tree_map", "tree_multimap", "map"):
        step = call.node.args[0] if len(call.node.args) > 2 else None
        product = _taken_away(step.body) if isinstance(step, ast.Lambda) else None
        if isinstance(step, ast.Lambda) and product is not None and product is not step.body:
            slopes = {each.arg for each in step.args.args[1:]}
            pairs = ((product.left, product.right), (product.right, product.left))
            yield from ((call, factor) for factor, other in pairs if name_of(other) in slopes)


def _step_size(call: Call) -> ast.expr | None:
    """The rate in `p.data.add_(p.grad, alpha=-rate)`, or before the gradient, as PyTorch wrote it first."""
    if not isinstance(call.node, ast.Call) or not any(_is_gradient(given) for given in call.node.args):
        return None
    alpha = keyword(call.node, "alpha")
    return alpha or (call.node.args[0] if len(call.node.args) == 2 else None)


def _factors(program: Program, module: Module, product: ast.BinOp, sure: bool = True) -> Iterator[Fact]:
    """The factor of a gradient in a product; where nothing is taken away, green is called `g` too."""
    for factor, other in ((product.left, product.right), (product.right, product.left)):
        plain = isinstance(factor.operand if isinstance(factor, ast.UnaryOp) else factor, ast.Constant)
        if (_is_gradient(other) and (sure or name_of(other) != "g")) or is_rate(factor) or (not plain and sure):
            yield from _factor(program, module, factor)


def _taken_away(node: ast.AST) -> ast.BinOp | None:
    """The product in `w - lr * g`, in `w -= lr * g / n`, in `w += -lr * g`, or any product, which may hold `x.grad`."""
    right: ast.AST | None = None
    if is_operation(node, ast.Sub):
        right = node.right
    elif isinstance(node, ast.AugAssign) and (
        isinstance(node.op, ast.Sub) or (isinstance(node.op, ast.Add) and is_turned(node.value))
    ):
        right = node.value
    elif is_operation(node, ast.Mult):
        return node
    if is_operation(right, ast.Div):
        right = right.left
    return right if is_operation(right, ast.Mult) else None


def _is_gradient(node: ast.expr) -> bool:
    """Whether something is called a gradient, or is what a function gives that is: `loss_gradient(weights)`."""
    if isinstance(node, ast.Call) and _GIVING.search(name_of(node.func)):
        return True
    words = named_in(node)
    plain = {word.rstrip("0123456789") for word in words}
    return bool(plain & {"grad", "g", "grads", "gradient", "gradients", "dw", "db", "dW"}) or any(
        word.startswith(("grad_", "d_", "dL")) and not _JUDGED.match(word) for word in words
    )


_GIVING = re.compile(r"(^|_)(grads?|gradients?)(_|$)")
_JUDGED = re.compile(r"d_(\w+_)?loss")
"""What the loss of a discriminator is called."""


def _factor(program: Program, module: Module, node: ast.expr) -> Iterator[Fact]:
    """The number that a gradient is multiplied with: written there, or what its name stands for."""
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    if isinstance(inner, ast.Constant) and isinstance(inner.value, float) and 0 < inner.value < 1:
        yield Fact("learning_rate", inner.value, module.place(node), "factor of the gradient")
    name = name_of(inner)
    if name and RATE.search(values.words_of(name)):
        found = [value for value in [module.scope.names.get(name)] if value is not None and value.number]
        found += [o.value for o in program.options if o.name == name and o.value.number]
        given = [a for call in program.calls for n, a in values.arguments(call) if (a.name or n) == name and a.number]
        kept = (one.attributes.get(name) for one in program.instances) if not found and not given else ()
        told = [*found[:1], *(() if found else given)]  # each object may be told another
        told += [value for value in kept if value is not None and value.number][:1]  # a constructor's default
        found += told
        yield from (Fact("learning_rate", v.number, v.place, v.how) for v in map(_first, told))
        if not found:
            yield from _assigned(module, name)


def _first(rate: Resolved) -> Resolved:
    """Of a rate that a loop makes of itself, `lr = lr / 2`, the one that it starts from."""
    before = (leaf for leaf in values.leaves(rate) if leaf.name == rate.name and leaf.number)
    return next(before, rate) if rate.parts else rate


def _assigned(module: Module, name: str) -> Iterator[Fact]:
    """`lr = 0.01` inside a function, `lr = 0.1 if step < 1000 else 0.01` in a loop: the rate it starts from; and the
    constant that it is made of as training goes on: `lr = FIRST_RATE * DECAY ** epoch`."""
    for node in module.of(ast.Assign):
        stated = node.value.body if isinstance(node.value, ast.IfExp) else node.value
        value = stated if isinstance(stated, ast.Constant) else None
        named = any(getattr(target, "id", "") == name for target in node.targets)
        if named and value is not None and isinstance(value.value, float):
            yield Fact("learning_rate", value.value, module.place(value), "literal")
            return
        made_of = below(stated, ast.Name) if named and isinstance(stated, ast.BinOp) else []
        first = [module.scope.names.get(each.id) for each in made_of if RATE.search(values.words_of(each.id))]
        if first and (base := first[0]) is not None and base.number:
            yield Fact("learning_rate", base.number, base.place, base.how)
            return
