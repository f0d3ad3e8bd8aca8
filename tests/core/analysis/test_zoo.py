"""The analyser is right on the demo collection: every fact of the hand-written key, and the line that it stands on."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

import assets
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.facts import Analysis, Fact
from core.analysis.outline import outline
from core.analysis.source import read_source

ZOO = Path(assets.__file__).parent / "zoo"
KEY = json.loads((ZOO / "facts.json").read_text())
SOURCES = (".py", ".ipynb", ".yaml")


@functools.cache
def analyses() -> dict[str, Analysis]:
    """What the analyser says of each model of the zoo, by its path in the zoo."""
    paths = [str(path) for path in sorted(ZOO.rglob("*")) if path.suffix in SOURCES]
    found = discover({path: outline(read_source(path)) for path in paths}, str(ZOO))
    return {Path(candidate.path).relative_to(ZOO).as_posix(): analyse(candidate, read_source) for candidate in found}


def values(analysis: Analysis, field: str) -> list[Fact]:
    return [fact for fact in analysis.facts if fact.field == field and fact.value is not None]


def test_what_is_listed_is_what_the_key_lists() -> None:
    assert sorted(analyses()) == sorted(entry["path"] for entry in KEY)


@pytest.mark.parametrize("entry", KEY, ids=lambda entry: entry["path"])
def test_aliases(entry: dict[str, Any]) -> None:
    found = analyses()[entry["path"]].candidate.aliases
    assert [Path(alias).relative_to(ZOO).as_posix() for alias in found] == entry["aliases"]


CASES = [(entry["path"], field) for entry in KEY for field in entry["fields"]]


@pytest.mark.parametrize(("path", "field"), CASES, ids=[f"{path}:{field}" for path, field in CASES])
def test_facts_and_their_places(path: str, field: str) -> None:
    key = next(entry for entry in KEY if entry["path"] == path)["fields"][field]
    if field == "primary_architecture" or "any_of" in key:
        first = values(analyses()[path], "architecture" if field == "primary_architecture" else field)[0]
        assert first.value in key["any_of"]
        return
    facts = values(analyses()[path], field)
    found = {fact.value for fact in facts} - set(map(str, key.get("neutral", [])))
    assert found - set(key["truth"]) <= {value for value in key.get("neutral", []) if not isinstance(value, list)}
    assert set(key["truth"]) <= found
    stated = [fact for fact in facts if fact.value in key["truth"] and not fact.how.startswith("computed")]
    for fact, text in zip(stated, key.get("at", []), strict=False):
        assert text in lines(fact), f"{fact.value} is said to stand at {fact.place}"


def lines(fact: Fact) -> str:
    """The text that a fact points at."""
    place = fact.place
    text = Path(place.file).read_text()
    if place.cell is not None:
        text = "".join(json.loads(text)["cells"][place.cell]["source"])
    return "\n".join(text.splitlines()[place.line - 1 : place.end_line])
