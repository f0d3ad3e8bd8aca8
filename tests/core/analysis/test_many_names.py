"""A run that must be told which of many networks to build says of none that it builds it."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TRAIN = """
    import argparse
    import torch
    from torch import nn

    parser = argparse.ArgumentParser()
    parser.add_argument("--net", DEFAULT)
    args = parser.parse_args()
    if args.net == "dense":
        net = nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 2))
    elif args.net == "conv":
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(9, 2))
    elif args.net == "lstm":
        net = nn.LSTM(9, 2)
    elif args.net == "gru":
        net = nn.GRU(9, 2)
    elif args.net == "plain":
        net = nn.RNN(9, 2)
    else:
        raise ValueError(args.net)
    opt = torch.optim.Adam(net.parameters())
    for epoch in range(5):
        for x, y in loader:
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
"""


def test_nothing_is_said_of_what_must_be_chosen(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TRAIN.replace("DEFAULT", "required=True")})
    assert values(found, "architecture") == []
    assert values(found, "optimizer") == ["Adam"]


def test_a_default_is_a_choice(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TRAIN.replace("DEFAULT", 'default="gru"')})
    assert values(found, "architecture") == ["GRU", "RNN"]


ROW = """
    import argparse
    import torch
    from torch import nn

    def build(name):
        if name == "dense":
            return nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 2))
        if name == "conv":
            return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(9, 2))
        if name == "lstm":
            return nn.LSTM(9, 2)
        if name in ("gru", "gated"):
            return nn.GRU(9, 2)
        if name == "plain":
            return nn.RNN(9, 2)
        raise ValueError(name)

    parser = argparse.ArgumentParser()
    parser.add_argument("--net", DEFAULT)
    net = build(parser.parse_args().net)
    opt = torch.optim.Adam(net.parameters())
    for epoch in range(5):
        for x, y in loader:
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
"""


def test_a_row_of_branches_that_return_is_a_choice_of_one(tmp_path: Path) -> None:
    unknown = analysed(tmp_path / "a", {"train.py": ROW.replace("DEFAULT", "required=True")})
    assert values(unknown, "architecture") == []
    known = analysed(tmp_path / "b", {"train.py": ROW.replace("DEFAULT", 'default="gru"')})
    assert values(known, "architecture") == ["GRU", "RNN"]


TABLE = """
    import argparse
    import torch
    from torch import nn

    NETS = {"lstm": nn.LSTM, "gru": nn.GRU, "plain": nn.RNN, "dense": nn.Linear, "rows": nn.Embedding}
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", DEFAULT)
    net = NETS[parser.parse_args().net](9, 2)
    opt = torch.optim.Adam(net.parameters())
    for epoch in range(5):
        for x, y in loader:
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
"""


def test_a_table_of_many_is_a_choice_of_one(tmp_path: Path) -> None:
    unknown = analysed(tmp_path / "a", {"train.py": TABLE.replace("DEFAULT", "required=True")})
    assert values(unknown, "architecture") == []
    known = analysed(tmp_path / "b", {"train.py": TABLE.replace("DEFAULT", 'default="gru"')})
    assert values(known, "architecture") == ["GRU", "RNN"]
