"""What calls of libraries return, as far as values depend on it, and which functions of the user's they call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import vocabulary
from core.analysis.follow import (
    commands,
    configured,
    configuring,
    control,
    executing,
    flags,
    gin,
    hydra_runs,
    importing,
    ini,
    instantiating,
    lightning,
    members,
    option_classes,
    options,
    registries,
    sections,
    standard,
    texts,
    trees,
    weights,
)
from core.analysis.follow.handling import Handler
from core.analysis.program import (
    UNKNOWN,
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Resolved,
    items_in,
    keywords_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


TRANSPARENT = frozenset(vocabulary.load().table("libraries", "calls")["handing_on"])
"""Last names of wrappers that give back, for our purpose, what they were given first."""

_FIRST = ("target", "fun", "func", "fn", "f", "model", "module")
"""What wrappers call their first parameter, where it is given by keyword."""

_AHEAD = frozenset({"lower", "compile"})
"""What makes machine code of a function before it is called: `step.lower(state, batch).compile()`."""

COPYING = frozenset({"list", "tuple", "sorted", "reversed", "set"})
"""Those of them that give a list of their own."""

REMOTE = frozenset({"remote", "rpc_async", "rpc_sync", "RRef"})
"""Last names of calls that build an object in another process."""

AFTERWARDS = frozenset(
    {"fit", "learn", "run", "start", "launch", "spawn", "Thread", "Process", "map", "submit", "main"}
)
"""Last names of calls that run what they are given."""


def call(m: Machine, call: Call) -> Resolved | None:
    """The value of a library call; None where no handler knows it."""
    handler = _HANDLERS.get(call.dotted) or _BY_NAME.get(call.name)
    if handler is not None:
        result = handler(m, call)
        if result is not None:
            return result
    if call.name in _AHEAD and call.receiver is not None and isinstance(call.receiver.value, Function):
        return call.receiver
    if call.name not in TRANSPARENT and "DataParallel" not in call.name:
        return instantiating.of_entries(m, call)
    first = next(iter(call.positional), None) or next((call.keywords[n] for n in _FIRST if n in call.keywords), None)
    if call.name == "value_and_grad" and len(call.positional) > 1 and isinstance(call.positional[1].value, Function):
        first = call.positional[1]  # nn.value_and_grad(model, loss) of MLX
    if first is not None:
        if call.name.startswith("transform") and isinstance(first.value, Function):
            m.side[-id(first.value.node)] = first.value  # followed at the end, where nothing has called it
        if isinstance(first.value, (Function, Class, Instance, Made, ListValue, DictValue, External)):
            return _unwrapped(m, call, first)
    return None


def _unwrapped(m: Machine, call: Call, first: Resolved) -> Resolved:
    if call.name == "prepare" and len(call.positional) > 1:
        return m.made(ListValue(list(call.positional), "tuple"), call.node)
    if call.name == "initialize" and "deepspeed" not in call.dotted:
        return m.unknown(call.node)
    if isinstance(first.value, (ListValue, DictValue)) and call.name not in COPYING:
        return first
    if isinstance(first.value, DictValue):
        keys = [m.made(key, call.node) for key in first.value.entries]
        return m.made(ListValue(keys, "list", first.value.complete), call.node)
    if isinstance(first.value, ListValue):
        items = _ordered(call, list(first.value.items))
        return m.made(ListValue(items, "list", first.value.complete), call.node)
    return first


def _ordered(call: Call, items: list[Resolved]) -> list[Resolved]:
    if call.name == "sorted" and "key" not in call.keywords and all(item.number is not None for item in items):
        items = sorted(items, key=lambda item: item.number or 0)
    backwards = call.keywords.get("reverse") if call.name == "sorted" else None
    return items[::-1] if call.name == "reversed" or (backwards is not None and backwards.value is True) else items


def decorated(m: Machine, value: Resolved, wrapper: Resolved) -> Resolved:
    """A function or class under a library's decorator."""
    from core.analysis.follow.calling import call_function

    made = wrapper.value
    dotted = made.dotted if isinstance(made, (External, Made)) else ""
    if isinstance(made, Made) and dotted in configured.OPTIONS:
        configured.register(m, made.call, value)
    if dotted.rpartition(".")[2] in registries.REGISTERING:
        registries.keep(m, value, made.call if isinstance(made, Made) else None)
    call = made.call if isinstance(made, Made) else None
    if dotted.startswith("gin."):
        gin.keep(m, value, call)
    if dotted == "fastargs.decorators.param" and call is not None and isinstance(value.value, Function):
        sections.hand(m, value.value, call)
    if dotted == "torchtune.config.parse" and isinstance(value.value, Function):
        configuring.parsed(m, value.value)
    of = call.receiver if call is not None else made.receiver if isinstance(made, External) else None
    commands.decorated(m, value, dotted, call, of)
    if isinstance(made, Made) and made.call.name == "on" and isinstance(value.value, Function):
        call_function(m, value.value, (), {}, made.call.node)  # @trainer.on(event): called when that happens
    if dotted.startswith("haiku.transform") and isinstance(value.value, Function):
        call_function(m, value.value, (), {}, value.value.node)  # @hk.transform: what comes of it calls the function
    return value


