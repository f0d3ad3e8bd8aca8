"""What looks like an environment, a picture's patches or a data set, and is a trainer, a sequence's and a registry."""

from __future__ import annotations

from pathlib import Path

from core.analysis.rules.architecture import architecture
from core.analysis.rules.datasets import datasets
from tests.core.analysis.writing import program

STEPPING = """
import torch
from torch import nn
class Meter:
    def reset(self):
        self.total = 0
class Trainer:
    def __init__(self):
        self.net, self.meter = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 1, 3)), Meter()
        self.optimizer = torch.optim.Adam(self.net.parameters())
        betas = torch.linspace(1e-4, 0.02, 1000)
        alphas = 1 - betas
        self.alphas_bar = torch.cumprod(alphas, dim=0)
    def step(self, x, noise):
        share = self.alphas_bar[5]
        loss = (self.net(share ** 0.5 * x + (1 - share) ** 0.5 * noise) - noise).pow(2).mean()
        loss.backward()
        self.optimizer.step()
    def train(self, loader):
        for epoch in range(10):
            self.meter.reset()
            for x in loader:
                self.step(x, torch.randn_like(x))
Trainer().train(loader)
"""


def test_a_trainer_that_steps_is_no_agent(tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": STEPPING})
    assert next(fact.value for fact in found.ask(architecture)) == "Diffusion"


SERIES = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.coarser = nn.Conv1d(16, 16, kernel_size=4, stride=4)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4), 2)
        self.out = nn.Linear(16, 1)
    def forward(self, x):
        return self.out(self.layers(self.coarser(x).transpose(1, 2)))
net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in loader:
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_a_transformer_over_pieces_of_a_sequence_is_no_vit(tmp_path: Path) -> None:
    families = [fact.value for fact in program(tmp_path, {"train.py": SERIES}).ask(architecture)]
    assert families[0] == "Transformer"
    assert "ViT" not in families
    pictures = SERIES.replace("Conv1d(16", "Conv2d(3")
    assert "ViT" in [fact.value for fact in program(tmp_path, {"other.py": pictures}, "other.py").ask(architecture)]


REGISTRY = """
import torch
from torchvision import datasets
known, about = {}, {}
def register(cls):
    known[cls.__name__] = cls
    about[cls.__name__] = {k: v for k, v in cls.__dict__.items()}
    for name, value in cls.__dict__.items():
        about[name] = value
    return cls
@register
class MNIST(datasets.MNIST):
    channels = 1
@register
class CIFAR10(datasets.CIFAR10):
    channels = 3
loader = torch.utils.data.DataLoader(CIFAR10("data"))
"""


def test_a_data_set_that_is_registered_is_none_of_the_run(tmp_path: Path) -> None:
    assert [fact.value for fact in program(tmp_path, {"train.py": REGISTRY}).ask(datasets)] == ["CIFAR-10"]
