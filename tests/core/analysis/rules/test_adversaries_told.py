"""Adversaries and their data: judges that are asked of real and fake apart, parts joined at the bottom, folders and
configurations that say which data."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.paths import in_path
from tests.core.analysis.writing import analysed, names, values

TRANSLATOR = """
    import tensorflow as tf

    class Unit:
        def generator(self, x):
            x = tf.layers.conv2d(x, 64, 3, strides=2)
            gap, gmp = x * tf.reduce_mean(x), x * tf.reduce_max(x)
            x = tf.concat([gap, gmp], axis=-1)
            x = up_sample(x)
            return tf.layers.conv2d(x, 3, 3)
        def discriminator(self, x):
            x = tf.layers.conv2d(x, 64, 3, strides=2)
            return tf.layers.conv2d(tf.concat([x * 2, x * 3], axis=-1), 1, 3)
        def generate_a2b(self, x):
            return self.generator(x)
        def discriminate_real(self, x):
            return self.discriminator(x)
        def discriminate_fake(self, x):
            return self.discriminator(x)
        def train(self):
            with tf.Session() as sess:
                for epoch in range(100):
                    for step in range(1000):
                        sess.run([self.g_optim, self.d_optim])
        def build(self):
            real = tf.placeholder(tf.float32, [1, 64, 64, 3])
            fake = self.generate_a2b(real)
            real_logit, fake_logit = self.discriminate_real(real), self.discriminate_fake(fake)
            d_loss = tf.reduce_mean(tf.square(real_logit - 1)) + tf.reduce_mean(tf.square(fake_logit))
            g_loss = tf.reduce_mean(tf.square(fake_logit - 1))
            self.d_optim = tf.train.AdamOptimizer(1e-4).minimize(d_loss)
            self.g_optim = tf.train.AdamOptimizer(1e-4).minimize(g_loss)

    def up_sample(x):
        return tf.image.resize_nearest_neighbor(x, [64, 64])
"""
LAUNCHER = """
    from Unit import Unit

    if __name__ == "__main__":
        unit = Unit()
        unit.build()
        unit.train()
"""


def test_a_judge_of_two_names_in_a_module_called_like_its_class_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Unit"
    found = analysed(folder, {"main.py": LAUNCHER, "Unit.py": TRANSLATOR}, "Unit.py")
    assert values(found, "architecture")[:2] == ["GAN", "CNN"]


GRAPH = """
    import tensorflow as tf
    from tensorflow.contrib import layers

    class {kind}:
        def __init__(self):
            loss = tf.reduce_mean(layers.fully_connected(tf.placeholder(tf.float32, [None, 4]), 1))
            self.train = layers.optimize_loss(loss, None, learning_rate=0.01, optimizer="Adam")
"""
CHOOSER = """
    import argparse
    from vae import VAE
    from gan import GAN

    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="gan")
    args = parser.parse_args()
    if args.model == "vae":
        model = VAE()
    elif args.model == "gan":
        model = GAN()
    for epoch in range(10):
        session.run(model.train)
"""


def test_graphs_that_a_script_chooses_from_and_runs_are_its_own(tmp_path: Path) -> None:
    graphs = {f"{kind.lower()}.py": GRAPH.replace("{kind}", kind) for kind in ("VAE", "GAN")}
    assert names(tmp_path, {"main.py": CHOOSER, **graphs}) == ["main.py"]


SETTINGS = """
    import argparse, os, sys, yaml
    import torch
    from evaluation import load_inception_model

    class Config:
        def __init__(self, entries):
            self.entries = entries
        def __getattr__(self, key):
            if key in self.entries:
                return self.entries[key]
            raise AttributeError(key)

    def load_model(file, name, args):
        sys.path.insert(0, os.path.dirname(file))
        return getattr(__import__(os.path.splitext(os.path.basename(file))[0]), name)(**args)

    parser = argparse.ArgumentParser()
    parser.add_argument("--config_path", default="configs/base.yml")
    config = Config(yaml.safe_load(open(parser.parse_args().config_path)))
    net = load_model(config.models["generator"]["fn"], config.models["generator"]["name"], {})
    optimizer = torch.optim.Adam(net.parameters(), lr=config.adam["alpha"])
    judge = load_inception_model()
    for step in range(config.iteration):
        net(torch.zeros(config.batchsize, 8)).sum().backward()
        optimizer.step()
