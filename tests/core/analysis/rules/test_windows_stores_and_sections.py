"""What follows a window, stores of pictures, epochs of two phases, texts that pictures are drawn of, and files that
are named for what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

LETTERS = """
from keras.models import Sequential
from keras.layers import SimpleRNN, Dense
asked, wanted = [], []
for i in range(0, len(source) - 9):
    asked.append(source[i:i + 9])
    wanted.append({follows})
net = Sequential([SimpleRNN(32, input_shape=(9, 40)), Dense(40, activation="softmax")])
net.compile(loss="{loss}", optimizer="adam")
net.fit(asked, wanted, epochs=3)
"""


@pytest.mark.parametrize(
    ("follows", "loss", "task"),
    [
        ("source[i + 9]", "categorical_crossentropy", ["language modelling"]),
        ("kinds[i + 9]", "categorical_crossentropy", ["classification"]),
        ("source[i + 9]", "mse", ["time series forecasting"]),
    ],
)
def test_what_follows_a_window(tmp_path: Path, follows: str, loss: str, task: list[str]) -> None:
    code = LETTERS.format(follows=follows, loss=loss)
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task


GIVEN = """
from keras.models import Model
from keras.layers import Input, LSTM, RepeatVector
def batches(x):
    while True:
        batch = x[:8]
        yield batch, {wanted}
here = Input(shape=(9, 4))
code = LSTM(16)(here)
again = LSTM(4, return_sequences=True)(RepeatVector(9)(code))
net = Model(here, again)
net.compile(optimizer="sgd", loss="mse")
net.fit_generator(batches(data), steps_per_epoch=10, epochs=2)
"""


@pytest.mark.parametrize(("wanted", "given_back"), [("batch", True), ("kinds[:8]", False)])
def test_a_generator_gives_the_same_twice(tmp_path: Path, wanted: str, given_back: bool) -> None:
    facts = analysed(tmp_path, {"train.py": GIVEN.format(wanted=wanted)})
    assert ("Autoencoder" in values(facts, "architecture")) is given_back


PLAYED = """
import torch
from torch import nn, optim

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv{d}d(3, 8, 3), nn.ConvTranspose{d}d(8, 3, 3))
    def forward(self, x{more}):
        return self.net(x)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Conv{d}d(3, 1, 3)
    def forward(self, x):
        return torch.sigmoid(self.net(x))

{nets}
bce = nn.BCELoss()
for real, other, said in loader:
{body}
"""
TWO_MAKERS = {
    "d": "2",
    "more": "",
    "nets": "netG_A, netG_B, netD = Generator(), Generator(), Discriminator()\n"
    "opt_g, opt_d = optim.Adam(netG_A.parameters()), optim.Adam(netD.parameters())\npast_buffer = Past()",
    "body": """
    fake = netG_A(real)
    back = netG_B(fake)
    (bce(netD(fake), ones) + (back - real).abs().mean()).backward()
    opt_g.step()
    fake = past_buffer.update(fake)
    (bce(netD(fake.detach()), zeros) + bce(netD(other), ones)).backward()
    opt_d.step()
    there = netG_B(other)
    again = netG_A(there)
""",
}
TOLD = {
    "more": ", said",
    "nets": "netG, netD = Generator(), Discriminator()\n"
    "opt_g, opt_d = optim.Adam(netG.parameters()), optim.Adam(netD.parameters())",
    "body": """
    z = torch.randn(8, 3, 1, 1)
    fake = netG({given})
    (bce(netD(fake.detach()), zeros) + bce(netD(real), ones)).backward()
    opt_d.step()
    bce(netD(fake), ones).backward()
    opt_g.step()
""",
}


def test_a_store_of_pictures_is_no_step_of_a_maker(tmp_path: Path) -> None:
    assert "CycleGAN" in values(analysed(tmp_path, {"train.py": PLAYED.format(**TWO_MAKERS)}), "architecture")


@pytest.mark.parametrize(("given", "task"), [("z, caption", ["text-to-image"]), ("z, said", ["image generation"])])
def test_pictures_are_drawn_of_what_is_told(tmp_path: Path, given: str, task: list[str]) -> None:
    code = PLAYED.format(d="2", **TOLD).replace("{given}", given)
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task


@pytest.mark.parametrize(("dimensions", "dcgan"), [("2", True), ("3", False)])
def test_solids_are_made_by_no_dcgan(tmp_path: Path, dimensions: str, dcgan: bool) -> None:
    code = PLAYED.format(d=dimensions, **{**TOLD, "more": ""}).replace("{given}", "z")
    assert ("DCGAN" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is dcgan


def test_epochs_of_two_phases_are_added(tmp_path: Path) -> None:
    code = """
import torch
from torch import nn
EPOCHS_FIRST = 10
EPOCHS_THEN = 200
EPOCHS = EPOCHS_FIRST + EPOCHS_THEN
net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(EPOCHS):
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [210]


@pytest.mark.parametrize(
    ("name", "task"), [("data/city-sentiment-train.txt", "sentiment analysis"), ("data/topics.txt", "classification")]
)
def test_a_file_that_is_named_for_sentiments(tmp_path: Path, name: str, task: str) -> None:
    code = f"""
from keras.models import Sequential
from keras.layers import Dense
lines = open("{name}").readlines()
net = Sequential([Dense(32, input_dim=300, activation="relu"), Dense(2, activation="softmax")])
net.compile(optimizer="adam", loss="categorical_crossentropy")
net.fit(x, y, epochs=5)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "task") == [task]


def test_a_function_captures_a_section_of_the_configuration(tmp_path: Path) -> None:
    code = """
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import SGD, Adam
from sacred import Experiment
ex = Experiment("fits")

@ex.config
def config():
    optimizer = {"kind": "sgd", "lr": 0.02}

@ex.capture(prefix="optimizer")
def make_optimizer(kind, lr):
    if kind == "sgd":
        return SGD(lr)
    return Adam(lr)

@ex.automain
def main():
    net = Sequential([Dense(2, input_dim=4)])
    net.compile(optimizer=make_optimizer(), loss="mse")
    net.fit(x, y, epochs=5)
"""
    facts = analysed(tmp_path, {"train.py": code})
    assert (values(facts, "optimizer"), values(facts, "learning_rate")) == (["SGD"], [0.02])
