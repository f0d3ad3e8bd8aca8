"""Style transfer and StyleGAN as TensorFlow 1 writes them, models of keras_contrib, and which estimator is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, fact, values

STYLED = """
    import tensorflow as tf

    def style_mod(x, w):
        style = tf.layers.dense(w, 16)
        return x * style + style

    def adaptive_instance_norm(x, w):
        return style_mod(x, w)

    class Model(object):
        def g_mapping(self, z):
            return tf.layers.dense(z, 512)

        def generator(self, z):
            w = self.g_mapping(z)
            x = tf.layers.conv2d(w, 64, 3)
            return adaptive_instance_norm(tf.layers.conv2d_transpose(x, 3, 3), w)

        def discriminator(self, x):
            return tf.layers.dense(tf.layers.conv2d(x, 64, 3), 1)

        def train(self, real):
            fake = self.generator(tf.random_normal([8, 512]))
            d_loss = tf.nn.softplus(self.discriminator(fake)) + tf.nn.softplus(-self.discriminator(real))
            g_loss = tf.nn.softplus(-self.discriminator(fake))
            tf.train.AdamOptimizer(0.001).minimize(d_loss)
            tf.train.AdamOptimizer(0.001).minimize(g_loss)

    Model().train(read())
"""


def test_styles_that_functions_apply(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": STYLED}), "architecture") == ["StyleGAN", "GAN", "CNN"]


def test_a_gan_that_only_normalises(tmp_path: Path) -> None:
    text = STYLED.replace("g_mapping", "g_first")
    assert "StyleGAN" not in values(analysed(tmp_path, {"train.py": text}), "architecture")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("resnet.ResNet18((32, 32, 3), 10)", ["ResNet", "CNN"]),
        ("densenet.DenseNet(depth=40)", ["DenseNet", "CNN"]),
        ("ror.ResidualOfResidual()", ["ResNet", "CNN"]),
    ],
)
def test_models_of_keras_contrib(made: str, expected: list[str], tmp_path: Path) -> None:
    module = made.partition(".")[0]
    text = f"""
        from keras_contrib.applications import {module}
        model = {made}
        model.compile(loss='mse', optimizer='adam')
        model.fit(read())
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == expected


def test_the_forest_is_named_before_the_tree(tmp_path: Path) -> None:
    text = """
        from sklearn.tree import DecisionTreeClassifier
        from sklearn.ensemble import RandomForestClassifier
        DecisionTreeClassifier().fit(X, y)
        RandomForestClassifier().fit(X, y)
    """
    found = values(analysed(tmp_path, {"train.py": text}), "architecture")
    assert found[0] == "Random Forest" and "Decision Tree" in found


def test_a_loss_of_the_users_stands_at_its_head(tmp_path: Path) -> None:
    lines = "\n".join(f"            # {index}" for index in range(20))
    text = f"""
        import keras
        def wasserstein_loss(y_true, y_pred):
{lines}
            return y_true * y_pred
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(loss=wasserstein_loss, optimizer='adam')
        model.fit(read())
    """
    place = fact(analysed(tmp_path, {"train.py": text}), "loss").place
    assert (place.line, place.end_line) == (2, 2)


STATISTICS = """
    import torch
    from torch import nn, optim
    from torchvision.models import vgg19

    def mean_std(x):
        return x.mean((2, 3)), x.std((2, 3))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.vgg = vgg19(pretrained=True)
            self.decoder = nn.Sequential(nn.Conv2d(512, 64, 3), nn.Upsample(scale_factor=2), nn.Conv2d(64, 3, 3))
            self.mse = nn.MSELoss()

        def apart(self, input, target):
            a, b = mean_std(input)
            c, d = mean_std(target)
            return self.mse(a_mean(a), a_mean(c)) + self.mse(b_std(b), b_std(d))

        def forward(self, {first}, {second}):
            made = self.decoder(self.vgg({first}))
            return self.apart(self.vgg(made), self.vgg({second}))

    net = Net()
    opt = optim.Adam(net.parameters())
    for a, b in loader:
        net(a, b).backward()
        opt.step()
"""


@pytest.mark.parametrize(("first", "second", "found"), [("content", "style", True), ("left", "right", False)])
def test_statistics_of_features_that_are_compared(tmp_path: Path, first: str, second: str, found: bool) -> None:
    code = STATISTICS.format(first=first, second=second)
    families = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert ("Style Transfer" in families) is found


@pytest.mark.parametrize(("part", "found"), [("embedding_net", True), ("embedding", False), ("token_embed", False)])
def test_two_inputs_through_one_part(tmp_path: Path, part: str, found: bool) -> None:
    code = f"""
    from torch import nn, optim
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.{part} = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8, 2))
        def forward(self, a, b):
            return self.{part}(a) - self.{part}(b)
    net = Net()
    opt = optim.Adam(net.parameters())
    for a, b in loader:
        net(a, b).backward()
        opt.step()
    """
    families = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert ("Siamese" in families) is found


@pytest.mark.parametrize(
    ("loss", "found"), [("F.cross_entropy(head(textures(x)), y)", False), ("F.mse_loss(textures(x), y)", True)]
)
def test_textures_that_only_tell_kinds(tmp_path: Path, loss: str, found: bool) -> None:
    code = f"""
    import torch, torchvision
    from torch.nn import functional as F

    vgg = torchvision.models.vgg16(pretrained=True).features
    head = torch.nn.Linear(512 * 512, 9)
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)

    def textures(x):
        texture = vgg(x).flatten(2)
        return torch.bmm(texture, texture.transpose(1, 2)).flatten(1)

    for x, y in loader:
        {loss}.backward()
        optimizer.step()
    """
    assert ("Style Transfer" in values(analysed(tmp_path, {"train.py": code}), "architecture")) is found
