"""Settings that a class of the user's own reads: a file of Python run by its path, all documents of a YAML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, fact, values

HUB = """
import re
from importlib.util import module_from_spec, spec_from_file_location

class Settings:
    def __init__(self):
        self._ready = False
    def configure(self, path):
        if self._ready:
            raise RuntimeError("configured already")
        spec = spec_from_file_location("settings", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        magic = re.compile(r"^__.+__$")
        for name, value in module.__dict__.items():
            if magic.match(name):
                continue
            if name in self.__dict__:
                raise AttributeError(name)
            {keeping}
        self._ready = True

settings = Settings()
"""
TRAIN = """
import argparse
import torch
from torch import nn
from hub import settings as hp

parser = argparse.ArgumentParser()
parser.add_argument("--hp_file", default="numbers_of_mine.py", help="the file to use for the hyperparameters")
hp.configure(parser.parse_args().hp_file)
net = nn.Linear(4, 1)
opt = torch.optim.Adam(net.parameters(), lr=hp.rate)
for x, y in torch.utils.data.DataLoader(data, batch_size=hp.size):
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
"""
MANY = "\n".join(f"unused_{at} = {at}" for at in range(60))


@pytest.mark.parametrize("keeping", ["self.__setattr__(name, value)", "setattr(self, name, value)"])
def test_a_file_of_settings_is_run_by_its_path(tmp_path: Path, keeping: str) -> None:
    numbers = f"{MANY}\nrate = 3e-4\nsize = 24\n"
    files = {"train.py": TRAIN, "hub.py": HUB.replace("{keeping}", keeping), "numbers_of_mine.py": numbers}
    found = analysed(tmp_path, files)
    assert values(found, "learning_rate") == [3e-4]
    assert values(found, "batch_size") == [24]
    rate = fact(found, "learning_rate")
    assert (rate.place.file.rpartition("/")[2], rate.place.line, rate.how) == (
        "numbers_of_mine.py", 61, "module constant",
    )  # fmt: skip


DOCUMENTS = """
import argparse
import yaml
import torch
from torch import nn

class Dots(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__
    def __init__(self, given=None):
        for name, value in (given or {}).items():
            self[name] = Dots(value) if hasattr(value, "keys") else value

class Settings(Dots):
    def __init__(self, file):
        super(Dots, self).__init__()
        read = {}
        for document in yaml.load_all(open(file), Loader=yaml.Loader):
            for name, value in document.items():
                read[name] = value
        for name, value in Dots(read).items():
            setattr(self, name, value)

parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
hp = Settings(parser.parse_args().config)
net = nn.Linear(4, 1)
opt = torch.optim.Adam(net.parameters(), lr=hp.train.adam.rate)
for x, y in torch.utils.data.DataLoader(data, batch_size=hp.train.batch_size):
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
"""


def test_every_document_of_a_file_is_read(tmp_path: Path) -> None:
    written = "data:\n  folder: sounds\n---\ntrain:\n  batch_size: 12\n  adam:\n    rate: 2.0e-4\n"
    found = analysed(tmp_path, {"train.py": DOCUMENTS, "config/default.yaml": written})
    assert values(found, "learning_rate") == [2e-4]
    assert values(found, "batch_size") == [12]
