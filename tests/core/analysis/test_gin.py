"""Files of gin: what they bind, and which model they make of a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis import gin
from core.analysis.program import ListValue
from core.analysis.source import read_source
from tests.core.analysis.writing import analysed, fact, names, values, write

TRAIN = """
import gin, torch
from absl import app, flags
from lib import agent
flags.DEFINE_multi_string("gin_files", [], "List of paths to gin configuration files.")
FLAGS = flags.FLAGS

@gin.configurable
def train(steps=10, batch_size=4, optimizer=torch.optim.SGD([], lr=9.0)):
    data = torch.utils.data.DataLoader(range(9), batch_size=batch_size)
    a = agent.Agent()
    for step in range(steps):
        for x in data:
            a.net(x).sum().backward()
            a.optimizer.step()

def main(_):
    gin.parse_config_files_and_bindings(FLAGS.gin_files, [])
    train(optimizer=None)

if __name__ == "__main__":
    app.run(main)
"""
AGENT = """
import gin, torch

@gin.configurable
class Small(torch.nn.Linear):
    def __init__(self, width=3):
        super().__init__(width, width)

@gin.configurable("Wide")
class Broad(torch.nn.Linear):
    def __init__(self, width=7):
        super().__init__(width, width)

@gin.configurable
class Agent:
    def __init__(self, network=Small, rate=0.1):
        self.net = network()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=rate)
"""
WIDE = """
# a comment with a = sign
import lib.agent
include 'base.gin'
RATE = 2e-3
train.steps = 50  # agent steps
Agent:
  network = @lib.agent.Wide
  rate = %RATE
