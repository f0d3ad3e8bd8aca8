"""Lessons that lean on a library: what it trains, what its layers are, and what only stands beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values


def of(folder: Path, field: str, script: str) -> list[object]:
    """The values of a field of a script."""
    return values(analysed(folder, {"train.py": script}), field)


KERAS = (
    "import tensorflow as tf\nfrom keras.models import Sequential\nfrom keras.layers import Dense\n"
    "net = Sequential()\nnet.add(Dense(4, input_shape=(8,)))\nnet.compile('adam', loss='mse')\n"
    "files = tf.io.gfile.glob('*.csv')\n"
)


def test_keras_by_its_own_name_comes_before_what_only_reads_files(tmp_path: Path) -> None:
    assert of(tmp_path, "framework", KERAS + "net.fit(x, y, epochs=2)\n")[0] == "Keras"


def test_epochs_are_the_third_that_a_generators_fit_is_given(tmp_path: Path) -> None:
    assert of(tmp_path, "epochs", KERAS + "net.fit_generator(batches(), 100, 7)\n") == [7]


WRITTEN = """
import tensorflow as tf
import tensorflow_datasets as tfds
import jax
import jax.numpy as jnp
data = tfds.as_numpy(tfds.load("mnist")["train"].map(lambda row: tf.cast(row["image"], tf.float32)).batch(32))
FIRST_LR = 0.5
DECAY = 0.9
def predict(params, x):
    for w, b in params:
        x = jnp.tanh(jnp.dot(w, x) + b)
    return x
def loss(params, x, y):
    return jnp.mean((predict(params, x) - y) ** 2)
def update(params, x, y, epoch):
    grads = jax.grad(loss)(params, x, y)
    lr = FIRST_LR * DECAY ** epoch
    return [(w - lr * dw, b - lr * db) for (w, b), (dw, db) in zip(params, grads)]
params = [(jnp.ones((4, 8)), jnp.ones(4))]
for epoch in range(3):
    for x, y in data:
        params = update(params, x, y, epoch)
"""


def test_weights_written_out_are_of_the_framework_that_finds_their_slopes(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WRITTEN})
    assert values(found, "framework") == ["JAX"] and values(found, "learning_rate") == [0.5]


def test_a_training_state_that_is_merged_with_measures_is_no_recurrence(tmp_path: Path) -> None:
    script = """
    import jax, optax
    from flax import linen as nn
    from flax.training import train_state
    net = nn.Dense(3)
    state = train_state.TrainState.create(apply_fn=net.apply, params=weights, tx=optax.sgd(0.1))
    def measure(state, x, y):
        told = state.metrics.merge(x)
        state = state.replace(metrics=told)
        return state
    def update(state, x, y):
        grads = jax.grad(lambda w: ((state.apply_fn(w, x) - y) ** 2).mean())(state.params)
        state = state.apply_gradients(grads=grads)
        return measure(state, x, y)
    for x, y in loader:
        state = update(state, x, y)
    """
    assert "RNN" not in of(tmp_path, "architecture", script)


@pytest.mark.parametrize(
    ("layer", "family"), [("GCN", "GCN"), ("GAT", "GAT"), ("GraphSAGE", "GraphSAGE"), ("DeepGraphCNN", "GCN")]
)
def test_layers_of_stellargraph_are_of_graphs(tmp_path: Path, layer: str, family: str) -> None:
    script = (
        f"from stellargraph.layer import {layer}\nfrom tensorflow.keras import Model, layers\n"
        f"ins, outs = {layer}(layer_sizes=[16, 16], generator=made).in_out_tensors()\n"
        "net = Model(inputs=ins, outputs=layers.Dense(7, activation='softmax')(outs))\n"
        "net.compile('adam', loss='categorical_crossentropy')\nnet.fit(flow, epochs=3)\n"
    )
    assert of(tmp_path, "architecture", script)[:2] == [family, "GNN"]


def test_what_poutyne_trains_is_listed(tmp_path: Path) -> None:
    script = "import torch\nfrom poutyne import Experiment, Model\nnet = torch.nn.Linear(4, 2)\n"
    told = {
        "fit.py": script + "model = Model(net, 'sgd', 'mse')\nmodel.fit_dataset(data, held, epochs=5)\n",
        "run.py": script + "told = Experiment('saved', net)\ntold.train(loader, held, epochs=5)\n",
    }
    assert sorted(names(tmp_path, told)) == ["fit.py", "run.py"]
    assert values(analysed(tmp_path, told, "run.py"), "epochs") == [5]


def test_what_edward_infers_is_listed(tmp_path: Path) -> None:
    script = (
        "import edward as ed\nimport tensorflow as tf\ninference = ed.KLqp({z: q}, data={x: seen})\n"
        "inference.initialize(optimizer=tf.train.AdamOptimizer(0.02))\n"
        "for _ in range(100):\n    inference.{}(feed_dict={})\n"
    )
    told = {"train.py": script.replace("{}(", "update(", 1), "look.py": script.replace("{}(", "summary(", 1)}
    assert names(tmp_path, told) == ["train.py"]


WORDS = """
import torch
from torch import nn
class CBOW(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, 50)
        self.told = nn.Linear(50, words)
    def forward(self, around):
        return self.told(self.embedding(around).sum(1))
