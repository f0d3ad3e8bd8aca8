"""Settings that a switch, a base or a dict decides: averages of weights, precision, schedules, dropout of functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRAINING = """
import argparse, torch
from torch import nn
p = argparse.ArgumentParser()
p.add_argument('--ema', action='store_true')
p.add_argument('--ema_decay', type=float, default=0.999)
p.add_argument('--amp', action='store_true')
args = p.parse_args()
net = nn.Linear(3, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
HERE
for step in range(100):
    loss = net(torch.randn(8, 3)).sum()
    loss.backward()
    optimizer.step()
"""


def told(folder: Path, code: str, field: str) -> list[object]:
    return values(analysed(folder, {"train.py": TRAINING.replace("HERE", code)}), field)


def test_the_decay_of_an_average_that_is_switched_off_is_none(tmp_path: Path) -> None:
    assert told(tmp_path, "", "ema") == []


def test_the_decay_is_none_where_a_branch_that_may_not_be_taken_is_given_it(tmp_path: Path) -> None:
    kept = "class Shadow:\n    def __init__(self, mu):\n        self.mu = mu\nShadow(mu=args.ema_decay)"
    assert told(tmp_path, kept, "ema") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("update_ema(old, net)", [0.99]),
        ("update_ema(old, net, decay=0)", []),
        ("update_ema(old, net, 0.9)", [0.9]),
    ],
)
def test_a_function_moves_an_average_one_step(tmp_path: Path, code: str, expected: list[float]) -> None:
    function = "def update_ema(old, new, decay=0.99):\n    old.mul_(decay).add_(new, alpha=1 - decay)\nold = net\n"
    assert told(tmp_path, function + code, "ema") == expected


def test_a_scaler_alone_is_no_mixed_precision(tmp_path: Path) -> None:
    scaler = "scaler = torch.cuda.amp.GradScaler()\n"
    casting = "if args.amp:\n    with torch.cuda.amp.autocast():\n        net(torch.randn(8, 3))"
    assert told(tmp_path, scaler, "precision") == ["mixed"]
    assert told(tmp_path, scaler + casting, "precision") == []


def test_the_base_of_an_own_schedule_is_no_other(tmp_path: Path) -> None:
    code = """
def noted(thing):
    return thing
@noted
class Rising(torch.optim.lr_scheduler._LRScheduler):
    def __init__(self, optimizer):
        super().__init__(optimizer, -1)
schedule = Rising(optimizer)
"""
    assert told(tmp_path, code, "scheduler") == ["Rising"]


def test_an_optimizer_made_by_extending_an_own_one(tmp_path: Path) -> None:
    code = """
from tensorflow import keras
class Adam(keras.optimizers.Optimizer):
    pass
def extended(base):
    class Extended(base):
        pass
    return Extended
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(extended(Adam)(learning_rate=1e-3), 'mse')
model.fit(x, y)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "optimizer") == ["Adam"]


@pytest.mark.parametrize(("name", "told"), [("AdamWarmup", "Adam"), ("Noam", "Noam")])
def test_an_own_optimizer_is_told_by_the_one_whose_name_it_bears(tmp_path: Path, name: str, told: str) -> None:
    code = f"""
import torch
class Adam(torch.optim.Optimizer):
    pass
class AMSGrad(Adam):
    pass
class {name}(AMSGrad):
    pass
net = torch.nn.Linear(3, 4)
optimizer = {name}(net.parameters(), lr=0.1)
for x in read():
    net(x).sum().backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "optimizer") == [told]


def test_what_pyro_is_told_in_a_dict(tmp_path: Path) -> None:
    code = """
import pyro
from pyro.infer import SVI, Trace_ELBO
from torch.optim import Adam
pyro.set_rng_seed(3)
optimizer = pyro.optim.MultiStepLR({'optimizer': Adam, 'optim_args': {'lr': 0.02}, 'milestones': [5]})
svi = SVI(model, guide, optimizer, Trace_ELBO())
for step in range(500):
    svi.step(data)
