"""Lessons that import a helping library whole, and measure as they train."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

WHOLE = """
    from {library} import *
    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 10))
        def forward(self, x):
            return self.net(x)
    model = Small()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
"""


@pytest.mark.parametrize(("library", "loss"), [("handy_pieces", ["CrossEntropyLoss"]), ("mxnet.gluon", [])])
def test_an_unknown_library_may_pass_on_what_builds_networks(tmp_path: Path, library: str, loss: list[str]) -> None:
    facts = analysed(tmp_path, {"train.py": WHOLE.format(library=library)})
    assert values(facts, "model_classes") == ["Small"] and values(facts, "loss") == loss


def test_what_a_function_without_gradients_returns_is_no_loss(tmp_path: Path) -> None:
    code = """
        import torch, torchvision
        def step(model, x, y, optimizer):
            optimizer.zero_grad()
            loss = sum(model(x, y).values())
            loss.backward()
            optimizer.step()
            return loss
        @torch.no_grad()
        def look(x, model):
            loss = sum(model(x).values())
            return loss
        model = torchvision.models.detection.fasterrcnn_resnet50_fpn()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.005)
        for epoch in range(5):
            for x, y in loader:
                loss = step(model, x, y, optimizer)
            for x in others:
                loss = look(x, model)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == []
