"""Losses of the user's own, on their way to what goes backward."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SUMMED = """
import torch
from torch import nn
def ridge_loss(given, wanted):
    return ((given - wanted) ** 2).mean()
def spread_loss(given):
    return given.var()
model = nn.Linear(4, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y in loader:
    losses = {}
    losses["ridge"] = ridge_loss(model(x), y)
    losses["spread"] = spread_loss(model(x))
    loss = sum(losses.values())
    accelerator.backward(loss)
    optimizer.step()
"""


def test_losses_are_summed_up_in_a_dict(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SUMMED}), "loss") == ["ridge_loss", "spread_loss"]


GIVEN = """
from transformers import Trainer
from shelf.nets import Net, RankLoss
from shelf.optim import DiffGrad
from torch.utils.data import DataLoader
net = Net()
trainer = Trainer(model=net, loss_fn=RankLoss(0.1), optimizer=DiffGrad(net.parameters(), lr=0.02))
trainer.train(DataLoader(data, batch_size=8))
"""


def test_a_trainer_is_given_a_loss_by_its_keyword(tmp_path: Path) -> None:
    files = {"train.py": "import torch\n" + GIVEN}
    found = analysed(tmp_path, files)
    assert (values(found, "loss"), values(found, "optimizer")) == (["RankLoss"], ["DiffGrad"])


FILTERED = """
import pandas as pd
import tensorflow as tf

def filter_triplets(rows):
    return rows[rows["rating"] > 3]

rows = filter_triplets(pd.read_csv("ratings.csv"))
x = tf.placeholder(tf.float32, [None, 4])
loss = tf.reduce_mean(tf.square(tf.layers.dense(x, 2)))
step = tf.train.AdamOptimizer(0.01).minimize(loss)
with tf.Session() as session:
    for epoch in range(9):
        session.run(step, {x: rows})
"""


def test_what_filters_rows_of_three_is_no_loss(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": FILTERED}), "loss") == []


SPOKEN = """
import torch
from torch import nn

def length_loss(told, lengths):
    return ((told - lengths) ** 2).sum() / lengths.sum()

def spread_loss(told):
    return told.var()

class Voice(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(8, 8)
    def forward(self, x, y, lengths):
        told = self.line(x)
        spoken_loss = nn.functional.mse_loss(told, y)
        dur_loss = length_loss(told, lengths)
        shown = spread_loss(told)
        return dur_loss, spoken_loss, shown

voice = Voice()
optimizer = torch.optim.Adam(voice.parameters())
for x, y, lengths in loader:
    losses = voice(x, y, lengths)
    sum(losses[:2]).backward()
    optimizer.step()
"""


def test_losses_that_a_network_gives_back_side_by_side(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SPOKEN}), "loss") == ["mse_loss", "length_loss"]


KEPT = """
import torch
from torch import nn
class Learner:
    def __init__(self):
        self.net = nn.Linear(4, 2)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=0.01)
    def dice_loss(self, given, wanted):
        DONE
    def learn(self):
        for x, y in loader:
            self.dice_loss(self.net(x), y)
            self.optimizer.zero_grad()
            self.loss.backward()
            self.optimizer.step()
Learner().learn()
"""


@pytest.mark.parametrize(
    ("done", "losses"),
    [
        ("self.loss = 1 - 2 * (given * wanted).sum() / (given + wanted).sum()", ["dice_loss"]),
        ("print(1 - 2 * (given * wanted).sum() / (given + wanted).sum())", []),
    ],
)
def test_a_loss_is_kept_on_an_object(tmp_path: Path, done: str, losses: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": KEPT.replace("DONE", done)}), "loss") == losses


BESIDE = """
import torch
from torch import nn
import torch.nn.functional as F
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for x, y in loader:
    NAME = F.cross_entropy(net(x), y)
    smooth = F.smooth_l1_loss(net(x), y)
    (NAME + smooth).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("name", "losses"),
    [
        ("query_loss", ["cross_entropy", "smooth_l1_loss"]),
        ("predict_loss", ["cross_entropy", "smooth_l1_loss"]),
        ("val_loss", ["smooth_l1_loss"]),
    ],
)
def test_a_part_of_a_loss_is_called_for_what_it_compares(tmp_path: Path, name: str, losses: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": BESIDE.replace("NAME", name)}), "loss") == losses
