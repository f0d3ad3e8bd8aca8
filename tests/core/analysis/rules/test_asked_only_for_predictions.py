"""Networks that are only asked for predictions, sizes of pictures to judge by, sums of steps, and a class beside its
heir."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

FEATURES = """
    from keras.applications.resnet50 import ResNet50
    from keras.models import Sequential
    from keras.layers import Conv2D, Dense, Flatten
    ready = ResNet50(weights="imagenet")
    net = Sequential([Conv2D(8, 3, input_shape=(32, 32, 3)), Conv2D(8, 3), Flatten(), Dense(9)])
    USE
    net.compile("adam", "mse")
    net.fit(pictures, labels)
"""


@pytest.mark.parametrize(
    ("use", "first"),
    [("guesses = ready.predict(pictures)", "CNN"), ("net.add(ready); ready.predict(pictures)", "ResNet")],
)
def test_what_only_predicts_follows_what_is_fitted(tmp_path: Path, use: str, first: str) -> None:
    told = values(analysed(tmp_path, {"train.py": FEATURES.replace("USE", use)}), "architecture")
    assert told[0] == first
    assert "ResNet" in told


LOADERS = HEAD + """
from torchvision import datasets, transforms
def NAME(path):
    return datasets.ImageFolder(path, transforms.Compose([transforms.Resize([299, 299]), transforms.ToTensor()]))
def get_train_data(path):
    return datasets.ImageFolder(path, transforms.Compose([transforms.Resize([64, 64]), transforms.ToTensor()]))
model = nn.Conv2d(3, 1, 9)
loader, others = get_train_data("a"), NAME("b")
""" + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")  # fmt: skip


@pytest.mark.parametrize(("name", "sizes"), [("get_eval_data", [64]), ("get_more_data", [299, 64])])
def test_pictures_to_judge_by(tmp_path: Path, name: str, sizes: list[int]) -> None:
    told = values(analysed(tmp_path, {"train.py": LOADERS.replace("NAME", name)}), "image_size")
    assert sorted(told) == sorted(sizes)


def test_the_part_of_a_sum_of_steps_that_counts(tmp_path: Path) -> None:
    code = HEAD + """
parser = argparse.ArgumentParser()
parser.add_argument("--before_iterations", type=int, default=0)
parser.add_argument("--iterations", type=int, default=700)
args = parser.parse_args()
model = nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for turn in range(0, args.before_iterations + args.iterations):
    model(torch.randn(8, 3)).sum().backward()
    optimizer.step()
"""  # fmt: skip
    assert values(analysed(tmp_path, {"train.py": code}), "steps") == [700]


HEIRS = """
    import tensorflow as tf
    class Plain:
        def __init__(self):
            self.x = tf.placeholder(tf.float32, [None, 9])
            self.weights = [tf.get_variable("a", [9, 4]), tf.get_variable("b", [4, 9])]
        def forward(self):
            return tf.matmul(tf.nn.tanh(tf.matmul(self.x, self.weights[0])), self.weights[1])
    class Noisy(Plain):
        def forward(self):
            hidden = tf.nn.relu(tf.matmul(self.x, self.weights[0]))
            return tf.matmul(hidden + tf.random_normal([4]), self.weights[1])
    for kind in (Noisy, Plain):
        net = kind()
        step = tf.train.AdamOptimizer(1e-3).minimize(tf.reduce_mean(tf.square(net.forward() - net.x)))
        with tf.Session() as session:
            for turn in range(9):
                session.run(step)
"""


def test_a_class_is_trained_beside_its_heir(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEIRS}), "model_classes") == ["Noisy", "Plain"]
