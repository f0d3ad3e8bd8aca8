"""Scripts in the styles of several frameworks."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.batches import batch_sizes
from core.analysis.rules.environment import environments
from core.analysis.rules.loss import losses
from core.analysis.rules.optimizers import optimizers
from core.analysis.rules.rates import learning_rates
from tests.core.analysis.writing import program


def test_branches_are_not_decided_by_the_first_turn_of_a_counter(tmp_path: Path) -> None:
    text = """
        import torch
        WARM = 100
        class Work:
            def __init__(self):
                self.step = 0
            def run(self):
                opt = torch.optim.SGD([torch.zeros(1)], lr=0.5)
                while self.step < 1000:
                    if self.step >= WARM:
                        torch.nn.functional.mse_loss(1, 2).backward()
                        opt.step()
                    self.step += 1
        Work().run()
        """
    reached = {call.dotted for call in program(tmp_path, {"train.py": text}).calls}
    assert "torch.nn.functional.mse_loss" in reached


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from jax.example_libraries import optimizers\ni, u, g = optimizers.momentum(0.25, mass=0.9)", ["SGD"]),
        ("from optax import contrib\nt = contrib.dpsgd(learning_rate=0.25, seed=1)", ["DP-SGD"]),
    ],
)
def test_optimizers_of_jax(text: str, expected: list[str], tmp_path: Path) -> None:
    found = program(tmp_path, {"train.py": text})
    assert [fact.value for fact in optimizers(found)] == expected
    assert [fact.value for fact in learning_rates(found)] == [0.25]


@pytest.mark.parametrize(
    "text",
    [
        "import optax\nRATE = 0.25\nt = optax.chain(optax.scale_by_adam(), optax.scale(-RATE))",
        "def main():\n    lr = 0.25\n    v = 0.9 * v + 0.1 * g\n    w = w - lr * v / 2\nmain()",
        "import optax\nC = dict(base_rate=0.25)\ndef plan(base):\n    def at(step):\n        return base\n    return at"
        "\nt = optax.sgd(plan(C['base_rate']))",
    ],
)
def test_rates_behind_other_names(text: str, tmp_path: Path) -> None:
    assert [fact.value for fact in learning_rates(program(tmp_path, {"train.py": text}))] == [0.25]


def test_a_loss_that_is_differentiated_is_trained(tmp_path: Path) -> None:
    text = """
        import jax, optax
        @jax.jit
        def loss_and_accuracy(w, x):
            return optax.l1_loss_of(w), x
        def accuracy(w, x):
            return optax.huber_loss(w, x)
        jax.value_and_grad(loss_and_accuracy, has_aux=True)(1, 2)
        accuracy(1, 2)
        """
    text = text.replace("l1_loss_of", "log_cosh_loss")
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == ["log_cosh_loss"]


def test_members_of_enumerations_decide_branches(tmp_path: Path) -> None:
    text = """
        import enum, torch
        class Kind(enum.Enum):
            KL = enum.auto()
            MSE = enum.auto()
        kind = Kind.MSE
        if kind == Kind.KL or kind in [Kind.KL]:
            torch.nn.functional.kl_div(1, 2)
        elif kind == Kind.MSE:
            torch.nn.functional.mse_loss(1, 2)
        """
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == ["mse_loss"]


def test_a_value_that_stands_nowhere_is_computed(tmp_path: Path) -> None:
    text = """
        import dmc2gym
        from jax.example_libraries import optimizers
        env = dmc2gym.make(domain_name="walker", task_name="run", seed=1)
        optimizers.momentum(0.1, 0.9)
        """
    found = program(tmp_path, {"train.py": text})
    assert [(fact.value, fact.how) for fact in environments(found)] == [("walker-run", "computed: domain-task")]
    assert [(fact.value, fact.how) for fact in optimizers(found)] == [("SGD", "computed: momentum is SGD")]


def test_folders_beside_are_found(tmp_path: Path) -> None:
    files = {
        "src/utils/tools.py": "import torch\ndef build(w):\n    return torch.optim.Adam(w, lr=0.25)\n",
        "src/model/train.py": "import sys\nsys.path.append('../utils')\nimport tools\ntools.build([])\n",
    }
    assert [fact.value for fact in learning_rates(program(tmp_path, files, "src/model/train.py"))] == [0.25]


def test_batches_of_an_epoch_are_no_batch_size(tmp_path: Path) -> None:
    text = """
        def train(**given):
            run(given["n_batch_per_epoch"], given["batch_size"])
        def run(n_batch_per_epoch, batch_size):
            return n_batch_per_epoch
        train(n_batch_per_epoch=200, batch_size=32)
        """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [32]


GROWN = """
    from keras.layers import Concatenate, Conv2D, Input
    from keras.models import Model
    def block(x, layers):
        kept = [x]
        for _ in range(layers):
            x = Conv2D(8, 3)(x)
            kept.append(x)
            x = Concatenate(axis=-1)(kept)
        return x
    here = Input((32, 32, 3))
    model = Model(here, block(here, 3))
    model.compile(loss="mse", optimizer="adam")
    model.fit(1, 2)
    """
JUDGED = """
    from keras.layers import Conv2D, Input
    from keras.models import Model
    def generator(size):
        x = Input(size)
        return Model(x, Conv2D(3, 3)(x))
    def discriminator(size):
        x = Input(size)
        return Model(x, Conv2D(1, 3)(x))
    def both(generator, discriminator, size):
        noise = Input(size)
        return Model(noise, discriminator(generator(noise)))
    def train():
        g, d = generator((8, 8, 3)), discriminator((8, 8, 3))
        d_model, g_model = d, both(g, d, (8, 8, 3))
        d_model.compile(loss="mse", optimizer="adam")
        g_model.compile(loss="mse", optimizer="adam")
        for _ in range(9):
            d_model.train_on_batch(1, 2)
            g_model.train_on_batch(1, 2)
    train()
    """
HEAD = """
    import torch
    from torchvision import models
    model = models.vgg16()
    model.classifier[6] = torch.nn.Sequential(torch.nn.Linear(9, 8), torch.nn.Linear(8, 2))
    torch.optim.Adam(model.parameters())
    """


@pytest.mark.parametrize(
    ("text", "has", "lacks"), [(GROWN, "DenseNet", "UNet"), (JUDGED, "GAN", "Conditional GAN"), (HEAD, "VGG", "MLP")]
)
def test_families_of_functional_models(text: str, has: str, lacks: str, tmp_path: Path) -> None:
    found = {fact.value for fact in architecture(program(tmp_path, {"train.py": text}))}
    assert has in found
    assert lacks not in found


def test_losses_of_any_library_that_keeps_them_apart(tmp_path: Path) -> None:
    text = "from somewhere.losses import corn_loss\nloss = corn_loss(1, 2, 3)\nloss.backward()"
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == ["corn_loss"]


def test_batches_that_are_taken_apart_or_looked_at_do_not_train(tmp_path: Path) -> None:
    text = """
        import tensorflow as tf
        data = tf.data.Dataset.from_tensor_slices([1, 2])
        packed = data.batch(10000).map(abs).unbatch()
        for x in packed.batch(1000).take(1):
            print(x)
        train = packed.batch(500)
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer="adam")
        model.fit(train, epochs=2)
        """
    assert [fact.value for fact in batch_sizes(program(tmp_path, {"train.py": text}))] == [500]


def test_a_loss_stands_where_it_is_named(tmp_path: Path) -> None:
    text = """
        import torch.nn.functional as F
        def train(x, y,
                  measure=F.cross_entropy):
            loss = measure(x, y)
            loss.backward()
        train(1, 2)
        """
    assert [(fact.value, fact.place.line) for fact in losses(program(tmp_path, {"train.py": text}))] == [
        ("cross_entropy", 3)
    ]
