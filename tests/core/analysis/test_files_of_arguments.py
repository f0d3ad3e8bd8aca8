"""Files that hold what a command line would say: arguments of trainers, flags of configargparse."""

from __future__ import annotations

import json
from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, values

TUNE = """
from dataclasses import dataclass
import datasets
import trl
from transformers import AutoModelForCausalLM
@dataclass
class ScriptArguments:
    dataset_name: str = None
    split: str = "train"
@dataclass
class OwnConfig(trl.SFTConfig):
    chat_template: str = None
if __name__ == "__main__":
    parser = trl.TrlParser((ScriptArguments, OwnConfig, trl.ModelConfig))
    script_args, training_args, model_args = parser.parse_args_and_config()
    data = datasets.load_dataset(script_args.dataset_name, split=script_args.split)
    model = AutoModelForCausalLM.from_pretrained(model_args.model_name_or_path)
    trainer = trl.SFTTrainer(model=model, args=training_args, train_dataset=data)
    trainer.train()
"""
RECIPE = """
model_name_or_path: mistralai/Mistral-7B-v0.1
dataset_name: trl-lib/Capybara
learning_rate: {rate}
num_train_epochs: 2
per_device_train_batch_size: 16
output_dir: out
"""


def test_arguments_of_trainers_stand_in_recipes(tmp_path: Path) -> None:
    files = {
        "scripts/sft.py": TUNE,
        "scripts/dpo.py": TUNE.replace("SFT", "DPO"),
        "recipes/small/sft/config.yaml": RECIPE.format(rate=2e-5),
        "recipes/small/dpo/config.yaml": RECIPE.format(rate=5e-7),
        "recipes/large/dpo/config.yaml": RECIPE.format(rate=5e-8),
        "recipes/machines/zero.yaml": "deepspeed_config: {gradient_accumulation_steps: 1}\nnum_machines: 1\n",
    }
    pairs = [(each.path[len(str(tmp_path)) :], each.aliases, each.script) for each in candidates(tmp_path, files)]
    assert pairs == [
        ("/recipes/large/dpo/config.yaml", (), f"{tmp_path}/scripts/dpo.py"),
        ("/recipes/small/dpo/config.yaml", (), f"{tmp_path}/scripts/dpo.py"),
        ("/scripts/sft.py", (f"{tmp_path}/recipes/small/sft/config.yaml",), None),
    ]
    found = analysed(tmp_path, files, "recipes/large/dpo/config.yaml")
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([5e-8], [16])
    assert (values(found, "epochs"), values(found, "datasets")) == ([2], ["Capybara"])


def test_commands_of_notebooks_tell_whose_arguments_stand_in_any_folder(tmp_path: Path) -> None:
    """A folder of configurations of something else stands nearer; what is before a script is its launcher's."""
    command = "!accelerate launch --config_file configs/machines/zero.yaml scripts/{}.py --config kitchen/{}.yaml"
    cells = [command.format("sft", "qlora_on_two"), command.format("two/dpo", "full")]
    files = {
        "scripts/sft.py": TUNE,
        "scripts/two/dpo.py": TUNE.replace("SFT", "DPO"),
        "configs/machines/zero.yaml": "deepspeed_config: {gradient_accumulation_steps: 1}\nnum_machines: 1\n",
        "kitchen/qlora_on_two.yaml": RECIPE.format(rate=2e-4),
        "kitchen/qlora.yaml": RECIPE.format(rate=2e-5),
        "kitchen/full.yaml": RECIPE.format(rate=5e-7),
        "tour.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}),
    }
    scripts = {each.path: each.script for each in candidates(tmp_path, files)}
    assert scripts[f"{tmp_path}/kitchen/qlora_on_two.yaml"] == f"{tmp_path}/scripts/sft.py"
    assert values(analysed(tmp_path, files, "kitchen/qlora_on_two.yaml"), "learning_rate") == [2e-4]
    assert f"{tmp_path}/configs/machines/zero.yaml" not in scripts


HEIR = """
import sys
from transformers import AutoModelForCausalLM, HfArgumentParser, Trainer, TrainingArguments
class Parser(HfArgumentParser):
    pass
if __name__ == "__main__":
    parser = Parser((TrainingArguments,))
    if sys.argv[-1].endswith(".yaml"):
        (arguments,) = parser.parse_yaml_file(sys.argv[-1])
    else:
        (arguments,) = parser.parse_args_into_dataclasses()
    Trainer(model=AutoModelForCausalLM.from_pretrained("gpt2"), args=arguments).train()
"""


def test_heirs_of_the_parser_read_files(tmp_path: Path) -> None:
    """Also where a module has the name of the folder that the script and its configurations stand in."""
    files = {
        "melody/src/tune.py": HEIR,
        "melody/src/melody.py": "KEYS = 88\n",
        "melody/config/slow.yaml": RECIPE.format(rate=1e-5),
        "melody/config/fast.yaml": RECIPE.format(rate=1e-3),
    }
    assert [each.path[len(str(tmp_path)) :] for each in candidates(tmp_path, files)] == [
        "/melody/config/fast.yaml", "/melody/config/slow.yaml", "/melody/src/tune.py",
    ]  # fmt: skip
    found = analysed(tmp_path, files, "melody/config/fast.yaml")
    assert (values(found, "learning_rate"), values(found, "batch_size"), values(found, "epochs")) == ([1e-3], [16], [2])


FLAGS = """
import configargparse
import torch
from torch import nn
from torch.utils.data import DataLoader
parser = configargparse.ArgumentParser()
parser.add_argument("--config", is_config_file=True, help="config file path")
parser.add_argument("--num-rays", type=int, default=4096)
parser.add_argument("--rate", type=float, default=5e-4)
parser.add_argument("--wide", action="store_true")
args = parser.parse_args()
net = nn.Linear(3, 256 if args.wide else 64)
optimizer = torch.optim.Adam(net.parameters(), lr=args.rate)
for step in range(1000):
    for batch in DataLoader(rays, batch_size=args.num_rays):
        nn.functional.mse_loss(net(batch), batch).backward()
        optimizer.step()
"""


def test_flags_stand_in_a_text(tmp_path: Path) -> None:
    files = {
        "run.py": FLAGS,
        "configs/fern.txt": "num_rays = 1024\n# said of the scene\nwide = True\n",
        "configs/lego.txt": "rate = 1e-3\n",
        "notes/todo.txt": "rate = 3\n",
    }
    found = [str(Path(each.path).relative_to(tmp_path)) for each in candidates(tmp_path, files)]
    assert found == ["configs/fern.txt", "configs/lego.txt", "run.py"]
    fern, lego = (analysed(tmp_path, files, f"configs/{name}.txt") for name in ("fern", "lego"))
    assert (values(fern, "batch_size"), values(fern, "learning_rate")) == ([1024], [5e-4])
    assert (values(lego, "batch_size"), values(lego, "learning_rate")) == ([4096], [1e-3])
    assert [layer.parameters for layer in fern.layers] == [3 * 256 + 256]


HANDED = """
import argparse
import torch
import yaml
from torch.utils.data import DataLoader
def args_from_file(args, path):
    with open(path) as file:
        told = yaml.load(file.read(), Loader=yaml.Loader)
    for key in told:
        setattr(args, key, told[key])
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=0.1)
parser.add_argument("--size", type=int, default=64)
parser.add_argument("--c", type=str, default="")
args = parser.parse_args()
args_from_file(args, args.c)
net = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=args.rate)
for epoch in range(3):
    for x, y in DataLoader(rows, batch_size=args.size):
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
"""


def test_an_option_is_of_configurations_that_is_handed_to_what_reads_one(tmp_path: Path) -> None:
    files = {"fix.py": HANDED, "mix.py": HANDED}
    files |= {f"config/{name}/{name}_{n}.yaml": f"lr: 1\nsize: {n}\n" for name in ("fix", "mix") for n in (4, 8)}
    found = [(Path(each.path).name, Path(each.script or "").name) for each in candidates(tmp_path, files)]
    assert found == [(f"{name}_{n}.yaml", f"{name}.py") for name in ("fix", "mix") for n in (4, 8)]
    assert values(analysed(tmp_path, files, "config/mix/mix_8.yaml"), "batch_size") == [8]


ACTION = """
import argparse
import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

class FromFile(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        if values.name.endswith("yaml"):
            with values as file:
                told = yaml.safe_load(file)
            namespace.__dict__.update(told)
        else:
            raise ValueError("not YAML")

def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--conf", type=open, action=FromFile)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=8)
    return parser

args = options().parse_args()
net = nn.Linear(784, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x, y in DataLoader(MNIST("data"), batch_size=args.batch_size):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
"""


def test_an_action_of_an_option_that_reads_a_file(tmp_path: Path) -> None:
    long, short = (f"lr: 0.02\nepochs: {epochs}\nbatch_size: 64\nmodel: a\n" for epochs in (30, 2))
    files = {"train.py": ACTION, "examples/long.yaml": long, "examples/short.yaml": short}
    facts = analysed(tmp_path, files, "examples/long.yaml")
    assert (values(facts, "learning_rate"), values(facts, "epochs"), values(facts, "batch_size")) == (
        [0.02],
        [30],
        [64],
    )
