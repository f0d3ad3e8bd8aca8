"""Configuration classes whose attributes registered options make (labml): chosen by name, made when asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.analysis.program import Call, Class, DictValue, Function, Instance, Made, Option, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

PRIMARY = ".primary"
"""The attribute of an object that names the one it stands for; no name of Python."""


def register(m: Machine, call: Call, function: Resolved) -> None:
    """`@option(Configs.model, 'name')` over a function; `calculate(Configs.model, function)`."""
    target = call.node.args[0] if call.node.args else None
    if not isinstance(target, ast.Attribute) or not isinstance(function.value, Function):
        return
    holder = m.evaluate(target.value).value
    names = [value.text for value in call.positional[1:] if value.text] or [function.value.name]
    if isinstance(holder, Class):
        for name in names:
            m.registry.setdefault(target.attr, []).append((holder, name, function.value))


def made_by_option(m: Machine, owner: Instance, name: str, current: Resolved | None) -> Resolved | None:
    """What the chosen option makes of an attribute, kept on the object; None where no option is registered for it."""
    if name not in m.registry or (current is not None and current.text is None and current.value is not None):
        return None
    lineage = list(owner.cls.lineage())
    fitting = [(option, function) for cls, option, function in m.registry[name] if cls in lineage]
    wanted = current.text if current is not None else None
    chosen = [function for option, function in fitting if wanted in (option, function.name)]
    if not chosen and current is None:
        chosen = [function for _, function in fitting[:1]]
    if not chosen:
        return None
    from core.analysis.follow.calling import call_function

    where = (owner.call.module, owner.call.node)
    owner.attributes[name] = m.unknown(owner.call.node)
    result = call_function(m, chosen[0], (Resolved(owner, where, "self"),), {}, owner.call.node)
    if isinstance(result.value, Instance):
        _override(owner, name, result.value)
        result = _stood_for(m, result, result.value)
    owner.attributes[name] = result
    return result


def _override(owner: Instance, name: str, made: Instance) -> None:
    """`'optimizer.learning_rate': 0.1` said of the owner, before the optimizer's configuration was made."""
    prefix = f"{name}."
    for key, value in list(owner.attributes.items()):
        if key.startswith(prefix):
            made.attributes[key.removeprefix(prefix)] = value


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
    if not isinstance(conf, Instance):
        return None
    for given in call.positional[1:]:
        for key, value in given.value.entries.items() if isinstance(given.value, DictValue) else ():
            conf.attributes[str(key)] = value.but(name=str(key).rpartition(".")[2])
    for name, value in conf.attributes.items():
        if not isinstance(value.value, (Instance, Made, Function, Class)) and not name.startswith("."):
            m.program.options.append(Option(name, value, "config"))
    return None


def _begin(m: Machine, call: Call) -> Resolved | None:
    """`super().__init__(_primary='optimizer')`."""
    primary = call.keywords.get("_primary")
    if primary is not None and m.frame.owner is not None:
        m.frame.owner.attributes[PRIMARY] = primary
    return None


def _calculate(m: Machine, call: Call) -> Resolved | None:
    function = next((value for value in call.positional[1:] if isinstance(value.value, Function)), None)
    if function is not None:
        register(m, call, function)
    return None


# -- registries by name


def keep(m: Machine, value: Resolved, wrapper: Call | None) -> None:
    """`@register_model`, `@MODELS.register_module()`: a class or function that a library finds by its name."""
    thing = value.value
    if isinstance(thing, (Class, Function)):
        told = wrapper.argument("name", 0) if wrapper is not None else None
        m.named[told.text if told is not None and told.text else thing.name] = value


def _create(m: Machine, call: Call) -> Resolved | None:
    """`timm.create_model("convnext_tiny", ...)` of what the user's code registered; timm drops what is None."""
    from core.analysis.follow.calling import call_value

    name = call.argument("model_name", 0)
    found = m.named.get(name.text) if name is not None and name.text else None
    if found is None:
        return None
    keywords = {k: v for k, v in call.keywords.items() if k != "model_name" and v.value is not None}
    return call_value(m, found, None, call.positional[1:], keywords, call.node)


def _get(m: Machine, call: Call) -> Resolved | None:
    """`REGISTRY.get("name")`."""
    name = call.positional[0] if call.positional else None
    return m.named.get(name.text) if name is not None and name.text else None


def _build(m: Machine, call: Call) -> Resolved | None:
    """`MODELS.build(cfg)`, `build_from_cfg(cfg, MODELS)`: what `type` names, called with the other entries."""
    from core.analysis.follow.calling import call_value

    given = call.positional[0] if call.positional else None
    if given is None or not isinstance(given.value, DictValue) or "type" not in given.value.entries:
        return None
    kind = given.value.entries["type"]
    found = kind if isinstance(kind.value, Class) else m.named.get(kind.text or "")
    if found is None:
        return None
    keywords = {str(name): value for name, value in given.value.entries.items() if name != "type"}
    return call_value(m, found, None, (), keywords, call.node)


_REGISTRIES = ("mmengine.Registry", "mmengine.registry.Registry", "mmcv.utils.Registry", "mmcv.Registry",
               "fvcore.common.registry.Registry", "detectron2.utils.registry.Registry", "mmdet.registry.MODELS",
               "mmengine.registry.MODELS", "mmseg.registry.MODELS", "mmpretrain.registry.MODELS")  # fmt: skip
REGISTERING = ("register", "register_module", "register_model", "register_class")
"""Last names of decorators under which a library's registry keeps a class or a function."""

HANDLERS: dict[str, Callable[[Machine, Call], Resolved | None]] = {
    "labml.experiment.configs": _configure,
    "labml.configs.calculate": _calculate,
    "labml.configs.BaseConfigs.__init__": _begin,
    "timm.create_model": _create,
    "timm.models.create_model": _create,
    "timm.models.factory.create_model": _create,
    **{f"{registry}.get": _get for registry in _REGISTRIES},
    **{f"{registry}.build": _build for registry in _REGISTRIES},
    **dict.fromkeys(("mmcv.utils.build_from_cfg", "mmengine.registry.build_from_cfg", "mmcv.build_from_cfg"), _build),
}
