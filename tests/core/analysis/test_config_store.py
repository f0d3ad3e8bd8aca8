"""Hydra's store: configurations that are classes of the code, composed as files are."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

SCRIPT = """
from dataclasses import dataclass, field
from typing import Any, List
import hydra
import torch
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING
from torch import nn, optim
import torch.nn.functional as F
@dataclass
class Adam:
    lr: float = 1e-3
    name: str = "adam"
@dataclass
class SGD:
    lr: float = 0.1
    name: str = "sgd"
@dataclass
class Data:
    batch_size: int = 32
@dataclass
class Config:
    defaults: List[Any] = field(default_factory=lambda: [{"optimizer": "sgd"}, "_self_"])
    optimizer: Any = MISSING
    data: Data = field(default_factory=Data)
    epochs: int = 7
store = ConfigStore.instance()
store.store(name="config", node=Config)
store.store(group="optimizer", name="adam", node=Adam)
store.store(group="optimizer", name="sgd", node=SGD)
@hydra.main(version_base=None, config_name="config"{path})
def main(cfg):
    net = nn.Linear(4, 2)
    if cfg.optimizer.name == "sgd":
        opt = optim.SGD(net.parameters(), lr=cfg.optimizer.lr)
    else:
        opt = optim.Adam(net.parameters(), lr=cfg.optimizer.lr)
    for epoch in range(cfg.epochs):
        for x in torch.utils.data.DataLoader(data, batch_size=cfg.data.batch_size):
            F.mse_loss(net(x), x).backward()
            opt.step()
if __name__ == "__main__":
    main()
"""


def test_classes_of_the_store_are_composed(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCRIPT.replace("{path}", "")})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["SGD"], [0.1])
    assert (values(found, "batch_size"), values(found, "epochs")) == ([32], [7])


def test_files_are_put_over_the_schema_that_they_name(tmp_path: Path) -> None:
    script = SCRIPT.replace("{path}", ', config_path="conf"').replace('name="config", node', 'name="schema", node')
    files = {
        "train.py": script,
        "conf/config.yaml": "defaults:\n  - schema\n  - optimizer: adam\n  - _self_\nepochs: 3\n",
    }
    found = analysed(tmp_path, files)
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["Adam"], [1e-3])
    assert (values(found, "batch_size"), values(found, "epochs")) == ([32], [3])


STORED = """
    from dataclasses import dataclass, field
    import hydra
    from hydra.core.config_store import ConfigStore
    from omegaconf import MISSING, OmegaConf
    from torch import nn, optim
    @dataclass
    class Plain:
        rate: float = 0.1
    @dataclass
    class Adaptive:
        rate: float = 0.002
    @dataclass
    class Config:
        defaults: list = field(default_factory=lambda: [{"optim": "adaptive"}])
        optim: object = MISSING
        epochs: int = 500
    store = ConfigStore.instance()
    store.store(name="config", node=Config)
    store.store(group="optim", name="plain", node=Plain)
    store.store(group="optim", name="adaptive", node=Adaptive)
    @hydra.main(config_path=".", config_name="config")
    def main(cfg):
        net = nn.Linear(4, 2)
        if OmegaConf.get_type(cfg.optim) is Plain:
            optimizer = optim.SGD(net.parameters(), lr=cfg.optim.rate)
        elif OmegaConf.get_type(cfg.optim) is Adaptive:
            optimizer = optim.AdamW(net.parameters(), lr=cfg.optim.rate)
        for epoch in range(cfg.epochs):
            net(batch()).sum().backward()
            optimizer.step()
    if __name__ == "__main__":
        main()
"""


def test_a_file_is_laid_over_a_stored_configuration(tmp_path: Path) -> None:
    """`+runs=short`; a section remembers the class that made it."""
    files = {"train.py": STORED, "runs/short.yaml": "# @package _global_\nepochs: 5\noptim:\n  rate: 0.004\n"}
    told = analysed(tmp_path, files, "runs/short.yaml")
    assert values(told, "epochs") == [5]
    assert values(told, "optimizer") == ["AdamW"]
    assert values(told, "learning_rate") == [0.004]
    assert values(analysed(tmp_path, files, "train.py"), "epochs") == [500]
