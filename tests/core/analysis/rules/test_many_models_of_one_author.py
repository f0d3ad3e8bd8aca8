"""Many models of one author: judges and graphs of Keras, epochs of data to judge by, names of weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.naming import named_only
from tests.core.analysis.writing import HEAD, STEP, analysed, names, program, values

ADVERSARIES = """
    from keras.layers import Input, Dense, Conv2D, Conv2DTranspose, Flatten, Reshape
    from keras.models import Model
    from keras.optimizers import Adam
    from keras import backend as K

    x_in = Input(shape=(28, 28, 1))
    d_model = Model(x_in, Dense(1)(Flatten()(Conv2D(64, 5)(x_in))))
    z_in = Input(shape=(100,))
    g_model = Model(z_in, Conv2DTranspose(1, 5, strides=2)(Reshape((14, 14, 1))(Dense(196)(z_in))))

    g_model.trainable = False
    real_score, fake_score = d_model(x_in), d_model(g_model(z_in))
    real_score = d_model(x_in)
    fake_score = d_model(g_model(z_in))
    d_train = Model([x_in, z_in], [real_score, fake_score])
    d_train.add_loss(LOSS)
    d_train.compile(optimizer=Adam(2e-4))

    g_model.trainable, d_model.trainable = True, False
    g_train = Model(z_in, d_model(g_model(z_in)))
    g_train.add_loss(K.mean(-fake_score))
    g_train.compile(optimizer=Adam(2e-4))
    for step in range(1000):
        d_train.train_on_batch([pictures, noise], None)
        g_train.train_on_batch(noise, None)
"""


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("K.mean(fake_score - real_score)", ["WGAN", "GAN", "CNN"]),
        ("K.mean(-K.log(real_score + 1e-9) - K.log(1 - fake_score + 1e-9))", ["DCGAN", "GAN", "CNN"]),
        ("K.mean(-K.log(K.sigmoid(real_score - fake_score)))", ["GAN", "CNN"]),
    ],
)
def test_losses_of_judges_that_are_written_out(loss: str, expected: list[str], tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ADVERSARIES.replace("LOSS", loss)})
    assert values(found, "architecture") == expected  # and no twins, though one model takes two inputs


GRAPHS = """
    import tensorflow as tf
    from tensorflow.keras import Model
    from tensorflow.keras.layers import Dense
    from spektral.data import DisjointLoader
    from spektral.layers import CrystalConv, GlobalSumPool

    class Net(Model):
        def __init__(self):
            super().__init__()
            self.conv, self.pool, self.dense = CrystalConv(), GlobalSumPool(), Dense(2, activation="softmax")
        def call(self, inputs):
            x, a, e, i = inputs
            return self.dense(self.pool([self.conv([x, a, e]), i]))

    loader_tr = DisjointLoader(dataset_tr, batch_size=32, epochs=10)
    loader_te = DisjointLoader(dataset_te, batch_size=32, epochs=1)
    net = Net()
    optimizer = tf.keras.optimizers.Adam(0.001)
    loss_fn = tf.keras.losses.CategoricalCrossentropy()
    for batch in loader_tr:
        with tf.GradientTape() as tape:
            loss = loss_fn(batch[1], net(batch[0]))
        gradients = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(gradients, net.trainable_variables))
