"""Agents and makers of pictures as repositories of several files write them: what is drawn, told and weighed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from tests.core.analysis.writing import analysed, names, program, values

HEAD = """
import gym
import torch
import torch.nn.functional as F
from torch import nn
class Net(nn.Module):
    def __init__(self, told=4):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(told, 8), nn.ReLU(), nn.Linear(8, 2))
    def forward(self, x):
        return self.body(x)
"""
ACTING = """
env = gym.make("Hopper-v3")
state = env.reset()
for step in range(100):
    state, reward, done, info = env.step(action)
    LOSS
    loss.backward()
    opt.step()
"""
VAE = """
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.log_std, self.back = nn.Linear(4, 2), nn.Linear(4, 2), nn.Linear(2, 4)
    def forward(self, x):
        mean, std = self.mean(x), self.log_std(x).exp()
        z = mean + std * torch.randn_like(std)
        return self.decode(z), mean, std
    def decode(self, z):
        return self.back(z)
vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-3)
"""
NETS = """
actor, critic, q1, q2 = Net(), Net(), Net(), Net()
opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
"""
AGENTS = {
    "an agent that draws its actions from a decoder": (
        VAE,
        """
        again, mean, std = vae(batch)
        kld = -0.5 * (1 + torch.log(std.pow(2)) - mean.pow(2) - std.pow(2)).mean()
        loss = F.mse_loss(again, batch) + 0.5 * kld
        """,
        ("VAE", True),
    ),
    "an actor and a critic, each with a loss": (
        NETS,
        """
        actor_loss = -(discount * returns).mean()
        value_loss = -(discount * critic(state).log_prob(target)).mean()
        loss = actor_loss + value_loss
        """,
        ("Actor-Critic", True),
    ),
    "an actor and a critic, whose losses have short names": (
        NETS,
        """
        pg_loss = -(discount * returns).mean()
        vl_loss = -(discount * critic(state).log_prob(target)).mean()
        loss = pg_loss + vl_loss
        """,
        ("Actor-Critic", True),
    ),
    "a temperature that is weighed against one critic": (
        NETS,
        """
        dist = actor(state)
        action, log_probs = dist.sample_and_log_prob()
        q = q1(state).mean(0)
        loss = (log_probs * alpha() - q).mean()
        """,
        ("SAC", True),
    ),
    "an entropy that is added to the worth": (
        NETS,
        """
        action, entropy = actor.sample(state)
        q = torch.min(q1(state), q2(state))
        loss = torch.mean((-q - alpha * entropy) * weights)
        """,
        ("SAC", True),
    ),
    "an actor that is held to what was done": (
        NETS,
        """
        q = torch.minimum(q1(state), q2(state))
        log_prob = actor(state).log_prob(batch["actions"])
        loss = -q.mean() - (alpha * log_prob).mean()
        """,
        ("SAC", False),
    ),
    "a reward by one letter": (
        NETS,
        """
        loss = -torch.sum(r * torch.log(actor(state)))
        """,
        ("Policy Gradient", True),
    ),
}


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_by_what_it_loses(name: str, tmp_path: Path) -> None:
    made, loss, (family, expected) = AGENTS[name]
    lines = "\n    ".join(line.strip() for line in loss.strip().splitlines())
    followed = program(tmp_path, {"train.py": HEAD + made + ACTING.replace("LOSS", lines)})
    assert (family in [fact.value for fact in architecture(followed)]) == expected


TOLD = """
import torch
from torch import nn
class Told(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)
    def encode(self, text):
        return self.fc(text).chunk(2, 1)
    def forward(self, text):
        mu, logvar = self.encode(text)
        std = logvar.mul(0.5).exp_()
        return torch.randn_like(std).mul(std).add_(mu), mu, logvar
class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.told, self.up = Told(), nn.ConvTranspose2d(8, 3, 4)
    def forward(self, z, text):
        c, mu, logvar = self.told(text)
        return self.up(torch.cat((c, z), 1)), mu, logvar
class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 4)
    def forward(self, x):
        return self.conv(x)
netG, netD, criterion = Maker(), Judge(), nn.BCELoss()
optG = torch.optim.Adam(netG.parameters(), lr=2e-4)
optD = torch.optim.Adam(netD.parameters(), lr=2e-4)
for real, text in data:
    fake, mu, logvar = netG(torch.randn(4, 8), text)
    errD = criterion(netD(real), ones) + criterion(netD(fake.detach()), zeros)
    errD.backward()
    optD.step()
    kl = -0.5 * torch.mean(1 + logvar - mu.pow(2) - logvar.exp())
    errG = criterion(netD(fake), ones) + 2.0 * kl
    errG.backward()
    optG.step()
"""


def test_what_a_maker_is_told_may_be_drawn(tmp_path: Path) -> None:
    found = [fact.value for fact in architecture(program(tmp_path, {"train.py": TOLD}))]
    assert "GAN" in found
    assert "VAE" not in found


CODER = """
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("data")
x_input = tf.placeholder(tf.float32, [100, 784])
prior = tf.placeholder(tf.float32, [100, 2])
def dense(x, n, m, name):
    return tf.matmul(x, tf.get_variable(name + "weights", shape=[n, m]))
