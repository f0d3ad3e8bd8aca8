"""Every key of the app, once: the bindings, the footer, the help and the palette are all made from this table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from textual.binding import Binding
from textual.keys import _character_to_key

Where = Literal["move", "grid", "pane", "pictures", "bar", "chips", "screen"]


@dataclass(frozen=True, slots=True)
class Key:
    """One binding. `id` is what a config file remaps; `label` is for the footer, `help` for the help page."""

    id: str
    keys: str
    action: str
    label: str
    help: str
    where: Where


KEYS: tuple[Key, ...] = (
    Key("move.up", "up,k", "up", "up", "one line up", "move"),
    Key("move.down", "down,j", "down", "down", "one line down", "move"),
    Key("move.page_up", "pageup", "page(-1)", "page up", "one page up", "move"),
    Key("move.page_down", "pagedown", "page(1)", "page down", "one page down", "move"),
    Key("move.first", "g,home", "first", "first", "to the first line", "move"),
    Key("move.last", "G,end", "last", "last", "to the last line", "move"),
    Key("move.left", "left,h", "side(-1)", "left", "one cell or column to the left", "move"),
    Key("move.right", "right,l", "side(1)", "right", "one cell or column to the right", "move"),
    Key("open.next_level", "enter", "enter", "open", "details; again: the source at the fact's line", "move"),
    Key("grid.mark", "space", "mark", "mark", "mark or unmark the model", "grid"),
    Key("grid.sort", "s", "sort", "sort", "sort by the cell's column; again: the other way", "grid"),
    Key("pane.next", "n", "next(1)", "next", "next difference, match or picture", "move"),
    Key("pane.previous", "N", "next(-1)", "previous", "previous difference, match or picture", "move"),
    Key("pictures.previous_epoch", "left_square_bracket", "epoch(-1)", "earlier", "previous epoch", "pictures"),
    Key("pictures.next_epoch", "right_square_bracket", "epoch(1)", "later", "next epoch", "pictures"),
    Key("bar.complete", "tab", "complete", "complete", "take the completion", "bar"),
    Key("bar.history_back", "up", "recall(-1)", "earlier", "the question asked before", "bar"),
    Key("bar.history", "ctrl+r", "screen.history", "history", "questions asked before", "bar"),
    Key("bar.leave", "down,escape", "leave", "results", "back to the results, the text is kept", "bar"),
    Key("bar.chips", "left", "left", "chips", "at the start of the bar: into the chips", "bar"),
    Key("chips.left", "left,h", "side(-1)", "left", "the chip before", "chips"),
    Key("chips.right", "right,l", "side(1)", "right", "the chip after", "chips"),
    Key("chips.edit", "enter", "edit", "edit", "edit the chip in the bar", "chips"),
    Key("chips.remove", "delete,backspace,x", "remove", "remove", "remove the chip", "chips"),
    Key("chips.leave", "escape,down", "leave", "back", "back to the bar", "chips"),
    Key("ask.bar", "slash", "ask", "ask", "to the query bar", "screen"),
    Key("go.back", "escape", "back", "back", "one step back", "screen"),
    Key("go.next_pane", "tab", "next_pane", "other side", "to the next pane", "screen"),
    Key("go.previous_pane", "shift+tab", "next_pane", "other side", "to the pane before", "screen"),
    Key("go.full", "z", "full", "full screen", "the pane at full screen and back", "screen"),
    Key("pane.details", "1", "pane('details')", "details", "details of the model", "screen"),
    Key("pane.diff", "2", "pane('diff')", "diff", "the diff", "screen"),
    Key("pane.images", "3", "pane('images')", "images", "the pictures", "screen"),
    Key("pane.report", "4", "pane('report')", "report", "the report", "screen"),
    Key("pane.source", "5", "pane('source')", "source", "the source", "screen"),
    Key(
        "do.diff",
        "d",
        "diff",
        "diff",
        "diff of the two marked, or the marked and this one; three or more: a table",
        "screen",
    ),
    Key("do.images", "i", "images", "images", "pictures of the model", "screen"),
    Key("do.report", "r", "report", "report", "report on the marked models, or this one; again: stop it", "screen"),
    Key("do.open", "o", "editor", "editor", "open the file at the fact's line in $EDITOR", "screen"),
    Key("do.copy", "y", "copy", "copy", "copy id, path, cell or report", "screen"),
    Key("do.tag", "t", "tag", "tag/note", "tag or note", "screen"),
    Key("do.export", "e", "export", "export", "export the results: CSV, JSON, Markdown", "screen"),
    Key("do.filter", "f", "filter(False)", "filter", "the cell's value becomes a filter", "screen"),
    Key("do.exclude", "F", "filter(True)", "exclude", "the cell's value becomes an exclusion", "screen"),
    Key("ask.values", "v", "values", "values", "values of the results, counted; one becomes a filter", "screen"),
    Key("grid.columns", "c", "columns", "columns", "choose columns", "screen"),
    Key("grid.clear_marks", "u", "clear_marks", "unmark", "clear all marks", "screen"),
    Key("ask.previous", "H", "travel(-1)", "back", "previous question", "screen"),
    Key("ask.next", "L", "travel(1)", "forward", "next question", "screen"),
    Key("ask.save", "ctrl+s", "save", "save", "save the question", "screen"),
    Key("ask.saved", "ctrl+o", "saved", "saved", "saved questions", "screen"),
    Key("roots.refresh", "R", "refresh_roots", "refresh", "look at the roots again", "screen"),
    Key("roots.add", "a", "add_folder", "add folder", "add a folder", "screen"),
    Key("app.help", "question_mark,f1", "help", "help", "help for what has the focus", "screen"),
    Key("app.palette", "ctrl+p", "app.command_palette", "palette", "all commands, by name", "screen"),
    Key("app.quit", "q,ctrl+q", "app.quit", "quit", "quit", "screen"),
)

BY_ID: Mapping[str, Key] = {key.id: key for key in KEYS}

FOOTER: Mapping[str, tuple[str, ...]] = {
    "grid": (
        "open.next_level",
        "grid.mark",
        "do.diff",
        "ask.bar",
        "do.images",
        "do.report",
        "do.filter",
        "grid.sort",
        "grid.columns",
        "go.next_pane",
        "do.copy",
        "do.tag",
        "do.export",
        "do.open",
        "ask.values",
    ),
    "details": (
        "open.next_level",
        "do.open",
        "go.back",
        "do.filter",
        "do.copy",
        "pane.next",
        "go.full",
        "do.images",
        "do.report",
    ),
    "diff": ("pane.next", "pane.previous", "open.next_level", "go.back", "go.full", "do.filter", "do.open", "do.copy"),
    "images": (
        "pane.next",
        "go.back",
        "pictures.previous_epoch",
        "pictures.next_epoch",
        "open.next_level",
        "go.full",
        "do.open",
    ),
    "report": ("do.report", "do.copy", "open.next_level", "go.back", "go.full", "pane.next"),
    "source": ("do.open", "pane.next", "go.back", "go.full", "do.copy"),
    "bar": ("bar.complete", "bar.leave", "bar.history_back", "bar.history", "bar.chips", "ask.save", "ask.saved"),
    "chips": ("chips.edit", "chips.remove", "chips.leave"),
}
"""What the footer names for each widget, the most useful first; what does not fit is left to the help."""

_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "delete": "Del",
    "backspace": "Bksp",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "f1": "F1",
    "up": "\u2191",
    "down": "\u2193",
    "left": "\u2190",
    "right": "\u2192",
    "home": "Home",
    "end": "End",
    "shift+tab": "Shift+Tab",
}


AT_ONCE = ("ask.bar", "go.back")
"""Keys that act before the next key is looked at, so that what is typed fast behind them goes where they lead."""


TYPED = frozenset(_character_to_key(chr(code)) for code in range(32, 127))
"""The names of the keys that write an ASCII character."""
MODIFIERS = frozenset(("ctrl", "shift", "alt", "super", "meta", "hyper"))


def bindings(*where: Where, only: Iterable[str] = ()) -> list[Binding]:
    """The bindings of one kind of widget. `only` narrows them to some ids."""
    wanted = set(only)
    return [
        Binding(key.keys, key.action, key.label, show=False, id=key.id, priority=key.id in AT_ONCE)
        for key in KEYS
        if key.where in where and (not wanted or key.id in wanted)
    ]


def shown(key: Key, keymap: Mapping[str, str], every: bool = False) -> str:
    """The key as it is printed: the first of its keys, or all of them, after remapping."""
    keys = keymap.get(key.id, key.keys).split(",")
    names = [_NAMES.get(name.strip(), name.strip()) for name in keys]
    return " ".join(names) if every else names[0]


def mapped(configured: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The keys of a config file by binding, as Textual names them, and a line for each entry that cannot be used.

    An entry that names no binding or no key, or a key that another binding has in the same place, leaves the default.
    """
    keymap: dict[str, str] = {}
    problems = []
    for id, text in configured.items():
        names = [text] if text == "," else text.split(",")
        keys = [_key(name.strip()) for name in names]
        bad = [name.strip() for name, key in zip(names, keys, strict=True) if key is None]
        if id not in BY_ID:
            problems.append(f"no key is called {id}{_nearest(id, BY_ID)}")
        elif bad:
            problems.append(f'{id}: there is no key "{bad[0]}"{_nearest(bad[0].lower(), _known())}')
        else:
            keymap[id] = ",".join(key for key in keys if key)
    while clash := _clash(keymap):
        id, other, key = clash
        problems.append(f"{id}: {_NAMES.get(key, key)} is the key of {other}, which needs another one first")
        del keymap[id]
    return keymap, problems


