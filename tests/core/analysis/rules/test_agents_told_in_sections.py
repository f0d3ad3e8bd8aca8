"""Agents whose settings are merged from the sections of a file and made into options one by one; runners of libraries,
weighed losses that are no policies, and points that are made anew at each turn."""

from __future__ import annotations

from pathlib import Path

from core.analysis.rules.batches import batch_sizes
from tests.core.analysis.writing import analysed, names, program, values

SECTIONS = """
    import argparse, pathlib, sys
    import ruamel.yaml as yaml
    import torch

    def kind_of(default):
        def of_text(x):
            return type(default)(x)
        def of_object(x):
            if isinstance(default, (list, tuple)):
                return tuple(x)
            return x
        return lambda x: of_text(x) if isinstance(x, str) else of_object(x)

    def main(config):
        net = torch.nn.Linear(4, config.units)
        makers = {"adam": lambda: torch.optim.Adam(net.parameters(), lr=config.lr),
            "sgd": lambda: torch.optim.SGD(net.parameters(), lr=config.lr)}
        optimizer = makers[config.opt]()
        for step in range(config.steps):
            net(torch.zeros(config.batch_size, 4)).sum().backward()
            optimizer.step()

    if __name__ == "__main__":
        parser = argparse.ArgumentParser()
        parser.add_argument("--configs", nargs="+")
        args, remaining = parser.parse_known_args()
        configs = yaml.safe_load((pathlib.Path(sys.argv[0]).parent / "configs.yaml").read_text())

        def merge(base, update):
            for key, value in update.items():
                if isinstance(value, dict) and key in base:
                    merge(base[key], value)
                else:
                    base[key] = value

        defaults = {}
        for name in ["defaults", *args.configs] if args.configs else ["defaults"]:
            merge(defaults, configs[name])
        parser = argparse.ArgumentParser()
        for key, value in sorted(defaults.items(), key=lambda x: x[0]):
            parser.add_argument(f"--{key}", type=kind_of(value), default=kind_of(value)(value))
        main(parser.parse_args(remaining))
"""
FILE = """
    defaults:
      opt: adam
      lr: 0.0001
      batch_size: 16
      units: 512
      steps: 1000
      size: [64, 64]
    small:
      batch_size: 10
"""


def test_sections_merged_into_options(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SECTIONS, "configs.yaml": FILE})
    assert values(found, "batch_size") == [16]
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["Adam"], [1e-4])


def test_runners_that_learn_by_iterations(tmp_path: Path) -> None:
    registry = """
        from rsl_rl.runners import OnPolicyRunner

        def make(env):
            return OnPolicyRunner(env, {"algorithm": "PPO"})
    """
    script = """
        from registry import make
        import robots

        def train():
            runner = make(robots.world())
            runner.learn(num_learning_iterations=1500)

        if __name__ == "__main__":
            train()
    """
    files = {"train.py": script, "registry.py": registry}
    assert names(tmp_path, files) == ["train.py"]
    assert values(analysed(tmp_path, files), "architecture")[0] == "PPO"


def test_tokens_that_weigh_more_than_others_are_no_policy(tmp_path: Path) -> None:
    text = """
        import gym, torch
        import torch.nn as nn, torch.nn.functional as F

        env = gym.make("Hopper-v2")
        net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for step in range(1000):
            logits, targets = net(states), tokens
            loss = F.cross_entropy(logits, targets.view(-1), reduction="none")
            weights = torch.cat([torch.ones(4) * action_weight, torch.ones(1) * reward_weight])
            loss = (loss * weights.view(-1)).mean()
            loss.backward()
            optimizer.step()
    """
    assert "Policy Gradient" not in values(analysed(tmp_path, {"train.py": text}), "architecture")


def test_points_that_are_made_anew_at_each_turn(tmp_path: Path) -> None:
    text = """
        import torch
        from sklearn.datasets import make_moons

        net = torch.nn.Linear(2, 2)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for step in range(1000):
            x = torch.Tensor(make_moons(256, noise=0.1)[0])
            net(x).pow(2).mean().backward()
            optimizer.step()
        shown = make_moons(5000)
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [256]


def test_loaders_of_ones_own_beside_those_that_only_show(tmp_path: Path) -> None:
    text = """
        import torch
        from torch.utils import data

        class Endless(data.DataLoader):
            def __init__(self, rounds=None, *args, **kwargs):
                super().__init__(*args, **kwargs)

        class TestGrid(data.Dataset):
            pass

        points = Endless(dataset=made(), batch_size=512, shuffle=True)
        grid = data.DataLoader(dataset=TestGrid(), batch_size=1000)
        net = torch.nn.Linear(2, 2)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for step in range(1000):
            net(next(points)).sum().backward()
            optimizer.step()
            for each in grid:
                show(net(each))
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [512]


def test_the_part_of_a_rollout_that_is_stated_is_the_batch(tmp_path: Path) -> None:
    agent = """
        import torch
        class Pieces:
            def __init__(self, batch_size, minibatch_size):
                self.count = batch_size // minibatch_size
        class Agent:
            def __init__(self, config):
                self.batch_size = config["horizon"] * config["copies"]
                self.minibatch_size = config.get("minibatch_size", PART)
                self.pieces = Pieces(self.batch_size, self.minibatch_size)
                self.net = torch.nn.Linear(4, 2)
                self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3)
            def train(self):
                for epoch in range(3):
                    self.net(torch.ones(4)).sum().backward()
                    self.optimizer.step()
        Agent({"horizon": 32, "copies": 16, TOLD}).train()
    """
    stated = agent.replace("TOLD", '"minibatch_size": 64')
    assert values(analysed(tmp_path, {"train.py": stated}), "batch_size") == [64]
    worked_out = agent.replace("PART", "self.batch_size // 4").replace("TOLD", "")
    assert values(analysed(tmp_path / "worked_out", {"train.py": worked_out}), "batch_size") == [512]
