"""What the other rules find, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.facts import Fact
from core.analysis.program import Rule
from core.analysis.rules.architecture import architecture
from core.analysis.rules.datasets import datasets
from core.analysis.rules.description import description
from core.analysis.rules.environment import environments
from core.analysis.rules.framework import frameworks
from core.analysis.rules.hardware import hardware
from core.analysis.rules.loss import losses
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.task import task
from tests.core.analysis.writing import program


def found(rule: Rule, folder: Path, text: str, **files: str) -> list[Fact]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    return list(rule(program(folder, {"train.py": text, **named})))


def values(rule: Rule, folder: Path, text: str, **files: str) -> list[object]:
    return [fact.value for fact in found(rule, folder, text, **files)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from torchvision import datasets\nd = datasets.CIFAR10('data', train=True)", ["CIFAR-10"]),
        ("from torchvision.datasets import FashionMNIST\nd = FashionMNIST('data/mnist')", ["Fashion-MNIST"]),
        ("from tensorflow.keras.datasets import mnist\n(x, y), _ = mnist.load_data()", ["MNIST"]),
        ("import tensorflow as tf\nd = tf.keras.datasets.cifar100.load_data()", ["CIFAR-100"]),
        ("import tensorflow_datasets as tfds\nd = tfds.load('cycle_gan/horse2zebra:2.0.0')", ["horse2zebra"]),
        ("from datasets import load_dataset\nd = load_dataset('glue', 'sst2')", ["SST-2"]),
        ("from datasets import load_dataset\nd = load_dataset('somebody/their-own-data')", ["their-own-data"]),
        ("from datasets import load_dataset\nd = load_dataset('imagefolder', data_dir='x')", []),
        ("from sklearn.datasets import load_iris\nd = load_iris()", ["Iris"]),
        ("from torch_geometric.datasets import Planetoid\nd = Planetoid('/tmp', name='Cora')", ["Cora"]),
        ("from torch_geometric.datasets import ModelNet\nd = ModelNet('/tmp', '10')", ["ModelNet10"]),
        ("from torchvision.datasets import ImageFolder\nd = ImageFolder('data/celeba/train')", ["CelebA"]),
        ("from torchvision.datasets import ImageFolder\nd = ImageFolder('data/mine')", []),
        ("import pandas as pd\nd = pd.read_csv('data/titanic.csv')", ["Titanic"]),
        (
            "import argparse\np = argparse.ArgumentParser()\n"
            "p.add_argument('--data', default='./data/wikitext-2')\na = p.parse_args()",
            ["WikiText-2"],
        ),
        ("vocab = 'vocab.txt'\nopen(vocab)", []),
        ("from torchvision.datasets import CelebA\nclass Mine(CelebA):\n    pass\nd = Mine('.')", ["CelebA"]),
        ("import gym\nenv = gym.make('CartPole-v1')", []),
    ],
)
def test_datasets(text: str, expected: list[str], tmp_path: Path) -> None:
    assert values(datasets, tmp_path, text) == expected


def test_made_up_data_is_a_known_none(tmp_path: Path) -> None:
    facts = found(datasets, tmp_path, "from sklearn.datasets import make_moons\nx, y = make_moons(100)")
    assert [(fact.value, fact.how) for fact in facts] == [(None, "synthetic, made by make_moons")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("x = torch.randn(8, 4).float() * 2\ndata = TensorDataset(x, x.sum(1))", [(None, "synthetic, drawn by randn")]),
        ("x = np.random.rand(8, 4)\ndata = TensorDataset(torch.tensor(x), y)", [(None, "synthetic, drawn by rand")]),
        ("data = TensorDataset(torch.load('x.pt'), torch.randn(8))", []),
    ],
)
def test_data_that_is_drawn_at_random_is_made_up(tmp_path: Path, data: str, expected: list[object]) -> None:
    code = f"import torch, numpy as np\nfrom torch.utils.data import TensorDataset\n{data}\n"
    found = datasets(program(tmp_path, {"train.py": code}))
    assert [(fact.value, fact.how) for fact in found] == expected


def test_a_data_set_stands_where_it_is_named(tmp_path: Path) -> None:
    text = "from tensorflow.examples.tutorials.mnist import input_data\nd = input_data.read_data_sets('/tmp/x')"
    assert [(fact.value, fact.place.line) for fact in found(datasets, tmp_path, text)] == [("MNIST", 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import gymnasium as gym\nNAME = 'CartPole-v1'\nenv = gym.make(NAME)", ["CartPole-v1"]),
        (
            "import gym\ndef make(name):\n    def thunk():\n        return gym.make(name)\n"
            "    return thunk\nenvs = gym.vector.SyncVectorEnv([make('Pong-v0')])",
            ["Pong-v0"],
        ),
        ("from stable_baselines3 import PPO\nm = PPO('MlpPolicy', 'Pendulum-v1')", ["Pendulum-v1"]),
        ("from dm_control import suite\nenv = suite.load('cheetah', 'run')", ["cheetah-run"]),
        ("from unityagents import UnityEnvironment\nenv = UnityEnvironment(file_name='../Banana.app')", ["Banana"]),
        ("import timm\nmodel = timm.create_model('resnet18')", []),
    ],
)
def test_environments(text: str, expected: list[str], tmp_path: Path) -> None:
    assert values(environments, tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch.nn as nn\ncrit = nn.CrossEntropyLoss()\nloss = crit(a, b)", ["CrossEntropyLoss"]),
        ("import torch.nn.functional as F\nloss = F.nll_loss(a, b)", ["nll_loss"]),
        (
            "import torch.nn.functional as F\ndef test():\n    return F.mse_loss(a, b)\nloss = F.l1_loss(a, b)\ntest()",
            ["l1_loss"],
        ),
        (
            "import torch\nimport torch.nn.functional as F\nwith torch.no_grad():\n"
            "    v = F.mse_loss(a, b)\nloss = F.l1_loss(a, b)",
            ["l1_loss"],
        ),
        ("import optax\nloss = optax.softmax_cross_entropy(a, b).mean()", ["softmax_cross_entropy"]),
        ("from keras import Sequential\nm = Sequential()\nm.compile(optimizer='adam', loss='mse')", ["mse"]),
        (
            "import tensorflow as tf\nloss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=a, logits=b)",
            ["sparse_softmax_cross_entropy_with_logits"],
        ),
        (
            "import torch.nn as nn\nclass DiceLoss(nn.Module):\n"
            "    def forward(self, a, b):\n        return 1 - (a * b).sum()\n"
            "loss = DiceLoss()(a, b)",
            ["DiceLoss"],
        ),
        (
            "import jax.numpy as jnp\ndef masked_cross_entropy(a, b):\n"
            "    return -(a * b).sum()\nloss = masked_cross_entropy(a, b)",
            ["masked_cross_entropy"],
        ),
        ("def maskNLLLoss(a, b):\n    return -(a * b).sum()\nmaskNLLLoss(a, b).backward()", ["maskNLLLoss"]),
        ("def loss_fn(a, b):\n    return ((a - b) ** 2).mean()\nloss = loss_fn(a, b)", []),
        ("import torch\nloss = torch.nn.Linear(2, 2)(x).sum()", []),
        (
            "import torch\nfirst = torch.nn.BCELoss()\nsecond = torch.nn.MSELoss()\nsecond(a, b).backward()",
            ["MSELoss"],
        ),
        (
            "import torch\ndef mse_of(net, batches):\n    with torch.no_grad():\n"
            "        return sum((net(x) ** 2).mean() for x in batches)\nmse_of(net, batches)",
            [],
        ),
        (
            "import torch\ndef overlap_distance(a, b):\n    return 1 - torch.min(a, b).sum()\n"
            "cost = overlap_distance(x, net(x))\ncost.backward()",
            ["overlap_distance"],
        ),
    ],
)
def test_losses(text: str, expected: list[str], tmp_path: Path) -> None:
    assert values(losses, tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')", ["cuda", "cpu"]),
        ("import torch\ndevice = torch.accelerator.current_accelerator()", ["accelerator"]),
        ("import torch\nuse = False\nif use:\n    d = torch.device('mps')", ["mps"]),
        ("import torch\nnet = torch.nn.Linear(2, 2).cuda()", ["cuda"]),
        ("import torch\ntorch.cuda.manual_seed_all(1)", []),
        ("import torch\nx = torch.load('a.pt', map_location='cpu')", []),
        ("import pytorch_lightning as pl\nt = pl.Trainer(accelerator='gpu', devices=2)", ["cuda"]),
        ("import torch_xla.core.xla_model as xm\nd = xm.xla_device()", ["tpu"]),
        ("import torch\nnet = torch.nn.Linear(2, 2)", []),
    ],
)
def test_hardware(text: str, expected: list[str], tmp_path: Path) -> None:
    assert values(hardware, tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch, numpy\nnet = torch.nn.Linear(2, 2)", ["PyTorch"]),
        (
            "import torch\nimport pytorch_lightning as pl\nclass M(pl.LightningModule):\n"
            "    def __init__(self):\n        super().__init__()\n"
            "        self.a = torch.nn.Linear(2, 2)\nm = M()",
            ["PyTorch Lightning", "PyTorch"],
        ),
        (
            "import jax\nfrom flax import linen as nn\nclass M(nn.Module):\n    @nn.compact\n"
            "    def __call__(self, x):\n        return nn.Dense(2)(x)\nm = M()",
            ["Flax", "JAX"],
        ),
        (
            "import tensorflow as tf\nimport jax, haiku as hk\ndef f(x):\n"
            "    return hk.Linear(3)(x)\nnet = hk.transform(f)\nnet.init(1, 2)",
            ["Haiku", "JAX"],
        ),
        ("from sklearn.svm import SVC\nm = SVC().fit(x, y)", ["scikit-learn"]),
        (
            "import torch\nfrom sklearn.preprocessing import StandardScaler\n"
            "s = StandardScaler().fit(x)\nnet = torch.nn.Linear(2, 2)",
            ["PyTorch"],
        ),
        (
            "from jax import grad\nfrom torch.utils.data import DataLoader\nclass Loader(DataLoader):\n    pass\n"
            "loader = Loader(data)\nfor x in loader:\n    w = w - rate * grad(loss)(w, x)",
            ["JAX"],
        ),
        ("import os", []),
    ],
)
def test_frameworks(text: str, expected: list[str], tmp_path: Path) -> None:
    assert values(frameworks, tmp_path, text) == expected


CLASSES = """
import torch
from torch import nn
class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        return self.fc(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()
    def forward(self, x):
        return self.part(x)
class Never(nn.Module):
    pass
class Data(torch.utils.data.Dataset):
    pass
net, data = Net(), Data()
"""


def test_classes_that_the_run_builds_outermost_first(tmp_path: Path) -> None:
    facts = found(model_classes, tmp_path, CLASSES)
    assert [(fact.value, fact.place.line) for fact in facts] == [("Net", 9), ("Part", 3)]


def test_a_wrapper_of_training_is_no_model_class(tmp_path: Path) -> None:
    text = CLASSES.replace(
        "net, data = Net(), Data()",
        "import pytorch_lightning as pl\nclass Lit(pl.LightningModule):\n"
        "    def __init__(self):\n        super().__init__()\n        self.net = Net()\n"
        "lit = Lit()",
    )
    assert values(model_classes, tmp_path, text) == ["Net", "Part"]


@pytest.mark.parametrize(
    ("made", "families"),
    [
        ("torchvision.models.squeezenet1_0()", ["SqueezeNet", "CNN"]),
        ("transformers.T5Model.from_pretrained('t5-small')", ["Transformer", "Seq2Seq", "Attention", "T5"]),
    ],
)
def test_what_a_model_would_be_called_by_comes_first(tmp_path: Path, made: str, families: list[str]) -> None:
    assert values(architecture, tmp_path, f"import torchvision, transformers\nnet = {made}") == families


def test_factories_are_no_model_classes(tmp_path: Path) -> None:
    assert values(model_classes, tmp_path, "import torchvision\nnet = torchvision.models.resnet18()") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import gym\nimport torch\nenv = gym.make('CartPole-v1')", "reinforcement learning"),
        (
            "import torch.nn as nn\nfrom torchvision.datasets import MNIST\nd = MNIST('.')\n"
            "net = nn.Sequential(nn.Linear(784, 9), nn.Linear(9, 10))\n"
            "c = nn.CrossEntropyLoss()",
            "image classification",
        ),
        (
            "from transformers import AutoModelForTokenClassification as M\nm = M.from_pretrained('bert-base-cased')",
            "token classification",
        ),
        ("import torch.nn as nn\nnet = nn.Linear(1, 1)\nc = nn.MSELoss()", "regression"),
        (
            "import torch.nn as nn\nn = nn.Sequential(nn.Conv1d(1, 8, 3), nn.Linear(8, 3))\nc = nn.CrossEntropyLoss()",
            "classification",
        ),
    ],
)
def test_task(text: str, expected: str, tmp_path: Path) -> None:
    assert values(task, tmp_path, text) == [expected]


def test_description_is_the_first_paragraph_of_the_docstring(tmp_path: Path) -> None:
    text = '"""Train a digit recogniser on a laptop.\n\nUsage: python train.py\n"""\nimport torch\n'
    assert [(f.value, f.how, f.place.line) for f in found(description, tmp_path, text)] == [
        ("Train a digit recogniser on a laptop.", "docstring", 1)
    ]


def test_description_from_the_readme_of_the_folder(tmp_path: Path) -> None:
    readme = "# Digits\n\n[![badge](x)](y)\n\nA small network that tells digits apart.\n"
    facts = found(description, tmp_path, "import torch\n", README__md=readme)
    assert [fact.how for fact in facts] == ["readme"] and "Digits" in str(facts[0].value)


def test_a_readme_that_never_names_the_script_says_nothing_of_it(tmp_path: Path) -> None:
    made = program(
        tmp_path, {"other.py": "import torch\n", "README.md": "# Examples\n\nA plethora of examples.\n"}, "other.py"
    )
    assert list(description(made)) == []


def test_keras_by_its_name_within_tensorflow_is_of_both(tmp_path: Path) -> None:
    layers = "layers import Dense\nmodel = Sequential([Dense(1)])\nmodel.compile('adam', 'mse')\n"
    for home, told in (("tensorflow.keras", ["Keras", "TensorFlow"]), ("keras", ["Keras"])):
        text = f"from {home}.models import Sequential\nfrom {home}.{layers}"
        assert values(frameworks, tmp_path, text) == told
