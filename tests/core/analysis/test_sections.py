"""Options in sections, which decorators hand to functions."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

SCRIPT = """
    import torch
    from argparse import ArgumentParser
    from fastargs import Param, Section, get_current_config
    from fastargs.decorators import param

    Section("data", "what is read").params(batch_size=Param(int, "the batch", default=512))
    Section("fit", "how it trains").params(
        lr=Param(float, "the rate", default=0.5),
        epochs=Param(int, "how long", required=True),
        decay=Param(float, "the decay", default=1e-3),
    )

    class Trainer:
        def __init__(self):
            self.net = torch.nn.Linear(1, 1)
            self.make_optimizer()

        @param("fit.lr", "rate")
        @param("fit.decay")
        def make_optimizer(self, rate, decay):
            self.optimizer = torch.optim.SGD(self.net.parameters(), lr=rate, weight_decay=decay)

        @classmethod
        @param("fit.epochs")
        def run(cls, epochs):
            trainer, config = cls(), get_current_config()
            loader = torch.utils.data.DataLoader([1], batch_size=config["data.batch_size"])
            for epoch in range(epochs):
                for x in loader:
                    trainer.net(x).sum().backward()
                    trainer.optimizer.step()

    if __name__ == "__main__":
        get_current_config().augment_argparse(ArgumentParser())
        Trainer.run()
"""


def test_sections_are_told_by_the_chosen_file_and_else_by_their_defaults(tmp_path: Path) -> None:
    told = {
        "small_configs/a.yaml": "fit:\n  lr: 1.7\n  epochs: 16\n",
        "small_configs/b.yaml": "data:\n  batch_size: 64\nfit:\n  epochs: 88\n",
    }
    files = {"train.py": SCRIPT, **told}
    assert names(tmp_path, files) == list(told)
    first, second = (analysed(tmp_path, files, name) for name in told)
    fields = ("learning_rate", "epochs", "batch_size", "weight_decay")
    assert [values(first, field) for field in fields] == [[1.7], [16], [512], [0.001]]
    assert [values(second, field) for field in fields] == [[0.5], [88], [64], [0.001]]


def test_what_is_required_and_not_told_is_unknown(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SCRIPT})
    assert values(found, "epochs") == [] and values(found, "learning_rate") == [0.5]
