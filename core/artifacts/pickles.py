"""Tensor names and shapes out of a pickle that is read and never run.

A pickle is a program for a stack machine. Here its opcodes are listed by `pickletools` and followed with stand-ins:
a global is only its name, a call only remembers what was called, nothing is imported. Format: PEP 307, PEP 3154
and `torch.serialization`.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, TypeGuard

from core.artifacts.words import word_set

MOST_BYTES = 8 << 20
MOST_OPCODES = 400_000
MOST_TENSORS = 20_000
DEEPEST = 40
MOST_DIMENSIONS = 32
LARGEST_COUNT = 2**62
"""A count above this is no count of parameters, and does not fit a column."""

_MARK = object()


class BadPickle(Exception):
    """These bytes are no pickle, or one too large or too strange to follow."""


@dataclass(eq=False)
class Thing:
    """A stand-in for whatever the pickle would have built."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)
    elements: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Tensor:
    """A tensor's shape, and what storage it looks at, so that tied weights count once."""

    shape: tuple[int, ...]
    storage: str = ""

    @property
    def count(self) -> int:
        total = 1
        for size in self.shape:
            total = min(total * size, LARGEST_COUNT)
        return total


def follow(data: IO[bytes]) -> Any:
    """The stand-in for the next pickle of a stream. Raises BadPickle."""
    try:
        return _Machine().run(data)
    except BadPickle:
        raise
    except (
        Exception
    ) as error:  # pickletools raises whatever the bytes provoke: ValueError, struct.error, UnicodeDecodeError ...
        raise BadPickle(str(error)) from error


def follow_bytes(data: bytes) -> Any:
    return follow(io.BytesIO(data))


def tensors(thing: Any) -> Iterator[tuple[str, Tensor]]:
    """Every tensor in a followed object with its dotted name, shared containers once, in order."""
    seen: set[int] = set()
    todo: list[tuple[str, Any, int]] = [("", thing, 0)]
    found = 0
    while todo:
        name, value, depth = todo.pop()
        if isinstance(value, Tensor):
            yield name or "tensor", value
            found += 1
            if found >= MOST_TENSORS:
                return
        elif isinstance(value, (dict, list, tuple, Thing)) and id(value) not in seen and depth < DEEPEST:
            seen.add(id(value))
            inside = [(_dotted(name, key), inner, depth + 1) for key, inner in _inside(value)]
            todo += reversed(inside)


def _inside(value: Any) -> list[tuple[str, Any]]:
    """The named parts of a container; of an object, what its state and items hold."""
    if isinstance(value, dict):
        return [(str(key) if isinstance(key, (str, int)) else "", inner) for key, inner in value.items()]
    if isinstance(value, (list, tuple)):
        return [(str(index), inner) for index, inner in enumerate(value)]
    parts = _inside(value.items) + _inside(value.elements)
    state = value.state
    if isinstance(state, dict):  # a whole pickled nn.Module keeps its weights in these three
        for key, inner in state.items():
            parts.append(("" if key in ("_parameters", "_buffers", "_modules") else str(key), inner))
    elif state is not None:
        parts.append(("", state))
    return parts + [("", argument) for argument in value.arguments if isinstance(argument, (dict, list, Tensor))]


def _dotted(name: str, key: str) -> str:
    return f"{name}.{key}"[:300] if name and key else (name or key)[:300]


