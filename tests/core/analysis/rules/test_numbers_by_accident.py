"""Numbers whose names or neighbours mean something else: averages, weights, batches, noises, hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SCRIPT = """
import argparse
import tensorflow as tf
import torch
from torch import nn
parser = argparse.ArgumentParser()
parser.add_argument("--lamp-count", type=int, default=8)
parser.add_argument("--lambda-lr-start", type=int, default=50)
parser.add_argument("--lambda1", type=float, default=0.5)
parser.add_argument("--n_noise", type=int, default=5)
args = parser.parse_args()
{before}
net = nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters(), 1e-3)
shown = 0.0
for turn in range(9):
    for x, y in {data}:
        loss = sum(nn.functional.mse_loss(net(x), y) for _ in range(args.n_noise))
        loss.backward()
        opt.step()
        {after}
"""


def told(path: Path, field: str, before: str = "", data: str = "loader", after: str = "pass") -> list[object]:
    return values(analysed(path, {"train.py": SCRIPT.format(before=before, data=data, after=after)}), field)


def test_words_that_begin_like_lambda_and_noises_that_are_counted(tmp_path: Path) -> None:
    assert told(tmp_path, "loss_weights") == [("lambda1", 0.5)]
    assert told(tmp_path, "latent_dim") == []


METER = """
class EMA:
    def __init__(self, decay): self.decay, self.kept = decay, 0.0
    def add(self, new): self.kept = self.decay * self.kept + (1 - self.decay) * new
meter = EMA(0.98)
"""
WEIGHTS = METER.replace("def add(self, new): ", "def add(self, new): zip(new.parameters());")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("def ema(old, new, rate=0.9): return old * rate + new * (1 - rate)", "shown = ema(shown, loss.item())", []),
        ("def ema(prices, span): return prices.ewm(span).mean()\nfast = ema(table.close, 0.5)", "pass", []),
        (WEIGHTS, "meter.add(net)", [0.98]),
    ],
)
def test_averages_of_what_is_shown_are_none_of_weights(
    tmp_path: Path, before: str, after: str, expected: list[float]
) -> None:
    assert told(tmp_path, "ema", before, after=after) == expected


@pytest.mark.parametrize(("second", "expected"), [("y[i : i + 35]", [35]), ("x[i + 1 : i + 36]", [])])
def test_pieces_taken_one_place_on_are_of_one_sequence(tmp_path: Path, second: str, expected: list[int]) -> None:
    before = f"def pieces(x, y):\n    for i in range(0, len(x), 35):\n        yield x[i : i + 35], {second}"
    assert told(tmp_path, "batch_size", before, "pieces(given, told)") == expected


@pytest.mark.parametrize(("name", "expected"), [("batch_size", 64), ("io_batch", 1)])
def test_data_are_made_in_batches_where_they_are_told_so(tmp_path: Path, name: str, expected: int) -> None:
    before = f"""
from torch.utils.data import DataLoader, Dataset
class Clips(Dataset):
    def __init__(self, files, {name}): self.files, self.many = files, {name}
    def __getitem__(self, at): return torch.load(self.files[at])
"""
    assert told(tmp_path, "batch_size", before, "DataLoader(Clips(files, 64), batch_size=1)") == [expected]


@pytest.mark.parametrize("taken", ["self.at_once = settings.batch_size", "self._batch_size = settings.many"])
def test_data_keep_how_many_they_are_made_of(tmp_path: Path, taken: str) -> None:
    before = f"""
from torch.utils.data import DataLoader, Dataset
class Settings:
    def __init__(self): self.batch_size, self.many = 64, 64
class Clips(Dataset):
    def __init__(self, files, at_once, settings):
        self.files = files
        {taken}
    def __getitem__(self, at): return torch.load(self.files[at])
batch_size = 64
settings = Settings()
"""
    assert told(tmp_path, "batch_size", before, "DataLoader(Clips(files, batch_size, settings), batch_size=1)") == [64]


def test_a_host_that_is_chosen_is_a_device(tmp_path: Path) -> None:
    before = 'gpu = torch.device("cuda")\ncpu = torch.device("cpu")\n'
    assert told(tmp_path, "hardware", f"{before}device = gpu if torch.cuda.is_available() else cpu") == ["cuda", "cpu"]
    assert told(tmp_path, "hardware", f"{before}print(given.to(cpu))") == ["cuda"]


@pytest.mark.parametrize("error", ["out - y", "tf.subtract(out, y)"])
def test_half_the_squares_of_a_difference_that_has_a_name(tmp_path: Path, error: str) -> None:
    text = f"""
