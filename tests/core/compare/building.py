"""Models made by hand for the tests of comparisons."""

from __future__ import annotations

from core.analysis.facts import Fact, Layer, Place, Value
from core.artifacts.records import Metric
from core.catalog.model import Dates, Model

DATES = Dates("2025-03-01T10:00:00+01:00", "2025-04-01T10:00:00+02:00", "git", "git", "Ada", 3)


def place(line: int, file: str = "/lab/a/train.py") -> Place:
    return Place(file, line, line)


def model(id: str, facts: dict[str, Value | list[Value]] | None = None, **changes: object) -> Model:
    """A model with a fact for each value, on lines 1, 2, ..."""
    pairs = [
        (field, value)
        for field, values in (facts or {}).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    made = tuple(Fact(field, value, place(line), "module constant") for line, (field, value) in enumerate(pairs, 1))
    defaults: dict[str, object] = {
        "id": id,
        "path": f"/lab/{id}.py",
        "kind": "script",
        "script": None,
        "aliases": (),
        "root": "/lab",
        "offline": False,
        "dates": DATES,
        "size": 1000,
        "lines": 40,
        "facts": made,
        "layers": (),
        "metrics": (),
        "warnings": (),
    }
    return Model(**{**defaults, **changes})  # type: ignore[arg-type]


def layer(name: str, kind: str = "Linear", arguments: str = "8, 4", line: int = 1) -> Layer:
    return Layer(name, kind, arguments, None, place(line))


def metric(name: str, value: float, split: str = "") -> Metric:
    return Metric(name, value, split, 10, place(7, "/lab/a/log.csv"))
