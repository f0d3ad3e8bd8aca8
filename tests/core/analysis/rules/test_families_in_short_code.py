"""Families that are found though everything has a short name: by what is done with what, not by what it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

STEPS = """
    o.zero_grad()
    l.backward()
    o.step()
"""
ACTING = """
import copy, gym, random
env = gym.make("Pendulum-v1")
def line(i, o):
    return nn.Sequential(nn.Linear(i, 64), nn.ReLU(), nn.Linear(64, o))
p, q1, q2 = line(3, 1), line(4, 1), line(4, 1)
o = torch.optim.Adam([*p.parameters(), *q1.parameters(), *q2.parameters()], 1e-3)
s = env.reset()
for t in range(1000):
    s, r, d, _ = env.step(p(torch.tensor(s)).detach().numpy())
"""
SOFT = """
    k = torch.distributions.Normal(p(s), 1).log_prob(a)
    y = r + 0.99 * (torch.min(q1(x), q2(x)) - c * k)
    l = F.mse_loss(q1(x), y)
"""
LESS = """
    l = -q1(torch.cat([s, p(s)], 1)).mean()
"""
BOUND = """
    a, told = p(s, k)
    l = -(c * told["entropy"] + q1(s, a)).mean()
"""
CLIPPED = """
    k = torch.exp(b - c)
    l = -torch.min(k * a, k.clamp(0.8, 1.2) * a).mean()
"""
LISTED = """
    done, won = [], []
    done.append(torch.distributions.Normal(p(s), 1).log_prob(a))
    G = []
    G.insert(0, r)
    l = sum(-x * y for x, y in zip(done, G))
