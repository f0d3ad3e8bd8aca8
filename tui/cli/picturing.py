"""`images`: the pictures of a model or of the models that answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.export import line, picture_json
from tui.cli.naming import ids_or_question
from tui.cli.opening import open_library
from tui.cli.printing import Printer, note
from tui.wording import plural

if TYPE_CHECKING:
    from core.library import Library
    from core.search.answer import PictureHit


def images(catalog: Path | None, words: Sequence[str], epoch: int | None, as_json: bool) -> int:
    library = open_library(catalog)
    ids, question = ids_or_question(library, words)
    wanted = ids or [question]
    pictures = [picture for text in wanted for picture in library.images(text, epoch=epoch)]
    if as_json:
        paths = _paths(library, pictures)
        for picture in pictures:
            print(line(picture_json(picture, paths)))
    else:
        print_pictures(Printer(), pictures)
    if not pictures:
        note("; ".join(("no picture found", *_hints(library, wanted, epoch))))
    return 0 if pictures else 1


def _hints(library: Library, wanted: Sequence[str], epoch: int | None) -> list[str]:
    """What gives pictures where there are none: to leave the epoch, or a part of the question."""
    if epoch is not None and (others := sum(len(library.images(text)) for text in wanted)):
        return [f"without --epoch {epoch}: {plural(others, 'picture')}"]
    return [hint for text in wanted if (hint := library.search(text).hint)]


def _paths(library: Library, pictures: Sequence[PictureHit]) -> dict[str, str]:
    """The path of each model that a picture belongs to."""
    rows = library.rows(list(dict.fromkeys(picture.model for picture in pictures)))
    return {str(row["id"][0]): str(row["path"][0]) for row in rows}


def print_pictures(printer: Printer, pictures: Sequence[PictureHit]) -> None:
    body = [
        (
            picture.image.path,
            "" if picture.image.epoch is None else str(picture.image.epoch),
            picture.image.label,
            f"{picture.image.width}×{picture.image.height}" if picture.image.readable else "damaged",
            picture.model,
            picture.image.why,
        )
        for picture in pictures
    ]
    if body:
        printer.table(("picture", "epoch", "shows", "size", "model", "found"), body, keep=4)
