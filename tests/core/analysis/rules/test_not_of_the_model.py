"""What stands in a network and is no fact of the model: dropout that is off, constants, odds that it made itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

TRAINED = STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")


@pytest.mark.parametrize(
    ("layer", "option", "told"),
    [
        ("nn.Dropout()", "", [True]),
        ("nn.Dropout()", "parser.add_argument('--dropout', type=float, default=0.0)", []),
        ("Measure()", "", []),
    ],
)
def test_dropout_that_is_off_or_of_a_measure_is_none(
    tmp_path: Path, layer: str, option: str, told: list[object]
) -> None:
    code = f"""
parser = argparse.ArgumentParser()
{option}
args = parser.parse_args()

class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.weigh = nn.Sequential(nn.Dropout(), nn.Conv2d(3, 1, 1))
    def forward(self, x):
        return self.weigh(x)

class Measure(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()
    def forward(self, x):
        return self.part(x)

model = nn.Sequential(nn.Conv2d(3, 3, 3), {layer})
"""
    code = (HEAD + code + TRAINED).replace("Measure", "LPIPS")
    assert values(analysed(tmp_path, {"train.py": code}), "dropout") == told


@pytest.mark.parametrize(("given", "told"), [("np.cos(places)", False), ("np.random.randn(8, 8)", True)])
def test_parameters_of_known_numbers_are_no_layers(tmp_path: Path, given: str, told: bool) -> None:
    code = f"""
import numpy as np

class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        places = np.arange(64).reshape(8, 8)
        self.matrix = nn.Parameter(torch.from_numpy({given}).float())
    def forward(self, x):
        return torch.tensordot(x, self.matrix, dims=1)

class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.there, self.back = Turn(), Turn()
    def forward(self, x):
        return self.back(self.there(x))

model = Both()
"""
    assert ("MLP" in values(analysed(tmp_path, {"train.py": HEAD + code + TRAINED}), "architecture")) == told


@pytest.mark.parametrize(
    ("made", "told"),
    [("F.one_hot(y, 10)", ["image classification"]), ("torch.exp(scores / 0.05)", []), ("a * y + b * z", [])],
)
def test_odds_that_a_network_made_itself_are_no_kinds(tmp_path: Path, made: str, told: list[str]) -> None:
    code = f"""
from torchvision.datasets import CIFAR10
loader = torch.utils.data.DataLoader(CIFAR10("data", train=True), batch_size=8)
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(7200, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        scores = model(x)
        p = F.softmax(scores, 1)
        q = {made}
        loss = -torch.mean(torch.sum(q * torch.log(p), 1))
        right = p.argmax(1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "task") == told


def test_rates_for_one_sample_are_rates(tmp_path: Path) -> None:
    code = """
class Run:
    def __init__(self):
        self.lr_of_one = 0.01 / 64.0
    def train(self, batch_size=16):
        model = nn.Linear(3, 3)
        lr = self.lr_of_one * batch_size
        optimizer = torch.optim.SGD(model.parameters())
        for x in loader:
            loss = model(x).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            for group in optimizer.param_groups:
                group["lr"] = lr

Run().train()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "learning_rate") == [0.01 / 64]


def test_a_loss_that_computes_nothing_is_no_network(tmp_path: Path) -> None:
    code = """
class NoLoss(nn.Module):
    def __init__(self):
        super().__init__()

class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss = NoLoss()
        self.net = nn.Linear(3, 3)
    def forward(self, x):
        return self.net(x)

model = Whole()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code + TRAINED}), "model_classes") == ["Whole"]


def test_a_transformer_that_is_added_to_its_input_is_no_residual_network(tmp_path: Path) -> None:
    code = """
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.first, self.second = nn.LayerNorm(n), nn.LayerNorm(n)
        self.attend = nn.MultiheadAttention(n, 4)
        self.wide = nn.Sequential(nn.Linear(n, 4 * n), nn.GELU(), nn.Linear(4 * n, n))
    def forward(self, x):
        y = self.first(x)
        x = x + self.attend(y, y, y)[0]
        return x + self.wide(self.second(x))

class Stage(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.blocks = nn.ModuleList([Block(n) for _ in range(4)])
        self.one, self.two = nn.Conv2d(n, n, 3, padding=1), nn.Conv2d(n, n, 3, padding=1)
    def forward(self, x):
        y = x.flatten(2).transpose(1, 2)
        for block in self.blocks:
            y = block(y)
        return self.two(self.one(y.transpose(1, 2).view_as(x))) + x

class Restore(nn.Module):
    def __init__(self, n=64):
        super().__init__()
        self.head, self.tail = nn.Conv2d(3, n, 3, padding=1), nn.Conv2d(n, 3, 3, padding=1)
        self.stages = nn.Sequential(Stage(n), Stage(n))
    def forward(self, x):
        return self.tail(self.stages(self.head(x)))

model = Restore()
"""
    found = values(analysed(tmp_path, {"train.py": HEAD + code + TRAINED}), "architecture")
    assert "Transformer" in found and "ResNet" not in found
