"""Claims and tables about several models: what they share, where they differ, rankings, pairwise gaps. All computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.analysis.facts import Place, Value
from core.artifacts.records import Artefacts
from core.catalog.model import Model
from core.report.claims import EXPECTED, Claim, Said, are, facts_of, name_of, values_in_words
from core.report.document import Table
from core.report.performance import better, metric_label, metrics_of
from core.report.wording import factor, label, number, series, value_text

COMPARED = (
    "framework", "architecture", "task", "datasets", "environment", "optimizer", "learning_rate", "batch_size", "epochs", "steps",
    "loss", "parameters",
)  # fmt: skip
"""The fields of which sentences tell; the table has them all."""

RANKED = ("parameters", "batch_size", "learning_rate", "epochs", "steps", "latent_dim", "image_size", "lines")

MOST_COLUMNS = 5
"""Up to so many models stand side by side; more stand below each other, with fewer fields."""

MOST_PAIRS = 5
"""Up to so many models are compared each with each; more, each with the first of the ranking."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number for each model that has exactly one, with its place. `way`: which way is better, if it is known."""

    name: str
    values: Mapping[str, tuple[float, tuple[Place, ...]]]
    way: str | None = None

    def order(self) -> list[str]:
        """Models from the best to the worst; where neither is known, from the highest to the lowest."""
        sign = 1 if self.way == "lower" else -1
        return sorted(self.values, key=lambda name: (sign * self.values[name][0], name))

    def of(self, name: str) -> float:
        return self.values[name][0]


# -- what is the same and what is not


def groups(models: Sequence[Model], field: str) -> dict[tuple[Value, ...], list[Model]]:
    """Models by their values of a field; unknown is `()`, a known none `(None,)`."""
    found: dict[tuple[Value, ...], list[Model]] = {}
    for model in models:
        values = tuple(fact.value for fact in facts_of(model, field))
        found.setdefault(values or ((None,) if model.known_none(field) else ()), []).append(model)
    return found


def shared(models: Sequence[Model]) -> Claim | None:
    """`Both share the framework PyTorch and the dataset MNIST.`"""
    parts, said, places = [], [], []
    who = "Both" if len(models) == 2 else f"All {len(models)}"
    for field in COMPARED:
        ((values, _), *others) = groups(models, field).items()
        if others or not values or values == (None,):
            continue
        shown = [value_text(value) for value in values]
        parts.append(f"the {label(field, len(shown))} {series(shown)}")
        said += [Said(field, text, who) for text in shown]
        places += [fact.place for model in models[:2] for fact in facts_of(model, field)[:1]]
    if not parts:
        return None
    return Claim(f"{who} share {series(parts, most=len(parts))}.", (who,), tuple(said), tuple(dict.fromkeys(places)))


def differences(models: Sequence[Model]) -> list[Claim]:
    """One sentence for each field that at least two models know and do not have the same of."""
    claims = []
    for field in COMPARED:
        found = groups(models, field)
        known = [values for values in found if values and values != (None,)]
        if len(found) > 1 and known and len(found) <= 4:
            claims.append(_difference(field, found))
    return claims


def _difference(field: str, found: Mapping[tuple[Value, ...], Sequence[Model]]) -> Claim:
    """`The batch size is 64 in gan/train and 128 in vae/train, and unknown in flow/train.`"""
    parts, said, subjects, places = [], [], [], []
    ordered = sorted(found.items(), key=lambda pair: not pair[0] or pair[0] == (None,))
    plural = any(len(values) > 1 for values, _ in ordered)
    for values, models in ordered:
        names = [name_of(model) for model in models]
        shown = ["none" if value is None else value_text(value) for value in values] or ["unknown"]
        parts.append(f"{series(shown)} in {series(names, most=4)}")
        subjects += names[:4]
        said += [Said(field, text, names[0]) for text in shown if values and text != "none"]
        places += [fact.place for model in models[:2] for fact in facts_of(model, field)[:1]]
    verb = "are" if plural else "is"
    text = f"The {label(field, 2 if plural else 1)} {verb} {'; '.join(parts) if plural else series(parts, most=len(parts))}."
    single = all(len(models) == 1 and len(values) <= 1 for values, models in ordered)
    return Claim(text, tuple(subjects), tuple(said), tuple(dict.fromkeys(places)), plain=not single)


# -- numbers


def quantities(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Quantity]:
    """The numbers that at least two models have: fields first, then metrics of one name and split."""
    found = [_field_quantity(models, field) for field in RANKED]
    found += _metric_quantities(models, artefacts)
    return [quantity for quantity in found if len(quantity.values) > 1]


def _field_quantity(models: Sequence[Model], field: str) -> Quantity:
    values: dict[str, tuple[float, tuple[Place, ...]]] = {}
    for model in models:
        if field == "lines":
            values[name_of(model)] = (model.lines, ())
            continue
        facts = facts_of(model, field)
        if len(facts) == 1 and isinstance(facts[0].value, (int, float)) and not isinstance(facts[0].value, bool):
            values[name_of(model)] = (facts[0].value, (facts[0].place,))
    return Quantity(label(field, 2) if field in ("epochs", "steps", "parameters", "lines") else label(field), values)


def _metric_quantities(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Quantity]:
    found: dict[tuple[str, str], dict[str, tuple[float, tuple[Place, ...]]]] = {}
    for model, left in zip(models, artefacts, strict=True):
        for metric in metrics_of(model, left):
            if metric.value == metric.value:  # not NaN
                found.setdefault((metric.name, metric.split), {})[name_of(model)] = (metric.value, (metric.place,))
    return [Quantity(f"last {metric_label(*key)}", values, better(key[0])) for key, values in found.items()]


def rank_claims(models: Sequence[Model], found: Sequence[Quantity]) -> list[Claim]:
    """Who is best and worst, or highest and lowest, in each quantity that is not the same everywhere."""
    comparable = same_data(models)
    claims = []
    for quantity in found:
        order = quantity.order()
        if quantity.of(order[0]) != quantity.of(order[-1]) and (quantity.way is None or comparable):
            claims.append(_rank_claim(quantity, order))
    if not comparable and any(quantity.way for quantity in found):
        text = (
            "The models are not all known to be trained on the same data, so no metric is called better than another."
        )
        claims.append(Claim(text, plain=True))
    return claims


def same_data(models: Sequence[Model]) -> bool:
    """Whether metrics of these models may be compared: the same known data or environment for all."""
    return any(len(found := groups(models, field)) == 1 and () not in found for field in ("datasets", "environment"))


def _rank_claim(quantity: Quantity, order: Sequence[str]) -> Claim:
    high, low = quantity.of(order[0]), quantity.of(order[-1])
    top = [name for name in order if quantity.of(name) == high]
    bottom = [name for name in order if quantity.of(name) == low]
    words = ("best", "worst") if quantity.way else ("highest", "lowest")
    many = quantity.name.endswith(("epochs", "steps", "parameters", "lines of code"))
    if many:
        words = ("most", "fewest")
        text = f"{series(top, 3)} {has(top)} the most {quantity.name} ({number(high)}), {series(bottom, 3)} the fewest ({number(low)})"
    elif len(quantity.values) == 2 and not quantity.way:
        text = f"{top[0]} has the higher {quantity.name} ({number(high)}), {bottom[0]} the lower ({number(low)})"
    else:
        text = f"The {quantity.name} is {words[0]} in {series(top, 3)} ({number(high)}) and {words[1]} in {series(bottom, 3)} ({number(low)})"
    if min(high, low) > 0 and (ratio := factor(max(high, low), min(high, low))) != "1":
        text += f", a factor of {ratio}"
    said = (
        *(Said(quantity.name, number(high), name) for name in top[:1]),
        *(Said(quantity.name, number(low), name) for name in bottom[:1]),
    )
    places = (*quantity.values[top[0]][1], *quantity.values[bottom[0]][1])
    return Claim(text + ".", (*top[:3], *bottom[:3]), said, tuple(dict.fromkeys(places)))


def has(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


# -- tables


def side_by_side(models: Sequence[Model]) -> Table:
    """Every field that one of the models knows; few models as columns, many as rows with the main fields."""
    from core.compare.many import compare_many

    names = [name_of(model) for model in models]
    if len(models) > MOST_COLUMNS:
        fields = [field for field in COMPARED if any(values_in_words(model, field) for model in models)]
        rows = [(name, *(_cell(model, field) for field in fields)) for name, model in zip(names, models, strict=True)]
        return Table("Side by side", ("Model", *map(heading, fields)), tuple(rows))
    shown = [
        row for row in compare_many(models).rows if not row.field.startswith(("settings.", "metrics.", "description"))
    ]
    rows = [
        (heading(row.field), *(_values(values) for values in row.values), "same" if row.same else "differs")
        for row in shown
    ]
    return Table("Side by side", ("", *names, ""), tuple(rows))


def heading(field: str) -> str:
    words = label(field, 2 if field in ("epochs", "steps", "parameters") else 1)
    return words[0].upper() + words[1:]


def _cell(model: Model, field: str) -> str:
    return values_in_words(model, field) or "unknown"


def _values(values: tuple[Value, ...]) -> str:
    return series([value_text(value) for value in values]) or "unknown"


def rankings(models: Sequence[Model], found: Sequence[Quantity]) -> list[Table]:
    """Each quantity's models in order; "best first" only where a better way is known and the data are the same."""
    if not found:
        return []
    comparable = same_data(models)
    rows = []
    for quantity in found:
        order = quantity.order()
        first = (
            "best first"
            if quantity.way and comparable
            else "lowest first"
            if quantity.way == "lower"
            else "highest first"
        )
        missing = len(models) - len(order)
        shown = series([f"{name} ({number(quantity.of(name))})" for name in order], most=8)
        rows.append((heading(quantity.name), first, shown, f"{missing} unknown" if missing else ""))
    return [Table("Rankings", ("Quantity", "Order", "Models", ""), tuple(rows))]


def pairwise(found: Sequence[Quantity]) -> list[Table]:
    """Difference and ratio of every pair, or of each with the first where there are many."""
    rows = []
    for quantity in found:
        order = quantity.order()
        pairs = list(combinations(order, 2)) if len(order) <= MOST_PAIRS else [(order[0], other) for other in order[1:]]
        for a, b in pairs:
            high, low = quantity.of(a), quantity.of(b)
            ratio = f"{factor(high, low)} times" if low > 0 and high > 0 else ""
            rows.append((heading(quantity.name), a, b, number(high), number(low), number(round(high - low, 12)), ratio))
    if not rows:
        return []
    return [Table("Pairwise gaps", ("Quantity", "A", "B", "A's", "B's", "Gap A - B", "A / B"), tuple(rows))]


def unknown_in(models: Sequence[Model]) -> list[Claim]:
    """For each expected field the models that do not tell it."""
    claims = []
    for field in EXPECTED:
        names = [name_of(model) for model in groups(models, field).get((), ())]
        if field in ("datasets", "epochs"):
            instead = {"datasets": "environment", "epochs": "steps"}[field]
            names = [name_of(m) for m in groups(models, field).get((), ()) if not facts_of(m, instead)]
        if names:
            text = f"The {label(field)} {are([field]) if field not in ('epochs', 'parameters') else 'are'} unknown for "
            claims.append(Claim(text + f"{'all of them' if len(names) == len(models) else series(names)}.", plain=True))
    return claims
