"""Configuration files and objects that a script reads: yaml, json, toml, Python, OmegaConf, Hydra, ml_collections."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from core.analysis.config_files import holds_configs
from core.analysis.configs import read_documents
from core.analysis.follow import hydra
from core.analysis.follow.handling import Handler
from core.analysis.follow.locating import CONFIG_SUFFIXES, locate, located, path_of, standing
from core.analysis.program import (
    Call,
    DictValue,
    External,
    Function,
    Instance,
    ListValue,
    Made,
    Module,
    ModuleValue,
    Option,
    Resolved,
    each_in,
    entries_in,
)

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine


def load_file(m: Machine, path: str) -> Resolved | None:
    """The value of a config file; its entries become options."""
    return next(iter(_documents(m, path)), None)


def _documents(m: Machine, path: str) -> list[Resolved]:
    source = m.read(path)
    before = len(source.warnings)
    found = read_documents(source)
    m.program.warnings.extend(source.warnings[before:])
    for document in found if not _of_a_part(m, path) else ():
        note_entries(m, document)
    return found


def _of_a_part(m: Machine, path: str) -> bool:
    """Whether a file stands beside modules that neither the script nor its configuration is among, and below no folder
    of configurations: the settings of what a run only uses, `vocoder/config.json`."""
    folder = os.path.dirname(path)
    own = folder == os.path.dirname(m.candidate.path) or m.entry_path.startswith(folder + os.sep)
    apart = not own and not holds_configs(os.path.basename(folder))
    return apart and any(os.path.dirname(each) == folder for each in m.code)


def note_entries(m: Machine, value: Resolved, depth: int = 0, section: str = "") -> None:
    """Keep the entries of a config, of its sections too, as options; what Hydra is told of itself is none of a run."""
    if depth == 0:
        m.program.configs.append(value)
    if isinstance(value.value, DictValue) and depth < 5:
        for key, entry in value.value.entries.items():
            if isinstance(entry.value, DictValue):
                if depth or key != "hydra":
                    note_entries(m, entry, depth + 1, str(key))
            elif depth == 0 or len(m.program.options) < 600:
                m.program.options.append(Option(str(key), entry, "config", section=section))


def _load(m: Machine, call: Call) -> Resolved | None:
    """`yaml.safe_load(file)`, `json.load(file)`, `OmegaConf.load(path)`, `toml.load(path)`."""
    found = located(m, call.positional[0] if call.positional else None)
    return load_file(m, found) if found else None


def _parse_json(m: Machine, call: Call) -> Resolved | None:
    """`hparams.parse_json(file.read())` of TensorFlow 1: the entries of the file lie over those that it has."""
    settings = call.holder
    loaded = _load(m, call) if isinstance(settings, DictValue) else None
    if isinstance(settings, DictValue) and loaded is not None and isinstance(loaded.value, DictValue):
        settings.entries.update(loaded.value.entries)
        return call.receiver
    return None


def _load_documents(m: Machine, call: Call) -> Resolved | None:
    """`yaml.load_all(file)`: the documents of a file."""
    found = located(m, call.positional[0] if call.positional else None)
    return m.made(ListValue(_documents(m, found)), call.node) if found else None


def _open(m: Machine, call: Call) -> Resolved:
    return m.made(Made(call), call.node, "call")


def _is_there(m: Machine, call: Call) -> Resolved | None:
    """`os.path.isfile(path)`: known of configurations alone."""
    path = path_of(call.positional[0]) if call.positional else None
    found = path is not None and path.endswith(CONFIG_SUFFIXES) and standing(m, path, CONFIG_SUFFIXES)
    return m.made(True, call.node, "computed") if found else None


def _read_text(m: Machine, call: Call) -> Resolved | None:
    """`open(path).read()`, `path.read_text()`: still to be parsed, so what was opened is kept."""
    return call.receiver if call.receiver is not None and call.receiver.known else None


# -- ml_collections, OmegaConf and other dicts with attributes


def _configuration(m: Machine, call: Call) -> Resolved:
    return configuration(m, call, call.dotted)


def configuration(m: Machine, call: Call, dotted: str) -> Resolved:
    """A dict with attributes, of what the call is given."""
    result = DictValue(dotted=dotted)
    whole = [call.keywords[name] for name in ("initial_dictionary", "init_dict") if name in call.keywords]
    for given in (*call.positional, *whole):
        if isinstance(given.value, DictValue):
            held = _sections(given.value, dotted, {}) if dotted in _WITH_SECTIONS else given.value
            result.entries.update(held.entries)
    for name, value in call.keywords.items():
        if name in ("new_allowed", "initial_dictionary", "init_dict"):  # of yacs and ml_collections
            continue
        result.entries[name] = value.but(how="config entry" if value.how == "call argument" else value.how, name=name)
    return m.made(result, call.node)


def _sections(value: DictValue, dotted: str, made: dict[int, DictValue]) -> DictValue:
    """A configuration whose sections are of its own kind; `made` has those that were, by the identity of theirs."""
    if id(value) not in made:
        result = made[id(value)] = DictValue(dotted=dotted, complete=value.complete)
        for name, entry in value.entries.items():
            inner = _sections(entry.value, dotted, made) if isinstance(entry.value, DictValue) else None
            result.entries[name] = entry.but(value=inner) if inner is not None else entry
    return made[id(value)]


_WITH_SECTIONS = frozenset({"easydict.EasyDict", "yacs.config.CfgNode", "fvcore.common.config.CfgNode"})
"""Classes that make the dicts in what they are given their own, by which the code asks for a section:
`type(value) is EasyDict`."""


def _placeholder(m: Machine, call: Call) -> Resolved:
    """`placeholder(str)` of ml_collections: None until a value is given."""
    return m.made(None, call.node, "config entry")


def _merged(m: Machine, call: Call) -> Resolved:
    """`OmegaConf.merge(a, b)`: later ones win."""
    result = DictValue(dotted="omegaconf.DictConfig")
    for given in call.positional:
        hydra.merge(result, given)
    made = m.made(result, call.node)
    hydra.interpolate(made)
    return made


def _selected(m: Machine, call: Call) -> Resolved | None:
    """`OmegaConf.select(config, "optim.lr", default=0.1)`: the entry that a dotted name means."""
    found, name = call.argument("cfg", 0), call.argument("key", 1)
    if found is None or name is None or not name.text or not isinstance(found.value, DictValue):
        return None
    for part in name.text.split("."):
        section = found.value if found is not None else None
        if not isinstance(section, DictValue):
            return None
        found = section.entries.get(part)
        if found is None:
            absent = call.keywords.get("default") or m.made(None, call.node)
            return absent if section.complete else None
    return found


def _merged_in_place(m: Machine, call: Call) -> Resolved | None:
    """`anyconfig.merge(base, given)`: what is given stands in the base from then on."""
    base = call.positional[0] if call.positional else None
    if base is not None and isinstance(base.value, DictValue):
        for given in call.positional[1:2]:
            hydra.merge(base.value, given)
    return m.made(None, call.node)


def _config_flag(m: Machine, call: Call) -> Resolved | None:
    """`config_flags.DEFINE_config_file("config", "configs/default.py")`: what that file's `get_config()` returns;
    `DEFINE_config_dict("model", settings)`: the settings. What follows a colon is its argument: "agents.py:sac"."""
    name = call.argument("name", 0)
    value = default = call.argument("config" if call.name == "DEFINE_config_dict" else "default", 1)
    if default is not None and isinstance(default.value, DictValue):
        note_entries(m, default)
    else:
        told, _, asked = (default.text or "").partition(":") if default is not None else ("", "", "")
        path = locate(m, told or None, (".py",))
        given = (m.made(asked, call.node, default.how),) if asked and default is not None else ()
        value = python_config(m, path, call, given) if path else None
    if name is not None and name.text:
        m.flags.entries[name.text] = value or m.unknown(call.node)
    return None


def python_config(m: Machine, path: str, call: Call, given: tuple[Resolved, ...] = ()) -> Resolved | None:
    """The configuration a Python file makes: by `get_config()`, which may be given a text, else its module-level
    names."""
    from core.analysis.follow.calling import call_function

    module = m.load(path)
    if module is None:
        return None
    function = module.scope.names.get("get_config")
    if function is not None and isinstance(function.value, Function):
        value = call_function(m, function.value, given, {}, call.node)
    else:
        value = m.made(module_names(m, module), call.node)
    note_entries(m, value)
    return value


def module_names(m: Machine, module: Module) -> DictValue:
    """A config module as a dict, the files it names in `_base_` below it (mmcv)."""
    result = DictValue()
    base = module.scope.names.get("_base_")
    paths = each_in(base)
    for item in paths:
        if item is not None and item.text:
            path = os.path.normpath(os.path.join(os.path.dirname(module.path), item.text))
            inner = m.load(path) if path in m.known else None
            if inner is not None:
                hydra.merge(result, m.made(module_names(m, inner), module.tree))
    own = {
        k: v
        for k, v in module.scope.names.items()
        if not k.startswith("_") and not isinstance(v.value, (Function, ModuleValue, External))
    }
    hydra.merge(result, m.made(DictValue(own), module.tree))
    return result


def _from_file(m: Machine, call: Call) -> Resolved | None:
    """`Config.fromfile(path)` of mmcv and mmengine, `run_path(path)`, `load_source(name, path)`, also of a module."""
    given = path_of(call.positional[-1]) if call.positional else None
    code = standing(m, given, (".py",)) if call.name == "load_source" and given else None
    if code is not None and (os.path.basename(code) == "__init__.py" or not m.is_config(code)):
        module = m.load(code)
        return m.made(ModuleValue(module), call.node) if module else None
    path = locate(m, given, (".py", *CONFIG_SUFFIXES))
    if path is None:
        return None
    return _with_imports(m, python_config(m, path, call)) if path.endswith(".py") else load_file(m, path)


def _with_imports(m: Machine, config: Resolved | None) -> Resolved | None:
    """A configuration whose `custom_imports` are imported, so that its registries hold what it names."""
    told = entries_in(config).get("custom_imports")
    names = told.value.entries.get("imports") if told is not None and isinstance(told.value, DictValue) else told
    for name in each_in(names):
        if name.text and (path := m.find(name.text)):
            m.load(path)
    return config


def parsed(m: Machine, function: Function) -> None:
    """`@config.parse def main(cfg)` of torchtune: the function is given the chosen configuration."""
    path = locate(m, None)
    value = load_file(m, path) if path else None
    parameters = function.node.args.args
    if value is not None and parameters and isinstance(function.defaults, dict):
        hydra.interpolate(value)
        function.defaults[parameters[0].arg] = value


def _tracked(m: Machine, call: Call) -> Resolved:
    """`wandb.init(config=...)`: what it is told is `wandb.config` from then on, and the run's own."""
    made = Made(call)
    told = call.keywords.get("config")
    if told is not None:
        made.attributes["config"] = m.outside["wandb.config"] = told
    return m.made(made, call.node, "call")


