"""Numbers and data that are stated beside training, and reach it by no way: to judge by, to look at, or before another
takes their place."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

TRAINED = """
    net = nn.Linear(784, 10)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(5):
        for x, y in LOADER:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
"""
IMPORTS = """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset
"""


def batches(folder: Path, code: str, loader: str = "loader", before: str = IMPORTS) -> list[object]:
    return values(analysed(folder, {"train.py": before + code + TRAINED.replace("LOADER", loader)}), "batch_size")


OWN_LOADERS = """
    class Pairs(Dataset):
        def __init__(self, path):
            self.items = list(open(path))
    class PairLoader(DataLoader):
        def __init__(self, data, size):
            super().__init__(data, batch_size=size, shuffle=True)
    class LargeLoader(DataLoader):
        def __init__(self, data, batch_size=7):
            super(LargeLoader, self).__init__(dataset=data, batch_size=batch_size)
    first = PairLoader(Pairs("a.txt"), 32)
    valid = PairLoader(Pairs("b.txt"), 100)
    test = LargeLoader(Pairs("c.txt"))
"""


def test_loaders_of_the_users_are_asked_what_they_build_their_base_with(tmp_path: Path) -> None:
    assert batches(tmp_path, OWN_LOADERS, "first") == [32]


def test_a_state_laid_out_to_draw_alone_is_no_batch(tmp_path: Path) -> None:
    code = """
    class Writer(nn.Module):
        def initial_state(self, batch_size):
            return torch.zeros(1, batch_size, 64)
    def sample_text(writer):
        return writer.initial_state(batch_size=3)
    writer = Writer()
    state = writer.initial_state(batch_size=1)
    sample_text(writer)
    loader = batches_of("a.txt")
    """
    assert batches(tmp_path, code) == []


def test_what_functions_of_judging_hand_on_is_not_trained_with(tmp_path: Path) -> None:
    code = """
    def build(split, batch_size):
        return make_batches(split, batch_size=batch_size)
    def build_train():
        return build("train", batch_size=int(256 / 8))
    def build_test():
        return build("test", batch_size=int(200 / 8))
    loader, judged = build_train(), build_test()
    """
    assert batches(tmp_path, code) == [32]


def test_a_number_for_an_example_is_not_told_beside_the_one_that_takes_its_place(tmp_path: Path) -> None:
    code = """
    batch_size = 2
    example = net_of(torch.rand(4, batch_size, 10))
    def batches_of(size):
        return make_batches(size)
    batch_size = 32
    loader = batches_of(batch_size)
    """
    assert batches(tmp_path, code) == [32]


FITTED_TWICE = """
    from fastai.vision import *
    bs = 8
    data = src.transform(size=64).databunch(bs=bs)
    learn = unet_learner(data, models.resnet34)
    learn.fit_one_cycle(10)
    bs = 3
    data = src.transform(size=128).databunch(bs=bs)
    learn = unet_learner(data, models.resnet34)
    learn.fit_one_cycle(10)
"""


def test_each_number_that_a_learner_is_fitted_with_is_told(tmp_path: Path) -> None:
    assert sorted(values(analysed(tmp_path, {"train.py": FITTED_TWICE}), "batch_size")) == [3, 8]


def test_a_loader_that_is_first_checked_does_not_train(tmp_path: Path) -> None:
    code = """
    from monai.utils import first
    looked_at = DataLoader(files, batch_size=1)
    print(first(looked_at))
    loader = DataLoader(files, batch_size=4)
    """
    assert batches(tmp_path, code) == [4]


def test_a_loader_whose_first_batch_is_taken_is_not_the_one_that_is_fitted(tmp_path: Path) -> None:
    code = """
    import torch
    import pytorch_lightning as pl
    from torch import nn
    from torch.utils.data import DataLoader
    class Net(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(4, 2)
        def training_step(self, batch, at):
            return nn.functional.mse_loss(self.net(batch[0]), batch[1])
        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=1e-3)
    many = DataLoader(data, batch_size=256)
    pictures = next(iter(many))
    loader = DataLoader(data, batch_size=128)
    pl.Trainer(max_epochs=3).fit(Net(), loader)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "batch_size") == [128]


def test_a_section_for_judging_tells_no_batch_of_training(tmp_path: Path) -> None:
    code = """
    from yacs.config import CfgNode as CN
    cfg = CN()
    cfg.SOLVER = CN()
    cfg.SOLVER.PER_BATCH = 64
    cfg.TEST = CN()
    cfg.TEST.PER_BATCH = 128
    loader = DataLoader(files, batch_size=cfg.SOLVER.PER_BATCH)
    train_plain = DataLoader(files, batch_size=cfg.TEST.PER_BATCH)
    """
    assert batches(tmp_path, code) == [64]


def test_schedules_of_other_things_than_the_rate_are_none(tmp_path: Path) -> None:
    code = """
    import jax, optax
    alpha_schedule = optax.linear_schedule(0.0, 1.0, 100)
    rate = optax.cosine_decay_schedule(1e-3, 100)
    optimizer = optax.adam(rate)
    state = optimizer.init(weights)
    for step in range(100):
        updates, state = optimizer.update(jax.grad(loss)(weights), state)
        weights = optax.apply_updates(weights, updates)
    """
    assert values(analysed(tmp_path, {"train.py": code}), "scheduler") == ["CosineAnnealingLR"]


def test_a_world_to_judge_in_is_not_the_one_that_trains(tmp_path: Path) -> None:
    code = """
    import gym
    env = gym.make("Maze-v0")
    judged = gym.make("Maze_testing-v0")
    """
    code = IMPORTS + code + TRAINED.replace("LOADER", "data")
    assert values(analysed(tmp_path, {"train.py": code}), "environment") == ["Maze-v0"]


def test_a_batch_that_fit_is_given_is_not_for_inference_alone(tmp_path: Path) -> None:
    code = """
    import argparse
    from keras.layers import Dense
    from keras.models import Sequential
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch_size", type=int, default=48, help="size of a batch at inference")
    options = parser.parse_args()
    net = Sequential([Dense(8, activation="relu"), Dense(2)])
    net.compile(loss="mse", optimizer="adam")
    net.fit(inputs, outputs, epochs=3, batch_size=BATCH)
    """
    for given, told in (("options.batch_size", [48]), ("24", [24])):
        script = code.replace("BATCH", given)
        assert values(analysed(tmp_path, {"train.py": script}), "batch_size") == told
