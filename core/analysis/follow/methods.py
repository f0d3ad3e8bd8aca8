"""Methods of texts, lists, dicts and configurations, as far as values depend on them."""

from __future__ import annotations

import ast
import string
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.analysis.follow import ini, picking, trees, yacs
from core.analysis.follow.items import LARGEST_LIST, items_of
from core.analysis.follow.joining import any_of
from core.analysis.follow.texts import hole, whole
from core.analysis.hocon import TREE
from core.analysis.program import UNKNOWN, Call, DictValue, Function, Instance, ListValue, Made, Resolved, Template

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

LARGEST_PRODUCT = 1_000_000
"""Of the lengths of a text and of what is put into it: `replace` may make as much of them."""
_TEXT = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "replace", "startswith", "endswith", "find",
     "rfind", "count"}
)  # fmt: skip
_SAME_PATH = frozenset({"resolve", "absolute", "expanduser", "as_posix"})
_OF_FILES = frozenset({"open", "read_text", "read_bytes"})
"""Methods of a path, and those that tell of what stands there, which is not its text."""
MAKERS_OF_CHAINS = frozenset({"to", "cuda", "cpu", "float", "half", "double", "eval", "train", "xpu", "mps", "bfloat16",
                              "requires_grad_", "apply", "share_memory", "to_device", "resolve", "expanduser",
                              "absolute",
                              "unwrap", "copy", "clone", "deepcopy", "unfreeze", "freeze", "lock",
                              "copy_and_resolve_references"})  # fmt: skip
"""Methods that give their object back, or one just like it."""
_PLACED = frozenset({"to", "cuda", "cpu"})
"""Those that a batch has, a dict of tensors; and settings, where all that an object keeps is put on a device."""


def call(m: Machine, call: Call) -> Resolved | None:
    """What the method returns; None where nothing is known of it."""
    receiver = call.receiver
    if receiver is None:
        return None
    value = receiver.value
    name = call.name
    if name == "sequential" and len(call.positional) == 1 and isinstance(call.positional[0].value, ListValue):
        return _through(m, call, call.positional[0].value.items)
    if value is UNKNOWN:
        return m.unknown(call.node, receiver.parts)
    kind = type(value)
    if kind is str or kind is Template:
        return _of_text(m, call, value, name)  # type: ignore[arg-type]
    if kind is ListValue:
        return _of_list(m, call, value, name)  # type: ignore[arg-type]
    if kind is DictValue:
        handler = _DICT.get(name)
        own = receiver if name in _PLACED else None
        return handler(m, call, value) if handler else own  # type: ignore[arg-type]
    if isinstance(value, Instance) and name in _OF_PARTS and value.cls.find(name) is None:
        return _OF_PARTS[name](m, call, value)
    if name in MAKERS_OF_CHAINS and _keeps_itself(call, name):
        return receiver
    return None


def _through(m: Machine, call: Call, layers: list[Resolved]) -> Resolved:
    """`x.sequential(layers)` of tinygrad's tensors: one layer after another is called."""
    from core.analysis.follow.calling import call_value

    value = m.unknown(call.node)
    for layer in layers:
        value = call_value(m, layer, None, (value,), {}, call.node)
    return value


def _keeps_itself(call: Call, name: str) -> bool:
    value = call.holder
    if isinstance(value, Instance):
        return value.cls.find(name) is None and not (name in ("train", "apply") and call.positional and name == "train")
    dotted = call.dotted
    return (
        isinstance(value, Made)
        and not dotted.startswith(("transformers.Trainer", "ultralytics"))
        and (name not in ("train", "apply") or dotted.startswith(("torch.", "torch_", "timm.", "torchvision.")))
    )


def _add_part(m: Machine, call: Call, value: Instance) -> Resolved:
    """`self.add_module("stage1", Stage())`: the attribute that it makes."""
    name, part = call.argument("name", 0), call.argument("module", 1)
    if name is not None and name.text and part is not None:
        value.attributes[name.text] = part
    return m.made(None, call.node)


def _parts(m: Machine, call: Call, value: Instance) -> Resolved:
    """`self.children()`: the networks and layers among an object's attributes, in the order they were set."""
    found = [part for part in value.attributes.values() if _is_part(part.value)]
    return m.made(ListValue(found, "tuple", bool(found)), call.node)


def _is_part(value: object) -> bool:
    """Whether it is a network of the user's, or a layer of torch's."""
    if isinstance(value, Instance):
        return value.cls.heir_of(".Module")
    return isinstance(value, Made) and value.dotted.startswith("torch.nn.")


def _propagated(m: Machine, call: Call, value: Instance) -> Resolved:
    """`self.propagate(edges, x=x)` of PyTorch Geometric: what the class says of messages is asked."""
    from core.analysis.follow import attributes, calling

    for name in ("message", "aggregate", "update"):
        method = value.cls.find(name) if value.cls.heir_of("MessagePassing") else None
        own = attributes.bound(m, method, value, call.node).value if method is not None else None
        if isinstance(own, Function):
            calling.call_function(m, own, (), {}, call.node)
    return m.unknown(call.node)


