"""Answer keys over public collections, written by hand from their code: how much of them is told, and told rightly.

    python tests/bench/answer_keys.py [--clones FOLDER] [KEY.json ...] [--mistakes]

FOLDER holds clones of the repositories by their names, or `owner-name` where two have one name; one that is not there
is passed over, and where a KEY is given the command that brings it is printed. Without a KEY, all of
`tests/bench/keys/` are read. What was wrong when a key was written has been mended: docs/analysis.md and
docs/search_measured.md have the figures of the first time, which are the ones to judge by.

A key is {"collections": {NAME: [address, commit, folder]}, "models": [...], "questions": [...]}.

- A model has `corpus` (NAME), `path`, `aliases` and `fields`: for each {"any_of": [...]}, one of which comes first, or
  {"truth": [...], "instead": [...], "neutral": [...], "traps": [...]}. `instead` may take the place of the truth,
  `neutral` is neither right nor wrong; a list in either is a whole answer. A collection has models without an entry.
- A question has `query`, `kind`, `relevant` (paths that begin with NAME), `neutral` and, where two sides are compared,
  `cohorts`. Each is asked of all collections of its key together.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from core.export import model_json
from core.folders import folder
from core.library import Library
from models import text_embedder

KEYS = Path(__file__).parent / "keys"
FIRST_IS_MAIN = {"primary_architecture": "architecture"}


class Told(NamedTuple):
    """What one model or one question is told: values or paths that are right, wrong and missed."""

    right: set[str]
    wrong: set[str]
    missed: set[str]


def folded(value: object) -> str:
    """Values compare without case, spaces and punctuation, and numbers as numbers."""
    if isinstance(value, bool) or value is None:
        return str(value)
    try:
        return f"{float(str(value)):.6g}"
    except ValueError:
        return re.sub(r"[^a-z0-9]+", "", str(value).lower())


def split(values: Iterable[Any]) -> tuple[set[str], list[set[str]]]:
    """Single values, and the whole answers among them."""
    single, whole = set(), []
    for value in values:
        if isinstance(value, list):
            whole.append({folded(part) for part in value})
        else:
            single.add(folded(value))
    return single, whole


def judged(key: Mapping[str, Any], told: Sequence[Any]) -> Told:
    """What is told of one field, against its key."""
    got = [folded(value) for value in told]
    if "any_of" in key:
        wanted = {folded(value) for value in key["any_of"]}
        if not wanted or (got and got[0] in wanted):
            return Told(set(got[:1]) & wanted, set(), set())
        return Told(set(), set(got[:1]), {"|".join(sorted(wanted))})
    truth, _ = split(key["truth"])
    neutral, whole = split(key.get("neutral", ()))
    instead, others = split(key.get("instead", ()))
    values = set(got)
    if any(answer in (values, values - neutral) for answer in (*whole, *others)):
        return Told(truth, set(), set())
    missed = truth - values
    if missed and values & instead:
        return Told(truth, values - truth - neutral - instead, set())
    return Told(values & truth, values - truth - neutral - instead, missed)


class Key(NamedTuple):
    """What of a key can be asked here."""

    roots: dict[str, Path]
    models: list[Mapping[str, Any]]
    questions: list[Mapping[str, Any]]

    def place(self, name: str) -> str:
        """The path of NAME/rest."""
        root, _, rest = name.partition("/")
        return str(self.roots[root] / rest)


def read_key(path: Path, clones: Path, tell: bool) -> Key:
    """A key without the collections that are not there; `tell` how these are brought. A question is about all."""
    key = json.loads(path.read_text("utf-8"))
    roots = {}
    for name, (address, commit, inside) in key["collections"].items():
        named = [clones / "-".join(address.split("/")[-parts:]) for parts in (2, 1)]
        clone = next(filter(Path.is_dir, named), named[-1])
        if clone.is_dir():
            roots[name] = clone / inside
        elif tell:
            print(f"not there: git clone {address} {clone} && git -C {clone} checkout {commit}")
    models = [entry for entry in key["models"] if entry["corpus"] in roots]
    return Key(roots, models, key["questions"] if len(roots) == len(key["collections"]) else [])


@contextmanager
def indexed(key: Key) -> Iterator[Library]:
    """The collections of a key in a catalogue of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        library = Library(Path(scratch) / "catalogue", embedder=text_embedder.load if key.questions else lambda: None)
        library.index(list(key.roots.values()))
        yield library
        library.close()


