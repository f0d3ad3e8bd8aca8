"""What a README says that code is for, where the code says nothing or what is general."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.readmes import opening
from tests.core.analysis.writing import HEAD, STEP, analysed, values

NETWORK = """
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
"""


def task(folder: Path, readme: str, loss: str = "mse_loss") -> list[object]:
    files = {"code/train.py": HEAD + NETWORK + STEP.replace("LOSS", f"loss = F.{loss}(model(x), y)")}
    return values(analysed(folder, {**files, "README.md": readme}, "code/train.py"), "task")


@pytest.mark.parametrize(
    ("readme", "told"),
    [
        ("# Learning to Rank\n\nRun `python code/train.py`.\n", "ranking"),
        ("# Few words\n\nThe code of a paper on anomaly detection. Run `code/train.py`.\n", "anomaly detection"),
        ("# Few words\nEstimation of treatment effects, and `code/train.py`.\n", "causal inference"),
        ("# Few words\n\nA network. It may serve anomaly detection. Run `code/train.py`.\n", "regression"),
        ("# Anomaly detection and question answering\n\nRun `code/train.py`.\n", "regression"),
        ("# Anomaly detection\n\nRun `other.py`.\n", "regression"),
        ("![Anomaly detection](a.png)\n\n# Few words\n\nRun `code/train.py`.\n", "regression"),
    ],
)
def test_a_readme_says_what_for(tmp_path: Path, readme: str, told: str) -> None:
    assert task(tmp_path, readme) == [told]


def test_a_readme_is_not_heard_against_what_code_tells_exactly(tmp_path: Path) -> None:
    assert task(tmp_path, "# Anomaly detection\n\nRun `code/train.py`.\n", "triplet_margin_loss") == [
        "similarity learning"
    ]


def test_the_opening_of_a_readme() -> None:
    text = "[![badge](a.svg)](b)\n\n# A title\nOne sentence (e.g. this). Another.\n\n## More\n\nAnd more.\n"
    assert [(piece.text, piece.line) for piece in opening(text)] == [("A title", 3), ("One sentence (e.g. this).", 4)]
    assert [piece.text for piece in opening("Title\n=====\n\nA text\nof lines.\n")] == ["Title", "A text of lines."]
