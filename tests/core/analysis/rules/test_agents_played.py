"""Where agents act, on what they train, and what their buffers decide."""

from __future__ import annotations

from pathlib import Path

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
