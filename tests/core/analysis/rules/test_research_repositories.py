"""What repositories that come with papers do in ways of their own: losses, judges, options handed on whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

NETWORK = """
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)

model = Net()
"""
STEPS = """
for epoch in range(3):
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
"""


def test_an_object_kept_as_criterion_is_the_loss_and_no_network(tmp_path: Path) -> None:
    text = NETWORK + (
        "class Contrast(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weights = nn.Linear(4, 4)\n"
        "        self.inner = nn.CrossEntropyLoss()\n"
        "    def forward(self, a, b):\n"
        "        return self.inner(self.weights(a), b)\n"
        "criterion = Contrast()\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEPS})
    assert values(found, "loss") == ["Contrast"]
    assert values(found, "model_classes") == ["Net"]


def test_a_method_that_builds_the_loss_is_none(tmp_path: Path) -> None:
    losses = (
        "import torch.nn as nn\n"
        "class Losses:\n"
        "    def build_loss(self, mode):\n"
        "        return self.cross_entropy if mode == 'ce' else None\n"
        "    def cross_entropy(self, a, b):\n"
        "        return nn.CrossEntropyLoss()(a, b)\n"
    )
    text = NETWORK + (
        "from utils.loss import Losses\n"
        "criterion = Losses().build_loss('ce')\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
    )
    files = {"train.py": text + STEPS, "utils/__init__.py": "", "utils/loss.py": losses}
    assert values(analysed(tmp_path, files), "loss") == ["cross_entropy", "CrossEntropyLoss"]


def test_batches_of_what_turns_training_off_are_not_of_training(tmp_path: Path) -> None:
    text = NETWORK + (
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--batch_size', type=int, default=32)\n"
        "args = parser.parse_args()\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
        "def pass_data(net, data, minibatch_size=64):\n"
        "    net.eval()\n"
        "    return [net(data[i : i + minibatch_size]) for i in range(0, len(data), minibatch_size)]\n"
        "criterion = nn.CrossEntropyLoss()\n"
        "pass_data(model, data)\n"
    )
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "batch_size") == [32]


def test_timm_is_given_all_options_and_takes_the_steps(tmp_path: Path) -> None:
    text = NETWORK + (
        "from timm.optim import create_optimizer\n"
        "from timm.utils import NativeScaler\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--opt', default='adamw')\n"
        "parser.add_argument('--lr', type=float, default=5e-4)\n"
        "args = parser.parse_args()\n"
        "optimizer = create_optimizer(args, model)\n"
        "loss_scaler = NativeScaler()\n"
        "criterion = nn.CrossEntropyLoss()\n"
        "for epoch in range(3):\n"
        "    loss = criterion(model(x), y)\n"
        "    loss_scaler(loss, optimizer, clip_grad=1.0, parameters=model.parameters())\n"
    )
    found = analysed(tmp_path, {"train.py": text})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["AdamW"], [5e-4])


def test_a_package_that_an_installed_command_starts(tmp_path: Path) -> None:
    text = NETWORK + (
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
        "criterion = nn.CrossEntropyLoss()\n"
        "def train():\n"
        "    for epoch in range(3):\n"
        "        criterion(model(x), y).backward()\n"
        "        optimizer.step()\n"
    )
    files = {"pack/__init__.py": "", "pack/__main__.py": text}
    assert names(tmp_path, files) == ["pack/__main__.py"]
    assert values(analysed(tmp_path, files, "pack/__main__.py"), "epochs") == [3]


def test_dataclasses_with_what_remains_of_the_command_line(tmp_path: Path) -> None:
    text = """
        import argparse
        from dataclasses import dataclass, field
        import transformers
        from datasets import load_dataset

        @dataclass
        class Data:
            dataset: str = field(default="imdb")

        @dataclass
        class Training(transformers.TrainingArguments):
            optim: str = field(default="paged_adamw_32bit")

        data, training, rest = transformers.HfArgumentParser((Data, Training)).parse_args_into_dataclasses(
            return_remaining_strings=True
        )
        args = argparse.Namespace(**vars(data), **vars(training))
        if args.dataset == "imdb":
            dataset = load_dataset("imdb")
        else:
            dataset = load_dataset("ag_news")
        model = transformers.AutoModelForCausalLM.from_pretrained("gpt2")
        trainer = transformers.Trainer(model=model, args=training, train_dataset=dataset)
        trainer.train()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "datasets") == ["IMDb"]
    assert values(found, "optimizer") == ["AdamW"]


