"""Code of repositories that each bring one paper: networks by names of their own, losses that lie there, cells and
capsules written out."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
STEPS = (
    "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor epoch in range(3):\n    for x, y in loader:\n"
    "        loss = F.cross_entropy(net(x), y)\n        loss.backward()\n        optimizer.step()\n"
)


def _families(folder: Path, script: str) -> list[object]:
    return values(analysed(folder, {"train.py": HEAD + script}, "train.py"), "architecture")


CYCLES = """
class ResGenerator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3, padding=1)
    def forward(self, x):
        return self.body(x)

class PatchDiscriminator(ResGenerator):
    pass

def prepared(net):
    return net.cuda()

def make(cls):
    net = cls()
    return prepared(net)

class Trainer:
    def __init__(self):
        self.Uab, self.Uba = make(ResGenerator), make(ResGenerator)
        self.Va = make(PatchDiscriminator)
        self.first = torch.optim.Adam(self.Uab.parameters(), lr=2e-4)
        self.second = torch.optim.Adam(self.Va.parameters(), lr=2e-4)
    def train(self):
        for self.epoch in range(0, args.niter):
            for a, b in loader:
                made = self.Uab(b)
                back = self.Uba(made)
                other = self.Uab(self.Uba(a))
                loss = F.l1_loss(back, b) + F.l1_loss(other, a) + F.mse_loss(self.Va(made), ones)
                loss.backward()
                self.first.step()
                lost = F.mse_loss(self.Va(a), ones) + F.mse_loss(self.Va(made.detach()), zeros)
                lost.backward()
                self.second.step()

import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--niter", type=int, default=15)
args = parser.parse_args()
Trainer().train()
"""


def test_networks_go_by_what_keeps_them_and_loops_by_the_attribute_they_bind(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + CYCLES}, "train.py")
    assert {"CycleGAN", "GAN"} <= set(values(found, "architecture"))
    assert values(found, "epochs") == [15] and values(found, "steps") == []


def test_a_loss_that_nothing_reads_is_none(tmp_path: Path) -> None:
    script = (
        "def main():\n    net = nn.Linear(2, 1)\n    spare = nn.MSELoss(){}\n"
        "    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\n    for x in loader:\n"
        "        loss = -net(x).mean()\n        loss.backward()\n        optimizer.step()\nmain()\n"
    )
    assert values(analysed(tmp_path, {"a.py": HEAD + script.format("")}, "a.py"), "loss") == []
    read = script.format("\n    losses.append(spare)")
    assert values(analysed(tmp_path, {"b.py": HEAD + read}, "b.py"), "loss") == ["MSELoss"]


CELL = """
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.i2h, self.h2h = nn.Linear(8, 8), nn.Linear(8, 8)
    def forward(self, x, {state}):
        new = self.i2h(x)
        old = self.h2h({state})
        return F.relu(new + old)
net = Cell()
"""


def test_a_cell_of_named_products_is_recurrent(tmp_path: Path) -> None:
    assert "RNN" in _families(tmp_path, CELL.format(state="h_prev") + STEPS)
    assert "RNN" not in _families(tmp_path, CELL.format(state="neighbours") + STEPS)


POINTER = """
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(99, 8)
        self.lstm = nn.LSTM(8, 8)
        self.score = nn.Linear(8, 1)
    def forward(self, x, mask):
        states, _ = self.lstm(self.words(x))
        shares_ = F.softmax(self.score(states), dim=1) * mask
        shares = shares_ / {total}
        shares = shares.unsqueeze(1)
        return torch.bmm(shares, states)
net = Reader()
"""


def test_shares_that_are_shared_out_anew_still_weigh(tmp_path: Path) -> None:
    assert "Attention" in _families(tmp_path, POINTER.format(total="shares_.sum(1, keepdim=True)") + STEPS)


CAPSULES = """
def squash(s):
    length = torch.sum(s ** 2, dim=2, keepdim=True)
    return length / (1.0 + length) * s / torch.sqrt(length)

class Digits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 9)
        self.w = nn.Parameter(torch.randn(1, 9, 8, 16))
    def forward(self, x):
        u = torch.matmul(self.w, self.conv(x))
        b = torch.zeros(1, 9, 8)
        for _ in range(3):
            c = {share}(b, dim=-1)
            v = squash((c * u).sum(dim=1))
            b = b + (u * v).sum(-1)
        return v
net = Digits()
"""


def test_what_is_shared_out_and_squashed_turn_by_turn_is_routed(tmp_path: Path) -> None:
    assert "Capsule" in _families(tmp_path, CAPSULES.format(share="F.softmax") + STEPS)
    assert "Capsule" not in _families(tmp_path, CAPSULES.format(share="torch.clamp") + STEPS)


def test_batches_that_are_sampled_from_a_memory_train(tmp_path: Path) -> None:
    script = (
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--batch-size', type=int, default=256, help='the {}')\nargs = parser.parse_args()\n"
        "net = nn.Linear(2, 1)\noptimizer = torch.optim.Adam(net.parameters(), lr=0.01)\n"
        "for step in range(9):\n    x = memory.sample(args.batch_size)\n    net(x).mean().backward()\n"
        "    optimizer.step()\n"
    )
    found = analysed(tmp_path, {"a.py": HEAD + script.format("sample batch size")}, "a.py")
    assert values(found, "batch_size") == [256]
    found = analysed(tmp_path, {"b.py": HEAD + script.format("batch size for testing")}, "b.py")
    assert values(found, "batch_size") == []


def test_a_folder_of_frames_names_its_data(tmp_path: Path) -> None:
    script = (
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--dataset_path', default='data/UCF-101-frames')\nargs = parser.parse_args()\n"
        "net = nn.Linear(2, 1)\nloader = Videos(args.dataset_path)\n"
    )
    assert values(analysed(tmp_path, {"a.py": HEAD + script + STEPS}, "a.py"), "datasets") == ["UCF101"]
