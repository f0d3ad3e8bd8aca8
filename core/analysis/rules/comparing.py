"""Tasks of what is compared: twins, things that go together, and what is nearer than another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.facts import Fact
from core.analysis.nodes import below, given_to, is_operation, walk
from core.analysis.program import Call
from core.analysis.rules.bodies import Body, called_in, chain_start, is_call, last_name
from core.analysis.rules.families.arithmetic import minus, squared, squares
from core.analysis.rules.families.asking import first
from core.analysis.rules.loss_names import CLASSIFYING, COMPARING, family, loss_name
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import GENERATING, Purposed


def comparing(model: Purposed) -> Answer | None:
    """Two views of one thing that are drawn together, where nothing else is asked; twins, a loss that is called after
    what it compares, or cross-entropy over which of a batch go together."""
    views = next((fact for fact in model.losses.values() if _OF_VIEWS.search(str(fact.value))), None)
    if views is not None and not model.view.kinds["embedding"]:
        return "contrastive learning", views.place, f"loss {views.value}"
    alike = first(model.view, _draws_to_a_still_view, "cosine_similarity")
    if alike is not None and (CLASSIFYING.isdisjoint(model.losses) or _is_drawn_both_ways(model, alike[0])):
        return "contrastive learning", alike[0].place(alike[1]), "one view is drawn to another that is held still"
    entropies = [call for call in model.view.program.whose(_is_entropy) if len(call.node.args) == 2]
    within = [(call, call.within.name) for call in entropies if call.within is not None]
    viewing = next((call for call, name in within if _OF_VIEWS.search(name)), None)
    twins, encodes = model.families.get("Siamese"), model.families.keys().isdisjoint(GENERATING)
    twins = twins if viewing is None else None
    if twins is not None:
        return "similarity learning", twins.place, "architecture Siamese"
    for fact in model.losses.values():
        if _IN_THREES.search(str(fact.value)):
            return "similarity learning", fact.place, f"loss {fact.value}"
        if _OF_VOICES.search(str(fact.value)) and encodes:
            return "speaker recognition", fact.place, f"loss {fact.value}"
        labelled = _BY_LABEL.search(str(fact.value)) and not CLASSIFYING.isdisjoint(model.losses)
        if _CONTRASTING.search(str(fact.value)) and not labelled:
            return "contrastive learning", fact.place, f"loss {fact.value}"
    named = (call for call, name in within if _CONTRASTING.search(name) and not _BY_LABEL.search(name))
    if (told := viewing or next(named, None)) is not None:
        return "contrastive learning", told.place, "cross-entropy in what is named for contrasting"
    bodies = {body.node: body for body in model.view.bodies} if entropies else {}
    homes = ((call, bodies.get(call.home)) for call in entropies)
    pairs = next((call for call, body in homes if body is not None and _tells_pairs(body, call.node.args[1])), None)
    if pairs is not None and encodes:
        return "contrastive learning", pairs.place, "each of a batch is told from the others"
    return None


def _draws_to_a_still_view(body: Body) -> ast.AST | None:
    """`-cosine_similarity(told, other.detach()).mean()`."""
    for node in body.of(ast.UnaryOp):
        likeness = chain_start(node.operand) if isinstance(node.op, ast.USub) else None
        if is_call(likeness, ("cosine_similarity",)) and any("detach" in called_in(each) for each in likeness.args):
            return likeness
    return None


def _is_drawn_both_ways(model: Purposed, body: Body) -> bool:
    """Whether each of two views is drawn to the other, `D(p1, z2) + D(p2, z1)`; what a teacher says of kinds is only
    followed."""
    both = (other.calls.get(body.name, ()) for other in model.view.bodies) if body.name else ()
    return len(body.calls["cosine_similarity"]) > 1 or any(len(calls) > 1 for calls in both)


def _is_entropy(dotted: str) -> bool:
    return family(loss_name(dotted.removesuffix(".__call__")) or "") == "cross_entropy"


def _tells_pairs(body: Body, wanted: ast.expr) -> bool:
    """`cross_entropy(likeness, arange(batch))`: whose other half each thing is, not which kind (of so many, a way) it
    is."""
    wanted = wanted.value if isinstance(wanted, ast.Subscript) else wanted  # labels[arange(n) < length]
    words = {word.casefold() for word in body.words(wanted, 1)}
    return "arange" in words and not any(map(_SO_MANY_EACH.search, words)) and not _is_fixed(body, wanted)


def _is_fixed(body: Body, wanted: ast.expr) -> bool:
    """Whether numbers go up to one that is stated, `arange(10)`, and to no batch's."""
    inside = (call for value in body.meant(wanted) for call in below(value, ast.Call))
    counting = [call for call in inside if last_name(call.func) == "arange"]
    return bool(counting) and all(isinstance(each, ast.Constant) for call in counting for each in call.args)


