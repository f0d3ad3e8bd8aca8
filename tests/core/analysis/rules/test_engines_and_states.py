"""Training by Ignite's engines, and Equinox models with a state."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

ENGINE = """
import torch
from ignite.engine import create_supervised_evaluator, create_supervised_trainer
net = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.Flatten(), torch.nn.Linear(8, 2))
trainer = create_supervised_trainer(net, torch.optim.SGD(net.parameters(), lr=0.01), torch.nn.NLLLoss())
evaluator = create_supervised_evaluator(net)
trainer.run(loader, max_epochs=10)
evaluator.run(loader, max_epochs=1)
"""


def test_an_engine_made_by_the_library_trains(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": ENGINE})
    assert values(analysis, "framework") == ["PyTorch", "Ignite"]
    assert values(analysis, "epochs") == [10]
    assert values(analysis, "loss") == ["NLLLoss"]


STATE = """
import equinox as eqx
import jax, optax
class Net(eqx.Module):
    def __init__(self, key):
        self.a, self.b = eqx.nn.Linear(3, 32, key=key), eqx.nn.Linear(32, 3, key=key)
    def __call__(self, x, state):
        return self.b(self.a(x)), state
net, state = eqx.nn.make_with_state(Net)(jax.random.PRNGKey(0))
optim = optax.adam(3e-4)
@eqx.filter_value_and_grad
def loss(net, noise, t):
    z = jax.random.normal(key, x.shape)
    return ((net(t, mean + std * z) + z / std) ** 2).mean()
value, grads = loss(net, x, t)
updates, opt_state = optim.update(grads, opt_state)
net = eqx.apply_updates(net, updates)
"""


def test_a_model_made_with_its_state(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": STATE})
    assert values(analysis, "model_classes") == ["Net"]
    assert values(analysis, "architecture")[0] == "Score-Based"
