"""What one optimizer moves apart, rates that halve themselves, critics by other names, and grey pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TWO_LISTS = """
import tensorflow as tf

def maker(z):
    return tf.layers.dense(z, 64)

def judge(x):
    return tf.layers.dense(x, 64)

rate = 3e-4
lr = tf.Variable(rate, trainable=False)
real = tf.placeholder(tf.float32, [None, 64])
made = maker(tf.random_uniform([8, 16]))
lost = tf.reduce_mean(tf.abs(real - judge(real))) - tf.reduce_mean(tf.abs(made - judge(made)))
opt = tf.train.AdamOptimizer(learning_rate=lr)
gen_step = opt.apply_gradients(opt.compute_gradients(tf.reduce_mean(tf.abs(made - judge(made))), var_list=of_maker))
{judged}
halved = tf.assign(lr, tf.maximum(1e-6, lr / 2))
with tf.Session() as sess:
    for step in range(100):
        sess.run([gen_step])
""".replace("maker", "generator").replace("judge(", "discriminator(")
JUDGED = "disc_step = opt.apply_gradients(opt.compute_gradients(lost, var_list=of_judge))"


def test_one_optimizer_moves_two_lists_of_weights(tmp_path: Path) -> None:
    facts = analysed(tmp_path, {"train.py": TWO_LISTS.format(judged=JUDGED)})
    assert "GAN" in values(facts, "architecture")
    assert values(facts, "learning_rate") == [3e-4]


def test_one_list_is_no_game(tmp_path: Path) -> None:
    assert "GAN" not in values(analysed(tmp_path, {"train.py": TWO_LISTS.format(judged="")}), "architecture")


ACTING = """
import gym
import torch
from torch import nn, optim

env = gym.make("CartPole-v1")

class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)
    def forward(self, s):
        return torch.softmax(self.net(s), -1)

class Worth(nn.Module):
    def __init__(self):
        super().__init__()
        self.v = nn.Linear(4, 1)
    def forward(self, s):
        return self.v(s)

policy, worth = Policy(), Worth()
first, second = optim.Adam(policy.parameters(), lr=1e-3), optim.Adam(worth.parameters(), lr=1e-3)

def learn(s, a, r, s_):
    prob = policy(s)[a]
    v_eval = worth(s)
    {gain} = {gained}
    lost = -(torch.log(prob) * {gain}.detach())
    first.zero_grad()
    lost.backward()
    first.step()
    second.zero_grad()
    {judged}.backward()
    second.step()

for episode in range(100):
    s = env.reset()
    done = False
    while not done:
        prob = policy(s)
        a = prob.argmax().item()
        s_, r, done, _ = env.step(a)
        learn(s, a, r, s_)
        s = s_
"""


@pytest.mark.parametrize(
    ("gained", "gain", "judged"),
    [
        ("r - v_eval", "A", "((r - v_eval) ** 2)"),
        ("r + worth(s_) - v_eval", "td_error", "(td_error ** 2).mean()"),
    ],
)
def test_critics_by_other_names(tmp_path: Path, gained: str, gain: str, judged: str) -> None:
    code = ACTING.format(gained=gained, gain=gain, judged=judged)
    assert "Actor-Critic" in values(analysed(tmp_path, {"train.py": code}), "architecture")


COLOURED = """
from keras.models import Sequential
from keras.layers import Conv2D
{imports}
model = Sequential([Conv2D(8, 3, padding="same", input_shape=(32, 32, 1)), Conv2D(3, 3, padding="same")])
model.compile(loss="mse", optimizer="adam")
model.fit({given}, epochs=3)
{shown}
"""
FROM_LAB = {"imports": "from skimage.color import lab2rgb", "shown": "show(lab2rgb(model.predict(x)))"}


@pytest.mark.parametrize(
    ("given", "others", "coloured"),
    [
        ("x, y", FROM_LAB, True),
        ("x_gray, x", {"imports": "", "shown": ""}, True),
        ("x_gray, y", {"imports": "", "shown": ""}, False),
        ("x_gray, x_gray", {"imports": "", "shown": ""}, False),
    ],
)
def test_grey_pictures_are_coloured(tmp_path: Path, given: str, others: dict[str, str], coloured: bool) -> None:
    facts = analysed(tmp_path, {"train.py": COLOURED.format(given=given, **others)})
    assert (values(facts, "task") == ["colorisation"]) is coloured


def test_dropout_of_haiku_is_told_its_rate_behind_the_key(tmp_path: Path) -> None:
    code = """
import haiku as hk, jax, optax

def forward(x):
    x = hk.Linear(8)(x)
    x = hk.dropout(hk.next_rng_key(), 0.3, x)
    return hk.Linear(2)(x)

net = hk.transform(forward)
params = net.init(jax.random.PRNGKey(0), data)
opt = optax.adam(1e-3)
state = opt.init(params)

def loss(params, key, x, y):
    return optax.softmax_cross_entropy(net.apply(params, key, x), y).mean()

for x, y in batches:
    grads = jax.grad(loss)(params, key, x, y)
    updates, state = opt.update(grads, state)
    params = optax.apply_updates(params, updates)
"""
    assert values(analysed(tmp_path, {"train.py": code}), "dropout") == [0.3]
