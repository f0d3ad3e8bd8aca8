"""Which claims a report makes, in which order. No chance and no model takes part: one input, one plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.analysis.facts import Fact, Place
from core.artifacts.records import Artefacts
from core.catalog.model import Model
from core.fields import LISTED
from core.report import claims as of_one
from core.report import comparing
from core.report import performance as run
from core.report.claims import IT, Claim, Maker, facts_of, name_of
from core.report.document import Table, footnotes, short_names
from core.report.wording import clean, count, label, series, value_text, verb

TITLES = (
    "Executive summary",
    "Technical specifications",
    "Implementation details",
    "Performance analysis",
    "Technical insights",
    "Information gaps",
)

MOST_DETAILED = 12
"""Of so many models the implementation is told one by one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One section to be written."""

    title: str
    claims: tuple[Claim, ...] = ()
    tables: tuple[Table, ...] = field(default=())


def plan(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Plan]:
    """The sections of a report on one model or several."""
    if len(models) == 1:
        parts = _one(models[0], artefacts[0])
    else:
        parts = _several(models, artefacts)
    return [Plan(title, tuple(said), tuple(tables)) for title, (said, tables) in zip(TITLES, parts, strict=True)]


Parts = list[tuple[list[Claim], list[Table]]]


def _made(model: Model, subject: str, makers: Iterable[Maker]) -> list[Claim]:
    return [found for maker in makers if (found := maker(model, subject)) is not None]


def summary(model: Model) -> list[Claim]:
    """Two claims: what it is, and how it is trained; or else what it is built from, or what is not known."""
    rest = _made(model, IT, (of_one.training, of_one.classes, of_one.loss, of_one.unknown))
    return [of_one.identity(model, name_of(model)), *rest[:1]]


def _training(model: Model, subject: str) -> list[Claim]:
    """One sentence on training; with several stages one on what they share and one on each."""
    found = of_one.stages(model)
    parts: Sequence[str | None] = ("", *found) if found else (None,)
    return [told for stage in parts if (told := of_one.training(model, subject, stage)) is not None]


def _one(model: Model, artefacts: Artefacts) -> Parts:
    name = name_of(model)
    first = [of_one.identity(model, name), *_training(model, IT)]
    told = run.performance(model, artefacts, IT)
    made = _made(
        model,
        IT,
        (of_one.classes, of_one.layers, of_one.loss, of_one.tuning, of_one.shape, of_one.hardware, of_one.seed),
    )
    gaps = [of_one.unknown(model, IT), *_made(model, IT, (of_one.known_none,)), *of_one.warnings(model)]
    return [
        (first + _made(model, IT, (of_one.description,)), []),
        (_made(model, IT, (of_one.history,)), specifications(model)),
        (made, []),
        (told, run.metric_table(model, artefacts)),
        (_insights(model, artefacts), []),
        (gaps, []),
    ]


def _insights(model: Model, artefacts: Artefacts) -> list[Claim]:
    found = _made(model, IT, (of_one.parameters, of_one.largest_layer))
    found += [*_spread(model), *_overridden(model), *run.insights(artefacts)]
    return found or [Claim("Nothing could be computed from what is known.", plain=True)]


def _spread(model: Model) -> list[Claim]:
    """Where one script uses several rates, sizes or epochs."""
    claims = []
    for name in ("learning_rate", "batch_size", "optimizer"):
        facts = facts_of(model, name)
        if len(facts) > 1:
            parts = [
                value_text(fact.value) + (f" in the stage {clean(fact.stage, 40)}" if fact.stage else "")
                for fact in facts
            ]
            text = f"It works with {count(len(facts), label(name), label(name, 2))}: {series(parts)}."
            claims.append(Claim(text, (IT,), (), of_one.places(facts), plain=True))
    return claims


def _overridden(model: Model) -> list[Claim]:
    """Values that took the place of others stated before, and values that are computed."""
    facts = [
        fact
        for fact in model.facts
        if fact.field in LISTED
        and fact.value is not None
        and ("overridden" in fact.how or fact.how.startswith("computed"))
    ]
    return [
        Claim(
            f"The {label(fact.field)} {verb(label(fact.field))} {value_text(fact.value)}, {clean(fact.how, 120)}.",
            (),
            (),
            (fact.place,),
            plain=True,
        )
        for fact in facts[:5]
    ]


def specifications(model: Model) -> list[Table]:
    """Every known field with its place and how it was found; then the settings."""
    names = short_names(fact.place.file for fact in model.facts)
    head = ("Field", "Value", "Where", "How")
    rows = [_row(comparing.heading(name), fact, names) for name in LISTED for fact in _all(model, name)]
    settings = [
        _row(clean(fact.field.removeprefix("settings.")), fact, names)
        for fact in model.facts
        if fact.field.startswith("settings.")
    ]
    tables = [Table("Known fields", head, tuple(rows))] if rows else []
    return tables + ([Table("Settings", head, tuple(settings))] if settings else [])


def _all(model: Model, name: str) -> list[Fact]:
    return [fact for fact in model.facts if fact.field == name]


def _row(name: str, fact: Fact, names: dict[str, str]) -> tuple[str, ...]:
    stage = f" ({clean(fact.stage, 40)})" if fact.stage else ""
    return (name + stage, value_text(fact.value), _where(fact.place, names), clean(fact.how, 120))


def _where(place: Place, names: dict[str, str]) -> str:
    return footnotes([place], names)[0]


def _several(whole: Sequence[Model], artefacts: Sequence[Artefacts]) -> Parts:
    models = comparing.named(whole)
    found = comparing.quantities(models, artefacts)
    names = series([name_of(model) for model in models], most=8)
    opening = Claim(f"This report compares {len(models)} models: {names}.", plain=True)
    ranked = comparing.rank_claims(models, found)
    shared = comparing.shared(models)
    differing = comparing.differences(models)
    metrics = [claim for claim in ranked if not claim.said or claim.said[0].field.startswith("last ")]
    others = [claim for claim in ranked if claim not in metrics]
    return [
        ([opening, *([shared] if shared else []), *differing[:4]], []),
        ([], [comparing.keys(whole), comparing.side_by_side(models)]),
        (_details(models), []),
        (_runs(models, artefacts) + metrics, comparing.rankings(models, found)),
        (others + differing[4:], comparing.pairwise(found)),
        (comparing.unknown_in(models) or [Claim("Nothing that is usually looked for is missing.", plain=True)], []),
    ]


def _details(models: Sequence[Model]) -> list[Claim]:
    """For each model what it is, its classes and its loss."""
    makers = (of_one.identity, of_one.classes, of_one.loss)
    found = []
    for model in models[:MOST_DETAILED]:
        first, *rest = _made(model, name_of(model), makers[:1]) + _made(model, IT, makers[1:])
        found += [first, *rest]
    if left := len(models) - MOST_DETAILED:
        found += [Claim(f"The other {left} models stand in the table only.", plain=True)] if left > 0 else []
    return found


def _runs(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Claim]:
    """What was left behind by each model's runs, where anything was."""
    empty = [name_of(model) for model, left in zip(models, artefacts, strict=True) if not _left(model, left)]
    claims = []
    for model, left in zip(models, artefacts, strict=True):
        if _left(model, left) and len(models) <= MOST_DETAILED:
            course, *_ = run.performance(model, left, name_of(model))
            claims.append(_about(course, name_of(model)))
    if empty:
        names = "any of them" if len(empty) == len(models) else series(empty)
        claims.append(Claim(f"No metric log, checkpoint or picture of {names} was found.", plain=True))
    return claims


def _left(model: Model, left: Artefacts) -> bool:
    return bool(model.metrics or left.metrics or left.series or left.checkpoints or left.images)


def _about(told: Claim, name: str) -> Claim:
    """A sentence on a run, with the name of its model before it."""
    text = f"For {name}: {told.text[0].lower()}{told.text[1:]}"
    return Claim(text, (name,), told.said, told.places, plain=True)
