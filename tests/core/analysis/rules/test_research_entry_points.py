"""Entry points of research code: what judges trains beside it, what is built and left, TPUs, flows of functions."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, names, values


def told(folder: Path, script: str, field: str) -> list[object]:
    """The values of a field of a script."""
    return values(analysed(folder, {"train.py": script}), field)


JUDGED = """
class Probe:
    def __init__(self, codes):
        self.layer = nn.Linear(8, 2)
        self.optimizer = torch.optim.RMSprop(self.layer.parameters(), lr=0.5)
    def fit(self, codes, labels):
        for epoch in range(200):
            F.cross_entropy(self.layer(codes), labels).backward()
            self.optimizer.step()
def evaluate(encoder, data):
    probe = Probe(8)
    probe.fit(encoder(data), data)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8))
"""


def test_a_classifier_trained_to_judge_codes_is_not_the_training(tmp_path: Path) -> None:
    script = HEAD + JUDGED + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)") + "evaluate(model, data)\n"
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.01]
    assert values(found, "epochs") == [3]
    assert not {fact.stage for fact in found.facts} - {""}


def test_what_is_only_trained_under_the_name_of_a_test_is_told(tmp_path: Path) -> None:
    script = HEAD + JUDGED + "evaluate(model, torch.ones(4))\n"
    assert told(tmp_path, script, "optimizer") == ["RMSprop"]


def test_a_loss_that_the_script_never_reads_is_none(tmp_path: Path) -> None:
    script = HEAD + "model = nn.Linear(4, 4)\ncriterion = nn.CrossEntropyLoss()\n"
    assert not told(tmp_path, script + STEP.replace("LOSS", "loss = -torch.trace(model(x) @ y)"), "loss")
    script += STEP.replace("LOSS", "loss = criterion(model(x), y)")
    assert told(tmp_path, script, "loss") == ["CrossEntropyLoss"]


def test_likeness_is_a_loss_where_it_is_kept_as_one(tmp_path: Path) -> None:
    network = """
class Similar(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.alike = nn.CosineSimilarity(dim=-1)
    def forward(self, x, y):
        return self.alike(self.layer(x), y)
model = Similar()
"""
    script = HEAD + network + STEP.replace("LOSS", "loss = F.cross_entropy(model(x, y), y)")
    assert told(tmp_path, script, "loss") == ["cross_entropy"]
    script = HEAD + "model = nn.Linear(4, 4)\ncriterion = nn.CosineSimilarity(dim=1).cuda()\n"
    script += STEP.replace("LOSS", "loss = -criterion(model(x), y).mean()")
    assert told(tmp_path, script, "loss") == ["CosineSimilarity"]


def test_what_trains_by_a_loss_is_no_loss(tmp_path: Path) -> None:
    script = HEAD + """
def BPR_train_original(model, x, y):
    loss = F.softplus(model(x) - model(y)).mean()
    loss.backward()
    return loss
model = nn.Linear(4, 1)
""" + STEP.replace("LOSS", "loss = BPR_train_original(model, x, y)").replace("loss.backward()", "print()")  # fmt: skip
    assert not told(tmp_path, script, "loss")


def test_tpus_are_told_under_the_name_of_a_version_too(tmp_path: Path) -> None:
    script = """
import tensorflow.compat.v2 as tf
from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_bool("use_tpu", True, "")
def main(argv):
    strategy = tf.distribute.TPUStrategy() if FLAGS.use_tpu else tf.distribute.MirroredStrategy()
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(3)])
        model.compile("adam", "mse")
    model.fit(x, y, epochs=2)
app.run(main)
"""
    assert told(tmp_path, script, "hardware") == ["tpu"]


def test_a_flow_of_functions_gives_and_takes_log_determinants(tmp_path: Path) -> None:
    script = """
import tensorflow as tf
def scaled(name, x, logdet, reverse=False):
    with tf.variable_scope(name):
        s = tf.get_variable("s", [1, 8])
        if not reverse:
            x *= tf.exp(s)
            logdet += tf.reduce_sum(s)
        else:
            x *= tf.exp(-s)
            logdet -= tf.reduce_sum(s)
        return tf.layers.dense(x, 8), logdet
