"""The pieces of code that rules look through."""

from __future__ import annotations

import ast
from pathlib import Path

from core.analysis.rules.bodies import code_of
from core.analysis.rules.view import View
from tests.core.analysis.writing import HEAD, STEP, program


def test_nodes_of_several_kinds_stand_in_the_order_of_all() -> None:
    code = code_of(ast.parse("a = f(x)\nb += g(y)\nc = 1\n"))
    kinds = (ast.AugAssign, ast.Assign, ast.Call)
    assert code.of(*kinds) == [node for node in code.nodes if type(node) in kinds]
    assert code.of(ast.While) == code.of(ast.While, ast.If) == []


def test_modules_that_only_import_are_not_looked_through(tmp_path: Path) -> None:
    train = HEAD + "from networks import Net\nmodel = Net()" + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
    network = "import torch.nn as nn\nclass Net(nn.Linear):\n    def __init__(self):\n        super().__init__(2, 3)\n"
    files = {"train.py": train, "networks/__init__.py": "from .net import Net\n", "networks/net.py": network}
    found = program(tmp_path, files)
    assert len(found.modules) == 3
    assert [body.name for body in View(found).bodies] == ["", "__init__"]
