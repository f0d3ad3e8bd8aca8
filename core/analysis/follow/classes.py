"""Classes of the user's code: defining them, building their objects, calling those."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from core.analysis.follow import attributes, calling, explicit, gin
from core.analysis.follow.defaults import constant_defaults, told_defaults
from core.analysis.follow.frames import Frame
from core.analysis.nodes import kept, unparse
from core.analysis.program import (
    Call,
    Class,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Option,
    Resolved,
    Scope,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

BUILDERS = frozenset({"__init__", "setup", "build", "__post_init__", "_make_layer", "make_layers"})
"""Methods that build a model layer by layer."""
FORWARDS = ("hybrid_forward", "__call__", "forward", "call", "_build")
"""What calling an object runs, in the frameworks' words."""
MOST_INSTANCES = 1500


def define(m: Machine, node: ast.ClassDef) -> Resolved:
    """Follow a class body and give the class."""
    before = m.frame
    bases = tuple(m.evaluate(base) for base in node.bases if not isinstance(base, ast.Starred))
    for keyword in node.keywords:
        m.evaluate(keyword.value)
    if kept(node, "_methods_alone", partial(_has_methods_alone, node)):
        return m.made(Class(node, before.scope.module, before.scope, bases, _methods), node, "class")
    cls = Class(node, before.scope.module, before.scope, bases)
    scope = Scope(cls.attributes, before.scope, before.scope.module)
    m.frame = Frame(
        scope, before.function, before.owner, before.loop, before.loop, before.maybe, depth=before.depth + 1
    )
    try:
        m.block(node.body)
    finally:
        m.frame = before
    for name, value in cls.attributes.items():
        if isinstance(value.value, Function) and value.value.scope is scope:
            value.value.home = cls
            value.value.scope = before.scope  # a method does not see the names of the class body
        elif value.how == "assignment":
            cls.attributes[name] = value.but(how="class attribute")
    result = m.made(cls, node, "class")
    for decorator in reversed(node.decorator_list):
        result = calling.decorate(m, result, decorator)
    return result


def _has_methods_alone(node: ast.ClassDef) -> bool:
    """Whether a class body only defines methods whose defaults are constants, so that nothing happens in it."""
    return not node.decorator_list and all(map(_is_method_alone, node.body))


def _is_method_alone(node: ast.stmt) -> bool:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    known = ("property", "staticmethod", "classmethod")
    plain = all(isinstance(each, ast.Name) and each.id in known for each in node.decorator_list)
    return plain and constant_defaults(node.args) is not None


def _methods(cls: Class) -> dict[str, Resolved]:
    """The methods of a class body that has nothing else."""
    found: dict[str, Resolved] = {}
    for node in cls.node.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = told_defaults(node.args, cls.module.source)
            method = Function(node, cls.module, cls.scope, None, defaults, home=cls)
            found[node.name] = Resolved(method, (cls.module, node), "function")
    return found


def instantiate(m: Machine, cls: Class, call: Call, node: ast.AST) -> Resolved:
    """Build an object: `__init__` of its lineage, else its annotated fields; then what frameworks call next."""
    if (table := _as_dict(m, cls, call)) is not None:
        call.result = table
        return table
    if attributes.is_enum(cls) and len(call.positional) == 1:
        return call.positional[0]  # `Kind("lstm")` is the member of that value
    instance = Instance(cls, call, {}, m.frame.owner)
    result = m.made(instance, node, "object")
    call.result = result
    if len(m.program.instances) >= MOST_INSTANCES:
        return result
    m.program.instances.append(instance)
    before, m.frame.building = m.frame.building, True
    try:
        init = cls.find("__init__")
        if init is not None and isinstance(init.value, Function):
            method = attributes.bound(m, init, instance, node).value
            assert isinstance(method, Function)
            given = explicit.arguments(m, method, cls, call.positional, call.keywords, node)
            calling.call_function(m, method, *given, node)
        else:
            _set_fields(m, instance, call)
            _keep_parts(instance, call)
            _call_method(m, instance, "__post_init__", node)
            if _is_configuration(instance):
                note_options(m, instance)
        if cls.heir_of(".Module"):
            _call_method(m, instance, "setup", node)
        if cls.heir_of(".LightningCLI"):
            from core.analysis.follow import lightning

            lightning.start(m, instance, call)
    finally:
        m.frame.building = before
    return result


