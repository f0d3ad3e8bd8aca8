"""The facts of how a run trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.facts import Place
from core.analysis.program import Rule
from core.analysis.rules.details import dropouts, emas, seeds
from core.analysis.rules.sizes import latent_dims
from tests.core.analysis.writing import analysed, fact, program, values

SCRIPT = """
import argparse
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

p = argparse.ArgumentParser()
p.add_argument('--batch-size', type=int, default=64)
p.add_argument('--test-batch-size', type=int, default=1000)
p.add_argument('--lr', type=float,
               default=1e-3)
p.add_argument('--lambda_gp', type=float, default=10)
args = p.parse_args()
torch.manual_seed(7)
N_CRITIC = 5
train = DataLoader(datasets.MNIST('.', train=True, transform=transforms.Resize(28)), batch_size=args.batch_size)
test = DataLoader(datasets.MNIST('.', train=False), batch_size=args.test_batch_size)
net = nn.Sequential(nn.Linear(784, 10), nn.Dropout(0.3))
opt = optim.AdamW(net.parameters(), lr=args.lr, betas=(0.5, 0.9), weight_decay=0.01)
schedule = optim.lr_scheduler.StepLR(opt, step_size=30, gamma=0.1)
for epoch in range(1, 12):
    for x, y in train:
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step()
    torch.save(net.state_dict(), f'out/net_{epoch}.pt')