_SO_MANY_EACH = re.compile(r"way|shot|query|queries|support|class|repeat|vocab|position")
"""What is spoken of where numbers are kinds, of which there are several things each."""
_OF_VOICES = re.compile(r"ge2e|speaker", re.IGNORECASE)
"""What losses are called that tell voices apart."""
_IN_THREES = re.compile(r"triplet", re.IGNORECASE)
"""What losses are called that draw a thing nearer to one of its kind than to another."""
_CONTRASTING = re.compile(r"info_?nce|nt_?xent|sup_?con|contrastive|simclr", re.IGNORECASE)
"""What losses are called that draw two views of one thing together, and other things apart."""
_OF_VIEWS = re.compile(r"(?i:nt_?xent|barlow|vic_?reg|byol|sim_?siam|dino_?loss|ibot)|(?<![a-zA-Z])NCE(?![a-z])")
"""The same of losses over views of pictures alone; `nce_loss` is for words, too."""
_BY_LABEL = re.compile(r"sup(ervised)?_?con", re.IGNORECASE)
"""Those that draw together what has one label: beside a loss over labels they only prepare it."""


def kinds_in_numbers(model: Purposed) -> Iterator[Fact]:
    """Losses that compare numbers, where known pictures' kinds are made into vectors, `one_hot(y, 10)`, and compared
    or fitted so; where no loss is told, what is written out with them."""
    if not (model.data and model.holds("image")):
        return
    made = next(filter(_makes_kinds, model.view.calling(*_MADE_OF_KINDS)), None)
    if made is not None:
        yield from (fact for name, fact in model.losses.items() if name in COMPARING)
        if not model.losses:
            yield from squares_written_out(model)


def squares_written_out(model: Purposed) -> Iterator[Fact]:
    """A squared error that is written out, `reduce_mean(square(y - out))`, of what is called as the wanted is."""
    for body in model.view.calling("mean", "reduce_mean", "sum", "reduce_sum"):
        for node in squares(body):
            if any(_WANTED.match(last_name(side)) for side in minus(squared(node))):
                yield Fact("loss", "squared error", body.place(node), "written out")


_WANTED = re.compile(
    r"(.*_)?(y|ys|targets?|labels?|wanted)(_?(true|train|batch|data|one_?hot|wanted))?$", re.IGNORECASE
)
_MADE_OF_KINDS = ("one_hot", "to_categorical")


def _makes_kinds(body: Body) -> bool:
    """Whether it makes vectors of what is called as kinds are, labels, targets, `y`, which a loss, a difference or
    `fit` takes, or hands them back: a network that is given them makes something of a kind."""
    made = [call for name in _MADE_OF_KINDS for call in body.calls.get(name, ())]
    made = [call for call in made if call.args and _KINDS.match(last_name(call.args[0]))]
    if not made:
        return False
    names = body.names_given(lambda value: chain_start(value) in made)
    wanting = (call for name, calls in body.calls.items() if _WANTS.search(name) for call in calls)
    sides = [side for call in wanting for side in given_to(call)]
    sides += [side for node in body.of(ast.BinOp) if isinstance(node.op, ast.Sub) for side in (node.left, node.right)]
    sides += [side for node in body.of(ast.Return) if node.value for side in getattr(node.value, "elts", [node.value])]
    return any(last_name(side) in names or chain_start(side) in made for side in sides)


