"""What course notebooks and small repositories of Keras and JAX do in ways of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

SOLVER = """
import jax.numpy as jnp
import optax
from flax import linen as nn
from jaxopt import OptaxSolver

class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(10)(nn.relu(nn.Dense(64)(x)))

net = Net()

def loss_fun(params, batch):
    return optax.softmax_cross_entropy(net.apply(params, batch["x"]), batch["y"]).mean()

solver = OptaxSolver(opt=optax.adam(0.002), fun=loss_fun)
state = solver.init_state(params)
for step in range(100):
    params, state = solver.update(params=params, state=state, batch=next(batches))
"""
STAX = """
import jax.numpy as jnp
from jax import grad, random
from jax.example_libraries import optimizers, stax

init_fn, f = stax.serial(stax.Dense(512), stax.Relu, stax.Dense(10))
_, params = init_fn(random.PRNGKey(0), (-1, 784))
opt_init, opt_apply, get_params = optimizers.sgd(0.3)
state = opt_init(params)
loss = lambda fx, y: jnp.mean((fx - y) ** 2)
grad_loss = grad(lambda params, x, y: loss(f(params, x), y))
for i, (x, y) in enumerate(batches):
    state = opt_apply(i, grad_loss(get_params(state), x, y), state)
"""
MACHINE = """
import tensorflow as tf

class RBM:
    def __init__(self, visible, hidden, lr=0.05, batchsize=100):
        self.learning_rate, self.batchsize = lr, batchsize
        self.w, self.hb, self.vb = tf.zeros([visible, hidden]), tf.zeros([hidden]), tf.zeros([visible])

    def train(self, x, epochs=10):
        for epoch in range(epochs):
            h0 = tf.nn.relu(tf.sign(tf.sigmoid(tf.matmul(x, self.w) + self.hb) - tf.random.uniform([])))
            v1 = tf.sigmoid(tf.matmul(h0, tf.transpose(self.w)) + self.vb)
            change = tf.matmul(tf.transpose(x), h0) - tf.matmul(tf.transpose(v1), h0)
            self.w = self.w + self.learning_rate * change
            self.vb = self.vb + self.learning_rate * tf.reduce_mean(x - v1, 0)

RBM(784, 200).train(data, 50)
"""


@pytest.mark.parametrize(("script", "rate"), [(SOLVER, [0.002]), (STAX, [0.3]), (MACHINE, [0.05])])
def test_steps_that_solvers_states_and_weights_written_anew_take(
    tmp_path: Path, script: str, rate: list[float]
) -> None:
    assert names(tmp_path, {"train.py": script}) == ["train.py"]
    assert values(analysed(tmp_path, {"train.py": script}), "learning_rate") == rate


def test_what_solves_equations_trains_nothing(tmp_path: Path) -> None:
    assert (
        names(tmp_path, {"heat.py": "import jax\nsolver = Solver()\nfor i in range(9):\n    solver.update(i)\n"}) == []
    )
    mixing = "import torch\nimage = torch.mm(a, b)\nfor i in range(9):\n    image = image + 0.5 * other\n"
    assert names(tmp_path, {"mix.py": mixing}) == []