"""


def test_momentum_is_told_where_an_optimizer_is_given_it(tmp_path: Path) -> None:
    for call, expected in (
        ("torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)", [0.9]),
        ("torch.optim.SGD(net.parameters(), lr=0.1)", []),
        ("optax.sgd(0.1, 0.8)", [0.8]),
        ("tf.train.MomentumOptimizer(0.1, 0.7)", [0.7]),
        ("torch.optim.SGD(net.parameters(), 0.1, 0.6)", [0.6]),
        ("torch.optim.SGD([{'params': net.parameters(), 'momentum': 0.5}], lr=0.1)", [0.5]),
        ("torch.optim.Adam(net.parameters(), 0.1)", []),
        ("tf.keras.optimizers.legacy.SGD(0.1, 0.4)", [0.4]),
        ("paddle.optimizer.Momentum(0.1, 0.9, parameters=net.parameters())", [0.9]),
        ("optax.chain(optax.trace(decay=0.9), optax.scale(-0.1))", [0.9]),
        ("gluon.Trainer(net.collect_params(), 'nag', {'learning_rate': 0.1, 'momentum': 0.9})", [0.9]),
        ("timm.optim.create_optimizer_v2(net, opt='sgd', lr=0.1, momentum=0.9)", [0.9]),
        ("timm.optim.create_optimizer_v2(net, opt='adamw', lr=0.1, momentum=0.9)", []),
    ):
        imports = "import optax, paddle, timm\nfrom mxnet import gluon\nimport tensorflow as tf"
        text = f"{imports}\n{SCRIPT}\nnorm = nn.BatchNorm2d(3, momentum=0.2)\n"
        text = text.replace("optim.AdamW(net.parameters(), lr=args.lr, betas=(0.5, 0.9), weight_decay=0.01)", call)
        assert values(analysed(tmp_path, {"train.py": text}), "momentum") == expected, call


def test_an_optimizer_that_is_named_after_its_momentum(tmp_path: Path) -> None:
    text = SCRIPT.replace("optim.AdamW(net.parameters(), lr=args.lr", "chainer.optimizers.MomentumSGD(lr=args.lr")
    found = analysed(tmp_path, {"train.py": "import chainer\n" + text})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["SGD"], [0.001])


def test_a_plain_script(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCRIPT})
    expected: dict[str, list[object]] = {
        "optimizer": ["AdamW"], "learning_rate": [1e-3], "batch_size": [64], "epochs": [11], "scheduler": ["StepLR"],
        "weight_decay": [0.01], "betas": [(0.5, 0.9)], "dropout": [0.3], "grad_clip": [0.5],
        "seed": [7], "image_size": [28],
        "settings.N_CRITIC": [5], "settings.lambda_gp": [10], "loss_weights": [("lambda_gp", 10)], "steps": [],
    }  # fmt: skip
    assert {field: values(found, field) for field in expected} == expected
    path = str(tmp_path / "train.py")
    assert (
        fact(found, "learning_rate").place == Place(path, 11, 11)
        and fact(found, "learning_rate").how == "argparse default"
    )
    assert fact(found, "batch_size").place.line == 8
    assert fact(found, "epochs").how.startswith("computed")
    assert [(w.template, w.kind) for w in found.writes] == [("out/net_{epoch}.pt", "checkpoint")]


TORCH = "import torch\nfrom torch import nn\nnet = nn.Linear(1, 1)\n"
STEP = "    net(1).backward()\n    opt.step()\n"


@pytest.mark.parametrize(
    ("loop", "epochs", "steps"),
    [
        ("for epoch in range(5):\n", [5], []),
        ("N_EPOCHS = 5\nfor e in range(N_EPOCHS):\n", [5], []),
        ("epochs = 5\nfor i in range(1, epochs + 1):\n", [5], []),
        ("num_epochs = 5\nfor i in tqdm(range(num_epochs)):\n", [5], []),
        ("epoch = 0\nwhile epoch < 5:\n", [5], []),
        ("for step in range(500):\n", [], [500]),
        ("for step in range(1):\n", [], []),
        ("TOTAL, step = 500, 0\nwhile step < TOTAL:\n  for j in range(100):\n", [], [500]),
        ("n_images, step = 500, 0\nwhile step < n_images:\n  for j in range(100):\n", [], []),
        ("max_iters = 500\nfor i in range(max_iters):\n", [], [500]),
        ("it = 0\nwhile True:\n    if it > max_steps: break\n", [], [500]),
        ("for i in range(500):\n", [], [500]),
        ("for i in range(10):\n  for x, y in loader:\n", [10], []),
        ("for i in range(10):\n  for x in range(0, len(data), 32):\n", [10], []),
        ("for i in range(10):\n  for j in range(100):\n", [], []),
        ("import itertools\nfor i in range(10):\n  for t in itertools.count():\n", [], []),
        ("train_data = [(1, 2), (3, 4)]\nfor i in range(10):\n  for x, y in train_data:\n", [10], []),
        ("sizes = [(1, 2), (3, 4)]\nfor i in range(10):\n  for x, y in sizes:\n", [], []),
        ("for fold in range(5):\n  for x, y in loader:\n", [], []),
        ("for t in range(500):\n  print(f'Epoch {t + 1}')\n", [500], []),
        ("for i in range(9):\n  for j in range(100):\n    print('epoch %d, batch %d' % (i, j))\n", [9], []),
        ("for t in range(max_steps):\n  print('epoch', t)\n", [], [500]),
    ],
)
def test_epochs_and_steps(tmp_path: Path, loop: str, epochs: list[int], steps: list[int]) -> None:
    code = (
        f"from tqdm import tqdm\nmax_steps = 500\n{TORCH}opt = torch.optim.SGD(net.parameters(), lr=0.1)\n{loop}{STEP}"
    )
    found = analysed(tmp_path, {"train.py": code})
    assert (values(found, "epochs"), values(found, "steps")) == (epochs, steps)


def test_epochs_within_each_step_are_not_the_epochs_of_the_run(tmp_path: Path) -> None:
    code = (
        TORCH
        + "opt = torch.optim.SGD([], lr=1)\nfor update in range(100):\n    for epoch in range(4):\n    "
        + STEP.replace("\n    ", "\n        ")
    )
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == []


@pytest.mark.parametrize(
    ("code", "optimizer", "rate"),
    [
        (
            (
                "import optax, jax\nlr = 0.1\n"
                "tx = optax.chain(optax.clip_by_global_norm(1.), optax.adamw(lr))\n"
                "jax.value_and_grad(f)(1)\ntx.update(1)"
            ),
            ["AdamW"],
            [0.1],
        ),
        (
            (
                "import optax, jax\n"
                "up = optax.linear_schedule(init_value=1e-5, end_value=2e-3, transition_steps=10)\n"
                "s = optax.join_schedules([up, optax.cosine_decay_schedule(2e-3, 90)], [10])\n"
                "tx = optax.adam(s)\njax.grad(f)(1)\noptax.apply_updates(1, 2)"
            ),
            ["Adam"],
            [2e-3],
        ),
        (
            (
                "import optax, jax\n"
                "s = optax.warmup_cosine_decay_schedule(init_value=0., peak_value=0.1, warmup_steps=5, decay_steps=9)\n"
                "tx = optax.adam(s)\njax.grad(f)(1)\noptax.apply_updates(1, 2)"
            ),
            ["Adam"],
            [0.1],
        ),
        (
            (
                "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n"
                "m.compile(optimizer='adam', loss='mse')\nm.fit(x, y, epochs=3, batch_size=8)"
            ),
            ["Adam"],
            [],
        ),
        (
            (
                "from keras.optimizers import RMSprop\nimport keras\nm = keras.Model()\n"
                "m.compile(optimizer=RMSprop(learning_rate=0.1))\nm.fit(x)"
            ),
            ["RMSprop"],
            [0.1],
        ),
        (
            (
                "import tensorflow as tf\n"
                "step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)\n"
                "with tf.Session() as s:\n    s.run(step)"
            ),
            ["SGD"],
            [0.1],
        ),
        (
            ("import torch\nblr = 0.1\nlr = blr * 512 / 256\ntorch.optim.SGD([], lr=lr)\nx.backward()\nopt.step()"),
            ["SGD"],
            [0.1],
        ),
        (
            (
                "import torch\ntorch.optim.SGD([{'params': a}, {'params': b, 'lr': 0.2}], lr=0.1)\n"
                "x.backward()\nopt.step()"
            ),
            ["SGD"],
            [0.1, 0.2],
        ),
        (
            ("import torch\nw = torch.ones(1)\nfor i in range(3):\n    w.sum().backward()\n    w.data -= 0.1 * w.grad"),
            [],
            [0.1],
        ),
        (
            (
                "import torch\nfrom torch.distributed.optim import DistributedOptimizer\n"
                "opt = DistributedOptimizer(torch.optim.SGD, [], lr=0.1)\nx.backward()\nopt.step()"
            ),
            ["SGD"],
            [0.1],
        ),
    ],
)
def test_optimizers_and_rates_of_every_framework(
    tmp_path: Path, code: str, optimizer: list[str], rate: list[float]
) -> None:
    found = analysed(tmp_path, {"train.py": code})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (optimizer, rate)


def test_updates_by_hand_are_a_known_none(tmp_path: Path) -> None:
    code = "import torch\nw = torch.ones(1)\nfor i in range(3):\n    w.sum().backward()\n    w.data -= 0.1 * w.grad"
    found = fact(analysed(tmp_path, {"train.py": code}), "optimizer")
    assert found.value is None and found.place.line == 4


def test_a_config_is_analysed_in_its_script(tmp_path: Path) -> None:
    run = """
        import argparse, yaml, torch
        p = argparse.ArgumentParser()
        p.add_argument('--config', default='configs/a.yaml')
        c = yaml.safe_load(open(p.parse_args().config))
        net = torch.nn.Linear(1, 1)
        opt = torch.optim.Adam(net.parameters(), lr=c['train']['lr'])
        for epoch in range(c['train']['epochs']):
            net(1).backward()
            opt.step()
        """
    text = "train:\n  lr: {}\n  epochs: 3\n"
    files = {"run.py": run, "configs/a.yaml": text.format(0.1), "configs/b.yaml": text.format(0.2)}
    a, b = analysed(tmp_path, files, "run.py"), analysed(tmp_path, files, "configs/b.yaml")
    assert (values(a, "learning_rate"), values(b, "learning_rate")) == ([0.1], [0.2])
    assert fact(b, "learning_rate").place == Place(str(tmp_path / "configs/b.yaml"), 2, 2)
    assert fact(b, "learning_rate").how == "yaml config"


def test_unknown_keyword_arguments_do_not_fall_back_to_defaults(tmp_path: Path) -> None:
    code = (
        TORCH
        + "def build(lr=0.1):\n    return torch.optim.SGD([], lr=lr)\nopt = build(**load())\nfor epoch in range(2):\n"
        + STEP
    )
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == []


def test_switches_for_training_are_taken_to_be_on_where_nothing_trains_without(tmp_path: Path) -> None:
    code = """
        import argparse, torch
        p = argparse.ArgumentParser()
        p.add_argument('--do_train', action='store_true')
        args = p.parse_args()
        if args.do_train:
            net = torch.nn.Linear(1, 1)
            opt = torch.optim.Adam(net.parameters(), lr=0.1)
            for epoch in range(4):
                net(1).backward()
                opt.step()
        """
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [4]


AROUND = """
import torch
from torch import nn
from torch.utils.data import DataLoader
net = nn.Linear(4, 2)
BATCH_SIZE = 32 * torch.cuda.device_count()
every_loader = DataLoader(data, batch_size=5000)
for x, y in every_loader:
    print(x.std())
