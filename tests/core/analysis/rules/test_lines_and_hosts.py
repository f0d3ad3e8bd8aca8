"""Linear layers of one's own in blocks and through data of kinds, and the host that is no device to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cpu_device = torch.device('cpu')", ["cuda"]),
        ("waits = device != torch.device('cpu')", ["cuda"]),
        ("fallback = torch.device('cpu')", ["cuda", "cpu"]),
    ],
)
def test_the_host_that_results_are_brought_to(line: str, expected: list[str], tmp_path: Path) -> None:
    text = HEAD + f"device = torch.device('cuda')\nmodel = nn.Linear(2, 1).to(device)\n{line}\n"
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert values(found, "hardware") == expected


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("tf.reduce_mean(tf.square(output - y))", "regression"),
        ("tf.reduce_mean(tf.maximum(0., tf.abs(output - y) - 0.5))", "regression"),
        ("tf.losses.sigmoid_cross_entropy(y, output)", "classification"),
    ],
)
def test_a_line_through_data_of_kinds_tells_numbers(loss: str, expected: str, tmp_path: Path) -> None:
    text = f"""
        import tensorflow as tf
        from sklearn.datasets import load_iris
        iris = load_iris()
        x, y = tf.placeholder(tf.float32, [None, 1]), tf.placeholder(tf.float32, [None, 1])
        weight, bias = tf.Variable(tf.random_normal([1, 1])), tf.Variable(tf.random_normal([1, 1]))
        output = tf.matmul(x, weight) + bias
        train = tf.train.GradientDescentOptimizer(0.05).minimize({loss})
        with tf.Session() as sess:
            for step in range(100):
                sess.run(train, feed_dict={{x: iris.data[:, 3:], y: iris.data[:, :1]}})
    """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [expected]


BLOCKS = """
    import torch
    from torch import nn

    class Line(nn.Module):
        def __init__(self, wide, size):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.empty(size, wide)), nn.Parameter(torch.zeros(wide))
        def forward(self, x):
            return torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight).view(*x.shape[:-1], -1)

    class Attend(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.qkv, self.out = Line(3 * size, size), Line(size, size)
        def forward(self, x):
            query, key, value = self.qkv(x).split(64, dim=2)
            weights = nn.Softmax(dim=-1)(torch.matmul(query, key.transpose(1, 2)) + self.mask)
            return self.out(torch.matmul(weights, value))

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.one, self.two = nn.LayerNorm(size), nn.LayerNorm(size)
            self.attend, self.up, self.down = Attend(size), Line(4 * size, size), Line(size, 4 * size)
        def forward(self, x):
            x = x + self.attend(self.one(x))
            return x + self.down(torch.relu(self.up(self.two(x))))

    class Writer(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.head = nn.Embedding(1000, 64), nn.Linear(64, 1000)
            self.blocks = nn.ModuleList([Block(64) for _ in range(4)])
        def forward(self, x):
            h = self.words(x)
            for block in self.blocks:
                h = block(h)
            return self.head(h)

    model = Writer()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    for epoch in range(5):
        for x, y in loader:
            nn.functional.cross_entropy(model(x).view(-1, 1000), y.view(-1)).backward()
            optimizer.step()
"""


def test_blocks_whose_linear_layers_are_the_authors_own(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": BLOCKS}), "architecture")[:2] == ["Transformer", "Attention"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("np.where(score(x) >= 0.5, 1, -1)", "classification"),
        ("np.where(score(x) >= 0.5, score(x), 0)", "regression"),
    ],
)
def test_a_machine_of_steps_tells_kinds(told: str, expected: str, tmp_path: Path) -> None:
    text = f"""
        import tensorflow as tf
        from sklearn.datasets import load_iris
        iris = load_iris()
        x, y = tf.placeholder(tf.float32, [None, 1]), tf.placeholder(tf.float32, [None, 1])
        weight, bias = tf.Variable(tf.random_normal([1, 1])), tf.Variable(tf.random_normal([1, 1]))
        output = tf.matmul(x, weight) + bias
        gap = tf.maximum(0., tf.abs(output - y) - 0.5)
        train = tf.train.GradientDescentOptimizer(0.05).minimize(tf.reduce_mean(gap))
        with tf.Session() as sess:
            for step in range(100):
                sess.run(train, feed_dict={{x: iris.data[:, 3:], y: iris.data[:, :1]}})
        shown = {told}
    """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [expected]
