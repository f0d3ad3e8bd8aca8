"""Agents whose layers are products of a graph, losses of RLax, and what only looks like a model's part."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.batches import batch_sizes
from tests.core.analysis.writing import analysed, program, values

BRAIN = """
    import gym
    import numpy as np
    import tensorflow as tf

    class Brain:
        def __init__(self, learning_rate=0.005, batch_size=32):
            self.lr, self.batch_size, self.gamma = learning_rate, batch_size, 0.9
            def layers(s):
                w = tf.get_variable('w', [4, 20])
                return tf.matmul(tf.nn.relu(tf.matmul(s, w)), tf.get_variable('v', [20, 2]))
            self.q_eval = layers(tf.placeholder(tf.float32, [None, 4]))
            UPDATE

        def learn(self):
            LEARN

    env = gym.make('Pendulum-v0')
    brain = Brain()
    for episode in range(300):
        state = env.reset()
        state, reward, done, _ = env.step(0)
        brain.learn()
"""


@pytest.mark.parametrize(
    ("update", "learn", "expected"),
    [
        (
            "self.train = tf.train.RMSPropOptimizer(self.lr).minimize(self.q_eval)",
            "target = reward + self.gamma * np.max(self.q_eval, axis=1)",
            "DQN",
        ),
        (
            "self.train = tf.train.AdamOptimizer(-self.lr).apply_gradients("
            "tf.gradients(ys=self.q_eval, xs=weights, grad_ys=slope))",
            "pass",
            "DDPG",
        ),
        (
            "log_prob = tf.log(tf.nn.softmax(self.q_eval))\n"
            "            self.train = tf.train.AdamOptimizer(self.lr).minimize(-tf.reduce_mean(log_prob * self.tf_vt))",
            "pass",
            "Policy Gradient",
        ),
    ],
)
def test_agents_of_products(update: str, learn: str, expected: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": BRAIN.replace("UPDATE", update).replace("LEARN", learn)})
    assert values(found, "architecture")[0] == expected
    assert values(found, "model_classes") == ["Brain"]
    assert values(found, "learning_rate") == [0.005]


def test_a_loss_of_rlax(tmp_path: Path) -> None:
    text = """
        import haiku as hk
        import jax, optax, rlax
        import library

        def build():
            def q(obs):
                return hk.Sequential([hk.Flatten(), hk.nets.MLP([50, 2])])(obs)
            return hk.without_apply_rng(hk.transform(q))

        class Agent:
            def __init__(self):
                self._network = build()
                self._optimizer = optax.adam(0.005)
                self.learner_step = jax.jit(self.learner_step)
            def learner_step(self, params, data):
                return jax.grad(self._loss)(params, *data)
            def _loss(self, params, a, r, discount):
                return jax.vmap(rlax.q_learning)(params, a, r, discount)

        library.run_loop(agent=Agent())
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["DQN", "MLP"]


def test_the_network_of_a_metric_is_none_of_the_models(tmp_path: Path) -> None:
    text = """
        import keras
        class KID(keras.metrics.Metric):
            def __init__(self):
                super().__init__()
                self.encoder = keras.Sequential([keras.applications.InceptionV3(), keras.layers.Dense(10)])
        model = keras.Sequential([keras.layers.Conv2D(8, 3), keras.layers.Dense(1)])
        model.compile(loss='mse', optimizer='adam', metrics=[KID()])
        model.fit(read())
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == ["CNN"]
    assert values(found, "model_classes") == []


def test_blocks_that_take_skips(tmp_path: Path) -> None:
    text = """
        from keras import layers, Model
        def down(x, skips):
            x = layers.Conv2D(8, 3)(x)
            skips.append(x)
            return layers.AveragePooling2D()(x)
        def up(x, skips):
            x = layers.UpSampling2D()(x)
            x = layers.Concatenate()([x, skips.pop()])
            return layers.Conv2D(8, 3)(x)
        skips = []
        image = layers.Input((64, 64, 3))
        model = Model(image, up(down(image, skips), skips))
        model.compile(loss='mse', optimizer='adam')
        model.fit(read())
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["UNet", "CNN"]


def test_turns_of_a_step_are_no_batch(tmp_path: Path) -> None:
    text = """
        import tensorflow_datasets as tfds
        data = tfds.load('mnist')
        n_jitted_steps, batch_size = 5, 128
        for size in [n_jitted_steps, batch_size]:
            data = data.batch(size)
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [128]


def test_a_boosted_model_of_dask(tmp_path: Path) -> None:
    text = """
        import lightgbm as lgb
        model = lgb.DaskLGBMRegressor(n_estimators=10)
        model.fit(X, y)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["Gradient Boosted Trees"]


def test_data_that_a_name_says(tmp_path: Path) -> None:
    text = """
        import keras
        from missing import prepare
        dataset_name = 'oxford_flowers102'
        model = keras.Sequential([keras.layers.Dense(1)])
        model.fit(prepare(dataset_name))
    """
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == ["Oxford Flowers 102"]


def test_of_several_batches_the_one_of_training(tmp_path: Path) -> None:
    text = """
        import numpy as np
        import tensorflow as tf
        train_batch_size = 64
        batch_size = 256
        def draw():
            return np.random.choice(1000, size=train_batch_size)
        def judge(i):
            return min(i + batch_size, 1000)
        tf.train.AdamOptimizer(1e-4).minimize(draw())
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [64]


def test_the_names_of_classes_are_no_data(tmp_path: Path) -> None:
    text = """
        import keras
        names = open('models/imagenet_2012_challenge_label_map_proto.pbtxt').read()
        data = open('data/imagenet/train.csv').read() if READ else None
        keras.Sequential([keras.layers.Dense(1)]).fit(names)
    """
    assert values(analysed(tmp_path, {"train.py": text.replace("READ", "False")}), "datasets") == []
    assert values(analysed(tmp_path, {"train.py": text.replace("READ", "True")}), "datasets") == ["ImageNet"]


def test_a_batch_of_what_judges_several_splits(tmp_path: Path) -> None:
    text = """
        import haiku as hk
        import tensorflow_datasets as tfds
        def load(split, batch_size):
            return tfds.load('mnist', split=split).batch(batch_size)
        train_dataset = load('train', batch_size=1000)
        eval_datasets = {
            split: load(split, batch_size=10_000)
            for split in ('train', 'test')
        }
    """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [1000]


def test_a_small_batch_to_look_at_is_not_the_batch_of_training(tmp_path: Path) -> None:
    text = """
        import random, torch
        def draw(pairs):
            return torch.tensor(pairs)
        small_batch_size = 5
        print(draw([random.choice(pairs) for _ in range(small_batch_size)]))
        def train(batch_size):
            for _ in range(100):
                batch = draw([random.choice(pairs) for _ in range(batch_size)])
                model(batch).backward()
                optimizer.step()
        batch_size = 64
        optimizer = torch.optim.Adam(model.parameters(), 1e-3)
        train(batch_size)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "batch_size") == [64]
