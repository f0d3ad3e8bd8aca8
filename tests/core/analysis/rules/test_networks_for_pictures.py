"""Networks over pictures: how Keras and blocks of one's own spell them, heads on top of them, and what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

KERAS = "import tensorflow as tf\nfrom tensorflow.keras import layers, Model, Sequential\n"
COMPILED = "model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')\nmodel.fit(x, y, epochs=3)\n"
BLOCK = """
class Block(layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.one, self.two = layers.Conv2D(size, 3, padding="same"), layers.Conv2D(size, 3, padding="same")
        self.add = layers.Add()
    def call(self, inputs):
        x = self.two(self.one(inputs))
        return self.add([x, inputs])
def residual():
    images = layers.Input((32, 32, 3))
    x = layers.Conv2D(8, 3)(images)
    x = Block(8)(Block(8)(x))
    return Model(images, x)
"""
BRANCHES = """
class Branches(layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.a, self.b, self.c = layers.Conv2D(size, 1), layers.Conv2D(size, 3), layers.Conv2D(size, 5)
        self.d = layers.Conv2D(size, 1)
    def call(self, inputs):
        return layers.concatenate([self.a(inputs), self.b(inputs), self.c(inputs), self.d(inputs)])
def read(path):
    return tf.image.resize(tf.io.read_file(path), [224, 224])
data = tf.data.Dataset.list_files("*.jpg").map(read)
images = layers.Input((32, 32, 3))
x = Branches(16)(Branches(8)(images))
model = Model(images, layers.Dense(10)(layers.Flatten()(x)))
"""
JOINED = "        return layers.concatenate([self.a(inputs), self.b(inputs), self.c(inputs), self.d(inputs)])\n"
TURNED = """        a = self.a(inputs)
        b = self.b(inputs)
        b = self.c(b)
        c = self.c(inputs)
        return layers.concatenate([a, b, c, self.d(inputs)])
"""
BRANCHED = ["Inception", "CNN"]
CHAINED = """        a = self.a(inputs)
        b = self.b(a)
        c = self.c(b)
        return self.d(layers.concatenate([a, b, c]))
"""
PLANNED = """
def features(plan):
    made = []
    for each in plan:
        made.append(layers.MaxPool2D() if each == "M" else layers.Conv2D(each, 3, padding="same"))
    return Sequential(made)
def classifier(body):
    images = layers.Input((32, 32, 3))
    x = layers.Flatten()(body(images))
    x = layers.Dense(64, activation="relu")(x)
    return Model(images, layers.Dense(10)(x))
model = classifier(features([64, "M", 128, "M"]))
"""
HEAD = "model = Sequential([residual(), layers.GlobalAvgPool2D(), layers.Dense(64), layers.Dense(10)])\n"
MOBILE = """
def mobilenet_v2():
    images = layers.Input((32, 32, 3))
    x = layers.DepthwiseConv2D(3, padding="same")(images)
    x = layers.Add()([layers.Conv2D(3, 1)(x), images])
    return Model(images, layers.Dense(10)(layers.Flatten()(x)))
model = mobilenet_v2()
"""


@pytest.mark.parametrize(
    ("text", "families"),
    [
        (BLOCK + HEAD, ["ResNet", "CNN"]),
        (BRANCHES, BRANCHED),
        (BRANCHES.replace(JOINED, TURNED), BRANCHED),
        (BRANCHES.replace(JOINED, CHAINED), ["CNN"]),
        (BRANCHES.replace(JOINED, CHAINED.replace("b(a)", "b(inputs)").replace("c(b)", "c(self.d(inputs))")), BRANCHED),
        (PLANNED, ["VGG", "CNN"]),
        (MOBILE, ["MobileNet", "CNN"]),
    ],
)
def test_families_as_keras_spells_them(tmp_path: Path, text: str, families: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": KERAS + text + COMPILED}), "architecture") == families


TORCH = """
import torch
from torch import nn
import torch.nn.functional as F
class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.inner = nn.Conv2d(size, size, 3, stride=2)
        self.join = nn.Conv2d(2 * size, size, 1)
    def forward(self, x):
        kept = x
        made = F.interpolate(self.inner(x), size=x.shape[-2:])
        return self.join(torch.cat((kept, made), dim=1))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), Block(8), Block(8))
        self.out = nn.Linear(8, 10)
    def forward(self, x):
        {extra}
        return self.out(self.blocks(x).mean((2, 3)))
net = Net()
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    {loss}.backward()
    opt.step()
