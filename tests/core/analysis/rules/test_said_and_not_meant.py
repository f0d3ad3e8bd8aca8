"""Values that a script states and does not train with, and runs that only say how they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

COMPILED = """
from keras.layers import Dense, Input
from keras.models import Model
from keras.optimizers import SGD, Adam

def made():
    seen = Input((4,))
    model = Model(seen, Dense(2)(seen))
    model.compile(optimizer=Adam(1e-4), loss="mse")
    return model

model = made()
FIRST
model.compile(optimizer=SGD(lr=0.01), loss="mae")
model.fit(x, y, epochs=3)
"""


def test_a_model_that_is_compiled_anew_before_it_is_fitted(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": COMPILED.replace("FIRST", "")}, "a.py")
    assert values(analysis, "optimizer") == ["SGD"]
    assert values(analysis, "learning_rate") == [0.01]
    assert values(analysis, "loss") == ["mae"]


def test_a_model_that_is_fitted_between(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": COMPILED.replace("FIRST", "model.fit(x, y, epochs=2)")}, "a.py")
    assert sorted(values(analysis, "optimizer")) == ["Adam", "SGD"]
    assert sorted(values(analysis, "learning_rate")) == [1e-4, 0.01]


WARMED = """
import tensorflow as tf

class Net:
    def __init__(self):
        self.rate = tf.placeholder(tf.float32)
        self.loss = tf.losses.mean_squared_error(y, tf.layers.dense(x, 2))
        warm = tf.cast(step < 10, tf.float32)
        rate = tf.train.polynomial_decay(self.rate, step, 100)
        rate = (1.0 - warm) * rate + warm * (self.rate * step / 10)
        self.train = tf.train.AdamOptimizer(rate).minimize(self.loss)

tf.app.flags.DEFINE_float("learning_rate", 5e-5, "")
net = Net()
with tf.Session() as session:
    for step in range(10):
        session.run(net.train, {net.rate: tf.app.flags.FLAGS.learning_rate})
"""


def test_what_is_taken_from_one_is_no_rate(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": WARMED}, "a.py"), "learning_rate") == [5e-5]


def test_a_rate_of_one_for_each_device(tmp_path: Path) -> None:
    files = {"a.py": "import keras\nimport horovod.keras as hvd\nmodel = keras.Sequential([keras.layers.Dense(2)])\n"
             "model.compile(keras.optimizers.Adadelta(1.0 * hvd.size()), 'mse')\nmodel.fit(x, y)\n"}  # fmt: skip
    assert values(analysed(tmp_path, files, "a.py"), "learning_rate") == [1.0]


SCALED = """
import torch

class Settings:
    def __init__(self, told):
        self.__dict__.update(told)

settings = Settings(read())
model = torch.nn.Linear(2, 2)
scale = (settings.batch / settings.base_batch) ** 0.5
optimizer = torch.optim.RAdam(model.parameters(), lr=settings.rate * scale)
for x, y in loader:
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


def test_an_exponent_is_no_rate(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": SCALED}, "a.py"), "learning_rate") == []


RESIZED = """
import torch
from torchvision import transforms

class Data:
    def __init__(self, side):
        self.side = side
        self.seen = transforms.Resize([self.side, self.side])

data = Data(
    side=96,
)
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in loader:
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


def test_a_side_stands_where_its_number_does(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": RESIZED}, "a.py")
    assert [(fact.value, fact.place.line) for fact in analysis.facts if fact.field == "image_size"] == [(96, 10)]


LOADED = """
from keras.datasets import fashion_mnist
from keras.layers import Dense
from keras.models import Sequential

def load_mnist():
    (x, y), _ = fashion_mnist.load_data()
    return x / 255, y

x, y = load_mnist()
model = Sequential([Dense(10)])
model.compile("adam", "mse")
model.fit(x, y)
"""


def test_what_a_function_loads_goes_before_its_name(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": LOADED}, "a.py"), "datasets") == ["Fashion-MNIST"]


ASKED = """
import argparse
import torch

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default=None)
    args = parser.parse_args()
    if args.name is None:
        print("Please name an experiment")
        LEAVES
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for x, y in loader:
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

main()
"""


def test_a_run_that_only_says_what_must_be_told_is_not_taken(tmp_path: Path) -> None:
    for leaves in ("return", "return None"):
        files = {"a.py": ASKED.replace("LEAVES", leaves)}
        assert values(analysed(tmp_path, files, "a.py"), "learning_rate") == [0.3]


COUNTED = """
import torch

class Ring:
    def __init__(self, room):
        self.room, self.held = room, 0
    def size(self):
        return self.held
    def add(self, item):
        if self.held < self.room:
            self.held += 1

class Memory:
    def __init__(self, room):
        self.ring = Ring(room)
    def size(self):
        return self.ring.size()
    def add(self, item):
        self.ring.add(item)
    def sample(self, batch_size):
        return self.ring

memory = Memory(1000)
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
while True:
    act = 0 if memory.size() < 500 else model(x)
    memory.add(act)
    if memory.size() >= 500:
        x = memory.sample(48)
        torch.nn.functional.mse_loss(model(x), x).backward()
        optimizer.step()
"""


def test_a_memory_fills_up_while_it_is_asked_for_its_size(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": COUNTED}, "a.py")
    assert values(analysis, "batch_size") == [48]
    assert values(analysis, "loss") == ["mse_loss"]


KEPT = """
import gymnasium as gym
import torch
from gymnasium.envs.registration import register

def maker_of(name):
    def make():
        return Shown(gym.make(name))
    return make

for name in ["Hopper-v4", "Ant-v4"]:
    register(id="Seen" + name, entry_point=maker_of(name))

env = gym.make("SeenAnt-v4")
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(10):
    x = env.step(model(x).argmax())[0]
    torch.nn.functional.mse_loss(model(x), x).backward()
    optimizer.step()
"""


def test_worlds_that_are_only_kept_to_be_asked_for(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": KEPT}, "a.py"), "environment") == ["SeenAnt-v4"]


PARTED = """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=96)
parser.add_argument("--chunk-batch", type=int, default=3)
args = parser.parse_args()
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

def step(x, chunk_batch=1):
    for part in x.chunk(chunk_batch):
        torch.nn.functional.mse_loss(model(part), part).backward()
    optimizer.step()

for x in batches_of({"batch_size": args.batch_size}):
    step(x, chunk_batch=args.chunk_batch)
"""


def test_how_many_parts_a_batch_has_is_not_its_size(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": PARTED}, "a.py"), "batch_size") == [96]


@pytest.mark.parametrize(("leaving", "told"), [("", "epochs"), ("break", "steps")])
def test_what_is_called_an_iteration_goes_through_all_data(leaving: str, told: str, tmp_path: Path) -> None:
    lines = [
        "import numpy as np, torch\nnet = torch.nn.Linear(2, 2)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)",
        "loader = torch.utils.data.DataLoader([1], batch_size=np.power(2, 3))\nfor ITER in range(5):",
        "    for i, x in enumerate(loader):\n        net(x).sum().backward()\n        optimizer.step()",
        f"        {leaving}",
    ]
    found = analysed(tmp_path, {"train.py": "\n".join(lines)})
    assert {field: values(found, field) for field in ("epochs", "steps")} == {"epochs": [], "steps": [], told: [5]}
    assert values(found, "batch_size") == [8]
