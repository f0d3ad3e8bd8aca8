"""Frameworks whose networks derive from nothing, or whose gradients are asked of a network and a loss."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TINY = """
    from tinygrad import Tensor, nn, TinyJit
    from tinygrad.helpers import getenv

    class Block:
        def __init__(self):
            self.one, self.two = nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)
            self.down = [nn.Conv2d(8, 8, 1)]
        def __call__(self, x):
            out = self.two(self.one(x).relu())
            return (out + x.sequential(self.down)).relu()

    class Body:
        def __init__(self):
            self.first, self.second = Block(), Block()
        def __call__(self, x):
            return self.second(self.first(x))

    class Net:
        def __init__(self):
            self.layers = [nn.Conv2d(3, 8, 3), Tensor.relu, Body(), nn.Linear(8, 10)]
        def __call__(self, x):
            return x.sequential(self.layers)

    X, Y, _, _ = nn.datasets.cifar()
    net = Net()
    opt = (nn.optim.SGD if getenv("SGD") else nn.optim.Adam)(nn.state.get_parameters(net), lr=0.01)

    @TinyJit
    def step():
        samples = Tensor.randint(getenv("BS", 256), high=X.shape[0])
        loss = net(X[samples]).sparse_categorical_crossentropy(Y[samples]).backward()
        opt.step()
        return loss

    for i in range(getenv("STEPS", 70)):
        step()
"""


def test_networks_of_tinygrad_derive_from_nothing(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TINY})
    assert set(values(found, "model_classes")) == {"Net", "Body", "Block"}
    assert values(found, "architecture") == ["ResNet", "CNN"]
    assert values(found, "loss") == ["sparse_categorical_crossentropy"]
    assert values(found, "datasets") == ["CIFAR-10"]


def test_what_the_environment_does_not_set_is_the_default(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TINY})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "batch_size") == [256]


def test_weights_may_be_tensors_in_pairs(tmp_path: Path) -> None:
    script = """
    from tinygrad import Tensor, nn
    class Net:
        def __init__(self):
            self.one = (Tensor.scaled_uniform(784, 64), Tensor.zeros(64))
            self.two = (Tensor.scaled_uniform(64, 64), Tensor.zeros(64))
            self.last = Tensor.scaled_uniform(64, 10)
        def forward(self, x):
            return x.linear(*self.one).relu().linear(*self.two).relu().dot(self.last)
    X, Y, _, _ = nn.datasets.mnist()
    net = Net()
    opt = nn.optim.Adam(nn.state.get_parameters(net), lr=0.01)
    for step in range(100):
        net.forward(X).sparse_categorical_crossentropy(Y).backward()
        opt.step()
    """
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "model_classes") == ["Net"]
    assert values(found, "architecture") == ["MLP"]


APPLE = """
    from functools import partial
    import mlx.core as mx, mlx.nn as nn, mlx.optimizers as optim
    from mlx.data.datasets import load_mnist

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 8)
        def __call__(self, x, adj):
            x = self.linear(x)
            return adj @ x

    def loss_fn(model, x, y):
        return nn.losses.cross_entropy(model(x, x), y, reduction="mean")

    data = load_mnist().batch(32)
    model = Layer()
    optimizer = optim.Adam(learning_rate=0.001)
    gradients = nn.value_and_grad(model, loss_fn)

    @partial(mx.compile, inputs=model.state, outputs=model.state)
    def step(x, y):
        loss, grads = gradients(model, x, y)
        optimizer.update(model, grads)
        return loss

    print(f"on {'GPU' if fast else 'CPU'}")
    for epoch in range(3):
        data.reset()
        for batch in data:
            step(batch["image"], batch["label"])
"""


def test_gradients_may_be_asked_of_a_network_and_a_loss(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": APPLE})
    assert values(found, "loss") == ["cross_entropy"]
    assert values(found, "architecture")[0] == "GCN"


def test_data_may_be_reset_and_a_function_be_called_step(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": APPLE})
    assert "reinforcement learning" not in values(found, "task")
    assert not values(found, "hardware")
