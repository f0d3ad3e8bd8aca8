"""What code does with sequences of symbols: the last one asked for, sums written digit by digit."""

from __future__ import annotations

import ast
import re

from core.analysis.nodes import is_operation, unparse
from core.analysis.program import Class, Function, Program
from core.analysis.rules.bodies import Body, code_of, last_name
from core.analysis.rules.families.arithmetic import is_constant


def last_of_each(body: Body) -> ast.AST | None:
    """The last symbol of each sequence, where what comes before it is taken too: `x[:, :-1]`, `x[:, -1]`."""
    taken = {unparse(node) for node in body.of(ast.Subscript)}
    return next(
        (
            node
            for node in body.of(ast.Subscript)
            if f"{unparse(node.value)}[:, :-1]" in taken and unparse(node).endswith("[:, -1]")
        ),
        None,
    )


def writes_digits(node: ast.AST) -> bool:
    """`n // 10**place % 10`; `f"{a}+{b}"`; `"{}+{}".format(a, b)`."""
    if isinstance(node, ast.JoinedStr):
        middle = node.values[1:-1]
        formatted = [isinstance(part, ast.FormattedValue) for part in node.values]
        return formatted == [True, False, True] and all(_is_plus(part) for part in middle)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and re.fullmatch(r"\{\w*\}\s*\+\s*\{\w*\}", node.value) is not None
    divided = node.left if is_operation(node, ast.Mod) and _is_ten(node.right) else None
    power = divided.right if is_operation(divided, ast.FloorDiv) else None
    return is_operation(power, ast.Pow) and _is_ten(power.left)


def _is_plus(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).strip() == "+"


def _is_ten(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 10


def of_examples(program: Program) -> list[Body]:
    """The code by which the user's data sets give an example, or a batch is put together, which only a loader asks
    for."""
    classes = dict.fromkeys(instance.cls for instance in program.instances)
    found: list[tuple[Class | None, object]]
    found = [(cls, each.value) for cls in classes for name in _GIVING if (each := cls.find(name)) is not None]
    found += dict.fromkeys((None, call.keywords[_BATCHING].value) for call in program.given(_BATCHING))
    return [Body(m.node, m.module, cls, code_of(m.node)) for cls, m in found if isinstance(m, Function)]


_GIVING = ("__getitem__", "__iter__")
_BATCHING = "collate_fn"


def one_place_on(body: Body) -> ast.AST | None:
    """A slice of something of which another slice starts one place before: `x[1:]`, `text[i + 1 : i + n + 1]`; or what
    the targets are filled with: `y[:-1] = x[1:]`; not `x[1:] - x[:-1]`, nor `for left, right in zip(x[:-1], x[1:])`."""
    for line in body.of(ast.Assign):
        sides = [(getattr(side, "elts", None) or [side])[0] for side in (line.targets[0], line.value)]
        cuts = [_last_cut(side.slice) if isinstance(side, ast.Subscript) else None for side in sides]
        if [unparse(cut) if cut is not None else "" for cut in cuts] == [":-1", "1:"]:
            return line
    starts: dict[str, set[str]] = {}
    apart = {
        id(side) for node in body.of(ast.BinOp) if isinstance(node.op, ast.Sub) for side in (node.left, node.right)
    }
    loops: list[ast.For | ast.comprehension] = body.of(ast.For, ast.comprehension)
    pairs = (loop.iter for loop in loops if isinstance(loop.iter, ast.Call))
    zipped = (call.args for call in pairs if last_name(call.func) == "zip")
    apart |= {id(each) for given in zipped for each in given}
    slices = [node for node in body.of(ast.Subscript) if id(node) not in apart]
    for node in slices:
        cut = _last_cut(node.slice)
        if cut is not None and not (cut.upper is None and cut.lower is None):
            first = "" if cut.lower is None or is_constant(cut.lower, 0) else unparse(cut.lower)
            starts.setdefault(unparse(node.value), set()).add(first)
            ends = cut.upper is not None and _LAST.search(unparse(cut.upper))
            starts[unparse(node.value)] |= {"-1"} if ends else set()
    for node in slices:
        cut = _last_cut(node.slice)
        if cut is not None and cut.lower is not None:
            known, lower = starts[unparse(node.value)], unparse(cut.lower)
            if (lower == "1" and {"", "-1"} <= known) or (lower.endswith(" + 1") and lower[:-4] in known):
                return node
    return None


def next_after(body: Body) -> ast.AST | None:
    """What follows a window of the same thing: `text[i + n]` beside `text[i : i + n]`."""
    cuts = ((unparse(node.value), _last_cut(node.slice)) for node in body.of(ast.Subscript))
    ends = {(name, unparse(cut.upper)) for name, cut in cuts if cut and cut.lower and isinstance(cut.upper, ast.BinOp)}
    found = (node for node in body.of(ast.Subscript) if isinstance(node.slice, ast.BinOp)) if ends else ()
    return next((node for node in found if (unparse(node.value), unparse(node.slice)) in ends), None)


def one_after_slice(body: Body) -> ast.AST | None:
    """What stands one after a slice of one: `x[:, i + 1]` beside `x[:, i : i + 1]`."""
    nodes = {unparse(node): node for node in body.of(ast.Subscript)}
    for node in nodes.values():
        cut = _last_cut(node.slice)
        if cut is not None and cut.lower is not None and cut.upper is not None:
            lower, upper = unparse(cut.lower), unparse(cut.upper)
            after = nodes.get(unparse(node).replace(f"{lower}:{upper}", upper)) if upper == f"{lower} + 1" else None
            if after is not None:
                return after
    return None


_LAST = re.compile(r"^-1$|^(?!.*[+*/-]).*(seq|block|context|window)_?(len|size)", re.IGNORECASE)
"""What ends the inputs: the last place, or as many as a sequence has, of which one more was taken."""


def shifts_targets(body: Body) -> ast.AST | None:
    """`logits[..., :-1, :]` beside `labels[..., 1:]`: what is told at each place is judged by what stands one place
    on. What a loss is given by keyword goes by that: `labels=text[:, 1:]`."""
    cuts = [(last_name(node.value), _only_cut(node.slice), node) for node in body.of(ast.Subscript)]
    if any(cut == ":-1" for _, cut, _ in cuts):
        words = (word for call in body.of(ast.Call) for word in call.keywords)
        given = [(word.arg or "", word.value) for word in words if isinstance(word.value, ast.Subscript)]
        cuts += [(name, _only_cut(node.slice), node) for name, node in given]
    if not any(cut == ":-1" and "logits" in name for name, cut, _ in cuts):
        return None
    return next((node for name, cut, node in cuts if cut == "1:" and _WANTED.search(name)), None)


_WANTED = re.compile(r"label|target|(^|_)(input_)?ids$|token")
"""What symbols that are to be told are called."""


def _only_cut(node: ast.expr) -> str:
    """The one slice that leaves something out, whichever axis it is of: `:-1` of `[..., :-1, :]`."""
    axes = node.elts if isinstance(node, ast.Tuple) else [node]
    cuts = [unparse(axis) for axis in axes if isinstance(axis, ast.Slice)]
    cuts = [cut for cut in cuts if cut != ":"]
    return cuts[0] if len(cuts) == 1 else ""


def _last_cut(node: ast.expr) -> ast.Slice | None:
    """The slice that cuts, of the last axis where several are given."""
    last = node.elts[-1] if isinstance(node, ast.Tuple) and node.elts else node
    return last if isinstance(last, ast.Slice) and last.step is None else None
