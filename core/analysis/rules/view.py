"""What several rules need to know of a program, read out of it once: code reached, layers, networks, losses.

Nothing here is a fact. A View is kept for the program that was read last.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from core import vocabulary
from core.analysis.facts import Place
from core.analysis.program import Call, Class, DictValue, Function, Instance, ListValue, Made, Module, Program, Resolved

LARGEST_CONTAINER = 400
"""Items of a list or dict that are looked through for layers."""
DEEPEST = 12
"""Calls or containers that are followed from a value to what it was made of."""


@dataclass(slots=True, eq=False)
class Body:
    """A piece of code that the run reaches: a function, or the top level of a module."""

    node: ast.AST
    module: Module
    cls: Class | None
    nodes: list[ast.AST]
    """Every node in it, functions defined inside included."""
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    """Its calls by the last part of the callee's name."""
    assigned: dict[str, list[ast.expr]] = field(default_factory=dict)
    """What is assigned to each name or attribute, by its last part."""

    def __post_init__(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.Call):
                self.calls.setdefault(last_name(node.func), []).append(node)
            elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    for name in _targets(target):
                        self.assigned.setdefault(name, []).append(node.value)

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "")

    def calls_any(self, names: Iterable[str]) -> ast.Call | None:
        """The first call of one of these names."""
        return next((self.calls[name][0] for name in names if name in self.calls), None)

    def of(self, *kinds: type) -> Iterator[ast.AST]:
        return (node for node in self.nodes if isinstance(node, kinds))

    def place(self, node: ast.AST) -> Place:
        return self.module.place(node)

    def words(self, node: ast.AST, depth: int = 2) -> frozenset[str]:
        """All names and callees in an expression, and in what was assigned to its plain names, `depth` levels back."""
        found: set[str] = set()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute):
                found.add(inner.attr)
            elif isinstance(inner, ast.Name):
                found.add(inner.id)
                if depth:
                    for value in self.assigned.get(inner.id, ())[:4]:
                        found |= self.words(value, depth - 1) if value is not node else set()
        return frozenset(found)


FORWARDS = ("forward", "__call__", "call")
"""Methods that compute a network's output."""


def _is_weight(value: Resolved) -> bool:
    name = getattr(value.value, "dotted", "") or ""
    return name.rpartition(".")[2] in ("Parameter", "Param", "param", "get_parameter", "add_weight", "Variable", "TrainVar", "create_parameter")


def _products(body: Body) -> int:
    """How often a forward multiplies with something of its own: none where it looks at a graph or weighs by attention."""
    inputs = {arg.arg.casefold() for arg in getattr(getattr(body.node, "args", None), "args", [])}
    if "softmax" in body.calls or any(name.startswith(("adj", "edge", "graph")) for name in inputs):
        return 0
    signs = sum(isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult) for node in body.nodes)
    return signs + sum(len(body.calls.get(name, ())) for name in ("matmul", "dot", "mm", "linear", "einsum", "dot_general"))


