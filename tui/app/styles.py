"""Component styles with their transparency worked out, also on terminals that mix no colours."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

LOUD = 0.25
"""Where colours are the terminal's own, a background as strong as this is reversed and a weaker one underlined."""


def component(widget: Widget, name: str) -> Style:
    """The Rich style of a component class: only what app.tcss sets, blended with the widget's background."""
    styles = widget.get_component_styles(name)
    fore = styles.color if styles.has_rule("color") else None
    back = styles.background if styles.has_rule("background") else None
    if widget.app.current_theme.ansi:
        style = (
            Style(color=fore.rich_color)
            if fore is not None and fore.a == 1
            else Style(dim=True)
            if fore is not None
            else Style()
        )
        if back is not None:
            style += Style(reverse=True) if back.a >= LOUD else Style(underline=True)
        return style + styles.text_style
    ground = widget.background_colors[1]
    style = Style(
        color=(ground + fore).rich_color if fore is not None else None,
        bgcolor=(ground + back).rich_color if back is not None else None,
    )
    return style + styles.text_style
