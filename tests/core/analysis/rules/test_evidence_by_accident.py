"""What only looks like evidence: helps, names and loops of other things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

TRAINING = """
import argparse, torch
from torch import nn
from torch.utils.data import DataLoader
p = argparse.ArgumentParser()
p.add_argument("--count", type=int, default=4096, help="HELP")
args = p.parse_args()
def ema(history, alpha=0.1):
    smooth = history[0]
    for each in history:
        smooth = alpha * each + (1 - alpha) * smooth
    return smooth
class Codes(nn.Module):
    def __init__(self):
        super().__init__()
        self.counts = torch.zeros(3)
    def update_ema(self, counts, decay=0.99):
        self.counts = self.counts * decay + counts * (1 - decay)
net, codes, history = nn.Linear(3, 3), Codes(), []
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
HERE
for step in range(100):
    loss = net(torch.load("x.pt")[: args.count]).sum()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
"""


def told(folder: Path, field: str, help: str = "", here: str = "") -> list[object]:
    return values(analysed(folder, {"train.py": TRAINING.replace("HELP", help).replace("HERE", here)}), field)


@pytest.mark.parametrize(
    ("help", "expected"),
    [
        ("batch size (rays of a step)", [4096]),
        ("Batch size", [4096]),
        ("batch size used when pictures are rendered", []),
        ("batch size is multiplied by this every ten epochs", []),
        ("Batch size of the reference set", []),
        ("batch size for inference", []),
    ],
)
def test_a_help_says_what_is_the_batch(tmp_path: Path, help: str, expected: list[int]) -> None:
    assert told(tmp_path, "batch_size", help) == expected


@pytest.mark.parametrize("code", ["print(ema(history))", "ema(history, 0.2)", "codes.update_ema(torch.ones(3))"])
def test_averages_of_other_things_than_weights(tmp_path: Path, code: str) -> None:
    assert told(tmp_path, "ema", here=code) == []


JUDGING = """
def NAME(data):
    head = nn.Linear(3, 3)
    other = torch.optim.SGD(head.parameters(), lr=0.1)
    for x in DataLoader(data, batch_size=512):
        head(net(x)).sum().backward()
        STEP
for x in DataLoader(data, batch_size=64):
    net(x).sum().backward()
    optimizer.step()
NAME(data)
"""


@pytest.mark.parametrize(
    ("name", "step"), [("evaluate_linear", "other.step()"), ("eval_attack", ""), ("test_attack", "")]
)
def test_batches_of_what_judges_with_gradients(tmp_path: Path, name: str, step: str) -> None:
    code = JUDGING.replace("NAME", name).replace("STEP", step)
    assert told(tmp_path, "batch_size", here=code) == [64]


SWITCHED = """
import torch
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
going, step, bad = True, 0, 0
while going:
    for x in torch.load("x.pt"):
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
        step += 1
        if loss > 10:
            bad += 1
        if bad >= 5:
            break
        if LIMIT:
            going = False
            break
"""


@pytest.mark.parametrize(("limit", "expected"), [("step >= 9000", [9000]), ("loss < 0.1", [])])
def test_a_loop_ends_where_it_is_switched_off(tmp_path: Path, limit: str, expected: list[int]) -> None:
    analysis = analysed(tmp_path, {"train.py": SWITCHED.replace("LIMIT", limit)})
    assert values(analysis, "steps") == expected
    assert values(analysis, "epochs") == []


GRAPH = """
import tensorflow as tf
x = tf.placeholder(tf.float32, [None, 784])
h = tf.CALL(tf.layers.dense(x, 10), 0.8)
loss = tf.reduce_mean(tf.square(tf.layers.dense(h, 1)))
train = tf.train.AdamOptimizer(1e-3).minimize(loss)
with tf.Session() as session:
    for epoch in range(3):
        session.run(train)
"""


@pytest.mark.parametrize(("call", "expected"), [("layers.dropout", [0.8]), ("contrib.layers.dropout", [])])
def test_what_a_dropout_keeps_is_no_rate(tmp_path: Path, call: str, expected: list[float]) -> None:
    assert values(analysed(tmp_path, {"train.py": GRAPH.replace("CALL", call)}), "dropout") == expected


def test_texts_called_configurations_set_what_the_script_asks_for(tmp_path: Path) -> None:
    code = TRAINING.replace("argparse", "configargparse").replace("HERE", "").replace("HELP", "how many")
    code = code.replace("args = ", "p.add_argument('--config', is_config_file=True)\nargs = ")
    files = {
        "train.py": code,
        "config_small.txt": "count = 16\n",
        "config_notes.txt": "Notes on configurations.\nWe tried rate = 0.5: it failed.\n",
        "logging_config.ini": "[loggers]\nkeys = root\n[handlers]\nlevel = DEBUG\n",
    }
    assert names(tmp_path, files) == ["config_small.txt", "train.py"]


GROUPS = """
import torch
class Slow(torch.optim.Adam):
    def __init__(self, params, lr=0.4):
        super().__init__(params, lr=lr)
one, two = torch.nn.Linear(3, 3), torch.nn.Linear(3, 1)
optimizer = Slow([{"params": one.parameters(), "lr": 0.02}, {"params": two.parameters()SECOND}])
for step in range(100):
    two(one(torch.randn(8, 3))).sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("second", "expected"), [("", [0.4, 0.02]), (', "lr": 0.03', [0.02, 0.03])])
def test_a_group_without_a_rate_has_the_default(tmp_path: Path, second: str, expected: list[float]) -> None:
    assert values(analysed(tmp_path, {"train.py": GROUPS.replace("SECOND", second)}), "learning_rate") == expected


@pytest.mark.parametrize(("section", "expected"), [("train_data", [32, 64]), ("train", [32])])
def test_a_section_of_data_is_none_of_training(tmp_path: Path, section: str, expected: list[int]) -> None:
    code = TRAINING.replace("HERE", "import yaml\nsettings = yaml.safe_load(open('settings.yaml'))").replace("HELP", "")
    files = {"train.py": code, "settings.yaml": f"{section}:\n  image_size: 32\nmodel:\n  image_size: 64\n"}
    assert values(analysed(tmp_path, files), "image_size") == expected


STRIDES = """
import torch
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
END = 1_000_000
batch_size = 2000
for at in range(0, END, batch_size):
    net(torch.randn(batch_size, 3)).sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("end", "expected"), [("total_frames", [1_000_000]), ("examples", [])])
def test_strides_of_batches_over_data_or_steps(tmp_path: Path, end: str, expected: list[int]) -> None:
    assert values(analysed(tmp_path, {"train.py": STRIDES.replace("END", end)}), "steps") == expected
