"""Configuration classes whose attributes registered options make."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TRAINER = """
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from labml.configs import BaseConfigs, aggregate, calculate, option

class Loop:
    def __init__(self, count):
        self.count = count
    def __iter__(self):
        return self

class LoopConfigs(BaseConfigs):
    epochs: int = 10
    count: int = '_of_epochs'
    loop: Loop

@option(LoopConfigs.loop)
def _loop(c: LoopConfigs):
    return Loop(count=c.count)

@option(LoopConfigs.count)
def _of_epochs(c: LoopConfigs):
    return c.epochs

class DeviceConfigs(BaseConfigs):
    use_cuda: bool = True
    device: torch.device
    def __init__(self):
        super().__init__(_primary='device')

@option(DeviceConfigs.device)
def _device(c: DeviceConfigs):
    return torch.device('cuda', 0) if c.use_cuda and torch.cuda.is_available() else torch.device('cpu')

class OptimizerConfigs(BaseConfigs):
    optimizer: torch.optim.Adam
    parameters: any
    learning_rate: float = 0.01
    def __init__(self):
        super().__init__(_primary='optimizer')

@option(OptimizerConfigs.optimizer, 'SGD')
def _sgd(c: OptimizerConfigs):
    return torch.optim.SGD(c.parameters, c.learning_rate)

@option(OptimizerConfigs.optimizer, 'Adam')
def _adam(c: OptimizerConfigs):
    return torch.optim.Adam(c.parameters, lr=c.learning_rate)

class WidthConfigs(BaseConfigs):
    width: int
    hidden: int = 32
    layers: nn.Module

@option(WidthConfigs.layers)
def _layers(c: WidthConfigs):
    return nn.Sequential(nn.Linear(784, c.hidden), nn.ReLU(), nn.Linear(c.hidden, c.width))

class Configs(LoopConfigs):
    device: torch.device = DeviceConfigs()
    optimizer: torch.optim.Adam
    model: nn.Module
    body: WidthConfigs
    data: str = 'digits'
    train_set: any
    train_loader: DataLoader
    batch_size: int = 64
    valid_batch_size: int = 1024
    loss_func = nn.CrossEntropyLoss()
    def run(self):
        for _ in self.loop:
            for x, y in self.train_loader:
                loss = self.loss_func(self.model(x.to(self.device)), y)
                loss.backward()
                self.optimizer.step()

@option(Configs.optimizer)
def _optimizer(c: Configs):
    made = OptimizerConfigs()
    made.parameters = c.model.parameters()
    made.optimizer = 'SGD'
    return made

@option(Configs.train_set)
def digits():
    return datasets.MNIST('data')

@option(Configs.train_set)
def clothes():
    return datasets.FashionMNIST('data')

aggregate(Configs.data, 'digits', (Configs.train_set, 'digits'))
aggregate(Configs.data, 'clothes', (Configs.train_set, 'clothes'))

@option([Configs.train_loader, Configs.valid_loader])
def loaders(c: Configs):
    return DataLoader(c.train_set, batch_size=c.batch_size), DataLoader(c.train_set, batch_size=c.valid_batch_size)

@option(Configs.body)
def _body(c: Configs):
    made = WidthConfigs()
    made.set_default(WidthConfigs.width, func=lambda: 10)
    return made
"""

EXPERIMENT = """
from torch import nn
from labml import experiment
from labml.configs import calculate, option
from trainer import Configs as Base

class Wide(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers
    def forward(self, x):
        return self.layers(x.flatten(1))

class Narrow(Wide):
    pass

class Configs(Base):
    data = 'clothes'

@option(Configs.model)
def wide(c: Configs):
    return Wide(c.body.layers).to(c.device)

calculate(Configs.model, 'narrow', lambda c: Narrow(c.body.layers))

def main():
    conf = Configs()
    experiment.configs(conf, {'optimizer.optimizer': 'Adam', 'optimizer.learning_rate': 2e-3, 'epochs': 7%s})
    with experiment.start():
        conf.run()

if __name__ == '__main__':
    main()
"""


def test_options_make_what_is_asked_for(tmp_path: Path) -> None:
    """Options of classes far up, choices by name, what a choice brings, and what the run says of parts."""
    told = analysed(tmp_path, {"trainer.py": TRAINER, "train.py": EXPERIMENT % ", 'body.hidden': 48"})
    assert values(told, "optimizer") == ["Adam"]
    assert values(told, "learning_rate") == [0.002]
    assert values(told, "epochs") == [7]
    assert values(told, "batch_size") == [64]
    assert values(told, "datasets") == ["Fashion-MNIST"]
    assert values(told, "hardware") == ["cuda", "cpu"]
    assert values(told, "loss") == ["CrossEntropyLoss"]
    assert values(told, "model_classes") == ["Wide"]
    assert values(told, "parameters") == [784 * 48 + 48 + 48 * 10 + 10]


def test_what_is_not_chosen_is_not_built(tmp_path: Path) -> None:
    """The run's own words win over those of the classes; an option that nobody asked for is not called."""
    said = ", 'model': 'narrow', 'batch_size': 16, 'data': 'digits'"
    told = analysed(tmp_path, {"trainer.py": TRAINER, "train.py": EXPERIMENT % said})
    assert values(told, "model_classes") == ["Narrow", "Wide"]  # the one that is built, and its base
    assert values(told, "batch_size") == [16]
    assert values(told, "datasets") == ["MNIST"]


HELPED = """
import torch
from torch import nn
from torchvision import datasets
from labml import experiment
from labml.configs import option
from labml_helpers.train_valid import TrainValidConfigs

class Configs(TrainValidConfigs):
    optimizer: torch.optim.Adam
    model: nn.Module
    epochs: int = 12
    batch_size: int = 48
    loss_func = nn.CrossEntropyLoss()
    def step(self, batch, batch_idx):
        self.loss_func(self.model(batch[0]), batch[1]).backward()
        self.optimizer.step()

@option(Configs.model)
def small(c: Configs):
    return nn.Linear(4, 2)

@option(Configs.train_loader)
def loader(c: Configs):
    return torch.utils.data.DataLoader(datasets.MNIST('data'), batch_size=c.batch_size)

def main():
    conf = Configs()
    experiment.configs(conf, {'optimizer.optimizer': 'SGD', 'optimizer.learning_rate': 0.3, 'epochs': 3})
    with experiment.start():
        conf.run()

if __name__ == '__main__':
    main()
"""


def test_helpers_that_are_not_at_hand_run_the_steps(tmp_path: Path) -> None:
    """A run whose loop stands in a library: what the configuration says is what is known."""
    told = analysed(tmp_path, {"train.py": HELPED})
    assert values(told, "epochs") == [3]
    assert values(told, "optimizer") == ["SGD"]
    assert values(told, "learning_rate") == [0.3]
    assert values(told, "batch_size") == [48]
    assert values(told, "loss") == ["CrossEntropyLoss"]