def _clash(keymap: dict[str, str]) -> tuple[str, str, str] | None:
    """A changed binding, another one that has the same key in the same place, and the key."""
    for id in reversed(keymap):
        for other in KEYS:
            shared = set(keymap[id].split(",")) & set(keymap.get(other.id, other.keys).split(","))
            if other.id != id and shared and _place(other) == _place(BY_ID[id]):
                return id, other.id, min(shared)
    return None


def _place(key: Key) -> str:
    """Where a key is heard: the bar and the chips have theirs for themselves, all other places share one set."""
    return key.where if key.where in ("bar", "chips") else "screen"


def _key(name: str) -> str | None:
    """A key as Textual names it: "?" is question_mark, "Ctrl+S" is ctrl+s; None for what is none."""
    if len(name) == 1:
        return _character_to_key(name)
    *modifiers, last = name.split("+")
    lower = "+".join([*modifiers, last]).lower()
    known = _known()
    if lower in known or (
        modifiers and set(lower.split("+")[:-1]) <= MODIFIERS and (len(last) == 1 or last.lower() in known)
    ):
        return lower
    return None


def _known() -> set[str]:
    """The names of keys that are longer than a letter."""
    from textual.keys import Keys

    return {key.value for key in Keys if "<" not in key.value} | TYPED


def _nearest(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), 1)
    return f"; do you mean {found[0]}?" if found else ""
