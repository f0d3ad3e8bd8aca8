"""The Details pane: everything known of one model, each fact with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.facts import Fact, Layer
from core.artifacts.records import Artefacts, Checkpoint
from core.catalog.model import Model
from core.fields import LISTED, SETTINGS
from core.search.answer import Why
from tui.app import text
from tui.app.panes.metrics import metrics
from tui.app.panes.rows import LABEL, row
from tui.app.text import cut, fit, plain, wrap
from tui.app.widgets.lines import Document, Line, Span, heading, line

KEY_FIELDS = (
    "framework",
    "architecture",
    "datasets",
    "batch_size",
    "learning_rate",
    "optimizer",
    "epochs",
    "loss",
    "hardware",
)
"""Fields whose absence is worth a word."""


NOTHING = Artefacts()


@dataclass(frozen=True, slots=True)
class Known:
    """All that the pane shows of one model."""

    model: Model
    artefacts: Artefacts = NOTHING
    similar: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    why: tuple[Why, ...] = ()


def document(known: Known) -> Document:
    """The lines of the pane."""
    return lambda width: list(_lines(known, width))


def _lines(known: Known, width: int) -> Iterator[Line]:
    yield from _title(known, width)
    yield from _facts(known, width)
    yield from metrics(known.model, known.artefacts, width)
    yield from _settings(known, width)
    yield from _artefacts(known.artefacts, width)
    yield from _layers(known.model.layers, width)
    yield from _similar(known.similar, width)
    yield from _history(known.model, width)


def _title(known: Known, width: int) -> Iterator[Line]:
    model = known.model
    kind, away = f"  {model.kind}", "  offline" if model.offline else ""
    name = cut(plain(model.id), max(width - len(kind + away) - 1, LABEL), "end")
    yield Line((Span(name, "strong"), Span(kind, "dim"), Span(away, "warning")))
    for description in model.values("description")[:1]:
        for part in wrap(plain(description), width - 1)[:4]:
            yield line(part, "dim")
    for warning in model.warnings:
        for part in wrap("! " + plain(warning), width - 1):
            yield line(part, "warning")
    if known.tags:
        yield Line(
            (Span(fit("tags", LABEL), "label"), Span(" ".join(f"#{plain(tag)}" for tag in known.tags), "link")),
            field="tag",
            value=known.tags[0],
        )
    for note in known.notes:
        for part in wrap(plain(note), width - LABEL - 1):
            yield Line((Span(fit("note", LABEL), "label"), Span(part)))


def _facts(known: Known, width: int) -> Iterator[Line]:
    yield line("")
    yield heading("Facts", width)
    matched = {(why.field, why.value) for why in known.why if why.kind == "fact"}
    for field in LISTED:
        facts = _distinct([fact for fact in known.model.facts if fact.field == field])
        for index, fact in enumerate(facts):
            yield _fact(field.replace("_", " ") if index == 0 else "", fact, width, (field, fact.value) in matched)
    unknown = [field for field in KEY_FIELDS if not any(fact.field == field for fact in known.model.facts)]
    if unknown:
        names = ", ".join(name.replace("_", " ") for name in unknown)
        for index, part in enumerate(wrap(names, width - LABEL - 1)):
            yield Line((Span(fit("" if index else "unknown", LABEL), "label"), Span(part, "dim")))


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    """The first fact of each value and stage."""
    found: dict[tuple[object, str], Fact] = {}
    for fact in facts:
        found.setdefault((fact.value, fact.stage), fact)
    return list(found.values())


def _fact(label: str, fact: Fact, width: int, matched: bool) -> Line:
    where = text.place(fact.place)
    value = text.value(fact.field, fact.value)
    role = "dim" if fact.value is None else "differs" if matched else ""
    how = plain(fact.how) if fact.how else ""
    if fact.stage:
        how = f"{plain(fact.stage)}: {how}" if how else plain(fact.stage)
    return row(
        label, value, where, width, how, role, target=fact.place, field=fact.field, value=fact.value, stop=matched
    )


def _settings(known: Known, width: int) -> Iterator[Line]:
    facts = _distinct_settings(known.model.facts)
    if not facts:
        return
    yield line("")
    yield heading("Settings", width, str(len(facts)))
    for fact in facts:
        yield _fact(plain(fact.field.removeprefix(SETTINGS)), fact, width, False)


def _distinct_settings(facts: Sequence[Fact]) -> list[Fact]:
    found: dict[tuple[str, object], Fact] = {}
    for fact in facts:
        if fact.field.startswith(SETTINGS):
            found.setdefault((fact.field, fact.value), fact)
    return list(found.values())


def _artefacts(found: Artefacts, width: int) -> Iterator[Line]:
    if not (found.images or found.checkpoints or found.warnings):
        return
    yield line("")
    yield heading("Artefacts", width)
    if found.images:
        damaged = sum(1 for image in found.images if not image.readable)
        epochs = sorted({image.epoch for image in found.images if image.epoch is not None})
        span = f", epochs {epochs[0]} to {epochs[-1]}" if len(epochs) > 1 else ""
        spans = [Span(fit("images", LABEL), "label"), Span(f"{len(found.images)}{span}")]
        spans += [Span(f"  {damaged} damaged", "warning")] if damaged else []
        yield Line((*spans, Span("  press i", "dim")), key="images")
    for checkpoint in found.checkpoints:
        yield _checkpoint(checkpoint, width)
    for warning in found.warnings:
        for part in wrap("! " + plain(warning), width - 1):
            yield line(part, "warning")


def _checkpoint(checkpoint: Checkpoint, width: int) -> Line:
    parts = [checkpoint.format, text.size(checkpoint.size)]
    parts += [f"{text.count(checkpoint.parameters)} parameters"] if checkpoint.parameters is not None else []
    parts += [f"epoch {checkpoint.epoch}"] if checkpoint.epoch is not None else []
    parts += [] if checkpoint.readable else ["damaged"]
    role = "" if checkpoint.readable else "warning"
    return row(
        "checkpoint",
        plain(", ".join(parts)),
        plain(PurePath(checkpoint.path).name),
        width,
        role=role,
        key=checkpoint.path,
    )


def _layers(layers: Sequence[Layer], width: int) -> Iterator[Line]:
    if not layers:
        return
    known = [layer.parameters for layer in layers]
    total = f", {text.count(sum(count or 0 for count in known))} parameters" if any(known) and None not in known else ""
    yield line("")
    yield heading("Layers", width, f"{len(layers)}{total}")
    for layer in layers:
        yield _layer(layer, width)


def _layer(layer: Layer, width: int) -> Line:
    depth = layer.name.count(".")
    name = "  " * depth + plain(layer.name.rpartition(".")[2])
    count = "" if not layer.parameters else text.count(layer.parameters)
    body = f"{plain(layer.kind)}({plain(layer.arguments)})" if layer.arguments else plain(layer.kind)
    first = min(max(LABEL, len(name) + 1), max(width // 3, LABEL))
    room = max(width - first - len(count) - 2, 6)
    spans = (Span(fit(name, first - 1, "end") + " ", "label"), Span(fit(body, room)), Span(f" {count}", "dim"))
    return Line(spans, target=layer.place)


def _history(model: Model, width: int) -> Iterator[Line]:
    dates = model.dates
    yield line("")
    yield heading("File", width)
    yield row("path", text.cut(plain(model.path), width - LABEL - 2, "end"), "", width)
    if model.script and model.script != model.path:
        yield row("script", text.cut(plain(model.script), width - LABEL - 2, "end"), "", width)
    for alias in model.aliases:
        yield row("also", text.cut(plain(alias), width - LABEL - 2, "end"), "", width)
    yield row(
        "created",
        plain(dates.created)[:16].replace("T", " "),
        f"from {dates.created_from}",
        width,
        field="created",
        value=dates.created[:10],
    )
    yield row(
        "modified",
        plain(dates.modified)[:16].replace("T", " "),
        f"from {dates.modified_from}",
        width,
        field="modified",
        value=dates.modified[:10],
    )
    if dates.author:
        commits = f"{dates.commits} commit{'s' if dates.commits != 1 else ''}" if dates.commits is not None else ""
        yield row("author", plain(dates.author), commits, width, field="author", value=dates.author)
    yield row("size", f"{text.size(model.size)}, {model.lines} lines", "", width)


def _similar(ids: Sequence[str], width: int) -> Iterator[Line]:
    if not ids:
        return
    yield line("")
    yield heading("Near-identical", width, str(len(ids)))
    for id in ids:
        yield Line((Span(cut(plain(id), width, "end"), "link"),), key=id)
