"""Code of older papers: clouds of points, tours, neighbours that a mask leaves, and names that a star hands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, names, values

SESSION = """
    import tensorflow as tf

    def scores(INPUT):
        net = tf.layers.conv2d(INPUT, 64, [1, 3])
        return tf.layers.dense(tf.reduce_max(net, 1), 40)

    def rate(step):
        return tf.train.exponential_decay(0.001, step, 200000, 0.7, staircase=True)

    def train():
        x, y, step = tf.placeholder(tf.float32), tf.placeholder(tf.int32), tf.Variable(0)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=scores(x), labels=y)
        train_op = tf.train.AdamOptimizer(rate(step)).minimize(loss, global_step=step)
        with tf.Session() as session:
            for epoch in range(250):
                session.run(train_op)

    train()
"""


@pytest.mark.parametrize(("given", "task"), [("point_cloud", "point cloud"), ("inputs", "image")])
def test_clouds_of_points_are_no_pictures(given: str, task: str, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": SESSION.replace("INPUT", given)})
    assert values(analysis, "task") == [f"{task} classification"]
    assert values(analysis, "scheduler") == ["ExponentialLR"]


def test_folders_of_clouds_of_points(tmp_path: Path) -> None:
    code = SESSION.replace(
        "    train()\n", "    files = open('data/modelnet40_ply_hdf5_2048/train_files.txt').readlines()\n    train()\n"
    )
    assert values(analysed(tmp_path, {"train.py": code}), "datasets") == ["ModelNet40"]


HANDED_ON = {
    "inits.py": "import tensorflow as tf\ndef ones(shape):\n    return tf.Variable(tf.ones(shape))\n",
    "models.py": """
        from inits import *
        class Network(object):
            def build(self):
                self.loss = tf.nn.l2_loss(tf.matmul(self.x, ones([4, 2])) - self.y)
                self.step = tf.train.AdamOptimizer(0.01).minimize(self.loss)
        class Small(Network):
            def __init__(self, x, y):
                self.x, self.y = x, y
                self.build()
    """,
    "train.py": """
        import tensorflow as tf
        from models import Small
        network = Small(tf.placeholder(tf.float32), tf.placeholder(tf.float32))
        session = tf.Session()
        for epoch in range(200):
            session.run([network.step, network.loss])
    """,
}


def test_a_library_that_another_module_hands_on(tmp_path: Path) -> None:
    assert names(tmp_path, HANDED_ON) == ["train.py"]
    bound = HANDED_ON["models.py"].replace("from inits import *", "from inits import *\n        import plain as tf")
    assert names(tmp_path / "other", {**HANDED_ON, "models.py": bound}) == []


TOUR = (
    HEAD
    + """
class Tours(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(2, 1)
    def forward(self, x):
        return x.norm(dim=-1).sum(1), F.log_softmax(self.score(x).squeeze(-1), 1).sum(1)
model = Tours()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
for epoch in range(100):
    for x in loader:
        cost, log_likelihood = model(x)
        baseline = cost.mean()
        LOSS
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""
)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("reinforce_loss = ((cost - baseline) * log_likelihood).mean(); loss = reinforce_loss", True),
        ("advantage = cost - baseline; loss = (advantage.detach() * log_likelihood).mean()", True),
        ("loss = -(weights * log_likelihood).mean()", False),
    ],
)
def test_tours_are_praised_without_a_world(line: str, told: bool, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": TOUR.replace("LOSS", line)})
    assert ("Policy Gradient" in values(analysis, "architecture")) is told


HEADS = """
    import tensorflow as tf

    def head(nodes, mask):
        sent = tf.layers.conv1d(nodes, 8, 1, use_bias=False)
        one, other = tf.layers.conv1d(sent, 1, 1), tf.layers.conv1d(sent, 1, 1)
        scores = one + tf.transpose(other, [0, 2, 1])
        return tf.matmul(tf.nn.softmax(SCORES), sent)

    nodes, mask, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    loss = tf.nn.softmax_cross_entropy_with_logits(logits=head(nodes, mask), labels=y)
    train_op = tf.train.AdamOptimizer(0.005).minimize(loss)
    with tf.Session() as session:
        for epoch in range(100):
            session.run(train_op)
"""


@pytest.mark.parametrize(("scores", "told"), [("tf.nn.leaky_relu(scores) + mask", True), ("scores + mask", False)])
def test_neighbours_that_a_mask_leaves(scores: str, told: bool, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": HEADS.replace("SCORES", scores)})
    assert ("GAT" in values(analysis, "architecture")) is told


def test_losses_by_the_names_of_measures(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
def judge(measure):
    return measure(model(held), wanted)
model, criterion, evaluateL2 = nn.Linear(2, 2), None, None
criterion = nn.L1Loss()
evaluateL2 = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in loader:
        criterion(model(x), y).backward()
        optimizer.step()
    print(judge(evaluateL2))
"""
    )
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["L1Loss"]


PACKAGE = {
    "vectors/__init__.py": "from .walks import Walks\nfrom .layers import Layers\n",
    "vectors/walks.py": """
        from gensim.models import Word2Vec
        class Walks:
            def train(self, walks):
                return Word2Vec(sentences=walks, vector_size=128, epochs=5)
    """,
    "vectors/layers.py": """
        from tensorflow.keras.layers import Embedding
        from tensorflow.keras.models import Model
        class Layers:
            def build(self):
                self.table = Embedding(10, 8)
    """,
    "main.py": """
        from sklearn.linear_model import LogisticRegression
        from vectors import Walks
        model = Walks().train(read())
        LogisticRegression().fit(model.wv.vectors, labels)
    """,
}


def test_a_package_that_imports_more_than_is_run(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, PACKAGE, "main.py"), "framework") == ["scikit-learn", "gensim"]


LAPLACIAN = (
    HEAD
    + """
def laplacian_with_self_loop(matrix):
    return matrix + torch.eye(matrix.size(0))
class GCN(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.register_buffer("laplacian", laplacian_with_self_loop(torch.FloatTensor(matrix)))
        self.weights = nn.Parameter(torch.empty(8, 2))
    def forward(self, x):
        return torch.tanh(FACTOR @ x @ self.weights)
model = GCN(load())
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in loader:
        F.mse_loss(model(x), y).backward()
        optimizer.step()
"""
)


@pytest.mark.parametrize(("factor", "told"), [("self.laplacian", True), ("self.mixing", False)])
def test_neighbours_by_an_operator(factor: str, told: bool, tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": LAPLACIAN.replace("FACTOR", factor)})
    assert ("GCN" in values(analysis, "architecture")) is told
