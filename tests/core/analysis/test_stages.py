"""Stages: phases of a run that train one after the other, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path, PurePath

import pytest

from core.analysis.analyser import analyse
from core.analysis.facts import Analysis, Candidate
from core.analysis.rules.phases import telling
from core.analysis.source import read_source
from tests.core.analysis.writing import analysed

HEAD = """
import torch
from torch import nn
from torch.utils.data import DataLoader
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)
    def forward(self, x):
        return self.layer(x)
class Critic(Encoder):
    pass
"""


def staged(analysis: Analysis, field: str) -> list[tuple[str, object]]:
    """The stages and values of a field, in order."""
    return [(fact.stage, fact.value) for fact in analysis.facts if fact.field == field]


def stages(analysis: Analysis) -> list[str]:
    """The names of all stages, in order."""
    return list(dict.fromkeys(fact.stage for fact in analysis.facts if fact.stage))


def of_script(folder: Path, source: str) -> Analysis:
    found = analysed(folder, {"train.py": HEAD + source})
    assert not found.warnings
    return found


TWO_LOOPS = """
EPOCHS = 3
data = DataLoader([], batch_size=16)
encoder, critic = Encoder(), Critic()
first = torch.optim.Adam(encoder.parameters(), lr=0.01)
second = torch.optim.SGD(critic.parameters(), lr=0.2, weight_decay=0.5)
for epoch in range(EPOCHS):
    for x in data:
        loss = nn.functional.mse_loss(encoder(x), x)
        first.zero_grad()
        loss.backward()
        first.step()
torch.save(encoder.state_dict(), "encoder.pt")
for epoch in range(70):
    for x in data:
        loss = nn.functional.l1_loss(critic(encoder(x)), x)
        loss.backward()
        second.step()
torch.save(critic.state_dict(), "last.pt")
"""


def test_two_loops_are_two_stages_named_for_their_models(tmp_path: Path) -> None:
    found = of_script(tmp_path, TWO_LOOPS)
    assert staged(found, "optimizer") == [("encoder", "Adam"), ("critic", "SGD")]
    assert staged(found, "learning_rate") == [("encoder", 0.01), ("critic", 0.2)]
    assert staged(found, "weight_decay") == [("critic", 0.5)]
    assert staged(found, "epochs") == [("encoder", 3), ("critic", 70)]
    assert staged(found, "loss") == [("encoder", "mse_loss"), ("critic", "l1_loss")]
    assert [(path.stage, path.template) for path in found.writes] == [("encoder", "encoder.pt"), ("critic", "last.pt")]


def test_the_stages_of_latent_diffusion_in_the_demo_collection() -> None:
    script = Path(__file__).parents[3] / "assets" / "zoo" / "latent_diffusion" / "train.py"
    found = analyse(Candidate(str(script), "script", files=(str(script),)), read_source)
    assert staged(found, "optimizer") == [("autoencoder", "Adam"), ("diffusion", "AdamW")]
    assert staged(found, "epochs") == [("autoencoder", 80), ("diffusion", 600)]
    assert staged(found, "batch_size") == [("", 128)]
    told = {PurePath(path.template).name: path.stage for path in found.writes}
    assert told["autoencoder.pt"] == told["autoencoder_log.csv"] == "autoencoder"
    assert told["denoiser.pt"] == told["diffusion_samples_e{epoch}.png"] == "diffusion"


def test_what_all_stages_share_is_of_none(tmp_path: Path) -> None:
    assert staged(of_script(tmp_path, TWO_LOOPS), "batch_size") == [("", 16)]


def test_a_value_said_twice_is_a_fact_of_each_stage_at_its_place(tmp_path: Path) -> None:
    found = of_script(tmp_path, TWO_LOOPS.replace("SGD", "Adam"))
    assert staged(found, "optimizer") == [("encoder", "Adam"), ("critic", "Adam")]
    places = [fact.place.line for fact in found.facts if fact.field == "optimizer"]
    assert places[1] == places[0] + 1


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            """
real, fake = Encoder(), Critic()
a = torch.optim.Adam(real.parameters(), lr=0.01)
b = torch.optim.SGD(fake.parameters(), lr=0.2)
for epoch in range(9):
    for _ in range(5):
        fake(1).mean().backward()
        b.step()
    for x in DataLoader([], batch_size=8):
        real(x).mean().backward()
        a.step()
""",
            id="networks that train together",
        ),
        pytest.param(
            """
import sys
encoder = Encoder()
if len(sys.argv) > 1:
    a = torch.optim.Adam(encoder.parameters(), lr=0.01)
    for epoch in range(9):
        encoder(1).mean().backward()
        a.step()
else:
    b = torch.optim.SGD(encoder.parameters(), lr=0.2)
    for epoch in range(5):
        encoder(1).mean().backward()
        b.step()
""",
            id="one or the other",
        ),
        pytest.param(
            """
encoder = Encoder()
a = torch.optim.Adam(encoder.parameters(), lr=0.01)
encoder(1).mean().backward()
a.step()
for epoch in range(9):
    encoder(1).mean().backward()
    a.step()
with torch.no_grad():
    for x in DataLoader([], batch_size=8):
        encoder(x)
