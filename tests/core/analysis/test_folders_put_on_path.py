"""Folders that scripts and notebooks put on `sys.path` themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.analysis.config_paths import folder_of
from tests.core.analysis.writing import analysed, values

NET = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
"""
TRAIN = """
import sys, torch
sys.path.append("../../my-lib")
from models import Net
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-4)
for epoch in range(7):
    for x, y in loader:
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
"""


def test_an_everyday_name_in_a_folder_that_the_script_names(tmp_path: Path) -> None:
    files = {
        "examples/deep/train.py": TRAIN,
        "my-lib/models/__init__.py": "from .net import Net\n",
        "my-lib/models/net.py": NET,
        "other/models/__init__.py": "from torch import nn\nclass Net(nn.Module): ...\n",
    }
    found = analysed(tmp_path, files, "examples/deep/train.py")
    assert values(found, "model_classes") == ["Net"]
    assert "Linear" in values(found, "architecture")


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("'../../lib'", "../../lib"),
        ("os.path.join(os.path.dirname(__file__), '..', 'lib')", "../lib"),
        ("os.path.dirname(os.path.dirname(os.path.abspath(__file__)))", ".."),
        ("str(Path(__file__).parent.parent / 'lib' / 'own')", "../lib/own"),
        ("os.path.join(ROOT, 'lib')", ""),
        ("os.path.dirname(__file__)", ""),
    ],
)
def test_the_folder_of_a_path(text: str, folder: str) -> None:
    assert folder_of(ast.parse(text, mode="eval").body) == folder
