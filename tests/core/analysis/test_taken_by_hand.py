"""A configuration whose path is taken from the command line by hand, in a dict of one's own."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

CONFIG = """
    import sys, yaml

    FLAGS = None

    class Held(dict):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.__dict__ = self

        def text(self):
            return str(self)

    class Config(Held):
        def __init__(self, path=None):
            with open(path) as file:
                entries = yaml.load(file, yaml.Loader)
            super().__init__(entries)

    def start():
        global FLAGS
        if FLAGS is None:
            path = None
            for word in sys.argv:
                if word.startswith("app:"):
                    path = word[4:]
            FLAGS = Config(path)
        return FLAGS

    start()
"""
TRAIN = """
    import importlib
    import torch
    from lib.config import FLAGS

    net = importlib.import_module(FLAGS.model).Model()
    optimizer = torch.optim.SGD(net.parameters(), lr=FLAGS.lr)
    criterion = torch.nn.MSELoss() if getattr(FLAGS, "squared", False) else torch.nn.L1Loss()
    for epoch in range(FLAGS.num_epochs):
        criterion(net(torch.ones(1)), torch.ones(1)).backward()
        optimizer.step()
"""
NET = "import torch\nclass Model(torch.nn.Linear):\n    def __init__(self):\n        super().__init__(1, 1)\n"
FILES = {
    "train.py": TRAIN,
    "lib/config.py": CONFIG,
    "nets/one.py": NET,
    "nets/two.py": NET.replace("Linear", "Conv1d").replace("1, 1", "1, 1, 3"),
    "apps/a.yml": "lr: 0.1\nnum_epochs: 3\noptimizer: sgd\nmodel: nets.one\n",
    "apps/b.yml": "lr: 0.2\nnum_epochs: 4\noptimizer: sgd\nmodel: nets.two\nsquared: true\n",
}


def test_files_that_say_much_of_training_are_what_may_be_given(tmp_path: Path) -> None:
    assert {"apps/a.yml", "apps/b.yml"} <= set(names(tmp_path, FILES))


def test_what_it_holds_and_what_it_lacks_is_known(tmp_path: Path) -> None:
    first, second = (analysed(tmp_path, FILES, f"apps/{name}.yml") for name in "ab")
    assert values(first, "learning_rate") == [0.1] and values(second, "epochs") == [4]
    assert values(first, "loss") == ["L1Loss"] and values(second, "loss") == ["MSELoss"]
    assert values(second, "architecture") == ["CNN"] and "CNN" not in values(first, "architecture")
