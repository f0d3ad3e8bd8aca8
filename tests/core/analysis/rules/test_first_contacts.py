"""Code of kinds met in papers' repositories: what is handed to helpers, put into groups, sent along edges or judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

STEPS = """
for epoch in range(3):
    for x in loader:
        net(x).sum().backward()
        optimizer.step()
"""


def test_a_loop_that_hands_its_optimizer_to_what_is_elsewhere_trains(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nfrom engine import train_one_epoch\n"
        "net = nn.Linear(2, 1)\noptimizer = torch.optim.Adam(net.parameters(), lr=0.01)\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=4)\n"
        "for epoch in range(5):\n    train_one_epoch(net, {}loader, epoch)\n"
    )
    found = analysed(tmp_path, {"tune.py": script.format("optimizer, ")}, "tune.py")
    assert values(found, "epochs") == [5] and values(found, "learning_rate") == [0.01]
    (tmp_path / "tune.py").unlink()
    assert names(tmp_path, {"look.py": script.format("")}) == []


def test_rates_that_are_put_into_groups_are_told(tmp_path: Path) -> None:
    script = (
        "import torch\nschedule = [(1e-3, 8), (1e-4, 16)]\nnet = torch.nn.Linear(2, 1)\nloader = []\n"
        "optimizer = torch.optim.Adam(net.parameters())\nfor own_rate, size in schedule:\n"
        "    for group in optimizer.param_groups:\n        group['lr'] = own_rate\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "learning_rate") == [1e-3, 1e-4]


def test_where_weights_are_loaded_to_is_not_where_training_runs(tmp_path: Path) -> None:
    script = (
        "import torch\nnet = torch.nn.Linear(2, 1).cuda()\nloader = []\n"
        "net.load_state_dict(torch.load('net.pt', map_location=torch.device('cpu')))\n"
        "optimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "hardware") == ["cuda"]


def test_how_many_batches_there_are_is_no_size_of_one(tmp_path: Path) -> None:
    script = (
        "import argparse, torch\nimport numpy as np\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--n_batch', type=int, default=32)\n"
        "parser.add_argument('--batch_size', type=int, default=256)\nargs = parser.parse_args()\n"
        "net = torch.nn.Linear(2, 1)\nloader = [sample(seed, np.arange(args.batch_size)) for seed in "
        "np.arange(args.n_batch)]\noptimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "batch_size") == [256]


def test_messages_weighed_by_a_softmax_are_attention(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch_geometric.nn import MessagePassing\nfrom torch_geometric.utils import softmax\n"
        "class Weighing(MessagePassing):\n    def __init__(self):\n        super().__init__(aggr='add')\n"
        "        self.keys = torch.nn.Linear(4, 4)\n    def forward(self, x, edges):\n"
        "        return self.propagate(edges, x=x)\n    def message(self, x_i, x_j, index):\n"
        "        return {}\nnet = Weighing()\nloader = []\n"
        "optimizer = torch.optim.Adam(net.parameters())\n" + STEPS.replace("net(x)", "net(x, x)")
    )
    found = analysed(tmp_path, {"train.py": script.format("softmax(self.keys(x_i) * x_j, index) * x_j")}, "train.py")
    assert values(found, "architecture")[:2] == ["GNN", "Attention"]
    found = analysed(tmp_path, {"train.py": script.format("self.keys(x_j)")}, "train.py")
    assert "Attention" not in values(found, "architecture")


def test_a_loss_neither_attends_nor_gathers(tmp_path: Path) -> None:
    judging = (
        "class {}(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.softmax = nn.Softmax(dim=1)\n    def forward(self, anchors, neighbors):\n"
        "        a, b = self.softmax(anchors), self.softmax(neighbors)\n"
        "        return -torch.log(torch.bmm(a.view(4, 1, 3), b.view(4, 3, 1))).mean()\n"
    )
    script = (
        "import torch\nfrom torch import nn\n"
        + judging
        + "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 3))\nloader = []\ncriterion = {}()\n"
        "optimizer = torch.optim.Adam(net.parameters())\n" + STEPS.replace("net(x).sum()", "criterion(net(x), net(x))")
    )
    found = analysed(tmp_path, {"train.py": script.format("LikeLoss", "LikeLoss")}, "train.py")
    assert values(found, "architecture") == ["CNN"]


def test_what_joins_its_inputs_and_has_no_weights_is_no_block(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nfrom functools import partial\nclass Up(nn.Module):\n"
        "    def forward(self, x):\n        return nn.functional.interpolate(x, scale_factor=2)\n"
        "class Block(nn.Sequential):\n    def __init__(self):\n"
        "        super().__init__(nn.Conv2d(16, 8, 3, padding=1))\n"
        "class Decoder(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.block = Block()\n        self.up = Up()\n"
        "        self.joining = partial(self._joining, concat=True)\n    def forward(self, encoder_features, x):\n"
        "        return self.block(self.joining(encoder_features, self.up(x)))\n    @staticmethod\n"
        "    def _joining(encoder_features, x, concat):\n        if concat:\n"
        "            return torch.cat((encoder_features, x), dim=1)\n        return encoder_features + x\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.MaxPool2d(2))\n"
        "        self.decoder = Decoder()\n    def forward(self, x):\n        kept = self.down(x)\n"
        "        return self.decoder(x, kept)\nnet = Net()\nloader = []\n"
        "optimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "architecture")[0] == "UNet"


def test_what_a_student_says_is_no_latent(tmp_path: Path) -> None:
    script = (
        "import torch\nimport torch.nn.functional as F\nfrom torch import nn\ndef kl_divergence(p, q):\n"
        "    return nn.KLDivLoss()(q, p)\nteacher, net = nn.Linear(2, 2), nn.Linear(2, 2)\nloader = []\n"
        "optimizer = torch.optim.Adam(net.parameters())\n"
        + STEPS.replace("net(x).sum()", "kl_divergence(teacher_out, student_out)").replace(
            "for x in loader:\n", "for x in loader:\n        teacher_out, student_out = teacher(x), net(x)\n"
        )
    )
    assert not {"VAE", "Autoencoder"} & {*values(analysed(tmp_path, {"train.py": script}, "train.py"), "architecture")}


def test_settings_of_a_file_that_a_class_is_made_from(tmp_path: Path) -> None:
    files = {
        "train.py": (
            "import json, fire, torch\nfrom typing import NamedTuple\nclass Settings(NamedTuple):\n"
            "    lr: float = 0.5\n    epochs: int = 7\n    @classmethod\n    def from_json(cls, file):\n"
            "        return cls(**json.load(open(file, 'r')))\ndef main(settings='config/pretrain.json'):\n"
            "    told = Settings.from_json(settings)\n    net, loader = torch.nn.Linear(2, 1), []\n"
            "    optimizer = torch.optim.SGD(net.parameters(), lr=told.lr)\n"
            "    for epoch in range(told.epochs):\n        for x in loader:\n            net(x).backward()\n"
            "            optimizer.step()\nif __name__ == '__main__':\n    fire.Fire(main)\n"
        ),
        "config/pretrain.json": '{"lr": 0.1, "epochs": 3}\n',
    }
    found = analysed(tmp_path, files, "train.py")
    assert values(found, "learning_rate") == [0.1] and values(found, "epochs") == [3]


def test_optimizers_of_other_packages_and_endless_epochs(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom qhoptim.pyt import QHAdam\nclass Trainer:\n    def __init__(self, net, Optimizer, told):\n"
        "        self.net, self.opt = net, Optimizer(net.parameters(), **told)\n    def fit(self, x):\n"
        "        self.net(x).sum().backward()\n        self.opt.step()\n"
        "trainer = Trainer(torch.nn.Linear(2, 1), QHAdam, dict(nus=(0.7, 1.0)))\n"
        "for batch in batches_of(data, batch_size=8, epochs=float('inf')):\n    trainer.fit(batch)\n"
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "optimizer") == ["QHAdam"] and values(found, "epochs") == []


def test_data_of_a_library_that_a_package_of_its_name_asks(tmp_path: Path) -> None:
    files = {
        "talks/__init__.py": "",
        "talks/train.py": (
            "import inspect, torch\nfrom dataclasses import dataclass\nfrom talks import settings\n"
            "from talks.datasets.talk import get_talk\nname = 'talk'\n"
            "told = {k: v for k, v in inspect.getmembers(settings)}[name]()\n"
            "loader = torch.utils.data.DataLoader({'talk': get_talk}[told.data](), batch_size=4)\n"
            "net = torch.nn.Linear(2, 1)\noptimizer = torch.optim.Adam(net.parameters())\n" + STEPS
        ),
        "talks/settings.py": "from dataclasses import dataclass\n@dataclass\nclass talk:\n    data: str = 'talk'\n",
        "talks/datasets/__init__.py": "",
        "talks/datasets/talk.py": "import datasets\ndef get_talk():\n    return datasets.load_dataset('samsum')\n",
    }
    assert values(analysed(tmp_path, files, "talks/train.py"), "datasets") == ["SAMSum"]


def test_an_object_whose_attributes_are_a_dict(tmp_path: Path) -> None:
    script = (
        "import torch\nclass Settings:\n    def __init__(self, told):\n        self.__dict__ = told\n"
        "told = Settings(dict(start=0.02, size=16))\nnet = torch.nn.Linear(2, 1)\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=told.size)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=told.start)\n" + STEPS
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "learning_rate") == [0.02] and values(found, "batch_size") == [16]


def test_how_large_weights_are_is_no_loss(tmp_path: Path) -> None:
    script = (
        "import torch\ndef _L2_loss_mean(x):\n    return (x ** 2).sum(1).mean()\n"
        "net = torch.nn.Linear(2, 1)\nloader = []\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        + STEPS.replace("net(x).sum()", "({} + 0.1 * _L2_loss_mean(net.weight))")
    )
    found = analysed(tmp_path, {"train.py": script.format("-torch.sigmoid(net(x)).log().mean()")}, "train.py")
    assert values(found, "loss") == []


def test_an_adjacency_by_one_letter(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nclass {}(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.linear = nn.Linear(4, 4)\n    def forward(self, x, A_in):\n"
        "        return self.linear(torch.matmul(A_in, x))\nnet = {}()\nloader = []\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n" + STEPS.replace("net(x)", "net(x, x)")
    )
    found = analysed(tmp_path, {"train.py": script.format("Aggregator", "Aggregator")}, "train.py")
    assert values(found, "architecture")[:2] == ["GCN", "GNN"]
    found = analysed(tmp_path, {"train.py": script.format("StateSpace", "StateSpace")}, "train.py")
    assert "GNN" not in values(found, "architecture")


def test_an_lstm_over_a_tree_is_one(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nclass Tree(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.x, self.h = nn.Linear(4, 12), nn.Linear(4, 12)\n"
        "        self.f = nn.Linear(4, 4)\n    def forward(self, inputs, child_c, child_h):\n"
        "        i, o, u = torch.split(self.x(inputs) + self.h(child_h.sum(0)), 4, dim=1)\n"
        "        i, o, u = F.sigmoid(i), F.sigmoid(o), F.tanh(u)\n"
        "        fc = torch.mul(F.sigmoid(self.f(child_h)), child_c)\n"
        "        c = torch.mul(i, u) + torch.sum(fc, dim=0)\n        return torch.mul(o, F.tanh(c))\n"
        "net, loader = Tree(), []\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        + STEPS.replace("net(x)", "net(x, x, x)")
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "architecture")[:2] == ["LSTM", "RNN"]


def test_a_transformer_that_takes_what_was_put_by_is_a_unet_too(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.embed = nn.Conv2d(3, 8, kernel_size=4, stride=4)\n"
        "        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(8, 2) for _ in range(3))\n"
        "        self.layers_up = nn.ModuleList(nn.TransformerEncoderLayer(8, 2) for _ in range(3))\n"
        "    def forward(self, x):\n        x, x_downsample = self.embed(x).flatten(2), []\n"
        "        for layer in self.layers:\n            x_downsample.append(x)\n            x = layer(x)\n"
        "        for at, layer_up in enumerate(self.layers_up):\n{}            x = layer_up(x)\n        return x\n"
        "net, loader = Net(), []\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n" + STEPS
    )
    joins = "            x = torch.cat([x, x_downsample[2 - at]], -1)\n"
    assert "UNet" in values(analysed(tmp_path, {"train.py": script.format(joins)}, "train.py"), "architecture")
    assert "UNet" not in values(analysed(tmp_path, {"train.py": script.format("")}, "train.py"), "architecture")


HOLDING = """
import torch
from torch import nn, optim
class Loss(nn.modules.loss._Loss):
    def __init__(self, told):
        super().__init__()
        self.loss = []
        for each in told.split("+"):
            weight, kind = each.split("*")
            if kind == "L1":
                function = nn.L1Loss()
            elif kind == "MSE":
                function = nn.MSELoss()
            self.loss.append({"weight": float(weight), "function": function})
    def forward(self, x, y):
        return sum(each["weight"] * each["function"](x, y) for each in self.loss)