def test_a_projection_of_what_was_normalised_is_a_shortcut(tmp_path: Path) -> None:
    text = NETWORK.replace(
        "        self.layer = nn.Linear(4, 2)\n",
        "        self.norm = nn.BatchNorm2d(4)\n        self.shortcut = nn.Conv2d(4, 4, 1)\n"
        "        self.one = nn.Conv2d(4, 4, 3)\n        self.two = nn.Conv2d(4, 4, 3)\n",
    ).replace(
        "        return self.layer(x)\n",
        "        out = F.relu(self.norm(x))\n        shortcut = self.shortcut(out)\n"
        "        out = self.two(self.one(out))\n        out += shortcut\n        return out\n",
    )
    text += "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\ncriterion = nn.CrossEntropyLoss()\n"
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "architecture") == ["ResNet", "CNN"]


def test_rates_that_a_schedule_puts_over_nought(tmp_path: Path) -> None:
    text = NETWORK + (
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--learning-rate-weights', type=float, default=0.2)\n"
        "parser.add_argument('--learning-rate-biases', type=float, default=0.0048)\n"
        "args = parser.parse_args()\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0)\n"
        "criterion = nn.CrossEntropyLoss()\n"
        "def adjust(step):\n"
        "    rate = step / len(loader)\n"
        "    optimizer.param_groups[0]['lr'] = rate * args.learning_rate_weights\n"
        "adjust(step)\n"
    )
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "learning_rate") == [0.2, 0.0048]


def test_what_only_looks_at_a_function_does_not_call_it(tmp_path: Path) -> None:
    text = NETWORK + (
        "import functools, inspect, torchvision\n"
        "def reviewed(thing):\n"
        "    if inspect.isclass(thing):\n"
        "        return thing\n"
        "    @functools.wraps(thing)\n"
        "    def wrapper(*args):\n"
        "        return thing(*args)\n"
        "    return wrapper\n"
        "@reviewed\n"
        "def prepare():\n"
        "    return torchvision.datasets.MNIST('data')\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
        "criterion = nn.CrossEntropyLoss()\n"
    )
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "datasets") == []


def test_data_made_of_the_arguments_of_a_command_line(tmp_path: Path) -> None:
    text = """
        import argparse
        import pytorch_lightning as pl
        from torch.utils.data import DataLoader
        from torchvision.datasets import MNIST

        class Digits(pl.LightningDataModule):
            def __init__(self, root=".", batch_size=32):
                super().__init__()
                self.root, self.batch_size = root, batch_size

            def train_dataloader(self):
                return DataLoader(MNIST(self.root), batch_size=self.batch_size)

        class Net(pl.LightningModule):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(4, 2)

        parser = argparse.ArgumentParser()
        parser.add_argument("--batch_size", type=int, default=64)
        parser.add_argument("--max_epochs", type=int, default=5)
        args = parser.parse_args()
        data = Digits.from_argparse_args(args)
        trainer = pl.Trainer.from_argparse_args(args)
        trainer.fit(Net(), datamodule=data)
    """
    found = analysed(tmp_path, {"train.py": text})
    assert (values(found, "datasets"), values(found, "batch_size")) == (["MNIST"], [64])


def test_a_judge_that_two_methods_ask(tmp_path: Path) -> None:
    text = """
        import pytorch_lightning as pl
        import torch
        import torch.nn as nn

        class Game(pl.LightningModule):
            def __init__(self):
                super().__init__()
                self.generator = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 4))
                self.discriminator = nn.Sequential(nn.Linear(4, 16), nn.Linear(16, 1))
                self.criterion = nn.BCELoss()

            def configure_optimizers(self):
                one = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4)
                return [one, torch.optim.Adam(self.generator.parameters(), lr=2e-4)], []

            def forward(self, noise):
                return self.generator(noise)

            def training_step(self, batch, index, optimizer_idx):
                return self.judged(batch) if optimizer_idx == 0 else self.fooled()

            def judged(self, batch):
                return self.criterion(self.discriminator(batch), 1) + self.made()

            def made(self):
                fake = self(torch.randn(4, 8))
                return self.criterion(self.discriminator(fake), 0)

            def fooled(self):
                return -self.made()

        pl.Trainer(max_epochs=3).fit(Game(), data)
    """
    assert "GAN" in values(analysed(tmp_path, {"train.py": text}), "architecture")


