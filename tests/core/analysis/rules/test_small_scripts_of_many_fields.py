"""Small scripts and lessons of text, graphs, goods, series, physics and agents, of which something was told wrongly."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

DESCENT = """
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(50):
    for x, y in data:
        optimizer.zero_grad()
        loss = {loss}(net(x), y)
        loss.backward()
        optimizer.step()
"""


def test_layers_in_a_list_of_unknown_length_are_several(tmp_path: Path) -> None:
    script = (
        "import numpy as np\nimport torch\nfrom torch import nn\n"
        "class Net(nn.Module):\n    def __init__(self, widths):\n        super().__init__()\n"
        "        self.parts = nn.ModuleList([nn.Linear(widths[i], widths[i + 1]) for i in range(len(widths) - 1)])\n"
        "    def forward(self, x):\n        for part in self.parts[:-1]:\n            x = torch.tanh(part(x))\n"
        "        return self.parts[-1](x)\n"
        "net = Net(np.array([1, 50, 50, 1]))\n" + DESCENT.format(loss="nn.MSELoss()")
    )
    assert values(analysed(tmp_path, {"fit.py": script}, "fit.py"), "architecture") == ["MLP"]


KERAS = """
from keras import backend as K
from keras.layers import Add, Conv2D, Dense, Flatten, Input, Lambda
from keras.models import Model
start = Input((84, 84, 4))
x = Conv2D(64, 4, strides=2, activation="relu")(Conv2D(32, 8, strides=4, activation="relu")(start))
x = Flatten()(x)
worth = Dense(1)(x)
worth = Lambda(lambda s: K.expand_dims(s[:, 0], -1))(worth)
gain = Dense(6)(x)
gain = Lambda(lambda a: a - K.mean(a, keepdims=True))(gain)
model = Model(start, Add()([worth, gain]))
model.compile(loss="mse", optimizer="adam")
model.fit(states, targets, batch_size=32, epochs=2)
"""


def test_what_a_state_is_worth_added_to_what_actions_gain_is_no_shortcut(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"duel.py": KERAS}, "duel.py"), "architecture") == ["CNN"]


def test_what_no_fit_is_handed_is_no_batch(tmp_path: Path) -> None:
    script = (
        "import numpy as np\nimport tensorflow as tf\nimport tensorflow_datasets as tfds\n"
        "rows = tfds.load('shop/rows', split='train')\n"
        "kinds = np.unique(np.concatenate(list(rows.map(lambda row: row['name']).batch(1000))))\n"
        "index = Index(rows.batch(512).map(lambda row: row['name']))\n"
        "model = tf.keras.Sequential([tf.keras.layers.Embedding(len(kinds), 16), tf.keras.layers.Dense(1)])\n"
        "model.compile(loss='mse', optimizer='adam')\n"
        "train = rows.shuffle(1000).batch(64).cache()\nmodel.fit(train, epochs=3)\n"
    )
    assert values(analysed(tmp_path, {"rank.py": script}, "rank.py"), "batch_size") == [64]


def test_of_records_only_the_one_that_is_taken_says_the_batch(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom types import SimpleNamespace\nPARAMS = {\n"
        "    'small': SimpleNamespace(**{'rate': 0.001, 'batch_size': 32}),\n"
        "    'large': SimpleNamespace(**{'rate': 0.0001, 'batch_size': 64}),\n}\nparams = PARAMS['small']\n"
        "def batches(buffer, batch_size):\n    while True:\n        yield buffer.sample(batch_size)\n"
        "net = torch.nn.Linear(4, 2)\noptimizer = torch.optim.Adam(net.parameters(), lr=params.rate)\n"
        "for x, y in batches(Buffer(), params.batch_size):\n"
        "    loss = torch.nn.functional.mse_loss(net(x), y)\n    loss.backward()\n    optimizer.step()\n"
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "batch_size") == [32] and values(found, "learning_rate") == [0.001]


def test_what_makes_its_own_steps_is_no_loss(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\n"
        "def bpr_net(users, goods):\n"
        "    weights = tf.get_variable('weights', [100, 8])\n"
        "    far = tf.reduce_sum(tf.nn.embedding_lookup(weights, users) * tf.nn.embedding_lookup(weights, goods), 1)\n"
        "    loss = -tf.reduce_mean(tf.log(tf.sigmoid(far)))\n"
        "    return tf.train.GradientDescentOptimizer(0.01).minimize(loss)\n"
        "step = bpr_net(tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None]))\n"
        "with tf.Session() as session:\n    for epoch in range(4):\n        session.run(step)\n"
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "loss") == [] and values(found, "optimizer") == ["SGD"]


AGENT = """
import gym
import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
env = gym.make("CartPole-v1")
start = Input((4,))
x = Dense(64, activation="relu")(start)
actor = Model(start, Dense(2, activation="softmax")(x))
actor.compile(loss="categorical_crossentropy", optimizer="adam")
critic = Model(start, Dense(1)(x))
critic.compile(loss="mse", optimizer="adam")
for episode in range(500):
    states, actions, returns = play(env, actor)
    env.reset()
    env.step(actions[0])
    worth = critic.predict(states)[:, 0]
    advantage = returns - worth
    actor.fit(states, actions, sample_weight=advantage)
    {rest}
