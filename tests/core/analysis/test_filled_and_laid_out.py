"""Registries that packages fill, options that take no configuration, nested groups, and settings made into classes."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, names, values

NET = """
import torch.nn as nn
from .registry import BUILDERS
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3)
        self.second = nn.Conv2d(width, 3, 3)
    def forward(self, x):
        return self.second(self.first(x).relu())
@BUILDERS.with_name("net")
def build_net(args):
    return Net(args.width)
"""
REGISTRY = """
from functools import partial
class Registry:
    def __init__(self):
        self.known = {}
    def get(self, key):
        return self.known.get(key, None)
    def with_name(self, name):
        return partial(self.register, name=name)
    def register(self, function, name):
        self.known[name] = function
        return function
BUILDERS = Registry()
"""
CHOSEN = (
    HEAD
    + """
def build(args):
    from nets.registry import BUILDERS
    return BUILDERS.get(args.model)(args)
p = argparse.ArgumentParser()
p.add_argument("--model", default="net")
p.add_argument("--width", default=8)
model = build(p.parse_args())
"""
    + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
)


def test_a_package_fills_the_registry_that_is_imported_from_it(tmp_path: Path) -> None:
    files = {"nets/registry.py": REGISTRY, "nets/net.py": NET, "nets/__init__.py": "from .net import build_net"}
    found = analysed(tmp_path, {**files, "train.py": CHOSEN})
    assert values(found, "model_classes") == ["Net"]


READING = (
    HEAD
    + """
import importlib.util
from runpy import run_path
p = argparse.ArgumentParser()
p.add_argument("--config_file", required=True)
p.add_argument("--options", nargs="+", help="key-value pairs merged into the config file")
p.add_argument("--find_unused_params", action="store_true")
args = p.parse_args()
for key, value in run_path(args.config_file).items():
    setattr(args, key, value)
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
)
CONFIGS = {
    "train.py": READING,
    "configs/shared.py": "scales = [400, 500]\nsides = [1, 2]\n",
    "configs/small.py": "_base_ = ['shared.py']\nlr = 0.1\nepochs = 3\nbatch_size = 2\n",
    "configs/large.py": "_base_ = ['shared.py']\nlr = 0.2\nepochs = 3\nbatch_size = 2\n",
}


def test_only_the_option_of_a_file_is_given_the_chosen_one(tmp_path: Path) -> None:
    found = analysed(tmp_path, CONFIGS, "configs/small.py")
    assert values(found, "learning_rate") == [0.1]
    assert values(found, "settings.find_unused_params") == [False]
    assert values(found, "settings.options") == []


