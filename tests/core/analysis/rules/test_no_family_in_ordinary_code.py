"""Ordinary code that looks like a family by one of its lines, and is none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

START = """
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
"""
STEPS = """
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
CONSISTENT = "    loss = F.cross_entropy(net(x), y) + (net(x) - net(noisy)).norm(dim=1).mean()"
ACTING = HEAD + "import gym\nenv = gym.make('CartPole-v1')\nenv.step(0)\n"
CLIPPED_GAIN = "    g = torch.clamp(torch.tensor(won), 0.5, 1.5)\n    loss = -(F.log_softmax(net(x), 1) * g).sum()"
CLONED = "    likely = F.log_softmax(net(x), 1)\n    loss = -(A * likely).sum(1).mean()"
FITTED_START = """
    for _ in range(3):
        z = z + torch.randn(10)
        loss = F.mse_loss(net(z), y)
        g, = torch.autograd.grad(loss, z)
        z = z - 0.1 * g
"""


@pytest.mark.parametrize(
    ("text", "families"),
    [
        (HEAD + START + CONSISTENT, {"MLP"}),
        (HEAD + START + FITTED_START, {"MLP", "Autoencoder"}),
        (ACTING + START + CLIPPED_GAIN, {"MLP", "Policy Gradient"}),
        (ACTING + START + CLONED, {"MLP"}),
    ],
    ids=["one model asked of noisy things too", "the slope of a loss", "a clipped return", "actions to be cloned"],
)
def test_lines_that_a_family_has_too(tmp_path: Path, text: str, families: set[str]) -> None:
    assert set(values(analysed(tmp_path, {"train.py": text + STEPS}), "architecture")) <= families


TIED = """
class Tied(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.w, self.p = nn.Parameter(torch.zeros(20, 64)), p
    def forward(self, x):
        h = torch.sigmoid(x @ self.w)
        return (h * (torch.rand_like(h) > self.p)) @ self.w.t()
"""
SENSING = """
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.u, self.v = nn.Linear(5, 10), nn.Linear(10, 10)
    def forward(self, y, A=A):
        z = F.softshrink(self.u(y), 0.1)
        z = z - (A @ z.t() - y.t()).t() @ A
        return F.softshrink(self.v(z), 0.1) - (A @ z.t() - y.t()).t() @ A
"""


@pytest.mark.parametrize(("text", "family"), [(TIED, "RBM"), (SENSING, "GCN")])
def test_networks_that_multiply_both_ways(tmp_path: Path, text: str, family: str) -> None:
    rest = "net = Tied()\noptimizer" + START.partition("optimizer")[2]
    facts = analysed(tmp_path, {"train.py": HEAD + text + rest + "    loss = F.mse_loss(net(x), x)" + STEPS})
    assert family not in values(facts, "architecture")


def test_heads_put_into_a_ready_network_are_no_network(tmp_path: Path) -> None:
    text = """
import torchvision
class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(512, 256), nn.Linear(256, 10), nn.Linear(256, 2)
    def forward(self, x):
        x = F.relu(self.a(x))
        return self.b(x), self.c(x)
net = torchvision.models.resnet18(pretrained=True)
net.fc = Heads()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    loss = F.cross_entropy(net(x)[0], y)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + text + STEPS}), "architecture") == ["ResNet", "CNN"]


def test_an_average_of_losses_is_none_of_weights(tmp_path: Path) -> None:
    meter = """
class EMA:
    def __init__(self, beta=0.98):
        self.beta, self.value = beta, 0.0
    def update(self, x):
        self.value = self.beta * self.value + (1 - self.beta) * x
smooth = EMA()
"""
    text = HEAD + meter + START + "    loss = F.mse_loss(net(x), y)" + STEPS + "    smooth.update(loss.item())\n"
    assert values(analysed(tmp_path, {"train.py": text}), "ema") == []
