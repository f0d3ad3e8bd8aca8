"""Kinds of each point of a cloud, clouds made again, entropies that contrast, and targets shifted by one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

CLOUDS = """
    import torch
    from torch import nn
    from torch_geometric.datasets import ShapeNet

    data = ShapeNet("data")
    net = nn.Sequential(nn.Conv1d(3, 64, 1), nn.ReLU(), nn.Conv1d(64, 50, 1))
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in data:
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    rated = judge(net, data)
"""


@pytest.mark.parametrize(
    ("changed", "task"),
    [
        ({}, ["point cloud classification"]),
        ({"rated": "mean_iou"}, ["point cloud segmentation"]),
        ({"nn.functional.cross_entropy(net(x), y)": "chamfer_distance(net(x), x)[0]"}, []),
    ],
)
def test_what_is_told_of_clouds(tmp_path: Path, changed: dict[str, str], task: list[str]) -> None:
    text = CLOUDS
    for old, new in changed.items():
        text = text.replace(old, new)
    assert values(analysed(tmp_path, {"train.py": text}), "task") == task


CONTRASTED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 32))

        def info_nce_loss(self, x, wanted):
            z = F.normalize(self.body(x), dim=1)
            return F.cross_entropy(z @ z.T, wanted)

    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x, wanted in read():
        net.info_nce_loss(x, wanted).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("name", "task"), [("info_nce_loss", "contrastive learning"), ("own_loss", "classification")])
def test_an_entropy_named_for_contrasting(tmp_path: Path, name: str, task: str) -> None:
    assert values(analysed(tmp_path, {"train.py": CONTRASTED.replace("info_nce_loss", name)}), "task") == [task]


SHIFTED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    net = nn.LSTM(64, 64)
    optimizer = torch.optim.Adam(net.parameters())
    for x, labels in read():
        logits, _ = net(x)
        loss = F.cross_entropy(logits[..., :-1, :].flatten(0, 1), labels[..., 1:].flatten())
        loss.backward()
        optimizer.step()
"""


def test_targets_one_place_on_under_another_name(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SHIFTED}), "task") == ["language modelling"]
    whole = SHIFTED.replace("[..., :-1, :]", "").replace("[..., 1:]", "")
    assert values(analysed(tmp_path, {"train.py": whole}), "task") == ["classification"]
