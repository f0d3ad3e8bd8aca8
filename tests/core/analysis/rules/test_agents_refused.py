"""Runs that refuse all but one choice, worlds that answer with more, and what looks like a batch or like attention."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

MANY = """
    import argparse, torch
    import torch.nn as nn

    class BattleEnv:
        def reset(self):
            return [0.0]
        def step(self, actions):
            return local, whole, rewards, over, infos, available

    parser = argparse.ArgumentParser()
    parser.add_argument("--env_name", default="Other")
    parser.add_argument("--num_mini_batch", type=int, default=1)
    args = parser.parse_args()
    if args.env_name == "Battle":
        env = BattleEnv()
    else:
        raise NotImplementedError(args.env_name)

    class Buffer:
        def batches(self, num_mini_batch):
            return range(num_mini_batch)

    actor = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(actor.parameters(), lr=0.001)
    for step in range(1000):
        env.step(actor(env.reset()))
        for batch in Buffer().batches(args.num_mini_batch):
            actor(batch).mean().backward()
            optimizer.step()
"""


def test_a_run_that_refuses_all_else_takes_the_one_choice(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": MANY}), "environment") == ["BattleEnv"]


def test_how_many_batches_there_are_is_no_batch(tmp_path: Path) -> None:
    script = MANY.replace('default="Other"', 'default="Battle"')
    assert not values(analysed(tmp_path, {"train.py": script}), "batch_size")


def test_a_batch_of_one_shows_a_shape(tmp_path: Path) -> None:
    script = """
    import torch
    from agent import Critic
    critic = Critic()
    example = critic.example(batch_size=1)
    optimizer = torch.optim.Adam(critic.parameters(), lr=0.001)
    for step in range(1000):
        critic(buffer.sample(batch_size=32)).backward()
        optimizer.step()
    """
    agent = """
    from torch import nn
    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(4, 8), nn.Linear(8, 1)
        def example(self, batch_size):
            return [0.0] * batch_size
        def forward(self, x):
            return self.two(self.one(x))
    """
    assert values(analysed(tmp_path, {"train.py": script, "agent.py": agent}), "batch_size") == [32]


def test_a_distribution_that_weighs_its_values_is_no_attention(tmp_path: Path) -> None:
    script = """
    import torch, gym
    from torch import nn
    class CategoricalDist:
        def __init__(self, logits):
            self.logits = logits
        def weigh(self, values):
            logits = self.logits
            p = torch.softmax(logits, -1)
            return torch.matmul(p, values)
    env = gym.make("CartPole-v1")
    net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    for step in range(1000):
        dist = CategoricalDist(net(env.reset()))
        dist.weigh(rewards).mean().backward()
        optimizer.step()
    """
    assert "Attention" not in values(analysed(tmp_path, {"train.py": script}), "architecture")


def test_what_renders_only_uses_a_model(tmp_path: Path) -> None:
    launcher = """
    from agent import learn
    settings = dict(rate=0.1, steps=10, seed=1, size=8, gamma=0.9)
    learn()
    """
    agent = """
    import torch
    def learn():
        net = torch.nn.Linear(4, 2)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for step in range(100):
            net(batch).sum().backward()
            optimizer.step()
    """
    files = {"a/train_it.py": launcher, "a/render_it.py": launcher, "agent.py": agent}
    assert names(tmp_path, files) == ["a/train_it.py"]


REPLAY = """
    import gym, torch
    import torch.nn as nn
    from collections import deque

    class Memory:
        def __init__(self, size):
            self.size, self.filled, self.latest = size, 0, deque(maxlen=3)
        def store(self, state):
            self.latest.append(state)
            if len(self.latest) == 3:
                self.filled = min(self.filled + 1, self.size)

    class Base:
        def __init__(self):
            self.net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
            self.optimizer = torch.optim.RMSprop(self.net.parameters(), lr=0.01)

    class Agent(Base):
        def __init__(self, max_action):
            super().__init__()
            self.max_action = max_action
            self.optimizer = torch.optim.Adam(self.net.parameters(), lr=0.002)
        def learn(self, reward, states):
            target = reward + 0.99 * {next_value}
            ((self.net(states) - target) ** 2).mean().backward()
            self.optimizer.step()

    env, memory, agent = gym.make("CartPole-v1"), Memory(1000), Agent(1.0)
    state = env.reset()
    for step in range(10000):
        state, reward, done, _ = env.step(agent.net(state).argmax())
        memory.store(state)
        if memory.filled >= 32:
            agent.learn(reward, memory.latest)
