"""Agents whose parts are told elsewhere: by records, by options, by a switch, by a loop over several things at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

QUALITY = """
    import gym, torch
    import torch.nn as nn
    from collections import namedtuple

    Spec = namedtuple("Spec", ["build", "given"])
    env = gym.make("CartPole-v0")
    q, target_q = nn.Linear(4, 2), nn.Linear(4, 2)
    spec = Spec(build=torch.optim.RMSprop, given=dict(lr=0.02, alpha=0.95))
    optimizer = spec.build(q.parameters(), **spec.given)
    for step in range(1000):
        action = torch.argmax(q(obs))
        obs, rewards, over = replay.sample(64)
        next_predictions = target_q(obs)
        target = torch.cat(tuple(
            reward if done else reward + 0.99 * worth
            for reward, done, worth in zip(rewards, over, next_predictions)))
        nn.functional.mse_loss(q(obs), target).backward()
        optimizer.step()
"""


def test_a_record_keeps_what_it_is_given(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": QUALITY})
    assert values(found, "optimizer") == ["RMSprop"]
    assert values(found, "learning_rate") == [0.02]


SOFT = """
    import argparse, gym, torch
    import torch.nn as nn
    parser = argparse.ArgumentParser()
    parser.add_argument("--other", type=int, default=0)
    args = parser.parse_args()
    env = gym.make("Pendulum-v0")
    actor, one, two = nn.Linear(3, 1), nn.Linear(4, 1), nn.Linear(4, 1)
    optimizer = torch.optim.Adam(actor.parameters(), lr=0.001)

    def learn(states, alpha):
        if args.other:
            value = torch.min(one(states), two(states)) - alpha.detach() * log_pi.mean()
        else:
            action, log_pi = sample(actor(states))
            value = torch.min(one(states), two(states)) - alpha.exp() * log_pi.sum()
        value.mean().backward()
        optimizer.step()

    for step in range(1000):
        env.step(actor(env.reset()))
        learn(states, alpha)
"""


def test_of_two_branches_the_one_that_is_taken_tells(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SOFT})
    assert values(found, "architecture")[0] == "SAC"
    line = next(fact.place.line for fact in found.facts if fact.field == "architecture" and fact.value == "SAC")
    assert "exp()" in (tmp_path / "train.py").read_text().splitlines()[line - 1]


AGENTS = """
import torch
class Agent:
    def __init__(self):
        self.net = torch.nn.Linear(4, 2)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=0.01)
    def learn(self, states):
        self.net(states).sum().backward()
        self.optimizer.step()
class Other(Agent):
    pass
"""
MAIN = """
import argparse
import agents
parser = argparse.ArgumentParser()
parser.add_argument("--kind", default="Other")
args = parser.parse_args()
agent = getattr(agents, args.kind)()
for _ in range(100):
    agent.learn(replay.sample())
"""


def test_a_module_may_be_asked_for_what_an_option_names(tmp_path: Path) -> None:
    files = {"main.py": MAIN, "agents.py": AGENTS}
    assert names(tmp_path, files) == ["main.py"]
    assert values(analysed(tmp_path, files, "main.py"), "learning_rate") == [0.01]


def test_a_world_of_many_agents_goes_by_its_scenario(tmp_path: Path) -> None:
    script = """
    import torch
    import multiagent.scenarios as scenarios
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    world = scenarios.load("simple_spread" + ".py").Scenario().make_world()
    for _ in range(100):
        net(world.state).sum().backward()
        optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": script}), "environment") == ["simple_spread"]


CLIMBING = """
    import gym
    import numpy as np

    class Policy:
        def __init__(self):
            self.w = 1e-4 * np.random.rand(4, 2)
        def act(self, state):
            return np.argmax(np.dot(state, self.w))

    env = gym.make("CartPole-v0")
    policy, best_w, noise = Policy(), None, 0.01
    for episode in range(1000):
        state = env.reset()
        state, reward, done, _ = env.step(policy.act(state))
        {change}
"""


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ("policy.w = best_w + noise * np.random.rand(*policy.w.shape)", True),
        ("policy.w += noise * np.random.randn(4, 2)", True),
        ("weights = [best_w + (noise * np.random.randn(8)) for _ in range(50)]", True),
        ("state = state + noise * np.random.randn(4)", False),
        ("policy.w = best_w + noise * step(4)", False),
    ],
)
def test_weights_may_be_sought_by_chance(change: str, listed: bool, tmp_path: Path) -> None:
    files = {"train.py": CLIMBING.replace("{change}", change)}
    assert (names(tmp_path, files) == ["train.py"]) == listed
    if listed:
        assert values(analysed(tmp_path, files), "environment") == ["CartPole-v0"]


def test_a_ratio_of_probabilities_is_weighed_as_their_logarithm(tmp_path: Path) -> None:
    script = """
    import gym, torch
    import torch.nn as nn
    env = gym.make("CartPole-v1")
    policy = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.001)
    for episode in range(10):
        states, actions, old_probs, rewards = play(env, policy)
        new_probs = policy(states).softmax(-1)
        ratio = new_probs / old_probs
        loss = -torch.mean(ratio * rewards)
        loss.backward()
        optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": script}), "architecture") == ["Policy Gradient", "MLP"]
