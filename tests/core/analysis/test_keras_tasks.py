"""What networks of Keras are for; sound and writing, losses of one's own, loaders of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

OCR = """
    import tensorflow as tf
    from tensorflow import keras
    from tensorflow.keras import layers

    def read(path):
        return {read}

    def CTCLoss(y_true, y_pred):
        return keras.backend.ctc_batch_cost(y_true, y_pred, 4, 5)

    x = keras.Input((200, 50, 1))
    h = layers.Conv2D(32, 3, padding="same")(x)
    h = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(layers.Reshape((50, 6400))(h))
    model = keras.Model(x, layers.Dense(20)(h))
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=CTCLoss)
    data = tf.data.Dataset.from_tensor_slices(paths).map(read)

    def batches(data, size=4):
        return data.batch(size)

    train_data, test_data = data.take(90), data.skip(90)
    train, valid = batches(train_data, size=64), batches(test_data, size=8)
    table = layers.StringLookup()
    table.adapt(data.batch(128))
    model.fit(train, validation_data=valid, epochs=3)
"""


@pytest.mark.parametrize(
    ("read", "task"),
    [
        ("tf.io.decode_png(tf.io.read_file(path), 1)", "text recognition"),
        ("tf.signal.stft(tf.audio.decode_wav(tf.io.read_file(path))[0], 256, 160)", "speech recognition"),
    ],
)
def test_what_a_connectionist_loss_reads_is_writing_or_speech(tmp_path: Path, read: str, task: str) -> None:
    found = analysed(tmp_path, {"train.py": OCR.replace("{read}", read)})
    assert values(found, "task") == [task]
    assert values(found, "loss") == ["CTCLoss"]  # goes by its own name
    assert values(found, "batch_size") == [64]  # neither that of tests nor of what a table is made from


SHOUT = """
    import tensorflow as tf
    from tensorflow import keras
    x = keras.Input((8000, 1))
    h = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(32, 3)(x))
    model = keras.Model(x, keras.layers.Dense(5, activation="softmax")(h))
    model.compile("Adam", loss="sparse_categorical_crossentropy")
    sound, rate = tf.audio.decode_wav(tf.io.read_file("a.wav"))
    model.fit(sound, labels, epochs=3)
"""


def test_convolutions_over_sound_classify_no_pictures(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SHOUT}), "task") == ["audio classification"]


FETCHED = '''
    """
    shell
    wget -q https://example.org/files/ucf101_top5.tar.gz
    """
    from tensorflow import keras
    model = keras.Sequential([keras.layers.GRU(16), keras.layers.Dense(5, activation="softmax")])
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.fit(frames, labels, epochs=3)
'''


def test_data_that_the_text_of_a_script_fetches(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": FETCHED})
    assert values(found, "datasets") == ["UCF101"] and values(found, "task") == ["video classification"]


DEEP = """
    from tensorflow import keras
    x = keras.Input((32,))
    h = x
    for i in range(400):
        h = keras.layers.Dense(32)(h)
    model = keras.Model(x, h)
    model.compile("adam", loss="mse")
    model.fit(data, data, epochs=2)
"""


def test_a_network_of_hundreds_of_layers_is_counted_without_a_fault(tmp_path: Path) -> None:
    assert analysed(tmp_path, {"train.py": DEEP}).warnings == ()


def test_an_address_on_the_next_line_of_a_command(tmp_path: Path) -> None:
    text = """
        '''
        !wget --no-check-certificate \\\\
            https://example.org/horse-or-human.zip \\\\
            -O /tmp/data.zip
        '''
        from tensorflow import keras
        model = keras.Sequential([keras.layers.Conv2D(16, 3), keras.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", loss="binary_crossentropy")
        model.fit(pictures, labels, epochs=3)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == ["Horses or Humans"]
