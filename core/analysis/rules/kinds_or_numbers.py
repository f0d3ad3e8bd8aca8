"""Tasks that the loss tells: kinds, or numbers, over data of a known sort."""

from __future__ import annotations

import ast
import re

from core.analysis.facts import Fact
from core.analysis.nodes import below
from core.analysis.program import Call
from core.analysis.rules.bodies import is_call
from core.analysis.rules.boosting import BOOSTING
from core.analysis.rules.clouds import of_points
from core.analysis.rules.comparing import (
    compares_forecasts,
    entropy_written_out,
    kinds_in_numbers,
    looks_ahead,
    squares_written_out,
)
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.judging import is_tool
from core.analysis.rules.loss_names import CLASSIFYING, COMPARING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed
from core.analysis.rules.symbols import next_after, of_examples
from core.analysis.rules.words_told import sorting_words, speaks_of_words

PLAIN = frozenset({
    "CNN", "ResNet", "MLP", "ViT", "VGG", "DenseNet", "Inception", "MobileNet", "EfficientNet", "Capsule",
    "Logistic Regression", "Linear", "LSTM", "GRU", "RNN", "MLP-Mixer", "Transformer", "Mamba",
})  # fmt: skip
"""Families that can be for anything: the data and the loss tell."""


def classifying(model: Purposed) -> Answer | None:
    """A loss that tells kinds over data of a known sort, under a family that tells them; else an estimator of kinds."""
    loss = next((fact for name, fact in model.losses.items() if name in CLASSIFYING), None)
    loss = loss or next(kinds_in_numbers(model), None) or next(entropy_written_out(model), None)
    estimator = _estimator(model, "Classifier", "SVC", "LogisticRegression", "NB")
    unknown = not model.families and model.holds("image") and not model.holds("text")
    plain = PLAIN & set(model.families) or (model.data and (unknown or "GNN" in model.families))
    plain = plain or ("GNN" in model.families and not _OF_SEVERAL.isdisjoint(model.losses))
    if loss is not None and plain:
        if model.scans():
            told = of_points(model, "point cloud classification")
            return told, loss.place, f"loss {loss.value} over clouds of points"
        held = next(filter(model.holds, _HELD), "")
        if held == "audio" and not COMPARING.isdisjoint(model.losses):
            return None  # where speech ends is only told beside it
        if held == "image" and not model.data and model.films():
            return "video classification", loss.place, f"loss {loss.value} over frames of films"
        if held:
            return f"{held} classification", loss.place, f"loss {loss.value} over {_HELD[held]}"
        by_words = model.view.kinds["embedding"] or "Seq2Seq" in model.families or "sequence_loss" in str(loss.value)
        if not by_words:
            return "classification", loss.place, f"loss {loss.value}"
        if sorted_words := sorting_words(model):
            return sorted_words, loss.place, f"loss {loss.value} over words"
        if "MLP" in model.families and not model.data and joins_columns(model):
            return "classification", loss.place, f"loss {loss.value} over columns of a table"
    kind = "image classification" if model.data and model.holds("image") else "classification"
    estimator = estimator or _likelihood(model, of_kinds=True)
    estimator = estimator or (model.classifier() if model.data and model.holds("image") else None)
    if estimator is not None:
        return kind, estimator.place, f"estimator {estimator.name}"
    alone = model.families.get("Logistic Regression") or _own_margin(model)
    return (kind, alone.place, alone.how) if alone is not None else None


def joins_columns(model: Purposed) -> bool:
    """Whether columns of a table are embedded apart: `[embed(x[:, i]) for i, embed in enumerate(self.embeddings)]`."""
    return any(map(_embeds_a_column, (node for body in model.view.bodies for node in body.of(ast.ListComp))))


def _embeds_a_column(node: ast.ListComp) -> bool:
    names = {each.id for loop in node.generators for each in below(loop.target, ast.Name)}
    asked = node.elt.args[:1] if is_call(node.elt, names) and isinstance(node.elt, ast.Call) else []
    at = [
        each.slice.elts[-1] for each in asked if isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Tuple)
    ]
    return any(isinstance(each, ast.Name) and each.id in names for each in at)


_OF_SEVERAL = frozenset({"cross_entropy", "nll_loss"})
"""Losses that tell one of several kinds; one of two may be whether an edge is there."""
_HELD = {"image": "pictures", "text": "text", "audio": "sound"}
"""What data may hold of which the kind is told."""


def _own_margin(model: Purposed) -> Fact | None:
    """A linear machine of the user's that keeps kinds away from a margin; those of libraries fit numbers too."""
    own = "Linear" in model.families and not model.view.program.under(*_CLASSICAL)
    return model.families.get("SVM") if own else None


