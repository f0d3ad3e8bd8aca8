"""Weights that scripts change by themselves: along slopes that functions are turned into, and up what was weighed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

CLIMBING = """
    import numpy as np
    rate, scale = 0.02, 0.1
    def worth(w):
        return -np.sum(np.square(np.dot(points, w) - targets))
    points, targets = np.random.randn(9, 4), np.random.randn(9)
    w = np.zeros(4)
    for turn in range(50):
        noise = np.random.randn(20, 4)
        scores = np.array([worth(w + scale * each) for each in noise])
        STEP
"""


@pytest.mark.parametrize(
    ("step", "listed"),
    [
        ("w = w + rate / (20 * scale) * np.dot(noise.T, scores)", True),
        ("w += rate * noise.T @ scores", True),
        ("w = w + scale * np.dot(noise.T, scores)", False),
        ("w = w + rate * noise[scores.argmax()]", False),
    ],
)
def test_weights_go_where_a_product_weighs_them(tmp_path: Path, step: str, listed: bool) -> None:
    assert names(tmp_path, {"train.py": CLIMBING.replace("STEP", step)}) == ["train.py"] * listed


UNIT = """
    import numpy as np
    class Unit:
        def __init__(self, eta):
            self.eta = eta
        def learn(self, points, targets):
            self.w = np.zeros(1 + points.shape[1])
            for x, target in zip(points, targets):
                change = FACTOR * (target - np.sign(np.dot(x, self.w[1:]) + self.w[0]))
                self.w[1:] += change * x
                self.w[0] += change
    Unit(0.5).learn(np.random.randn(9, 2), np.ones(9))
"""


@pytest.mark.parametrize(("factor", "listed"), [("self.eta", True), ("self.size", False)])
def test_what_weights_are_changed_by_is_made_before(tmp_path: Path, factor: str, listed: bool) -> None:
    assert names(tmp_path, {"unit.py": UNIT.replace("FACTOR", factor)}) == ["unit.py"] * listed


SLOPE = """
    import jax
    import jax.numpy as jnp
    def loss(w, x, y):
        return jnp.mean((x @ w - y) ** 2)
    x, y, w = jnp.ones((9, 3)), jnp.ones(9), jnp.zeros(3)
    slope = jax.jit(jax.grad(loss))
    for turn in range(30):
        w = jax.tree_util.tree_map(lambda each, move: each - 0.05 * move, w, ASKED(w, x, y))
    for look in range(7):
        print(loss(w, x, y))
"""


@pytest.mark.parametrize(("asked", "turns"), [("slope", [30]), ("loss", [])])
def test_a_loop_asks_for_a_slope_that_was_made_before(tmp_path: Path, asked: str, turns: list[int]) -> None:
    told = analysed(tmp_path, {"train.py": SLOPE.replace("ASKED", asked)})
    assert values(told, "learning_rate") == [0.05]
    assert values(told, "steps") == turns


FUNCTIONAL = """
    import torch
    from torch.func import functional_call
    IMPORT
    net = torch.nn.Linear(3, 1)
    weights = dict(net.named_parameters())
    x, y = torch.randn(9, 3), torch.randn(9, 1)
    def cost(weights, x):
        return torch.nn.functional.mse_loss(functional_call(net, weights, (x,)), y)
    for turn in range(40):
        slopes = SLOPES
        weights = {name: w - 0.01 * slopes[name] for name, w in weights.items()}
"""


@pytest.mark.parametrize(
    ("imported", "slopes", "listed"),
    [
        ("from torch.func import grad", "grad(cost)(weights, x)", True),
        ("import torch.func as func", "func.grad(cost, argnums=0)(weights, x)", True),
        ("from torch.autograd import grad", "grad(cost(weights, x), [x])", False),
    ],
)
def test_slopes_of_functions_in_pytorch(tmp_path: Path, imported: str, slopes: str, listed: bool) -> None:
    text = FUNCTIONAL.replace("IMPORT", imported).replace("SLOPES", slopes)
    assert names(tmp_path, {"train.py": text}) == ["train.py"] * listed


@pytest.mark.parametrize(
    ("told", "task"),
    [
        ("1 if score >= 0 else -1", []),
        ("1 if score is None else -1", ["regression"]),
        ("1 if score > 100 else 0", ["regression"]),
        ("0 if gpus() > 0 else -1", ["regression"]),
    ],
)
def test_a_unit_that_tells_one_of_two_fits_no_line(tmp_path: Path, told: str, task: list[str]) -> None:
    code = (
        UNIT.replace("FACTOR", "self.eta")
        .replace("np.sign", "")
        .replace("Unit(0.5)", "tell = lambda score: TOLD\n    Unit(0.5)")
    )
    assert values(analysed(tmp_path, {"unit.py": code.replace("TOLD", told)}, "unit.py"), "task") == task


BESIDE = """
    import torch
    def NAME(weights, rate, size):
        for w in weights:
            w.data -= rate * w.grad / size
    def train(weights, rate, optimizer=None):
        for turn in range(9):
            (x @ weights[0]).sum().backward()
            if optimizer is None:
                NAME(weights, rate, 8)
            else:
                optimizer.step()
    x, w = torch.randn(8, 3), torch.zeros(3, 1, requires_grad=True)
    train([w], 0.5)
    net = torch.nn.Linear(3, 1)
    train(list(net.parameters()), 0.0, torch.optim.Adam(net.parameters(), lr=0.01))
"""


@pytest.mark.parametrize(("name", "rates"), [("sgd", [0.01, 0.5]), ("shrink", [0.01])])
def test_a_function_called_as_an_optimizer_is_beside_one_of_a_library(
    tmp_path: Path, name: str, rates: list[float]
) -> None:
    told = analysed(tmp_path, {"train.py": BESIDE.replace("NAME", name)})
    assert sorted(values(told, "learning_rate")) == rates


def test_what_goes_there_and_back_by_its_own_steps_is_no_network_of_layers(tmp_path: Path) -> None:
    code = """
        import tensorflow as tf
        class Machine:
            def __init__(self, seen, hidden, lr=0.5):
                self.learning_rate = lr
                self.w, self.hb, self.vb = tf.zeros([seen, hidden]), tf.zeros([hidden]), tf.zeros([seen])
            def hidden(self, v):
                return tf.nn.sigmoid(tf.matmul(v, self.w) + self.hb)
            def seen(self, h):
                return tf.nn.sigmoid(tf.matmul(h, tf.transpose(self.w)) + self.vb)
            def drawn(self, chances):
                return tf.nn.relu(tf.sign(chances - tf.random.uniform(tf.shape(chances))))
            def train(self, x):
                for epoch in range(5):
                    h = self.drawn(self.hidden(x))
                    v = self.drawn(self.seen(h))
                    up, down = tf.matmul(tf.transpose(x), h), tf.matmul(tf.transpose(v), self.hidden(v))
                    self.w = self.w + self.learning_rate * (up - down)
                    self.vb = self.vb + self.learning_rate * tf.reduce_mean(x - v, 0)
        Machine(784, 64).train(tf.ones([9, 784]))
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["RBM"]
