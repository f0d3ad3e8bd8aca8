"""Families by the form of their code: how pictures are filled, halves coupled, noise added, makers joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.datasets import datasets
from core.analysis.rules.loss import losses
from tests.core.analysis.writing import analysed, names, program, values

HEAD = """
import torch
import torch.nn.functional as F
from torch import nn
net = nn.Sequential(nn.Linear(2, 8), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
"""
FORMS = {
    "a velocity between noise and data": (
        """
        for x in data:
            z = torch.randn_like(x)
            t = torch.rand(len(x), 1)
            way = net((1 - t) * z + t * x)
            loss = ((way - (x - z)) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Flow Matching",
        True,
    ),
    "two pictures mixed": (
        """
        for x, y in data:
            t = torch.rand(len(x), 1)
            loss = ((net((1 - t) * x + t * y) - y) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Flow Matching",
        False,
    ),
    "noise that grows by its own share": (
        """
        def noisier(x):
            return torch.sqrt(1 - beta) * x + torch.sqrt(beta) * torch.randn_like(x)
        for x in data:
            loss = ((net(noisier(x)) - x) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Diffusion",
        True,
    ),
    "a score with a name of its own": (
        """
        for x in data:
            z = torch.randn_like(x)
            answer = net(x + 0.1 * z)
            loss = ((answer + z) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Score-Based",
        True,
    ),
    "halves that are moved there and back": (
        """
        class Couple(nn.Module):
            def __init__(self):
                super().__init__()
                self.shift = nn.Linear(2, 2)
            def forward(self, x, back=False):
                a, b = x.chunk(2, 1)
                moved = b - self.shift(a) if back else b + self.shift(a)
                return torch.cat([a, moved], 1)
        couple = Couple()
        for x in data:
            loss = (couple(x) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Flow",
        True,
    ),
    "a gradient that one method takes and another adds noise to": (
        """
        class Landscape(nn.Module):
            def __init__(self):
                super().__init__()
                self.height = nn.Linear(2, 1)
            def slope(self, x):
                return torch.autograd.grad(self.height(x).sum(), [x])[0]
            def langevin(self, x):
                for step in range(20):
                    x = x + 0.1 * self.slope(x) + torch.randn_like(x)
                return x
            def forward(self, x):
                return self.height(x).mean() - self.height(self.langevin(x)).mean()
        land = Landscape()
        for x in data:
            loss = land(x)
            loss.backward()
            opt.step()
        """,
        "Energy-Based",
        True,
    ),
    "a picture that is filled dot by dot": (
        """
        painter = nn.Conv2d(1, 256, 3)
        def paint(board):
            for i in range(28):
                for j in range(28):
                    out = painter(board)
                    board[:, :, i, j] = out[:, :, i, j]
            return board
        for x in data:
            loss = F.cross_entropy(painter(x), x)
            loss.backward()
            opt.step()
        paint(torch.zeros(4, 1, 28, 28))
        """,
        "Autoregressive",
        True,
    ),
    "a table that is filled from its neighbours": (
        """
        table = torch.zeros(9, 9)
        for i in range(9):
            for j in range(9):
                table[i, j] = max(table[i - 1, j], 1)
        for x in data:
            loss = (net(x) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Autoregressive",
        False,
    ),
    "what a network's own sample draws, of a network that is loaded": (
        """
        from torchvision.datasets import MNIST
        class Teller(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Conv1d(1, 16, 3)
            def forward(self, x):
                return self.body(x)
            def sample(self, n):
                told = torch.zeros(n, 64)
                for d in range(64):
                    chances = self.forward(told)
                    one = torch.multinomial(chances[:, d], 1)
                    told[:, d] = one[:, 0]
                return told
        teller = Teller()
        for x in torch.utils.data.DataLoader(MNIST("data"), batch_size=4):
            loss = F.cross_entropy(teller(x), x)
            loss.backward()
            opt.step()
        torch.load("best").sample(4)
        """,
        "Autoregressive",
        True,
    ),
    "a kernel of which weights are left out": (
        """
        class Thin(nn.Conv2d):
            def __init__(self):
                super().__init__(1, 8, 3)
                self.register_buffer("mask", torch.ones(8, 1, 3, 3))
            def dropped(self, at):
                self.mask[at] = 0
            def forward(self, x):
                return F.conv2d(x, self.weight * self.mask)
        thin = Thin()
        for x in data:
            loss = F.cross_entropy(thin(x), x)
            loss.backward()
            opt.step()
        """,
        "Autoregressive",
        False,
    ),
    "one activation and one embedding for two inputs": (
        """
        class Gate(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.activation = nn.Linear(2, 2), nn.Linear(2, 2), nn.ELU()
                self.emb = nn.Embedding(9, 2)
            def forward(self, x, y):
                told = self.emb(x) + self.emb(y)
                return told + self.a(self.activation(x)) + self.b(self.activation(y))
        gate = Gate()
        for x, y in data:
            loss = (gate(x, y) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Siamese",
        False,
    ),
    "one of two inputs goes through a gate": (
        """
        class Gate(nn.Module):
            def __init__(self):
                super().__init__()
                self.gate = nn.Linear(2, 2)
            def forward(self, x, y=None):
                if y is None:
                    weight = self.gate(x)
                else:
                    weight = self.gate(y)
                return x * weight
        gate = Gate()
        for x, y in data:
            loss = (gate(x, y) ** 2).mean()
            loss.backward()
            opt.step()
        """,
        "Siamese",
        False,
    ),
    "a latent of noise that the module draws": (
        """
        noise = torch.randn(4, 1)
        def draw(x):
            mu, logsigma = net(x).chunk(2, 1)
            sigma = torch.exp(logsigma)
            return mu + sigma * noise
        def decode(z):
            return z
        for x in data:
            loss = F.mse_loss(decode(draw(x)), x)
            loss.backward()
            opt.step()
        """,
        "VAE",
        True,
    ),
    "pictures of two resolutions": (
        """
        grow = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Upsample(scale_factor=4), nn.Conv2d(8, 3, 3))
        for img_lr, img_hr in data:
            loss = F.l1_loss(grow(img_lr), img_hr)
            loss.backward()
            opt.step()
        """,
        "Super-Resolution",
        True,
    ),
    "evidence that is bound from below": (
        """
        for x in data:
            mean, spread = net(x).chunk(2, 1)
            z = mean + torch.randn_like(mean) * torch.exp(spread)
            elbo = joint(z, x) - around(z)
            loss = -elbo.sum()
            loss.backward()
            opt.step()
        """,
        "VAE",
        True,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_family_by_its_form(name: str, tmp_path: Path) -> None:
    text, family, expected = FORMS[name]
    followed = program(tmp_path, {"train.py": HEAD + "\n".join(line[8:] for line in text.splitlines())})
    assert (family in [fact.value for fact in architecture(followed)]) == expected


JUDGED = """
import torch
from torch import nn
class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 8)
    def forward(self, x):
        return self.body(x)
class Game:
    def __init__(self):
        self.gen_a, self.gen_b, self.disc = Maker(), Maker(), Maker()
        self.opt_g = torch.optim.Adam([*self.gen_a.parameters(), *self.gen_b.parameters()], lr=1e-3)
        self.opt_d = torch.optim.Adam(self.disc.parameters(), lr=1e-3)
    def turn(self):
        self.fake = self.gen_a(self.real)
        self.again = self.gen_b(self.fake)
        self.other = self.gen_b(self.target)
        self.back = self.gen_a(self.other)
    def play(self, real, target):
        self.real, self.target = real, target
        self.turn()
        loss = self.disc(self.fake.detach()).mean() - self.disc(self.target).mean()
        loss.backward()
        self.opt_d.step()
        self.opt_g.step()
game = Game()
for real, target in data:
    game.play(real, target)
"""


def test_makers_that_hand_over_what_they_keep_on_an_object(tmp_path: Path) -> None:
    assert next(architecture(program(tmp_path, {"train.py": JUDGED}))).value == "CycleGAN"


def test_a_latent_judged_along_is_no_condition(tmp_path: Path) -> None:
    files = {
        "train.py": """
            from keras.layers import Dense, Input
            from keras.models import Model, Sequential
            generator = Sequential([Dense(64), Dense(784)])
            encoder = Sequential([Dense(64), Dense(8)])
            discriminator = Sequential([Dense(64), Dense(1)])
            discriminator.compile(loss="binary_crossentropy", optimizer="adam")
            z, x = Input((8,)), Input((784,))
            fake = discriminator([z, generator(z)])
            real = discriminator([encoder(x), x])
            both = Model([z, x], [fake, real])
            both.compile(loss="binary_crossentropy", optimizer="adam")
            for batch in data:
                both.train_on_batch(batch, ones)
        """
    }
    found = [fact.value for fact in architecture(program(tmp_path, files))]
    assert "GAN" in found and "Conditional GAN" not in found


def test_a_penalty_behind_a_shut_branch(tmp_path: Path) -> None:
    text = (
        JUDGED
        + """
def penalty(mode):
    if mode == "none":
        return torch.zeros(1)
    grad = torch.autograd.grad(game.disc(real).sum(), real)[0]
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()
penalty("none")
"""
    )
    assert "WGAN-GP" not in [fact.value for fact in architecture(program(tmp_path, {"train.py": text}))]
    told = text.replace('penalty("none")', 'penalty("slope")')
    assert "WGAN-GP" in [fact.value for fact in architecture(program(tmp_path, {"train.py": told}))]


def test_indices_are_no_dice(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
def indices_to_rows(i):
    return i
for x in data:
    loss = indices_to_rows(net(x)).mean()
    loss.backward()
    opt.step()
"""
    )
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == []


def test_skips_of_a_graph_that_functions_build(tmp_path: Path) -> None:
    files = {
        "train.py": """
            import tensorflow as tf
            def down(x, n):
                return tf.layers.conv2d(x, n, 4, strides=2)
            def up(x, n):
                return tf.layers.conv2d_transpose(x, n, 4, strides=2)
            def paint(x):
                layers = [down(x, 8)]
                layers.append(down(layers[-1], 16))
                for at in (1, 0):
                    skip = len(layers) - at - 1
                    layers.append(up(tf.concat([layers[-1], layers[skip]], axis=3), 8))
                return layers[-1]
            x = tf.placeholder(tf.float32, [None, 64, 64, 3])
            loss = tf.reduce_mean(tf.abs(paint(x) - x))
            step = tf.train.AdamOptimizer(1e-3).minimize(loss)
            with tf.Session() as sess:
                for batch in data:
                    sess.run(step, {x: batch})
        """
    }
    assert "UNet" in [fact.value for fact in architecture(program(tmp_path, files))]


def test_a_text_that_is_put_into_another_in_brackets(tmp_path: Path) -> None:
    files = {
        "train.py": """
            from glob import glob
            from keras.layers import Dense
            from keras.models import Sequential
            name = "img_align_celeba"
            paths = glob("./datasets/%s/*" % (name))
            net = Sequential([Dense(1)])
            net.compile(loss="mse", optimizer="adam")
            net.fit(read(paths), read(paths))
        """
    }
    assert [fact.value for fact in datasets(program(tmp_path, files))] == ["CelebA"]


def test_weights_that_climb_by_hand_are_trained(tmp_path: Path) -> None:
    lines = """
        import numpy as np
        weights, offsets = np.random.randn(4, 4), np.zeros(4)
        alpha = 0.1
        for step in range(100):
            up = np.random.binomial(1, sigmoid(data @ weights))
            down = np.random.binomial(1, sigmoid(up @ weights.T))
            weights += alpha * (data.T @ up - down.T @ up)
            offsets += alpha * (data - down).mean(0)
    """
    assert names(tmp_path / "machine", {"train.py": lines}) == ["train.py"]
    summed = lines.replace("weights +=", "loss +=").replace("offsets +=", "loss +=")
    assert names(tmp_path / "sum", {"train.py": summed}) == []


def test_a_picture_that_goes_with_both_is_a_condition(tmp_path: Path) -> None:
    text = JUDGED.replace(
        "loss = self.disc(self.fake.detach()).mean() - self.disc(self.target).mean()",
        "pair = torch.cat((self.real, self.fake), 1)\n"
        "        other = torch.cat((self.real, self.target), 1)\n"
        "        loss = self.disc(pair.detach()).mean() - self.disc(other).mean()",
    ).replace("        self.again = self.gen_b(self.fake)\n", "")
    assert "Conditional GAN" in [fact.value for fact in architecture(program(tmp_path, {"train.py": text}))]
    apart = text.replace("cat((self.real, self.target), 1)", "cat((self.other, self.target), 1)")
    assert "Conditional GAN" not in [fact.value for fact in architecture(program(tmp_path, {"train.py": apart}))]


def test_a_game_of_modules_that_are_made_where_they_are_applied(tmp_path: Path) -> None:
    files = {
        "train.py": """
            import flax.linen as nn
            import jax
            import jax.numpy as jnp
            import optax
            class Generator(nn.Module):
                @nn.compact
                def __call__(self, z):
                    return nn.ConvTranspose(1, (4, 4))(z)
            class Critic(nn.Module):
                @nn.compact
                def __call__(self, x):
                    return nn.Conv(1, (4, 4))(x)
            opt_g, opt_c = optax.adam(2e-4), optax.adam(1e-4)
            @jax.partial(jax.grad, argnums=1)
            def slope(params, x):
                return Critic().apply(params, x).mean()
            def worth(params_c, params_g, x, key):
                fake = Generator().apply(params_g, jax.random.normal(key, (4, 8)))
                far = ((jnp.linalg.norm(slope(params_c, x)) - 1) ** 2).mean()
                return Critic().apply(params_c, fake).mean() - Critic().apply(params_c, x).mean() + 10 * far
            for x in data:
                grads = jax.grad(worth)(params_c, params_g, x, key)
                updates, state_c = opt_c.update(grads, state_c)
                updates, state_g = opt_g.update(grads, state_g)
        """
    }
    assert next(architecture(program(tmp_path, files))).value == "WGAN-GP"


OWN_LOSS = (
    HEAD
    + """
bce = nn.BCELoss()
def pulling_loss(codes):
    return (codes @ codes.T).mean()
def wrapped_loss(a, b):
    return F.mse_loss(a, b)
for x, y in data:
    out = net(x)
    first = bce(out, y)
    loss = first + 0.1 * {name}(out{more})
    loss.backward()
    opt.step()
"""
)


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [("pulling_loss", "", ["BCELoss", "pulling_loss"]), ("wrapped_loss", ", y", ["mse_loss", "BCELoss"])],
)
def test_a_loss_of_ones_own_beside_a_library_s(name: str, more: str, expected: list[str], tmp_path: Path) -> None:
    text = OWN_LOSS.replace("{name}", name).replace("{more}", more)
    assert sorted(str(fact.value) for fact in losses(program(tmp_path, {"train.py": text}))) == sorted(expected)


def test_a_loss_of_ones_own_that_is_only_printed(tmp_path: Path) -> None:
    text = OWN_LOSS.replace("first + 0.1 * {name}(out{more})", "first")
    text += "    print(pulling_loss(out))\n"
    assert [fact.value for fact in losses(program(tmp_path, {"train.py": text}))] == ["BCELoss"]


def test_pictures_on_which_a_judge_is_trained_together(tmp_path: Path) -> None:
    files = {
        "train.py": """
            from keras.layers import Conv2D, Concatenate, Input
            from keras.models import Model, Sequential
            generator = Sequential([Conv2D(8, 3), Conv2D(3, 3)])
            a, b = Input((32, 32, 3)), Input((32, 32, 3))
            discriminator = Model([a, b], Conv2D(1, 3)(Concatenate(axis=-1)([a, b])))
            discriminator.compile(loss="mse", optimizer="adam")
            both = Model([a, b], discriminator([generator(b), b]))
            both.compile(loss="mse", optimizer="adam")
            def train():
                for photos, drawings in data:
                    made = generator.predict(drawings)
                    discriminator.train_on_batch([photos, drawings], valid)
                    discriminator.train_on_batch([made, drawings], fake)
                    both.train_on_batch([photos, drawings], valid)
            train()
        """
    }
    assert next(architecture(program(tmp_path, files))).value == "Conditional GAN"


def test_what_only_estimates_the_loss_is_none(tmp_path: Path) -> None:
    code = """
    import torch
    from torch import nn
    from torch.nn import functional as F
    net = nn.Linear(2, 2)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    @torch.no_grad()
    def estimate_loss():
        return net(x).mean()
    for x, y in loader:
        losses = estimate_loss()
        loss = F.cross_entropy(net(x), y) / losses
        loss.backward()
        opt.step()
    """
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == ["cross_entropy"]
