"""Which files are configurations of a script: what its options take, and whose one is that several could take."""

from __future__ import annotations

import json
from pathlib import Path

from core.analysis.config_files import bases_of
from tests.core.analysis.writing import analysed, candidates, names, outlines, values, write

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


def test_recipes_of_a_library_whose_own_code_is_at_hand(tmp_path: Path) -> None:
    recipe = (
        "from torchtune import config\nclass Recipe:\n    def __init__(self, cfg):\n        self.epochs = cfg.epochs\n"
        "        self.model = config.instantiate(cfg.model)\n"
        "        self.optimizer = config.instantiate(cfg.optimizer, self.model.parameters())\n"
        "    def train(self):\n        for epoch in range(self.epochs):\n"
        "            self.model(1).backward()\n            self.optimizer.step()\n"
        "@config.parse\ndef recipe_main(cfg):\n    Recipe(cfg=cfg).train()\n"
        "if __name__ == '__main__':\n    recipe_main()\n"
    )
    files = {
        "recipes/full.py": recipe,
        "recipes/configs/small.yaml": (
            "# tune run full --config small\nepochs: 3\nmodel:\n  _component_: torchtune.models.small\n"
            "optimizer:\n  _component_: torch.optim.AdamW\n  lr: 2e-5\n"
        ),
        "recipes/configs/large.yaml": (
            "epochs: 4\nmodel:\n  _component_: torchtune.models.large\n"
            "optimizer:\n  _component_: torch.optim.SGD\n  lr: 1e-5\n"
        ),
        "torchtune/__init__.py": "",
        "torchtune/config/__init__.py": "from ._instantiate import instantiate\nfrom ._parse import parse\n",
        "torchtune/config/_instantiate.py": "def instantiate(config, *args):\n    return lookup(config)(*args)\n",
        "torchtune/config/_parse.py": (
            "import argparse\ndef parse(main):\n    def wrapper():\n        parser = argparse.ArgumentParser()\n"
            "        parser.add_argument('--config', required=True)\n        return main(read(parser.parse_args()))\n"
            "    return wrapper\n"
        ),
        # each imports the other: what is asked for too early is there when it is used
        "torchtune/models.py": (
            "from torchtune.layers import Layer\nfrom torch import nn\nclass Decoder(nn.Module):\n"
            "    def __init__(self, n):\n        self.layer = Layer(n)\n        self.head = nn.Linear(n, n)\n"
            "def small():\n    return Decoder(2)\ndef large():\n    return Decoder(9)\n"
        ),
        "torchtune/layers.py": (
            "from torchtune.models import Decoder\nfrom torch import nn\nclass Layer(nn.Module):\n"
            "    def __init__(self, n):\n        self.inner = nn.Linear(n, n)\ndef again():\n    return Decoder(3)\n"
        ),
    }
    assert names(tmp_path, files) == ["recipes/configs/large.yaml", "recipes/configs/small.yaml"]
    found = analysed(tmp_path, files, "recipes/configs/large.yaml")
    assert values(found, "epochs") == [4] and values(found, "learning_rate") == [1e-5]
    assert values(found, "optimizer") == ["SGD"] and values(found, "model_classes") == ["Decoder", "Layer"]


def test_a_name_asked_for_too_early_is_there_when_it_is_used(tmp_path: Path) -> None:
    files = {
        "train.py": (
            "import torch\nfrom net.parts import build\nmodel = build()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor epoch in range(2):\n"
            "    model(torch.ones(1)).backward()\n    optimizer.step()\n"
        ),
        "net/__init__.py": "",
        "net/parts.py": "from net.whole import Whole\nfrom torch import nn\ndef build():\n    return Whole()\n"
        "class Part(nn.Linear):\n    pass\n",
        "net/whole.py": "from net.parts import Part\nfrom torch import nn\nclass Whole(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.part = Part(3, 3)\n",
    }
    assert values(analysed(tmp_path, files), "model_classes") == ["Whole", "Part"]


def test_a_module_is_not_what_it_imports_under_its_own_name(tmp_path: Path) -> None:
    files = {
        "train.py": "from utils.model import get_model\nmodel, optimizer = get_model()\nfor epoch in range(2):\n"
        "    model(1).backward()\n    optimizer.step_and_update()\n",
        "model/__init__.py": "from .optimizer import Scheduled\n",
        "model/optimizer.py": "import torch\nclass Scheduled:\n    def __init__(self, net):\n"
        "        self._optimizer = torch.optim.Adam(net.parameters(), lr=0.3)\n"
        "    def step_and_update(self):\n        self._optimizer.step()\n",
        "utils/__init__.py": "",
        "utils/model.py": "import torch\nfrom model import Scheduled\ndef get_model():\n"
        "    net = torch.nn.Linear(1, 1)\n    return net, Scheduled(net)\n",
    }
    assert values(analysed(tmp_path, files), "learning_rate") == [0.3]


def test_a_class_in_a_file_is_a_configuration(tmp_path: Path) -> None:
    files = {
        "tools/train.py": (
            "import argparse\nfrom lib.exp import get_exp\nif __name__ == '__main__':\n"
            "    parser = argparse.ArgumentParser()\n"
            "    parser.add_argument('-f', '--exp_file', default=None, help='your experiment description file')\n"
            "    exp = get_exp(parser.parse_args().exp_file)\n    exp.get_trainer().train()\n"
        ),
        "lib/__init__.py": "",
        "lib/exp.py": (
            "import importlib, os, sys, torch\nclass Base:\n    def __init__(self):\n        self.epochs = 300\n"
            "        self.rate = 0.1\n    def get_trainer(self):\n        from lib.trainer import Trainer\n"
            "        return Trainer(self)\ndef get_exp(path):\n    sys.path.append(os.path.dirname(path))\n"
            "    module = importlib.import_module(os.path.basename(path).split('.')[0])\n    return module.Exp()\n"
        ),
        "lib/trainer.py": (
            "import torch\nclass Trainer:\n    def __init__(self, exp):\n        self.exp = exp\n"
            "        self.net = torch.nn.Linear(1, 1)\n"
            "        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=exp.rate)\n"
            "    def train(self):\n        for epoch in range(self.exp.epochs):\n"
            "            self.net(torch.ones(1)).backward()\n            self.optimizer.step()\n"
        ),
        "exps/small.py": "from lib.exp import Base\nclass Exp(Base):\n    def __init__(self):\n"
        "        super().__init__()\n        self.rate = 0.2\n",
        "exps/large.py": "from lib.exp import Base\nclass Exp(Base):\n    def __init__(self):\n"
        "        super().__init__()\n        self.epochs = 500\n",
    }
    assert names(tmp_path, files) == ["exps/large.py", "exps/small.py"]
    found = analysed(tmp_path, files, "exps/large.py")
    assert values(found, "epochs") == [500] and values(found, "learning_rate") == [0.1]
    assert values(analysed(tmp_path, files, "exps/small.py"), "learning_rate") == [0.2]


def test_configurations_of_a_package_may_stand_anywhere_beside_it(tmp_path: Path) -> None:
    script = _script('"--config", required=True, help="yaml format configuration file"', "config")
    optimizers = "from torch.optim import *\nfrom .own import *\n"
    files = {
        "project/voices/__init__.py": "",
        "project/voices/bin/__init__.py": "",
        "project/voices/bin/train.py": script.replace(
            "torch.optim.SGD(", "getattr(voices.optimizers, config['optimizer'])("
        ).replace("import argparse", "import voices.optimizers, argparse"),
        "project/voices/optimizers/__init__.py": optimizers,
        "project/voices/optimizers/own.py": "class Own:\n    pass\n",
        "project/egs/speech/conf/a.yaml": "lr: 0.1\nepochs: 2\noptimizer: Adam\n",
        "project/egs/songs/conf/b.yaml": "lr: 0.2\nepochs: 3\noptimizer: RMSprop\n",
    }
    assert names(tmp_path, files) == ["project/egs/songs/conf/b.yaml", "project/egs/speech/conf/a.yaml"]
    found = analysed(tmp_path, files, "project/egs/songs/conf/b.yaml")
    assert values(found, "optimizer") == ["RMSprop"] and values(found, "learning_rate") == [0.2]


