"""What networks are, and what they are for, where names and parts could mislead."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.rules.test_tried_and_shown import SHOWN
from tests.core.analysis.writing import analysed, values

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


FILLED = """
import torch
from torch import nn

class Stacked(torch.autograd.Function):
    @staticmethod
    def forward(ctx, memory, last):
        return memory

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.attend = nn.LayerNorm(8), nn.TransformerEncoderLayer(8, 2)
    def forward(self, h):
        h = self.norm(h)
        h = torch.cat((h, h.new_zeros(4, 1, 8)), dim=1)
        h = h.reshape(4, 2, 4, 8)
        h = self.attend(h)
        return Stacked.apply(h, h)

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in data:
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


def test_what_is_filled_up_with_zeros_is_no_state(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"a.py": FILLED}, "a.py"), "architecture")
    assert not {"RNN", "Seq2Seq"} & set(found)


CENTRED = """
import numpy as np
import torch
from torch import nn

def targets_of(boxes, stride):
    found = np.zeros((10, 10))
    for box in boxes:
        grid_x, grid_y, sigma_w, sigma_h = placed(box, stride)
        for i in range(10):
            for j in range(10):
                found[i, j] = np.exp(-((i - grid_x) ** 2) / sigma_w - (j - grid_y) ** 2 / sigma_h)
    return found

net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 1, 1))
optimizer = torch.optim.Adam(net.parameters())
for x, boxes in data:
    nn.functional.binary_cross_entropy_with_logits(net(x), targets_of(boxes, 4)).backward()
    optimizer.step()
"""


def test_a_map_of_how_near_a_centre_is_has_no_anchors(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"a.py": CENTRED}, "a.py")
    assert values(analysis, "architecture") == ["CNN"]
    assert values(analysis, "task") == ["object detection"]
    anchored = CENTRED.replace("sigma_w", "wide").replace("sigma_h", "high")
    assert "YOLO" in values(analysed(tmp_path, {"a.py": anchored}, "a.py"), "architecture")


BLOCKS = """
import torch
from torch import nn

{part}

class Block(nn.Module):
    def __init__(self, attn, n=32):
        super().__init__()
        self.attn = attn
        self.feed = nn.Sequential(nn.Linear(n, 4 * n), nn.GELU(), nn.Linear(4 * n, n))
        self.norms = nn.ModuleList([nn.LayerNorm(n), nn.LayerNorm(n)])
    def forward(self, x):
        z = self.norms[0](x)
        x = x + self.attn(query=z, key=z, value=z)
        return x + self.feed(self.norms[1](x))

model = nn.Sequential(nn.Embedding(99, 32), Block({made}), Block({made}), nn.Linear(32, 99))
optimizer = torch.optim.Adam(model.parameters())
for x, y in data:
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""
COMPARES = """
class WithoutScores(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(n, n), nn.Linear(n, n), nn.Linear(n, n)
    def forward(self, *, query, key, value):
        shares = torch.exp(self.key(key))
        return torch.sigmoid(self.query(query)) * (shares * self.value(value)).sum(0) / shares.sum(0)
"""
MIXES = """
class Mixer(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.places = nn.Sequential(nn.Linear(n, n), nn.GELU(), nn.Linear(n, n))
    def forward(self, query, key, value):
        return self.places(query.transpose(1, 2)).transpose(1, 2)
"""


def test_blocks_that_compare_by_name_attend_and_blocks_that_only_mix_do_not(tmp_path: Path) -> None:
    for part, made, families in (
        (COMPARES, "WithoutScores(32)", ["Transformer", "Attention"]),
        (MIXES, "Mixer(32)", ["MLP-Mixer", "MLP"]),
    ):
        found = analysed(tmp_path / made[:5], {"train.py": BLOCKS.format(part=part, made=made)})
        assert values(found, "architecture") == families


THINNED = """
import torch
from torch import nn
import torch.nn.functional as F
from data.lists import Waves

class Crossentropy(nn.BCEWithLogitsLoss):
    pass

class Net(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.n = n
        self.down = nn.ModuleList([nn.Conv1d(8, 8, 15, padding=7) for i in range(n)])
        self.up = nn.ModuleList([nn.Conv1d(16, 8, 5, padding=2) for i in range(n)])
        self.last = nn.Conv1d(9, 1, 1)

    def forward(self, input):
        kept = []
        o = input
        for i in range(self.n):
            o = self.down[i](o)
            kept.append(o)
            o = o[:, :, ::2]
        for i in range(self.n):
            o = F.interpolate(o, scale_factor=2)
            o = torch.cat([o, kept[self.n - i - 1]], dim=1)
            o = self.up[i](o)
        o = torch.cat([o, input], dim=1)
        return self.last(o)

net = Net()
optimizer = torch.optim.Adam(net.parameters())
criterion = {"bce": Crossentropy}["bce"](reduction="mean")
for x, y in torch.utils.data.DataLoader(Waves("metadata/libritts_train_clean_100_audiopath_text.txt")):
    criterion(net(x), y).backward()
    optimizer.step()
"""


def test_every_other_place_is_left_out_on_the_way_down(tmp_path: Path) -> None:
    lists = "from torch.utils.data import Dataset\nclass Waves(Dataset):\n    def __init__(self, path):\n        pass\n"
    found = analysed(tmp_path, {"a.py": THINNED, "data/lists.py": lists}, "a.py")
    assert values(found, "architecture") == ["UNet", "CNN"]
    assert values(found, "loss") == ["Crossentropy"] and values(found, "datasets") == ["LibriTTS"]
