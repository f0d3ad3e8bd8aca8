"""Registries: classes and functions that a run finds by names, in the user's code and in libraries."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"

REGISTRY = """
class Registry:
    def __init__(self):
        self._map = {}
    def register(self):
        def deco(thing):
            self._map[thing.__name__] = thing
            return thing
        return deco
    def get(self, name):
        found = self._map.get(name)
        if found is None:
            raise KeyError(name)
        return found
MODELS, NETS = Registry(), Registry()
"""

PACKAGE = """
import importlib, os
from copy import deepcopy
from lib.registry import MODELS
names = [os.path.splitext(each)[0] for each in os.listdir(os.path.dirname(__file__))]
modules = [importlib.import_module(f"lib.models.{name}") for name in names]
def build(opt):
    opt = deepcopy(opt)
    return MODELS.get(opt.pop("type"))(opt)
"""

MODEL = (
    TORCH
    + """
import functools
from lib.registry import MODELS, NETS
def weighted(loss):
    @functools.wraps(loss)
    def wrapper(x, y):
        return loss(x, y)
    return wrapper
@weighted
def squared(x, y):
    return F.mse_loss(x, y)
@NETS.register()
class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, width, 3), nn.Conv2d(width, 3, 3))
    def forward(self, x):
        return self.layers(x)
@NETS.register()
class Other(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.LSTM(3, width)
@MODELS.register()
class Restoring:
    def __init__(self, opt):
        self.net = NETS.get(opt["net"].pop("type"))(**opt["net"])
        self.opt = optim.Adam(self.net.parameters(), lr=opt["train"]["lr"])
    def optimise(self, x, y):
        F.l1_loss(self.net(x), y).backward()
        self.opt.step()
"""
)

SCRIPT = """
import argparse, yaml
from torch.utils.data import DataLoader
from lib.models import build
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-opt", type=str, required=True)
    opt = yaml.safe_load(open(parser.parse_args().opt))
    model = build(opt)
    for x, y in DataLoader(opt["datasets"]["train"]["root"], batch_size=opt["datasets"]["train"]["batch_size"]):
        model.optimise(x, y)
if __name__ == "__main__":
    main()
"""

OPTIONS = """
type: Restoring
datasets:
  train:
    root: data/DIV2K/train
    batch_size: 16
  val:
    root: data/Set5/all
net:
  type: Small
  width: {width}
train:
  lr: !!float {rate}
"""


def test_what_a_package_registers_is_found_by_its_name(tmp_path: Path) -> None:
    files = {
        "lib/train.py": SCRIPT,
        "lib/__init__.py": "",
        "lib/registry.py": REGISTRY,
        "lib/models/__init__.py": PACKAGE,
        "lib/models/restoring.py": MODEL,
        "options/train/a.yml": OPTIONS.format(width=8, rate="1e-4"),
        "options/train/b.yml": OPTIONS.format(width=64, rate="2e-4"),
        "options/test/a.yml": "type: Restoring\ndatasets:\n  val:\n    root: data/Set5/all\n",
    }
    assert names(tmp_path, files) == ["options/train/a.yml", "options/train/b.yml"]
    found = analysed(tmp_path, files, "options/train/b.yml")
    assert values(found, "model_classes") == ["Small"]
    assert (values(found, "learning_rate"), values(found, "loss"), values(found, "batch_size")) == (
        [2e-4],
        ["l1_loss"],
        [16],
    )


TIMM = (
    TORCH
    + """
import argparse
from timm.models import create_model
from timm.models.registry import register_model
class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, classes))
    def forward(self, x):
        return self.layers(x)
@register_model
def net_tiny(pretrained=False, **kwargs):
    return Net(**kwargs)
parser = argparse.ArgumentParser()
parser.add_argument("--model", default="net_tiny")
net = create_model(parser.parse_args().model, classes=5, drop_rate=None)
opt = optim.Adam(net.parameters())
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    opt.step()
"""
)


def test_what_is_registered_with_timm_is_created_by_its_name(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": TIMM}), "model_classes") == ["Net"]


ENGINE = (
    TORCH
    + """
from mmengine import Registry
NETS = Registry("nets")
@NETS.register_module()
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, width), nn.ReLU(), nn.Linear(width, 2))
    def forward(self, x):
        return self.layers(x)
