"""Where agents act, on what they train, and what their buffers decide."""

from __future__ import annotations

from pathlib import Path

from core.analysis.rules.details import seeds
from core.analysis.rules.environment import environments
from core.analysis.rules.hardware import hardware
from core.analysis.rules.rates import learning_rates
from tests.core.analysis.writing import analysed, program, values

BUFFER = """
    import torch as th

    def find_device(device):
        if device == "auto":
            device = "cuda"
        device = th.device(device)
        return th.device("cpu") if device.type == th.device("cuda").type else device

    class Buffer:
        def __init__(self, device):
            self.device = find_device(device)
"""
HELPED = """
    import jax, optax, flax.linen as nn
    from dataclasses import dataclass
    import tyro
    from buffers import Buffer

    @dataclass
    class Args:
        cuda: bool = True

    args = tyro.cli(Args)
    net = nn.Dense(2)
    state = net.init(jax.random.PRNGKey(0), 1.0)
    optimizer = optax.adam(1e-3)
    held = Buffer("cpu")
    grads = jax.grad(lambda p: net.apply(p, 1.0).sum())(state)
"""


def test_torch_that_only_holds_the_data_of_jax(tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": HELPED, "buffers.py": BUFFER})
    assert list(hardware(found)) == []


def test_environments_of_modules_that_options_name(tmp_path: Path) -> None:
    text = """
        import argparse, importlib
        parser = argparse.ArgumentParser()
        parser.add_argument("--env-id", default="pong_v3")
        args = parser.parse_args()
        env = importlib.import_module(f"pettingzoo.atari.{args.env_id}").parallel_env()
    """
    (found,) = environments(program(tmp_path, {"train.py": text}))
    assert (found.value, found.place.line) == ("pong_v3", 3)


def test_environments_by_their_task(tmp_path: Path) -> None:
    text = "import isaacgymenvs\nenvs = isaacgymenvs.make(seed=1, task='Ant', num_envs=4096)"
    assert [fact.value for fact in environments(program(tmp_path, {"train.py": text}))] == ["Ant"]


def test_a_smoothing_constant_is_no_rate(tmp_path: Path) -> None:
    text = "import torch\ntorch.optim.RMSprop([], 7e-4, eps=1e-5, alpha=0.99)"
    assert [fact.value for fact in learning_rates(program(tmp_path, {"train.py": text}))] == [7e-4]


MEMORY = """
    import gym, torch

    class Agent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.memory = []
            self.body = torch.nn.Linear(3, 2)
            self.optimizer = torch.optim.Adam(self.parameters(), lr=1e-3)

        def keep(self, transition):
            self.memory.append(transition)

        def learn(self):
            if len(self.memory) == 320:
                torch.nn.functional.smooth_l1_loss(self.body(torch.zeros(3)), torch.zeros(2)).backward()
                torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
                self.optimizer.step()

    env, agent = gym.make("Pendulum-v1"), Agent()
    for episode in range(1000):
        agent.keep(env.step(0))
        agent.learn()
"""


def test_memories_that_fill_in_a_loop(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MEMORY})
    assert values(found, "loss") == ["smooth_l1_loss"]
    assert values(found, "grad_clip") == [1.0]


