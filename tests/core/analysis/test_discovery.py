"""Which files are models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.outline import Outline, outline
from core.analysis.source import read_source
from tests.core.analysis.writing import analysed, candidates, names, outlines, values, write

TRAINING = """
import torch
from torch import nn, optim
net = nn.Linear(2, 2)
opt = optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    net(torch.ones(2)).sum().backward()
    opt.step()
"""


def test_scripts_that_train_are_models_and_others_are_not(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        {
            "train.py": TRAINING,
            "sample.py": "import torch\nfrom net import Net\nprint(Net()(torch.ones(2)))",
            "net.py": "from torch import nn\nclass Net(nn.Module):\n    pass",
            "setup.py": "from setuptools import setup\nsetup()",
            "tests/test_train.py": TRAINING,
            "plot.py": "import matplotlib.pyplot as plt\nplt.plot([1])",
            "lesson.py": "import torch\nx = torch.ones(2, requires_grad=True)\nx.sum().backward()\nprint(x.grad)",
            "prepare.py": (
                "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\nscaler.fit([[1]])"
            ),
        },
    )
    assert found == ["train.py"]


def test_a_module_of_a_folder_that_is_put_on_the_path_somehow_is_found(tmp_path: Path) -> None:
    script = """
        import paths
        import torch
        from nets import Net
        net = Net()
        opt = torch.optim.Adam(net.parameters(), lr=0.1)
        for epoch in range(3):
            net(torch.ones(2)).sum().backward()
            opt.step()
    """
    net = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x"
    files = {"src/runs/train.py": script, "src/parts/nets.py": net, "src/parts/other.py": "x = 1"}
    assert values(analysed(tmp_path, files, "src/runs/train.py"), "model_classes") == ["Net"]
    files["src/more/nets.py"] = net  # nobody knows which
    assert not values(analysed(tmp_path, files, "src/runs/train.py"), "model_classes")


def test_a_package_that_a_repository_installs_of_itself_is_found(tmp_path: Path) -> None:
    script = TRAINING.replace("net = nn.Linear(2, 2)", "from own_parts.nets import Net\nnet = Net()")
    net = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x"
    files = {"chapter/01/train.py": script, "pkg/own_parts/nets.py": net, "pkg/own_parts/__init__.py": "", "a.py": ""}
    assert values(analysed(tmp_path, files, "chapter/01/train.py"), "model_classes") == ["Net"]
    files["other/own_parts/__init__.py"] = ""  # nobody knows which
    assert not values(analysed(tmp_path, files, "chapter/01/train.py"), "model_classes")


def test_what_is_cross_validated_is_trained(tmp_path: Path) -> None:
    script = """
        from sklearn.model_selection import cross_val_score
        from keras.layers import Dense
        from keras.models import Sequential
        from keras.wrappers.scikit_learn import KerasRegressor
        def made():
            model = Sequential([Dense(4, input_dim=3), Dense(1)])
            model.compile(loss="mean_squared_error", optimizer="adam")
            return model
        print(cross_val_score(KerasRegressor(build_fn=made, epochs=20, batch_size=5), X, Y))
    """
    told = analysed(tmp_path, {"a.py": script}, "a.py")
    assert values(told, "epochs") == [20] and values(told, "optimizer") == ["Adam"]


def test_a_package_s_command_is_another_way_to_start_what_a_script_starts(tmp_path: Path) -> None:
    loop = """
        from torch import optim
        def train(net, data):
            opt = optim.SGD(net.parameters(), lr=0.1)
            for epoch in range(3):
                net(data).sum().backward()
                opt.step()
    """
    command = "from lib.loop import train\nif __name__ == '__main__':\n    train()"
    starts = ("train.py", "lib/__main__.py", "lib/evaluation/__main__.py")
    files = {"lib/loop.py": loop, **dict.fromkeys(starts, command)}
    (found,) = candidates(tmp_path, files)
    assert found.path == str(tmp_path / "train.py") and found.aliases == (str(tmp_path / "lib/__main__.py"),)
    (alone,) = candidates(tmp_path / "alone", {name: files[name] for name in ("lib/loop.py", "lib/__main__.py")})
    assert str(tmp_path / "alone/lib/__main__.py") in (alone.path, *alone.aliases)


def test_commands_that_build_their_own_are_models_though_a_script_starts_the_same_loop(tmp_path: Path) -> None:
    loop = """
        def train(net, opt, data):
            for epoch in range(3):
                net(data).sum().backward()
                opt.step()
    """
    command = "from lib.loop import train\nif __name__ == '__main__':\n    "
    own = (
        command
        + "from torch import nn, optim\n    net = nn.Linear(2, 1)\n    train(net, optim.SGD(net.parameters()), 1)"
    )
    files = {"lib/loop.py": loop, "train.py": own, "lib/wide/__main__.py": own, "lib/__main__.py": command + "train()"}
    found = [Path(each.path).relative_to(tmp_path).as_posix() for each in candidates(tmp_path, files)]
    assert found == ["lib/wide/__main__.py", "train.py"]


def test_an_evaluation_that_imports_a_trainer_is_no_model(tmp_path: Path) -> None:
    trainer = """
        import torch
        class Solver:
            def __init__(self):
                self.net = torch.nn.Linear(1, 1)
                self.opt = torch.optim.Adam(self.net.parameters())
            def train(self):
                self.net(1).backward()
                self.opt.step()
            def evaluate(self):
                return self.net(1)
        """
    found = names(
        tmp_path,
        {
            "solver.py": trainer,
            "main.py": "from solver import Solver\nif __name__ == '__main__':\n    Solver().train()",
            "evaluate.py": "from solver import Solver\nif __name__ == '__main__':\n    Solver().evaluate()",
        },
    )
    assert found == ["solver.py"]


@pytest.mark.parametrize("name", ["tools/convert.py", "export_onnx.py", "sign_predict.py"])
def test_what_converts_or_only_asks_what_others_train_is_no_model(name: str, tmp_path: Path) -> None:
    loop = """
        import torch
        def main(config):
            net = torch.nn.Linear(1, 1)
            optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
            for x in config.data:
                net(x).sum().backward()
                optimizer.step()
            return net
    """
    shown = "import loop\nif __name__ == '__main__':\n    print(loop.main({config}))"
    files = {"loop.py": loop, "train.py": shown.format(config="standard"), name: shown.format(config="kept")}
    assert not any(str(tmp_path / name) in (each.path, *each.aliases) for each in candidates(tmp_path, files))


UPDATED = """
import torch
class Agent:
    def __init__(self):
        self.net = torch.nn.Linear(1, 1)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)
    def update(self, batch):
        self.net(batch).sum().backward()
        self.opt.step()