MERGED = (
    HEAD
    + """
import yaml
p = argparse.ArgumentParser()
p.add_argument("--options", nargs="+", help="a list of option files")
args = vars(p.parse_args())
for path in args["options"]:
    with open(path) as file:
        args.update(yaml.safe_load(file))
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=args["lr"])
for epoch in range(args["epochs"]):
    for x, y in loader:
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
)


def test_options_whose_help_tells_of_files_are_given_them(tmp_path: Path) -> None:
    text = "lr: 0.1\nepochs: 3\nbatch_size: 4\n"
    files = {"train.py": MERGED, "options/small.yaml": text, "options/large.yaml": text}
    assert values(analysed(tmp_path, files, "options/small.yaml"), "learning_rate") == [0.1]


def test_what_others_are_built_on_and_says_nothing_of_training_is_none(tmp_path: Path) -> None:
    assert names(tmp_path, CONFIGS) == ["configs/large.py", "configs/small.py"]


TYPED = """
from dataclasses import dataclass
import hydra
import torch
from dacite import Config, from_dict
from omegaconf import OmegaConf
from torch import nn

@dataclass
class Settings:
    model: dict

def typed(cfg, kind):
    return from_dict(kind, OmegaConf.to_container(cfg), config=Config(strict=True))

def build(cfg):
    part = {"wide": nn.Conv2d(3, 8, 3), "deep": nn.LSTM(3, 8)}[cfg.part.name]
    return nn.Sequential(part, nn.Linear(8, cfg.classes))

@hydra.main(version_base=None, config_path="config", config_name="main")
def main(raw):
    cfg = typed(raw, Settings)
    net = build(cfg.model)
    optimizer = torch.optim.SGD(net.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

if __name__ == "__main__":
    main()
"""
NESTED = {
    "train.py": TYPED,
    "config/main.yaml": "defaults:\n  - model: plain\nlr: 0.1\nepochs: 2\n",
    "config/model/plain.yaml": "defaults:\n  - part: wide\nclasses: 10\n",
    "config/model/part/wide.yaml": "name: wide\n",
    "config/model/part/deep.yaml": "name: deep\n",
    "config/experiment/deep.yaml": "# @package _global_\ndefaults:\n  - override /model/part: deep\nlr: 0.3\n",
}


def test_an_experiment_overrides_the_choice_of_a_nested_group(tmp_path: Path) -> None:
    found = analysed(tmp_path, NESTED, "config/experiment/deep.yaml")
    assert values(found, "learning_rate") == [0.3]
    assert "LSTM" in values(found, "architecture")
    plain = analysed(tmp_path, NESTED)
    assert values(plain, "architecture") == ["CNN"]


def test_what_hydra_is_told_of_itself_is_no_setting(tmp_path: Path) -> None:
    main = "defaults:\n  - model: plain\n  - rates: low\nhydra:\n  job:\n    chdir: true\n"
    rates = "# @package _global_\nlr: 0.1\nepochs: 2\n"
    found = analysed(tmp_path, {**NESTED, "config/main.yaml": main, "config/rates/low.yaml": rates})
    assert values(found, "settings.chdir") == []
    assert values(found, "settings.lr") == [0.1]


TRAINED = """
import jax, optax
import haiku as hk
net = hk.without_apply_rng(hk.transform(lambda x: hk.Linear(2)(x)))
params = net.init(jax.random.PRNGKey(0), x)
optimizer = optax.chain(
    optax.scale(1 / 16), optax.scale_by_adam(), optax.scale(-1),
    optax.scale_by_schedule(optax.linear_schedule(3e-4, 3e-5, 100)),
)
state = optimizer.init(params)
for step in range(100):
    grads = jax.grad(lambda p: optax.l2_loss(net.apply(p, x), y).mean())(params)
    updates, state = optimizer.update(grads, state)
    params = optax.apply_updates(params, updates)
"""


def test_what_weighs_gradients_beside_a_schedule_is_no_rate(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": TRAINED}), "learning_rate") == [3e-4]


def test_what_is_named_a_rate_beside_a_schedule_is_one(tmp_path: Path) -> None:
    code = TRAINED.replace("optax.scale(1 / 16)", "optax.scale(config['lr'])").replace("3e-4, 3e-5", "1.0, 0.0")
    code = code.replace("optimizer = ", "config = {'lr': 0.1}\noptimizer = ")
    assert 0.1 in values(analysed(tmp_path, {"train.py": code}), "learning_rate")


BLOCK = (
    HEAD
    + """
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.embed = nn.Conv2d(width, width, 1)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
    def forward(self, x):
        FORWARD
    def _shortcut(self, x):
        return self.embed(x)
model = nn.Sequential(Block(8), Block(8), Block(8))
"""
    + STEP.replace("LOSS", "loss = F.cross_entropy(model(x).mean((2, 3)), y)")
)


def test_a_block_whose_way_around_is_a_method_of_its_own(tmp_path: Path) -> None:
    body = "kept = self._shortcut(x)\n        return kept + 0.1 * self.second(self.first(x).relu())"
    found = analysed(tmp_path, {"train.py": BLOCK.replace("FORWARD", body)})
    assert "ResNet" in values(found, "architecture")


def test_the_best_along_the_last_axis_is_no_entry_of_a_codebook(tmp_path: Path) -> None:
    body = "best = self.embed(x).max(-1)[0].detach()\n        return self.second(self.first(x)) * best[..., None]"
    found = analysed(tmp_path, {"train.py": BLOCK.replace("FORWARD", body)})
    assert "VQ-VAE" not in values(found, "architecture")


BETWEEN = """
def between(a, b, t):
    a, b, t = torch.broadcast_tensors(a, b, t)
    a, b = a % 6.28, b % 6.28
    lower = a - 6.28
    gap = (b - lower).abs()
    return a + (b - a) * t * gap
"""


def test_what_is_only_brought_to_one_shape_is_not_given_back(tmp_path: Path) -> None:
    step = STEP.replace("LOSS", "loss = F.cross_entropy(model(between(x, y, 0.5)), y)")
    found = analysed(tmp_path, {"train.py": HEAD + BETWEEN + "model = nn.Linear(4, 2)\n" + step})
    assert "Autoencoder" not in values(found, "architecture")
