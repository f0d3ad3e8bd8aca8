"""What the script can train on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.nodes import name_of, unparse, walk
from core.analysis.program import Call, Module, Option, Program, Resolved
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.framework import IMPORTS, frameworks, imported_names
from core.analysis.rules.kinds import plain
from core.analysis.rules.view import view

DEVICE_WORDS = {"cuda": "cuda", "gpu": "cuda", "mps": "mps", "xpu": "xpu", "tpu": "tpu", "cpu": "cpu", "xla": "tpu"}
"""What a device's text begins with ("cuda:0", "/gpu:0") -> the vocabulary's word."""
MODULES: Mapping[str, str] = vocabulary.load().table("hardware", "modules")
"""Libraries' parts whose call says what the code runs on."""
LAST_PARTS = frozenset(dotted.rpartition(".")[2] for dotted in MODULES)
SEEDS = (
    "manual_seed",
    "manual_seed_all",
    "set_rng_state",
    "get_rng_state",
    "empty_cache",
    "get_rng_state_all",
    "set_rng_state_all",
    "mark_step",
)
"""Calls that are harmless without the device, and say nothing of where training runs."""


def hardware(program: Program) -> Iterator[Fact]:
    """Accepts calls that pick, ask for or move to a device, and texts that name one where a device is given."""
    found: dict[str, Fact] = {}
    others = _only_helped_by_torch(program)
    loading = (
        word.value for call in program.given(_LOADED_TO) for word in call.node.keywords if word.arg == _LOADED_TO
    )
    loaded = {node for value in loading for node in walk(value)}
    for call in program.whose(_places):
        elsewhere = call.module in others or call.node in loaded
        for value in _of_call(call) if not (elsewhere or _is_host(call)) else ():
            found.setdefault(value, Fact("hardware", value, call.place, "call"))
    for body in view(program).bodies:
        for value, node in body.once(_texts) if body.module not in others else ():
            if node not in loaded:
                how = "call" if isinstance(node, ast.Attribute) else "device name"
                found.setdefault(value, Fact("hardware", value, body.place(node), how))
    for number in _handed_to_agents(program):
        found.setdefault("cuda", Fact("hardware", "cuda", number.place, number.how))
    for option in program.options:
        if option.name in _OPTIONS and _is_read(program, option) and not option.section.startswith(_PUT_ASIDE):
            for value in _of_option(option.name, option.value.value):
                found.setdefault(
                    value, Fact("hardware", value, option.value.place, option.value.how or f"{option.kind} default")
                )
    named = [fact for fact in found.values() if not (fact.value == "accelerator" and fact.how != "call")]
    told = named if {fact.value for fact in named} - {"cpu"} else found.values()  # "auto" picks of what is then named
    yield from sorted(told, key=lambda fact: fact.value == "cpu")


def _handed_to_agents(program: Program) -> Iterator[Resolved]:
    """The number of the GPU that agents of PFRL and ChainerRL are given; -1 is none."""
    given = (call.keywords["gpu"] for call in program.given("gpu") if call.dotted.startswith(("pfrl.", "chainerrl.")))
    yield from (one for one in given if one.number is not None and one.number >= 0)


def _is_host(call: Call) -> bool:
    """Whether a device is only compared with, or called the host: `device != torch.device("cpu")`, `cpu_device`; not
    where one of two is chosen by that name."""
    if call.name != "device":
        return False
    if "cpu" in call.bound.lower():
        chosen = (side for node in call.module.of(ast.IfExp) for side in (node.body, node.orelse))
        return not any(name_of(side) == call.bound for side in chosen)
    return any(side is call.node for node in call.module.of(ast.Compare) for side in (node.left, *node.comparators))


_LOADED_TO = "map_location"
"""The keyword that says where weights from a file are put first: `torch.load(path, map_location="cpu")`."""
_OPTIONS = ("device", "accelerator", "gpu", "gpus", "cuda", "use_cuda", "use_gpu")
_PUT_ASIDE = "offload"
"""What the sections of DeepSpeed begin with that say where is kept what is not used just now."""
_ELSEWHERE = {"JAX": "jax", "MLX": "mlx"}
"""Frameworks beside which torch may serve to hold data or to log, and what is imported of them."""


def _only_helped_by_torch(program: Program) -> list[Module]:
    """The modules of a run of JAX that know only torch: where their tensors lie is not where it trains."""
    names = {fact.value for fact in program.ask(frameworks)}
    own = {root for name, root in _ELSEWHERE.items() if name in names}
    if not own or "PyTorch" in names:
        return []
    found = []
    for module in program.modules:
        roots = {dotted.split(".")[0] for node in module.of(*IMPORTS) for dotted in imported_names(node)}
        found += [module] if "torch" in roots and not own & roots else []
    return found


def _is_read(program: Program, option: Option) -> bool:
    """Whether the code asks for an option, where that is seen: `args.cuda`."""
    if option.kind not in ("argparse", "dataclass"):
        return True
    return any(node.attr == option.name for module in program.modules for node in module.of(ast.Attribute))


_OF_CALLS = frozenset({
    "cuda", "Accelerator", "prepare", "list_physical_devices", "list_logical_devices", "get_visible_devices",
    "experimental_list_devices", "Trainer", "Fabric", "DataParallel", "init_process_group", "device", "gpu", "cpu",
    "to", "set_device", "set_default_device", "set_default_tensor_type",
})  # fmt: skip
"""Last names of calls that may say what the code runs on."""


def _places(dotted: str) -> bool:
    return dotted.rpartition(".")[2] in _OF_CALLS or plain(dotted).startswith(("jax.config.", *MODULES))


