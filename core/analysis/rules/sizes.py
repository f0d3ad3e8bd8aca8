"""How large things are: images, latents, hidden layers; how many heads attend."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.program import Call, Class, Function, ListValue, Made, Program, Resolved, each_in
from core.analysis.rules import values
from core.analysis.rules.given import option_facts
from core.analysis.rules.judging import is_evaluation
from core.analysis.rules.kinds import layer_kind

_IMAGE = re.compile(
    r"^(im|img|image|patch_?image|crop|input_image)_?(size|sz|dim|resolution)$|^resolution$|^imsize$|^imgsz$"
)


def image_sizes(program: Program) -> Iterator[Fact]:
    """What images are resized or cropped to, in the end where that is done twice; an option of that name; else what
    the user's functions are given as it. Not what says how many numbers a layer takes or gives, all pixels of one."""
    earlier = _cropped_again(program)
    resizing = program.named(*_RESIZING, "image_dataset_from_directory", "flow_from_directory")
    resizing = [call for call in resizing if not _of_a_class_unbuilt(program, call)] or resizing
    resizing = [call for call in resizing if not _for_judging(call)] or resizing
    found = [fact for call in resizing for fact in _resized(call) if id(call) not in earlier]
    found += option_facts(program, "image_size", _IMAGE)
    named = (option.value for option in program.options if _IMAGE.search(values.words_of(option.name)))
    found += [fact for value in named if isinstance(value.value, ListValue) for fact in _size(value)]
    told = found or list(_by_name(program, "image_size", _IMAGE))[:1]
    layers = program.named("Linear", "Dense") if told else ()
    pixels = {(each.number, each.place) for call in layers for each in call.positional[:2]}
    stated = (fact for fact in told if fact.value != 1)  # 1 is multiplied by each side
    yield from (fact for fact in stated if (fact.value, fact.place) not in pixels)


def _for_judging(call: Call) -> bool:
    """Whether a call prepares what a run is judged by: `def get_eval_loader(path, size)`."""
    return call.within is not None and is_evaluation(call.within.name)


def _of_a_class_unbuilt(program: Program, call: Call) -> bool:
    """Whether a call stands in the body of a class of which the run makes no object: of other data than those taken."""
    bodies = (cls for cls in call.module.of(ast.ClassDef) if call.within is None)
    home = next((cls for cls in bodies if cls.lineno <= call.node.lineno <= (cls.end_lineno or 0)), None)
    return home is not None and all(part.node is not home for each in program.instances for part in each.cls.lineage())


def _resized(call: Call) -> Iterator[Fact]:
    if _is_resizing(call):
        yield from _size(call.argument("size", 0))
    elif call.name not in _RESIZING:
        yield from _size(call.keywords.get("image_size") or call.keywords.get("target_size"))


_RESIZING = ("Resize", "Scale", "RandomResizedCrop", "RandomSizedCrop", "RandomCrop", "CenterCrop")
"""What torchvision calls these, with the names of its first years."""


def _is_resizing(call: Call) -> bool:
    return call.target is None and call.name in _RESIZING and "transforms" in call.dotted


def _cropped_again(program: Program) -> set[int]:
    """The resizing calls (by id) of a `Compose` after which it resizes or crops once more."""
    found: set[int] = set()
    for call in program.named("Compose"):
        made = [item.value.call for item in each_in(call.argument("transforms", 0)) if isinstance(item.value, Made)]
        found.update(id(each) for each in [each for each in made if _is_resizing(each)][:-1])
    return found


def _size(value: Resolved | None) -> Iterator[Fact]:
    """A side length, once where both sides are the same."""
    if value is None:
        return
    if isinstance(value.value, ListValue):
        sides = value.value.items[:2]
        lengths = [side.number for side in sides]
        if not lengths or not all(isinstance(length, int) for length in lengths):
            return
        if len(set(lengths)) == 1:
            yield from values.number_fact("image_size", sides[0])
        else:
            yield Fact("image_size", tuple(lengths), value.place, value.how)
    elif isinstance(value.number, int):
        yield from values.number_fact("image_size", value)