x = tf.placeholder(tf.float32, [None, 8])
z, change = scaled("one", x, 0.0)
drawn = scaled("two", tf.random_normal([4, 8]) * tf.exp(z) + z, 0.0, reverse=True)
loss = tf.reduce_mean(z ** 2) - change
train = tf.train.AdamOptimizer(1e-3).minimize(loss)
with tf.Session() as sess:
    for step in range(100):
        sess.run(train, {x: data})
"""
    assert told(tmp_path, script, "architecture")[0] == "Flow"


LAYERS = """
import tensorflow as tf
class Layer(object):
    def __call__(self, inputs):
        return self._call(inputs)
class Spread(Layer):
    def __init__(self, size, graph):
        self.graph = graph
        self.weights = tf.get_variable("w%d" % size, [8, size])
    def _call(self, inputs):
        return tf.sparse_tensor_dense_matmul(self.graph, tf.matmul(inputs, self.weights))
class Model(object):
    def __init__(self, inputs, graph):
        self.inputs, self.graph, self.layers = inputs, graph, []
        self.build()
    def build(self):
        self._build()
"""
TRAINING = """
model = Coder(tf.placeholder(tf.float32, [None, 8]), tf.sparse_placeholder(tf.float32))
train = tf.train.AdamOptimizer(0.01).minimize(tf.reduce_mean(model.outputs))
with tf.Session() as sess:
    for epoch in range(200):
        sess.run(train)
"""


def test_what_puts_layers_of_its_own_one_after_the_other_is_a_network(tmp_path: Path) -> None:
    at_once = """
class Coder(Model):
    def _build(self):
        self.hidden = Spread(8, self.graph)(self.inputs)
        self.outputs = Spread(4, self.graph)(self.hidden)
"""
    assert "Coder" in told(tmp_path, LAYERS + at_once + TRAINING, "model_classes")
    in_a_list = """
class Coder(Model):
    def _build(self):
        self.layers.append(Spread(8, self.graph))
        self.layers.append(Spread(4, self.graph))
        self.outputs = self.layers[1](self.layers[0](self.inputs))
"""
    assert "Coder" in told(tmp_path, LAYERS + in_a_list + TRAINING, "model_classes")
    held = """
class Coder(Model):
    def _build(self):
        self.first, self.second = Spread(8, self.graph), Spread(4, self.graph)
        self.outputs = self.second(self.first(self.inputs))
"""
    assert "Coder" not in told(tmp_path, LAYERS + held + TRAINING, "model_classes")


def test_a_loop_that_is_switched_off_ends_at_a_limit(tmp_path: Path) -> None:
    script = HEAD + """
