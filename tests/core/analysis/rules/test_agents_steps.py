"""How long agents learn: steps of training, apart from steps in a world."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.duration import epochs, steps
from core.analysis.rules.loss import losses
from tests.core.analysis.writing import analysed, program, values

ROLLOUTS = """
    import gymnasium as gym
    import torch, tyro
    from dataclasses import dataclass
    from gymnasium.wrappers.normalize import RunningMeanStd

    @dataclass
    class Args:
        total_timesteps: int = int(25e6)
        num_envs: int = 64
        num_steps: int = 256
        update_epochs: int = 3

    class Timed(gym.Wrapper):
        def step(self, action):
            return super().step(action)

    def evaluate(envs, episodes=10):
        for _ in range(episodes):
            envs.step(0)

    args = tyro.cli(Args)
    batch_size = int(args.num_envs * args.num_steps)
    num_iterations = args.total_timesteps // batch_size
    envs = Timed(gym.make("CartPole-v1"))
    agent = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(agent.parameters(), lr=1e-3)
    seen = RunningMeanStd()
    for step in range(args.num_steps * 50):
        seen.update(envs.step(0))
    for iteration in range(1, num_iterations + 1):
        for step in range(0, args.num_steps):
            envs.step(agent(envs.reset()))
        for epoch in range(args.update_epochs):
            loss = agent(envs.reset()).sum()
            loss.backward()
            optimizer.step()
    evaluate(envs)
"""
BY_EPOCH = """
    import torch
    from tqdm import trange

    class Config:
        num_epochs = 3000
        num_updates_on_epoch = 1000

    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in trange(Config.num_epochs):
        for _ in trange(Config.num_updates_on_epoch):
            net(torch.zeros(4)).sum().backward()
            optimizer.step()
"""


def _numbers(rule: object, folder: Path, text: str) -> list[object]:
    return [fact.value for fact in rule(program(folder, {"train.py": text}))]  # type: ignore[operator]


def test_steps_in_a_world_are_not_steps_of_training(tmp_path: Path) -> None:
    assert _numbers(steps, tmp_path, ROLLOUTS) == [25_000_000]
    assert _numbers(epochs, tmp_path, ROLLOUTS) == []


def test_updates_within_an_epoch_count_no_epochs(tmp_path: Path) -> None:
    assert _numbers(epochs, tmp_path, BY_EPOCH) == [3000]


@pytest.mark.parametrize("stated", ["int(1e6)", "1_000_000", "1000 * 1000"])
def test_a_number_that_a_field_spells_out(tmp_path: Path, stated: str) -> None:
    text = f"""
        import torch, pyrallis
        from dataclasses import dataclass

        @dataclass
        class Config:
            max_timesteps: int = {stated}

        @pyrallis.wrap()
        def train(config: Config):
            net = torch.nn.Linear(4, 2)
            optimizer = torch.optim.Adam(net.parameters())
            for t in range(int(config.max_timesteps)):
                net(torch.zeros(4)).sum().backward()
                optimizer.step()

        if __name__ == "__main__":
            train()
    """
    (told,) = steps(program(tmp_path, {"train.py": text}))
    assert (told.value, told.place.line) == (1_000_000, 6)
    assert told.how == "dataclass default" or told.how.startswith("computed")


OPEN_ENDED = """
    import itertools, torch
    num_steps, updates_per_step, seen = 1_000_001, 1, 0
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters())
    for episode in itertools.count(1):
        for i in range(updates_per_step):
            net(torch.zeros(4)).sum().backward()
            optimizer.step()
        seen += 1
        if seen > num_steps:
            break
