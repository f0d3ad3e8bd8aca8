"""What scripts try out, show or set anew before they train."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

REWORKED = """
from dataclasses import dataclass
import tyro
import torch

@dataclass
class Args:
    lr: float = 1e-3
    envs: int = 4
    steps: int = 128
    parts: int = 4
    batch_size: int = 0
    minibatch_size: int = 0
    epochs: int = 3

args = tyro.cli(Args)
args.batch_size = int(args.envs * args.steps)
args.minibatch_size = int(args.batch_size // args.parts)
args.epochs = args.epochs * 2
net = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters(), args.lr)
for x, y in collected(net):
    (net(x) - y).mean().backward()
    optimizer.step()
"""


def test_settings_worked_out_after_they_were_read(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": REWORKED}, "a.py")
    told = {fact.field: fact for fact in analysis.facts}
    assert told["settings.batch_size"].value == 512
    assert told["settings.batch_size"].how.startswith("computed")
    assert told["settings.minibatch_size"].value == 128
    assert told["settings.epochs"].value == 3  # the number that was told, not what is made of it
    assert values(analysis, "batch_size") == [512]


SEARCHED = """
import torch
from torch import nn
from torch.optim.lr_scheduler import _LRScheduler

class Growing(_LRScheduler):
    def get_lr(self):
        return [rate * 2 for rate in self.base_lrs]

class LRFinder:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
    def range_test(self, data):
        schedule = Growing(self.optimizer)
        for x, y in data:
            nn.functional.mse_loss(self.model(x), y).backward()
            self.optimizer.step()
            schedule.step()

