"""Which networks a run trains, and of which it only loads the weights."""

from __future__ import annotations

from core.analysis.facts import Place
from core.analysis.program import Call, Class, Instance, Made, items_in
from core.analysis.rules.holding import held
from core.analysis.rules.view import View, asked_once


@asked_once
def only_loaded(view: View) -> frozenset[int]:
    """The root networks (by id) whose weights are loaded and which no optimizer holds, while it holds others.

    Nothing is said where what an optimizer holds is not known.
    """
    loads = [call for call in view.program.named("load_state_dict") if not call.maybe]
    loaded = {root for call in loads if call.receiver is not None for root in _roots(view, [call.receiver.value])}
    optimized = [_optimized(view, call) for call in view.optimizers] if loaded else []
    if not optimized or not all(optimized):
        return frozenset()
    return frozenset(loaded.difference(*optimized))


def loaded_parts(view: View) -> frozenset[Class]:
    """The classes whose objects all stand in parts of networks that are loaded and told to stay as they are:
    `self.coder.load_state_dict(weights)`, `self.coder.eval()`."""
    told = [
        {id(call.receiver.value) for call in view.program.named(name) if call.receiver is not None and not call.maybe}
        for name in ("load_state_dict", "eval")
    ]
    still = told[0] & told[1]
    inside = [part for part in view.network_instances if still and _stands_in(view, part, still)]
    free = {part.cls for part in view.network_instances if part not in inside} if inside else set()
    return frozenset(part.cls for part in inside if part.cls not in free)


@asked_once
def only_predicting(view: View) -> frozenset[Place]:
    """Where networks are made ready of which a run only asks predictions, while it fits others: what gives features,
    `VGG16(weights="imagenet").predict(pictures)`."""
    ready = [layer.call for layer in view.layers if layer.kind == "factory"] if view.program.named("fit") else []
    asked = {id(call) for call in ready if {each.name for each in view.calls_on.get(id(call), ())} == {"predict"}}
    given = (one for call in view.program.calls for value in call.given for one in (value, *items_in(value)))
    asked -= {id(one.value.call) for one in given if isinstance(one.value, Made)} if asked else set()
    places = {part: [id(call) for call in ready if call.place == part] for part in {call.place for call in ready}}
    return frozenset(place for place, made in places.items() if asked.issuperset(made))


def _stands_in(view: View, part: Instance, still: set[int]) -> bool:
    """Whether a part of a network is, or is in, one of these objects, which is not the whole."""
    around = next((each for each in view.around(part) if id(each) in still), None)
    return around is not None and view.parent_of.get(id(around)) is not None


def _optimized(view: View, call: Call) -> set[int]:
    """The root networks (by id) whose parameters an optimizer is given."""
    values = call.given
    return _roots(view, [inner for value in values for inner in held(value)])


def _roots(view: View, objects: list[object]) -> set[int]:
    """The root networks (by id) of what of these is a network, or a part of one."""
    networks = [each for each in objects if isinstance(each, Instance) and id(each) in view.members]
    return {id(view.root_of(each)) for each in networks}


def stands_idle(view: View, call: Call) -> bool:
    """Whether a call stands in a network that is only loaded and whose forward the run never calls."""
    if call.owner is None or id(call.owner) not in view.members:
        return False
    root = view.root_of(call.owner)
    if id(root) not in only_loaded(view):
        return False
    return not any(other.holder is root for other in view.program.named("forward"))
