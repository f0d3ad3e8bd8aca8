"""Claims about one model: each a plain sentence that its facts carry, with their places.

The sentences are what a reader sees where no writer takes part, or where the writer's words do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from core.analysis.facts import Fact, Layer, Place, Value
from core.catalog.model import Model
from core.report.wording import (
    clean,
    count,
    day,
    file_size,
    joined,
    label,
    number,
    series,
    share,
    value_text,
    values_text,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a claim says of a subject: the value, as it stands in the text, of a field."""

    field: str
    value: str
    subject: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement. `subjects` are the names by which the text calls what it speaks of.

    `plain`: never handed to a writer, since it quotes a file or is a bare list.
    """

    text: str
    subjects: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    places: tuple[Place, ...] = ()
    plain: bool = False


Maker = Callable[[Model, str], Claim | None]
"""Makes a claim about a model, called by this name in the text; None where the facts say nothing of the kind."""

IT = "It"
"""The subject of a sentence whose model was named before."""

_MOST_VALUES = 6


def facts_of(model: Model, field: str, stage: str | None = None) -> tuple[Fact, ...]:
    """The known facts of a field, one for each value, the main one first; of one stage where it is given."""
    found: dict[Value, Fact] = {}
    for fact in model.facts:
        if fact.field == field and fact.value is not None and stage in (None, fact.stage):
            found.setdefault(fact.value, fact)
    return tuple(found.values())[:_MOST_VALUES]


def texts(facts: Iterable[Fact]) -> list[str]:
    return [value_text(fact.value) for fact in facts]


def said(subject: str, facts: Iterable[Fact]) -> tuple[Said, ...]:
    return tuple(Said(fact.field, value_text(fact.value), subject) for fact in facts)


def places(facts: Iterable[Fact]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(fact.place for fact in facts))


def claim(text: str, subject: str, facts: Sequence[Fact]) -> Claim:
    """A claim on one subject that rests on these facts."""
    return Claim(text, (subject,), said(subject, facts), places(facts))


def name_of(model: Model) -> str:
    return clean(model.id, 120)


# -- what it is


_KINDS = {"script": "training script", "notebook": "training notebook"}


def identity(model: Model, subject: str) -> Claim:
    """`gan is a training script in PyTorch for image generation; its architecture is DCGAN, of the family GAN.`"""
    frameworks, tasks = facts_of(model, "framework"), facts_of(model, "task")
    text = f"{subject} is a {_KINDS.get(model.kind, 'configuration')}"
    if model.kind == "config" and model.script:
        text += f" of {clean(PurePath(model.script).name)}"
    if frameworks:
        text += f" in {series(texts(frameworks))}"
    if tasks:
        text += f" for {series(texts(tasks))}"
    phrase, families = _architecture(model)
    if phrase:
        text += f"; its architecture is {phrase}"
    return claim(text + ".", subject, [*frameworks, *tasks, *families])


def _architecture(model: Model) -> tuple[str, Sequence[Fact]]:
    """`DCGAN, of the families GAN and CNN`: the main one, its parents, then what is there besides; and their facts."""
    from core.vocabulary import load

    facts = facts_of(model, "architecture")
    if not facts:
        return "", ()
    main, *rest = facts
    parents = load().parents("architecture", str(main.value))
    families = [fact for fact in rest if fact.value in parents]
    others = [fact for fact in rest if fact.value not in parents]
    text = value_text(main.value)
    if families:
        text += f", of the {'family' if len(families) == 1 else 'families'} {series(texts(families))}"
    if others:
        text += f", together with {series(texts(others))}"
    return text, [main, *families, *others]


def description(model: Model, subject: str) -> Claim | None:
    """What the file says of itself, as a quotation."""
    facts = facts_of(model, "description")
    if not facts:
        return None
    quoted = clean(str(facts[0].value), 220).replace('"', "'")
    return Claim(
        f'{possessive(subject)} own description reads: "{quoted}"', (subject,), (), places(facts[:1]), plain=True
    )


# -- how it is trained


_TRAINING: dict[str, tuple[str, str]] = {
    "datasets": ("on {}", "on one or more of {}"),
    "environment": ("in the environment {}", "in the environments {}"),
    "epochs": ("for {} epochs", "for {} epochs"),
    "steps": ("for {} steps", "for {} steps"),
    "batch_size": ("in batches of {}", "in batches of {}"),
    "optimizer": ("with {}", "with {}"),
    "learning_rate": ("at a learning rate of {}", "at learning rates of {}"),
}
"""The parts of a sentence on training in their order: for one value and for several."""


def training(model: Model, subject: str, stage: str | None = None) -> Claim | None:
    """`It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001.`"""
    parts: list[str] = []
    used: list[Fact] = []
    for field, (one, several) in _TRAINING.items():
        if facts := facts_of(model, field, stage):
            phrase = (one if len(facts) == 1 else several).format(series(texts(facts)))
            parts.append(phrase.replace("for 1 epochs", "for 1 epoch").replace("for 1 steps", "for 1 step"))
            used += facts
    if not parts:
        return None
    if stage:
        stage_name = clean(stage, 40)
        text = f"In the stage {stage_name} {lower(subject)} is trained {' '.join(parts)}."
        return Claim(text, (subject,), (Said("stage", stage_name, subject), *said(subject, used)), places(used))
    return claim(f"{subject} is trained {' '.join(parts)}.", subject, used)


def stages(model: Model) -> tuple[str, ...]:
    """The stages that training facts are told apart by; empty where there is only one."""
    found = tuple(dict.fromkeys(fact.stage for fact in model.facts if fact.stage and fact.field in _TRAINING))
    return found if len(found) > 1 else ()


def loss(model: Model, subject: str) -> Claim | None:
    facts = facts_of(model, "loss")
    if not facts:
        return None
    return claim(
        f"{possessive(subject)} {label('loss', len(facts))} {are(facts)} {series(texts(facts))}.", subject, facts
    )


_TUNING = ("scheduler", "weight_decay", "momentum", "betas", "dropout", "ema", "grad_clip", "precision", "loss_weights")
_SHAPE = ("image_size", "latent_dim", "hidden_sizes", "heads")


def tuning(model: Model, subject: str) -> Claim | None:
    """`It sets the weight decay to 0.01 and the dropout to 0.1.`"""
    return _settings(model, subject, _TUNING)


def shape(model: Model, subject: str) -> Claim | None:
    return _settings(model, subject, _SHAPE)


def _settings(model: Model, subject: str, fields: Iterable[str]) -> Claim | None:
    found = [(field, facts) for field in fields if (facts := facts_of(model, field))]
    if not found:
        return None
    parts = [f"the {label(field, len(facts))} to {series(texts(facts))}" for field, facts in found]
    return claim(
        f"{subject} sets {series(parts, most=len(parts))}.", subject, [fact for _, facts in found for fact in facts]
    )


def hardware(model: Model, subject: str) -> Claim | None:
    facts = facts_of(model, "hardware")
    return claim(f"{subject} can run on {series(texts(facts))}.", subject, facts) if facts else None


def seed(model: Model, subject: str) -> Claim | None:
    facts = facts_of(model, "seed")
    return (
        claim(f"{subject} fixes the {label('seed', len(facts))} at {series(texts(facts))}.", subject, facts)
        if facts
        else None
    )


# -- what it is made of


def classes(model: Model, subject: str) -> Claim | None:
    facts = facts_of(model, "model_classes")
    if not facts:
        return None
    noun = "class" if len(facts) == 1 else "classes"
    return claim(f"{possessive(subject)} network is built from the {noun} {series(texts(facts))}.", subject, facts)


def parameters(model: Model, subject: str) -> Claim | None:
    facts = facts_of(model, "parameters")
    return claim(f"{subject} has {series(texts(facts))} parameters.", subject, facts[:1]) if len(facts) == 1 else None


def layers(model: Model, subject: str) -> Claim | None:
    """How many layers, of which kinds; counted over the leaves of the layer tree."""
    leaves = leaf_layers(model)
    if not leaves:
        return None
    kinds: dict[str, int] = {}
    for layer in leaves:
        kinds[clean(layer.kind, 40)] = kinds.get(clean(layer.kind, 40), 0) + 1
    common = sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    parts = [f"{amount} {kind}" for kind, amount in common[:_MOST_VALUES]]
    if others := sum(amount for _, amount in common[_MOST_VALUES:]):
        parts.append(f"{others} {'other' if others == 1 else 'others'}")
    text = f"{possessive(subject)} layer tree ends in {count(len(leaves), 'layer')}: {joined(parts)}."
    return Claim(text, (subject,), (), _layer_places(leaves), plain=True)


def largest_layer(model: Model, subject: str) -> Claim | None:
    """Which layer holds most of the parameters, where every layer is counted and there are several."""
    counted = [(layer, layer.parameters) for layer in leaf_layers(model) if layer.parameters is not None]
    total = sum(amount for _, amount in counted)
    if len(counted) < 2 or len(counted) < len(leaf_layers(model)) or not total:
        return None
    layer, most = max(counted, key=lambda pair: pair[1])
    if sum(amount == most for _, amount in counted) > 1:
        return None
    name, kind = clean(layer.name, 60), clean(layer.kind, 40)
    text = f"The largest layer, {name} ({kind}), holds {number(most)} of its {number(total)} parameters"
    return Claim(f"{text}, {share(most, total)}.", (), (), (layer.place,), plain=True)


def leaf_layers(model: Model) -> list[Layer]:
    """The layers that hold no others. A network that is alone goes by its class, and what it holds by its own names."""
    holders = {layer.name.rpartition(".")[0] for layer in model.layers}
    tops = [layer for layer in model.layers if "." not in layer.name]
    if len(tops) > 1 and [layer.name == layer.kind for layer in tops[:2]] == [True, False]:
        holders.add(tops[0].name)
    return [layer for layer in model.layers if layer.name not in holders]


def _layer_places(layers: Sequence[Layer]) -> tuple[Place, ...]:
    return (layers[0].place,)


# -- its file


def history(model: Model, subject: str) -> Claim:
    """When the file was made and changed, and who by."""
    dates = model.dates
    text = f"{possessive(subject)} file has {count(model.lines, 'line')} ({file_size(model.size)})"
    created, modified = day(dates.created), day(dates.modified)
    source = {"git": "git", "file": "the file system"}
    if dates.commits:
        text += f" and {count(dates.commits, 'commit')}"
    if created and created != modified and dates.created_from == dates.modified_from:
        text += f"; it was created on {created} and last changed on {modified}, as {source[dates.modified_from]} says"
    elif modified:
        text += f"; it was last changed on {modified}, as {source[dates.modified_from]} says"
    if dates.author:
        text += f", by {clean(dates.author, 60)}"
    return Claim(text + ".", (subject,), (), (), plain=True)


# -- what is not known


EXPECTED = (
    "framework", "architecture", "task", "datasets", "batch_size", "learning_rate", "optimizer", "epochs", "loss",
    "hardware", "seed", "parameters",
)  # fmt: skip
"""What a reader expects to find about any model. Others (a scheduler, dropout) need not be there."""

_INSTEAD = {"datasets": ("environment",), "epochs": ("steps",)}
"""What takes a field's place: a run measured in steps has no epochs to miss."""