def _replaced(m: Machine, call: Call, value: Instance) -> Resolved:
    """`agent.replace(rng=key)` of a record of Flax, or `_replace` of a named tuple: one of the same class."""
    return call.receiver if call.receiver is not None and not call.positional else m.unknown(call.node)


_OF_PARTS: dict[str, Callable[[Machine, Call, Instance], Resolved]] = {
    "add_module": _add_part, "register_module": _add_part, "children": _parts, "propagate": _propagated,
    "replace": _replaced, "_replace": _replaced,
}  # fmt: skip


def _of_text(m: Machine, call: Call, value: str | Template, name: str) -> Resolved | None:
    text = value if isinstance(value, str) else value.text
    if name == "format":
        return m.made(whole(_formatted(text, call, hole)), call.node, "computed text")
    if name in _SAME_PATH:
        return call.receiver
    if name in ("with_name", "with_suffix") and call.positional:
        kept = f"{text.rpartition('/')[0] or '.'}/" if name == "with_name" else text.rpartition(".")[0]
        return m.made(whole(f"{kept}{hole(call.positional[0])}"), call.node, "computed text")
    if name in _OF_FILES:
        return m.made(Made(call), call.node, "call")
    if name == "joinpath":
        return m.made(whole("/".join((text, *map(hole, call.positional)))), call.node, "computed text")
    if name == "join" and call.positional:
        items = items_of(m, call.positional[0], call.node)
        return _joined(m, call, text, items) if items is not None else None
    if isinstance(value, Template) or not all(isinstance(a.value, str) for a in call.positional[:1]):
        return m.unknown(call.node)
    arguments = [a.value for a in call.positional if isinstance(a.value, str)]
    if len(text) * max(map(len, arguments), default=1) > LARGEST_PRODUCT:
        return m.unknown(call.node)
    try:
        if name in _TEXT:
            result = getattr(text, name)(*arguments)
            how = call.receiver.how if call.receiver and isinstance(result, str) else "computed"
            origin = call.receiver.origin if call.receiver and isinstance(result, str) else (call.module, call.node)
            return Resolved(result, origin, how, name=call.receiver.name if call.receiver else "")
        if name in ("split", "rsplit", "partition", "rpartition"):
            counts = [a.value for a in call.positional[1:] if isinstance(a.value, int)][:1]
            parts = getattr(text, name)(*(arguments[:1] if arguments or not counts else [None]), *counts)
            whose = call.receiver or m.unknown(call.node)
            return m.made(
                ListValue([m.made(part, call.node).but(origin=whose.origin) for part in parts[:200]]), call.node
            )
    except (TypeError, ValueError):
        pass
    return m.unknown(call.node)


def _joined(m: Machine, call: Call, text: str, items: list[Resolved]) -> Resolved:
    """`text.join(items)`; parts of one text stand where that does."""
    made = m.made(whole(text.join(hole(item) for item in items)), call.node, "computed text")
    origins = [item.origin for item in items]
    return made.but(origin=origins[0]) if items and all(origin == origins[0] for origin in origins) else made


def _formatted(text: str, call: Call, hole: Callable[[Resolved], str]) -> str:
    parts: list[str] = []
    count = 0
    try:
        for literal, field_name, _, _ in string.Formatter().parse(text):
            parts.append(literal)
            if field_name is None:
                continue
            head = field_name.split(".")[0].split("[")[0]
            position = int(head) if head.isdigit() else count
            count += 1
            found = call.keywords.get(head) if head and not head.isdigit() else None
            if found is None and position < len(call.positional):
                found = call.positional[position]
            parts.append(hole(found) if found else "*")
    except ValueError:
        return "*"
    return "".join(parts)


def _once(m: Machine, call: Call) -> bool:
    """Whether a list is added to as often as its adding is followed: not in a loop that is followed once for all its
    turns, those of callers too where it is an object's (`self.memory.append(x)`) that was built before."""
    kept = isinstance(call.node.func, ast.Attribute) and isinstance(call.node.func.value, ast.Attribute)
    loop = m.frame.loop
    while loop is not None and loop is not m.frame.outer_loop and not loop.once:
        loop = loop.outer
    return loop is m.frame.outer_loop and (m.frame.outer_loop is None or m.frame.building or not kept)


