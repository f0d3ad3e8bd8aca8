"""`show`: one model with every fact and where it stands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.export import artefacts_json, line, model_json
from core.fields import LISTED, RARE, SETTINGS
from tui.cli.naming import one_id
from tui.cli.opening import open_library
from tui.cli.printing import Printer, cells, pad
from tui.wording import place_text, plural, size_text, value_text

if TYPE_CHECKING:
    from core.analysis.facts import Fact
    from core.artifacts.records import Artefacts
    from core.catalog.model import Model

MOST_LAYERS = 60
"""Lines of the layer tree on a terminal; `--json` has all."""

LOGGED_DIGITS = 6
"""Significant digits of a logged number that are printed; `--json` has all."""


def show(catalog: Path | None, words: Sequence[str], as_json: bool) -> int:
    library = open_library(catalog)
    model = library.model(one_id(library, words))
    artefacts, similar = library.artefacts(model.id), library.similar(model.id)
    if as_json:
        print(line({**model_json(model), "artefacts": artefacts_json(artefacts), "similar": similar}))
        return 0
    printer = Printer()
    _head(printer, model)
    _facts(printer, model)
    _layers(printer, model)
    _artefacts(printer, model, artefacts)
    _user(printer, library.user().tags(model.id), library.user().notes(model.id))
    for warning in model.warnings:
        printer.line(("warning  ", "yellow"), warning)
    if similar:
        printer.paragraph(f"similar  {', '.join(similar)}", indent=9)
    return 0


def _head(printer: Printer, model: Model) -> None:
    printer.line((model.id, "bold"), ("  offline" if model.offline else "", "red"))
    printer.line((model.path, "dim"))
    if model.script:
        printer.line((f"configures {model.script}", "dim"))
    for text in model.values("description"):
        printer.paragraph(value_text(text))
    dates = model.dates
    by = f", by {dates.author}" if dates.author else ""
    commits = f" in {plural(dates.commits, 'commit')}" if dates.commits else ""
    created = f"created {dates.created[:10]} ({dates.created_from})"
    modified = f"modified {dates.modified[:10]} ({dates.modified_from})"
    printer.line(f"{created}, {modified}{by}{commits}")
    printer.line(f"{model.kind}, {plural(model.lines, 'line')}, {size_text(model.size)}")


def _facts(printer: Printer, model: Model) -> None:
    """The vocabulary's fields, the unknown ones named in one line, then the settings."""
    home = os.path.dirname(model.path)  # noqa: PTH120
    known = {fact.field for fact in model.facts}
    printer.line()
    _rows(printer, [fact for field in LISTED for fact in model.facts if fact.field == field], home)
    unknown = [field for field in LISTED if field not in known and field not in RARE]
    if unknown:
        printer.line()
        printer.paragraph(f"unknown  {', '.join(unknown)}", "dim", indent=9)
    settings = [fact for fact in model.facts if fact.field.startswith(SETTINGS)]
    if settings:
        printer.line()
        printer.line(("settings", "bold"))
        _rows(printer, settings, home)
    _metrics(printer, model, home)


def _metrics(printer: Printer, model: Model, home: str) -> None:
    """`loss (train)  0.0833 at epoch 11  log.csv:12`, in columns; of a logged number the first digits."""
    shown = []
    for metric in model.metrics:
        when = f" at epoch {metric.epoch}" if metric.epoch is not None else ""
        value = value_text(float(f"{metric.value:.{LOGGED_DIGITS}g}")) + when
        shown.append((f"{metric.name} ({metric.split})" if metric.split else metric.name, value, metric.place))
    if shown:
        printer.line()
        printer.line(("metrics", "bold"))
    names = min(max((cells(name) for name, *_ in shown), default=0), 32)
    values = max((cells(value) for _, value, _ in shown), default=0)
    for name, value, place in shown:
        printer.line("  ", (pad(name, names), "cyan"), "  ", pad(value, values), "  ", (place_text(place, home), "dim"))


def _rows(printer: Printer, facts: Iterable[Fact], home: str) -> None:
    """`learning_rate  2e-4  train.py:41 (argparse default)`, a name only at its first value."""
    shown = [
        (fact.field.removeprefix(SETTINGS), value_text(fact.value), f"[{fact.stage}] " if fact.stage else "", fact)
        for fact in facts
    ]
    names = min(max((cells(name) for name, *_ in shown), default=0), 24)
    values = min(max((cells(value) for _, value, *_ in shown), default=0), 32)
    before = ""
    for name, value, stage, fact in shown:
        where = f"{place_text(fact.place, home)} ({fact.how})" if fact.how else place_text(fact.place, home)
        first = pad("" if name == before else name, names)
        printer.line("  ", (first, "cyan"), "  ", pad(value, values), "  ", stage, (where, "dim"))
        before = name


def _layers(printer: Printer, model: Model) -> None:
    if not model.layers:
        return
    printer.line()
    printer.line(("layers", "bold"))
    shown = model.layers[:MOST_LAYERS] if printer.terminal else model.layers
    for layer in shown:
        count = f"  {layer.parameters:,}" if layer.parameters else ""
        printer.line(f"  {layer.name}  ", (f"{layer.kind}({layer.arguments})", "cyan"), (count, "dim"))
    if len(shown) < len(model.layers):
        printer.line((f"  and {len(model.layers) - len(shown)} more; --json has all", "dim"))


def _artefacts(printer: Printer, model: Model, artefacts: Artefacts) -> None:
    counts = [
        (len(artefacts.images), "image"),
        (len(artefacts.checkpoints), "checkpoint"),
        (sum(len(series.points) for series in artefacts.series), "logged value"),
    ]
    found = ", ".join(plural(count, noun) for count, noun in counts if count)
    if found:
        printer.line()
        printer.line(("left behind  ", "bold"), found)
    for warning in artefacts.warnings:
        printer.line(("warning  ", "yellow"), warning)


def _user(printer: Printer, tags: Iterable[str], notes: Iterable[str]) -> None:
    for name, values in (("tags  ", tags), ("note  ", notes)):
        for value in values:
            printer.line((name, "bold"), value)
