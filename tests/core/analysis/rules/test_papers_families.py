"""Families in the code of papers: graphs, recurrent cells, blocks that join, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import trained

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
    families = trained(tmp_path, CHEBYSHEV, "architecture")
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
    assert trained(tmp_path, text, "architecture") == ["CNN"]


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
    assert "UNet" not in trained(tmp_path, text, "architecture")


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
    assert trained(tmp_path, text, "architecture") == ["Inception", "CNN"]


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
    assert "Attention" in trained(tmp_path, text, "architecture")


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
    assert "VAE" not in trained(tmp_path, text, "architecture")


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
    assert trained(tmp_path, text, "architecture") == ["CNN"]


@pytest.mark.parametrize(
    "gates",
    [
        "z, r = torch.sigmoid(self.z(hx)), torch.sigmoid(self.r(hx))\n"
        "        q = torch.tanh(self.q(torch.cat([r * h, x], 1)))\n"
        "        h = (1 - z) * h + z * q\n"
        "        q = torch.tanh(self.q(torch.cat([h, x], 1)))\n"
        "        return (1 - z) * h + z * q",
        "z, r = torch.split(torch.sigmoid(self.z(hx)), 4)\n"
        "        c = self._activation(self.q(torch.cat([r * h, x], 1)))\n"
        "        return z * h + (1.0 - z) * c",
    ],
)
def test_a_gate_that_mixes_old_and_new_is_a_gru(tmp_path: Path, gates: str) -> None:
    text = f"""
class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.z, self.r, self.q = nn.Conv2d(8, 4, 3), nn.Conv2d(8, 4, 3), nn.Conv2d(8, 4, 3)
        self._activation = torch.tanh
    def forward(self, h, x):
        hx = torch.cat([h, x], dim=1)
        {gates}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = Cell()
    def forward(self, x):
        return self.cell(x, x)
model = Net()
"""
    families = trained(tmp_path, text, "architecture")
    assert "GRU" in families and "LSTM" not in families


def test_an_up_block_that_joins_what_it_is_given_is_of_a_unet(tmp_path: Path) -> None:
    text = """
class Up(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.conv = nn.UpsamplingBilinear2d(scale_factor=2), nn.Conv2d(12, 4, 3, padding=1)
    def forward(self, inputs1, inputs2):
        outputs = torch.cat([inputs1, self.up(inputs2)], 1)
        return self.conv(outputs)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.pool, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1)
        self.up_one = Up()
    def forward(self, x):
        one = self.one(x)
        return self.up_one(one, self.two(self.pool(one)))
model = Net()
"""
    assert trained(tmp_path, text, "architecture")[:1] == ["UNet"]


def test_items_and_users_are_no_words_and_no_twins(tmp_path: Path) -> None:
    text = """
class Ranking(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_user, self.embed_item = nn.Embedding(9, 4), nn.Embedding(9, 4)
    def forward(self, user, item_i, item_j):
        user, item_i, item_j = self.embed_user(user), self.embed_item(item_i), self.embed_item(item_j)
        return (user * item_i).sum(dim=-1), (user * item_j).sum(dim=-1)
model = Ranking()
def negatives():
    test_negative = [0]
    return test_negative
negatives()
"""
    loss = "liked, neg = model(x, y, y); loss = -(liked - neg).sigmoid().log().sum()"
    families = trained(tmp_path, text, "architecture", loss)
    assert families[0] == "Matrix Factorization" and not {"Siamese", "Word2Vec"} & {*families}


def test_what_an_encoder_joins_makes_no_unet(tmp_path: Path) -> None:
    text = """
class MotionEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(8, 4, 3, padding=1)
    def forward(self, flow, volume):
        joined = torch.cat([self.one(flow), self.one(volume)], dim=1)
        return torch.cat([self.two(joined), self.one(flow)], dim=1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.out = MotionEncoder(), nn.Conv2d(8, 2, 3, padding=1)
    def upsample_flow(self, flow):
        return F.interpolate(flow, scale_factor=8)
    def forward(self, x):
        return self.upsample_flow(self.out(self.encoder(x, x)))
model = Net()
"""
    assert "UNet" not in trained(tmp_path, text, "architecture")


@pytest.mark.parametrize(("given", "expected"), [("mask", False), ("content", True)])
def test_a_style_behind_a_mask_is_restored(tmp_path: Path, given: str, expected: bool) -> None:
    text = f"""
from torchvision import models
features = models.vgg16(pretrained=True).features
def gram(x):
    return torch.bmm(x, x.transpose(1, 2))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3, padding=1)
    def forward(self, x, {given}):
        return self.body(x * {given})
model = Net()
"""
    loss = "loss = F.l1_loss(gram(features(model(x, y))), gram(features(x)))"
    assert ("Style Transfer" in trained(tmp_path, text, "architecture", loss)) is expected