def _of_call(call: Call) -> Iterator[str]:
    """What a call picks, asks for or moves to: a device by name or number, or what finds one by itself."""
    name = call.name
    for prefix, value in MODULES.items():
        if plain(call.dotted).startswith(prefix) and name not in SEEDS:
            yield value
    if name == "cuda" and call.receiver is not None:
        yield "cuda"
    if name in ("Accelerator", "prepare") and call.dotted.startswith("accelerate."):
        yield "accelerator"
    if name in ("list_physical_devices", "list_logical_devices", "get_visible_devices", "experimental_list_devices"):
        kind = call.argument("device_type", 0)
        yield from _device(kind.text.lower() if kind and kind.text else "")
    if name in ("Trainer", "Fabric") and "lightning" in call.dotted:
        yield from _lightning(call)
    if name == "DataParallel" or (
        name == "init_process_group" and (backend := call.argument("backend", 0)) and backend.text == "nccl"
    ):
        yield "cuda"
    if name == "device" and call.dotted.startswith(("torch.", "tensorflow.", "jax.", "mxnet.", "dgl.")):
        given = call.argument("type", 0)
        for one in given.all() if given else ():
            yield from _device(one.text or "")
    if call.dotted.startswith("jax.config.") and name == "update" and len(call.positional) == 2:
        option, given = call.positional
        yield from _device(given.text or "") if (option.text or "").startswith("jax_platform") else ()
    if call.dotted in ("mxnet.gpu", "mxnet.cpu"):
        yield "cuda" if name == "gpu" else "cpu"
    if name == "to" or name in ("set_default_device", "set_default_tensor_type"):
        given = call.argument("device", 0)
        for one in given.all() if given else ():
            if one.text and one.text != "cpu":
                yield from _device(one.text)
            elif one.number is not None and call.receiver is not None:
                yield "cuda"  # an index of a GPU


def _lightning(call: Call) -> Iterator[str]:
    accelerator = call.argument("accelerator")
    text = accelerator.text if accelerator else None
    if text in ("auto",):
        yield "accelerator"
    elif text:
        yield from _device(text)
    for name, value in (("gpus", "cuda"), ("tpu_cores", "tpu")):
        given = call.argument(name)
        if given is not None and given.value not in (0, None, False):
            yield value


@lru_cache(maxsize=10_000)
def _device(text: str) -> tuple[str, ...]:
    """The device that a text names: "cuda:1", "/device:GPU:0", "gpu"; nothing for another text."""
    if len(text) > LONGEST_DEVICE:
        return ()
    folded = text.strip("/").lower().removeprefix("device:").split(":")[0]
    if folded in DEVICE_WORDS:
        return (DEVICE_WORDS[folded],)
    return ("accelerator",) if folded == "auto" else ()


LONGEST_DEVICE = 80
"""Characters of a text that names a device, or several: "cuda:0,1,2,3"."""


def _of_option(name: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _device(value)
    elif name != "device" and value not in (None, False, 0, -1) and isinstance(value, (bool, int)):
        yield "cuda"


def _texts(body: Body) -> list[tuple[str, ast.AST]]:
    texts = {node.value for node in body.of(ast.Constant) if type(node.value) is str}
    named = any(_device(text) for text in texts)
    spoken = (
        named
        or not {"cuda", "gpu"}.isdisjoint(body.calls)
        or not LAST_PARTS.isdisjoint([node.attr for node in body.of(ast.Attribute)])
    )
    return list(_of_texts(body)) if spoken else []


def _of_texts(body: Body) -> Iterator[tuple[str, ast.AST]]:
    """Device names and device libraries in code that a switch turns on: `torch.accelerator`, "cuda:0", `x.cuda()`.

    "cpu" counts only where a device is chosen: moving a result back to the host, or `cpu_device`, says nothing.
    """
    written = {node.value for node in body.of(ast.FormattedValue)}
    host: set[ast.expr] = {node.value for node in body.of(ast.Assign) if "cpu" in name_of(node.targets[0]).lower()}
    host.update(side for node in body.of(ast.Compare) for side in (node.left, *node.comparators))
    for node in body.of(ast.Constant, ast.Attribute, ast.Call, ast.IfExp, ast.Assign):
        if type(node) is ast.Constant:
            if type(node.value) is str and len(node.value) < 16:
                for value in _device(node.value):
                    if value not in ("cpu", "accelerator") and node.value.lower() not in ("gpu", "tpu", "xla"):
                        yield value, node
        elif type(node) is ast.Attribute:
            device = MODULES.get(unparse(node)) if node.attr in LAST_PARTS else None
            if device and not _only_seeds(node, body):
                yield device, node
        elif type(node) is ast.Call:
            name = last_name(node.func)
            moved = name == "cuda" and not node.args and isinstance(node.func, ast.Attribute)
            if moved or (name == "gpu" and unparse(node.func) in ("mx.gpu", "mxnet.gpu")):
                yield "cuda", node
            elif name == "device" and node.args and node not in host:
                yield from ((value, node) for value in _text_device(node.args[0]))
        elif type(node) is ast.IfExp and node not in written:
            for side in (node.body, node.orelse):
                yield from ((value, side) for value in _text_device(side))
        elif type(node) is ast.Assign and any("device" in name_of(target).lower() for target in node.targets):
            yield from ((value, node) for value in _text_device(node.value))


def _text_device(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _device(node.value)


def _only_seeds(node: ast.Attribute, body: Body) -> bool:
    """Whether `torch.cuda` is used here only to seed or to tidy up, which is harmless without one."""
    users = [other.attr for other in body.of(ast.Attribute) if other.value is node]
    return any(user in SEEDS for user in users)
