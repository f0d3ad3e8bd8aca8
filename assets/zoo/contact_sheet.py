"""All sample grids of the zoo in one picture: `python -m assets.zoo.contact_sheet FILE.png [STUDY...]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from assets.zoo.studies import ZOO, named

TILE, LABEL, COLUMNS = 240, 14, 6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("studies", nargs="*", metavar="STUDY")
    args = parser.parse_args()
    try:
        studies = named(args.studies)
    except ValueError as error:
        parser.error(str(error))
    sheet([(study.name, ZOO / study.folder / grid) for study in studies for grid in study.grids]).save(args.file)
    return 0


def sheet(pictures: list[tuple[str, Path]]) -> Image.Image:
    """The pictures side by side, each as large as fits a tile, with its name above it."""
    rows = -(-len(pictures) // COLUMNS)
    drawn = Image.new("RGB", (COLUMNS * (TILE + 8), rows * (TILE + LABEL + 8)), "white")
    pen = ImageDraw.Draw(drawn)
    for index, (name, path) in enumerate(pictures):
        left, top = index % COLUMNS * (TILE + 8), index // COLUMNS * (TILE + LABEL + 8)
        pen.text((left, top), f"{name} {path.name}"[:40], fill="black")
        picture = Image.open(path).convert("RGB")
        scale = TILE / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        method = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
        drawn.paste(picture.resize(size, method), (left, top + LABEL))
    return drawn


if __name__ == "__main__":
    sys.exit(main())