def call_back(m: Machine, call: Call) -> None:
    """Functions of the user's that a library was given are called by it, with arguments nobody knows; not by what only
    looks at them, or keeps worlds to be asked for by name."""
    values = call.given
    if not values or _CALLED.isdisjoint([type(value.value) for value in values]):
        return
    if call.dotted.startswith("inspect.") or call.dotted in ("callable", "id", "repr", "print", "hash"):
        return
    if call.name == "register" and "entry_point" in call.keywords:
        return
    if call.keywords:
        _build_given(m, call)
    if call.dotted.startswith("skorch."):
        _build_module(m, call)
    given = [inner for value in values if type(value.value) in _CALLED for inner in _each(value)]
    from core.analysis.follow.calling import call_function

    for value in given if call.name in REMOTE else ():
        if isinstance(value.value, Class):
            _build_remote(m, call, value.value)
    for value in given:
        function = value.value
        if isinstance(function, Function):
            positional, keywords = _known_arguments(call, function), _known_keywords(call, function)
            answer = call_function(m, function, positional, keywords, call.node)
            if answer.number is not None and call.dotted.startswith("optax."):  # lambda step: config.rate
                call.keywords.update({name: answer for name, each in call.keywords.items() if each is value})
    for value in given:
        if isinstance(value.value, Instance) and (call.name in AFTERWARDS or call.name.startswith("run_")):
            m.side.setdefault(-id(value.value), value.value)


_CALLED = frozenset({Function, Class, Instance, ListValue, DictValue})
"""What may be called, or hold what may be."""


def _each(value: Resolved) -> list[Resolved]:
    """A value, or the first items of a list of functions: `SyncVectorEnv([make_env(i) for i in ...])`."""
    if isinstance(value.value, ListValue) and value.value.items and isinstance(value.value.items[0].value, Function):
        return value.value.items[:4]
    return [value]


def _build_remote(m: Machine, call: Call, cls: Class) -> None:
    """`remote(worker, Class, args=(...))`: the object is built elsewhere, and its methods are called from here."""
    from core.analysis.follow.classes import instantiate

    given = call.keywords.get("args")
    items = tuple(items_in(given))
    inner = Call(
        f"{cls.module.name}.{cls.name}", call.node, call.module, items, {}, None, cls, loop=call.loop, order=call.order
    )
    made = instantiate(m, cls, inner, call.node)
    m.side[-id(made.value)] = made.value


