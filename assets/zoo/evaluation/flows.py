"""The likelihood of the continuous flow, solved finely: what its training's few steps say of it may be too good."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

POINTS = 1000


def above_truth(folder: Path, script: str, weights: str, steps: int) -> tuple[float, str]:
    """Nats a held-out point that the flow is worse than the density which the points were drawn from."""
    spec = importlib.util.spec_from_file_location(f"zoo_{Path(script).stem}", folder / script)
    assert spec is not None and spec.loader is not None
    study = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(study)
    state = torch.load(folder / weights, weights_only=True)
    flow = study.ContinuousFlow(len(state["velocity.inwards.bias"]), steps, "exact")
    flow.load_state_dict(state)
    points = study.spirals(POINTS, torch.Generator().manual_seed(1))
    with torch.no_grad():
        worse = study.true_log_prob(points) - flow.log_prob(points)
    return worse.mean().item(), "0 is perfect"
