"""What gets its weights from elsewhere: `MyModel.from_pretrained("some/weights", config=config)`, an object of the
user's own class whose base builds it, and states that a run before has left."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.analysis.follow import classes
from core.analysis.follow.handling import Handler
from core.analysis.program import Call, Class, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

MODELS = re.compile(r"^(transformers|diffusers)\..*(PreTrainedModel|ModelMixin|Model|For[A-Z]\w+)$")
"""The bases of libraries whose `from_pretrained` builds the class that it is asked of."""


def load(m: Machine, call: Call) -> Resolved | None:
    """The object, built of its configuration; None for what is no model's class of the user's own."""
    cls = call.holder
    if not isinstance(cls, Class) or not any(MODELS.match(base) for base in cls.external_bases()):
        return None
    keywords = {name: value for name, value in call.keywords.items() if name not in TOLD}
    config = keywords.pop("config", None) or m.unknown(call.node)
    name = f"{cls.module.name}.{cls.name}"
    given = (config, *call.positional[1:])
    inner = replace(call, dotted=name, positional=given, keywords=keywords, receiver=None, target=cls)
    return classes.instantiate(m, cls, inner, call.node)


TOLD = frozenset({
    "pretrained_model_name_or_path", "cache_dir", "ignore_mismatched_sizes", "force_download", "local_files_only",
    "token", "use_auth_token", "revision", "use_safetensors", "from_tf", "from_flax", "state_dict", "torch_dtype",
    "device_map", "low_cpu_mem_usage", "output_loading_info", "trust_remote_code", "subfolder", "variant",
})  # fmt: skip
"""What `from_pretrained` is told, and not the class."""


def restored(m: Machine, call: Call) -> Resolved | None:
    """`restore_checkpoint(folder, state)` of Flax: what it is given, with the weights of a run before."""
    return call.argument("target", 1)


HANDLERS: dict[str, Handler] = {
    "flax.training.checkpoints.restore_checkpoint": restored,
    "flax.serialization.from_bytes": lambda m, call: call.argument("target", 0),
}