def _build_given(m: Machine, call: Call) -> None:
    """Classes of the user's that a library is told to build, with what: `PPO(env, policy_kwargs={"extractor_class":
    Own, "extractor_kwargs": {...}})`."""
    from core.analysis.follow.classes import instantiate

    inside = [value.value.entries for value in call.keywords.values() if isinstance(value.value, DictValue)]
    for table in (call.keywords, *inside):
        for name, value in [pair for pair in table.items() if type(pair[1].value) is Class]:
            if isinstance(value.value, Class) and str(name).endswith("_class"):
                keywords = keywords_in(table.get(f"{str(name).removesuffix('_class')}_kwargs"))
                dotted = f"{value.value.module.name}.{value.value.name}"
                inner = Call(dotted, call.node, call.module, (), keywords, None, value.value, loop=call.loop)
                instantiate(m, value.value, inner, call.node)


def _build_module(m: Machine, call: Call) -> None:
    """The network that skorch builds of a class of the user's: `NeuralNetClassifier(Net, module__hidden=30)`."""
    from core.analysis.follow.classes import instantiate

    given = call.argument("module", 0)
    if given is not None and isinstance(given.value, Class) and call.name != "register":
        told = {name.removeprefix("module__"): one for name, one in call.keywords.items() if "module__" in name}
        dotted = f"{given.value.module.name}.{given.value.name}"
        inner = Call(dotted, call.node, call.module, (), told, None, given.value, loop=call.loop)
        m.side[-id(given.value)] = instantiate(m, given.value, inner, call.node).value


def _known_arguments(call: Call, function: Function) -> tuple[Resolved, ...]:
    """`spawn(f, args=(...))`, `Process(target=f, args=(...))`, `f` given with what follows it."""
    given = call.argument("args", 1)
    if given is not None and isinstance(given.value, ListValue):
        items = list(given.value.items)
        if call.name == "spawn":
            items.insert(0, Resolved(UNKNOWN, (call.module, call.node)))
        return tuple(items)
    if call.name == "notebook_launcher" or _is_handed_all(call, function):
        return tuple(call.positional[1:])
    if call.name == "run" and call.positional and call.positional[0].value is function:
        return _handed_on(call, function)
    return ()


def _is_handed_all(call: Call, function: Function) -> bool:
    """`pool.submit(f, a, b=c)`: a function that is given all that follows it."""
    return call.name == "submit" and bool(call.positional) and call.positional[0].value is function


def _known_keywords(call: Call, function: Function) -> dict[str, Resolved]:
    """What a function is given by name: `submit(f, a, b=c)`, `Thread(target=f, kwargs={...})`."""
    if _is_handed_all(call, function):
        return {name: value for name, value in call.keywords.items() if name.isidentifier()}
    return keywords_in(call.keywords.get("kwargs") or call.keywords.get("kwds"))


def _handed_on(call: Call, function: Function) -> tuple[Resolved, ...]:
    """`parallel.run(training, config)`: what follows the function is given to it, after the rank if it takes one."""
    given = call.positional[1:]
    wanted = len(function.node.args.args) - len([name for name in call.keywords if name not in ("*", "**")])
    rank = (Resolved(UNKNOWN, (call.module, call.node)),) if given and len(given) < wanted else ()
    return (*rank, *given)


_HANDLERS: dict[str, Handler] = {
    **standard.HANDLERS,
    **texts.HANDLERS,
    **control.HANDLERS,
    **options.HANDLERS,
    **commands.HANDLERS,
    **configuring.HANDLERS,
    **hydra_runs.HANDLERS,
    **instantiating.HANDLERS,
    **sections.HANDLERS,
    **trees.HANDLERS,
    **importing.HANDLERS,
    **members.HANDLERS,
    **executing.HANDLERS,
    **registries.HANDLERS,
    **configured.HANDLERS,
    **gin.HANDLERS,
    **ini.HANDLERS,
    **weights.HANDLERS,
}  # fmt: skip

_BY_NAME: dict[str, Handler] = {
    "LightningCLI": lightning.run,
    "from_argparse_args": lightning.of_arguments,
    "from_pretrained": weights.load,
    **standard.BY_NAME,
    **options.BY_NAME,
    **option_classes.BY_NAME,
    **flags.BY_NAME,
    **members.BY_NAME,
    **commands.BY_NAME,
    **configuring.BY_NAME,
}
