"""Configuration classes whose attributes registered options make (labml): chosen by name, made when asked for.

What an attribute is, in the library's order: what the run's own dictionary says, what was set on the object, a default
that code gave it (`set_default`), what another choice brings with it (`aggregate`), what the class states, else the
first option that was registered, those of the base classes first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from core.analysis.follow.handling import Handler
from core.analysis.program import Call, Class, DictValue, Function, Instance, ListValue, Option, Resolved, entries_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

PRIMARY = ".primary"
"""The attribute of an object that names the one it stands for; no name of Python."""
LATER = "default of a configuration"
"""How a value came that is a function to be called when it is asked for."""
OPTIONS = frozenset({"labml.configs.option", "labml.configs.BaseConfigs.calc"})
"""Decorators that register an option."""


class Registered(NamedTuple):
    """One option of a configuration class: its name, what makes it, and the attributes that it gives."""

    cls: Class
    name: str
    function: Function
    attributes: tuple[str, ...]


class Brought(NamedTuple):
    """A value that an attribute has where another one, `key`, has the value `option`."""

    cls: Class
    key: str
    option: str | None
    value: Resolved


def register(m: Machine, call: Call, function: Resolved) -> None:
    """`@option(Configs.model, 'name')` over a function; `calculate(Configs.model, function)`."""
    if not isinstance(function.value, Function) or not call.node.args:
        return
    first = call.node.args[0]
    targets = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
    named = [target for target in targets if isinstance(target, ast.Attribute)]
    name = next((value.text for value in call.positional[1:] if value.text), None) or function.value.name
    for target in named:
        holder = m.evaluate(target.value).value
        if isinstance(holder, Class):
            option = Registered(holder, name, function.value, tuple(each.attr for each in named))
            m.registry.setdefault(target.attr, []).append(option)


def asked(m: Machine, owner: Instance, name: str) -> Resolved | None:
    """What an attribute of a configuration is, kept on the object; None where it has no say in it."""
    if not any(base.startswith("labml") for base in owner.cls.external_bases()):
        return None
    current = _stated(m, owner, name)
    options = {each.name: each for part in _base_first(owner.cls) for each in _of(m, part, name)}
    if current is None:
        chosen = next(iter(options.values()), None)
    elif current.how == LATER and isinstance(current.value, Function):
        return _keep(m, owner, name, _called(m, owner, current.value, name))
    else:
        chosen = options.get(current.text or "")
    if chosen is None:
        return _keep(m, owner, name, current) if current and isinstance(current.value, Instance) else current
    made = _called(m, owner, chosen.function, name)
    items = made.value.items if isinstance(made.value, ListValue) and len(chosen.attributes) > 1 else [made]
    for attribute, item in zip(chosen.attributes if len(items) > 1 else (name,), items, strict=False):
        _keep(m, owner, attribute, item)
    return owner.attributes[name]


def _of(m: Machine, cls: Class, name: str) -> Iterator[Registered]:
    return (each for each in m.registry.get(name, ()) if isinstance(each, Registered) and each.cls is cls)


def _stated(m: Machine, owner: Instance, name: str) -> Resolved | None:
    """What is said of an attribute without the options."""
    if (current := owner.attributes.get(name)) is not None:
        return current
    for part in _base_first(owner.cls):
        for each in m.registry.get(f".{name}", ()):
            if isinstance(each, Brought) and each.cls is part:
                key = _stated(m, owner, each.key)
                if key is not None and key.text == each.option:
                    return each.value
    found = owner.cls.find(name)
    return found if found is not None and found.known else None


def _base_first(cls: Class) -> list[Class]:
    """A class and its local bases, those farthest away first."""
    found = level = [cls]
    while level:
        level = [base.value for each in level for base in each.bases if isinstance(base.value, Class)]
        found = [*found, *level]
    return list(dict.fromkeys(reversed(found)))


def _called(m: Machine, owner: Instance, function: Function, name: str) -> Resolved:
    from core.analysis.follow.calling import call_function

    before = owner.attributes.get(name)
    owner.attributes[name] = m.unknown(owner.call.node)
    given = (Resolved(owner, (owner.call.module, owner.call.node), "self"),) if function.node.args.args else ()
    result = call_function(m, function, given, {}, owner.call.node)
    if before is not None:
        owner.attributes[name] = before
    return result if result.name or result.number is None else result.but(name=name)


def _keep(m: Machine, owner: Instance, name: str, value: Resolved) -> Resolved:
    """Set an attribute; a configuration first takes what was said of its own, and gives what it stands for."""
    if isinstance(value.value, Instance):
        prefix = f"{name}."
        for key in [key for key in owner.attributes if key.startswith(prefix)]:
            _set(value.value, key.removeprefix(prefix), owner.attributes.pop(key))
        value = _stood_for(m, value, value.value)
    owner.attributes[name] = value
    return value


def _set(owner: Instance, key: str, value: Resolved) -> None:
    """`conf[key] = value`; `ffn.d_ff` is of the part where that is there, and waits for it where it is not."""
    head, _, rest = key.partition(".")
    part = owner.attributes.get(head)
    if rest and part is not None and isinstance(part.value, Instance):
        _set(part.value, rest, value)
    else:
        owner.attributes[key] = value


def _stood_for(m: Machine, result: Resolved, made: Instance) -> Resolved:
    """The primary attribute of a configuration that stands for it: the optimizer of OptimizerConfigs."""
    from core.analysis.follow.attributes import of_instance

    primary = made.attributes.get(PRIMARY)
    if primary is None or primary.text is None:
        return result
    inner = of_instance(m, result, made, primary.text, made.call.node)
    return inner if inner.known else result


def _configure(m: Machine, call: Call) -> Resolved | None:
    """`experiment.configs(conf, {'epochs': 3, 'optimizer.learning_rate': 0.1})`: the run's own values."""
    conf = call.positional[0].value if call.positional else None
    for given in call.positional[1:] if isinstance(conf, Instance) else ():
        for key, value in entries_in(given).items():
            assert isinstance(conf, Instance)
            _set(conf, str(key), value.but(name=str(key).rpartition(".")[2]))
    if isinstance(conf, Instance):
        for name, value in _settings(conf):
            section, _, last = name.rpartition(".")
            m.program.options.append(Option(last, value, "config", section=section))
    elif isinstance(conf, DictValue):
        for key, value in conf.entries.items():
            m.program.options.append(Option(str(key), value, "config"))
    return m.made(None, call.node)


