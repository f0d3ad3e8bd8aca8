"""Networks of plain arrays whose gradients autograd takes, and whose optimizers take all steps themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = """
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import grad
from autograd.misc.optimizers import adam
from data import images

"""
CODES = """
def layers(params, x):
    for weights, bias in params[:-1]:
        x = np.tanh(np.dot(x, weights) + bias)
    weights, bias = params[-1]
    return np.dot(x, weights) + bias

def drawn(mean, log_std, rs):
    return rs.randn(*mean.shape) * np.exp(log_std) + mean

def density(x, mean, log_std):
    return np.sum(-0.5 * ((x - mean) / np.exp(log_std)) ** 2 - log_std, axis=-1)

def bound(params, x, rs):
    told = layers(params[0], x)
    mean, log_std = told[:, :8], told[:, 8:]
    z = drawn(mean, log_std, rs)
    log_q_z, log_p_z = density(z, mean, log_std), density(z, 0.0, 0.0)
    log_p_x = np.sum(np.log(layers(params[1], z)) * x, axis=-1)
    return np.mean(BOUND)

def objective(params, step):
    return -bound(params, images[step % 9], npr.RandomState(0))

num_epochs = 15
weights = adam(grad(objective), start, step_size=0.003, num_iters=num_epochs * len(images))
"""
LIBRARY = {
    "autograd/__init__.py": "from autograd.wrap import grad\n",
    "autograd/wrap.py": "def grad(function):\n    return function\n",
    "autograd/misc/__init__.py": "",
    "autograd/misc/optimizers.py": """
        def adam(gradient, x, num_iters=100, step_size=0.001):
            for i in range(num_iters):
                x = x - step_size * gradient(x, i)
            return x
        """,
}


@pytest.mark.parametrize(
    ("sum", "family"), [("log_p_x + log_p_z - log_q_z", "VAE"), ("log_p_x + log_p_z + log_q_z", "MLP")]
)
def test_a_bound_estimated_from_what_was_drawn(tmp_path: Path, sum: str, family: str) -> None:
    told = analysed(tmp_path, {"train.py": HEAD + CODES.replace("BOUND", sum), "data.py": "images = []\n"})
    assert values(told, "architecture")[0] == family
    assert values(told, "framework") == ["Autograd"]
    assert (values(told, "optimizer"), values(told, "learning_rate")) == (["Adam"], [0.003])
    assert (values(told, "epochs"), values(told, "steps")) == ([15], [])


def test_a_library_is_no_part_of_the_examples_in_its_own_repository(tmp_path: Path) -> None:
    imports = "from shared import gradient\nfrom autograd.misc.optimizers import adam\n"
    script = f"{imports}adam(gradient, w, num_iters=500)\n"
    shared = "from autograd import grad\ngradient = grad(lambda w: (w ** 2).sum())\n"
    files = {"examples/fit.py": script, "examples/shared.py": shared, **LIBRARY}
    told = analysed(tmp_path, files, "examples/fit.py")
    assert (values(told, "optimizer"), values(told, "steps")) == (["Adam"], [500])


def test_the_rate_beside_what_a_function_of_gradients_gives(tmp_path: Path) -> None:
    step = "loss_gradient = grad(lambda w: np.sum(w))\nfor i in range(100):\n    w -= loss_gradient(w) * 0.02\n"
    assert values(analysed(tmp_path, {"train.py": HEAD + step}), "learning_rate") == [0.02]


TURNS = """
    import torch
    from attacks import Pushes
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    push = Pushes(net, num_iters=7)
    for epoch in range(12):
        for x, y in loader:
            torch.nn.functional.cross_entropy(net(push(x, y)), y).backward()
            optimizer.step()
    """


def test_the_turns_of_an_attack_are_no_steps(tmp_path: Path) -> None:
    told = analysed(tmp_path, {"train.py": TURNS})
    assert (values(told, "epochs"), values(told, "steps")) == ([12], [])
