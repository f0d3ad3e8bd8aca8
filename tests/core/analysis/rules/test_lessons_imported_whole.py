"""Lessons that import a helping library whole, and measure as they train."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

WHOLE = """
    from {library} import *
    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 10))
        def forward(self, x):
            return self.net(x)
    model = Small()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
"""


@pytest.mark.parametrize(("library", "loss"), [("handy_pieces", ["CrossEntropyLoss"]), ("mxnet.gluon", [])])
def test_an_unknown_library_may_pass_on_what_builds_networks(tmp_path: Path, library: str, loss: list[str]) -> None:
    facts = analysed(tmp_path, {"train.py": WHOLE.format(library=library)})
    assert values(facts, "model_classes") == ["Small"] and values(facts, "loss") == loss


def test_what_a_function_without_gradients_returns_is_no_loss(tmp_path: Path) -> None:
    code = """
        import torch, torchvision
        def step(model, x, y, optimizer):
            optimizer.zero_grad()
            loss = sum(model(x, y).values())
            loss.backward()
            optimizer.step()
            return loss
        @torch.no_grad()
        def look(x, model):
            loss = sum(model(x).values())
            return loss
        model = torchvision.models.detection.fasterrcnn_resnet50_fpn()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.005)
        for epoch in range(5):
            for x, y in loader:
                loss = step(model, x, y, optimizer)
            for x in others:
                loss = look(x, model)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == []


@pytest.mark.parametrize(("told", "sizes"), [('kind_of_data="val"', [8]), ('name="val"', [8, 32])])
def test_what_asks_for_a_part_of_the_data_by_any_name(tmp_path: Path, told: str, sizes: list[int]) -> None:
    code = f"""
        import torch
        from torch.utils.data import DataLoader, Dataset
        class Reviews(Dataset):
            def __init__(self, folder, kind_of_data="train", name=""):
                self.items = open(folder + kind_of_data).readlines()
        net = torch.nn.Linear(4, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        def learn(loader):
            for x, y in loader:
                torch.nn.functional.cross_entropy(net(x), y).backward()
                optimizer.step()
        data = Reviews("reviews/")
        loader = DataLoader(data, batch_size=8)
        learn(loader)
        data = Reviews("reviews/", {told})
        loader = DataLoader(data, batch_size=32)
        learn(loader)
    """
    assert sorted(values(analysed(tmp_path, {"train.py": code}), "batch_size")) == sizes


def test_a_block_that_attends_over_weights_of_its_own_is_no_linear_model(tmp_path: Path) -> None:
    code = """
        import equinox as eqx
        import jax
        import optax
        from jax import numpy as jnp, random
        class RootNorm(eqx.Module):
            gain: jnp.ndarray
            def __init__(self, size):
                self.gain = jnp.ones(size)
            def __call__(self, x):
                return self.gain * x / jnp.sqrt((x ** 2).mean(-1, keepdims=True))
        class Block(eqx.Module):
            norm: eqx.Module
            into: jnp.ndarray
            out: jnp.ndarray
            wide: jnp.ndarray
            def __init__(self, size, key):
                self.norm = RootNorm(size)
                self.into = random.normal(key, (size, 4 * size))
                self.out = random.normal(key, (size, size))
                self.wide = random.normal(key, (size, size))
            def __call__(self, x):
                q, k, v, rest = jnp.split(self.norm(x) @ self.into, 4, axis=-1)
                weights = jax.nn.softmax(q @ k.T, axis=-1)
                return (weights @ v) @ self.out + jax.nn.gelu(rest) @ self.wide
        class Writer(eqx.Module):
            words: jnp.ndarray
            norm: eqx.Module
            blocks: list
            def __init__(self, key):
                self.words = random.normal(key, (256, 64)) * 0.02
                self.norm = RootNorm(64)
                self.blocks = [Block(64, key) for _ in range(4)]
            def __call__(self, x):
                x = self.words[x]
                for block in self.blocks:
                    x = x + block(x)
                return self.norm(x) @ self.words.T
        def loss_fn(model, x, y):
            return optax.softmax_cross_entropy_with_integer_labels(jax.vmap(model)(x), y).mean()
        model = Writer(random.PRNGKey(0))
        optimizer = optax.adam(1e-3)
        state = optimizer.init(model)
        for x, y in batches:
            loss, grads = eqx.filter_value_and_grad(loss_fn)(model, x, y)
            updates, state = optimizer.update(grads, state)
            model = eqx.apply_updates(model, updates)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Transformer", "Attention"]


def test_numbers_drawn_around_what_was_measured_are_no_latent(tmp_path: Path) -> None:
    code = """
        import torch
        from torch import nn
        class Squeezer(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 8))
                self.decoder = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 784))
            def forward(self, x):
                return self.decoder(self.encoder(x))
        model, measure = Squeezer(), nn.MSELoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        for x, _ in loader:
            optimizer.zero_grad()
            measure(model(x), x).backward()
            optimizer.step()
        codes = torch.cat([model.encoder(x) for x, _ in loader])
        mu, sigma = codes.mean(), codes.std()
        drawn = mu + sigma * torch.randn(16, 8)
        print(model.decoder(drawn))
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Autoencoder", "MLP"]