""",
            id="a step before, a test after",
        ),
    ],
)
def test_one_phase_has_no_stage(tmp_path: Path, source: str) -> None:
    found = of_script(tmp_path, source)
    assert staged(found, "optimizer")
    assert stages(found) == []
    assert {path.stage for path in found.writes} <= {""}


def test_three_functions_name_their_phases(tmp_path: Path) -> None:
    body = """
    optimizer = torch.optim.{0}(model.parameters(), lr={1})
    for x in DataLoader([], batch_size={2}):
        loss = nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
    torch.save(model, f"{{folder}}/{3}.pt")
"""
    source = "".join(
        f"def {name}(model, folder):{body.format(*rest)}"
        for name, *rest in (
            ("pretrain", "Adam", 0.1, 8, "a"),
            ("train_codebook", "SGD", 0.2, 16, "b"),
            ("finetune_model", "Adam", 0.3, 16, "c"),
        )
    )
    source += """
if __name__ == "__main__":
    model = Encoder()
    pretrain(model, "out")
    train_codebook(model, "out")
    finetune_model(model, "out")
"""
    found = of_script(tmp_path, source)
    assert stages(found) == ["pretrain", "codebook", "finetune"]
    assert staged(found, "learning_rate") == [("pretrain", 0.1), ("codebook", 0.2), ("finetune", 0.3)]
    assert staged(found, "batch_size") == [("pretrain", 8), ("codebook", 16), ("finetune", 16)]
    assert [(path.stage, path.template) for path in found.writes] == [
        ("pretrain", "out/a.pt"), ("codebook", "out/b.pt"), ("finetune", "out/c.pt"),
    ]  # fmt: skip


def test_one_function_called_for_each_model_is_told_apart_by_what_it_is_given(tmp_path: Path) -> None:
    source = """
def train(model, rate):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for epoch in range(9):
        model(1).mean().backward()
        optimizer.step()
teacher, student = Encoder(), Encoder()
train(teacher, 0.1)
train(student, 0.2)
"""
    assert staged(of_script(tmp_path, source), "learning_rate") == [("teacher", 0.1), ("student", 0.2)]


def test_a_loop_that_calls_what_trained_before_is_a_phase(tmp_path: Path) -> None:
    source = """
encoder = Encoder()
def epoch_of():
    encoder(1).mean().backward()
    optimizer.step()
optimizer = torch.optim.Adam(encoder.parameters(), lr=0.1)
# warm up
for epoch in range(3):
    epoch_of()
optimizer = torch.optim.SGD(encoder.parameters(), lr=0.2)
# anneal
for epoch in range(8):
    epoch_of()
"""
    found = of_script(tmp_path, source)
    assert staged(found, "optimizer") == [("warm up", "Adam"), ("anneal", "SGD")]


def notebook(folder: Path, *cells: str) -> Analysis:
    """Cells that begin with `#` and a space are markdown."""
    code: dict[str, object] = {"cell_type": "code", "outputs": [], "execution_count": None}
    made: list[dict[str, object]] = [
        {**({"cell_type": "markdown"} if text.startswith("# ") else code), "metadata": {}, "source": text}
        for text in cells
    ]
    whole = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return analysed(folder, {"book.ipynb": json.dumps(whole)}, "book.ipynb")


def test_cells_of_a_notebook_are_named_by_their_headings_where_the_code_says_nothing(tmp_path: Path) -> None:
    training = "model.compile(optimizer='{}', loss='mse')\nmodel.fit(x, y, epochs={}, batch_size=32)"
    found = notebook(
        tmp_path,
        "import keras\nx = y = None\nmodel = keras.Sequential([keras.layers.Dense(3)])",
        "# Feature extraction",
        training.format("adam", 5),
        "# Fine-tuning",
        training.format("rmsprop", 2),
    )
    assert staged(found, "epochs") == [("Feature extraction", 5), ("Fine-tuning", 2)]
    assert staged(found, "batch_size") == [("Feature extraction", 32), ("Fine-tuning", 32)]


def test_a_notice_of_who_owns_a_notebook_names_no_stage(tmp_path: Path) -> None:
    training = "model.compile(optimizer='{}', loss='mse')\nmodel.fit(x, y, epochs={})"
    found = notebook(
        tmp_path,
        "# Copyright 2030 The Authors.",
        "import keras\nx = y = None\nmodel = keras.Sequential([keras.layers.Dense(3)])",
        training.format("adam", 5),
        "# Fine-tuning\n# License",
        training.format("rmsprop", 2),
    )
    assert staged(found, "epochs") == [("training", 5), ("Fine-tuning", 2)]


def test_fitting_two_estimators_is_two_stages_and_scaling_none(tmp_path: Path) -> None:
    source = """
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
x = StandardScaler().fit(None)
small = MLPClassifier((8,), solver="adam", learning_rate_init=0.1)
large = MLPClassifier((99,), solver="sgd", learning_rate_init=0.2)
small.fit(x, None)
large.fit(x, None)
"""
    found = analysed(tmp_path, {"train.py": source})
    assert staged(found, "optimizer") == [("small", "Adam"), ("large", "SGD")]
    alone = analysed(tmp_path, {"one.py": source.replace("large.fit(x, None)", "")}, "one.py")
    assert stages(alone) == []


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("train_autoencoder", "autoencoder"),
        ("AutoencoderTrainer", "Autoencoder"),
        ("train_latent_diffusion_epoch", "latent_diffusion"),
        ("UNet", "UNet"),
        ("finetune", "finetune"),
        ("train_model", ""),
        ("G", ""),
        ("", ""),
        ("42", ""),
    ],
)
def test_telling_words_of_names(name: str, left: str) -> None:
    assert telling(name) == left
