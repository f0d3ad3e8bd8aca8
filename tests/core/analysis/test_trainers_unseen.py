"""Training that a trainer does whose code is not at hand, and launchers of modules that have one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import STEP, analysed, candidates, names, values

RUN = """
from torch.optim import Adam
from lab.training import Trainer

def run(settings):
    trainer = Trainer(settings.net, Adam(settings.net.parameters(), lr=RATE))
    trainer.train(50, save=True)
"""
NET = "import torch\nmodel = torch.nn.Linear(2, 2)\n"
LAUNCHER = """
import importlib
import sys

def start(kind, name):
    module = importlib.import_module(NAMED)
    getattr(module, "run")(settings)

if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("asked", ["trainer.fit()", "Trainer(net, data).train()"])
def test_what_an_unknown_trainer_is_asked_is_training(tmp_path: Path, asked: str) -> None:
    recipe = f"from lab import Trainer, net, data\ntrainer = Trainer(net, data)\n{asked}\n"
    files = {"recipe.py": "import torch\n" + recipe, "game.py": recipe}
    assert names(tmp_path, files) == ["recipe.py"]


def test_no_trainer_that_has_its_loop_at_hand_makes_its_launcher_the_model(tmp_path: Path) -> None:
    loop = f"{NET}class Trainer:\n    def train(self, loader):\n{_indented(STEP)}"
    start = 'from fitting import Trainer\nif __name__ == "__main__":\n    Trainer().train(batches)\n'
    assert names(tmp_path, {"fitting.py": loop, "main.py": start}) == ["fitting.py"]


@pytest.mark.parametrize("named", ['"lab.runs.{}.{}".format(kind, name)', 'f"lab.runs.{kind}.{name}"'])
def test_modules_that_a_launcher_runs_by_name_are_models(tmp_path: Path, named: str) -> None:
    files = {
        "run.py": LAUNCHER.replace("NAMED", named),
        "lab/runs/boxes/small.py": RUN.replace("RATE", "0.01"),
        "lab/runs/boxes/large.py": RUN.replace("RATE", "0.02"),
        "lab/runs/boxes/sizes.py": "SIZE = 3\n",
    }
    found = candidates(tmp_path, files)
    assert [str(Path(each.path).relative_to(tmp_path / "lab/runs")) for each in found] == [
        "boxes/large.py",
        "boxes/small.py",
    ]


def test_what_a_registry_keeps_by_name_is_reached(tmp_path: Path) -> None:
    policy = f"{NET}from lab.kept import POLICIES\n@POLICIES.register('plain')\nclass Plain:\n"
    start = "from lab.policies import POLICIES\ndef serial(name):\n    POLICIES.build(name).learn(batches)\n"
    files = {
        "lab/kept.py": "POLICIES = Registry()\n",
        "lab/policies/__init__.py": "from lab.kept import POLICIES\nfrom .plain import Plain\n",
        "lab/policies/plain.py": f"{policy}    def learn(self, loader):\n{_indented(STEP)}",
        "lab/start.py": start,
        "cart.py": 'from lab.start import serial\nif __name__ == "__main__":\n    serial("plain")\n',
    }
    assert names(tmp_path, files) == ["cart.py"]


def test_what_shows_a_model_is_none(tmp_path: Path) -> None:
    loop = f"{NET}def teach(loader):\n{_indented(STEP)}"
    shows = 'from fitting import teach, show\nif __name__ == "__main__":\n    show(teach)\n'
    files = dict.fromkeys(("main.py", "digits_app.py", "digits_demo.py", "digits_eval.py"), shows)
    files |= {"fitting.py": loop, "start.py": f"import uvicorn\n{shows}"}
    found = candidates(tmp_path, files)
    assert [(each.path, *each.aliases) for each in found] == [(f"{tmp_path}/fitting.py", f"{tmp_path}/main.py")]


def test_a_demonstration_that_launches_training_starts_it(tmp_path: Path) -> None:
    loop = f"{NET}def launch_training(loader):\n{_indented(STEP)}"
    start = "from fitting import launch_training\nlaunch_training(batches)\n"
    (found,) = candidates(tmp_path, {"fitting.py": loop, "simple_demo.py": start})
    assert found.aliases == (f"{tmp_path}/simple_demo.py",)


def _indented(text: str) -> str:
    return "".join(f"        {line}\n" for line in text.replace("LOSS", "loss = model(x).sum()").split("\n") if line)


def test_nothing_calls_what_is_an_heir_of_object_alone(tmp_path: Path) -> None:
    text = """
        import torch

        class Placing(object):
            def __call__(self, x, far):
                x = x.clone().requires_grad_(True)
                mover = torch.optim.Adam([x], lr=8.0)
                for _ in range(100):
                    mover.zero_grad()
                    (x - far).pow(2).sum().backward()
                    mover.step()
                return x

        class Runner(object):
            def __init__(self, net):
                self.net = net
                self.optimizer = torch.optim.SGD(net.parameters(), lr=0.1)

            def train(self):
                for epoch in range(3):
                    self.net(torch.ones(1)).backward()
                    self.optimizer.step()

            def draw(self, x, placing=Placing()):
                return placing(x, x + 1)

        Runner(torch.nn.Linear(1, 1)).train()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "optimizer") == ["SGD"]
    assert values(found, "learning_rate") == [0.1]
