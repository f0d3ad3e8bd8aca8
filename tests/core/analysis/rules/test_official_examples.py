"""What official examples showed: plain classes, columns of tables, loaders made in passing, layers written out."""

from __future__ import annotations

from pathlib import Path

from core.analysis.magics import without_magics
from tests.core.analysis.writing import analysed, values


def of(folder: Path, field: str, script: str) -> list[object]:
    """The values of a field of a script."""
    return values(analysed(folder, {"train.py": script}), field)


def test_a_statement_whose_time_is_taken_is_read() -> None:
    assert without_magics("%time net.fit(x, y)\n%timeit -n 3 net(x)") == "net.fit(x, y)\npass"


PLAIN = """
from tinygrad import Tensor, nn
class Block:
    def __init__(self, width):
        self.one = nn.Linear(width, width)
    def __call__(self, x):
        return self.one(x).relu()
class Net:
    def __init__(self, depth=3):
        self.first = nn.Linear(4, 8)
        self.blocks = [Block(8) for _ in range(depth)]
    def __call__(self, x):
        return self.first(x).sequential(self.blocks)
net = Net()
optimizer = nn.optim.Adam(nn.state.get_parameters(net), lr=0.001)
for step in range(100):
    optimizer.zero_grad()
    (net(Tensor.rand(8, 4)) - 1).square().mean().backward()
    optimizer.step()
"""


def test_a_plain_class_of_one_layer_that_is_called_is_a_network(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": PLAIN})
    assert values(found, "model_classes") == ["Net", "Block"] and values(found, "architecture") == ["MLP"]


TABLE = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, sizes, numbers):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(kinds, size) for kinds, size in sizes])
        self.one = nn.Linear(sum(size for _, size in sizes) + numbers, 200)
        self.last = nn.Linear(200, 5)
    def forward(self, kinds, numbers):
        x = torch.cat([embed(COLUMN) for i, embed in enumerate(self.embeddings)], 1)
        return self.last(self.one(torch.cat([x, numbers], 1)).relu())
net = Net(sizes, 3)
optimizer = torch.optim.Adam(net.parameters())
for kinds, numbers, y in loader:
    nn.functional.cross_entropy(net(kinds, numbers), y).backward()
    optimizer.step()
"""


def test_columns_of_a_table_that_are_embedded_apart_are_classified(tmp_path: Path) -> None:
    assert of(tmp_path, "task", TABLE.replace("COLUMN", "kinds[:, i]")) == ["classification"]
    assert "classification" not in of(tmp_path, "task", TABLE.replace("COLUMN", "kinds"))


LIGHTNING = """
import torch
import lightning as L
from torch.utils.data import DataLoader
class Shown(L.Callback):
    def on_train_epoch_end(self, trainer, module):
        pictures, _ = next(iter(DataLoader(trainer.datamodule.data, batch_size=3)))
class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.one = torch.nn.Linear(4, 2)
    def training_step(self, batch, at):
        return torch.nn.functional.cross_entropy(self.one(batch[0]), batch[1])
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)
    def train_dataloader(self):
        return DataLoader(data, batch_size=32)
L.Trainer(max_epochs=3, callbacks=[Shown()]).fit(Net())
"""


def test_a_loader_of_which_one_batch_is_taken_in_passing_trains_nothing(tmp_path: Path) -> None:
    assert of(tmp_path, "batch_size", LIGHTNING) == [32]


WRITTEN = """
import jax
import jax.numpy as jnp
def dense(layer, x):
    w, b = layer
    return jnp.matmul(x, w) + b
def loss(layers, x, y):
    for layer in layers:
        x = jnp.tanh(dense(layer, x))
    return jnp.mean((x - y) ** 2)
layers = [(jnp.ones((4, 4)), jnp.ones(4)) for _ in range(depth)]
for step in range(100):
    slopes = jax.grad(loss)(layers, x, y)
    layers = [(w - 0.1 * dw, b - 0.1 * db) for (w, b), (dw, db) in zip(layers, slopes)]
"""


def test_a_layer_written_out_that_is_gone_through_again_and_again_is_one_of_many(tmp_path: Path) -> None:
    goes_on = WRITTEN.replace("jnp.tanh(dense(layer, x))", "dense(layer, x)")
    assert of(tmp_path, "architecture", goes_on) == ["MLP"]
    alone = goes_on.replace("    for layer in layers:\n        x = dense(layer, x)", "    x = dense(layers[0], x)")
    assert of(tmp_path, "architecture", alone) == ["Linear"]


def test_a_schedule_that_multiplies_its_own_rate_begins_with_it(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\nfrom tensorflow import keras\nstrategy = tf.distribute.MirroredStrategy()\n"
        "batch = 4 * strategy.num_replicas_in_sync\nbase_lr = 0.007 * batch / 16\n"
        "rate = keras.optimizers.schedules.PiecewiseConstantDecay([30000], values=[base_lr, 0.1 * base_lr])\n"
        "net = keras.Sequential([keras.layers.Dense(4)])\n"
        "net.compile(optimizer=keras.optimizers.SGD(learning_rate=rate), loss='mse')\nnet.fit(x, y, epochs=2)\n"
    )
    assert of(tmp_path, "learning_rate", script) == [0.007]


def test_a_loss_named_for_simclr_contrasts(tmp_path: Path) -> None:
    script = (
        "from tensorflow import keras\nfrom keras_cv.losses import SimCLRLoss\n"
        "net = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.Dense(4)])\n"
        "net.compile(optimizer='adam', loss=SimCLRLoss(temperature=0.5))\nnet.fit(pictures, epochs=2)\n"
    )
    assert of(tmp_path, "task", script) == ["contrastive learning"]


def test_tinygrad_keeps_networks_beside_its_examples(tmp_path: Path) -> None:
    script = PLAIN.replace("net = Net()", "from extra.models.resnet import ResNet\nnet = ResNet(18, num_classes=10)")
    assert of(tmp_path, "architecture", script) == ["ResNet", "CNN"]
