"""What a command line starts, and what it is told where nothing is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.analyser import analyse
from core.analysis.source import read_source
from tests.core.analysis.writing import analysed, candidates, values

TRAINING = """
import torch
from torch import nn

def fit(lr, batch_size):
    net = nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for x in torch.utils.data.DataLoader(torch.zeros(8, 4), batch_size=batch_size):
        nn.functional.mse_loss(net(x), x).backward()
        optimizer.step()

"""
FIELDS = "    lr: float = 0.003\n    batch_size: int = 48\n"
DATACLASS = f"from dataclasses import dataclass, field\n@dataclass\nclass Config:\n{FIELDS}"
STARTED = {
    "tyro, of a function that is given a class": f"""
import tyro
{DATACLASS}
def main(config: Config, /) -> None:
    fit(config.lr, config.batch_size)
tyro.cli(main)
""",
    "tyro, with a default": """
import tyro
from dataclasses import dataclass
@dataclass
class Config:
    lr: float
    batch_size: int = 1
config = tyro.cli(Config, default=Config(lr=0.003, batch_size=48))
fit(config.lr, config.batch_size)
""",
    "tyro, of a choice": f"""
import tyro
from typing import Union
from dataclasses import dataclass
@dataclass
class Test:
    batch_size: int = 1000
    def run(self): ...
@dataclass
class Train:
{FIELDS}
    def run(self):
        fit(self.lr, self.batch_size)
tyro.cli(Union[Test, Train]).run()
""",
    "tyro, of named configurations": f"""
import tyro
{DATACLASS}
config = tyro.extras.overridable_config_cli({{"small": ("for a try", Config(0.1)), "default": ("", Config())}})
fit(config.lr, config.batch_size)
""",
    "simple-parsing, beside options": f"""
from simple_parsing import ArgumentParser
{DATACLASS}
parser = ArgumentParser()
parser.add_arguments(Config, dest="config")
args = parser.parse_args()
fit(args.config.lr, args.config.batch_size)
""",
    "fire, of a class": """
import fire
class Trainer:
    def __init__(self, lr=0.003, batch_size=48):
        self.lr, self.batch_size = lr, batch_size
    def train(self):
        fit(self.lr, self.batch_size)
    def test(self):
        fit(1.0, 1000)
fire.Fire(Trainer)
""",
    "fire, of a file": """
import fire
def evaluate(batch_size=1000): ...
def train(lr=0.003, batch_size=48):
    fit(lr, batch_size)
fire.Fire()
""",
    "click, into a dict": """
import click
@click.command()
@click.option("--lr", default=0.003)
@click.option("--batch-size", default=48)
def main(**given):
    fit(given["lr"], given["batch_size"])
main()
""",
    "cyclopts": """
from cyclopts import App
app = App()
@app.default
def main(lr: float = 0.003, batch_size: int = 48):
    fit(lr, batch_size)
app()
""",
    "Sacred": """
from sacred import Experiment
ex = Experiment()
@ex.config
def config():
    lr = 0.003
    batch_size = 16 * 3
@ex.automain
def main(lr, batch_size):
    fit(lr, batch_size)
""",
    "Tap": f"""
from tap import Tap
class Args(Tap):
{FIELDS}
args = Args().parse_args()
fit(args.lr, args.batch_size)
""",
    "optparse": """
from optparse import OptionParser
parser = OptionParser()
parser.add_option("-l", "--lr", type="float", default=0.003)
parser.add_option("--batch-size", type="int", default=48)
options, rest = parser.parse_args()
fit(options.lr, options.batch_size)
""",
    "jsonargparse": """
from jsonargparse import auto_cli
def main(lr: float = 0.003, batch_size: int = 48):
    fit(lr, batch_size)
auto_cli(main)
""",
}


@pytest.mark.parametrize("text", STARTED.values(), ids=STARTED.keys())
def test_commands(text: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TRAINING + text})
    assert values(found, "learning_rate") == [0.003]
    assert values(found, "batch_size") == [48]
    assert values(found, "settings.lr")[:1] == [0.003]


def test_options_that_only_a_text_tells(tmp_path: Path) -> None:
    usage = '"""Train.\n\nOptions:\n  --lr=<x>     Rate [default: 0.003].\n  --batch=<n>  Batch [default: 48].\n"""\n'
    text = "from docopt import docopt\nargs = docopt(__doc__)\nfit(float(args['--lr']), int(args['--batch']))\n"
    found = analysed(tmp_path, {"train.py": usage + TRAINING + text})
    (rate,) = (fact for fact in found.facts if fact.field == "learning_rate")
    assert (rate.value, rate.place.line, rate.how) == (0.003, 4, "documented default")
    assert values(found, "batch_size") == [48]


TYPED = """
import pyrallis
from dataclasses import dataclass, field
@dataclass
class Network:
    width: int = 64
@dataclass
class Config:
    lr: float = 0.1
    batch_size: int = 1
    network: Network = field(default_factory=Network)
@pyrallis.wrap()
def main(config: Config):
    nn.Linear(4, config.network.width)
    fit(config.lr, config.batch_size)
main()
"""


def test_files_of_typed_command_lines(tmp_path: Path) -> None:
    files = {
        "algorithms/awac.py": TRAINING + TYPED,
        "algorithms/iql.py": TRAINING
        + TYPED.replace("batch_size: int = 1", "batch_size: int = 1\n    tau: float = 1.0"),
        "configs/awac/hopper.yaml": "lr: 0.003\nbatch_size: 48\nnetwork:\n  width: 32\n",
        "configs/other.yaml": "lr: 0.003\nshoes: 2\n",
    }
    found = {each.path: each for each in candidates(tmp_path, files)}
    assert [Path(path).name for path in sorted(found)] == ["awac.py", "iql.py", "hopper.yaml"]
    chosen = found[str(tmp_path / "configs/awac/hopper.yaml")]
    assert chosen.script == str(tmp_path / "algorithms/awac.py")
    told = analyse(chosen, read_source)
    assert values(told, "learning_rate") == [0.003]
    assert values(told, "batch_size") == [48]
    assert {fact.place.file for fact in told.facts if fact.field == "batch_size"} == {chosen.path}


PARTS_OF_AN_EXPERIMENT = """
import torch
from sacred import Experiment, Ingredient
data = Ingredient("data")
learner = Ingredient("learner")
ex = Experiment(ingredients=[data, learner])

@data.config
def of_data():
    size = 16

@learner.config
def of_learner():
    size = 64
    lr = 0.02

@data.capture
def loader(size):
    return torch.utils.data.DataLoader(read(), batch_size=size)

class Learner:
    @learner.capture()
    def __init__(self, size, lr):
        self.net = torch.nn.Linear(8, size)
        self.steps = torch.optim.SGD(self.net.parameters(), lr)

@ex.automain
def main(learner):
    made = Learner()
    for x, y in loader():
        torch.nn.functional.cross_entropy(made.net(x), y).backward()
        made.steps.step()
"""


def test_each_ingredient_of_an_experiment_gives_its_own_settings(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": PARTS_OF_AN_EXPERIMENT})
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([0.02], [16])
