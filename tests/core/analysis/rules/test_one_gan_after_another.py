"""Several GANs that one script trains, one after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

NETWORKS = """
class Makes(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 784))
    def forward(self, z, given=None):
        return self.body(z if given is None else torch.cat([z, given], 1))
class Widens(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.ConvTranspose2d(9, 8, 7), nn.Conv2d(8, 8, 1), nn.ConvTranspose2d(8, 1, 4, 4))
    def forward(self, z):
        return self.body(z.view(-1, 9, 1, 1)).flatten(1)
class Judges(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 1))
    def forward(self, x, given=None):
        return self.body(x if given is None else torch.cat([x, given], 1))
entropy = nn.BCEWithLogitsLoss()
"""


def trained(at: str, maker: str, judge: str, along: str = "") -> str:
    """A loop that trains one network against another."""
    return f"""
g{at}, d{at} = {maker}, {judge}
g{at}_optimizer, d{at}_optimizer = torch.optim.Adam(g{at}.parameters()), torch.optim.Adam(d{at}.parameters())
for epoch in range(9):
    for x, labels in torch.load("x.pt"):
        made = g{at}(torch.randn(8, 9){along})
        d_loss = entropy(d{at}(x{along}), ones) + entropy(d{at}(made.detach(){along}), zeros)
        d{at}_optimizer.zero_grad(); d_loss.backward(); d{at}_optimizer.step()
        g_loss = entropy(d{at}(made{along}), ones)
        g{at}_optimizer.zero_grad(); g_loss.backward(); g{at}_optimizer.step()
"""


PLAIN = trained("1", "Makes(9)", "Judges(784)")
GIVEN = trained("2", "Makes(19)", "Judges(794)", ", labels")
WIDE = trained("3", "Widens()", "Judges(784)")
WITHIN = "\ndef trained():" + GIVEN.replace("\n", "\n    ") + "\ntrained()"


@pytest.mark.parametrize(
    ("code", "families"),
    [
        (PLAIN, ["GAN", "MLP"]),
        (PLAIN + GIVEN, ["Conditional GAN", "GAN", "MLP"]),
        (PLAIN + WITHIN, ["Conditional GAN", "GAN", "MLP"]),
        (WIDE + GIVEN, ["Conditional GAN", "GAN", "DCGAN", "CNN", "MLP"]),
        (GIVEN + WIDE, ["Conditional GAN", "GAN", "DCGAN", "CNN", "MLP"]),
    ],
)
def test_each_of_several_gans_is_asked_what_it_is_given(tmp_path: Path, code: str, families: list[str]) -> None:
    ready = HEAD + "ones, zeros = torch.ones(8, 1), torch.zeros(8, 1)" + NETWORKS
    assert sorted(values(analysed(tmp_path, {"train.py": ready + code}), "architecture")) == sorted(families)


STEPS = """
g, d = Widens(), Judges(784)
g_optimizer, d_optimizer = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
def steepness(x, made):
    mixed = (x + made).requires_grad_()
    slope = torch.autograd.grad(d(mixed).sum(), mixed, create_graph=True)[0]
    return ((slope.norm(2, 1) - 1) ** 2).mean()
def judge_step(x):
    made = g(torch.randn(8, 9))
    loss = entropy(d(x), ones) + entropy(d(made.detach()), zeros)
    loss.backward(); d_optimizer.step()
def other_judge_step(x):
    made = g(torch.randn(8, 9))
    loss = LOSS
    loss.backward(); d_optimizer.step()
def maker_step():
    loss = -d(g(torch.randn(8, 9))).mean()
    loss.backward(); g_optimizer.step()
"""
TURNS = """
for epoch in range(9):
    for x in torch.load("x.pt"):
        STEP(x); maker_step()
"""


@pytest.mark.parametrize(("turns", "told"), [(["judge_step", "other_judge_step"], True), (["other_judge_step"], False)])
def test_gans_of_the_same_networks_in_functions(tmp_path: Path, turns: list[str], told: bool) -> None:
    ready = HEAD + "ones, zeros = torch.ones(8, 1), torch.zeros(8, 1)" + NETWORKS
    steps = STEPS.replace("LOSS", "d(made).mean() - d(x).mean() + 10 * steepness(x, made)")
    code = ready + steps + "".join(TURNS.replace("STEP", step) for step in turns)
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert "WGAN-GP" in found
    assert ("DCGAN" in found) is told


STACK = """
    from keras.models import Sequential
    from keras.layers import Dense
    import numpy as np
    def makes():
        generator = Sequential()
        generator.add(Dense(784, input_dim=10))
        generator.compile(loss="mse", optimizer="adam")
        return generator
    def judges():
        discriminator = Sequential()
        discriminator.add(Dense(1, input_dim=784))
        discriminator.compile(loss="binary_crossentropy", optimizer="sgd")
        return discriminator
    def together(generator, discriminator):
        both = Sequential()
        both.add(generator)
        both.add(discriminator)
        STILL
        both.compile(loss="binary_crossentropy", optimizer="adam")
        return both
    generator, discriminator = makes(), judges()
    both = together(generator, discriminator)
    for turn in range(9):
        discriminator.fit(*mixed(generator), epochs=1)
        both.fit(np.random.randn(64, 10), np.ones(64), epochs=1)
"""


@pytest.mark.parametrize(("still", "told"), [("discriminator.trainable = False", True), ("pass", False)])
def test_a_judge_on_top_of_a_maker_is_fitted_in_turns(tmp_path: Path, still: str, told: bool) -> None:
    found = analysed(tmp_path, {"train.py": STACK.replace("STILL", still)})
    assert ("GAN" in values(found, "architecture")) is told
