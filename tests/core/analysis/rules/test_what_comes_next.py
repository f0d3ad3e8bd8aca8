"""Tasks told by what of a series is seen, by what follows each letter, and by the name of a script."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, values

AHEAD = """
class Net(nn.Module):
    def __init__(self, lookback, horizon):
        super().__init__()
        self.out = nn.Sequential(nn.Linear(lookback, 64), nn.ReLU(), nn.Linear(64, horizon))
    def forward(self, x):
        return self.out(x)
model = Net(48, 12)
"""
BIGRAMS = """
data = torch.tensor([ord(letter) for letter in open("input.txt").read()])
def get_batch():
    at = torch.randint(len(data) - 8, (32,))
    return torch.stack([data[i:i + 8] for i in at]), torch.stack([data[i + 1:i + 9] for i in at])
class Bigram(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(65, 65)
    def forward(self, x):
        return self.table(x)
model = Bigram()
x, y = get_batch()
"""


def test_what_is_seen_and_what_is_wanted_of_a_series_say_that_it_is_forecast(tmp_path: Path) -> None:
    for network, told in ((AHEAD, "time series forecasting"), (AHEAD.replace("horizon", "wanted"), "regression")):
        script = HEAD + network + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
        assert values(analysed(tmp_path / told, {"train.py": script}, "train.py"), "task") == [told]


def test_a_table_of_what_follows_each_letter_is_a_language_model(tmp_path: Path) -> None:
    script = HEAD + BIGRAMS + STEP.replace("LOSS", "loss = F.cross_entropy(model(x).view(-1, 65), y.view(-1))")
    assert values(analysed(tmp_path, {"train.py": script}, "train.py"), "task") == ["language modelling"]


def test_a_classifier_whose_loss_is_not_known_is_told_by_the_name_of_its_script(tmp_path: Path) -> None:
    script = HEAD + "\nmodel = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))\n"
    script += STEP.replace("LOSS", "loss = score(model(x), y)")
    for name, told in (("run_classifier.py", ["classification"]), ("run_declassifier.py", [])):
        assert values(analysed(tmp_path, {name: script}, name), "task") == told