def encoder(x):
    return dense(tf.nn.relu(dense(x, 784, 64, "e1")), 64, 2, "e2")
def decoder(z):
    return dense(tf.nn.relu(dense(z, 2, 64, "d1")), 64, 784, "d2")
def discriminator(z, reuse=False):
    return dense(tf.nn.relu(dense(z, 2, 64, "j1")), 64, 1, "j2")
def train():
    codes = encoder(x_input)
    again = decoder(codes)
    d_real = discriminator(prior)
    d_fake = discriminator(codes, reuse=True)
    rebuilt = tf.reduce_mean(tf.square(x_input - again))
    entropy = tf.nn.sigmoid_cross_entropy_with_logits
    d_loss = tf.reduce_mean(entropy(labels=tf.ones_like(d_real), logits=d_real))
    d_loss += tf.reduce_mean(entropy(labels=tf.zeros_like(d_fake), logits=d_fake))
    g_loss = tf.reduce_mean(entropy(labels=tf.ones_like(d_fake), logits=d_fake))
    steps = [tf.train.AdamOptimizer(0.001).minimize(each) for each in (rebuilt, d_loss, g_loss)]
    with tf.Session() as sess:
        for turn in range(1000):
            noise = np.random.randn(100, 2) * 5.0
            batch, _ = mnist.train.next_batch(100)
            sess.run(steps, feed_dict={x_input: batch, prior: noise})
train()
"""


def test_placeholders_of_the_module_that_are_fed_noise(tmp_path: Path) -> None:
    assert next(architecture(program(tmp_path, {"train.py": CODER}))).value == "Adversarial Autoencoder"


FLOW = """
import torch
from torch import nn
class Planar(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.u = nn.Parameter(torch.randn(2, 2)), nn.Parameter(torch.randn(2, 2))
    def bounded(self):
        return torch.matmul(self.w, self.u)
    def forward(self, z):
        x = z + torch.tanh(torch.matmul(z, self.w)) @ self.bounded()
        log_det = torch.log(torch.det(self.w).abs())
        return x, log_det
class Flow(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Planar() for _ in range(4)])
    def forward(self, z):
        log_dets = 0
        for layer in self.layers:
            z, log_det = layer(z)
            log_dets += log_det
        return z, log_dets
flow = Flow()
opt = torch.optim.Adam(flow.parameters(), lr=1e-2)
for z in data:
    x, log_det = flow(z)
    loss = -(density(x) + log_det).mean()
    loss.backward()
    opt.step()
"""


def test_products_of_a_flow_are_no_layers(tmp_path: Path) -> None:
    assert [fact.value for fact in architecture(program(tmp_path, {"train.py": FLOW}))] == ["Flow"]


APART = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
def point(images, eps, t):
    x_0, x_1 = eps, images
    return (1 - t) * x_0 + t * x_1
def velocity(images, eps):
    x_0, x_1 = eps, images
    return x_1 - x_0
def loss_of(images, t):
    eps = torch.randn_like(images)
    return ((net(point(images, eps, t)) - velocity(images, eps)) ** 2).mean()
for images in data:
    loss = loss_of(images, torch.rand(len(images), 1))
    loss.backward()
    opt.step()
"""


def test_a_velocity_that_functions_of_one_line_tell(tmp_path: Path) -> None:
    assert next(architecture(program(tmp_path, {"train.py": APART}))).value == "Flow Matching"


SCIPY = """
import tensorflow as tf
picture = tf.Variable(tf.random_normal([1, 8, 8, 3]))
features = tf.layers.conv2d(picture, 8, 3)
loss = tf.reduce_sum(tf.square(features - wanted))
optimizer = tf.contrib.opt.ScipyOptimizerInterface(loss, method="L-BFGS-B", options={"maxiter": 100})
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    optimizer.minimize(sess)
"""


def test_an_optimizer_of_scipy(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SCIPY}), "optimizer") == ["LBFGS"]


TOLD_NOISE = """
import torch
from torch import nn
class Mixin:
    def get_loss(self, x0, sigma, eps, loss=nn.MSELoss):
        return loss()(eps, self(x0 + sigma * eps, sigma))
class Net(nn.Module, Mixin):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    def forward(self, x, sigma):
        return self.body(torch.cat((x, sigma), 1))
def Scaled(cls):
    def forward(self, x, sigma):
        return cls.forward(self, x * sigma, sigma)
    return type(cls.__name__ + "Scaled", (cls,), dict(forward=forward))
model = Scaled(Net)()
opt = torch.optim.AdamW(model.parameters(), lr=7e-4)
for x0 in data:
    loss = model.get_loss(x0, sigmas, torch.randn_like(x0))
    loss.backward()
    opt.step()
"""