net = nn.Conv2d(3, 3, 3)
loss = Loss("1*L1")
optimizer = optim.Adam(net.parameters(), lr=1e-4)
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        loss(net(x), y).backward()
        optimizer.step()
"""


def test_a_loss_that_holds_others_goes_by_those(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"main.py": HOLDING}, "main.py"), "loss") == ["L1Loss"]
    own = HOLDING.replace("class Loss", "class EdgeLoss").replace(" Loss(", " EdgeLoss(")
    assert values(analysed(tmp_path, {"main.py": own}, "main.py"), "loss") == ["EdgeLoss"]


OWN_LOADERS = """
import torch
from torch import nn, optim
from torch.utils.data.dataloader import DataLoader
class Loader(DataLoader):
    def __init__(self, args, dataset, batch_size=1, shuffle=False):
        super().__init__(dataset, batch_size=batch_size, shuffle=shuffle)
        self.scale = 2
class Data:
    def __init__(self, given, other):
        self.loader_train = Loader({}, given, batch_size=16, shuffle=True)
        self.loader_test = Loader({}, other, batch_size=1)
net, data = nn.Linear(3, 3), Data(one, two)
optimizer = optim.Adam(net.parameters(), lr=1e-4)
for epoch in range(3):
    for x in data.loader_train:
        net(x).sum().backward()
        optimizer.step()
