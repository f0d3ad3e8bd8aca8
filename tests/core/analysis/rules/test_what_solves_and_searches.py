"""Tasks told by derivatives that make up an equation, by a searched tree of moves, and by losses of voices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

NETWORK = "\nmodel = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))\n"
LEFT = """
def left(t, x):
    u = model(torch.cat([t, x], 1))
    u_t = torch.autograd.grad(u.sum(), t, create_graph=True)[0]
    u_x = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
    u_xx = torch.autograd.grad(u_x.sum(), x, create_graph=True)[0]
    return u_t + u * u_x - u_xx
"""
STEPPED = """
def left(t, x):
    optimizer.zero_grad()
    p_t = model(t)
    p_x = model(x)
    return p_t - p_x
"""
SEARCH = """
class MCTS:
    def __init__(self, net):
        self.net = net
tree = MCTS(model)
"""


def task(folder: Path, code: str, loss: str, name: str = "train.py") -> list[object]:
    return values(analysed(folder, {name: HEAD + NETWORK + code + STEP.replace("LOSS", loss)}, name), "task")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (LEFT, ["differential equations"]),
        (LEFT.replace("u_t", "a_t").replace("u_x", "img_x"), []),
        (LEFT.replace("torch.autograd.grad", "shifted"), []),
        (STEPPED, []),
    ],
)
def test_derivatives_of_what_is_found_solve_an_equation(tmp_path: Path, code: str, told: list[str]) -> None:
    assert task(tmp_path, code, "loss = (left(x, y) ** 2).mean()") == told


def test_who_searches_a_tree_of_moves_plays(tmp_path: Path) -> None:
    assert task(tmp_path, SEARCH, "loss = F.cross_entropy(model(x), y)") == ["reinforcement learning"]


VOICES = """
class GE2ELoss(nn.Module):
    def forward(self, voices):
        return F.cross_entropy(voices @ voices.T, torch.arange(len(voices)))
"""


def test_a_loss_of_voices_tells_speakers(tmp_path: Path) -> None:
    assert task(tmp_path, VOICES, "loss = GE2ELoss()(model(x))") == ["speaker recognition"]
    other = VOICES.replace("GE2E", "Pairs")
    assert task(tmp_path / "other", other, "loss = PairsLoss()(model(x))") == ["contrastive learning"]


def test_a_classifier_over_words_is_told_by_the_name_of_its_script(tmp_path: Path) -> None:
    network = """
class Net(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.words, self.out = nn.Embedding(vocab_size, 8), nn.Linear(8, 4)
        self.mix = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2), 2)
    def forward(self, x):
        return self.out(self.mix(self.words(x))[:, 0])
model = Net(900)
"""
    loss = "loss = F.cross_entropy(model(x), y)"
    assert task(tmp_path, network, loss, "run_classifier.py") == ["text classification"]
    assert task(tmp_path / "other", network, loss, "run_declassifier.py") == []