"""


def test_a_critic_that_is_fitted_beside_the_policy_is_one(tmp_path: Path) -> None:
    for name, rest, wanted in (("both", "critic.fit(states, returns)", True), ("one", "pass", False)):
        found = analysed(tmp_path, {f"{name}.py": AGENT.format(rest=rest)}, f"{name}.py")
        assert ("Actor-Critic" in values(found, "architecture")) is wanted


WORDS = """
import torch
from torch import nn
class CBOW(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embeddings = nn.Embedding(words, width)
        self.hidden = nn.Linear(width, 64)
        self.out = nn.Linear(64, words)
    def forward(self, around):
        total = {total}.view(1, -1)
        return torch.log_softmax(self.out(torch.relu(self.hidden(total))), dim=-1)
net = CBOW(len(places), 20)
"""


def test_embeddings_of_words_around_that_are_added_up_tell_the_word(tmp_path: Path) -> None:
    for name, total in (("bag", "sum(self.embeddings(around))"), ("row", "self.embeddings(around)")):
        script = WORDS.format(total=total) + DESCENT.format(loss="nn.NLLLoss()")
        found = analysed(tmp_path, {f"{name}.py": script}, f"{name}.py")
        assert values(found, "architecture") == (["Word2Vec"] if name == "bag" else ["MLP"])
        assert ("word embeddings" in values(found, "task")) is (name == "bag")


def test_what_follows_a_window_of_numbers_is_a_forecast(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\nseries = torch.rand(1000)\ndata = []\n"
        "def cut(n, values):\n    x, y = [], []\n    for i in range(len(values) - n):\n"
        "        x.append(values[i : i + n])\n        y.append(values[i + n])\n    return zip(x, y)\n"
        "data = cut(16, series)\nnet = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))\n"
        + DESCENT.format(loss="nn.MSELoss()")
    )
    assert values(analysed(tmp_path, {"fit.py": script}, "fit.py"), "task") == ["time series forecasting"]
    plain = script.replace("values[i + n]", "values[i]")
    assert values(analysed(tmp_path, {"plain.py": plain}, "plain.py"), "task") == ["regression"]


def test_estimators_of_spark_are_known(tmp_path: Path) -> None:
    script = (
        "from pyspark.ml import Pipeline\nfrom pyspark.ml.classification import LogisticRegression\n"
        "steps = Pipeline(stages=[LogisticRegression(featuresCol='words')])\nmodel = steps.fit(rows)\n"
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "framework") == ["Apache Spark"] and "Logistic Regression" in values(found, "architecture")


def test_episodes_of_a_function_that_validates_are_no_steps(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom ignite.engine import Engine\nfrom market import Market\n"
        "env, net = Market(), torch.nn.Linear(4, 2)\noptimizer = torch.optim.Adam(net.parameters(), lr=0.001)\n"
        "def {name}(env, net, episodes=100):\n    for episode in range(episodes):\n        state = env.reset()\n"
        "        while True:\n            state, gain, done, _ = env.step(net(state).argmax())\n"
        "            if done:\n                break\n"
        "def process(engine, batch):\n    optimizer.zero_grad()\n"
        "    torch.nn.functional.mse_loss(net(batch[0]), batch[1]).backward()\n    optimizer.step()\n"
        "engine = Engine(process)\n"
        "@engine.on(10000)\ndef look(engine):\n    {name}(env, net)\nengine.run(batches)\n"
    )
    world = (
        "import gym\nclass Day:\n    def step(self, action):\n        return 0, False\n"
        "class Market(gym.Env):\n    def __init__(self):\n        self._day = Day()\n"
        "    def reset(self):\n        return self._day\n"
        "    def step(self, action):\n        return self._day, *self._day.step(action), {{}}\n"
    )
    for name, told in (("validation_run", []), ("collect", [100])):
        files = {f"{name}.py": script.format(name=name), "market.py": world.format()}
        assert values(analysed(tmp_path, files, f"{name}.py"), "steps") == told


def test_groups_that_only_judge_codes_sort_no_nodes(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom sklearn.cluster import KMeans\nfrom torch_geometric.nn import GCNConv\n"
        "from torch_geometric.nn.models.autoencoder import ARGVA\n"
        "from torch_geometric.utils import train_test_split_edges\n"
        "class Coder(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.mean = GCNConv(16, 8)\n        self.spread = GCNConv(16, 8)\n"
        "    def forward(self, x, edges):\n        return self.mean(x, edges), self.spread(x, edges)\n"
        "data = train_test_split_edges(graph)\nmodel = ARGVA(Coder(), torch.nn.Linear(8, 1))\n"
        "optimizer = torch.optim.Adam(model.parameters(), lr=0.005)\n"
        "def test():\n    return KMeans(n_clusters=7).fit(model.encode(data.x, data.edges))\n"
        "for epoch in range(200):\n    z = model.encode(data.x, data.edges)\n"
        "    loss = model.recon_loss(z, data.edges) + model.reg_loss(z)\n    loss.backward()\n"
        "    optimizer.step()\n    test()\n"
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "task") == ["link prediction"]


def test_capsules_of_embeddings_see_no_pictures(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom torch import nn\n"
        "def squash(x):\n    n = (x ** 2).sum(-1, keepdim=True)\n    return n / (1 + n) * x / torch.sqrt(n)\n"
        "class Interests(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        {first}\n        self.weights = nn.Parameter(torch.randn(1, 20, 4, 16, 16))\n"
        "    def forward(self, x):\n        votes = (self.weights @ self.first(x)[:, :, None, :, None]).squeeze(-1)\n"
        "        logits = torch.zeros(votes.shape[:3])\n        for turn in range(3):\n"
        "            chances = torch.softmax(logits, dim=2)\n"
        "            capsule = squash((chances[..., None] * votes).sum(1, keepdim=True))\n"
        "            logits = logits + (votes * capsule).sum(-1)\n        return capsule\n"
        "net = Interests()\n" + DESCENT.replace("{loss}", "own_margin").replace("{", "{{").replace("}", "}}")
    )
    for name, first in (("words", "nn.Embedding(1000, 16)"), ("seen", "nn.Conv2d(1, 16, 9)")):
        written = script.format(first=f"self.first = {first}")
        found = analysed(tmp_path, {f"{name}.py": written}, f"{name}.py")
        assert "Capsule" in values(found, "architecture")
        assert ("image classification" in values(found, "task")) is (name == "seen")


LEARNER = """
import {imports}
import torch
def learn(settings):
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=settings["rate"])
    for epoch in range(settings["epochs"]):
        torch.nn.functional.mse_loss(net(x), y).backward()
        optimizer.step()