"""


def test_loaders_of_ones_own_that_are_kept_for_judging(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"main.py": OWN_LOADERS}, "main.py"), "batch_size") == [16]


@pytest.mark.parametrize(
    ("folder", "name"), [("ffhq_16_128", "FFHQ"), ("imagenet256_features", "ImageNet"), ("frames256", None)]
)
def test_data_of_a_package_that_bears_a_librarys_name(tmp_path: Path, folder: str, name: str | None) -> None:
    files = {
        "train.py": (
            "import torch\nimport datasets\n"
            "data = datasets.make({'name': 'folder', 'root': 'load/FOLDER'})\n"
            "loader = torch.utils.data.DataLoader(data, batch_size=4)\n"
            "net = torch.nn.Linear(2, 1)\noptimizer = torch.optim.Adam(net.parameters())\n" + STEPS
        ),
        "datasets/__init__.py": "from .known import register, make\nfrom . import folders\n",
        "datasets/known.py": (
            "known = {}\ndef register(name):\n    def kept(cls):\n        known[name] = cls\n        return cls\n"
            "    return kept\ndef make(spec):\n    return known[spec['name']](spec['root'])\n"
        ),
        "datasets/folders.py": (
            "from torch.utils.data import Dataset\nfrom datasets import register\n@register('folder')\n"
            "class Folder(Dataset):\n    def __init__(self, root):\n        self.root = root\n"
        ),
    }
    files["train.py"] = files["train.py"].replace("FOLDER", folder)
    assert values(analysed(tmp_path, files, "train.py"), "datasets") == ([name] if name else [])


def test_what_trains_and_evaluates_trains(tmp_path: Path) -> None:
    script = (
        "import torch\nnet = torch.nn.Linear(2, 1)\noptimizer = torch.optim.Adam(net.parameters())\n"
        "def train_and_evaluate(loader):\n    for x, y in loader:\n"
        "        loss = torch.nn.functional.l1_loss(net(x), y)\n"
        "        loss.backward()\n        optimizer.step()\n"
        "for epoch in range(3):\n    train_and_evaluate(torch.utils.data.DataLoader(net, batch_size=4))\n"
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "loss") == ["l1_loss"]


LOSSES = """
import torch
from torch import nn
class PartLoss(nn.Module):
    def forward(self, x, y):
        return (x - y).abs().mean()
