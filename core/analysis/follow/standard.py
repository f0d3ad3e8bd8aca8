"""Builtins and the standard library: what their calls return, as far as values depend on it."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import math
import os.path
from typing import TYPE_CHECKING

from core.analysis.follow import calling, fastcore, kinds, named
from core.analysis.follow.comparing import RECORDS
from core.analysis.follow.handling import Handler
from core.analysis.follow.items import is_range, items_of
from core.analysis.follow.joining import truth
from core.analysis.follow.numbers import power
from core.analysis.follow.texts import hole, substituted, whole
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
    Template,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def _number(m: Machine, call: Call) -> Resolved | None:
    """`int(x)`, `float(x)`: the same value keeps its place."""
    if not call.positional:
        return None
    given = call.positional[0]
    value = given.value
    try:
        plain = value if isinstance(value, (int, float, str)) else ""
        result: int | float = int(plain) if call.name == "int" else float(plain)
    except (TypeError, ValueError, OverflowError):
        return m.unknown(call.node, (given,))
    if not given.known or not (isinstance(value, str) or result == value):
        how = f"computed: {call.name}({given.how.removeprefix('computed: ')})"
        return Resolved(result, (call.module, call.node), how, (), given.name, given.parts or (given,))
    stated = bool(call.node.args) and isinstance(call.node.args[0], ast.Constant)
    return Resolved(result, given.origin, "literal" if stated else given.how, (), given.name, given.parts)


def _length(m: Machine, call: Call) -> Resolved:
    """How many items are there; a set that nothing is known of was filled by what isn't followed."""
    value = call.positional[0].value if call.positional else UNKNOWN
    if isinstance(value, ListValue) and value.complete and (value.items or value.kind != "set"):
        return m.made(len(value.items), call.node, "computed: number of items")
    if isinstance(value, str):
        return m.made(len(value), call.node, "computed: length")
    if isinstance(value, DictValue) and value.complete:
        return m.made(len(value.entries), call.node, "computed: number of items")
    return m.unknown(call.node)


def _extreme(m: Machine, call: Call) -> Resolved:
    values = call.positional
    if len(values) == 1 and isinstance(values[0].value, ListValue) and values[0].value.complete:
        values = tuple(values[0].value.items)
    if values and all(value.number is not None for value in values):
        pick = max if call.name == "max" else min
        return pick(values, key=lambda value: value.number or 0)
    return m.unknown(call.node, tuple(values))


def _rounded(m: Machine, call: Call) -> Resolved:
    values = [value.number for value in call.positional]
    if values and values[0] is not None and all(isinstance(v, int) for v in values[1:]):
        digits = values[1] if len(values) > 1 and isinstance(values[1], int) else None
        result = abs(values[0]) if call.name == "abs" else round(values[0], digits)
        return Resolved(result, (call.module, call.node), f"computed: {call.name}", parts=call.positional)
    return m.unknown(call.node, call.positional)


def _rounded_up(m: Machine, call: Call) -> Resolved:
    given = call.positional[0] if call.positional else None
    if given is None or given.number is None:
        return m.unknown(call.node, call.positional)
    result = math.ceil(given.number) if call.name == "ceil" else math.floor(given.number)
    if result == given.number:
        return given.but(value=result)
    return Resolved(result, (call.module, call.node), f"computed: {call.name}", parts=call.positional)


def _text(m: Machine, call: Call) -> Resolved:

    if not call.positional:
        return m.made("", call.node)
    given = call.positional[0]
    if isinstance(given.value, (str, Template)):
        return given
    return Resolved(whole(hole(given)), given.origin, given.how, name=given.name)


def _truth(m: Machine, call: Call) -> Resolved:

    answer = truth(call.positional[0]) if call.positional else False
    return m.unknown(call.node) if answer is None else m.made(answer, call.node, "computed")


def _path(m: Machine, call: Call) -> Resolved | None:
    """`os.path.join(folder, name)`: its parts, from the last one on that starts anew at the root."""
    rooted = (place for place, part in enumerate(call.positional) if (part.text or "").startswith("/"))
    parts = [hole(part) for part in call.positional[max(rooted, default=0) :]]
    return m.made(
        whole("/".join(part.rstrip("/") or part for part in parts)) if parts else ".", call.node, "computed text"
    )


