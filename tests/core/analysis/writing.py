"""Small folders of code, written and analysed."""

from __future__ import annotations

import textwrap
from pathlib import Path

from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.facts import Analysis, Candidate, Fact
from core.analysis.follow import follow
from core.analysis.outline import Outline, outline
from core.analysis.program import Program, Resolved
from core.analysis.source import read_source

HEAD = """
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
"""
STEP = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in loader:
        LOSS
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files by their relative path, their text dedented."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")


def outlines(folder: Path) -> dict[str, Outline]:
    """The outline of every file in a folder."""
    return {str(path): outline(read_source(path)) for path in sorted(folder.rglob("*")) if path.is_file()}


def candidates(folder: Path, files: dict[str, str]) -> list[Candidate]:
    """What is discovered in a folder of these files."""
    write(folder, files)
    return discover(outlines(folder), str(folder))


def names(folder: Path, files: dict[str, str]) -> list[str]:
    """The relative paths of the models in a folder of these files."""
    return [str(Path(each.path).relative_to(folder)) for each in candidates(folder, files)]


def analysed(folder: Path, files: dict[str, str], name: str = "train.py") -> Analysis:
    """The analysis of the model of this relative path."""
    found = candidates(folder, files)
    return analyse(next(each for each in found if each.path == str(folder / name)), read_source)


def program(folder: Path, files: dict[str, str], name: str = "train.py") -> Program:
    """The followed program of one script that may reach all these files."""
    write(folder, files)
    paths = tuple(str(folder / each) for each in files)
    return follow(Candidate(str(folder / name), "script", files=paths), read_source)


def values(analysis: Analysis, field: str) -> list[object]:
    """The known values of a field."""
    return [fact.value for fact in analysis.facts if fact.field == field and fact.value is not None]


def fact(analysis: Analysis, field: str) -> Fact:
    """The one fact of a field."""
    (found,) = [each for each in analysis.facts if each.field == field]
    return found


def lr(folder: Path, files: dict[str, str]) -> Resolved:
    """What the one optimizer of a program is given as its rate."""
    calls = list(program(folder, files).called("torch.optim.Adam"))
    assert len(calls) == 1
    found = calls[0].argument("lr", 1)
    assert found is not None
    return found


def trained(folder: Path, text: str, field: str, loss: str = "loss = F.cross_entropy(model(x), y)") -> list[object]:
    """The values of a field of a script that makes a `model` and trains it by this loss."""
    return values(analysed(folder, {"train.py": HEAD + text + STEP.replace("LOSS", loss)}), field)
