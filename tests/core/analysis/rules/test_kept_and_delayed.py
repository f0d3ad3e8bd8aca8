"""Divergences that a network keeps, actors that wait, critics that tell distributions, cells with a named squashing."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

AGENT = """
import gym, torch
from torch import nn
env = gym.make("Pendulum-v1")
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 64), nn.Linear(64, 1)
    def forward(self, x):
        return self.b(torch.relu(self.a(x)))
class Trainer:
    def __init__(self, delay=1):
        self.q1, self.q2, self.policy, self.delay, self.count = Net(), Net(), Net(), delay, 0
        self.opt = torch.optim.Adam(self.policy.parameters(), lr=1e-3)
    def update(self, state, action, reward, next_state, gamma=0.99):
        next_action = self.policy(next_state)
        TARGET
        target = reward + gamma * worth
        loss = ((self.q1(state, action) - target) ** 2).mean()
        loss.backward()
        if self.count % self.delay == 0:
            policy_loss = -self.q1(state, self.policy(state)).mean()
            policy_loss.backward()
            self.opt.step()
        self.count += 1
trainer = Trainer(delay=3)
for episode in range(100):
    state = env.reset()
    for t in range(200):
        next_state, reward, done, _ = env.step(trainer.policy(state))
        trainer.update(state, 0, reward, next_state)
"""
SMALLER = "worth = torch.min(self.q1(next_state, next_action), self.q2(next_state, next_action))"
ONE = "worth = self.q1(next_state, next_action)"


def test_an_actor_that_waits_for_the_smaller_of_two_critics_is_td3(tmp_path: Path) -> None:
    found = analysed(tmp_path / "a", {"train.py": AGENT.replace("TARGET", SMALLER)})
    assert values(found, "architecture")[0] == "TD3"
    found = analysed(tmp_path / "b", {"train.py": AGENT.replace("TARGET", ONE)})
    assert values(found, "architecture")[0] == "DDPG"


WORLD = """
import gym, torch
from torch import nn
class Cell(nn.Module):
    def __init__(self, act=torch.tanh):
        super().__init__()
        self.layer, self._act = nn.Linear(16, 24), act
    def forward(self, x, state):
        reset, new, update = torch.split(self.layer(torch.cat([x, state], -1)), 8, -1)
        new = self._act(torch.sigmoid(reset) * new)
        update = torch.sigmoid(update)
        return update * new + (1 - update) * state
class Behaviour(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.actor, self.value = Cell(), nn.Linear(8, 2), nn.Linear(8, 1)
    def losses(self, features, action, target):
        advantage = target - self.value(features).mode()
        policy, value = self.actor(features), self.value(features)
        return (-policy.log_prob(action) * advantage).mean(), -value.log_prob(target.detach()).mean()
env = gym.make("Pendulum-v1")
net = Behaviour()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(1000):
    observation, reward, done, _ = env.step(net.actor(net.cell(observation, state)))
    actor_loss, value_loss = net.losses(features, action, reward + 0.99 * target)
    (actor_loss + value_loss).backward()
    opt.step()
"""


def test_a_critic_of_distributions_and_a_cell_with_a_named_squashing(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": WORLD}), "architecture")
    assert {"Actor-Critic", "GRU", "RNN"} <= set(found)


AUTOENCODER = """
import numpy as np, torch
from torch import nn
class Draw(nn.Module):
    def forward(self, logits):
        noise = -torch.log(-torch.log(torch.rand(logits.size())))
        return torch.softmax(logits + noise, -1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.draw, self.decoder = nn.Linear(784, 10), Draw(), nn.Linear(10, 784)
    def forward(self, x):
        q = self.encoder(x)
        self.kl_divergence = (q * torch.log(q)).sum()
        return torch.sigmoid(self.decoder(self.draw(q)))
def chosen(labels):
    return np.hstack([np.where(labels == i)[0] for i in range(10)])
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
index = chosen(targets)
for epoch in range(5):
    for x in loader:
        likelihood = -nn.functional.binary_cross_entropy(net(x), x)
        loss = -(likelihood - net.kl_divergence).mean()
        loss.backward()
        opt.step()
"""


def test_a_divergence_that_a_network_keeps(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": AUTOENCODER}), "architecture")
    assert found[0] == "VAE"
    assert "Conditional VAE" not in found


DRAWN = """
import torch
from torch import nn
from sklearn.datasets import make_moons
def draw(batch_size):
    return torch.tensor(make_moons(batch_size)[0])
plot(draw(5000))
batch_size = 256
net = nn.Linear(2, 2)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for i in range(2000):
    loss = (net(draw(batch_size)) ** 2).mean()
    loss.backward()
    opt.step()
batch_size = 50000
shown = net(torch.randn((batch_size, 2)))
"""


def test_what_is_drawn_to_be_looked_at_is_no_batch(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DRAWN}), "batch_size") == [256]


def test_an_actor_moved_by_minus_one_times_what_its_critic_says(tmp_path: Path) -> None:
    text = AGENT.replace("TARGET", ONE).replace("-self.q1(state, self.policy(state)).mean()", "-1 * MOVED")
    found = analysed(tmp_path, {"train.py": text.replace("MOVED", "torch.sum(self.q1(state, self.policy(state)))")})
    assert values(found, "architecture")[0] == "DDPG"


COUPLING = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.time, self.first = nn.Linear(8, 8), nn.Conv2d(6, 8, 3, stride=2)
        self.up, self.last = nn.ConvTranspose2d(8, 8, 2, stride=2), nn.Conv2d(16, 3, 3)
    def forward(self, x, t):
        t = self.time(torch.cat([t.sin(), t.cos()], dim=1))
        JOINED
        return self.last(torch.cat((x, self.up(down)), dim=1)) if t is None else self.last(down)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(5):
    for x in loader:
        loss = nn.functional.mse_loss(net(x, t), x)
        loss.backward()
        opt.step()
"""


def test_joins_beside_those_of_a_spectrum(tmp_path: Path) -> None:
    skipping = COUPLING.replace("JOINED", "down = self.first(torch.relu(x))").replace(" if t is None", " if t")
    found = values(analysed(tmp_path / "a", {"train.py": skipping.replace("(x, self", "(skip, self")}), "architecture")
    assert "UNet" in found
    signs = COUPLING.replace("JOINED", "down = self.first(torch.cat((x, -x), dim=1))")
    signs = signs.replace("self.last(torch.cat((x, self.up(down)), dim=1)) if t is None else ", "")
    assert "UNet" not in values(analysed(tmp_path / "b", {"train.py": signs}), "architecture")


def test_what_moves_samples_by_the_slope_of_an_energy_trains_nothing(tmp_path: Path) -> None:
    text = """
    import torch
    from torch import nn
    net = nn.Conv2d(3, 1, 3)
    net.load_state_dict(torch.load("energy.pt"))
    WHAT = torch.rand(16, 3, 32, 32, requires_grad=True)
    for step in range(60):
        slope = torch.autograd.grad([net(WHAT).sum()], [WHAT])[0]
        WHAT = WHAT - 0.1 * slope
    """
    assert names(tmp_path / "a", {"sample.py": text.replace("WHAT", "images")}) == []
    assert names(tmp_path / "b", {"fit.py": text.replace("WHAT", "weights")}) == ["fit.py"]
