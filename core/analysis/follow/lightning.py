"""Lightning's command line: it builds the model and the data of the classes that it is given, and trains.

`LightningCLI(Model, Data, trainer_defaults={...})`, also as a class of the user's that sets further defaults.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.follow import calling, classes
from core.analysis.nodes import below
from core.analysis.program import UNKNOWN, Call, Class, DictValue, Function, Instance, Made, Option, Resolved

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

TRAINER = "lightning.pytorch.Trainer"
CLI = ("LightningCLI", "LightningArgumentParser")


def run(m: Machine, call: Call) -> Resolved | None:
    """What the command line makes with nothing said on it; None where it is given no model."""
    model = _built(m, call.argument("model_class", 0), "model", call)
    if model is None:
        return None
    data = _built(m, call.argument("datamodule_class", 1), "data", call)
    defaults = _entries(call.argument("trainer_defaults"))
    defaults |= {key.removeprefix("trainer."): v for key, v in _set(m, call).items() if key.startswith("trainer.")}
    trainer = calling.call_external(m, TRAINER, call.node, (), defaults, None)
    seed = call.argument("seed_everything_default")
    if seed is not None:
        calling.call_external(m, "lightning.pytorch.seed_everything", call.node, (seed,), {}, None)
    made = Made(call, {"trainer": trainer, "model": model, **({"datamodule": data} if data else {})})
    if (wanted := call.argument("run")) is None or wanted.value is not False:
        given = {"datamodule": data} if data else {}
        calling.call_external(m, f"{TRAINER}.fit", call.node, (model,), given, trainer)
    return m.made(made, call.node, "call")


def _built(m: Machine, given: Resolved | None, section: str, call: Call) -> Resolved | None:
    """An object of a class with its defaults, which the command line makes options, and what the code sets."""
    cls = given.value if given is not None else None
    if not isinstance(cls, Class):
        return None
    init = cls.find("__init__")
    defaults = getattr(init.value, "defaults", {}) if init is not None else {}
    m.program.options.extend(Option(name, value, "argparse") for name, value in defaults.items())
    told = {key.removeprefix(f"{section}."): v for key, v in _set(m, call).items() if key.startswith(f"{section}.")}
    inner = Call(f"{cls.module.name}.{cls.name}", call.node, call.module, (), told, None, cls, order=call.order)
    return classes.instantiate(m, cls, inner, call.node)


def of_arguments(m: Machine, call: Call) -> Resolved | None:
    """`Data.from_argparse_args(args)`: an object of the user's class, with those options that its `__init__` takes."""
    cls = call.receiver.value if call.receiver is not None else None
    init = cls.find("__init__") if isinstance(cls, Class) else None
    if not isinstance(cls, Class) or init is None or not isinstance(init.value, Function):
        return None
    taken = {each.arg for each in (*init.value.node.args.args, *init.value.node.args.kwonlyargs)}
    given = _entries(call.argument("args", 0)) | {key: v for key, v in call.keywords.items() if key != "args"}
    told = {name: value for name, value in given.items() if name in taken}
    inner = Call(f"{cls.module.name}.{cls.name}", call.node, call.module, (), told, None, cls, order=call.order)
    return classes.instantiate(m, cls, inner, call.node)


def _set(m: Machine, call: Call) -> dict[str, Resolved]:
    """`parser.set_defaults({"trainer.max_epochs": 15})` in a class of the user's."""
    cls = call.target if isinstance(call.target, Class) else None
    found: dict[str, Resolved] = {}
    for node in below(cls.node, ast.Call) if cls is not None else ():
        if getattr(node.func, "attr", "") == "set_defaults":
            for value in map(m.evaluate, node.args):
                found |= _entries(value)
    return found


def _entries(value: Resolved | None) -> dict[str, Resolved]:
    entries = value.value.entries if value is not None and isinstance(value.value, DictValue) else {}
    return {str(key): entry for key, entry in entries.items() if entry.value is not UNKNOWN}


def is_cli(cls: Class) -> bool:
    """Whether a class of the user's is such a command line."""
    return any(base.endswith(CLI[0]) for base in cls.external_bases())


def start(m: Machine, instance: Instance, call: Call) -> None:
    """An object of such a class: it trains when it is made."""
    made = run(m, call)
    if made is not None and isinstance(made.value, Made):
        instance.attributes.update(made.value.attributes)
