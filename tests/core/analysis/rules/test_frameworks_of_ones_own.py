"""Frameworks of one's own over plain arrays: layers, optimizers and losses in modules, networks by `add`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

LAYERS = """
import copy
import numpy as np

class Layer:
    def forward_pass(self, x):
        raise NotImplementedError()

class Dense(Layer):
    def __init__(self, units, shape):
        self.units, self.shape = units, shape
    def initialize(self, optimizer):
        self.w = np.random.uniform(-1, 1, (self.shape[0], self.units))
        self.w_opt = copy.copy(optimizer)
    def forward_pass(self, x):
        self.x = x
        return x.dot(self.w)
    def backward_pass(self, grad):
        self.w = self.w_opt.update(self.w, self.x.T.dot(grad))
        return grad

class Conv(Dense):
    def forward_pass(self, x):
        return self.w.reshape((self.units, -1)).dot(image_to_column(x, 3))

class Recurrent(Dense):
    def forward_pass(self, x):
        states = np.zeros(x.shape)
        for t in range(x.shape[1]):
            states[:, t] = np.tanh(x[:, t].dot(self.w) + states[:, t - 1].dot(self.w.T))
        return states

class Activation(Layer):
    def __init__(self, name):
        self.name = name
    def forward_pass(self, x):
        return np.maximum(x, 0)

def image_to_column(x, size):
    return x
"""
OPTIMIZERS = """
import numpy as np
class Adam:
    def __init__(self, learning_rate=0.001):
        self.learning_rate = learning_rate
    def update(self, w, grad):
        self.m = 0.9 * self.m + (1 - 0.9) * grad
        change = self.learning_rate * self.m
        return w - change
"""
LOSSES = """
import numpy as np
class CrossEntropy:
    def loss(self, y, p):
        return -y * np.log(p)
    def gradient(self, y, p):
        return -(y / p)
"""
NETWORK = """
import progressbar
class NeuralNetwork:
    def __init__(self, optimizer, loss):
        self.optimizer = optimizer
        self.layers = []
        self.loss_function = loss()
        self.progressbar = progressbar.ProgressBar()
    def add(self, layer):
        if hasattr(layer, "initialize"):
            layer.initialize(optimizer=self.optimizer)
        self.layers.append(layer)
    def fit(self, x, y, n_epochs):
        for _ in self.progressbar(range(n_epochs)):
            self.train_on_batch(x, y)
    def train_on_batch(self, x, y):
        out = x
        for layer in self.layers:
            out = layer.forward_pass(out)
        self.loss_function.loss(y, out)
        grad = self.loss_function.gradient(y, out)
        for layer in reversed(self.layers):
            grad = layer.backward_pass(grad)
