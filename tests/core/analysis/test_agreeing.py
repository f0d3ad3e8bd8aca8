"""What a run tells whichever of many classes it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

CLASSES = """
class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(9, 2)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.3)
    def forward(self, x):
        return self.body(x)
class Seeing(Plain):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(1, 2, 3)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=RATE)
class Second(Plain): pass
class Third(Plain): pass
class Fourth(Seeing): pass
networks = {"plain": Plain, "seeing": Seeing, "second": Second, "third": Third, "fourth": FOURTH}
p = argparse.ArgumentParser()
p.add_argument("--network", required=True)
args = p.parse_args()
model = networks[args.network]()
"""


@pytest.mark.parametrize(
    ("rate", "fourth", "told"),
    [
        ("0.3", "Fourth", {"optimizer": ["SGD"], "learning_rate": [0.3], "architecture": []}),
        ("0.1", "Fourth", {"optimizer": ["SGD"], "learning_rate": [], "architecture": []}),
        ("0.3", "nn.Identity", {"optimizer": [], "learning_rate": [], "architecture": []}),
    ],
)
def test_what_all_classes_of_a_table_agree_on_is_told(
    tmp_path: Path, rate: str, fourth: str, told: dict[str, list[object]]
) -> None:
    training = STEP.replace("LOSS", "loss = model(x).sum()").replace("optimizer = torch", "# torch")
    training = training.replace("optimizer.", "model.optimizer.")
    code = HEAD + CLASSES.replace("RATE", rate).replace("FOURTH", fourth) + training
    found = analysed(tmp_path, {"train.py": code})
    assert {field: values(found, field) for field in told} == told


def test_of_very_many_classes_nothing_is_asked(tmp_path: Path) -> None:
    many = "".join(f"\nclass Net{at}(Plain): pass\nnetworks['{at}'] = Net{at}" for at in range(9))
    classes = CLASSES.replace("RATE", "0.3").replace("FOURTH", "Fourth").replace("\np = arg", f"{many}\np = arg")
    training = STEP.replace("LOSS", "loss = model(x).sum()").replace("optimizer = torch", "# torch")
    found = analysed(tmp_path, {"train.py": HEAD + classes + training.replace("optimizer.", "model.optimizer.")})
    assert values(found, "learning_rate") == []
