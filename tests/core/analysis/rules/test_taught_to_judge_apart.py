"""What collections of lessons state beside training: batches to look at, noise and latents with names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRANSLATOR = """
    from keras.layers import Conv2D, Input
    from keras.models import Model
    from files import Pairs

    class Translator:
        def __init__(self):
            self.pairs = Pairs()
            x = Input(shape=(64, 64, 3))
            self.net = Model(x, Conv2D(3, 3, padding='same')(x))
            self.net.compile(loss='mae', optimizer='adam')

        def train(self, epochs, batch_size=8):
            for epoch in range(epochs):
                for a, b in self.pairs.batches(batch_size):
                    self.net.train_on_batch(a, b)
                self.show()

        def show(self):
            a, b = self.pairs.load(batch_size=3, SWITCH=True)

    Translator().train(epochs=20, batch_size=1)
"""
PAIRS = """
    class Pairs:
        def load(self, batch_size=1, SWITCH=False):
            return draw(batch_size)

        def batches(self, batch_size=1):
            yield self.load(batch_size)
"""


@pytest.mark.parametrize("switch, told", [("is_testing", 1), ("flipped", 3)])
def test_a_switch_says_what_is_loaded_to_judge(tmp_path: Path, switch: str, told: int) -> None:
    files = {"train.py": TRANSLATOR.replace("SWITCH", switch), "files.py": PAIRS.replace("SWITCH", switch)}
    assert values(analysed(tmp_path, files), "batch_size") == [told]


ADVERSARIAL = """
    import numpy as np
    from keras.layers import Dense, Input
    from keras.models import Model, Sequential
    encoder, decoder = Sequential(), Sequential()
    encoder.add(Dense(64, input_dim=784))
    encoder.add(Dense(8))
    decoder.add(Dense(64, input_dim=8))
    decoder.add(Dense(784))
    discriminator = Sequential()
    discriminator.add(Dense(64, input_dim=8))
    discriminator.add(Dense(1, activation='sigmoid'))
    discriminator.compile(loss='binary_crossentropy', optimizer='adam')
    x = Input(shape=(784,))
    code = encoder(x)
    both = Model(x, [decoder(code), discriminator(code)])
    both.compile(loss=['mse', 'binary_crossentropy'], optimizer='adam')
    valid, fake = np.ones((32, 1)), np.zeros((32, 1))
    for epoch in range(100):
        images = read(32)
        latent_fake = encoder.predict(images)
        latent_real = DRAWN
        discriminator.train_on_batch(latent_real, valid)
        discriminator.train_on_batch(latent_fake, fake)
        both.train_on_batch(images, [images, valid])
"""


@pytest.mark.parametrize("drawn, told", [("np.random.normal(size=(32, 8))", True), ("encoder_b(others)", False)])
def test_a_judge_of_keras_tells_latents_from_noise(tmp_path: Path, drawn: str, told: bool) -> None:
    found = values(analysed(tmp_path, {"a.py": ADVERSARIAL.replace("DRAWN", drawn)}, "a.py"), "architecture")
    assert ("Adversarial Autoencoder" in found) is told


NOISED = """
    import torch
    from torch import nn
    encoder = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU())
    decoder = nn.Sequential(nn.ConvTranspose2d(8, 1, 4, 2, 1))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
    criterion = nn.MSELoss()
    for image, _ in data:
        noise = nn.init.normal(torch.FloatTensor(9, 1, 28, 28), 0, 0.1)
        noise = noise.cuda()
        noisy = image + noise
        out = decoder(encoder(noisy))
        criterion(out, image).backward()
        optimizer.step()
"""


def test_noise_that_has_a_name_is_added(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": NOISED}, "a.py"), "architecture") == ["Autoencoder", "CNN"]
    other = NOISED.replace("image + noise", "depth + noise")
    assert "Autoencoder" not in values(analysed(tmp_path, {"b.py": other}, "b.py"), "architecture")


CELL = """
    import torch
    from torch import nn

    class Cell(nn.Module):
        def __init__(self):
            super().__init__()
            self.i2h, self.h2h, self.i2o = nn.Linear(9, 16), nn.Linear(16, 16), nn.Linear(16, 9)
            self.act_fn = nn.Tanh()

        def forward(self, x, hidden):
            hidden = self.act_fn(self.i2h(x) + self.h2h(hidden))
            return self.i2o(hidden), hidden

    cell = Cell()
    optimizer = torch.optim.Adam(cell.parameters())
    for text in data:
        hidden, loss = torch.zeros(1, 16), 0
        for x, y in text:
            out, hidden = cell(x, hidden)
            loss += nn.functional.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
