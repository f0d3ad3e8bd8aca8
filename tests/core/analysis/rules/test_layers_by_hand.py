"""Layers, losses and optimizers that the code writes out as classes over plain arrays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

LAYERS = """
import numpy as np
from windows import im2col

class Layer:
    def __init__(self):
        self.params, self.grads = [], []

class Linear(Layer):
    def __init__(self, n, m, seed=None):
        self.w = (np.random.default_rng(seed).standard_normal((n, m)) * 0.1).astype("float32")
        self.b = np.zeros(m)
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, grad):
        self.dw = self.x.T @ grad
        return grad @ self.w.T

class Conv(Layer):
    def __init__(self, n, m, size):
        self.w = np.random.randn(m, n, size, size)
    def forward(self, x):
        columns = im2col(x, 3)
        flat = self.w.reshape(len(self.w), -1)
        return columns @ flat.T

class Stack(Layer):
    def __init__(self, *layers):
        self.layers = list(layers)
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
"""
LOSSES = """
import numpy as np
def cross_entropy(outputs, targets):
    return -np.mean(np.sum(targets * np.log(outputs), axis=1))
def cross_entropy_grad(outputs, targets):
    return (outputs - targets) / len(outputs)
"""
STEPS = """
class SGD:
    def __init__(self, model, lr):
        self.params, self.grads, self.lr = model.params, model.grads, lr
    def step(self):
        for param, grad in zip(self.params, self.grads):
            param -= self.lr * grad
class Adam:
    def __init__(self, model):
        self.model = model
    def step(self):
        print(self.model)
"""
TRAIN = """
from layers import Conv, Linear, Stack
from losses import cross_entropy, cross_entropy_grad
from steps import {optimizer}
model = Stack({stack})
optimizer = {optimizer}(model, 0.01)
for epoch in range(5):
    for x, y in batches:
        outputs = model.forward(x)
        loss = cross_entropy(outputs, y)
        model.backward(cross_entropy_grad(outputs, y))
        optimizer.step()
"""


def trained(folder: Path, stack: str, optimizer: str = "SGD") -> dict[str, list[object]]:
    files = {
        "layers.py": LAYERS,
        "losses.py": LOSSES,
        "steps.py": STEPS,
        "windows.py": "def im2col(x, size):\n    return x",
        "train.py": TRAIN.format(stack=stack, optimizer=optimizer),
    }
    found = analysed(folder, files)
    return {field: values(found, field) for field in ("architecture", "loss", "optimizer", "learning_rate")}


@pytest.mark.parametrize(
    ("stack", "families"),
    [
        ("Linear(784, 256), Linear(256, 10)", ["MLP"]),
        ("Conv(1, 8, 3), Linear(800, 10)", ["CNN"]),
        ("Linear(784, 10)", ["Logistic Regression", "Linear"]),
    ],
)
def test_layers_of_ones_own_in_a_stack_of_ones_own(tmp_path: Path, stack: str, families: list[str]) -> None:
    assert trained(tmp_path, stack)["architecture"] == families


def test_an_optimizer_of_ones_own_is_one_where_it_takes_steps(tmp_path: Path) -> None:
    found = trained(tmp_path, "Linear(4, 2)")
    assert (found["optimizer"], found["learning_rate"]) == (["SGD"], [0.01])
    assert trained(tmp_path, "Linear(4, 2)", "Adam")["optimizer"] == []


def test_the_derivative_of_a_loss_is_no_loss(tmp_path: Path) -> None:
    assert trained(tmp_path, "Linear(4, 2)")["loss"] == ["cross_entropy"]


def test_what_only_prepares_data_does_not_train(tmp_path: Path) -> None:
    evaluation = """
        import torch
        from sklearn import preprocessing
        from net import Net
        process = preprocessing.StandardScaler()
        process.fit(rows)
        print(Net()(torch.tensor(process.transform(rows))))
    """
    assert names(tmp_path, {"evaluate.py": evaluation}) == []


def test_a_loop_of_which_every_start_has_settings_of_its_own_is_no_model_beside_them(tmp_path: Path) -> None:
    loop = """
        from torch import optim
        class Trainer:
            def run(self, net, data, rate, epochs):
                opt = optim.SGD(net.parameters(), lr=rate)
                for epoch in range(epochs):
                    net(data).sum().backward()
                    opt.step()
    """
    start = """
        from loop import Trainer
        SIZE = {size}
        def main():
            Trainer().run(make(width=SIZE, depth=2, heads=4), read(size=3), rate=0.1, epochs=5)
        main()
    """
    files = {"loop.py": loop, "small.py": start.format(size=1), "large.py": start.format(size=2)}
    assert names(tmp_path, files) == ["large.py", "small.py"]


def test_a_network_of_a_library_that_is_not_known_goes_by_its_name_and_size(tmp_path: Path) -> None:
    script = """
        import torch
        from {module} import {name}
        net = {name}(num_classes=10)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        for x, y in loader:
            torch.nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
    """
    for module, name, families in (
        ("some_networks.architectures.resnet", "ResNet18_CIFAR", ["ResNet", "CNN"]),
        ("some_networks.architectures", "ResNet", []),
        ("some_data.tables", "resnet18", []),
    ):
        found = analysed(tmp_path, {"train.py": script.format(module=module, name=name)})
        assert values(found, "architecture") == families
