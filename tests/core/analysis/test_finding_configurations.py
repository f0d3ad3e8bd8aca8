"""Configurations that are found by what a help says, a command shows or a name is made of, and their scripts."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, names, values

LOOP = """
import argparse
import json
import {library}
import torch

def load(path):
    with open(path, "rb") as file:
        return {library}.{load}(file)

def train(config):
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"])
    for epoch in range(config["epochs"]):
        net(torch.ones(1)).backward()
        optimizer.step()

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument({option})
    args = parser.parse_args()
    train(load({path}))
"""
YAML = {"library": "yaml", "load": "safe_load"}
SETTINGS = "lr: {}\nepochs: 3\n"


def test_a_help_may_tell_the_kind_of_file(tmp_path: Path) -> None:
    script = LOOP.format(option='"file", help="Input file (.ckpt or .yaml)"', path="args.file", **YAML)
    configs = {"configs/a.yaml": SETTINGS.format(0.1), "configs/b.yaml": SETTINGS.format(0.2)}
    assert names(tmp_path, {"train.py": script, **configs}) == sorted(configs)


def test_a_help_that_tells_what_is_written_or_read_as_data_takes_no_configuration(tmp_path: Path) -> None:
    script = LOOP.format(option='"--table", help="table of classes, classes.yaml by rule"', path="args.table", **YAML)
    configs = {"configs/a.yaml": SETTINGS.format(0.1), "configs/b.yaml": SETTINGS.format(0.2)}
    assert names(tmp_path, {"train.py": script, **configs}) == ["train.py"]


def test_settings_of_training_may_have_longer_names(tmp_path: Path) -> None:
    option = '"--size", choices=["small", "large"], default="small"'
    script = LOOP.format(option=option, path='"cfgs/{}_net.yml".format(args.size)', **YAML)
    files = {"run.py": script, "cfgs/small_net.yml": "LR_BASE: 0.1\n", "cfgs/large_net.yml": "LR_BASE: 0.2\n"}
    assert names(tmp_path, files) == ["cfgs/large_net.yml", "run.py"]


def test_a_command_shows_where_each_folder_has_one_of_a_name(tmp_path: Path) -> None:
    script = LOOP.format(library="tomli", load="load", option='"--config"', path="args.config")
    table = "lr = 0.1\nepochs = 3\n[model]\nwidth = 4\n"
    files = {
        "scripts/pipeline.py": script,
        "README.md": "    python scripts/pipeline.py --config exp/a/net/run.toml\n",
        "exp/a/net/run.toml": table,
        "exp/a/net/scores.json": '{"lr": 1, "epochs": 2, "batch_size": 3}',
        "exp/a/other/run.toml": "seed = 1\n[fit]\ntimes = 3\n[sample]\nbatch_size = 3\n",
        "exp/b/net/run.toml": table,
    }
    assert names(tmp_path, files) == ["exp/a/net/run.toml", "exp/b/net/run.toml"]


def test_what_a_notebook_imports_is_still_to_be_chosen(tmp_path: Path) -> None:
    script = """
        import jax
        import optax
        from absl import app, flags
        from ml_collections import config_flags
        config_flags.DEFINE_config_file("config", None, "")
        def train(config):
            optimizer = optax.sgd(config.lr)
            for step in range(config.steps):
                grads = jax.grad(loss)(params)
                updates, state = optimizer.update(grads, state)
                params = optax.apply_updates(params, updates)
        def main(argv):
            train(flags.FLAGS.config)
        if __name__ == "__main__":
            app.run(main)
    """
    config = (
        "import ml_collections\ndef get_config():\n    config = ml_collections.ConfigDict()\n"
        "    config.lr = {}\n    return config\n"
    )
    lines = ["from configs import small\\n", "from main import train\\n", "train(small.get_config())"]
    cells = ", ".join(f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{line}"}}' for line in lines)
    files = {
        "main.py": script,
        "look.ipynb": f'{{"cells": [{cells}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}',
        "configs/small.py": config.format(0.1),
        "configs/large.py": config.format(0.2),
    }
    assert names(tmp_path, files) == ["configs/large.py", "configs/small.py"]


def test_a_module_may_be_asked_for_what_runs(tmp_path: Path) -> None:
    start = """
        import argparse
        import importlib
        parser = argparse.ArgumentParser()
        parser.add_argument("--config", required=True)
        module = importlib.import_module("lib.training")
        run = getattr(module, "run")
        run(parser.parse_args().config)
    """
    training = LOOP.format(option='"--seed"', path='""', **YAML).partition("if __name__")[0]
    files = {
        "start.py": start,
        "lib/__init__.py": "",
        "lib/training.py": training + "def run(path):\n    train(load(path))\n",
        "experiments/a.yaml": SETTINGS.format(0.1),
        "experiments/b.yaml": SETTINGS.format(0.2),
    }
    found = {Path(each.path).name for each in candidates(tmp_path, files)}
    assert found == {"a.yaml", "b.yaml"}


def test_a_group_that_experiments_take_one_of_is_no_experiment(tmp_path: Path) -> None:
    script = """
        import hydra
        import torch
        @hydra.main(config_path="configs", config_name="config")
        def main(cfg):
            net = torch.nn.Linear(1, 1)
            optimizer = torch.optim.SGD(net.parameters(), lr=cfg.optimizer.lr)
            for epoch in range(cfg.epochs):
                net(torch.ones(1)).backward()
                optimizer.step()
        if __name__ == "__main__":
            main()
    """
    files = {
        "train.py": script,
        "configs/config.yaml": "optimizer:\n  lr: 0.1\nepochs: 3\n",
        "configs/pipeline/text.yaml": "# @package _global_\ntask:\n  loss: cross_entropy\nepochs: 4\n",
        "configs/experiment/wide.yaml": "# @package _global_\ndefaults:\n  - /pipeline: text\noptimizer:\n  lr: 0.2\n",
    }
    assert names(tmp_path, files) == ["configs/experiment/wide.yaml", "train.py"]


def test_files_of_networks_of_which_an_option_names_one_are_models_too(tmp_path: Path) -> None:
    script = """
        import argparse, torch, yaml
        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="small")
        parser.add_argument("--lr", type=float, default=0.3)
        args = parser.parse_args()
        with open(f"configs/nets/{args.model}.yaml") as file:
            config = yaml.safe_load(file)
        net = torch.nn.Linear(config["width"], config["width"])
        optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
        for x in range(9):
            net(torch.ones(8)).backward()
            optimizer.step()
    """
    files = {
        "train.py": script,
        "configs/nets/small.yaml": "width: 8\nnum_layers: 2\n",
        "configs/nets/wide.yaml": "width: 64\ndepth: 3\nslope: 2\n",
    }
    assert names(tmp_path, files) == ["configs/nets/wide.yaml", "train.py"]
    assert values(analysed(tmp_path, files, "configs/nets/wide.yaml"), "learning_rate") == [0.3]
    files |= {
        name: f"shape: {size}\n" for name, size in (("configs/nets/small.yaml", 8), ("configs/nets/wide.yaml", 64))
    }
    assert names(tmp_path, files) == ["train.py"]


def test_what_a_command_gives_may_stand_apart_from_the_other_configurations(tmp_path: Path) -> None:
    script = LOOP.format(option='"--config"', path="args.config", **YAML)
    files = {
        "lab/train.py": script,
        "configs/a.yaml": SETTINGS.format(0.1),
        "configs/b.yaml": SETTINGS.format(0.2),
        "lab/images/plain.yaml": SETTINGS.format(0.3),
        "lab/images/other.yaml": SETTINGS.format(0.4),
        "docs/images.md": "Run `python lab/train.py --config lab/images/plain.yaml`.\n",
    }
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml", "lab/images/plain.yaml"]
    other = {"more/lab/train.py": script, "more/configs/c.yaml": SETTINGS.format(0.5)}  # it may mean either
    assert "lab/images/plain.yaml" not in names(tmp_path, other)


BY_HAND = """
import sys
import torch
from lab.settings import Settings