"""


@pytest.mark.parametrize(
    ("next_value", "is_dqn"),
    [("self.net(states).max(1)[0]", True), ("self.net(states).clamp(0, self.max_action)", False)],
)
def test_what_is_learned_once_a_memory_is_filled(next_value: str, is_dqn: bool, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": REPLAY.replace("{next_value}", next_value)})
    assert ("DQN" in values(found, "architecture")) == is_dqn


def test_a_distribution_of_returns_is_no_policy(tmp_path: Path) -> None:
    script = """
    import gym, torch
    import torch.nn as nn
    env = gym.make("CartPole-v1")
    net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 51))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    for step in range(1000):
        states, target_prob, weights = replay.sample(env.reset())
        current_dist = net(states).softmax(-1)
        loss = -(target_prob * current_dist.log()).sum(-1)
        loss = loss * weights
        loss.mean().backward()
        optimizer.step()
    """
    assert "Policy Gradient" not in values(analysed(tmp_path, {"train.py": script}), "architecture")


def test_the_larger_of_two_losses_is_no_best_next_value(tmp_path: Path) -> None:
    script = """
    import gym, torch
    import torch.nn as nn
    env = gym.make("CartPole-v1")
    agent = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3))
    optimizer = torch.optim.Adam(agent.parameters(), lr=0.001)
    for step in range(1000):
        obs, rewards, next_return, advantages, old = play(env.reset())
        returns = rewards + 0.99 * next_return
        logratio, value = agent(obs)
        ratio = logratio.exp()
        pg_loss = torch.max(-advantages * ratio, -advantages * torch.clamp(ratio, 1 - 0.2, 1 + 0.2)).mean()
        v_loss = torch.max((value - returns) ** 2, (old - returns) ** 2).mean()
        loss = pg_loss + v_loss * gamma_of_value
        loss.backward()
        optimizer.step()
    """
    found = values(analysed(tmp_path, {"train.py": script}), "architecture")
    assert found[0] == "PPO"
    assert "DQN" not in found


WORTH = """
import torch
import torch.nn.functional as F
from torch import nn, optim
class Worth:
    def __init__(self):
        self.net = nn.Linear(4, 2)
        self.opt = optim.Adam(self.net.parameters())
    def learn(self, states, rewards):
        target = rewards + 0.99 * self.net(states).max(1)[0]
        F.mse_loss(self.net(states).max(1)[0], target).backward()
        self.opt.step()
"""
MOVED = """
class Moved:
    def __init__(self):
        self.actor, self.critic = nn.Linear(4, 1), nn.Linear(5, 1)
        self.opt = optim.Adam(self.actor.parameters())
    def learn(self, states):
        loss = -self.critic(states, self.actor(states)).mean()
        loss.backward()
        self.opt.step()
"""
BOTH = """
import gym
env = gym.make("CartPole-v1")
one, other = Worth(), Moved()
for step in range(1000):
    states, rewards, done, _ = env.step(one.net(state).argmax())
    one.learn(states, rewards)
    other.learn(states)
"""


def test_agents_of_two_files_are_both_told_and_a_critic_beside_its_policy_is_not(tmp_path: Path) -> None:
    torch = "import torch\nfrom torch import nn, optim\n"
    apart = {
        "worth.py": WORTH,
        "moved.py": torch + MOVED,
        "train.py": "from worth import *\nfrom moved import *" + BOTH,
    }
    found = values(analysed(tmp_path / "apart", apart, "train.py"), "architecture")
    assert {"DQN", "DDPG"} <= set(found)
    found = values(analysed(tmp_path / "beside", {"train.py": WORTH + MOVED + BOTH}), "architecture")
    assert "DDPG" in found and "DQN" not in found


ON_POLICY = """
    import random, gym, torch
    env = gym.make("CartPole-v1")
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    def act(state):
        if random.random() < 0.1:
            return env.action_space.sample()
        action = torch.argmax(net(torch.tensor(state)))
        return action.item()
    def best(state):
        action = torch.argmax(net(torch.tensor(state)))
        return action.item()
    state, action = env.reset(), 0
    for turn in range(900):
        then, reward, done, _ = env.step(action)
        NEXT
        target = reward + 0.99 * net(torch.tensor(then))[following].detach()
        loss = (target - net(torch.tensor(state))[action]) ** 2
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        state, action = then, following
"""


@pytest.mark.parametrize(
    ("following", "told"),
    [
        ("following = act(then)", False),
        ("following = torch.argmax(net(torch.tensor(then)))", True),
        (
            "following = torch.argmax(net(torch.tensor(then)))\\n"
            "        if random.random() < 0.1: following = env.action_space.sample()",
            False,
        ),
    ],
)
def test_the_worth_of_what_is_done_next_is_not_the_best(tmp_path: Path, following: str, told: bool) -> None:
    found = values(analysed(tmp_path, {"train.py": ON_POLICY.replace("NEXT", following)}), "architecture")
    assert ("DQN" in found) is told


def test_the_optimizer_of_an_heir_takes_the_place_of_its_base(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": REPLAY.replace("{next_value}", "self.net(states).max(1)[0]")})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.002]
