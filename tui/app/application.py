"""The app around the one screen: themes, key map, palette, and where errors end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme

from tui.app.desk import NARROW
from tui.app.kept import Kept
from tui.app.keys import KEYS, mapped, shown
from tui.app.screen import MainScreen
from tui.app.text import plain
from tui.app.themes import OURS, real_name
from tui.app.work import Failed, told

if TYPE_CHECKING:
    from core.configuration import Configuration
    from core.library import Library


class ModelSearchApp(App[None]):
    """Thin: all that one sees is the screen's."""

    CSS_PATH = "app.tcss"
    TITLE = "ModelSearch"

    def __init__(
        self, library: Library, question: str | None, diff: tuple[str, str] | None, configuration: Configuration
    ) -> None:
        super().__init__()
        keymap, self.key_problems = mapped(configuration.keys)
        self.library, self.configuration = library, replace(configuration, keys=keymap)
        self.question, self.diff = question or "", diff
        for theme in OURS:
            self.register_theme(theme)
        self.kept = Kept(configuration)
        self._choose_theme(self._theme(self.kept.theme))
        self.set_keymap(keymap)

    def _choose_theme(self, name: str) -> None:
        """Set the theme without the second reading of the stylesheet that a change of theme costs."""
        if self.available_themes[name].ansi:
            self.theme = name
            return
        self.set_reactive(App.theme, name)
        dark = self.available_themes[name].dark
        self.update_classes({"-dark-mode": dark, "-light-mode": not dark}, update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def _theme(self, name: str | None) -> str:
        wanted = real_name(name) if name else "modelsearch"
        if wanted in self.available_themes:
            return wanted
        self.call_later(self.notify, f"config.toml: no theme is called {plain(name)}", severity="warning", markup=False)
        return "modelsearch"

    def get_default_screen(self) -> Screen[None]:
        narrow = self.size.width < NARROW
        return MainScreen(self.library, self.configuration, self.kept, self.question, self.diff, narrow)

    def on_mount(self) -> None:
        for problem in self.key_problems:
            self.call_later(self.notify, f"config.toml: {plain(problem)}", severity="warning", markup=False)
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def _keep_theme(self, theme: Theme) -> None:
        screen = self.screen_stack[0]
        if isinstance(screen, MainScreen):
            screen.keep("theme", theme.name)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything a key can do on the screen, by name, and the themes."""
        if isinstance(screen, MainScreen):
            for key in KEYS:
                if key.where == "screen" and not key.action.startswith(("app.", "back")):
                    yield SystemCommand(
                        key.help[0].upper() + key.help[1:],
                        f"key {shown(key, self.configuration.keys, every=True)}",
                        lambda action=key.action: self.call_later(screen.run_action, action),
                    )
        yield SystemCommand("Theme", "choose the colours", self.action_change_theme)
        yield SystemCommand("Quit", "leave ModelSearch", self.action_quit)

    async def on_event(self, event: events.Event) -> None:
        """A key that follows Escape within a tenth of a second comes as one key with Alt: it is two keys here."""
        if isinstance(event, events.Key) and not event.is_forwarded and (key := self._behind_escape(event.key)):
            await super().on_event(events.Key("escape", "\x1b"))
            event = events.Key(key, key)
        await super().on_event(event)

    def _behind_escape(self, key: str) -> str | None:
        """The letter or digit of a key with Alt that the user has given no meaning; None for any other key."""
        letter = key.removeprefix("alt+")
        if (
            letter == key
            or len(letter.removeprefix("shift+")) != 1
            or key in ",".join(self._keymap.values()).split(",")
        ):
            return None
        return letter[-1].upper() if letter.startswith("shift+") else letter

    def on_failed(self, message: Failed) -> None:
        self.notify(told(message.error), title=plain(message.group), severity="error", markup=False)

    def on_unmount(self) -> None:
        self.library.close()
