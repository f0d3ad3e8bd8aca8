"""What the code of papers does: settings by folder or by the text of an option, layers and losses of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, names, program, trained, values


def test_the_folder_of_an_experiment_holds_its_settings(tmp_path: Path) -> None:
    script = """
import argparse, json, os, torch
class Params:
    def __init__(self, path):
        with open(path) as file:
            self.__dict__.update(json.load(file))
parser = argparse.ArgumentParser()
parser.add_argument("--model_dir", default="experiments/base", help="folder with params.json")
if __name__ == "__main__":
    args = parser.parse_args()
    params = Params(os.path.join(args.model_dir, "params.json"))
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=params.learning_rate)
    for epoch in range(params.num_epochs):
        model(torch.ones(2)).sum().backward()
        optimizer.step()
    with open(os.path.join(args.model_dir, "metrics.json"), "w") as file:
        json.dump({}, file)
"""
    files = {"train.py": script, "experiments/base/metrics.json": '{"accuracy": 0.9}'}
    files |= {f"experiments/{name}/params.json": f'{{"learning_rate": {rate}, "num_epochs": 4}}'
              for name, rate in (("base", 0.1), ("slow", 0.01))}  # fmt: skip
    assert names(tmp_path, files) == ["experiments/slow/params.json", "train.py"]
    assert values(analysed(tmp_path, files), "learning_rate") == [0.1]
    assert values(analysed(tmp_path, files, "experiments/slow/params.json"), "learning_rate") == [0.01]


def test_a_class_of_settings_reads_the_file_that_its_parameter_names(tmp_path: Path) -> None:
    settings = """
import yaml
def load_hparam(path):
    with open(path) as file:
        return dict(yaml.safe_load(file))
class Settings(dict):
    __getattr__ = dict.__getitem__
    def __init__(self, file="config/config.yaml"):
        super().__init__()
        for key, value in load_hparam(file).items():
            setattr(self, key, value)
    __setattr__ = dict.__setitem__
hp = Settings()
"""
    script = "from hparam import hp\nmodel = nn.Linear(2, 2)\n" + STEP.replace("0.01", "hp.lr")
    script = HEAD + script.replace("LOSS", "loss = model(x).sum()")
    files = {"train.py": script, "hparam.py": settings, "config/config.yaml": "lr: 0.3\n"}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.3]


@pytest.mark.parametrize(
    ("option", "test"),
    [
        ("'--deep', default='False', type=ast.literal_eval", "args.deep == False"),
        ("'--net', default='wide_flat'", "args.net.find('flat') + 1"),
    ],
)
def test_what_an_option_says_decides_a_branch(tmp_path: Path, option: str, test: str) -> None:
    text = f"""
import ast
parser = argparse.ArgumentParser()
parser.add_argument({option})
args = parser.parse_args()
class Flat(nn.Module):
    pass
class Deep(nn.Module):
    pass
if {test}:
    model = Flat()
else:
    model = Deep()
"""
    assert trained(tmp_path, text, "model_classes") == ["Flat"]


def test_loops_that_gather_data_are_not_followed_turn_by_turn(tmp_path: Path) -> None:
    text = """
class Tasks:
    def __init__(self, count):
        self.cache = []
        for sample in range(10):
            for i in range(count):
                self.cache.append([[j + i for j in range(5)] for k in range(15)])
tasks = Tasks(32)
model = nn.Linear(2, 2)
"""
    found = program(tmp_path, {"train.py": HEAD + text + STEP.replace("LOSS", "loss = model(x).sum()")})
    assert not found.warnings and found.named("Adam")


def test_an_object_that_is_moved_is_still_the_loss(tmp_path: Path) -> None:
    text = """
class Anchors(nn.Module):
    def forward(self, x, y):
        return (x - y).exp().sum()
model = nn.Linear(2, 2)
criterion = Anchors().to("cuda").float()
"""
    assert trained(tmp_path, text, "loss", "loss = criterion(model(x), y)") == ["Anchors"]


def test_a_loss_lies_behind_what_goes_backward(tmp_path: Path) -> None:
    text = """
def preference_loss(kept, others, mask, beta):
    return -F.logsigmoid(beta * (kept - others) * mask).mean()
model = nn.Linear(2, 2)
"""
    loss = "value = preference_loss(model(x), model(y), x, 0.1); loss = (value + model.extra) / 4"
    assert trained(tmp_path, text, "loss", loss) == ["preference_loss"]


def test_a_namespace_that_is_given_goes_before_the_defaults(tmp_path: Path) -> None:
    text = """
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--rate", default=0.5)
parser.add_argument("--cfg", default="config/a.yaml")
args = parser.parse_args()
for key, value in yaml.safe_load(open(args.cfg)).items():
    setattr(args, key, value)
args = parser.parse_args(namespace=args)
model = nn.Linear(2, 2)
"""
    step = STEP.replace("0.01", "args.rate").replace("LOSS", "loss = model(x).sum()")
    files = {"train.py": HEAD + text + step, "config/a.yaml": "rate: 0.25\nepochs: 1\n"}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.25]


def test_an_object_without_the_attribute_gives_the_default(tmp_path: Path) -> None:
    text = (
        "class Net(nn.Linear):\n    pass\nmodel = Net(2, 2)\ncriterion = getattr(model, 'criterion', nn.HuberLoss)()\n"
    )
    assert trained(tmp_path, text, "loss", "loss = criterion(model(x), y)") == ["HuberLoss"]


def test_one_optimizer_of_many_that_nothing_chooses_is_no_fact(tmp_path: Path) -> None:
    text = """