def _as_dict(m: Machine, cls: Class, call: Call) -> Resolved | None:
    """`class AttrDict(dict)` with nothing of its own but how its entries are reached: the dict that it is; also a
    configuration of yacs, whatever it can do besides."""
    if cls.heir_of(".CfgNode"):
        node = next(base for base in cls.external_bases() if base.endswith(".CfgNode"))
        from core.analysis.follow.configuring import configuration

        return configuration(m, call, node)
    if not attributes.is_dict(cls):
        return None
    own = [name for part in cls.lineage() for name in part.attributes]
    if "merge_from_file" in own and "__getattr__" in own:  # the class of yacs, copied
        from core.analysis.follow.configuring import configuration

        return configuration(m, call, "yacs.config.CfgNode")
    if not all(name.startswith("__") for name in own) or _fills_itself(cls, call):
        return None
    from core.analysis.follow.standard import dict_of

    return dict_of(m, call)


def _fills_itself(cls: Class, call: Call) -> bool:
    """Whether a dict's `__init__` makes its entries of one thing that is no dict: of the path of a file, given or by
    default."""
    init = cls.find("__init__")
    if init is None or not isinstance(init.value, Function) or len(call.positional) > 1 or call.keywords:
        return False
    takes = init.value.node.args
    stated = [isinstance(each, ast.Constant) and isinstance(each.value, str) for each in takes.defaults]
    if takes.vararg or takes.kwarg or not (call.positional or stated == [True]):
        return False
    return not any(isinstance(given.value, (DictValue, ListValue)) for given in call.positional)


def _is_configuration(instance: Instance) -> bool:
    """Whether an object of a dataclass or a settings class mostly holds the defaults that its class states."""
    named = [unparse(each) for each in (*instance.cls.node.decorator_list, *instance.cls.node.bases)]
    kinds = r"\b(dataclass|define|frozen|attrs|BaseModel|BaseSettings|NamedTuple)\b"
    if not any(re.search(kinds, name) for name in named):
        return False
    values = [instance.attributes.get(name) for name, _, _ in fields_of(instance.cls)]
    stated = [value for value in values if value is not None and value.how == "dataclass default"]
    return len(stated) >= 2 and 2 * len(stated) >= len(values)


def _call_method(m: Machine, instance: Instance, name: str, node: ast.AST) -> None:
    found = instance.cls.find(name)
    if found is None or not isinstance(found.value, Function) or found.value.node.args.args[1:]:
        return
    method = attributes.bound(m, found, instance, node).value
    if isinstance(method, Function):
        calling.call_function(m, method, (), {}, node)


def fields_of(cls: Class) -> list[tuple[str, ast.AnnAssign, Class]]:
    """The annotated fields of a dataclass-like class, those of its bases first."""
    found: dict[str, tuple[str, ast.AnnAssign, Class]] = {}
    for part in reversed(list(cls.lineage())):
        for name, statement in kept(part.node, "_fields", partial(_annotated, part.node)):
            found[name] = (name, statement, part)
    return list(found.values())


def _annotated(node: ast.ClassDef) -> list[tuple[str, ast.AnnAssign]]:
    """The fields that a class body itself annotates."""
    lines = (
        line for line in node.body if isinstance(line, ast.AnnAssign) and "ClassVar" not in unparse(line.annotation)
    )
    return [(line.target.id, line) for line in lines if isinstance(line.target, ast.Name)]


def _set_fields(m: Machine, instance: Instance, call: Call) -> None:
    """What a dataclass, NamedTuple, pydantic or flax module does with its arguments."""
    names = [name for name, _, _ in fields_of(instance.cls)]
    if not names and not call.keywords:
        return
    if m.bound.targets:
        bound = gin.of(m, instance.cls)
        instance.attributes.update({name: gin.value_of(m, bound[name]) for name in names if name in bound})
    for name, value in zip(names, call.positional, strict=False):
        instance.attributes[name] = value if value.name else value.but(name=name)
    for name, value in call.keywords.items():
        instance.attributes[name] = value
    for name in names:
        if name not in instance.attributes:
            default = instance.cls.find(name)
            if default is not None:
                instance.attributes[name] = field_default(m, default, name)