def _first_text(m: Machine, call: Call) -> Resolved | None:
    """`os.path.abspath(x)`, `expanduser`: the same path; `normpath` spells it without detours."""
    given = call.positional[0] if call.positional else None
    if given is not None and isinstance(given.value, str):
        plain = os.path.normpath(given.value)
        return given.but(value=plain) if call.name == "normpath" and plain != given.value else given
    return given if given is not None and isinstance(given.value, Template) else None


def _environment(m: Machine, call: Call) -> Resolved | None:
    """`os.environ.get("X", default)`: its default, told so."""
    default = call.argument("default", 1)
    if default is None:
        return m.made(0, call.node, "environment default") if "tinygrad" in call.dotted else m.unknown(call.node)
    asked = call.argument("key", 0)
    name = (asked.text if asked is not None else None) or ""
    return default.but(how="environment default", name=name.lower())


def dict_of(m: Machine, call: Call) -> Resolved:
    """What `dict(...)` and its like make of their arguments."""
    result = DictValue()
    if call.dotted not in ("dict", "collections.OrderedDict"):
        result.dotted = call.dotted
    for given in call.positional:
        if isinstance(given.value, DictValue):
            result.entries.update(given.value.entries)
        elif isinstance(given.value, ListValue):
            for pair in given.value.items:
                if isinstance(pair.value, ListValue) and len(pair.value.items) == 2:
                    key = pair.value.items[0].value
                    if isinstance(key, (str, int)):
                        result.entries[key] = pair.value.items[1]
        elif isinstance(given.value, Instance):
            result.entries.update(given.value.attributes)
        else:
            result.complete = False
    for name, value in call.keywords.items():
        how = "dict entry" if value.how == "call argument" else value.how
        result.entries[name] = value.but(how=how, name=value.name or name)
    return m.made(result, call.node)


def _enumerate(m: Machine, call: Call) -> Resolved | None:

    if not call.positional or (is_range(call.positional[0]) and not m.frame.building):
        return None
    items = items_of(m, call.positional[0], call.node)
    if items is None:
        return _enumerate_some(m, call)
    start = call.argument("start", 1)
    first = start.value if start and isinstance(start.value, int) else 0
    pairs = [
        m.made(ListValue([m.made(index, call.node, "computed: turn"), item], "tuple"), call.node)
        for index, item in enumerate(items, first)
    ]
    return m.made(ListValue(pairs), call.node)


def _enumerate_some(m: Machine, call: Call) -> Resolved | None:
    """Of a list of unknown length, what is known to be in it: `enumerate([Worker(i) for i in range(cpu_count())])`."""
    held = call.positional[0].value
    if not isinstance(held, ListValue) or not held.items:
        return None
    pair = m.made(ListValue([m.unknown(call.node), held.items[0]], "tuple"), call.node)
    return m.made(ListValue([pair], "list", complete=False), call.node)


def _zip(m: Machine, call: Call) -> Resolved | None:

    if any(is_range(value) for value in call.positional) and not m.frame.building:
        return None
    columns = [items_of(m, value, call.node) for value in call.positional]
    if not columns or any(column is None for column in columns):
        return None
    rows = zip(*(column or () for column in columns), strict=False)
    return m.made(ListValue([m.made(ListValue(list(row), "tuple"), call.node) for row in rows]), call.node)


def _pairwise(m: Machine, call: Call) -> Resolved | None:
    """`itertools.pairwise(sizes)`: each with the one behind it."""

    items = items_of(m, call.positional[0], call.node) if call.positional else None
    if items is None:
        return None
    pairs = [m.made(ListValue(list(pair), "tuple"), call.node) for pair in itertools.pairwise(items)]
    return m.made(ListValue(pairs), call.node)


def _sum(m: Machine, call: Call) -> Resolved:
    value = call.positional[0].value if call.positional else None
    if isinstance(value, ListValue) and value.complete:
        numbers = [item.number for item in value.items]
        if all(number is not None for number in numbers):
            return m.made(sum(number or 0 for number in numbers), call.node, "computed: sum")
    return m.unknown(call.node)


