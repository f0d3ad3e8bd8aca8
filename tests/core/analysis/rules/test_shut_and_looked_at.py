"""What stands beside what trains: branches that a setting shuts, data and losses that are only looked at, networks that
are first asked without the labels that training gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TOLD_LABELS = """
    import argparse, torch
    import torch.nn.functional as F
    from torch import nn
    parser = argparse.ArgumentParser()
    parser.add_argument("--conditional", action="store_true"DEFAULT)
    args = parser.parse_args()
    class Coder(nn.Module):
        def __init__(self, conditional):
            super().__init__()
            self.conditional = conditional
            self.into = nn.Linear(794 if conditional else 784, 16)
            self.mean, self.spread, self.out = nn.Linear(16, 8), nn.Linear(16, 8), nn.Linear(8, 784)
        def forward(self, x, labels=None):
            if self.conditional:
                x = torch.cat((x, F.one_hot(labels, 10)), dim=-1)
            h = torch.relu(self.into(x))
            mean, log_var = self.mean(h), self.spread(h)
            z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
            return torch.sigmoid(self.out(z)), mean, log_var
    vae = Coder(args.conditional)
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    for epoch in range(10):
        for x, y in loader:
            out, mean, log_var = vae(x, y) if args.conditional else vae(x)
            kl = -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
            loss = F.binary_cross_entropy(out, x) + kl
            loss.backward()
            optimizer.step()
"""


@pytest.mark.parametrize(("default", "expected"), [("", "VAE"), (", default=True", "Conditional VAE")])
def test_a_family_of_a_branch_that_the_settings_shut(tmp_path: Path, default: str, expected: str) -> None:
    analysis = analysed(tmp_path, {"train.py": TOLD_LABELS.replace("DEFAULT", default)})
    assert values(analysis, "architecture")[0] == expected


ADVERSARIES = """
    import tensorflow as tf
    def generator(z, reuse=False):
        with tf.variable_scope("generator", reuse=reuse):
            x = tf.reshape(tf.layers.dense(z, 4 * 4 * 64), (-1, 4, 4, 64))
            x = tf.layers.conv2d_transpose(x, 32, 5, strides=2, padding="same")
            return tf.tanh(tf.layers.conv2d_transpose(x, 3, 5, strides=2, padding="same"))
    def discriminator(x, reuse=False):
        with tf.variable_scope("discriminator", reuse=reuse):
            x = tf.layers.conv2d(x, 32, 5, strides=2, padding="same")
            x = tf.layers.conv2d(x, 64, 5, strides=2, padding="same")
            return tf.layers.dense(tf.reshape(x, (-1, 4 * 4 * 64)), 1)
    def losses(input_real, GIVEN):
        made = generator(GIVEN)
        real, fake = discriminator(input_real), discriminator(made, reuse=True)
        entropy = tf.nn.sigmoid_cross_entropy_with_logits
        judge = entropy(logits=real, labels=tf.ones_like(real)) + entropy(logits=fake, labels=tf.zeros_like(fake))
        return judge, entropy(logits=fake, labels=tf.ones_like(fake))
    a = tf.placeholder(tf.float32, (None, 16, 16, 3))
    b = tf.placeholder(tf.float32, (None, 100))
    judge, maker = losses(a, b)
    steps = [tf.train.AdamOptimizer(2e-4).minimize(judge), tf.train.AdamOptimizer(2e-4).minimize(maker)]
    with tf.Session() as session:
        for epoch in range(25):
            session.run(steps, feed_dict=fed)
"""


@pytest.mark.parametrize(("given", "expected"), [("input_z", "DCGAN"), ("input_image", "GAN")])
def test_what_a_maker_is_given(tmp_path: Path, given: str, expected: str) -> None:
    analysis = analysed(tmp_path, {"train.py": ADVERSARIES.replace("GIVEN", given)})
    assert values(analysis, "architecture")[0] == expected


CODES = """
    from keras.layers import Conv2D, Conv2DTranspose, Input, Lambda, Layer
    from keras.models import Model
    from keras.optimizers import Adam
    from keras import backend as K
    class Codes(Layer):
        def build(self, shape):
            self.embeddings = self.add_weight(name="embeddings", shape=(64, shape[-1]), initializer="uniform")
        def call(self, inputs):
            far = K.sum(self.embeddings ** 2, -1) - 2 * K.dot(inputs, K.transpose(self.embeddings))
            return K.gather(self.embeddings, K.argmin(far, -1))
    x_in = Input(shape=(32, 32, 3))
    z = Conv2D(64, 4, strides=2, padding="same")(x_in)
    e = Codes()(z)
    ze = Lambda(lambda x: x[0] + K.stop_gradient(x[1] - x[0]))([z, e])
    out = Conv2DTranspose(3, 4, strides=2, padding="same")(ze)
    model = Model(x_in, out)
    model.add_loss(K.mean((x_in - out) ** 2) + K.mean((K.stop_gradient(z) - e) ** 2))
    model.compile(optimizer=Adam(1e-3))
    model.fit(pictures, epochs=10, batch_size=64)
