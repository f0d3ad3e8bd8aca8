"""The losses that training minimises, by the names that the code gives them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache, lru_cache, partial

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.filing import in_order
from core.analysis.nodes import below, kept, unparse, walk
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    External,
    Function,
    ListValue,
    Made,
    Module,
    Program,
    Resolved,
)
from core.analysis.rules.bodies import FORWARDS, last_name
from core.analysis.rules.boosting import objectives
from core.analysis.rules.kinds import is_wrapper, plain
from core.analysis.rules.trained import stands_idle
from core.analysis.rules.view import View, held, view
from core.vocabulary import fold

NAMES = re.compile(
    r"loss$|^losses?_|cross_?entropy|^kl_div|^mse$|^mae$|squared_error|absolute_error|squared_difference$|^hinge$|^kld|^Poisson$|Hinge$|"
    r"SquaredError$|AbsoluteError$|Crossentropy$|KLDivergence$|CosineSimilarity$|^Huber$|LogCosh$|sequence_loss|_loss_|CTC|ctc_batch_cost|"
    r"log_loss$|^SoftmaxCELoss|Loss$|SigmoidBCELoss|WithLoss$|^LPIPS$|SSIM$",
    re.IGNORECASE,
)
NO_LOSS = frozenset(
    {
        "l2_loss",
        "add_loss",
        "get_losses",
        "get_total_loss",
        "get_regularization_loss",
        "get_regularization_losses",
        "Softmax_loss",
        "ctc_decode",
        "compute_average_loss",
        "scale_regularization_loss",
    }
)
"""Names of those homes that are penalties or bookkeeping."""
OWN = re.compile(
    r"cross_?entropy|xent|bce|(^|_)mse|mean_?squared|(^|_)nll|nll_?loss|(?<!in)dice|focal|hinge|huber|triplet|contrastive|ctc|wasserstein|log_?likelihood|"
    r"(^|_)mae(_|$)|l[12]_loss|smooth_?l1|info_?nce|nt_?xent|perceptual_loss|charbonnier|iou_loss|ssim",
    re.IGNORECASE,
)
"""The user's own functions that are named for a known loss; "loss_fn" says nothing."""
NO_OWN = re.compile(
    r"^(test|eval|get|plot|print|make|create|load|update|train|grad)_|_(update|step)$|psnr|^calc\w*_ssim|^compute_ssim"
)
JUDGING = re.compile(
    r"^_?(test|eval|valid|val|infer|predict|sample|score|accuracy|check|metric|report|measure|generate|plot)|evaluat|validat|_(test|eval|val|valid)$|accuracy",
    re.IGNORECASE,
)
"""Functions that judge and do not train."""


def losses(program: Program) -> Iterator[Fact]:
    """Accepts losses of libraries that training calls or builds, `compile(loss=...)`, and the user's loss classes;
    only where there are none, the user's own functions that are named for a known loss."""
    seen = view(program)
    built = [(call, call.target) for call in program.calls if isinstance(call.target, Class) and _makes_loss(call)]
    facts = [_of_class(call, cls) for call, cls in built if not _in_loss_class(call)]
    inner = {id(part.node) for _, cls in built if facts for part in cls.lineage()}
    inner |= {id(function.node) for function in _compiled_functions(program) if not GENERIC.search(function.name)}
    taking = program.given(*filter(_TAKEN.search, program.keywords()))
    handing = program.named("create_supervised_trainer", "Learner")
    calls = in_order([program.whose(loss_name), program.named("compile", "Regression", "regression"), taking, handing])
    found = [(call, fact) for call in calls if not _inside(call, inner) for fact in _of_library(call, seen)]
    found = [(call, fact) for call, fact in found if not _is_spare(call, seen) and not stands_idle(seen, call)]
    training = [(call, fact) for call, fact in found if not _judges(call)]
    used = [fact for call, fact in training or found if not _lies_idle(call, seen)]
    facts += used or [fact for _, fact in found]
    facts += objectives(program)
    if not facts:
        facts = list(_own(seen)) or list(_minimised(seen))
    told: set[object] = set()
    for fact in facts:
        if fact.value not in told:
            told.add(fact.value)
            yield fact


_TAKEN = re.compile(r"loss_(fn|func|function)$")
"""Keywords by which libraries take a loss."""


