"""Graph networks that libraries make ready: layers, whole models, and their data sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRAINING = """
import torch
import torch.nn.functional as F
from torch_geometric import nn
from torch_geometric import datasets
data = {data}
model = {network}
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(200):
    loss = F.cross_entropy(model(data.x), data.y)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("nn.RGATConv(8, 2)", ["GNN"]),
        ("nn.NobodyKnowsThisConv(8, 2)", ["GNN"]),
        ("nn.GraphUNet(8, 16, 2, depth=3)", ["GNN"]),
        ("nn.GAE(nn.GCNConv(8, 2))", ["Autoencoder", "GCN", "GNN"]),
        ("nn.VGAE(nn.GCNConv(8, 2))", ["VAE", "Autoencoder", "GCN", "GNN"]),
    ],
)
def test_layers_and_models(network: str, expected: list[str], tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", network).replace("{data}", "datasets.Planetoid('data', 'Cora')[0]")
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("datasets.TUDataset('data', name='MUTAG').shuffle()", ["MUTAG"]),
        ("datasets.MNISTSuperpixels('data')", ["MNISTSuperpixels"]),
        ("datasets.NobodyKnowsDataset('data')", ["NobodyKnows"]),
        ("datasets.FB15k_237('data')", ["FB15k-237"]),
        ("datasets.FakeDataset(avg_num_nodes=10)", []),
    ],
)
def test_data_sets(data: str, expected: list[str], tmp_path: Path) -> None:
    text = TRAINING.replace("{network}", "nn.GCNConv(8, 2)").replace("{data}", data)
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == expected
