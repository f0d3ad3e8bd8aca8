"""Transformers over series of numbers: attention of other kinds, norms over the batch, convolutions that only serve."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SERIES = """
import torch
from torch import nn, optim
from torch.nn import functional as F

class Inner(nn.Module):
    def forward(self, {given}):
        spectra = torch.fft.rfft(queries, dim=1) * torch.conj(torch.fft.rfft(keys, dim=1))
        return torch.fft.irfft(spectra, dim=1) * values

class Outer(nn.Module):
    def __init__(self, inner, size):
        super().__init__()
        self.inner = inner
        self.q, self.k, self.v = nn.Linear(size, size), nn.Linear(size, size), nn.Linear(size, size)
    def forward(self, {given}):
        return self.inner(self.q(queries), self.k(keys), self.v(values))

class Block(nn.Module):
    def __init__(self, attention, size):
        super().__init__()
        self.attention = attention
        self.wide, self.narrow = nn.Conv1d(size, 4 * size, 1), nn.Conv1d(4 * size, size, 1)
        self.first, self.second = {norm}(size), {norm}(size)
    def forward(self, x):
        x = x + self.first(self.attention(x, x, x))
        y = self.narrow(torch.relu(self.wide(x.transpose(1, 2)))).transpose(1, 2)
        return {added}

class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv1d(7, 64, 3, padding=1)
        self.layers = nn.ModuleList([Block(Outer(Inner(), 64), 64) for _ in range(4)])
        self.head = nn.Linear(64, 7)
    def forward(self, x):
        x = self.embed(x.transpose(1, 2)).transpose(1, 2)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)

net = Forecaster()
opt = optim.Adam(net.parameters(), lr=1e-4)
for x, y in torch.utils.data.DataLoader(series, batch_size=32):
    F.mse_loss(net(x), y).backward()
    opt.step()
"""


@pytest.mark.parametrize(
    ("given", "norm", "added", "told"),
    [
        ("queries, keys, values", "nn.LayerNorm", "self.second(x + y)", True),
        ("queries, keys, values", "nn.BatchNorm1d", "self.second(x + y)", True),
        ("queries, keys, values", "nn.BatchNorm1d", "self.second(y)", False),
        ("values, queries, keys", "nn.LayerNorm", "self.second(x + y)", False),
    ],
)
def test_attention_that_wraps_another_makes_a_transformer(
    tmp_path: Path, given: str, norm: str, added: str, told: bool
) -> None:
    code = SERIES.replace("{given}", given).replace("{norm}", norm).replace("{added}", added)
    found = values(analysed(tmp_path, {"train.py": code}), "architecture")
    assert ("Transformer" in found, "CNN" in found) == (told, not told)


def test_weights_that_are_divided_in_place(tmp_path: Path) -> None:
    code = """
    from keras import backend as K, models, layers
    class AttLayer(layers.Layer):
        def build(self, shape):
            self.w = K.variable(shape)
        def call(self, x):
            scores = K.exp(K.squeeze(K.dot(K.tanh(x), self.w), -1))
            scores /= K.sum(scores, axis=1, keepdims=True) + K.epsilon()
            weighed = x * K.expand_dims(scores)
            return K.sum(weighed, axis=1)
    net = models.Sequential([layers.Bidirectional(layers.GRU(9, return_sequences=True)), AttLayer(), layers.Dense(2)])
    net.compile("rmsprop", "mse")
    net.fit(x, y)
    """
    assert "Attention" in values(analysed(tmp_path, {"train.py": code}), "architecture")


def test_weights_whose_largest_is_taken_off_before_they_are_divided(tmp_path: Path) -> None:
    code = """
    import torch
    from torch import nn
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(8, 8, batch_first=True)
            self.attend = nn.Linear(8, 1)
            self.out = nn.Linear(8, 2)
        def forward(self, x):
            states, _ = self.rnn(x)
            att = self.attend(states)
            att = torch.exp(att - att.max())
            shares = att / torch.sum(att, dim=1, keepdim=True)
            weighed = states * shares
            return self.out(weighed.sum(dim=1))
    net = Reader()
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in loader:
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["GRU", "RNN", "Attention"]


def test_weights_that_are_shared_out_in_another_kind_of_number(tmp_path: Path) -> None:
    code = """
    import jax, optax
    import jax.numpy as jnp
    from flax import linen as nn
    class Attend(nn.Module):
        dtype: str = "float32"
        @nn.compact
        def __call__(self, x):
            q, k, v = jnp.array_split(nn.Dense(24)(x), 3, axis=2)
            scores = jax.nn.softmax(jnp.einsum("bqd,bkd->bqk", q, k)).astype(self.dtype)
            return jnp.einsum("bqk,bkd->bqd", scores, v)
    net = Attend()
    for step in range(9):
        gradients = jax.grad(lambda p: net.apply(p, x).sum())(net.init(key, x))
        weights = optax.apply_updates(weights, optax.adam(1e-3).update(gradients, state))
    """
    assert "Attention" in values(analysed(tmp_path, {"train.py": code}), "architecture")
