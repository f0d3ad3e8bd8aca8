"""What several rules need to know of a program, read out of it once: code reached, layers, networks, losses.

Nothing here is a fact. A View is kept for the program that was read last.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, cached_property, lru_cache, wraps
from itertools import chain
from operator import attrgetter
from typing import Any

from core import vocabulary
from core.analysis.nodes import Found
from core.analysis.program import Call, Class, Function, Instance, Loop, Made, Program, Resolved
from core.analysis.rules.bodies import Body, code_of
from core.analysis.rules.factories import factory_family, may_make
from core.analysis.rules.grouping import group_of
from core.analysis.rules.holding import HOLDING, composes, held, made_of_layers, stacks
from core.analysis.rules.kinds import (
    PARAMETRIC,
    is_fixed,
    is_network,
    is_ungraded,
    is_wrapper,
    judges,
    keeps_weights,
    layer_kind,
    measures,
    tells_gluon,
)
from core.analysis.rules.layers_by_hand import own_layers
from core.analysis.rules.networks import Layer, Network


class View:
    """A program as the rules of this folder see it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._owners: dict[int, Instance | None] = {}
        self._roots: dict[int, Instance] = {}
        self._callers: dict[tuple[str, ...], list[Body]] = {}
        self.answers: dict[object, Any] = {}
        """What family rules that others ask too said of the program."""

    @cached_property
    def bodies(self) -> list[Body]:
        """Every function that is reached, and the top level of every module that does more than import, the entry's
        first."""
        functions: dict[ast.AST, Function] = {}
        spoken_of = chain.from_iterable(map(attrgetter("within", "target"), self.program.calls))
        for function in dict.fromkeys(spoken_of):
            if isinstance(function, Function):
                functions.setdefault(function.node, function)
        tops = [Body(m.tree, m, None, code) for m in self.program.modules if not (code := code_of(m.tree)).only_imports]
        return tops + [Body(node, f.module, f.home, code_of(node)) for node, f in functions.items()]

    def calling(self, *names: str) -> list[Body]:
        """The bodies that call something of one of these names, in order."""
        if names not in self._callers:
            found = {at for name in names for at in self._calling.get(name, ())}
            self._callers[names] = [self.bodies[at] for at in sorted(found)]
        return self._callers[names]

    @cached_property
    def _calling(self) -> dict[str, list[int]]:
        """Which bodies, by their place in order, call something of each name."""
        found: dict[str, list[int]] = {}
        for at, body in enumerate(self.bodies):
            for name in body.calls:
                found.setdefault(name, []).append(at)
        return found

    @cached_property
    def layers(self) -> list[Layer]:
        """Every layer built and operation reached, in order."""
        found: list[Layer] = []
        for call in self.program.whose(_may_be_a_layer):
            if call.target is None and not measures(call.owner):
                kind = _kind_of(call.dotted)
                family = None if kind or is_ungraded(call.within) else factory_family(call)
                if (kind or family) and not is_fixed(call):
                    found.append(Layer(kind or "factory", call, family[0] if family else ""))
        found.extend(Layer(kind, call) for call, kind in self._own_layers)
        return sorted(found, key=lambda layer: layer.call.order)

    @cached_property
    def _own_layers(self) -> list[tuple[Call, str]]:
        """Layers that the user wrote."""
        linear = (call for call in self.program.named("linear") if layer_kind(call.dotted))
        applied = {id(call.owner) for call in linear}  # `F.linear(x, self.weight)` is a layer
        return own_layers(self.bodies, self.program.instances, applied)

    @cached_property
    def network_instances(self) -> list[Instance]:
        """Objects of the user's network classes, in order; a wrapper of training only where it has layers of its
        own."""
        laid = [layer for layer in self.layers if layer.kind in PARAMETRIC - {"factory"}]
        built = Counter(id(layer.call.owner or self._asking(layer.call)) for layer in laid)
        whole = {id(call.owner) for call in self.program.named("Model") if call.owner and "keras" in call.dotted}
        weighty = {id(call) for call, _ in self._own_layers}
        functional = {  # TensorFlow 1: a layer is a function, and what calls one builds a network
            id(layer.call.owner or self._maker(layer.call, 4))
            for layer in self.layers
            if layer.kind in PARAMETRIC
            and layer.call.name.islower()
            and layer.call.dotted.startswith(("tensorflow.", "tflearn."))
        }
        products = self.program.whose(_is_graph_product)
        functional |= {id(call.owner or self._maker(call, 4)) for call in products if not judges(call.owner)}
        functional |= made_of_layers(self.program, functional)
        baseless = any(layer.call.dotted.startswith("tinygrad.") for layer in self.layers)
        classes = {instance.cls for instance in self.program.instances}
        networks = {cls for cls in classes if is_network(cls)}
        layers = [instance for instance in self.program.instances if id(instance.call) in weighty]
        bases = {base for layer in layers for base in layer.cls.lineage()[1:] if keeps_weights(base)}
        return [
            instance
            for instance in self.program.instances
            if not measures(instance)
            if instance.cls in networks
            or id(instance.call) in weighty
            or built[id(instance)] >= (1 if is_wrapper(instance.cls) or id(instance) in whole else 2)
            or (baseless and built[id(instance)] and instance.cls.find("__call__") is not None)
            or id(instance) in functional
            or stacks(instance, weighty)
            or ((is_wrapper(instance.cls) or baseless) and composes(instance))
            or not bases.isdisjoint(instance.cls.lineage())
        ]

    @cached_property
    def _kept_by(self) -> dict[int, list[Instance | Made]]:
        """The objects that each network object (by id) keeps in its attributes, and what is in those."""
        found: dict[int, list[Instance | Made]] = {}
        for instance in self.network_instances:
            kept = [each for each in instance.attributes.values() if each.others or type(each.value) in _KEPT]
            given = self.base_calls.get(id(instance))  # Sequential.__init__(self, one, another)
            kept += given.positional if given is not None else ()
            kept += [value for each in kept if isinstance(each.value, Made) for value in self._put_in(each.value)]
            found[id(instance)] = [
                inner for value in kept for inner in held(value) if type(inner) is Instance or type(inner) is Made
            ]
        return found

    def _put_in(self, container: Made) -> Iterator[Resolved]:
        """What is put into a container later: `self.blocks.append(Block())`."""
        for call in self.calls_on.get(id(container.call), ()):
            yield from call.positional if call.name in _ADDING else ()

    @cached_property
    def parent_of(self) -> dict[int, Instance]:
        """For each network object inside another (by id): the one that holds it."""
        parents: dict[int, Instance] = {}
        networks = {id(instance) for instance in self.network_instances}
        for instance in self.network_instances:
            if instance.within is not None and id(instance.within) in networks and instance.within is not instance:
                parents.setdefault(id(instance), instance.within)
            for inner in self._kept_by[id(instance)]:
                if isinstance(inner, Instance) and inner is not instance and id(inner) in networks:
                    parents.setdefault(id(inner), instance)
        return parents

    def root_of(self, instance: Instance) -> Instance:
        """The outermost network object that holds this one."""
        root = self._roots.get(id(instance))
        if root is None:
            root = self._roots[id(instance)] = self.around(instance)[-1]
        return root

    def around(self, instance: Instance) -> list[Instance]:
        """A network object and those that hold it, innermost first; each once, where they hold one another."""
        found = {id(instance): instance}
        while (parent := self.parent_of.get(id(instance))) is not None and id(parent) not in found:
            instance = found[id(parent)] = parent
        return list(found.values())

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
                key, name = group_of(self, layer.call)
                loose.setdefault(key, Network(None, name=name)).layers.append(layer)
        return [*roots.values(), *(network for network in loose.values() if network.has(*PARAMETRIC))]

    def owner_of(self, call: Call) -> Instance | None:
        """The network object that a layer belongs to: whose method builds it, or that keeps it."""
        if id(call) not in self._owners:
            self._owners[id(call)] = self._owner_of(call)
        return self._owners[id(call)]

    def _owner_of(self, call: Call) -> Instance | None:
        owner: Instance | None = call.owner if not isinstance(call.target, Class) or call.result is None else None
        made = call.result.value if isinstance(call.target, Class) and call.result is not None else None
        if isinstance(made, Instance) and id(made) in self.members:
            return made
        while owner is not None and id(owner) not in self.members:
            owner = owner.within
        return owner or self._keepers.get(id(call)) or self._behind(call, 4)

    def _behind(self, call: Call, depth: int) -> Instance | None:
        """The network object whose method called the plain function that makes this call."""
        maker = self._maker(call, depth)
        return maker if maker is not None and id(maker) in self.members else None

    def _maker(self, call: Call, depth: int) -> Instance | None:
        """The object whose method called the plain function that makes this call."""
        if call.owner is not None or depth == 0:
            return None
        caller = self.asked_by(call)
        if caller is None or caller.owner is not None:
            return caller.owner if caller is not None else None
        return self._maker(caller, depth - 1)

    def _asking(self, call: Call) -> Instance | None:
        """The object that asked a static method of its class's for what makes this call."""
        home = call.within.home if call.within is not None else None
        maker = self._maker(call, 1) if home is not None else None
        return maker if maker is not None and home in maker.cls.lineage() else None

    @cached_property
    def layers_by_owner(self) -> dict[int, list[Layer]]:
        """The layers of each network object (by id), in order."""
        found: dict[int, list[Layer]] = {}
        for layer in self.layers:
            owner = self.owner_of(layer.call)
            if owner is not None:
                found.setdefault(id(owner), []).append(layer)
        return found

    @cached_property
    def built_within(self) -> dict[int, list[Instance]]:
        """The network objects that the methods of each object (by id) build."""
        found: dict[int, list[Instance]] = {}
        for instance in self.network_instances:
            if instance.within is not None:
                found.setdefault(id(instance.within), []).append(instance)
        return found

    @cached_property
    def base_calls(self) -> dict[int, Call]:
        """The call of a library's `__init__` that each object (by id) makes for itself."""
        calls = self.program.named("__init__")
        return {id(call.owner): call for call in calls if call.owner and not call.target}

    @cached_property
    def calls_on(self) -> dict[int, list[Call]]:
        """The calls of methods of what each call of a library (by id) made."""
        found: dict[int, list[Call]] = {}
        for call in self.program.calls:
            if call.receiver is not None and type(call.receiver.value) is Made:
                found.setdefault(id(call.receiver.value.call), []).append(call)
        return found

    @cached_property
    def callers(self) -> dict[int, list[Call]]:
        """The calls of each of the user's functions, by its node."""
        callers: dict[int, list[Call]] = {}
        for call in self.program.own():
            if isinstance(call.target, Function):
                callers.setdefault(id(call.target.node), []).append(call)
        return callers

    def asked_by(self, thing: Call | Loop) -> Call | None:
        """The last call before of the function that a call or a loop stands in."""
        calls = self.callers.get(id(thing.within.node), ()) if thing.within is not None else ()
        return next((call for call in reversed(calls) if call.order < thing.order), None)

    @cached_property
    def members(self) -> frozenset[int]:
        return frozenset(id(instance) for instance in self.network_instances)

    @cached_property
    def _keepers(self) -> dict[int, Instance]:
        """For each call whose result a network object keeps (by id): that object."""
        keepers: dict[int, Instance] = {}
        for instance in self.network_instances:
            for inner in self._kept_by[id(instance)]:
                if isinstance(inner, Made):
                    keepers.setdefault(id(inner.call), instance)
        return keepers

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many layers of each kind all networks have."""
        return Counter(layer.kind for layer in self.layers)

    def has(self, *kinds: str) -> bool:
        """Whether any network has a layer of one of these kinds."""
        return not self.kinds.keys().isdisjoint(kinds)

    @cached_property
    def followed(self) -> frozenset[ast.AST]:
        """The calls, as they stand, that the run makes."""
        return frozenset(call.node for call in self.program.calls)

    @cached_property
    def optimised(self) -> list[Instance]:
        """The objects whose weights optimizers are given."""
        values = (value for call in self.optimizers for value in call.given)
        return [inner for value in values for inner in held(value) if isinstance(inner, Instance)]

    @cached_property
    def optimizers(self) -> list[Call]:
        """Calls that build an optimizer."""
        words = vocabulary.load()
        named = [call for call in self.program.whose(_is_of_optimizers) if words.canonical("optimizer", call.name)]
        return named + [call for call in self.program.named("Trainer") if tells_gluon(call)]

    def first_call(self, *names: str) -> Call | None:
        """The first call whose last name is one of these."""
        return next(iter(self.program.named(*names)), None)

    def speaks_of(self, names: re.Pattern[str]) -> bool:
        """Whether any code that is reached speaks of what is called so."""
        return any(body.speaks_of(names) for body in self.bodies)

    @cached_property
    def part_names(self) -> list[str]:
        """What the classes of networks are called, and what their objects keep."""
        return [name for each in self.network_instances for name in (*each.attributes, each.cls.name)]

    @cached_property
    def _methods(self) -> dict[Class, list[Body]]:
        found: dict[Class, list[Body]] = {}
        for body in self.bodies:
            if body.cls is not None:
                found.setdefault(body.cls, []).append(body)
        return found

    def methods(self, cls: Class | None) -> list[Body]:
        """The bodies of a class, in order; none where code stands in no class."""
        return self._methods.get(cls, []) if cls is not None else []

    def functions_named(self, *parts: str) -> Iterator[Body]:
        return (body for body in self.bodies if any(part in body.name.casefold() for part in parts))


def asked_once(ask: Callable[[View], Found]) -> Callable[[View], Found]:
    """A question that several ask of a program, answered once for each View."""

    @wraps(ask)
    def asked(view: View) -> Found:
        if ask not in view.answers:
            view.answers[ask] = ask(view)
        answer: Found = view.answers[ask]
        return answer

    return asked


def _may_be_a_layer(dotted: str) -> bool:
    """Whether a call of this name builds a layer, or may make a whole model."""
    return bool(_kind_of(dotted)) or (dotted[:1] != "?" and may_make(dotted))


@cache
def _kind_of(dotted: str) -> str:
    """The kind of layer that a call of this name builds; attention is asked of any tensor by one name."""
    if dotted == "?.scaled_dot_product_attention":
        return "attention"
    return layer_kind(dotted) if dotted[:1] != "?" else ""


def _is_of_optimizers(dotted: str) -> bool:
    home = dotted.split(".")[0] in ("optax", "bitsandbytes", "timm", "transformers")
    return (home or ".optim" in dotted or ".train." in dotted) and not dotted.endswith("__call__")


@lru_cache(maxsize=1)
def view(program: Program) -> View:
    """The View of a program; kept until another program is asked for."""
    return View(program)


_KEPT = HOLDING | {Instance}
_ADDING = frozenset({"append", "add_module", "extend", "insert"})


def _is_graph_product(dotted: str) -> bool:
    """What a graph of TensorFlow 1 multiplies with: `tf.matmul(x, w) + b` is a layer."""
    return dotted.startswith("tensorflow.") and dotted.endswith((".matmul", ".xw_plus_b", "_dense_matmul"))