def test_configurations_that_say_much_may_stand_in_any_folder_beside_a_package(tmp_path: Path) -> None:
    told = "lr: 0.1\nepochs: 2\nmodel: unet\nbatch_size: 4\n"
    files = {
        "cells/__init__.py": "",
        "cells/train.py": _script('"--config", required=True', "config"),
        "resources/cells_2d/train_config.yml": told,
        "resources/cells_3d/train_config.yml": told,
        "resources/cells_3d/test_config.yml": "model: unet\npath: kept.pt\n",
        "tests/resources/train_config.yml": told,
    }
    assert names(tmp_path, files) == ["resources/cells_2d/train_config.yml", "resources/cells_3d/train_config.yml"]


def test_several_files_that_a_run_is_given_together_are_one_choice(tmp_path: Path) -> None:
    script = (
        "import argparse, yaml, torch\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--model_config', required=True, help='path to model.yaml')\n"
        "parser.add_argument('--data_files_config', required=True, help='path to preprocess.yaml')\n"
        "parser.add_argument('--train_config', required=True, help='path to train.yaml')\n"
        "args = parser.parse_args()\nmodel = yaml.safe_load(open(args.model_config))\n"
        "train = yaml.safe_load(open(args.train_config))\nnet = torch.nn.Linear(model['width'], 1)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=train['lr'])\nfor epoch in range(train['epochs']):\n"
        "    net(torch.ones(1)).backward()\n    optimizer.step()\n"
    )
    files = {"train.py": script}
    for folder, rate in (("english", 0.1), ("chinese", 0.2)):
        files[f"config/{folder}/model.yaml"] = "model: wide\nwidth: 9\n"
        files[f"config/{folder}/train.yaml"] = f"lr: {rate}\nepochs: 3\n"
    assert names(tmp_path, files) == ["config/chinese/train.yaml", "config/english/train.yaml"]
    found = analysed(tmp_path, files, "config/chinese/train.yaml")
    assert values(found, "learning_rate") == [0.2] and values(found, "epochs") == [3]


CHOOSES = """
import argparse
from importlib import import_module
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--model", type=str, required=True)
args = parser.parse_args()
if __name__ == "__main__":
    taken = import_module("models." + args.model)
    config = taken.Config("news")
    model = taken.Model(config)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
    for epoch in range(config.num_epochs):
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""

CHOSEN = """
from torch import nn
class Config(object):
    def __init__(self, data):
        self.train_path = data + "/train.txt"
        self.num_epochs = {epochs}
        self.learning_rate = 1e-3
class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding, self.cell, self.out = nn.Embedding(50, 8), nn.{cell}(8, 8), nn.Linear(8, 2)
    def forward(self, x):
        return self.out(self.cell(self.embedding(x))[0])
"""


def test_modules_that_bring_their_settings_are_chosen_by_name(tmp_path: Path) -> None:
    files = {
        "run.py": CHOOSES,
        "models/one.py": CHOSEN.format(epochs=3, cell="GRU"),
        "models/two.py": CHOSEN.format(epochs=7, cell="LSTM"),
    }
    assert names(tmp_path, files) == ["models/one.py", "models/two.py"]
    found = analysed(tmp_path, files, "models/two.py")
    assert values(found, "epochs") == [7]
    assert values(found, "model_classes") == ["Model"]
    assert values(found, "architecture") == ["LSTM", "RNN"]


def test_configurations_of_tests_and_of_launchers_are_none_of_training(tmp_path: Path) -> None:
    train = "lr: 0.1\nepochs: 3\nbatch_size: 4\n"
    files = {"train.py": _script('"--config", required=True', "config")}
    files |= {"local_configs/small/a.yaml": train, "local_configs/b.yaml": train}
    files |= {"local_configs/test/a-x2.yaml": "batch_size: 1\n", "deepspeed_configs/zero.yaml": train}
    assert names(tmp_path, files) == ["local_configs/b.yaml", "local_configs/small/a.yaml"]


def test_configurations_stand_beside_a_folder_of_code(tmp_path: Path) -> None:
    files = {"README.md": "# Study\n", "code/train.py": _script('"--opt", required=True', "opt")}
    files |= {"first/Options/a.yaml": "lr: 0.1\nepochs: 3\n", "second/Options/b.yaml": "lr: 0.2\nepochs: 3\n"}
    assert names(tmp_path, files) == ["first/Options/a.yaml", "second/Options/b.yaml"]


def test_what_only_tells_a_network_is_no_configuration_beside_what_tells_training(tmp_path: Path) -> None:
    files = {"train.py": _script('"--config", required=True', "config")}
    files |= {"configs/small.yaml": "model:\n  width: 3\n", "configs/wide.yaml": "model:\n  width: 9\n"}
    files |= {"configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 3\n"}
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml"]


HYDRA = """
import pathlib
import hydra, torch
@hydra.main(config_path=str(pathlib.Path(__file__).parent.joinpath("config")){name})
def main(cfg):
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=cfg.optimizer.lr)
    for epoch in range(cfg.epochs):
        net(torch.ones(1)).backward()
        optimizer.step()
