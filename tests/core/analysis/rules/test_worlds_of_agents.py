"""Agents in worlds of the user's own, and what tells one kind of agent from another."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

WORLD = """
    class Maze:
        def reset(self):
            return 0
        def step(self, action):
            return 0, 1.0, False
"""

METHODS = """
    import torch, torch.nn.functional as F
    from maze import Maze

    class Agent:
        def __init__(self, network):
            self.network = network
            self.optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)

        def q_values_for_next_states(self, next_states):
            return self.network(next_states).detach().max(1)[0]

        def q_values_for_states(self, rewards, q_targets_next, dones):
            return rewards + self.discount_rate * q_targets_next * (1 - dones)

        def learn(self, states, rewards, next_states, dones):
            wanted = self.q_values_for_states(rewards, self.q_values_for_next_states(next_states), dones)
            loss = F.mse_loss(self.network(states), wanted)
            loss.backward()
            self.optimizer.step()

    env, agent = Maze(), Agent(torch.nn.Linear(4, 2))
    state, frame, over = env.reset(), 0, False
    while frame < 7000 and not over:
        state, reward, done = env.step(0)
        agent.learn(state, reward, state, done)
"""


def test_a_world_of_ones_own(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": METHODS, "maze.py": WORLD})
    assert values(found, "environment") == ["Maze"]
    assert values(found, "steps") == [7000]


CRITIC = """
    import gym, torch
    import numpy as np

    def update(batch, target_critic, alpha, backup_entropy):
        next_actions, log_probs = actor(batch.next)
        q = torch.min(*target_critic(batch.next, next_actions))
        target = batch.reward + 0.99 * q
        if backup_entropy:
            target = target - 0.99 * (alpha() * log_probs)
        loss = ((critic(batch.now) - target) ** 2).mean()
        loss.backward()
        optimizer.step()

    env = gym.make("Hopper-v2")
    actor, critic = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for step in range(1000):
        update(sample(), critic, temperature, {entropy})
"""


def test_entropy_that_the_settings_leave_out(tmp_path: Path) -> None:
    with_it = analysed(tmp_path / "a", {"train.py": CRITIC.replace("{entropy}", "True")})
    assert "SAC" in values(with_it, "architecture")
    without = analysed(tmp_path / "b", {"train.py": CRITIC.replace("{entropy}", "False")})
    assert "SAC" not in values(without, "architecture")


GRAPH = """
    import gym
    import tensorflow as tf

    class Agent:
        def __init__(self):
            self.s = tf.placeholder(tf.float32, [None, 3])
            self.a = self._build_actor(self.s)
            q = self._build_critic(self.s, self.a)
            td_error = tf.losses.mean_squared_error(labels=reward + 0.9 * q_next, predictions=q)
            self.train_critic = tf.train.AdamOptimizer(0.002).minimize(td_error)
            a_loss = -tf.reduce_mean(q)
            self.train_actor = tf.train.AdamOptimizer(0.001).minimize(a_loss)

        def _build_actor(self, s):
            return tf.layers.dense(s, 1, activation=tf.nn.tanh)

        def _build_critic(self, s, a):
            w_s, w_a = tf.get_variable("w_s", [3, 30]), tf.get_variable("w_a", [1, 30])
            return tf.layers.dense(tf.nn.relu(tf.matmul(s, w_s) + tf.matmul(a, w_a)), 1)

    env, agent, sess = gym.make("Pendulum-v0"), Agent(), tf.Session()
    for episode in range(200):
        state = env.reset()
        sess.run([agent.train_actor, agent.train_critic])
"""


def test_a_critic_of_state_and_action_carries_no_state(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GRAPH})
    assert values(found, "architecture") == ["DDPG", "Actor-Critic", "MLP"]
    assert values(found, "learning_rate") == [0.002, 0.001]


WEIGHED = """
    import gym
    import tensorflow as tf

    env = gym.make("CartPole-v0")
    logits = tf.layers.dense(tf.placeholder(tf.float32, (None, 4)), 2)
    weights_ph = tf.placeholder(tf.float32, (None,))
    log_probs = tf.reduce_sum(tf.one_hot(actions, 2) * tf.nn.log_softmax(logits), axis=1)
    train_op = tf.train.AdamOptimizer(1e-2).minimize(-tf.reduce_mean(weights_ph * log_probs))
    tf.Session().run(train_op)
"""


def test_what_was_gained_is_fed_by_a_placeholder(tmp_path: Path) -> None:
    assert "Policy Gradient" in values(analysed(tmp_path, {"train.py": WEIGHED}), "architecture")


SPREAD = """
    import numpy as np, tensorflow as tf
    from spread import spread

    x = tf.placeholder(tf.float32, (None, 784))
    logits = tf.layers.dense(tf.layers.dense(x, 64, activation=tf.nn.relu), 10)
    loss = tf.losses.softmax_cross_entropy(labels, logits)
    train_op = tf.train.AdamOptimizer().minimize(loss)
    sess = tf.Session()
    for epoch in range(5):
        outs = sess.run([loss, train_op])
        print(spread(outs))