"""


@pytest.mark.parametrize(
    ("loss", "family"), [(SOFT, "SAC"), (LESS, "DDPG"), (CLIPPED, "PPO"), (LISTED, "Policy Gradient")]
)
def test_agents_by_what_they_lose(tmp_path: Path, loss: str, family: str) -> None:
    facts = analysed(tmp_path, {"train.py": HEAD + ACTING + loss + STEPS})
    assert values(facts, "architecture")[0] == family


def test_what_is_lost_beside_an_entropy_moves_no_sure_action_up_its_critic(tmp_path: Path) -> None:
    for bound in (BOUND, BOUND.replace('c * told["entropy"] + ', "")):
        facts = analysed(tmp_path, {"train.py": HEAD + ACTING + bound.replace('"entropy"', "entropy") + STEPS})
        assert ("DDPG" in values(facts, "architecture")) is ("entropy" not in bound)


GRAPHS = {
    "kept": ("self.a_hat = a", "self.u(self.a_hat @ x)", "self.v(torch.mm(self.a_hat, x))", "GCN(a)", "n(x)"),
    "given": ("self.k = 1", "torch.bmm(A, self.u(x))", "torch.bmm(A, self.v(x))", "GCN(1)", "n(x, a)"),
    "sparse": ("self.k = 1", "torch.sparse.mm(A, x @ self.w)", "self.v(x)", "GCN(1)", "n(x, a)"),
}
GRAPH = """
class GCN(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.u, self.v, self.w = nn.Linear(8, 8), nn.Linear(8, 2), nn.Parameter(torch.zeros(8, 8))
        KEEPS
    def forward(self, xGIVEN):
        x = F.relu(ONE)
        return OTHER
n = MADE
o = torch.optim.Adam(n.parameters(), 0.01)
for e in range(9):
    l = F.cross_entropy(ASKED[near_mask], y[near_mask])
"""


@pytest.mark.parametrize("way", GRAPHS)
def test_a_matrix_of_neighbours_by_a_letter(tmp_path: Path, way: str) -> None:
    keeps, one, other, made, asked = GRAPHS[way]
    text = GRAPH.replace("KEEPS", keeps).replace("ONE", one).replace("OTHER", other).replace("MADE", made)
    text = text.replace("ASKED", asked).replace("GIVEN", "" if way == "kept" else ", A")
    facts = analysed(tmp_path, {"train.py": HEAD + text + STEPS})
    assert values(facts, "architecture") == ["GCN", "GNN"]
    assert values(facts, "task") == ["node classification"]
    whole = {"train.py": HEAD + text.replace("[near_mask]", "") + STEPS}
    assert values(analysed(tmp_path, whole), "task") == ["classification"]


def test_what_an_object_multiplies_beside_its_output_is_no_convolution(tmp_path: Path) -> None:
    layers = "self.u(x)", "self.v(x)\n    def count(self):\n        return self.adj @ self.adj.sum(-1)"
    text = GRAPH.replace("KEEPS", "self.adj = a").replace("ONE", layers[0]).replace("OTHER", layers[1])
    text = text.replace("MADE", "GCN(a)").replace("ASKED", "n(x)").replace("GIVEN", "").replace("GCN", "Net")
    facts = analysed(tmp_path, {"train.py": HEAD + text + "    n.count()\n" + STEPS})
    assert "GNN" not in values(facts, "architecture")


DATA = """
from torchvision import datasets
from torch.utils.data import DataLoader
"""
WASSERSTEIN = """
G, C = nn.Linear(64, 784), nn.Linear(784, 1)
og, oc = torch.optim.Adam(G.parameters()), torch.optim.Adam(C.parameters())
for x, _ in DataLoader(datasets.MNIST("."), 64):
    f = G(torch.randn(64, 64))
    l = C(f.detach()).mean() - C(x).mean()
    l.backward()
    oc.step()
    l = -C(G(torch.randn(64, 64))).mean()
    l.backward()
    og.step()
"""
WEIGHED = """
class Run(nn.Module):
    def __init__(self):
        super().__init__()
        self.g, self.h = nn.Linear(64, 784), nn.Linear(784, 1)
        self.og, self.oc = torch.optim.Adam(self.g.parameters()), torch.optim.Adam(self.h.parameters())
    def C(self, x):
        return x * 0.5
    def forward(self, x):
        f = self.model(x)
        l = self.C(f).mean() + self.C(x).mean()
        l.backward()
        self.og.step()
        self.oc.step()
    def model(self, x):
        return self.g(x)
r = Run()
for x, _ in DataLoader(datasets.MNIST("."), 64):
    r(x)
"""


def test_a_method_of_one_letter_judges_nothing(tmp_path: Path) -> None:
    for text, judges in ((WEIGHED, False), (WEIGHED.replace("def C(", "def D(").replace("self.h =", "self.C ="), True)):
        facts = analysed(tmp_path, {"train.py": HEAD + DATA + text})
        assert ("GAN" in values(facts, "architecture")) is judges


OF_A_KIND = """
G, D = nn.Linear(74, 784), nn.Linear(794, 1)
og, od = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
for x, c in DataLoader(datasets.MNIST("."), 64):
    h = F.one_hot(c, 10).float()
    f = G(torch.cat([torch.randn(64, 64), h], 1))
    l = F.binary_cross_entropy(D(torch.cat([x, h], 1)), one)
    l = l + F.binary_cross_entropy(D(torch.cat([f.detach(), h], 1)), zero)
    l.backward()
    od.step()
    l = F.binary_cross_entropy(D(torch.cat([f, h], 1)), one)
    l.backward()
    og.step()
"""
ROUND = """
G, H, DX, DY = nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3), nn.Conv2d(3, 1, 3), nn.Conv2d(3, 1, 3)
og = torch.optim.Adam([*G.parameters(), *H.parameters()])
od = torch.optim.Adam([*DX.parameters(), *DY.parameters()])
for x, y in loader:
    fy, fx = G(x), H(y)
    l = (DY(fy) - 1).pow(2).mean() + (DX(fx) - 1).pow(2).mean() + F.l1_loss(H(fy), x) + F.l1_loss(G(fx), y)
    l.backward()
    og.step()
    l = (DY(y) - 1).pow(2).mean() + DY(fy.detach()).pow(2).mean()
    l.backward()
    od.step()
"""
DOWNHILL = """
E = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8 * 676, 1))
o = torch.optim.Adam(E.parameters())
for x, _ in DataLoader(datasets.MNIST("."), 64):
    s = torch.rand_like(x)
    for _ in range(60):
        s.requires_grad_()
        g, = torch.autograd.grad(E(s).sum(), s)
        s = (s - 10 * g + 0.005 * torch.randn_like(s)).detach()
    l = E(x).mean() - E(s).mean()
    l.backward()
    o.step()
