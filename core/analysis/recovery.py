"""Python that does not parse, without the statements that do not: a slip in one line loses no file and no cell.

What is left out is replaced where it stands, so that every line keeps its number.
"""

from __future__ import annotations

import ast
import re
import tokenize

from core.analysis.nodes import parsed

MOST = 20
"""Statements left out of one text: what has more is no Python."""
LONGEST = 60_000
"""Characters of a text that is tried: each statement left out costs one more parse."""
_NO_BODY = re.compile(r"expected an indented block after .* on line (\d+)")
_BLANKS = re.compile(r"([ \t\f]{60})[ \t\f]++")
"""A long run of blanks: what is no token behind one is looked for anew from each of them."""
_BESIDE_CODE = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
)

Recovered = tuple[ast.Module, list[int]]
"""What parses, and the lines (from 1) at which something was left out."""


def recovered(text: str) -> Recovered | None:
    """What parses of a text; None where too much does not. Never raises for what the text is."""
    if len(text) > LONGEST:
        return None
    lines = text.split("\n")
    problems: list[int] = []
    for _ in range(MOST + 1):
        try:
            return parsed("\n".join(lines)), problems
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), len(lines))
            problems.append(line)
            _leave_out(lines, line, error)
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def _leave_out(lines: list[str], line: int, error: SyntaxError) -> None:
    """Replace the statement that a line is part of, or what keeps it from being one."""
    headed = _NO_BODY.match(error.msg)
    if headed:
        _give_body(lines, int(headed[1]))
    elif isinstance(error, IndentationError):
        _move_left(lines, line)
    else:
        first, last = _statement(lines, line)
        goes_on = _width(_next_code(lines, last)) > _width(lines[first - 1])
        _blank(lines, first, last, "if True:" if goes_on else "pass")


def _blank(lines: list[str], first: int, last: int, instead: str) -> None:
    indentation = lines[first - 1][: _width(lines[first - 1])]
    lines[first - 1 : last] = [indentation + instead, *[""] * (last - first)]


def _give_body(lines: list[str], head: int) -> None:
    """Put `pass` below a head of which the body is missing; where there is no room, take the head away."""
    first, last = _statement(lines, head)
    room = last < len(lines) and not _is_code(lines[last])
    if room:
        lines[last] = " " * (_width(lines[first - 1]) + 1) + "pass"
    else:
        _blank(lines, first, last, "pass")


def _move_left(lines: list[str], line: int) -> None:
    """Move what begins at a line, and stands too far right, below what is before it."""
    width = _width(lines[line - 1])
    above = [_width(other) for other in lines[: line - 1] if _is_code(other)]
    allowed = above[-1] if above and above[-1] < width else max((other for other in above if other < width), default=0)
    for index in range(line - 1, len(lines)):
        if _is_code(lines[index]) and _width(lines[index]) < width:
            break
        lines[index] = lines[index][width - allowed :] if _is_code(lines[index]) else ""


def _statement(lines: list[str], line: int) -> tuple[int, int]:
    """First and last line of the statement that a line is part of; where brackets or quotes never end, what is
    indented below its first line."""
    first = 0
    try:
        for token in tokenize.generate_tokens(iter([_BLANKS.sub(r"\1", f"{each}\n") for each in lines]).__next__):
            if token.type == tokenize.NEWLINE and token.start[0] >= line:
                return min(first or line, line), token.start[0]
            first = 0 if token.type == tokenize.NEWLINE else first
            if token.type not in _BESIDE_CODE and token.type != tokenize.NEWLINE:
                first = first or token.start[0]
            if first > line:
                return line, line
    except (tokenize.TokenError, SyntaxError, StopIteration):
        pass
    first = min(first or line, line)
    last = first
    while last < len(lines) and _belongs(lines[last], lines[first - 1]):
        last += 1
    return first, max(last, line)


def _belongs(line: str, head: str) -> bool:
    """Whether a line goes on with what a head began: it stands further right, or closes a bracket."""
    return not _is_code(line) or _width(line) > _width(head) or line.lstrip()[0] in ")]}"


def _next_code(lines: list[str], after: int) -> str:
    return next((line for line in lines[after:] if _is_code(line)), "")


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())
