"""Answer keys over public collections, written by hand from their code: how much of them is told, and told rightly.

    python tests/bench/answer_keys.py FOLDER [KEY.json ...] [--mistakes]

FOLDER holds the collections, each in the folder of its name; one that is not there is passed over, with the commands
that would bring it. Without a KEY, all of `tests/bench/keys/`. What was wrong when a key was written has been mended:
docs/analysis.md has the figures of the first time, which are the ones to judge by.

A key is {"repositories": {NAME: [address, commit]}, "models": [...], "questions": [...]}.

- A model has `corpus` (NAME), `path`, `aliases`, `tier` ("accepted": it may be listed or not) and `fields`: for each
  {"any_of": [...]}, one of which comes first, or {"truth": [...], "instead": [...], "neutral": [...], "traps": [...]}.
  `instead` may take the place of the truth, `neutral` is neither right nor wrong; a list in either is a whole answer.
- A question has `query`, `kind`, `relevant` (paths that begin with NAME), `neutral` and, where two sides are compared,
  `cohorts`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.export import model_json
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


def of_models(key: Mapping[str, Any], listed: Mapping[str, Any], mistakes: list[str]) -> Iterator[tuple[str, Told]]:
    """For each field of each model that must be listed, what is told of it."""
    for entry in key["models"]:
        if entry["tier"] == "accepted":
            continue
        names = [f"{entry['corpus']}/{path}" for path in (entry["path"], *entry["aliases"])]
        model = next((listed[name] for name in names if name in listed), None)
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


def of_question(question: Mapping[str, Any], answers: Sequence[set[str]], accepted: set[str]) -> float:
    """The F1 of an answer, or the mean of both sides of a comparison, in the order that fits better."""
    sides = [set(side) for side in (question.get("cohorts") or {"": question["relevant"]}).values()]
    unjudged = (set(question.get("neutral", ())) | accepted) - set().union(*sides)
    found = [answer - unjudged for answer in answers[: len(sides)]]
    found += [set()] * (len(sides) - len(found))
    orders = (found, found[::-1])
    return max(sum(map(f1, sides, order)) / len(sides) for order in orders)


def present(key: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The key of the collections that are there, and how the others are brought. Questions are about all of them."""
    there = set()
    for name, (address, commit) in key["repositories"].items():
        if (folder / name).is_dir():
            there.add(name)
        else:
            print(f"not there: git clone {address} {folder / name} && git -C {folder / name} checkout {commit}")
    asked = [q for q in key["questions"] if there == set(key["repositories"])]
    return {"roots": there, "models": [m for m in key["models"] if m["corpus"] in there], "questions": asked}


def table(key: Mapping[str, Any], folder: Path, mistakes: list[str]) -> None:
    """Index the collections of one key into a catalogue of their own and print what is right."""
    with tempfile.TemporaryDirectory() as scratch:
        library = Library(Path(scratch) / "catalogue", embedder=text_embedder.load if key["questions"] else None)
        library.index([folder / name for name in sorted(key["roots"])])
        listed = {os.path.relpath(model.path, folder): model_json(model) for model in library.list()}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for field, told in of_models(key, listed, mistakes):
            for name in (field, "all facts"):
                counts[name].update(right=len(told.right), wrong=len(told.wrong), missed=len(told.missed))
        for field, of in counts.items():
            precision, recall = _share(of["right"], of["wrong"]), _share(of["right"], of["missed"])
            print(f"{field:22} {precision} precision  {recall} recall")
        known = {f"{m['corpus']}/{path}" for m in key["models"] for path in (m["path"], *m["aliases"])}
        print(f"{'in no key':22} {len(set(listed) - known)} of {len(listed)} listed")
        _questions(key, library, folder, mistakes)
        library.close()


def _questions(key: Mapping[str, Any], library: Library, folder: Path, mistakes: list[str]) -> None:
    accepted = {f"{m['corpus']}/{m['path']}" for m in key["models"] if m["tier"] == "accepted"}
    scores: dict[str, list[float]] = defaultdict(list)
    for question in key["questions"]:
        answer = library.search(question["query"])
        sides = [side.ids for side in answer.cohorts] or [answer.ids]
        paths = [{os.path.relpath(library.model(of).path, folder) for of in ids} for ids in sides]
        score = of_question(question, paths, accepted)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("keys", type=Path, nargs="*")
    parser.add_argument("--mistakes", action="store_true")
    given = parser.parse_args()
    folder = given.folder.resolve()
    for path in given.keys or sorted(KEYS.glob("*.json")):
        key = present(json.loads(path.read_text()), folder)
        if key["roots"]:
            print(f"== {path.stem}: {len(key['models'])} models, {len(key['questions'])} questions")
            mistakes: list[str] = []
            table(key, folder, mistakes)
            if given.mistakes:
                print(*mistakes, sep="\n")


if __name__ == "__main__":
    main()
