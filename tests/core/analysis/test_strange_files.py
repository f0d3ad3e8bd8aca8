"""Files that are strange, or made to take long, are read to their end; what else is told stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.config_paths import MOST_CHOSEN, chosen_by_name
from core.analysis.nodes import expression
from core.analysis.rules.paths import in_path
from tests.core.analysis.writing import analysed, names, values

RUN = """
import hydra
import torch
from torch import nn

@hydra.main(config_path="conf", config_name="{name}")
def main(cfg):
    net = nn.Linear(3, 4)
    optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    for epoch in range(10):
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()

main()
"""
ALIASES = "a0: &a0 [1, 2, 3]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
"""A list of three lists of three lists ..., which is small only as long as nobody writes it out."""


@pytest.mark.parametrize(
    "strange",
    ["last: *a39\n", "last: !ref [*a39]\n", "? [*a39]\n: 3\n", "last: !new:lib.Net [*a39]\n", "last: &b [*b]\n"],
    ids=["an entry", "a reference", "a key", "an object", "itself"],
)
def test_lists_of_one_list_are_not_written_out(tmp_path: Path, strange: str) -> None:
    files = {"train.py": RUN.format(name="base"), "conf/base.yaml": ALIASES + strange + "lr: 0.25\n"}
    analysis = analysed(tmp_path, files)
    assert values(analysis, "learning_rate") == [0.25]
    assert not [line for line in analysis.warnings if "failed" in line]


def test_the_default_may_be_one_of_the_experiments(tmp_path: Path) -> None:
    files = {
        "train.py": RUN.format(name="experiment/base"),
        "conf/experiment/base.yaml": "lr: 0.1\n",
        "conf/experiment/other.yaml": "lr: 0.2\n",
    }
    assert sorted(names(tmp_path, files)) == ["conf/experiment/other.yaml", "train.py"]


READING = """
import torch
from pyhocon import ConfigFactory
from torch import nn

conf = ConfigFactory.parse_file("a.conf")
net = nn.Linear(3, 4)
optimizer = torch.optim.Adam(net.parameters(), lr=conf.get_float("train.lr"))
for epoch in range(10):
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    "line",
    ["a" + " " * 100_000 + "b", 'a = "' + '\\"' * 100_000, "a" + ".a" * 50_000 + " = 3", 'include "list.json"'],
    ids=["spaces", "a text that is not closed", "a key of many parts", "a list below"],
)
def test_long_lines_of_hocon(tmp_path: Path, line: str) -> None:
    files = {"train.py": READING, "a.conf": f"{line}\ntrain {{\n  lr = 0.25\n}}\n", "list.json": "[1, 2]"}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.25]


def test_options_of_a_documentation_without_defaults(tmp_path: Path) -> None:
    usage = "-" * 30_000 + "--wide " * 30_000 + "\n\n  --rate=R  The rate\n            of steps. [default: 0.25]\n"
    code = READING.replace("import torch\n", f'"""{usage}"""\nfrom docopt import docopt\nimport torch\n', 1)
    told = code.replace('conf = ConfigFactory.parse_file("a.conf")', "conf = docopt(__doc__)")
    told = told.replace('conf.get_float("train.lr")', 'float(conf["--rate"])')
    assert values(analysed(tmp_path, {"train.py": told}), "learning_rate") == [0.25]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('f"configs/{a}.yaml"', "configs/*.yaml"),
        ('f"configs/{a}/{b}-{c}.yaml"', "configs/*/*-*.yaml"),
        ("f'configs/" + "-".join(["{a}"] * (MOST_CHOSEN + 1)) + ".yaml'", ""),
        ('"configs/{:03d}.json".format(n)', "configs/*.json"),
        ('("' + "{" * 100_000 + '.json").format(n)', ""),
        ('f"../{a}.yaml"', ""),
    ],
    ids=["one", "three", "too many", "a format", "brackets", "above"],
)
def test_paths_chosen_by_name(code: str, path: str) -> None:
    assert chosen_by_name(expression(code)) == path


def test_a_long_text_is_no_path() -> None:
    assert in_path("data/mnist/train.csv", False) == "MNIST"
    assert in_path("mnist/" + "b" * 300_000, True) is None
