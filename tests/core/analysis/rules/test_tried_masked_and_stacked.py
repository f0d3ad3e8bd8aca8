"""What a judge of Keras is tried on, losses written out in functions, what masks a softmax over a graph, what stacks
convolutions, and a configuration whose path has a name."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

KERAS = """
    import numpy as np
    from keras.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Reshape
    from keras.models import Sequential
    from keras.optimizers import Adam

    def build(rate):
        generator = Sequential([
            Dense(49, input_shape=(10,)), Reshape((7, 7, 1)),
            Conv2DTranspose(8, 5, strides=2), Conv2DTranspose(1, 5, strides=2)])
        discriminator = Sequential([Conv2D(8, 5, strides=2), Flatten(), Dense(1, activation="sigmoid")])
        discriminator.compile(Adam(rate), loss="binary_crossentropy")
        both = Sequential([generator, discriminator])
        both.compile(Adam(rate), loss="binary_crossentropy")
        return both, generator, discriminator

    both, generator, discriminator = build(0.001)
    for epoch in range(3):
        noise = np.random.normal(size=(16, 10))
        made = generator.predict_on_batch(noise)
        discriminator.trainable = True
        discriminator.train_on_batch(pictures, np.ones(16))
        discriminator.train_on_batch(made, np.zeros(16))
        discriminator.trainable = False
        both.train_on_batch(noise, np.ones(16))
        loss = discriminator.test_on_batch(held_back, right)
        loss += discriminator.test_on_batch(made, wrong)
"""


def test_what_is_right_of_a_trial_is_no_label_of_the_picture(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": KERAS})
    assert values(found, "architecture") == ["DCGAN", "GAN", "CNN"]


def test_labels_that_a_judge_is_tried_with_are_a_condition(tmp_path: Path) -> None:
    text = KERAS.replace("(held_back, right)", "([held_back, labels], right)")
    assert "Conditional GAN" in values(analysed(tmp_path, {"train.py": text}), "architecture")


PREPARED = """
    import torch
    from torch import nn, optim
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = nn.GRU(8, 8)
            self.out = nn.Linear(8, 1)
        def forward(self, x):
            return self.out(self.cells(x)[0])
    def prepare_discriminator_data(good, bad, gpu=False):
        return torch.cat([good, bad]), torch.cat([torch.ones(8), torch.zeros(8)])
    generator, discriminator = Net(), Net()
    first, second = optim.Adam(generator.parameters()), optim.Adagrad(discriminator.parameters())
    for epoch in range(3):
        made = sample_from(generator, 8)
        inputs, targets = prepare_discriminator_data(good, made)
        checked, right = prepare_discriminator_data(held, kept)
        nn.functional.binary_cross_entropy(discriminator(inputs), targets).backward()
        second.step()
        generator.likelihood(good).backward()
        first.step()
