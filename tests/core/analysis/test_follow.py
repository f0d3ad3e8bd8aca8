"""Following values through programs, from where they are used to where they are stated."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.program import Made
from tests.core.analysis.writing import lr, program, write

USE = "import torch\n{code}\ntorch.optim.Adam([], lr=VALUE)\n"


@pytest.mark.parametrize(
    ("code", "value", "how", "line"),
    [
        ("LR = 1e-3\nadam(lr=LR)", 1e-3, "module constant", 3),
        ("a = 0.1\nb = a\nadam(lr=b)", 0.1, "module constant", 3),
        ("adam(lr=0.1)", 0.1, "call argument", 3),
        ("def f(rate=0.2):\n    adam(lr=rate)\nf()", 0.2, "function default", 3),
        ("def f(rate=0.2):\n    adam(lr=rate)\nf(0.3)", 0.3, "call argument", 5),
        ("def f(rate=0.2):\n    adam(lr=rate)\nf(rate=0.3)", 0.3, "call argument", 5),
        ("c = {'lr': 0.4}\nadam(lr=c['lr'])", 0.4, "dict entry", 3),
        ("c = dict(lr=0.4)\nadam(**c)", 0.4, "dict entry", 3),
        ("class C:\n    lr = 0.5\nadam(lr=C.lr)", 0.5, "class attribute", 4),
        (
            "class C:\n    def __init__(self, lr=0.6):\n        self.lr = lr\nadam(lr=C().lr)",
            0.6,
            "function default",
            4,
        ),
        ("x = 0.1\nx = 0.7\nadam(lr=x)", 0.7, "module constant over 0.1 (module constant)", 4),
        ("c = {'lr': 0.4}\nc['lr'] = 0.7\nadam(**c)", 0.7, "assignment over 0.4 (dict entry)", 4),
        (
            "class C:\n    lr = 0.5\nc = C()\nc.lr = 0.7\nadam(lr=c.lr)",
            0.7,
            "assignment over 0.5 (class attribute)",
            6,
        ),
        ("a, (b, *c) = 1, (0.8, 2, 3)\nadam(lr=b)", 0.8, "module constant", 3),
        (
            "import dataclasses as d\n@d.dataclass\nclass C:\n    lr: float = 0.1\nadam(lr=d.replace(C(), lr=0.2).lr)",
            0.2,
            "call argument",
            7,
        ),
        ("x = 0.1 if True else 0.2\nadam(lr=x)", 0.1, "module constant", 3),
        ("f = functools.partial(adam, lr=0.9)\nf()", 0.9, "call argument", 3),
        ("adam(lr=float('1e-3'))", 1e-3, "call argument", 3),
        ("adam(lr=getattr(types.SimpleNamespace(lr=0.1), 'lr'))", 0.1, "config entry", 3),
        ("import os\nadam(lr=float(os.environ.get('LR', '0.1')))", 0.1, "environment default", 4),
        ("for rate in [0.3]:\n    adam(lr=rate)", 0.3, "module constant", 3),
    ],
)
def test_values_are_followed_in_one_file(tmp_path: Path, code: str, value: float, how: str, line: int) -> None:
    head = "import functools, types\nfrom torch.optim import Adam as adam\n"
    found = lr(tmp_path, {"train.py": head + code})
    assert (found.value, found.how, found.place.line) == (value, how, line)


CONFIGS = {
    "yaml": (
        ("import yaml, torch\nc = yaml.safe_load(open('c.yaml'))\ntorch.optim.Adam([], lr=c['optim']['lr'])"),
        "c.yaml",
        "optim:\n  lr: 2e-1",
    ),
    "json": (
        ("import json, torch\nwith open('c.json') as f:\n    c = json.load(f)\ntorch.optim.Adam([], lr=c['lr'])"),
        "c.json",
        '{"lr": 0.2}',
    ),
    "toml": (
        ("import tomllib, torch\nc = tomllib.load(open('c.toml', 'rb'))\ntorch.optim.Adam([], lr=c['lr'])"),
        "c.toml",
        "lr = 0.2",
    ),
    "path": (
        (
            "import json, torch\nfrom pathlib import Path\nHERE = Path(__file__).resolve().parent\n"
            "c = json.loads((HERE / 'c.json').read_text())\ntorch.optim.Adam([], lr=c['lr'])"
        ),
        "c.json",
        '{"lr": 0.2}',
    ),
    "open path": (
        (
            "import tomllib, torch\nfrom pathlib import Path\n"
            "with Path(__file__).with_name('c.toml').open('rb') as f:\n    c = tomllib.load(f)\n"
            "torch.optim.Adam([], lr=c['lr'])"
        ),
        "c.toml",
        "lr = 0.2",
    ),
    "omegaconf": (
        (
            "import torch\nfrom omegaconf import OmegaConf\nc = OmegaConf.load('c.yaml')\n"
            "torch.optim.Adam([], lr=c.optim.lr)"
        ),
        "c.yaml",
        "lr: 0.2\noptim: {lr: '${lr}'}",
    ),
    "module": ("import config, torch\ntorch.optim.Adam([], lr=config.LR)", "config.py", "LR = 0.2"),
    "star": ("from config import *\nimport torch\ntorch.optim.Adam([], lr=LR)", "config.py", "LR = 0.2"),
    "exec": (
        "import torch\nlr = 0.1\nexec(open('over.py').read())\ntorch.optim.Adam([], lr=lr)",
        "over.py",
        "lr = 0.2",
    ),
    "sibling": (
        "from lib.make import build\nbuild(0.2)",
        "lib/make.py",
        "import torch\ndef build(rate):\n    torch.optim.Adam([], lr=rate)",
    ),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_other_files_are_read(tmp_path: Path, kind: str) -> None:
    code, name, text = CONFIGS[kind]
    if kind == "omegaconf":
        code = code.replace("c = OmegaConf.load('c.yaml')", "c = OmegaConf.merge(OmegaConf.load('c.yaml'))")
    found = lr(tmp_path, {"train.py": code, name: text})
    assert found.value == 0.2
    assert Path(found.place.file).name == ("train.py" if kind == "sibling" else name)


def test_a_merged_entry_tells_what_it_stands_over(tmp_path: Path) -> None:
    code = (
        "import torch\nfrom omegaconf import OmegaConf\n"
        "c = OmegaConf.merge(OmegaConf.load('a.yaml'), OmegaConf.load('b.yaml'))\ntorch.optim.Adam([], lr=c.lr)"
    )
    found = lr(tmp_path, {"train.py": code, "a.yaml": "lr: 0.1", "b.yaml": "lr: 0.2"})
    assert (found.value, found.how) == (0.2, "yaml config over 0.1")


def test_hydra_composes_and_instantiates(tmp_path: Path) -> None:
    files = {
        "train.py": """
            import hydra
            @hydra.main(version_base=None, config_path='conf', config_name='config')
            def main(cfg):
                hydra.utils.instantiate(cfg.optim, params=[])
            if __name__ == '__main__':
                main()
            """,
        "conf/config.yaml": "defaults:\n  - optim: adam\n  - _self_\nlr: 0.2\n",
        "conf/optim/adam.yaml": "_target_: torch.optim.Adam\nlr: ${lr}\n",
    }
    assert lr(tmp_path, files).value == 0.2


def test_computed_values_say_how(tmp_path: Path) -> None:
    found = lr(tmp_path, {"train.py": "import torch\nbase = 0.1\nscale = 2\ntorch.optim.Adam([], lr=base * scale)"})
    assert (found.value, found.how) == (0.2, "computed: base * scale")
    assert [part.name for part in found.parts] == ["base", "scale"]


def test_a_scaled_value_that_is_unknown_keeps_its_parts(tmp_path: Path) -> None:
    found = lr(
        tmp_path,
        {"train.py": "import torch\nlr = 0.1\nlr = lr * torch.cuda.device_count()\ntorch.optim.Adam([], lr=lr)"},
    )
    assert not found.known and found.parts[0].value == 0.1


def test_branches_that_values_decide_are_followed_one_way(tmp_path: Path) -> None:
    code = """
        import argparse, torch
        p = argparse.ArgumentParser()
        p.add_argument('--opt', default='sgd')
        p.add_argument('--test', action='store_true')
        args = p.parse_args()
        if args.test:
            torch.optim.LBFGS([])
        elif args.opt == 'adam':
            torch.optim.Adam([])
        else:
            torch.optim.SGD([], lr=1.)
        """
    assert [call.name for call in program(tmp_path, {"train.py": code}).calls if "optim" in call.dotted] == ["SGD"]


def test_branches_that_cannot_be_decided_are_both_kept(tmp_path: Path) -> None:
    code = "import torch\ndevice = 'cuda' if torch.cuda.is_available() else 'cpu'\ntorch.zeros(1, device=device)"
    (call,) = program(tmp_path, {"train.py": code}).called("torch.zeros")
    assert [one.value for one in call.keywords["device"].all()] == ["cuda", "cpu"]


def test_dead_code_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import torch\ndef unused():\n    torch.optim.Adam([])\n# torch.optim.SGD([])\n"
        "if False:\n    torch.optim.LBFGS([])\n"
    )
    assert not [call for call in program(tmp_path, {"train.py": code}).calls if "optim" in call.dotted]


def test_objects_keep_their_attributes_and_their_makers(tmp_path: Path) -> None:
    code = """
        from torch import nn
        class Block(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(n, n) for _ in range(3)])
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = Block(8)
        net = Net().to('cuda')
        """
    found = program(tmp_path, {"train.py": code})
    net, block = found.instances
    assert (net.cls.name, block.cls.name, block.within) == ("Net", "Block", net)
    assert net.cls.external_bases() == ("torch.nn.Module",)
    layers = block.attributes["layers"].value
    assert isinstance(layers, Made) and [call.positional[0].value for call in found.called("torch.nn.Linear")] == [
        8,
        8,
        8,
    ]


def test_hooks_of_frameworks_are_followed(tmp_path: Path) -> None:
    code = """
        import lightning as L, torch
        class Net(L.LightningModule):
            def __init__(self, lr=0.2):
                super().__init__()
                self.save_hyperparameters()
            def configure_optimizers(self):
                return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
        L.Trainer(max_epochs=3).fit(Net())
        """
    assert lr(tmp_path, {"train.py": code}).value == 0.2


@pytest.mark.parametrize(
    "code",
    [
        "def f(n):\n    return f(n)\nf(1)",
        "x = [1]\nx.append(x)\nprint(x, *x)\ny = {**{}, 'a': x}\ny['y'] = y",
        "class A(A): pass",
        "class A:\n    pass\nclass B(A): pass\nA.__bases__ = (B,)\nB().x.y.z()",
        "while True:\n    pass",
        "x = 2 ** 10 ** 10 ** 10\ny = 1 << 99999999999\nz = 'a' * 10**12",
        "import train\nfrom train import *\nfrom . import train\nfrom .. import nothing",
        "a = " + "+".join(["1"] * 900),
        "match x:\n    case [1, *r]: y = 1\n    case {'a': b}: y = 2\n    case _: y = 3\nprint(y)",
        "x: int\ndel x\nprint(x)\nglobal q\nlambda: (yield)\n[a for a in b for b in a]",
        "'%d %s' % 3\n'{} {a.b} {0}'.format()\n'{'.format(1)\nf'{x!r:>{w}}'\n'%' % ()",
        "exec(open('train.py').read())",
        "int('x'); float([]); len(); max(); min([]); round(); getattr(); dict(1); zip(); enumerate(); sum();",
    ],
)
def test_strange_code_raises_nothing(tmp_path: Path, code: str) -> None:
    program(tmp_path, {"train.py": code})


def test_a_long_walk_ends_with_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.analysis.follow.machine.LARGEST_WALK", 100)
    found = program(tmp_path, {"train.py": "import torch\ntorch.save(1)\n" + "print(1)\n" * 200})
    assert "too long" in found.warnings[0] and found.calls[0].name == "save"


def test_the_call_knows_its_loops_and_its_function(tmp_path: Path) -> None:
    write(tmp_path, {})
    code = (
        "def step():\n    torch.save(1, 'x')\nimport torch\nfor epoch in range(3):\n"
        "    for i in range(5):\n        step()\n"
    )
    (call,) = program(tmp_path, {"train.py": code}).called("torch.save")
    assert call.within is not None and call.within.name == "step"
    assert call.loop is not None and call.loop.outer is not None and call.loop.outer.targets == ("epoch",)


def test_a_loop_of_endless_turns_is_followed(tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": "for turn in range(10**30):\n    print(turn)\nrate = 3\n"})
    assert not found.warnings


def test_a_module_without_a_name_is_none(tmp_path: Path) -> None:
    text = "import importlib\nmodule = importlib.import_module('')\nmodule.train()\n"
    assert not program(tmp_path, {"train.py": text}).warnings