"""


def test_distances_from_a_mean_reconstruct_nothing(tmp_path: Path) -> None:
    helper = """
        import numpy as np
        def total(x):
            return np.sum(x)
        def spread(x):
            mean = total(x) / len(x)
            return total((x - mean) ** 2)
    """
    assert values(analysed(tmp_path, {"train.py": SPREAD, "spread.py": helper}), "architecture") == ["MLP"]


OVER = """
    import torch

    class Grid:
        def __init__(self):
            self.at, self.goal = [0, 0], [4, 4]
        def reset(self):
            return self.at
        def step(self, action):
            done = self.at == self.goal
            return self.at, float(action), done

    class Agent:
        def __init__(self):
            self.model = torch.nn.Sequential(torch.nn.Linear(2, 24), torch.nn.ReLU(), torch.nn.Linear(24, 4))
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        def train_model(self, states, actions, returns_t):
            chosen = torch.log_softmax(self.model(states), dim=-1).gather(1, actions)
            loss = -(chosen * returns_t).sum()
            loss.backward()
            self.optimizer.step()

    env, agent = Grid(), Agent()
    for e in range(2500):
        state, done = env.reset(), False
        while not done:
            state, reward, done = env.step(1)
            if done:
                agent.train_model(state, 1, reward)
"""


def test_what_a_world_answers_differs_at_each_turn(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": OVER})
    assert values(found, "architecture") == ["Policy Gradient", "MLP"]
    assert values(found, "environment") == ["Grid"]


WORKERS = """
    import gym, torch
    import torch.multiprocessing as mp

    class Worker(mp.Process):
        def __init__(self, net, opt, env_id):
            super().__init__()
            self.net, self.opt, self.env = net, opt, gym.make(env_id)
        def run(self):
            for episode in range(3000):
                logits, values = self.net(self.env.reset())
                returns = self.env.step(0)
                critic_loss = (returns - values) ** 2
                actor_loss = -torch.log_softmax(logits, -1) * (returns - values)
                (critic_loss + actor_loss).mean().backward()
                self.opt.step()

    net = torch.nn.Linear(4, 2)
    opt = torch.optim.Adam(net.parameters(), lr=1e-4)
    workers = [Worker(net, opt, "CartPole-v0") for i in range(mp.cpu_count())]
    [w.start() for w in workers]
"""


def test_workers_of_which_nobody_knows_how_many(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WORKERS})
    assert values(found, "architecture")[:2] == ["Actor-Critic", "Policy Gradient"]
    assert values(found, "steps") == [3000]


SEVERAL = """
    import gym, torch
    from baselines.common.vec_env import VecEnv

    class Vector(VecEnv):
        def __init__(self, env_fns):
            self.envs = [make() for make in env_fns]
        def reset(self):
            return [env.reset() for env in self.envs]
        def step(self, action):
            return self.envs[0].step(action), 0.0, False, {}

    def update(obs, agents, vf_in):
        pol_loss = -agents[0].critic(vf_in).mean()
        pol_loss.backward()
        optimizer.step()

    policy, critic = torch.nn.Linear(4, 2), torch.nn.Linear(6, 1)
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
    envs = Vector([make_world])
    for episode in range(100):
        obs = envs.reset()
        obs, reward, done, info = envs.step(policy(obs))
        update(obs, agents, obs)
"""


def test_what_steps_many_worlds_is_none(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SEVERAL})
    assert not values(found, "environment")
    assert values(found, "architecture")[:2] == ["DDPG", "Actor-Critic"]


def test_a_world_without_a_name_of_its_own_is_not_named(tmp_path: Path) -> None:
    files = {"train.py": METHODS.replace("Maze", "Env"), "maze.py": WORLD.replace("Maze", "Env")}
    found = analysed(tmp_path, files)
    assert not values(found, "environment") and values(found, "task") == ["reinforcement learning"]


WRAPPED = """
    import gym, functools
    from gym import Wrapper

    def reviewed(cls):
        before = cls.__init__
        @functools.wraps(before)
        def wrapper(self, *args, **kwargs):
            before(self, *args, **kwargs)
        cls.__init__ = wrapper
        return cls

    @reviewed
    class SkipEnv(Wrapper):
        def __init__(self, env=None):
            super().__init__(env)
        def reset(self):
            return self.env.reset()
        def step(self, action):
            seen, reward, done, told = self.env.step(action)
            return seen, reward, done, told
"""


def test_a_wrapper_is_no_world_whatever_its_constructor_is_put_in(tmp_path: Path) -> None:
    code = METHODS.replace("env, agent = Maze()", "env, agent = SkipEnv(gym.make(name))").replace("Maze", "SkipEnv")
    found = analysed(tmp_path, {"train.py": code, "maze.py": WRAPPED})
    assert values(found, "environment") == []


def test_an_environment_is_told_where_the_run_tells_which_of_many(tmp_path: Path) -> None:
    script = (
        "import gymnasium as gym, torch\nTASKS = {'walk': 'Walker2d-v4', 'run': 'HalfCheetah-v4'}\nDEFAULT\n"
        "env = gym.make(TASKS[task])\nnet = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.Adam(net.parameters(), lr=0.1)\n"
        "for step in range(3):\n    loss = net(env.reset()[0]).sum()\n    loss.backward()\n    optimizer.step()\n"
    )
    for given, told in (("task = 'run'", ["HalfCheetah-v4"]), ("task = input()", [])):
        found = analysed(tmp_path, {"train.py": script.replace("DEFAULT", given)}, "train.py")
        assert values(found, "environment") == told
