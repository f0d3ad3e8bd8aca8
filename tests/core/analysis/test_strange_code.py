"""Code that is strange, or broken, neither stops the analysis nor costs what else is told of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.analysis.descents import descends
from core.analysis.versions import from_other_versions
from tests.core.analysis.writing import analysed, program, values

NET = """
import os
import re
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 8), nn.Linear(8, 2)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))

{strange}
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    loss = nn.functional.cross_entropy(net(torch.randn(3, 4)), y)
    loss.backward()
    optimizer.step()
"""

EACH_OTHER = """
class Part(nn.Module):
    def __init__(self, other=None):
        super().__init__()
        self.norm, self.table = nn.LayerNorm(8), nn.Embedding(3, 4)
        self.attend, self.conv = nn.MultiheadAttention(8, 2), nn.Conv2d(3, 4, 3)
        self.other = other

first = Part()
second = Part(first)
first.other = second
third = Part(first)
idle = Part()
idle.load_state_dict(torch.load("idle.pt"))
idle.eval()
"""
STRANGE = {
    "networks that hold each other": EACH_OTHER,
    "a list that holds itself": "held = []\nheld.append(held)\n(lambda x: x)(held)\ndef same(x): return x\nsame(held)",
    "a weight that holds itself": "net = Net()\nnet.weight = []\nnet.weight.append(net.weight)",
    "a text that grows": 'text = "aaaaaaaaaa"\n' + 'text = re.sub("a", text, text)\n' * 3,
    "the environment asked by keyword": 'home = os.getenv(key="HOME", default="here")',
    "an f-string with quotes of both kinds": """print(f"name f'{"a"}'")""",
    "a long chain of calls": "print" + ".a()" * 950,
    "a long sum": "total = 1" + " + 1" * 1200,
    "sections that hold themselves": "from easydict import EasyDict\na = {}\na['a'] = a\nconfig = EasyDict(a)",
    "sections of sections": "from easydict import EasyDict\na0 = {'a': 1}\n"
    + "".join(f"a{i} = {{'a': a{i - 1}, 'b': a{i - 1}}}\n" for i in range(1, 40))
    + "config = EasyDict(a39)",
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=list(STRANGE))
def test_what_else_is_told_stays(tmp_path: Path, strange: str) -> None:
    analysis = analysed(tmp_path, {"train.py": NET.format(strange=strange)})
    assert values(analysis, "epochs") == [10]
    assert values(analysis, "optimizer") == ["Adam"]


def test_a_text_is_not_replaced_beyond_bounds(tmp_path: Path) -> None:
    code = 'import re\ntext = "a" * 300\nlong = re.sub("a", text, text)\nshort = re.sub("^np.", "numpy.", "np.ones")'
    names = program(tmp_path, {"train.py": code}).entry.scope.names
    assert names["short"].text == "numpy.ones"
    assert names["long"].text is None


def test_quotes_within_an_f_string_are_turned_once() -> None:
    assert from_other_versions('f"{line["id"]} {line["name"]}"') == "f\"{line['id']} {line['name']}\""
    assert from_other_versions("""f"name f'{"a"}'\"""").startswith('f"name')


def test_the_default_that_stands_nowhere_is_no_script(tmp_path: Path) -> None:
    code = """
        import hydra
        from torch.optim import Adam

        @hydra.main(config_path=".", config_name="absent")
        def main(cfg):
            seen = cfg

        main()
        """
    assert not program(tmp_path, {"train.py": code}).configs


@pytest.mark.parametrize("name", ["delta_w", "deltaW1", "delta_b", "delta_weights", "delta_wih", "delta_theta_1"])
def test_a_step_by_its_name(name: str) -> None:
    assert _descends(f"w -= {name}")


@pytest.mark.parametrize("name", ["delta_box", "delta_width", "delta_batch", "delta"])
def test_no_step_by_its_name(name: str) -> None:
    assert not _descends(f"w -= {name}")


def _descends(code: str) -> bool:
    line = ast.parse(code).body[0]
    assert isinstance(line, ast.AugAssign)
    return descends(line)


OPTIONS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--wide", type=eval, default="{[]: 1}")
parser.add_argument("--rate", type=eval, default="1e-3")
args = parser.parse_args()
held = 1
"""
DIAMOND = "class B{0}(A{1}): pass\nclass C{0}(A{1}): pass\nclass A{0}(B{0}, C{0}): pass\n"


def _lines(line: str) -> str:
    return "".join(line.format(number, number + 1) for number in range(1000))


@pytest.mark.parametrize("strange", [
    OPTIONS,
    OPTIONS + "held = args.rate\n" + "held = held + held\n" * 60 + "args.wide = held",
    OPTIONS + "held = args.rate\n" + "held = held + 1\n" * 3000 + "args.wide = held",
    "for () in [(), ()]:\n    pass",
    "own = []\nown.append(own)\nkept = nn.Linear(own, 2)\nkept(1).backward()",
    _lines("x{1} = read(x{0})\n") + _lines("y{0} = x900 @ w{0}\n"),
    _lines("n{0} = x{0} + torch.randn(3)\n") + _lines("z{0} = (n{0} - x{0}) ** 2\n"),
    "class A0: pass\n" + "".join(DIAMOND.format(i, i - 1) for i in range(1, 50)),
], ids=["no value", "shared", "long", "no targets", "itself", "products", "squares", "diamonds"])  # fmt: skip
def test_what_is_strange_is_followed_to_its_end(tmp_path: Path, strange: str) -> None:
    found = analysed(tmp_path, {"train.py": NET.format(strange=strange)})
    assert not found.warnings
    assert values(found, "model_classes") == ["Net"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("'a'", "a"), ("1 + " * 9999 + "1", "1 + " * 9999 + "1")],
    ids=["a rate", "a text", "too long"],
)
def test_a_text_is_read_and_not_run(tmp_path: Path, text: str, value: object) -> None:
    code = OPTIONS.replace('"1e-3"', repr(text))
    options = {option.name: option.value.value for option in program(tmp_path, {"train.py": code}).options}
    assert options == {"wide": "{[]: 1}", "rate": value}


def test_what_is_minimised_may_have_no_name(tmp_path: Path) -> None:
    script = """
        import torch
        from scipy.optimize import minimize
        weights = torch.zeros(3, requires_grad=True)
        minimize(lambda x: x * x, 0.0, jac=lambda x: 2 * x)
        for step in range(10):
            weights.sum().backward()
            weights.data -= 0.1 * weights.grad
    """
    assert not analysed(tmp_path, {"train.py": script}).warnings