def _of_list(m: Machine, call: Call, value: ListValue, name: str) -> Resolved | None:
    if name in ("append", "add") and call.positional:
        if len(value.items) < 600:
            value.items.append(call.positional[0])
        value.complete = value.complete and _once(m, call)
    elif name in ("extend", "update") and call.positional:
        items = items_of(m, call.positional[0], call.node)
        value.items.extend((items or ())[: max(LARGEST_LIST - len(value.items), 0)])
        value.complete = value.complete and items is not None and len(value.items) < LARGEST_LIST
    elif name == "insert" and len(call.positional) == 2 and isinstance(call.positional[0].value, int):
        value.items.insert(call.positional[0].value, call.positional[1])
    elif name == "reverse":
        value.items.reverse()
    elif name == "pop":
        index = call.positional[0].value if call.positional else -1
        if isinstance(index, int) and -len(value.items) <= index < len(value.items):
            return value.items.pop(index)
        return m.unknown(call.node)
    elif name == "copy":
        return m.made(ListValue(list(value.items), value.kind, value.complete), call.node)
    elif name in ("index", "count"):
        return m.unknown(call.node)
    else:
        return None
    return m.made(None, call.node)


def _get(m: Machine, call: Call, value: DictValue) -> Resolved:
    key = call.positional[0].value if call.positional else UNKNOWN
    if isinstance(call.node, ast.Call) and call.node.args and call.positional:
        picking.pick(m, value, call.receiver, call.positional[0], call.node.args[0])
    if isinstance(key, (str, int, float)) or (not value.entries and value.complete):
        found = value.entries.get(key) if isinstance(key, (str, int, float)) else None
        if found is not None:
            return found
        if len(call.positional) > 1:
            default = call.positional[1]
            return default.but(name=default.name or str(key))
        if value.complete and "default" not in call.keywords:
            return m.made(None, call.node)
        return call.keywords.get("default") or m.unknown(call.node)
    return any_of(m, list(value.entries.values()), call.node)


def _pop(m: Machine, call: Call, value: DictValue) -> Resolved:
    found = _get(m, call, value)
    key = call.positional[0].value if call.positional else None
    if isinstance(key, str):
        value.entries.pop(key, None)
    return found


def _items(m: Machine, call: Call, value: DictValue) -> Resolved:
    picking.go_through(m, value)
    pairs = [
        m.made(ListValue([m.made(key, call.node), item], "tuple"), call.node) for key, item in value.entries.items()
    ]
    return m.made(ListValue(pairs, "list", value.complete), call.node)


def _values(m: Machine, call: Call, value: DictValue) -> Resolved:
    picking.go_through(m, value)
    return m.made(ListValue(list(value.entries.values()), "list", value.complete), call.node)


def _keys(m: Machine, call: Call, value: DictValue) -> Resolved:
    return m.made(ListValue([m.made(key, call.node) for key in value.entries], "list", value.complete), call.node)


def _update(m: Machine, call: Call, value: DictValue) -> Resolved:
    for given in call.positional:
        if isinstance(given.value, DictValue):
            value.entries.update(given.value.entries)
        else:
            value.complete = False
    for name, item in call.keywords.items():
        value.entries[name] = item
    return m.made(None, call.node)


def _setdefault(m: Machine, call: Call, value: DictValue) -> Resolved:
    key = call.positional[0].value if call.positional else None
    if isinstance(key, str) and len(call.positional) > 1:
        return value.entries.setdefault(key, call.positional[1])
    return m.unknown(call.node)


def _copy(m: Machine, call: Call, value: DictValue) -> Resolved:
    return m.made(DictValue(dict(value.entries), value.dotted, value.complete), call.node)


def _itself(m: Machine, call: Call, value: DictValue) -> Resolved | None:
    return call.receiver


_GETTING = {ini.PARSER: ini.get, TREE: trees.get}
"""What `get` does with dicts that have one of their own, by what they are."""
_DICT: dict[str, Callable[[Machine, Call, DictValue], Resolved | None]] = {
    "get": lambda m, call, value: _GETTING.get(value.dotted or "", _get)(m, call, value),
    **dict.fromkeys(("get_string", "get_int", "get_float", "get_bool", "get_list", "get_config"), trees.get),
    **dict.fromkeys(("getint", "getfloat", "getboolean"), ini.get),
    "read": ini.read,
    "pop": _pop,
    **dict.fromkeys(("items", "iteritems"), _items),
    **dict.fromkeys(("values", "itervalues"), _values),
    **dict.fromkeys(("keys", "iterkeys"), _keys),
    "update": _update,
    "merge_update": _update,
    "setdefault": _setdefault,
    "copy": _copy,
    "to_dict": _itself,
    "clone": yacs.clone,
    "defrost": _itself,
    "load_cfg": yacs.load_cfg,
    "merge_from_file": yacs.merge_from_file,
    "merge_from_list": yacs.merge_from_list,
    "merge_from_other_cfg": yacs.merge_from_other,
    "merge_with": yacs.merge_from_other,
    "freeze": _itself,
    "unlock": _itself,
    "lock": _itself,
    **dict.fromkeys(("__getitem__", "__getattr__"), _get),
    "get_ref": _get,
    "_asdict": _itself,
}
