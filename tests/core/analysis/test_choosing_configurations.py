"""Which files are configurations of a script: what its options take, and whose one is that several could take."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, candidates, names, values

LOOP = """
import argparse, json, yaml, torch
def load(path):
    with open(path) as file:
        return {loads}
def train(config):
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"])
    for epoch in range(config["epochs"]):
        net(torch.ones(1)).backward()
        optimizer.step()
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument({option})
    train(load(parser.parse_args().{name}))
"""


def _script(option: str, name: str, loads: str = "yaml.safe_load(file)") -> str:
    return LOOP.format(option=option, name=name, loads=loads)


def test_an_option_that_says_so_takes_configurations(tmp_path: Path) -> None:
    script = _script('"--fname", help="name of config file to load"', "fname")
    configs = {"configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 4\n"}
    assert names(tmp_path, {"main.py": script, **configs}) == ["configs/a.yaml", "configs/b.yaml"]
    found = analysed(tmp_path, {"main.py": script, **configs}, "configs/b.yaml")
    assert values(found, "learning_rate") == [0.2] and values(found, "epochs") == [4]


def test_an_option_for_data_takes_none(tmp_path: Path) -> None:
    script = _script('"--data", default="data/coco.yaml"', "data")
    files = {"train.py": script, "data/coco.yaml": "lr: 0.1\nepochs: 3\n", "data/voc.yaml": "lr: 0.1\nepochs: 3\n"}
    assert names(tmp_path, files) == ["train.py"]


def test_comments_in_json_are_left_out(tmp_path: Path) -> None:
    config = '{\n  "lr": 0.1 // the rate\n  , "url": "http://x" /* two\n lines */\n  , "epochs": 7\n}\n'
    script = _script('"--opt", default="options/a.json"', "opt", "json.load(file)")
    found = analysed(tmp_path, {"train.py": script, "options/a.json": config}, "train.py")
    assert values(found, "epochs") == [7]
    assert next(fact.place.line for fact in found.facts if fact.field == "epochs") == 5


def test_what_a_module_takes_when_it_is_run_by_itself_is_not_the_scripts(tmp_path: Path) -> None:
    module = (
        "import argparse\nfrom torch import nn\nclass Net(nn.Module):\n    pass\nif __name__ == '__main__':\n"
        "    parser = argparse.ArgumentParser()\n    parser.add_argument('--cfg', default='models/s.yaml')\n"
    )
    script = "from net import Net\n" + _script('"--seed"', "seed")
    files = {"train.py": script, "net.py": module, "models/s.yaml": "epochs: 1\n", "models/l.yaml": "epochs: 1\n"}
    assert names(tmp_path, files) == ["train.py"]


def test_shared_configurations_go_to_the_script_that_they_name_or_are_called_after(tmp_path: Path) -> None:
    option = '"--cfg", required=True'
    files = {
        "main.py": _script(option, "cfg"),
        "main_moe.py": _script(option, "cfg"),
        "main_mask_ft.py": _script(option, "cfg"),
        "tune_single.py": _script(option, "cfg"),
        "configs/small.yaml": "lr: 1\nepochs: 1\n",
        "configs/netmoe/small.yaml": "lr: 1\nepochs: 1\n",
        "configs/mask/mask_finetune_small.yaml": "lr: 1\nepochs: 1\n",
        "configs/told.yaml": "# To launch:\n#   tool run tune_single --config told\nlr: 1\nepochs: 1\n",
    }
    found = {c.path.rpartition("/")[2]: c.script for c in candidates(tmp_path, files) if "netmoe" not in c.path}
    moe = next(c.script for c in candidates(tmp_path, files) if "netmoe" in c.path)
    assert str(moe).endswith("/main_moe.py")
    assert str(found["small.yaml"]).endswith("/main.py")
    assert str(found["mask_finetune_small.yaml"]).endswith("/main_mask_ft.py")
    assert str(found["told.yaml"]).endswith("/tune_single.py")


def test_what_globals_names_may_be_any_imported_class(tmp_path: Path) -> None:
    package = (
        "import os, sys\nfor name in os.listdir(os.path.dirname(__file__)):\n"
        "    module = __import__('.'.join([__name__, name[:-3]]), fromlist=[name])\n"
        "    for each in dir(module):\n        setattr(sys.modules[__name__], each, getattr(module, each))\n"
    )
    agent = (
        "import torch\nclass {name}:\n    def __init__(self, config):\n        self.net = torch.nn.Linear(1, 1)\n"
        "        self.optimizer = torch.optim.{optimizer}(self.net.parameters(), lr=config['lr'])\n"
        "    def run(self):\n        for epoch in range(3):\n"
        "            self.net(torch.ones(1)).cuda(async=True).backward()\n            self.optimizer.step()\n"
    )
    main = (
        "import argparse, json\nfrom agents import *\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('config')\nconfig = json.load(open(parser.parse_args().config))\n"
        "agent_class = globals()[config['agent']]\nagent_class(config).run()\n"
    )
    files = {
        "main.py": main,
        "agents/__init__.py": package,
        "agents/one.py": agent.format(name="One", optimizer="SGD"),
        "agents/two.py": agent.format(name="Two", optimizer="Adam"),
        "configs/one.json": '{"agent": "One", "lr": 0.1}',
        "configs/two.json": '{"agent": "Two", "lr": 0.2}',
    }
    assert names(tmp_path, files) == ["configs/one.json", "configs/two.json"]
    found = analysed(tmp_path, files, "configs/two.json")
    assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [0.2]


def test_a_launcher_that_takes_the_configuration_is_what_is_run(tmp_path: Path) -> None:
    library = (
        "import torch\ndef train(cfg):\n    net = torch.nn.Linear(1, 1)\n"
        "    optimizer = torch.optim.SGD(net.parameters(), lr=cfg['lr'])\n    for epoch in range(cfg['epochs']):\n"
        "        net(torch.ones(1)).backward()\n        optimizer.step()\n"
    )
    main = (
        "import argparse, yaml\nfrom org.project.tools.train_net import train\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--cfg', dest='files', nargs='+', default=['configs/small/a.yaml'])\n"
        "for path in parser.parse_args().files:\n    train(yaml.safe_load(open(path)))\n"
    )
    files = {
        "Project/tools/run_net.py": main,
        "Project/tools/train_net.py": library,
        "Project/configs/small/a.yaml": "lr: 0.1\nepochs: 1\n",
        "Project/configs/large/b.yaml": "lr: 0.2\nepochs: 2\n",
    }
    assert names(tmp_path, files) == ["Project/configs/large/b.yaml", "Project/tools/train_net.py"]
    found = analysed(tmp_path, files, "Project/configs/large/b.yaml")
    assert values(found, "learning_rate") == [0.2] and values(found, "epochs") == [2]