"""


def test_graphs_of_keras_and_the_epochs_of_their_loaders(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GRAPHS})
    assert values(found, "architecture") == ["GNN"] and values(found, "task") == ["graph classification"]
    assert values(found, "epochs") == [10]


def test_what_batches_to_judge_by_are_told_is_no_training(tmp_path: Path) -> None:
    files = {
        "data.py": "def batches(x, y, size, num_epochs):\n    for epoch in range(num_epochs):\n"
        "        for at in range(0, len(x), size):\n            yield x[at : at + size], y[at : at + size]\n",
        "train.py": "import torch\nfrom data import batches\nfrom sklearn.model_selection import train_test_split\n"
        "train_x, valid_x, train_y, valid_y = train_test_split(read('x'), read('y'))\nnet = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "for x, y in batches(train_x, train_y, 64, 10):\n    torch.nn.functional.mse_loss(net(x), y).backward()\n"
        "    optimizer.step()\n    for a, b in batches(valid_x, valid_y, 64, 1):\n        net(a)\n",
    }
    assert values(analysed(tmp_path, files), "epochs") == [10]


@pytest.mark.parametrize(
    ("constant", "used", "expected"),
    [
        ("LAMBDA", "loss = F.mse_loss(model(x), y) + LAMBDA * model.weight.abs().sum()", [("LAMBDA", 1e-05)]),
        ("lambda_l1", "loss = F.mse_loss(model(x), y) + 1e-05 * model.weight.abs().sum()", []),
        ("LAMBDA", "decayed = torch.optim.Adam(model.parameters(), weight_decay=LAMBDA)", []),
    ],
)
def test_a_lambda_weighs_a_term_where_it_decays_no_weights(
    constant: str, used: str, expected: list[object], tmp_path: Path
) -> None:
    text = (
        HEAD + f"model = nn.Linear(2, 1)\n{constant} = 1e-5\n" + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
    )
    found = analysed(
        tmp_path, {"train.py": text.replace("    loss.backward()", f"    {used}\n        loss.backward()")}
    )
    assert values(found, "loss_weights") == expected


def test_the_words_of_a_framework_name_no_family(tmp_path: Path) -> None:
    text = HEAD + "model = nn.Linear(2, 1)\n" + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
    for folder, expected in (("TensorFlow2_lessons", []), ("Flow_lessons", ["Flow"])):
        facts = named_only(program(tmp_path, {f"{folder}/train.py": text}, f"{folder}/train.py"))
        assert [fact.value for fact in facts] == expected


def test_an_optimizer_that_is_named_for_a_network_makes_none(tmp_path: Path) -> None:
    text = (
        "from transformers.optimization import BertAdam\n" + HEAD + "model = nn.Linear(2, 1)\n"
        "optimizer = BertAdam(model.parameters(), lr=1e-4)\n" + STEP.partition("\n")[2].partition("\n")[2]
    )
    found = analysed(tmp_path, {"train.py": text.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert values(found, "architecture") == ["Linear"] and values(found, "optimizer") == ["Adam"]


def test_sizes_by_their_older_names(tmp_path: Path) -> None:
    text = HEAD + (
        "from torchvision import transforms\nside = 64\n"
        "steps = transforms.Compose([transforms.Scale(size=(side, side)), transforms.ToTensor()])\n"
        "class Actor(nn.Module):\n    def __init__(self, hidden_width):\n        super().__init__()\n"
        "        self.a = nn.Linear(4, hidden_width)\n    def forward(self, x):\n        return self.a(x)\n"
        "model = Actor(256)\n"
    ) + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")  # fmt: skip
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "image_size") == [64] and values(found, "hidden_sizes") == [256]


NET = """
    import tensorflow as tf

    class {name}:
        def __init__(self):
            self.x, self.y = tf.placeholder(tf.float32, [None, 9]), tf.placeholder(tf.int32, [None])
            h = self.x
            for size in (64, 32):
                h = tf.layers.dense(h, size)
            loss = tf.losses.sparse_softmax_cross_entropy(self.y, tf.layers.dense(h, 2))
            self.optimizer = tf.train.AdamOptimizer(0.01).minimize(loss)
"""


def test_a_script_that_runs_what_networks_keep_is_the_model(tmp_path: Path) -> None:
    script = """
        import argparse
        import tensorflow as tf
        from nets.wide import Wide
        from nets.deep import Deep

        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="wide", help="wide | deep")
        args = parser.parse_args()
        with tf.Session() as sess:
            if args.model == "wide":
                model = Wide()
            elif args.model == "deep":
                model = Deep()
            for x, y in batches:
                sess.run([model.optimizer], feed_dict={model.x: x, model.y: y})
    """
    files = {"nets/wide.py": NET.format(name="Wide"), "nets/deep.py": NET.format(name="Deep"), "train.py": script}
    assert names(tmp_path, files) == ["train.py"]


SESSION = """
    import tensorflow as tf

    def concat_on(z, y):
        return tf.concat([z, y], 1)

    class Unit:
        def __init__(self):
            self.x = tf.placeholder(tf.float32, [None, 784])
            self.z = tf.placeholder(tf.float32, [None, 100])
            self.y = tf.placeholder(tf.float32, [None, 10])
            self.made = self.generator(MADE)
            real, _ = self.discriminator(REAL)
            fake, _ = self.discriminator(FAKE)
            entropy = tf.nn.sigmoid_cross_entropy_with_logits
            d_loss = tf.reduce_mean(entropy(logits=real, labels=tf.ones_like(real)))
            d_loss += tf.reduce_mean(entropy(logits=fake, labels=tf.zeros_like(fake)))
            g_loss = tf.reduce_mean(entropy(logits=fake, labels=tf.ones_like(fake)))
            self.d_solver = tf.train.AdamOptimizer().minimize(d_loss)
            self.g_solver = tf.train.AdamOptimizer().minimize(g_loss)
        def generator(self, z, y=None):
            return tf.layers.dense(tf.layers.dense(z, 128), 784)
        def discriminator(self, x, y=None):
            h = tf.layers.dense(x, 128)
            return tf.layers.dense(h, 1), h

    unit = Unit()
    with tf.Session() as sess:
        for step in range(1000):
            sess.run(unit.d_solver)
            sess.run(unit.g_solver)