_WANTS = re.compile(r"loss|criterion|mse|^fit$|^train_on_batch$|^square", re.IGNORECASE)
_KINDS = re.compile(r"(y|labels?|targets?|class(es)?)(_|$)|.*_(y|labels?|targets?)$", re.IGNORECASE)


def entropy_written_out(model: Purposed) -> Iterator[Fact]:
    """A cross-entropy that is written out, `-sum(y * log(p))`, where odds are made of a softmax and the likeliest kind
    is taken; what is multiplied by its own logarithm measures no kinds."""
    if not (model.view.calling("softmax") and model.view.calling("argmax", "arg_max")):
        return
    for body in model.view.calling("log"):
        for name in ("sum", "reduce_sum"):
            for call in body.calls.get(name, ()):
                if any(_weighs_odds(body, product) for product in call.args[:1]):
                    yield Fact("loss", "cross-entropy", body.place(call), "written out")


def _weighs_odds(body: Body, node: ast.expr) -> bool:
    """`y * log(p)`, in either order and with either sign; not by odds that a network's own scores were made into, or
    that were mixed."""
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    if not is_operation(node, ast.Mult):
        return False
    sides = [side.operand if isinstance(side, ast.UnaryOp) else side for side in (node.left, node.right)]
    for log, other in (sides, sides[::-1]):
        if is_call(log, ("log",)) and log.args and isinstance(other, ast.Name | ast.Attribute):
            own = last_name(other) in {last_name(inner) for inner in walk(log.args[0])}
            made = body.bound(other)
            return not own and not any(isinstance(value, ast.BinOp) or called_in(value) & _OF_SCORES for value in made)
    return False


_OF_SCORES = frozenset({"exp", "softmax", "sigmoid"})
"""What makes scores of a network into odds."""


def compares_forecasts(model: Purposed, loss: str) -> bool:
    """Whether a loss is given what is called a forecast: `mse_loss(forecast, target)`; or what comes behind windows
    that libraries cut out of a series."""
    if any(call.target is None and _is_over_series(call) for call in model.view.program.named(*_SLIDING)):
        return True
    given = (arg for body in model.view.calling(loss) for call in body.calls[loss] for arg in call.args)
    return any(_FORECAST.fullmatch(last_name(each)) for each in given)


def _is_over_series(call: Call) -> bool:
    """Not `window("hann", 512)`, what a signal fades in and out by or something else that a text tells; nor windows of
    the places that a memory counts: `Dataset.range(9).window(2)`."""
    return "Dataset.range" not in call.dotted and all(value.text is None for value in call.positional[:1])


def looks_ahead(model: Purposed) -> bool:
    """Whether it is told how much of a series is seen, and how much of it is wanted: `NBeats(backcast_length=20,
    forecast_length=5)`, a script's options `seq_len` and `pred_len`."""
    said = {name for body in model.view.bodies for name in (*body.spoken, *body.parameters)}
    return any(map(_AHEAD.fullmatch, said)) and any(map(_BEHIND.fullmatch, said))


_AHEAD = re.compile(r"(forecast|pred|prediction)_(len|length|horizon|size)|forecast_?horizon|horizon")
_BEHIND = re.compile(
    r"(backcast|seq|input|context|history|lookback|encoder|label)_(len|length|size)|look_?back|window(_size)?"
)
"""What is called so where it says how far ahead a series is wanted, and how much of it is seen."""
_SLIDING = ("window", "timeseries_dataset_from_array", "TimeseriesGenerator")
_FORECAST = re.compile(r"(y_)?forecast(s|ed)?(_y)?")
