"""Lightning's command line: it builds the model and the data of the classes that it is given, and trains.

`LightningCLI(Model, Data, trainer_defaults={...})`, also as a class of the user's that sets further defaults; the
classes and what they are given may stand in a configuration: `--config vocoder.yaml`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.analysis.follow import calling, classes, hydra, instantiating
from core.analysis.follow.configuring import load_file
from core.analysis.follow.locating import locate
from core.analysis.nodes import below
from core.analysis.program import (
    UNKNOWN,
    Call,
    Class,
    Function,
    Instance,
    ListValue,
    Made,
    Option,
    Resolved,
    keywords_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

TRAINER = "lightning.pytorch.Trainer"
CLI = ("LightningCLI", "LightningArgumentParser")


def run(m: Machine, call: Call) -> Resolved | None:
    """What the command line makes of the configuration that it is given, or with nothing said on it; None where nobody
    knows of what model."""
    told = _sections(m)
    model = _built(m, call.argument("model_class", 0), "model", call, told)
    if model is None:
        return None
    data = _built(m, call.argument("datamodule_class", 1), "data", call, told)
    defaults = (
        _entries(call.argument("trainer_defaults")) | _below("trainer", _set(m, call)) | _entries(told.get("trainer"))
    )
    trainer = calling.call_external(m, TRAINER, call.node, (), defaults, None)
    seed = told.get("seed_everything") or call.argument("seed_everything_default")
    if seed is not None:
        calling.call_external(m, "lightning.pytorch.seed_everything", call.node, (seed,), {}, None)
    for section in ("optimizer", "lr_scheduler"):
        _object(m, told[section], call) if section in told else None
    made = Made(call, {"trainer": trainer, "model": model, **({"datamodule": data} if data else {})})
    if (wanted := call.argument("run")) is None or wanted.value is not False:
        given = {"datamodule": data} if data else {}
        calling.call_external(m, f"{TRAINER}.fit", call.node, (model,), given, trainer)
    return m.made(made, call.node, "call")


def _sections(m: Machine) -> dict[str, Resolved]:
    """The sections of the configuration that the model is, or that its script uses for want of another."""
    path = locate(m, None)
    value = load_file(m, path) if path else None
    if value is None:
        return {}
    hydra.interpolate(value)
    told = _entries(value)
    return told | _entries(told.get("fit"))


def _built(m: Machine, given: Resolved | None, section: str, call: Call, told: dict[str, Resolved]) -> Resolved | None:
    """An object of a class with its defaults, which the command line makes options, with what the code sets, and what
    the section of the configuration says; of a class that only the section names."""
    said = told.get(section)
    if said is not None and "class_path" in _entries(said):
        return _object(m, said, call)
    cls = given.value if given is not None else None
    if not isinstance(cls, Class):
        return None
    init = cls.find("__init__")
    defaults = getattr(init.value, "defaults", {}) if init is not None else {}
    m.program.options.extend(Option(name, value, "argparse") for name, value in defaults.items())
    stated = {name: _object(m, value, call) for name, value in _entries(said).items()}
    arguments = _below(section, _set(m, call)) | stated
    inner = Call(f"{cls.module.name}.{cls.name}", call.node, call.module, (), arguments, None, cls, order=call.order)
    return classes.instantiate(m, cls, inner, call.node)


def _object(m: Machine, value: Resolved, call: Call, depth: int = 8) -> Resolved:
    """`{class_path: lib.Net, init_args: {...}}` as the object that it says, those inside it too."""
    if isinstance(value.value, ListValue) and depth:
        return value.but(value=ListValue([_object(m, item, call, depth - 1) for item in value.value.items]))
    named = _entries(value).get("class_path")
    if named is None or not named.text or not depth:
        return value
    arguments = _entries(_entries(value).get("init_args")) | _entries(_entries(value).get("dict_kwargs"))
    keywords = {name: _object(m, item, call, depth - 1) for name, item in arguments.items()}
    return calling.call_value(m, instantiating.named_thing(m, named.text, named), None, (), keywords, call.node)


def _below(section: str, told: dict[str, Resolved]) -> dict[str, Resolved]:
    """`lr` of `model.lr`."""
    return {key.removeprefix(f"{section}."): v for key, v in told.items() if key.startswith(f"{section}.")}


def of_arguments(m: Machine, call: Call) -> Resolved | None:
    """`Data.from_argparse_args(args)`: an object of the user's class, with those options that its `__init__` takes."""
    cls = call.holder
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
    return {key: entry for key, entry in keywords_in(value).items() if entry.value is not UNKNOWN}


def is_cli(cls: Class) -> bool:
    """Whether a class of the user's is such a command line."""
    return cls.heir_of(CLI[0])


def start(m: Machine, instance: Instance, call: Call) -> None:
    """An object of such a class: it trains when it is made."""
    made = run(m, call)
    if made is not None and isinstance(made.value, Made):
        instance.attributes.update(made.value.attributes)
