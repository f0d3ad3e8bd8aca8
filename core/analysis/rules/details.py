"""The smaller facts of a run: dropout, moving averages of weights, precision, seeds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.nodes import unparse
from core.analysis.program import Call, Function, Instance, Program, Resolved
from core.analysis.rules import values
from core.analysis.rules.bodies import code_of, last_name
from core.analysis.rules.given import left_to_default, numbers_passed, option_facts
from core.analysis.rules.kinds import measures
from core.analysis.rules.sizes import given_by_names


def dropouts(program: Program) -> Iterator[Fact]:
    """The rate of dropout layers and calls, and what other layers are given as theirs; an option of that name where
    none is followed, else that there is one: `nn.Dropout()`."""
    found = False
    untold: list[Call] = []
    for call in program.alike(re.compile(r"(Alpha|Feature|Spatial)?[Dd]ropout\w*").fullmatch):
        if call.target is None:
            rate = _rate_of_dropout(call)
            kept = call.keywords.get("keep_prob") if rate is None else None
            if kept is not None and kept.number is not None and 0 < kept.number < 1:
                found = True
                yield Fact("dropout", round(1 - kept.number, 6), kept.place, "computed: 1 - keep_prob")
            elif rate is None and _drops_untold(call):
                untold.append(call)
            for fact in values.numbers("dropout", rate):
                if isinstance(fact.value, (int, float)) and fact.value < 1:
                    found = True
                    yield fact
    for call in program.given("dropout", "dropout_rate", "drop_rate"):
        value = next(call.keywords[name] for name in ("dropout", "dropout_rate", "drop_rate") if name in call.keywords)
        if call.target is None and value.number is not None and 0 < value.number < 1:
            found = True
            yield from values.number_fact("dropout", value)
    if not found:
        names = re.compile(r"^(p_?)?drop(out)?(_?(rate|prob|p))?$")
        options = [fact for fact in option_facts(program, "dropout", names, positive=False) if fact.value != 1]
        rates = [fact for fact in options if isinstance(fact.value, (int, float)) and 0 < fact.value < 1]
        untold = untold[:1] if not options else []  # an option of 0 turns it off
        yield from rates or [Fact("dropout", True, values.name_place(call), "call") for call in untold]


_DROPPING = ("torch.nn.", "tensorflow.nn.", "chainer.functions.")
"""Whose layers drop by a rate of their own where none is given, or are told how much to keep: that they do is known."""


def _drops_untold(call: Call) -> bool:
    """Whether a layer drops by a rate that is not told: neither switched off, nor told to keep all, nor a part of what
    a loss or a metric compares by."""
    keep = call.argument("keep_prob", 1)
    kept_whole = call.dotted.startswith("tensorflow.") and keep is not None and keep.number in (0, 1)
    idle = "training" in call.keywords and call.keywords["training"].value is False
    part, measuring = call.owner, measures(call.owner)
    while part is not None and not measuring:
        measuring = _COMPARES.search(f"{part.cls.module.name}.{part.cls.name}") is not None
        part = part.within
    return call.dotted.startswith(_DROPPING) and not (kept_whole or idle or measuring)


_COMPARES = re.compile(r"Loss|(^|\.)lpips\b|LPIPS")
"""What classes and modules are called whose networks compare: theirs is no dropout of the model's."""


def _rate_of_dropout(call: Call) -> Resolved | None:
    """What a layer is made with, or a function is told behind its input; TensorFlow's own may be told what to keep."""
    told = call.keywords.get("p") or call.keywords.get("rate") or call.keywords.get("ratio")
    if told is None and not call.dotted.endswith("nn.dropout"):
        behind = call.dotted.endswith(
            ("functional." + call.name, "functions.dropout", "layers.dropout", "haiku.dropout")
        )
        return call.argument("p", int(behind and ".contrib." not in call.dotted))
    return told


EMA = re.compile(r"EMA|EMAModel|ExponentialMovingAverage|AveragedModel|ModelEma\w*|EMACallback|WeightAveraging|ema")
"""What is called so keeps a moving average of weights."""
_MOVERS = re.compile(r"(apply_|update_|model_)?ema(_update|_step|_decay)?(_(variables|params|parameters|weights))?")
"""Functions of the user's that move an average one step: `def update_ema(average, model, decay=0.9999)`."""


