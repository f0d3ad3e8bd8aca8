"""Agents of TF-Agents and of TensorFlow 1; what feeds, judges or fits in a loop over episodes is no setting."""

from __future__ import annotations

from pathlib import Path

from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.duration import epochs
from core.analysis.rules.rates import learning_rates
from tests.core.analysis.writing import analysed, names, program, values

AGENT = """
    import tensorflow as tf
    from absl import app
    from tf_agents.agents.ddpg import ddpg_agent
    from tf_agents.environments import suite_mujoco
    from tf_agents.utils import common

    def train_eval(root, env_name='HalfCheetah-v2', load=suite_mujoco.load, batch_size=64, rate=1e-4,
                   loss=tf.compat.v1.losses.huber_loss, recurrent=False):
        env = load(env_name)
        network = tf.keras.layers.LSTM(4) if recurrent else tf.keras.layers.Dense(4)
        agent = ddpg_agent.DdpgAgent(env.specs(), network, td_errors_loss_fn=loss,
                                     actor_optimizer=tf.compat.v1.train.AdamOptimizer(learning_rate=rate))
        data = buffer.as_dataset(sample_batch_size=batch_size)
        for step in range(1000):
            agent.train(next(data))

    def make_recurrent():
        return tf.keras.layers.LSTM(4)

    def main(_):
        train_eval('/tmp')

    if __name__ == '__main__':
        app.run(main)
"""


def test_an_agent_of_a_library(tmp_path: Path) -> None:
    files = {"train_eval.py": AGENT}
    assert names(tmp_path, files) == ["train_eval.py"]
    found = analysed(tmp_path, files, "train_eval.py")
    families = values(found, "architecture")
    assert families[:2] == ["DDPG", "Actor-Critic"] and "LSTM" not in families  # make_recurrent is not called
    assert values(found, "environment") == ["HalfCheetah-v2"]
    assert values(found, "loss") == ["huber_loss"]
    assert values(found, "batch_size") == [64]


def test_a_rate_that_is_fed(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        def learn(lr):
            lr_ = tf.placeholder(tf.float32)
            train = tf.train.RMSPropOptimizer(learning_rate=lr_).minimize(loss)
            session.run(train, {lr_: lr(1.0)})
        learn(lr=lambda _: 2e-4)
    """
    found = program(tmp_path, {"train.py": text})
    assert [(fact.value, fact.place.line) for fact in learning_rates(found)] == [(2e-4, 6)]


def test_a_rate_that_is_multiplied(tmp_path: Path) -> None:
    text = """
        import numpy as np
        from tensorflow.keras.optimizers import Adam
        class Policy:
            def __init__(self, units):
                self.lr_multiplier = 1.0
                self.lr = 9e-4 / np.sqrt(units)
                self.optimizer = Adam(self.lr * self.lr_multiplier)
        Policy(read())
    """
    assert [fact.value for fact in learning_rates(program(tmp_path, {"train.py": text}))] == [9e-4]


def test_what_each_episode_fits_is_not_the_length_of_training(tmp_path: Path) -> None:
    text = """
        import keras
        model = keras.Sequential()
        for {target} in range(1000):
            model.fit(read(), epochs=10)
    """
    inner = program(tmp_path, {"train.py": text.replace("{target}", "episode")})
    folds = program(tmp_path, {"train.py": text.replace("{target}", "fold")})
    assert [fact.value for fact in epochs(inner)] == []
    assert [fact.value for fact in epochs(folds)] == [10]


def test_a_batch_whose_help_says_that_it_is_for_the_test(tmp_path: Path) -> None:
    text = """
        import argparse
        from keras.models import Sequential
        parser = argparse.ArgumentParser()
        parser.add_argument('--batch_size', type=int, default=1, help='The size of batch {when}')
        args = parser.parse_args()
        Sequential().fit(read(), batch_size=args.batch_size)
    """
    told = {when: program(tmp_path, {"train.py": text.replace("{when}", when)}) for when in ("in the test phase", "")}
    found = {when: [fact.value for fact in batch_sizes(each)] for when, each in told.items()}
    assert found == {"in the test phase": [], "": [1]}


def test_a_rate_that_is_assigned_by_a_formula(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        LR_INIT, LR_END = 1e-3, 1e-6
        optimizer = tf.keras.optimizers.Adam()
        for step in range(1000):
            if step < warmup():
                lr = step / warmup() * LR_INIT
            else:
                lr = LR_END + 0.5 * (LR_INIT - LR_END) * (1 + tf.cos(step))
            optimizer.lr.assign(lr.numpy())
    """
    found = list(learning_rates(program(tmp_path, {"train.py": text})))
    assert {fact.value for fact in found} == {1e-3} and found[0].place.line == 2


def test_an_agent_of_torchrl(tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn
        from torchrl.envs.libs.gym import GymEnv
        from torchrl.objectives import ClipPPOLoss
        env = GymEnv('Hopper-v4')
        actor = nn.Sequential(nn.Linear(11, 64), nn.Tanh(), nn.Linear(64, 3))
        loss_module = ClipPPOLoss(actor_network=actor, critic_network=None)
        optim = torch.optim.Adam(loss_module.parameters(), 3e-4)
        for batch in collector:
            loss_module(batch)['loss_objective'].backward()
            optim.step()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture")[:1] == ["PPO"]
    assert values(found, "environment") == ["Hopper-v4"]
    assert values(found, "loss") == ["ClipPPOLoss"]


PFRL = """
    import argparse
    import pfrl
    import torch
    from pfrl import agents, experiments
    from pfrl.wrappers import atari_wrappers

    parser = argparse.ArgumentParser()
    parser.add_argument("--env", default="BreakoutNoFrameskip-v4")
    parser.add_argument("--steps", type=int, default=8 * 10**7)
    parser.add_argument("--max-frames", type=int, default=108_000)
    args = parser.parse_args()
    env = atari_wrappers.wrap_deepmind(atari_wrappers.make_atari(args.env, max_frames=args.max_frames))
    model = torch.nn.Sequential(torch.nn.Conv2d(4, 16, 8), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16, 4))
    opt = pfrl.optimizers.RMSpropEpsInsideSqrt(model.parameters(), lr=7e-4)
    agent = agents.DoubleDQN(model, opt, minibatch_size=32)
    experiments.train_agent_with_evaluation(agent=agent, env=env, steps=args.steps)
"""


def test_an_agent_that_a_library_trains_for_so_many_steps(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": PFRL})
    assert values(found, "environment") == ["BreakoutNoFrameskip-v4"]
    assert values(found, "architecture") == ["DQN", "CNN"]
    assert values(found, "optimizer") == ["RMSprop"]
    assert values(found, "steps") == [8 * 10**7]
    assert values(found, "task") == ["reinforcement learning"]
    assert values(found, "batch_size") == [32]


DOOM = """
    import tensorflow as tf
    from vizdoom import *

    game = DoomGame()
    game.load_config("scenarios/basic.cfg")
    game.init()
    train_op = tf.train.RMSPropOptimizer(2e-4).minimize(tf.layers.dense(tf.placeholder(tf.float32, (None, 9)), 3))
    for episode in range(500):
        tf.Session().run(train_op)
"""


def test_a_scenario_of_a_game(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DOOM}), "environment") == ["VizDoom-basic"]


SNAKE = """
    import torch

    class SnakeGameAI:
        def reset(self):
            self.head = 0
        def play_step(self, action):
            return 1, False, 0

    game, model = SnakeGameAI(), torch.nn.Linear(11, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    while True:
        reward, done, score = game.play_step(model(torch.zeros(11)))
        target = reward + 0.9 * torch.max(model(torch.zeros(11)))
        ((target - model(torch.zeros(11))) ** 2).mean().backward()
        optimizer.step()
"""


def test_a_game_that_is_played_step_by_step(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SNAKE})
    assert values(found, "environment") == ["SnakeGameAI"]
    assert "DQN" in values(found, "architecture")


