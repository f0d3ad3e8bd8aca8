"""Hydra and OmegaConf: composition of config groups, and interpolation."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from core.analysis.configs import read_config
from core.analysis.facts import Place
from core.analysis.program import (
    UNKNOWN,
    Call,
    Class,
    DictValue,
    External,
    Instance,
    ListValue,
    Resolved,
    entries_in,
    items_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

_REFERENCE = re.compile(r"^\$\{([\w.]+)\}$")
MISSING = "???"
"""Stands for what must be given."""
DEEPEST = 8


def merge(into: DictValue, given: Resolved) -> None:
    """Put the entries of a config over those that are there, section by section."""
    if not isinstance(given.value, DictValue):
        return
    for key, value in given.value.entries.items():
        old = into.entries.get(key)
        if old is not None and value.value == MISSING:  # what must be given is given
            continue
        if old is not None and isinstance(old.value, DictValue) and isinstance(value.value, DictValue):
            merged = DictValue(dict(old.value.entries), old.value.dotted)
            merge(merged, value)
            into.entries[key] = value.but(value=merged)
        else:
            into.entries[key] = value if old is None else _over(old, value)


def _over(old: Resolved, value: Resolved) -> Resolved:
    """An entry that stands over another number, told which."""
    told = old.number is not None and value.number is not None and old.value != value.value
    return value.but(how=f"{value.how} over {old.value}") if told and " over " not in value.how else value


LEGACY = "# legacy"
"""Stands among the choices where group files hold whole sections, as they did before Hydra 1.0."""


SEARCHED = "# searched"
"""Under it stands the folder where groups are looked for that the folder of the configurations lacks."""


def _searched(m: Machine, root: str, path: str) -> str | None:
    """The folder that `hydra: searchpath: [file://lib/configs]` tells: where one of this name is known, from the folder
    of the configurations upwards."""
    value = read_config(m.read(path))
    hydra = entries_in(value).get("hydra")
    listed = entries_in(hydra).get("searchpath")
    texts = [each.text or "" for each in items_in(listed)]
    ends = [text.partition("://")[2].replace(".", "/" if text.startswith("pkg:") else ".") for text in texts]
    above = root
    for _ in range(5):
        folders = (os.path.normpath(os.path.join(above, end)) + os.sep for end in ends if end)
        if (found := next((f for f in folders if any(known.startswith(f) for known in m.known)), None)) is not None:
            return found
        above = os.path.dirname(above)
    return None


def compose(m: Machine, root: str, name: str, legacy: bool) -> Resolved | None:
    """The configuration `name` of the folder `root` with its defaults list; with the chosen experiment over it."""
    path = _file(m, os.path.join(root, name))
    choices: dict[str, str] = {LEGACY: LEGACY} if legacy else {}
    experiment = (
        m.candidate.path if m.candidate.kind == "config" and m.candidate.path.startswith(root + os.sep) else None
    )
    if path is None and name not in m.stored:  # it stands nowhere: what was chosen by --config-name, or is the only one
        chosen = (each for each in (m.candidate.path, *m.candidate.aliases) if os.path.dirname(each) == root)
        path = next((found for each in chosen if (found := _file(m, each)) is not None), None)
    if path is None:
        return _compose_kept(m, root, name, experiment)
    if searched := _searched(m, root, path):
        choices[SEARCHED] = searched
    if experiment:
        m.config_used = True
        _collect_overrides(m, experiment, choices)
        if os.path.dirname(experiment) == root:
            path, experiment = experiment, None
    result = DictValue(dotted="omegaconf.DictConfig")
    _compose_file(m, root, path, (), result, choices, 0)
    if experiment:
        _compose_file(m, root, experiment, (), result, choices, 0)
    made = Resolved(result, Place(path, 1, 1), "yaml config")
    interpolate(made)
    return made


# -- the store of configurations that code makes


def keep(m: Machine, call: Call) -> Resolved | None:
    """`ConfigStore.instance().store(name="config", group="db", node=Config)`."""
    name, node, group = call.argument("name", 0), call.argument("node", 1), call.argument("group", 2)
    if name is not None and name.text and node is not None:
        path = f"{group.text}/{name.text}" if group is not None and group.text else name.text
        m.stored[path.removesuffix(".yaml")] = node
    return m.made(None, call.node)


def _compose_kept(m: Machine, root: str, name: str, experiment: str | None) -> Resolved | None:
    """The configuration of this name that code put into the store, with its defaults list; the experiment over it."""
    if name not in m.stored:
        return None
    result = DictValue(dotted="omegaconf.DictConfig")
    choices: dict[str, str] = {}
    if experiment:
        _collect_overrides(m, experiment, choices)
    _put_kept(m, root, name, (), result, choices, 0)
    if experiment:
        m.config_used = True
        _compose_file(m, root, experiment, (), result, choices, 0)
    made = m.stored[name].but(value=result)
    interpolate(made)
    return made


def _put_kept(
    m: Machine, root: str, name: str, package: tuple[str, ...], into: DictValue, choices: dict[str, str], depth: int
) -> None:
    """Put a configuration of the store over what is there: its own entries, then what its defaults list chooses."""
    value = _section(m, m.stored[name], 6)
    if not isinstance(value.value, DictValue) or depth > DEEPEST:
        return
    entries = {k: v for k, v in value.value.entries.items() if k not in ("defaults", "hydra")}
    own = value.but(value=DictValue(entries, value.value.dotted))
    _put(into, package, own)
    for group, choice, overrides in _defaults(value):
        if group != "_self_" and not overrides:
            _compose_default(m, root, os.path.join(root, name), package, group, choice, into, choices, depth)


def _section(m: Machine, value: Resolved, depth: int) -> Resolved:
    """A class, an object or a dict of the code as a section of a configuration; `MISSING` is unknown."""
    from core.analysis.follow.classes import configured

    inner = value.value
    if isinstance(inner, External) and inner.dotted.endswith("MISSING"):
        return value.but(value=UNKNOWN)
    if isinstance(inner, Class) and depth:
        made = configured(m, inner, inner.node)
        return _section(m, made, depth - 1) if isinstance(made.value, Instance) else made
    entries = (
        inner.attributes if isinstance(inner, Instance) else inner.entries if isinstance(inner, DictValue) else None
    )
    if entries is None or not depth:
        return value
    dotted = inner.cls.name if isinstance(inner, Instance) else None
    return value.but(value=DictValue({name: _section(m, entry, depth - 1) for name, entry in entries.items()}, dotted))


def type_of(m: Machine, call: Call) -> Resolved | None:
    """`OmegaConf.get_type(cfg.optim)`: the class of the code from which a section was made."""
    given = call.positional[0] if call.positional else None
    if given is not None and isinstance(given.value, Instance):
        return given.but(value=given.value.cls)
    name = given.value.dotted if given is not None and isinstance(given.value, DictValue) else None
    kept = (each for each in m.stored.values() if isinstance(each.value, Class))
    return next((each for each in kept if getattr(each.value, "name", "") == name), None)


def _file(m: Machine, base: str) -> str | None:
    base = os.path.normpath(base)
    return next(
        (p for p in (base, f"{base}.yaml", f"{base}.yml") if p in m.known and p.endswith(("yaml", "yml"))), None
    )


def _defaults(value: Resolved) -> list[tuple[str, str | None, bool]]:
    """The defaults list as (group or file, option, whether it overrides)."""
    listed = entries_in(value).get("defaults")
    found: list[tuple[str, str | None, bool]] = []
    items = items_in(listed)
    for item in items:
        if isinstance(item.value, str):
            found.append((item.value, None, False))
        elif isinstance(item.value, DictValue):
            for key, choice in item.value.entries.items():
                words = str(key).split()
                found.append((words[-1], choice.text, "override" in words))
    return found


_OF_THE_LIST = re.compile(r"\$\{(?:defaults\.\d+\.)?(\w+)\}")


def _told_choice(text: str | None, listed: list[tuple[str, str | None, bool]], choices: dict[str, str]) -> str | None:
    """A choice made of others of its list: `${db}_${server}`, before Hydra 1.1 `${defaults.0.db}`; None where one of
    them is not told."""
    told = {group: choice for group, choice, _ in listed if choice} | choices
    made = _OF_THE_LIST.sub(lambda found: told.get(found[1], found[0]), text) if text else text
    return None if made and "${" in made else made


def _collect_overrides(m: Machine, path: str, choices: dict[str, str]) -> None:
    value = read_config(m.read(path))
    for group, choice, overrides in _defaults(value) if value else ():
        if overrides and choice:
            choices[group.strip("/").split("@")[0]] = choice


def _compose_file(
    m: Machine, root: str, path: str, package: tuple[str, ...], into: DictValue, choices: dict[str, str], depth: int
) -> None:
    source = m.read(path)
    value = read_config(source)
    if value is None or not isinstance(value.value, DictValue) or depth > DEEPEST:
        return
    if LEGACY in choices or "@package _global_" in source.text[:300]:
        package = ()
    own = Resolved(
        DictValue({k: v for k, v in value.value.entries.items() if k not in ("defaults", "hydra")}),
        value.origin,
        value.how,
    )
    done = LEGACY in choices and depth == 0
    if done:
        _put(into, package, own)
    listed = _defaults(value)
    for group, choice, overrides in listed:
        if group == "_self_":
            _put(into, package, own)
            done = True
        elif not overrides:
            choice = _told_choice(choice, listed, choices)
            _compose_default(m, root, path, package, group, choice, into, choices, depth)
    if not done:
        _put(into, package, own)


def _compose_default(
    m: Machine, root: str, path: str, package: tuple[str, ...], group: str, choice: str | None, into: DictValue,
    choices: dict[str, str], depth: int,
) -> None:  # fmt: skip
    """One entry of a defaults list: `model: vit`, `/data: mnist`, `base`, `db@backup: mysql`."""
    group, _, target = group.partition("@")
    absolute = group.startswith("/")
    group = group.strip("/")
    folder = root if absolute else os.path.dirname(path)
    choice = choices.get(_from_root(root, folder, group), choice)
    kept = f"{group}/{choice}" if choice else group
    if kept in m.stored and group != "hydra":
        inside = tuple(group.split("/")) if choice else ()
        _put_kept(m, root, kept, tuple(target.split(".")) if target else (*package, *inside), into, choices, depth + 1)
    if choice is None and "/" not in group and not absolute and _file(m, os.path.join(folder, group)) is None:
        return
    name = os.path.join(group, choice) if choice else group
    file = _file(m, os.path.join(folder, name)) or _file(m, os.path.join(choices.get(SEARCHED, folder), name))
    if file is None or group == "hydra" or group.startswith("hydra/"):
        return
    inner = () if choice is None and "/" not in group else tuple(group.split("/") if choice else group.split("/")[:-1])
    where = (
        tuple(target.split("."))
        if target and target != "_global_"
        else ()
        if target
        else (*(() if absolute else package), *inner)
    )
    _compose_file(m, root, file, where, into, choices, depth + 1)


def _from_root(root: str, folder: str, group: str) -> str:
    """A group as others call it that override it: `model/encoder/backbone` of `backbone` in `model/encoder/`."""
    inside = f"{folder}{os.sep}".startswith(root + os.sep)
    return os.path.normpath(os.path.join(os.path.relpath(folder, root), group)) if inside else group


def _put(into: DictValue, package: tuple[str, ...], value: Resolved) -> None:
    for part in reversed(package):
        value = value.but(value=DictValue({part: value}))
    merge(into, value)


def interpolate(root: Resolved) -> None:
    """Replace `${a.b}` by what stands there; what stands in several places (aliases) is looked through once."""
    seen: set[int] = set()

    def visit(holder: Resolved, depth: int) -> None:
        if depth > 12 or id(holder.value) in seen:
            return
        seen.add(id(holder.value))
        if isinstance(holder.value, DictValue):
            for key, value in list(holder.value.entries.items()):
                holder.value.entries[key] = _resolved(root, value, 0)
                visit(holder.value.entries[key], depth + 1)
        elif isinstance(holder.value, ListValue):
            for index, value in enumerate(holder.value.items):
                holder.value.items[index] = _resolved(root, value, 0)
                visit(holder.value.items[index], depth + 1)

    visit(root, 0)


def _resolved(root: Resolved, value: Resolved, depth: int) -> Resolved:
    if value.value == MISSING:
        return value.but(value=UNKNOWN)
    found = _REFERENCE.match(value.value) if isinstance(value.value, str) else None
    if not found or depth > DEEPEST:
        return value
    current: Resolved | None = root
    for part in found[1].split("."):
        current = entries_in(current).get(part)
    if current is None:
        return value.but(value=UNKNOWN)
    return _resolved(root, current, depth + 1)
