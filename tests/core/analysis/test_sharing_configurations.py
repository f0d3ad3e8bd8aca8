"""Whose a configuration is that several scripts could take, and which say enough to be one."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

FLAGS = """
from absl import app, flags
from ml_collections import config_flags
import torch
FLAGS = flags.FLAGS
flags.DEFINE_integer("batch_size", {batch}, "")
config_flags.DEFINE_config_file("config"{default})
def main(_):
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=FLAGS.config.lr)
    loader = torch.utils.data.DataLoader([1], batch_size=FLAGS.batch_size)
    for epoch in range(3):
        net(next(iter(loader))).backward()
        optimizer.step()
if __name__ == "__main__":
    app.run(main)
"""
SMALL = "import ml_collections\ndef get_config():\n    config = ml_collections.ConfigDict()\n    config.lr = {}\n"
WIDE = SMALL + "    config.strides = (1, 2)\n    config.grey = False\n    config.side = 64\n"


def test_what_is_set_in_python_tells_whose_a_configuration_is(tmp_path: Path) -> None:
    files = {"train.py": FLAGS.format(batch=4, default=", 'configs/plain.py'")}
    files |= {"train_pixels.py": FLAGS.format(batch=8, default=", 'configs/seen.py'")}
    files |= {"configs/plain.py": SMALL.format(0.1) + "    return config\n"}
    files |= {"configs/seen.py": WIDE.format(0.1) + "    return config\n"}
    files |= {"configs/seen_fast.py": WIDE.format(0.2) + "    return config\n"}
    assert names(tmp_path, files) == ["configs/seen_fast.py", "train.py", "train_pixels.py"]
    assert values(analysed(tmp_path, files, "configs/seen_fast.py"), "batch_size") == [8]


def test_a_head_names_the_package_of_a_script_too(tmp_path: Path) -> None:
    head = 'r"""Small.\n\nlib.train \\\n    --config lib/configs/small.py\n"""\n'
    files = {"lib/__init__.py": "", "lib/train.py": FLAGS.format(batch=4, default=", None")}
    files |= {"lib/projects/__init__.py": "", "lib/projects/train.py": FLAGS.format(batch=8, default=", None")}
    files |= {"lib/configs/small.py": head + SMALL.format(0.1) + "    return config\n"}
    files |= {"lib/configs/other.py": head.replace("lib.train", "lib.projects.train") + SMALL.format(0.2)}
    assert values(analysed(tmp_path, files, "lib/configs/small.py"), "batch_size") == [4]
    assert values(analysed(tmp_path, files, "lib/configs/other.py"), "batch_size") == [8]


def test_a_command_names_a_script_by_its_module(tmp_path: Path) -> None:
    files = {"lib/__init__.py": "", "lib/first.py": FLAGS.format(batch=4, default=", None")}
    files |= {"lib/other.py": FLAGS.format(batch=8, default=", None")}
    files |= {"configs/a.py": SMALL.format(0.1), "configs/b.py": SMALL.format(0.2)}
    files |= {"README.md": "    python3 -m lib.other \\\n      --config configs/b.py\n"}
    assert values(analysed(tmp_path, files, "configs/a.py"), "batch_size") == [4]
    assert values(analysed(tmp_path, files, "configs/b.py"), "batch_size") == [8]


def test_what_a_configuration_leaves_out_is_as_the_code_has_it(tmp_path: Path) -> None:
    script = FLAGS.format(batch=4, default=", None").replace("config_flags.DEFINE_config_file", "flags.DEFINE_string")
    files = {"train.py": script.replace('"config"', '"cfg", None, "the yaml config file"').replace(", None)", ")", 1)}
    files |= {"configs/small.yaml": "model:\n  width: 3\n", "configs/wide.yaml": "model:\n  width: 9\n"}
    files |= {"configs/long.yaml": "model:\n  width: 3\ntrain:\n  epochs: 90\n", "configs/net.yaml": "layers: 3\n"}
    assert names(tmp_path, files) == ["configs/long.yaml", "configs/small.yaml", "configs/wide.yaml"]
    files |= {"configs/long.yaml": "_base_: configs/wide.yaml\n" + files["configs/long.yaml"]}
    assert names(tmp_path / "built", files) == ["configs/long.yaml", "configs/small.yaml"]


OPTION = """
import argparse, json, torch
from lib import Config
def train(config):
    net = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        net(torch.ones(1)).backward()
        optimizer.step()
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--config"{told})
    args = parser.parse_args()
    cfg = Config()
    {read}
    train(cfg)
