"""Settings that are copied one by one, by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

FLAGS = """
import torch
from absl import app, flags
from easydict import EasyDict
FLAGS = flags.FLAGS
{unused}
flags.DEFINE_float("rate", 3e-4, "")
flags.DEFINE_string("kind", "wide", "")
class Narrow(torch.nn.Module): ...
class Wide(torch.nn.Module): ...
def main(argv):
    copied = EasyDict()
    {copies}
    net = Wide() if copied.kind == "wide" else Narrow()
    opt = torch.optim.Adam(net.parameters(), lr=copied.rate)
    for epoch in range(3):
        net(x).backward()
        opt.step()
app.run(main)
"""
UNUSED = "\n".join(f'flags.DEFINE_integer("unused{number}", {number}, "")' for number in range(60))


@pytest.mark.parametrize(
    "copies",
    [
        "for key in dir(FLAGS): copied[key] = getattr(FLAGS, key)",
        "for key in dir(FLAGS): setattr(copied, key, getattr(FLAGS, key))",
        "copied = EasyDict(FLAGS.flag_values_dict())",
    ],
)
def test_flags_that_are_copied_by_their_names(tmp_path: Path, copies: str) -> None:
    found = analysed(tmp_path, {"train.py": FLAGS.format(unused=UNUSED, copies=copies)})
    assert values(found, "learning_rate") == [3e-4]
    assert values(found, "model_classes") == ["Wide"]