if __name__ == "__main__":
    main()
"""


def test_a_notebook_is_given_no_configuration(tmp_path: Path) -> None:
    script = _script('"--config"', "config", "json.load(file)")
    cells = [{"cell_type": "code", "source": script}]
    files = {f"configs/{name}.json": '{"lr": 0.5, "epochs": 3}' for name in ("one", "two")}
    files["book.ipynb"] = json.dumps({"cells": cells, "nbformat": 4})
    assert names(tmp_path, files) == ["book.ipynb"]
    assert names(tmp_path / "both", files | {"train.py": script}) == [
        "book.ipynb",
        "configs/one.json",
        "configs/two.json",
    ]


def test_hydra_may_be_told_any_whole_configuration_that_is_no_other_scripts(tmp_path: Path) -> None:
    config = "defaults:\n  - data: small\nepochs: {}\noptimizer:\n  lr: 0.1\n"
    files = {f"config/{name}.yaml": config.format(at) for at, name in enumerate(("first", "second", "third"), 1)}
    files |= {"config/data/small.yaml": "size: 3\n", "first.py": HYDRA.format(name="")}
    assert names(tmp_path, files) == ["config/first.yaml", "config/second.yaml", "config/third.yaml"]
    assert values(analysed(tmp_path, files, "config/third.yaml"), "epochs") == [3]
    files["first.py"] = HYDRA.format(name=", config_name=pathlib.Path(__file__).stem")
    files["evaluate.py"] = HYDRA.format(name=', config_name="third"').replace("net(torch.ones(1)).backward()", "pass")
    files["evaluate.py"] = files["evaluate.py"].replace("optimizer.step()", "net(torch.ones(1))")
    assert names(tmp_path / "told", files) == ["config/second.yaml", "first.py"]
    assert values(analysed(tmp_path / "told", files, "first.py"), "epochs") == [1]
    assert values(analysed(tmp_path / "told", files, "config/second.yaml"), "epochs") == [2]


def test_what_another_projects_script_begins_with_says_nothing(tmp_path: Path) -> None:
    config = "epochs: {}\noptimizer:\n  lr: 0.1\n"
    files = {f"one/config/{name}.yaml": config.format(at) for at, name in enumerate(("first", "second"), 1)}
    files |= {"one/train.py": HYDRA.format(name=""), "two/config/first.yaml": config.format(3)}
    files |= {"two/train.py": HYDRA.format(name=', config_name="first"')}
    assert names(tmp_path, files) == ["one/config/first.yaml", "one/config/second.yaml", "two/train.py"]


def test_configurations_that_are_all_built_on_one_another_are_read_once(tmp_path: Path) -> None:
    names = [f"configs/c{number}.yaml" for number in range(19)]
    bases = ", ".join(f"c{number}.yaml" for number in range(19))
    write(tmp_path, dict.fromkeys(names, f"BASE: [{bases}]\nlr: 0.1\n"))
    known = outlines(tmp_path)
    found = bases_of(known, known[str(tmp_path / names[0])])
    assert len(found) == 18


def test_options_added_by_another_name(tmp_path: Path) -> None:
    script = LOOP.replace("parser.add_argument({option})", "arg = parser.add_argument\n    arg({option})")
    told = '"-c", "--config_path", required=True, help="Path to the config."'
    script = script.format(option=told, name="config_path", loads="yaml.safe_load(file)")
    configs = {"configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 4\n"}
    assert names(tmp_path, {"main.py": script, **configs}) == ["configs/a.yaml", "configs/b.yaml"]
    assert values(analysed(tmp_path, {"main.py": script, **configs}, "configs/b.yaml"), "epochs") == [4]


def test_configurations_named_for_judging_at_their_end(tmp_path: Path) -> None:
    told = "lr: 0.1\nepochs: 2\n"
    files = {"train.py": _script('"--config", required=True', "config"), "configs/one.yaml": told}
    files |= {"configs/two.yaml": told, "configs/one_evaluate.yaml": told, "configs/one_eval_config.yaml": told}
    assert names(tmp_path, files) == ["configs/one.yaml", "configs/two.yaml"]


def test_bases_of_anyconfig_and_classes_that_a_configuration_names(tmp_path: Path) -> None:
    files = {
        "train.py": (
            "import anyconfig, argparse, torch\ndef import_class(name):\n    first, *rest = name.split('.')\n"
            "    mod = __import__(first)\n    for each in rest:\n        mod = getattr(mod, each)\n    return mod\n"
            "if __name__ == '__main__':\n    parser = argparse.ArgumentParser()\n"
            "    parser.add_argument('--config', default='config/a.yaml')\n    args = parser.parse_args()\n"
            "    own = anyconfig.load(open(args.config, 'rb'))\n    told = anyconfig.load(open(own['base'], 'rb'))\n"
            "    anyconfig.merge(told, own)\n    net, loader = import_class(told['model'])(), []\n"
            "    optimizer = torch.optim.SGD(net.parameters(), lr=told['lr'])\n"
            "    for epoch in range(told['epochs']):\n        for x in loader:\n            net(x).backward()\n"
            "            optimizer.step()\n"
        ),
        "config/a.yaml": "base: config/base.yaml\nmodel: nets.small.Net\nepochs: 9\n",
        "config/base.yaml": "lr: 0.3\nepochs: 2\n",
        "nets/__init__.py": "from . import small\n",
        "nets/small.py": "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.layer = nn.Conv2d(3, 1, 3)\n",
    }
    found = analysed(tmp_path, files, "train.py")
    assert values(found, "epochs") == [9] and values(found, "learning_rate") == [0.3]
    assert values(found, "model_classes") == ["Net"]


def test_a_readme_tells_whose_a_configuration_is(tmp_path: Path) -> None:
    script = _script('"--config", required=True', "config")
    files = {
        "first.py": script,
        "second.py": script,
        "README.md": "```\npython {} \\\n  --config configs/one.yaml\n```\n",
    }
    files |= {"configs/one.yaml": "lr: 0.1\nepochs: 2\n", "configs/two.yaml": "lr: 0.2\nepochs: 2\n"}
    for told in ("first.py", "./second.py"):
        found = candidates(tmp_path, {**files, "README.md": files["README.md"].format(told)})
        scripts = {Path(each.path).name: Path(each.script or "").name for each in found}
        assert scripts["one.yaml"] == Path(told).name


TOLD = """
import argparse
import torch
import yaml
from configs.shapes import SIZES
parser = argparse.ArgumentParser()
parser.add_argument("config", help="path to the config file")
with open(parser.parse_args().config) as file:
    config = yaml.safe_load(file)
