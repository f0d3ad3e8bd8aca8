"""Agents built of TorchRL's modules and losses, and launchers beside them."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

ADVANTAGE = """
    import torch
    from torchrl.envs import GymEnv
    from torchrl.modules import MLP, ProbabilisticActor, ValueOperator
    from torchrl.objectives import A2CLoss
    from torchrl.objectives.value.advantages import GAE

    env = GymEnv("HalfCheetah-v4")
    actor = ProbabilisticActor(MLP(in_features=4, out_features=2, num_cells=[64, 64]))
    critic = ValueOperator(MLP(in_features=4, out_features=1, num_cells=[64, 64]))
    advantage = GAE(gamma=0.99, lmbda=0.95, value_network=critic)
    loss = A2CLoss(actor, critic)
    optimizer = torch.optim.Adam(loss.parameters(), lr=3e-4)
    for data in collector:
        actor_loss = loss.actor_loss(data)
        actor_loss.backward()
        optimizer.step()
"""


def test_modules_are_layers_and_losses_tell_the_family(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ADVANTAGE})
    assert values(found, "architecture") == ["Actor-Critic", "Policy Gradient", "MLP"]
    assert values(found, "loss") == ["A2CLoss"]


LOOP = """
    import tensorflow as tf
    class {name}:
        def __init__(self):
            self.net = tf.keras.Sequential([tf.keras.layers.Dense(4)])
            self.optimizer = tf.keras.optimizers.Adam(0.001)
        def train(self, states):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(self.net(states))
            self.optimizer.apply_gradients(zip(tape.gradient(loss, self.net.weights), self.net.weights))
"""


def test_what_is_done_when_a_script_is_run_is_no_choice(tmp_path: Path) -> None:
    launcher = """
    from agent import Agent
    from judge import Judge
    if __name__ == "__main__":
        agent, judge = Agent(), Judge()
        for _ in range(100):
            agent.train(replay.sample())
            judge.train(replay.sample())
    """
    files = {"run.py": launcher, "agent.py": LOOP.format(name="Agent"), "judge.py": LOOP.format(name="Judge")}
    assert names(tmp_path, files) == ["run.py"]


def test_a_value_is_judged_by_what_its_error_is_made_of(tmp_path: Path) -> None:
    script = """
    import gym, torch
    import torch.nn as nn
    env = gym.make("CartPole-v1")
    actor, critic = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2)), nn.Linear(4, 1)
    optimizer = torch.optim.Adam(actor.parameters(), lr=0.001)
    for episode in range(10):
        states, returns, advantages = play(env, actor)
        log_probs = torch.distributions.Categorical(logits=actor(states)).log_prob(states)
        actor_loss = (-log_probs * advantages).mean()
        current = critic(states)
        errors = returns - current
        value_loss = torch.square(errors).mean()
        (actor_loss + value_loss).backward()
        optimizer.step()
    """
    assert "Actor-Critic" in values(analysed(tmp_path, {"train.py": script}), "architecture")