"""
REPEATING = """
class Online:
    def __init__(self, agent, env):
        self.agent, self.env = agent, env
    def train(self):
        while self.env.time < 100:
            self.agent.update(self.env.step())
"""


def test_an_agent_whose_updates_are_repeated_elsewhere_is_not_the_model(tmp_path: Path) -> None:
    main = "import envs\nfrom agent import Agent\nfrom trainers.online import Online\nif __name__ == '__main__':\n"
    main += "    trainer = Online(agent=Agent(), env=envs.make())\n    trainer.train()\n"
    files = {"agent.py": UPDATED, "trainers/__init__.py": "", "trainers/online.py": REPEATING, "train.py": main}
    assert names(tmp_path, files) == ["train.py"]


SHOWN = """
from torch.utils.data import DataLoader
from net import Net
from loop import Trainer
net = Net()
trainer = Trainer(net, DataLoader(data, 8))
"""


def test_a_notebook_that_shows_training_is_a_model(tmp_path: Path) -> None:
    loop = (
        "class Trainer:\n    def __init__(self, net, data):\n        self.net, self.data = net, data\n"
        "        self.opt = torch.optim.Adam(net.parameters())\n"
        "    def run(self):\n        for x in self.data:\n            self.net(x).sum().backward()\n"
        "            self.opt.step()\n"
    )
    files = {
        "net.py": "from torch import nn\nclass Net(nn.Linear):\n    pass",
        "loop.py": "import torch\n" + loop,
        "demo.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": SHOWN + "trainer.run()"}], "nbformat": 4}),
        "demo.py": SHOWN + "trainer.run()",
    }
    assert names(tmp_path, files) == ["demo.ipynb"]


def test_a_lesson_about_gradients_is_none_whatever_it_imports(tmp_path: Path) -> None:
    lesson = (
        "import torch\nfrom tools import shown\nx = torch.ones(2, requires_grad=True)\n"
        "a = x.sum() - 2 * (x + 1).sum()\na.backward()\nshown(x.grad)"
    )
    tools = "def shown(values):\n    for value in values:\n        print(value)"
    assert names(tmp_path, {"lesson.py": lesson, "tools.py": tools}) == []


def test_a_thin_launcher_is_an_alias_of_the_loop(tmp_path: Path) -> None:
    loop = "import torch\ndef train(config):\n" + "".join(f"    {line}\n" for line in TRAINING.strip().splitlines())
    (found,) = candidates(
        tmp_path,
        {
            "train.py": loop,
            "main.py": (
                "from absl import app\nimport train\ndef main(_):\n    train.train(1)\n"
                "if __name__ == '__main__':\n    app.run(main)"
            ),
        },
    )
    assert found.path == str(tmp_path / "train.py") and found.aliases == (str(tmp_path / "main.py"),)
    assert set(found.files) == {str(tmp_path / "train.py"), str(tmp_path / "main.py")}


def test_a_launcher_that_builds_is_the_model(tmp_path: Path) -> None:
    files = {
        "engine.py": "def fit(net, opt):\n    net(1).backward()\n    opt.step()",
        "a.py": "import torch\nfrom engine import fit\nfit(torch.nn.Linear(1, 1), torch.optim.Adam([]))",
        "b.py": "import torch\nfrom engine import fit\nfit(torch.nn.Linear(2, 2), torch.optim.SGD([]))",
    }
    assert names(tmp_path, files) == ["a.py", "b.py"]


YAML = "model: {name: net}\ntrain: {lr: %s, epochs: 3}\n"
RUN = """
import argparse, yaml, torch
p = argparse.ArgumentParser()
p.add_argument('--config', %s)
args = p.parse_args()
c = yaml.safe_load(open(args.config))
net = torch.nn.Linear(1, 1)
opt = torch.optim.Adam(net.parameters(), lr=c['train']['lr'])
net(1).backward()
opt.step()
"""


def test_the_default_config_is_an_alias_and_the_others_are_models(tmp_path: Path) -> None:
    files = {
        "run.py": RUN % "default='configs/a.yaml'",
        "configs/a.yaml": YAML % 1,
        "configs/b.yaml": YAML % 2,
        "data.yaml": "x: 1",
    }
    config, script = candidates(tmp_path, files)
    assert (config.path, config.kind, config.script) == (
        str(tmp_path / "configs/b.yaml"),
        "config",
        str(tmp_path / "run.py"),
    )
    assert (script.path, script.aliases) == (str(tmp_path / "run.py"), (str(tmp_path / "configs/a.yaml"),))


def test_configs_of_which_none_is_default_are_models(tmp_path: Path) -> None:
    files = {"run.py": RUN % "required=True", "configs/a.yaml": YAML % 1, "configs/b.yaml": YAML % 2}
    assert names(tmp_path, files) == ["configs/a.yaml", "configs/b.yaml"]


def test_files_of_overrides_that_a_script_executes_are_models(tmp_path: Path) -> None:
    files = {
        "train.py": "lr = 0.1\nsize = 3\nexec(open('configurator.py').read())\n" + TRAINING,
        "configurator.py": "import sys\nfor arg in sys.argv[1:]:\n    exec(open(arg).read())",
        "config/small.py": "lr = 0.2\nsize = 1",
        "config/other.py": "nothing = 1\nof = 2\nthis = 3",
    }
    assert names(tmp_path, files) == ["config/small.py", "train.py"]


def test_hydra_experiments_are_models_and_groups_are_not(tmp_path: Path) -> None:
    files = {
        "train.py": "import hydra\n@hydra.main(config_path='conf', config_name='config')\ndef main(cfg):\n"
        + "".join(f"    {line}\n" for line in TRAINING.strip().splitlines())
        + "if __name__ == '__main__':\n    main()",
        "conf/config.yaml": "defaults:\n  - model: a\n",
        "conf/model/a.yaml": "size: 1",
        "conf/experiment/big.yaml": "# @package _global_\nmodel: {size: 2}",
    }
    assert names(tmp_path, files) == ["conf/experiment/big.yaml", "train.py"]


def test_notebooks_that_train_are_models(tmp_path: Path) -> None:
    def cells(code: str) -> str:
        return json.dumps({"cells": [{"cell_type": "code", "source": code}]})

    assert names(tmp_path, {"a.ipynb": cells(TRAINING), "b.ipynb": cells("print(1)")}) == ["a.ipynb"]


def test_outlines_survive_json(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": TRAINING, "run.py": RUN % "default='c.yaml'", "c.yaml": YAML % 1})
    for made in outlines(tmp_path).values():
        assert Outline.from_json(json.loads(json.dumps(made.to_json()))) == made
    old = {**outline(read_source(tmp_path / "train.py")).to_json(), "version": 0}
    assert Outline.from_json(old) is None


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": TRAINING, "run.py": RUN % "default='a.yaml'", "a.yaml": YAML % 1, "b.py": TRAINING})
    found = outlines(tmp_path)
    assert discover(dict(reversed(found.items())), str(tmp_path)) == discover(found, str(tmp_path))


def test_modules_that_import_each_other_end(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import *\nfrom a import x",
        "b.py": "from a import *\nimport b",
        "train.py": "from a import y\ny()\n" + TRAINING,
    }
    assert names(tmp_path, files) == ["train.py"]


def test_gradients_by_a_bare_name_are_training(tmp_path: Path) -> None:
    text = """
        from jax import grad
        def loss(w):
            return w ** 2
        if __name__ == "__main__":
            w = 1.0
            for _ in range(9):
                w = w - 0.1 * grad(loss)(w)
        """
    assert names(tmp_path, {"descend.py": text}) == ["descend.py"]


_LOOP = """
    import torch
    class Learner:
        def update(self, net):
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            optimizer.step()
    def run(net):
        Learner().update(net)
    """


def test_functions_of_modules_in_packages_are_reached(tmp_path: Path) -> None:
    files = {
        "lab/__init__.py": "",
        "lab/inner/__init__.py": "from .loop import run",
        "lab/inner/loop.py": _LOOP,
        "go.py": "import lab.inner\nif __name__ == '__main__':\n    lab.inner.run(None)",
        "evaluate_it.py": "import lab.inner\nif __name__ == '__main__':\n    lab.inner.run(None)",
    }
    assert names(tmp_path, files) == ["go.py"]


@pytest.mark.parametrize(
    ("decorator", "key"),
    [
        ('config_path="conf/main.yaml"', "class: agents.learn.Learner\n  params: {rate: 0.25}"),
        ('config_path="conf", config_name="main"', "_target_: agents.learn.Learner\n  rate: 0.25"),
    ],
)
def test_what_a_hydra_configuration_names_is_trained(decorator: str, key: str, tmp_path: Path) -> None:
    learner = """
        import torch
        class Learner:
            def __init__(self, rate):
                self.optimizer = torch.optim.Adam([torch.zeros(1)], lr=rate)
            def update(self):
                self.optimizer.step()
        """
    files = {
        "agents/__init__.py": "",
        "agents/learn.py": learner,
        "conf/main.yaml": f"learner:\n  {key}\n",
        "train.py": f"import hydra\n@hydra.main({decorator})\ndef main(cfg):\n"
        "    hydra.utils.instantiate(cfg.learner).update()\nif __name__ == '__main__':\n    main()",
    }
    analysis = analysed(tmp_path, files)
    assert values(analysis, "learning_rate") == [0.25]


def test_group_files_of_old_hydra_hold_whole_sections(tmp_path: Path) -> None:
    files = {
        "conf/main.yaml": "defaults:\n  - net: small\nepochs: 3\n",
        "conf/net/small.yaml": "# @package _global_\nnet:\n  rate: 0.5\n",
        "train.py": "import hydra, torch\n@hydra.main(config_path='conf/main.yaml')\ndef main(cfg):\n"
        "    opt = torch.optim.SGD([torch.zeros(1)], lr=cfg.net.rate)\n    opt.step()\n"
        "if __name__ == '__main__':\n    main()",
    }
    assert names(tmp_path, files) == ["train.py"]
    assert values(analysed(tmp_path, files), "learning_rate") == [0.5]


LOOP = """
import torch
class {name}:
    def __init__(self, args):
        self.net = torch.nn.Linear(4, {size})
        self.opt = torch.optim.Adam(self.net.parameters(), lr=args.lr)
    def train(self):
        for epoch in range(3):
            self.net(draw()).mean().backward()
            self.opt.step()
