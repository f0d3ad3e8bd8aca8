"""Generative models of Keras that are built of functions and put together by `Model` and `Sequential`."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

AUTOENCODER = """
    from keras.layers import Input, Dense, Lambda
    from keras.models import Model
    from keras import backend as K

    def generator(batch_size=32):
        while True:
            yield read(batch_size), None

    x, y = Input(shape=(784,)), Input(shape=(10,))
    h = Dense(256, activation='relu')(x)
    z_mean, z_log_var = Dense(2)(h), Dense(2)(h)
    yh = Dense(2)(y)

    def sampling(args):
        return DRAW

    z = Lambda(sampling)([z_mean, z_log_var])
    decoder_h = Dense(256, activation='relu')
    out = Dense(784, activation='sigmoid')(decoder_h(z))
    vae = Model([x, y], [out, yh])
    vae.add_loss(K.mean(K.binary_crossentropy(x, out)))
    vae.compile(optimizer='rmsprop')
    vae.fit_generator(generator(), epochs=5)
"""


def test_labels_are_an_input_beside_the_data(tmp_path: Path) -> None:
    text = AUTOENCODER.replace("DRAW", "args[0] + K.exp(args[1] / 2) * K.random_normal(shape=K.shape(args[0]))")
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture")[:2] == ["Conditional VAE", "VAE"]
    assert values(found, "batch_size") == [32]  # left to the generator's default


def test_a_latent_of_another_distribution(tmp_path: Path) -> None:
    text = AUTOENCODER.replace("DRAW", "K.l2_normalize(K.random_normal(K.shape(args[0])) - args[0])")
    assert "VAE" in values(
        analysed(tmp_path, {"train.py": text.replace("[x, y], [out, yh]", "x, out")}), "architecture"
    )


def test_a_stack_of_two_networks_is_given_no_labels(tmp_path: Path) -> None:
    text = """
        from keras.models import Sequential
        from keras.layers import Dense, Conv2D, Flatten, Reshape, UpSampling2D
        from keras.optimizers import SGD
        import numpy as np
        def generator_model():
            model = Sequential()
            model.add(Dense(49, input_dim=100))
            model.add(Reshape((7, 7, 1)))
            model.add(UpSampling2D())
            model.add(Conv2D(64, (5, 5), padding='same'))
            model.add(UpSampling2D())
            model.add(Conv2D(1, (5, 5), padding='same'))
            return model
        def discriminator_model():
            model = Sequential()
            model.add(Conv2D(64, (5, 5), input_shape=(28, 28, 1)))
            model.add(Conv2D(64, (5, 5)))
            model.add(Flatten())
            model.add(Dense(1, activation='sigmoid'))
            return model
        def generator_containing_discriminator(g, d):
            model = Sequential()
            model.add(g)
            d.trainable = False
            model.add(d)
            return model
        d, g = discriminator_model(), generator_model()
        both = generator_containing_discriminator(g, d)
        both.compile(loss='binary_crossentropy', optimizer=SGD(lr=0.0005))
        d.compile(loss='binary_crossentropy', optimizer=SGD(lr=0.0005))
        for epoch in range(100):
            made = g.predict(np.random.uniform(-1, 1, (128, 100)))
            d.train_on_batch(np.concatenate((read(), made)), 1)
            both.train_on_batch(np.random.uniform(-1, 1, (128, 100)), 1)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["DCGAN", "GAN", "CNN"]


def test_data_that_are_put_together_anew_to_look_at(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    def shown(data, count):
        for pictures, labels in data.unbatch().batch(count):
            break
        return pictures
    data = tf.data.Dataset.from_tensor_slices(x).batch(64)
    shown(data, 24)
    net = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    net.compile("adam", "mse")
    net.fit(data, epochs=3)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [64]


def test_batches_of_a_class_of_ones_own_that_reads_files_in_pieces(tmp_path: Path) -> None:
    read = """
    import tensorflow as tf
    class Images:
        def __init__(self, files):
            self.pieces = [piece for piece in tf.data.Dataset.from_tensor_slices(files).batch(10000)]
        def next_batch(self, size):
            return self.pieces[:size]
    """
    code = """
    import tensorflow as tf
    from images import Images
    images = Images("files")
    x = tf.placeholder(tf.float32, [None, 784])
    loss = tf.reduce_mean(tf.layers.dense(x, 10))
    step = tf.train.AdamOptimizer(0.003).minimize(loss)
    sess = tf.Session()
    def train_once(turn):
        sess.run(step, {x: images.next_batch(100)})
    for turn in range(10001):
        train_once(turn)
    """
    assert values(analysed(tmp_path, {"train.py": code, "images.py": read}), "batch_size") == [100]


def test_epochs_are_those_of_training_without_the_warm_up(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    def batches(data, count):
        return tf.compat.v1.estimator.inputs.numpy_input_fn(data, num_epochs=count)
    warmup_epochs, nb_epochs = 3, 9
    net = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    net.compile("adam", "mse")
    net.fit(batches(x, None), epochs=warmup_epochs + nb_epochs)
    eval_data = batches(y, 1)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "epochs") == [9]


def test_windows_of_text_and_places_to_write_are_no_batches(tmp_path: Path) -> None:
    code = """
    import jax, optax
    import jax.numpy as jnp
    import tensorflow as tf
    from flax import linen as nn
    def blocks(block_size=1024):
        return tf.data.Dataset.from_tensor_slices(text).batch(block_size + 1).shuffle(9).batch(16)
    def walls(key):
        places = jax.random.choice(key, 169, shape=(169,))
        chosen = jax.random.choice(key, 4000, p=chances)
        return jnp.zeros(169).at[places].set(levels[chosen])
    net = nn.Dense(8)
    for batch in blocks():
        start = walls(key)
        gradients = jax.grad(lambda p: net.apply(p, batch).sum())(weights)
        weights = optax.apply_updates(weights, optax.adam(1e-3).update(gradients, state))
    """
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [16]
