"""Matrix factorization, told by the product of two embeddings."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from tests.core.analysis.writing import program

TORCH = """
from torch import nn
class Net(nn.Module):
    def __init__(self, users, items):
        super().__init__()
        self.u, self.i = nn.Embedding(users, 8), nn.Embedding(items, 8)
    def forward(self, user, item):
        {}
net = Net(10, 20)
"""
KERAS = """
from keras.layers import Dense, Dot, Embedding, Flatten, Input, concatenate, merge
users, items = Input((1,)), Input((1,))
user_table = Embedding(10, 8)
item_table = Embedding(20, 8)
u = Flatten()(user_table(users))
i = Flatten()(item_table(items))
"""


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (TORCH.format("return (self.u(user) * self.i(item)).sum(1)"), True),
        (TORCH.format("a, b = self.u(user), self.i(item)\n        return a @ b.T"), True),
        (TORCH.format("return self.u(user) + self.i(item)"), False),
        (TORCH.format("return self.u(user) * self.u(item)"), False),
        (TORCH.format("return (self.u(user) @ self.i(item)).softmax(1)"), False),
        (KERAS + "score = Dot(1)([u, i])", True),
        (KERAS + "score = Dense(1)(merge([u, i], mode='mul'))", True),
        (KERAS + "score = Dense(1)(merge([u, i], mode='concat'))", False),
    ],
)
def test_a_product_of_two_embeddings(tmp_path: Path, code: str, found: bool) -> None:
    families = [fact.value for fact in architecture(program(tmp_path, {"train.py": code}))]
    assert ("Matrix Factorization" in families) is found
