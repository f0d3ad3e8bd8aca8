"""The themes: a calm dark one and a light one of our own, and the terminal's own colours."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="modelsearch",
    primary="#87afd7",
    secondary="#87afaf",
    accent="#d7af5f",
    warning="#d7875f",
    error="#d75f5f",
    success="#87af87",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    dark=True,
    variables={
        "primary-muted": "#005f87",
        "secondary-muted": "#303030",
        "accent-muted": "#5f5f00",
        "error-muted": "#5f0000",
        "input-selection-background": "#005f87",
    },
)
LIGHT = Theme(
    name="modelsearch-light",
    primary="#005f87",
    secondary="#005f5f",
    accent="#875f00",
    warning="#af5f00",
    error="#af0000",
    success="#005f00",
    foreground="#262626",
    background="#ffffff",
    surface="#eeeeee",
    panel="#dadada",
    dark=False,
    variables={
        "primary-muted": "#afd7ff",
        "secondary-muted": "#e4e4e4",
        "accent-muted": "#ffd787",
        "error-muted": "#ffd7d7",
        "input-selection-background": "#afd7ff",
    },
)
"""All colours of ours are of the 256 that every terminal has, so that they look the same where there are no more."""
OURS = (DARK, LIGHT)
TERMINAL = {"terminal": "ansi-dark", "terminal-light": "ansi-light"}
"""Our names for the themes that take the terminal's own sixteen colours."""


def real_name(name: str) -> str:
    """The name Textual knows a theme by."""
    return TERMINAL.get(name, name)
