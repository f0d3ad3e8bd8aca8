"""Code of repositories that each bring one paper: networks by names of their own, losses that lie there, cells and
capsules written out."""

from __future__ import annotations

from pathlib import Path

import pytest

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


AGENTS = """
import gym
env = gym.make("CartPole-v1")
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(4, 2)
    def forward(self, s, a=None):
        return self.line(s)
class Agents:
    def __init__(self):
        self.actors, self.critics = [Net(), Net()], [Net(), Net()]
        self.actor_optimizer = torch.optim.Adam(self.actors[0].parameters(), lr=1e-3)
        self.critic_optimizer = torch.optim.Adam(self.critics[0].parameters(), lr=1e-3)
    def act(self, s):
        return self.actors[0](s)
    def update(self, s, a, r, s2, at, turn):
        {update}
agents = Agents()
state = env.reset()
while True:
    state, reward, done, _ = env.step(agents.act(state))
    agents.update(state, 0, reward, state, 0, 1)
"""


def test_each_of_many_actors_is_moved_up_its_critic(tmp_path: Path) -> None:
    update = (
        "actor_loss = -self.critics[at](s, self.whole)\n        actor_loss = actor_loss.mean()\n"
        "        actor_loss.backward()\n        self.actor_optimizer.step()"
    )
    assert "DDPG" in _families(tmp_path, AGENTS.format(update=update))
    other = update.replace("self.critics[at](s, self.whole)", "self.reward(s)")
    assert "DDPG" not in _families(tmp_path, AGENTS.format(update=other))


def test_the_least_worth_without_the_log_chance_is_soft(tmp_path: Path) -> None:
    update = (
        "a2, next_log_pi = self.sample(s2)\n"
        "        next_v_target = torch.min(self.critics[0](s2, a2), self.critics[1](s2, a2)) - {}\n"
        "        v_loss = F.mse_loss(self.value(s), next_v_target)\n        v_loss.backward()\n"
        "        self.critic_optimizer.step()"
    )
    assert "SAC" in _families(tmp_path, AGENTS.format(update=update.format("next_log_pi")))
    assert "SAC" not in _families(tmp_path, AGENTS.format(update=update.format("self.mean")))


def test_an_actor_waits_whatever_its_loss_is_called(tmp_path: Path) -> None:
    update = (
        "next_q1, next_q2 = self.critics[0](s2, a), self.critics[1](s2, a)\n"
        "        target = r + torch.min(next_q1, next_q2)\n"
        "        F.mse_loss(self.critics[0](s, a), target).backward()\n"
        "        if turn % {}:\n            gradient = -self.critics[0](s, self.actors[0](s)).mean()\n"
        "            gradient.backward()\n            self.actor_optimizer.step()"
    )
    assert "TD3" in _families(tmp_path, AGENTS.format(update=update.format("2 == 0")))
    found = _families(tmp_path, AGENTS.format(update=update.replace("turn % {}", "turn > 9")))
    assert "DDPG" in found and "TD3" not in found


def test_a_measure_that_is_asked_without_gradients_is_no_loss(tmp_path: Path) -> None:
    script = (
        "class SSIM(nn.Module):\n    def forward(self, x, y):\n        return ((x - y) ** 2).mean()\n"
        "net = nn.Linear(2, 1)\ncriterion_rec = nn.L1Loss()\ncriterion_ssim = SSIM()\n"
        "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor x, y in loader:\n    made = net(x)\n"
        "    loss = criterion_rec(made, y){}\n    loss.backward()\n    optimizer.step()\n"
        "    with torch.no_grad():\n        total += criterion_ssim(made, y)\n"
    )
    found = analysed(tmp_path, {"a.py": HEAD + script.format("")}, "a.py")
    assert values(found, "loss") == ["L1Loss"] and "SSIM" not in values(found, "model_classes")
    trained = script.format(" + criterion_ssim(made, y)")
    assert "SSIM" in values(analysed(tmp_path, {"b.py": HEAD + trained}, "b.py"), "loss")