"""
CHOSEN = "batchsize: 64\niteration: 500\nmodels: {generator: {fn: nets/small.py, name: Maker}}\nadam: {alpha: 0.0002}\n"
MAKER = """
    import torch.nn as nn

    class Maker(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 8)
        def forward(self, x):
            return self.layer(x)
"""
JUDGE = MAKER.replace("Maker", "Inception") + "\n    def load_inception_model():\n        return Inception()\n"


def test_files_and_classes_that_a_configuration_names_through_an_object(tmp_path: Path) -> None:
    files = {"__init__.py": "", "train.py": SETTINGS, "nets/small.py": MAKER, "evaluation.py": JUDGE}
    chosen = {"configs/a.yml": CHOSEN, "configs/b.yml": CHOSEN.replace("64", "16")}
    found = analysed(tmp_path, {**files, **chosen}, "configs/b.yml")
    assert values(found, "model_classes") == ["Maker"]
    assert (values(found, "batch_size"), values(found, "learning_rate")) == ([16], [0.0002])


@pytest.mark.parametrize(
    ("path", "name"), [("data/resized_celebA", "CelebA"), ("data/ffhq_256/", "FFHQ"), ("data/x_64", None)]
)
def test_folders_named_for_data_made_ready(path: str, name: str | None) -> None:
    assert in_path(path, False) == name


def test_a_latent_beside_a_flow_that_is_not_there(tmp_path: Path) -> None:
    text = """
        import torch
        import torch.nn as nn
        from torchvision.datasets import MNIST

        class Coder(nn.Module):
            def __init__(self):
                super().__init__()
                self.flow = None
                self.encode, self.decode = nn.Linear(784, 64), nn.Linear(32, 784)
            def forward(self, x):
                mu, log_var = self.encode(x).chunk(2, 1)
                noise = torch.randn(mu.size())
                z = mu + log_var.mul(0.5).exp() * noise
                if self.flow is not None:
                    z, log_det = self.flow(z)
                    self.volume = sum(log_det)
                return self.decode(z)

        net = Coder()
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for x, _ in torch.utils.data.DataLoader(MNIST("data"), batch_size=64):
            nn.functional.mse_loss(net(x), x).backward()
            optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[:2] == ["VAE", "Autoencoder"]


ONE_OPTIMIZER = """
    import tensorflow as tf
    from tensorflow import keras

    class Game(keras.Model):
        def __init__(self):
            super().__init__()
            self.g = keras.Sequential([keras.layers.Dense(32), keras.layers.Dense(8)])
            self.d = keras.Sequential([keras.layers.Dense(32), keras.layers.Dense(1)])
            self.opt = keras.optimizers.Adam(0.0002)
            self.loss_func = keras.losses.BinaryCrossentropy(from_logits=True)
        def call(self, n):
            return self.g.call(tf.random.normal((n, 10)))
        def train_d(self, data, label):
            with tf.GradientTape() as tape:
                loss = self.loss_func(label, self.d.call(data))
            WEIGHTS_D
        def train_g(self, label):
            with tf.GradientTape() as tape:
                made = self.call(len(label))
                loss = self.loss_func(label, self.d.call(made))
            grads = tape.gradient(loss, self.g.trainable_variables)
            self.opt.apply_gradients(zip(grads, self.g.trainable_variables))
            return made
        def step(self, data):
            made = self.train_g(tf.ones((len(data), 1)))
            self.train_d(tf.concat((data, made), axis=0), tf.ones((len(data), 1)))

    game = Game()
    for epoch in range(20):
        for data in batches:
            game.step(data)
"""
STEPS_OF_BOTH = (
    "self.opt.apply_gradients(zip(tape.gradient(loss, self.d.trainable_variables), self.d.trainable_variables))",
    "weights = self.d.trainable_variables; self.opt.apply_gradients(zip(tape.gradient(loss, weights), weights))",
)


