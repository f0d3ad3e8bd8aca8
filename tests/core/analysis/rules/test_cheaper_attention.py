"""Attention of small libraries, made cheaper."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, values

SLIDES = """
from nystrom_attention import NystromAttention
class Slides(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(64)
        self.attend = NystromAttention(dim=64, heads=4)
        self.last = nn.Linear(64, 2)
    def forward(self, x):
        x = x + self.attend(self.norm(x))
        return self.last(x[:, 0])
loader = torch.utils.data.DataLoader(load("camelyon16/slides"), batch_size=1)
model = Slides()
"""


def test_attention_by_landmarks_is_attention(tmp_path: Path) -> None:
    step = STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    found = analysed(tmp_path, {"train.py": HEAD + SLIDES + step})
    assert (values(found, "architecture"), values(found, "datasets")) == (["Attention"], ["Camelyon16"])