"""


def test_a_cell_whose_activation_is_kept_under_a_name(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": CELL}, "a.py"), "architecture") == ["RNN"]


READ = """
    from emnist import extract_training_samples
    import torch
    x, y = extract_training_samples('digits')
    net = torch.nn.Linear(784, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    LOSS(torch.nn.functional.log_softmax(net(x), 1), y).backward()
    optimizer.step()
"""


def test_a_package_that_is_one_data_set_and_a_loss_of_planes(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"a.py": READ.replace("LOSS", "torch.nn.NLLLoss2d()")}, "a.py")
    assert (values(found, "datasets"), values(found, "loss")) == (["EMNIST"], ["NLLLoss2d"])
    other = READ.replace("from emnist import", "from letters import")
    assert values(analysed(tmp_path, {"b.py": other.replace("LOSS", "torch.nn.NLLLoss()")}, "b.py"), "datasets") == []


DECAYED = """
    import tensorflow as tf
    from settings import read
    x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 1])
    loss = tf.losses.mean_squared_error(y, tf.layers.dense(x, 1))
    step = tf.train.create_global_step()
    train = tf.train.AdamOptimizer(RATE).minimize(loss)
    with tf.Session() as sess:
        for _ in range(100):
            sess.run(train, {x: read(), y: read()})
"""


@pytest.mark.parametrize(
    "rate, told",
    [
        ("tf.train.polynomial_decay(0.01, step, 9000, 1e-10, power=1.0)", [0.01]),
        ("tf.train.polynomial_decay(read('lr'), step, 9000, 1e-10, power=1.0)", []),
        ("tf.reshape(tf.slice(tf.constant(read('rates')), [step], [1]), [])", []),
    ],
)
def test_a_schedule_is_told_its_rate_first(tmp_path: Path, rate: str, told: list[float]) -> None:
    found = analysed(tmp_path, {"a.py": DECAYED.replace("RATE", rate)}, "a.py")
    assert values(found, "learning_rate") == told


REINFORCED = """
    import gym
    import torch
    from torch import nn
    env = gym.make("CartPole-v0")
    policy = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    for episode in range(1000):
        state, done, actions, rewards = env.reset(), False, [], []
        while not done:
            action = torch.softmax(policy(state), 0).multinomial()
            state, reward, done, _ = env.step(action.data[0])
            actions.append(action)
            rewards.append(reward)
        for action, reward in zip(actions, rewards):
            action.reinforce(GIVEN)
        torch.autograd.backward(actions, [None for _ in actions])
        optimizer.step()
"""


@pytest.mark.parametrize("given, told", [("reward", True), ("episode", False)])
def test_what_was_drawn_is_told_what_it_gained(tmp_path: Path, given: str, told: bool) -> None:
    found = analysed(tmp_path, {"a.py": REINFORCED.replace("GIVEN", given)}, "a.py")
    assert ("Policy Gradient" in values(found, "architecture")) is told


SHOWN = """
    import torch
    from torch import nn
    net = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    print(optimizer.param_groups[0]['lr'])
    MEANWHILE
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    for x, y in data:
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize("meanwhile, told", [("", ["Adam"]), ("warm_up(net, optimizer)", ["SGD", "Adam"])])
def test_an_optimizer_that_is_only_shown(tmp_path: Path, meanwhile: str, told: list[str]) -> None:
    found = analysed(tmp_path, {"a.py": SHOWN.replace("MEANWHILE", meanwhile)}, "a.py")
    assert values(found, "optimizer") == told
    assert len(values(found, "learning_rate")) == len(told)


CHOSEN = """
    import sys
    import torch
    from torch import nn
    net = nn.Linear(4, 1)
    if sys.argv[1] == "sgd":
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    else:
        optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    for x, y in data:
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
"""


def test_none_of_the_optimizers_that_one_may_choose_from_is_only_shown(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": CHOSEN}, "a.py"), "optimizer") == ["SGD", "Adam"]


IN_TURN = """
    import jax
    import optax
    weights = jax.numpy.zeros(4)
    def fit(optimizer, weights):
        state = optimizer.init(weights)
        for _ in range(100):
            updates, state = optimizer.update(jax.grad(cost)(weights), state)
            weights = optax.apply_updates(weights, updates)
        return weights
    for name, optimizer in [("a", optax.sgd(0.1)), ("b", optax.adam(0.05))]:
        print(name, fit(optimizer, weights))
"""


def test_optimizers_that_bear_one_name_in_turn_are_all_told(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"a.py": IN_TURN}, "a.py"), "optimizer") == ["SGD", "Adam"]
