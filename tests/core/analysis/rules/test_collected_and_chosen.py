"""What is only collected, to be chosen among many, a help to another or given by another name; judges that sort."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

ENCODER = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(9, 4), nn.Linear(INNER, 9)
    def forward(self, x, labels):
        mu, logvar = self.enc(x).chunk(2, 1)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.dec(GIVEN), mu, logvar
def look(net):
    labels = []
    for x, y in loader:
        labels.append(y)
    show(torch.cat(labels, 0))
net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in loader:
    out, mu, logvar = net(x, y)
    loss = F.mse_loss(out, x) - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    loss.backward()
    optimizer.step()
look(net)
"""


@pytest.mark.parametrize(("given", "family"), [("z", "VAE"), ("torch.cat([z, labels], 1)", "Conditional VAE")])
def test_labels_that_are_collected_condition_nothing(tmp_path: Path, given: str, family: str) -> None:
    text = HEAD + ENCODER.replace("GIVEN", given).replace("INNER", "2")
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == family


CHAIN = """
import argparse
from torchvision import datasets
parser = argparse.ArgumentParser()
parser.add_argument("--data")
args = parser.parse_args()
if args.data == "digits":
    data = datasets.MNIST("x")
elif args.data == "clothes":
    data = datasets.FashionMNIST("x")
elif args.data == "letters":
    data = datasets.EMNIST("x")
elif args.data == "things":
    data = datasets.CIFAR10("x")
MORE
else:
    raise ValueError(args.data)
net = nn.Linear(9, 2)
optimizer = torch.optim.Adam(net.parameters())
for x, y in torch.utils.data.DataLoader(data, batch_size=16):
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
FIFTH = """elif args.data == "numbers":
    data = datasets.SVHN("x")"""


@pytest.mark.parametrize(("more", "count"), [("", 4), (FIFTH, 0)])
def test_of_many_that_must_be_chosen_the_last_are_not_told_either(tmp_path: Path, more: str, count: int) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + CHAIN.replace("MORE\n", more + "\n" if more else "")})
    assert len(values(found, "datasets")) == count
    assert values(found, "batch_size") == [16]


HELPED = {
    "lib/__init__.py": "",
    "lib/losses.py": """
import jax.numpy as jnp
from jax import nn
def nll_loss(scores, labels):
    return -jnp.take_along_axis(scores, labels[..., None], axis=-1)
def cross_entropy(scores, labels):
    return nll_loss(nn.log_softmax(scores), labels)
""",
    "train.py": """
import haiku as hk, jax, optax
from lib.losses import cross_entropy
net = hk.without_apply_rng(hk.transform(lambda x: hk.Linear(2)(x)))
optimizer = optax.adam(0.01)
def objective(weights, x, y):
    return cross_entropy(net.apply(weights, x), y).mean()
for x, y in loader:
    slope = jax.grad(objective)(weights, x, y)
    step, state = optimizer.update(slope, state)
    weights = optax.apply_updates(weights, step)
""",
}


def test_a_loss_that_another_makes_use_of_goes_by_that(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, HELPED), "loss") == ["cross_entropy"]


BOUND = """
net = nn.Linear(9, 2)
optimizer = torch.optim.Adam(net.parameters())
def NAME(net, x):
    return (net(x) - x).square().mean()
for epoch in range(9):
    loss = NAME(net, x)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("name", "told"), [("loss_likelihood_bound", 1), ("loss_of_net", 0)])
def test_what_begins_with_loss_may_say_which(tmp_path: Path, name: str, told: int) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + BOUND.replace("NAME", name)})
    assert values(found, "loss") == [name][:told]


DRAWN = """
def sampler():
    return lambda m, n: torch.rand(m, n)
def train():
    size = 500
    minibatch_size = size
    draw, net = sampler(), nn.Linear(3, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(50):
        F.binary_cross_entropy(net(draw(minibatch_size, 3)), ones).backward()
        optimizer.step()
train()
"""


def test_a_letter_is_called_what_it_is_given_by(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + DRAWN}), "batch_size") == [500]


SORTED = """
D, G = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(8, 11)), nn.ConvTranspose2d(9, 3, 4)
optimizerD, optimizerG = torch.optim.Adam(D.parameters()), torch.optim.Adam(G.parameters())
adversarial, classes = nn.BCELoss(), nn.NLLLoss()
for real, kinds in loader:
    told, kind = D(real)
    (adversarial(told, ones) + classes(kind, kinds)).backward()
    fake = G(torch.randn(16, 9, 1, 1))
    told, kind = D(fake.detach())
    adversarial(told, zeros).backward()
    optimizerD.step()
    told, kind = D(fake)
    TRAINED.backward()
    optimizerG.step()
"""


@pytest.mark.parametrize(
    ("trained", "family"),
    [("(adversarial(told, ones) + classes(kind, wanted))", "Conditional GAN"), ("adversarial(told, ones)", "DCGAN")],
)
def test_a_judge_that_sorts_what_the_maker_learns_to_make(tmp_path: Path, trained: str, family: str) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + SORTED.replace("TRAINED", trained)})
    told = values(found, "architecture")
    assert ("Conditional GAN" in told) == (family == "Conditional GAN")
    assert "GAN" in told


KEPT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.given, self.kept, self.out = nn.Linear(9, 9), nn.Linear(9, 9), nn.Linear(9, 2)
        self.rest = None
    def forward(self, x):
        if self.rest is None:
            self.rest = torch.tanh(self.given(x))
        else:
            self.rest = torch.tanh(self.given(x) + self.kept(FORMER))
        return self.out(self.rest)
net = Net()
optimizer = torch.optim.Adam(net.parameters())
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("former", "family"), [("self.rest", "RNN"), ("x", "MLP")])
def test_what_is_kept_and_made_anew_of_itself_is_a_state(tmp_path: Path, former: str, family: str) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + KEPT.replace("FORMER", former)})
    assert values(found, "architecture") == [family]


SLOPES = """
class Line:
    def __init__(self, count):
        self.weights, self.bias = torch.zeros(count, 1), torch.zeros(1)
    def forward(self, x):
        return torch.mm(x, self.weights) + self.bias
    def backward(self, x, given, y):
        grad_given_weights = -x
        return torch.mm(grad_given_weights.t(), 2 * (y - given)), (2 * (given - y)).sum()
line = Line(4)
for epoch in range(100):
    slope, shift = line.backward(x, line.forward(x), y)
    line.weights -= 0.05 * slope
    line.bias -= 0.05 * shift
"""


def test_the_slope_of_a_weight_is_no_weight(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": "import torch\n" + SLOPES}), "architecture") == ["Linear"]
