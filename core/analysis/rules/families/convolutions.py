"""Families of networks over pictures, shown by how their convolutions are joined."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial
from typing import TypeGuard

from core import vocabulary
from core.analysis.nodes import below, is_of_self, is_operation, kept, same, unparse, walk
from core.analysis.program import Function, Instance, Made
from core.analysis.rules.bodies import FORWARDS, Body, called_in, is_call, last_name
from core.analysis.rules.families.arithmetic import sums, turned
from core.analysis.rules.families.asking import Evidence, is_patching, shown
from core.analysis.rules.families.matrices import crossed
from core.analysis.rules.families.plays import makes_from_noise
from core.analysis.rules.families.processes import diffusion, noise_schedule_of
from core.analysis.rules.families.unets import strided
from core.analysis.rules.loss_names import COMPARING, losses_called
from core.analysis.rules.networks import Layer
from core.analysis.rules.products import matrix_products
from core.analysis.rules.view import View


def capsules(view: View) -> Iterator[Evidence]:
    """Capsule: a squash of vectors by their length, and routing by agreement."""

    squashed = tuple(shown(view, "Capsule", "vectors are squashed by their length and routed", _squash))
    named = ((*body.assigned, *body.calls, body.name, body.cls.name if body.cls else "") for body in view.bodies)
    if squashed and (
        any("rout" in name.casefold() for names in named for name in names)
        or any(body.once(_agrees) for body in view.calling("softmax", "Softmax"))
    ):
        yield from squashed


def _squash(body: Body) -> ast.AST | None:
    """`n / (1 + n)` of a squared length, alone or as factors: `n * x / ((1 + n) * sqrt(n))`."""
    for node in body.of(ast.BinOp):
        if is_operation(node, ast.Div):
            added = (each for each in _factors_of(node.right) if is_operation(each, ast.Add))
            sides = [side for each in added for side in (each.left, each.right)]
            length = next((each for side in sides for each in _factors_of(node.left) if same(each, side)), None)
            if length is not None and ("norm" in unparse(node).casefold() or "sum" in body.words(length, 1)):
                return node
    return None


def _factors_of(node: ast.expr) -> list[ast.expr]:
    """The factors of a product; anything else is one."""
    return [*_factors_of(node.left), *_factors_of(node.right)] if is_operation(node, ast.Mult) else [node]


def _agrees(body: Body) -> bool:
    """Whether what a softmax shares out is squashed turn by turn."""
    turns = [called_in(loop) for loop in body.of(ast.For)]
    return any({"softmax", "Softmax"} & called and any("squash" in name for name in called) for called in turns)


WEIGHTLESS = re.compile(
    r"(^|_)emb$|^embed_|embed(ding|der)?s?\d*$|tokeni[sz]|activ|^act|linearity|norm|drop|pool|pad|flat|relu|elu|softmax|sigmoid",
    re.IGNORECASE,
)
"""What the parts are called that any two inputs may go through: embeddings, activations, and what has no weights."""


def _is_weightless(view: View, body: Body, name: str, depth: int = 3) -> bool:
    """Whether what an object keeps under a name has no weights by which two inputs are made comparable, by that name or
    by what is kept: `self.reflect = nn.ReflectionPad2d(1)`, `self.feature_map = elu_feature_map`."""
    kept = [
        each.attributes[name] for each in view.network_instances if each.cls is body.cls and name in each.attributes
    ]
    method = body.cls.find(name) if body.cls is not None and not kept else None
    if method is not None and isinstance(method.value, Function):
        own = (last_name(call.func) for call in below(method.value.node, ast.Call) if is_of_self(call.func))
        return depth > 0 and all(_is_weightless(view, body, called, depth - 1) for called in own)
    return bool(WEIGHTLESS.search(name)) or any(
        isinstance(value.value, Function)
        or (isinstance(value.value, Instance) and not _learns(view, value.value))
        or WEIGHTLESS.search((value.dotted or "").rpartition(".")[2])
        for value in kept
    )


def _learns(view: View, part: Instance) -> bool:
    """Whether an object has layers or weights, or parts that are not known: a spectrum has none."""
    inside = [part, *view.built_within.get(id(part), ())]
    made = (value.value for each in inside for value in each.attributes.values())
    return any(id(each) in view.layers_by_owner for each in inside) or any(isinstance(each, Made) for each in made)


def siamese(view: View) -> Iterator[Evidence]:
    """Siamese: one forward that sends two inputs through the same part and compares what comes out."""

    networks = {cls for instance in view.network_instances for cls in instance.cls.lineage()}

    def twice(body: Body) -> ast.AST | None:
        if body.cls not in networks or body.name not in FORWARDS or view.kinds["attention"] + view.kinds["transformer"]:
            return None
        inputs = _judged(body.parameters[1:4])
        if len(inputs) < 2:
            return None
        used: dict[str, set[str]] = {}
        instead = {id(each) for node in body.of(ast.If) for line in _instead(node) for each in walk(line)}
        instead |= {id(each) for node in body.of(ast.IfExp) for each in (*walk(node.body), *walk(node.orelse))}
        for call in (call for calls in body.calls.values() for call in calls):
            if id(call) in instead or not is_of_self(call.func) or len(call.args) != 1:
                continue
            given = call.args[0].id if isinstance(call.args[0], ast.Name) else ""
            if given in inputs:
                used.setdefault(call.func.attr, set()).add(given)
                if len(used[call.func.attr]) >= 2 and not _is_weightless(view, body, call.func.attr):
                    return call
        return None

    yield from shown(view, "Siamese", "two inputs go through the same part", twice)
    yield from shown(view, "Siamese", "two inputs go through one function that shares its weights", _shared_twice)
    if not view.kinds["attention"]:
        yield from shown(view, "Siamese", "two inputs go through one model and are compared", _twins)
        if view.optimizers:
            yield from shown(view, "Siamese", "how far two answers of one model are apart is judged", _apart)


def _judged(inputs: list[str]) -> list[str]:
    """The inputs but for what a prediction is to be like; a `target` beside a `source` is another input."""
    given = any(map(_OTHER_INPUT.search, inputs))
    return inputs if given else [name for name in inputs if not _WANTED.search(name)]


_OTHER_INPUT = re.compile(r"^(source|query|search|template|anchor|moving)(_|$)")
_WANTED = re.compile(r"(^|_)(target|truth|gt|true|ground_?truth|labels?)(_|$)")
"""Parts of the names of what a prediction is to be like: a loss compares features of both, and learns none."""


def _instead(node: ast.If) -> list[ast.stmt]:
    """What runs only where something else does not: the `else`, and what returns before the rest."""
    return [*node.orelse, *(node.body if isinstance(node.body[-1], ast.Return) else ())]


def _twins(body: Body) -> ast.AST | None:
    """A model of Keras called on two inputs, whose answers one layer takes: `Distance()(net(left), net(right))`."""
    for call in (call for calls in body.calls.values() for call in calls) if "input" in body.spoken else ():
        given = [item for each in call.args for item in (each.elts if isinstance(each, ast.List) else (each,))]
        towers: dict[str, set[str]] = {}
        answers = (_bound_to(body, item) for item in given)
        for made in (answer for answer in answers if isinstance(answer, ast.Call) and len(answer.args) == 1):
            if isinstance(made.func, ast.Name) and "Input" in body.words(made.args[0], 2):
                towers.setdefault(made.func.id, set()).add(ast.dump(made.args[0]))
        compares = last_name(call.func) != "Model"  # which takes all the outputs of what trains
        if compares and any(len(inputs) >= 2 and _is_model(body, name) for name, inputs in towers.items()):
            return call
    return None


def _apart(body: Body) -> ast.AST | None:
    """`pairwise_distance(net(left), net(right))`, `(net(left) - net(right)).norm(dim=1)`, `contrastive(one, other)` of
    what one model says of two things, where it trains and is asked nothing else."""
    if "backward" not in body.calls or "step" not in body.calls:
        return None
    for name, calls in body.calls.items():
        for call in calls if _DISTANCE.search(name) else ():
            given = [*call.args[:2], *([call.func.value] if isinstance(call.func, ast.Attribute) else [])]
            parts = [side for each in given if is_operation(each, ast.Sub) for side in (each.left, each.right)]
            asked = [_bound_to(body, part) for part in parts or call.args[:2]]
            told = {_asked(each) for each in asked} if len(asked) == 2 else set()
            models = {model for model, _ in told}
            if len(told) == 2 and len(models) == 1 and all(map(all, told)) and len(body.calls[models.pop()]) == 2:
                return call
    return None


def _asked(node: ast.AST) -> tuple[str, str]:
    """The model, and the one thing that it is given, each by its name."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or len(node.args) != 1:
        return "", ""
    return node.func.id, last_name(node.args[0])


