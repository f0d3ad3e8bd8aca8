"""A picture drawn with half-blocks: two pixels a cell, on any terminal with colours; in shades where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from PIL.Image import Image

SHADES = " .:-=+*#%@"
"""From dark to light."""


def load(path: str, width: int, height: int) -> Image | None:
    """A picture no larger than `width` by `height` pixels, in RGB; None where it cannot be read. Runs in a worker."""
    import warnings

    from PIL import Image as Pictures

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pictures.DecompressionBombWarning)
            with Pictures.open(path) as file:
                file.draft("RGB", (width, height))
                picture = file.convert("RGBA" if "A" in file.getbands() or "transparency" in file.info else "RGB")
        picture.thumbnail((width, height))
        if picture.mode == "RGBA":
            ground = Pictures.new("RGB", picture.size, (255, 255, 255))
            ground.paste(picture, mask=picture.getchannel("A"))
            picture = ground
        return picture
    except Exception:  # whatever a damaged file makes a decoder raise: it is said to be damaged
        return None


class HalfBlocks(Widget):
    """Draws a picture as large as its space allows, in its own proportions, in the middle."""

    DEFAULT_CSS = "HalfBlocks { width: 100%; height: 100%; }"

    def __init__(self, picture: Image) -> None:
        super().__init__()
        self.picture = picture
        self._strips: dict[tuple[int, int, bool], list[Strip]] = {}

    def render_line(self, y: int) -> Strip:
        size = (self.size.width, self.size.height, self.app.no_color)
        if size not in self._strips:
            self._strips = {size: self._draw(*size)}
        strips = self._strips[size]
        return strips[y] if y < len(strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self, width: int, height: int, shades: bool) -> list[Strip]:
        if not width or not height:
            return []
        scale = min(width / self.picture.width, 2 * height / self.picture.height)
        columns = max(round(self.picture.width * scale), 1)
        rows = max(round(self.picture.height * scale / 2), 1)
        small = self.picture.resize((columns, rows * 2))
        margin = (width - columns) // 2
        line = self._shades if shades else self._colours
        return [line(small, row, margin).adjust_cell_length(width, self.rich_style) for row in range(rows)]

    def _colours(self, small: Image, row: int, margin: int) -> Strip:
        segments = [Segment(" " * margin, self.rich_style)]
        for x in range(small.width):
            top, bottom = small.getpixel((x, row * 2)), small.getpixel((x, row * 2 + 1))
            assert isinstance(top, tuple) and isinstance(bottom, tuple)
            style = Style(color=Color.from_rgb(*top[:3]), bgcolor=Color.from_rgb(*bottom[:3]))
            segments.append(Segment("\u2580", style))
        return Strip(segments).simplify()

    def _shades(self, small: Image, row: int, margin: int) -> Strip:
        text = ""
        for x in range(small.width):
            top, bottom = small.getpixel((x, row * 2)), small.getpixel((x, row * 2 + 1))
            assert isinstance(top, tuple) and isinstance(bottom, tuple)
            text += SHADES[min(int(sum(top[:3] + bottom[:3]) / 6 / 256 * len(SHADES)), len(SHADES) - 1)]
        return Strip([Segment(" " * margin + text, self.rich_style)])