ACTOR_CRITIC = """
    import gym, torch
    import torch.nn.functional as F

    class Agent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc_pi, self.fc_v = (torch.nn.Linear(4, n) for n in (256, 2, 1))

        def pi(self, x):
            return F.softmax(self.fc_pi(F.relu(self.fc1(x))), dim=1)

        def v(self, x):
            return self.fc_v(F.relu(self.fc1(x)))

    def train(agent, optimizer, s, a, target):
        delta = target - agent.v(s)
        pi_a = agent.pi(s).gather(1, a)
        loss = -torch.log(pi_a) * delta.detach() + F.smooth_l1_loss(agent.v(s), target.detach())
        loss.mean().backward()
        optimizer.step()

    env, agent = gym.make("CartPole-v1"), Agent()
    optimizer = torch.optim.Adam(agent.parameters(), lr=2e-4)
    for episode in range(1000):
        train(agent, optimizer, *env.step(0))
"""
TWINS = """
    import gym, jax, jax.numpy as jnp, optax, flax.linen as nn
    from flax.training.train_state import TrainState

    class Actor(nn.Module):
        @nn.compact
        def __call__(self, state):
            return nn.tanh(nn.Dense(2)(nn.relu(nn.Dense(64)(state))))

    class Critic(nn.Module):
        @nn.compact
        def __call__(self, state, action):
            return nn.Dense(1)(nn.relu(nn.Dense(64)(jnp.hstack([state, action]))))

    class Critics(nn.Module):
        @nn.compact
        def __call__(self, state, action):
            return nn.vmap(target=Critic, in_axes=None, out_axes=0, axis_size=2)()(state, action)

    def update(key, actor, critic, batch):
        next_actions = actor.apply_fn(actor.params, batch["next"])
        noise = jnp.clip(jax.random.normal(key, next_actions.shape) * 0.2, -0.5, 0.5)
        best = critic.apply_fn(critic.params, batch["next"], next_actions + noise).min(0)
        target = batch["rewards"] + 0.99 * best

        def actor_loss(params):
            actions = actor.apply_fn(params, batch["states"])
            q_values = critic.apply_fn(critic.params, batch["states"], actions).min(0)
            loss = (((actions - batch["actions"]) ** 2).sum(-1) - q_values).mean()
            return loss

        return actor.apply_gradients(grads=jax.grad(actor_loss)(actor.params))

    env, key = gym.make("Hopper-v4"), jax.random.PRNGKey(0)
    actor, critics = Actor(), Critics()
    state, action = env.reset(), env.step(0)
    adam = optax.adam(1e-3)
    actor_state = TrainState.create(apply_fn=actor.apply, params=actor.init(key, state), tx=adam)
    critic_state = TrainState.create(apply_fn=critics.apply, params=critics.init(key, state, action), tx=adam)
    for step in range(1000):
        update(key, actor_state, critic_state, {})
"""


def test_a_policy_beside_an_estimate_of_worth(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ACTOR_CRITIC})
    assert values(found, "architecture") == ["Actor-Critic", "Policy Gradient", "MLP"]


def test_critics_mapped_over_and_taken_from_a_penalty(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TWINS})
    assert values(found, "architecture")[:2] == ["TD3", "Actor-Critic"]
    assert set(values(found, "model_classes")) == {"Actor", "Critics", "Critic"}


def test_seeds_before_a_rank_is_added(tmp_path: Path) -> None:
    text = "import torch\nseed = 3\nfor rank in [4, 5]:\n    torch.manual_seed(seed + rank)"
    assert {fact.value for fact in seeds(program(tmp_path, {"train.py": text}))} == {3}


WORKERS = """
    import gym
    import tensorflow as tf
    from threading import Thread

    class Actor:
        def __init__(self):
            self.opt = tf.keras.optimizers.Adam(0.0005)
            self.model = tf.keras.Sequential([tf.keras.layers.Dense(32), tf.keras.layers.Dense(2)])

        def compute_loss(self, actions, logits, advantages):
            cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            return cross_entropy(actions, logits, sample_weight=tf.stop_gradient(advantages))

        def train(self, states, actions, advantages):
            with tf.GradientTape() as tape:
                loss = self.compute_loss(actions, self.model(states), advantages)
            self.opt.apply_gradients(zip(tape.gradient(loss, self.model.trainable_variables), []))

    class Worker(Thread):
        def __init__(self, env, actor):
            Thread.__init__(self)
            self.env, self.actor = env, actor

        def run(self):
            self.actor.train(*self.env.step(0))

    env, actor, workers = gym.make("CartPole-v1"), Actor(), []
    for index in range(4):
        workers.append(Worker(env, actor))
    for worker in workers:
        worker.start()
"""


def test_workers_that_are_threads_and_weights_of_samples(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WORKERS})
    assert values(found, "loss") == ["SparseCategoricalCrossentropy"]
    assert values(found, "architecture")[0] == "Policy Gradient"


READY = """
    import gymnasium as gym
    import torch
    from tianshou.algorithm import DQN
    from tianshou.algorithm.optim import AdamOptimizerFactory
    from tianshou.trainer import OffPolicyTrainerParams
    from tianshou.utils.net.common import Net

    def main(task="CartPole-v1", lr=1e-3, epoch=10, batch_size=64):
        env = gym.make(task)
        algorithm = DQN(policy=Net(4, 2), optim=AdamOptimizerFactory(lr=lr), gamma=0.9)
        algorithm.run_training(OffPolicyTrainerParams(max_epochs=epoch, batch_size=batch_size))

    if __name__ == "__main__":
        main()
"""