_DISTANCE = re.compile(r"^(pairwise_distance|cosine_similarity|euclidean_distance|norm)$|contrastive(_?loss)?$", re.I)
"""What tells how far two things are apart."""


def _is_model(body: Body, name: str) -> bool:
    """Whether a name stands for a model of Keras, or for what a plain function made."""
    makers = [last_name(value.func) for value in body.assigned.get(name, ()) if isinstance(value, ast.Call)]
    return any(maker in ("Model", "Sequential") or maker[:1].islower() for maker in makers)


def _bound_to(body: Body, node: ast.AST) -> ast.AST:
    """What a name that is bound once stands for; anything else is itself."""
    values = body.bound(node)
    return values[0] if len(values) == 1 else node


def _shared_twice(body: Body) -> ast.AST | None:
    """`with variable_scope(name, reuse=True)` around a second call of a function, whose results are then compared."""
    scoped: dict[str, list[tuple[str, str]]] = {}
    for block in body.of(ast.With):
        assert isinstance(block, ast.With)
        scopes = [item.context_expr for item in block.items if isinstance(item.context_expr, ast.Call)]
        shared = any(word.arg == "reuse" for scope in scopes for word in scope.keywords)
        for statement in block.body if shared else ():
            if isinstance(statement, ast.Assign) and _calls_own(statement.value):
                given, *rest = map(ast.dump, statement.value.args)
                made = (last_name(statement.targets[0]), given)
                scoped.setdefault(" ".join((last_name(statement.value.func), *rest)), []).append(made)
    for results in scoped.values():
        names = {name for name, _ in results}
        for call in (call for calls in body.calls.values() for call in calls) if len(set(results)) >= 2 else ():
            if len({last_name(argument) for argument in call.args} & names) >= 2:
                return call
    return None


def _calls_own(node: ast.expr) -> TypeGuard[ast.Call]:
    """Whether a function of the script's own is called: `tower(x)`, `self.tower(x)`, no `tf.layers.dense(x)`."""
    func = node.func if isinstance(node, ast.Call) and node.args else None
    return isinstance(func, ast.Name) or is_of_self(func)


def super_resolution(view: View) -> Iterator[Evidence]:
    """Super-Resolution: convolutions that rearrange channels into a larger picture (not out of noise), whose upscaling
    is a setting, or that enlarge pictures where the code has such of low and of high resolution."""
    if not view.kinds["conv"] or noise_schedule_of(view) is not None or any(True for _ in diffusion(view)):
        return
    if "cross_entropy" in crossed(view):
        return  # pictures are told apart
    shuffle = next((layer for layer in view.layers if layer.kind == "pixelshuffle"), None)
    if shuffle is not None and not makes_from_noise(view) and not _goes_down(view, shuffle):
        yield Evidence("Super-Resolution", shuffle.call.place, "channels are rearranged into a larger picture")
        return
    own = next((call for call in view.program.own() if _SHUFFLING.match(call.name)), None)
    if own is not None and not makes_from_noise(view):
        yield Evidence("Super-Resolution", own.place, "channels are rearranged into a larger picture")
        return
    if (view.kinds["upsample"] or view.kinds["convt"]) and not makes_from_noise(view):
        yield from shown(view, "Super-Resolution", "pictures of low resolution are enlarged", _of_two_resolutions)
    yield from shown(view, "Super-Resolution", "pictures of both resolutions are taken apart", _takes_both)
    for module in view.program.modules:
        for function in kept(module.tree, "_both_read", partial(_reading_both, module.tree)):
            yield Evidence("Super-Resolution", module.place(function.body[0]), "pictures of both resolutions are read")
    yield from _enlarging_known(view)


def _enlarging_known(view: View) -> Iterator[Evidence]:
    """Pictures are compared, over data that are for this, where by how much they are enlarged has a name."""
    from core.analysis.rules.datasets import datasets

    if not COMPARING & losses_called(view.program):
        return
    enlarging = vocabulary.load().table("tasks", "datasets")["super-resolution"]
    told = next((fact for fact in view.program.ask(datasets) if fact.value in enlarging), None)
    if told is not None and view.speaks_of(_FACTOR):
        yield Evidence("Super-Resolution", told.place, f"pictures of {told.value} are enlarged")


_FACTOR = re.compile(r"(^|_)(up)?scale_factor$|^up_?scale|^zoom")


_SHUFFLING = re.compile(r"_?(pixel_?shuffl|phase_?shift$|sub_?pixel)", re.IGNORECASE)
"""How functions of the user's own are called that rearrange channels."""


def _goes_down(view: View, shuffle: Layer) -> bool:
    """Whether the network with a layer makes pictures smaller before: what is enlarged then are its own signals."""
    networks = [network for network in view.networks if shuffle in network.layers]
    cut = any(is_patching(layer.call) for network in networks for layer in network.layers if layer.kind == "conv")
    return cut or any(map(strided, networks)) or bool(view.program.named("PixelUnshuffle", "pixel_unshuffle"))


def _of_two_resolutions(body: Body) -> ast.AST | None:
    """`imgs_hr, imgs_lr = load(...)`, `enlarge(img_lr)`."""
    told = {next(filter(None, found.groups()))[0] for found in map(RESOLUTION.search, body.spoken) if found}
    return next((call for calls in body.calls.values() for call in calls), None) if len(told) == 2 else None


def _takes_both(body: Body) -> ast.AST | None:
    """`lr, hr = pictures`, `for lr, hr in loader`; two values that stand beside each other may be rates."""
    pairs = [each for each in body.of(ast.Tuple) if isinstance(each.ctx, ast.Store)]
    pairs = [pair for pair in pairs if {last_name(each).casefold() for each in pair.elts} == {"lr", "hr"}]
    apart = (line for line in body.of(ast.Assign) if isinstance(line.value, ast.Tuple)) if pairs else ()
    stated = {target for line in apart for target in line.targets}
    return next((pair for pair in pairs if pair not in stated), None)


def _reading_both(tree: ast.Module) -> list[ast.FunctionDef]:
    """`return file["lr"][at], file["hr"][at]`, or the like by names, in a data set: no rate is `hr`."""
    asked = [function for function in below(tree, ast.FunctionDef) if function.name == "__getitem__"]
    told = ({*(n.id for n in below(each, ast.Name)), *(n.value for n in below(each, ast.Constant))} for each in asked)
    return [each for each, words in zip(asked, told, strict=True) if {"lr", "hr"} <= words]


