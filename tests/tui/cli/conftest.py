"""A small collection with known facts, indexed once, and the program as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = '''"""{about}"""
import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.utils import save_image

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default={rate})
parser.add_argument("--batch-size", type=int, default={batch})
parser.add_argument("--epochs", type=int, default={epochs})
args = parser.parse_args()


class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, {width}), nn.ReLU(), nn.Linear({width}, 784))

    def forward(self, x):
        return self.body(x)


model = {name}()
optimizer = torch.optim.{optimizer}(model.parameters(), lr=args.lr)
loader = DataLoader(datasets.{dataset}("data", train=True), batch_size=args.batch_size)
for epoch in range(args.epochs):
    for x, _ in loader:
        loss = nn.functional.mse_loss(model(x.flatten(1)), x.flatten(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_image(x, f"samples/epoch_{{epoch}}.png")
'''


@dataclass(frozen=True)
class Done:
    """How a process ended. Whatever it did, there is never a traceback."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Each line of stdout, read as JSON."""
        return [json.loads(line) for line in self.out.split("\n") if line]


def script(path: Path, name: str, **changes: Any) -> None:
    values = {"rate": 1e-3, "batch": 64, "epochs": 5, "width": 32, "optimizer": "Adam", "dataset": "MNIST"}
    path.parent.mkdir(parents=True, exist_ok=True)
    about = changes.pop("about", f"Train {name} on images.")
    path.write_text(SCRIPT.format(name=name, about=about, **{**values, **changes}))


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four scripts: two called `train`, one of them with pictures and a log, and two of other names."""
    home = tmp_path_factory.mktemp("collection") / "flowers"
    script(home / "v1" / "train.py", "Autoencoder", epochs=5)
    script(home / "v2" / "train.py", "Autoencoder", epochs=9, rate=2e-4, width=64)
    script(home / "sgd.py", "Denoiser", optimizer="SGD", dataset="CIFAR10", batch=128, rate=0.1)
    script(home / "fashion.py", "Dresser", dataset="FashionMNIST", batch=256)
    (home / "v2" / "log.csv").write_text("epoch,train_loss,accuracy\n7,0.25,0.5\n8,0.0123456789,0.75\n")
    (home / "v2" / "samples").mkdir()
    for epoch in (0, 8):
        Image.new("RGB", (28, 28), (epoch * 20, 40, 60)).save(home / "v2" / "samples" / f"epoch_{epoch}.png")
    return home


def process(*args: str | Path, stdin: str | bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Run the command line in a process of its own, without a terminal."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command = [sys.executable, str(ROOT / "modelsearch.py"), *map(str, args)]
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(command, input=data, capture_output=True, cwd=ROOT, env=environment, check=False)
    found = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in found.err + found.out, found.err
    assert "unexpected" not in found.err, found.err
    return found


@pytest.fixture(scope="session")
def catalogue(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection, indexed."""
    catalog = tmp_path_factory.mktemp("catalogue") / "c"
    done = process("index", collection, "--catalog", catalog)
    assert done.code == 0, done.err
    return catalog


@pytest.fixture
def ask(catalogue: Path) -> Callable[..., Done]:
    """The command line on the indexed collection."""
    return lambda *args, **options: process(*args, "--catalog", catalogue, **options)


@pytest.fixture
def run() -> Callable[..., Done]:
    """The command line, on a catalogue that the test names."""
    return process