"""


def test_steps_that_end_a_loop_without_an_end(tmp_path: Path) -> None:
    assert _numbers(steps, tmp_path, OPEN_ENDED) == [1_000_001]


COUNTED = """
    import torch

    class Until:
        def __init__(self, limit):
            self.limit = limit

        def __call__(self, step):
            return step < self.limit

    class Run:
        def __init__(self):
            self._seen = 0
            self.net = torch.nn.Linear(4, 2)
            self.optimizer = torch.optim.Adam(self.net.parameters())

        @property
        def seen(self):
            return self._seen

        def train(self):
            going, waiting = Until(3_000_000), Until(4000)
            while going(self.seen):
                if not waiting(self.seen):
                    torch.nn.functional.mse_loss(self.net(torch.zeros(4)), torch.zeros(2)).backward()
                    self.optimizer.step()
                self._seen += 1

    Run().train()
"""


def test_counters_behind_properties_decide_nothing(tmp_path: Path) -> None:
    assert _numbers(losses, tmp_path, COUNTED) == ["mse_loss"]


TWICE = """
    import torch
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters())

    def learn(batch_size):
        net(torch.zeros(batch_size, 4)).sum().backward()
        optimizer.step()

    num_frames = 10_000
    for frame in range(1, num_frames + 1):
        learn(32)
    num_frames = 1_400_000
    for frame in range(1, num_frames + 1):
        learn(32)
"""


def test_every_loop_that_calls_what_trains(tmp_path: Path) -> None:
    assert _numbers(steps, tmp_path, TWICE) == [10_000, 1_400_000]


RUNS = """
    import gym, torch

    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    batch_size, runs_per_agent, num_episodes = 16, 3, 450

    class Memory:
        def sample(self, batch_size):
            return torch.randn(batch_size, 4)

    def test(env, episodes=5):
        for episode in range(episodes):
            env.step(model(env.reset()))

    env, memory = gym.make("CartPole-v1"), Memory()
    print(memory.sample(5))
    for run in range(runs_per_agent):
        for episode in range(num_episodes):
            env.step(model(env.reset()))
            model(memory.sample(batch_size)).sum().backward()
            optimizer.step()
    test(env)
"""


def test_a_run_that_is_repeated_and_one_that_only_tests(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": RUNS})
    assert values(found, "steps") == [450]
    assert values(found, "batch_size") == [16]


DRAWN = """
    import gym
    import numpy as np
    import tensorflow as tf

    class Agent:
        def __init__(self, lr=0.01, batch_size=128):
            self.batch_size = batch_size
            cell = tf.contrib.rnn.BasicRNNCell(16)
            self.first = cell.zero_state(batch_size=1, dtype=tf.float32)
            self.sess = tf.Session()
            self.train_op = tf.train.RMSPropOptimizer(lr).minimize(tf.reduce_sum(tf.layers.dense(self.first, 2)))
        def learn(self, memory):
            index = np.random.choice(len(memory), size=self.batch_size)
            self.sess.run(self.train_op, {self.first: memory[index]})

    env, agent = gym.make("MountainCar-v0"), Agent()
    for episode in range(200):
        agent.learn(env.reset())
"""


def test_how_many_are_drawn_from_a_memory(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DRAWN}), "batch_size") == [128]


ENDLESS = """
    import gym, torch

    env, model, epoch = gym.make("Pong-v0"), torch.nn.Linear(4, 2), 4
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    while True:
        env.step(model(env.reset()))
        for i in range(epoch):
            model(torch.zeros(4)).sum().backward()
            optimizer.step()
"""


def test_epochs_of_each_update_in_a_run_without_an_end(tmp_path: Path) -> None:
    assert not values(analysed(tmp_path, {"train.py": ENDLESS}), "epochs")


def test_epochs_over_what_a_collector_collects_are_inner(tmp_path: Path) -> None:
    code = """
    import torch
    from torchrl.collectors import SyncDataCollector
    net = torch.nn.Linear(2, 2)
    opt = torch.optim.Adam(net.parameters())
    collector = SyncDataCollector(env, net, frames_per_batch=100, total_frames=5000)
    num_epochs = 10
    for i, batch in enumerate(collector):
        for _ in range(num_epochs):
            net(batch).sum().backward()
            opt.step()
    """
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == []
