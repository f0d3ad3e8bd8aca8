"""Claims and tables about several models: what they share, where they differ, rankings, pairwise gaps. All computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby
from math import isfinite

from core.analysis.facts import Place, Value
from core.artifacts.records import Artefacts
from core.catalog.model import Model
from core.report.claims import EXPECTED, Claim, Said, facts_of, gaps, name_of, values_in_words
from core.report.document import Table, short_names
from core.report.performance import better, metric_label, metrics_of
from core.report.wording import clean, day, factor, field_text, joined, label, number, series, value_text, verb

NAMED = ("framework", "architecture", "task", "datasets", "environment", "optimizer", "loss")
RANKED = ("parameters", "batch_size", "learning_rate", "epochs", "steps", "latent_dim", "image_size")
COMPARED = (*NAMED, *RANKED[:5])
"""The fields of which sentences tell, by name or by rank; the table has them all."""

MOST_COLUMNS = 5
"""Up to so many models stand side by side; more stand below each other, with fewer fields."""

MOST_GROUPS, MOST_NAMED = 4, 8
"""Up to so many answers and models a sentence names who has which; of more it gives the numbers."""

MOST_PAIRS = 5
"""Up to so many models are compared each with each; more, each with the first of the ranking."""


# -- what is the same and what is not


def groups(models: Sequence[Model], field: str) -> dict[tuple[Value, ...], list[Model]]:
    """Models by their values of a field; unknown is `()`, a known none `(None,)`. The main architecture counts."""
    found: dict[tuple[Value, ...], list[Model]] = {}
    for model in models:
        values = tuple(fact.value for fact in facts_of(model, field))
        values = values[:1] if field == "architecture" else values
        found.setdefault(values or ((None,) if model.known_none(field) else ()), []).append(model)
    return found


def shared(models: Sequence[Model]) -> Claim | None:
    """`Both share the framework PyTorch and the dataset MNIST.`"""
    parts, told, places = [], [], []
    who = "Both" if len(models) == 2 else f"All {len(models)}"
    for field in COMPARED:
        ((values, _), *others) = groups(models, field).items()
        if others or not values or values == (None,):
            continue
        shown = [value_text(value) for value in values]
        parts.append(f"the {label(field, len(shown))} {series(shown)}")
        told += [Said(field, text, who) for text in shown]
        places += [fact.place for model in models[:2] for fact in facts_of(model, field)[:1]]
    if not parts:
        return None
    return Claim(f"{who} share {joined(parts)}.", (who,), tuple(told), tuple(dict.fromkeys(places)))


def differences(models: Sequence[Model]) -> list[Claim]:
    """One sentence for each named field of which at least two different answers are known."""
    claims = []
    for field in NAMED:
        found = groups(models, field)
        if len([values for values in found if values]) > 1:
            few = len(found) <= MOST_GROUPS and len(models) <= MOST_NAMED
            claims.append(_difference(field, found) if few else _counts(field, found))
    return claims


def _counts(field: str, found: Mapping[tuple[Value, ...], Sequence[Model]]) -> Claim:
    """`By architecture there are 15 of VAE, 4 of Beta-VAE and 1 of VQ-VAE.`"""
    ordered = sorted(found.items(), key=lambda pair: (not pair[0], -len(pair[1]), str(pair[0])))
    parts = [
        f"{len(models)} of {series([value_text(value) for value in values])}" if values else f"{len(models)} unknown"
        for values, models in ordered
    ]
    return Claim(f"By {label(field)} there are {joined(parts)}.", plain=True)


def _difference(field: str, found: Mapping[tuple[Value, ...], Sequence[Model]]) -> Claim:
    """`The dataset is CIFAR-10 in gan/train, MNIST in vae/train and unknown in flow/train.`"""
    parts, told, subjects, places = [], [], [], []
    for values, models in sorted(found.items(), key=lambda pair: not pair[0]):
        names = [name_of(model) for model in models]
        shown = [value_text(value) for value in values] or ["unknown"]
        parts.append(f"{series(shown)} in {series(names, most=4)}")
        subjects += names[:4]
        told += [Said(field, text, names[0]) for text in shown if values]
        places += [fact.place for model in models[:2] for fact in facts_of(model, field)[:1]]
    several = max(map(len, found)) > 1
    text = f"The {label(field, 2 if several else 1)} {'are' if several else 'is'} {joined(parts)}."
    single = not several and all(len(models) == 1 for models in found.values())
    return Claim(text, tuple(subjects), tuple(told), tuple(dict.fromkeys(places)), plain=not single)


# -- numbers


MOST_TIERS = 12
"""Of so many different values a ranking tells."""

Tier = tuple[float, list[str]]
"""A value and all who have it."""


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

    def tiers(self) -> list[Tier]:
        """The values in order, each with all who have it."""
        return [(value, list(names)) for value, names in groupby(self.order(), key=self.of)]


def quantities(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Quantity]:
    """The numbers that at least two models have and not all the same: fields, then metrics of one name and split."""
    found = [_field_quantity(models, field) for field in RANKED] + _metric_quantities(models, artefacts)
    return [quantity for quantity in found if len({value for value, _ in quantity.values.values()}) > 1]


def _field_quantity(models: Sequence[Model], field: str) -> Quantity:
    values: dict[str, tuple[float, tuple[Place, ...]]] = {}
    for model in models:
        facts = facts_of(model, field)
        if len(facts) == 1 and isinstance(facts[0].value, int | float) and not isinstance(facts[0].value, bool):
            values[name_of(model)] = (facts[0].value, (facts[0].place,))
    return Quantity(label(field), values)


def _metric_quantities(models: Sequence[Model], artefacts: Sequence[Artefacts]) -> list[Quantity]:
    """What each model logged last. What several logs of a model told (one for each seed) is no single quantity."""
    found: dict[tuple[str, str], dict[str, tuple[float, tuple[Place, ...]]]] = {}
    for model, left in zip(models, artefacts, strict=True):
        logged = metrics_of(model, left)
        often = Counter((metric.name, metric.split) for metric in logged)
        for metric in logged:
            if not isfinite(metric.value) or often[metric.name, metric.split] > 1:
                continue
            found.setdefault((metric.name, metric.split), {})[name_of(model)] = (metric.value, (metric.place,))
    return [Quantity(f"last {metric_label(*key)}", values, better(key[0])) for key, values in found.items()]


def rank_claims(models: Sequence[Model], found: Sequence[Quantity]) -> list[Claim]:
    """Who is best and worst in each metric, or has the most and the least of each quantity."""
    unlike = [quantity for quantity in found if quantity.way and not comparable(models, quantity)]
    claims = [_rank_claim(quantity) for quantity in found if quantity not in unlike]
    if unlike:
        names = series([f"the {quantity.name}" for quantity in unlike])
        text = f"No model is called better by {names}: the models are not known to share the data and the loss."
        claims.append(Claim(text, plain=True))
    return claims


def comparable(models: Sequence[Model], quantity: Quantity) -> bool:
    """Whether "better" means something: one known data set for all who have the metric; for a loss, one loss."""
    who = [model for model in models if name_of(model) in quantity.values]
    needed = [("datasets", "environment")] + ([("loss",)] if "loss" in quantity.name else [])
    return all(any(_alike(who, field) for field in fields) for fields in needed)


def _alike(models: Sequence[Model], field: str) -> bool:
    found = groups(models, field)
    return len(found) == 1 and () not in found


def _rank_claim(quantity: Quantity) -> Claim:
    """`The learning rate is highest in a (0.1) and lowest in b (0.001), a factor of 100.`"""
    (first, top), *_, (last, bottom) = quantity.tiers()
    name, high, low = quantity.name, number(first), number(last)
    if name in ("epochs", "steps", "parameters"):
        have = "has" if len(top) == 1 else "have"
        text = f"{series(top, 3)} {have} the most {name} ({high}), {series(bottom, 3)} the fewest ({low})"
    elif len(quantity.values) == 2 and not quantity.way:
        text = f"{top[0]} has the higher {name} ({high}), {bottom[0]} the lower ({low})"
    else:
        best, worst = ("best", "worst") if quantity.way else ("highest", "lowest")
        text = f"The {name} is {best} in {series(top, 3)} ({high}) and {worst} in {series(bottom, 3)} ({low})"
    if min(first, last) > 0 and (ratio := factor(max(first, last), min(first, last))) != "1":
        text += f", a factor of {ratio}"
    places = (*quantity.values[top[0]][1], *quantity.values[bottom[0]][1])
    told = (Said(name, high, top[0]), Said(name, low, bottom[0]))
    return Claim(text + ".", (*top[:3], *bottom[:3]), told, tuple(dict.fromkeys(places)))


# -- tables


def named(models: Sequence[Model]) -> list[Model]:
    """The models under the shortest names that tell them apart; the table of `keys` has their ids."""
    names = short_names(model.id for model in models)
    return [replace(model, id=names[model.id]) for model in models]


def keys(models: Sequence[Model]) -> Table:
    """Which model each short name stands for."""
    short = named(models)
    rows = [
        (name_of(one), name_of(model), clean(model.path, 200), day(model.dates.modified))
        for one, model in zip(short, models, strict=True)
    ]
    return Table("Models", ("Name", "Id", "File", "Last changed"), tuple(rows))


def side_by_side(models: Sequence[Model]) -> Table:
    """Every field that one of the models knows; few models as columns, many as rows with the main fields."""
    from core.compare.many import compare_many

    names = [name_of(model) for model in models]
    if len(models) > MOST_COLUMNS:
        fields = [field for field in COMPARED if any(values_in_words(model, field) for model in models)]
        many = [(name, *(_cell(model, field) for field in fields)) for name, model in zip(names, models, strict=True)]
        return Table("Side by side", ("Model", *map(heading, fields)), tuple(many))
    rows = [
        (heading(row.field), *(_values(row.field, values) for values in row.values), "same" if row.same else "differs")
        for row in compare_many(models).rows
        if not row.field.startswith(("settings.", "metrics.", "description"))
    ]
    return Table("Side by side", ("Field", *names, ""), tuple(rows))


def heading(field: str) -> str:
    """A field's words as a table's first cell has them."""
    words = label(field)
    return words[0].upper() + words[1:]


def _cell(model: Model, field: str) -> str:
    return values_in_words(model, field) or "unknown"


def _values(field: str, values: tuple[Value, ...]) -> str:
    return series([field_text(field, value) for value in values]) or "unknown"


def rankings(models: Sequence[Model], found: Sequence[Quantity]) -> list[Table]:
    """Each quantity's models in order; "best first" only where that means something."""
    rows = []
    for quantity in found:
        way = "lowest first" if quantity.way == "lower" else "highest first"
        told = "best first" if quantity.way and comparable(models, quantity) else way
        tiers = [f"{series(names, 3)} ({number(value)})" for value, names in quantity.tiers()]
        shown = "; ".join(tiers[:MOST_TIERS]) + (f"; {len(tiers) - MOST_TIERS} more" if len(tiers) > MOST_TIERS else "")
        missing = len(models) - len(quantity.values)
        rows.append((heading(quantity.name), told, shown, f"{missing} unknown" if missing else ""))
    return [Table("Rankings", ("Quantity", "Order", "Models", ""), tuple(rows))] if rows else []


