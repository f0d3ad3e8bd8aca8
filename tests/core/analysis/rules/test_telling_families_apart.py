"""Families and tasks that look alike in code, and how they are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TRAINED = """
opt = optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    F.{loss}(net(x), y).backward()
    opt.step()
"""
START = """
import torch
from torch import nn, optim
from torch.nn import functional as F
"""


def families(folder: Path, code: str) -> list[object]:
    return values(analysed(folder, {"train.py": START + code}), "architecture")


def tasks(folder: Path, code: str) -> list[object]:
    return values(analysed(folder, {"train.py": START + code}), "task")


@pytest.mark.parametrize(
    ("part", "found"),
    [("torch.fft.rfft(x)", False), ("self.scale * x", False), ("self.layers(x)", True)],
)
def test_two_inputs_of_one_method_are_twins_where_it_uses_layers(tmp_path: Path, part: str, found: bool) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale, self.layers = 2.0, nn.Conv2d(1, 8, 3)
        self.head = nn.Linear(8, 1)
    def prepare(self, x):
        return {part}
    def forward(self, one, other):
        return self.head(self.prepare(one) - self.prepare(other))
net = Net()
{TRAINED.format(loss="l1_loss")}"""
    assert ("Siamese" in families(tmp_path, code)) is found


@pytest.mark.parametrize(("layer", "found"), [("self.width = 9", False), ("self.layers = nn.Conv1d(1, 8, 9)", True)])
def test_an_object_without_layers_makes_no_twins(tmp_path: Path, layer: str, found: bool) -> None:
    code = f"""
class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        {layer}
    def forward(self, x):
        return self.layers(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.spectrum, self.head = Spectrum(), nn.Linear(8, 1)
    def forward(self, one, other):
        return self.head(self.spectrum(one) - self.spectrum(other))
net = Net()
{TRAINED.format(loss="l1_loss")}"""
    assert ("Siamese" in families(tmp_path, code)) is found


@pytest.mark.parametrize(("other", "found"), [("'k'", False), ("'q'", True)])
def test_calls_in_one_scope_share_weights_where_the_rest_is_the_same(tmp_path: Path, other: str, found: bool) -> None:
    code = f"""
import tensorflow as tf
def project(x, name):
    return tf.layers.dense(x, 8, name=name)
def score(a, b):
    with tf.variable_scope("heads", reuse=True):
        left = project(a, 'q')
        right = project(b, {other})
    return compare(left, right)
loss = tf.reduce_mean(score(tf.placeholder(tf.float32), tf.placeholder(tf.float32)))
step = tf.train.AdamOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(step)
"""
    assert ("Siamese" in families(tmp_path, code)) is found


SPOKEN = """
class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ConvTranspose1d(8, 1, 16)
    def forward(self, z, extra=None):
        return self.layers(z)
class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Conv1d(1, 1, 16)
    def forward(self, x):
        return self.layers(x)
paired = False
nets = {"generator": Maker(), "discriminator": Judge()}
opts = {name: optim.Adam(net.parameters()) for name, net in nets.items()}
def step(z, real, y_wanted):
    if paired:
        made = nets["generator"](z, y_wanted)
    else:
        made = nets["generator"](z)
    loss = ((nets["discriminator"](made) - 1) ** 2).mean()
    loss.backward()
    opts["generator"].step()
    loss = (nets["discriminator"](made.detach()) ** 2).mean() + ((nets["discriminator"](real) - 1) ** 2).mean()
    loss.backward()
    opts["discriminator"].step()
for z, real, wanted in loader:
    step(z, real, wanted)
"""


def test_adversaries_may_be_kept_in_a_dict(tmp_path: Path) -> None:
    assert families(tmp_path, SPOKEN)[:1] == ["GAN"]


def test_a_condition_is_one_where_the_run_gives_it(tmp_path: Path) -> None:
    assert "Conditional GAN" not in families(tmp_path, SPOKEN)
    assert "Conditional GAN" in families(tmp_path, SPOKEN.replace("paired = False", "paired = True"))


@pytest.mark.parametrize(("answer", "found"), [("made, x", False), ("made, _", True)])
def test_what_comes_out_together_is_not_what_went_in(tmp_path: Path, answer: str, found: bool) -> None:
    code = f"""
net = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
opt = optim.SGD(net.parameters(), lr=0.1)
def predict(x):
    return net(x), x
for x in loader:
    {answer} = predict(x)
    F.mse_loss(made, x).backward()
    opt.step()
"""
    assert ("Autoencoder" in families(tmp_path, code)) is found


