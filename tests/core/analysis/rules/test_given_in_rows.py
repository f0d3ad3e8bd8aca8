"""What rows of numbers, lists of inputs and codes times themselves say of adversaries and of graphs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

ADVERSARIES = """
import numpy as np
from tensorflow.keras.datasets import mnist
from tensorflow.keras.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Input, Reshape
from tensorflow.keras.models import Model

def build_maker(inputs):
    x = Reshape((7, 7, 8))(Dense(392)(inputs))
    x = Conv2DTranspose(8, 5, strides=2, padding="same")(x)
    return Model(inputs, Conv2DTranspose(1, 5, strides=2, padding="same")(x))

def build_judge(inputs):
    x = Conv2D(8, 5, strides=2)(inputs)
    return Model(inputs, Dense(1, activation="sigmoid")(Flatten()(x)))

def build():
    inputs = Input(shape=(28, 28, 1))
    dis1 = build_judge(inputs)
    dis1.compile(loss="binary_crossentropy", optimizer="adam")
    inputs = Input(shape=SHAPE)
    gen1 = build_maker(inputs)
    dis1.trainable = False
    both = Model(inputs, dis1(gen1(inputs)))
    both.compile(loss=LOSS, optimizer="adam")
    train(gen1, dis1, both, mnist.load_data()[0][0])

def train(gen1, dis1, both, images):
    for step in range(1000):
        z = np.random.uniform(-1, 1, size=[64, 50])
        made = gen1.predict(z)
        both_kinds = np.concatenate((images[:64], made))
        dis1.train_on_batch(both_kinds, np.concatenate((np.ones(64), np.zeros(64))))
        both.train_on_batch(z, np.ones(64))

build()
"""


@pytest.mark.parametrize(
    ("shape", "loss", "families", "task"),
    [
        ("(50,)", '"binary_crossentropy"', ["DCGAN", "GAN", "CNN"], "image generation"),
        ("(50,)", '["binary_crossentropy", "mse"]', ["GAN", "CNN"], "image generation"),
        ("(28, 28, 1)", '"binary_crossentropy"', ["GAN", "CNN"], "image-to-image"),
    ],
)
def test_numbers_in_a_row_are_no_pictures(
    tmp_path: Path, shape: str, loss: str, families: list[str], task: str
) -> None:
    found = analysed(tmp_path, {"train.py": ADVERSARIES.replace("SHAPE", shape).replace("LOSS", loss)})
    assert [values(found, "architecture"), values(found, "task")] == [families, [task]]


GRAPH = """
from torch_geometric.nn import GCNConv
class Codes(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = GCNConv(9, 8), GCNConv(8, 4)
    def forward(self, x, edges):
        z = self.two(F.relu(self.one(x, edges)), edges)
        return RETURNED
model = Codes()
"""


@pytest.mark.parametrize(
    ("returned", "loss", "gives_back"),
    [
        ("torch.sigmoid(z @ z.t())", "binary_cross_entropy", True),
        ("torch.matmul(z, torch.transpose(z, 0, 1))", "binary_cross_entropy_with_logits", True),
        ("z @ z.t()", "mse_loss", False),
        ("z @ self.two.weight.t()", "binary_cross_entropy", False),
    ],
)
def test_edges_are_given_back_by_codes_times_themselves(
    tmp_path: Path, returned: str, loss: str, gives_back: bool
) -> None:
    training = STEP.replace("LOSS", f"loss = F.{loss}(model(x, edges), wanted)")
    found = analysed(tmp_path, {"train.py": HEAD + GRAPH.replace("RETURNED", returned) + training})
    assert values(found, "architecture") == [*(["Autoencoder"] if gives_back else []), "GCN", "GNN"]
