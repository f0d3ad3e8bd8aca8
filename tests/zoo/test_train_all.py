"""The zoo can be made again: each study runs a few steps in a copy and leaves what the shipped one left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assets.zoo.running import Runner
from assets.zoo.studies import ZOO, Study, load, named, prepare
from assets.zoo.train_all import train_one
from core.artifacts.linking import Listed, Maker, find_artefacts

LARGEST = 25 << 20
LARGEST_FILE = 1 << 20
STUDIES = load()
EACH = pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)


def made(folder: Path) -> set[str]:
    """The kinds of files that a run left."""
    code = {".py", ".ipynb", ".yaml", ".yml", ".toml", ".md"}
    return {path.suffix for path in folder.rglob("*") if path.is_file() and path.suffix not in code} - {".pyc"}


@EACH
def test_each_study_runs_a_few_steps(study: Study, runner: Runner, tmp_path: Path) -> None:
    error, _ = train_one(runner, study, tmp_path, quick=True, seed=study.shipped_seed + 1)
    assert not error
    suffixes = made(tmp_path / study.folder)
    assert suffixes & {".pt", ".pth"}
    others = {".png", ".log", ".npy"}  # these may be of another run in the same folder
    assert made(ZOO / study.folder) - others <= suffixes


def test_a_seed_makes_the_same_files_again(runner: Runner, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("once", "again", "other")]
    for folder, seed in zip(folders, (3, 3, 4), strict=True):
        assert not train_one(runner, STUDIES["vq-vae"], folder, quick=True, seed=seed)[0]
    once, again, other = ((folder / "vq_vae/out/vqvae.jsonl").read_bytes() for folder in folders)
    assert once == again != other


def test_a_shortening_that_does_not_fit_any_more_is_an_error(tmp_path: Path) -> None:
    study = Study("x", ".", "a.py", "--seed 0", quick={"replace": {"a.py": {"EPOCHS = 3": "EPOCHS = 1"}}})
    (tmp_path / "a.py").write_text("EPOCHS = 4\n")
    with pytest.raises(ValueError, match="EPOCHS = 3"):
        prepare(study, tmp_path, quick=True)


def test_a_seed_is_an_argument_or_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("SEED = 0\n")
    assert prepare(Study("x", ".", "a.py", {"a.py": "SEED = 0"}), tmp_path, seed=7) == []
    assert (tmp_path / "a.py").read_text() == "SEED = 7\n"
    assert prepare(Study("x", ".", "a.py", "--seed 3", ["--n", "1"]), tmp_path, seed=4) == ["--n", "1", "--seed", "4"]


def test_a_study_that_fails_says_why(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import sys\nprint('out')\nsys.exit('no such data')\n")
    done = runner.run(tmp_path, "a.py", [])
    assert (done.code, done.stdout, done.stderr) == (1, "out\n", "no such data\n")


def test_an_unknown_study_is_one_line() -> None:
    program = [sys.executable, "-m", "assets.zoo.train_all", "no-such", "--quick"]
    done = subprocess.run(program, capture_output=True, text=True, cwd=ZOO.parent.parent)
    assert done.returncode == 2 and "no study is called no-such" in done.stderr
    with pytest.raises(ValueError, match="no-such"):
        named(["no-such"])


def test_the_zoo_ships_what_its_studies_left_and_stays_small() -> None:
    files = [path for path in ZOO.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < LARGEST
    assert all(path.stat().st_size < LARGEST_FILE for path in files)


@EACH
def test_every_study_has_pictures_weights_and_metrics(study: Study) -> None:
    folder = ZOO / study.folder
    assert all((folder / grid).is_file() for grid in study.grids)
    files = [Listed(str(path), path.stat().st_size) for path in folder.rglob("*") if path.is_file()]
    found = find_artefacts(Maker(str(folder / study.script)), str(folder), files)
    assert found.images and all(image.readable for image in found.images)
    assert found.checkpoints and all(one.readable and one.parameters for one in found.checkpoints)
    assert found.series and found.metrics and not found.warnings


def test_no_path_of_a_machine_is_shipped() -> None:
    suffixes = {".csv", ".json", ".jsonl", ".log", ".ipynb", ".md", ".py", ".yaml", ".toml"}
    texts = [path.read_text() for path in ZOO.rglob("*") if path.suffix in suffixes]
    places = {str(ZOO), str(Path.home()) + "/", "/home/", "/Users/"} - {"//"}
    assert texts and not [place for place in places for text in texts if place in text]
