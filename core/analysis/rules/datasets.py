"""The data sets that a model is trained on. Environments are elsewhere; made-up data is none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain

from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import keyword
from core.analysis.program import Call, Class, Program, each_in
from core.analysis.rules.bodies import last_name
from core.analysis.rules.judging import is_evaluation, judged_places
from core.analysis.rules.loaded_data import dotted_set, known_class, loaded, may_load
from core.analysis.rules.made_up_data import made_up
from core.analysis.rules.paths import (
    READERS,
    in_path,
    known_set,
    of_configuration,
    of_folders,
    of_path,
    of_shell,
    of_text,
)
from core.analysis.rules.sights import misnames
from core.analysis.rules.splits import called_to_judge, of_test_splits
from core.analysis.rules.view import view

OPTIONS = re.compile(
    r"^((train|raw|processed|binary|input)_?)?(data_?(set|path|dir|root|prefix|name|file|folder|set_name|set_path|set_dir|_set)?|corpus|dataroot|root_?dir|image_?dir|ima?ge?s?_?(root|prefix|folder)|task_name)s?$|^dataset_(name|path|dir|root|str)$|^path_to_data$|^train_(data|file|path)$",
    re.IGNORECASE,
)
"""Settings that say which data is used."""


def datasets(program: Program) -> Iterator[Fact]:
    """Accepts loader calls of libraries, heirs of their classes, paths and addresses that are read, and data options.

    Other paths than those of heirs, and options, count only where no loader names the data. Data that a generator makes
    up is a known none.
    """
    aside = _for_evaluation(program)
    loading = in_order([program.own(), program.whose(may_load)])
    aside += [*called_to_judge(program, loading), *of_test_splits(loading)]
    named = loaded([call for call in loading if call not in aside], program)
    judged = judged_places(program)
    reading = in_order([program.own(), program.named(*READERS)])
    read = [(call, fact) for call in reading for fact in of_path(call) if fact.place not in judged]
    trained = [(call, fact) for call, fact in read if not is_evaluation(call.bound) and not _of_another_split(call)]
    found = _first(chain(named, of_folders(program)))
    if found:
        found = _first(chain(found, (fact for call, fact in trained if isinstance(call.target, Class))))
    else:
        found = _first(fact for _, fact in trained or read)
        stated = any(fact.how == "call argument" for fact in found)
        chosen = _first(_told_by_options(program, _CHOOSING)) if found and not stated else []
        if chosen and {fact.value for fact in chosen}.isdisjoint(fact.value for fact in found):
            found = chosen  # the path is a setting too, of another's machine
    if not found:
        found = _first(_told_by_options(program, OPTIONS))
    if not found:
        found = _first(_named_by_hand(program)) or _first(of_shell(program)) or _first(_chosen_by_a_setting(program))
    found = [fact for fact in found if _BY_LOADERS.match(fact.how) or not misnames(view(program), fact.value)]
    yield from found or list(_described(program)) or list(made_up(program)) or of_configuration(program)


_BY_LOADERS = re.compile(r"call$|class|function|computed: \w+ is ")
"""How data are found that are named by what loads them, and not by a word for them."""


def _of_another_split(call: Call) -> bool:
    """`open("data/swag_val.jsonl")`"""
    text = next((value.text for value in call.positional[:1]), None) or ""
    return is_evaluation(text.rpartition("/")[2].partition(".")[0])


_CHOOSING = re.compile(r"(train_?)?data_?set(_?name)?$", re.IGNORECASE)
"""Those that choose by name, and are no paths."""


def _told_by_options(program: Program, called: re.Pattern[str]) -> Iterator[Fact]:
    """What settings of such a name say, but those of sections for judging."""
    for option in program.options:
        if _says_data(option.name, option.section, called) and not is_evaluation(option.section):
            for value in (option.value, *each_in(option.value)):
                yield from of_text(value, True)


def _says_data(name: str, section: str, called: re.Pattern[str]) -> bool:
    """Whether a setting says which data is used: `dataset`, or `name` in a section `data`."""
    named = name.lower() in ("name", "names", "type") and called.match(section) is not None
    return named or called.match(name) is not None


def _for_evaluation(program: Program) -> list[Call]:
    """The calls that load by name another split than that of training, which other calls load."""
    calls = [call for call in program.named("load_dataset", "load") if _splits(call)]
    loads = [(call, call.keywords["split"].text or "") for call in calls if "split" in call.keywords]
    others = [call for call in program.named("load_data", "load_dataset", "load") if call not in calls]
    trained = any(split.startswith("train") for _, split in loads) or any(
        "split" not in call.keywords and (_splits(call) or dotted_set(call.dotted)) for call in others
    )
    return [call for call, split in loads if trained and split and "train" not in split]


def _splits(call: Call) -> bool:
    """Whether a call loads a split of data by name."""
    return call.name == "load_dataset" or call.dotted == "tensorflow_datasets.load"


def _chosen_by_a_setting(program: Program) -> Iterator[Fact]:
    """`load_dataset("glue", args.task)` in a branch that a setting without a default opens: the one name there is; not
    `load_dataset("glue", args.task)["validation"]`."""
    parts = ((node.value, node.slice) for node in program.entry.of(ast.Subscript))
    judging = {id(whole) for whole, part in parts if isinstance(part, ast.Constant) and is_evaluation(str(part.value))}
    calls = (node for node in program.entry.of(ast.Call) if last_name(node.func) == "load_dataset")
    calls = (node for node in calls if id(node) not in judging and not _judges_by_split(node))
    given = [node.args[0] for node in calls if node.args and isinstance(node.args[0], ast.Constant)]
    named = {known: each for each in given if (known := known_set(str(each.value)))}
    for known, each in named.items() if len(named) == 1 else ():
        yield Fact("datasets", known, program.entry.place(each), "call in a branch that a setting opens")


def _judges_by_split(node: ast.Call) -> bool:
    split = keyword(node, "split")
    return isinstance(split, ast.Constant) and is_evaluation(str(split.value))


def _named_by_hand(program: Program) -> Iterator[Fact]:
    """`dataset_name = "oxford_flowers102"` at the top level, where nothing shows what reads it; or how the names of
    its files begin, `data_name = "coco_5_captions"`."""
    for name, value in program.entry.scope.names.items():
        text = value.text if OPTIONS.match(name) else None
        known = known_class(text) or known_class(text.partition("_")[0]) if text and len(text) < 60 else None
        if known:
            yield Fact("datasets", known, value.place, value.how)


def _described(program: Program) -> Iterator[Fact]:
    """`ArgumentParser(description="PyTorch ImageNet Training")`, where a folder of pictures is told on the command
    line: the one name there is."""
    parsers = program.named("ArgumentParser") if program.named("ImageFolder") else ()
    for text in (value for call in parsers for value in (call.keywords.get("description"),) if value is not None):
        words = [word for pair in _TRAINED_ON.findall(text.text or "") for word in pair if word]
        known = {name for word in words if (name := in_path(word, True))}
        yield from (Fact("datasets", name, text.place, "description") for name in known if len(known) == 1)


_TRAINED_ON = re.compile(r"(?i)(?<![\w-])([a-z][\w-]*) (?:pre-?)?(?:train|classif)|\b(?:on|for) (?:the )?([a-z][\w-]*)")
"""Words of a description that may name what is trained on; others tell whence a script was taken."""


def _first(facts: Iterator[Fact]) -> list[Fact]:
    kept: dict[object, Fact] = {}
    for fact in facts:
        kept.setdefault(fact.value, fact)
    return list(kept.values())
