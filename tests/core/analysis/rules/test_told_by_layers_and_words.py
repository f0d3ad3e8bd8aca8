"""Layers of Chainer and Keras 1, steps that are no agent's, critics without means, and sequences of words."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

CAPTIONS = """
    import chainer
    import chainer.functions as F
    import chainer.links as L

    class Words(chainer.Chain):
        def __init__(self):
            super().__init__()
            with self.init_scope():
                self.embed = L.EmbedID(1000, 64)
                self.body = L.NStepLSTM(1, 64, 64, 0.1)
                self.out = L.Linear(64, 1000)

        def forward(self, xs, ys):
            self.reset(xs)
            return F.softmax_cross_entropy(self.step(xs), ys)

        def reset(self, xs):
            self.state = None

        def step(self, xs):
            self.state, _, hidden = self.body(self.state, None, self.embed(xs))
            return self.out(hidden)

    model = Words()
    optimizer = chainer.optimizers.Adam()
    optimizer.setup(model)
    for xs, ys in read():
        model.cleargrads()
        model(xs, ys).backward()
        optimizer.update()
"""


def test_a_recurrence_of_chainer_that_is_reset_and_stepped(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": CAPTIONS})
    assert values(analysis, "architecture") == ["LSTM", "RNN"]
    assert values(analysis, "task") == []


def test_both_sides_of_a_kernel_in_keras_1(tmp_path: Path) -> None:
    text = """
        from keras.datasets import mnist
        from keras.layers import Convolution2D, Dense, Flatten
        from keras.models import Sequential

        (x, y), _ = mnist.load_data()
        model = Sequential()
        model.add(Convolution2D(32, 5, 5, input_shape=(28, 28, 1)))
        model.add(Flatten())
        model.add(Dense(10))
        model.compile(loss="categorical_crossentropy", optimizer="adam")
        model.fit(x, y)
    """
    analysis = analysed(tmp_path, {"train.py": text})
    assert values(analysis, "architecture") == ["CNN"]
    assert values(analysis, "task") == ["image classification"]


def test_a_critic_that_takes_its_mean_within(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": CRITIC}), "architecture")[0] == "WGAN"


CRITIC = """
    import torch
    from torch import nn, optim

    class Maker(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.ConvTranspose2d(100, 1, 4)
        def forward(self, z):
            return self.body(z)

    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Conv2d(1, 1, 4)
        def forward(self, x):
            return self.body(x).mean()

    G, D = Maker(), Critic()
    g_optim, d_optim = optim.RMSprop(G.parameters(), 5e-5), optim.RMSprop(D.parameters(), 5e-5)
    for real in load():
        made = G(torch.randn(64, 100, 1, 1))
        real_score, fake_score = D(real), D(made)
        d_loss = fake_score - real_score
        d_loss.backward()
        d_optim.step()
        g_loss = -D(G(torch.randn(64, 100, 1, 1)))
        g_loss.backward()
        g_optim.step()
"""


def test_scores_whose_difference_is_judged_again(tmp_path: Path) -> None:
    text = CRITIC.replace(
        "d_loss = fake_score - real_score", "d_loss = nn.BCEWithLogitsLoss()(fake_score - real_score, 0)"
    )
    assert "WGAN" not in values(analysed(tmp_path, {"train.py": text}), "architecture")


def test_noise_by_a_stochastic_equation(tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn

        class Equation:
            def marginal_prob(self, x, t):
                return x * torch.exp(-t), torch.sqrt(1 - torch.exp(-2 * t))

        sde, net = Equation(), nn.Conv2d(3, 3, 3)
        optimizer = torch.optim.Adam(net.parameters())
        for x in load():
            z = torch.randn_like(x)
            mean, std = sde.marginal_prob(x, torch.rand(8))
            loss = nn.functional.mse_loss(net(mean + std * z), z)
            loss.backward()
            optimizer.step()
    """
    assert values(analysed(tmp_path / "noise", {"train.py": text}), "architecture") == ["Diffusion", "CNN"]
    shares = text.replace("torch.randn_like(x)", "x.labels")
    assert "Diffusion" not in values(analysed(tmp_path / "shares", {"train.py": shares}), "architecture")


PAIRS = """
    import torch
    from torch import nn

    class Encoder(nn.Module):
        def __init__(self, words):
            super().__init__()
            self.embed, self.body = nn.Embedding(words, 64), nn.LSTM(64, 64)
        def forward(self, x):
            return self.body(self.embed(x))[1]

    class Decoder(nn.Module):
        def __init__(self, words):
            super().__init__()
            self.embed, self.body, self.out = nn.Embedding(words, 64), nn.LSTM(64, 64), nn.Linear(64, words)
        def forward(self, x, state):
            made, state = self.body(self.embed(x), state)
            return self.out(made), state

    src_vocab, tgt_vocab = read()
    encoder, decoder = Encoder(len(src_vocab)), Decoder(len(tgt_vocab))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
    for x, y in pairs():
        made, state = decoder(y, encoder(x))
        nn.CrossEntropyLoss()(made, y).backward()
        optimizer.step()
"""


def test_words_of_two_vocabularies(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": PAIRS}), "task") == ["translation"]
    one = PAIRS.replace("src_vocab", "words").replace("tgt_vocab", "answers")
    assert values(analysed(tmp_path, {"train.py": one}), "task") == []


SCORED = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self, vocab_size):
            super().__init__()
            self.embed, self.body, self.out = nn.Embedding(vocab_size, 64), nn.LSTM(64, 64), nn.Linear(64, 1)
        def forward(self, x):
            return self.out(self.body(self.embed(x))[0])

    net = Net(5000)
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in read():
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
"""


def test_a_score_of_texts_is_no_forecast(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SCORED}), "task") == []
    series = SCORED.replace("vocab_size", "days")
    assert values(analysed(tmp_path, {"train.py": series}), "task") == ["time series forecasting"]


def test_neighbours_looked_up_among_the_weights(tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn

        words, around = nn.Embedding(1000, 64), nn.Embedding(1000, 64)
        optimizer = torch.optim.Adam([*words.parameters(), *around.parameters()])

        def similar_words(weights, x):
            return torch.matmul(weights, x).topk(5)

        for x, y, wanted in read():
            loss = score((words(x) * around(y)).sum(-1), wanted)
            loss.backward()
            optimizer.step()
        similar_words(words.weight, words.weight[7])
    """
    assert "Linear" not in values(analysed(tmp_path, {"train.py": text}), "architecture")
    plain = text.replace("similar_words", "project")
    assert "Linear" in values(analysed(tmp_path, {"train.py": plain}), "architecture")


def test_groups_of_convolutions_with_poolings_as_functions(tmp_path: Path) -> None:
    text = """
        import jax, optax
        from flax import linen as nn

        class Net(nn.Module):
            @nn.compact
            def __call__(self, x):
                for width in (64, 64):
                    x = nn.relu(nn.Conv(width, (3, 3))(x))
                x = nn.max_pool(x, (2, 2))
                for width in (128, 128):
                    x = nn.relu(nn.Conv(width, (3, 3))(x))
                x = nn.max_pool(x, (2, 2))
                for width in (256, 256):
                    x = nn.relu(nn.Conv(width, (3, 3))(x))
                x = nn.max_pool(x, (2, 2))
                for width in (512, 512):
                    x = nn.relu(nn.Conv(width, (3, 3))(x))
                x = nn.max_pool(x, (2, 2))
                for width in (512, 513):
                    x = nn.relu(nn.Conv(width, (3, 3))(x))
                x = nn.max_pool(x, (2, 2))
                return nn.Dense(10)(x.reshape(len(x), -1))

        net = Net()
        params = net.init(jax.random.PRNGKey(0), sample())
        tx = optax.adam(1e-3)
        state = tx.init(params)

        def judge(params, x, y):
            return optax.softmax_cross_entropy(net.apply(params, x), y).mean()

        for x, y in read():
            grads = jax.grad(judge)(params, x, y)
            updates, state = tx.update(grads, state)
            params = optax.apply_updates(params, updates)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["VGG", "CNN"]
    assert values(analysed(tmp_path, {"train.py": text.replace("nn.max_pool", "own")}), "architecture") == ["CNN"]


SLID = """
import tensorflow as tf
data = tf.data.Dataset.from_tensor_slices(read())
data = data.window(21, shift=1, drop_remainder=True).flat_map(lambda rows: rows.batch(21))
data = data.map(lambda rows: (rows[:-1], rows[-1])).batch(32)
model = tf.keras.Sequential([tf.keras.layers.Dense(10, activation="relu"), tf.keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="sgd")
model.fit(data, epochs=3)
"""


def test_what_comes_behind_sliding_windows_is_forecast(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SLID}), "task") == ["time series forecasting"]
    lines = [line for line in SLID.splitlines() if "window" not in line]
    assert values(analysed(tmp_path, {"train.py": "\n".join(lines)}), "task") == ["regression"]
    counted = SLID.replace("from_tensor_slices(read())", "range(900)")
    assert values(analysed(tmp_path, {"train.py": counted}), "task") == ["regression"]


NOTES = """
import music21
import tensorflow as tf
from tensorflow.keras import layers
read = music21.converter.parse("song.mid")
model = tf.keras.Sequential([layers.Embedding(128, 32), layers.LSTM(64), layers.Dense(128, activation="softmax")])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
model.fit(*windows(read), epochs=3)
"""


def test_what_goes_on_with_notes_makes_music(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": NOTES}), "task") == ["music generation"]
    compared = NOTES.replace("sparse_categorical_crossentropy", "mse")
    assert "music generation" not in values(analysed(tmp_path, {"train.py": compared}), "task")