"""


def test_codes_that_a_graph_of_layers_passes_by(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": CODES}), "architecture")[0] == "VQ-VAE"


LOOKED_AT = """
    from fastai.tabular.all import *
    from fastai.vision.all import *
    class Judge(Module):
        def __init__(self, measure): store_attr()
        def forward(self, out, target): return self.measure(out, target)
    def gap(out, target): return F.mse_loss(out, target)
    class Table(TabularModel):
        def __init__(self, sizes):
            super().__init__(sizes, 3, 2, [100])
            self.more = LinBnDrop(2, 2)
    look = Datasets(["style.jpg"], tfms=[PILImage.create]).dataloaders(bs=1)
    picture = look.one_batch()[0]
    data = table.dataloaders(bs=512)
    data.show_batch()
    learn = Learner(data, Table(sizes), loss_func=Judge(gap))
    learn.fit(5, 1e-2)
"""


def test_loaders_of_fastai_that_no_learner_is_given(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": LOOKED_AT})
    assert values(analysis, "batch_size") == [512]
    assert values(analysis, "model_classes") == ["Table"]


PRINTED = """
    import torch
    import torch.nn.functional as F
    from torch import nn
    logits, targets = torch.randn(2, 4), torch.tensor([0, 3])
    by_hand = -torch.log_softmax(logits, dim=-1)[0, 0]
    LOOK
    net = nn.Linear(4, 4)
    def train(net, loader, optimizer):
        for epoch in range(2):
            for one, other in loader:
                loss = -F.logsigmoid(net(one) - net(other)).mean()
                loss.backward()
                optimizer.step()
    train(net, loader, torch.optim.AdamW(net.parameters(), lr=5e-6))
"""


@pytest.mark.parametrize(
    "look",
    [
        "known = F.cross_entropy(logits, targets); print(by_hand, known)",
        "F.cross_entropy(logits, targets)",
    ],
)
def test_a_loss_that_is_only_looked_at(tmp_path: Path, look: str) -> None:
    assert "cross_entropy" not in values(analysed(tmp_path, {"train.py": PRINTED.replace("LOOK", look)}), "loss")


ASKED_WITHOUT = """
    import torch
    from torch import nn
    from transformers import RobertaModel, RobertaPreTrainedModel, Trainer, TrainingArguments
    class Tagger(RobertaPreTrainedModel):
        def __init__(self, config):
            super().__init__(config)
            self.body, self.head = RobertaModel(config), nn.Linear(768, 7)
        def forward(self, ids, labels=None):
            logits = self.head(self.body(ids)[0])
            if labels is None:
                return logits
            return nn.CrossEntropyLoss()(logits.view(-1, 7), labels.view(-1))
    net = Tagger.from_pretrained("roberta-base")
    print(net(ids).shape)
    Trainer(model=net, args=TrainingArguments("out", num_train_epochs=3), train_dataset=data).train()
"""


def test_training_gives_the_labels_that_were_left_out_before(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": ASKED_WITHOUT}), "loss") == ["CrossEntropyLoss"]


HANDED_ON = """
    import torch
    from torch import nn
    class Agent:
        def __init__(self, net, optimizer):
            self.net, self.keeper = net, optimizer
        def update(self, x):
            self.net(x).sum().backward()
            self.keeper.step()
    actor, critic = nn.Linear(4, 2), nn.Linear(4, 1)
    agent = Agent(actor, torch.optim.Adam(actor.parameters(), lr=1e-4))
    steps = torch.optim.SGD(critic.parameters(), lr=1e-2)
    for x in loader:
        agent.update(x)
        critic(x).sum().backward()
        steps.step()