"""


def test_a_path_that_starts_anew_at_the_root_is_followed_whatever_stands_before_it(tmp_path: Path) -> None:
    script = LEARNER.format(imports="argparse, json, os") + (
        "parser = argparse.ArgumentParser()\nparser.add_argument('--config_path')\nargs = parser.parse_args()\n"
        "with open(os.path.join(os.path.dirname(os.getcwd()), args.config_path)) as file:\n    learn(json.load(file))\n"
    )
    settings = '{"rate": %s, "epochs": 7, "layers": 2}'
    files = {"config/a.json": settings % 0.1, "config/b.json": settings % 0.2, "trainers/train.py": script}
    found = analysed(tmp_path, files, "config/b.json")
    assert values(found, "learning_rate") == [0.2] and values(found, "epochs") == [7]


HELPED = """
from functools import partial
from options import add_arguments
parser = argparse.ArgumentParser()
add_arg = partial(add_arguments, argparser=parser)
add_arg("configs", str, "configs/a.yml", "the settings")
add_arg("rate_told", float, 0.5, "a rate")
args = parser.parse_args()
near = f"configs/{args.configs}.yml"
path = near if os.path.exists(near) else args.configs
with open(path) as file:
    learn(yaml.safe_load(file))
"""
OPTIONS = """
def add_arguments(name, type, default, help, argparser, **given):
    argparser.add_argument("--" + name, default=default, type=type, help=help, **given)
