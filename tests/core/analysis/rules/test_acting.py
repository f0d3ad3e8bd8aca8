"""Agents as they are written in TensorFlow 1 and in JAX, and where they act."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.environment import environments
from core.analysis.rules.families.asking import acts
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.view import view
from tests.core.analysis.writing import analysed, names, program, values

GRAPH = """
    import gym
    import numpy as np
    import tensorflow as tf
    from gym.envs.toy_text import discrete

    class CliffEnv(discrete.DiscreteEnv):
        pass

    env = CliffEnv()

    class PolicyEstimator():
        def __init__(self, learning_rate=0.01):
            self.state = tf.placeholder(tf.float32, [None, 48])
            self.target = tf.placeholder(tf.float32)
            self.probs = tf.nn.softmax(tf.contrib.layers.fully_connected(self.state, 4))
            self.picked_action_prob = tf.gather(self.probs, 0)
            self.loss = -tf.log(self.picked_action_prob) * self.target
            self.train_op = tf.train.AdamOptimizer(learning_rate).minimize(self.loss)

    class ValueEstimator():
        def __init__(self, learning_rate=0.1):
            self.state = tf.placeholder(tf.float32, [None, 48])
            self.target = tf.placeholder(tf.float32)
            self.output = tf.contrib.layers.fully_connected(self.state, 1)
            self.loss = tf.squared_difference(self.output, self.target)
            self.train_op = tf.train.AdamOptimizer(learning_rate).minimize(self.loss)

    policy, value = PolicyEstimator(), ValueEstimator()
    with tf.Session() as sess:
        for episode in range(300):
            state = env.reset()
            state, reward, done, _ = env.step(0)
            sess.run([policy.train_op, value.train_op])
"""


def test_an_actor_and_its_critic_in_a_graph(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GRAPH})
    assert values(found, "architecture")[:2] == ["Actor-Critic", "Policy Gradient"]
    assert values(found, "model_classes") == ["PolicyEstimator", "ValueEstimator"]
    assert values(found, "learning_rate") == [0.01, 0.1]
    assert values(found, "environment") == ["CliffEnv"]


ALGORITHM = """
    import gym
    import jax, jax.numpy as jnp, optax
    import flax.linen as nn

    class Net(nn.Module):
        @nn.compact
        def __call__(self, *x):
            return nn.Dense(2)(nn.relu(nn.Dense(64)(jnp.concatenate(x))))

    def update(actor, critic, temp, batch, key):
        def loss_fn(params):
            {loss}
            return actor_loss
        return jax.grad(loss_fn)(actor.params)

    env = gym.make("HalfCheetah-v2")
    tx = optax.adam(3e-4)
    update(Net(), Net(), Net(), env.reset(), 0)
"""


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (
            "dist = actor.apply_fn(params, batch)\n"
            "            q = jnp.minimum(*critic(batch, dist.sample(seed=key)))\n"
            "            actor_loss = (dist.log_prob(batch) * temp() - q).mean()",
            "SAC",
        ),
        (
            "actions = actor.apply_fn(params, batch)\n"
            "            q1, q2 = critic(batch, actions)\n"
            "            q = jnp.minimum(q1, q2)\n"
            "            actor_loss = -q.mean()",
            "DDPG",
        ),
    ],
)
def test_losses_of_actors(loss: str, expected: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ALGORITHM.replace("{loss}", loss)})
    assert values(found, "architecture")[0] == expected


def test_what_wraps_an_environment_is_none(tmp_path: Path) -> None:
    text = """
        import gym
        class Scaled(gym.Wrapper):
            pass
        env = Scaled(gym.make('CartPole-v1'))
    """
    assert [fact.value for fact in environments(program(tmp_path, {"train.py": text}))] == ["CartPole-v1"]


def test_an_object_that_builds_one_layer_by_a_function(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        def conv(x, size):
            return tf.nn.conv2d(x, tf.get_variable('w', [3, 3, 1, size]), [1, 1, 1, 1], 'SAME')
        class Net(object):
            def __init__(self):
                self.out = conv(tf.placeholder(tf.float32), 8)
        class Reader(object):
            def __init__(self):
                self.queue = tf.train.batch([1], 2)
        net, reader = Net(), Reader()
    """
    assert [fact.value for fact in model_classes(program(tmp_path, {"train.py": text}))] == ["Net"]


def test_an_app_runs_its_main(tmp_path: Path) -> None:
    main = """
        import unittest
        import tensorflow as tf
        from model import Net
        flags = tf.app.flags
        flags.DEFINE_float('learning_rate', 0.0002, 'rate')
        def main(_):
            Net().train(flags.FLAGS.learning_rate)
        if __name__ == '__main__':
            tf.app.run()
    """
    model = """
        import tensorflow as tf
        class Net(object):
            def train(self, rate):
                loss = tf.layers.dense(tf.placeholder(tf.float32, [None, 4]), 1)
                tf.train.AdamOptimizer(rate).minimize(loss)
    """
    files = {"main.py": main, "model.py": model}
    (name,) = names(tmp_path, files)
    assert values(analysed(tmp_path, files, name), "learning_rate") == [0.0002]


def test_a_configuration_that_one_script_takes_by_default_is_no_model_of_another(tmp_path: Path) -> None:
    script = """
        from absl import app, flags
        from ml_collections import config_flags
        import optax, jax
        config_flags.DEFINE_config_file('config', 'configs/{}.py')
        def main(_):
            tx = optax.adam(flags.FLAGS.config.lr)
            jax.grad(lambda w: w)(tx)
        if __name__ == '__main__':
            app.run(main)
    """
    config = """
        import ml_collections
        def get_config():
            config = ml_collections.ConfigDict()
            config.lr = 0.1
            return config
    """
    files = {"train.py": script.replace("{}", "a"), "other.py": script.replace("{}", "b")}
    files |= {f"configs/{name}.py": config for name in "abc"}
    assert names(tmp_path, files) == ["configs/c.py", "other.py", "train.py"]


@pytest.mark.parametrize("solver", ["conjugate_gradients", "conjugated_gradient", "cg"])
def test_a_step_within_a_trusted_region(solver: str, tmp_path: Path) -> None:
    text = """
        import gym, torch
        from torch import nn
        policy = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 2))
        env = gym.make('Hopper-v2')
        def fisher_vector_product(v):
            return torch.autograd.grad(kl(policy) @ v, policy.parameters())
        def conjugate_gradients(product, b):
            return product(b)
        def update(states, actions, advantages):
            loss = -(policy(states).log_prob(actions) * advantages).mean()
            direction = conjugate_gradients(fisher_vector_product, torch.autograd.grad(loss, policy.parameters()))
            move(policy, direction)
        for step in range(100):
            update(*env.step(env.reset()))
    """
    text = text.replace("conjugate_gradients", solver)
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[:2] == ["TRPO", "Policy Gradient"]


WRAPPED = """
class {name}:
    def __init__(self, size):
        self.inner = simulator(size)
    def reset(self):
        return self.inner.reset_all()
    def step(self, action):
        return self.inner.seen(), self.inner.reward(action), self.inner.over(), {}
play({name}(4))
"""


def test_who_plays_a_wrapped_world_acts(tmp_path: Path) -> None:
    for name in ("Arena", "ArenaWrapper"):
        assert acts(view(program(tmp_path, {"train.py": WRAPPED.replace("{name}", name)})))