if __name__ == "__main__":
    settings = Settings.load(sys.argv[1])
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=settings.lr)
    for epoch in range(settings.epochs):
        net(torch.ones(1)).backward()
        optimizer.step()
"""


def test_commands_tell_what_a_script_takes_by_hand(tmp_path: Path) -> None:
    load = "    @classmethod\n    def load(cls, path):\n        return cls(om.load(path))\n"
    files = {
        "scripts/train.py": BY_HAND,
        "lab/settings.py": f"class Settings:\n{load}",
        "configs/small/a.yaml": SETTINGS.format(0.1),
        "configs/large/b.yaml": SETTINGS.format(0.2),
    }
    assert names(tmp_path, files) == ["scripts/train.py"]
    told = {"README.md": "    torchrun --nproc 8 scripts/train.py configs/small/a.yaml --overwrite\n"}
    assert names(tmp_path, told) == ["configs/large/b.yaml", "configs/small/a.yaml"]


def test_commands_tell_what_an_option_takes_that_nothing_else_says(tmp_path: Path) -> None:
    files = {
        "train.py": LOOP.format(option='"-first", help="the first one"', path="args.first", **YAML),
        "settings/a.yaml": SETTINGS.format(0.1),
        "settings/b.yaml": SETTINGS.format(0.2),
    }
    assert names(tmp_path, files) == ["train.py"]
    files["README.md"] = "Run it:\n\n    python train.py\n      -first settings/a.yaml\n"
    assert names(tmp_path, files) == ["train.py"]
    files["README.md"] = "Run it:\n\n    python train.py -first settings/a.yaml\n"
    assert names(tmp_path, files) == ["settings/a.yaml", "settings/b.yaml"]
    assert values(analysed(tmp_path, files, "settings/b.yaml"), "learning_rate") == [0.2]


def test_a_command_goes_on_with_options_that_stand_deeper(tmp_path: Path) -> None:
    files = {
        "train.py": LOOP.format(option='"--first", help="the first one"', path="args.first", **YAML),
        "settings/a.yaml": SETTINGS.format(0.1),
        "settings/b.yaml": SETTINGS.format(0.2),
        "README.md": "```\npython train.py\n  --first settings/a.yaml\n```\n",
    }
    assert names(tmp_path, files) == ["settings/a.yaml", "settings/b.yaml"]
    files["README.md"] = "```\npython train.py \\\n  # the first one\n  --first settings/a.yaml\n```\n"
    assert names(tmp_path, files) == ["train.py"]


TYPED_IN = """
import torch
from omegaconf import OmegaConf