"""


@pytest.mark.parametrize(
    ("made", "real", "fake", "expected"),
    [
        ("self.z", "self.x", "self.made", "GAN"),
        ("concat_on(self.z, self.y)", "concat_on(self.x, self.y)", "concat_on(self.made, self.y)", "Conditional GAN"),
        ("z=self.z, y=self.y", "x=self.x, y=self.y", "x=self.made, y=self.y", "Conditional GAN"),
        ("concat_on(self.z, self.c)", "self.x", "self.made", "GAN"),
    ],
)  # fmt: skip
def test_labels_that_go_with_what_is_made(made: str, real: str, fake: str, expected: str, tmp_path: Path) -> None:
    text = SESSION.replace("MADE", made).replace("REAL", real).replace("FAKE", fake)
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture")[0] == expected


MESSAGES = """
    import torch
    from torch_geometric.nn import MessagePassing
    from torch_geometric.utils import degree

    class Layer(MessagePassing):
        def __init__(self):
            super().__init__(aggr="add")
            self.lin = torch.nn.Linear(8, 8)
        def forward(self, x, edge_index):
            return self.propagate(edge_index, x=self.lin(x))
        def message(self, x_j, edge_index):
            row, col = edge_index
            WEIGHT
            return weight.view(-1, 1) * x_j

    model = Layer()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(20):
        torch.nn.functional.mse_loss(model(x, edges), y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("scale = degree(row).pow(-0.5)\n            weight = scale[row] * scale[col]", ["GNN", "GCN"]),
        ("weight = 1 / degree(row)[row]", ["GNN"]),
    ],
)
def test_messages_that_are_weighed_by_degrees(weight: str, expected: list[str], tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": MESSAGES.replace("WEIGHT", weight)}), "architecture")
    assert sorted(map(str, found)) == sorted(expected)


WORDS = """
    import torch
    from torch import nn

    class Skipgram(nn.Module):
        def __init__(self, words, size):
            super().__init__()
            self.center, self.around = nn.Embedding(words, size), nn.Embedding(words, size)
        def forward(self, center, target, others):
            center_embeds = self.center(center)
            scores = self.around(target).bmm(center_embeds.transpose(1, 2)).squeeze(2)
            all_scores = self.around(others).bmm(center_embeds.transpose(1, 2)).squeeze(2)
            return LOSS

    model = Skipgram(len(vocabulary), 30)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(100):
        for x, y in pairs:
            model(x, y, vocabulary).backward()
            optimizer.step()
"""


@pytest.mark.parametrize(
    ("loss", "family", "task"),
    [
        ("-torch.log(torch.exp(scores) / torch.sum(torch.exp(all_scores), 1)).mean()", "Word2Vec", "word embeddings"),
        ("(scores - all_scores.sum()).abs().mean()", "Matrix Factorization", "recommendation"),
    ],
)
def test_words_that_are_told_by_a_softmax_that_is_written_out(
    loss: str, family: str, task: str, tmp_path: Path
) -> None:
    found = analysed(tmp_path, {"train.py": WORDS.replace("LOSS", loss)})
    assert values(found, "architecture") == [family, "Embedding"] and values(found, "task") == [task]


def test_words_that_are_told_by_how_often_they_stand_together(tmp_path: Path) -> None:
    text = WORDS.replace("LOSS", "(scores - cooccurrences).abs().mean()").replace("others", "cooccurrences")
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == ["Word2Vec", "Embedding"] and values(found, "task") == ["word embeddings"]


@pytest.mark.parametrize(
    ("last", "expected"),
    [("nn.ConvTranspose2d(64, 1, 2, stride=2)", "image segmentation"), ("nn.Linear(64, 1)", "image classification")],
)
def test_two_kinds_of_places_in_pictures(last: str, expected: str, tmp_path: Path) -> None:
    text = HEAD + (
        "from torchvision.datasets import ImageFolder\nloader = torch.utils.data.DataLoader(ImageFolder('masks'), 4)\n"
        f"model = nn.Sequential(nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), nn.Conv2d(64, 64, 3), {last}, nn.Sigmoid())\n"
    ) + STEP.replace("LOSS", "loss = F.binary_cross_entropy(model(x), y)")  # fmt: skip
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [expected]


@pytest.mark.parametrize(
    ("targets", "expected"), [("labels=letters[:, 1:]", "language modelling"), ("labels=letters", "classification")]
)
def test_letters_that_are_told_one_place_on(targets: str, expected: str, tmp_path: Path) -> None:
    text = f"""
        import tensorflow as tf
        letters = tf.one_hot(tf.placeholder(tf.int32, [None, None]), 90)
        outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(128), letters)
        logits = tf.layers.dense(outputs, 90)
        loss = tf.nn.softmax_cross_entropy_with_logits(logits=logits[:, :-1], {targets})
        train = tf.train.AdamOptimizer(3e-4).minimize(loss)
        with tf.Session() as sess:
            for step in range(1000):
                sess.run(train)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [expected]