_LATENT = re.compile(
    r"^(n_?)?(latent|z|noise|code|codings?|random)_?(dim|dims|size|channels|vector_size|features)$|^nz$|^n_?z$|^dim_?z$|^latent$|^embedding_size_z$"
)
_NOISES = re.compile(r"^n_noise$")
"""How many numbers a noise has, or how many noises are drawn."""
_HIDDEN = re.compile(
    r"^(n_?|num_)?hidden(_?(dim|dims|size|sizes|width|widths|units|layer_size|channels|features|nodes))?s?(_?\d)?$|^nhid$|^n_hidden$|^h_dim$|^hid_dim$|^d_model$|^n_embd$|^rnn_size$"
)
_HEADS = re.compile(r"^(n_?|num_)(attention_)?heads?$|^heads$|^nhead$|^num_attention_heads$|^attn_heads$")


def latent_dims(program: Program) -> Iterator[Fact]:
    """The size of the latent space, by the name that options, parameters and constants give it; by one that may mean
    how many are drawn only where nothing else tells it."""
    found = list(_by_name(program, "latent_dim", _LATENT))
    counts = {} if found else {each.place for call in program.named("range") for each in call.positional}
    yield from found or (fact for fact in _by_name(program, "latent_dim", _NOISES) if fact.place not in counts)


def hidden_sizes(program: Program) -> Iterator[Fact]:
    """Widths of hidden layers, by name."""
    yield from _by_name(program, "hidden_sizes", _HIDDEN)


def heads(program: Program) -> Iterator[Fact]:
    """Attention heads: arguments of attention layers, else by name."""
    for call in program.whose(_is_of_attention):
        if call.target is None and call.name in (
            "MultiheadAttention",
            "TransformerEncoderLayer",
            "TransformerDecoderLayer",
        ):
            yield from values.number_fact("heads", call.argument("num_heads") or call.argument("nhead", 1))
        elif call.target is None and call.name in ("MultiHeadAttention", "Transformer", "MultiHeadDotProductAttention"):
            yield from values.number_fact("heads", call.argument("num_heads") or call.argument("nhead"))
    yield from _by_name(program, "heads", _HEADS)


def _is_of_attention(dotted: str) -> bool:
    return "Transformer" in dotted or "Attention" in dotted


def _by_name(program: Program, field: str, names: re.Pattern[str]) -> Iterator[Fact]:
    """Numbers of such a name: options, constants, arguments that the user's functions and classes are given."""
    for option in program.options:
        if names.search(values.words_of(option.name)):
            yield from _whole(field, option.value)
    for value in _sizes(program).like(names):
        yield Fact(field, value.number, value.place, value.how)


@lru_cache(maxsize=1)
def _sizes(program: Program) -> values.Named:
    given = in_order([program.own(), program.whose(_is_told_sizes)])
    return values.Named(pair for call in given for pair in _sizes_given(call))


def _sizes_given(call: Call) -> list[tuple[str, Resolved]]:
    """The whole numbers that a function or class of the user's is given; or a layer, by their own names."""
    if call.target is not None:
        given = [pair for pair in given_by_names(call) if type(pair[1].value) in _COUNTED]
        return [(name, one) for name, value in given for one in each_in(value) if _is_whole(one)]
    own = [each for each in call.given if type(each.value) in _COUNTED]
    return [(one.name, one) for each in own for one in each_in(each) if one.name and _is_whole(one)]


def _is_told_sizes(dotted: str) -> bool:
    return bool(layer_kind(dotted)) or dotted.rpartition(".")[2] in DRAWS


_COUNTED = frozenset({int, ListValue})
DRAWS = frozenset({"randn", "rand", "normal", "uniform", "standard_normal", "random_normal", "random_uniform",
    "truncated_normal", "placeholder", "Input", "multivariate_normal"})  # fmt: skip
"""Calls of libraries that are given how much noise is drawn, or how wide an input is."""


def given_by_names(call: Call) -> list[tuple[str, Resolved]]:
    """The arguments that a function or class of the user's gets, by the parameter's name and by their own; defaults
    where not given."""
    given = values.received(call)
    found = [
        (name, value)
        for own, value in given
        for name in ((own, value.name) if value.name and value.name != own else (own,))
    ]
    init = call.target.find("__init__") if isinstance(call.target, Class) else None
    if init is not None and isinstance(init.value, Function) and init.value.defaults:
        names = {name for name, _ in given}
        found += [pair for pair in init.value.defaults.items() if pair[0] not in names]
    return found


def _whole(field: str, value: Resolved) -> Iterator[Fact]:
    """Whole numbers; each of a list."""
    for one in filter(_is_whole, each_in(value)):
        yield Fact(field, one.number, one.place, one.how)


def _is_whole(value: Resolved) -> bool:
    return type(value.value) is int and value.value > 0