class LastOnly(nn.Module):
    def __init__(self, loss):
        super().__init__()
        self.inner = loss
    def forward(self, x, y):
        return self.inner(x[-1], y)
class Solver:
    def __init__(self, net, apart=False):
        self.net, self.apart = net, apart
        self.optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
        loss = LAST
        self.compare = loss
        self.part = PartLoss().to("cpu")
    def fit(self, loader):
        for epoch in range(3):
            for x, y in loader:
                found = self.compare(self.net(x), y)
                if self.apart:
                    found = found + self.part(x, y)
                found.backward()
                self.optimizer.step()
Solver(nn.Linear(2, 1)).fit(torch.utils.data.DataLoader([1], batch_size=4))
"""


@pytest.mark.parametrize(
    ("last", "told"),
    [("LastOnly(nn.L1Loss())", ["L1Loss"]), ("LastOnly(PartLoss())", ["PartLoss"]), ("nn.MSELoss()", ["MSELoss"])],
)
def test_losses_that_others_wrap_or_that_nothing_asks(tmp_path: Path, last: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": LOSSES.replace("LAST", last)}, "train.py"), "loss") == told


@pytest.mark.parametrize(("name", "rate"), [("optim.lr", 0.2), ("optim.rate", 0.3)])
def test_entries_that_omegaconf_selects(tmp_path: Path, name: str, rate: float) -> None:
    script = (
        "import torch\nfrom omegaconf import OmegaConf\nconfig = OmegaConf.load('config.yaml')\n"
        f"net = torch.nn.Linear(2, 1)\nrate = OmegaConf.select(config, '{name}', default=0.3)\n"
        "optimizer = torch.optim.Adam(net.parameters(), lr=rate)\n" + STEPS
    )
    files = {"train.py": script, "config.yaml": "optim:\n  lr: 0.2\n"}
    assert values(analysed(tmp_path, files, "train.py"), "learning_rate") == [rate]


SESSION = """
import tensorflow.compat.v1 as tf
from tensorflow.compat.v1 import estimator as tf_estimator
x = tf.placeholder(tf.float32, [None, 4])
loss = tf.losses.mean_squared_error(tf.layers.dense(x, 1), x[:, :1])
step = tf.train.AdamOptimizer(1e-3).minimize(loss)
hooks = [tf_estimator.StopAtStepHook(STOP), tf.train.LoggingTensorHook([loss], every_n_iter=10)]
with tf.train.MonitoredTrainingSession(hooks=hooks) as session:
    while not session.should_stop():
        session.run(step)