"""
NEAREST = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.d, self.c = nn.Conv2d(1, 8, 4), nn.ConvTranspose2d(8, 1, 4), nn.Parameter(torch.randn(64, 8))
    def forward(self, x):
        z = self.e(x)
        i = torch.cdist(z.flatten(0, 2), self.c).argmin(1)
        q = self.c[i].view_as(z)
        return self.d(z + (q - z).detach())
n = Net()
o = torch.optim.Adam(n.parameters())
for x, _ in DataLoader(datasets.MNIST("."), 64):
    l = F.mse_loss(n(x), x)
    l.backward()
    o.step()
"""
MASKED = """
class Half(nn.Conv2d):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        m = torch.ones_like(self.weight)
        m[:, :, 3:] = 0
        self.register_buffer("m", m)
    def forward(self, x):
        self.weight.data *= self.m
        return super().forward(x)
n = nn.Sequential(Half(1, 8, 7), nn.ReLU(), Half(8, 256, 7))
o = torch.optim.Adam(n.parameters())
for x, _ in DataLoader(datasets.MNIST("."), 64):
    l = F.cross_entropy(n(x), (x * 255).long())
    l.backward()
    o.step()
"""
THERE_AND_BACK = """
class Machine:
    def __init__(self):
        self.w, self.a, self.b = torch.randn(784, 64), torch.zeros(784), torch.zeros(64)
    def up(self, v):
        p = torch.sigmoid(v @ self.w + self.b)
        return p, (p > torch.rand_like(p)).float()
    def down(self, h):
        return torch.sigmoid(h @ self.w.t() + self.a)
    def learn(self, v, lr=0.1):
        p, h = self.up(v)
        u = self.down(h)
        self.w += lr * (v.t() @ p - u.t() @ self.up(u)[0])
m = Machine()
for x, _ in DataLoader(datasets.MNIST("."), 64):
    m.learn(x.view(-1, 784))
"""
APART = """
n = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8 * 676, 32))
o = torch.optim.Adam(n.parameters())
for a, b, same in loader:
    d = (n(a) - n(b)).norm(dim=1)
    l = (same * d + (1 - same) * F.relu(1 - d)).mean()
    l.backward()
    o.step()
"""


@pytest.mark.parametrize(
    ("text", "family"),
    [
        (WASSERSTEIN, "WGAN"),
        (OF_A_KIND, "Conditional GAN"),
        (ROUND, "CycleGAN"),
        (DOWNHILL, "Energy-Based"),
        (NEAREST, "VQ-VAE"),
        (MASKED, "Autoregressive"),
        (THERE_AND_BACK, "RBM"),
        (APART, "Siamese"),
    ],
    ids=lambda value: value if len(value) < 20 else "",
)
def test_networks_by_what_is_done_with_them(tmp_path: Path, text: str, family: str) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + DATA + text}), "architecture")[0] == family


def test_a_network_goes_up_again_and_joins_by_layers_of_keras(tmp_path: Path) -> None:
    text = """
        from tensorflow.keras import Input, Model, layers
        i = Input((64, 64, 3))
        a = layers.Conv2D(8, 3, padding="same")(i)
        b = layers.Conv2D(16, 3, padding="same")(layers.MaxPooling2D()(a))
        c = layers.Conv2D(16, 3, padding="same")(layers.MaxPooling2D()(b))
        d = layers.Concatenate(axis=JOINED)([layers.Conv2DTranspose(16, 2, 2)(c), b])
        e = layers.Concatenate(axis=JOINED)([layers.Conv2DTranspose(8, 2, 2)(d), a])
        model = Model(i, layers.Conv2D(1, 1, activation="sigmoid")(e))
        model.compile("adam", "binary_crossentropy")
        model.fit(x, y)
    """
    for axis, families in (("3", ["UNet", "CNN"]), ("0", ["CNN"])):
        facts = analysed(tmp_path / axis, {"train.py": text.replace("JOINED", axis)})
        assert values(facts, "architecture") == families


def test_what_a_function_was_given_is_added_at_its_end(tmp_path: Path) -> None:
    text = """
        from tensorflow import keras
        from tensorflow.keras import layers
        def block(x):
            s = x
            x = layers.Conv2D(8, 3, padding="same")(x)
            x = layers.Conv2D(8, 3, padding="same")(layers.ReLU()(x))
            return layers.ReLU()(x + s)
        i = x = keras.Input((32, 32, 8))
        for _ in range(4):
            x = block(x)
        model = keras.Model(i, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(a, b)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["ResNet", "CNN"]


def test_patches_unfolded_twice_and_a_norm_by_a_root(tmp_path: Path) -> None:
    text = """
