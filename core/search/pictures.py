"""The pictures of a model or of a question: of an epoch, of a class, the latest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.artifacts.records import Image
from core.catalog.naming import exact
from core.search.answer import PictureHit
from core.search.answering import answer
from core.search.query import PictureWish, Query, chips, without
from core.search.reading import read_question
from core.vocabulary import fold

if TYPE_CHECKING:
    from core.catalog.reading import Reader
    from core.catalog.user import UserFile
    from core.protocols import TextEmbedder


def pictures(
    question: str,
    reader: Reader,
    embedder_factory: Callable[[], TextEmbedder | None],
    user: UserFile | None,
    epoch: int | None = None,
) -> list[PictureHit]:
    """The pictures that a question asks for, or all of a model named by id; `epoch` narrows them."""
    name = exact(question, reader.names())
    if name:
        return pictures_of([name], PictureWish(epoch=epoch), reader)
    query = read_question(question, reader)
    wish = query.pictures or PictureWish()
    found = answer(replace(query, intent="find", pictures=None), reader, embedder_factory, user)
    return pictures_of(found.ids, wish if epoch is None else replace(wish, epoch=epoch), reader)


def pictures_of(ids: Sequence[str], wish: PictureWish, reader: Reader) -> list[PictureHit]:
    """The pictures of these models that meet the wish, in the order of the models, then of epoch, step and path."""
    found: list[PictureHit] = []
    for name in ids:
        images = [image for image in reader.artefacts(name).images if _meets(image, wish)]
        found += [PictureHit(name, image) for image in sorted(_latest(images) if wish.latest else images, key=_order)]
    return found


def lacking(ids: Sequence[str], query: Query, reader: Reader) -> str:
    """Why none of these models has a picture that a query wishes: the part of the wish whose removal gives some, and
    how many; else all of it."""
    images = [image for name in ids for image in reader.artefacts(name).images]
    if not images:
        return "none of them has a picture"
    parts = {place: chip.text for place, chip in enumerate(chips(query)) if chip.text.startswith("image.")}
    found: list[tuple[int, str]] = []
    for place, part in parts.items():
        wish = without(query, place).pictures or PictureWish()
        found += [(count, part)] if (count := sum(_meets(image, wish) for image in images)) else []
    count, dropped = min(found) if found else (len(images), " and ".join(parts.values()))
    return f"without {dropped}: {count} picture{'s' * (count != 1)}"


def wished(query: Query) -> PictureWish | None:
    """The pictures a query asks for, None where it asks for none."""
    return (query.pictures or PictureWish()) if query.intent == "images" else None


def _meets(image: Image, wish: PictureWish) -> bool:
    if not _of_epoch(image, wish.epoch):
        return False
    if wish.step is not None and image.step != wish.step:
        return False
    said = fold(f"{image.label} {PurePath(image.path).parent.name} {PurePath(image.path).stem} {image.stage}")
    return all(_says(said, word, PurePath(image.path)) for word in wish.label.split())


_OF_CLASS = re.compile(r"class_(\d+)")


def _says(said: str, word: str, path: PurePath) -> bool:
    """Whether a picture's names say a word, or a class by its number: `class_3`, `digit3.png`, `samples/3/0.png`."""
    kind = _OF_CLASS.fullmatch(word)
    if kind and kind[1] in (path.stem, path.parent.name):
        return True
    wanted = rf"(?:class|digit|label|number|cls){kind[1]}" if kind else re.escape(_stem(word))
    return re.search(rf"{wanted}(?!(?<=\d)\d)", said) is not None


def _of_epoch(image: Image, wanted: int | tuple[int | None, int | None] | None) -> bool:
    first, last = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    if image.epoch is None:
        return first is None and last is None
    return (first is None or image.epoch >= first) and (last is None or image.epoch <= last)


def _stem(word: str) -> str:
    key = fold(word)
    return key[:-1] if key.endswith("s") and len(key) > 3 else key


def _latest(images: Sequence[Image]) -> list[Image]:
    """The pictures of the last epoch, else of the last step, else the ones written last."""
    readable = [image for image in images if image.readable] or list(images)
    for name in ("epoch", "step", "modified"):
        known = [image for image in readable if getattr(image, name) is not None]
        if known:
            last = max(getattr(image, name) for image in known)
            return [image for image in known if getattr(image, name) == last]
    return []


def _order(image: Image) -> tuple[float, float, str]:
    none = float("inf")
    return (none if image.epoch is None else image.epoch, none if image.step is None else image.step, image.path)