net = nn.Linear(2, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=1e-7)
LRFinder(net, optimizer).range_test(data)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for x, y in data:
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_a_search_for_the_rate_is_no_training(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": SEARCHED}, "a.py")
    assert values(analysis, "learning_rate") == [1e-3]
    assert values(analysis, "optimizer") == ["Adam"]
    assert values(analysis, "scheduler") == []


SHOWN = """
import torch
from torch import nn

def batches(words, batch_size, window=5):
    for at in range(0, len(words), batch_size):
        yield words[at : at + batch_size]

print(next(batches(list(range(20)), batch_size=4)))
net = nn.Linear(2, 2)
optimizer = torch.optim.Adam(net.parameters())
for x in batches(words, 512):
    net(x).mean().backward()
    optimizer.step()
"""


def test_a_batch_that_is_only_shown(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": SHOWN}, "a.py"), "batch_size") == [512]


PUT_BY = """
import torch
from torch import nn

class Up(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.up = nn.ConvTranspose2d(n, n, 4, 2, 1)
    def forward(self, x):
        return self.up(x)

class Net(nn.Module):
    def __init__(self, n=8):
        super().__init__()
        self.first = nn.Conv2d(3, n, 3, padding=1)
        self.down = nn.ModuleList([nn.Conv2d(n, n, 3, 2, 1) for _ in range(2)])
        self.up = nn.ModuleList([Up(2 * n) for _ in range(2)])
    def forward(self, x):
        x = self.first(x)
        kept = [x]
        for layer in self.down:
            x = layer(x)
            kept.append(x)
        for layer in self.up:
            s = kept.pop()
            x = layer(torch.cat((x, s), dim=1))
        return x

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
"""


def test_what_was_put_by_has_a_name_first(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": PUT_BY}, "a.py"), "architecture")[:1] == ["UNet"]


NOISED = """
import torch
from torch import nn
net = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1))
optimizer = torch.optim.Adam(net.parameters())
criterion = nn.MSELoss()
for images, _ in data:
    noisy = images + 0.5 * torch.randn(*images.shape)
    noisy = torch.clamp(noisy, 0, 1)
    criterion(net(noisy), images).backward()
    optimizer.step()
"""


def test_noise_is_added_to_what_is_given_back(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": NOISED}, "a.py"), "architecture") == ["Autoencoder", "CNN"]
    flat = NOISED.replace("nn.ConvTranspose2d(8, 1, 4, 2, 1)", "nn.Conv2d(8, 1, 3, 1, 1)")  # it only takes noise away
    assert values(analysed(tmp_path, {"a.py": flat}, "a.py"), "architecture") == ["CNN"]


FILTERED = """
import torch
from torch import nn

def slid(x, k):
    out = torch.zeros((x.shape[0] - 1, x.shape[1] - 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + 2, j : j + 2] * k).sum()
    return out

def seen(shown, x, weights):
    shown.add(3, (nn.functional.conv2d(x, weights), 1))

net = nn.Conv2d(1, 1, 2)
wanted = slid(picture, kernel)
seen(shown, picture, weights)
for _ in range(9):
    ((net(x) - wanted) ** 2).sum().backward()
    net.weight.data -= 0.03 * net.weight.grad
"""


def test_a_picture_that_is_filtered_is_not_drawn_nor_a_row_of_a_plot_a_block(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": FILTERED}, "a.py"), "architecture") == ["CNN"]


SHIFTED = """
import torch
from torch import nn

def batches(letters, length):
    for at in range(0, len(letters), length):
        x = letters[:, at : at + length]
        y = torch.zeros_like(x)
        y[:, :-1], y[:, -1] = x[:, 1:], letters[:, at + length]
        yield x, y

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(30, 64)
        self.last = nn.Linear(64, 30)
    def forward(self, x):
        return self.last(self.lstm(x)[0])

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in batches(letters, 50):
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


def test_targets_filled_with_what_follows(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": SHIFTED}, "a.py"), "task") == ["language modelling"]


NEIGHBOURS = """
import torch
from torch import nn

class SkipGram(nn.Module):
    def __init__(self, words, size):
        super().__init__()
        self.one, self.two = nn.Embedding(words, size), nn.Embedding(words, size)

class Loss(nn.Module):
    def forward(self, one, two, noise):
        near = torch.bmm(two, one).sigmoid().log()
        return -(near + torch.bmm(noise.neg(), one).sigmoid().log().sum(1)).mean()

net = SkipGram(1000, 300)
criterion = Loss()
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    criterion(net.one(x), net.two(y), net.two(drawn(9))).backward()
    optimizer.step()
"""


def test_words_scored_by_a_sigmoid_s_logarithm(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": NEIGHBOURS}, "a.py"), "architecture")[0] == "Word2Vec"


ROLES = """
import torch
from torch import nn

class Agent:
    def __init__(self):
        self.net = nn.Linear(2, 2)
        self.alpha = torch.zeros(1, requires_grad=True)
        self.optimizer = torch.optim.Adam(self.net.parameters())
    def _alpha_and_policy_loss(self, x):
        return (self.net(x) * self.alpha).mean()
    def _calc_loss(self, x):
        return self.net(x).abs().mean()
    def train(self, x, y):
        loss = nn.functional.mse_loss(self.net(x), y) + self._alpha_and_policy_loss(x) + self._calc_loss(x)
        loss.backward()
        self.optimizer.step()

agent = Agent()
for x, y in data:
    agent.train(x, y)
"""


def test_whose_a_loss_is_does_not_name_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": ROLES}, "a.py"), "loss") == ["mse_loss"]


def test_a_side_of_one_is_multiplied_first(tmp_path: Path) -> None:
    code = "IMG_SIZE = 1\nfor side in (1, 28, 28):\n    IMG_SIZE *= side\n" + SHOWN
    assert values(analysed(tmp_path, {"a.py": code}, "a.py"), "image_size") == []


RATED = """
import torch
from torch import nn
from torch_geometric.nn import SAGEConv

class Users(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = SAGEConv(8, 8)
    def forward(self, x, edges):
        return self.conv(x, edges)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Users(), nn.Linear(8, 1)
    def forward(self, x, edges):
        return self.decoder(self.encoder(x, edges))

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, edges, ratings in data:
    nn.functional.mse_loss(net(x, edges), ratings).backward()
    optimizer.step()
"""


def test_a_decoder_of_edges_gives_back_no_graph(tmp_path: Path) -> None:
    assert "Autoencoder" not in values(analysed(tmp_path, {"a.py": RATED}, "a.py"), "architecture")


def test_an_option_read_in_small_letters(tmp_path: Path) -> None:
    code = SHOWN.replace(
        "net = nn.Linear(2, 2)",
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--kind', type=str.lower, default='Wide')\nargs = parser.parse_args()\n"
        "net = nn.LSTM(2, 2) if args.kind == 'wide' else nn.GRU(2, 2)",
    )
    assert values(analysed(tmp_path, {"a.py": code}, "a.py"), "architecture") == ["LSTM", "RNN"]


def test_a_ready_network_over_a_folder_sees_pictures(tmp_path: Path) -> None:
    code = SHOWN.replace("net = nn.Linear(2, 2)", "import torchvision\nnet = torchvision.models.efficientnet_b0()")
    code = code.replace("net(x).mean()", "nn.functional.cross_entropy(net(x), y)").replace("for x in", "for x, y in")
    assert values(analysed(tmp_path, {"a.py": code}, "a.py"), "task") == ["image classification"]


TRANSLATED = """
import torch
from torch import nn
from glob import glob
made, judged = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 1, 3)
of_made, of_judged = torch.optim.Adam(made.parameters()), torch.optim.Adam(judged.parameters())
for x, y in paired(glob("data/edges2shoes/train/*")):
    fake = made(x)
    nn.functional.mse_loss(judged(fake), valid).backward()
    of_made.step()
    (nn.functional.mse_loss(judged(y), valid) + nn.functional.mse_loss(judged(fake.detach()), none)).backward()
    of_judged.step()
"""


def test_pairs_of_pictures_are_changed(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": TRANSLATED}, "a.py")
    assert values(analysis, "architecture") == ["GAN", "CNN"]
    assert values(analysis, "task") == ["image-to-image"]


TOLD = """
from datasets import load_dataset
from trl import GRPOConfig, GRPOTrainer
settings = GRPOConfig(per_device_train_batch_size=8, learning_rate=1e-6, max_steps=50)
trainer = GRPOTrainer(model="Qwen/Qwen3-0.6B", reward_funcs=judged, args=settings, train_dataset=load_dataset("a/b"))
trainer.train()
"""


def test_a_trainer_that_is_told_the_name_of_its_model(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": TOLD}, "a.py")
    assert values(analysis, "framework") == ["Hugging Face Transformers"]
    assert set(values(analysis, "architecture")) >= {"Transformer", "GPT"}
    assert values(analysis, "steps") == [50]
