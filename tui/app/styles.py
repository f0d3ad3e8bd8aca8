"""How each kind of text looks: one table over the colours of the theme, for all that draws itself line by line.

Component classes of Textual's stylesheet would do the same; they are matched for each widget and each class at the
start, and that alone doubled the time to the first paint.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color

if TYPE_CHECKING:
    from textual.widget import Widget

LOOKS = {
    # text
    "label": "foreground/65",
    "dim": "foreground/45",
    "word": "foreground/75",
    "note": "foreground/60",
    "strong": "bold",
    "heading": "bold",
    "place": "primary",
    "link": "bold primary",
    "differs": "bold accent",
    "added": "success",
    "removed": "error",
    "warning": "warning",
    "busy": "success",
    "key": "bold accent",
    # lines and cells
    "head": "foreground/60 on surface",
    "head-focus": "foreground/85 on panel",
    "sorted": "bold accent",
    "cursor": "foreground on primary-muted",
    "cursor-dim": "on secondary-muted",
    "cell": "bold background on primary",
    "marked": "accent",
    "rank": "foreground/40",
    "id": "bold",
    "first": "bold on primary-muted",
    # chips and tabs
    "chip": "foreground on panel",
    "chip-text": "italic secondary on panel",
    "chip-bad": "error on error-muted",
    "chip-cursor": "bold background on accent",
    "on": "bold underline foreground",
    "off": "foreground/55",
    # source
    "keyword": "bold primary",
    "string": "success",
    "comment": "italic foreground/45",
    "number": "accent",
    "name": "bold",
    "builtin": "secondary",
}
"""Attributes, then `colour` or `colour/strength in percent`, then `on colour`; colours are the theme's variables."""


def look(widget: Widget, role: str) -> Style:
    """The Rich style of a role in the present theme; nothing for no role."""
    if not role:
        return Style.null()
    app = widget.app
    return _look(role, app.theme, app.current_theme.ansi, tuple(_colours(app.theme_variables)))


def _colours(variables: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, variables[name]) for name in _USED if name in variables]


_USED = (
    "foreground", "background", "surface", "panel", "primary", "secondary", "accent", "warning", "error", "success",
    "primary-muted", "secondary-muted", "error-muted",
)  # fmt: skip


@lru_cache(maxsize=512)
def _look(role: str, theme: str, ansi: bool, colours: tuple[tuple[str, str], ...]) -> Style:
    variables = dict(colours)
    front, _, back = f" {LOOKS[role]}".partition(" on ")
    words = front.split()
    style = Style(
        bold="bold" in words or None, italic="italic" in words or None, underline="underline" in words or None
    )
    for word in words:
        name, _, strength = word.partition("/")
        if name in variables:
            style += _fore(variables, name, int(strength or 100), ansi)
    return style + _back(variables, back, ansi)


def _fore(variables: dict[str, str], name: str, strength: int, ansi: bool) -> Style:
    if ansi:  # the terminal's own colours cannot be mixed, and its blue is often too dark to read
        if strength < 60 or name in ("foreground", "background"):
            return Style(dim=True) if strength < 60 else Style()
        return _plain(variables["secondary" if name == "primary" else name])
    ground, colour = Color.parse(variables["background"]), Color.parse(variables[name])
    return Style(color=ground.blend(colour, strength / 100).rich_color)


def _plain(colour: str) -> Style:
    return Style(color=Color.parse(colour).rich_color)


def _back(variables: dict[str, str], name: str, ansi: bool) -> Style:
    if not name:
        return Style()
    if ansi:
        reverse = name in ("primary", "accent", "primary-muted")
        return Style(reverse=reverse or None, underline=name in ("primary", "panel") or None)
    return Style(bgcolor=Color.parse(variables[name]).rich_color)
