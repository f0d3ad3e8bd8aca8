"""One rate, stated in the many ways of Python and of libraries for options."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import lr

HEAD = "import argparse, enum\nimport torch\nfrom absl import app, flags\n"
TAIL = "\noptimizer = torch.optim.Adam([torch.zeros(1)], lr={rate})\n"


@pytest.mark.parametrize(
    ("before", "rate"),
    [
        ("base = {'lr': 0.1, 'width': 3}\nchosen = base | {'lr': 0.25}", "chosen['lr']"),
        ("base = {'lr': 0.25}\nchosen = {'width': 3} | base", "chosen['lr']"),
        ("class Rate(enum.Enum):\n    LOW = 0.1\n    HIGH = 0.25", "Rate.HIGH.value"),
        ("class Rate(enum.Enum):\n    LOW = 0.1\n    HIGH = 0.25", "Rate(0.25).value"),
        ("class Rate(enum.Enum):\n    LOW = 0.1\n    HIGH = 0.25", "Rate['HIGH'].value"),
        ("RATE = flags.DEFINE_float('rate', 0.25, 'help')", "RATE.value"),
        ("flags.DEFINE_float('rate', 0.25, 'help')", "flags.FLAGS.rate"),
        ("flags.DEFINE_float(name='rate', default=0.25, help='')", "flags.FLAGS.rate"),
        ("parser = argparse.ArgumentParser()\nparser.add_argument('--rate', default=0.25)\na = parser.parse_args()",
         "a.rate"),
        ("parser = argparse.ArgumentParser()\nparser.add_argument('--r', dest='rate', default=0.25)\n"
         "a = vars(parser.parse_args())", "a['rate']"),
        ("parser = argparse.ArgumentParser()\nparser.add_argument('--rate', type=float)\n"
         "parser.set_defaults(rate=0.25)\na = parser.parse_args()", "a.rate"),
        ("rates = [0.1, 0.5]\nlow, high = rates", "high / 2"),
        ("rates = [0.1, 0.2, 0.25]", "rates[-1]"),
        ("rates = [0.5, 0.25, 0.1]", "rates[::2][0] / 2"),
        ("settings = {'rates': {'low': 0.25}}", "settings.get('rates', {}).get('low', 0.1)"),
        ("settings = {'width': 3}", "settings.pop('rate', 0.25)"),
        ("settings = dict(zip(['a', 'rate'], [1, 0.25]))", "settings['rate']"),
        ("def double(x, by=2):\n    return x * by", "double(0.125)"),
        ("def rate(*, low=0.5, **rest):\n    return low * rest.get('by', 1)", "rate(by=0.5)"),
        ("class Settings:\n    rate = 0.1\n    def __init__(self, **given):\n        self.__dict__.update(given)\n"
         "settings = Settings(rate=0.25)", "settings.rate"),
        ("class Settings:\n    rate = 0.1\n    def __init__(self, **given):\n        for k, v in given.items():\n"
         "            setattr(self, k, v)\nsettings = Settings(rate=0.25)", "settings.rate"),
        ("class Settings:\n    @property\n    def rate(self):\n        return self.base / 4\n"
         "settings = Settings()\nsettings.base = 1.0", "settings.rate"),
        ("rate = 0.1\nif (wide := 3) > 2:\n    rate = 0.25", "rate"),
        ("rate = 0.1\nfor each in (0.5, 0.25):\n    rate = each", "rate"),
        ("text = 'rate=0.25'\nrate = float(text.split('=')[1])", "rate"),
        ("rate = float('{:.2f}'.format(0.25))", "rate"),
        ("rate = min(0.25, 1.0) if max([1, 2]) == 2 else 0.1", "rate"),
        ("kind = 'slow'\nmatch kind:\n    case 'fast' | 'faster':\n        rate = 0.5\n    case 'slow':\n"
         "        rate = 0.25", "rate"),
    ],
)  # fmt: skip
def test_a_rate_is_followed_to_where_it_is_stated(tmp_path: Path, before: str, rate: str) -> None:
    found = lr(tmp_path, {"train.py": HEAD + before + TAIL.format(rate=rate)})
    assert found.number == 0.25


@pytest.mark.parametrize(
    ("before", "rate"),
    [
        ("chosen = {'lr': 0.25} | load()", "chosen['lr']"),
        ("class Rate(enum.Enum):\n    LOW = 0.1", "Rate(ask()).value"),
        ("import random", "random.choice([0.25, 0.5])"),
        ("rates = [0.25, 0.5]", "rates[ask()]"),
        ("rate = 0.25\nexec(ask())\nrate = eval(ask())", "rate"),
    ],
)
def test_what_only_the_run_decides_is_not_known(tmp_path: Path, before: str, rate: str) -> None:
    assert lr(tmp_path, {"train.py": HEAD + before + TAIL.format(rate=rate)}).number is None
