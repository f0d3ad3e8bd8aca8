"""Which libraries the networks are built and trained with."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Set
from functools import cache, partial

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.nodes import kept
from core.analysis.program import Module, Program
from core.analysis.rules.factories import LEARNERS
from core.analysis.rules.families.arithmetic import ascends_in, descends_in
from core.analysis.rules.kinds import PARAMETRIC, is_wrapper
from core.analysis.rules.view import View, view

FITTED = ("scikit-learn", "XGBoost", "LightGBM", "CatBoost", "statsmodels", "gensim", "spaCy", "NumPy", "CuPy")
"""Used for data in many scripts: the framework only where nothing else builds the model, or where an estimator is
fitted."""
PREPARING = ("preprocessing", "decomposition", "feature_extraction", "LabelEncoder", "Scaler", "impute", "compose")
"""Parts of scikit-learn that are fitted to data but are no models."""
HELPERS = ("timm", "Accelerate")
PARTS = ("Stax", "TF-Slim", "Ignite")
"""Parts of a framework that come with it, and what only runs the loops of its networks: named after it."""
HIGH_LEVEL = ("PyTorch Lightning", "fastai", "Ignite")
_RUNNING = ("Trainer", "Learner", "Fabric", "Engine", "create_supervised_trainer")
"""What these have that runs a training."""
_SLOPES = ("grad", "value_and_grad", "GradientTape", "backward")
"""What finds the slopes along which written-out weights are moved."""


def frameworks(program: Program) -> Iterator[Fact]:
    """Accepts the imports of the modules that the run reaches; what builds layers and trains comes first, parents
    after it."""
    imported = _imported(program)
    if not imported:
        return
    words = vocabulary.load()
    kept = _kept(program, imported.keys())
    families = [(first, words.parents("framework", first)) for first in kept]
    for name in dict.fromkeys(
        each for first, parents in families for each in ((*parents, first) if first in PARTS else (first, *parents))
    ):
        place = imported.get(name) or next(
            imported[first] for first in kept if name in words.parents("framework", first)
        )
        yield Fact("framework", name, place, "import")


def _kept(program: Program, imported: Set[str]) -> list[str]:
    """The imported frameworks that are told: those that build, else one that does not; then those that are fitted,
    which come first where nothing has layers, else those in which weights are written out."""
    ranked, building = _ranked(program, imported)
    sloping = {name for call in program.named(*_SLOPES) for name in _owners(call.dotted)} if not building else set()
    others = [name for name in ranked if name not in FITTED and name not in building]
    others.sort(key=lambda name: name not in sloping)  # what only prepares the data comes after
    fitted = _fits_estimator(program)
    if fitted and not building:  # a package imports all of its models, of which the run needs one
        called = {name for call in program.calls if call.target is None for name in _owners(call.dotted)}
        others = [name for name in others if name in called]
    kept = building or others[:1]
    classical = [name for name in ranked if name in FITTED]
    by_hand = [name for name in classical if name in ("NumPy", "CuPy") and _trains_by_hand(view(program))]
    if not fitted and not kept and by_hand and not any(call.target is None for call in program.named("fit")):
        return by_hand
    if fitted or not kept:
        names = [name for name in classical if name not in ("NumPy", "CuPy")]
        names.sort(key=lambda name: fitted.get(name, 2))
        kept = [*names, *kept] if fitted and not view(program).has(*PARAMETRIC) else [*kept, *names]
    return kept or by_hand


def _ranked(program: Program, imported: Set[str]) -> tuple[list[str], list[str]]:
    """The imported frameworks by how much of the model is built with each, and those that build any of it."""
    weights = _weights(view(program))
    keras = {"Keras", "TensorFlow"} <= imported and _imports_keras(program)
    ranked = sorted(imported, key=lambda name: (-weights[name], keras and name == "TensorFlow"))
    building = [name for name in ranked if name not in FITTED and weights[name] > 0]
    if "Keras" in building and "TensorFlow" in imported and "TensorFlow" not in building:
        building.append("TensorFlow")
    hugging = any(name.startswith("Hugging Face") for name in building)
    if hugging and "PyTorch" in imported and not {"PyTorch", "Flax"} & set(building):
        building.append("PyTorch")
    if "Hugging Face Diffusers" in building:  # what encodes the words comes after what is trained
        building.sort(key="Hugging Face Transformers".__eq__)
    return ranked, building


def _imports_keras(program: Program) -> bool:
    """Whether Keras is imported by its own name, and not as a part of TensorFlow."""
    nodes = (node for module in program.modules for node in module.of(*IMPORTS))
    return any(dotted.split(".")[0] == "keras" for node in nodes for dotted in imported_names(node))


def _imported(program: Program) -> dict[str, Place]:
    """Frameworks by the first import that names them, in order."""
    found: dict[str, Place] = {}
    for module in program.modules:
        for name, node in kept(module.tree, "_frameworks", partial(_named, module)).items():
            found.setdefault(name, module.place(node))
    return found


def _named(module: Module) -> dict[str, ast.AST]:
    """Frameworks by the first import of a module that names them."""
    found: dict[str, ast.AST] = {}
    for node in module.of(*IMPORTS):
        for dotted in imported_names(node):
            for name in (*_owners(dotted), *(["TensorFlow"] if dotted.startswith("tensorflow.") else [])):
                found.setdefault(name, node)  # Keras by its name within TensorFlow is of both
    return found


IMPORTS = (ast.Import, ast.ImportFrom)


def imported_names(node: ast.AST) -> list[str]:
    """The dotted names that an import statement names: `torch.nn` of `from torch import nn`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _weights(seen: View) -> Counter[str]:
    """How much of the model is built with each framework: layers, bases of networks, optimizers that come from it."""
    weights: Counter[str] = Counter()
    weights.update(name for layer in seen.layers if layer.kind in PARAMETRIC for name in _owners(layer.call.dotted))
    if any(".Flax" in layer.call.dotted for layer in seen.layers):
        weights["Flax"] += 100
    weights.update(name for call in seen.optimizers for name in _owners(call.dotted))
    for cls, times in Counter(instance.cls for instance in seen.program.instances).items():
        bases = (base for base in cls.external_bases() if not base.startswith("torch.utils.data."))
        for name in {owner for base in bases for owner in _owners(base)}:
            weights[name] += times * (100 if is_wrapper(cls) else 2)
    if seen.program.named(*_RUNNING, *(name for name in LEARNERS if name != "create_body")):
        weights.update(dict.fromkeys(HIGH_LEVEL, 100))
    weights.update(name for call in seen.program.named("SVI") for name in _owners(call.dotted))
    fitting = seen.program.named("fit", "compile", "train_on_batch")
    if not all(_fits_itself(call.dotted) for call in fitting):
        weights["Keras"] += 10
    weights["TensorFlow"] += weights["Keras"]  # `tf.keras` where only TensorFlow is imported
    weights.subtract(dict.fromkeys(HELPERS, 50))
    return weights