"""
REQUIRED = OPTION.format(told=", required=True", read="cfg = Config(args.config)")
WHOLE = "lr: 0.1\nepochs: 3\nbatch_size: 4\n"


def test_yaml_is_given_where_the_code_reads_only_other_things(tmp_path: Path) -> None:
    files = {"train.py": REQUIRED + "json.load(open('words.json'))\n", "config/a.yaml": WHOLE, "config/b.yaml": WHOLE}
    assert names(tmp_path, files) == ["config/a.yaml", "config/b.yaml"]


def test_commands_tell_the_folder_of_configurations(tmp_path: Path) -> None:
    head = '"""Train.\n\n    python scripts/main.py --config lessons/cells++.yaml\n"""\n'
    files = {"scripts/main.py": head + REQUIRED, "lessons/cells++.yaml": WHOLE, "lessons/worms.yaml": WHOLE}
    files |= {"lessons/parts/data.yaml": WHOLE, "other/c.yaml": WHOLE}
    assert names(tmp_path, files) == ["lessons/cells++.yaml", "lessons/worms.yaml"]


def test_what_says_much_beside_a_script_is_its_configuration(tmp_path: Path) -> None:
    files = {"work/main.py": REQUIRED, "work/names.yaml": "lr: left right\n", "train.py": REQUIRED}
    whole = ["configs/a.yaml", "configs/b.yaml", "work/small_128.yaml", "work/wide_128.yaml"]
    assert names(tmp_path, files | dict.fromkeys(whole, WHOLE)) == whole


def test_a_script_runs_without_what_is_only_laid_over_its_settings(tmp_path: Path) -> None:
    read = "if args.config:\n        cfg.merge_from_file(args.config)"
    files = {
        "train.py": OPTION.format(told=", default=''", read=read),
        "configs/a.yaml": WHOLE,
        "configs/b.yaml": WHOLE,
    }
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml", "train.py"]
    files["train.py"] = OPTION.format(told=", default=''", read="cfg.merge_from_file(args.config)")
    assert names(tmp_path / "needed", files) == ["configs/a.yaml", "configs/b.yaml"]


def test_configurations_of_data_alone_are_no_runs(tmp_path: Path) -> None:
    files = {"train.py": REQUIRED, "cfgs/nets/a.yaml": WHOLE, "cfgs/nets/b.yaml": WHOLE}
    files |= {"cfgs/dataset_configs/cells.yaml": WHOLE}
    assert names(tmp_path, files) == ["cfgs/nets/a.yaml", "cfgs/nets/b.yaml"]


def test_a_loop_of_a_base_repeats_what_trains(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "from lib import engines\n",
        "lib/engines.py": (
            "from lib.base import Engine\nclass Plain(Engine):\n    def forward_backward(self, x):\n"
            "        loss = self.net(x).sum()\n        loss.backward()\n        self.optimizer.step()\n"
            "        self.total /= 2\n"
        ),
        "lib/base.py": (
            "class Engine:\n    def __init__(self, net, taking):\n        self.net, self.optimizer = net, taking\n"
            "    def run(self, loader):\n        for x in loader:\n            self.forward_backward(x)\n"
        ),
        "lib/building.py": "import torch\ndef parts():\n    net = torch.nn.Linear(1, 1)\n"
        "    return net, torch.optim.Adam(net.parameters(), lr=0.1)\n",
        "scripts/main.py": (
            "import lib\nfrom lib.building import parts\ndef main():\n"
            "    lib.engines.Plain(*parts()).run(range(3))\nif __name__ == '__main__':\n    main()\n"
        ),
    }
    assert names(tmp_path, files) == ["scripts/main.py"]


def test_a_configuration_is_asked_for_one_of_its_structures(tmp_path: Path) -> None:
    asked = (
        "import ml_collections\ndef get_config(name):\n    config = ml_collections.ConfigDict()\n"
        "    config.lr = {'slow': 0.01, 'fast': 0.5}[name]\n    return config\n"
    )
    files = {"train.py": FLAGS.format(batch=4, default=", 'configs/many.py:fast'"), "configs/many.py": asked}
    assert names(tmp_path, files) == ["train.py"]
    assert values(analysed(tmp_path, files), "learning_rate") == [0.5]