def _of_library(call: Call, seen: View) -> Iterator[Fact]:
    if call.name == "compile" or call.name == "Regression" or call.name == "regression":
        given = call.keywords.get("loss") or (
            call.argument("loss", 1) if call.name == "compile" and "keras" in call.dotted else None
        )
        if given is not None:
            yield from _compiled(given)
        return
    handed = [*call.positional, *(value for word, value in call.keywords.items() if _TAKEN.search(word))]
    for value in handed if call.target is None else ():
        if isinstance(value.value, External) and (name := loss_name(value.value.dotted)):
            yield Fact("loss", name, value.place, "call argument")
    name = loss_name(call.dotted)
    if call.target is not None and name and GENERIC.search(name):
        return
    if name and _trains(call, seen) and call.node not in kept(call.module.tree, "_asked", partial(_asked, call.module)):
        yield Fact("loss", name, _named_at(call, name, seen), "call")


def _asked(module: Module) -> frozenset[ast.AST]:
    """Calls of which only an attribute is read: `CrossEntropyLoss().ignore_index`."""
    methods = {id(call.func) for call in module.of(ast.Call)}
    return frozenset(
        node.value for node in module.of(ast.Attribute) if isinstance(node.value, ast.Call) and id(node) not in methods
    )


def _named_at(call: Call, name: str, seen: View) -> Place:
    """Where the loss is named: in the call, else where what is called got it (`loss_fn=F.cross_entropy`)."""
    if isinstance(call.node, ast.Call) and fold(name) in fold(unparse(call.node)):
        return call.place
    for module in dict.fromkeys((call.module, *seen.program.modules)):
        spoken: list[ast.Attribute | ast.Name | ast.FunctionDef] = module.of(ast.Attribute, ast.Name, ast.FunctionDef)
        for node in spoken:
            if _spelt(node) == name:
                place = module.place(node)
                return (
                    place
                    if not isinstance(node, ast.FunctionDef)
                    else Place(place.file, place.line, place.line, place.cell)
                )
    return call.place


def _spelt(node: ast.Attribute | ast.Name | ast.FunctionDef) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", ""))


def _lies_idle(call: Call, seen: View) -> bool:
    """Whether a loss object is built into a plain name and nothing ever takes or calls it."""
    made = call.result.value if call.result is not None else None
    if not isinstance(made, Made) or not call.name[:1].isupper() or call.owner is not None or call.within is not None:
        return False
    if not any(_binds(line, call.node) for module in seen.program.modules for line in module.tree.body):
        return False
    return id(call) not in _taken(seen)


def _is_spare(call: Call, seen: View) -> bool:
    """Whether a loss object is kept on an object of which other methods run, and none of them takes or calls it."""
    owner, made = call.owner, call.result.value if call.result is not None else None
    if owner is None or not isinstance(made, Made) or not call.name[:1].isupper() or is_wrapper(owner.cls):
        return False
    if not any(value.value is made for value in owner.attributes.values()):
        return False
    computing = any(other.owner is owner and other.within is not call.within for other in seen.program.calls)
    return computing and id(call) not in _called(seen)


@lru_cache(maxsize=1)
def _called(seen: View) -> frozenset[int]:
    """The calls (by id) whose results are called or given to a call."""
    values = (v for other in seen.program.calls for v in (other.receiver, *other.positional, *other.keywords.values()))
    return frozenset(id(one.call) for v in values if v is not None for one in held(v, 1) if isinstance(one, Made))


def _binds(line: ast.stmt, node: ast.AST) -> bool:
    """`criterion = BCELoss()`."""
    return isinstance(line, ast.Assign) and line.value is node and isinstance(line.targets[0], ast.Name)


@lru_cache(maxsize=1)
def _taken(seen: View) -> frozenset[int]:
    """The calls (by id) whose results are called, given to a call, or kept on an object."""
    taken: set[int] = set()
    for other in seen.program.calls:
        for value in (other.receiver, *other.positional, *other.keywords.values()):
            taken.update(id(one.call) for one in held(value, 2) if isinstance(one, Made)) if value is not None else ()
    for instance in seen.program.instances:
        taken.update(id(v.value.call) for v in instance.attributes.values() if isinstance(v.value, Made))
    return frozenset(taken)


@cache
def _homes() -> tuple[str, ...]:
    """Where libraries keep their losses."""
    return tuple(sorted(vocabulary.load().of_frameworks("losses")))


