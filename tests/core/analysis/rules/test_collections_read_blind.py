"""Collections of one author's scripts, judged blind: what was told of them that they are not, or was not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, trained, values

LESIONS = """
    import cv2
    import torch
    import torch.nn as nn
    from torch.utils.data import DataLoader, Dataset
    from torchvision.models import resnet18

    class Lesions(Dataset):
        def __getitem__(self, at):
            image = READ
            return torch.tensor(image), self.kinds[at]

    model = resnet18()
    mel_idx = 6
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for x, y in DataLoader(Lesions(), batch_size=8):
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("read", "expected"), [("cv2.imread(self.paths[at])", "image classification"), ("make(at)", "audio classification")]
)
def test_names_tell_no_sound_where_pictures_are_read(read: str, expected: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": LESIONS.replace("READ", read)})
    assert values(found, "task") == [expected]


NEIGHBOURS = """
class Names(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.rnn, self.out = nn.Embedding(60, 32), nn.LSTM(32, 64), nn.Linear(64, 18)

    def forward(self, x):
        return self.out(self.rnn(self.embedding(x))[0][:, -1])

def area(points):
    return sum((right - left) * height(left) for left, right in zip(points[:-1], points[1:]))

model = Names()
print(area(grid))
"""


def test_neighbours_that_are_gone_through_in_pairs_are_no_targets(tmp_path: Path) -> None:
    assert trained(tmp_path, NEIGHBOURS, "task") != ["language modelling"]


CELL = """
class Letters(nn.Module):
    def __init__(self, letters, hidden, kinds):
        super().__init__()
        self.to_hidden, self.to_kinds = nn.Linear(letters + hidden, hidden), nn.Linear(letters + hidden, kinds)

    def forward(self, input_tensor, hidden_tensor):
        joined = torch.cat((input_tensor, hidden_tensor), 1)
        hidden = self.to_hidden(joined)
        return RETURNED

model = Letters(57, 128, 18)
"""


@pytest.mark.parametrize(
    ("returned", "family"), [("self.to_kinds(joined), hidden", "RNN"), ("self.to_kinds(joined)", "MLP")]
)
def test_a_state_may_be_given_back_by_another_name(returned: str, family: str, tmp_path: Path) -> None:
    assert trained(tmp_path, CELL.replace("RETURNED", returned), "architecture") == [family]


UNCERTAIN = """
class Layer(nn.Module):
    def __init__(self, size, out):
        super().__init__()
        self.weight_mu, self.weight_rho = nn.Parameter(torch.zeros(size, out)), nn.Parameter(torch.zeros(size, out))

    def forward(self, x):
        mean, std = x @ self.weight_mu, torch.sqrt((x**2) @ F.softplus(self.weight_rho))
        return mean + std * torch.randn_like(std)

class Uncertain(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Layer(784, 400), Layer(400, 10)

    def forward(self, x):
        return self.second(F.relu(self.first(x.view(-1, 784))))

def elbo(mu, log_var):
    return -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum()

model = Uncertain()
"""


def test_weights_that_are_drawn_are_no_latent(tmp_path: Path) -> None:
    loss = "loss = F.cross_entropy(model(x), y) + elbo(model.first.weight_mu, model.first.weight_rho)"
    assert "VAE" not in trained(tmp_path, UNCERTAIN, "architecture", loss)


ASKED_FOR = """
    import tensorflow as tf
    from tensorflow import keras
    from tensorflow.keras.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Reshape

    class Adversaries(keras.Model):
        def __init__(self):
            super().__init__()
            self.g = keras.Sequential([Dense(7 * 7 * 64), Reshape((7, 7, 64)), Conv2DTranspose(1, 4, strides=4)])
            self.d = keras.Sequential([Conv2D(64, 4), Flatten(), Dense(1)])
            self.opt = keras.optimizers.Adam(0.0002)

        def call(self, labels):
            noise = tf.random.normal((len(labels), 100))
            return self.g.call(tf.concat((noise, tf.one_hot(labels, 10)), axis=1))

        def train_d(self, img, label):
            with tf.GradientTape() as tape:
                loss = bce(label, self.d.call(img))
            grads = tape.gradient(loss, self.d.trainable_variables)
            self.opt.apply_gradients(zip(grads, self.d.trainable_variables))

        def train_g(self, GIVEN):
            with tf.GradientTape() as tape:
                made = self.call(GIVEN)
                loss = bce(tf.ones(len(made)), self.d.call(made))
            grads = tape.gradient(loss, self.g.trainable_variables)
            self.opt.apply_gradients(zip(grads, self.g.trainable_variables))

    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    both = Adversaries()
    for img, img_label in batches:
        both.train_g(img_label)
        both.train_d(img, tf.ones(len(img)))
"""


@pytest.mark.parametrize(("given", "expected"), [("img_label", "image generation"), ("img", "image-to-image")])
def test_the_labels_of_pictures_are_no_pictures(given: str, expected: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ASKED_FOR.replace("GIVEN", given)})
    assert values(found, "task") == [expected]


