"""What the code of papers does: settings by folder or by the text of an option, layers and losses of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, program, values

HEAD = """
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
"""
STEP = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in loader:
        LOSS
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def _trained(folder: Path, text: str, field: str, loss: str = "loss = F.cross_entropy(model(x), y)") -> list[object]:
    return values(analysed(folder, {"train.py": HEAD + text + STEP.replace("LOSS", loss)}), field)


def test_the_folder_of_an_experiment_holds_its_settings(tmp_path: Path) -> None:
    script = """
import argparse, json, os, torch
class Params:
    def __init__(self, path):
        with open(path) as file:
            self.__dict__.update(json.load(file))
parser = argparse.ArgumentParser()
parser.add_argument("--model_dir", default="experiments/base", help="folder with params.json")
if __name__ == "__main__":
    args = parser.parse_args()
    params = Params(os.path.join(args.model_dir, "params.json"))
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=params.learning_rate)
    for epoch in range(params.num_epochs):
        model(torch.ones(2)).sum().backward()
        optimizer.step()
    with open(os.path.join(args.model_dir, "metrics.json"), "w") as file:
        json.dump({}, file)
"""
    files = {"train.py": script, "experiments/base/metrics.json": '{"accuracy": 0.9}'}
    files |= {f"experiments/{name}/params.json": f'{{"learning_rate": {rate}, "num_epochs": 4}}'
              for name, rate in (("base", 0.1), ("slow", 0.01))}  # fmt: skip
    assert names(tmp_path, files) == ["experiments/slow/params.json", "train.py"]
    assert values(analysed(tmp_path, files), "learning_rate") == [0.1]
    assert values(analysed(tmp_path, files, "experiments/slow/params.json"), "learning_rate") == [0.01]


def test_a_class_of_settings_reads_the_file_that_its_parameter_names(tmp_path: Path) -> None:
    settings = """
import yaml
def load_hparam(path):
    with open(path) as file:
        return dict(yaml.safe_load(file))
class Settings(dict):
    __getattr__ = dict.__getitem__
    def __init__(self, file="config/config.yaml"):
        super().__init__()
        for key, value in load_hparam(file).items():
            setattr(self, key, value)
    __setattr__ = dict.__setitem__
hp = Settings()
"""
    script = "from hparam import hp\nmodel = nn.Linear(2, 2)\n" + STEP.replace("0.01", "hp.lr")
    script = HEAD + script.replace("LOSS", "loss = model(x).sum()")
    files = {"train.py": script, "hparam.py": settings, "config/config.yaml": "lr: 0.3\n"}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.3]


@pytest.mark.parametrize(
    ("option", "test"),
    [
        ("'--deep', default='False', type=ast.literal_eval", "args.deep == False"),
        ("'--net', default='wide_flat'", "args.net.find('flat') + 1"),
    ],
)
def test_what_an_option_says_decides_a_branch(tmp_path: Path, option: str, test: str) -> None:
    text = f"""
import ast
parser = argparse.ArgumentParser()
parser.add_argument({option})
args = parser.parse_args()
class Flat(nn.Module):
    pass
class Deep(nn.Module):
    pass
if {test}:
    model = Flat()
else:
    model = Deep()
"""
    assert _trained(tmp_path, text, "model_classes") == ["Flat"]


def test_loops_that_gather_data_are_not_followed_turn_by_turn(tmp_path: Path) -> None:
    text = """
class Tasks:
    def __init__(self, count):
        self.cache = []
        for sample in range(10):
            for i in range(count):
                self.cache.append([[j + i for j in range(5)] for k in range(15)])
tasks = Tasks(32)
model = nn.Linear(2, 2)
"""
    found = program(tmp_path, {"train.py": HEAD + text + STEP.replace("LOSS", "loss = model(x).sum()")})
    assert not found.warnings and found.named("Adam")


CHEBYSHEV = """
class Polynomial(nn.Module):
    def __init__(self, order, graph):
        super().__init__()
        self.order, self.graph = order, graph
        self.weight = nn.Parameter(torch.randn(order, 8, 8))
    def forward(self, x):
        terms = [x, torch.einsum("hi,bij->bhj", self.graph, x)]
        for k in range(2, self.order):
            terms.append(torch.einsum("hi,bij->bhj", 2 * self.graph, terms[k - 1]) - terms[k - 2])
        return torch.einsum("bkhi,kij->bhj", torch.stack(terms, 1), self.weight)