def _fits_itself(dotted: str) -> bool:
    """Whether what is fitted is of a library that fits without Keras: not `transformers.TFBertModel`."""
    return bool({*_owners(dotted)} - {"Keras", "TensorFlow"}) and not dotted.startswith("transformers.TF")


@cache
def _owners(dotted: str) -> tuple[str, ...]:
    """The framework that a dotted name belongs to, by its longest known beginning."""
    modules = vocabulary.load().table("frameworks", "modules")
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        name = modules.get(".".join(parts[:length]))
        if name is not None:
            return (name,)
    return ()


def _fits_estimator(program: Program) -> dict[str, int]:
    """The libraries of classical learning an estimator of which is trained, not only used to prepare or to score: 0,
    or 1 where only a search or a pipeline of theirs is, which may hold another's estimator."""
    found: dict[str, int] = {}
    for call in program.named("fit", "train", "fit_predict", "cv"):
        if not any(part in call.dotted for part in PREPARING):
            for owner in _owners(call.dotted):
                around = int("model_selection" in call.dotted or "pipeline" in call.dotted)
                found[owner] = min(found.get(owner, 1), around)
    return {owner: around for owner, around in found.items() if owner in FITTED[:6]}


def _trains_by_hand(seen: View) -> bool:
    """Whether weights are updated in plain array code: something is subtracted from itself in a loop, or a step is
    taken along a gradient, or a network class is built."""
    return any(isinstance(node.op, ast.Sub) for body in seen.bodies for node in body.of(ast.AugAssign)) or any(
        body.name in ("backward", "backprop", "train", "fit") or body.once(descends_in) or body.once(ascends_in)
        for body in seen.bodies
    )