"""


def test_options_that_a_helper_adds_take_configurations_too(tmp_path: Path) -> None:
    settings = "rate: {}\nepochs: 7\nlayers: 2\n"
    files = {
        "train.py": LEARNER.format(imports="argparse, os, yaml") + HELPED,
        "options.py": OPTIONS,
        "configs/a.yml": settings.format(0.1),
        "configs/b.yml": settings.format(0.2),
    }
    for entry, rate in (("train.py", 0.1), ("configs/b.yml", 0.2)):
        found = analysed(tmp_path, files, entry)
        assert values(found, "learning_rate") == [rate] and values(found, "epochs") == [7]
    assert sorted(names(tmp_path, files)) == ["configs/b.yml", "train.py"]


def test_data_of_moleculenet_are_known_by_their_loaders(tmp_path: Path) -> None:
    script = (
        "import deepchem as dc\nimport torch\ntasks, (train, valid, test), _ = dc.molnet.load_tox21()\n"
        "data = train.iterbatches(32)\nnet = torch.nn.Linear(1024, 12)\n" + DESCENT.format(loss="torch.nn.BCELoss()")
    )
    assert values(analysed(tmp_path, {"fit.py": script}, "fit.py"), "datasets") == ["Tox21"]


def test_a_grid_to_draw_on_is_no_change_of_variables(tmp_path: Path) -> None:
    script = (
        "import numpy as np\nimport torch\nfrom torch import nn\n"
        "net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))\n"
        + DESCENT.format(loss="nn.MSELoss()")
        + "xx, yy = {drawn}\nheight = yy - xx ** 2\n"
    )
    for name, drawn, wanted in (("grid", "np.meshgrid(a, a)", False), ("turned", "turn(a)", True)):
        found = analysed(tmp_path, {f"{name}.py": script.format(drawn=drawn)}, f"{name}.py")
        assert ("Flow" in values(found, "architecture")) is wanted


def test_what_is_kept_says_what_is_dropped(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\nx = tf.placeholder(tf.float32, [None, 8])\n"
        "y = tf.layers.dense(tf.nn.dropout(x, keep_prob=0.9), 1)\n"
        "step = tf.train.AdamOptimizer(0.01).minimize(tf.losses.mean_squared_error(x, y))\n"
        "with tf.Session() as session:\n    for epoch in range(4):\n        session.run(step)\n"
    )
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "dropout") == [0.1]


def test_a_layer_of_keras_takes_what_it_is_handed_of_neighbours(tmp_path: Path) -> None:
    script = (
        "import tensorflow as tf\nfrom tensorflow.keras.layers import Input, Layer\n"
        "from tensorflow.keras.models import Model\n"
        "class Mean(Layer):\n    def build(self, shapes):\n"
        "        self.weight = self.add_weight(shape=(16, 8), name='weight')\n"
        "    def call(self, inputs):\n        features, nodes, neighbours = inputs\n"
        "        near = tf.nn.embedding_lookup(features, neighbours)\n"
        "        return tf.matmul(tf.reduce_mean(near, axis=1), self.weight)\n"
        "start = [Input((16,)), Input((1,)), Input((10,))]\nmodel = Model(start, Mean()(start))\n"
        "model.compile('adam', 'categorical_crossentropy')\nmodel.fit(x, y, epochs=20)\n"
    )
    assert "GNN" in values(analysed(tmp_path, {"train.py": script}, "train.py"), "architecture")


def test_a_package_that_checks_something_when_it_is_imported_is_no_model(tmp_path: Path) -> None:
    files = {
        "goods/__init__.py": "def check():\n    pass\ncheck()\nfrom goods import models\nModel = models.Model\n",
        "goods/models.py": "import tensorflow as tf\nclass Model(tf.keras.Model):\n    def train_step(self, x):\n"
        "        with tf.GradientTape() as tape:\n            loss = self(x)\n"
        "        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.weights), self.weights))\n",
        "train.py": "from goods.models import Model\nmodel = Model()\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n",
    }
    assert names(tmp_path, files) == ["train.py"]
    started = files["goods/__init__.py"] + "if __name__ == '__main__':\n    Model().compile('adam', 'mse')\n"
    assert "goods/__init__.py" in names(tmp_path, files | {"goods/__init__.py": started})


def test_tensorflow_is_known_that_another_library_passes_on(tmp_path: Path) -> None:
    script = (
        "from waves.flow import *\nx = tf.random.uniform([100, 1])\n"
        "y = tf.layers.dense(tf.layers.dense(x, 20, activation=tf.tanh), 1)\n"
        "step = tf.train.GradientDescentOptimizer(0.02).minimize(tf.reduce_mean(tf.square(y - tf.sin(x))))\n"
        "with tf.Session() as session:\n    for step_made in range(1000):\n        session.run(step)\n"
    )
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "architecture") == ["MLP"] and values(found, "optimizer") == ["SGD"]