OVER_WORDS = """
class Reader(nn.Module):
    def __init__(self, vocab_size, kinds):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(vocab_size, 64), nn.LSTM(64, 128, batch_first=True)
        self.out = nn.Linear(128, kinds)

    def forward(self, words):
        read, (hidden, cell) = self.lstm(self.embedding(words))
        return self.out(KEPT)

def numbered(lines):
    tag_to_ix = {}
    for word, tag in lines:
        tag_to_ix.setdefault(tag, len(tag_to_ix))
    return tag_to_ix

model = Reader(len(vocab), len(numbered(lines)))
"""
IN_KERAS = """
    from keras.layers import Dense, Embedding, Input, LSTM
    from keras.models import Model
    from keras.preprocessing.text import Tokenizer

    tokenizer = Tokenizer(num_words=20000)
    tokenizer.fit_on_texts(lines)
    numbers = tokenizer.texts_to_sequences(lines)
    given = Input(shape=(100,))
    read = LSTM(15)(Embedding(20000, 50)(given))
    model = Model(given, Dense(5, activation="softmax")(read))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    model.fit(numbers, AIM, batch_size=128, epochs=5)
"""


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("read[:, -1, :]", ["text classification"]),
        ("hidden[-1]", ["text classification"]),
        ("read", ["token classification"]),
    ],
)
def test_kinds_of_texts_of_unknown_data(kept: str, expected: list[str], tmp_path: Path) -> None:
    model = OVER_WORDS.replace("KEPT", kept)
    model = model if kept == "read" else model.replace("tag", "kind")
    assert trained(tmp_path, model, "task") == expected


