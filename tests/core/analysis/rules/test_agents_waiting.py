"""Agents that learn once their memory is full, of a graph whose networks are told apart by name, or of a library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.rates import learning_rates
from tests.core.analysis.writing import analysed, program, values

LEARNER = """
    import gym, queue, torch
    import torch.nn as nn

    class Memory:
        def __init__(self):
            self.added = 0
        def add(self, item):
            self.added += 1
        @property
        def size(self):
            return min(self.added, 1000)

    class Learner:
        def __init__(self, net, batch_size):
            self.net, self.memory, self.rollout, self.batch_size = net, Memory(), [], batch_size
            self.optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        def received(self, item):
            {kept}
        def step(self):
            if {waits}:
                return
            self.learn()
        def learn(self):
            ratio, advantage = self.net(self.rollout)
            clipped = torch.clamp(ratio, 1 - 0.2, 1 + 0.2)
            loss = -torch.min(ratio * advantage, clipped * advantage).mean()
            loss.backward()
            self.optimizer.step()

    env = gym.make("CartPole-v1")
    learner = Learner(nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2)), batch_size=32)
    items = queue.Queue()
    while True:
        item = items.get()
        if item == "done":
            break
        else:
            learner.received(item)
        learner.step()
"""


@pytest.mark.parametrize(
    ("kept", "waits"),
    [
        ("self.memory.add(item)", "self.memory.size < self.batch_size"),
        ("self.rollout += zip(*item)", "len(self.rollout) < 128"),
    ],
)
def test_what_waits_until_a_memory_is_full_learns_in_the_end(kept: str, waits: str, tmp_path: Path) -> None:
    text = LEARNER.replace("{kept}", kept).replace("{waits}", waits)
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "PPO"


GRAPH = """
    import gym
    import tensorflow as tf
    import tensorflow.contrib.slim as slim

    class Network:
        def __init__(self):
            self.state = tf.placeholder(tf.float32, [None, 4])
            hidden = slim.fully_connected(self.state, 64)
            self.out = slim.fully_connected(hidden, 2)
            self.predict = tf.argmax(self.out, 1)
            self.target = tf.placeholder(tf.float32, [None])
            self.held = tf.placeholder(tf.float32, [None])
            self.loss = {loss}
            self.train = tf.train.AdamOptimizer(1e-4).minimize(self.loss)

    env = gym.make("CartPole-v0")
    y = {rate}
    main, target = Network(), Network()
    with tf.Session() as sess:
        for episode in range(1000):
            s, a, r, s1 = env.step(0)
            best = sess.run(main.predict, feed_dict={main.state: s1})
            worth = sess.run(target.out, feed_dict={target.state: s1})
            double = worth[range(32), best]
            sess.run(main.train, feed_dict={main.state: s, main.target: r + y * double})
"""
SQUARED = "tf.reduce_mean(tf.square(self.target - tf.reduce_sum(self.out, 1)))"


@pytest.mark.parametrize(
    ("loss", "rate", "family"),
    [
        (SQUARED, ".99", "DQN"),
        (SQUARED, "2", "MLP"),
        ("-tf.reduce_mean(tf.log(tf.gather(self.out, 0)) * self.reward_held)", "1", "Policy Gradient"),
        ("-tf.reduce_mean(tf.log(tf.gather(self.out, 0)) * self.held)", "1", "MLP"),
    ],
)
def test_graphs_of_agents(loss: str, rate: str, family: str, tmp_path: Path) -> None:
    text = GRAPH.replace("{loss}", loss).replace("{rate}", rate)
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == family


def test_chances_shared_out_over_atoms(tmp_path: Path) -> None:
    text = """
        import gym, torch
        import torch.nn as nn

        def project(z_p, p, z_q):
            return (torch.clamp(1.0 - (z_p - z_q).abs() / (z_q[1] - z_q[0]), 0.0, 1.0) * p).sum(2)

        env = gym.make("CartPole-v0")
        net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 102))
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
        for step in range(1000):
            target = project(reward + 0.99 * atoms, net(state), atoms)
            (-target * net(state).log()).sum().backward()
            optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "C51"


@pytest.mark.parametrize(("given", "told"), [("reward + 0.99 * atoms", True), ("value", False)])
def test_one_number_on_two_atoms_is_no_distribution_over_returns(tmp_path: Path, given: str, told: bool) -> None:
    text = f"""
        import gym, torch
        import torch.nn as nn

        def shared_out(value, reward, atoms):
            place = ({given}).clamp(-10, 10)
            low = place.floor()
            chances = torch.zeros(len(value), len(atoms))
            chances.scatter_(1, low.long() + 10, 1 - (place - low))
            return chances

        env = gym.make("CartPole-v0")
        net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 21))
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
        for step in range(1000):
            (-shared_out(worth, given, atoms) * net(state).log()).sum().backward()
            optimizer.step()
    """
    text = text if told else text.replace("reward, ", "").replace("given, ", "")
    assert ("C51" in values(analysed(tmp_path, {"train.py": text}), "architecture")) is told


def test_batches_rounded_up_beside_atoms_are_no_chances(tmp_path: Path) -> None:
    text = """
        import math, torch

        net = torch.nn.Linear(num_atoms, 1)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
        scores.reset()
        for step in range(1000):
            net(batch(step)).mean().backward()
            optimizer.step()
            for _ in range(math.ceil(size / 32)):
                scores.step(net(atoms))
    """
    assert "C51" not in values(analysed(tmp_path, {"train.py": text}), "architecture")


OF_A_LIBRARY = """
    import d3rlpy, gymnasium

    env = gymnasium.make("Hopper-v2")
    sac = d3rlpy.algos.SACConfig(batch_size=128, actor_learning_rate=3e-4, critic_learning_rate=1e-3,
        actor_optim_factory=d3rlpy.optimizers.RMSpropFactory()).create(device=False)
    sac.fit_online(env, d3rlpy.dataset.create_fifo_replay_buffer(limit=1000, env=env), n_steps=1000)
"""


def test_agents_that_learn_online(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": OF_A_LIBRARY})
    assert values(found, "architecture")[0] == "SAC"
    assert values(found, "optimizer") == ["RMSprop"]
    made = program(tmp_path, {"train.py": OF_A_LIBRARY})
    assert [fact.value for fact in learning_rates(made)] == [3e-4, 1e-3]
    assert [fact.value for fact in batch_sizes(made)] == [128]


def test_a_notebook_goes_on_after_its_kernel_was_started_anew(tmp_path: Path) -> None:
    cells = ["!pip install d3rlpy", "exit()", "\n".join(line[4:] for line in OF_A_LIBRARY.splitlines())]
    book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4, "nbformat_minor": 5}
    assert values(analysed(tmp_path, {"train.ipynb": json.dumps(book)}, "train.ipynb"), "batch_size") == [128]