def _connected(m: Machine, call: Call) -> Resolved | None:
    """`task.connect(settings)` of ClearML: the settings, until somebody changes them there."""
    return call.argument("mutable", 0) if call.dotted.startswith(("clearml.", "trains.")) else None


def _fill(m: Machine, call: Call) -> Resolved:
    """`super().__init__(entries)` of an heir of dict: what it holds, by whichever way its entries are reached."""
    from core.analysis.follow.named import FILLED
    from core.analysis.follow.standard import dict_of

    if isinstance(m.frame.owner, Instance):
        made = dict_of(m, call).value
        assert isinstance(made, DictValue)
        m.frame.owner.attributes.update({str(key): value for key, value in made.entries.items()})
        if made.complete and made.entries:
            m.side[id(m.frame.owner)] = FILLED
    return m.made(None, call.node)


HANDLERS: dict[str, Handler] = {
    "dict.__init__": _fill,
    **{f"{library}.{name}": _load for library in ("yaml", "ruamel.yaml", "ruamel_yaml")
       for name in ("load", "safe_load", "full_load", "unsafe_load", "round_trip_load", "YAML.load")},
    **{f"{library}.{name}_all": _load_documents for library in ("yaml", "ruamel.yaml", "ruamel_yaml")
       for name in ("load", "safe_load", "full_load", "unsafe_load", "round_trip_load", "YAML.load")},
    **dict.fromkeys(("json.load", "json.loads",
                     "toml.load", "toml.loads", "tomllib.load", "tomllib.loads", "tomli.load",
                     "omegaconf.OmegaConf.load",
                     "anyconfig.load", "anyconfig.loads",
                     "commentjson.load", "hjson.load", "json5.load", "json5.loads"), _load),
    **dict.fromkeys(("ml_collections.ConfigDict", "ml_collections.config_dict.ConfigDict", "easydict.EasyDict",
    "addict.Dict",
                     "ml_collections.FrozenConfigDict", "ml_collections.config_dict.FrozenConfigDict", "box.Box",
                     "argparse.Namespace", "types.SimpleNamespace", "omegaconf.OmegaConf.create",
                     "omegaconf.DictConfig",
                     "munch.Munch", "munch.munchify", "dotmap.DotMap", "mmcv.Config", "mmengine.Config",
                     "yacs.config.CfgNode",
                     "fvcore.common.config.CfgNode", "ml_collections.config_dict.create", "utils.AttrDict",
                     "tensorflow.contrib.training.HParams",
                     "flax.core.freeze", "flax.core.FrozenDict", "types.MappingProxyType", "attrdict.AttrDict",
                     "bunch.Bunch", "tensorflow.contrib.training.HParams"), _configuration),
    "ml_collections.config_dict.placeholder": _placeholder,
    "ml_collections.config_dict.config_dict.placeholder": _placeholder,
    "omegaconf.OmegaConf.merge": _merged,
    "omegaconf.OmegaConf.select": _selected,
    "omegaconf.OmegaConf.from_cli": lambda m, call: m.made(DictValue(complete=False), call.node),
    "jsonmerge.merge": _merged,
    "anyconfig.merge": _merged_in_place,
    "mergedeep.merge": _merged,
    "deepmerge.always_merger.merge": _merged,
    **dict.fromkeys(("omegaconf.OmegaConf.structured", "omegaconf.OmegaConf.to_container",
                     "omegaconf.OmegaConf.to_object"), lambda m, call: call.positional[0] if call.positional else None),
    **dict.fromkeys(("dacite.from_dict", "dacite.core.from_dict"), lambda m, call: call.argument("data", 1)),
    "detectron2.config.LazyConfig.load": _from_file,
    "wandb.init": _tracked,
    "open": _open,
    **dict.fromkeys(("os.path.isfile", "os.path.exists", "tensorflow.gfile.Exists"), _is_there),
    **dict.fromkeys(("py_config_runner.ConfigObject", "runpy.run_path", "imp.load_source",
                     "importlib.machinery.SourceFileLoader"), _from_file),
    **dict.fromkeys(("tensorflow.io.gfile.GFile", "tensorflow.gfile.GFile", "tensorflow.gfile.Open"), _open),
}  # fmt: skip

BY_NAME: dict[str, Handler] = {
    **dict.fromkeys(("load_yaml", "read_yaml", "load_yaml_file", "read_yaml_file", "load_json", "read_json",
                     "load_json_file", "load_config", "read_config", "load_cfg"), _load),
    **dict.fromkeys(("DEFINE_config_file", "DEFINE_config_dict"), _config_flag),
    "parse_json": _parse_json, "connect": _connected,
    "fromfile": _from_file, "read_text": _read_text, "read": _read_text,
}  # fmt: skip
"""What stands in for callables of whatever library, by their last names."""