def _setattr(m: Machine, call: Call) -> Resolved | None:
    """`setattr(x, "name", value)`, `x.__setattr__("name", value)`."""
    told = [call.receiver, *call.positional] if call.receiver and len(call.positional) == 2 else call.positional
    if len(told) == 3 and isinstance(told[1].value, str):
        holder, name, value = told[0].value, told[1].value, told[2]
        if isinstance(holder, (Instance, Made, Class)):
            holder.attributes[name] = value
        elif isinstance(holder, DictValue):
            holder.entries[name] = value
    elif len(told) == 3 and isinstance(told[0].value, Instance):
        told[0].value.attributes[named.SOME] = m.unknown(call.node)
    return m.made(None, call.node)


def _variables(m: Machine, call: Call) -> Resolved | None:
    """`vars(x)`, `asdict(x)`, `globals()`."""
    if call.name in ("globals", "locals"):
        scope = m.frame.scope.module.scope if call.name == "globals" else m.frame.scope
        return m.made(DictValue(scope.names, complete=False), call.node)
    value = call.positional[0].value if call.positional else None
    if isinstance(value, DictValue):
        return m.made(DictValue(value.entries, complete=value.complete), call.node)
    if isinstance(value, Instance):
        return m.made(DictValue(value.attributes), call.node)
    return None


def _partial(m: Machine, call: Call) -> Resolved | None:
    """`partial(f, ...)`: a function that has some arguments; for a library's, a thing that is called later."""
    if not call.positional:
        return None
    first = call.positional[0].value
    if isinstance(first, Function):
        given = (call.positional[1:], dict(call.keywords))
        bound = Function(first.node, first.module, first.scope, first.owner, first.defaults, given, first.home)
        return call.positional[0].but(value=bound)
    if isinstance(first, (Class, External)):
        m.side[id(call)] = call
        return m.made(Made(call), call.node, "partial")
    return None


def _call_partial(m: Machine, call: Call) -> Resolved | None:
    """Calling `partial(External or Class, ...)`."""

    made = call.holder
    if not isinstance(made, Made) or not made.call.positional:
        return None
    inner = made.call
    return calling.call_value(
        m,
        inner.positional[0],
        None,
        inner.positional[1:] + call.positional,
        {**inner.keywords, **call.keywords},
        call.node,
    )


def _copied(value: Resolved, depth: int = 6) -> Resolved:
    """A configuration and its sections again, so that what is taken out of one stays in the other."""
    inner = value.value
    if isinstance(inner, DictValue) and depth:
        entries = {key: _copied(entry, depth - 1) for key, entry in inner.entries.items()}
        return value.but(value=DictValue(entries, inner.dotted, inner.complete))
    if isinstance(inner, ListValue) and depth:
        items = [_copied(item, depth - 1) for item in inner.items]
        return value.but(value=ListValue(items, inner.kind, inner.complete))
    return value


def _replaced(m: Machine, call: Call) -> Resolved | None:
    """`dataclasses.replace(config, lr=0.1)`, `agent.replace(actor=actor)`: the same with some fields changed; the first
    stays what it was."""
    given = call.positional[0] if call.positional else call.receiver
    if given is None or not isinstance(given.value, Instance):
        return None
    made = dataclasses.replace(given.value, attributes={**given.value.attributes, **call.keywords})
    return given.but(value=made)


def _exit(m: Machine, call: Call) -> Resolved:
    return m.made(None, call.node, "exit")


def _map(m: Machine, call: Call) -> Resolved | None:
    if len(call.positional) != 2 or call.receiver is not None:
        return None
    items = items_of(m, call.positional[1], call.node)
    if items is None or len(items) > 32:
        return None
    return m.made(
        ListValue([calling.call_value(m, call.positional[0], None, (item,), {}, call.node) for item in items]),
        call.node,
    )


def _repeated(m: Machine, call: Call) -> Resolved | None:
    """`_pair(3)` of torch: (3, 3)."""
    given = call.positional[0] if len(call.positional) == 1 else None
    if given is None or isinstance(given.value, ListValue):
        return given
    return m.made(ListValue([given] * {"_single": 1, "_pair": 2, "_triple": 3}[call.name], "tuple"), call.node)