def test_a_class_of_heads_put_into_a_ready_network_is_no_network_of_its_own(tmp_path: Path) -> None:
    code = """
        import torch
        from torch import nn
        from torchvision import models
        class Heads(nn.Module):
            def __init__(self):
                super().__init__()
                self.between = nn.Sequential(nn.Linear(2048, 512), nn.ReLU(), nn.Linear(512, 64), nn.ReLU())
                self.age, self.height = nn.Linear(64, 1), nn.Linear(64, 1)
            def forward(self, x):
                x = self.between(x)
                return self.age(x), self.height(x)
        def build():
            model = models.vgg16(pretrained=True)
            model.classifier = Heads()
            return model
        model = build()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        for x, age, height in loader:
            optimizer.zero_grad()
            one, other = model(x)
            (nn.functional.l1_loss(one, age) + nn.functional.l1_loss(other, height)).backward()
            optimizer.step()
    """
    facts = analysed(tmp_path, {"train.py": code})
    assert values(facts, "architecture") == ["VGG", "CNN"] and values(facts, "model_classes") == ["Heads"]


def test_what_went_in_is_subtracted_by_a_call(tmp_path: Path) -> None:
    code = """
        import tensorflow as tf
        class Squeezer:
            def __init__(self, width, rate=0.01):
                x = tf.placeholder(tf.float32, [None, width])
                narrow = tf.nn.sigmoid(tf.matmul(x, tf.Variable(tf.random_normal([width, 4]))))
                again = tf.matmul(narrow, tf.Variable(tf.random_normal([4, width])))
                self.x, self.again = x, again
                self.gap = tf.sqrt(tf.reduce_mean(tf.square(tf.subtract(self.x, self.again))))
                self.step = tf.train.AdamOptimizer(rate).minimize(self.gap)
        net = Squeezer(30)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for epoch in range(5):
                session.run(net.step, feed_dict={net.x: rows})
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Autoencoder"]


def test_what_is_taken_out_of_a_grid_was_through_no_network(tmp_path: Path) -> None:
    code = """
        import tensorflow as tf
        class Map:
            def __init__(self, rows, width):
                self.grid, self.weights = tf.constant(rows), tf.random.normal([9, width])
            def training(self, x, rate):
                nearest = tf.argmin(tf.reduce_sum(tf.pow(self.weights - tf.stack([x] * 9), 2), 1), 0)
                self.place = tf.slice(self.grid, [nearest, 0], [1, 2])
                far = tf.reduce_sum(tf.pow(tf.subtract(self.grid, tf.stack([self.place] * 9)), 2), 1)
                self.weights = self.weights + rate * tf.exp(-far) * tf.subtract(tf.stack([x] * 9), self.weights)
            def fit(self, data):
                for x in data:
                    self.training(x, 0.5)
        Map([[0, 1]], 3).fit(rows)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == []


def test_a_translator_sorts_no_words(tmp_path: Path) -> None:
    code = """
        import torch
        from torch import nn
        class Encoder(nn.Module):
            def __init__(self, vocab_size):
                super().__init__()
                self.embedding, self.rnn = nn.Embedding(vocab_size, 8), nn.GRU(8, 16)
            def forward(self, words):
                return self.rnn(self.embedding(words))[1]
        class Decoder(nn.Module):
            def __init__(self, vocab_size):
                super().__init__()
                self.embedding, self.rnn = nn.Embedding(vocab_size, 8), nn.GRU(24, 16)
                self.out = nn.Linear(16, vocab_size)
            def forward(self, word, state):
                told = torch.cat((self.embedding(word), state[-1]), dim=1)
                made, state = self.rnn(told.unsqueeze(0), state)
                return self.out(made), state
        encoder, decoder = Encoder(90), Decoder(80)
        optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
        measure = nn.CrossEntropyLoss()
        for words, wanted in pairs:
            state, word, loss = encoder(words), wanted[0], 0
            for each in wanted:
                made, state = decoder(word, state)
                loss, word = loss + measure(made, each), each
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    """
    assert "text classification" not in values(analysed(tmp_path, {"train.py": code}), "task")


MOVED = """
import torch
from torchvision import models
net = models.resnet18(pretrained=True)
def move(picture, wanted, size=0.1):
    x = picture.clone()
    LEARNS
    torch.nn.functional.cross_entropy(net(x), wanted).backward()
    return (x - size * x.grad.sign()).detach()
for _ in range(10):
    picture = move(picture, wanted)
"""


@pytest.mark.parametrize(
    ("line", "listed"),
    [("x.requires_grad = True", []), ("optimizer.step(); x.requires_grad = True", ["f.py"]), ("pass", ["f.py"])],
)
def test_pictures_moved_by_the_signs_of_slopes_train_nothing(tmp_path: Path, line: str, listed: list[str]) -> None:
    assert names(tmp_path, {"f.py": MOVED.replace("LEARNS", line)}) == listed
