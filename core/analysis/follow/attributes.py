"""Reading attributes and items of values."""

from __future__ import annotations

import ast
import os.path
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from core.analysis.follow import calling
from core.analysis.follow.configured import asked
from core.analysis.follow.runners import stands_in
from core.analysis.nodes import kept, name_of, walk
from core.analysis.program import (
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    ModuleValue,
    Resolved,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

FLAGS = frozenset({
    "absl.flags.FLAGS", "tensorflow.app.flags.FLAGS", "tensorflow.flags.FLAGS", "tensorflow.compat.v1.flags.FLAGS",
    "tensorflow.compat.v1.app.flags.FLAGS", "tensorflow.python.platform.flags.FLAGS", "gflags.FLAGS",
})  # fmt: skip

_OF_PATHS = {
    "parent": lambda path: os.path.dirname(path) or ".",
    "name": os.path.basename,
    "stem": lambda path: os.path.splitext(os.path.basename(path))[0],
}
"""What `pathlib` tells of a path, which is followed as its text."""


def load(m: Machine, holder: Resolved, name: str, node: ast.AST) -> Resolved:
    """`holder.name`."""
    value = holder.value
    if name == "remote" and (there := _elsewhere(m, holder, node)) is not None:
        return there
    if name in _MAKING and type(value) is Class and is_before_linen(value) and value.find(name) is None:
        return holder
    if name == "value" and _is_member(value):
        return holder
    if name == "name" and (member := _member_named(m, node)) is not None:
        return m.made(member, node, "name of a member")
    if type(value) is Instance:
        return of_instance(m, holder, value, name, node)
    loader = _LOADERS.get(type(value))
    return loader(m, value, name, node) if loader is not None else m.unknown(node)


_MAKING = frozenset({"partial", "init", "init_by_shape", "create", "create_by_shape"})
"""What makes networks of a class in Flax before Linen: `Net.partial(width=8)`, `Net.init(key, x)`."""


def is_before_linen(cls: Class) -> bool:
    """Whether a class is a module of Flax as it was before Linen: its `apply` is its forward."""
    return any(base in ("flax.nn.Module", "flax.deprecated.nn.Module") for base in cls.external_bases())


def _elsewhere(m: Machine, holder: Resolved, node: ast.AST) -> Resolved | None:
    """What Ray runs in another process, as if it were called here: of `Worker.remote(rate)`, `worker.train.remote(x)`
    and `Worker.options(num_gpus=1).remote(rate)` what stands before."""
    before = node.value if isinstance(node, ast.Attribute) else None
    if isinstance(before, ast.Call) and isinstance(before.func, ast.Attribute) and before.func.attr == "options":
        holder = m.evaluate(before.func.value)
    own = isinstance(holder.value, Class) and holder.value.find("remote") is not None
    return holder if isinstance(holder.value, (Class, Function)) and not own else None


def _is_member(value: object) -> bool:
    """Whether a value of which `.value` is asked is a member of an Enum, which is followed as what it stands for:
    constants and classes of libraries have no such attribute."""
    named = isinstance(value, External) and value.dotted.rpartition(".")[2][:1].isupper()
    return named or isinstance(value, (str, int, float))


def _member_named(m: Machine, node: ast.AST) -> str | None:
    """`RED` where `Colour.RED.name` is asked, and Colour is an Enum."""
    member = node.value if isinstance(node, ast.Attribute) else None
    if not isinstance(member, ast.Attribute) or not isinstance(member.value, (ast.Name, ast.Attribute)):
        return None
    cls = m.evaluate(member.value).value
    return member.attr if isinstance(cls, Class) and is_enum(cls) and member.attr in cls.attributes else None


def is_enum(cls: Class) -> bool:
    return any(base.startswith("enum.") for base in cls.external_bases())


DICTS = frozenset({"dict", "collections.OrderedDict", "collections.UserDict", "easydict.EasyDict", "addict.Dict"})
"""Classes whose objects are dicts, as are those of their heirs."""


def is_dict(cls: Class) -> bool:
    """Whether its objects keep what they are given under keys: `class Registry(dict)`."""
    return not DICTS.isdisjoint(cls.external_bases())


def _of_external(m: Machine, value: External, name: str, node: ast.AST) -> Resolved:
    if value.dotted in FLAGS:
        return m.flags.entries.get(name) or m.unknown(node)
    dotted = f"{value.dotted}.{name}"
    return (m.outside and m.outside.get(dotted)) or stands_in(m, dotted) or m.external(dotted, node)


def _of_module(m: Machine, value: ModuleValue, name: str, node: ast.AST) -> Resolved:
    if name == "__dict__":
        return m.made(DictValue(value.module.scope.names), node)
    found = value.module.scope.names.get(name)
    return found or _starred(m, value, name, node) or _submodule(m, value, name, node)


def _of_dict(m: Machine, value: DictValue, name: str, node: ast.AST) -> Resolved:
    if name == "__dict__" and value.dotted:  # of a namespace
        return m.made(value, node)
    return value.entries.get(name) or m.unknown(node)


def _of_text(m: Machine, value: str, name: str, node: ast.AST) -> Resolved:
    return m.made(_OF_PATHS[name](value), node, "computed text") if name in _OF_PATHS else m.unknown(node)


def _of_function(m: Machine, value: Function, name: str, node: ast.AST) -> Resolved:
    told = {"__module__": value.module.name, "__name__": value.name}.get(name)
    return m.unknown(node) if told is None else m.made(told, node, "name")


def _starred(m: Machine, value: ModuleValue, name: str, node: ast.AST) -> Resolved | None:
    """`optimizers.Adam` of a module that begins `from torch.optim import *`: a class of the library's, by its name."""
    stars = m.side.get(id(value.module))
    if not isinstance(stars, list) or not stars or not name[:1].isupper():
        return None
    return m.external(f"{stars[0]}.{name}", node)


def _submodule(m: Machine, value: ModuleValue, name: str, node: ast.AST) -> Resolved:
    """`package.module` where the package does not import it by itself; a folder of modules without a file of its own
    holds those that were imported."""
    path = m.find(f"{value.module.name}.{name}") if value.module.name != "__main__" else None
    module = m.load(path) if path else None
    if module is not None:
        return m.made(ModuleValue(module), node, "import")
    folder = os.path.join(os.path.dirname(value.module.path), name)
    imported = [each for path, each in m.modules.items() if each and os.path.dirname(path) == folder]
    inside = {each.name.rpartition(".")[2]: m.made(ModuleValue(each), node, "import") for each in imported}
    return m.made(DictValue(dict(inside)), node, "import") if inside else m.unknown(node)


def of_instance(m: Machine, holder: Resolved, value: Instance, name: str, node: ast.AST) -> Resolved:
    """An attribute set on the object, a class attribute, a bound method, or the value of a property."""
    found = value.attributes.get(name)
    if m.registry and (made := asked(m, value, name)) is not None and not isinstance(made.value, Function):
        return made
    if found is not None:
        return found
    found = value.cls.find(name)
    if found is not None:
        return bound(m, found, value, node)
    if name == "__class__":
        return holder.but(value=value.cls)
    if name == "__dict__":
        return m.made(DictValue(value.attributes), node)
    if (given := _given_freely(value, name)) is not None:
        return given
    if name == "extra_args" and value.cls.heir_of(".Tap"):
        return m.made(ListValue([]), node)  # nothing else is on the command line
    own = value.cls.find("__getattr__") if not name.startswith("__") else None
    if own is not None and isinstance(method := bound(m, own, value, node).value, Function):
        found = calling.call_function(m, method, (m.made(name, node),), {}, node)
        if not (isinstance(found.value, Function) and found.value.node in walk(method.node)):
            return found  # else it is wrapped round what another has by that name
    return m.unknown(node)


def _given_freely(value: Instance, name: str) -> Resolved | None:
    """What an object was given as one of `**settings` and is asked for by the same name."""
    init = value.cls.find("__init__")
    takes = isinstance(init.value, Function) and init.value.node.args.kwarg is not None if init is not None else False
    return value.call.keywords.get(name) if takes else None


def bound(m: Machine, found: Resolved, owner: Instance | Class, node: ast.AST) -> Resolved:
    """A function of a class body as it is seen through an object of it."""
    function = found.value
    if not isinstance(function, Function):
        return found
    kinds = decorations(function)
    method = Function(
        function.node, function.module, function.scope,
        None if "staticmethod" in kinds else owner, function.defaults, function.given, function.home,
    )  # fmt: skip
    if isinstance(owner, Instance) and kinds & {"property", "cached_property", "lazy_property"}:
        value = calling.call_function(m, method, (), {}, node)
        if value.number is not None and "property" in kinds:  # of a counter, which is another number by and by
            m.memo.pop((id(method.node), id(method.owner), id(method.scope)), None)
            m.times[id(method.node)] = 0
        return value
    return Resolved(method, found.origin, found.how, found.others, found.name, found.parts)


def setter_of(name: str) -> str:
    """Where a class keeps the function that sets a property; no name of Python."""
    return f"{name}.setter"


def set_by_property(m: Machine, owner: Instance, name: str, value: Resolved, node: ast.AST) -> bool:
    """Whether a property has taken a value: `self.rate = 0.1` of `@rate.setter def rate(self, given)`."""
    found = owner.cls.find(setter_of(name))
    method = bound(m, found, owner, node).value if found is not None else None
    if isinstance(method, Function):
        calling.call_function(m, method, (value,), {}, node)
    return isinstance(method, Function)


def decorations(function: Function) -> frozenset[str]:
    """The last names of a function's decorators: property, staticmethod."""
    return kept(function.node, "_decorations", partial(_decorations, function.node))


def _decorations(node: ast.AST) -> frozenset[str]:
    return frozenset(name_of(n) for n in getattr(node, "decorator_list", ()))


def _of_class(m: Machine, value: Class, name: str, node: ast.AST) -> Resolved:
    if name == "__module__":
        return m.made(value.module.name, node, "name")
    found = value.find(name)
    if found is None and name == "apply" and "torch.autograd.Function" in value.external_bases():
        return _applied(m, value, node)
    if found is None:
        if name == "__name__":
            return m.made(value.name, node)
        outside = value.external_bases()
        return m.made(External(f"{outside[0]}.{name}"), node) if outside else m.unknown(node)
    if isinstance(found.value, Function) and "classmethod" in decorations(found.value):
        return bound(m, found, value, node)
    return found


def _applied(m: Machine, cls: Class, node: ast.AST) -> Resolved:
    """`Straight.apply` runs `Straight.forward`, whose first argument keeps what the way back needs."""
    found = cls.find("forward")
    function = found.value if found is not None else None
    if not isinstance(function, Function):
        return m.unknown(node)
    method = Function(
        function.node, function.module, function.scope, cls, function.defaults, function.given, function.home
    )
    return m.made(method, node)


def _of_made(m: Machine, value: Made, name: str, node: ast.AST) -> Resolved:
    found = value.attributes.get(name)
    if found is not None:
        return found
    if name == "value" and ".DEFINE_" in value.dotted and value.call.positional:
        flag = value.call.positional[0].value
        return (m.flags.entries.get(flag) if isinstance(flag, str) else None) or m.unknown(node)
    if value.call.name == "ModuleDict" and value.call.positional:
        held = value.call.positional[0].value
        if isinstance(held, DictValue) and name in held.entries:
            return held.entries[name]
    if name in _BOUND:
        return m.made(External(f"{value.dotted}.{name}", m.made(value, node)), node, "method")
    told = value.call.keywords.get(name) if value.call.name.endswith(_RECORDS) else None
    return told or m.unknown(node)


_BOUND = frozenset({"add_argument", "add_option"})
"""Methods that code gives a shorter name: `arg = parser.add_argument`."""
_RECORDS = ("Config", "Arguments")
"""How the names of libraries' classes end whose objects keep what they are given by its name."""


_LOADERS: dict[type, Callable[[Machine, Any, str, ast.AST], Resolved]] = {
    External: _of_external,
    ModuleValue: _of_module,
    DictValue: _of_dict,
    Class: _of_class,
    Made: _of_made,
    str: _of_text,
    Function: _of_function,
}


def item_of_external(m: Machine, value: External, key: Resolved, node: ast.AST) -> Resolved:
    """`os.environ["NAME"]` is unknown; `sys.modules[__name__]` is this module; generics stay what they are."""
    module = m.frame.scope.module
    if value.dotted == "sys.modules":
        other = m.find(key.value) if isinstance(key.value, str) and key.value != module.name else None
        named = m.load(other) if other else module if key.value == module.name else None
        return m.made(ModuleValue(named), node) if named else m.unknown(node)
    if value.dotted.endswith(".__dict__") and isinstance(key.value, str):
        return m.made(External(f"{value.dotted.removesuffix('.__dict__')}.{key.value}"), node)
    if value.dotted.endswith(".DATASETS") and isinstance(key.value, str):  # torchtext's, by their names
        return m.made(External(f"{value.dotted.removesuffix('.DATASETS')}.{key.value}"), node)
    return m.unknown(node) if value.dotted == "os.environ" else m.made(value, node)


def item_of_instance(m: Machine, value: Instance, key: Resolved, node: ast.AST) -> Resolved:
    """`self[key]` of a config class: an entry that it keeps as an attribute, or what its `__getitem__` gives."""
    if isinstance(key.value, str) and key.value in value.attributes:
        return value.attributes[key.value]
    own = value.cls.find("__getitem__") if isinstance(key.value, str) else None
    if own is not None and isinstance(method := bound(m, own, value, node).value, Function):
        return calling.call_function(m, method, (key,), {}, node)
    return m.unknown(node)


def item_of_class(m: Machine, value: Class, key: Resolved, node: ast.AST) -> Resolved:
    """`Kind["lstm"]` of an Enum: the member of that name."""
    found = value.find(key.value) if is_enum(value) and isinstance(key.value, str) else None
    return found or m.unknown(node)
