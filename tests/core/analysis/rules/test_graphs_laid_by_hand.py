"""Layers of graphs that are written out: functions, matrices that are given or made, gates; and what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.test_discovery import candidates
from tests.core.analysis.writing import analysed, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
TRAINED = """
optimizer = optim.Adam(net.parameters())
for epoch in range(9):
    F.cross_entropy(net(x){kept}, y{kept}).backward()
    optimizer.step()
"""
LAYER = """
class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.out, self.score = nn.Linear(8, 8), nn.Linear(8, 8)
        self.weight = nn.Parameter(torch.ones(8, 8))
    def forward(self, {given}):
        {step}
net = {name}()
"""
MADE = (
    "a = F.softmax(torch.mm(self.score(x), self.score(x).t()) * near, dim=1)\n        return torch.mm(a, self.out(x))"
)
GIVEN = "x = x.matmul(self.weight)\n        return torch.mm(G, x)"
GATED = "h = torch.matmul(A, self.out(x))\n        return torch.sigmoid(h) * torch.tanh(h)"


@pytest.mark.parametrize(
    ("name", "given", "step", "families"),
    [
        ("GCNLayer", "x, near", MADE, ["GCN", "GNN"]),
        ("Mixing", "x, near", MADE, []),
        ("GCNetBlock", "x, near", MADE, []),
        ("GCNN", "x", "return torch.mm(x, self.out(x).t())", []),
        ("HyperGraphLayer", "x, G", "return G @ self.out(x)", ["GNN"]),
        ("HGNNConv", "x, G", GIVEN, ["GNN"]),
        ("GraphLayer", "x, G", GIVEN, ["GCN", "GNN"]),
        ("Turning", "x, G", GIVEN, []),
        ("GNN", "x, A", GATED, ["GNN"]),
    ],
)
def test_products_with_what_is_next_to_what(
    tmp_path: Path, name: str, given: str, step: str, families: list[str]
) -> None:
    code = TORCH + LAYER.format(name=name, given=given, step=step) + TRAINED.format(kept="")
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert [each for each in found if each in ("GCN", "GNN")] == families


def test_a_function_that_lays_a_layer_of_a_graph(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    x, y, lap = (tf.placeholder(tf.float32, [None, 8]) for _ in range(3))
    weights = tf.get_variable("w", [8, 3])
    def {name}(x, lap, weights):
        return tf.matmul(lap, tf.matmul(x, weights))
    loss = tf.nn.softmax_cross_entropy_with_logits(logits={name}(x, lap, weights), labels=y)
    step = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as session:
        for epoch in range(9):
            session.run(step)
    """
    found = {name: analysed(tmp_path / name, {"train.py": code.format(name=name)}) for name in ("gcn_layer", "turn")}
    assert values(found["gcn_layer"], "architecture") == ["GCN", "GNN"]
    assert "GCN" not in values(found["turn"], "architecture")


@pytest.mark.parametrize(
    ("kept", "more", "task"),
    [
        ("[train_mask]", "", ["node classification"]),
        ("[train_idx]", "", ["node classification"]),
        ("", "x = [graphs[i] for i in train_idx]\n", ["classification"]),
        ("", "x = global_mean_pool(x, batch)\n", ["graph classification"]),
        ("", "", ["classification"]),
    ],
)
def test_what_is_told_of_nodes_and_of_graphs(tmp_path: Path, kept: str, more: str, task: list[str]) -> None:
    layer = LAYER.format(name="GCNLayer", given="x, near", step=MADE)
    code = TORCH + "from torch_geometric.nn import global_mean_pool\n" + layer + more + TRAINED.format(kept=kept)
    assert values(analysed(tmp_path, {"train.py": code}), "task") == task


def test_functions_that_attend_and_feed_what_is_normalised(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    def attend(x):
        weights = tf.nn.softmax(tf.matmul(tf.layers.dense(x, 8), tf.layers.dense(x, 8), transpose_b=True))
        return tf.matmul(weights, tf.layers.dense(x, 8)) + x
    def feedforward(x):
        return tf.layers.conv1d(tf.layers.conv1d(x, 8, 1), 8, 1) + x
    def normalize(x):
        return (x - tf.reduce_mean(x)) / tf.math.reduce_std(x)
    class Model:
        def __init__(self, x, y):
            for _ in range(2):
                x = attend({norm}x))
                x = feedforward({norm}x))
            loss = tf.losses.mean_squared_error(x, y)
            self.step = tf.train.AdamOptimizer(0.1).minimize(loss)
    model = Model(tf.placeholder(tf.float32), tf.placeholder(tf.float32))
    with tf.Session() as session:
        for epoch in range(9):
            session.run(model.step)
    """
    told = {
        norm: analysed(tmp_path / norm[:-1], {"train.py": code.replace("{norm}", norm)})
        for norm in ("normalize(", "abs(")
    }
    assert values(told["normalize("], "architecture")[0] == "Transformer"
    assert "Transformer" not in values(told["abs("], "architecture")


def test_own_distances_and_pictures_in_pairs_that_are_told_apart(tmp_path: Path) -> None:
    code = """
    import torch
    from torch import nn, optim
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    optimizer = optim.Adam(net.parameters())
    def {name}(a, b):
        return ((a - b) ** 2).mean()
    for x, y in loader:
        {name}(net(x), y).backward()
        optimizer.step()
    """
    found = analysed(tmp_path / "own", {"train.py": code.format(name="rmse_loss")})
    assert values(found, "task") == ["regression"]
    keras = """
    import tensorflow as tf, tensorflow_datasets as tfds
    data = tfds.load("cycle_gan/horse2zebra")
    layers = tf.keras.layers
    net = tf.keras.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(2)])
    net.compile("adam", "categorical_crossentropy")
    net.fit(data, epochs=3)
    """
    assert values(analysed(tmp_path / "pairs", {"train.py": keras}), "task") == ["image classification"]


def test_a_tokenizer_is_no_model(tmp_path: Path) -> None:
    code = "from tokenizers import ByteLevelBPETokenizer\ntokenizer = ByteLevelBPETokenizer()\n"
    assert candidates(tmp_path, {"words.py": code + "tokenizer.train(files, vocab_size=100)\n"}) == []
