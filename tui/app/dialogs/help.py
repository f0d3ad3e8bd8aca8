"""The help page: the keys of what has the focus first, then those that work everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui.app.dialogs.choose import Page
from tui.app.keys import KEYS, Key, Where, shown
from tui.app.text import fit, wrap
from tui.app.widgets.lines import Line, Span, heading, line

TITLES: Mapping[str, tuple[str, tuple[Where, ...]]] = {
    "grid": ("The results", ("move", "grid")),
    "details": ("Details", ("move",)),
    "diff": ("Diff", ("move",)),
    "images": ("Images", ("move", "pictures")),
    "report": ("Report", ("move",)),
    "source": ("Source", ("move",)),
    "bar": ("The query bar", ("bar",)),
    "chips": ("The chips", ("chips",)),
}

ABOUT: Mapping[str, str] = {
    "grid": "All models that meet the question. The cell under the cursor can be sorted by, filtered by and copied.",
    "details": "All that is known of the model. Enter on a fact opens its source at the line.",
    "diff": "Differing rows first; n and N go from difference to difference.",
    "images": "The model's pictures. [ and ] go through the epochs; Enter makes one large.",
    "report": "Prose made from facts alone, each sentence with its places.",
    "source": "The file at the fact's line; n and N go from fact to fact.",
    "bar": "Words or conditions: dataset:cifar10 lr:<1e-3 -conditional. It answers while you type.",
    "chips": "How the question was read, part by part.",
}


def help_page(context: str, keymap: Mapping[str, str]) -> Page:
    """The page for one widget, with the keys as they are mapped now."""
    return Page("Help", lambda width: list(_lines(context, keymap, width)))


def _lines(context: str, keymap: Mapping[str, str], width: int) -> Iterator[Line]:
    title, groups = TITLES[context]
    yield from (line(part, "dim") for part in wrap(ABOUT[context], width))
    yield line("")
    yield heading(title, width)
    yield from _keys([key for key in KEYS if key.where in groups], keymap, width)
    yield line("")
    yield heading("Everywhere", width)
    yield from _keys([key for key in KEYS if key.where == "screen"], keymap, width)
    yield line("")
    about = "Any key can be changed: [keys] in config.toml takes the name at the right."
    yield from (line(part, "dim") for part in wrap(about, width))


NAMES = max(len(key.id) for key in KEYS)
"""Cells of a binding's name, which a config file must spell in full."""


def _keys(keys: list[Key], keymap: Mapping[str, str], width: int) -> Iterator[Line]:
    room = max(width - 13 - NAMES - 2, 16)
    for key in keys:
        for index, part in enumerate(wrap(key.help, room)):
            name, pressed = ("", "") if index else (key.id, shown(key, keymap, every=True))
            yield Line((Span(f" {fit(pressed, 12)}", "link"), Span(fit(part, room)), Span(f" {name}", "dim")))