RAYS = """
net = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 4))
opt = optim.Adam(net.parameters())
def light(alphas):
    return torch.cumprod(alphas, 1)
def render(points, steps):
    out = net(points)
    {alpha}
    return (light(1 - alpha) * alpha * out[..., :3]).sum(1)
for x, y in loader:
    F.mse_loss(render(x, 9), y).backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("alpha", "found"),
    [("alpha = 1 - torch.exp(-out[..., 3] * steps)", False), ("alpha = torch.linspace(0.1, 0.9, steps)", True)],
)
def test_light_along_rays_is_no_schedule_of_noise(tmp_path: Path, alpha: str, found: bool) -> None:
    assert ("Diffusion" in families(tmp_path, RAYS.format(alpha=alpha))) is found


BLOCKS = """
import tensorflow as tf
def attend(x):
    scores = tf.nn.softmax(tf.matmul(tf.layers.dense(x, 8), tf.layers.dense(x, 8), transpose_b=True))
    return {after}(x, tf.matmul(scores, tf.layers.dense(x, 8)))
def after_attention(x, found):
    return tf.contrib.layers.layer_norm(x + tf.layers.dense(found, 8))
def plain(x, found):
    return found
def feed(x):
    return tf.contrib.layers.layer_norm(x + tf.layers.dense(tf.layers.dense(x, 32), 8))
x = tf.placeholder(tf.float32)
for _ in range(2):
    x = feed(attend(x))
step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(x))
with tf.Session() as session:
    session.run(step)
"""


@pytest.mark.parametrize(("after", "found"), [("after_attention", True), ("plain", False)])
def test_a_block_may_leave_adding_and_normalising_to_another_function(tmp_path: Path, after: str, found: bool) -> None:
    assert ("Transformer" in families(tmp_path, BLOCKS.format(after=after))) is found


UNET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 8, 3, stride=2), nn.ConvTranspose2d(8, 3, 2, stride=2)
        self.last = nn.Conv2d(6, 2, 3)
    def forward(self, x):
        return self.last(torch.cat([x, self.up(self.down(x))], 1))
net = Net()
"""


@pytest.mark.parametrize(("loss", "found"), [("mse_loss", []), ("cross_entropy", ["image segmentation"])])
def test_a_unet_that_compares_pictures_does_not_segment(tmp_path: Path, loss: str, found: list[str]) -> None:
    assert tasks(tmp_path, UNET + TRAINED.format(loss=loss)) == found


@pytest.mark.parametrize(("judged", "found"), [("mean_iou", "image segmentation"), ("share", "image classification")])
def test_what_is_judged_by_mean_iou_segments(tmp_path: Path, judged: str, found: str) -> None:
    code = f"""
import torchvision
data = torchvision.datasets.VOCSegmentation(".")
loader = torch.utils.data.DataLoader(data, batch_size=4)
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 21, 1))
{TRAINED.format(loss="cross_entropy")}
{judged} = judge(net)
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("names", "found"), [("users, items", ["recommendation"]), ("one, other", [])])
def test_what_embeds_users_and_items_recommends(tmp_path: Path, names: str, found: list[str]) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Embedding(100, 8), nn.Embedding(200, 8)
        self.layers = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 1))
    def forward(self, {names}):
        return self.layers(torch.cat([self.one({names.split(", ")[0]}), self.other({names.split(", ")[1]})], 1))
net = Net()
opt = optim.Adam(net.parameters())
for a, b, y in loader:
    F.binary_cross_entropy(net(a, b), y).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == found


STEPS = """
class Up(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Conv2d(8, 8, 3)
    def forward(self, x):
        return self.layers(F.interpolate(x, scale_factor=2))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 3, 3)
        self.down = nn.ModuleList([nn.Conv2d(8, 8, 3, stride=2), nn.Conv2d(8, 8, 3, stride=2)])
        self.up = nn.ModuleList([nn.Conv2d(16, 8, 3), Up(), nn.Conv2d(16, 8, 3), Up(), nn.Conv2d(16, 8, 3)])
    def forward(self, x):
        x1 = self.first(x)
        x2 = self.down[0](x1)
        x3 = self.down[1](x2)
        {again} = self.down[1](x3)
        {again} = self.up[0](torch.cat((x, x3), dim=1))
        {again} = self.up[2](torch.cat((self.up[1](x), x2), dim=1))
        {again} = self.up[4](torch.cat((x, x1), dim=1))
        return self.last({again})
net = Net()
"""


@pytest.mark.parametrize(("again", "found"), [("x", True), ("out", False)])
def test_a_unet_may_call_all_by_one_name(tmp_path: Path, again: str, found: bool) -> None:
    code = STEPS.format(again=again) + TRAINED.format(loss="mse_loss")
    assert ("UNet" in families(tmp_path, code)) is found


@pytest.mark.parametrize(("added", "found"), [("shortcut", True), ("bias", False)])
def test_functions_add_what_went_around_their_convolutions(tmp_path: Path, added: str, found: bool) -> None:
    code = f"""