net = NETS.build(dict(type="Net", width=16))
opt = optim.Adam(net.parameters())
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    opt.step()
"""
)


def test_a_librarys_registry_builds_what_type_names(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": ENGINE}), "model_classes") == ["Net"]


ARGUMENTS = """
from dataclasses import dataclass, field
import transformers
from transformers import Trainer
@dataclass
class Arguments(transformers.TrainingArguments):
    optim: str = field(default="adamw_torch")
    num_train_epochs: float = field(default=3)
    learning_rate: float = field(default=2e-5)
def train():
    (args,) = transformers.HfArgumentParser((Arguments,)).parse_args_into_dataclasses()
    Trainer(model=transformers.AutoModelForCausalLM.from_pretrained("facebook/opt-125m"), args=args).train()
if __name__ == "__main__":
    train()
"""


def test_heirs_of_training_arguments_say_what_they_say(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ARGUMENTS})
    assert (values(found, "optimizer"), values(found, "learning_rate"), values(found, "epochs")) == (
        ["AdamW"],
        [2e-5],
        [3],
    )


BLIND = (
    TORCH
    + """
class Causal(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
    def forward(self, x):
        self.conv.weight.data[:, :, -1, 1:].zero_()
        return self.conv(x)
class Adding(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)
        self.equal, self.shortcut = True, None
    def forward(self, x):
        out = self.two(self.one(x))
        return torch.add(x if self.equal else self.shortcut(x), out)
class Idle(torch.optim.Optimizer):
    def step(self):
        pass
net = {net}
opt = optim.Adam(net.parameters())
none = Idle()
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    opt.step()
"""
)


def test_kernels_kept_at_zero_sums_as_calls_and_optimizers_that_do_nothing(tmp_path: Path) -> None:
    blind = analysed(tmp_path / "a", {"train.py": BLIND.replace("{net}", "Causal()")})
    assert values(blind, "architecture") == ["Autoregressive", "CNN"]
    assert values(blind, "optimizer") == ["Adam"]
    adding = analysed(tmp_path / "b", {"train.py": BLIND.replace("{net}", "Adding()")})
    assert values(adding, "architecture") == ["ResNet", "CNN"]


PARSER = """
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
import nets
class Parser:
    def __init__(self, path):
        import json
        self._config = json.load(open(path))
    def make(self, name, module, *given):
        entry = dict(self[name]["args"])
        return getattr(module, self[name]["type"])(*given, **entry)
    def __getitem__(self, name):
        return self.config[name]
    @property
    def config(self):
        return self._config
def main(config):
    net = config.make("arch", nets)
    loader = DataLoader(MNIST("data"), batch_size=config["batch"])
    optimizer = config.make("optimizer", torch.optim, net.parameters())
    for epoch in range(config["epochs"]):
        for x, y in loader:
            torch.nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
if __name__ == "__main__":
    main(Parser("config.json"))
"""

SAID = """{
  "arch": {"type": "Small", "args": {"width": 8}},
  "batch": 16,
  "epochs": 4,
  "optimizer": {
    "type": "RMSprop",
    "args": {"lr": 0.03}
  }
}
"""

NETS = """
from torch import nn
class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(784, width)
    def forward(self, x):
        return self.layer(x)
"""


def test_a_parser_of_a_configuration_makes_what_it_names(tmp_path: Path) -> None:
    """`config["arch"]` by a method of the user's own; what a text of the file names has its place there."""
    told = analysed(tmp_path, {"train.py": PARSER, "config.json": SAID, "nets.py": NETS})
    assert values(told, "model_classes") == ["Small"]
    assert values(told, "learning_rate") == [0.03]
    assert values(told, "batch_size") == [16]
    assert values(told, "epochs") == [4]
    optimizer = next(fact for fact in told.facts if fact.field == "optimizer")
    assert (optimizer.value, Path(optimizer.place.file).name, optimizer.place.line) == ("RMSprop", "config.json", 6)


def test_a_text_that_writes_a_call_is_followed(tmp_path: Path) -> None:
    """`eval("nn.DataParallel({}(8).cuda())".format(name))`: followed as if it stood there; nothing is run."""
    script = """
        from torch import nn, optim
        from nets import Small
        name = "Small"
        net = eval("nn.DataParallel({}(8).cuda())".format(name))
        odd = eval("__import__('os').remove('/')" if name else "(")
        optimizer = optim.SGD(net.parameters(), lr=0.1)
        for x, y in loader:
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
    """
    told = analysed(tmp_path, {"train.py": script, "nets.py": NETS})
    assert values(told, "model_classes") == ["Small"]
    assert values(told, "parameters") == [784 * 8 + 8]


def test_a_class_is_found_in_whichever_module_has_it(tmp_path: Path) -> None:
    package = """
import importlib, os
names = [os.path.splitext(each)[0] for each in os.listdir(os.path.dirname(__file__))]
modules = [importlib.import_module(f"nets.{name}") for name in names]
def define(kind, width):
    for module in modules:
        found = getattr(module, kind, None)
        if found is not None:
            break
    return found(width)
"""
    net = TORCH + "class {0}(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
    net += "        self.a = nn.Linear(1, width)\n    def forward(self, x):\n        return self.a(x)\n"
    net += "class Same(nn.Module):\n    pass\n"
    script = TORCH + "from nets import define\nnet = define('{}', 8)\noptimizer = optim.SGD(net.parameters(), lr=0.1)\n"
    script += "for epoch in range(3):\n    net(torch.ones(1, 1)).backward()\n    optimizer.step()\n"
    files = {"nets/__init__.py": package, "nets/one.py": net.format("One"), "nets/two.py": net.format("Two")}
    files |= {"train.py": script.format("Two"), "same.py": script.format("Same")}
    assert values(analysed(tmp_path, files, "train.py"), "model_classes") == ["Two"]
    assert values(analysed(tmp_path, files, "same.py"), "model_classes") == []  # two modules have one


KEPT = """
class Registry:
    mapping = {"runner": {}, "model": {}}
    @classmethod
    def register_runner(cls, name):
        def wrap(runner):
            cls.mapping["runner"][name] = runner
            return runner
        return wrap
    @classmethod
    def register_model(cls, name):
        def wrap(model):
            cls.mapping["model"][name] = model
            return model
        return wrap
    @classmethod
    def get_runner_class(cls, name):
        return cls.mapping["runner"].get(name, None)
    @classmethod
    def get_model_class(cls, name):
        return cls.mapping["model"].get(name, None)
registry = Registry()
"""

RUNNER = """
from lib.registry import registry
@registry.register_runner("epochs")
class Runner:
    def __init__(self, cfg, model, data):
        self.cfg, self.model, self.data, self._optimizer = cfg, model, data, None
    @property
    def optimizer(self):
        if self._optimizer is None:
            self._optimizer = torch.optim.AdamW(self.model.parameters(), lr=float(self.cfg.run.rate))
        return self._optimizer
    def train(self):
        for epoch in range(self.cfg.run.max_epoch):
            for x in self.data:
                self.model(x).sum().backward()
                self.optimizer.step()
"""


def test_a_runner_that_only_a_registry_speaks_of(tmp_path: Path) -> None:
    files = {
        "train.py": (
            "import argparse, torch\nfrom omegaconf import OmegaConf\nfrom lib.registry import registry\n"
            "from lib.runners import *\nfrom lib.models import *\n"
            "def main():\n"
            "    parser = argparse.ArgumentParser()\n"
            "    parser.add_argument('--cfg-path', required=True)\n"
            "    cfg = OmegaConf.load(parser.parse_args().cfg_path)\n"
            "    model = registry.get_model_class(cfg.model.arch)()\n"
            "    runner = registry.get_runner_class(cfg.run.get('runner', 'epochs'))(cfg, model, torch.rand(9, 8))\n"
            "    runner.train()\n"
            "if __name__ == '__main__':\n    main()\n"
        ),
        "show.py": "from lib.models import *\nfrom lib.runners import *\nprint(registry.get_model_class('small')())\n",
        "lib/__init__.py": "",
        "lib/registry.py": KEPT,
        "lib/runners/__init__.py": "from lib.runners.base import Runner\n__all__ = ['Runner']\n",
        "lib/runners/base.py": f"{TORCH}{RUNNER}",
        "lib/models/__init__.py": "from lib.models.small import Small\n__all__ = ['Small']\n",
        "lib/models/small.py": (
            f"{TORCH}from lib.registry import registry\n@registry.register_model('small')\nclass Small(nn.Module):\n"
            "    def __init__(self):\n        super().__init__()\n        self.lstm = nn.LSTM(8, 8)\n"
            "    def forward(self, x):\n        return self.lstm(x)[0]\n"
        ),
        "configs/first.yaml": "model:\n  arch: small\nrun:\n  rate: 3e-4\n  max_epoch: 4\n",
        "configs/second.yaml": "model:\n  arch: small\nrun:\n  rate: 1e-5\n  max_epoch: 7\n",
    }
    assert names(tmp_path, files) == ["configs/first.yaml", "configs/second.yaml"]
    found = analysed(tmp_path, files, "configs/first.yaml")
    assert values(found, "learning_rate") == [3e-4]
    assert values(found, "optimizer") == ["AdamW"]
    assert values(found, "epochs") == [4]
    assert values(found, "model_classes") == ["Small"]


PROCESSED = """
import argparse, yaml, torch
from torch import nn, optim
from light.loading import import_class
class Processor:
    def __init__(self, argv=None):
        parser = self.get_parser()
        given = parser.parse_args(argv)
        with open(given.config) as file:
            parser.set_defaults(**yaml.safe_load(file))
        self.arg = parser.parse_args(argv)
        self.model = import_class(self.arg.model)(**self.arg.model_args)
        self.optimizer = optim.SGD(self.model.parameters(), lr=self.arg.rate)
    def start(self):
        for epoch in range(self.arg.num_epoch):
            for x in torch.rand(9, 8):
                self.model(x).sum().backward()
                self.optimizer.step()
    @staticmethod
    def get_parser():
        parser = argparse.ArgumentParser(add_help=False)
        parser.add_argument('-c', '--config', default=None)
        parser.add_argument('--model', default=None)
        parser.add_argument('--model_args', default={})
        parser.add_argument('--rate', type=float)
        parser.add_argument('--num_epoch', type=int)
        return parser
"""


def test_processors_told_in_texts_one_of_which_a_sub_command_chooses(tmp_path: Path) -> None:
    config = "model: net.small.Small\nmodel_args:\n  size: 8\nrate: 0.1\nnum_epoch: {}\n"
    files = {
        "main.py": (
            "import argparse, sys\nfrom light.loading import import_class\n"
            "if __name__ == '__main__':\n"
            "    parser = argparse.ArgumentParser()\n"
            "    processors = dict()\n"
            "    processors['recognition'] = import_class('processor.recognition.Processor')\n"
            "    processors['demo'] = import_class('processor.demo.Demo')\n"
            "    subparsers = parser.add_subparsers(dest='processor')\n"
            "    for key, each in processors.items():\n"
            "        subparsers.add_parser(key, parents=[each.get_parser()])\n"
            "    arg = parser.parse_args()\n"
            "    Processor = processors[arg.processor]\n"
            "    Processor(sys.argv[2:]).start()\n"
        ),
        "light/__init__.py": "",
        "light/loading.py": (
            "import sys\ndef import_class(text):\n    module, _, name = text.rpartition('.')\n    __import__(module)\n"
            "    return getattr(sys.modules[module], name)\n"
        ),
        "processor/__init__.py": "",
        "processor/recognition.py": PROCESSED,
        "processor/demo.py": "class Demo:\n    @staticmethod\n    def get_parser():\n        return None\n",
        "net/__init__.py": "",
        "net/small.py": (
            f"{TORCH}class Small(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n"
            "        self.layer = nn.GRU(size, size)\n    def forward(self, x):\n        return self.layer(x)[0]\n"
        ),
        "config/small/train.yaml": config.format(7),
        "config/large/train.yaml": config.format(4),
    }
    assert "config/small/train.yaml" in names(tmp_path, files)
    found = analysed(tmp_path, files, "config/small/train.yaml")
    assert values(found, "model_classes") == ["Small"]
    assert values(found, "learning_rate") == [0.1]
    assert values(found, "epochs") == [7]


def test_a_package_fills_the_registries_beside_a_function_that_asks_them(tmp_path: Path) -> None:
    network = (
        f"{TORCH}from net.registry import NETS\n@NETS.register()\nclass Small(nn.Module):\n"
        "    def __init__(self, width):\n        super().__init__()\n        self.layer = nn.GRU(width, width)\n"
        "    def forward(self, x):\n        return self.layer(x)[0]\n"
    )
    files = {
        "main.py": (
            f"{TORCH}from net.registry import build\nnet = build(dict(name='Small', width=8))\n"
            "opt = optim.SGD(net.parameters(), lr=0.3)\nfor x, y in pairs:\n"
            "    F.mse_loss(net(x), y).backward()\n    opt.step()\n"
        ),
        "net/__init__.py": "from .small import Small\n",
        "net/registry.py": f"{REGISTRY}def build(cfg):\n    return NETS.get(cfg.pop('name'))(**cfg)\n",
        "net/small.py": network,
    }
    found = analysed(tmp_path, files, "main.py")
    assert values(found, "model_classes") == ["Small"]
    assert "GRU" in values(found, "architecture")
