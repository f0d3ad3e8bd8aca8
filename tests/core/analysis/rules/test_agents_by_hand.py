"""Agents that are written out step by step, as books do: what is weighed, what is only watched, what acts by chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

AGENT = """
    import gym, torch
    import torch.nn as nn, torch.nn.functional as F

    class Tracker:
        def __init__(self, writer, batch_size):
            self.batch_size = batch_size

    BATCH_SIZE = 32
    PROCESSES_COUNT = 4
    env = gym.make("CartPole-v0")
    act_net, crt_net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2)), nn.Linear(6, 51)
    opt = torch.optim.Adam(act_net.parameters(), lr=1e-3)
    tracker = Tracker(None, batch_size=100)
    for proc_idx in range(PROCESSES_COUNT):
        for states_v, actions_t, batch_qvals_v, proj_distr_v in source(env):
            if len(states_v) < BATCH_SIZE:
                continue
            log_prob_v = F.log_softmax(act_net(states_v), dim=1)
            {loss}
            loss_v.mean().backward()
            opt.step()
"""


@pytest.mark.parametrize(
    ("loss", "family"),
    [
        ("loss_v = -(batch_qvals_v * log_prob_v[range(len(states_v)), actions_t])", "Policy Gradient"),
        ("cur_v = act_net(states_v); loss_v = -crt_net.to_q(crt_net(states_v, cur_v))", "DDPG"),
        ("loss_v = -F.log_softmax(crt_net(states_v), dim=1) * proj_distr_v", "MLP"),
    ],
)  # fmt: skip
def test_what_is_weighed_by_what(loss: str, family: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": AGENT.replace("{loss}", loss)})
    assert values(found, "architecture")[0] == family
    assert values(found, "batch_size") == [32]
    assert not values(found, "epochs")


SCREENS = """
    import gym, torch
    import torch.nn as nn

    class Discriminator(nn.Module):
        def __init__(self):
            super().__init__()
            self.pipe = nn.Sequential(nn.Conv2d(3, 64, 4), nn.ReLU(), nn.Conv2d(64, 1, 4), nn.Sigmoid())
        def forward(self, x):
            return self.pipe(x)

    class Generator(nn.Module):
        def __init__(self):
            super().__init__()
            self.pipe = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.ReLU(), nn.ConvTranspose2d(64, 3, 4))
        def forward(self, x):
            return self.pipe(x)

    def batches(env):
        env.reset()
        while True:
            obs, reward, is_done, _ = env.step(env.action_space.sample())
            yield obs

    net_discr, net_gener, objective = Discriminator(), Generator(), nn.BCELoss()
    gen_optimizer = torch.optim.Adam(net_gener.parameters(), lr=1e-4)
    dis_optimizer = torch.optim.Adam(net_discr.parameters(), lr=1e-4)
    for batch_v in batches(gym.make("Breakout-v0")):
        gen_output_v = net_gener(torch.randn(16, 100, 1, 1))
        dis_loss = objective(net_discr(batch_v), ones) + objective(net_discr(gen_output_v.detach()), zeros)
        dis_loss.backward()
        dis_optimizer.step()
        gen_loss = objective(net_discr(gen_output_v), ones)
        gen_loss.backward()
        gen_optimizer.step()
"""


def test_who_acts_by_chance_only_collects_pictures(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCREENS})
    assert "GAN" in values(found, "architecture")
    assert values(found, "task") == ["image generation"]


TWO_NETWORKS = """
    import gym, torch
    import torch.nn as nn

    class NoveltyTarget(nn.Linear):
        pass

    class NoveltyPredictor(nn.Linear):
        pass

    env, target, predictor = gym.make("M-v0"), NoveltyTarget(4, 8), NoveltyPredictor(4, 8)
    optimizer = torch.optim.Adam(predictor.parameters(), lr=1e-4)
    obs = env.reset()
    for step in range(100):
        obs, reward, done, info = env.step(0)
        ((predictor(obs) - target(obs)) ** 2).mean().backward()
        optimizer.step()
"""


def test_novelty_by_two_networks(tmp_path: Path) -> None:
    assert "RND" in values(analysed(tmp_path, {"train.py": TWO_NETWORKS}), "architecture")


DRAWS = """
    import gym, random, torch
    import torch.nn as nn

    class ReplayBuffer:
        def __init__(self):
            self.buffer = []
        def sample(self, batch_size):
            return zip(*random.sample(self.buffer, batch_size))

    class Config:
        def __init__(self):
            self.batch_size = 64

    class Agent:
        def __init__(self, cfg):
            self.batch_size, self.memory = cfg.batch_size, ReplayBuffer()
            self.actor, self.critic_1, self.critic_2 = nn.Linear(3, 2), nn.Linear(5, 1), nn.Linear(5, 1)
            self.log_alpha = torch.tensor(0.0)
            self.optimizer = torch.optim.Adam(self.actor.parameters(), lr=3e-4)
        def update(self):
            states, actions, rewards = self.memory.sample(self.batch_size)
            new_actions, log_prob = self.actor(states)
            entropy = -log_prob
            q1_value, q2_value = self.critic_1(states, new_actions), self.critic_2(states, new_actions)
            loss = torch.mean(-self.log_alpha.exp() * entropy - torch.min(q1_value, q2_value))
            loss.backward()
            self.optimizer.step()

    env, agent = gym.make("Pendulum-v0"), Agent(Config())
    for i_episode in range(100):
        env.step(env.reset())
        agent.update()
