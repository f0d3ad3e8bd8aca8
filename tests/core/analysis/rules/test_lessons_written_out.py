"""Lessons that write out by hand what a library has, or go by names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

STEPS = """
for epoch in range(3):
    for x in loader:
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
"""


BY_LAYERS = """
import numpy as np

class Net:
    def __init__(self, sizes):
        self.weights = [np.random.rand(one, two) for one, two in zip(sizes, sizes[1:])]
        self.slopes = [np.zeros(each.shape) for each in self.weights]

    def forward(self, x):
        for i, w in enumerate(self.weights):
            x = np.tanh(np.dot(x, w))
        return x

    def move(self, rate):
        for i in range(len(self.weights)):
            weights = self.weights[i]
            weights += self.slopes[i] * rate

    def train(self, inputs, targets, epochs, learning_rate):
        for turn in range(epochs):
            for x, y in zip(inputs, targets):
                self.backward(y - self.forward(x))
                self.move(learning_rate)

    def backward(self, error):
        for i in reversed(range(len(self.slopes))):
            self.slopes[i] = np.dot(self.weights[i].T, error)
            error = np.dot(error, self.weights[i].T)

if __name__ == "__main__":
    Net([2, 4, 1]).train(np.random.rand(9, 2), np.random.rand(9, 1), 40, 0.2)
"""


def test_weights_of_each_layer_that_move_up_their_slopes_are_a_network(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": BY_LAYERS})
    assert values(found, "architecture") == ["MLP"]
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.2], [40])
    other = tmp_path / "other"
    assert names(other, {"train.py": BY_LAYERS.replace("weights += self", "average += self")}) == []


MASKED = """
import keras.backend as K
from keras.layers import Input, Layer, LeakyReLU
from keras.models import Model

class GraphLooking(Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(8, 8))
        self.built = True

    def call(self, inputs):
        X = inputs[0]
        A = inputs[1]
        made = K.dot(X, self.kernel)
        scores = LeakyReLU(alpha=0.2)(made + K.transpose(made))
        scores += {mask}
        return K.dot(K.softmax(scores), made)

def load_data(name):
    return read_all("files/{{}}.bin".format(name))

features, near, labels = load_data("{data}")
x, a = Input((8,)), Input((5,))
model = Model([x, a], GraphLooking()([x, a]))
model.compile("adam", "categorical_crossentropy")
model.fit([features, near], labels, epochs=9)
"""


def test_scores_of_all_but_neighbours_that_are_made_small_are_a_graphs(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MASKED.format(mask="-1e9 * (1.0 - A)", data="cora")})
    assert values(found, "architecture")[:2] == ["GAT", "GNN"]
    found = analysed(tmp_path, {"train.py": MASKED.format(mask="self.bias", data="cora")})
    assert "GAT" not in values(found, "architecture")


@pytest.mark.parametrize(("told", "wanted"), [("cora", ["Cora"]), ("graph", [])])
def test_functions_that_load_data_are_told_its_bare_name(tmp_path: Path, told: str, wanted: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": MASKED.format(mask="-1e9 * (1.0 - A)", data=told)})
    assert values(found, "datasets") == wanted


@pytest.mark.parametrize(("path", "wanted"), [("rt-polarity.neg", ["Movie Review"]), ("mr.txt", [])])
def test_names_that_are_no_everyday_words_tell_data_called_by_one(tmp_path: Path, path: str, wanted: list[str]) -> None:
    script = (
        f"import torch\nlines = open('{path}').read().split()\nnet = torch.nn.Linear(2, 1)\nloader = made(lines)\n"
        "optimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}), "datasets") == wanted


def test_a_divergence_may_name_its_squares_first(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.encode, self.decode = nn.Linear(8, 4), nn.Linear(2, 8)\n"
        "    def forward(self, x):\n        mid, wide = self.encode(x).chunk(2, 1)\n"
        "        squared, spread = mid * mid, wide * wide\n"
        "        self.held = 0.5 * torch.sum(squared + spread - torch.log(spread) - 1)\n"
        "        return self.decode(mid + wide * torch.randn(wide.shape))\n"
        "net, loader = Net(), []\noptimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}), "architecture")[0] == "VAE"


def test_a_policys_loss_by_what_was_gained_is_its_gradient(tmp_path: Path) -> None:
    script = (
        "import gym, torch\nfrom torch.distributions import Categorical\nenv = gym.make('CartPole-v1')\n"
        "net = torch.nn.Linear(4, 2)\noptimizer = torch.optim.Adam(net.parameters())\nfor turn in range(9):\n"
        "    state, likely, gained = env.reset(), [], []\n    for step in range(5):\n"
        "        spread = Categorical(logits=net(state))\n        action = spread.sample()\n"
        "        likely.append(spread.log_prob(action))\n        state, reward, done, _ = env.step(action)\n"
        "        gained.append(reward)\n    policy_loss = []\n    for like, reward in zip(likely, gained):\n"
        "        policy_loss.append(-like * reward)\n    torch.stack(policy_loss).sum().backward()\n"
        "    optimizer.step()\n"
    )
    assert "Policy Gradient" in values(analysed(tmp_path, {"train.py": script}), "architecture")


def test_loaders_of_ones_own_kind_that_are_only_looked_at_train_nothing(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch.utils.data import DataLoader\nclass Batches(DataLoader):\n"
        "    def __init__(self, rows, batch_size=1):\n        super().__init__(rows, batch_size)\n"
        "def loaded(settings):\n    return Batches(read_rows(), batch_size=settings['batch_size'])\n"
        "first = next(iter(loaded({'batch_size': 3})))\nnet = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.Adam(net.parameters())\nloader = loaded({'batch_size': 12})\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}), "batch_size") == [12]


def test_turns_that_count_batches_are_no_epochs_whatever_they_print(tmp_path: Path) -> None:
    script = (
        "import torch\nnum_batches = 5000\nnet = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.Adam(net.parameters())\nfor i in range(num_batches):\n"
        "    net(torch.rand(4, 2)).sum().backward()\n    optimizer.step()\n    print(f'epoch {i}')\n"
    )
    assert values(analysed(tmp_path, {"train.py": script}), "epochs") == []


AGENT = """
import haiku as hk, jax, optax, rlax
from jax import config

