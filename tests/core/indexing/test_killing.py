"""SIGKILL at any moment: the catalogue opens, what the user wrote is there, and the next run completes the work."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.indexing.run import index

KILLS = 20
HOME = Path(__file__).parents[3]
CODE = """
import sys; import modelsearch; from pathlib import Path
import duckdb, tantivy, numpy, core.analysis.analyser, core.analysis.discovery
from core.indexing.run import index
import core.indexing.run as run
sys.path.insert(0, sys.argv[3])
run.PATIENCE = 0.05  # publish often, so that kills fall into publishing too
class Embedder:
    name, dimensions = "fake", 384
    def embed(self, texts):
        return numpy.ones((len(texts), 384), dtype=numpy.float32) / 384**0.5
print("ready", flush=True)
index(Path(sys.argv[1]), [Path(sys.argv[2])], embedder=lambda: Embedder())
print("done", flush=True)
"""
SCRIPT = """import torch
LR = {rate}
model = torch.nn.Linear({size}, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=LR)
for epoch in range({size}):
    loss = model(torch.ones({size})).sum()
    loss.backward()
    optimizer.step()
"""


def start(catalog: Path, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CODE, str(catalog), str(root), str(HOME)]
    process = subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def test_killed_at_twenty_moments_it_opens_each_time_and_is_completed(tmp_path: Path) -> None:
    root, catalog = tmp_path / "scripts", tmp_path / "catalogue"
    root.mkdir()
    chance = random.Random(3)
    for number in range(12):
        (root / f"train_{number}.py").write_text(SCRIPT.format(rate=0.001 * (number + 1), size=number + 1))
    began = time.monotonic()
    assert start(catalog, root).wait() == 0
    whole = time.monotonic() - began
    user = UserFile(catalog)
    for number in range(KILLS):
        (root / f"train_{number % 12}.py").write_text(SCRIPT.format(rate=0.1 * (number + 1), size=number + 2))
        process = start(catalog, root)
        time.sleep(chance.uniform(0, whole / 2))
        user.note(f"scripts/train_{number % 12}", f"note {number}")
        process.kill()
        process.communicate()
        reader = Reader.open(catalog)
        assert len(reader.models()) == 12
        assert len(user.all_notes()) == min(number + 1, 12)
        reader.close()
    index(catalog, [root])
    fresh = tmp_path / "fresh"
    index(fresh, [root])
    assert Reader.open(catalog).models() == Reader.open(fresh).models()
    assert user.notes("scripts/train_7") == ["note 19"]
    folders = [path.name for path in catalog.iterdir() if path.is_dir()]
    assert len(folders) <= 2 and not any(name.startswith("new-") for name in folders)


def test_killed_in_the_first_run_the_roots_are_known_to_the_next(tmp_path: Path) -> None:
    root, catalog = tmp_path / "scripts", tmp_path / "catalogue"
    root.mkdir()
    (root / "train.py").write_text(SCRIPT.format(rate=0.1, size=3))
    process = start(catalog, root)
    process.kill()
    process.communicate()
    Reader.open(catalog).models()
    index(catalog, [root])
    assert Reader.open(catalog).ids() == ("scripts/train",)