train_loader = DataLoader(data, batch_size=BATCH_SIZE)
for epoch in range(2):
    for x, y in train_loader:
        print(x.shape)
        break
opt = torch.optim.Adam(net.parameters(), lr=0.1)
for epoch in range(7):
    for x, y in train_loader:
        net(x).sum().backward()
        opt.step()
train_loader = DataLoader(data, batch_size=60000)
for x, y in train_loader:
    print(x.mean())
"""


def test_what_stands_around_the_training_is_not_of_it(tmp_path: Path) -> None:
    """Loaders for statistics before and after, a look at the data; a batch said for each device."""
    found = analysed(tmp_path, {"train.py": AROUND})
    assert values(found, "epochs") == [7] and values(found, "batch_size") == [32]


def test_a_batch_size_that_only_functions_read(tmp_path: Path) -> None:
    text = """
    import random
    import torch
    def draw():
        return torch.tensor([random.choice(rows) for _ in range(batch_size)])
    if __name__ == '__main__':
        batch_size = 6
        net = torch.nn.Linear(3, 1)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for epoch in range(5):
            net(draw()).sum().backward()
            opt.step()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "batch_size") == [6]


def test_an_heir_of_an_optimizer_is_that_optimizer(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    class SharedAdam(tf.train.AdamOptimizer):
        def compute_gradients(self, loss, variables, **rest):
            return super().compute_gradients(loss, variables, **rest)
    weight = tf.Variable(1.0)
    SharedAdam(learning_rate=0.01).minimize(weight ** 2)
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [0.01]


@pytest.mark.parametrize("rate", ["math.sqrt(0.04)", "math.factorial(5)", "random.uniform(0.1, 0.2)"])
def test_the_argument_of_a_calculation_is_no_rate(tmp_path: Path, rate: str) -> None:
    source = f"""
import math, random, torch
net = torch.nn.Linear(3, 4)
optimizer = torch.optim.Adam(net.parameters(), lr={rate})
for epoch in range(3):
    net(torch.ones(2, 3)).sum().backward()
    optimizer.step()
"""
    found = analysed(tmp_path, {"train.py": source})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from transformers import TrainingArguments\nTrainingArguments('out', seed=11)", [11]),
        ("from stable_baselines3 import SAC\nSAC('MlpPolicy', 'Pendulum-v1', seed=3).learn(9)", [3]),
        (
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.model_selection import train_test_split\n"
            "train_test_split([1], [1], random_state=0)\nRandomForestClassifier(random_state=7).fit([[1]], [1])",
            [7],
        ),
        (
            "from sklearn.model_selection import train_test_split\n"
            "from sklearn.svm import SVC\ntrain_test_split([1], [1], random_state=3)\nSVC().fit([[1]], [1])",
            [3],
        ),
    ],
)
def test_seeds_given_to_what_trains(tmp_path: Path, code: str, expected: list[int]) -> None:
    assert [each.value for each in seeds(program(tmp_path, {"train.py": code}))] == expected


