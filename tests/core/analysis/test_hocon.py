"""Files of HOCON: sections in braces, that pyhocon reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.configs import read_config
from core.analysis.program import DictValue, ListValue, Resolved
from core.analysis.source import read_source
from tests.core.analysis.writing import analysed, candidates, values

RUN = """
import argparse
import torch
from pyhocon import ConfigFactory
from torch import nn

class Field(nn.Module):
    def __init__(self, d_in, d_hidden):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(d_in, d_hidden), nn.ReLU(), nn.Linear(d_hidden, 3))
    def forward(self, x):
        return self.layers(x)

parser = argparse.ArgumentParser()
parser.add_argument("--conf", default="./confs/long.conf")
{reading}
net = Field(**conf["model.field"])
optimizer = torch.optim.Adam(net.parameters(), lr=conf.get_float("train.learning_rate"))
for step in range(conf.get_int("train.steps", default=7)):
    x = torch.rand(conf["train"].get_int("batch_size"), 3)
    loss = nn.functional.l1_loss(net(x), torch.sin(x))
    loss.backward()
    optimizer.step()
"""
READING = [
    "conf = ConfigFactory.parse_file(parser.parse_args().conf)",
    "file = open(parser.parse_args().conf)\n"
    "conf = ConfigFactory.parse_string(file.read().replace('CASE_NAME', parser.parse_args().conf))",
]
BASE = """
# What all have in common.
model {
    field {
        d_in = 3, d_hidden = 64
    }
}
train.batch_size = 512
train { learning_rate = 5e-4 }
"""
LONG = 'include required("base.conf")\ntrain {\n    steps = 300000  # many\n    learning_rate: 1e-3\n}\n'
FILES = {"confs/base.conf": BASE, "confs/long.conf": LONG, "confs/short.conf": BASE + "train.steps = 5\n"}


@pytest.mark.parametrize("reading", READING)
def test_trees_asked_by_keys_with_dots(tmp_path: Path, reading: str) -> None:
    files = {"train.py": RUN.format(reading=reading), **FILES}
    facts = analysed(tmp_path, files, "confs/short.conf")
    told = [values(facts, field) for field in ("learning_rate", "steps", "batch_size", "architecture")]
    assert told == [[0.0005], [5], [512], ["MLP"]]
    facts = analysed(tmp_path, files)
    assert [values(facts, field) for field in ("learning_rate", "steps", "batch_size")] == [[0.001], [300000], [512]]
    assert [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)] == [
        "confs/short.conf",
        "train.py",
    ]


def _plain(value: Resolved) -> object:
    inner = value.value
    if isinstance(inner, DictValue):
        return {key: _plain(entry) for key, entry in inner.entries.items()}
    return [_plain(item) for item in inner.items] if isinstance(inner, ListValue) else inner


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a {\n b = 1\n}\na { c = x y }\n", {"a": {"b": 1, "c": "x y"}}),
        ("a {\n}\nb = [1, 2,\n 3]\nc : [\n ./x,\n y\n]\n", {"a": {}, "b": [1, 2, 3], "c": ["./x", "y"]}),
        ('a {\n b = True // yes\n "c.d" = "e # f"\n}\n', {"a": {"b": True, "c.d": "e # f"}}),
        ("a {\n", {"a": {}}),
        ("a {\n b = [\n", {"a": {"b": []}}),
        ("a {\n}}}]\nb = 2\n", {"a": {}}),
    ],
)
def test_values_of_a_text(tmp_path: Path, text: str, value: object) -> None:
    path = tmp_path / "a.conf"
    path.write_text(text)
    found = read_config(read_source(str(path)))
    assert found is not None and _plain(found) == value


def test_what_is_nested_too_deeply_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("a {\n" * 5000)
    source = read_source(str(path))
    assert read_config(source) is None and "nested too deeply" in source.warnings[-1]


STATED = """
import argparse
import torch
from pyhocon import ConfigFactory
def parse(default_conf="conf/base.conf"):
    parser = argparse.ArgumentParser()
    parser.add_argument("--conf", default=None)
    args = parser.parse_args()
    if args.conf is None:
        args.conf = default_conf
    return ConfigFactory.parse_file(args.conf)
conf = parse()
net = torch.nn.Linear(3, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=conf.get_float("train.learning_rate"))
for batch in data:
    torch.nn.functional.l1_loss(net(batch), target).backward()
    optimizer.step()
"""


def test_the_configuration_that_is_called_the_default(tmp_path: Path) -> None:
    files = {"train.py": STATED, "conf/base.conf": BASE, "conf/exp/long.conf": BASE + "train.learning_rate = 0.2\n"}
    assert [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)] == [
        "conf/exp/long.conf",
        "train.py",
    ]
    assert values(analysed(tmp_path, files), "learning_rate") == [0.0005]
    assert values(analysed(tmp_path, files, "conf/exp/long.conf"), "learning_rate") == [0.2]