"""
CHOOSER = """
import argparse
from Plain import Plain
from Wide import Wide
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--kind', default='Plain'{choices})
    parser.add_argument('--lr', type=float, default=0.1)
    args = parser.parse_args()
    if args.kind == 'Wide':
        made = Wide(args)
    elif args.kind == 'Plain':
        made = Plain(args)
    made.train()
if __name__ == '__main__':
    main()
"""


@pytest.mark.parametrize("choices", ["", ", choices=['Wide', 'Plain']"])
def test_loops_that_a_launcher_chooses_from_are_models_each(choices: str, tmp_path: Path) -> None:
    """The launcher is an alias of the one that it starts by default; each is followed in the launcher."""
    files = {name + ".py": LOOP.format(name=name, size=size) for name, size in (("Plain", 8), ("Wide", 64))}
    found = candidates(tmp_path, files | {"main.py": CHOOSER.format(choices=choices)})
    assert [(Path(each.path).stem, [Path(alias).stem for alias in each.aliases]) for each in found] == [
        ("Plain", ["main"]),
        ("Wide", []),
    ]
    sizes = {Path(each.path).stem: [layer.arguments for layer in analyse(each, read_source).layers] for each in found}
    assert sizes == {"Plain": ["4, 8"], "Wide": ["4, 64"]}


def test_modules_that_serve_several_configurations_are_none(tmp_path: Path) -> None:
    config = "from configs import shared\ndef get_config():\n    return shared.get_config()\n"
    files = {
        "configs/one.py": config,
        "configs/two.py": config,
        "configs/shared.py": "def get_config():\n    return {}\n",
        "configs/sizes.py": "SMALL = 3\n",
        "train.py": TRAINING + "\nfrom ml_collections import config_flags\n"
        "config_flags.DEFINE_config_file('config', None, 'a file')\n",
    }
    found = names(tmp_path, files)
    assert [name for name in found if name.startswith("configs")] == ["configs/one.py", "configs/two.py"]


def test_a_configuration_stays_one_where_a_launcher_imports_it(tmp_path: Path) -> None:
    config = "from configs import default\ndef get_config():\n    config = default.get_config()\n    return config\n"
    files = {
        "configs/default.py": "def get_config():\n    return {'lr': 0.1, 'batch_size': 8}\n",
        "configs/large.py": config,
        "configs/small.py": config,
        "train.py": TRAINING + "\nfrom ml_collections import config_flags\n"
        "config_flags.DEFINE_config_file('config', None, 'a file')\n",
        "benchmark.py": "import train\nfrom configs import large\ntrain.main(large.get_config())\n",
    }
    found = names(tmp_path, files)
    assert [name for name in found if name.startswith("configs")] == ["configs/large.py", "configs/small.py"]


def test_a_list_of_loops_to_choose_from(tmp_path: Path) -> None:
    files = {name + ".py": LOOP.format(name=name, size=8) for name in ("Plain", "Wide")}
    files["main.py"] = """
    import argparse
    from Plain import Plain
    from Wide import Wide
    if __name__ == '__main__':
        parser = argparse.ArgumentParser()
        parser.add_argument('--kind', default='Plain', choices=['Plain', 'Wide'])
        args = parser.parse_args()
        for each in [Wide, Plain]:
            if each.__name__ == args.kind:
                each(args).train()
    """
    assert names(tmp_path, files) == ["Plain.py", "Wide.py"]


@pytest.mark.parametrize(
    ("head", "decorator", "start"),
    [
        ("import click\n@click.group()\ndef cli():\n    pass", "@cli.command()", "cli()"),
        ("import typer\napp = typer.Typer()", "@app.command()", "app()"),
        ("import typer\napp = typer.Typer()", "@app.command", "app()"),
    ],
)
def test_a_command_of_an_app_is_started_by_it(tmp_path: Path, head: str, decorator: str, start: str) -> None:
    body = TRAINING.strip().replace("\n", "\n    ")
    code = f"{head}\n{decorator}\ndef train(lr: float = 0.1):\n    {body}\nif __name__ == '__main__':\n    {start}\n"
    assert names(tmp_path, {"train.py": code}) == ["train.py"]


def test_a_configuration_is_read_by_the_end_of_its_path(tmp_path: Path) -> None:
    training = TRAINING.replace("range(3)", "range(given['epochs'])")
    code = (
        "import json\nfrom pathlib import Path\nhere = Path(__file__).parent\n"
        f"given = json.loads((here / 'hyper.json').read_text())\n{training}"
    )
    found = analysed(tmp_path, {"train.py": code, "hyper.json": '{"epochs": 4}'})
    assert values(found, "epochs") == [4]


def test_a_callback_that_trains_a_head_makes_its_script_a_model(tmp_path: Path) -> None:
    code = """
        import torch
        import pytorch_lightning as pl

        class Head(pl.Callback):
            def on_train_batch_end(self, trainer, module, outputs, batch, index):
                module.loss(batch).backward()
                self.optimizer.step()

        trainer = pl.Trainer(max_epochs=3, callbacks=[Head()])
        # trainer.fit(model)
    """
    assert names(tmp_path, {"train.py": code}) == ["train.py"]


AGENT = """
    import torch
    class Agent:
        def __init__(self):
            self.net = torch.nn.Linear(2, 2)
            self.optimizer = torch.optim.Adam(self.net.parameters())
        def learn(self, x):
            self.net(x).sum().backward()
            self.optimizer.step()
