"""Workers of Ray, which build and train in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

WORKER = """
import ray
import torch

@ray.remote(num_gpus=1)
class Worker:
    def __init__(self, width, rate):
        self.net = torch.nn.Linear(width, 2)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=rate)

    def train(self, size):
        for x, y in torch.utils.data.DataLoader(numbers, batch_size=size):
            torch.nn.functional.cross_entropy(self.net(x), y).backward()
            self.optimizer.step()

@ray.remote
def started(rate):
    worker = BUILT(8, rate)
    ray.get(worker.train.remote(48))

if __name__ == "__main__":
    ray.get(started.remote(0.07))
"""


@pytest.mark.parametrize("built", ["Worker.remote", "Worker.options(max_concurrency=2).remote"])
def test_what_runs_in_another_process_is_followed_as_if_here(tmp_path: Path, built: str) -> None:
    told = analysed(tmp_path, {"train.py": WORKER.replace("BUILT", built)})
    assert values(told, "optimizer") == ["SGD"]
    assert values(told, "learning_rate") == [0.07]
    assert values(told, "batch_size") == [48]
