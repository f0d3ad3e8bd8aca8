"""The Images pane: a page of thumbnails, the epochs as a scrubber, and the damaged ones said to be damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from core.search.answer import PictureHit
from tui.app.graphics import picture_widget
from tui.app.keys import bindings
from tui.app.text import cut, plain
from tui.app.widgets.picture import HalfBlocks, load
from tui.app.widgets.strip_line import OneLine, Piece
from tui.app.work import Working

if TYPE_CHECKING:
    from PIL.Image import Image

TILE = 22
"""Cells of a thumbnail's width, at least."""
PIXELS = (10, 20)
"""Pixels that a cell is taken to have when a picture is made smaller."""


class Tile(Vertical):
    """One picture and its name."""

    DEFAULT_CSS = """
    Tile { height: 100%; width: 100%; }
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

    def __init__(self, hit: PictureHit, index: int) -> None:
        super().__init__()
        self.hit, self.index = hit, index
        self.ready = False
        self.loaded: tuple[Image | None, type[Widget] | None] | None = None

    def compose(self) -> ComposeResult:
        yield Container(Static("" if self.hit.image.readable else "damaged", markup=False, classes="waiting"))
        yield Static(caption(self.hit, 60), markup=False, classes="caption")

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
            frame.mount(self._drawn(*self.loaded, frame))

    def _drawn(self, picture: Image | None, widget: type[Widget] | None, frame: Container) -> Widget:
        if picture is None:
            return Static("damaged", markup=False, classes="damaged")
        if widget is None:
            return HalfBlocks(picture)
        drawn = widget(picture)  # type: ignore[arg-type]
        wide = picture.width / picture.height * PIXELS[1] / PIXELS[0] > frame.size.width / max(frame.size.height, 1)
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
    return cut(" \u00b7 ".join(parts) or plain(PurePath(image.path).name), width, "end")


class Scrubber(OneLine):
    """The epochs as a row of dots."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: tuple[int, ...] = ()
        self.at: int | None = None

    def show(self, moments: Sequence[int], at: int | None) -> None:
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
                Piece("\u25cf" if self.at in part else "\u2500", "on" if self.at in part else "dim", str(part[0]))
            )
        return [
            *pieces,
            Piece(f" {self.moments[-1]}", "dim"),
            Piece(" ] ", "key", "+"),
            Piece("" if self.at is None else f" {self.at}", "word"),
        ]


class Images(Working, can_focus=True):
    """Thumbnails of an answer's pictures, a page at a time."""

    DEFAULT_CSS = """
    Images { layout: vertical; }
    #pictures-title { height: 1; text-style: bold; }
    #pictures-caption { height: 1; color: $foreground 65%; }
    #tiles { layout: grid; height: 1fr; grid-gutter: 0 1; }
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
        self._page: tuple[int, ...] = ()
        self._columns = 1

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
        self.hits, self.cursor, self.large, self._page = tuple(hits), min(cursor, max(len(hits) - 1, 0)), False, ()
        damaged = sum(1 for hit in hits if not hit.image.readable)
        count = f"{len(hits)} picture{'s' if len(hits) != 1 else ''}" + (f", {damaged} damaged" if damaged else "")
        self.heading = f"{plain(title)}  {count}" if hits else plain(title)
        self._draw()

    @property
    def current(self) -> PictureHit | None:
        return self.hits[self.cursor] if self.hits else None

    @property
    def moments(self) -> list[int]:
        """The epochs (or steps) there are pictures of, in order."""
        return sorted({moment for hit in self.hits if (moment := _moment(hit)) is not None})

    def on_resize(self) -> None:
        self._page = ()
        self.call_after_refresh(self._draw)

    def _layout(self) -> tuple[int, int]:
        """Columns and rows of a page, so that few pictures are large and many are small."""
        area = self.query_one("#tiles").size
        if self.large or len(self.hits) <= 1 or not area.width:
            return 1, 1
        columns = max(min(area.width // TILE, len(self.hits)), 1)
        while columns > 2 and (columns - 1) * max(area.height // (area.width // (columns - 1) // 2 + 1), 1) >= len(
            self.hits
        ):
            columns -= 1
        return columns, max(area.height // (area.width // columns // 2 + 1), 1)

    def _draw(self) -> None:
        if not self.ready:
            return
        self.query_one("#pictures-title", Static).update(self.heading)
        columns, rows = self._layout()
        each = columns * rows
        start = self.cursor // each * each
        page = tuple(range(start, min(start + each, len(self.hits))))
        self._columns = columns
        if page != self._page:
            self._page = page
            self._fill(columns, rows)
        for tile in self.query(Tile):
            tile.set_class(tile.index == self.cursor, "-current")
        self._tell()

    def _fill(self, columns: int, rows: int) -> None:
        area = self.query_one("#tiles")
        area.remove_children()
        area.styles.grid_size_columns = columns
        area.styles.grid_size_rows = rows
        tiles = [Tile(self.hits[index], index) for index in self._page]
        area.mount_all(tiles)
        wanted = [self.hits[index] for index in self._page]
        width, height = area.size.width // columns * PIXELS[0], area.size.height // rows * PIXELS[1]
        app = self.app

        def pictures() -> tuple[type[Widget] | None, list[Image | None]]:
            loaded = [load(hit.image.path, width, height) if hit.image.readable else None for hit in wanted]
            return picture_widget(app), loaded

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
        self.move(self.cursor - self._columns if self.cursor >= self._columns else self.cursor)

    def action_down(self) -> None:
        self.move(self.cursor + self._columns if self.cursor + self._columns < len(self.hits) else len(self.hits) - 1)

    def action_side(self, direction: int) -> None:
        self.move(self.cursor + direction)

    def action_next(self, direction: int) -> None:
        if self.hits:
            self.move((self.cursor + direction) % len(self.hits))

    def action_page(self, direction: int) -> None:
        self.move(self.cursor + direction * max(len(self._page), 1))

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(len(self.hits) - 1)

    def action_enter(self) -> None:
        """One picture at the whole pane, and back."""
        self.large, self._page = not self.large, ()
        self._draw()

    def action_epoch(self, direction: int) -> None:
        """The same picture, an epoch earlier or later."""
        if self.current is None or not self.moments:
            return
        now = _moment(self.current)
        at = self.moments.index(now) if now is not None else -1
        self._to(self.moments[min(max(at + direction, 0), len(self.moments) - 1)])

    def _to(self, moment: int) -> None:
        assert self.current is not None
        label = self.current.image.label
        found = [index for index, hit in enumerate(self.hits) if _moment(hit) == moment]
        alike = [
            index
            for index in found
            if self.hits[index].image.label == label and self.hits[index].model == self.current.model
        ]
        self.move((alike or found)[0])

    def on_tile_chosen(self, message: Tile.Chosen) -> None:
        self.focus()
        self.move(message.index)

    def on_one_line_clicked(self, message: OneLine.Clicked) -> None:
        message.stop()
        if message.tag in "+-":
            self.action_epoch(1 if message.tag == "+" else -1)
        else:
            self._to(int(message.tag))


def _moment(hit: PictureHit) -> int | None:
    """The epoch, or where there is none the step."""
    return hit.image.epoch if hit.image.epoch is not None else hit.image.step


__all__ = ["Images", "Tile", "caption"]
