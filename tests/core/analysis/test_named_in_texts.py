"""Classes that texts name with their modules, and modules that a dict keeps under texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, fact, names, values

NAMING = """
import importlib
import re

def named(name):
    name = re.sub("^np.", "numpy.", name)
    parts = name.split(".")
    ways = [(".".join(parts[:cut]), ".".join(parts[cut:])) for cut in range(len(parts), 0, -1)]
    for home, rest in ways:
        try:
            found = importlib.import_module(home)
            for part in rest.split(".") if rest else []:
                found = getattr(found, part)
            return found
        except ImportError:
            pass

def construct(class_name=None, **keywords):
    return named(class_name)(**keywords)
"""

NETWORKS = """
import torch
from torch import nn

class Denoiser(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 4))
    def forward(self, x):
        return self.body(x)
"""

TRAIN = """
import torch
import torch.nn.functional as F
from naming import construct

def main():
    net = construct(class_name="parts.networks.Denoiser", width=16)
    told = dict(
        class_name="torch.optim.RMSprop",
        lr=3e-4,
    )
    optimizer = construct(params=net.parameters(), **told)
    for _ in range(100):
        x = torch.randn(32, 4)
        F.l1_loss(net(x), x).backward()
        optimizer.step()

if __name__ == "__main__":
    main()
"""


def test_a_class_may_be_named_with_its_module_by_a_text(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "naming.py": NAMING, "parts/__init__.py": "", "parts/networks.py": NETWORKS}
    found = analysed(tmp_path, files)
    assert values(found, "model_classes") == ["Denoiser"]
    assert values(found, "learning_rate") == [3e-4]
    told = fact(found, "optimizer")
    assert (told.value, told.place.line) == ("RMSprop", 8)


ONE = """
def reproduce(epochs=50, batch_size=16):
    import torch
    import torch.nn.functional as F
    from zoo import data, training
    from zoo.data import digits
    net = torch.nn.Linear(784, 784)
    optimizer = torch.optim.{optimizer}(net.parameters(), lr={lr})
    training.train(net, F.mse_loss, optimizer, digits(batch_size), epochs)
"""

LAUNCHER = """
import argparse
import zoo as z

KINDS = {"one": z.nets.plain.one, "two": z.nets.plain.two}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", default="two", choices=list(KINDS))
    parser.add_argument("--epochs", type=int, default=7)
    args = parser.parse_args()
    KINDS[args.kind].reproduce(args.epochs)
"""

ZOO = {
    "train.py": LAUNCHER,
    "zoo/__init__.py": "from zoo import data, nets, training",
    "zoo/nets/__init__.py": "from zoo.nets.plain.one import reproduce\nfrom zoo.nets.plain.two import reproduce",
    "zoo/nets/plain/one.py": ONE.replace("{optimizer}", "SGD").replace("{lr}", "0.5"),
    "zoo/nets/plain/two.py": ONE.replace("{optimizer}", "Adam").replace("{lr}", "0.25"),
    "zoo/data.py": """
        import torch
        from torchvision import datasets
        def digits(batch_size):
            return torch.utils.data.DataLoader(datasets.MNIST("data"), batch_size=batch_size)
    """,
    "zoo/training.py": """
        def train(net, loss, optimizer, loader, epochs):
            for _ in range(epochs):
                for x, _ in loader:
                    optimizer.zero_grad()
                    loss(net(x), x).backward()
                    optimizer.step()
    """,
}


def test_a_dict_may_keep_the_modules_one_of_which_trains(tmp_path: Path) -> None:
    assert names(tmp_path, ZOO) == ["train.py"]
    found = analysed(tmp_path, ZOO)
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "epochs") == [7]
    assert values(found, "batch_size") == [16]


ASKED = """
import os
import torch
from torch import nn
{made}
net = nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=getattr(held, "lr", 0.125))
net(torch.ones(2)).sum().backward()
optimizer.step()
"""
HELD = "class Held{bases}:\n    def __init__(self):\n        {body}\nheld = Held()\n{after}"


@pytest.mark.parametrize(("bases", "body", "after", "rates"), [
    ("", "self.width = 3", "", [0.125]),
    ("(nn.Linear)", "super().__init__(2, 2)", "", [0.125]),
    ("", "self.lr = float(os.environ['LR'])", "", []),
    ("", "self.__dict__.update(read())", "", []),
    ("", "pass", "for key, value in read(): setattr(held, key, value)", []),
    ("(lib.Config)", "pass", "", []),
    ("(given())", "pass", "", []),
])  # fmt: skip
def test_a_default_is_meant_where_nothing_else_can_be(
    tmp_path: Path, bases: str, body: str, after: str, rates: list[float]
) -> None:
    text = ASKED.format(made="import lib\n" + HELD.format(bases=bases, body=body, after=after))
    assert values(analysed(tmp_path, {"train.py": text}), "learning_rate") == rates
