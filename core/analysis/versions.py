"""Python of older and newer versions, line by line, well enough to be parsed by this one: Python 2, 3 before 3.7, and
what came with 3.12. Old training scripts are still worth reading, and new ones with an old interpreter."""

from __future__ import annotations

import re

_PRINT = re.compile(r"^([ \t]*)print[ \t]+(?![ \t=(])([^\n]*)$")


def _printed(match: re.Match[str]) -> str:
    """What a print that goes on in the next line prints, left to stand alone; any other as it is."""
    rest = match[2].rstrip()
    opened = sum(map(rest.count, "([{")) - sum(map(rest.count, ")]}"))
    return match[1] + rest if opened > 0 or rest.endswith("\\") else match[0]


_REPAIRS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (
            r"^([ \t]*(?:[\w.\[\] ,()=<>!\"'+-]+:[ \t]+)?)print[ \t]*>>[ \t]*[\w.]+[ \t]*,?[ \t]*(.*?)[ \t]*;?[ \t]*$",
            r"\1print(\2)",
        ),
        (r"^([ \t]*)print[ \t]*$", r"\1print()"),
        (
            r"^([ \t]*(?:(?:if|else|elif|for|while|try|except)\b[^#\n]*:[ \t]+)?)"
            r"print[ \t]+(?![ \t=])([^#\n]*?)[ \t]*,?[ \t]*(#.*)?$",
            r"\1print(\2)",
        ),
        (r"^([ \t]*except[ \t]+[\w.() ,]+?)[ \t]*,[ \t]*(\w+)[ \t]*:", r"\1 as \2:"),
        (r"^([ \t]*)raise[ \t]+([\w.]+)[ \t]*,[ \t]*(.+)$", r"\1raise \2(\3)"),
        (r"^([ \t]*)exec[ \t]+(?!\()(.+?)(?:[ \t]+in[ \t]+(.+))?$", r"\1exec(\2)"),
        (r"(?<=[(, ])async(?= *=[^=])", "async_"),  # a keyword argument until Python 3.7
        (r"<>", "!="),
        (r"(?<![\w.])(\d+)[lL]\b", r"\1"),
        (r"(?<![\w.])0([0-7]+)\b(?![.\w])", r"0o\1"),
        (r"\b[uU][rR](?=[\"'])", "r"),
        (r"`([^`\n]+)`", r"repr(\1)"),
        (r"^([ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\]\n]*\](?=[(:])", r"\1"),  # def first[T](items: list[T])
        (r"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=(?!=)", r"\1\2 ="),
    )
)

_QUOTED_AGAIN = re.compile(
    r"""(\bf"[^"\n{]*(?:\{[^{}"\n]*\}[^"\n{]*)*\{[^{}"\n]*)"([^"'\n]*)"|(\bf'[^'\n{]*(?:\{[^{}'\n]*\}[^'\n{]*)*\{[^{}'\n]*)'([^"'\n]*)'"""
)
"""A text in the quotes of the f-string that it stands in: `f"{line["id"]}"`."""

MOST_QUOTED = 8
"""Texts in one f-string that are looked for; quotes of both kinds in one another could be turned for ever."""
LONGEST = 400
"""Characters of a line that is looked at: a longer one is data, and the patterns take quadratic time."""


def from_other_versions(text: str) -> str:
    """The text with the statements that this Python refuses rewritten; every line stays where it is."""
    return "\n".join(map(_repaired, text.expandtabs(8).split("\n")))


def _repaired(line: str) -> str:
    if len(line) > LONGEST:
        return line
    line = _PRINT.sub(_printed, line)
    for pattern, replacement in _REPAIRS:
        line = pattern.sub(replacement, line)
    for _ in range(MOST_QUOTED):
        line = _QUOTED_AGAIN.sub(_requoted, line)
    return line


def _requoted(match: re.Match[str]) -> str:
    """The other quotes around a text within an f-string."""
    return f"{match[1]}'{match[2]}'" if match[1] else f'{match[3]}"{match[4]}"'
