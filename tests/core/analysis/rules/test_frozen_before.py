"""Networks that were trained before, and only serve."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TWO = """
import torch
import pytorch_lightning as pl
class Before(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(8, 8)
    def training_step(self, batch, index):
        return self.net(batch).pow(2).mean()
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.3)
class After(pl.LightningModule):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(8, 2)
    def training_step(self, batch, index):
        x, y = batch
        return torch.nn.functional.cross_entropy(self.head(self.encoder(x)), y)
    def configure_optimizers(self):
        return torch.optim.Adam(self.head.parameters(), lr=0.001)
before = Before()
before.freeze()
after = After(before.net)
pl.Trainer(max_epochs=5).fit(after, loader)
"""


def test_how_a_frozen_network_was_trained_is_nothing_of_the_run(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TWO})
    assert (values(found, "learning_rate"), values(found, "optimizer")) == ([0.001], ["Adam"])


def test_a_network_may_be_frozen_that_is_fitted(tmp_path: Path) -> None:
    code = TWO.replace("after = After(before.net)\n", "").replace("fit(after", "fit(before")
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [0.3]
