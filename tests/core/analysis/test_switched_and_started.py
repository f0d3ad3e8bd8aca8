"""Runs that a word switches to training, what scripts are told, workers counted as they start, resolutions in names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

SWITCHED = """
import torch
from torch import nn
mode = "{mode}"
net = nn.Linear(4, 2)
if mode == "{asked}":
    opt = torch.optim.SGD(net.parameters(), lr=0.03)
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
else:
    print(net(torch.zeros(1, 4)))
"""


@pytest.mark.parametrize(
    ("mode", "asked", "optimizer"),
    [("train", "train", ["SGD"]), ("predict", "train", ["SGD"]), ("predict", "tune", [])],
)
def test_a_word_switches_to_training(tmp_path: Path, mode: str, asked: str, optimizer: list[str]) -> None:
    facts = analysed(tmp_path, {"train.py": SWITCHED.format(mode=mode, asked=asked)})
    assert values(facts, "optimizer") == optimizer


def test_workers_are_counted_while_they_start(tmp_path: Path) -> None:
    code = """
import threading
from multiprocessing import cpu_count
import torch
from torch import nn

class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.net = nn.Linear(4, 2)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=0.07)

    def run(self):
        for x, y in loader:
            self.opt.zero_grad()
            nn.functional.cross_entropy(self.net(x), y).backward()
            self.opt.step()

workers = [Worker(number) for number in range(cpu_count())]
for number, worker in enumerate(workers):
    print("starting", number)
    worker.start()
"""
    facts = analysed(tmp_path, {"train.py": code})
    assert values(facts, "loss") == ["cross_entropy"]


@pytest.mark.parametrize(("coarse", "enlarged"), [("low_resolution_images", True), ("other_images", False)])
def test_pictures_are_called_by_their_resolution(tmp_path: Path, coarse: str, enlarged: bool) -> None:
    code = f"""
import torch
from torch import nn
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Upsample(scale_factor=2), nn.Conv2d(8, 3, 3))
opt = torch.optim.Adam(net.parameters())
for high_resolution_images, {coarse} in loader:
    opt.zero_grad()
    nn.functional.mse_loss(net({coarse}), high_resolution_images).backward()
    opt.step()
"""
    assert ("Super-Resolution" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is enlarged


@pytest.mark.parametrize(("given", "enlarged"), [("lr_images", True), ("torch.randn(8, 64), lr_images", False)])
def test_pictures_that_go_with_noise_are_not_enlarged(tmp_path: Path, given: str, enlarged: bool) -> None:
    code = f"""
import torch
from torch import nn

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 3, 4))
    def forward(self, *given):
        return self.net(given[-1])

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Conv2d(3, 1, 3)
    def forward(self, x):
        return self.net(x)

netG, netD = Generator(), Discriminator()
opt_g, opt_d = torch.optim.Adam(netG.parameters()), torch.optim.Adam(netD.parameters())
bce = nn.BCEWithLogitsLoss()
for hr_images, lr_images in loader:
    fake = netG({given})
    (bce(netD(fake.detach()), zeros) + bce(netD(hr_images), ones)).backward()
    opt_d.step()
    bce(netD(fake), ones).backward()
    opt_g.step()
"""
    assert ("Super-Resolution" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is enlarged


MIXED = """
import torch
class Mixed:
    def step(self, loss, optimizer):
        loss.backward()
        optimizer.step()
def loaded(path):
    Mixed()
    return torch.load(path)
"""


@pytest.mark.parametrize(("asked", "found"), [("args.step", []), ("args.of.step", ["rank.py"])])
def test_what_a_script_is_told_is_no_method(tmp_path: Path, asked: str, found: list[str]) -> None:
    code = f"import sys\nfrom mixed import loaded\nargs = read(sys.argv)\nprint(loaded(args.path)[{asked}])\n"
    assert names(tmp_path, {"rank.py": code, "mixed.py": MIXED}) == found