def of_models(key: Key, listed: Mapping[str, Any], mistakes: list[str]) -> Iterator[tuple[str, Told]]:
    """For each field of each model of the key, what is told of it."""
    for entry in key.models:
        names = [f"{entry['corpus']}/{path}" for path in (entry["path"], *entry["aliases"])]
        model = next((listed[key.place(name)] for name in names if key.place(name) in listed), None)
        if model is None:
            mistakes.append(f"{names[0]} is not listed")
        for field, wanted in entry["fields"].items():
            told = judged(wanted, (model or {}).get(FIRST_IS_MAIN.get(field, field)) or ())
            if told.wrong or told.missed:
                mistakes.append(f"{names[0]}: {field}: wrong {sorted(told.wrong)}, missed {sorted(told.missed)}")
            yield field, told


def f1(wanted: set[str], got: set[str]) -> float:
    """Of two sets; 1 where both are empty."""
    return 2 * len(wanted & got) / (len(wanted) + len(got)) if wanted or got else 1.0


def of_question(key: Key, question: Mapping[str, Any], answers: Sequence[set[str]]) -> float:
    """The F1 of an answer, or the mean of both sides of a comparison, in the order that fits better."""
    told = question.get("cohorts") or {"": question["relevant"]}
    sides = [{key.place(name) for name in names} for names in told.values()]
    unjudged = {key.place(name) for name in question.get("neutral", ())} - set().union(*sides)
    found = [answer - unjudged for answer in answers[: len(sides)]]
    found += [set()] * (len(sides) - len(found))
    return max(sum(map(f1, sides, order)) / len(sides) for order in (found, found[::-1]))


def print_models(key: Key, library: Library, mistakes: list[str]) -> None:
    """Precision and recall of each field and of all."""
    listed = {model.path: model_json(model) for model in library.list()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for field, told in of_models(key, listed, mistakes):
        for name in (field, "all facts"):
            counts[name].update(right=len(told.right), wrong=len(told.wrong), missed=len(told.missed))
    for field, of in counts.items():
        precision, recall = _share(of["right"], of["wrong"]), _share(of["right"], of["missed"])
        print(f"{field:22} {precision} precision  {recall} recall")


def print_questions(key: Key, library: Library, mistakes: list[str]) -> None:
    """The set F1 and the share of exact answers of each kind and of all."""
    scores: dict[str, list[float]] = defaultdict(list)
    for question in key.questions:
        answer = library.search(question["query"])
        two = "cohorts" in question and answer.query.intent == "compare" and len(answer.ids) == 2
        sides = [side.ids for side in answer.cohorts] or ([[id] for id in answer.ids] if two else [answer.ids])
        score = of_question(key, question, [{library.model(id).path for id in ids} for ids in sides])
        empty = not (question["relevant"] or question.get("cohorts"))
        for kind in ("none" if empty else question["kind"], "all questions"):
            scores[kind].append(score)
        if score < 1:
            mistakes.append(f"{score:.2f} {question['query']}")
    for kind, of_kind in sorted(scores.items()):
        exact = sum(score == 1 for score in of_kind) / len(of_kind)
        print(f"{kind:22} {len(of_kind):4d}  F1 {sum(of_kind) / len(of_kind):.3f}  exact {exact:.3f}")


def _share(part: int, rest: int) -> str:
    return f"{part / (part + rest):.3f}" if part + rest else "  -  "


def arguments(description: str | None, pattern: str) -> tuple[argparse.ArgumentParser, Sequence[Path]]:
    """A parser of what every program over keys takes, and the keys that are read where none is given."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clones", type=Path, metavar="FOLDER", default=folder("cache") / "bench" / "collections")
    parser.add_argument("keys", type=Path, nargs="*", metavar="KEY.json")
    return parser, sorted(KEYS.glob(pattern))


def given_keys(given: argparse.Namespace, others: Sequence[Path]) -> Iterator[tuple[str, Key]]:
    """The name of each key and what of it can be asked here, if anything can."""
    for path in given.keys or others:
        key = read_key(path, given.clones.resolve(), bool(given.keys))
        if key.models or key.questions:
            yield path.stem, key
        else:
            print(f"{path.stem}: its collections are not in {given.clones}")


def main() -> None:
    parser, others = arguments(__doc__, "*.json")
    parser.add_argument("--mistakes", action="store_true")
    given = parser.parse_args()
    for name, key in given_keys(given, others):
        print(f"== {name}: {len(key.models)} models, {len(key.questions)} questions")
        mistakes: list[str] = []
        with indexed(key) as library:
            print_models(key, library, mistakes)
            print_questions(key, library, mistakes)
        if given.mistakes:
            print(*mistakes, sep="\n")


if __name__ == "__main__":
    main()