model = torch.nn.Linear(SIZES[config["size"]], 2)
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
for epoch in range(config["epochs"]):
    for x, y in loader:
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
"""


def test_what_judges_stands_beside_what_trains(tmp_path: Path) -> None:
    """Nor is a module that the script imports one of those that it is given."""
    told = "lr: 0.1\nepochs: 3\nsize: small\n"
    folders = ("train", "test")
    files = {f"configs/{folder}/{name}.yaml": told for folder in folders for name in ("indoor", "outdoor")}
    files |= {"main.py": TOLD, "configs/shapes.py": "SIZES = {'small': 4, 'large': 8}\n"}
    assert names(tmp_path, files) == ["configs/train/indoor.yaml", "configs/train/outdoor.yaml"]


def test_a_switch_takes_no_configuration(tmp_path: Path) -> None:
    script = _script('"--skip_config", action="store_true"', "skip_config")
    configs = {"rates/a.yaml": "lr: 0.1\nepochs: 3\n", "rates/b.yaml": "lr: 0.2\nepochs: 4\n"}
    assert names(tmp_path, {"main.py": script, **configs}) == ["main.py"]


def test_a_file_named_as_the_default_in_one_of_several_folders_is_none(tmp_path: Path) -> None:
    script = _script('"--opt"', "opt")
    configs = {f"config/{name}.yaml": "lr: 0.1\nepochs: 3\n" for name in ("waves/train", "words/train_words")}
    assert names(tmp_path, {"main.py": script, **configs}) == sorted(configs)
    above = {"config/train.yaml": "lr: 0.1\nepochs: 3\n"}
    assert names(tmp_path / "b", {"main.py": script, **above, **configs}) == [*sorted(configs), "main.py"]


def test_what_the_text_of_docopt_says_by_default_is_the_configuration(tmp_path: Path) -> None:
    script = '''
        """
        Usage:
            train.py [options]
        Options:
            --config=<path>  Path to the file [default: ./configs/a.yaml]
            --log=<path>     Where to write [default: ./out.yaml.log]
        """
        import torch
        from docopt import docopt
        from ruamel.yaml import YAML

        def load(path):
            found = {}
            for document in YAML().load_all(open(path)):
                found = dict(document)
            return found

        def train(config):
            net = torch.nn.Linear(1, 1)
            optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"])
            for epoch in range(config["epochs"]):
                net(torch.ones(1)).backward()
                optimizer.step()

        if __name__ == "__main__":
            train(load(docopt(__doc__)["--config"]))
    '''
    files = {"train.py": script, "configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 4\n"}
    assert names(tmp_path, files) == ["configs/b.yaml", "train.py"]
    assert values(analysed(tmp_path, files, "train.py"), "learning_rate") == [0.1]
    assert values(analysed(tmp_path, files, "configs/b.yaml"), "epochs") == [4]


def test_a_pair_of_texts_names_what_trains(tmp_path: Path) -> None:
    script = """
        import argparse, importlib, json5

        def made(told, *given):
            module = importlib.import_module(told["module"])
            return getattr(module, told["main"])(*given, **told["args"])

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("-C", "--configuration", required=True)
            config = json5.load(open(parser.parse_args().configuration))
            made(config["trainer"], made(config["model"])).train()
    """
    modules = {
        "lib/__init__.py": "",
        "lib/net.py": "import torch\nclass Net(torch.nn.Linear):\n    def __init__(self):\n"
        "        super().__init__(1, 1)\n",
        "lib/loop.py": "import torch\nclass Loop:\n    def __init__(self, net, epochs):\n        self.net = net\n"
        "        self.epochs = epochs\n    def train(self):\n"
        "        optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)\n"
        "        for epoch in range(self.epochs):\n            self.net(torch.ones(1)).backward()\n"
        "            optimizer.step()\n",
    }
    config = {
        "trainer": {"module": "lib.loop", "main": "Loop", "args": {"epochs": 5}},
        "model": {"module": "lib.net", "main": "Net", "args": {}},
    }
    files = {"train.py": script, **modules, "config/a.json": json.dumps(config)}
    assert names(tmp_path, files) == ["train.py"]
    found = analysed(tmp_path, files, "train.py")
    assert values(found, "epochs") == [5] and values(found, "model_classes") == ["Net"]


def test_a_loop_started_from_above_is_run_with_the_configuration(tmp_path: Path) -> None:
    """What the loop's own file puts together is where it writes, and what only shows the model starts nothing."""
    loop = """
        import torch, yaml

        class Supervisor:
            def __init__(self, **settings):
                self.settings = settings
                self.net = torch.nn.Linear(1, 1)

            def train(self):
                optimizer = torch.optim.SGD(self.net.parameters(), lr=self.settings.get("lr"))
                for epoch in range(self.settings.get("epochs")):
                    self.net(torch.ones(1)).backward()
                    optimizer.step()
                    name = "config_{}.yaml".format(epoch)
                    yaml.dump(self.settings, open(name, "w"))
    """
    start = """
        import argparse, yaml
        from model.supervisor import Supervisor

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("--config_filename", default=DEFAULT)
            settings = yaml.safe_load(open(parser.parse_args().config_filename))
            Supervisor(**settings).train()
    """
    files = {
        "main_train.py": start.replace("DEFAULT", "None"),
        "run_demo.py": start.replace("DEFAULT", "'data/pretrained/config.yaml'"),
        "model/__init__.py": "",
        "model/supervisor.py": loop,
        "data/a.yaml": "lr: 0.1\nepochs: 3\noptimizer: sgd\n",
        "data/b.yaml": "lr: 0.2\nepochs: 4\noptimizer: sgd\n",
        "data/pretrained/config.yaml": "lr: 0.3\nepochs: 5\noptimizer: sgd\n",
    }
    assert names(tmp_path, files) == ["data/a.yaml", "data/b.yaml"]
    assert values(analysed(tmp_path, files, "data/b.yaml"), "learning_rate") == [0.2]