def test_a_library_by_the_name_that_it_had_before(tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn
        from pytorch_transformers import AdamW, BertForTokenClassification

        class Tagger(BertForTokenClassification):
            def forward(self, ids, labels=None):
                return nn.CrossEntropyLoss()(self.classifier(self.bert(ids)[0]), labels)

        model = Tagger.from_pretrained("bert-base-cased")
        optimizer = AdamW(model.parameters(), lr=5e-5)
        for epoch in range(3):
            model(ids, labels).backward()
            optimizer.step()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == ["BERT", "Transformer", "Attention"]
    assert values(found, "model_classes") == ["Tagger"]
    assert "Hugging Face Transformers" in values(found, "framework")


def test_what_fastai_passes_on_and_the_rate_of_one_cycle(tmp_path: Path) -> None:
    text = """
        from fastai.basics import *
        from fastai.vision import *
        loss_func = nn.BCEWithLogitsLoss()
        learner = Learner(data, nn.Linear(4, 2), loss_func=loss_func)
        learner.fit_one_cycle(2, max_lr=3e-5)
    """
    found = analysed(tmp_path, {"train.py": text})
    assert (values(found, "loss"), values(found, "learning_rate")) == (["BCEWithLogitsLoss"], [3e-5])


def test_neighbours_that_are_sampled_by_hand(tmp_path: Path) -> None:
    text = NETWORK + (
        "class Mean(nn.Module):\n"
        "    def __init__(self, features):\n"
        "        super().__init__()\n"
        "        self.features = features\n"
        "        self.weight = nn.Linear(8, 8)\n"
        "    def forward(self, nodes, to_neighs):\n"
        "        mask = torch.zeros(len(nodes), len(to_neighs))\n"
        "        return self.weight(mask.mm(self.features(nodes)))\n"
        "model = Mean(None)\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
        "criterion = nn.CrossEntropyLoss()\n"
    )
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "architecture")[0] == "GNN"


def test_what_is_put_around_a_network_and_its_loss_is_none(tmp_path: Path) -> None:
    text = NETWORK + (
        "class BoxLoss(nn.Module):\n"
        "    def forward(self, a, b):\n"
        "        return (a - b).abs().mean()\n"
        "class NetLoss(nn.Module):\n"
        "    def __init__(self, net, criterion):\n"
        "        super().__init__()\n"
        "        self.net, self.criterion = net, criterion\n"
        "    def forward(self, x, y):\n"
        "        return self.criterion(self.net(x), y)\n"
        "criterion = BoxLoss()\n"
        "model = NetLoss(model, criterion)\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.01)\n"
    )
    assert values(analysed(tmp_path, {"train.py": text + STEPS}), "loss") == ["BoxLoss"]


def test_a_section_for_judging_says_nothing_of_training(tmp_path: Path) -> None:
    text = NETWORK + (
        "import yaml\n"
        "config = yaml.safe_load(open('config.yaml'))\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=config['train']['batch_size'])\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=config['train']['base_lr'])\n"
        "criterion = nn.CrossEntropyLoss()\n"
        "probe = torch.optim.SGD(model.parameters(), lr=config['eval']['base_lr'])\n"
        "more = torch.utils.data.DataLoader(data, batch_size=config['eval']['batch_size'])\n"
    )
    config = "train:\n  base_lr: 0.03\n  batch_size: 512\neval:\n  base_lr: 30\n  batch_size: 256\n"
    found = analysed(tmp_path, {"train.py": text + STEPS, "config.yaml": config})
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([0.03], [512])


@pytest.mark.parametrize(
    "sent", ["accelerator.backward(cost.mean())", "cost.sum().backward()", "engine.backward(scale(cost))"]
)
def test_what_is_minimised_may_be_given_to_an_engine_and_reduced_first(tmp_path: Path, sent: str) -> None:
    code = f"""
import torch
def LSquares(net, x):
    return (net(x) - x).pow(2)
net = torch.nn.Linear(4, 4)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for x in loader:
    cost = LSquares(net, x)
    optimizer.zero_grad()
    {sent}
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["LSquares"]
