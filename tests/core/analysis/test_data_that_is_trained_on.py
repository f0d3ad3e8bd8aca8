"""Which of several data modules of one class a trainer is given, and how often it goes over data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

DATA = """
import pytorch_lightning as pl
from torch.utils.data import DataLoader

class Data(pl.LightningDataModule):
    def __init__(self, size):
        super().__init__()
        self.size = size
    def train_dataloader(self):
        return DataLoader(self.read(), batch_size=self.size, shuffle=True)
"""
FIRST = "from data import Data\ndata = Data(size=32)\nwidth = 16\n"
SECOND = """
import pytorch_lightning as pl
import torch
from data import Data
from first import width

class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(width, 2)
    def training_step(self, batch, index):
        return torch.nn.functional.cross_entropy(self.line(batch[0]), batch[1])
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)

data = Data(size=64)
pl.Trainer(max_epochs=2).fit(Net(), datamodule=data)
"""


def test_the_data_of_the_run_and_not_those_of_what_it_imports(tmp_path: Path) -> None:
    files = {"data.py": DATA, "first.py": FIRST, "train.py": SECOND}
    assert values(analysed(tmp_path, files), "batch_size") == [64]


REPEATED = """
import torch
num_epochs, epoch_repeats = 100, 32
net = torch.nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(num_epochs):
    for _ in range(epoch_repeats):
        for x in loader:
            net(x).mean().backward()
            optimizer.step()
"""


def test_how_often_an_epoch_is_repeated_is_no_number_of_epochs(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": REPEATED}), "epochs") == [100]


RAYS = """
import argparse
import torch
from torch.utils.data import DataLoader
parser = argparse.ArgumentParser()
parser.add_argument("--batch_size", type=int, default=4096)
args = parser.parse_args()

class Rays(torch.utils.data.Dataset):
    def __init__(self, size):
        self.size = size
    def __getitem__(self, index):
        return torch.rand(self.size, 6)

net = torch.nn.Linear(6, 4)
optimizer = torch.optim.Adam(net.parameters())
for rays in DataLoader(Rays(args.batch_size), batch_size=SIZE):
    net(rays).mean().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("size", "told"), [("1", 4096), ("2", 2)])
def test_a_loader_of_single_things_that_are_batches_already(tmp_path: Path, size: str, told: int) -> None:
    assert values(analysed(tmp_path, {"train.py": RAYS.replace("SIZE", size)}), "batch_size") == [told]