def _settings(conf: Instance) -> Iterator[tuple[str, Resolved]]:
    """The plain values of a configuration, those of its classes too where nothing else was said."""
    from core.analysis.follow.binding import is_plain

    stated = {name: value for part in _base_first(conf.cls) for name, value in part.attributes.items()}
    for name, value in {**stated, **conf.attributes}.items():
        if not name.startswith(("_", ".")) and is_plain(value.value):
            yield name, value


def _begin(m: Machine, call: Call) -> Resolved | None:
    """`super().__init__(_primary='optimizer')`."""
    primary = call.keywords.get("_primary")
    if primary is not None and m.frame.owner is not None:
        m.frame.owner.attributes[PRIMARY] = primary
    return None


def _calculate(m: Machine, call: Call) -> Resolved:
    """`calculate(Configs.model, 'name', function)`; the function is not called before the attribute is asked for."""
    function = next((value for value in call.positional[1:] if isinstance(value.value, Function)), None)
    if function is not None:
        register(m, call, function)
    return m.made(None, call.node)


def _aggregate(m: Machine, call: Call) -> Resolved:
    """`aggregate(Configs.variant, 'GLU', (Configs.gated, True), ...)`: what a choice brings with it."""
    if len(call.node.args) < 2 or not isinstance(key := call.node.args[0], ast.Attribute):
        return m.made(None, call.node)
    holder = m.evaluate(key.value).value
    for pair in call.node.args[2:]:
        if isinstance(holder, Class) and isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Attribute):
            brought = Brought(holder, key.attr, call.positional[1].text, m.evaluate(pair.elts[1]))
            m.registry.setdefault(f".{pair.elts[0].attr}", []).append(brought)
    return m.made(None, call.node)


def _set_default(m: Machine, call: Call) -> Resolved:
    """`conf.set_default(Configs.d_model, func=lambda: c.d_model)`."""
    owner = call.holder
    target = call.node.args[0] if call.node.args else None
    value = call.argument("value", 1)
    later = call.argument("func", 2)
    if isinstance(owner, Instance) and isinstance(target, ast.Attribute) and (value or later):
        given = later.but(how=LATER) if later is not None else value
        assert given is not None
        owner.attributes.setdefault(target.attr, given)
    return m.made(None, call.node)


def _dynamic(m: Machine, call: Call) -> Resolved | None:
    """`FloatDynamicHyperParam(0.1, (0, 1))`: a number that can be changed while the run goes on."""
    return call.positional[0] if call.positional else None


HANDLERS: dict[str, Handler] = {
    "labml.experiment.configs": _configure,
    "labml.configs.calculate": _calculate,
    "labml.configs.aggregate": _aggregate,
    "labml.configs.BaseConfigs.aggregate": _aggregate,
    "labml.configs.BaseConfigs.set_default": _set_default,
    "labml.configs.BaseConfigs.__init__": _begin,
    "labml.configs.FloatDynamicHyperParam": _dynamic,
    "labml.configs.IntDynamicHyperParam": _dynamic,
    "labml.internal.configs.dynamic_hyperparam.FloatDynamicHyperParam": _dynamic,
    "labml.internal.configs.dynamic_hyperparam.IntDynamicHyperParam": _dynamic,
}
