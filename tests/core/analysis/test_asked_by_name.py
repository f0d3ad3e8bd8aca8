"""Bodies, calls and classes found by names: nothing is looked at that has none of them, and nothing is lost."""

from __future__ import annotations

import ast
from pathlib import Path

from core.analysis.program import Class
from core.analysis.rules.bodies import Body
from core.analysis.rules.families.asking import first
from core.analysis.rules.view import view
from tests.core.analysis.writing import program

SCRIPT = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def forward(self, x):
            return torch.tanh(x)

    class Deeper(Net):
        pass

    def squash(x):
        return torch.sigmoid(torch.tanh(x))

    def plain(x):
        return x

    squash(plain(Net()(1)))
    Deeper()
    """


def test_bodies_are_found_by_what_they_call_in_order(tmp_path: Path) -> None:
    seen = view(program(tmp_path, {"train.py": SCRIPT}))
    calling = [body for body in seen.bodies if {"tanh", "sigmoid"} & body.calls.keys()]
    assert sorted(body.name for body in calling) == ["forward", "squash"]
    assert seen.calling("sigmoid", "tanh") == calling
    assert seen.calling("relu") == []


def test_only_bodies_that_call_what_a_test_needs_are_tested(tmp_path: Path) -> None:
    tested: list[str] = []

    def test(body: Body) -> ast.AST | None:
        tested.append(body.name)
        return None

    assert first(view(program(tmp_path, {"train.py": SCRIPT})), test, "sigmoid", "relu") is None
    assert tested == ["squash"]


def test_calls_that_make_a_default_are_found_beside_those_made_since(tmp_path: Path) -> None:
    followed = program(
        tmp_path, {"train.py": "import lib\n\ndef f(x=lib.default()):\n    return x\n\nlib.other()\nf()\n"}
    )
    assert {call.name for call in followed.named("default", "other")} == {"default", "other"}


def test_a_class_is_an_heir_of_what_its_bases_derive_from(tmp_path: Path) -> None:
    names = program(tmp_path, {"train.py": SCRIPT}).entry.scope.names
    deeper = names["Deeper"].value
    assert isinstance(deeper, Class)
    assert deeper.heir_of(".Layer", ".Module")
    assert not deeper.heir_of(".Layer")