"""
    found = analysed(tmp_path, {"train.py": code})
    fields = ("optimizer", "learning_rate", "seed")
    assert [values(found, field) for field in fields] == [["Adam"], [0.02], [3]]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("nn.functional.dropout(x, 0.4)", [0.4]),
        ("nn.functional.dropout(x, p=0.3)", [0.3]),
        ("nn.Dropout(0.2)(x)", [0.2]),
        ("nn.Dropout()(x)", [True]),
        ("nn.functional.dropout(x, training=True)", [True]),
    ],
)
def test_the_rate_stands_behind_what_a_function_drops(tmp_path: Path, layer: str, expected: list[float]) -> None:
    assert told(tmp_path, f"x = net(torch.randn(8, 3))\nx = {layer}", "dropout") == expected


def test_how_many_noises_are_drawn_is_no_size_where_one_is_told(tmp_path: Path) -> None:
    code = """
def noises(latent_dim, n_noise):
    return torch.randn(n_noise, 8, latent_dim)
noises(64, 2)
"""
    assert told(tmp_path, code, "latent_dim") == [64]
    assert told(tmp_path, "def noises(n_noise):\n    return torch.randn(8, n_noise)\nnoises(32)", "latent_dim") == [32]


def test_steps_of_a_schedule_alone_are_no_training(tmp_path: Path) -> None:
    code = "schedule = torch.optim.lr_scheduler.StepLR(optimizer, 8)\nfor epoch in range(3):\n    schedule.step()"
    found = analysed(tmp_path, {"train.py": TRAINING.replace("HERE", code)})
    assert {fact.stage for fact in found.facts if fact.field == "learning_rate"} == {""}


def test_the_decay_of_an_optimizer_of_ones_own(tmp_path: Path) -> None:
    code = """
class AdamWeightDecayOptimizer(tf.train.Optimizer):
    def __init__(self, learning_rate, weight_decay_rate=0.0):
        self.learning_rate = learning_rate
tf_optimizer = AdamWeightDecayOptimizer(learning_rate=1e-4, weight_decay_rate=0.01)
train = tf_optimizer.minimize(loss)
with tf.Session() as session:
    for step in range(100):
        session.run(train)
"""
    assert values(analysed(tmp_path, {"train.py": "import tensorflow as tf\n" + code}), "weight_decay") == [0.01]


def test_both_sides_of_images_that_an_option_tells(tmp_path: Path) -> None:
    option = "p.add_argument('--image_size', type=int, nargs='+', default=[384, 512])\nargs = p.parse_args()"
    assert told(tmp_path, option, "image_size") == [(384, 512)]


@pytest.mark.parametrize("adding", ["pl.Trainer.add_argparse_args(p)", "Data.add_argparse_args(p)"])
def test_a_parser_to_which_a_library_adds_its_options(tmp_path: Path, adding: str) -> None:
    code = f"""
import argparse, torch
import pytorch_lightning as pl
class Data(pl.LightningDataModule):
    pass
class Net(pl.LightningModule):
    def __init__(self, rate=1e-3, **others):
        super().__init__()
        self.net, self.rate = torch.nn.Linear(3, 3), rate
    def training_step(self, batch, i):
        return self.net(batch).sum()
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.rate)
p = argparse.ArgumentParser()
p.add_argument('--rate', type=float, default=0.02)
p = {adding}
args = p.parse_args()
pl.Trainer.from_argparse_args(args).fit(Net(**vars(args)), Data())
"""
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [0.02]


LOOP = """
import torch
class KIND:
    def __init__(self):
        self.net = torch.nn.Linear(3, 3)
        self.optimizer = torch.optim.NAME(self.net.parameters(), lr=RATE)
    def train(self, loader):
        for x in loader:
            self.net(x).sum().backward()
            self.optimizer.step()
"""
LAUNCHER = """
import argparse
from first import First
from second import Second
from third import Third
p = argparse.ArgumentParser()
p.add_argument('--model', default='first')
args = p.parse_args()
if args.model == 'first':
    model = First()
elif args.model == '2nd':
    model = Second()
elif args.model == '3rd':
    model = Third()
else:
    print('no such model')
    exit(1)