import tensorflow as tf
def convolve(x, filters):
    return tf.layers.conv2d(x, filters, 3, padding="same")
def block(x, filters, wider=False):
    {added} = x
    if wider:
        {added} = convolve(x, filters)
    x = convolve(tf.nn.relu(convolve(x, filters)), filters)
    return tf.nn.relu(x + {added})
x = tf.placeholder(tf.float32, [None, 32, 32, 3])
logits = tf.layers.dense(tf.layers.flatten(block(block(x, 16), 32, True)), 10)
loss = tf.losses.sparse_softmax_cross_entropy(tf.placeholder(tf.int64), logits)
step = tf.train.AdamOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(step)
"""
    assert ("ResNet" in families(tmp_path, code)) is found


@pytest.mark.parametrize(
    ("wide", "found"),
    [("nn.Conv2d(dim, dim, 9, groups=dim)", False), ("nn.Conv2d(dim, dim, 9, groups=4)", True)],
)
def test_blocks_that_look_around_in_each_channel_alone_are_no_resnet(tmp_path: Path, wide: str, found: bool) -> None:
    code = f"""
class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.around, self.across = {wide}, nn.Conv2d(dim, dim, 1)
    def forward(self, x):
        return x + self.across(F.gelu(self.around(x)))
net = nn.Sequential(nn.Conv2d(3, 64, 7, stride=7), Block(64), Block(64), nn.Flatten(), nn.Linear(64, 10))
{TRAINED.format(loss="cross_entropy")}"""
    assert ("ResNet" in families(tmp_path, code)) is found
    assert "CNN" in families(tmp_path, code)


@pytest.mark.parametrize(
    ("kept", "found"),
    [("self.register_buffer('window', window)", []), ("self.window = nn.Parameter(window)", ["CNN"])],
)
def test_a_convolution_by_a_buffer_is_no_layer(tmp_path: Path, kept: str, found: list[str]) -> None:
    code = f"""
class Spectrum(nn.Module):
    def __init__(self):
        super().__init__()
        window = torch.hann_window(9)
        {kept}
    def forward(self, x):
        return F.conv1d(x, self.window, stride=4)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(80, 80)
    def forward(self, x):
        return self.cells(x)
spectrum, net = Spectrum(), Net()
opt = optim.Adam(net.parameters())
for x, y in loader:
    F.mse_loss(net(spectrum(x)), y).backward()
    opt.step()
"""
    assert [name for name in families(tmp_path, code) if name == "CNN"] == found
    classes = values(analysed(tmp_path, {"train.py": START + code}), "model_classes")
    assert classes == (["Spectrum", "Net"] if found else ["Net"])


def test_a_base_of_ones_own_that_tells_weights_makes_networks(tmp_path: Path) -> None:
    code = """
import jax
import jax.numpy as jnp
import optax
class Module:
    def parameters(self):
        return vars(self)
class Linear(Module):
    def __init__(self, key, inputs, outputs):
        self.weight = jax.random.normal(key, (inputs, outputs))
    def __call__(self, x):
        return jnp.matmul(x, self.weight)
class Net(Module):
    def __init__(self, key):
        self.first, self.last = Linear(key, 8, 32), Linear(key, 32, 1)
    def __call__(self, x):
        return self.last(jax.nn.relu(self.first(x)))
net = Net(jax.random.PRNGKey(0))
params, opt = net.parameters(), optax.sgd(0.1)
state = opt.init(params)
def loss(params, x, y):
    return jnp.mean((net(x) - y) ** 2)
for x, y in data:
    grads = jax.grad(loss)(params, x, y)
    updates, state = opt.update(grads, state)
    params = optax.apply_updates(params, updates)
"""
    analysis = analysed(tmp_path, {"train.py": code})
    assert values(analysis, "model_classes") == ["Net", "Linear"]
    assert values(analysis, "architecture") == ["MLP"]


@pytest.mark.parametrize(("made", "found"), [("BertTokenizer.from_pretrained('b')", False), ("nn.Linear(8, 8)", True)])
def test_a_tokenizer_makes_no_twins(tmp_path: Path, made: str, found: bool) -> None:
    code = f"""
from transformers import BertTokenizer
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.{"tokenizer" if "Bert" in made else "tower"} = {made}
        self.head = nn.Linear(8, 1)
    def forward(self, asked, answer):
        one, other = self.{"tokenizer" if "Bert" in made else "tower"}(asked), self.{
        "tokenizer" if "Bert" in made else "tower"
    }(answer)
        return self.head(one - other)
net = Net()
{TRAINED.format(loss="mse_loss")}"""
    assert ("Siamese" in families(tmp_path, code)) is found


@pytest.mark.parametrize(("loss", "found"), [("mse_loss", "regression"), ("cross_entropy", "classification")])
def test_data_that_others_classify_may_be_for_numbers(tmp_path: Path, loss: str, found: str) -> None:
    code = f"""
