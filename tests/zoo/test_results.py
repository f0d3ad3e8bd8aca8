"""The numbers of the zoo: how they are measured, and that each study has them with two seeds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assets.zoo.contact_sheet import sheet
from assets.zoo.evaluation import logs, measure
from assets.zoo.results import KEPT, render
from assets.zoo.studies import ZOO, Study, load

STUDIES = load()
RESULTS = json.loads(KEPT.read_text())


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_every_study_has_numbers_with_two_seeds(study: Study) -> None:
    assert study.numbers and study.grids
    assert [entry["name"] for entry in RESULTS[study.name]] == [number["name"] for number in study.numbers]
    for entry in RESULTS[study.name]:
        assert [int(seed) for seed in entry["seeds"]] == [study.shipped_seed, study.shipped_seed + 1]
        assert entry["compare"], f"{study.name}: what is {entry['name']} to be compared with?"


def test_no_number_is_of_a_study_that_is_gone() -> None:
    assert set(RESULTS) == set(STUDIES)


def test_the_page_says_what_was_measured() -> None:
    assert (ZOO / "RESULTS.md").read_text(encoding="utf-8") == render(STUDIES, RESULTS), "results --render"


LOGGED = [
    (study.name, number) for study in STUDIES.values() for number in study.numbers if "logs." in number["measure"]
]


@pytest.mark.parametrize(("name", "number"), LOGGED, ids=[f"{name}:{number['name']}" for name, number in LOGGED])
def test_the_first_number_is_of_what_ships(name: str, number: dict[str, str]) -> None:
    entry = next(entry for entry in RESULTS[name] if entry["name"] == number["name"])
    assert measure(ZOO / STUDIES[name].folder, number)[0] == next(iter(entry["seeds"].values()))


def test_logs_are_read_in_each_of_their_forms(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n3,\n")
    (tmp_path / "a.jsonl").write_text('{"loss": 0.5}\n{"other": 1}\n{"loss": 0.25}\n')
    (tmp_path / "a.json").write_text('[{"loss": 0.5}, {"loss": 0.25}]')
    (tmp_path / "a.log").write_text("epoch 1 loss 0.5\nepoch 2 loss 0.25\n")
    assert {logs.last(tmp_path, name, "loss") for name in ("a.csv", "a.jsonl", "a.json")} == {0.25}
    assert logs.best(tmp_path, "a.csv", "loss") == 0.5
    assert logs.printed(tmp_path, "a.log", r"loss ([\d.]+)") == 0.25
    with pytest.raises(ValueError, match="no accuracy"):
        logs.last(tmp_path, "a.csv", "accuracy")
    with pytest.raises(ValueError, match="nothing like"):
        logs.printed(tmp_path, "a.log", r"accuracy ([\d.]+)")


def test_the_score_and_the_distance_of_samples(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from assets.zoo.evaluation import digits

    assert digits.inception_score(torch.eye(10)) == pytest.approx(10)
    assert digits.inception_score(torch.full((10, 10), 0.1)) == pytest.approx(1)
    points = np.random.default_rng(0).normal(size=(500, 3))
    assert digits.frechet(points, points) == pytest.approx(0, abs=1e-6)
    assert digits.frechet(points, points + np.array([3, 4, 0])) == pytest.approx(25)
    train, held_out = digits.real()
    assert (len(train), len(held_out)) == (1437, 360)
    np.save(tmp_path / "real.npy", (train[:500, 0].numpy() * 255).astype(np.uint8))
    np.save(tmp_path / "noise.npy", np.random.default_rng(0).integers(0, 255, (500, 8, 8), dtype=np.uint8))
    assert digits.score(tmp_path, "real.npy")[0] > 9 > 3 > digits.score(tmp_path, "noise.npy")[0]
    assert digits.distance(tmp_path, "real.npy")[0] < 6 < 40 < digits.distance(tmp_path, "noise.npy")[0]
    np.save(tmp_path / "few.npy", np.zeros((9, 8, 8), dtype=np.uint8))
    with pytest.raises(ValueError, match="at least 500"):
        digits.score(tmp_path, "few.npy")


def test_the_contact_sheet_holds_every_grid() -> None:
    grids = [(study.name, ZOO / study.folder / grid) for study in STUDIES.values() for grid in study.grids]
    drawn = sheet(grids)
    assert drawn.width > 1000 and drawn.height > 240 * (len(grids) // 6)