"""
PLAIN = "F.cross_entropy(net(x), y)"


def trained(folder: Path, extra: str = "pass", loss: str = PLAIN) -> tuple[list[object], list[object]]:
    found = analysed(folder, {"train.py": TORCH.format(extra=extra, loss=loss)})
    return values(found, "architecture"), values(found, "task")


SPECTRUM = """
import torch
from torch import nn
class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        self.narrow, self.widen = nn.Conv1d(1, 8, 4, stride=2), nn.ConvTranspose1d(16, 1, 4, stride=2)
    def forward(self, x):
        down = self.narrow(x)
        size, phase = down.abs(), down.angle()
        both = torch.cat([{joined}], dim=1)
        return self.widen(both)
net = Spectrum()
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    (net(x) - y).abs().mean().backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("joined", "is_one"), [("size * torch.cos(phase), size * torch.sin(phase)", False), ("self.narrow(x), down", True)]
)
def test_the_two_parts_of_a_spectrum_are_no_way_down_and_up(tmp_path: Path, joined: str, is_one: bool) -> None:
    found = analysed(tmp_path, {"train.py": SPECTRUM.format(joined=joined)})
    assert ("UNet" in values(found, "architecture")) is is_one


def test_a_block_that_joins_its_own_input_goes_neither_down_nor_up(tmp_path: Path) -> None:
    assert "UNet" not in trained(tmp_path)[0]


@pytest.mark.parametrize(
    ("extra", "loss", "task"),
    [
        ("pass", "F.cross_entropy(net(x), y, ignore_index=255)", "image segmentation"),
        ("pass", "F.cross_entropy(net(x), y, ignore_index=0)", "image classification"),
        ("default_box, bboxes = boxes_of(x), x", PLAIN, "object detection"),
        ("heatmaps, keypoints = maps_of(x), x", PLAIN, "pose estimation"),
        ("heatmaps, words = maps_of(x), x", PLAIN, "image classification"),
    ],
)
def test_tasks_that_tell_of_places_in_pictures(tmp_path: Path, extra: str, loss: str, task: str) -> None:
    assert trained(tmp_path, extra, loss)[1] == [task]


READY = """
import torch
from torch import nn
import torch.nn.functional as F
import torchvision
body = torchvision.models.vgg16(pretrained=True).features
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)
        self.grow = nn.PixelShuffle(2)
    def forward(self, x):
        {step}
        return x
net = Net()
opt = torch.optim.Adam(net.parameters())
for x, y in loader:
    {loss}.backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("step", "loss", "family", "told"),
    [
        ("x = torch.mm(x, x.t())", "F.mse_loss(net(x), y)", "Style Transfer", True),
        ("x = torch.mm(x, x.t())", "F.cross_entropy(net(x), y)", "Style Transfer", False),
        ("x = torch.sigmoid(torch.mm(x, x.t()))", "F.mse_loss(net(x), y)", "Style Transfer", False),
        ("x = self.grow(self.first(x))", "F.mse_loss(net(x), y)", "Super-Resolution", True),
        ("x = self.grow(self.first(x))", "F.cross_entropy(net(x), y)", "Super-Resolution", False),
        ("x = self.grow(F.pixel_unshuffle(self.first(x), 2))", "F.mse_loss(net(x), y)", "Super-Resolution", False),
    ],
)
def test_what_is_next_to_what_is_no_style_and_what_is_told_apart_is_not_enlarged(
    tmp_path: Path, step: str, loss: str, family: str, told: bool
) -> None:
    found = values(analysed(tmp_path, {"train.py": READY.format(step=step, loss=loss)}), "architecture")
    assert (family in found) is told


def test_parallel_branches_of_a_block_that_is_told_whether_it_trains(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    from tensorflow.keras import Model, Sequential, layers
    class Block(Model):
        def __init__(self, ch):
            super().__init__()
            self.a, self.b, self.c = (layers.Conv2D(ch, size, padding="same") for size in (1, 3, 5))
            self.pool, self.d = layers.MaxPooling2D(3, strides=1, padding="same"), layers.Conv2D(ch, 1)
        def call(self, x, training=None):
            x1 = self.a(x)
            x2 = self.b(x)
            x3 = self.c(x)
            x4 = self.d(self.pool(x))
            return tf.concat([x1, x2, x3, x4], axis=3)
    net = Sequential([Block(16), Block(32), layers.Dense(10)])
    net.compile("adam", "sparse_categorical_crossentropy")
    net.fit(x, y)
    """
    assert "Inception" in values(analysed(tmp_path, {"train.py": text}), "architecture")
