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


BY_HAND = """
import torch
from torch import nn
from dgl import function as fn
from dgl.ops import edge_softmax

class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 8)
        self.left, self.right = nn.Parameter(torch.ones(8)), nn.Parameter(torch.ones(8))
    def forward(self, graph, x):
        h = self.project(x)
        graph.ndata.update({"h": h, "l": (h * self.left).sum(-1), "r": (h * self.right).sum(-1)})
        graph.apply_edges(fn.u_add_v("l", "r", "e"))
        graph.edata["a"] = edge_softmax(graph, graph.edata.pop("e"))
        graph.update_all(fn.u_mul_e("h", "a", "m"), fn.sum("m", "h"))
        return graph.ndata["h"]

net = Attending()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(5):
    loss = nn.functional.cross_entropy(net(graph, x), y)
    loss.backward()
    optimizer.step()
"""
JUDGED = """
from sklearn.linear_model import LogisticRegression
def evaluate():
    return LogisticRegression(max_iter=150).fit(net(graph, x).numpy(), y).score(x, y)
evaluate()
"""


def test_attention_over_edges_and_what_only_judges_the_embeddings(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": BY_HAND + JUDGED})
    assert values(found, "architecture") == ["GAT", "GNN", "Attention"]


def test_an_example_inside_of_a_library_means_the_library(tmp_path: Path) -> None:
    library = (
        "def RelationNetwork(update_edge_fn, update_global_fn):\n    return lambda graph: update_global_fn(graph)\n"
    )
    script = """
    import haiku as hk, jax, jraph, optax
    def net(graph):
        return jraph.RelationNetwork(hk.nets.MLP([30, 30]), hk.nets.MLP([2]))(graph)
    network = hk.without_apply_rng(hk.transform(net))
    def loss(params, graph):
        return network.apply(params, graph).globals.sum()
    params = network.init(key, graph)
    for step in range(100):
        params = optax.apply_updates(params, optax.adam(2e-4).update(jax.grad(loss)(params, graph), state))
    """
    files = {"jraph/examples/higgs.py": script, "jraph/__init__.py": library}
    assert values(analysed(tmp_path, files, "jraph/examples/higgs.py"), "architecture")[0] == "GNN"
