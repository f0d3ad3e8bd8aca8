"""Families of older and of scientific code: Boltzmann machines, message passing, flows in continuous time, Sonnet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

MACHINE = """
    import numpy as np
    import tensorflow as tf

    def sample_bernoulli(p):
        return tf.nn.relu(tf.sign(p - tf.random.uniform(tf.shape(p))))

    class Machine:
        def __init__(self, n_visible, n_hidden, learning_rate=0.01):
            self.learning_rate = learning_rate
            self.w = tf.Variable(np.zeros((n_visible, n_hidden)))

        def step(self, x):
            hidden = tf.nn.sigmoid(tf.matmul(x, self.w))
            back = tf.nn.sigmoid(tf.matmul(DRAWN, tf.transpose(self.w)))
            gradient = tf.matmul(tf.transpose(x), hidden) - tf.matmul(tf.transpose(back), hidden)
            self.w.assign_add(self.learning_rate * gradient)
            return tf.reduce_mean(tf.square(x - back))

        def fit(self, dataset, epochs=10, batch_size=10):
            for epoch in range(epochs):
                for batch in dataset.batch(batch_size):
                    self.step(batch)

    (x, _), _ = tf.keras.datasets.mnist.load_data()
    data = tf.data.Dataset.from_tensor_slices(x)
    machine = Machine(784, 64)
    machine.fit(data, epochs=100)
    for batch in data.batch(2048):
        machine.w
"""


def test_units_are_drawn_there_and_back(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MACHINE.replace("DRAWN", "sample_bernoulli(hidden)")})
    assert values(found, "architecture") == ["RBM"]
    assert values(found, "batch_size") == [10]  # the loop over 2048 trains nothing


def test_an_autoencoder_of_tied_weights_draws_nothing(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MACHINE.replace("DRAWN", "hidden")})
    assert "RBM" not in values(found, "architecture")


GRAPH = """
    import tensorflow as tf
    import sonnet as snt

    class Block(snt.AbstractModule):
        def _build(self, graph):
            senders = tf.gather(graph.nodes, graph.senders)
            messages = snt.nets.MLP([64, 64])(senders)
            return tf.math.unsorted_segment_sum(messages, graph.INDEX, 10)

    network = Block()
    min_rate = 1e-6
    rate = tf.train.exponential_decay(learning_rate=1e-4 - min_rate, decay_steps=10) + min_rate
    tf.train.AdamOptimizer(rate).minimize(network(read()))
"""


@pytest.mark.parametrize(("index", "expected"), [("receivers", ["GNN"]), ("classes", ["MLP"])])
def test_messages_are_added_up(index: str, expected: list[str], tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": GRAPH.replace("INDEX", index)})
    assert values(found, "architecture") == expected
    assert values(found, "model_classes") == ["Block"]  # what `_build` builds is the module's
    assert values(found, "learning_rate") == [1e-4]


def test_a_flow_in_continuous_time(tmp_path: Path) -> None:
    text = """
        import equinox as eqx, jax, jax.numpy as jnp, optax, diffrax

        class Flow(eqx.Module):
            mlp: eqx.nn.MLP
            def __init__(self, key):
                self.mlp = eqx.nn.MLP(2, 2, 64, 3, key=key)

            def change(self, t, y, args):
                f, vjp = jax.vjp(self.mlp, y)
                (dfdy,) = jax.vmap(vjp)(jnp.eye(2))
                logp = jnp.trace(dfdy)
                return f, logp

            def train(self, y):
                solution = diffrax.diffeqsolve(diffrax.ODETerm(self.change), diffrax.Tsit5(), 0, 1, 0.1, y)
                return solution.ys

        @eqx.filter_value_and_grad
        def loss(model, y):
            return -model.train(y)

        model = Flow(jax.random.PRNGKey(0))
        optim = optax.adamw(1e-3)
        for step in range(100):
            value, grads = loss(model, read())
            updates, state = optim.update(grads, state)
            model = eqx.apply_updates(model, updates)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["Flow", "MLP"]


def test_a_judge_that_clips_its_own_weights(tmp_path: Path) -> None:
    text = """
        import equinox as eqx, jax, jax.numpy as jnp, optax

        class Generator(eqx.Module):
            mlp: eqx.nn.MLP
            def __call__(self, z):
                return self.mlp(z)

        class Critic(eqx.Module):
            mlp: eqx.nn.MLP
            def __call__(self, x):
                return self.mlp(x)
            def clip_weights(self):
                return eqx.tree_at(lambda m: m.weight, self, self.weight.clip(-0.01, 0.01))

        def loss(generator, discriminator, x, key):
            fake = generator(jax.random.normal(key))
            return jnp.mean(discriminator(x) - discriminator(fake))

        generator, discriminator = Generator(eqx.nn.MLP(2, 2, 8, 1)), Critic(eqx.nn.MLP(2, 1, 8, 1))
        g_optim, d_optim = optax.rmsprop(2e-5), optax.rmsprop(-1e-4)
        for step in range(100):
            g, d = jax.grad(loss, argnums=(0, 1))(generator, discriminator, read(), key)
            generator = eqx.apply_updates(generator, g_optim.update(g))
            discriminator = eqx.apply_updates(discriminator, d_optim.update(d))
            discriminator = discriminator.clip_weights()
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == ["WGAN", "GAN", "MLP"]
    assert sorted(values(found, "learning_rate")) == [2e-5, 1e-4]  # type: ignore[type-var]


def test_flags_with_defaults(tmp_path: Path) -> None:
    text = """
        import gym, mlxu, optax, jax
        FLAGS, FLAGS_DEF = mlxu.define_flags_with_default(env='HalfCheetah-v2', n_epochs=2000, lr=3e-4)
        def main(argv):
            env = gym.make(FLAGS.env).unwrapped
            tx = optax.adam(FLAGS.lr)
            for epoch in range(FLAGS.n_epochs):
                jax.grad(env.step)(tx)
        if __name__ == '__main__':
            mlxu.run(main)
    """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "environment") == ["HalfCheetah-v2"]
    assert values(found, "epochs") == [2000]
    assert values(found, "settings.lr") == [3e-4]