def _targets(node: ast.AST) -> list[str]:
    """The names that an assignment binds: those of a tuple each."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for item in node.elts for name in _targets(item)]
    return [last_name(node)]


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`, of `c` and of `c[0]`; empty where there is none."""
    while isinstance(node, (ast.Subscript, ast.Starred)):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer that is built, or an operation of that kind: `conv`, made by this call."""

    kind: str
    call: Call
    family: str = ""
    """Of a ready-made model (kind "factory"): its architecture."""


@dataclass(slots=True, eq=False)
class Network:
    """One network: a root object, or layers built outside any class (then `instance` is None)."""

    instance: Instance | None
    layers: list[Layer] = field(default_factory=list)
    parts: list[Instance] = field(default_factory=list)
    """Itself and every network object inside it, in order of construction."""
    made: Made | None = None
    name: str = ""

    @property
    def kinds(self) -> Counter[str]:
        """How many layers of each kind it has."""
        return Counter(layer.kind for layer in self.layers)

    @property
    def call(self) -> Call:
        """Where it is built."""
        return self.instance.call if self.instance else self.made.call if self.made else self.layers[0].call


class View:
    """A program as the rules of this folder see it."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def bodies(self) -> list[Body]:
        """Every function that is reached, and the top level of every module, the entry's first."""
        functions: dict[ast.AST, Function] = {}
        for call in self.program.calls:
            for function in (call.within, call.target):
                if isinstance(function, Function):
                    functions.setdefault(function.node, function)
        tops = [Body(module.tree, module, None, list(_top_level(module.tree))) for module in self.program.modules]
        return tops + [Body(node, f.module, f.home, list(ast.walk(node))) for node, f in functions.items()]

    @cached_property
    def layers(self) -> list[Layer]:
        """Every layer built and operation reached, in order."""
        from core.analysis.rules.factories import factory_family

        found: list[Layer] = []
        for call in self.program.calls:
            if call.target is None and not call.dotted.startswith("?"):
                kind = layer_kind(call.dotted)
                family = None if kind else factory_family(call)
                if kind or family:
                    found.append(Layer(kind or "factory", call, family[0] if family else ""))
        found.extend(Layer(kind, call) for call, kind in self._own_layers())
        return sorted(found, key=lambda layer: layer.call.order)

    def _own_layers(self) -> Iterator[tuple[Call, str]]:
        """Layers that the user wrote: heirs of a library's layer, and classes that multiply their input with a weight."""
        bodies = {body.cls: body for body in self.bodies if body.cls is not None and body.name in FORWARDS}
        for instance in self.program.instances:
            kind = next((kind for base in instance.cls.external_bases() if (kind := layer_kind(base))), "")
            if kind in PARAMETRIC:
                yield instance.call, kind
                continue
            body = next((bodies[part] for part in instance.cls.lineage() if part in bodies), None)
            if body is not None and (any(_is_weight(value) for value in instance.attributes.values()) or "param" in body.calls):
                yield from ((instance.call, "linear") for _ in range(_products(body)))

    @cached_property
    def network_instances(self) -> list[Instance]:
        """Objects of the user's network classes, in order; a wrapper of training only where it has layers of its own."""
        built = Counter(id(layer.call.owner) for layer in self.layers if layer.kind in PARAMETRIC - {"factory"} and layer.call.owner)
        return [
            instance
            for instance in self.program.instances
            if is_network(instance.cls) or built[id(instance)] >= (1 if is_wrapper(instance.cls) else 2)
        ]

    @cached_property
    def parent_of(self) -> dict[int, Instance]:
        """For each network object inside another (by id): the one that holds it."""
        parents: dict[int, Instance] = {}
        networks = {id(instance) for instance in self.network_instances}
        for instance in self.network_instances:
            if instance.within is not None and id(instance.within) in networks and instance.within is not instance:
                parents.setdefault(id(instance), instance.within)
            for value in instance.attributes.values():
                for inner in held(value):
                    if isinstance(inner, Instance) and inner is not instance and id(inner) in networks:
                        parents.setdefault(id(inner), instance)
        return parents

    def root_of(self, instance: Instance) -> Instance:
        """The outermost network object that holds this one."""
        seen = {id(instance)}
        while (parent := self.parent_of.get(id(instance))) is not None and id(parent) not in seen:
            instance = parent
            seen.add(id(instance))
        return instance

    @cached_property
    def networks(self) -> list[Network]:
        """Root networks in order of construction, then groups of layers that stand in no object."""
        roots: dict[int, Network] = {}
        for instance in self.network_instances:
            root = self.root_of(instance)
            network = roots.setdefault(id(root), Network(root, name=root.cls.name))
            network.parts.append(instance)
        loose: dict[object, Network] = {}
        for layer in self.layers:
            owner = self.owner_of(layer.call)
            if owner is not None:
                roots[id(self.root_of(owner))].layers.append(layer)
            else:
                key, name = self._group(layer.call)
                loose.setdefault(key, Network(None, name=name)).layers.append(layer)
        return [*roots.values(), *(network for network in loose.values() if _has_weights(network))]

    def owner_of(self, call: Call) -> Instance | None:
        """The network object that a layer belongs to: whose method builds it, or that keeps it."""
        owner: Instance | None = call.owner if not isinstance(call.target, Class) or call.result is None else None
        if isinstance(call.target, Class) and call.result is not None and isinstance(call.result.value, Instance):
            return call.result.value
        while owner is not None and id(owner) not in self.members:
            owner = owner.within
        return owner or self._keepers.get(id(call)) or self._behind(call, 4)

    def _behind(self, call: Call, depth: int) -> Instance | None:
        """The network object whose method called the plain function that makes this call."""
        if call.within is None or call.owner is not None or depth == 0:
            return None
        callers = self._callers.get(id(call.within.node), [])
        caller = next((other for other in reversed(callers) if other.order < call.order), None)
        if caller is None:
            return None
        if caller.owner is not None:
            return caller.owner if id(caller.owner) in self.members else None
        return self._behind(caller, depth - 1)

    @cached_property
    def _callers(self) -> dict[int, list[Call]]:
        """The calls of each of the user's functions, by its node."""
        callers: dict[int, list[Call]] = {}
        for call in self.program.calls:
            if isinstance(call.target, Function):
                callers.setdefault(id(call.target.node), []).append(call)
        return callers

    @cached_property
    def members(self) -> frozenset[int]:
        return frozenset(id(instance) for instance in self.network_instances)

    @cached_property
    def _keepers(self) -> dict[int, Instance]:
        """For each call whose result a network object keeps (by id): that object."""
        keepers: dict[int, Instance] = {}
        for instance in self.network_instances:
            for value in instance.attributes.values():
                for inner in held(value):
                    if isinstance(inner, Made):
                        keepers.setdefault(id(inner.call), instance)
        return keepers

    def _group(self, call: Call) -> tuple[object, str]:
        """What loose layers belong together: a container's, a function's; a lone layer object stands for itself."""
        container = self._containers.get(id(call))
        if container is not None:
            return container, container.result.name if container.result else ""
        functional = call.name[:1].islower() or "keras" in call.dotted or "tflearn" in call.dotted or "haiku" in call.dotted
        if call.within is not None and (functional or call.within.name not in ("main", "train", "run", "<lambda>")):
            return call.within.node, call.within.name
        return (call.module, "") if functional else (call, call.result.name if call.result else "")

    @cached_property
    def _containers(self) -> dict[int, Call]:
        """For each layer inside a Sequential or the like that no object keeps (by id): the outermost container."""
        found: dict[int, Call] = {}
        for call in reversed(self.program.calls):
            if call.name in ("Sequential", "ModuleList", "ModuleDict", "HybridSequential", "serial", "chain", "Chain", "sequential") and call.target is None and id(call) not in found:
                values = [*call.positional, *call.keywords.values(), *((Resolved(Made(call), call.place),) if call.result is None else (call.result,))]
                for value in values:
                    for inner in held(value, 6):
                        if isinstance(inner, Made):
                            found.setdefault(id(inner.call), call)
        for call in self.program.calls:  # model.add(layer)
            if call.name in ("add", "add_module", "append") and call.receiver is not None and isinstance(call.receiver.value, Made):
                for value in call.positional:
                    for inner in held(value):
                        if isinstance(inner, Made):
                            found.setdefault(id(inner.call), call.receiver.value.call)
        return found

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many layers of each kind all networks have."""
        return Counter(layer.kind for layer in self.layers)

    @cached_property
    def optimizers(self) -> list[Call]:
        """Calls that build an optimizer."""
        words = vocabulary.load()
        found = []
        for call in self.program.calls:
            root = call.dotted.split(".")[0]
            optimizing = ".optim" in call.dotted or root in ("optax", "bitsandbytes", "timm", "transformers") or ".train." in call.dotted
            if optimizing and not call.dotted.endswith("__call__") and words.canonical("optimizer", call.name):
                found.append(call)
        return found

    def first_call(self, *names: str) -> Call | None:
        """The first call whose last name is one of these."""
        wanted = frozenset(names)
        return next((call for call in self.program.calls if call.name in wanted), None)

    def functions_named(self, *parts: str) -> Iterator[Body]:
        return (body for body in self.bodies if any(part in body.name.casefold() for part in parts))


@lru_cache(maxsize=1)
def view(program: Program) -> View:
    """The View of a program; kept until another program is asked for."""
    return View(program)


def held(value: Resolved, depth: int = 4) -> Iterator[object]:
    """The objects in a value: itself, items of lists and dicts, arguments of library calls such as Sequential(...)."""
    for one in value.all():
        inner = one.value
        yield inner
        if depth == 0:
            continue
        inside: list[Resolved] = []
        if isinstance(inner, ListValue):
            inside = inner.items[:LARGEST_CONTAINER]
        elif isinstance(inner, DictValue):
            inside = list(inner.entries.values())[:LARGEST_CONTAINER]
        elif isinstance(inner, Made) and not inner.dotted.endswith("__call__"):
            inside = [*inner.call.positional, *inner.call.keywords.values(), *inner.attributes.values()]
            if inner.call.receiver is not None:
                inside.append(inner.call.receiver)
        for item in inside:
            yield from held(item, depth - 1)


def derives(value: Resolved, depth: int = DEEPEST) -> Iterator[Call]:
    """The calls that a value comes out of, nearest first: those of its expression, their receivers and arguments."""
    seen: set[int] = set()
    level = [value]
    for _ in range(depth):
        following: list[Resolved] = []
        for item in (one for given in level for one in given.all()):
            if id(item) in seen:
                continue
            seen.add(id(item))
            following.extend(item.parts)
            inner = item.value
            if isinstance(inner, Made):
                yield inner.call
                following.extend([*inner.call.positional, *inner.call.keywords.values()])
                if inner.call.receiver is not None:
                    following.append(inner.call.receiver)
            elif isinstance(inner, ListValue):
                following.extend(inner.items[:20])
            elif isinstance(inner, DictValue):
                following.extend(list(inner.entries.values())[:20])
        level = following
        if not level or len(seen) > 3000:
            return


@cache
def _kinds() -> tuple[frozenset[str], dict[str, str]]:
    words = vocabulary.load()
    kinds = words.table("layers", "kinds")
    return (
        frozenset(words.document("layers")["libraries"]),
        {vocabulary.fold(name): kind for kind, names in kinds.items() for name in names},
    )


PARAMETRIC = frozenset(
    {"linear", "conv", "convt", "lstm", "gru", "rnn", "attention", "transformer", "embedding", "gcn", "gat", "sage", "gin", "graph", "mlp", "factory"}
)
"""Kinds of layers that make a network."""


@cache
def layer_kind(dotted: str) -> str:
    """The kind of layer that a library's callable builds or does; empty where it is none."""
    libraries, kinds = _kinds()
    root, _, rest = dotted.partition(".")
    if root not in libraries or not rest or ".optim" in dotted or "datasets" in dotted:
        return ""
    return kinds.get(vocabulary.fold(dotted.rpartition(".")[2]), "")


