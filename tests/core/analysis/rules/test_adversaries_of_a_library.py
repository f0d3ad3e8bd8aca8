"""GANs of TF-GAN, whose loops and losses are the library's, also in its own repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

TRAIN = """
import tensorflow.compat.v1 as tf
import tensorflow_gan as tfgan
from tensorflow_gan.examples.digits import networks

def train():
    noise = tf.random.normal([16, 64])
    model = tfgan.MODEL(networks.generator, networks.discriminator, images, noise)
    loss = tfgan.gan_loss(model, gradient_penalty_weight=WEIGHT)
    ops = tfgan.gan_train_ops(model, loss, tf.train.AdamOptimizer(2e-4), tf.train.AdamOptimizer(1e-4))
    tfgan.gan_train(ops, hooks=[tf.estimator.StopAtStepHook(num_steps=900)])

if __name__ == "__main__":
    train()
"""
NETWORKS = """
import tensorflow.compat.v1 as tf

def generator(noise):
    x = tf.reshape(tf.layers.dense(noise, 7 * 7 * 64), [-1, 7, 7, 64])
    return tf.layers.conv2d_transpose(x, 1, 4, strides=4)

def discriminator(images, condition):
    return tf.layers.dense(tf.layers.flatten(tf.layers.conv2d(images, 64, 4, strides=2)), 1)
"""
HOME = "tensorflow_gan/examples/digits"
LIBRARY = """
def gan_loss(model, generator_loss=None, aux_weight=None):
    if aux_weight:
        return acgan_generator_loss(model)
"""


@pytest.mark.parametrize(
    ("model", "weight", "families"),
    [
        ("gan_model", "None", ["GAN", "CNN"]),
        ("gan_model", "1.0", ["WGAN-GP", "WGAN", "GAN", "CNN"]),
        ("acgan_model", "None", ["Conditional GAN", "GAN", "CNN"]),
    ],
)
def test_networks_that_the_library_plays_against_each_other(
    tmp_path: Path, model: str, weight: str, families: list[str]
) -> None:
    files = {
        f"{HOME}/train.py": TRAIN.replace("MODEL", model).replace("WEIGHT", weight),
        f"{HOME}/networks.py": NETWORKS, f"{HOME}/__init__.py": "", "tensorflow_gan/examples/__init__.py": "",
        "tensorflow_gan/__init__.py": "from tensorflow_gan.losses import gan_loss\n",
        "tensorflow_gan/losses.py": LIBRARY,
    }  # fmt: skip
    assert names(tmp_path, files) == [f"{HOME}/train.py"]
    told = analysed(tmp_path, files, f"{HOME}/train.py")
    assert values(told, "architecture") == families
    assert values(told, "learning_rate") == [2e-4, 1e-4]
    assert values(told, "steps") == [900]


FLAGS = """
import sys
import tensorflow.compat.v1 as tf
from absl import flags

FLAGS = flags.FLAGS
flags.DEFINE_float("first_rate", 0.003, "")
flags.DEFINE_integer("grid", 8, "")

def train(images, **told):
    fake_batch_size = told["grid"] ** 2
    shown = tf.zeros([fake_batch_size, 4])
    loss = tf.reduce_mean(tf.layers.dense(images, 1))
    step = tf.train.AdamOptimizer(told["first_rate"]).minimize(loss)
    tf.contrib.training.train(step, "logs", summarize(shown, fake_batch_size=fake_batch_size))

train(images, **dict([(flag.name, flag.value) for flag in FLAGS.get_key_flags_for_module(sys.argv[0])]))
"""


def test_all_flags_of_a_module_are_handed_on(tmp_path: Path) -> None:
    told = analysed(tmp_path, {"train.py": FLAGS})
    assert values(told, "learning_rate") == [0.003]
    assert values(told, "batch_size") == []