model = nn.Linear(2, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
steps, going = 0, True
while going:
    for x, y in loader:
        F.mse_loss(model(x), y).backward()
        optimizer.step()
        steps += 1
        if steps > 5000:
            going = False
            break
"""  # fmt: skip
    assert told(tmp_path, script, "steps") == [5000]


FILES_OF_OPTIONS = """
import configargparse
import torch
parser = configargparse.ArgumentParser()
parser.add_argument("--config", is_config_file=True)
parser.add_argument("--n_rays", type=int, default=32 * 32, help="batch size (rays of one step)")
parser.add_argument("--rate", type=float, default=1e-3)
args = parser.parse_args()
model = torch.nn.Linear(3, 4)
optimizer = torch.optim.Adam(model.parameters(), lr=args.rate)
at = 0
for step in range(200):
    torch.mean((model(rays[at : at + args.n_rays]) - colours) ** 2).backward()
    optimizer.step()
    at += args.n_rays
"""


def test_texts_called_configurations_hold_options(tmp_path: Path) -> None:
    files = {"train.py": FILES_OF_OPTIONS, "config_cup.txt": "n_rays = 64\nrate = 0.5\n", "notes.txt": "a = b\n"}
    files["paper_configs/jug.txt"] = "rate = 0.25\n"
    assert names(tmp_path, files) == ["config_cup.txt", "paper_configs/jug.txt", "train.py"]
    cup = analysed(tmp_path, files, "config_cup.txt")
    assert (values(cup, "batch_size"), values(cup, "learning_rate")) == ([64], [0.5])
    assert values(cup, "settings.n_rays") == [64]
    assert values(analysed(tmp_path, files), "batch_size") == [1024]


def test_kinds_of_tokens_and_places_added_in_a_function_tell_bert(tmp_path: Path) -> None:
    script = """
import tensorflow as tf
def embed(words, kinds, width=8):
    output = words
    table = tf.get_variable("kinds", [2, width])
    token_type_embeddings = tf.matmul(tf.one_hot(kinds, 2), table)
    output += token_type_embeddings
    position_embeddings = tf.get_variable("places", [128, width])
    output += position_embeddings
    return tf.contrib.layers.layer_norm(output)
def attend(x, width=8):
    query, key, value = tf.layers.dense(x, width), tf.layers.dense(x, width), tf.layers.dense(x, width)
    scores = tf.matmul(query, key, transpose_b=True) * 0.35
    return tf.matmul(tf.nn.softmax(scores), value)
def block(x, width=8):
    x = tf.contrib.layers.layer_norm(x + attend(x))
    inner = tf.layers.dense(x, 4 * width, activation=tf.nn.relu)
    return tf.contrib.layers.layer_norm(x + tf.layers.dense(inner, width))
words = tf.nn.embedding_lookup(tf.get_variable("words", [1000, 8]), tf.placeholder(tf.int32, [None, 128]))
x = embed(words, tf.placeholder(tf.int32, [None, 128]))
for layer in range(4):
    x = block(x)
train = tf.train.AdamOptimizer(1e-4).minimize(tf.reduce_mean(x))
with tf.Session() as sess:
    sess.run(train)
"""
    assert told(tmp_path, script, "architecture")[0] == "BERT"


def test_a_network_that_tells_its_own_codes_apart_is_no_gan(tmp_path: Path) -> None:
    script = HEAD + """
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.pair = nn.Bilinear(4, 4, 1)
    def forward(self, whole, right, wrong):
        return torch.cat((self.pair(right, whole), self.pair(wrong, whole)), 1)
class Readout(nn.Module):
    def forward(self, codes):
        return torch.mean(codes, 1)
class Infomax(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.read, self.disc = nn.Linear(8, 4), Readout(), Discriminator()
    def forward(self, one, other):
        right = self.encoder(one)
        whole = torch.sigmoid(self.read(right))
        return self.disc(whole, right, self.encoder(other))
model = Infomax()
probe = nn.Linear(4, 2)
probing = torch.optim.Adam(probe.parameters(), lr=0.1)
"""  # fmt: skip
    script += STEP.replace("LOSS", "loss = F.binary_cross_entropy_with_logits(model(x, y), z)\n        probing.step()")
    assert "GAN" not in told(tmp_path, script, "architecture")


def test_a_layer_of_keras_may_take_graphs_off_its_inputs(tmp_path: Path) -> None:
    script = """
from keras import backend as K
from keras.layers import Input, Layer
from keras.models import Model
class GraphConvolution(Layer):
    def build(self, shape):
        self.W = self.add_weight((8, 4), name="W")
    def call(self, inputs, mask=None):
        features = inputs[0]
        A = inputs[1:]
        supports = K.concatenate([K.dot(A[i], features) for i in range(2)], axis=1)
        return K.dot(supports, self.W)
nodes, graphs = Input(shape=(8,)), [Input(shape=(None,)) for _ in range(2)]
model = Model(input=[nodes] + graphs, output=GraphConvolution()([nodes] + graphs))
model.compile("adam", "categorical_crossentropy")
model.fit(x, y, nb_epoch=5)
"""
    assert told(tmp_path, script, "architecture")[0] == "GCN"