def losses_called(program: Program) -> set[str]:
    """The families of all losses of libraries that are called or built."""
    names = (loss_name(dotted.removesuffix(".__call__")) for dotted in program.names())
    return {family(name) for name in names if name}


@cache
def loss_name(dotted: str) -> str | None:
    """The name of a library's loss; None for whatever else it is."""
    dotted = plain(dotted)
    name = dotted.rpartition(".")[2]
    at_home = dotted.startswith(_homes()) or re.search(r"\.loss(es)?\.", dotted)
    measures = dotted.startswith(("keras.metrics.", "tensorflow.keras.metrics.")) and name[:1].isupper()
    if measures or not at_home or name in NO_LOSS or name.startswith("_") or not NAMES.search(name):
        return None
    return name


def _compiled(value: Resolved) -> Iterator[Fact]:
    """`loss=` of Keras: a name, a loss object or function, or a list or dict of them."""
    for one in value.all():
        inner = one.value
        if isinstance(inner, str) and re.fullmatch(r"\w+", inner):
            yield Fact("loss", inner, one.place, one.how or "call argument")
        elif isinstance(inner, ListValue):
            for item in inner.items:
                yield from _compiled(item)
        elif isinstance(inner, DictValue):
            for item in inner.entries.values():
                yield from _compiled(item)
        elif isinstance(inner, Function) and inner.name != "<lambda>":
            yield Fact("loss", inner.name, inner.module.source.place(inner.node.lineno), "function")
        elif one.dotted and not isinstance(inner, Made) and loss_name(one.dotted):
            yield Fact("loss", one.dotted.rpartition(".")[2], one.place, "call argument")


def _judges(call: Call) -> bool:
    """Whether a call stands in a function that only judges."""
    return call.within is not None and JUDGING.search(call.within.name) is not None


def _trains(call: Call, seen: View) -> bool:
    """Whether a call is part of training: not in a function that only judges, nor where gradients are off."""
    judged = _judges(call) and call.name[:1].islower()
    if judged and call.within is not None and id(call.within.node) not in _differentiated(seen):
        return False
    return call.node not in kept(call.module.tree, "_without_gradients", lambda: _without_gradients(call.module))


@lru_cache(maxsize=1)
def _differentiated(seen: View) -> frozenset[int]:
    """The functions (their nodes, by id) of which gradients are taken: what `loss_and_accuracy` holds is trained."""
    return frozenset(
        id(given.value.node)
        for call in seen.program.named("grad", "value_and_grad", "filter_grad", "filter_value_and_grad")
        for given in call.positional[:1]
        if isinstance(given.value, Function)
    )


def _without_gradients(module: Module) -> frozenset[ast.AST]:
    """The calls in code under `no_grad`."""
    return frozenset(
        node
        for block in module.of(ast.With)
        if any(_is_no_grad(item.context_expr) for item in block.items)
        for node in walk(block)
    )