def _estimator(model: Purposed, *ends: str) -> Call | None:
    """The first estimator of a library of classical learning whose name ends so; not a tool of a run that trains a
    network."""
    program, trains = model.view.program, model.view.optimizers
    found = (call for call in program.under(*_CLASSICAL) if call.name.endswith(ends))
    return next((call for call in found if not (trains and is_tool(call, program))), None)


def _likelihood(model: Purposed, of_kinds: bool) -> Call | None:
    """What GPyTorch is told that a Gaussian process gives: kinds, or numbers."""
    found = (call for call in model.view.program.under("gpytorch.likelihoods.") if call.name.endswith("Likelihood"))
    return next((call for call in found if bool(_OF_KINDS.match(call.name)) == of_kinds), None)


_OF_KINDS = re.compile("Softmax|Bernoulli|Dirichlet")
_CLASSICAL = ("sklearn.", "pyspark.", *BOOSTING)
"""Libraries of classical learning."""


def predicting(model: Purposed) -> Answer | None:
    """A loss that compares numbers, or is written out so, of a sequence or of what plain layers give; a line or an
    estimator of numbers."""
    loss = next((fact for name, fact in model.losses.items() if name in COMPARING), None)
    loss = loss or (None if model.losses else next(squares_written_out(model), None))
    estimator = _estimator(model, "Regressor", "SVR", "LinearRegression", "Ridge", "Lasso")
    recurrent = {"LSTM", "GRU", "RNN"} & set(model.families) and not (model.hears() or "GNN" in model.families)
    if loss is not None and recurrent and not (model.holds("text") or speaks_of_words(model)):
        return "time series forecasting", loss.place, f"loss {loss.value} over a sequence"
    ahead = loss is not None and (compares_forecasts(model, str(loss.value)) or looks_ahead(model) or _slides(model))
    if loss is not None and ahead:
        return "time series forecasting", loss.place, f"loss {loss.value} of forecasts"
    plain = {"MLP", "Linear", "GNN"} & model.families.keys() and "CNN" not in model.families
    plain = plain and not model.holds("image")
    if loss is not None and plain:
        return "regression", loss.place, f"loss {loss.value}"
    estimator = estimator or _likelihood(model, of_kinds=False)
    if fits_line(model):
        return "regression", model.families["Linear"].place, "a line is fitted"
    return ("regression", estimator.place, f"estimator {estimator.name}") if estimator is not None else None


def _slides(model: Purposed) -> bool:
    """Whether what follows a window of numbers is wanted, `x.append(series[i : i + n])`, `y.append(series[i + n])`; not
    of words or pictures."""
    if model.holds("text") or model.holds("image") or speaks_of_words(model):
        return False
    return any(body.once(next_after) for body in (*model.view.bodies, *of_examples(model.view.program)))


def fits_line(model: Purposed) -> bool:
    """Whether a linear machine of the user's tells no kinds: no pictures, no loss of libraries, no odds, no margin, no
    step."""
    if "Linear" not in model.families or model.holds("image"):
        return False
    told = model.losses or {"Logistic Regression", "SVM"} & model.families.keys() or _steps(model)
    likely = model.view.calling("log", "exp", "softmax", "one_hot", "sigmoid", "sign", "heaviside")
    return not (told or likely)


def _steps(model: Purposed) -> bool:
    """Whether one of two numbers is told by a bound: `np.where(scores >= 0, 1, -1)`, `1 if score >= 0 else 0`."""
    given = [call.args for body in model.view.calling("where") for call in body.calls["where"] if len(call.args) == 3]
    steps = (args[1:] for args in given if isinstance(getattr(args[0], "ops", (0,))[0], _BOUNDS))
    chosen = (each for body in model.view.bodies for each in body.of(ast.IfExp))
    written = any({*map(type, args)} <= {ast.Constant, ast.UnaryOp} for args in steps)
    return written or any(map(_is_unit_step, chosen))


def _is_unit_step(node: ast.IfExp) -> bool:
    """`1 if score >= 0 else -1`, `1 if odds > 0.5 else 0`; not what says how often to print, or where to run."""
    sides = (node.body, node.orelse)
    one_of_two = all(isinstance(side, ast.Constant | ast.UnaryOp) for side in sides) and any(
        is_constant(side, 1) for side in sides
    )
    bounded = isinstance(node.test, ast.Compare) and isinstance(node.test.ops[0], _BOUNDS)
    return one_of_two and bounded and is_constant(node.test.comparators[0], 0, 0.5)  # type: ignore[attr-defined]


_BOUNDS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
