"""Code of another kind that holds by accident what a family, a task or data is told by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = """
import torch, torchvision
from torch import nn
import torch.nn.functional as F
"""
STEP = """
optimizer = torch.optim.Adam(model.parameters())
for x, y in read():
    loss = LOSS
    loss.backward()
    optimizer.step()
"""
SETTLED = "F.cross_entropy(model(x), y)"


def told(tmp_path: Path, field: str, code: str, loss: str = SETTLED) -> list[object]:
    return values(analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", loss)}), field)


@pytest.mark.parametrize("line", ["zero_shot, n_way = 0, 3", "n_shot, two_way = 1000, True", "n_shot, one_way = 1, 2"])
def test_neither_zero_shots_nor_two_ways_make_episodes(tmp_path: Path, line: str) -> None:
    code = f"model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten())\n{line}\nshow({line.partition('=')[0]})\n"
    assert "meta-learning" not in told(tmp_path, "task", code)


@pytest.mark.parametrize(("third", "episodes"), [("key", False), ("other", True)])
def test_a_query_beside_keys_is_of_attention(tmp_path: Path, third: str, episodes: bool) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.asked = nn.Parameter(torch.randn(8, 8)), nn.Linear(8, 8)
    def forward(self, x):
        support = torch.mm(x, self.weight)
        query, {third} = self.asked(x), self.asked(x)
        return (query @ {third}.t()) @ support
model = Net()
"""
    assert ("meta-learning" in told(tmp_path, "task", code)) is episodes


@pytest.mark.parametrize(("returned", "attends"), [("self.out(h)", False), ("self.out(h.sum(1))", True)])
def test_a_gate_adds_nothing_up(tmp_path: Path, returned: str, attends: bool) -> None:
    code = f"""
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.out = nn.Parameter(torch.zeros(20, 20)), nn.Linear(20, 1)
    def forward(self, x):
        shares = F.softmax(torch.matmul(x, self.weight), dim=1)
        h = x * shares
        return {returned}
model = Gated()
"""
    assert ("Attention" in told(tmp_path, "architecture", code)) is attends


@pytest.mark.parametrize(("loss", "flow"), [("(rate ** 2).mean()", False), ("rate - prior.log_prob(u).mean()", True)])
def test_a_divergence_of_physics_is_no_density(tmp_path: Path, loss: str, flow: bool) -> None:
    code = f"""
class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 50), nn.Tanh(), nn.Linear(50, 2))
    def forward(self, x, t):
        u = self.net(torch.cat([x, t], 1))
        return u, -self.divergence(u, x)
    def divergence(self, u, x):
        return torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0].sum(1)
def lost(model, x, y):
    u, rate = model(x, y)
    return {loss}
model = Field()
"""
    assert ("Flow" in told(tmp_path, "architecture", code, "lost(model, x, y)")) is flow


@pytest.mark.parametrize(("head", "flow"), [("if back:", True), ("for part in given:", False)])
def test_two_determinants_of_one_way_are_no_flow(tmp_path: Path, head: str, flow: bool) -> None:
    code = f"""
def far(given, other, back, log_det):
    log_det += torch.logdet(given).sum()
    {head}
        log_det -= torch.logdet(other).sum()
    return log_det
model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
"""
    assert ("Flow" in told(tmp_path, "architecture", code, "far(model(x), y, y, 0)")) is flow


@pytest.mark.parametrize(("name", "family"), [("adjust", "MLP"), ("adjacency", "GCN")])
def test_what_is_adjusted_is_next_to_nothing(tmp_path: Path, name: str, family: str) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 8))
    def forward(self, x, {name}):
        return {name}.matmul(self.net(x))
model = Net()
"""
    assert told(tmp_path, "architecture", code, "F.cross_entropy(model(x, x), y)")[0] == family


@pytest.mark.parametrize(
    ("loss", "task"),
    [
        ("F.mse_loss(model(x), F.one_hot(y, 10).float())", ["image classification"]),
        ("F.mse_loss(model(F.one_hot(y, 10).float()), x)", []),
        ("F.mse_loss(*prepared(model(x), y))", ["image classification"]),
    ],
)
def test_what_is_made_of_a_kind_is_not_told_its_kind(tmp_path: Path, loss: str, task: list[str]) -> None:
    code = "def prepared(x, y):\n    y = F.one_hot(y, 10)\n    return x, y\n"
    code += "data = torchvision.datasets.CIFAR10('data')\nmodel = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten())\n"
    assert told(tmp_path, "task", code, loss) == task


def test_a_path_that_is_read_goes_before_a_setting_of_something_else(tmp_path: Path) -> None:
    code = """