def _is_no_grad(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in ("no_grad", "inference_mode")


# -- the user's own


@cache
def _is_called_loss(name: str) -> bool:
    return re.search(r"(loss|criterion)(_?[123]d)?$", name, re.IGNORECASE) is not None


def _is_loss_class(call: Call) -> bool:
    """A class of the user's that is a loss: named so, derived from one, or one of a module of losses."""
    cls = call.target
    if not isinstance(cls, Class):
        return False
    named = _is_called_loss(cls.name) or any(map(loss_name, cls.external_bases()))
    if named or (OWN.search(cls.name) and re.search(r"(^|\.|_)(loss(es)?|criteri(on|a|ons))$", cls.module.name)):
        computes = any(cls.find(name) is not None for name in FORWARDS)
        return computes and not any(
            base.endswith(("Callback", "Enum", "Metric", "Variable")) for base in cls.external_bases()
        )
    return False


def _makes_loss(call: Call) -> bool:
    """Whether a call of a class of the user's makes a loss: by the class's name, or by the name it is kept under."""
    return _is_loss_class(call) or _kept_as_loss(call)


def _of_class(call: Call, cls: Class) -> Fact:
    told = fold(cls.name) in fold(unparse(call.node))
    place = call.place if told else cls.module.source.place(cls.node.lineno)
    return Fact("loss", cls.name, place, "class of the user's")


_LOSS_KEPT = re.compile(r"loss(_fn|_func)?$|criterion", re.IGNORECASE)


def _kept_as_loss(call: Call) -> bool:
    """`self.mssim_loss = MSSIM()`, `criterion = Contrast()`: an object kept under the name of a loss."""
    owner = call.owner
    if not isinstance(call.target, Class) or not any(call.target.find(name) for name in FORWARDS):
        return False
    home = call.within.node if call.within is not None else call.module.tree
    if any(
        line.value is call.node and _LOSS_KEPT.search(last_name(line.targets[0])) for line in below(home, ast.Assign)
    ):
        return True
    if owner is None:
        return False
    for name, value in owner.attributes.items():
        if getattr(value.value, "call", None) is call and _LOSS_KEPT.search(name):
            return True
    return False


def _in_loss_class(call: Call) -> bool:
    home = call.within.home if call.within is not None else None
    return home is not None and _is_called_loss(home.name)


def _inside(call: Call, wholes: set[int]) -> bool:
    """Whether a call stands in one of these classes or functions (their nodes, by id)."""
    homes = (call.within, call.within.home) if call.within is not None else ()
    return any(home is not None and id(home.node) in wholes for home in homes)


def _compiled_functions(program: Program) -> Iterator[Function]:
    """The user's functions that `compile(loss=...)` is given: they go by their own names, not by what they call."""
    for call in program.named("compile"):
        given = call.keywords.get("loss")
        yield from (one.value for one in (given.all() if given else ()) if isinstance(one.value, Function))


def _own(seen: View) -> Iterator[Fact]:
    building = {each.call.within.node for each in seen.network_instances if each.call.within is not None}
    for call in seen.program.calls:
        target = call.target
        named = isinstance(target, Function) and OWN.search(target.name) and not NO_OWN.search(target.name)
        if isinstance(target, Function) and named and (_measures(target) or _is_density(target)):
            continue
        if isinstance(target, Function) and target.node in building:
            continue  # `mae_vit_base()` builds a masked autoencoder
        if isinstance(target, Function) and named and _trains(call, seen):
            yield Fact("loss", target.name, _named_at(call, target.name, seen), "function of the user's")


def _is_density(function: Function) -> bool:
    """`normal_log_likelihood(x)`: the density of a point, which is compared with nothing."""
    taken = [argument.arg for argument in function.node.args.args if argument.arg != "self"]
    return "likelihood" in function.name.lower() and len(taken) < 2


def _measures(function: Function) -> bool:
    """Whether a function turns gradients off: it measures."""
    blocks = below(function.node, ast.With)
    return any(_is_no_grad(item.context_expr) for block in blocks for item in block.items)


def _minimised(seen: View) -> Iterator[Fact]:
    """A function of the user's that is given two things, or is called a loss, and whose result is sent backward:
    `cost = jaccard(x, y)`."""
    backward = {
        last_name(call.node.func.value)
        for call in seen.program.named("backward")
        if isinstance(call.node, ast.Call) and isinstance(call.node.func, ast.Attribute)
    }
    for call in seen.program.calls:
        target = call.target
        plain_function = isinstance(target, Function) and target.owner is None and not GENERIC.search(target.name)
        told = len(call.node.args) == 2 or (isinstance(target, Function) and MINIMISED.search(target.name))
        if isinstance(target, Function) and plain_function and told and _trains(call, seen):
            home = call.within.node if call.within is not None else call.module.tree
            assigned = (line for line in below(home, ast.Assign) if line.value is call.node)
            if any(last_name(line.targets[0]) in backward - {""} for line in assigned):
                yield Fact("loss", target.name, _named_at(call, target.name, seen), "function of the user's")


MINIMISED = re.compile(r"_loss$|score_?(matching|estimation)|divergence|contrastive|entropy|likelihood", re.IGNORECASE)
"""Names of functions that compute what is minimised, however much they are given."""
GENERIC = re.compile(
    r"^_?(loss(es)?|cost|objective|criterion|elbo|step|forward|<lambda>)(_?(fn|func|fun|function))?$|"
    r"^(compute|calc|calculate|get|train|update|run|make|build|create)_?|_(fn|func|fun|function|step)$|^(loss|cost)_",
    re.IGNORECASE,
)
"""Names that say that something is a loss, and not which."""


def family(name: str) -> str:
    """The family that a loss belongs to: `CrossEntropyLoss` -> `cross_entropy`; itself where it has none."""
    words = vocabulary.load()
    known = words.canonical("loss", name)
    if known is None:
        return name
    parents = words.parents("loss", known)
    return parents[-1] if parents else known