def emas(program: Program) -> Iterator[Fact]:
    """A moving average of the weights: its decay where it is known, else that something keeps one."""
    for call in program.alike(_may_average):
        if isinstance(call.target, Function):
            keeps = _moves_weights(call.target, call)
        else:
            keeps = EMA.fullmatch(call.name) is not None and not _smooths_numbers(program, call)
        if keeps and not _keeps_nothing(call):
            yield from list(_decay_told(call)) or [Fact("ema", True, values.name_place(call), "call")]
    if values.written(program, "ema") and not _switched_off(program):
        options = list(option_facts(program, "ema", _DECAY))
        options += (fact for value in numbers_passed(program, _DECAY) for fact in values.number_fact("ema", value))
        yield from (fact for fact in options if isinstance(fact.value, float))


def _may_average(name: str) -> bool:
    return bool(EMA.fullmatch(name) or _MOVERS.fullmatch(name))


def _decay_told(call: Call) -> Iterator[Fact]:
    """The decay that an average is told by its name, or left to by default; else what is told second."""
    told = dict(left_to_default(call)) | dict(given_by_names(call))
    for value in (*(told[name] for name in _DECAYS if name in told), *call.positional[1:2]):
        if isinstance(value.number, float) and 0 < value.number < 1:
            yield from values.number_fact("ema", value)
            return


def _keeps_nothing(call: Call) -> bool:
    """Whether an average is told to forget at once: `ExponentialMovingAverage(weights, decay=0.)`."""
    return any(name in _DECAYS and value.number == 0 for name, value in given_by_names(call))


_DECAYS = ("decay", "ema_decay", "beta", "rate", "ema_rate", "power", "max_value", "momentum", "alpha")
_OF_WEIGHTS = frozenset({"zip", "map", "tree_map", "parameters", "named_parameters", "state_dict", "get_weights"})


def _moves_weights(function: Function, call: Call) -> bool:
    """Whether a function of the user's goes through weights, or is given two things beside the decay, no numbers;
    `ema(history, 0.5)` smooths a curve, `ema(shown, loss.item())` what is shown."""
    beside = [name for name, value in values.received(call) if name not in _DECAYS and value.number is None]
    return (len(beside) > 1 and not _is_given_number(call)) or not _OF_WEIGHTS.isdisjoint(code_of(function.node).calls)


def _is_given_number(call: Call) -> bool:
    return any(last_name(getattr(each, "func", each)) in ("item", "float") for each in getattr(call.node, "args", ()))


def _smooths_numbers(program: Program, call: Call) -> bool:
    """Whether an object of the user's is given a number anywhere: `meter.add(loss.item())`."""
    made = call.made
    own = program.own() if isinstance(made, Instance) else ()
    return any(each.holder is made and _is_given_number(each) for each in own)


def _switched_off(program: Program) -> bool:
    """Whether an option says that no average is kept, whatever another says of its decay."""
    switches = (option for option in program.options if _SWITCH.fullmatch(values.words_of(option.name)))
    return any(option.value.value is False for option in switches)


_SWITCH = re.compile(r"((use|model|with|enable)_)?ema")
_DECAY = re.compile(r"(^|_)ema(_?(decay|rate|beta|momentum))?$")


def _may_set_precision(name: str) -> bool:
    return name.endswith("Config") or name in (
        "Trainer", "Fabric", "Accelerator", "TrainingArguments", "autocast", "set_global_policy", "Policy",
        "set_policy", "GradScaler",
    )  # fmt: skip


