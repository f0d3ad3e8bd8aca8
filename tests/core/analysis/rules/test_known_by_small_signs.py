"""Families, tasks and settings that are known by small signs: how layers multiply, what is called a forecast."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

GRAPH = """
from keras import backend as K
from keras.engine import Layer
from keras.layers import Input
from keras.models import Model

class GraphConvolution(Layer):
    def build(self, shapes):
        self.kernel = self.add_weight(shape=(shapes[0][1], 8))
    def call(self, inputs):
        gathered = K.concatenate([K.dot(each, inputs[0]) for each in inputs[1:]])
        return K.dot(gathered, self.kernel)

x, near = Input((4,)), Input((None,))
model = Model([x, near], GraphConvolution()([x, near]))
model.compile("adam", "categorical_crossentropy")
model.fit(data, labels)
"""
HIGHWAY = """
import torch
from torch import nn

class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(16, 16))
    def step(self, x, h_prev):
        gate, new = torch.split(torch.cat([x, h_prev], dim=-1).mm(self.weight), 8, dim=-1)
        return h_prev + gate.sigmoid() * (new.tanh() - h_prev)
    def forward(self, x):
        h = x[0]
        for each in x:
            h = self.step(each, h)
        return h

model = nn.Sequential(Cell(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
for x, y in loader:
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""
STRIDES = """
import torch
from torch import nn

seeing = [nn.Conv2d(4, 32, 5, stride=5), nn.ReLU(), nn.Conv2d(32, 64, 5, stride=5), nn.Flatten()]
model = nn.Sequential(*seeing, nn.Linear(576, 4))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y in loader:
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("code", "family"), [(GRAPH, "GCN"), (HIGHWAY, "RNN"), (STRIDES, "CNN")])
def test_families(tmp_path: Path, code: str, family: str) -> None:
    assert values(analysed(tmp_path, {"train.py": code}), "architecture")[0] == family


SPREAD = """
import tensorflow as tf

class Recommender:
    def __init__(self, near):
        self.users = tf.get_variable("users", [100, 8])
        self.items = tf.get_variable("items", [50, 8])
        told = tf.concat([self.users, self.items], 0)
        for _ in range(3):
            told = tf.sparse_tensor_dense_matmul(near, told)
        users, items = tf.split(told, [100, 50], 0)
        self.u = tf.nn.embedding_lookup(users, tf.placeholder(tf.int32))
        self.i = tf.nn.embedding_lookup(items, tf.placeholder(tf.int32))
        self.loss = tf.reduce_mean(tf.nn.softplus(-tf.reduce_sum(tf.multiply(self.u, self.i), axis=1)))
        self.step = tf.train.AdamOptimizer(0.01).minimize(self.loss)

model = Recommender(near)
with tf.Session() as session:
    for epoch in range(9):
        session.run(model.step)
"""


def test_what_is_spread_over_a_graph_is_one_before_its_product(tmp_path: Path) -> None:
    families = values(analysed(tmp_path, {"train.py": SPREAD}), "architecture")
    assert families[:2] == ["GNN", "Matrix Factorization"]


FORECAST = """
import torch
from torch import nn

def clip_gradient(model, most):
    for each in model.parameters():
        each.grad.mul_(most / max(each.grad.norm(), most))

class Trainer(nn.Module):
    def __init__(self, net, optimizer):
        super().__init__()
        self.net = net
        self.optimizer = optimizer(net.parameters(), lr=0.01)
    def learn(self, x, target):
        forecast = self.net(x)
        nn.functional.mse_loss(forecast, target).backward()
        clip_gradient(self.net, 10.0)
        self.optimizer.step()

class Net(nn.Module):
    def __init__(self, dim_z=16):
        super().__init__()
        self.first, self.last = nn.Linear(8, dim_z), nn.Linear(dim_z, 2)
    def forward(self, x):
        return self.last(self.first(x))

trainer = Trainer(Net(dim_z=16), torch.optim.Adam)
for x, target in loader:
    trainer.learn(x, target)
"""


def test_a_trainer_of_forecasts_that_clips_by_hand(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": FORECAST})
    assert values(found, "task") == ["time series forecasting"]
    assert values(found, "grad_clip") == [10]
    assert values(found, "model_classes") == ["Net"]
    assert values(found, "latent_dim") == [16]


SPEAKERS = """
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

class SpeakerDatasetTIMITCut(Dataset):
    def __getitem__(self, index):
        return torch.zeros(40), 1

net = nn.Linear(40, 8)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for x, y in DataLoader(SpeakerDatasetTIMITCut(), batch_size=4):
    nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
CLOUDS = """
import torch
from torch import nn
from data import ModelNet40

net = nn.Sequential(nn.Conv1d(3, 64, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 40))
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
shape_ious = []
for points, kind in torch.utils.data.DataLoader(ModelNet40("data/modelnet40"), batch_size=16):
    nn.functional.cross_entropy(net(points), kind).backward()
    optimizer.step()
"""


def test_data_sets_named_in_capitals_within_a_class(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SPEAKERS}), "datasets") == ["TIMIT"]


def test_a_name_that_nothing_reads_says_nothing_of_clouds(tmp_path: Path) -> None:
    data = "class ModelNet40:\n    def __getitem__(self, index):\n        return 1\n"
    found = analysed(tmp_path, {"train.py": CLOUDS, "data.py": data})
    assert values(found, "task") == ["point cloud classification"]
