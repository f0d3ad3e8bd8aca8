"""What files, folders, headings and docstrings are called says what for, where code for many things does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

NETWORK = """
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
"""
ACTING = """
import gymnasium as gym
env = gym.make("CartPole-v1")
model = nn.Linear(4, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for episode in range(100):
    state, _ = env.reset()
    state, reward, done, _, _ = env.step(0)
    loss = -model(state).sum() * reward
    loss.backward()
    optimizer.step()
"""


def written(loss: str, said: str = "") -> str:
    return said + HEAD + NETWORK + STEP.replace("LOSS", f"loss = F.{loss}(model(x), y)")


@pytest.mark.parametrize(
    ("path", "loss", "task"),
    [
        ("train.py", "cross_entropy", "classification"),
        ("sentiment_analysis.py", "cross_entropy", "sentiment analysis"),
        ("03.NamedEntityRecognition.py", "cross_entropy", "token classification"),
        ("time-series-anomaly-detection.py", "mse_loss", "anomaly detection"),
        ("stock_price_prediction.py", "mse_loss", "time series forecasting"),
        ("Speaker-Recognition/main.py", "cross_entropy", "speaker recognition"),
        ("recommender/train.py", "mse_loss", "recommendation"),
        ("image-captioning/train.py", "cross_entropy", "image captioning"),
        ("anomaly-detection/demo/train.py", "mse_loss", "regression"),
        ("policy-gradient-agent.py", "policy(x)", "reinforcement learning"),
        ("image_captioning_and_vqa.py", "cross_entropy", "classification"),
        ("word_segmentation.py", "cross_entropy", "classification"),
        ("translation/train.py", "cross_entropy", "classification"),
        ("chatbot/a/b/c/train.py", "cross_entropy", "classification"),
        ("no_style_transfer.py", "cross_entropy", "classification"),
        ("beyond_style_transfer.py", "cross_entropy", "classification"),
        ("pose-estimation/pretraining/train.py", "cross_entropy", "classification"),
    ],
)
def test_names_of_files_and_folders_say_what_for(tmp_path: Path, path: str, loss: str, task: str) -> None:
    folder = tmp_path / "collection" / "by" / "somebody"
    assert values(analysed(folder, {path: written(loss)}, path), "task") == [task]


def test_the_first_line_of_a_docstring_says_what_for(tmp_path: Path) -> None:
    told = written("cross_entropy", '"""Spam filter: text classification of short messages.\n\nNot captioning."""\n')
    assert values(analysed(tmp_path, {"filter.py": told}, "filter.py"), "task") == ["text classification"]


def test_what_acts_is_not_renamed(tmp_path: Path) -> None:
    name = "stock_forecasting.py"
    assert values(analysed(tmp_path, {name: HEAD + ACTING}, name), "task") == ["reinforcement learning"]


def test_a_name_tells_no_more_of_what_guesses_the_next_word(tmp_path: Path) -> None:
    network = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.memory, self.out = nn.Embedding(90, 8), nn.LSTM(8, 8), nn.Linear(8, 90)
    def forward(self, x):
        return self.out(self.memory(self.words(x))[0])
model = Net()
"""
    told = HEAD + network + STEP.replace("LOSS", "loss = F.cross_entropy(model(x[:, :-1]), x[:, 1:])")
    for name, task in (("text_generation.py", "language modelling"), ("music_generation.py", "music generation")):
        assert values(analysed(tmp_path / task, {name: told}, name), "task") == [task]
