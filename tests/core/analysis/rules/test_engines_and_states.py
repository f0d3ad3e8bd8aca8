"""Training by Ignite's engines, and Equinox models with a state."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

ENGINE = """
import torch
from ignite.engine import create_supervised_evaluator, create_supervised_trainer
net = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3), torch.nn.Flatten(), torch.nn.Linear(8, 2))
trainer = create_supervised_trainer(net, torch.optim.SGD(net.parameters(), lr=0.01), torch.nn.NLLLoss())
evaluator = create_supervised_evaluator(net)
trainer.run(loader, max_epochs=10)
evaluator.run(loader, max_epochs=1)
"""


def test_an_engine_made_by_the_library_trains(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": ENGINE})
    assert values(analysis, "framework") == ["PyTorch", "Ignite"]
    assert values(analysis, "epochs") == [10]
    assert values(analysis, "loss") == ["NLLLoss"]
