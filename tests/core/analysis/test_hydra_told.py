"""What Hydra is told on its command line, and what its lists of defaults say in older and rarer ways."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, values

RUN = """
import hydra
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST

@hydra.main({arguments})
def main(cfg):
    net = {net}
    optimizer = torch.optim.SGD(net.parameters(), lr=cfg.optimizer.lr)
    loader = DataLoader(MNIST("data"), batch_size=cfg.batch_size)
    for epoch in range(cfg.epochs):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()

if __name__ == "__main__":
    main()
"""

LINEAR = "nn.Linear(784, 10)"
SETTINGS = "epochs: 2\nbatch_size: 4\noptimizer:\n  lr: 0.1\n"

TOLD = {
    "pretrain.py": RUN.format(arguments='version_base="1.2"', net=LINEAR),
    "linear.py": RUN.format(arguments='version_base="1.2"', net=LINEAR),
    "scripts/pretrain/small.yaml": "defaults:\n  - _self_\n  - optimizer: sgd\nmodel: a\nepochs: 3\nbatch_size: 32\n",
    "scripts/pretrain/optimizer/sgd.yaml": "lr: 0.2\n",
    "scripts/linear/small.yaml": "model: a\nepochs: 4\nbatch_size: 8\noptimizer:\n  lr: 0.1\n",
}


def test_a_script_whose_configuration_is_told_on_the_command_line(tmp_path: Path) -> None:
    told = [(each.path, each.script) for each in candidates(tmp_path, TOLD)]
    folder = str(tmp_path)
    assert [(path.removeprefix(folder), (script or "").removeprefix(folder)) for path, script in told] == [
        ("/scripts/linear/small.yaml", "/linear.py"),
        ("/scripts/pretrain/small.yaml", "/pretrain.py"),
    ]
    facts = analysed(tmp_path, TOLD, "scripts/pretrain/small.yaml")
    assert (values(facts, "learning_rate"), values(facts, "batch_size"), values(facts, "epochs")) == ([0.2], [32], [3])


def test_groups_are_searched_for_where_the_configuration_tells(tmp_path: Path) -> None:
    files = {
        "lib/systems/run.py": RUN.format(
            arguments='config_path="../configs/default/all", config_name="one"', net=LINEAR
        ),
        "lib/configs/default/all/one.yaml": (
            "defaults:\n  - system: trees/one\n  - _self_\nhydra:\n  searchpath:\n    - file://lib/configs\n"
            "epochs: ${system.epochs}\nbatch_size: ${system.total}\noptimizer: ${system.optimizer}\n"
        ),
        "lib/configs/system/trees/one.yaml": "epochs: 6\ntotal: 16\noptimizer:\n  lr: 0.3\n",
    }
    facts = analysed(tmp_path, files, "lib/systems/run.py")
    assert (values(facts, "learning_rate"), values(facts, "batch_size"), values(facts, "epochs")) == ([0.3], [16], [6])


def test_before_hydra_had_targets(tmp_path: Path) -> None:
    files = {
        "lib/train.py": RUN.format(arguments='"config/config.yaml"', net="hydra.utils.instantiate(cfg.net, cfg)"),
        "lib/nets.py": (
            "from torch import nn\nclass Small(nn.Module):\n    def __init__(self, cfg):\n        super().__init__()\n"
            "        self.layer = nn.Linear(784, 10)\n    def forward(self, x):\n        return self.layer(x)\n"
        ),
        "lib/config/config.yaml": (
            "defaults:\n  - task: cls\n  - size: small\n  - net: ${defaults.0.task}-${defaults.1.size}\n"
            "optimizer: ???\nbatch_size: ???\n"
        ),
        "lib/config/task/cls.yaml": "optimizer:\n  lr: 0.4\nepochs: 7\n",
        "lib/config/size/small.yaml": "batch_size: 12\n",
        "lib/config/net/cls-small.yaml": "net:\n  class: nets.Small\n",
    }
    facts = analysed(tmp_path, files, "lib/train.py")
    assert (values(facts, "learning_rate"), values(facts, "batch_size"), values(facts, "epochs")) == ([0.4], [12], [7])
    assert values(facts, "model_classes") == ["Small"]


def test_a_group_of_which_the_list_takes_one_holds_no_experiments(tmp_path: Path) -> None:
    files = {
        "train.py": RUN.format(arguments='config_path="conf", config_name="main"', net=LINEAR),
        "conf/main.yaml": "defaults:\n  - letters: few\n  - trial: null\n" + SETTINGS,
        "conf/letters/few.yaml": "# @package _global_\nmodel:\n  letters: abc\n",
        "conf/letters/many.yaml": "# @package _global_\nmodel:\n  letters: abcdef\n",
        "conf/trial/long.yaml": "# @package _global_\nepochs: 20\n",
        "conf/notes/loud.yaml": "# @package _global_\nhydra:\n  verbose: true\n",
    }
    found = [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)]
    assert found == ["conf/trial/long.yaml", "train.py"]


def test_what_a_helper_may_read_by_name_stays_an_experiment(tmp_path: Path) -> None:
    files = {
        "train.py": "import helper\n" + RUN.format(arguments='config_path="conf", config_name="main"', net=LINEAR),
        "helper.py": "import yaml\ndef told(name):\n    return yaml.safe_load(open(f'conf/experiment/{name}.yaml'))\n",
        "conf/main.yaml": "defaults:\n  - experiment: null\n" + SETTINGS,
        "conf/experiment/long.yaml": "# @package _global_\nepochs: 20\n",
    }
    found = [each.path.removeprefix(f"{tmp_path}/") for each in candidates(tmp_path, files)]
    assert found == ["conf/experiment/long.yaml", "train.py"]


def test_what_other_libraries_compose_as_hydra_does(tmp_path: Path) -> None:
    code = RUN.format(arguments='config_path="conf", config_name="config"', net=LINEAR)
    for library, name in (("dora", "hydra_main"), ("nemo.core.config", "hydra_runner")):
        told = code.replace("import hydra\n", f"from {library} import {name}\n").replace("hydra.main", name)
        facts = analysed(tmp_path, {"train.py": told, "conf/config.yaml": SETTINGS})
        assert [values(facts, field) for field in ("epochs", "batch_size", "learning_rate")] == [[2], [4], [0.1]]