"""


def test_an_optimizer_that_only_an_object_keeps(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, {"train.py": HANDED_ON})
    assert values(analysis, "optimizer") == ["Adam", "SGD"]
    assert values(analysis, "learning_rate") == [1e-4, 1e-2]


RECORDED = """
    from trl import GRPOConfig, GRPOTrainer, ModelConfig
    told = ModelConfig(model_name_or_path="Qwen/Qwen2.5-3B-Instruct", torch_dtype="bfloat16")
    trainer = GRPOTrainer(model=told.model_name_or_path, args=GRPOConfig("out", learning_rate=5e-7), train_dataset=data)
    trainer.train()
"""


def test_what_a_record_of_a_library_keeps(tmp_path: Path) -> None:
    assert "Qwen" in values(analysed(tmp_path, {"train.py": RECORDED}), "architecture")


def test_residual_networks_of_fastai(tmp_path: Path) -> None:
    code = "from fastai.vision.all import *\nlearn = Learner(dls, xresnet50(n_out=10))\nlearn.fit_one_cycle(5, 1e-3)\n"
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["ResNet", "CNN"]


GOING_ON = """
    import torch
    from torch import nn
    net = nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-4)
    for x, y in loader:
        nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, "last.pt")
    again = torch.load("last.pt")
    net = nn.Linear(4, 2)
    net.load_state_dict(again["net"])
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-4)
    optimizer.load_state_dict(again["optimizer"])
    MORE
"""


@pytest.mark.parametrize(("more", "rates"), [("net.train()", [4e-4]), ("optimizer.step()", [4e-4, 5e-4])])
def test_an_optimizer_that_only_takes_up_a_state(tmp_path: Path, more: str, rates: list[float]) -> None:
    assert values(analysed(tmp_path, {"train.py": GOING_ON.replace("MORE", more)}), "learning_rate") == rates


SHOWN = """
    import torch
    from torch import nn
    loss_fn = nn.NLLLoss()
    loss_fn(torch.log_softmax(torch.randn(2, 4), -1), torch.tensor([0, 3]))
    net, known = nn.Linear(4, 4), nn.CrossEntropyLoss()
    known(net(torch.randn(2, 4)), torch.tensor([0, 3]))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for x, y in loader:
        loss = known(net(x), y)
        loss.backward()
        optimizer.step()
"""


def test_a_loss_object_that_only_shows(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SHOWN}), "loss") == ["CrossEntropyLoss"]


COMPILED_BY_LINES = """
    import tensorflow as tf
    from tensorflow import keras
    from data import xs, ys
    net = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)])
    net.compile(optimizer="adam", loss="mae")
    net.fit(xs, ys, epochs=5, batch_size=64)
    with tf.GradientTape() as tape:
        total = tf.reduce_mean(net(xs))
    grads = tape.gradient(total, net.trainable_variables)
"""


def test_a_line_that_compiles_a_network_is_no_look_at_its_loss(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": COMPILED_BY_LINES}), "loss") == ["mae"]


FILLED_ELSEWHERE = """
    from tensorflow import keras
    from data import fill, stories, xs, ys
    known = set()
    FILL
    size = len(sorted(known)) + 1
    net = keras.Sequential([keras.layers.Embedding(size, 64), keras.layers.Dense(3)])
    net.compile(optimizer="adam", loss="mae")
    net.fit(xs, ys, epochs=5, batch_size=size)
"""


@pytest.mark.parametrize("fill", ["for one in stories: known |= set(one)", "fill(known)"])
def test_the_size_of_a_set_that_data_fill(tmp_path: Path, fill: str) -> None:
    analysis = analysed(tmp_path, {"train.py": FILLED_ELSEWHERE.replace("FILL", fill)})
    assert (values(analysis, "batch_size"), values(analysis, "parameters")) == ([], [])


METERED = """
    import torch, torch.nn.functional as F
    from torch import nn
    def train(net, optimizer, loader, meter):
        for x, y in loader:
            loss = F.mse_loss(net(x), y)
            error = F.l1_loss(net(x), y)
            meter.update(error.item(), x.size(0))
            loss.backward()
            optimizer.step()
    net = nn.Linear(4, 4)
    train(net, torch.optim.Adam(net.parameters(), lr=1e-3), loader, meter)
"""


def test_a_loss_that_is_read_as_a_number_alone(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": METERED}), "loss") == ["mse_loss"]
    added = METERED.replace("loss.backward()", "(loss + error).backward()")
    assert values(analysed(tmp_path, {"both.py": added}, "both.py"), "loss") == ["mse_loss", "l1_loss"]