model.train([])
"""


def test_the_last_of_the_loops_that_a_launcher_chooses_from(tmp_path: Path) -> None:
    kinds = {"first": ("First", "SGD", "0.1"), "second": ("Second", "Adam", "0.2"), "third": ("Third", "Adam", "0.3")}
    for name, (kind, optimizer, rate) in kinds.items():
        text = LOOP.replace("KIND", kind).replace("NAME", optimizer).replace("RATE", rate)
        (tmp_path / f"{name}.py").write_text(text)
    for name, (_, _, rate) in kinds.items():
        found = analysed(tmp_path, {"main.py": LAUNCHER}, f"{name}.py")
        assert values(found, "learning_rate") == [float(rate)]


def test_settings_laid_over_by_what_a_file_says_in_json(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
hparams = tf.contrib.training.HParams(rate=0.1, batch_size=8)
if tf.gfile.Exists('settings/large.json'):
    with tf.gfile.GFile('settings/large.json') as file:
        hparams.parse_json(file.read())
train = tf.train.AdamOptimizer(hparams.rate).minimize(loss)
with tf.Session() as session:
    for step in range(100):
        session.run(train)
"""
    files = {"train.py": code, "settings/large.json": '{"rate": 0.3}'}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.3]


def test_a_function_called_after_testing_may_train(tmp_path: Path) -> None:
    code = """
import torch
from torch.utils.data import DataLoader
def test_net(data):
    net = torch.nn.Linear(3, 3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x in DataLoader(data, batch_size=50):
        net(x).sum().backward()
        optimizer.step()
if __name__ == '__main__':
    test_net(data)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [50]


def test_steps_of_a_solver_are_none_of_training(tmp_path: Path) -> None:
    code = """
import diffrax, jax, optax
def loss(weights):
    return diffrax.diffeqsolve(term, diffrax.Tsit5(), 0, 1, 0.1, weights, max_steps=4096).ys.sum()
optimizer = optax.adam(1e-3)
state = optimizer.init(weights)
for _ in range(500):
    gradient = jax.grad(loss)(weights)
    changes, state = optimizer.update(gradient, state)
    weights = optax.apply_updates(weights, changes)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "steps") == [500]


@pytest.mark.parametrize(
    ("loss", "decay"),
    [("loss", []), ("loss + tf.losses.get_regularization_loss()", [0.01]), ("loss + penalty(weights)", [0.01])],
)
def test_penalties_kept_aside_that_nothing_collects(loss: str, decay: list[float], tmp_path: Path) -> None:
    code = f"""
import tensorflow as tf
from data import x, y, weights
penalty = tf.contrib.layers.l2_regularizer(0.01)
logits = tf.layers.dense(x, 3, kernel_regularizer=penalty)
loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
train = tf.train.AdamOptimizer(1e-3).minimize({loss})
with tf.Session() as session:
    for step in range(100):
        session.run(train)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "weight_decay") == decay


def test_the_side_of_images_in_short(tmp_path: Path) -> None:
    assert told(tmp_path, "p.add_argument('--im-size', type=int, default=64)\nargs = p.parse_args()", "image_size") == [
        64
    ]


@pytest.mark.parametrize(("decay", "expected"), [("0.", []), ("0.99", [0.99]), ("find()", [True])])
def test_an_average_that_forgets_at_once_is_none(tmp_path: Path, decay: str, expected: list[object]) -> None:
    code = "from torch_ema import ExponentialMovingAverage\n"
    code += f"kept = ExponentialMovingAverage(net.parameters(), decay={decay})"
    assert told(tmp_path, code, "ema") == expected


AVERAGED = """
import jax
import optax


def apply_ema_decay(state, decay):
    kept = jax.tree_map(lambda old, new: old * decay + new * (1 - decay), state.average, state.params)
    return state.replace(average=kept)


def train(state, schedule):
    optimizer = optax.adam(1e-3)
    move = jax.pmap(apply_ema_decay)
    for step in range(100):
        grads = jax.grad(loss)(state.params)
        state = optimizer.update(grads, state)
        state = move(state, DECAY)


train(start(), halved)
"""


@pytest.mark.parametrize(("decay", "expected"), [("0.99", [0.99]), ("schedule(step)", [True])])
def test_a_function_that_moves_an_average_keeps_one(tmp_path: Path, decay: str, expected: list[object]) -> None:
    assert told(tmp_path, AVERAGED.replace("DECAY", decay), "ema") == expected
