"""The zoo can be made again: each study runs a few steps in a copy and leaves what the shipped one left."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import assets
from core.artifacts.linking import Listed, Maker, find_artefacts

ZOO = Path(assets.__file__).parent / "zoo"
LARGEST = 12 << 20
LARGEST_CHECKPOINT = 1 << 20


def trainer() -> object:
    """`train_all.py`, which is a program beside the studies and not a module of the project."""
    spec = importlib.util.spec_from_file_location("zoo_train_all", ZOO / "train_all.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["zoo_train_all"] = module
    spec.loader.exec_module(module)
    return module


TRAINER = trainer()
STUDIES = TRAINER.STUDIES  # type: ignore[attr-defined]


def made(folder: Path) -> set[str]:
    """The kinds of files that a run left, by folder and suffix."""
    code = {".py", ".ipynb", ".yaml"}
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in code and "__pycache__" not in path.parts
    ]
    return {path.suffix for path in files}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_each_study_runs_a_few_steps(study: object, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    folder = study.folder  # type: ignore[attr-defined]
    shutil.copytree(
        ZOO / folder,
        tmp_path / folder,
        ignore=shutil.ignore_patterns("*.png", "*.pt", "*.pth", "*.log", "*.jsonl", "*.csv"),
    )
    TRAINER.run_study(study, tmp_path, quick=True)  # type: ignore[attr-defined]
    suffixes = made(tmp_path / folder)
    assert suffixes & {".pt", ".pth"}
    shipped = made(ZOO / folder) - {".png"}
    assert shipped - suffixes == set()


def test_a_shortening_that_does_not_fit_any_more_is_an_error(tmp_path: Path) -> None:
    study = TRAINER.Study("x", ".", "a.py", quick={"a.py": (("EPOCHS = 3", "EPOCHS = 1"),)})  # type: ignore[attr-defined]
    (tmp_path / "a.py").write_text("EPOCHS = 4\n")
    with pytest.raises(ValueError, match="EPOCHS = 3"):
        TRAINER.run_study(study, tmp_path, quick=True)  # type: ignore[attr-defined]


def test_an_unknown_study_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ZOO / "train_all.py"), "no-such", "--into", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 2 and "no study is called no-such" in done.stderr


def test_the_zoo_ships_what_its_studies_left_and_stays_small() -> None:
    files = [path for path in ZOO.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < LARGEST
    assert all(path.stat().st_size < LARGEST_CHECKPOINT for path in files)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_study_has_pictures_weights_and_metrics(study: object) -> None:
    folder = ZOO / study.folder  # type: ignore[attr-defined]
    files = [Listed(str(path), path.stat().st_size, 0.0) for path in folder.rglob("*") if path.is_file()]
    found = find_artefacts(Maker(str(folder / study.script)), str(folder), files)  # type: ignore[attr-defined]
    assert found.images and all(image.readable for image in found.images)
    assert found.checkpoints and all(one.readable and one.parameters for one in found.checkpoints)
    assert found.series and found.metrics and not found.warnings


def test_no_path_of_a_machine_is_shipped() -> None:
    suffixes = {".csv", ".json", ".jsonl", ".log", ".ipynb", ".md", ".py", ".yaml"}
    texts = [path.read_text() for path in ZOO.rglob("*") if path.suffix in suffixes]
    places = {str(ZOO), str(Path.home()) + "/", "/home/", "/Users/"} - {"//"}
    assert texts and not [place for place in places for text in texts if place in text]
