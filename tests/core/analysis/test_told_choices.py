"""What a run must be told, and settings that helpers of libraries read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, names, values

CHOICE = """
from torchvision import datasets
parser = argparse.ArgumentParser()
parser.add_argument("--data", OPTION)
args = parser.parse_args()
if args.data in ["digits", "mnist"]:
    data = datasets.MNIST("data")
elif args.data == "cifar":
    data = datasets.CIFAR10("data")
else:
    raise ValueError(args.data)
loader = torch.utils.data.DataLoader(data, batch_size=20)
model = nn.Linear(3, 2)
"""
LOOP = STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")


@pytest.mark.parametrize(
    ("option", "told"), [("required=True", []), ('default="mnist"', ["MNIST"]), ('default="cifar"', ["CIFAR-10"])]
)
def test_what_a_required_option_must_choose_is_no_fact(tmp_path: Path, option: str, told: list[str]) -> None:
    model = analysed(tmp_path, {"train.py": HEAD + CHOICE.replace("OPTION", option) + LOOP})
    assert values(model, "datasets") == told
    assert values(model, "batch_size") == [20]


def test_of_what_a_required_option_chooses_the_training_is_followed(tmp_path: Path) -> None:
    body = "".join(f"    {line}\n" for line in LOOP.strip().splitlines())
    code = f"""{HEAD}
parser = argparse.ArgumentParser()
parser.add_argument("command")
args = parser.parse_args()
model = nn.Linear(3, 2)
if args.command == "evaluate":
    torch.optim.SGD(model.parameters(), lr=0.5)
elif args.command == "train":
{body}"""
    assert values(analysed(tmp_path, {"train.py": code}), "optimizer") == ["Adam"]


def test_a_helper_that_is_not_at_hand_reads_a_configuration(tmp_path: Path) -> None:
    code = f"""{HEAD}
from helpers.files import load_yaml_file
parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True, help="yaml file")
args = parser.parse_args()
config = load_yaml_file(args.config)
loader = torch.utils.data.DataLoader([], batch_size=config["train"]["batch"])
model = nn.Linear(3, 2)
{LOOP}"""
    files = {"train.py": code, "configs/small.yaml": "root: !join [a, b]\ntrain:\n  batch: 12\n"}
    assert values(analysed(tmp_path, files), "batch_size") == [12]


def test_a_loop_whose_base_takes_the_steps_trains(tmp_path: Path) -> None:
    base = """
        import torch
        class Base:
            def __init__(self, model):
                self.model = model
                self.optimizers = {"all": torch.optim.Adam(model.parameters(), lr=0.01)}
            def advance(self):
                for key in self.optimizers:
                    self.optimizers[key].step()
        """
    trainer = """
        import torch.nn.functional as F
        from base import Base
        class Trainer(Base):
            def train_one(self, loader):
                for x, y in loader:
                    F.mse_loss(self.model(x), y).backward()
                    self.advance()
        """
    code = """
        from torch import nn
        from trainer import Trainer
        Trainer(nn.Linear(2, 2)).train_one([])
        """
    assert names(tmp_path, {"base.py": base, "trainer.py": trainer, "main.py": code}) == ["main.py"]


ASKED = """
from torch.optim import SGD, Adam
from settings import settings
model = nn.Linear(3, 2)
if settings.training.method == "plain":
    optimizer = SGD(model.parameters(), lr=0.5)
elif settings.training.method == "adam":
    optimizer = Adam(model.parameters(), lr=0.5)
else:
    raise ValueError(settings.training.method)
for epoch in range(3):
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("told", "optimizer"), [("method='adam'", ["Adam"]), ("method='rare'", []), ("epochs=3", []), ("", ["SGD", "Adam"])]
)
def test_of_names_that_a_setting_is_none_of_nothing_is_taken(tmp_path: Path, told: str, optimizer: list[str]) -> None:
    training = f"Namespace({told})" if told else "open('settings').read()"
    settings = f"from argparse import Namespace\nsettings = Namespace(training={training})\n"
    files = {"train.py": HEAD + ASKED, "settings.py": settings}
    assert values(analysed(tmp_path, files), "optimizer") == optimizer


def test_what_only_looks_at_gradients_does_not_train_beside_a_module_that_could(tmp_path: Path) -> None:
    tools = """
        import torch
        def fit(weights):
            optimizer = torch.optim.Adam(weights)
            optimizer.step()
        def show(image):
            print(image.grad)
        """
    code = """
        import torch
        from tools import show
        for image in images:
            net(image).max().backward()
            show(image)
        """
    assert names(tmp_path, {"tools.py": tools, "main.py": code}) == []