BASELINE = """
    import torch.nn as nn
    from stable_baselines3 import PPO
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

    class Eyes(BaseFeaturesExtractor):
        def __init__(self, space, features_dim=256):
            super().__init__(space, features_dim)
            self.cnn = nn.Sequential(nn.Conv2d(3, 32, 8), nn.ReLU(), nn.Flatten(), nn.Linear(64, features_dim))
        def forward(self, seen):
            return self.cnn(seen)

    def linear(start):
        def rate(left):
            return left * start
        return rate

    told = dict(n_steps=1024, batch_size=64, n_epochs=4)
    extractor = dict(features_extractor_class=Eyes, features_extractor_kwargs=dict(features_dim=128))
    agent = PPO("CnnPolicy", "BreakoutNoFrameskip-v4", learning_rate=linear(3e-4), policy_kwargs=extractor, **told)
    agent.learn(1_000_000)
"""


def test_what_an_agent_of_a_library_is_told(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": BASELINE})
    assert values(found, "learning_rate") == [3e-4]
    assert values(found, "model_classes") == ["Eyes"]
    assert "CNN" in values(found, "architecture")
    assert not values(found, "epochs")  # of each update
    assert values(found, "batch_size") == [64]


SHARED = """
    import gym, torch

    class SharedAdam(torch.optim.Adam):
        def __init__(self, params, lr=1e-4, betas=(0.9, 0.99)):
            super().__init__(params, lr=lr, betas=betas)

    env, model = gym.make("CartPole-v0"), torch.nn.Linear(4, 2)
    optimizer = SharedAdam(model.parameters())
    for episode in range(100):
        log_probs, gae = model(env.reset()), env.step(0)[1]
        actor_loss = -(log_probs * gae).sum()
        actor_loss.backward()
        optimizer.step()
"""


def test_a_rate_that_an_optimizer_of_ones_own_begins_with(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SHARED})
    assert values(found, "learning_rate") == [1e-4]
    assert "Policy Gradient" in values(found, "architecture")