@cache
def plain(dotted: str) -> str:
    """A library's dotted name without the parts that only say a version or where it is kept."""
    for part in (".compat.v1", ".compat.v2", ".python", ".modules.module", "._impl", ".api", ".src"):
        dotted = dotted.replace(part, "")
    return dotted


@cache
def _base_names() -> tuple[frozenset[str], frozenset[str]]:
    table = vocabulary.load().table("layers", "bases")
    return frozenset(table["names"]), frozenset(table["lightning"])


def is_wrapper(cls: Class) -> bool:
    """Whether a class is a framework's wrapper of training (a LightningModule)."""
    return any(plain(base) in _base_names()[1] for base in cls.external_bases())


@cache
def _is_network_base(dotted: str) -> bool:
    dotted = plain(dotted)
    if dotted in _base_names()[0]:
        return True
    # heirs of library layers and models: class Generator(nn.LSTM), class Net(models.ResNet), class MyBert(BertPreTrainedModel)
    name = dotted.rpartition(".")[2]
    libraries = _kinds()[0]
    known = dotted.split(".")[0] in libraries
    return known and (layer_kind(dotted) in PARAMETRIC or name.endswith(("PreTrainedModel", "ForConditionalGeneration", "ForSequenceClassification", "LMHeadModel", "ResNet", "VisionTransformer", "BasicBlock", "Bottleneck")) or ".models." in dotted and not name.endswith("Config"))


def is_network(cls: Class) -> bool:
    """Whether objects of a class are networks: it derives from a framework's module class."""
    bases = [plain(base) for base in cls.external_bases()]
    return not is_wrapper(cls) and any(_is_network_base(base) for base in bases)


def _has_weights(network: Network) -> bool:
    return any(layer.kind in PARAMETRIC for layer in network.layers)


def _top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node of a module that stands in no function and no class."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
