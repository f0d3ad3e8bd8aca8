"""Binding values to names, attributes, items and patterns of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.analysis.follow import expressions, parts
from core.analysis.follow.attributes import FLAGS, is_dict, set_by_property
from core.analysis.follow.importing import package_with
from core.analysis.follow.items import items_of
from core.analysis.follow.joining import join
from core.analysis.nodes import name_of, unparse
from core.analysis.program import (
    UNKNOWN,
    Class,
    DictValue,
    External,
    Instance,
    ListValue,
    Made,
    Module,
    ModuleValue,
    Option,
    Resolved,
    keywords_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def bind(m: Machine, target: ast.expr, value: Resolved) -> None:
    """Give a target (name, attribute, item, tuple of them) its value."""
    inner, kind = value.value, type(target)
    if type(inner) is Made and not inner.call.bound:
        inner.call.bound = name_of(target)
    if kind is ast.Name:
        _bind_name(m, target.id, value)  # type: ignore[attr-defined]
    elif kind is ast.Attribute:
        _bind_attribute(m, target, value)  # type: ignore[arg-type]
    elif isinstance(target, ast.Subscript):
        _bind_item(m, target, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(m, target.elts, value)
    elif isinstance(target, ast.Starred):
        bind(m, target.value, m.unknown(target))


def _bind_name(m: Machine, name: str, value: Resolved) -> None:
    frame = m.frame
    scope = frame.scope
    if name in frame.global_names:
        scope = scope.module.scope
    at_top = scope is scope.module.scope
    if value.how == "literal" or not value.name:
        how = value.how
        if how == "literal":
            how = "module constant" if at_top else "assignment"
        value = Resolved(value.value, value.origin, how, value.others, name, value.parts)
    if frame.loop is None:
        value = _over(scope.names.get(name), value)
    if at_top and name.isupper() and len(name) > 1 and frame.loop is None and is_plain(value.value):
        m.program.options.append(Option(name, value, "constant"))
    if isinstance(value.value, DictValue) and _SETTINGS.match(name):
        _note_settings(m, value.value, value)
    scope.names[name] = value


_SETTINGS = re.compile(r"^(\w+_)?(config|cfg|conf|hparams?|hyper_?param(eter)?s|settings|args)$", re.IGNORECASE)


def _note_settings(m: Machine, given: DictValue, value: Resolved) -> None:
    """`config = {"LR": 3e-4, "GAMMA": 0.99}`: the plain entries of a dict that is written out are settings."""
    written = isinstance(value.origin, tuple) and isinstance(value.origin[1], ast.Dict)
    for key, entry in given.entries.items() if written else ():
        if isinstance(key, str) and is_plain(entry.value):
            m.program.options.append(Option(key, entry, "config"))


def is_plain(value: object) -> bool:
    """Whether it is a number, text, bool, None or a list of such."""
    if isinstance(value, ListValue):
        return len(value.items) <= 12 and all(is_plain(item.value) for item in value.items)
    return value is None or isinstance(value, (int, float, str))


def _bind_attribute(m: Machine, target: ast.Attribute, value: Resolved) -> None:
    receiver = m.evaluate(target.value).value
    name = target.attr
    if value.how == "literal" or not value.name:
        how = "assignment" if value.how == "literal" else value.how
        value = Resolved(value.value, value.origin, how, value.others, name, value.parts)
    if name == "__dict__" and isinstance(receiver, Instance) and isinstance(value.value, DictValue):
        receiver.attributes.update(keywords_in(value))
    elif name in m.setters and isinstance(receiver, Instance) and set_by_property(m, receiver, name, value, target):
        return
    elif isinstance(receiver, (Instance, Made, Class)):
        before = receiver.attributes.get(name)
        inherited = receiver.cls.find(name) if isinstance(receiver, Instance) and value.number is not None else None
        receiver.attributes[name] = _joined(m, target, before, _over(before or inherited, value))
        _restate(m, before, receiver.attributes[name])
    elif isinstance(receiver, DictValue):
        before = receiver.entries.get(name)
        receiver.entries[name] = _joined(m, target, before, _over(before, value))
        _restate(m, before, receiver.entries[name])
    elif isinstance(receiver, External) and receiver.dotted in FLAGS:
        m.flags.entries[name] = value
    elif isinstance(receiver, External):
        m.outside[f"{receiver.dotted}.{name}"] = value
    elif isinstance(receiver, ModuleValue):
        receiver.module.scope.names[name] = value
    elif receiver is UNKNOWN:
        parts.put(m, target, value)


def _restate(m: Machine, before: Resolved | None, value: Resolved) -> None:
    """A setting that is set anew, not from itself, has its new value: `args.batch_size = args.envs * args.steps`."""
    if before is None or m.frame.loop is not None or m.frame.maybe or not isinstance(value.value, (int, float, str)):
        return
    for index, option in enumerate(m.program.options):
        if option.value is before and not _rests_on(value, before):
            m.program.options[index] = replace(option, value=value)


def _rests_on(value: Resolved, before: Resolved) -> bool:
    """Whether a value is computed from another one. What it is computed from may share parts, many times over."""
    place, seen = before.place, {id(value): value}
    for each in (queue := [value]):
        if each.place == place:
            return True
        new = [part for part in each.parts if id(part) not in seen]
        seen.update((id(part), part) for part in new)
        queue += new
    return False


def forget(m: Machine, target: ast.expr) -> None:
    """Let nobody know an attribute's value any more."""
    receiver = m.evaluate(target.value).value if isinstance(target, ast.Attribute) else None
    if isinstance(target, ast.Attribute) and isinstance(receiver, Instance):
        receiver.attributes[target.attr] = m.unknown(target)


