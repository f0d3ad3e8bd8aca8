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
        (GIVEN + WIDE, ["Conditional GAN", "GAN", "CNN", "MLP"]),
    ],
)
def test_each_of_several_gans_is_asked_what_it_is_given(tmp_path: Path, code: str, families: list[str]) -> None:
    ready = HEAD + "ones, zeros = torch.ones(8, 1), torch.zeros(8, 1)" + NETWORKS
    assert sorted(values(analysed(tmp_path, {"train.py": ready + code}), "architecture")) == sorted(families)