def test_a_default_that_was_moved_is_found_by_its_end(tmp_path: Path) -> None:
    """What goes with the file to what reads it, a number, is none."""
    script = """
        import argparse, yaml, torch

        def load_config(path, rate):
            config = yaml.safe_load(open(path))
            config["lr"] = rate
            return config

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("-config", "--config_fname", default="configs/cart/ppo.yaml")
            parser.add_argument("-lr", "--lrate", type=float, default=0.5)
            args = parser.parse_args()
            config = load_config(args.config_fname, args.lrate)
            net = torch.nn.Linear(1, 1)
            optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"])
            for epoch in range(config["rounds"]):
                net(torch.ones(1)).backward()
                optimizer.step()
    """
    configs = {f"agents/{name}/ppo.yaml": f"rounds: {rounds}\nlr: 0.1\n" for name, rounds in (("cart", 3), ("pole", 4))}
    files = {"train.py": script, **configs}
    assert names(tmp_path, files) == ["agents/pole/ppo.yaml", "train.py"]
    for name, epochs in (("train.py", 3), ("agents/pole/ppo.yaml", 4)):
        found = analysed(tmp_path, files, name)
        assert values(found, "epochs") == [epochs] and values(found, "learning_rate") == [0.5]


def test_the_name_of_a_configuration_says_what_data_are_trained_on(tmp_path: Path) -> None:
    """Where the code says nothing of them."""
    script = _script('"--cfg", default="config/ade20k-small.yaml"', "cfg")
    files = {f"config/{name}.yaml": "lr: 0.1\nepochs: 3\n" for name in ("ade20k-small", "ade20k-large", "from-ade20k")}
    files["train.py"] = script
    for name, told in (("train", ["ADE20K"]), ("config/ade20k-large", ["ADE20K"]), ("config/from-ade20k", [])):
        path = name + (".yaml" if "/" in name else ".py")
        assert values(analysed(tmp_path, files, path), "datasets") == told
    known = {
        **files,
        "train.py": script.replace("net = ", "import torchvision; torchvision.datasets.MNIST('.'); net = "),
    }
    assert values(analysed(tmp_path / "b", known, "config/ade20k-large.yaml"), "datasets") == ["MNIST"]
    named = {**files, "train.py": "class Ade20k:\n    pass\n\nkept = Ade20k()\n" + script}
    assert values(analysed(tmp_path / "c", named, "config/ade20k-large.yaml"), "datasets") == []