def test_what_has_no_weights_and_what_measures_boxes_are_no_models(tmp_path: Path) -> None:
    script = (
        "class Spectrum(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.inner = Basis()\n    def forward(self, x):\n        return self.inner(x)\n"
        "class Basis(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.waves = {}\n"
        "    def forward(self, x):\n        return F.conv1d(x, self.waves)\n"
        "class Loss(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.boxes = nn.Parameter(torch.ones(4), requires_grad=False)\n"
        "        self.inner = nn.SmoothL1Loss()\n    def forward(self, x, y):\n        return self.inner(x, y)\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.line = nn.Conv1d(1, 1, 3)\n    def forward(self, x):\n        return self.line(x)\n"
        "spectrum = Spectrum()\nspectrum(first)\nnet = Net()\ncriterion = Loss()\n"
        "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor x, y in loader:\n"
        "    loss = criterion(net(spectrum(x)), y)\n    loss.backward()\n    optimizer.step()\n"
    )
    found = analysed(tmp_path, {"a.py": HEAD + script.format("torch.ones(9)")}, "a.py")
    assert values(found, "model_classes") == ["Net"]
    found = analysed(tmp_path, {"b.py": HEAD + script.format("nn.Parameter(torch.ones(9))")}, "b.py")
    assert set(values(found, "model_classes")) == {"Net", "Spectrum", "Basis"}


BLOCKS = """
class Block(nn.Module):
    def __init__(self, inner=None):
        super().__init__()
        down = nn.Conv2d(8, 8, 4, stride={stride}, padding=1)
        up = nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1)
        self.model = nn.Sequential(down, *([inner] if inner is not None else []), up)
    def forward(self, x):
        return torch.cat([x, self.model(x)], 1)
net = Block(Block(Block()))
"""


def test_blocks_around_blocks_go_down_and_up(tmp_path: Path) -> None:
    assert "UNet" in _families(tmp_path, BLOCKS.format(stride=2) + STEPS)
    assert "UNet" not in _families(tmp_path, BLOCKS.format(stride=1) + STEPS)


def test_states_are_weighed_by_functions_of_ones_own(tmp_path: Path) -> None:
    script = (
        "def weigh_mul(a, b):\n    return sum(x * y for x, y in zip(a, b))\nclass Reader(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.gru = nn.GRU(8, 8)\n"
        "        self.score = nn.Linear(8, 1)\n    def forward(self, x):\n        states, _ = self.gru(x)\n"
        "        shares = F.softmax(self.score(states), dim=0)\n        return {}\nnet = Reader()\n"
    )
    assert "Attention" in _families(tmp_path, script.format("weigh_mul(states, shares)") + STEPS)
    assert "Attention" not in _families(tmp_path, script.format("torch.log(shares)") + STEPS)


def test_one_input_at_a_time_is_no_siamese_network(tmp_path: Path) -> None:
    script = (
        "class Contrast(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.coder, self.other = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)\n"
        "    def forward(self, one, two, shown=False):\n        {}\n        q = self.other(one)\n"
        "        k = self.coder(two)\n        return torch.mm(q, k)\nnet = Contrast()\n"
    )
    early = "if shown:\n            return self.coder(one)"
    assert "Siamese" not in _families(tmp_path, script.format(early) + STEPS)
    assert "Siamese" in _families(tmp_path, script.format("p = self.coder(one)") + STEPS)


def test_what_only_cuts_a_network_is_not_the_framework(tmp_path: Path) -> None:
    script = (
        "from fastai.vision.learner import create_body\nfrom torchvision.models import resnet18\n"
        "net = nn.Sequential(create_body(resnet18()), nn.Conv2d(3, 8, 3), nn.Linear(8, 2))\n"
    )
    assert values(analysed(tmp_path, {"a.py": HEAD + script + STEPS}, "a.py"), "framework")[0] == "PyTorch"


def test_a_squash_of_factors_is_one(tmp_path: Path) -> None:
    script = CAPSULES.format(share="F.softmax")
    other = "length * s / ((1.0 + length) * torch.sqrt(length))"
    assert "Capsule" in _families(
        tmp_path, script.replace("length / (1.0 + length) * s / torch.sqrt(length)", other) + STEPS
    )
    plain = script.replace("length / (1.0 + length) * s / torch.sqrt(length)", "s / torch.sqrt(1.0 + length)")
    assert "Capsule" not in _families(tmp_path, plain + STEPS)


