"""What Hydra gives to a script: the configuration that it composes, and the objects that this one names."""

from __future__ import annotations

import ast
import os.path
from typing import TYPE_CHECKING

from core.analysis.config_paths import end_of_path
from core.analysis.follow import hydra, instantiating
from core.analysis.follow.configuring import note_entries
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import folders, path_of
from core.analysis.program import Call, DictValue, Made, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def hydra_configuration(m: Machine, call: Call | None) -> Resolved | None:
    """What `@hydra.main(config_path, config_name)` gives to its function."""
    if call is None:
        return None
    given = call.argument("config_path", 0)
    named = call.argument("config_name", 1)
    folder = path_of(given) or _end_of(given) or "."
    name = named.text if named else None
    legacy = name is None and folder.endswith((".yaml", ".yml"))
    if legacy:  # before Hydra 1.0
        folder, name = os.path.split(folder)
    if name is None and given is None:  # both are told on the command line
        chosen = m.candidate.path if m.candidate.kind == "config" else None
        return composed(m, os.path.dirname(chosen), os.path.basename(chosen)) if chosen else None
    return composed(m, folder, name or "", legacy)  # without a name, what is chosen by --config-name


def _end_of(given: Resolved | None) -> str:
    """What the path ends with of which nobody knows the beginning: `configs` of `ROOT / "configs"`."""
    node = given.origin[1] if given is not None and isinstance(given.origin, tuple) else None
    return end_of_path(node) if isinstance(node, ast.expr) else ""


def composed(m: Machine, folder: str, name: str, legacy: bool = False) -> Resolved | None:
    """What Hydra composes of the files of a folder beside the script, else below a folder above it."""
    here = m.frame.scope.module.path
    roots = [os.path.normpath(os.path.join(above, folder)) for above in folders(here, here)]
    root = next((each for each in roots if any(path.startswith(each + os.sep) for path in m.known)), roots[0])
    value = hydra.compose(m, root, name, legacy)
    if value is not None:
        note_entries(m, value)
    return value


def _initialize(m: Machine, call: Call) -> Resolved:
    """`hydra.initialize(config_path="conf")`: where `compose` looks from then on."""
    given = call.argument("config_path", 0) or call.argument("config_dir", 0)
    m.side[_HYDRA] = path_of(given) or _end_of(given) or "."
    return m.made(Made(call), call.node, "call")


_HYDRA = -1
"""Under which the folder of Hydra is kept aside; no object's id."""


def _compose(m: Machine, call: Call) -> Resolved | None:
    """`hydra.compose(config_name="config")`."""
    named = call.argument("config_name", 0)
    folder = m.side.get(_HYDRA, ".")
    return composed(m, str(folder), named.text) if named is not None and named.text else None


def _instantiate(m: Machine, call: Call) -> Resolved | None:
    """`hydra.utils.instantiate(cfg.model, ...)`: what `_target_` names, called with the other entries."""
    given = call.positional[0] if call.positional else call.keywords.get("config")
    if given is None or not isinstance(given.value, DictValue):
        return None
    return instantiating.instantiate(m, given, call)


HANDLERS: dict[str, Handler] = {
    "omegaconf.OmegaConf.get_type": hydra.type_of,
    "hydra.core.config_store.ConfigStore.instance.store": hydra.keep,
    **dict.fromkeys(("hydra.utils.instantiate", "hydra.utils.call", "hydra.instantiate",
                     "detectron2.config.instantiate", "torchtune.config.instantiate"), _instantiate),
    **dict.fromkeys(("hydra.initialize", "hydra.experimental.initialize", "hydra.initialize_config_dir"), _initialize),
    **dict.fromkeys(("hydra.compose", "hydra.experimental.compose"), _compose),
}  # fmt: skip