def _save_hyperparameters(m: Machine, call: Call) -> Resolved | None:
    """Lightning keeps the arguments of `__init__` as `self.hparams`, or the one namespace that it is given."""
    owner = m.frame.owner
    if owner is not None:
        names = {k: v for k, v in m.frame.scope.names.items() if k != "self"}
        whole = call.positional[0] if len(call.positional) == 1 else None
        given = whole is not None and isinstance(whole.value, (DictValue, Instance))
        owner.attributes["hparams"] = whole if whole and given else m.made(DictValue(dict(names)), call.node)
        owner.attributes.update({k: v for k, v in names.items() if k not in owner.attributes})
    return m.made(None, call.node)


def _sorted(m: Machine, call: Call) -> Resolved | None:
    """Objects in an order of their own, each of which a loop comes to."""
    given = call.positional[0].value if call.positional else None
    if not isinstance(given, ListValue) or not given.complete:
        return None
    return call.positional[0] if all(isinstance(item.value, Instance) for item in given.items) else None


_SAME_PATH = ("os.path.abspath", "os.path.expanduser", "os.path.realpath", "os.path.normpath", "os.fspath",
              "hydra.utils.to_absolute_path")  # fmt: skip
"""What gives the path that it is given."""
HANDLERS: dict[str, Handler] = {
    "int": _number, "float": _number, "len": _length, "max": _extreme, "min": _extreme,
    "round": _rounded, "abs": _rounded, **dict.fromkeys(("pow", "math.pow", "numpy.power"), power),
    "set": lambda m, call: None if call.positional else m.made(ListValue([], "set"), call.node),
    "str": _text, "bool": _truth, "dict": dict_of, "collections.OrderedDict": dict_of,
    "enumerate": _enumerate, "zip": _zip, "itertools.pairwise": _pairwise, "map": _map,
    "sum": _sum, "sorted": _sorted, "isinstance": kinds.is_instance, "issubclass": kinds.is_heir,
    "hasattr": kinds.has_attribute,
    "getattr": named.attribute_named, "setattr": _setattr,
    "vars": _variables, "globals": _variables, "locals": _variables, "dataclasses.asdict": _variables,
    "functools.partial": _partial, "eval": named.named_by_text, "ast.literal_eval": named.literal_of_text,
    "functools.partial.__call__": _call_partial,
    **dict.fromkeys(RECORDS, named.record),
    "functools.wraps": lambda m, call: m.made(Made(call), call.node, "call"),
    "sys.exit": _exit, "exit": _exit, "quit": _exit, "os._exit": _exit,
    **dict.fromkeys(("os.path.join", "pathlib.Path", "pathlib.PurePath"), _path),
    **dict.fromkeys(_SAME_PATH, _first_text),
    "math.ceil": _rounded_up, "math.floor": _rounded_up, "numpy.ceil": _rounded_up, "numpy.floor": _rounded_up,
    "os.environ.get": _environment, "os.getenv": _environment, "tinygrad.helpers.getenv": _environment,
    "tinygrad.getenv": _environment, "numpy.float32": _number, "numpy.int32": _number,
    "inspect.isclass": kinds.is_class, "type": kinds.class_of, "re.sub": substituted,
    **dict.fromkeys((f"torch.nn.modules.utils.{name}" for name in ("_single", "_pair", "_triple")), _repeated),
    "enum.auto": lambda m, call: m.made(f"auto:{call.node.lineno}", call.node),
    "dataclasses.replace": _replaced,
    "copy.deepcopy": lambda m, call: _copied(call.positional[0]) if call.positional else None,
}  # fmt: skip

BY_NAME: dict[str, Handler] = {
    "Path": lambda m, call: _path(m, call) if call.dotted.startswith("fastai.") else None,
    "save_hyperparameters": _save_hyperparameters,
    "__setattr__": _setattr,
    **dict.fromkeys(("replace", "_replace"), _replaced),
    "__getattribute__": named.attribute_named,
    "store_attr": fastcore.store_attr,
    "L": fastcore.list_of,
}