import tensorflow as tf
x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 2])
weights = tf.Variable(tf.zeros([4, 2]))
out = tf.matmul(x, weights)
error = {error}
train = tf.train.AdamOptimizer(1e-3).minimize(tf.nn.l2_loss(error) + 0.1 * tf.nn.l2_loss(weights))
with tf.Session() as session:
    for turn in range(1000):
        session.run(train)
"""
    assert values(analysed(tmp_path, {"train.py": text}), "loss") == ["l2_loss"]


@pytest.mark.parametrize(("call", "expected"), [("evaluate", ["mse_loss"]), ("fit_on", ["SlotLoss", "mse_loss"])])
def test_a_loss_that_only_a_measure_is_given(tmp_path: Path, call: str, expected: list[str]) -> None:
    after = f"shelf.{call}(net, loss_fn=shelf.SlotLoss())"
    assert sorted(map(str, told(tmp_path, "loss", "import shelf", after=after))) == expected


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({"lmbda": 0.95, "gamma": 0.99}, []),
        ({"lmbda": 0.5, "gamma": 0.99}, [("lmbda", 0.5)]),
        ({"lmbda": 0.95, "gamma": 0.1}, [("lmbda", 0.95)]),
        ({"static_loss_scale": 128.0, "cycle_loss_scale": 2.0}, [("cycle_loss_scale", 2.0)]),
    ],
)
def test_what_weighs_returns_or_keeps_halves_from_vanishing_weighs_no_loss(
    tmp_path: Path, options: dict[str, float], weights: list[object]
) -> None:
    told = "\n".join(f'parser.add_argument("--{name}", type=float, default={one})' for name, one in options.items())
    code = f"""
import argparse
import torch
from torch import nn
parser = argparse.ArgumentParser()
{told}
args = parser.parse_args()
net = nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters(), 1e-3)
for x, y in load():
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "loss_weights") == weights


@pytest.mark.parametrize(("side", "size", "told"), [(784, "image_size", []), (28, "image_size * image_size", [28])])
def test_how_many_pixels_a_layer_takes_is_no_side(tmp_path: Path, side: int, size: str, told: list[int]) -> None:
    code = f"""
import argparse
import torch
from torch import nn
parser = argparse.ArgumentParser()
parser.add_argument("--image_size", type=int, default={side})
image_size = parser.parse_args().image_size
net = nn.Sequential(nn.Linear({size}, 64), nn.ReLU(), nn.Linear(64, {size}))
opt = torch.optim.Adam(net.parameters(), 1e-3)
for x in load():
    nn.functional.mse_loss(net(x), x).backward()
    opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "image_size") == told


@pytest.mark.parametrize(("put", "expected"), [("group['lr'] = args.lr * 0.9 ** turn", [0.4]), ("pass", [1])])
def test_a_rate_of_one_that_every_turn_replaces_is_none(tmp_path: Path, put: str, expected: list[float]) -> None:
    script = f"""
import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.4)
args = parser.parse_args()
net = torch.nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), lr=1)
for turn in range(9):
    for group in opt.param_groups:
        {put}
    net(torch.ones(4)).sum().backward()
    opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": script}), "learning_rate") == expected


def test_a_side_beside_the_width_of_a_layer_is_one(tmp_path: Path) -> None:
    code = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, image_size, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.out = nn.Linear(width, 2)
    def forward(self, x):
        return self.out(self.conv(x).mean((2, 3)))
net = Net(image_size=28, width=32)
opt = torch.optim.Adam(net.parameters(), 1e-3)
for x, y in load():
    nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "image_size") == [28]


def test_parts_that_are_put_together_again_are_no_batch(tmp_path: Path) -> None:
    text = """
    import tensorflow as tf
    def parts():
        return SIZES
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(sum(parts()))
    model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(data, epochs=3)
    """
    facts = analysed(tmp_path, {"train.py": text.replace("SIZES", "(500, 1000)")})
    assert values(facts, "batch_size") == []
