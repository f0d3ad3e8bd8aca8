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
