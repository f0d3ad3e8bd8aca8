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