def _over(before: Resolved | None, value: Resolved) -> Resolved:
    """The value that a name, option or entry really has, told what it was before: `args.lr = 0.1` over a default."""
    if before is None or value.how not in _WRITTEN or before.number is None or value.number is None:
        return value
    if before.value == value.value or before.others or not before.how:
        return value
    return value.but(how=f"{value.how} over {before.value} ({before.how.partition(' over ')[0]})")


_WRITTEN = ("assignment", "module constant")


def set_by_all(ways: Sequence[list[ast.stmt]]) -> set[str]:
    """The attributes and entries that every way of a branching sets: `if a: args.lr = b else: args.lr = c`."""
    found: set[str] | None = None
    for way in ways if len(ways) > 1 else ():
        targets = (target for line in way if isinstance(line, ast.Assign) for target in line.targets)
        told = {unparse(each) for each in targets if isinstance(each, (ast.Attribute, ast.Subscript))}
        found = told if found is None else found & told
        if not found:
            break
    return found or set()


def _joined(m: Machine, target: ast.expr, before: Resolved | None, value: Resolved) -> Resolved:
    """What an attribute holds after it was set in a branch that may not be taken."""
    if not m.frame.maybe or before is None or not before.known:
        return value
    if m.frame.replaced and (text := unparse(target)) in m.frame.replaced:
        first, m.frame.replaced[text] = not m.frame.replaced[text], True
        return value if first else join([before, value])
    if value.parts and not value.known:
        return before
    return join([value, before])


def _bind_item(m: Machine, target: ast.Subscript, value: Resolved) -> None:
    receiver = m.evaluate(target.value).value
    key = m.evaluate(target.slice).value
    if key == "lr" and not isinstance(receiver, DictValue):
        m.program.put.append(value)
    if isinstance(receiver, DictValue):
        if isinstance(key, (str, int, float, bool)):
            named = value if value.name else value.but(name=str(key))
            before = receiver.entries.get(key)
            stated = _over(before, named.but(how="assignment") if named.how == "literal" else named)
            receiver.entries[key] = _joined(m, target, before, stated)
        stored = isinstance(target.value, ast.Attribute) and not isinstance(target.slice, ast.Constant)
        counted = stored and isinstance(key, int) and not m.frame.building
        if counted or not isinstance(key, (str, int, float)):
            receiver.complete = False  # `self.stored[self.count] = item`: there will be more
    elif isinstance(receiver, ListValue) and isinstance(key, int) and -len(receiver.items) <= key < len(receiver.items):
        receiver.items[key] = value
    elif isinstance(receiver, Instance) and isinstance(key, str) and is_dict(receiver.cls):
        receiver.attributes[key] = _joined(m, target, receiver.attributes.get(key), value)
    elif receiver is UNKNOWN:
        parts.put(m, target, value)


def _unpack(m: Machine, targets: list[ast.expr], value: Resolved) -> None:
    items = items_of(m, value, targets[0] if targets else ast.Pass())
    star = next((index for index, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    if items is not None and star is not None and len(items) >= len(targets) - 1:
        after = len(targets) - star - 1
        middle = items[star : len(items) - after]
        starred = targets[star]
        assert isinstance(starred, ast.Starred)
        bind(m, starred.value, m.made(ListValue(middle), starred))
        for target, item in zip(targets[:star], items, strict=False):
            bind(m, target, item)
        for target, item in zip(targets[star + 1 :], items[len(items) - after :], strict=False):
            bind(m, target, item)
        return
    fits = items is not None and len(items) == len(targets) and star is None
    for index, target in enumerate(targets):
        bind(m, target, items[index] if items is not None and fits else m.unknown(target))


def bind_package(m: Machine, dotted: str, module: Module | None, node: ast.AST) -> None:
    """`import a.b` binds `a`; a local package becomes a namespace that holds its imported modules."""
    head, *rest = dotted.split(".")
    if module is None:
        m.frame.scope.names[head] = m.external(head, node)
        return
    if not rest:
        m.frame.scope.names[head] = m.made(ModuleValue(module), node, "import")
        return
    m.frame.scope.names[head] = package_with(m, dotted, module, node, m.frame.scope.names.get(head))


def star_import(m: Machine, dotted: str) -> None:
    """Remember `from library import *`: names found nowhere else may come from it."""
    stars = m.side.setdefault(id(m.frame.scope.module), [])
    if isinstance(stars, list):
        stars.append(dotted)


def augmented(m: Machine, node: ast.AugAssign) -> None:
    """`x += 1`: computed, or unknown where it happens over and over."""
    before, after = m.evaluate(node.target), m.evaluate(node.value)
    repeated = m.frame.loop is not m.frame.outer_loop
    if isinstance(before.value, ListValue):
        items = items_of(m, after, node.value)
        if isinstance(node.op, ast.Add) and items is not None and len(before.value.items) < 500:
            before.value.items.extend(items)
        else:
            before.value.complete = False
        return
    text = isinstance(before.value, str)
    kept = isinstance(node.target, ast.Attribute) and _on_object(m, node.target)
    if kept and before.number is not None:
        forget(m, node.target)  # a counter, also where it counts in a branch that may not be taken
        return
    if (repeated and not text) or kept:
        bind(m, node.target, m.unknown(node))
        return
    if text and repeated and not m.frame.building:
        return
    bind(m, node.target, expressions.combine(m, node, node.op, before, after))


def _on_object(m: Machine, target: ast.Attribute) -> bool:
    return isinstance(m.evaluate(target.value).value, Instance)
