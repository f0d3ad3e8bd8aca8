"""Engines that count steps, slots drawn around weights, noise around a number and layers of sparse tensors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

TRAINED = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(50):
    x = torch.randn(8, 16)
    F.mse_loss(model(x), x).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("told", "epochs", "steps"),
    [("max_epochs=1, epoch_length=700", [], [700]), ("max_epochs=9, epoch_length=700", [9], [])],
)
def test_an_engine_of_one_epoch_counts_steps(tmp_path: Path, told: str, epochs: list[int], steps: list[int]) -> None:
    code = f"""
{HEAD}
from ignite.engine import Engine
model = nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
def update(engine, batch):
    loss = model(batch).sum()
    loss.backward()
    optimizer.step()
Engine(update).run(loader, {told})
"""
    found = analysed(tmp_path, {"train.py": code})
    assert (values(found, "epochs"), values(found, "steps")) == (epochs, steps)


@pytest.mark.parametrize(("layer", "family"), [("SubMConv3d(3, 8, 3)", "CNN"), ("SparseModule()", None)])
def test_convolutions_of_sparse_tensors(tmp_path: Path, layer: str, family: str | None) -> None:
    code = f"""
{HEAD}
import spconv
from spconv.modules import SparseModule
class Net(SparseModule):
    def __init__(self):
        super().__init__()
        self.first = spconv.{layer}
    def forward(self, x):
        return self.first(x)
model = Net()
{STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")}"""
    assert ("CNN" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is (family == "CNN")


@pytest.mark.parametrize(
    ("drawn", "is_one"),
    [("self.mu.expand(8, 16), self.log_sigma.expand(8, 16)", False), ("self.head(code), self.head(code)", True)],
)
def test_slots_drawn_around_weights_are_no_latents(tmp_path: Path, drawn: str, is_one: bool) -> None:
    code = f"""
{HEAD}
class Slots(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu = nn.Parameter(torch.randn(1, 16))
        self.log_sigma = nn.Parameter(torch.zeros(1, 16))
        self.head, self.decoder = nn.Linear(16, 16), nn.Linear(16, 16)
        self.encoder = nn.Linear(16, 16)
    def forward(self, x):
        code = self.encoder(x)
        mu, log_sigma = {drawn}
        slots = mu + log_sigma.exp() * torch.randn(mu.shape)
        return self.decode(code * slots)
    def decode(self, slots):
        return self.decoder(slots)
model = Slots()
{TRAINED}"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is is_one


@pytest.mark.parametrize(("kind", "is_one"), [(": float", False), ("", True)])
def test_noise_around_a_number_is_no_latent(tmp_path: Path, kind: str, is_one: bool) -> None:
    code = f"""
{HEAD}
class Noisy(nn.Module):
    def __init__(self, mean{kind}, std):
        super().__init__()
        self.mean, self.std = mean, std
        self.encoder, self.decoder = nn.Linear(16, 16), nn.Linear(16, 16)
    def forward(self, x):
        code = self.encoder(x)
        return self.decode(code + self.mean + torch.randn_like(code) * self.std)
    def decode(self, z):
        return self.decoder(z)
model = Noisy(0.0, 0.1)
{TRAINED}"""
    assert ("VAE" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is is_one


@pytest.mark.parametrize("name", ["max_its", "max_iters"])
def test_steps_that_a_configuration_names(tmp_path: Path, name: str) -> None:
    code = f"""
{HEAD}
import yaml
config = yaml.safe_load(open("config.yaml"))
model = nn.Linear(4, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
done = 0
while True:
    for x in loader:
        model(x).sum().backward()
        optimizer.step()
        done += 1
        if done >= config["training"].get("{name}", 10):
            raise SystemExit
"""
    files = {"train.py": code, "config.yaml": f"training:\n  {name}: 4000\n"}
    assert values(analysed(tmp_path, files), "steps") == [4000]


LIBRARY = """
import argparse
import torch
from torch import nn
from toolkit import settings
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)
    def forward(self, x):
        return self.layer(x)
parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
run = settings.parse(parser.parse_args().config)
net = Net()
optimizer = OPTIMIZER
for x in run.data:
    net(x).sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("optimizer", "rates"),
    [("run.optimizer(net)", [0.003]), ("torch.optim.SGD(net.parameters(), lr=0.1)", [0.1])],
)
def test_a_configuration_that_nothing_reads_says_by_name(tmp_path: Path, optimizer: str, rates: list[float]) -> None:
    settings = "optim:\n  learning_rate: 0.003\ntrain:\n  batch_size: 24\n  epochs: 12\n"
    files = {
        "train.py": LIBRARY.replace("OPTIMIZER", optimizer),
        "configs/a.yaml": settings,
        "configs/b.yaml": settings.replace("0.003", "0.004"),
    }
    found = analysed(tmp_path, files, "configs/a.yaml")
    assert values(found, "batch_size") == [24]
    assert values(found, "learning_rate") == rates


def told_unread(folder: Path, settings: str) -> list[tuple[str, object]]:
    """What a script is told by one configuration that nothing is seen to read."""
    code = LIBRARY.replace("OPTIMIZER", "run.optimizer(net)").replace("required=True", "default='a.yaml'")
    found = analysed(folder, {"train.py": code, "a.yaml": settings})
    return [(name, value) for name in ("batch_size", "hardware") for value in values(found, name)]


def test_a_table_of_many_runs_says_nothing_of_one(tmp_path: Path) -> None:
    run = "game{}:\n  batch_size: {}\n  epochs: 3\n  noise: 0.1\n  policy: small\n"
    assert told_unread(tmp_path / "one", run.format(0, 16)) == [("batch_size", 16)]
    assert told_unread(tmp_path / "many", "".join(run.format(size, size) for size in range(16, 24))) == []


def test_where_is_kept_what_is_not_used_is_no_hardware(tmp_path: Path) -> None:
    assert told_unread(tmp_path, "batch_size: 8\nzero:\n  offload_param:\n    device: cpu\n") == [("batch_size", 8)]


@pytest.mark.parametrize(
    ("layer", "more", "told"),
    [
        ("spconv.SubMConv3d", "", "point cloud segmentation"),
        ("nn.Conv3d", "", "image segmentation"),
        ("spconv.SubMConv3d", "anchors, boxes = torch.ones(9, 4), torch.ones(9, 4)\n", "object detection"),
    ],
)
def test_what_goes_down_and_up_over_few_places(tmp_path: Path, layer: str, more: str, told: str) -> None:
    code = f"""
{HEAD}
import spconv
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = {layer}(3, 8, 3, stride=2), nn.ConvTranspose3d(8, 8, 3, stride=2)
        self.first, self.last = {layer}(3, 8, 3), {layer}(16, 4, 3)
    def forward(self, x):
        kept = self.first(x)
        return self.last(torch.cat([self.up(self.down(x)), kept], 1))
    def fitted(self, x):
        {more or "pass"}
        return self(x)
model = Net()
{STEP.replace("LOSS", "loss = F.cross_entropy(model.fitted(x), y)")}"""
    found = analysed(tmp_path, {"train.py": code})
    assert "UNet" in values(found, "architecture") and values(found, "task") == [told]