def test_a_denoiser_that_is_told_the_level_of_noise(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TOLD_NOISE})
    assert values(found, "architecture")[0] == "Diffusion"
    assert values(found, "model_classes") == ["Net"]
    assert values(found, "loss") == ["MSELoss"]


GAME = """
import torch
from torch import nn
class GANLoss:
    def __init__(self, dis):
        self.dis = dis
    def dis_loss(self, real, fake):
        raise NotImplementedError
class HingeGAN(GANLoss):
    def dis_loss(self, real, fake):
        return torch.relu(1 - self.dis(real)).mean() + torch.relu(1 + self.dis(fake)).mean()
    def gen_loss(self, fake):
        return -self.dis(fake).mean()
gen, dis = nn.Linear(8, 8), nn.Linear(8, 1)
opt_g, opt_d = (torch.optim.Adam(net.parameters(), lr=0.003) for net in (gen, dis))
loss_fn = HingeGAN(dis)
for real in data:
    fake = gen(torch.randn(4, 8))
    loss_fn.dis_loss(real, fake.detach()).backward()
    opt_d.step()
    loss_fn.gen_loss(fake).backward()
    opt_g.step()
"""


def test_a_loss_by_what_its_class_derives_from(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": GAME}), "loss") == ["HingeGAN"]


SHUFFLED = """
import tensorflow as tf
def conv2(x, n, name):
    return tf.layers.conv2d(x, n, 3, name=name)
def dense(x, n):
    return tf.layers.dense(x, n)
def pixel_shuffler(x, scale=2):
    return tf.reshape(tf.transpose(tf.reshape(x, [-1, 8, 8, scale, scale]), [0, 1, 3, 2, 4]), [-1, 16, 16, 1])
def generator(x):
    x = tf.nn.relu(conv2(x, 64, "c1"))
    return conv2(pixel_shuffler(conv2(x, 256, "c2")), 3, "c3")
def discriminator(x):
    x = tf.nn.leaky_relu(conv2(x, 64, "d1"))
    x = tf.nn.leaky_relu(dense(x, 1024))
    return tf.nn.sigmoid(dense(x, 1))
made = generator(small)
with tf.variable_scope("d"):
    fake = discriminator(made)
with tf.variable_scope("d", reuse=True):
    real = discriminator(large)
d_loss = -tf.reduce_mean(tf.log(real) + tf.log(1 - fake))
g_loss = tf.reduce_mean(tf.square(made - large)) - 0.001 * tf.reduce_mean(tf.log(fake))
steps = [tf.train.AdamOptimizer(1e-4).minimize(loss) for loss in (d_loss, g_loss)]
with tf.Session() as sess:
    for step in range(1000):
        sess.run(steps)
"""


def test_layers_that_functions_lay_one_by_one(tmp_path: Path) -> None:
    found = values(analysed(tmp_path, {"train.py": SHUFFLED}), "architecture")
    assert found[0] == "Super-Resolution"
    assert "MLP" not in found


HOLDING = """
import tensorflow as tf
from tensorflow.keras import layers as tfkl
class Net(tf.Module):
    def __init__(self):
        self.body = tfkl.Dense(8)
    def __call__(self, x):
        return self.body(x)
class Adam(tf.Module):
    def __init__(self, modules, lr):
        self._modules, self._opt = modules, tf.optimizers.Adam(lr)
    def __call__(self, tape, loss):
        variables = tf.nest.flatten([module.variables for module in self._modules])
        self._opt.apply_gradients(zip(tape.gradient(loss, variables), variables))
net = Net()
opt = Adam([net], 6e-4)
for x in data:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x) - x))
    opt(tape, loss)
"""


def test_a_module_that_holds_an_optimizer_is_no_network(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HOLDING})
    assert values(found, "model_classes") == ["Net"]
    assert values(found, "optimizer") == ["Adam"]


BY_BRAX = """
    import functools
    from brax import envs
    from brax.training.agents.MODULE import train as agent
    env = envs.get_environment("hopper")
    train_fn = functools.partial(agent.train, num_timesteps=6_000_000, learning_rate=6e-4, batch_size=512)
    make, weights, _ = train_fn(environment=env, progress_fn=print)
"""


@pytest.mark.parametrize("module, family", [("ppo", "PPO"), ("sac", "SAC")])
def test_brax_trains_its_agents_by_functions(tmp_path: Path, module: str, family: str) -> None:
    found = analysed(tmp_path, {"a.py": BY_BRAX.replace("MODULE", module)}, "a.py")
    assert values(found, "architecture")[0] == family
    assert values(found, "environment") == ["hopper"]
    assert [*values(found, "steps"), *values(found, "learning_rate"), *values(found, "batch_size")] == [6e6, 6e-4, 512]


def test_a_world_of_brax_alone_trains_nothing(tmp_path: Path) -> None:
    text = BY_BRAX.replace("agent.train, num_timesteps=6_000_000,", "envs.create,").replace("MODULE", "ppo")
    assert [names(tmp_path, {"a.py": each.replace("MODULE", "ppo")}) for each in (text, BY_BRAX)] == [[], ["a.py"]]