class Scale(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.g = nn.Parameter(torch.ones(d))
    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.g
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.a, self.b = Scale(d), Scale(d)
        self.i, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.u, self.v = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
    def forward(self, x):
        q, k, v = self.i(self.a(x)).chunk(3, -1)
        x = x + self.o(F.scaled_dot_product_attention(q, k, v))
        return x + self.v(F.silu(self.u(self.b(x))))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p, self.b, self.h = nn.Linear(48, 64), nn.Sequential(*[Block(64) for _ in range(4)]), nn.Linear(64, 10)
    def forward(self, x):
        x = x.unfold(2, 4, 4).unfold(3, 4, 4).reshape(len(x), 64, 48)
        return self.h(self.b(self.p(x)).mean(1))
n = Net()
o = torch.optim.Adam(n.parameters())
for x, y in loader:
    l = F.cross_entropy(n(x), y)
"""
    facts = analysed(tmp_path, {"train.py": HEAD + text + STEPS})
    assert values(facts, "architecture")[0] == "ViT"


def test_words_and_noise_that_a_loop_goes_over(tmp_path: Path) -> None:
    text = """
u, v = nn.Embedding(5000, 100), nn.Embedding(5000, 100)
o = torch.optim.SGD([*u.parameters(), *v.parameters()], 0.1)
for c, w, neg in pairs:
    p = F.logsigmoid((u(c) * v(w)).sum(1))
    l = -(p + F.logsigmoid(-(u(c)[:, None] * v(neg)).sum(2)).sum(1)).mean()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + text + STEPS}), "architecture")[0] == "Word2Vec"


def test_experts_of_a_class_that_is_called_so(tmp_path: Path) -> None:
    text = """
class MoE(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts, self.g = nn.ModuleList([nn.Linear(64, 10) for _ in range(8)]), nn.Linear(64, 8)
    def forward(self, x):
        w = F.softmax(self.g(x), -1)
        return (w.unsqueeze(-1) * torch.stack([e(x) for e in self.parts], 1)).sum(1)
n = MoE()
o = torch.optim.Adam(n.parameters())
for x, y in loader:
    l = F.cross_entropy(n(x), y)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + text + STEPS}), "architecture")[0] == "Mixture of Experts"


OF_KERAS = """
from tensorflow import keras
from tensorflow.keras import layers as L
"""
JOINING = """
def more(x):
    y = L.Conv2D(12, 3, padding="same")(L.ReLU()(x))
    return L.Concatenate()([x, y])
i = x = keras.Input((32, 32, 12))
for _ in range(6):
    x = more(x)
m = keras.Model(i, L.Dense(10)(L.GlobalAveragePooling2D()(x)))
"""
STARTING = """
i, j = keras.Input((None, 70)), keras.Input((None, 90))
_, h, c = L.LSTM(256, return_state=GIVEN)(i)
y = L.LSTM(256, return_sequences=True)(j, initial_state=[h, c])
m = keras.Model([i, j], L.Dense(90)(y))
"""
FITTED = """
m.compile("adam", "categorical_crossentropy")
m.fit(a, b)
"""


def test_a_layer_of_keras_that_stands_elsewhere_starts_from_a_state(tmp_path: Path) -> None:
    text = """
cell = L.LSTM(256, return_state=True)
def build():
    i = keras.Input((None, 70))
    _, h, c = cell(i)
    for _ in range(3):
        _, h, c = cell(i, initial_state=[h, c])
    return keras.Model(i, L.Dense(90)(h))
m = build()
"""
    assert values(analysed(tmp_path, {"train.py": OF_KERAS + text + FITTED}), "architecture") == ["LSTM", "RNN"]


@pytest.mark.parametrize(("text", "family"), [(JOINING, "DenseNet"), (STARTING.replace("GIVEN", "True"), "Seq2Seq")])
def test_layers_of_keras_by_how_they_are_laid(tmp_path: Path, text: str, family: str) -> None:
    assert values(analysed(tmp_path, {"train.py": OF_KERAS + text + FITTED}), "architecture")[0] == family


OFF = """
    d = r + 0.99 * q1(x).detach() - q1(z)
    l = d**2 - torch.distributions.Normal(p(z), 1).log_prob(a) * WEIGHT
"""


@pytest.mark.parametrize(("weight", "family"), [("d.detach()", "Actor-Critic"), ("r", "Policy Gradient")])
def test_what_weighs_a_policy_and_is_squared_is_a_critic_s(tmp_path: Path, weight: str, family: str) -> None:
    text = HEAD + ACTING + OFF.replace("WEIGHT", weight) + STEPS
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == family


def test_noise_by_what_is_left_of_a_named_schedule(tmp_path: Path) -> None:
    text = """
n = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 2))
o = torch.optim.Adam(n.parameters())
u = torch.linspace(1e-4, 0.02, 1000)
k = (1 - u).cumprod(0)
for x in loader:
    t, e = torch.randint(0, 1000, (len(x),)), torch.randn_like(x)
    z = k[t].view(-1, 1).sqrt() * x + (1 - k[t]).view(-1, 1).sqrt() * e
    l = F.mse_loss(n(torch.cat([z, t[:, None]], 1)), e)
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + text + STEPS}), "architecture")[0] == "Diffusion"