def _keep_parts(instance: Instance, call: Call) -> None:
    """`class Flow(nn.Sequential)` without an `__init__`: it keeps what it is given, by numbers."""
    if any(base.rpartition(".")[2] == "Sequential" for base in instance.cls.external_bases()):
        instance.attributes.update({str(index): value for index, value in enumerate(call.positional)})


def field_default(m: Machine, default: Resolved, name: str) -> Resolved:
    """The value of a field nobody gave: a literal, `field(default=...)`, `field(default_factory=...)`."""
    value = default.value
    if isinstance(value, Made) and value.call.name in (
        "field",
        "Field",
        "ib",
        "attrib",
        "variable_field",
        "pytree_field",
    ):
        factory = value.call.argument("default_factory") or value.call.argument("factory")
        given = value.call.argument("default", 0)
        if factory is not None:
            built = calling.call_value(m, factory, None, (), {}, value.call.node)
            return built.but(name=name)
        if given is not None:
            return given.but(how="dataclass default", name=name)
        return m.unknown(value.call.node)
    how = "dataclass default" if default.how in ("class attribute", "literal", "assignment") else default.how
    return default.but(how=how, name=name)


def config_instance(m: Machine, cls: Class, node: ast.AST, given: Mapping[str, Resolved] | None = None) -> Resolved:
    """An object of a configuration class as its defaults make it, but for what is given."""
    keywords = dict(given or {})
    call = Call(f"{cls.module.name}.{cls.name}", cast(ast.Call, node), m.frame.scope.module, (), keywords, None, cls)
    return instantiate(m, cls, call, node)


def configured(m: Machine, cls: Class, node: ast.AST, given: Mapping[str, Resolved] | None = None) -> Resolved:
    """An object of a configuration class, its fields told as options, by its defaults but for what is given."""
    made = config_instance(m, cls, node, given)
    if isinstance(made.value, Instance):
        note_options(m, made.value)
    return made


def fill(m: Machine, instance: Instance) -> None:
    """Give an object the defaults of its class's fields, and tell them as options."""
    for name, _, _ in fields_of(instance.cls):
        default = instance.cls.find(name)
        if default is not None and name not in instance.attributes:
            instance.attributes[name] = field_default(m, default, name)
    note_options(m, instance)


def note_options(m: Machine, instance: Instance) -> None:
    """Keep the fields of a configuration object as options."""
    for name, _, _ in fields_of(instance.cls):
        value = instance.attributes.get(name)
        if value is not None and not isinstance(value.value, (Instance, Made, Function)):
            m.program.options.append(Option(name, value, "dataclass"))


def build(m: Machine, instance: Instance, node: ast.AST) -> None:
    """What Keras calls once before a layer is first used: its `build`, given the shape of the input."""
    found = instance.cls.find("build")
    if found is None or "built" in instance.attributes or not isinstance(found.value, Function):
        return
    if any("keras" in base and base.endswith((".Layer", ".Model")) for base in instance.cls.external_bases()):
        instance.attributes["built"] = m.made(True, node)
        method = attributes.bound(m, found, instance, node).value
        assert isinstance(method, Function)
        calling.call_function(m, method, (m.unknown(node),), {}, node)


def told_first(m: Machine, name: str, node: ast.AST) -> tuple[Resolved, ...]:
    """What a library hands a method before all else: MXNet its operations, `hybrid_forward(self, F, x)`."""
    return (m.made(External("mxnet.nd"), node),) if name == "hybrid_forward" else ()


def call_instance(
    m: Machine,
    callee: Resolved,
    instance: Instance,
    positional: tuple[Resolved, ...],
    keywords: dict[str, Resolved],
    node: ast.AST,
) -> Resolved:
    """`object(...)`: its `__call__`, `forward` or `call`."""
    build(m, instance, node)
    for name in FORWARDS:
        found = instance.cls.find(name)
        if found is not None and isinstance(found.value, Function):
            method = attributes.bound(m, found, instance, node).value
            assert isinstance(method, Function)
            calling.record(
                m, f"{instance.cls.module.name}.{instance.cls.name}.{name}", node, positional, keywords, callee, method
            )
            return calling.call_function(m, method, told_first(m, name, node) + positional, keywords, node)
    bases = instance.cls.external_bases()
    return calling.call_external(
        m, f"{bases[0] if bases else instance.cls.name}.__call__", node, positional, keywords, callee
    )
