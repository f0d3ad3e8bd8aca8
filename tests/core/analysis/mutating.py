"""Sources that nobody would write: real scripts whose code was exchanged, dropped, repeated, cut or garbled."""

from __future__ import annotations

import ast
import random
from pathlib import Path

ZOO = Path(__file__).parents[3] / "assets" / "zoo"
STRANGE = (
    "None", "...", "-1", "0", "1e400", "10**9", "''", "b'x'", "()", "[]", "{}", "lambda *a, **k: a", "[*x]", "{**x}",
    "(yield)", "x[::0]", "f'{x!r:>{y}}'", "not x", "x if y else z", "[i for i in x if i]", "self", "super()", "x.y.z",
    "print", "int('x')", "1 / 0", "1 << 999", "'%d' % ()", "x := 1", "await x", "__import__('os')", "'a' * 9",
    "range(0, 5, 0)", "dict(a=1)['b']", "torch.nn.Linear", "argparse.ArgumentParser()",
)  # fmt: skip
NOISE = (
    "\x00",
    "\ufeff",
    "\t",
    "    ",
    "\r",
    "\\\n",
    '"""',
    "'",
    "(",
    "]",
    "{",
    "#",
    "@",
    "é",
    "\u2028",
    "print 'x'\n",
)


def scripts() -> list[str]:
    """The scripts of the demo collection: every style that is known to be written."""
    return [path.read_text() for path in sorted(ZOO.rglob("*.py"))]


def mutated(sources: list[str], chance: random.Random) -> str:
    """One source after a few changes: three times in four it is Python still."""
    text = chance.choice(sources)
    if chance.random() < 0.25:
        return _garbled(text, chance)
    tree = ast.parse(text)
    others = list(ast.walk(ast.parse(chance.choice(sources))))
    for _ in range(chance.randint(1, 12)):
        _change(chance.choice(list(ast.walk(tree))), others, chance)
    try:
        return ast.unparse(tree)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return _garbled(text, chance)


def _garbled(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(start + chance.choice((0, 1, 5, 80)), len(text))
        text = text[:start] + chance.choice(NOISE) * chance.choice((1, 1, 1, 300)) + text[end:]
    return text[: chance.randrange(len(text) + 1)] if chance.random() < 0.2 else text


def _change(node: ast.AST, others: list[ast.AST], chance: random.Random) -> None:
    """Give one part of a node to chance: an expression, or a list of statements or expressions."""
    fields = [(name, value) for name, value in ast.iter_fields(node) if isinstance(value, (list, ast.expr))]
    if not fields:
        return
    name, value = chance.choice(fields)
    if isinstance(value, ast.expr):
        setattr(node, name, _expression(others, chance))
    elif value and isinstance(value[0], (ast.expr, ast.stmt)):
        index = chance.randrange(len(value))
        kind = type(value[0]).__mro__[-3]  # ast.expr or ast.stmt
        alike = [other for other in others if isinstance(other, kind)]
        match chance.randrange(4):
            case 0 if len(value) > 1:
                del value[index]
            case 1:
                value.insert(index, value[-1])
            case 2 if alike:
                value[index] = chance.choice(alike)
            case _:
                chance.shuffle(value)


def _expression(others: list[ast.AST], chance: random.Random) -> ast.expr:
    if chance.random() < 0.5:
        return ast.parse(f"({chance.choice(STRANGE)})", mode="eval").body
    return chance.choice([other for other in others if isinstance(other, ast.expr)])
