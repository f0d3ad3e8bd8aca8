"""A framework that nobody has is known once it has a file, as CONTRIBUTING says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from core.vocabulary import FOLDER

ROOT = Path(__file__).parents[3]
SCRIPT = """
import lantern as ln
from lantern import nn, losses
class Classifier(nn.Network):
    def __init__(self):
        self.layers = [nn.Conv2d(1, 8, 3), nn.Linear(8, 10)]
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
model = Classifier()
optimizer = ln.Adam(model.parameters(), lr=3e-4)
for epoch in range(7):
    loss = losses.cross_entropy_loss(model(x), y)
    loss.backward()
    optimizer.step()
"""
PROGRAM = """
import json, sys
from pathlib import Path
import modelsearch
from core import vocabulary
vocabulary.FOLDER = Path(sys.argv[1])
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.outline import outline
from core.analysis.source import read_source
path = sys.argv[2]
source = read_source(path)
[model] = discover({path: outline(source)}, str(Path(path).parent))
print(json.dumps([[fact.field, fact.value] for fact in analyse(model, read_source).facts]))
"""


def test_a_framework_is_a_file(tmp_path: Path) -> None:
    [example] = re.findall(
        r"```toml\n(# assets/vocabulary/frameworks/.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.S
    )
    words = tmp_path / "vocabulary"
    shutil.copytree(FOLDER, words)
    (words / "frameworks" / "lantern.toml").write_text(example)
    script = tmp_path / "study" / "train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    command = [sys.executable, "-c", PROGRAM, str(words), str(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    facts = dict(json.loads(done.stdout))
    wanted = {"framework": "Lantern", "optimizer": "Adam", "learning_rate": 3e-4, "epochs": 7, "architecture": "CNN"}
    assert wanted.items() <= facts.items()
    assert facts["loss"] == "cross_entropy_loss" and facts["model_classes"] == "Classifier"