@pytest.mark.parametrize("step", STEPS_OF_BOTH)
def test_one_optimizer_that_trains_judge_and_maker_in_turn(tmp_path: Path, step: str) -> None:
    found = analysed(tmp_path, {"train.py": ONE_OPTIMIZER.replace("WEIGHTS_D", step)})
    assert values(found, "architecture") == ["GAN", "MLP"]


def test_one_optimizer_that_trains_one_network_alone(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ONE_OPTIMIZER.replace("WEIGHTS_D", "return loss")})
    assert "GAN" not in values(found, "architecture")


LABELLED = """
    import numpy as np
    from keras.layers import Input, Dense, Embedding, Flatten, Conv2D, Conv2DTranspose, Reshape, multiply
    from keras.models import Model, Sequential
    from keras.optimizers import Adam

    def build_generator():
        net = Sequential([Dense(49), Reshape((7, 7, 1)), Conv2DTranspose(8, 3, strides=4), Conv2DTranspose(1, 3)])
        latent, kind = Input((10,)), Input((1,), dtype="int32")
        return Model([latent, kind], net(multiply([latent, Embedding(10, 10)(kind)])))

    def build_discriminator():
        net, picture = Sequential([Conv2D(8, 3, strides=2), Flatten()]), Input((28, 28, 1))
        return Model(picture, [Dense(1)(net(picture)), Dense(10)(net(picture))])

    discriminator = build_discriminator()
    discriminator.compile(optimizer=Adam(lr=2e-4), loss=["binary_crossentropy", "sparse_categorical_crossentropy"])
    generator = build_generator()
    latent, image_class = Input((10,)), Input((1,), dtype="int32")
    fake = generator([latent, image_class])
    discriminator.trainable = False
    fake, kind = discriminator(fake)
    both = Model([latent, image_class], [fake, kind])
    both.compile(optimizer=Adam(lr=2e-4), loss=["binary_crossentropy", "sparse_categorical_crossentropy"])
    for epoch in range(50):
        made = generator.predict([np.random.uniform(-1, 1, (32, 10)), np.random.randint(0, 10, 32)])
        discriminator.train_on_batch(np.concatenate((pictures, made)), [y, kinds])
        both.train_on_batch([noise, kinds], [ones, kinds])
"""


def test_labels_given_along_to_what_a_function_has_built(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LABELLED}), "architecture")[0] == "Conditional GAN"


DIRECTIONS = """
    from keras.layers import GRU, Conv2D, Dense, Input, Reshape, add
    from keras.models import Model

    picture = Input((64, 64, 1))
    inner = Reshape((64, 64))(Conv2D(16, 3)(Conv2D(16, 3)(picture)))
    forth = GRU(512, return_sequences=True)(inner)
    back = GRU(512, return_sequences=True, go_backwards=True)(inner)
    model = Model(picture, Dense(10)(add([forth, back])))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    model.fit(x, y, epochs=2)
"""


def test_two_directions_that_are_added_make_no_way_around(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": DIRECTIONS}), "architecture") == ["GRU", "RNN", "CNN"]


def test_how_a_recurrent_layer_begins_is_no_cell_of_it(tmp_path: Path) -> None:
    code = """
    from keras.layers import Dense, SimpleRNN
    from keras import initializers, Sequential

    model = Sequential()
    model.add(SimpleRNN(100, kernel_initializer=initializers.RandomNormal(stddev=0.001)))
    model.add(Dense(10))
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    model.fit(x, y, epochs=2)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["RNN"]
