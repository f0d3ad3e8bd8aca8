"""Registries of classes and functions that a library finds by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.follow.handling import Handler
from core.analysis.program import Call, Class, DictValue, Function, Resolved, keywords_in

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


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
    keywords = {name: value for name, value in keywords_in(given).items() if name != "type"}
    return call_value(m, found, None, (), keywords, call.node)


_REGISTRIES = ("mmengine.Registry", "mmengine.registry.Registry", "mmcv.utils.Registry", "mmcv.Registry",
               "fvcore.common.registry.Registry", "detectron2.utils.registry.Registry", "mmdet.registry.MODELS",
               "mmengine.registry.MODELS", "mmseg.registry.MODELS", "mmpretrain.registry.MODELS",
               *(f"basicsr.utils.registry.{name}_REGISTRY" for name in ("ARCH", "DATASET", "LOSS", "MODEL")),
               *(f"detectron2.modeling.{name}_REGISTRY"
                 for name in ("BACKBONE", "META_ARCH", "PROPOSAL_GENERATOR", "ROI_HEADS",
                              "SEM_SEG_HEADS")))  # fmt: skip
REGISTERING = ("register", "register_module", "register_model", "register_class")
"""Last names of decorators under which a library's registry keeps a class or a function."""

HANDLERS: dict[str, Handler] = {
    "timm.create_model": _create,
    "timm.models.create_model": _create,
    "timm.models.factory.create_model": _create,
    **{f"{registry}.get": _get for registry in _REGISTRIES},
    **{f"{registry}.build": _build for registry in _REGISTRIES},
    **dict.fromkeys(("mmcv.utils.build_from_cfg", "mmengine.registry.build_from_cfg", "mmcv.build_from_cfg"), _build),
}