@pytest.mark.parametrize(
    ("rule", "code", "expected"),
    [
        (latent_dims, "class G:\n    def __init__(self, z_dim=100):\n        self.z = z_dim\nG()", [100]),
        (latent_dims, "class G:\n    def __init__(self, n, z_dim=100):\n        self.z = z_dim\nG(784, 20)", [20]),
        (dropouts, "from torch import nn\nnn.LSTM(8, 8, 2, dropout=0.3)", [0.3]),
        (emas, "ema_decay = 0.99\ndef follow(a, b):\n    a.mul_(ema_decay).add_(b)\nfollow(x, y)", [0.99]),
        (emas, "class EMA:\n    def __init__(self, net, decay=0.999):\n        self.net = net\nEMA(net)", [0.999]),
    ],
)
def test_details_are_followed_into_classes_and_layers(
    tmp_path: Path, rule: Rule, code: str, expected: list[float]
) -> None:
    assert [each.value for each in rule(program(tmp_path, {"train.py": code}))] == expected


@pytest.mark.parametrize("step", ["add_(p.grad.data, alpha=-rate)", "add_(-rate, p.grad)", "sub_(rate * p.grad)"])
def test_steps_that_are_added_to_weights_by_hand(tmp_path: Path, step: str) -> None:
    code = f"{TORCH}rate = 5e-4\nfor i in range(9):\n    net(1).backward()\n    for p in net.parameters():\n"
    found = analysed(tmp_path, {"train.py": f"{code}        p.data.{step}\n"})
    assert values(found, "learning_rate") == [5e-4]


def test_how_many_batches_an_epoch_has_is_no_batch_size(tmp_path: Path) -> None:
    script = """
        import torch, yaml
        class Episodes:
            def __init__(self, label, n_batch, n_per):
                self.n_batch, self.n_per = n_batch, n_per
        config = {"train_batches": 200}
        net = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        loader = torch.utils.data.DataLoader(data, batch_sampler=Episodes(labels, config["train_batches"], 5))
        for x in loader:
            net(x).backward()
            optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "batch_size") == []