evaluation/train.steps = 1
"""
FILES = {
    "train.py": TRAIN,
    "lib/__init__.py": "",
    "lib/agent.py": AGENT,
    "configs/wide.gin": WIDE,
    "configs/base.gin": "train.batch_size = (\n    16)\ntrain.steps = 3\n",
    "other/metric.gin": "judge.fn = @other\n",
}


def test_a_file_of_gin_is_a_model_of_the_script_whose_parameters_it_binds(tmp_path: Path) -> None:
    assert names(tmp_path, FILES) == ["configs/base.gin", "configs/wide.gin"]


def test_parameters_that_nobody_gives_take_what_is_bound(tmp_path: Path) -> None:
    found = analysed(tmp_path, FILES, "configs/wide.gin")
    assert values(found, "model_classes") == ["Broad"]
    assert values(found, "learning_rate") == [0.002] and values(found, "batch_size") == [16]
    assert values(found, "steps") == [50] and values(found, "optimizer") == ["Adam"]
    steps = fact(found, "steps")
    assert steps.how == "gin config" and steps.place.file.endswith("wide.gin") and steps.place.line == 5


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = analysed(tmp_path, {name: text for name, text in FILES.items() if not name.endswith(".gin")})
    assert values(found, "model_classes") == ["Small"] and values(found, "learning_rate") == [0.1]
    assert values(found, "optimizer") == ["Adam"]  # not the one of a default that is not used


def test_what_cannot_be_read_of_a_file_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"a.gin": "A.b = [1, @c(), %D,\n  'x#y']\nA.e = {broken\n"})
    bound = gin.read(read_source(tmp_path / "a.gin"))
    items = bound.targets["A"]["b"].value
    assert isinstance(items, ListValue)
    assert [item.value for item in items.items] == [1, gin.Named("c", called=True), gin.Named("D", macro=True), "x#y"]


@pytest.mark.parametrize(
    "text", ["A.b = call()", "A.b = {[1]}", "A.b = 1e3x", "A.b = [1,", "import\nfrom\ninclude\n = 3"]
)
def test_what_is_no_gin_is_left_out_in_silence(tmp_path: Path, text: str, recwarn: pytest.WarningsRecorder) -> None:
    write(tmp_path, {"a.gin": f"{text}\nC.d = 1\n"})
    bound = gin.read(read_source(tmp_path / "a.gin")).targets
    assert {parameter for parameters in bound.values() for parameter in parameters} <= {"b", "d"}
    assert not [each for each in recwarn if each.category is SyntaxWarning]


def test_defaults_that_other_files_include_are_none_of_themselves(tmp_path: Path) -> None:
    files = {
        "train.py": """
            import gin
            import torch
            from absl import app, flags
            flags.DEFINE_multi_string("gin_configs", None, "files")
            @gin.configurable
            def train(steps=10, batch_size=4):
                model = torch.nn.Linear(3, 4)
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                for x in torch.utils.data.DataLoader(torch.zeros(9, 3), batch_size=batch_size):
                    model(x).mean().backward()
                    optimizer.step()
            def main(_):
                gin.parse_config_files_and_bindings(config_files=flags.FLAGS.gin_configs, bindings=[])
                train()
            if __name__ == "__main__":
                app.run(main)
        """,
        "configs/warp_defaults.gin": "train.batch_size = 8\ntrain.steps = 9\n",
        "configs/small.gin": "include 'configs/warp_defaults.gin'\ntrain.steps = 7\n",
        "configs/large.gin": "include 'configs/warp_defaults.gin'\ntrain.batch_size = 64\n",
    }
    assert names(tmp_path, files) == ["configs/large.gin", "configs/small.gin"]
    assert values(analysed(tmp_path / "again", files, "configs/small.gin"), "batch_size") == [8]


def test_what_a_file_of_gin_binds_is_what_trains(tmp_path: Path) -> None:
    """Nothing but the file names the class with the loop, and the optimizer is one that gin knows of torch."""
    wrapper = """
        import gin, torch

        @gin.configurable("Wrapper")
        class Wrapper:
            def __init__(self, net=gin.REQUIRED, optimizer_fn=gin.REQUIRED):
                self.net = net
                self.optimizer = optimizer_fn(self.net.parameters())

            @gin.configurable(module="Wrapper")
            def train(self, data, epochs=gin.REQUIRED):
                for epoch in range(epochs):
                    self.net(data).sum().backward()
                    self.optimizer.step()

        @gin.configurable("Net")
        class Network(torch.nn.Linear):
            def __init__(self, width):
                super().__init__(width, 1)
    """
    script = """
        import argparse, gin

        @gin.configurable("train_all")
        def train_all(data, model=gin.REQUIRED):
            model.train(data)

        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("-c", "--config", nargs="+", help="Path to the gin config file.")
            gin.parse_config_files_and_bindings(parser.parse_args().config, [])
            train_all([1.0])

        if __name__ == "__main__":
            main()
    """
    small = """
        import gin.torch.external_configurables
        import lib.wrapper
        EPOCHS = 7
        train_all.model = @Wrapper()
        Wrapper.net = @Net()
        Wrapper.optimizer_fn = @Adam
        Wrapper.train.epochs = %EPOCHS
        Net.width = 3
        Adam.lr = 3e-4
    """
    large = small.replace("7", "70")
    files = {"run.py": script, "lib/__init__.py": "", "lib/wrapper.py": wrapper}
    files |= {"configs/small.gin": small, "configs/large.gin": large}
    assert names(tmp_path, files) == ["configs/large.gin", "configs/small.gin"]
    found = analysed(tmp_path, files, "configs/small.gin")
    assert values(found, "optimizer") == ["Adam"] and values(found, "learning_rate") == [3e-4]
    assert values(found, "epochs") == [7] and values(found, "model_classes") == ["Network"]


def test_files_put_together_of_files_of_several_folders_are_the_models(tmp_path: Path) -> None:
    parts = {
        "gin/models/wide.gin": "import lib.agent\nAgent.network = @lib.agent.Wide\n",
        "gin/models/small.gin": "import lib.agent\nAgent.rate = 0.4\n",
        "gin/data/many.gin": "train.batch_size = 16\n",
        "gin/data/few.gin": "train.batch_size = 2\n",
        "gin/runs/one.gin": "include 'models/wide.gin'\ninclude 'data/many.gin'\n",
        "gin/runs/other.gin": "include 'runs/one.gin'\ntrain.steps = 3\n",
    }
    files = {name: text for name, text in FILES.items() if name.endswith(".py")} | parts
    assert names(tmp_path, files) == ["gin/runs/one.gin", "gin/runs/other.gin"]
    found = analysed(tmp_path, files, "gin/runs/one.gin")
    assert values(found, "model_classes") == ["Broad"] and values(found, "batch_size") == [16]


def test_what_a_file_binds_again_is_not_told_as_its_base_has_it(tmp_path: Path) -> None:
    files = {**FILES, "configs/parts/low.gin": "Agent.rate = 0.4\n"}
    files["configs/wide.gin"] = "import lib.agent\ninclude 'parts/low.gin'\nAgent.rate = 0.2\n"
    found = analysed(tmp_path, files, "configs/wide.gin")
    assert values(found, "learning_rate") == [0.2] and values(found, "settings.rate") == [0.2]