import argparse, numpy
parser = argparse.ArgumentParser()
parser.add_argument("--dataset", default="imagenet", help="what the features were learned on")
features = numpy.load("data/cifar10_features.npz")
model = nn.Linear(512, 10)
"""
    assert told(tmp_path, "datasets", code) == ["CIFAR-10"]


@pytest.mark.parametrize(("made", "classes"), [("Evaluator()", ["Net", "Evaluator"]), ("Net()", ["Net"])])
def test_an_evaluator_that_is_trained_is_the_model(tmp_path: Path, made: str, classes: list[str]) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 8, 3)
class Evaluator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net, self.head = Net(), nn.Linear(8, 1)
judge = Evaluator()
model = {made}
"""
    assert sorted(map(str, told(tmp_path, "model_classes", code))) == sorted(classes)


@pytest.mark.parametrize(("built", "classes"), [("", ["Evaluator"]), ("other = nn.Linear(3, 4)", [])])
def test_an_evaluator_that_is_fitted_is_the_model_where_no_other_is(
    tmp_path: Path, built: str, classes: list[str]
) -> None:
    text = f"""
from torch import nn
from skorch import NeuralNetRegressor
class Evaluator(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 1)
{built}
net = NeuralNetRegressor(Evaluator(), max_epochs=3)
net.fit(boards, worths)
"""
    assert values(analysed(tmp_path, {"train.py": text}), "model_classes") == classes


@pytest.mark.parametrize(("name", "task"), [("cifar100", ["image classification"]), ("oscar", [])])
def test_no_kinds_of_texts_that_an_unknown_network_reads(tmp_path: Path, name: str, task: list[str]) -> None:
    code = "from datasets import load_dataset\nfrom somewhere import build\nmodel = build()\n"
    code += f"data = load_dataset({name!r})\n"
    assert told(tmp_path, "task", code) == task


@pytest.mark.parametrize(("held", "skips"), [("{}", True), ("load(x)", False)])
def test_skips_may_be_kept_under_names(tmp_path: Path, held: str, skips: bool) -> None:
    put, last = ('data["a"], data["b"] = a, b', "a") if skips else ("", "b")  # or one entry of data, time after time
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.c, self.d = nn.Conv2d(32, 64, 3, padding=1), nn.Conv2d(64, 32, 3, padding=1)
        self.up, self.last = nn.ConvTranspose2d(64, 32, 2, stride=2), nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.out = nn.Conv2d(32, 21, 1)
    def forward(self, x):
        data = {held}
        a = self.a(x)
        b = self.b(F.max_pool2d(a, 2))
        {put}
        x = self.c(F.max_pool2d(b, 2))
        x = self.d(torch.cat([self.up(x), data["b"]], 1))
        return self.out(torch.cat([self.last(x), data["{last}"]], 1))
model = Net()
"""
    assert ("UNet" in told(tmp_path, "architecture", code)) is skips


@pytest.mark.parametrize("family", ["DCGAN", "GAN"])
def test_only_what_is_judged_is_cross_entropy(tmp_path: Path, family: str) -> None:
    wrong, right = (
        ("F.softplus(-{}).mean()", "F.softplus({}).mean()")
        if family == "DCGAN"
        else ("F.relu(1 - {}).mean()", "F.relu(1 + {}).mean()")
    )
    text = (
        HEAD
        + f"""
made = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4))
judge = nn.Sequential(nn.Conv2d(3, 64, 4), nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 4))
g, d = torch.optim.Adam(made.parameters()), torch.optim.Adam(judge.parameters())
for real, _ in read():
    fake = made(torch.randn(64, 100, 1, 1) * F.softplus(torch.zeros(1)))
    d_loss = {wrong.format("judge(real)")} + {right.format("judge(fake.detach())")}
    d.zero_grad(); d_loss.backward(); d.step()
    g_loss = {wrong.format("judge(fake)") if family == "DCGAN" else "-judge(fake).mean()"}
    g.zero_grad(); g_loss.backward(); g.step()
"""
    )
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == family