"""


def test_what_prepares_data_for_a_judge_judges_nothing(tmp_path: Path) -> None:
    assert "Conditional GAN" not in values(analysed(tmp_path, {"train.py": PREPARED}), "architecture")


WRITTEN = """
    import jax, jax.numpy as jnp, optax
    from flax import linen as nn
    class Generator(nn.Module):
        @nn.compact
        def __call__(self, z):
            x = nn.relu(nn.ConvTranspose(8, (4, 4), strides=(2, 2))(z))
            return jnp.tanh(nn.ConvTranspose(1, (4, 4), strides=(2, 2))(x))
    class Discriminator(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = nn.Conv(8, (4, 4), strides=(2, 2))(x)
            return nn.Conv(1, (4, 4))(x).mean((1, 2))
    def entropy(logit, label):
        return BODY
    def loss_g(params_g, params_d, batch, rng):
        z = jax.random.normal(rng, (batch.shape[0], 1, 1, 10))
        fake = Generator().apply(params_g, z)
        return entropy(Discriminator().apply(params_d, fake), jnp.ones(8)).mean()
    def loss_d(params_d, params_g, batch, rng):
        z = jax.random.normal(rng, (batch.shape[0], 1, 1, 10))
        fake = Generator().apply(params_g, z)
        real = entropy(Discriminator().apply(params_d, batch), jnp.ones(8))
        return (real + entropy(Discriminator().apply(params_d, fake), jnp.zeros(8))).mean()
    opt_g, opt_d = optax.adam(1e-4), optax.adam(1e-4)
    for step in range(10):
        loss, grads = jax.value_and_grad(loss_g)(g, d, batch, rng)
        updates, state_g = opt_g.update(grads, state_g)
        g = optax.apply_updates(g, updates)
        loss, grads = jax.value_and_grad(loss_d)(d, g, batch, rng)
        updates, state_d = opt_d.update(grads, state_d)
        d = optax.apply_updates(d, updates)
"""


def test_cross_entropy_that_a_function_writes_out_judges(tmp_path: Path) -> None:
    steady = "jnp.maximum(logit, 0) - logit * label + jnp.log(1 + jnp.exp(-jnp.abs(logit)))"
    told = analysed(tmp_path / "entropy", {"train.py": WRITTEN.replace("BODY", steady)})
    assert values(told, "architecture")[:2] == ["DCGAN", "GAN"]
    told = analysed(tmp_path / "squares", {"train.py": WRITTEN.replace("BODY", "(logit - label) ** 2")})
    assert "DCGAN" not in values(told, "architecture")


GRAPH = """
    import torch
    from torch import nn
    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.line = nn.Linear(8, 8)
        def forward(self, x, adj, kept):
            h = self.line(x)
            scores = h @ h.t()
            scores = scores.masked_fill(MASK, -9e15)
            return torch.softmax(scores, dim=-1) @ h
    model = Layer()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(3):
        nn.functional.cross_entropy(model(x, adj, kept), y).backward()
        optimizer.step()
"""


def test_a_softmax_is_over_neighbours_where_the_adjacency_masks_it(tmp_path: Path) -> None:
    told = analysed(tmp_path / "adjacency", {"train.py": GRAPH.replace("MASK", "adj == 0")})
    assert "GAT" in values(told, "architecture")
    told = analysed(tmp_path / "padding", {"train.py": GRAPH.replace("MASK", "~kept")})
    assert "GAT" not in values(told, "architecture")


LAID = """
    import torch
    from torch import nn
    def lay(plan):
        layers = []
        for name, v in plan.items():
            if "pool" in name:
                layers.append(nn.MaxPool2d(v[0], v[1], v[2]))
            else:
                layers.append(nn.Conv2d(v[0], v[1], kernel_size=v[2], stride=v[3], padding=v[4]))
        return nn.Sequential(*layers)
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = lay({"conv1": [1, 8, 3, 1, 1]})
            self.two = lay({"conv2": [8, 8, 3, 2, 1]})
            self.three = lay({"conv3": [8, 8, 3, 2, 1]})
        def forward(self, x):
            return self.three(self.two(self.one(x)))
    model = Encoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(3):
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
"""


def test_a_plan_of_layers_by_name_is_no_count_of_convolutions(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": LAID}), "architecture") == ["CNN"]


NAMED = """
    import json
    import torch
    from torch import nn
    def main():
        where = "settings.json"
        with open(where, "r", encoding="utf8") as file:
            config = json.load(file)
        model = nn.Linear(8, 2)
        optimizer = torch.optim.Adam(model.parameters(), lr=config["train"]["rate"])
        for epoch in range(config["train"]["epochs"]):
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    main()
"""


def test_a_configuration_is_opened_under_a_name(tmp_path: Path) -> None:
    settings = '{"train": {"rate": 0.002, "epochs": 7}}\n'
    found = analysed(tmp_path, {"train.py": NAMED, "settings.json": settings})
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.002], [7])


SWITCHED = """
    import argparse
    from chainer import cuda, links as L, optimizers
    parser = argparse.ArgumentParser()
    parser.add_argument("--card", type=int, default=-1)
    args = parser.parse_args()
    model = L.Linear(8, 2)
    if args.card >= 0:
        cuda.get_device(args.card).use()
    optimizer = optimizers.SGD(lr=0.1)
    optimizer.setup(model)
    for epoch in range(3):
        optimizer.zero_grads()
        model(x).backward()
        optimizer.update()
"""


def test_a_part_of_a_library_imported_by_its_name_picks_a_device(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SWITCHED}), "hardware") == ["cuda"]


LOGISTIC = """
    import jax, jaxopt, optax
    from flax import linen as nn
    from torchvision import datasets
    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(10)(nn.Conv(8, (3, 3))(x).mean((1, 2)))
    data = datasets.CIFAR10("data", train=True)
    net, each = Net(), jax.vmap(jaxopt.loss.multiclass_logistic_loss)
    def loss(params, x, y):
        return each(y, net.apply(params, x)).mean()
    optimizer = optax.sgd(0.1)
    for x, y in data:
        value, grads = jax.value_and_grad(loss)(params, x, y)
        updates, state = optimizer.update(grads, state)
        params = optax.apply_updates(params, updates)
"""


def test_a_logistic_loss_of_several_classes_sorts(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": LOGISTIC})
    assert values(found, "task") == ["image classification"]