network = hk.without_apply_rng(hk.transform(lambda x: hk.nets.MLP([8, 4])(x)))
of_batch = jax.vmap(rlax.categorical_q_learning)

def loss_fn(weights, batch):
    losses = of_batch(network.apply(weights, batch.before), batch.action, batch.reward)
    return losses.mean()

if __name__ == "__main__":
    config.update("jax_platform_name", "gpu")
    optimizer = optax.adam(1e-3)
    epsilon_by_step = optax.polynomial_schedule(1.0, 0.01, 1.0, 100)
    for step in range(9):
        slopes = jax.grad(loss_fn)(weights, draw())
        updates, state = optimizer.update(slopes, state)
        weights = optax.apply_updates(weights, updates)
"""


def test_a_librarys_loss_over_a_batch_and_the_platform_of_jax_are_told(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": AGENT})
    assert (values(found, "loss"), values(found, "hardware")) == (["categorical_q_learning"], ["cuda"])
    assert values(found, "scheduler") == []  # it is of chance moves


def test_a_block_that_joins_a_shortcut_goes_up_again(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nclass Down(nn.Module):\n    def __init__(self, n):\n"
        "        super().__init__()\n        self.keep, self.halve = nn.Conv2d(n, n, 3), nn.Conv2d(n, n, 3, stride=2)\n"
        "    def forward(self, x):\n        kept = self.keep(x)\n        return self.halve(kept), kept\n"
        "class Up(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n"
        "        self.grow, self.mix = nn.Upsample(scale_factor=2), nn.Conv2d(2 * n, n, 3)\n"
        "    def forward(self, x, x_shortcut, t):\n        x = self.grow(x)\n"
        "        return self.mix(torch.cat([x, x_shortcut], dim=1)) + t\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.down, self.up = Down(4), Up(4)\n    def forward(self, x):\n"
        "        x, kept = self.down(x)\n        return self.up(x, kept, 1.0)\n"
        "net, loader = Net(), []\noptimizer = torch.optim.Adam(net.parameters())\n" + STEPS
    )
    assert values(analysed(tmp_path, {"train.py": script}), "architecture") == ["UNet", "CNN"]


def test_a_critic_of_what_an_actor_says_is_no_adversary(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\n{maker}, critic, loader = nn.LSTM(4, 4), nn.LSTM(4, 1), []\n"
        "of_maker = torch.optim.Adam({maker}.parameters())\nof_critic = torch.optim.Adam(critic.parameters())\n"
        "for epoch in range(3):\n    for x, wanted in loader:\n        said = {maker}(x)\n"
        "        told = critic(said.detach()) - critic(wanted)\n        told.mean().backward()\n"
        "        of_critic.step()\n        critic(said).mean().backward()\n        of_maker.step()\n"
    )
    found = analysed(tmp_path, {"train.py": script.format(maker="actor")})
    assert "GAN" not in values(found, "architecture")
    found = analysed(tmp_path, {"train.py": script.format(maker="generator")})
    assert "GAN" in values(found, "architecture")
