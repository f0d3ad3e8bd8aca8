"""What research code says in its own ways: schedules over several lines, graphs of polynomials, loaders to judge by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
STEP = """
net = {net}
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for x, y in data:
    optimizer.zero_grad()
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def _families(folder: Path, code: str, net: str) -> list[object]:
    return values(analysed(folder, {"train.py": HEAD + code + STEP.format(net=net)}), "architecture")


LOGS = """
class Noised(nn.Module):
    def __init__(self):
        super().__init__()
        alphas = 1 - torch.linspace(0.0001, 0.02, 100)
        log_alphas = torch.log(alphas)
        log_alphas_bar = torch.cumsum(log_alphas, dim=0)
        self.alphas_bar = torch.exp(log_alphas_bar)
        self.net = nn.Linear(8, 8)
    def forward(self, x):
        return self.net(x)
"""

VOLUME = """
def weigh(sigma, dist):
    alpha = 1.0 - torch.exp(-sigma * dist)
    left = torch.cumprod(torch.cat([torch.ones(alpha.shape[0], 1), 1.0 - alpha + 1e-10], -1), -1)
    return alpha * left[:, :-1]

class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(8, 8)
    def forward(self, x):
        return weigh(self.net(x), x)
"""


@pytest.mark.parametrize(("code", "net", "diffuses"), [(LOGS, "Noised()", True), (VOLUME, "Field()", False)])
def test_what_is_left_of_a_signal_and_of_light(tmp_path: Path, code: str, net: str, diffuses: bool) -> None:
    assert ("Diffusion" in _families(tmp_path, code, net)) is diffuses


POLYNOMIALS = """
class Conv(nn.Module):
    def __init__(self, polynomials):
        super().__init__()
        self.cheb_polynomials = polynomials
        self.theta = nn.ParameterList([nn.Parameter(torch.rand(2, 4)) for _ in polynomials])
    def forward(self, x, attention):
        out = 0
        for k in range(3):
            kept = self.cheb_polynomials[k].mul(attention)
            out = out + kept.permute(0, 2, 1).matmul(x).matmul(self.theta[k])
        return F.relu(out)

def scaled_laplacian(graph):
    return graph - torch.eye(8)
"""

SCATTERED = """
from torch_scatter import scatter
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)
    def forward(self, x, i, j{batch}):
        return scatter(self.lin(x)[j], {index}, dim=0, dim_size=x.size(0))
"""


@pytest.mark.parametrize(
    ("code", "net", "over_a_graph"),
    [
        (POLYNOMIALS, "Conv([scaled_laplacian(graph)] * 3)", True),
        (SCATTERED.format(index="i", batch=""), "Block()", True),
        (SCATTERED.format(index="batch", batch=", batch"), "Block()", False),
    ],
)
def test_graphs_by_polynomials_and_by_indices(tmp_path: Path, code: str, net: str, over_a_graph: bool) -> None:
    assert ("GNN" in _families(tmp_path, code, net)) is over_a_graph


JUDGED = """
import argparse, yaml
from torch.utils.data import DataLoader
from timm.optim import create_optimizer_v2
parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
cfg = yaml.safe_load(open(parser.parse_args().config))
trainloader = DataLoader(Data("train"), batch_size=cfg["batch_size"])
valloader = DataLoader(Data("val"), batch_size=1)
net = nn.Linear(8, 8)
optimizer = create_optimizer_v2(net, "adamw", 0.001, 0.1)
for x, y in trainloader:
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_no_batch_of_judging_and_an_optimizer_named_by_place(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": HEAD + JUDGED})
    assert (values(facts, "batch_size"), values(facts, "optimizer")) == ([], ["AdamW"])


NO_FILE = """
import argparse, json
from bunch import Bunch
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="None", help="The Configuration file")
config = Bunch(json.load(open(parser.parse_args().config)))
net = nn.Linear(8, 8)
optimizer = torch.optim.Adam(net.parameters(), lr=config.learning_rate)
for epoch in range(config.num_epochs):
    F.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_a_default_that_says_none(tmp_path: Path) -> None:
    files = {"train.py": HEAD + NO_FILE, "configs/example.json": '{"learning_rate": 0.02, "num_epochs": 9}'}
    facts = analysed(tmp_path, files)
    assert (values(facts, "learning_rate"), values(facts, "epochs")) == ([0.02], [9])


METHODS = """
import pytorch_lightning as pl
from torchvision.models import resnet18
def resnet(**settings):
    return resnet18(**settings)
def pair_loss_func(a, b):
    return 2 - 2 * (a * b.detach()).sum(dim=1).mean()
class Base(pl.LightningModule):
    BACKBONES = {"resnet": resnet}
    def __init__(self, cfg):
        super().__init__()
        cfg = self.check(cfg)
        self.backbone = self.BACKBONES[cfg["backbone"]]()
    @staticmethod
    def check(cfg):
        return cfg
    def training_step(self, batch, index):
        return {"loss": F.cross_entropy(self.backbone(batch[0]), batch[1])}
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
class Pair(Base):
    @staticmethod
    def check(cfg):
        cfg = super(Pair, Pair).check(cfg)
        return cfg
    def training_step(self, batch, index):
        rest = super().training_step(batch, index)["loss"]
        told = pair_loss_func(self.backbone(batch[0]), self.backbone(batch[0]))
        return told + rest
pl.Trainer(max_epochs=3).fit(Pair({"backbone": "resnet"}))
"""


def test_what_a_static_method_asks_its_base_and_what_a_step_gives_back(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": HEAD + METHODS})
    assert "ResNet" in values(facts, "architecture")
    assert values(facts, "loss") == ["cross_entropy", "pair_loss_func"]


MASKED = """
def mae(pred, true, least):
    mask = torch.gt(true, least)
    pred = torch.masked_select(pred, mask)
    true = torch.masked_select(true, mask)
    return torch.mean(torch.abs(true - pred))
"""


def test_what_a_mask_selects_has_passed_through_nothing(tmp_path: Path) -> None:
    step = STEP.replace("F.mse_loss(net(x), y)", "mae(net(x), y, 0.0)").format(net="nn.Linear(8, 8)")
    assert "Autoencoder" not in values(analysed(tmp_path, {"train.py": HEAD + MASKED + step}), "architecture")


DECAYED = """
import functools
import jax
import optax
def decay(step, lr_final, lr_init, most):
    return lr_init * (lr_final / lr_init) ** (step / most)
rate = functools.partial(decay, lr_final=2e-5, lr_init=2e-3, most=1000)
tx = optax.adam(learning_rate=rate)
state = tx.init(params)
for batch in data:
    gradients = jax.grad(loss)(params, batch)
    updates, state = tx.update(gradients, state)
    params = optax.apply_updates(params, updates)
"""


def test_a_function_that_is_given_where_its_rate_begins(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DECAYED + "jax.grad(loss)(params)\n"}), "learning_rate") == [2e-3]


CLIPS = """
from torchvision.datasets.video_utils import VideoClips
clips = VideoClips(files, 16)
"""


def test_helpers_of_data_sets_are_none(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": HEAD + CLIPS + STEP.format(net="nn.Linear(8, 8)")})
    assert values(facts, "datasets") == []
