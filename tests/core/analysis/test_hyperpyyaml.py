"""Files of HyperPyYAML: objects that tags name, made once for all that refer to them."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

RUN = """
import sys
import torch
from hyperpyyaml import load_hyperpyyaml
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        hparams = load_hyperpyyaml(file, {})
    net = torch.nn.ModuleDict(hparams["modules"])
    optimizer = hparams["opt_class"](net.parameters())
    for epoch in range(hparams["number_of_epochs"]):
        for x, y in DataLoader(MNIST("data"), **hparams["loader"]):
            optimizer.zero_grad()
            hparams["compute_cost"](net["body"](x), y).backward()
            optimizer.step()
"""
TRAIN = """
number_of_epochs: 20
batch_size: 8
lr: 0.0001
loader:
    batch_size: !ref <batch_size>
compute_cost: !name:torch.nn.functional.nll_loss
opt_class: !name:torch.optim.AdamW
    lr: !ref <lr>
body: !new:nets.Body
    width: !ref <batch_size>
modules:
    body: !ref <body>
    again: !ref <modules[body]>
scale: !ref <lr> * 10
norm: !new:torch.nn.BatchNorm1d [16]
"""
NETS = """
from torch import nn
class Body(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.rnn = nn.GRU(28, width)
    def forward(self, x):
        return self.rnn(x)[0]
"""


def test_what_a_file_beside_the_script_makes(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": RUN, "train.yaml": TRAIN, "nets.py": NETS})
    told = [values(facts, field) for field in ("optimizer", "learning_rate", "batch_size", "epochs", "model_classes")]
    assert told == [["AdamW"], [0.0001], [8], [20], ["Body"]]
    assert "GRU" in values(facts, "architecture")
