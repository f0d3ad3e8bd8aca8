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
        ("# Anomaly detection\n\nRun `other.py`.\n", "anomaly detection"),
        ("## News\n\nPart of a tool for anomaly detection.\n\n# Few words\n\nRun `code/train.py`.\n", "regression"),
        ("# Few words\n\n![](a.png)\nFigure 1.2: Anomaly detection.\n\nRun `code/train.py`.\n", "regression"),
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


def test_a_readme_says_its_title_late_and_announces_what_it_says() -> None:
    text = """**News**

- It is a part of a tool for text recognition.

# Introduction

By [Somebody](a) and others

This is the code of:

> Few words: 3D things

# More
"""
    assert [piece.text for piece in opening(text)] == ["", "This is the code of: > Few words: 3D things"]
    assert [piece.text for piece in opening("Title\n=====\nA text of lines.\n")] == ["Title", "A text of lines."]


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Anomaly detection without labels", "anomaly detection"),
        ("Not for anomaly detection", "regression"),
        ("Voice style transfer", "voice conversion"),
        ("Codes of ONE, TWO, THREE and ESRGAN", "super-resolution"),
        ("Codes of ONE, TWO, THREE, FOUR, ESRGAN", "regression"),
        ("Music style transfer", "regression"),
        ("Prompts for vision-language models", "regression"),
        ("Denoising diffusion", "regression"),
    ],
)
def test_titles_say_without_what(tmp_path: Path, title: str, told: str) -> None:
    assert task(tmp_path, f"# {title}\n\nRun `code/train.py`.\n") == [told]


PICTURES = """
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))
"""


@pytest.mark.parametrize(
    ("data", "told"),
    [("", "image captioning"), ("loader = torchvision.datasets.CIFAR10('a')\n", "image classification")],
)
def test_a_sentence_is_heard_where_no_data_are_known(tmp_path: Path, data: str, told: str) -> None:
    code = HEAD + "import torchvision\n" + PICTURES + data + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    files = {"code/train.py": code, "README.md": "# Few words\n\nA network for image captioning.\n"}
    assert values(analysed(tmp_path, files, "code/train.py"), "task") == [told]


def test_a_folder_called_after_denoisers_says_less_than_a_readme(tmp_path: Path) -> None:
    files = {"denoiser/train.py": "from lib import net\nnet.fit(epochs=3)\n", "README.md": "# Speech enhancement\n"}
    assert values(analysed(tmp_path, files, "denoiser/train.py"), "task") == ["speech enhancement"]
