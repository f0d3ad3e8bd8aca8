"""The layer tree and the counts of weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.layers import layer_tree, parameters
from tests.core.analysis.writing import program

LAYERS = [
    "Linear(7, 5)",
    "Linear(7, 5, bias=False)",
    "Bilinear(3, 4, 5)",
    "Conv1d(4, 6, 3)",
    "Conv2d(4, 6, 3, groups=2)",
    "Conv2d(4, 6, (3, 5), bias=False)",
    "Conv3d(2, 3, 3)",
    "ConvTranspose2d(6, 4, 3, 2)",
    "ConvTranspose1d(6, 4, 3, groups=2)",
    "BatchNorm2d(9)",
    "BatchNorm1d(9, affine=False)",
    "InstanceNorm2d(9)",
    "InstanceNorm2d(9, affine=True)",
    "GroupNorm(3, 9)",
    "LayerNorm(9)",
    "LayerNorm([3, 4])",
    "LayerNorm(9, bias=False)",
    "RMSNorm(9)",
    "Embedding(11, 4)",
    "EmbeddingBag(11, 4)",
    "PReLU()",
    "PReLU(4)",
    "LSTM(5, 6)",
    "LSTM(5, 6, 3, bidirectional=True)",
    "LSTM(5, 6, proj_size=2)",
    "GRU(5, 6, 2, bias=False)",
    "RNN(5, 6)",
    "LSTMCell(5, 6)",
    "GRUCell(5, 6)",
    "MultiheadAttention(8, 2)",
    "MultiheadAttention(8, 2, kdim=4, vdim=6)",
    "TransformerEncoderLayer(8, 2, 16)",
    "TransformerDecoderLayer(8, 2)",
    "TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 3)",
    "Transformer(8, 2, 2, 3, 16)",
    "ReLU()",
    "Dropout(0.5)",
    "MaxPool2d(2)",
]


@pytest.mark.parametrize("layer", LAYERS)
def test_counts_are_those_of_torch(layer: str, tmp_path: Path) -> None:
    nn = pytest.importorskip("torch").nn
    real = sum(weight.numel() for weight in eval(f"nn.{layer}", {"nn": nn}).parameters())
    text = (
        f"from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.it = nn.{layer}\nnet = Net()\n"
    )
    tree = layer_tree(program(tmp_path, {"train.py": text}))
    assert [(found.name, found.parameters) for found in tree if found.name == "it"] == [("it", real)]


NESTED = """
from torch import nn
WIDTH = 8
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)
    def forward(self, x):
        return x + self.fc(x)
class Net(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.blocks = nn.ModuleList()
        for _ in range(depth):
            self.blocks.append(Block(WIDTH))
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(WIDTH, 3))
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)
net = Net()
"""


def test_the_tree_is_named_as_torch_names_it(tmp_path: Path) -> None:
    made = program(tmp_path, {"train.py": NESTED})
    assert [(layer.name, layer.kind, layer.parameters) for layer in layer_tree(made)] == [
        ("Net", "Net", 0),
        ("blocks", "ModuleList", 0),
        ("blocks.0", "Block", 0),
        ("blocks.0.fc", "Linear", 72),
        ("blocks.1", "Block", 0),
        ("blocks.1.fc", "Linear", 72),
        ("head", "Sequential", 0),
        ("head.0", "ReLU", 0),
        ("head.1", "Linear", 27),
    ]
    total = next(iter(parameters(made)))
    assert total.value == 171 and total.how.startswith("computed")


def test_an_unknown_size_makes_the_sum_unknown(tmp_path: Path) -> None:
    made = program(tmp_path, {"train.py": NESTED.replace("WIDTH, 3", "WIDTH, len(classes)")})
    assert list(parameters(made)) == []
    assert [layer.parameters for layer in layer_tree(made)][-1] is None


def test_tied_weights_are_counted_once(tmp_path: Path) -> None:
    text = """
    from torch import nn
    class LM(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(100, 8)
            self.head = nn.Linear(8, 100, bias=False)
            self.head.weight = self.embedding.weight
        def forward(self, x):
            return self.head(self.embedding(x))
    LM()
    """
    assert next(iter(parameters(program(tmp_path, {"train.py": text})))).value == 800


NETWORKS = {
    "a class derived from a layer": """
class Masked(nn.Conv2d):
    def __init__(self, inputs, outputs, size, own):
        super().__init__(inputs, outputs, size, padding=size // 2)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.masked = Masked(3, 8, 5, own=True)
""",
    "one without an __init__ of its own": """
class Causal(nn.Conv1d):
    def forward(self, x):
        return super().forward(x)[..., :-1]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.causal = Causal(3, 8, 2, bias=False)
""",
    "a scaled parameter": """
class Net(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.position = nn.Parameter(0.02 * torch.randn(1, 16, width))
        self.scale = nn.Parameter(torch.ones(width) / 2)
""",
    "an orthogonal matrix": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(4, 4))[0])
""",
    "layers between pairs of sizes": """
def layers(sizes):
    stack = []
    for inputs, outputs in itertools.pairwise(sizes):
        stack += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*stack[:-1])
class Net(nn.Module):
    def __init__(self, hidden=(12, 5)):
        super().__init__()
        self.encoder = layers([9, *hidden, 2])
        self.decoder = layers([2, *reversed(hidden), 9])
        self.head = layers(sorted(hidden) + sorted(hidden, reverse=True))
""",
}


@pytest.mark.parametrize("text", NETWORKS.values(), ids=NETWORKS)
def test_sums_are_those_of_torch(text: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    names: dict[str, object] = {}
    exec("import itertools, torch\nfrom torch import nn\n" + text + "net = Net()\n", names)
    net = names["net"]
    assert isinstance(net, torch.nn.Module)
    followed = program(
        tmp_path, {"train.py": "import itertools, torch\nfrom torch import nn\n" + text + "net = Net()\n"}
    )
    assert [fact.value for fact in parameters(followed)] == [sum(weight.numel() for weight in net.parameters())]


def test_an_element_of_a_tensor_is_not_as_large_as_the_tensor(tmp_path: Path) -> None:
    text = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
    text += "        super().__init__()\n        self.it = nn.Parameter(torch.randn(4, 4)[0])\nnet = Net()\n"
    assert not list(parameters(program(tmp_path, {"train.py": text})))


USED = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 2)
        self.unused = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.first = nn.Linear(4, 4)
        self.blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
        self.stem = nn.Linear(3, 4)
    def body(self, x):
        for block in self.blocks:
            x = block(x)
        return x
    def forward(self, x):
        x = self.body(self.stem(x))
        return self.head(self.second(torch.relu(self.first(x))))
net = Net()
"""


def test_layers_stand_in_the_order_of_their_use(tmp_path: Path) -> None:
    tree = [layer.name for layer in layer_tree(program(tmp_path, {"train.py": USED}))]
    assert tree == ["Net", "stem", "blocks", "blocks.0", "blocks.1", "first", "second", "head", "unused"]