def load():
    given = OmegaConf.from_cli()
    return OmegaConf.merge(OmegaConf.load({path}), given)

config = load()
net = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=config.lr)
for epoch in range(config.epochs):
    net(torch.ones(1)).backward()
    optimizer.step()
"""


def test_omegaconf_loads_what_the_command_line_names(tmp_path: Path) -> None:
    files = {
        "train.py": TYPED_IN.format(path="given.config"),
        "configs/train/a.yaml": SETTINGS.format(0.1),
        "configs/train/b.yaml": SETTINGS.format(0.2),
        "configs/infer/small/c.yaml": "model:\n  width: 3\n",
    }
    assert names(tmp_path, files) == ["configs/train/a.yaml", "configs/train/b.yaml"]
    assert values(analysed(tmp_path, files, "configs/train/b.yaml"), "learning_rate") == [0.2]
    fixed = files | {"train.py": TYPED_IN.format(path='"configs/train/a.yaml"')}
    assert names(tmp_path / "fixed", fixed) == ["train.py"]


def test_files_laid_over_the_default_one_say_a_part_of_what_it_says(tmp_path: Path) -> None:
    """`digits.yaml` says only which data are taken of what `default.yaml` says."""
    script = LOOP.format(option='"config"', path="args.config", **YAML)
    files = {
        "train.py": script,
        "configs/default.yaml": "lr: 0.1\nepochs: 3\ndata: {kind: faces}\nepsilon: 1\n",
        "configs/digits.yaml": "data: {kind: digits}\n",
        "configs/colours.yaml": "palette: warm\n",
    }
    assert names(tmp_path, files) == ["configs/digits.yaml", "train.py"]


def test_a_folder_below_tests_beside_trained_ones_only_judges(tmp_path: Path) -> None:
    script = LOOP.format(option='"--cfg", required=True', path="args.cfg", **YAML)
    files = {
        "train.py": script,
        "experiments/train/small.yaml": SETTINGS.format(0.1),
        "experiments/train/large.yaml": SETTINGS.format(0.2),
        "experiments/test/hard/small.yaml": SETTINGS.format(0.3),
    }
    assert names(tmp_path, files) == ["experiments/train/large.yaml", "experiments/train/small.yaml"]


def test_files_of_one_name_and_parts_may_stand_in_quite_other_folders(tmp_path: Path) -> None:
    script = LOOP.format(option='"config"', path="args.config", **YAML)
    files = {
        "train.py": script,
        "README.md": "    python train.py runs/faces/net/settings.yaml\n",
        "runs/faces/net/settings.yaml": SETTINGS.format(0.1),
        "runs/rooms/wide/settings.yaml": SETTINGS.format(0.2),
        "runs/rooms/wide/deeper/settings.yaml": SETTINGS.format(0.3),
    }
    assert names(tmp_path, files) == ["runs/faces/net/settings.yaml", "runs/rooms/wide/settings.yaml"]