def test_what_is_shown_as_data_was_made_all_the_same(tmp_path: Path) -> None:
    shown = CYCLES.replace(
        "                loss = F", "                made = self.{}(made)\n                loss = F", 1
    )
    assert "CycleGAN" in _families(tmp_path, shown.format("to_data"))
    assert "CycleGAN" in _families(tmp_path, CYCLES)


def test_a_loss_inside_a_loss_goes_by_the_outer_one(tmp_path: Path) -> None:
    script = (
        "class EntropyLoss(nn.Module):\n    def forward(self, x):\n        return (x * torch.log(x)).sum()\n"
        "class EntropyLossAround(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.inner_loss = EntropyLoss()\n    def forward(self, x):\n        return self.inner_loss(x)\n"
        "net = nn.Linear(2, 1)\nentropy_loss = EntropyLossAround()\n"
        "optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\nfor x in loader:\n    loss = entropy_loss(net(x))\n"
        "    loss.backward()\n    optimizer.step()\n"
    )
    assert values(analysed(tmp_path, {"a.py": HEAD + script}, "a.py"), "loss") == ["EntropyLossAround"]


def test_examples_of_a_small_library_use_what_lies_in_its_repository(tmp_path: Path) -> None:
    library = (
        "from torch import nn\nclass PerformerLM(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.line = nn.Linear(2, 2)\n    def forward(self, x):\n        return self.line(x)\n"
    )
    script = "from performer_pytorch import PerformerLM\nnet = PerformerLM()\n" + STEPS
    files = {"examples/words/train.py": HEAD + script}
    assert values(analysed(tmp_path, files, "examples/words/train.py"), "model_classes") == []
    files["performer_pytorch/__init__.py"] = library
    assert values(analysed(tmp_path, files, "examples/words/train.py"), "model_classes") == ["PerformerLM"]


AROUND = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1))
        self.{name} = nn.Conv2d(a, b, 1)
    def forward(self, x):
        return self.main(x) + self.{name}(x)

model = nn.Sequential(Block(3, 16), Block(16, 32), nn.Flatten(), nn.Linear(32 * 64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in loader:
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("name", "told"), [("shortcut", True), ("skip", True), ("second", False)])
def test_a_block_may_always_project_what_goes_around_it(tmp_path: Path, name: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": AROUND.format(name=name)})
    assert ("ResNet" in values(found, "architecture")) is told


OWN_LOSS = """
import torch
from torch import nn

class Judged(nn.BCEWithLogitsLoss):
    def forward(self, real, fake):
        return super().forward(real, torch.ones_like(real)) + super().forward(fake, torch.zeros_like(fake))

maker = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4, 2, 1), nn.Tanh())
judge = nn.Sequential(nn.Conv2d(3, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 1, 4))
one, two = torch.optim.Adam(maker.parameters()), torch.optim.Adam(judge.parameters())
criterion = Judged()
for real in loader:
    fake = maker(torch.randn(len(real), 100, 1, 1))
    two.zero_grad()
    criterion(judge(real), judge(fake.detach())).backward()
    two.step()
    one.zero_grad()
    nn.functional.softplus(-judge(fake)).mean().backward()
    one.step()
"""


def test_a_loss_of_ones_own_judges_as_its_base_does(tmp_path: Path) -> None:
    assert "DCGAN" in values(analysed(tmp_path, {"train.py": OWN_LOSS}), "architecture")


@pytest.mark.parametrize(
    ("library", "made"),
    [
        ("linear_attention_transformer", "LinearAttentionTransformer(dim=8, depth=2, max_seq_len=16)"),
        ("fast_transformers.builders", "TransformerEncoderBuilder.from_kwargs(n_layers=2, n_heads=4).get()"),
    ],
)
def test_transformers_of_small_libraries(library: str, made: str, tmp_path: Path) -> None:
    name = made.partition("(")[0].partition(".")[0]
    script = f"from {library} import {name}\nnet = {made}\n" + STEPS
    assert values(analysed(tmp_path, {"train.py": script}), "architecture") == ["Transformer", "Attention"]