class Align(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)
    def forward(self, x):
        return torch.cat([x, torch.zeros(1, 8, 4, 4)], dim=1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.graph = Align(), Align(), Polynomial(3, torch.eye(4))
    def forward(self, x):
        return self.graph(self.second(self.first(x)))
model = Net()
"""


def test_polynomials_of_a_graph_are_its_convolution(tmp_path: Path) -> None:
    families = _trained(tmp_path, CHEBYSHEV, "architecture")
    assert families[:2] == ["GCN", "GNN"] and not {"RNN", "DenseNet"} & {*families}


def test_causal_layers_that_look_at_neighbours_alone_generate_nothing(tmp_path: Path) -> None:
    text = """
class CausalConv2d(nn.Conv2d):
    def __init__(self, width, dilation=1):
        super().__init__(8, 8, (width, 1), dilation=nn.modules.utils._pair(dilation))
class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = CausalConv2d(3), CausalConv2d(3)
    def forward(self, x):
        return torch.tanh(self.left(x)) * torch.sigmoid(self.right(x))
model = Gate()
"""
    assert _trained(tmp_path, text, "architecture") == ["CNN"]


def test_an_object_that_is_moved_is_still_the_loss(tmp_path: Path) -> None:
    text = """
class Anchors(nn.Module):
    def forward(self, x, y):
        return (x - y).exp().sum()
model = nn.Linear(2, 2)
criterion = Anchors().to("cuda").float()
"""
    assert _trained(tmp_path, text, "loss", "loss = criterion(model(x), y)") == ["Anchors"]


def test_a_loss_lies_behind_what_goes_backward(tmp_path: Path) -> None:
    text = """
def preference_loss(kept, others, mask, beta):
    return -F.logsigmoid(beta * (kept - others) * mask).mean()
model = nn.Linear(2, 2)
"""
    loss = "value = preference_loss(model(x), model(y), x, 0.1); loss = (value + model.extra) / 4"
    assert _trained(tmp_path, text, "loss", loss) == ["preference_loss"]


def test_weights_that_are_joined_make_no_unet(tmp_path: Path) -> None:
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 4, stride=2), nn.Conv2d(8, 8, 4, stride=2)
        grown = F.interpolate(self.first.weight, size=(8, 8))
        self.places = nn.Parameter(torch.cat([grown, self.first.weight], dim=1))
    def forward(self, x):
        return self.second(self.first(x))
model = Net()
"""
    assert "UNet" not in _trained(tmp_path, text, "architecture")


def test_branches_joined_time_after_time_are_inceptions(tmp_path: Path) -> None:
    layers = "\n".join(f"        self.c{n} = nn.Conv2d(3, 3, {n % 3 * 2 + 1}, padding={n % 3})" for n in range(12))
    joins = "\n".join(
        f"        a{k}, b{k}, c{k} = self.c{3 * k}(x), self.c{3 * k + 1}(x), self.c{3 * k + 2}(x)\n"
        f"        x = torch.cat([a{k}, b{k}, c{k}], 1)"
        for k in range(4)
    )
    head = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    rest = "        return x\n    def forward(self, x):\n        return self.features(x)\nmodel = Net()\n"
    text = f"{head}{layers}\n    def features(self, x):\n{joins}\n{rest}"
    assert _trained(tmp_path, text, "architecture") == ["Inception", "CNN"]


def test_a_namespace_that_is_given_goes_before_the_defaults(tmp_path: Path) -> None:
    text = """
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--rate", default=0.5)
parser.add_argument("--cfg", default="config/a.yaml")
args = parser.parse_args()
for key, value in yaml.safe_load(open(args.cfg)).items():
    setattr(args, key, value)
args = parser.parse_args(namespace=args)
model = nn.Linear(2, 2)
"""
    step = STEP.replace("0.01", "args.rate").replace("LOSS", "loss = model(x).sum()")
    files = {"train.py": HEAD + text + step, "config/a.yaml": "rate: 0.25\nepochs: 1\n"}
    assert values(analysed(tmp_path, files), "learning_rate") == [0.25]


def test_an_object_without_the_attribute_gives_the_default(tmp_path: Path) -> None:
    text = (
        "class Net(nn.Linear):\n    pass\nmodel = Net(2, 2)\ncriterion = getattr(model, 'criterion', nn.HuberLoss)()\n"
    )
    assert _trained(tmp_path, text, "loss", "loss = criterion(model(x), y)") == ["HuberLoss"]


def test_one_optimizer_of_many_that_nothing_chooses_is_no_fact(tmp_path: Path) -> None:
    text = """
MANY = {"a": torch.optim.Adagrad, "b": torch.optim.Adadelta, "c": torch.optim.ASGD}
def again(optimizer, setting):
    return MANY[setting["optimizer"]](optimizer.param_groups) if "optimizer" in setting else optimizer
model = nn.Linear(2, 2)
"""
    loss = "optimizer = again(optimizer, plan[epoch]); loss = F.mse_loss(model(x), y)"
    assert _trained(tmp_path, text, "optimizer", loss) == ["Adam"]


def test_parts_of_a_loss_are_no_models(tmp_path: Path) -> None:
    text = """
class Peaks(nn.Module):
    def forward(self, x, y):
        return ((x - y) ** 4).sum()
class TotalLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.peaks = Peaks()
    def forward(self, x, y):
        return self.peaks(x, y)
class Net(nn.Module):
    def __init__(self, loss):
        super().__init__()
        self.body, self.loss = nn.Linear(2, 2), loss
    def forward(self, x, y):
        return self.loss(self.body(x), y)
model = Net(TotalLoss())
"""
    assert _trained(tmp_path, text, "model_classes", "loss = model(x, y)") == ["Net"]


def test_weights_that_a_class_returns_under_a_name_attend(tmp_path: Path) -> None:
    text = """
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(4, 1)
    def forward(self, v):
        w = F.softmax(self.score(v), 1)
        return w
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.read, self.attend = nn.GRU(4, 4), Attend()
    def forward(self, v):
        att = self.attend(self.read(v)[0])
        return (att * v).sum(1)
model = Net()
"""
    assert "Attention" in _trained(tmp_path, text, "architecture")


def test_a_word_drawn_by_gumbel_noise_is_no_latent(tmp_path: Path) -> None:
    text = """
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.LSTMCell(4, 4), nn.Linear(4, 9)
    def forward(self, x):
        scores = self.out(self.cell(x)[0])
        noise = -torch.log(-torch.log(torch.rand(scores.size()) + 1e-20) + 1e-20)
        return F.log_softmax((scores + noise) / 0.5, dim=-1)
class Captioner(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(9, 4), Decoder()
    def forward(self, x):
        return self.decoder(self.encoder(x))
model = Captioner()
"""
    assert "VAE" not in _trained(tmp_path, text, "architecture")


def test_what_convolutions_read_of_embeddings_is_no_factor(tmp_path: Path) -> None:
    text = """
class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        self.user_embeddings, self.item_embeddings = nn.Embedding(9, 4), nn.Embedding(9, 4)
        self.conv = nn.Conv2d(1, 4, (3, 4))
    def forward(self, seq, item):
        out = self.conv(self.item_embeddings(seq).unsqueeze(1))
        return (out * self.item_embeddings(item) * self.user_embeddings(item)).sum(1)
model = Recommender()
"""
    assert _trained(tmp_path, text, "architecture") == ["CNN"]


def test_a_demonstration_with_an_optimizer_of_its_own_trains(tmp_path: Path) -> None:
    cells = [
        "% matplotlib inline\\nimport torch\\nfrom steps import step\\nmodel = torch.nn.Linear(2, 2)",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\\nfor epoch in range(5):\\n    step(model, optimizer)",
    ]
    shown = ", ".join(f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{each}"}}' for each in cells)
    notebook = f'{{"cells": [{shown}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    steps = "def step(model, optimizer):\n    model(1).sum().backward()\n    optimizer.step()\n"
    assert names(tmp_path, {"demo.ipynb": notebook, "steps.py": steps}) == ["demo.ipynb"]
