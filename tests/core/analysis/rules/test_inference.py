"""Models of Pyro and NumPyro, fitted by stochastic variational inference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

NUMPYRO = """
import numpyro
import numpyro.distributions as dist
from jax import random
from jax.example_libraries import stax
from numpyro.examples.datasets import MNIST, load_dataset
from numpyro.infer import SVI, Trace_ELBO
def encoder(hidden, z):
    return stax.serial(stax.Dense(hidden), stax.Softplus, stax.FanOut(2), stax.parallel(stax.Dense(z), stax.Dense(z)))
def decoder(hidden, out):
    return stax.serial(stax.Dense(hidden), stax.Softplus, stax.Dense(out), stax.Sigmoid)
def model(batch):
    decode = numpyro.module("decoder", decoder(400, 784), (128, 50))
    z = numpyro.sample("z", dist.Normal(0, 1).expand([50]))
    return numpyro.sample("obs", dist.Bernoulli(decode(z)), obs=batch)
def guide(batch):
    encode = numpyro.module("encoder", encoder(400, 50), (128, 784))
    loc, scale = encode(batch)
    return numpyro.sample("z", dist.Normal(loc, scale))
svi = SVI(model, guide, numpyro.optim.Adam(0.001), Trace_ELBO())
fetch = load_dataset(MNIST, batch_size=128, split="train")
state = svi.init(random.key(0), batch)
for epoch in range(15):
    state, loss = svi.update(state, batch)
"""


def test_variational_autoencoder_of_numpyro(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": NUMPYRO})
    assert values(found, "architecture")[:2] == ["VAE", "Autoencoder"]
    assert values(found, "loss") == ["Trace_ELBO"]
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.001]
    assert values(found, "datasets") == ["MNIST"]
    assert values(found, "epochs") == [15]


@pytest.mark.parametrize(("called", "told"), [("svi.step", ["train.py"]), ("tally.update", [])])
def test_steps_of_inference_are_training(tmp_path: Path, called: str, told: list[str]) -> None:
    text = f"""
    import pyro
    from pyro.infer import SVI, Trace_ELBO
    svi = SVI(model, guide, pyro.optim.Adam({{"lr": 0.01}}), loss=Trace_ELBO())
    for step in range(2000):
        {called}(data)
    """
    assert names(tmp_path, {"train.py": text}) == told


def test_optimizer_of_pyro_and_its_rate(tmp_path: Path) -> None:
    text = """
    import torch
    from pyro.infer import SVI, TraceEnum_ELBO
    from pyro.optim import ClippedAdam
    svi = SVI(model, guide, ClippedAdam({"lr": 0.01}), loss=TraceEnum_ELBO())
    for step in range(1000):
        svi.step(torch.ones(3))
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "framework") == ["Pyro", "PyTorch"]
    assert values(found, "optimizer") == ["ClippedAdam"]
    assert values(found, "learning_rate") == [0.01]
