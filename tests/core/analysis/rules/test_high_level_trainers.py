"""Training that a library's one call does: Lightning's command line, fastai's learners."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

LIGHTNING = """
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
import lightning as L
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch import callbacks

class Net(L.LightningModule):
    def __init__(self, hidden: int = 64, learning_rate: float = 0.01):
        super().__init__()
        self.encoder = torch.nn.Sequential(torch.nn.Linear(784, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 3))
        self.rate = learning_rate
    def training_step(self, batch, index):
        return torch.nn.functional.cross_entropy(self.encoder(batch[0]), batch[1])
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.rate)

class Shown(callbacks.Callback):
    def on_train_epoch_end(self, trainer, module):
        images, _ = next(iter(DataLoader(trainer.datamodule.kept, batch_size=3)))

class Data(L.LightningDataModule):
    def __init__(self, batch_size: int = 32):
        super().__init__()
        self.kept, self.size = MNIST("data"), batch_size
    def train_dataloader(self):
        return DataLoader(self.kept, batch_size=self.size)
"""
PLAIN = "cli = LightningCLI(Net, Data, trainer_defaults={'max_epochs': 10, 'callbacks': Shown()}, run=False)\n"
OWN = """
class OwnCLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.set_defaults({"trainer.max_epochs": 15, "model.learning_rate": 0.02})
"""


@pytest.mark.parametrize(
    ("code", "epochs", "rate"),
    [
        (PLAIN + "cli.trainer.fit(cli.model, datamodule=cli.datamodule)\n", 10, 0.01),
        (OWN + "OwnCLI(Net, Data)\n", 15, 0.02),
    ],
)
def test_a_command_line_that_builds_and_trains(tmp_path: Path, code: str, epochs: int, rate: float) -> None:
    analysis = analysed(tmp_path, {"train.py": LIGHTNING + code})
    assert values(analysis, "epochs") == [epochs]
    assert values(analysis, "learning_rate") == [rate]
    assert values(analysis, "batch_size") == [32]
    assert values(analysis, "datasets") == ["MNIST"]
    assert values(analysis, "architecture") == ["MLP"]


FASTAI = "from fastai.vision.all import *\nfrom fastcore.parallel import *\n"


@pytest.mark.parametrize(
    ("code", "families", "epochs"),
    [
        ("learn = vision_learner(dls, resnet18)\nlearn.fine_tune(3)\n", ["ResNet", "CNN"], [3]),
        ("learn = vision_learner(dls, 'resnet26d').to_fp16()\nlearn.fine_tune(4, 0.01)\n", ["ResNet", "CNN"], [4]),
        ("learn = tabular_learner(dls, layers=[10, 10])\nlearn.fit(16, lr=0.03)\n", ["MLP"], [16]),
        ("learn = unet_learner(dls, resnet34)\nlearn.fit_one_cycle(5)\n", ["UNet", "CNN"], [5]),
    ],
)
def test_learners(tmp_path: Path, code: str, families: list[str], epochs: list[int]) -> None:
    analysis = analysed(tmp_path, {"train.py": FASTAI + "path = untar_data(URLs.PETS)/'images'\n" + code})
    assert values(analysis, "architecture") == families
    assert values(analysis, "epochs") == epochs
    assert values(analysis, "datasets") == ["Oxford-IIIT Pet"]


LESSON = """
class Block(Module):
    def __init__(self, n): self.first, self.second = ConvLayer(n, n), ConvLayer(n, n)
    def forward(self, x): return x + self.second(self.first(x))
path = untar_data(URLs.PASCAL_2007)
valid_dl = TfmdDL(valid, bs=64)
dls = DataLoaders(TfmdDL(train, bs=32), valid_dl)
network = nn.Sequential(ConvLayer(3, 8), Block(8), Flatten())
learn = Learner(dls, network, loss_func=CrossEntropyLossFlat(), opt_func=ranger)
learn.recorder.plot_loss()
"""


@pytest.mark.parametrize(
    ("fitting", "rates"),
    [
        ("learn.fit_flat_cos(3, slice(1e-3))", [0.001]),
        ("learn.fit_one_cycle(3, lr_max=0.1)", [0.1]),
        ("learn.fine_tune(3, base_lr=0.02)", [0.02]),
        ("learn.fit_one_cycle(3, slice(1e-6, 1e-4))", []),
    ],
)
def test_learners_of_networks_of_ones_own(tmp_path: Path, fitting: str, rates: list[float]) -> None:
    analysis = analysed(tmp_path, {"train.py": FASTAI + LESSON + fitting + "\n"})
    told = {"architecture": ["ResNet", "CNN"], "model_classes": ["Block"], "loss": ["CrossEntropyLossFlat"],
            "optimizer": ["Ranger"], "datasets": ["Pascal VOC"], "batch_size": [32], "epochs": [3],
            "learning_rate": rates}  # fmt: skip
    assert {field: values(analysis, field) for field in told} == told


def test_an_optimizer_for_loading_a_state_is_not_that_of_training(tmp_path: Path) -> None:
    code = """
    import jax, optax
    from flax import linen as nn
    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Conv(8, (3, 3), mask=self.mask)(x)
    def load_model(params):
        return optax.sgd(0.1)
    def train(params):
        tx = optax.adam(1e-3)
        grads = jax.grad(loss)(params)
        return optax.apply_updates(params, tx.update(grads, state))
    train(Net().init(key, x))
    load_model(params)
    """
    analysis = analysed(tmp_path, {"train.py": code})
    assert values(analysis, "optimizer") == ["Adam"]
    assert values(analysis, "learning_rate") == [1e-3]
    assert values(analysis, "architecture")[0] == "Autoregressive"


SEGMENTING = """
import torch
import segmentation_models_pytorch as smp
from torch.utils.data import DataLoader
model = smp.PSPNet(encoder_name="resnet34")
loss = smp.utils.losses.DiceLoss()
optimizer = torch.optim.Adam([dict(params=model.parameters(), lr=1e-4)])
train_epoch = smp.utils.train.TrainEpoch(model, loss=loss, metrics=[], optimizer=optimizer)
valid_epoch = smp.utils.train.ValidEpoch(model, loss=loss, metrics=[])
for i in range(0, 40):
    train_epoch.run(DataLoader(train_data, batch_size=8))
    valid_epoch.run(DataLoader(valid_data, batch_size=1))
"""


def test_epochs_of_a_library_that_are_run(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SEGMENTING})
    assert values(found, "epochs") == [40]
    assert values(found, "steps") == []
    assert values(found, "architecture") == ["PSPNet", "CNN"]
    assert values(found, "loss") == ["DiceLoss"]
    assert values(found, "task") == ["image segmentation"]


def test_data_that_a_test_set_is_added_to_are_fitted_all_the_same(tmp_path: Path) -> None:
    code = """
from fastai.tabular import *
test = TabularList.from_df(table.iloc[800:1000], cat_names=kinds)
data = TabularList.from_df(table, cat_names=kinds).split_by_idx(places).label_from_df("y").add_test(test).databunch()
learn = tabular_learner(data, layers=[200, 100])
learn.fit(4, 1e-2)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [4]