MANY = {"a": torch.optim.Adagrad, "b": torch.optim.Adadelta, "c": torch.optim.ASGD}
def again(optimizer, setting):
    return MANY[setting["optimizer"]](optimizer.param_groups) if "optimizer" in setting else optimizer
model = nn.Linear(2, 2)
"""
    loss = "optimizer = again(optimizer, plan[epoch]); loss = F.mse_loss(model(x), y)"
    assert trained(tmp_path, text, "optimizer", loss) == ["Adam"]


def test_parts_of_a_loss_are_no_models(tmp_path: Path) -> None:
    text = """
class Peaks(nn.Module):
    def forward(self, x, y):
        return ((x - y) ** 4).sum()
class TotalLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.peaks = Peaks()
    def forward(self, x, y):
        return self.peaks(x, y)
class Net(nn.Module):
    def __init__(self, loss):
        super().__init__()
        self.body, self.loss = nn.Linear(2, 2), loss
    def forward(self, x, y):
        return self.loss(self.body(x), y)
model = Net(TotalLoss())
"""
    assert trained(tmp_path, text, "model_classes", "loss = model(x, y)") == ["Net"]


def test_a_demonstration_with_an_optimizer_of_its_own_trains(tmp_path: Path) -> None:
    cells = [
        "% matplotlib inline\\nimport torch\\nfrom steps import step\\nmodel = torch.nn.Linear(2, 2)",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\\nfor epoch in range(5):\\n    step(model, optimizer)",
    ]
    shown = ", ".join(f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{each}"}}' for each in cells)
    notebook = f'{{"cells": [{shown}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    steps = "def step(model, optimizer):\n    model(1).sum().backward()\n    optimizer.step()\n"
    assert names(tmp_path, {"demo.ipynb": notebook, "steps.py": steps}) == ["demo.ipynb"]


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ("def sequence_loss(x, y, valid, gamma):\n    return ((x - y) * gamma).abs().mean(), {}\n",
         "loss, told = sequence_loss(model(x), y, x, 0.8); loss = scaler.scale(loss)"),
        ("def mpjpe(x, y):\n    return torch.norm(x - y, dim=-1).mean()\n",
         "loss_pos = mpjpe(model(x), y); loss = loss_pos"),
    ],
)  # fmt: skip
def test_a_measure_that_goes_backward_is_the_loss(tmp_path: Path, function: str, call: str) -> None:
    expected = function.partition("(")[0].removeprefix("def ")
    assert trained(tmp_path, f"{function}model = nn.Linear(2, 2)\n", "loss", call) == [expected]


def test_an_option_takes_configurations_wherever_they_stand(tmp_path: Path) -> None:
    script = """
import argparse, yaml, torch
parser = argparse.ArgumentParser()
parser.add_argument("--config_filename", help="Configuration filename of the model.")
if __name__ == "__main__":
    with open(parser.parse_args().config_filename) as file:
        config = yaml.safe_load(file)
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
    for epoch in range(config["epochs"]):
        model(torch.ones(2)).sum().backward()
        optimizer.step()
"""
    config = "lr: 0.1\nepochs: 3\nbatch_size: 8\n"
    files = {"train.py": script, "data/nets/bay.yaml": config, "data/nets/la.yaml": config}
    files |= {"data/nets/pretrained/config.yaml": config, "data/about.yaml": "model: roads\n"}
    assert names(tmp_path, files) == ["data/nets/bay.yaml", "data/nets/la.yaml"]


def test_a_command_line_of_lightning_uses_its_one_configuration(tmp_path: Path) -> None:
    script = """
from lightning.pytorch import LightningModule
from lightning.pytorch.cli import LightningCLI
from torch import nn
class Net(LightningModule):
    def __init__(self, criterion):
        super().__init__()
        self.net, self.criterion = nn.Linear(2, 2), criterion
    def training_step(self, batch, index):
        return self.criterion(self.net(batch[0]), batch[1])
if __name__ == "__main__":
    LightningCLI(Net)
"""
    config = "trainer:\n  max_epochs: 3\nmodel:\n  criterion:\n    class_path: torch.nn.BCELoss\n"
    config += "optimizer:\n  class_path: torch.optim.Adam\n  init_args:\n    lr: 1e-4\n"
    found = analysed(tmp_path, {"train.py": script, "config.yaml": config})
    assert values(found, "epochs") == [3] and values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [1e-4] and values(found, "loss") == ["BCELoss"]


def test_what_prepares_pictures_by_convolutions_is_no_model(tmp_path: Path) -> None:
    text = """
from torchvision import transforms
class GaussianBlur:
    def __init__(self, size):
        self.blur = nn.Sequential(nn.Conv2d(3, 3, (size, 1), groups=3), nn.Conv2d(3, 3, (1, size), groups=3))
    def __call__(self, picture):
        return self.blur(picture)
prepare = transforms.Compose([transforms.RandomCrop(8), GaussianBlur(3)])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3)
    def forward(self, x):
        return self.body(x)
model = Net()
"""
    assert trained(tmp_path, text, "model_classes") == ["Net"]