"""
SCRIPT = """
from framework.layers import Activation, Conv, Dense, Recurrent
from framework.losses import CrossEntropy
from framework.network import NeuralNetwork
from framework.optimizers import Adam
net = NeuralNetwork(optimizer=Adam(), loss=CrossEntropy)
{layers}
net.{use}
"""
FILES = {
    "framework/layers.py": LAYERS,
    "framework/optimizers.py": OPTIMIZERS,
    "framework/losses.py": LOSSES,
    "framework/network.py": NETWORK,
}


def script(*layers: str, use: str = "fit(x, y, n_epochs=7)") -> dict[str, str]:
    return {**FILES, "train.py": SCRIPT.format(layers="\n".join(f"net.add({layer})" for layer in layers), use=use)}


def test_a_script_trains_where_what_it_reaches_multiplies_matrices_and_steps_down(tmp_path: Path) -> None:
    assert names(tmp_path, script("Dense(4, (8,))", "Dense(2, (4,))")) == ["train.py"]
    assert names(tmp_path / "used", script("Dense(4, (8,))", use="add(Dense(2, (4,)))")) == []


def test_steps_down_a_plain_function_are_no_training(tmp_path: Path) -> None:
    descent = """
        import numpy as np
        from framework.optimizers import Adam
        x, adam = np.array([1.0, 2.0]), Adam()
        for _ in range(20):
            x = adam.update(x, 2 * x)
    """
    assert names(tmp_path, {**FILES, "descent.py": descent}) == []


def test_steps_along_a_picture_beside_a_library_are_no_training(tmp_path: Path) -> None:
    attack = """
        import torch
        from blocks import Block
        net, x, alpha = Block(), torch.rand(1, 3, 8, 8), 0.1
        net.forward(x).sum().backward()
        x = x - alpha * x.grad
    """
    block = """
        import torch
        class Block:
            def forward(self, x):
                return torch.matmul(x, self.w)
    """
    assert names(tmp_path, {"attack.py": attack, "blocks.py": block}) == []


@pytest.mark.parametrize(
    ("layers", "families"),
    [
        (("Dense(4, (8,))", "Activation('relu')", "Dense(2, (4,))"), ["MLP"]),
        (("Conv(4, (8,))", "Activation('relu')", "Dense(2, (4,))"), ["CNN"]),
        (("Recurrent(4, (8,))", "Activation('softmax')"), ["RNN"]),
    ],
)
def test_networks_of_layers_that_are_added(tmp_path: Path, layers: tuple[str, ...], families: list[str]) -> None:
    found = analysed(tmp_path, script(*layers))
    assert values(found, "architecture") == families
    assert "NeuralNetwork" in values(found, "model_classes")


def test_optimizer_loss_and_epochs_are_of_the_framework(tmp_path: Path) -> None:
    found = analysed(tmp_path, script("Dense(4, (8,))", "Dense(2, (4,))"))
    told = {field: values(found, field) for field in ("optimizer", "learning_rate", "loss", "epochs", "framework")}
    assert told == {
        "optimizer": ["Adam"],
        "learning_rate": [0.001],
        "loss": ["CrossEntropy"],
        "epochs": [7],
        "framework": ["NumPy"],
    }


def test_an_optimizer_may_step_by_a_method_of_its_own(tmp_path: Path) -> None:
    script = """
        import jax

        class Adam:
            def __init__(self, params, lr=0.002):
                self.lr = lr
            def step(self, params, grads):
                return jax.tree.map(self._step, params, grads)
            def _step(self, param, grad):
                return param - self.lr * grad

        params = {"w": jax.numpy.zeros((3, 4))}
        optimizer = Adam(params)
        slopes = jax.grad(lambda params, x: ((x @ params["w"]) ** 2).mean())
        for x in data:
            params = optimizer.step(params, slopes(params, x))
    """
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.002]


def test_what_is_moved_down_a_gradient_is_a_weight_whatever_its_name(tmp_path: Path) -> None:
    squashing = """
        import numpy as np
        class Sigmoid:
            def __call__(self, x):
                return 1 / (1 + np.exp(-x))
        sigmoid = Sigmoid()
    """
    regression = """
        import numpy as np
        from squashing import Sigmoid
        class Regression:
            def __init__(self, learning_rate=0.1):
                self.learning_rate = learning_rate
            def fit(self, x, y):
                self.param = np.zeros(3)
                for _ in range(10):
                    guess = {guess}
                    self.param -= self.learning_rate * (guess - y).dot(x)
        Regression().fit(np.ones((4, 3)), np.ones(4))
    """
    for guess, families in (
        ("Sigmoid()(x.dot(self.param))", ["Logistic Regression", "Linear"]),
        ("x.dot(self.param)", ["Linear"]),
    ):
        files = {"train.py": regression.format(guess=guess), "squashing.py": squashing}
        found = analysed(tmp_path, files)
        assert (values(found, "architecture"), values(found, "learning_rate")) == (families, [0.1])


def test_a_target_that_was_the_reward_takes_the_best_next_value(tmp_path: Path) -> None:
    agent = """
        import gym
        import numpy as np
        class Agent:
            def __init__(self, model):
                self.env, self.model, self.gamma = gym.make("CartPole-v1"), model, 0.9
            def targets(self, replay):
                worth = self.model.predict(replay)
                after = self.model.predict(replay)
                for i in range(len(replay)):
                    state, action, reward, done = replay[i]
                    target = worth[i]
                    target[action] = {start}
                    if not done:
                        target[action] += self.gamma * np.amax(after[i])
                return worth
            def run(self, n_epochs):
                for epoch in range(n_epochs):
                    state = self.env.reset()
                    state, reward, done, _ = self.env.step(np.argmax(self.model.predict(state)))
                    self.model.fit(state, self.targets([(state, 0, reward, done)]), 1)
    """
    layers = ("Dense(4, (8,))", "Dense(2, (4,))")
    for start, families in (("reward", ["DQN", "MLP"]), ("state", ["MLP"])):
        files = script(*layers, use="predict = net.fit\nfrom agent import Agent\nAgent(net).run(20)")
        found = analysed(tmp_path, {**files, "agent.py": agent.format(start=start)})
        assert values(found, "architecture") == families


def test_a_class_that_moves_its_weights_up_is_the_model(tmp_path: Path) -> None:
    machine = """
        import numpy as np
        class Machine:
            def fit(self, x, lr=0.1):
                self.w, self.bias = np.zeros((3, 2)), np.zeros(2)
                for _ in range(10):
                    hidden = x.dot(self.w) + self.bias
                    self.w += lr * (x.T.dot(hidden) - 1)
                    self.bias += lr * hidden.sum(axis=0)
        class Heir(Machine):
            pass
        {built}().fit(np.ones((4, 3)))
    """
    for built in ("Machine", "Heir"):
        found = analysed(tmp_path, {"train.py": machine.format(built=built)})
        assert values(found, "model_classes") == [built]