"""


def test_what_is_drawn_from_a_memory_is_the_batch(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": DRAWS})
    assert values(found, "batch_size") == [64]
    assert values(found, "architecture")[:2] == ["SAC", "Actor-Critic"]


SCANNED = """
    import gymnax, jax, optax
    import flax.linen as nn

    def make_train(config):
        config["NUM_UPDATES"] = config["TOTAL_TIMESTEPS"] // config["NUM_STEPS"]
        env, env_params = gymnax.make(config["ENV_NAME"])
        tx = optax.adam(config["LR"])
        def update(state, _):
            grads = jax.grad(lambda params: nn.Dense(2).apply(params, env.reset(0)))(state)
            return optax.apply_updates(state, tx.update(grads, state)), None
        def train(rng):
            return jax.lax.scan(update, rng, None, config["NUM_UPDATES"])
        return train

    if __name__ == "__main__":
        config = {"LR": 2.5e-4, "NUM_STEPS": 128, "TOTAL_TIMESTEPS": 500_000, "GAMMA": 0.99, "ENV_NAME": "CartPole-v1"}
        make_train(config)(jax.random.PRNGKey(30))
"""


def test_settings_that_a_dict_holds(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCANNED})
    assert values(found, "settings.GAMMA") == [0.99]
    assert values(found, "steps") == [500_000]
    assert values(found, "learning_rate") == [2.5e-4]


SCOPES = """
    import gym
    import tensorflow as tf

    env, seen = gym.make("MountainCar-v0"), tf.placeholder(tf.float32, (None, 2))
    with tf.variable_scope("random_net"):
        rand_encode = tf.layers.dense(seen, 1000)
    with tf.variable_scope("predictor"):
        out = tf.layers.dense(tf.layers.dense(seen, 128, tf.nn.relu), 1000)
    reward = tf.reduce_sum(tf.square(rand_encode - out), axis=1)
    train_op = tf.train.RMSPropOptimizer(0.01).minimize(tf.reduce_mean(reward))
    for episode in range(200):
        tf.Session().run(train_op, {seen: env.reset()})
"""


def test_novelty_in_a_graph(tmp_path: Path) -> None:
    assert "RND" in values(analysed(tmp_path, {"train.py": SCOPES}), "architecture")


TRADING = """
import numpy as np
import tensorflow as tf
class Agent:
    def __init__(self, size):
        self.x = tf.placeholder(tf.float32, [None, size])
        self.y = tf.placeholder(tf.float32, [None, 3])
        self.logits = tf.layers.dense(tf.layers.dense(self.x, 256), 3)
        self.cost = tf.reduce_mean(tf.square(self.y - self.logits))
        self.optimizer = tf.train.GradientDescentOptimizer(1e-5).minimize(self.cost)
        self.sess, self.gamma, self.memory = tf.InteractiveSession(), 0.95, []
    def replay(self):
        worth = self.sess.run(self.logits, {self.x: self.states})
        later = self.sess.run(self.logits, {self.x: self.new_states})
        for i, (state, action, reward, done) in enumerate(self.memory):
            target = worth[i]
            target[action] = reward
            if not done:
                target[action] += self.gamma * np.amax(later[i])
        self.sess.run([self.cost, self.optimizer], {self.x: self.states, self.y: worth})
agent = Agent(30)
for day in range(200):
    agent.replay()
"""


def test_worth_is_added_to_an_item_that_was_the_reward(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": TRADING}), "architecture") == ["DQN", "MLP"]
    counted = TRADING.replace("self.gamma * np.amax(later[i])", "later[i]")
    assert values(analysed(tmp_path, {"train.py": counted}), "architecture") == ["MLP"]


WORTH = """
    import gym, random
    import numpy as np
    from keras.layers import Dense
    from keras.models import Sequential

    env, memory = gym.make("CartPole-v1"), []
    judge = Sequential([Dense(64, input_dim=4), Dense(2)])
    judge.compile(loss="mse", optimizer="adam")

    def worth_of(later, gained):
        worth = {worth}
        worth *= 0.95
        worth += gained_reward
        return worth

    for episode in range(200):
        state, over = env.reset(), False
        while not over:
            action = np.argmax(judge.predict(state)[0])
            later, gained_reward, over, _ = env.step(action)
            told = judge.predict(state)
            told[0][action] = worth_of(later, gained_reward)
            judge.fit(state, told, epochs=1)
            state = later
"""


@pytest.mark.parametrize(
    ("worth", "family"), [("np.amax(judge.predict(later)[0])", "DQN"), ("judge.predict(later)[0][0]", "MLP")]
)
def test_a_worth_that_is_discounted_in_its_place(worth: str, family: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WORTH.replace("{worth}", worth)})
    assert values(found, "architecture")[0] == family
