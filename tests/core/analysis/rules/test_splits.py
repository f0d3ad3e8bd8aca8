"""Data that is loaded for evaluation alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.judging import is_evaluation
from tests.core.analysis.writing import analysed, values

TRAIN = """
import torch
from datasets import load_dataset
from torch.utils.data import DataLoader
def get_data(name, mode):
    if name == "wikitext103":
        data = load_dataset("wikitext", name="wikitext-103-raw-v1")
    else:
        data = load_dataset(name)
    return data[mode]
def loaders():
    first_set = get_data("{first}", "train")
    valid_set = get_data("{second}", "validation")
    return DataLoader(first_set, batch_size=8), DataLoader(valid_set, batch_size=8)
net = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
train_loader, valid_loader = loaders()
for x, y in train_loader:
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("first", "second", "told"), [("imdb", "wikitext103", ["IMDb"]), ("wikitext103", "imdb", ["WikiText-103"])]
)
def test_what_a_function_loads_when_called_for_evaluation(
    tmp_path: Path, first: str, second: str, told: list[str]
) -> None:
    facts = analysed(tmp_path, {"train.py": TRAIN.replace("{first}", first).replace("{second}", second)})
    assert values(facts, "datasets") == told


def test_names_of_values_speak_of_no_evaluation() -> None:
    names = ("default_val", "max_val", "val", "x_val", "val_loader")
    assert [is_evaluation(name) for name in names] == [False, False, True, True, True]
