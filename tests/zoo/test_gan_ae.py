"""The parameter study of the GAN-AE goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.zoo.running import Runner
from assets.zoo.studies import copy, load

FEW = "--latent-dims 2 3 --adversarial-weights 0.1 --learning-rates 0.01 --sweep 0 1 --epochs 1 --best-epochs 1"


def test_it_resumes_behind_the_last_whole_row(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    folder = copy(load()["gan-ae"], tmp_path)
    results, picture = folder / "study/results.csv", folder / "sweep/adversarial_weight=0.00.png"
    with Runner() as runner:
        assert runner.run(folder, "study.py", FEW.split()).code == 0
        head, first, second = results.read_text().splitlines(keepends=True)
        *settings, _, cost = first.split(",")
        marked = ",".join([*settings, "77.7", cost])  # a distance that no run has
        results.write_text(head + marked + second[:9])
        drawn = picture.stat().st_mtime_ns
        done = runner.run(folder, "study.py", FEW.split())
    assert done.code == 0
    assert results.read_text() == head + marked + second
    assert "1/2 latent_dim 3" in done.stderr and "0/2" not in done.stderr
    assert picture.stat().st_mtime_ns == drawn
    assert "77.7" in (folder / "study/report.md").read_text()