"""


def test_a_launcher_whose_loop_trains_is_the_model(tmp_path: Path) -> None:
    launcher = "from agent import Agent\nagent = Agent()\nfor episode in range(100):\n    agent.learn(episode)\n"
    assert names(tmp_path, {"agent.py": AGENT, "main.py": launcher}) == ["main.py"]


def test_a_launcher_of_a_loop_is_an_alias(tmp_path: Path) -> None:
    looped = AGENT.replace("            self.net(x).sum()", "            for _ in range(10): self.net(x).sum()")
    launcher = "from agent import Agent\nagent = Agent()\nfor seed in range(3):\n    agent.learn(seed)\n"
    assert names(tmp_path, {"agent.py": looped, "main.py": launcher}) == ["agent.py"]


def test_the_loop_that_is_chosen_by_a_default_of_another_module(tmp_path: Path) -> None:
    loop = """
        import torch
        class {name}:
            def __init__(self):
                self.net = torch.nn.Linear(2, 2)
                self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)
            def train(self, data):
                for x in data:
                    self.net(x).sum().backward()
                    self.opt.step()
    """
    files = {
        "main.py": """
            from options import parse_args
            from first import First
            from second import Second
            def main(args):
                if args.model == "one":
                    model = First()
                elif args.model == "two":
                    model = Second()
                model.train(args.data)
            if __name__ == "__main__":
                main(parse_args())
        """,
        "options.py": """
            import argparse
            def parse_args():
                parser = argparse.ArgumentParser()
                parser.add_argument("--model", default="two")
                parser.add_argument("--data")
                return parser.parse_args()
        """,
        "first.py": loop.format(name="First"),
        "second.py": loop.format(name="Second"),
    }
    aliases = {Path(each.path).name: [Path(a).name for a in each.aliases] for each in candidates(tmp_path, files)}
    assert aliases == {"first.py": [], "second.py": ["main.py"]}


def test_gradients_that_are_only_looked_at_train_nothing(tmp_path: Path) -> None:
    lesson = """
        import torch
        w = torch.tensor([1.0], requires_grad=True)
        f = (3 * w**4) - (4 * w**3)
        f.backward()
        print(w.grad)
    """
    assert names(tmp_path, {"lesson.py": lesson}) == []
    trained = """
        import torch
        w = torch.zeros(3, requires_grad=True)
        for step in range(3):
            loss = ((x @ w - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
    """
    assert names(tmp_path / "two", {"train.py": trained}) == ["train.py"]


COUNTING = """
import argparse
from steps import Net, once
parser = argparse.ArgumentParser()
parser.add_argument("--epoch", type=int, default=30)
def main():
    options = parser.parse_args()
    net = Net(options)
    for epoch in range(options.epoch):
        once(net)
if __name__ == "__main__":
    main()
"""

ONCE = """
import torch
class Net(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
def once(net):
    for x, y in net.batches():
        torch.nn.functional.mse_loss(net.layer(x), y).backward()
        net.optimizer.step()
"""


def test_the_file_that_counts_epochs_is_the_model(tmp_path: Path) -> None:
    assert names(tmp_path, {"main.py": COUNTING, "steps.py": ONCE}) == ["main.py"]


OPTIONS = """
import argparse
from trainers import TRAINERS
parser = argparse.ArgumentParser()
parser.add_argument("--trainer", default="plain", choices=TRAINERS.keys())
parser.add_argument("--lr", type=float, default=0.01)
args = parser.parse_args()
"""

TRAINERS = """
import torch
class Plain:
    def __init__(self, args):
        self.net = torch.nn.Linear(2, 2)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=args.lr)
    def train(self):
        for x, y in batches:
            torch.nn.functional.mse_loss(self.net(x), y).backward()
            self.optimizer.step()
TRAINERS = {"plain": Plain}
"""

STARTS = """
from options import args
from trainers import TRAINERS
if __name__ == "__main__":
    TRAINERS[args.trainer](args).train()
"""


def test_a_file_that_tells_others_their_options_is_no_model(tmp_path: Path) -> None:
    files = {"options.py": OPTIONS, "trainers/__init__.py": TRAINERS, "train.py": STARTS}
    assert "options.py" not in names(tmp_path, files)


STARTED = """
from kit.config import Trainer
from kit.data import TrainDataLoader
loader = TrainDataLoader(in_path="./benchmarks/FB15K237/", batches=100)
trainer = Trainer(loader, rate=0.5)
trainer.run()
"""

RUNS = """
import torch
class Trainer:
    def __init__(self, loader, rate):
        self.net, self.loader = torch.nn.Embedding(20, 8), loader
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=rate)
    def run(self):
        for epoch in range(3):
            for x in self.loader:
                self.net(x).sum().backward()
                self.optimizer.step()
"""


def test_a_class_that_a_package_takes_up_may_be_called_as_its_module(tmp_path: Path) -> None:
    files = {
        "examples/train_one.py": STARTED,
        "examples/train_two.py": STARTED,
        "kit/__init__.py": "",
        "kit/config/__init__.py": "from .Trainer import Trainer",
        "kit/config/Trainer.py": RUNS,
        "kit/data/__init__.py": "class TrainDataLoader:\n    def __init__(self, in_path, batches):\n        pass\n",
    }
    assert names(tmp_path, files) == ["examples/train_one.py", "examples/train_two.py"]
    found = analysed(tmp_path, files, "examples/train_one.py")
    assert values(found, "learning_rate") == [0.5]
    assert values(found, "datasets") == ["FB15k-237"]


def test_an_engine_that_is_given_an_action_is_a_world(tmp_path: Path) -> None:
    world = """
import torch
class Engine:
    def step(self, action):
        return action
if __name__ == "__main__":
    engine = Engine()
    for _ in range(10):
        engine.step(torch.randint(0, 5, (8,)))
"""
    assert names(tmp_path, {"world.py": world}) == []


def test_a_script_that_alone_starts_training_is_no_test(tmp_path: Path) -> None:
    agent = (
        "import torch\nclass Agent:\n    def __init__(self, net):\n        self.net = net\n"
        "        self.optimizer = torch.optim.Adam(net.parameters(), lr=0.01)\n    def update(self, x):\n"
        "        self.net(x).mean().backward()\n        self.optimizer.step()\n"
    )
    start = (
        "import torch\nfrom agent import Agent\nif __name__ == '__main__':\n    agent = Agent(torch.nn.Linear(2, 1))\n"
        "    for episode in range(9):\n        agent.update(torch.ones(2))\n"
    )
    assert names(tmp_path, {"agent.py": agent, "performance_test.py": start}) == []
    (tmp_path / "performance_test.py").unlink()
    assert names(tmp_path, {"agent.py": agent, "agent_test.py": start}) == ["agent_test.py"]
    assert names(tmp_path, {"main.py": start}) == ["main.py"]
    (tmp_path / "main.py").unlink()
    tests = start + "def test_agent():\n    assert agent.net is not None\n"
    assert names(tmp_path, {"agent_test.py": "import pytest\n" + tests}) == []


def test_what_scores_or_serves_is_no_model(tmp_path: Path) -> None:
    score = (
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nclass Lanes:\n"
        "    line = LinearRegression()\n"
        "    @staticmethod\n    def angle(xs, ys):\n        Lanes.line.fit(ys[:, None], xs)\n"
        "        return Lanes.line.coef_\n"
        "if __name__ == '__main__':\n    for xs, ys in np.load('predicted.npy'):\n        print(Lanes.angle(xs, ys))\n"
    )
    network = (
        "import jax, optax\nclass Network:\n    def __init__(self, lr):\n        def train(state, x):\n"
        "            grads = jax.grad(loss)(state, x)\n            updates, _ = optax.adam(lr).update(grads, state)\n"
        "            return optax.apply_updates(state, updates)\n        self.train = train\n"
    )
    use = "from network import Network\nif __name__ == '__main__':\n    for step in range(9):\n"
    use += "        Network(0.1).{do}(1)\n"
    scripts = {"device_train.py": use.replace("{do}", "train"), "device_serve.py": use.replace("{do}", "generate")}
    assert names(tmp_path, {"evaluation/lane.py": score, "network.py": network, **scripts}) == ["device_train.py"]
    assert names(tmp_path / "two", {"evaluation/train_forest.py": score}) == ["evaluation/train_forest.py"]
