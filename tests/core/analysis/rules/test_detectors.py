"""Detectors, segmenters and classifiers of pictures that are written out in many files, and what stands beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRAINING = """
import torch
import torch.nn as nn
import torch.nn.functional as F
{network}
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss()
for epoch in range(3):
    for x, y in loader:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""

HEADS = """
class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Conv2d(8, 8, 1)
        self.outer = nn.Conv2d(8, 8, 3, stride=2)

    def forward(self, x):
        return F.interpolate(self.inner(x), size=x.shape[-2:]), self.outer(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pyramid = Pyramid()
        self.boxes = nn.Conv2d(8, 4, 3)

    def forward(self, x):
        all_regression, all_levels = [], []
        for level in self.pyramid(x):
            all_regression.append(self.boxes(level))
            all_levels.append(level)
        return torch.cat(all_regression, dim=1), torch.cat(all_levels, dim=1), torch.cat([x, x], dim=0)
"""
BRANCHES = """
class Conv(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, size)

    def forward(self, x):
        return F.relu(self.conv(x))

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.three, self.five, self.seven = Conv(1), Conv(3), Conv(5), Conv(7)

    def forward(self, x):
        outputs = [self.one(x), self.three(x), self.five(x), self.seven(x)]
        return torch.cat(outputs, 1)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()

    def forward(self, x):
        return self.block(x)
"""
DENSE = """
class Layer(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv = nn.Conv2d(size, 8, 3)

    def forward(self, features):
        return self.conv(torch.cat(features, 1))

class Net(nn.ModuleDict):
    def __init__(self):
        super().__init__()
        for i in range(4):
            self.add_module(f"layer{i}", Layer(8 * i + 8))

    def forward(self, x):
        features = [x]
        for name, layer in self.items():
            features.append(layer(features))
        return torch.cat(features, 1)
"""
PREPARED = """
class Compose:
    def __init__(self, transforms):
        self.transforms = transforms
        self.flip = bool

    def __call__(self, image, target):
        return self.flip(image), self.flip(target)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3)
        Compose([])(1, 2)

    def forward(self, x):
        return self.conv(x)
"""


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (HEADS, ["CNN"]),
        (BRANCHES, ["Inception", "CNN"]),
        (DENSE, ["DenseNet", "CNN"]),
        (PREPARED, ["CNN"]),
    ],
)
def test_how_convolutions_are_joined(network: str, expected: list[str], tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": TRAINING.replace("{network}", network)})
    assert values(analysis, "architecture") == expected


def test_a_block_that_is_a_dict_of_layers_is_a_class_of_the_model(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": TRAINING.replace("{network}", DENSE)})
    assert values(analysis, "model_classes") == ["Net", "Layer"]


def test_annotations_that_are_filled_by_hand_are_no_data(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + (
        "from pycocotools.coco import COCO\nfrom torchvision.datasets import VOCDetection\n"
        "loader = VOCDetection('data')\njudged = COCO()\njudged.dataset = {}\n"
    )
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == ["Pascal VOC"]


def test_a_loss_class_of_two_dimensions_is_named(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED).replace("nn.CrossEntropyLoss()", "CrossEntropyLoss2d()")
    text = text.replace(
        "class Net(",
        "class CrossEntropyLoss2d(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.nll = nn.NLLLoss()\n"
        "    def forward(self, x, y):\n"
        "        return self.nll(F.log_softmax(x), y)\n"
        "class Net(",
    )
    assert values(analysed(tmp_path, {"train.py": text}), "loss") == ["CrossEntropyLoss2d"]


def test_a_loss_that_is_handed_to_the_maker_of_a_trainer(tmp_path: Path) -> None:
    text = """
        import torch
        import torch.nn.functional as F
        from ignite.engine import create_supervised_trainer
        model = torch.nn.Linear(4, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        trainer = create_supervised_trainer(model, optimizer, F.nll_loss, device="cuda")
        trainer.run(data, max_epochs=3)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "loss") == ["nll_loss"]


def test_what_judges_a_graph_against_a_shuffled_one_is_no_gan(tmp_path: Path) -> None:
    text = """
        import torch
        import torch.nn as nn

        class Discriminator(nn.Module):
            def __init__(self):
                super().__init__()
                self.f = nn.Bilinear(8, 8, 1)

            def forward(self, summary, real, shuffled, bias):
                return torch.cat((self.f(real, summary), self.f(shuffled, summary)), 1)

        class Infomax(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = nn.Linear(8, 8)
                self.disc = Discriminator()

            def forward(self, x, shuffled, bias):
                real, other = self.encoder(x), self.encoder(shuffled)
                return self.disc(real.mean(), real, other, bias)

        model, probe = Infomax(), nn.Linear(8, 2)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        second = torch.optim.Adam(probe.parameters(), lr=0.01)
        for epoch in range(3):
            loss = nn.BCEWithLogitsLoss()(model(x, x[permutation], None), y)
            loss.backward()
            optimizer.step()
            second.step()
    """
    assert "GAN" not in values(analysed(tmp_path, {"train.py": text}), "architecture")


def test_annotations_that_only_judge_are_no_data(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + (
        "from pycocotools.coco import COCO\nfrom pycocotools.cocoeval import COCOeval\n"
        "def precision(path):\n    truth = COCO(path)\n    COCOeval(truth, truth.loadRes('found.json')).evaluate()\n"
        "precision('truth.json')\n"
    )
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == []


def test_of_optimizers_in_a_dict_only_the_chosen_one_counts(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED).replace(
        "torch.optim.SGD(model.parameters(), lr=0.01)",
        "{'adam': torch.optim.Adam(model.parameters(), lr=0.001),"
        " 'sgd': torch.optim.SGD(model.parameters(), lr=0.01)}[kind]",
    )
    found = analysed(tmp_path, {"train.py": text.replace("model = Net()", "kind = 'sgd'\nmodel = Net()")})
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["SGD"], [0.01])


def test_a_file_of_settings_is_known_to_stand_where_it_stands(tmp_path: Path) -> None:
    text = """
        import argparse, os, glob, yaml, torch

        def check_file(path):
            return path if os.path.isfile(path) else glob.glob("./**/" + path)[0]

        parser = argparse.ArgumentParser()
        parser.add_argument("--config", default="config/hyp.yaml")
        opt = parser.parse_args()
        with open(check_file(opt.config)) as file:
            hyp = yaml.safe_load(file)
        model = torch.nn.Linear(4, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=hyp["lr0"])
        optimizer.step()
    """
    found = analysed(tmp_path, {"train.py": text, "config/hyp.yaml": "lr0: 0.02\nepochs: 3\n"})
    assert values(found, "learning_rate") == [0.02]


def test_a_loss_or_a_preparation_is_no_class_of_a_ready_made_model(tmp_path: Path) -> None:
    text = TRAINING.replace("model = Net()", "from torchvision.models import resnet18\nmodel = resnet18()").replace(
        "{network}",
        "class WingLoss(nn.Module):\n    def forward(self, x, y):\n        return (x - y).abs().mean()\n"
        "class Preprocess(nn.Module):\n    def forward(self, x):\n        return x / 255\n"
        "WingLoss()(1, 2), Preprocess()(1)",
    )
    assert values(analysed(tmp_path, {"train.py": text}), "model_classes") == []


def test_a_device_called_auto_is_what_the_code_picks(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + (
        "device = 'auto'\nif device == 'auto':\n    device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
    )
    assert values(analysed(tmp_path, {"train.py": text}), "hardware") == ["cuda", "cpu"]


def test_an_offset_is_no_seed(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + "seed_offset = 0\ntorch.manual_seed(1337 + seed_offset)\n"
    assert values(analysed(tmp_path, {"train.py": text}), "seed") == [1337]


def test_a_package_beside_the_script_is_meant_whatever_libraries_there_are(tmp_path: Path) -> None:
    files = {
        "train.py": TRAINING.replace("{network}", PREPARED)
        + "from datasets import build\ntrained_on = build('coco')\n",
        "datasets/__init__.py": "from .coco import make\ndef build(name):\n    return make(name)\n",
        "datasets/coco.py": "import torchvision\nclass Boxes(torchvision.datasets.CocoDetection):\n    pass\n"
        "def make(name):\n    return Boxes('images', 'truth.json')\n",
    }
    assert values(analysed(tmp_path, files), "datasets") == ["COCO"]


def test_the_whole_stands_before_the_parts_that_it_is_given(tmp_path: Path) -> None:
    network = """
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 2)

class Joined(nn.Sequential):
    def __init__(self, first, second):
        super().__init__(first, second)

class Whole(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        self.layer = nn.Conv2d(8, 8, 3)

def Net():
    return Whole(Joined(Head(), Head()))
"""
    found = analysed(tmp_path, {"train.py": TRAINING.replace("{network}", network)})
    assert values(found, "model_classes") == ["Whole", "Head", "Joined"]


def test_batches_that_a_judge_is_given_are_not_of_training(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + (
        "class Endless:\n    def __init__(self, data, batch_size):\n        self.batch_size = batch_size\n"
        "loader = Endless(data, batch_size=32)\n"
        "def evaluate(net, data, batch_size=50):\n    return net(data[:batch_size])\n"
        "evaluate(model, data, batch_size=100)\n"
    )
    assert values(analysed(tmp_path, {"train.py": text}), "batch_size") == [32]


@pytest.mark.parametrize(("head", "expected"), [("box_head", "Faster R-CNN"), ("mask_head", "Mask R-CNN")])
def test_regions_cut_out_of_features(head: str, expected: str, tmp_path: Path) -> None:
    network = f"""
from torchvision.ops import MultiScaleRoIAlign

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.pool = MultiScaleRoIAlign(["0"], 7, 2)
        self.{head} = nn.Linear(8, 2)

    def forward(self, x):
        proposals = self.body(x)
        return self.{head}(self.pool(x, proposals))
"""
    found = analysed(tmp_path, {"train.py": TRAINING.replace("{network}", network)})
    assert values(found, "architecture") == [expected, "CNN"]


def test_a_seed_to_which_an_unknown_rank_is_added(tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", PREPARED) + "seed = 42\ntorch.manual_seed(seed + get_rank())\n"
    assert values(analysed(tmp_path, {"train.py": text}), "seed") == [42]


JUDGED = """
import torch
from models import build
class ComputeLoss:
    def __init__(self, anchors):
        self.anchors = anchors
        self.entropy = torch.nn.BCEWithLogitsLoss()
    def __call__(self, pred, targets):
        lobj = torch.zeros(1)
        for p, anchors in zip(pred, self.anchors):
            tobj = torch.zeros_like(p[..., 0])
            size = (p[..., 2:4].sigmoid() * 2) ** 2 * anchors
            tobj[0] = size.mean()
            lobj += self.entropy(p[..., 4], tobj)
        return lobj
model = build("model.yaml")
judge = ComputeLoss(anchors)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    judge(model(x), y).backward()
    optimizer.step()
"""


def test_boxes_that_are_only_judged_tell_a_network_that_a_file_describes(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": JUDGED}), "architecture") == ["YOLO", "CNN"]


WITHOUT_ANCHORS = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 8, 3, stride=2), nn.Conv2d(8, 8, 3, stride=2)
        self.up, self.head = nn.Upsample(scale_factor=2), nn.Conv2d(16, 5, 1)
    def forward(self, x):
        down = self.one(x)
        far = self.up(self.two(down))
        return self.decode(self.head(torch.cat([far, down], 1)), 4)
    def decode(self, out, stride):
        grid = torch.stack(torch.meshgrid(torch.arange(8), torch.arange(8)), 2)
        places, sizes = (out[..., :2] + grid) * stride, torch.exp(out[..., 2:4]) * stride
        return torch.cat([places, sizes, out[..., 4:].sigmoid()], -1)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


def test_boxes_on_a_grid_need_no_anchors(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": WITHOUT_ANCHORS}), "architecture") == ["YOLO", "CNN"]