class _Machine:
    """Follows the opcodes. Anything unknown becomes a Thing."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[Any, Any] = {}

    def run(self, data: IO[bytes]) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > MOST_OPCODES:
                raise BadPickle("too many opcodes")
            if opcode.name == "STOP":
                return self.stack.pop()
            self._do(opcode, argument)
        raise BadPickle("no end")

    def _do(self, opcode: pickletools.OpcodeInfo, argument: Any) -> None:
        action = _ACTIONS.get(opcode.name)
        if action is not None:
            action(self, argument)
        elif opcode.name in _PLAIN:
            self.stack.append(argument)
        elif opcode.name not in ("PROTO", "FRAME"):
            raise BadPickle(f"opcode {opcode.name}")

    def since_mark(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index] is _MARK:
                found = self.stack[index + 1 :]
                del self.stack[index:]
                return found
        raise BadPickle("no mark")

    def pop(self, _: Any) -> None:
        self.take(1)

    def pop_mark(self, _: Any) -> None:
        self.since_mark()

    def take(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise BadPickle("empty stack")
        found = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return found

    def get(self, key: Any) -> None:
        self.stack.append(self.memo[key])

    def put(self, key: Any) -> None:
        self.memo[key] = self.stack[-1]

    def memoize(self, _: Any) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    def persistent(self, _: Any) -> None:
        self.stack.append(Thing("persistent", (self.stack.pop(),)))

    def global_(self, text: str) -> None:
        self.stack.append(Thing(text.replace(" ", ".")))

    def stack_global(self, _: Any) -> None:
        module, name = self.take(2)
        self.stack.append(Thing(f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else "?"))

    def call(self, _: Any) -> None:
        called, arguments = self.take(2)
        self.stack.append(_called(called, arguments))

    def call_keywords(self, _: Any) -> None:
        called, arguments, _keywords = self.take(3)
        self.stack.append(_called(called, arguments))

    def instance(self, text: str) -> None:
        self.stack.append(Thing(text.replace(" ", "."), tuple(self.since_mark())))

    def object_(self, _: Any) -> None:
        called, *arguments = self.since_mark()
        self.stack.append(_called(called, tuple(arguments)))

    def build(self, _: Any) -> None:
        thing, state = self.take(2)
        if isinstance(thing, Thing):
            array = _array(thing, state)
            if array is not None:
                self._replace(thing, array)
                thing = array
            else:
                thing.state = state
        self.stack.append(thing)

    def _replace(self, old: Thing, new: Tensor) -> None:
        for key, value in self.memo.items():
            if value is old:
                self.memo[key] = new

    def append(self, _: Any) -> None:
        (item,) = self.take(1)
        self._extend([item])

    def appends(self, _: Any) -> None:
        self._extend(self.since_mark())

    def _extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target += items
        elif isinstance(target, Thing):
            target.elements += items

    def set_item(self, _: Any) -> None:
        self._update(self.take(2))

    def set_items(self, _: Any) -> None:
        self._update(self.since_mark())

    def _update(self, flat: list[Any]) -> None:
        target = self.stack[-1]
        target = target.items if isinstance(target, Thing) else target
        if isinstance(target, dict):
            target.update(_pairs(flat))


def _pairs(flat: list[Any]) -> dict[Any, Any]:
    """Keys and values in turn; keys that are no plain values are numbered."""
    pairs = zip(flat[::2], flat[1::2], strict=False)
    return {key if isinstance(key, (str, int)) else f"#{index}": value for index, (key, value) in enumerate(pairs)}


def _called(called: Any, arguments: Any) -> Any:
    """What a call would have given: a tensor for the known rebuilders, a dict for OrderedDict, else a stand-in."""
    name = called.name if isinstance(called, Thing) else "?"
    given = arguments if isinstance(arguments, tuple) else ()
    if name.startswith("torch._utils._rebuild_") and given:
        return _rebuilt(name, given)
    if name in ("collections.OrderedDict", "builtins.dict", "__builtin__.dict"):
        return {}
    return Thing(name, given)


def _rebuilt(name: str, given: tuple[Any, ...]) -> Any:
    """`_rebuild_tensor_v2(storage, offset, size, stride, ...)`; `_rebuild_parameter(tensor, ...)` is its tensor."""
    if "parameter" in name:
        return given[0]
    shape = given[2] if len(given) > 2 else None
    return Tensor(shape, _storage(given[0], given[1])) if _is_shape(shape) else Thing(name)


def _storage(persistent: Any, offset: Any) -> str:
    """What a tensor looks at: the key of ("storage", type, key, place, size) and where in it the tensor begins."""
    told = persistent.arguments[0] if isinstance(persistent, Thing) and persistent.arguments else ()
    key: Any = told[2] if isinstance(told, tuple) and len(told) > 2 else None
    return f"{key}@{offset}" if isinstance(key, str) and isinstance(offset, int) else ""


def _array(thing: Thing, state: Any) -> Tensor | None:
    """A NumPy array is made empty and then given (version, shape, dtype, order, bytes)."""
    if not thing.name.endswith("multiarray._reconstruct") or not isinstance(state, tuple) or len(state) < 2:
        return None
    return Tensor(state[1]) if _is_shape(state[1]) else None


def _is_shape(value: Any) -> TypeGuard[tuple[int, ...]]:
    return (
        isinstance(value, tuple)
        and len(value) <= MOST_DIMENSIONS
        and all(isinstance(size, int) and 0 <= size < LARGEST_COUNT for size in value)
    )


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def make(machine: _Machine, _: Any) -> None:
        machine.stack.append(tuple(machine.take(count)))

    return make


def _push(make: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _stand_in(name: str) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(Thing(name))


def _gather(make: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make(machine.since_mark()))


_PLAIN = word_set(
    "INT LONG LONG1 LONG4 BININT BININT1 BININT2 STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES "
    "BINBYTES8 BYTEARRAY8 UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 FLOAT BINFLOAT"
)
_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "NONE": _push(lambda: None), "NEWTRUE": _push(lambda: True), "NEWFALSE": _push(lambda: False),
    "EMPTY_LIST": _push(list), "EMPTY_DICT": _push(dict), "EMPTY_TUPLE": _push(tuple), "EMPTY_SET": _stand_in("set"),
    "MARK": _push(lambda: _MARK), "LIST": _gather(list), "TUPLE": _gather(tuple), "DICT": _gather(_pairs),
    "FROZENSET": _gather(lambda items: Thing("frozenset")),
    "TUPLE1": _tuple(1), "TUPLE2": _tuple(2), "TUPLE3": _tuple(3),
    "APPEND": _Machine.append, "APPENDS": _Machine.appends, "ADDITEMS": _Machine.appends,
    "SETITEM": _Machine.set_item, "SETITEMS": _Machine.set_items,
    "POP": _Machine.pop, "POP_MARK": _Machine.pop_mark,
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "GET": _Machine.get, "BINGET": _Machine.get, "LONG_BINGET": _Machine.get,
    "PUT": _Machine.put, "BINPUT": _Machine.put, "LONG_BINPUT": _Machine.put, "MEMOIZE": _Machine.memoize,
    "GLOBAL": _Machine.global_, "STACK_GLOBAL": _Machine.stack_global, "REDUCE": _Machine.call, "NEWOBJ": _Machine.call,
    "NEWOBJ_EX": _Machine.call_keywords, "INST": _Machine.instance, "OBJ": _Machine.object_, "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent, "PERSID": _stand_in("persistent"), "NEXT_BUFFER": _stand_in("buffer"),
    "EXT1": _stand_in("extension"), "EXT2": _stand_in("extension"), "EXT4": _stand_in("extension"),
    "READONLY_BUFFER": lambda machine, _: None,
}  # fmt: skip