def gaps(model: Model) -> list[str]:
    """The expected fields that are unknown: neither a value nor a known none."""
    return [field for field in EXPECTED if not any(_told(model, name) for name in (field, *_INSTEAD.get(field, ())))]


def _told(model: Model, field: str) -> bool:
    return any(fact.field == field for fact in model.facts)


def unknown(model: Model, subject: str) -> Claim:
    """`The source does not say: batch size, random seed.`"""
    missing = gaps(model)
    if not missing:
        return Claim(
            f"Nothing that is usually looked for is missing in what is known of {lower(subject)}.",
            (subject,),
            plain=True,
        )
    of = "" if subject == IT else f" of {subject}"
    names = series([f"the {label(field)}" for field in missing], most=len(missing), last="or")
    return Claim(f"The source{of} does not tell {names}.", (subject,), plain=True)


def known_none(model: Model, subject: str) -> Claim | None:
    """What the source says that there is none of."""
    facts = [fact for fact in model.facts if fact.value is None and not facts_of(model, fact.field)]
    if not facts:
        return None
    names = series([f"no {label(field)}" for field in dict.fromkeys(fact.field for fact in facts)], most=len(facts))
    return Claim(f"{subject} is known to have {names}.", (subject,), (), places(facts), plain=True)


def warnings(model: Model) -> list[Claim]:
    """What the analysis could not follow."""
    return [Claim(f"Not understood: {clean(warning, 200).rstrip('.')}.", plain=True) for warning in model.warnings[:5]]


# -- small words


def possessive(subject: str) -> str:
    return "Its" if subject == IT else f"{subject}'s"


def lower(subject: str) -> str:
    return "it" if subject == IT else subject


def are(items: Sequence[object]) -> str:
    return "is" if len(items) == 1 else "are"


def values_in_words(model: Model, field: str) -> str:
    """The values of a field for a table's cell; empty where unknown."""
    return values_text(model.values(field)) or ("none" if model.known_none(field) else "")