from sklearn.datasets import load_breast_cancer
x, y = load_breast_cancer(return_X_y=True)
loader = [(x, y)]
net = nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 2))
{TRAINED.format(loss=loss)}"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("size", "found"), [("vocab_size", ["text classification"]), ("kinds", [])])
def test_convolutions_over_words_classify_text(tmp_path: Path, size: str, found: list[str]) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self, {size}):
        super().__init__()
        self.words = nn.Embedding({size}, 64)
        self.layers, self.head = nn.Conv1d(64, 64, 3), nn.Linear(64, 2)
    def forward(self, x):
        return self.head(self.layers(self.words(x).transpose(1, 2)).max(-1).values)
net = Net(9000)
{TRAINED.format(loss="cross_entropy")}"""
    assert tasks(tmp_path, code) == found


@pytest.mark.parametrize(("start", "found"), [("torch.randn(8, 2)", True), ("target(states)", False)])
def test_who_acts_may_learn_a_velocity(tmp_path: Path, start: str, found: bool) -> None:
    code = f"""
import gymnasium as gym
env = gym.make("Hopper-v4")
net, target = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 2)), nn.Linear(3, 2)
opt = optim.Adam(net.parameters())
for states, actions in batches:
    noise, t = torch.randn(8, 2), torch.rand(8, 1)
    begin = {start}
    middle = (1 - t) * begin + t * actions
    told = net(torch.cat([states, middle, t], 1))
    ((told - (actions - begin)) ** 2).mean().backward()
    opt.step()
state, _ = env.reset()
state, reward, done, _, _ = env.step(net(state))
"""
    assert ("Flow Matching" in families(tmp_path, code)) is found


@pytest.mark.parametrize(("kept", "found"), [("self.adj", True), ("self.scale", False)])
def test_an_adjacency_may_be_kept_on_the_object(tmp_path: Path, kept: str, found: bool) -> None:
    code = f"""
class Layer(nn.Module):
    def __init__(self, matrix, inputs, outputs):
        super().__init__()
        {kept} = matrix
        self.weight = nn.Parameter(torch.randn(inputs, outputs))
    def forward(self, x):
        return torch.spmm({kept}, torch.mm(x, self.weight))
matrix = load()
net = nn.Sequential(Layer(matrix, 64, 16), Layer(matrix, 16, 7))
{TRAINED.format(loss="cross_entropy")}"""
    assert ("GCN" in families(tmp_path, code)) is found


def test_a_residual_network_that_also_attends_is_one_first(tmp_path: Path) -> None:
    code = f"""
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one, self.other = nn.Conv2d(width, width, 3), nn.Conv2d(width, width, 3)
    def forward(self, x):
        return F.relu(x + self.other(F.relu(self.one(x))))
class Look(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.q, self.k, self.v = (nn.Conv2d(width, width, 1) for _ in range(3))
    def forward(self, x):
        scores = torch.softmax(torch.bmm(self.q(x).flatten(2).transpose(1, 2), self.k(x).flatten(2)), -1)
        return torch.bmm(self.v(x).flatten(2), scores)
net = nn.Sequential(nn.Conv2d(3, 64, 3), Block(64), Block(64), Look(64), nn.Linear(64, 10))
{TRAINED.format(loss="cross_entropy")}"""
    assert families(tmp_path, code) == ["ResNet", "CNN", "Attention"]


@pytest.mark.parametrize(("made", "found"), [("distrax.Inverse", False), ("other.Inverse", True)])
def test_a_head_beside_a_flow_is_no_regression(tmp_path: Path, made: str, found: bool) -> None:
    code = f"""
import distrax, other
flow, head = {made}(other.layers()), nn.Linear(8, 2)
opt = optim.Adam(head.parameters())
for x, y in loader:
    F.cross_entropy(head(flow.forward(x)), y).backward()
    opt.step()
"""
    assert ("Logistic Regression" in families(tmp_path, code)) is found


def test_embeddings_before_cells_written_out_do_not_stand_alone(tmp_path: Path) -> None:
    code = """
import tensorflow as tf
table = tf.get_variable("table", [900, 64])
inputs = tf.nn.embedding_lookup(table, tf.placeholder(tf.int32, [None, 20]))
w, u = tf.get_variable("w", [64, 64]), tf.get_variable("u", [64, 64])
def step(h_prev, x):
    return tf.tanh(tf.matmul(x, w) + tf.matmul(h_prev, u))
states = tf.scan(step, tf.transpose(inputs, [1, 0, 2]), tf.zeros([8, 64]))
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=states))
train = tf.train.AdamOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(train)
"""
    assert families(tmp_path, code) == ["RNN"]