def test_what_imports_in_a_block_is_a_configuration_all_the_same(tmp_path: Path) -> None:
    script = _script('"--config", required=True', "config", "None").replace(
        "import argparse", f"{IMPORTING}import argparse"
    )
    script = script.replace("load(parser", "read(parser")
    config = "from helper import inside\nwith inside('./'):\n    from configs.parts.rate import lr\nepochs = {}\n"
    files = {"main.py": script, "configs/parts/rate.py": "lr = 0.1\n"}
    files |= {f"configs/runs/{name}.py": config.format(turns) for name, turns in (("a", 3), ("b", 5))}
    assert {"configs/runs/a.py", "configs/runs/b.py"} <= {*names(tmp_path, files)}
    found = analysed(tmp_path, files, "configs/runs/b.py")
    assert values(found, "learning_rate") == [0.1] and values(found, "epochs") == [5]


IMPORTING = """
from importlib.machinery import SourceFileLoader
def read(path):
    module = SourceFileLoader("config", path).load_module()
    return {name: value for name, value in module.__dict__.items() if not name.startswith("__")}
"""


def test_an_option_that_takes_a_dict_takes_no_file(tmp_path: Path) -> None:
    script = _script('"--config", required=True', "config")
    script = script.replace(
        "    train(load", '    parser.add_argument("--optimizer_params", type=dict)\n    train(load'
    )
    files = {"main.py": script, "configs/a.yaml": "lr: 0.1\nepochs: 3\n", "configs/b.yaml": "lr: 0.2\nepochs: 4\n"}
    found = analysed(tmp_path, files, "configs/a.yaml")
    assert values(found, "learning_rate") == [0.1]
    assert not values(found, "settings.optimizer_params")
