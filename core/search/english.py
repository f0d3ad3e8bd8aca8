"""The words that questions are made of, apart from the field's own: what they do, and which of them say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from core.vocabulary import FOLDER, Vocabulary, fold, load


class English:
    """The words of `assets/vocabulary/english.toml`, looked up by phrase."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.functions = _phrases(vocabulary.table("english", "function"))
        self.dates = _phrases(vocabulary.table("english", "dates"))
        self.dropped = frozenset(vocabulary.table("english", "drop")["words"].split())
        self.lead = frozenset(vocabulary.table("english", "drop")["lead"].split())
        self.tail = frozenset(vocabulary.table("english", "drop")["tail"].split())
        self.asking = frozenset(vocabulary.table("english", "drop")["asking"].split())
        self.describing = frozenset(vocabulary.table("english", "describing")["verbs"].split())
        weak = vocabulary.table("english", "weak")
        self.weak_values = frozenset(map(fold, weak["values"].split()))
        self.weak_fields = frozenset(map(fold, weak["fields"].split()))
        ordinary = vocabulary.table("english", "ordinary")
        verbs = {form for verb in ordinary["verbs"].split() for form in _forms(verb)}
        self.generic = frozenset(ordinary["words"].split()) | self.dropped | verbs
        self.ordinary = self.generic | frozenset(ordinary["topics"].split())

    def role(self, words: Sequence[str], table: Mapping[str, str]) -> tuple[str, int]:
        """What the longest phrase at the start of these words does, and its length in words.

        Before "than" a phrase ends too late: "and more" is none in "and more than 5".
        """
        for length in range(min(6, len(words)), 0, -1):
            found = table.get(" ".join(words[:length]))
            if found and list(words[length : length + 1]) != ["than"]:
                return found, length
        return "", 0


def _phrases(table: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, text in table.items():
        for phrase in text.replace("\n", " ").split(","):
            found.setdefault(" ".join(phrase.split()), role)
    found.pop("", None)
    return found


def _forms(verb: str) -> Iterable[str]:
    """A regular verb in all its forms: "settle", "stop", "rely"."""
    yield verb
    stem = verb[:-1] if verb.endswith("e") else verb
    stem += verb[-1] if re.search("[^aeiou][aeiou][bdgmnpt]$", verb) and len(verb) < 5 else ""
    if re.search("[^aeiou]y$", verb):
        yield from (f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    else:
        yield from (f"{verb}es" if re.search("(?:s|x|z|o|ch|sh)$", verb) else f"{verb}s", f"{stem}ed", f"{stem}ing")


@cache
def english() -> English:
    return English(load())


@cache
def spelt() -> frozenset[str]:
    """The words that are spelt as English spells them, of four letters and more (`words.txt`)."""
    lines = (FOLDER / "words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_BEFORE = ("anti", "auto", "hyper", "multi", "non", "pre", "semi", "sub", "super", "un")
_BEHIND = ("ing", "ed", "er", "ers", "or", "ors", "ly", "wise", "less")


@cache
def is_derived(word: str) -> bool:
    """Whether English forms a word of one that it has: "masking", "learners", "linearly", "patchwise", "multilayer"; or
    has its plural."""
    if not word.endswith("s") and f"{word}s" in spelt():
        return True
    if any(word.startswith(prefix) and word[len(prefix) :] in spelt() for prefix in _BEFORE):
        return True
    if found := re.fullmatch("(.+al)i[sz](?:e|es|ed|er|ers|ing)", word):
        return found[1] in spelt()  # "generalize"
    return any(word.endswith(suffix) and _has_stem(word[: -len(suffix)], suffix) for suffix in _BEHIND)


def _has_stem(stem: str, suffix: str) -> bool:
    """Whether English has a stem, a short one as a verb: "learing" is not of Lear, "generater" none of "generate"."""
    doubled = re.fullmatch(r"(.*[^aeiou][aeiou]([^aeiouwxy]))\2", stem)
    for whole in (stem, f"{stem}e", doubled[1] if doubled else "", re.sub("i$", "y", stem)):
        agent = suffix in ("er", "ers") and (len(whole) < 5 or whole.endswith("ate"))  # "hoper" may be Hopper
        verb = len(whole) > 4 or suffix in ("ly", "wise", "less") or f"{stem}ed" in spelt()
        if whole in spelt() and verb and not agent:
            return True
    return False


def is_told(word: str) -> bool:
    """Whether English has a word as a verb or an adverb: such words tell of a topic only where it is one by name."""
    stems = {word, word[:-1], word[:-2], word[:-3]}
    stems |= {f"{stem}e" for stem in stems} | {stem[:-1] for stem in stems if stem[-2:-1] == stem[-1:]}
    verbs = ({*_forms(stem)} for stem in stems if len(stem) > 2)
    return (word.endswith("ly") and word in spelt()) or any(
        word in forms and sum(form in spelt() and form.endswith(("ed", "ing")) for form in forms) == 2
        for forms in verbs
    )


@cache
def topical() -> frozenset[str]:
    """The words by which the vocabulary describes data, tasks, families, environments and techniques."""
    tables = [load().table("subjects", "datasets")]
    tables += [load().table("glosses", field) for field in ("task", "architecture", "environment")]
    tables += [{name: spec["says"] for name, spec in load().table("techniques", "techniques").items()}]
    texts = " ".join(f"{name} {text}" for table in tables for name, text in table.items())
    topics = load().table("english", "ordinary")["topics"].split()
    return frozenset(re.findall("[a-z]{3,}", texts.casefold())) | frozenset(topics)


def singulars(key: str) -> Iterable[str]:
    """A folded word and what it may be the plural of."""
    yield key
    if len(key) > 3 and key.endswith("s") and not key.endswith("ss"):
        yield key[:-1]
        if key.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            yield key[:-2]
        if key.endswith("ies"):
            yield key[:-3] + "y"