"""


@pytest.mark.parametrize("stop", ["num_steps=500", "last_step=500", "500"])
def test_steps_at_which_a_hook_stops(tmp_path: Path, stop: str) -> None:
    assert values(analysed(tmp_path, {"train.py": SESSION.replace("STOP", stop)}, "train.py"), "steps") == [500]


ODDS = """
import tensorflow as tf
class Agent:
    def __init__(self):
        self.odds, self.mean = self.network(tf.placeholder(tf.float32, [None, 4]))
        wanted = tf.placeholder(tf.float32, [32, 51])
        loss = -tf.reduce_mean(tf.reduce_sum(wanted * tf.log(self.odds[:, 0]), axis=1))
        self.step = tf.train.AdamOptimizer(1e-3).minimize(loss)
    def network(self, x):
        hidden = tf.layers.dense(x, 64, activation=tf.nn.relu)
        odds = tf.nn.softmax(tf.reshape(tf.layers.dense(hidden, 102), [-1, 2, 51]))
        scale = SCALE
        scale = tf.tile(scale, [2, 1])
        return odds, tf.reduce_sum(tf.multiply(scale, odds), axis=2)
Agent()
"""


@pytest.mark.parametrize(
    ("scale", "told"),
    [("tf.reshape(tf.range(-10.0, 10.4, 0.4), [1, 51])", False), ("tf.layers.dense(hidden, 51)", True)],
)
def test_odds_that_weigh_a_scale_are_no_attention(tmp_path: Path, scale: str, told: bool) -> None:
    found = values(analysed(tmp_path, {"train.py": ODDS.replace("SCALE", scale)}, "train.py"), "architecture")
    assert ("Attention" in found) is told
