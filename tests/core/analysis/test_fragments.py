"""What stands among the configurations of a script, or beside its trainers, and trains nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.test_choosing_configurations import LOOP
from tests.core.analysis.writing import names

SCRIPT = LOOP.format(option='"--config", required=True', name="config", loads="yaml.safe_load(file)")
ONE = "optimizer:\n  lr: 0.1\nepochs: 2\ndata:\n  path: a\n"
MANY = {f"configs/{name}.yaml": ONE for name in ("a", "b", "c")}
WHOLE = ["configs/a.yaml", "configs/b.yaml", "configs/c.yaml"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("configs/pictures.yaml", "dataset:\n  train:\n    batch_size: 8\n"),
        ("configs/search.yaml", "setup:\n  lr: [0.1, 0.2]\nlaunch:\n  gpus: 8\n"),
        ("configs/eval2_cpu.yaml", ONE),
    ],
)
def test_pieces_and_what_judges_are_no_configurations(path: str, text: str, tmp_path: Path) -> None:
    assert names(tmp_path, {"train.py": SCRIPT, **MANY, path: text}) == WHOLE


def test_a_configuration_that_leaves_a_section_out_is_one(tmp_path: Path) -> None:
    found = names(tmp_path, {"train.py": SCRIPT, **MANY, "configs/d.yaml": "epochs: 5\nwidth: 3\nlr: 1\n"})
    assert found == [*WHOLE, "configs/d.yaml"]


def test_configurations_of_data_alone_stay_where_all_are(tmp_path: Path) -> None:
    told = "data:\n  lr: 0.1\n  batch_size: 2\n"
    files = dict.fromkeys(MANY, told)
    assert names(tmp_path, {"train.py": SCRIPT, **files}) == WHOLE


def test_a_file_of_python_without_the_section_that_is_asked_for_only_tests(tmp_path: Path) -> None:
    script = """
        import argparse, torch
        from mmcv import Config
        parser = argparse.ArgumentParser()
        parser.add_argument("config", help="config file")
        cfg = Config.fromfile(parser.parse_args().config)
        net = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=cfg.train_cfg.lr)
        for epoch in range(cfg.train_cfg.epochs):
            net(torch.ones(1)).backward()
            optimizer.step()
    """
    tested = "model = dict(type='Net')\ntest_cfg = dict(scale=4)\n"
    trained = tested + "train_cfg = dict(lr=0.1, epochs=3)\n"
    files = {"configs/a.py": trained, "configs/b.py": trained, "configs/a_later.py": tested}
    assert names(tmp_path, {"train.py": script, **files}) == ["configs/a.py", "configs/b.py"]


def test_slopes_that_are_shown_train_nothing_though_arrays_are_centred(tmp_path: Path) -> None:
    shown = """
        import numpy as np
        import torch
        def shade(grey):
            grey -= grey.min()
            grey -= np.mean(grey)
            return grey / grey.max()
        net = torch.nn.Linear(2, 1)
        loader = torch.utils.data.DataLoader([1])
        for x in loader:
            net(x).sum().backward()
            shade(x.grad.numpy())
    """
    assert names(tmp_path, {"show.py": shown}) == []
    stepped = shown.replace("grey -= grey.min()", "grey -= 0.1 * grey.grad")
    assert names(tmp_path / "stepped", {"show.py": stepped}) == ["show.py"]


def test_what_lays_a_line_to_analyse_is_no_model(tmp_path: Path) -> None:
    text = "from sklearn.svm import SVC\ndef main():\n    for part in range(3):\n        svm = SVC()\n"
    text += "        svm.fit([[part]], [1])\nif __name__ == '__main__':\n    main()\n"
    files = {"analyze_errors.py": text, "lane_metric.py": text, "lane_evaluation/score.py": text, "classify.py": text}
    assert names(tmp_path, files) == ["classify.py"]


def test_what_parts_its_data_to_analyse_learns(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
table = pd.read_csv("reviews.csv")
x, held, y, told = train_test_split(table.counts, table.label)
print(LogisticRegression().fit(x, y).score(held, told))
"""
    assert names(tmp_path, {"analyze_sentiment.py": text}) == ["analyze_sentiment.py"]
