"""The Images pane: a page of thumbnails, a scrubber over epochs or a setting's values; damaged ones are said to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from core.artifacts.naming import valued
from core.search.answer import PictureHit
from tui.app.graphics import picture_widget
from tui.app.keys import bindings
from tui.app.panes.tiling import Box, Page, fitted, pages
from tui.app.text import cut, plain
from tui.app.widgets.picture import HalfBlocks, load
from tui.app.widgets.strip_line import OneLine, Piece
from tui.app.work import Working

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS = (10, 20)
"""Pixels that a cell is taken to have when a picture is made smaller."""


class Tile(Vertical):
    """One picture and its name."""

    DEFAULT_CSS = """
    Tile { margin: 0 1 0 0; }
    Tile > Container { height: 1fr; align: center middle; overflow: hidden; }
    Tile .caption { height: 1; width: 100%; text-align: center; color: $foreground 65%; }
    Tile.-current .caption { background: $primary-muted; color: $foreground; text-style: bold; }
    Tile .damaged { color: $warning; width: auto; }
    Tile .waiting { width: auto; color: $foreground 45%; }
    """

    class Chosen(Message):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, hit: PictureHit, box: Box) -> None:
        super().__init__()
        self.hit, self.index, self.box = hit, box.index, box
        self.styles.width, self.styles.height = box.width, box.height + 1
        self.ready = False
        self.loaded: tuple[Image | None, type[Widget] | None] | None = None

    def compose(self) -> ComposeResult:
        yield Container(Static("" if self.hit.image.readable else "damaged", markup=False, classes="waiting"))
        yield Static(caption(self.hit, self.box.width), markup=False, classes="caption")

    def on_mount(self) -> None:
        self.ready = True
        self._put()

    def show(self, picture: Image | None, widget: type[Widget] | None) -> None:
        """Put the picture into its frame, as soon as there is one."""
        self.loaded = (picture, widget)
        self._put()

    def _put(self) -> None:
        if self.ready and self.loaded is not None:
            frame = self.query_one(Container)
            frame.remove_children()
            frame.mount(self._drawn(*self.loaded))

    def _drawn(self, picture: Image | None, widget: type[Widget] | None) -> Widget:
        if picture is None:
            return Static("damaged", markup=False, classes="damaged")
        if widget is None:
            return HalfBlocks(picture)
        drawn = widget(picture)  # type: ignore[arg-type]
        wide = picture.width / picture.height * PIXELS[1] / PIXELS[0] > self.box.width / self.box.height
        drawn.styles.width, drawn.styles.height = ("100%", "auto") if wide else ("auto", "100%")
        return drawn

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Chosen(self.index))


def caption(hit: PictureHit, width: int) -> str:
    """Epoch or step and what the picture shows; else its name."""
    image = hit.image
    parts = (
        [f"epoch {image.epoch}"]
        if image.epoch is not None
        else [f"step {image.step}"]
        if image.step is not None
        else []
    )
    parts += [plain(image.label)] if image.label else []
    if not parts:
        return cut(plain(PurePath(image.path).name), width, "end")
    return cut(" \u00b7 ".join(parts), width)


class Moment(NamedTuple):
    """What a picture is one of a row of: its epoch, its step, or the value of the setting that its name tells."""

    of: str
    value: float

    def __str__(self) -> str:
        return f"{self.value:g}" if self.value != int(self.value) else str(int(self.value))


class Scrubber(OneLine):
    """The epochs, or the values of a setting, as a row of dots."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: tuple[Moment, ...] = ()
        self.at: Moment | None = None

    def show(self, moments: Sequence[Moment], at: Moment | None) -> None:
        self.moments, self.at = tuple(moments), at
        self.display = len(moments) > 1
        self.refresh()

    def left(self) -> Sequence[Piece]:
        if not self.moments:
            return ()
        pieces = [Piece(" [ ", "key", "-"), Piece(f"{self.moments[0]} ", "dim")]
        room = max(self.size.width - 36, 8)
        stride = max(-(-len(self.moments) // room), 1)
        for index in range(0, len(self.moments), stride):
            part = self.moments[index : index + stride]
            pieces.append(
                Piece("\u25cf" if self.at in part else "\u2500", "on" if self.at in part else "dim", str(index))
            )
        return [
            *pieces,
            Piece(f" {self.moments[-1]}", "dim"),
            Piece(" ] ", "key", "+"),
            Piece("" if self.at is None else f" {plain(self.at.of)} {self.at}", "word"),
        ]


class Images(Working, can_focus=True):
    """Thumbnails of an answer's pictures, a page at a time."""

    DEFAULT_CSS = """
    Images { layout: vertical; }
    #pictures-title { height: 1; text-style: bold; }
    #pictures-caption { height: 1; color: $foreground 65%; }
    #tiles { height: 1fr; overflow: hidden; }
    #tiles > Horizontal { height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("move"), *bindings("pictures")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hits: tuple[PictureHit, ...] = ()
        self.cursor = 0
        self.heading = "No pictures yet. i shows those of the model in the results."
        self.ready = False
        """Whether the parts of the pane are there."""
        self.large = False
        """Whether one picture has the whole pane."""
        self._pages: list[Page] = []
        self._page: Page = ()
        """The page that is drawn."""

    def compose(self) -> ComposeResult:
        yield Static("", id="pictures-title", markup=False)
        yield Container(id="tiles")
        yield Scrubber()
        yield Static("", id="pictures-caption", markup=False)

    # -- content

    def on_mount(self) -> None:
        self.ready = True
        self._draw()

    def show(self, hits: Sequence[PictureHit], title: str, cursor: int = 0) -> None:
        """Draw these pictures, in this order."""
        self.hits, self.cursor, self.large = tuple(hits), min(cursor, max(len(hits) - 1, 0)), False
        self._forget()
        damaged = sum(1 for hit in hits if not hit.image.readable)
        count = f"{len(hits)} picture{'s' if len(hits) != 1 else ''}" + (f", {damaged} damaged" if damaged else "")
        rows = f" by {' and by '.join(map(plain, self._rows))}" if len(self._rows) > 1 else ""
        self.heading = f"{plain(title)}  {count}{rows}" if hits else plain(title)
        self._draw()

    @property
    def current(self) -> PictureHit | None:
        return self.hits[self.cursor] if self.hits else None

    @property
    def moments(self) -> list[Moment]:
        """The row that the current picture stands in: the epochs (or steps, or values), in order; the first row where
        it stands in none."""
        now = _moment(self.current) if self.current else None
        rows = self._rows
        return self._row(now.of if now else rows[0]) if rows else []

    @property
    def _rows(self) -> list[str]:
        """What the pictures are rows of: epoch, step, the settings that were swept."""
        return list(dict.fromkeys(moment.of for hit in self.hits if (moment := _moment(hit)) is not None))

    def _row(self, of: str) -> list[Moment]:
        moments = {moment for hit in self.hits if (moment := _moment(hit)) is not None}
        return sorted(moment for moment in moments if moment.of == of)

    def on_resize(self) -> None:
        self._forget()
        self.call_after_refresh(self._draw)

    def _forget(self) -> None:
        self._pages, self._page = [], ()

    def _layout(self) -> Page:
        """The page with the cursor; one picture alone where it is large."""
        area = self.query_one("#tiles").size
        if not self.hits or not area.width or not area.height:
            return ()
        self._pages = self._pages or pages([_shape(hit) for hit in self.hits], area.width - 1, area.height)
        if self.large:
            return ((fitted(self.cursor, _shape(self.hits[self.cursor]), area.width - 1, area.height - 1),),)
        return next(page for page in self._pages if self.cursor <= page[-1][-1].index)

    def _draw(self) -> None:
        if not self.ready:
            return
        self.query_one("#pictures-title", Static).update(self.heading)
        page = self._layout()
        if page != self._page or not page:
            self._page = page
            self._fill()
        for tile in self.query(Tile):
            tile.set_class(tile.index == self.cursor, "-current")
        self._tell()

    def _fill(self) -> None:
        area = self.query_one("#tiles")
        area.remove_children()
        rows = [[Tile(self.hits[box.index], box) for box in row] for row in self._page]
        area.mount_all([Horizontal(*row) for row in rows])
        tiles = [tile for row in rows for tile in row]
        app = self.app

        def pictures() -> tuple[type[Widget] | None, list[Image | None]]:
            return picture_widget(app), [_load(tile.hit, tile.box) for tile in tiles]

        def deliver(found: tuple[type[Widget] | None, list[Image | None]]) -> None:
            for tile, picture in zip(tiles, found[1], strict=True):
                tile.show(picture, found[0])

        self.work("tiles", pictures, deliver)

    def _tell(self) -> None:
        hit = self.current
        about = self.query_one("#pictures-caption", Static)
        if hit is None:
            about.update("")
            self.query_one(Scrubber).show((), None)
            return
        image = hit.image
        size = f"{image.width}\u00d7{image.height}" if image.readable else "damaged"
        parts = [f"{self.cursor + 1}/{len(self.hits)}", plain(PurePath(image.path).name), size, plain(image.why)]
        about.update(cut("  ".join(part for part in parts if part), max(self.size.width - 2, 8)))
        self.query_one(Scrubber).show(self.moments, _moment(hit))

    # -- moving

    def move(self, index: int) -> None:
        if self.hits:
            self.cursor = min(max(index, 0), len(self.hits) - 1)
            self._draw()

    def action_up(self) -> None:
        self._to_row(-1)

    def action_down(self) -> None:
        self._to_row(1)

    def _to_row(self, direction: int) -> None:
        """The same place in the row above or below, on the next page where there is none."""
        rows = [row for page in self._pages for row in page]
        at = next((index for index, row in enumerate(rows) if self.cursor <= row[-1].index), 0)
        if 0 <= at + direction < len(rows):
            wanted = rows[at + direction]
            self.move(wanted[min(self.cursor - rows[at][0].index, len(wanted) - 1)].index)

    def action_side(self, direction: int) -> None:
        self.move(self.cursor + direction)

    def action_next(self, direction: int) -> None:
        if self.hits:
            self.move((self.cursor + direction) % len(self.hits))

    def action_page(self, direction: int) -> None:
        self.move(self.cursor + direction * max(sum(map(len, self._page)), 1))

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(len(self.hits) - 1)

    def action_enter(self) -> None:
        """One picture at the whole pane, and back."""
        self.large = bool(self.hits) and not self.large
        self._draw()

    def action_epoch(self, direction: int) -> None:
        """The same picture, an epoch (or value) earlier or later; at the end of a row, the next row."""
        if self.current is None:
            return
        now, moments = _moment(self.current), self.moments
        at = moments.index(now) + direction if now is not None else 0
        if not 0 <= at < len(moments):
            rows = self._rows
            row = rows.index(moments[0].of) + direction if moments else -1
            if not 0 <= row < len(rows):
                return
            moments, at = self._row(rows[row]), 0 if direction > 0 else -1
        self._to(moments[at])

    def _to(self, moment: Moment) -> None:
        assert self.current is not None
        now = self.current
        found = [index for index, hit in enumerate(self.hits) if _moment(hit) == moment]
        own = [index for index in found if self.hits[index].model == now.model]
        alike = [index for index in own if self.hits[index].image.label == now.image.label]
        self.move((alike or own or found)[0])

    def on_tile_chosen(self, message: Tile.Chosen) -> None:
        self.focus()
        self.move(message.index)

    def on_one_line_clicked(self, message: OneLine.Clicked) -> None:
        message.stop()
        if message.tag in "+-":
            self.action_epoch(1 if message.tag == "+" else -1)
        else:
            self._to(self.moments[int(message.tag)])


def _shape(hit: PictureHit) -> float:
    """Width over height; a damaged one is taken to be square, a very long one to be less so."""
    image = hit.image
    return min(max(image.width / image.height, 0.2), 12.0) if image.width and image.height else 1.0


def _load(hit: PictureHit, box: Box) -> Image | None:
    """The picture for a box. Runs in a worker."""
    return load(hit.image.path, box.width * PIXELS[0], box.height * PIXELS[1]) if hit.image.readable else None


def _moment(hit: PictureHit) -> Moment | None:
    """Its epoch, else its step, else the number that its label ends in."""
    image = hit.image
    if image.epoch is not None:
        return Moment("epoch", image.epoch)
    if image.step is not None:
        return Moment("step", image.step)
    named = valued(image.label)
    return Moment(*named) if named else None


__all__ = ["Images", "Tile", "caption"]