def precisions(program: Program) -> Iterator[Fact]:
    """Half and mixed precision that is switched on."""
    for call in program.alike(_may_set_precision):
        if call.target is not None:
            continue
        if call.name in ("Trainer", "Fabric", "Accelerator", "TrainingArguments") or call.name.endswith("Config"):
            for name in ("precision", "mixed_precision"):
                yield from _precision(call.keywords.get(name))
            for name in ("fp16", "bf16"):
                if name in call.keywords and call.keywords[name].value is True:
                    yield Fact("precision", name, call.keywords[name].place, "call argument")
        elif call.name in ("autocast", "set_global_policy", "Policy", "set_policy"):
            given = call.keywords.get("dtype") or next((v for v in call.positional if _precision_of(v)), None)
            told = list(_precision(given))
            enabled = call.keywords.get("enabled")
            if told and (enabled is None or enabled.value is not False):
                yield from told
            elif call.name == "autocast" and (enabled is None or enabled.value is True):
                yield Fact("precision", "mixed", values.name_place(call), "call")
        elif call.dotted.endswith("amp.GradScaler"):
            enabled = call.argument("enabled")
            if (enabled is None or enabled.value is True) and not _casts_elsewhere(program):
                yield Fact("precision", "mixed", values.name_place(call), "call")


def _casts_elsewhere(program: Program) -> bool:
    """Whether the files write of casting, where the run never does: a scaler alone changes nothing."""
    return not program.named("autocast") and values.written(program, "autocast")


def _precision_of(value: Resolved) -> str | None:
    text = (
        value.dotted.rpartition(".")[2]
        if value.dotted
        else str(value.value)
        if value.known and value.value is not None
        else ""
    )
    return next(iter(vocabulary.keys_of("settings", "precisions").get(text.lower(), ())), None)


def _precision(value: Resolved | None) -> Iterator[Fact]:
    if value is not None and (name := _precision_of(value)):
        yield Fact("precision", name, value.place, value.how)


_SEEDERS = frozenset({"manual_seed", "manual_seed_all", "seed", "set_seed", "set_random_seed", "seed_everything",
    "PRNGKey", "PRNGSequence", "key",
                      "fix_seed", "setup_seed", "set_all_seeds", "set_rng_seed", "default_rng", "seed_all",
                      "Rngs"})  # fmt: skip


_SEED_WORDS = ("seed", "random_state", "tf_random_seed")
_SEEDED = re.compile(
    r"(Arguments|RunConfig|Trainer|Classifier|Regressor|Regression|Mixture|Means|SV[CR]|PPO|DQN|A2C|SAC|TD3|DDPG)$|"
    r"^train_test_split$|_dataset_from_directory$"
)
"""Names of calls of libraries that are given the seed of a run or of what they fit; or of a split alone."""


def _base_seed(value: Resolved) -> Resolved:
    """The seed in `seed + rank`, which need not be known; the value itself where no part of it is called so."""
    named = (leaf for leaf in values.leaves(value) if "seed" in leaf.name and "offset" not in leaf.name)
    return next((leaf for leaf in named if leaf.number is not None), value)


def seeds(program: Program) -> Iterator[Fact]:
    """Numbers that random generators are seeded with, before a rank is added; of a generator apart (for a split, for
    the pictures) and of environments only where nothing seeds the run."""
    found: list[tuple[bool, Fact]] = []
    for call in program.named(*_SEEDERS):
        if call.name not in ("key", "seed") or re.search(r"random|env", unparse(call.node.func)):
            value = call.positional[0] if call.positional else call.keywords.get("seed") or call.keywords.get("params")
            base = _base_seed(value) if value is not None else None
            if base is not None and isinstance(base.value, int) and not isinstance(base.value, bool):
                fact = Fact("seed", base.integer, base.place, base.how)
                apart = "Generator" in call.dotted or bool(re.search(r"env|space", unparse(call.node.func)))
                found.append((apart, fact))
    for call in program.given(*_SEED_WORDS):
        value = next(call.keywords[word] for word in _SEED_WORDS if word in call.keywords)
        if call.target is None and _SEEDED.search(call.name) and type(value.value) is int:
            found.append(
                (
                    call.name.startswith(("train_test", "image_d", "text_d", "audio_d")),
                    Fact("seed", value.value, value.place, value.how),
                )
            )
    options = list(option_facts(program, "seed", re.compile(r"^(random_|manual_|rng_)?seed$"), positive=False))
    seeded = bool(options) or not all(apart for apart, _ in found)
    told = [*(fact for apart, fact in found if not (apart and seeded)), *options]
    yield from (fact for fact in told if isinstance(fact.value, int) and fact.value >= 0)  # -1: none is set
