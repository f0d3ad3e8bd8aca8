"""What running products, entries of dicts and stand-ins for data prove, and what loops in functions that judge do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

GATED = """
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])
        self.gates = nn.Parameter(torch.zeros(3))
    def forward(self, x):
        beta = torch.sigmoid(self.gates)
        alpha = 1 - beta
        kept = torch.cumprod(alpha, 0)
        for at, layer in enumerate(self.layers):
            x = x + SHARE * layer(x)
        return x
model = Gated()
"""


@pytest.mark.parametrize(
    ("share", "diffuses"), [("kept[at]", False), ("kept[at].sqrt()", True), ("(1 - kept[at])", True)]
)
def test_a_running_product_that_only_weighs_is_no_noise(tmp_path: Path, share: str, diffuses: bool) -> None:
    training = STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    found = analysed(tmp_path, {"train.py": HEAD + GATED.replace("SHARE", share) + training})
    assert ("Diffusion" in values(found, "architecture")) == diffuses


NETWORK = """
class Down(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3, padding=1)
        self.two = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.three = nn.Conv2d(16, 32, 3, stride=2, padding=1)
    def forward(self, x):
        full = self.one(x)
        half = self.two(full)
        return {"full": full, "half": half, "least": self.three(half)}
class Up(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.wider = nn.ConvTranspose2d(32, 8, 2, stride=2)
        self.out = nn.Conv2d(16, 1, 1)
    def forward(self, inputs):
        x = self.wide(inputs["least"])
        x = self.wider(torch.cat([x, inputs["half"]], 1))
        return self.out(JOINED)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = Down(), Up()
    def forward(self, x):
        return self.up(self.down(x))
model = Net()
"""


@pytest.mark.parametrize(
    ("joined", "joins"), [('torch.cat([x, inputs["full"]], 1)', True), ('torch.cat([x, inputs["half"]], 1)', False)]
)
def test_one_entry_after_another_is_joined_on_the_way_up(tmp_path: Path, joined: str, joins: bool) -> None:
    training = STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
    found = analysed(tmp_path, {"train.py": HEAD + NETWORK.replace("JOINED", joined) + training})
    assert ("UNet" in values(found, "architecture")) == joins


@pytest.mark.parametrize(("data", "gives_back"), [("jnp.ones((4, 9))", False), ('jnp.load("x.npy")', True)])
def test_what_stands_in_for_data_is_not_given_back(tmp_path: Path, data: str, gives_back: bool) -> None:
    code = f"""
import jax, jax.numpy as jnp, optax
from flax import linen as nn
class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(9)(nn.relu(nn.Dense(5)(x)))
net = Net()
x = {data}
params = net.init(jax.random.PRNGKey(0), x)
tx = optax.sgd(0.1)
state = tx.init(params)
@jax.jit
def step(params, state, x):
    def loss_fn(params):
        return jnp.mean((net.apply(params, x) - x) ** 2)
    grads = jax.grad(loss_fn)(params)
    updates, state = tx.update(grads, state)
    return optax.apply_updates(params, updates), state
for i in range(10):
    params, state = step(params, state, x)
"""
    assert ("Autoencoder" in values(analysed(tmp_path, {"train.py": code}), "architecture")) == gives_back


PROBE = """
def evaluate(net, data):
    loader = torch.utils.data.DataLoader(data, batch_size=48)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
"""


def test_what_alone_takes_steps_trains_whatever_it_is_called(tmp_path: Path) -> None:
    code = HEAD + PROBE + "evaluate(nn.Linear(3, 3), torch.load('x.pt'))"
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [48]
    beside = "\nmodel, loader = nn.Linear(3, 3), torch.load('x.pt')" + STEP.replace("LOSS", "loss = model(x).sum()")
    found = analysed(tmp_path, {"train.py": HEAD + PROBE + beside + "\nevaluate(model, torch.load('y.pt'))"})
    assert values(found, "batch_size") == []


@pytest.mark.parametrize(("name", "told"), [("n", [24]), ("seq_len", [])])
def test_what_a_generator_cuts_off_is_the_batch(tmp_path: Path, name: str, told: list[int]) -> None:
    code = f"""
def pieces(x, y, {name}=24):
    for i in range(0, len(x), {name}):
        yield x[i : i + {name}], y[i : i + {name}]
model = nn.Linear(3, 3)
x, y = torch.load("x.pt"), torch.load("y.pt")
"""
    training = STEP.replace("in loader", "in pieces(x, y)").replace("LOSS", "loss = F.mse_loss(model(x), y)")
    assert values(analysed(tmp_path, {"train.py": HEAD + code + training}), "batch_size") == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ("torch.randperm(len(x)).split(24)", [24]),
        ("torch.split(x, 24)", [24]),
        ("torch.split(x, 24, dim=1)", []),
        ("np.split(x, 24)", []),
    ],
)
def test_what_data_are_split_into_is_the_batch(tmp_path: Path, parts: str, told: list[int]) -> None:
    code = HEAD + "import numpy as np\nmodel, x = nn.Linear(3, 3), torch.load('x.pt')\n"
    training = STEP.replace("for x, y in loader", f"for part in {parts}").replace("LOSS", "loss = model(part).sum()")
    assert values(analysed(tmp_path, {"train.py": code + training}), "batch_size") == told


STAGES = """
class Stages(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = (nn.Conv2d(n, 16, 3, stride=2, padding=1) for n in (3, 16, 16))
        self.narrow, self.last = nn.Conv2d(32, 16, 1), nn.Conv2d(32, 2, 1)
        self.up = nn.Upsample(scale_factor=2)
    def forward(self, x):
        one = self.first(x)
        two = self.second(one)
        three = self.third(two)
        JOINED
        kept = []
        for _ in range(3):
            kept.append(joined)
        return self.last(self.up(torch.cat(kept, 1)))
model = Stages()
"""


@pytest.mark.parametrize(
    ("joined", "told"),
    [
        ("joined = torch.cat([three, two], 1)", False),
        ("joined = torch.cat([self.narrow(self.up(three)), two], 1)", True),
    ],
)
def test_what_a_layer_makes_is_joined_to_what_it_took(tmp_path: Path, joined: str, told: bool) -> None:
    training = STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    found = analysed(tmp_path, {"train.py": HEAD + STAGES.replace("JOINED", joined) + training})
    assert ("UNet" in values(found, "architecture")) is told