@pytest.mark.parametrize(("aim", "expected"), [("kinds", ["text classification"]), ("next_words", [])])
def test_kinds_of_texts_and_words_that_come_next(aim: str, expected: list[str], tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": IN_KERAS.replace("AIM", aim)}), "task") == expected


READY = """
from monai.networks.nets import MADE
from monai.networks.schedulers import DDPMScheduler

scheduler = DDPMScheduler(num_train_timesteps=1000) if MIXED else None
model = MADE(spatial_dims=2, in_channels=1, out_channels=1)
"""


@pytest.mark.parametrize(
    ("made", "mixed", "expected"),
    [
        ("DiffusionModelUNet", "True", ["Diffusion", "UNet", "CNN"]),
        ("SegResNet", "False", ["UNet", "CNN"]),
        ("VarAutoEncoder", "False", ["VAE", "Autoencoder"]),
    ],
)
def test_networks_and_schedulers_of_monai(made: str, mixed: str, expected: list[str], tmp_path: Path) -> None:
    model = READY.replace("MADE", made).replace("MIXED", mixed)
    assert trained(tmp_path, model, "architecture", "loss = F.mse_loss(model(x), y)") == expected


def test_state_spaces_of_a_library_are_no_line_below_their_head(tmp_path: Path) -> None:
    model = """
from mamba_ssm import Mamba

class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Mamba(d_model=49) for _ in range(2)])
        self.out = nn.Linear(49 * 16, 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.out(x.flatten(1))

model = Reader()
"""
    assert trained(tmp_path, model, "architecture") == ["Mamba"]


def test_sparse_products_of_graphs(tmp_path: Path) -> None:
    model = """
import dgl.sparse as dglsp

class Spread(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(64, 32), nn.Linear(32, 7)

    def forward(self, near, x):
        return near @ self.second(F.relu(near @ self.first(x)))

near = dglsp.spmatrix(edges, shape=(n, n))
model = Spread()
"""
    assert trained(tmp_path, model, "architecture", "loss = F.cross_entropy(model(near, x), y)")[0] in ("GNN", "GCN")


GATED = """
from dgl.nn import NNConv

class Molecules(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.gru, self.out = NNConv(16, 64, None), nn.GRU(64, 64), nn.Linear(64, 1)

    def forward(self, graph, x):
        return self.out(self.gru(self.conv(graph, x))[0])

model = Molecules()
"""


def test_states_of_nodes_are_no_series(tmp_path: Path) -> None:
    assert trained(tmp_path, GATED, "task", "loss = F.mse_loss(model(graph, x), y)") != ["time series forecasting"]


ENLARGING = """
import torchvision

class Enlarger(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 64, 9, padding=4), nn.Conv2d(64, 1, 5, padding=2)

    def forward(self, x):
        return self.second(F.relu(self.first(x)))

pictures = torchvision.datasets.ImageFolder("data/DIV2K")
FACTOR = 4
small = F.interpolate(x, scale_factor=1 / FACTOR)
model = Enlarger()
"""


@pytest.mark.parametrize(("factor", "expected"), [("upscale_factor", ["Super-Resolution", "CNN"]), ("shrunk", ["CNN"])])
def test_pictures_of_known_data_are_enlarged(factor: str, expected: list[str], tmp_path: Path) -> None:
    model = ENLARGING.replace("FACTOR", factor)
    assert trained(tmp_path, model, "architecture", "loss = F.mse_loss(model(x), y)") == expected


AGENT = """
import gym
import numpy as np

class Worth(nn.Module):
    def __init__(self, size, out):
        super().__init__()
        self.first, self.second = nn.Linear(size, 64), nn.Linear(64, out)

    def forward(self, x):
        return self.second(F.relu(self.first(x)))

class Actor(Worth):
    pass

env = gym.make("Pendulum-v1")
actor, q_net, target = Actor(3, 1), Worth(4, 1), Worth(4, 1)
optimizer = torch.optim.Adam(q_net.parameters(), lr=0.001)

def learn(states, actions, rewards, next_states, dones):
    WORTH
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

for episode in range(100):
    state = env.reset()
    learn(*memory.sample(32))
"""
BEST = """next_best = np.max(target(next_states), axis=1)
    wanted = [r + gamma * best if not done else r for r, best, done in zip(rewards, next_best, dones)]
    loss = F.mse_loss(q_net(states), wanted)"""
OWN = """own = actor(states)
    both = torch.cat([states, own], 1)
    worth = q_net(both)
    loss = -worth.mean()"""


@pytest.mark.parametrize(("worth", "expected"), [(BEST, "DQN"), (OWN, "DDPG")])
def test_worths_that_are_gone_through_in_pairs_and_joined_before(worth: str, expected: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + AGENT.replace("WORTH", worth)})
    assert values(found, "architecture")[0] == expected


BETWEEN = """
class Velocity(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 64), nn.Linear(64, 2)

    def forward(self, x, t):
        return self.second(F.relu(self.first(torch.cat([x, t], 1))))

def between(data, noise, t):
    return (1 - t) * noise + t * data

def train(loader):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for z, _ in loader:
        eps, t = torch.randn_like(z), torch.rand(len(z), 1)
        wanted = WANTED
        guessed = model(between(z, eps, t), t)
        loss = F.mse_loss(guessed, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model = Velocity()
train(loader)
"""


@pytest.mark.parametrize(("wanted", "expected"), [("z - eps", True), ("z - z.mean()", False)])
def test_a_velocity_between_what_a_function_mixes(wanted: str, expected: bool, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + BETWEEN.replace("WANTED", wanted)})
    assert ("Flow Matching" in values(found, "architecture")) == expected


HANDED = """
from torchkeras import KerasModel

def mspe(guessed, wanted):
    return ((guessed - wanted) ** 2 / wanted**2).mean()

net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
model = KerasModel(net, loss_fn=mspe, optimizer=torch.optim.Adam(net.parameters(), lr=0.01))
model.fit(train_data=loader, epochs=10)
"""


def test_a_function_of_the_users_that_a_library_takes_as_its_loss(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + HANDED}), "loss") == ["mspe"]
