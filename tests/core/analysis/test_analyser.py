"""Putting an analysis together: order, passages, warnings, robustness."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.analysis.analyser import analyse, distinct
from core.analysis.discovery import discover
from core.analysis.facts import Candidate, Fact, Place
from core.analysis.outline import outline
from core.analysis.source import read_source
from tests.core.analysis.mutating import mutated, scripts
from tests.core.analysis.test_training_rules import SCRIPT
from tests.core.analysis.writing import analysed, write

PLACE = Place("a.py", 1, 1)
SOURCES = scripts()


def test_facts_that_say_the_same_are_said_once() -> None:
    facts = [Fact("epochs", value, PLACE, "x") for value in (1, 1.0, True, None, 2)]
    assert [each.value for each in distinct(facts)] == [1, True, 2]
    assert [each.value for each in distinct([Fact("optimizer", None, PLACE, "x")])] == [None]


def test_two_analyses_are_equal(tmp_path: Path) -> None:
    assert analysed(tmp_path, {"train.py": SCRIPT}) == analysed(tmp_path, {"train.py": SCRIPT})


def test_a_model_is_described_in_plain_words(tmp_path: Path) -> None:
    data = "import torchvision\ndata = torchvision.datasets.MNIST('.')\n"
    found = analysed(tmp_path, {"train.py": SCRIPT + data}).passages
    described = [each.text for each in found if each.kind == "described"]
    assert found[0].kind == "described" and "handwritten digits" in described


def test_a_family_is_described_in_one_sentence(tmp_path: Path) -> None:
    """Of its several descriptions the first, as it stands."""
    found = analysed(tmp_path, {"train.py": SCRIPT}).passages
    assert not any("['" in each.text for each in found if each.kind == "described")


def test_an_environment_is_described_by_what_happens_in_it(tmp_path: Path) -> None:
    """Also by its family: Qbert-v4."""
    play = "import gymnasium as gym\nenv = gym.make('Qbert-v4')\nobs, _ = env.reset()\nenv.step(0)\n"
    found = analysed(tmp_path, {"train.py": SCRIPT + play}).passages
    assert any("cubes of a pyramid" in each.text for each in found if each.kind == "described")


def test_comments_beside_definitions_are_indexed(tmp_path: Path) -> None:
    script = "# From dates in words to dates in numbers.\n" + SCRIPT + "\ndef helper():\n    # inside\n    pass\n"
    found = [each.text for each in analysed(tmp_path, {"train.py": script}).passages if each.kind == "code"]
    assert "# From dates in words to dates in numbers." in found and any("# inside" in text for text in found)


def test_what_is_imported_is_told(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": f"import gymnasium as gym\n{SCRIPT}"}).passages
    assert any("gymnasium" in each.text for each in found if each.text.startswith("imports "))


def test_passages_begin_with_the_digest(tmp_path: Path) -> None:
    files = {
        "train.py": '"""Learns digits."""\n'
        + SCRIPT
        + "\n# what it is for\nclass Net(nn.Module):\n    '''A net for digits.'''\n",
        "README.md": "# Digits\n\nA small study of digits.\n",
    }
    found = analysed(tmp_path, files).passages
    first = next(each for each in found if each.kind != "described")
    assert first.kind == "digest" and "optimizer: AdamW" in first.text
    texts = {(each.kind, each.text) for each in found}
    assert ("docstring", "Learns digits.") in texts and ("docstring", "A net for digits.") in texts
    assert any(kind == "readme" and "small study" in text for kind, text in texts)
    assert any(kind == "code" and "# what it is for" in text for kind, text in texts)


def test_a_model_is_not_described_by_its_neighbours_in_a_package(tmp_path: Path) -> None:
    net = 'from torch import nn\n\nclass {0}(nn.Module):\n    "{1} of pictures."\n'
    files = {
        "models/__init__.py": "from .one import One\nfrom .other import Other\n",
        "models/one.py": net.format("One", "Smoothing"),
        "models/other.py": net.format("Other", "Sharpening"),
        "train.py": "from models import *\nwhole = One()\n" + SCRIPT,
    }
    text = " ".join(each.text for each in analysed(tmp_path, files).passages)
    assert "Smoothing" in text and "Sharpening" not in text


def test_a_file_that_does_not_parse_has_its_text_and_a_warning(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": "import torch\nx = (\n# a secret remark\n"})
    path = str(tmp_path / "train.py")
    found = analyse(Candidate(path, "script", files=(path,)), read_source)
    assert any("secret remark" in each.text for each in found.passages)
    assert any(f"{path}:2" in line for line in found.warnings)


def test_nothing_is_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    code = SCRIPT + f"\nopen({str(canary)!r}, 'w').write('x')\n__import__('os').system('touch {canary}')\n"
    analysed(tmp_path, {"train.py": code, "torch.py": f"open({str(canary)!r}, 'w')"})
    assert not canary.exists() and "train" not in sys.modules


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_mutated_sources_raise_nothing(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "train.py"
    path.write_text(mutated(SOURCES, random.Random(seed)), encoding="utf-8", newline="")
    source = read_source(str(path))
    discover({str(path): outline(source)}, str(tmp_path))
    found = analyse(Candidate(str(path), "script", files=(str(path),)), read_source)
    assert not [line for line in found.warnings if "failed: " in line]


@pytest.mark.parametrize("package", ["core", "models", "tui"])
def test_our_own_code_is_analysed_without_a_failing_rule(package: str) -> None:
    for path in sorted((Path(__file__).parents[3] / package).rglob("*.py")):
        found = analyse(Candidate(str(path), "script", files=(str(path),)), read_source)
        assert not [line for line in found.warnings if "failed: " in line]