def pairwise(found: Sequence[Quantity]) -> list[Table]:
    """Difference and ratio of every pair; where there are many models, of the first with each lower tier."""
    rows = []
    for quantity in found:
        pairs: list[tuple[Tier, Tier]] = list(combinations([(quantity.of(n), [n]) for n in quantity.order()], 2))
        if len(quantity.values) > MOST_PAIRS:
            first, *rest = quantity.tiers()
            pairs = [(first, other) for other in rest]
        rows += [_gap(quantity.name, a, b) for a, b in pairs]
    head = ("Quantity", "A", "B", "A's", "B's", "A - B", "A / B")
    return [Table("Pairwise gaps", head, tuple(rows))] if rows else []


def _gap(name: str, a: Tier, b: Tier) -> tuple[str, ...]:
    (one, ours), (other, theirs) = a, b
    ratio = factor(one, other) if one > 0 and other > 0 else ""
    gap = number(float(f"{one - other:.10g}"))
    return (heading(name), series(ours, 3), series(theirs, 3), number(one), number(other), gap, ratio)


def unknown_in(models: Sequence[Model]) -> list[Claim]:
    """`For a and b the loss and the hardware are unknown.`: the expected fields, by whom they are unknown for."""
    missing = {name_of(model): gaps(model) for model in models}
    by_whom: dict[tuple[str, ...], list[str]] = {}
    for field in EXPECTED:
        if whom := tuple(name for name, fields in missing.items() if field in fields):
            by_whom.setdefault(whom, []).append(field)
    return [_unknown(whom, fields, len(models)) for whom, fields in by_whom.items()]


def _unknown(whom: Sequence[str], fields: Sequence[str], models: int) -> Claim:
    of = "all of them" if len(whom) == models else series(whom)
    words = series([f"the {label(field)}" for field in fields], most=len(fields))
    return Claim(f"For {of} {words} {verb(label(fields[0])) if len(fields) == 1 else 'are'} unknown.", plain=True)
