"""Tables of what is made at once: what no setting picks is not used."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TABLE = """
    import argparse, torch
    from torch import nn
    from torchvision import datasets

    SETS = {"mnist": datasets.MNIST("data"), "cifar10": datasets.CIFAR10("data")}
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="mnist", choices=list(SETS.keys()))
    args = parser.parse_args()
    model = nn.Linear(784, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    PICK
    for x, y in torch.utils.data.DataLoader(data, batch_size=8):
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""


def test_what_no_setting_picks_of_a_table_is_not_used(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TABLE.replace("PICK", "data = SETS[args.data]")})
    assert values(found, "datasets") == ["MNIST"]


def test_a_table_that_is_gone_through_is_used_whole(tmp_path: Path) -> None:
    pick = "data = SETS[args.data]; other = torch.utils.data.ConcatDataset(list(SETS.values()))"
    found = analysed(tmp_path, {"train.py": TABLE.replace("PICK", pick)})
    assert values(found, "datasets") == ["MNIST", "CIFAR-10"]


def test_what_is_made_before_it_is_put_into_a_table_is_used(tmp_path: Path) -> None:
    asked = "for key in ['epochs', 'seed']:\n        print(globals()[key])"
    code = TABLE.replace("PICK", f"epochs, seed, data = 3, 1, SETS['mnist']\n    {asked}")
    assert values(analysed(tmp_path, {"train.py": code}), "optimizer") == ["Adam"]


APART = """
    import torch
    from torch import nn
    from torchvision import datasets

    data, far = datasets.MNIST("data", train=True), datasets.KMNIST("data", train=False)
    model = nn.Linear(784, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for x, y in torch.utils.data.DataLoader(data, batch_size=8):
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""


def test_other_data_that_are_loaded_to_test_are_not_trained_on(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": APART}), "datasets") == ["MNIST"]