net = CBOW(len(known))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for around, word in loader:
    for NAME in net.parameters():
        NAME.grad = None
    nn.functional.cross_entropy(net(around), word).backward()
    optimizer.step()
"""


def test_an_item_of_a_loop_recommends_nothing(tmp_path: Path) -> None:
    assert of(tmp_path, "architecture", WORDS.replace("NAME", "item")) == ["Word2Vec"]
    assert "Word2Vec" not in of(tmp_path, "architecture", WORDS.replace("NAME", "user_item"))


def test_pairs_drawn_for_skip_grams_make_vectors_of_words(tmp_path: Path) -> None:
    script = (
        "from keras.layers import Dense, Dot, Embedding, Input\nfrom keras.models import Model\n"
        "from keras.preprocessing.sequence import skipgrams\ncouples, told = skipgrams(text, 5000)\n"
        "word, other = Input((1,)), Input((1,))\nvectors = Embedding(5000, 50)\n"
        "out = Dense(1, activation='sigmoid')(Dot(1)([vectors(word), vectors(other)]))\n"
        "net = Model([word, other], out)\nnet.compile('adam', loss='binary_crossentropy')\nnet.fit(couples, told)\n"
    )
    assert of(tmp_path, "architecture", script)[0] == "Word2Vec"


AGENT = """
import gym, torch
from torch import nn
env = gym.make("CartPole-v1")
net = nn.Linear(4, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
"""


def test_the_best_next_value_may_be_added_to_a_part_of_the_rewards(tmp_path: Path) -> None:
    script = AGENT + (
        "def learn(states, rewards, following, going):\n    wanted = rewards\n"
        "    wanted[going] += 0.99 * net(following).max(1)[0][going]\n"
        "    ((net(states).max(1)[0] - wanted) ** 2).mean().backward()\n    optimizer.step()\n"
        "state = env.reset()\nfor step in range(100):\n    state, reward, done, _ = env.step(0)\n"
        "    learn(state, reward, state, 0)\n"
    )
    assert "DQN" in of(tmp_path, "architecture", script)


def test_a_log_probability_may_be_taken_from_the_smaller_critic_as_it_is(tmp_path: Path) -> None:
    script = AGENT + (
        "q1, q2 = nn.Linear(6, 1), nn.Linear(6, 1)\n"
        "def learn(states, policy):\n    actions, log_probs = policy.rsample(states)\n"
        "    least = torch.min(q1(states, actions), q2(states, actions))\n"
        "    (log_probs - least).mean().backward()\n    optimizer.step()\n"
        "state = env.reset()\nfor step in range(100):\n    state, reward, done, _ = env.step(0)\n"
        "    learn(state, policy)\n"
    )
    assert "SAC" in of(tmp_path, "architecture", script)


def test_losses_that_compile_lists_go_by_their_own_names(tmp_path: Path) -> None:
    script = (
        "from tensorflow import keras\n"
        "def value_loss(wanted, told):\n    return keras.losses.mean_squared_error(wanted, told) * 0.5\n"
        "def action_loss(wanted, told):\n    return keras.losses.categorical_crossentropy(wanted, told)\n"
        "net = keras.Sequential([keras.layers.Dense(4)])\n"
        "net.compile(optimizer='adam', loss=[value_loss, action_loss])\nnet.fit(x, y)\n"
    )
    assert of(tmp_path, "loss", script) == ["value_loss", "action_loss"]


@pytest.mark.parametrize(("number", "told"), [("0", ["cuda"]), ("-1", [])])
def test_agents_of_pfrl_are_given_the_number_of_their_gpu(tmp_path: Path, number: str, told: list[str]) -> None:
    script = (
        "import argparse, pfrl, torch\nread = argparse.ArgumentParser()\n"
        f"read.add_argument('--gpu', type=int, default={number})\nargs = read.parse_args()\n"
        "net = torch.nn.Linear(4, 2)\noptimizer = torch.optim.Adam(net.parameters())\n"
        "agent = pfrl.agents.DQN(net, optimizer, buffer, 0.99, explorer, gpu=args.gpu)\n"
        "pfrl.experiments.train_agent_with_evaluation(agent, env, steps=1000)\n"
    )
    assert of(tmp_path, "hardware", script) == told


def test_the_file_of_ptb_names_its_data(tmp_path: Path) -> None:
    assert of(tmp_path, "datasets", WORDS + "known = open('data/ptb.train.txt').read()\n") == ["Penn Treebank"]


SKORCH = """
import torch
from torch import nn
from skorch import NeuralNet, NeuralNetClassifier
class Own(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.first = nn.Linear(4, width)
        self.last = nn.Linear(width, 2)
    def forward(self, x):
        return self.last(self.first(x).relu())
class Mine(NeuralNet):
    def __init__(self, *args, lr=20, **kwargs):
        super().__init__(*args, lr=lr, **kwargs)
"""


@pytest.mark.parametrize(
    "made", ["NeuralNetClassifier(Own, lr=0.1)", "Mine(module=Own, module__width=16, max_epochs=3)"]
)
def test_skorch_builds_the_network_that_it_is_told(tmp_path: Path, made: str) -> None:
    found = analysed(tmp_path, {"train.py": SKORCH + f"net = {made}\nnet.fit(x, y)\n"})
    assert values(found, "model_classes") == ["Own"] and values(found, "architecture") == ["MLP"]


def test_settings_connected_to_clearml_stay_what_they_are(tmp_path: Path) -> None:
    script = SKORCH + (
        "from clearml import Task\ntask = Task.init(project_name='a')\n"
        "told = {'batch_size': 16, 'rate': 0.05}\ntold = task.connect(told)\nnet = Own()\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=told.get('rate', 0.1))\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=told.get('batch_size', 4))\n"
        "for x, y in loader:\n    nn.functional.cross_entropy(net(x), y).backward()\n    optimizer.step()\n"
    )
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "learning_rate") == [0.05] and values(found, "batch_size") == [16]


@pytest.mark.parametrize(
    ("model", "likelihood", "task"),
    [("ExactGP", "GaussianLikelihood", "regression"), ("ApproximateGP", "BernoulliLikelihood", "classification")],
)
def test_gaussian_processes_of_gpytorch_are_models(tmp_path: Path, model: str, likelihood: str, task: str) -> None:
    script = (
        f"import torch, gpytorch\nclass Process(gpytorch.models.{model}):\n    def __init__(self, x, y, likelihood):\n"
        "        super().__init__(x, y, likelihood)\n        self.mean = gpytorch.means.ConstantMean()\n"
        "        self.kernel = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())\n"
        "    def forward(self, x):\n"
        "        return gpytorch.distributions.MultivariateNormal(self.mean(x), self.kernel(x))\n"
        f"likelihood = gpytorch.likelihoods.{likelihood}()\nmodel = Process(x, y, likelihood)\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.1)\n"
        "mll = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)\n"
        "for step in range(50):\n    optimizer.zero_grad()\n    loss = -mll(model(x), y)\n    loss.backward()\n"
        "    optimizer.step()\n"
    )
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "model_classes") == ["Process"] and values(found, "task") == [task]
    assert values(found, "loss") == ["ExactMarginalLogLikelihood"]


def test_megengine_is_a_framework(tmp_path: Path) -> None:
    script = (
        "import megengine.functional as F\nimport megengine.module as M\nfrom megengine.autodiff import GradManager\n"
        "from megengine.optimizer import SGD\n"
        "class Net(M.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = M.Conv2d(1, 8, 3)\n        self.last = M.Linear(8, 10)\n    def forward(self, x):\n"
        "        return self.last(F.flatten(self.conv(x), 1))\n"
        "net = Net()\noptimizer = SGD(net.parameters(), lr=0.01)\n"
        "manager = GradManager().attach(net.parameters())\nfor x, y in loader:\n    with manager:\n"
        "        manager.backward(F.loss.cross_entropy(net(x), y))\n    optimizer.step().clear_grad()\n"
    )
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "framework") == ["MegEngine"] and values(found, "model_classes") == ["Net"]
    assert values(found, "loss") == ["cross_entropy"] and values(found, "architecture") == ["CNN"]


def test_horovod_shares_steps_among_devices(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\nimport horovod.tensorflow as hvd\nhvd.init()\n"
        "data = tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(128)\n"
        "net = tf.keras.Sequential([tf.keras.layers.Dense(10)])\nopt = tf.optimizers.Adam(0.001)\n"
        "loss = tf.losses.MeanSquaredError()\n"
        "for batch, (x, y) in enumerate(data.take(10000 // hvd.size())):\n    with tf.GradientTape() as tape:\n"
        "        told = loss(y, net(x))\n"
        "    opt.apply_gradients(zip(tape.gradient(told, net.trainable_variables), net.trainable_variables))\n"
    )
    assert of(tmp_path, "steps", script) == [10000]


GLUON = """
import argparse
import mxnet as mx
from mxnet import autograd, gluon
read = argparse.ArgumentParser()
read.add_argument("--cuda", action="store_true", default=False)
opt = read.parse_args()
net = gluon.nn.Dense(10)
trainer = TRAINER
loss = gluon.loss.SoftmaxCrossEntropyLoss()
ctx = mx.gpu(0) if opt.cuda else mx.cpu()
for x, y in loader:
    with autograd.record():
        told = loss(net(x.as_in_context(ctx)), y)
    told.backward()
    trainer.step(16)
"""


def test_mxnet_may_train_on_the_gpu_that_a_switch_asks_for(tmp_path: Path) -> None:
    told = "gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': 0.3, 'wd': 100})"
    found = analysed(tmp_path, {"train.py": GLUON.replace("TRAINER", told)})
    assert "cuda" in values(found, "hardware") and values(found, "weight_decay") == [100]


def test_mxnet_makes_an_optimizer_by_name(tmp_path: Path) -> None:
    told = "gluon.Trainer(net.collect_params(), mx.optimizer.create('sgd', learning_rate=0.01))"
    assert of(tmp_path, "optimizer", GLUON.replace("TRAINER", told)) == ["SGD"]


@pytest.mark.parametrize(
    ("made", "name"),
    [("dp_optimizer.DPAdamGaussianOptimizer", "Adam"), ("dp_optimizer_keras.DPKerasSGDOptimizer", "SGD")],
)
def test_optimizers_of_tensorflow_privacy_go_by_what_they_keep_secret(tmp_path: Path, made: str, name: str) -> None:
    script = (
        "import tensorflow as tf\nfrom tensorflow_privacy.privacy.optimizers import dp_optimizer, dp_optimizer_keras\n"
        "net = tf.keras.Sequential([tf.keras.layers.Dense(10)])\n"
        f"opt = {made}(l2_norm_clip=1.0, noise_multiplier=0.1, num_microbatches=8, learning_rate=0.1)\n"
        "net.compile(optimizer=opt, loss='mse')\nnet.fit(x, y, epochs=2)\n"
    )
    assert of(tmp_path, "optimizer", script) == [name]


def test_paddle_keeps_weights_small_by_a_penalty(tmp_path: Path) -> None:
    script = (
        "import paddle\nnet = paddle.nn.Linear(4, 2)\nopt = paddle.optimizer.SGD(learning_rate=0.1,\n"
        "    weight_decay=paddle.regularizer.L2Decay(coeff=5e-4), parameters=net.parameters())\n"
        "for x, y in loader:\n    paddle.nn.functional.cross_entropy(net(x), y).backward()\n    opt.step()\n"
    )
    assert of(tmp_path, "weight_decay", script) == [0.0005]


def test_data_of_torchtext_are_named_in_a_table(tmp_path: Path) -> None:
    script = (
        WORDS + "from torchtext.datasets import DATASETS\nknown = DATASETS['AG_NEWS'](root='data', split='train')\n"
    )
    assert of(tmp_path, "datasets", script) == ["AG News"]


def test_gluon_makes_networks_by_their_names(tmp_path: Path) -> None:
    script = GLUON.replace("gluon.nn.Dense(10)", "get_model('resnet50_v1', classes=10)")
    script = "from gluoncv.model_zoo import get_model\n" + script.replace("TRAINER", "gluon.Trainer(net, 'sgd')")
    assert of(tmp_path, "architecture", script) == ["ResNet", "CNN"]


def test_paddle_compares_squares(tmp_path: Path) -> None:
    script = (
        "import paddle\nnet = paddle.nn.Linear(13, 1)\nfound = open('work/housing.data').read()\n"
        "opt = paddle.optimizer.SGD(learning_rate=0.01, parameters=net.parameters())\n"
        "for x, y in loader:\n    loss = paddle.nn.functional.square_error_cost(net(x), y)\n"
        "    paddle.mean(loss).backward()\n    opt.step()\n"
    )
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "loss") == ["square_error_cost"] and values(found, "datasets") == ["Boston Housing"]
