"""A library in memory: several models with facts, layers, pictures and code, answering without a catalogue."""

from __future__ import annotations

import difflib
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.analysis.facts import Fact, Layer, Place, Value
from core.artifacts.records import Artefacts, Checkpoint, Image, Metric, Series
from core.catalog.first_screen import FirstScreen
from core.catalog.model import Dates, Model, Row
from core.compare.difference import CohortComparison, Diff
from core.errors import UnknownModel
from core.progress import IndexSummary, Step
from core.report.document import Report, Section, Sentence
from core.search.answer import Answer, Hit, PictureHit, Why
from core.search.facets import Facet
from core.search.query import And, Expr, Filter, Not, Query, Text

HOME = "/models"

CODE = '''"""Trains {title}."""
import torch
from torch import nn

BATCH = {batch}
RATE = {rate}


class {name}(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(784, {hidden})
        self.decoder = nn.Linear({hidden}, 784)

    def forward(self, x):
        return self.decoder(torch.relu(self.encoder(x)))


if __name__ == "__main__":
    model = {name}()
    optimizer = torch.optim.{optimizer}(model.parameters(), lr=RATE)
    for epoch in range({epochs}):
        pass
'''


def code(**values: object) -> str:
    return CODE.format(**values)


def facts(path: str, items: Sequence[tuple[str, Value, int, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(name, value, Place(path, line, line), how) for name, value, line, how in items)


def model(
    id: str,
    architecture: Sequence[str],
    dataset: str,
    batch: int | None,
    rate: float,
    optimizer: str,
    epochs: int,
    modified: str,
    hidden: int = 128,
    description: str = "",
    warnings: tuple[str, ...] = (),
) -> Model:
    path = f"{HOME}/{id}.py"
    name = architecture[0].replace("-", "")
    found = [("framework", "PyTorch", 2, "import")]
    found += [("architecture", family, 9, "layers of the class") for family in architecture]
    found += [("model_classes", name, 19, "call"), ("datasets", dataset, 3, "call argument")]
    found += [("batch_size", batch, 5, "module constant")] if batch is not None else []
    found += [
        ("learning_rate", rate, 6, "module constant"),
        ("optimizer", optimizer, 20, "call"),
        ("epochs", epochs, 21, "call argument"),
        ("hardware", "cpu", 1, "default"),
        ("settings.hidden", hidden, 12, "call argument"),
    ]
    found += [("description", description, 1, "docstring")] if description else []
    layers = (
        Layer("encoder", "Linear", f"784, {hidden}", 784 * hidden + hidden, Place(path, 12, 12)),
        Layer("decoder", "Linear", f"{hidden}, 784", 784 * hidden + 784, Place(path, 13, 13)),
    )
    return Model(
        id=id,
        path=path,
        kind="script",
        script=None,
        aliases=(),
        root=HOME,
        offline=False,
        dates=Dates("2025-01-02T10:00:00+00:00", modified, "git", "git", "Ada", 3),
        size=1480,
        lines=24,
        facts=facts(path, found),
        layers=layers,
        metrics=(),
        warnings=warnings,
    )


MODELS = (
    model(
        "digits/vae",
        ("VAE", "Autoencoder"),
        "MNIST",
        64,
        1e-3,
        "Adam",
        20,
        "2025-03-05T10:00:00+00:00",
        description="A variational autoencoder on handwritten digits.",
    ),
    model(
        "digits/vae_wide",
        ("VAE", "Autoencoder"),
        "MNIST",
        128,
        2e-4,
        "Adam",
        40,
        "2025-03-04T10:00:00+00:00",
        hidden=512,
    ),
    model("digits/dcgan", ("DCGAN", "GAN", "CNN"), "CelebA", 128, 2e-4, "Adam", 25, "2025-03-03T10:00:00+00:00"),
    model(
        "text/transformer", ("Transformer", "Attention"), "WikiText-2", 20, 20.0, "SGD", 40, "2025-03-02T10:00:00+00:00"
    ),
    model(
        "images/resnet50_very_long_name_of_a_run_that_does_not_fit",
        ("ResNet", "CNN"),
        "ImageNet",
        256,
        0.1,
        "SGD",
        90,
        "2025-03-01T10:00:00+00:00",
    ),
    model(
        "odd/[red]name\x1b[31m\u202e",
        ("MLP",),
        "MNIST",
        None,
        0.01,
        "SGD",
        3,
        "2025-02-28T10:00:00+00:00",
        description="Names with [bold]markup[/bold] and \x1b]0;escapes\x07 in them.",
        warnings=("/models/odd.py:3: cannot be parsed: [oops]",),
    ),
)
"""Newest first."""

SOURCES = {
    item.path: code(
        title=item.id,
        batch=(item.values("batch_size") or (1,))[0],
        rate=item.values("learning_rate")[0],
        name=item.values("model_classes")[0],
        hidden=item.values("settings.hidden")[0],
        optimizer=item.values("optimizer")[0],
        epochs=item.values("epochs")[0],
    )
    for item in MODELS
}


def row(item: Model, images: int = 0) -> Row:
    found = {name: item.values(name) for name in dict.fromkeys(fact.field for fact in item.facts)}
    single: dict[str, tuple[Value, ...]] = {
        "id": (item.id,),
        "path": (item.path,),
        "created": (item.dates.created,),
        "modified": (item.dates.modified,),
        "size": (item.size,),
        "lines": (item.lines,),
        "images": (images,) if images else (),
    }
    return {**found, **single}


def parse(question: str) -> Query:
    """A small part of the grammar: `field:value`, words, `-`, `sort:`."""
    args: list[Expr] = []
    sort: tuple[tuple[str, bool], ...] = ()
    for word in question.split():
        negated, word = word.startswith("-"), word.removeprefix("-")
        name, colon, value = word.partition(":")
        if name == "sort":
            sort = ((value.removeprefix("-"), value.startswith("-")),)
            continue
        part: Expr = Filter(name, ":", value.strip('"')) if colon else Text(word)
        args.append(Not(part) if negated else part)
    expr = None if not args else args[0] if len(args) == 1 else And(tuple(args))
    return Query(expr, sort)


def meets(item: Model, expr: Expr | None) -> bool:
    if expr is None:
        return True
    if isinstance(expr, And):
        return all(meets(item, part) for part in expr.args)
    if isinstance(expr, Not):
        return not meets(item, expr.arg)
    if isinstance(expr, Text):
        text = " ".join(str(fact.value) for fact in item.facts) + item.id
        return expr.words.casefold() in text.casefold()
    if isinstance(expr, Filter):
        values = (item.id,) if expr.field == "id" else item.values(expr.field)
        return any(str(value).casefold() == str(expr.value).casefold() for value in values)
    return False


@dataclass
class FakeUser:
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def note(self, id: str, text: str) -> None:
        self.kept.append((id, "note", text))

    def tag(self, id: str, text: str) -> None:
        self.kept.append((id, "tag", text))

    def untag(self, id: str, text: str) -> None:
        self.kept = [item for item in self.kept if item != (id, "tag", text)]

    def notes(self, id: str) -> list[str]:
        return [text for whose, kind, text in self.kept if (whose, kind) == (id, "note")]

    def tags(self, id: str) -> list[str]:
        return [text for whose, kind, text in self.kept if (whose, kind) == (id, "tag")]

    def save(self, name: str, question: str) -> None:
        self.questions[name] = question

    def saved(self) -> dict[str, str]:
        return self.questions

    def remember(self, question: str) -> None:
        self.asked.append(question)

    def history(self) -> list[str]:
        return list(self.asked)


@dataclass
class FakeLibrary:
    """What the screen asks of core.library.Library."""

    items: tuple[Model, ...] = MODELS
    pictures: dict[str, tuple[Image, ...]] = field(default_factory=dict)
    keeper: FakeUser = field(default_factory=FakeUser)
    indexed: list[list[Path]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    """Reports wait for it, where a test holds it."""
    hold: bool = False
    generation: Path = Path("1")
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    def first_screen(self) -> FirstScreen | None:
        return FirstScreen(tuple(row(item) for item in self.items[:200]), len(self.items)) if self.items else None

    def close(self) -> None:
        self.closed = True

    def user(self) -> FakeUser:
        return self.keeper

    def reader(self) -> Any:
        return SimpleNamespace(
            generation=self.generation,
            models=lambda ids: [self.model(id) for id in ids],
            ids=lambda: tuple(item.id for item in self.items),
        )

    def roots(self) -> list[Any]:
        return []

    def read(self, question: str) -> Query:
        return parse(question)

    def search(self, question: str | Query, limit: int | None = None) -> Answer:
        self.asked.append(str(question))
        if "explode" in str(question):
            raise RuntimeError("the [bold]catalogue[/bold] is on fire")
        query = question if isinstance(question, Query) else parse(question)
        found = [item for item in self.items if meets(item, query.expr)]
        for name, descending in query.sort:
            found.sort(key=lambda item: row(item).get(name, ("",))[0], reverse=descending)  # type: ignore[arg-type,return-value]
        text = isinstance(query.expr, Text)
        if str(question).startswith("pictures"):
            query, found = Query(intent="images"), [item for item in self.items if item.id in self.pictures]
        elif str(question) == "compare":
            query, found = Query(intent="compare"), list(self.items[:2])
        pictures = tuple(hit for item in found for hit in self.images(item.id)) if query.intent == "images" else ()
        hint = None if found else "without the first condition: 6 models"
        ids = tuple(item.id for item in found)
        scores = tuple(round(1 - index / 10, 2) if text else None for index in range(len(found)))
        return Answer(str(question), query, ids, scores, 0, hint, (), pictures)

    def warm(self) -> None:
        pass

    def facets(self, found: Answer, fields: Sequence[str] = ()) -> tuple[Facet, ...]:
        counted = []
        for name in fields or ("architecture", "datasets"):
            own = [{fact.value for fact in self.model(id).facts if fact.field == name} for id in found.ids]
            counts = Counter(value for values in own for value in values)
            counted.append(Facet(name, tuple(counts.most_common()), sum(not values for values in own)))
        return tuple(counted)

    def hits(self, found: Answer, start: int = 0, stop: int | None = None) -> list[Hit]:
        return [self._hit(id, score) for id, score in list(zip(found.ids, found.scores, strict=True))[start:stop]]

    def _hit(self, id: str, score: float | None) -> Hit:
        item = self.model(id)
        fact = item.facts[1]
        return Hit(
            id,
            item.path,
            score,
            (Why("fact", fact.field, fact.value, fact.place, ""),),
            row(item, len(self.pictures.get(id, ()))),
        )

    def rows(self, ids: Sequence[str]) -> list[Row]:
        return [row(self.model(id)) for id in ids]

    def model(self, id: str) -> Model:
        for item in self.items:
            if item.id == id:
                return item
        raise UnknownModel(id)

    def artefacts(self, id: str) -> Artefacts:
        log = f"{HOME}/{id}.csv"
        points = tuple((float(epoch), 1 / (epoch + 1)) for epoch in range(12))
        return Artefacts(
            images=self.pictures.get(id, ()),
            checkpoints=(
                Checkpoint(
                    f"{HOME}/{id}.pt", "safetensors", 812_000, 20, 203_000, (), "2025-03-05T10:00:00", True, "written"
                ),
            ),
            series=(Series(log, "loss", "train", "epoch", points, "written"),),
            metrics=(Metric("loss", 0.0833, "train", 11, Place(log, 12, 12)),),
        )

    def similar(self, id: str) -> list[str]:
        return ["digits/vae_wide"] if id == "digits/vae" else []

    def complete(self, text: str, cursor: int) -> list[Any]:
        start = text.rfind(" ", 0, cursor) + 1
        word = text[start:cursor]
        known = [("architecture:VAE", 2), ("architecture:GAN", 1), ("dataset:MNIST", 3)]
        return [
            SimpleNamespace(text=value, start=start, stop=cursor, count=count)
            for value, count in known
            if word and value.casefold().startswith(word.casefold())
        ]

    def images(self, question: str, epoch: int | None = None) -> list[PictureHit]:
        return [PictureHit(question, image) for image in self.pictures.get(question, ())]

    def diff(self, a: str, b: str, code: bool = False) -> Diff:
        from core.compare.two import compare_two

        first, second = self.model(a), self.model(b)
        found = compare_two(first, second, code=False)
        lines = difflib.unified_diff(
            SOURCES[first.path].splitlines(), SOURCES[second.path].splitlines(), lineterm="", n=1
        )
        return Diff(a, b, found.rows, found.layers, "\n".join(lines) if code else None)

    def compare(self, first: str, second: str) -> CohortComparison:
        from core.compare.cohorts import compare_cohorts

        groups = [[self.model(id) for id in self.search(question).ids] for question in (first, second)]
        return compare_cohorts([first, second], groups)

    def report(
        self,
        ids: Sequence[str],
        question: str = "",
        on_text: Callable[[str], None] = lambda text: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Report:
        place = self.model(ids[0]).facts[0].place
        on_text("# Report\n\nThe model is ")
        while self.hold and not stop() and not self.gate.wait(0.01):
            pass
        on_text("a small one.")
        text = f"{', '.join(ids)} is built with PyTorch."
        return Report("Report", (Section("Executive summary", (Sentence(text, (place,)),)),), None, 0, stop())

    def index(
        self,
        paths: Sequence[Path] = (),
        progress: Callable[[Step], None] = lambda step: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> IndexSummary:
        self.indexed.append(list(paths))
        progress(Step("analyse", 3, 6, "digits/vae.py"))
        return IndexSummary(len(self.items), 0, 0, 0, 0, 0, 0.1)


def picture(path: str, epoch: int, label: str = "sample", readable: bool = True) -> Image:
    size = 16 if readable else 0
    return Image(path, epoch, None, label, "", "2025-03-05", "2025-03-05", size, size, readable, "the script writes it")