def test_ready_agents_and_how_they_are_trained(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": READY})
    assert values(found, "architecture") == ["DQN"]
    assert values(found, "environment") == ["CartPole-v1"]
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [1e-3]
    assert values(found, "epochs") == [10]
    assert values(found, "batch_size") == [64]


def test_a_history_that_grows_is_no_state(tmp_path: Path) -> None:
    text = """
        import gym, torch

        class Policy(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.last = torch.nn.Linear(4, 64), torch.nn.Linear(64, 2)

            def forward(self, states):
                states = torch.cat([torch.zeros(3, 4), states], dim=1).to(dtype=torch.float32)
                return self.last(torch.relu(self.first(states)))

        net = Policy()
        optimizer = torch.optim.Adam(net.parameters())
        net(torch.zeros(1, 4)).sum().backward()
        optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["MLP"]


LINEAR_POLICY = """
    import gym, torch

    env = gym.make("CartPole-v1")
    policy = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(policy.parameters())
    for episode in range(1000):
        state, reward, done, _ = env.step(0)
        log_prob = -torch.nn.functional.cross_entropy(policy(state), torch.zeros(1))
        loss = -log_prob * reward
        loss.backward()
        optimizer.step()
"""


def test_a_linear_policy_is_no_regression(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": LINEAR_POLICY}), "architecture")
    assert found[0] == "Policy Gradient" and "Logistic Regression" not in found


FLUENT = """
    from ray.rllib.algorithms.ppo import PPOConfig

    config = PPOConfig().environment("CartPole-v1").training(lr=5e-5, train_batch_size=4000)
    algo = config.build()
    for i in range(20):
        print(algo.train())
"""


def test_agents_that_are_configured_call_by_call(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": FLUENT})
    assert values(found, "architecture")[0] == "PPO"
    assert values(found, "environment") == ["CartPole-v1"]
    assert values(found, "learning_rate") == [5e-5]
    assert values(found, "batch_size") == [4000]


STORING = """
import jax, optax, rlax, collections
import haiku as hk
class Memory:
    def __init__(self, capacity):
        self.kept, self.count = collections.OrderedDict(), 0
    def add(self, item):
        number = self.count
        self.kept[number] = item
        self.count += 1
    @property
    def size(self):
        return len(self.kept)
class OnLifeLoss:
    def __call__(self, step):
        return step
class Agent:
    def __init__(self, network, memory):
        self.memory, self.seen = memory, OnLifeLoss()
        def loss_fn(params, batch):
            values = network.apply(params, batch.x)
            errors = jax.vmap(rlax.quantile_q_learning)(values, batch.action, batch.reward)
            return jax.numpy.mean(rlax.l2_loss(errors))
        self.learn = jax.jit(jax.grad(loss_fn))
    def step(self, item):
        self.memory.add(self.seen(item))
        if self.memory.size < 1000:
            return
        self.params = optax.apply_updates(self.params, self.learn(self.params, self.memory.sample(32)))
agent = Agent(hk.transform(lambda x: hk.nets.MLP([64, 2])(x)), Memory(100000))
while True:
    agent.step(world.step(agent.act()))
"""


def test_a_memory_that_fills_up_lets_the_agent_learn(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": STORING})
    assert values(analysis, "loss") == ["quantile_q_learning"]
    assert values(analysis, "architecture")[0] == "DQN"


SARSA = """
    import gym, random, torch
    from torch import nn
    world = gym.make("CartPole-v1")
    q = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(q.parameters(), lr=0.001)
    def play(state, action):
        follow, reward, done, _ = world.step(action)
        next_worth = q(torch.tensor(follow)).detach()
        CHOICE
        wanted = reward + 0.99 * next_worth[following]
        ((q(state)[action] - wanted) ** 2).backward()
        optimizer.step()
    for episode in range(100):
        play(torch.tensor(world.reset()), 0)
"""


def test_what_is_now_and_then_drawn_is_not_the_best(tmp_path: Path) -> None:
    best = "following = int(torch.argmax(next_worth))"
    drawn = f"{best}\n        if random.random() < 0.1:\n            following = random.randrange(2)"
    told = {"a.py": SARSA.replace("CHOICE", best), "b.py": SARSA.replace("CHOICE", drawn)}
    found = [values(analysed(tmp_path, told, name), "architecture") for name in told]
    assert found == [["DQN", "MLP"], ["MLP"]]