RESOLUTION = re.compile(
    r"(?:^|_)(?:images?|imgs?|pictures?)_([lh]r)$|^([lh]r)_(?:images?|imgs?)$|"
    r"^(low|high)_?res(?:olution)?_(?:images?|imgs?|pictures?)$|^(?:images?|imgs?)_(low|high)_?res"
)
"""What pictures of low and of high resolution are called; `lr` alone is a rate."""


_LIKENESS = re.compile(r"label|temperature|normali[sz]ed|cos_?sim|contrast|(^|_)cov(ariance)?(_|$)|gauss|window")


def style_transfer(view: View) -> Iterator[Evidence]:
    """Style Transfer: the correlations of a pretrained network's features (a product with their own transpose) are
    compared; or their means and deviations, where code speaks of content and style."""

    def gram(body: Body) -> ast.AST | None:
        if any(map(_LIKENESS.search, (*body.spoken, body.name))):
            return None  # how like the pictures of a batch are to each other, or a window of two axes
        if not {"eye", "sigmoid", "softmax"}.isdisjoint(body.calls):
            return None  # a matrix is held orthogonal, or says what is next to what
        return next((node for node, sides in matrix_products(body) if _with_own_transpose(body, node, sides)), None)

    pretrained = view.kinds["factory"] or (
        view.kinds["conv"] >= 8 and view.first_call("load_weights", "load_npz", "load_state_dict") is not None
    )
    pretrained = pretrained or (view.kinds["conv"] and view.first_call("loadmat") is not None)
    pretrained = pretrained or any(call.target is None for call in view.program.whose(_names_vgg))
    words = {word for body in view.bodies for word in body.once(_words)} if pretrained else set()
    called = losses_called(view.program) if words else set()
    fitted = "mse_loss" in called or (words & _STYLES and "cross_entropy" not in called)
    if fitted and ("content" in words or "mask" not in words):  # what is behind a mask is restored, its style too
        yield from shown(view, "Style Transfer", "correlations of features are compared", gram)
        if {"content", "style"} <= words:
            yield from shown(view, "Style Transfer", "means and deviations of features are compared", _statistics)


_STYLES = {"style", "styles", "gram", "texture"}
"""What code speaks of whose correlations of features are a style, where it does not only tell kinds by them; or they
are fitted."""


def _names_vgg(dotted: str) -> bool:
    return "vgg" in dotted.rpartition(".")[2].lower()


def _words(body: Body) -> frozenset[str]:
    """The words of all names that a body speaks of, its own among them."""
    return frozenset(word for name in (*body.spoken, body.name) for word in re.split(r"_|\d", name))


def _statistics(body: Body) -> ast.AST | None:
    """`mse(mean(a), mean(b)) + mse(std(a), std(b))`, in code that speaks of content and style."""
    for node, parts in sums(body):
        words = [{word.casefold() for word in body.words(part, 0)} for _, part in parts if isinstance(part, ast.Call)]
        means = [any("mean" in word or "mu" in word.split("_") for word in each) for each in words]
        spreads = [any("std" in word or "var" in word or "sigma" in word for word in each) for each in words]
        if any(means) and any(spreads):
            return node
    return None


def _with_own_transpose(body: Body, product: ast.AST, sides: list[ast.expr]) -> bool:
    """`x @ x.T`, `einsum("ij,kj->ik", x, x)`, `matmul(x, x, transpose_b=True)`."""
    if len(sides) < 2:
        return False
    one, other = sides[-2:]
    turns = any(keyword.arg in ("transpose_b", "transpose_a") for keyword in getattr(product, "keywords", ()))
    alike = (turns or is_call(product, ("einsum",))) and same(one, other)
    return alike or _transposed(body, one, other) or _transposed(body, other, one)


def _transposed(body: Body, node: ast.AST, of: ast.AST) -> bool:
    """Whether `node` is `of` transposed, directly or through a name."""
    meant = (value for value in body.meant(node) if not isinstance(value, ast.Name))
    return any(same(each, of) for value in meant for each in turned(value))
