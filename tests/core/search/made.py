"""A small catalogue made by hand: what is searched is known exactly, whatever the analyser reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.catalog import text_index
from core.catalog.generations import ROUNDED, VECTORS
from core.catalog.reading import Reader
from core.catalog.rounded import write_rounded
from core.catalog.schema import DIMENSIONS, TABLES, VERSION
from core.catalog.tokens import words
from core.protocols import Multiplier
from core.vocabulary import fold

GENERATION = "g000001-made"


@dataclass
class Made:
    """One model: its id, facts as field -> values (None: a known none), and texts that are indexed."""

    id: str
    facts: dict[str, list[Any]] = field(default_factory=dict)
    created: str = "2024-05-01"
    modified: str = "2024-06-01"
    texts: list[str] = field(default_factory=list)
    kind: str = "script"
    images: list[tuple[str, int | None, int | None, str]] = field(default_factory=list)
    author: str = "Alice Example"


class WordEmbedder:
    """A text's words, each at a place of its own: texts that share words are near."""

    name = "words"
    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                found[row, int(hashlib.sha1(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        result: NDArray[np.float32] = found / np.where(lengths, lengths, 1)
        return result

    remember = embed

    def multiplier(self, matrix: NDArray[np.int8]) -> Multiplier:
        return lambda vector: np.asarray(vector.astype(np.int32) @ matrix)


def insert(db: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))


def make_catalogue(catalog: Path, models: Sequence[Made], around: str = "data") -> Reader:
    """Write one generation by hand and open it; its roots lie in the folder `around`."""
    folder = catalog / GENERATION
    folder.mkdir(parents=True)
    db = duckdb.connect(str(folder / "catalogue.duckdb"))
    db.execute(TABLES)
    insert(db, "meta", key="version", value=str(VERSION))
    insert(db, "meta", key="embedder", value=WordEmbedder.name)
    for label in sorted({made.id.split("/")[0] for made in models}):
        insert(db, "root", path=f"/{around}/{label}", label=label, offline=False)
    documents: list[tuple[int, int, str, tuple[str, int, int, int | None]]] = []
    passages: list[str] = []
    for number, made in enumerate(sorted(models, key=lambda each: each.id)):
        _add_model(db, number, made)
        for text in [f"{made.id} {made.facts}", *made.texts]:
            documents.append((len(passages), number, text, (f"/data/{made.id}.py", 1, 1, None)))
            insert(
                db,
                "passage",
                number=len(passages),
                model=number,
                kind="text",
                text=text,
                hash=hashlib.sha1(text.encode()).hexdigest(),
                file=f"/data/{made.id}.py",
                line=1,
                end_line=1,
            )
            passages.append(text)
        path = f"/data/{made.id}.py"
        documents.append((-1 - number, number, made.id, (path, 1, 1, None)))
    db.close()
    text_index.build(folder / "text", documents)
    vectors = WordEmbedder().embed(passages)
    vectors.tofile(folder / VECTORS)
    write_rounded(folder / ROUNDED, vectors)
    (catalog / "CURRENT").write_text(GENERATION)
    return Reader.open(catalog)


def _add_model(db: duckdb.DuckDBPyConnection, number: int, made: Made) -> None:
    suffix = {"script": ".py", "notebook": ".ipynb", "config": ".yaml"}[made.kind]
    path = f"/data/{made.id}{suffix}"
    grid: dict[str, list[Any]] = {"id": [made.id], "path": [path]}
    position = 0
    for name, values in made.facts.items():
        grid[name] = [value for value in values if value is not None]
        for value in values:
            insert(
                db,
                "fact",
                model=number,
                position=position,
                field=name,
                value=json.dumps(value),
                folded=fold(str(value)),
                number=value if isinstance(value, int | float) else None,
                file=path,
                line=position + 1,
                end_line=position + 1,
                how="module constant",
                stage="",
            )
            position += 1
    insert(
        db,
        "model",
        number=number,
        id=made.id,
        path=path,
        kind=made.kind,
        script=None,
        aliases=[],
        root=f"/data/{made.id.split('/')[0]}",
        offline=False,
        created=f"{made.created}T12:00:00+00:00",
        modified=f"{made.modified}T12:00:00+00:00",
        created_day=made.created,
        modified_day=made.modified,
        created_at=datetime.fromisoformat(made.created).timestamp(),
        author=made.author,
        commits=2,
        size=1000 + number,
        modified_at=datetime.fromisoformat(made.modified).timestamp(),
        created_from="git",
        modified_from="git",
        lines=50 + number,
        warnings=[],
        files=[path],
        digest="",
        grid=json.dumps(grid),
        found_warnings=[],
        writes="[]",
    )
    for place, (image, epoch, step, label) in enumerate(made.images):
        insert(
            db,
            "image",
            model=number,
            position=place,
            path=f"/data/{made.id}/{image}",
            epoch=epoch,
            step=step,
            label=label,
            stage="",
            created="2024-06-01",
            modified="2024-06-01",
            width=8,
            height=8,
            readable=True,
            why="near",
        )


def facts(**values: Any) -> dict[str, list[Any]]:
    """Facts, single values without their brackets; `settings_x` is `settings.x`."""
    found = {name.replace("settings_", "settings."): value for name, value in values.items()}
    return {name: value if isinstance(value, list) else [value] for name, value in found.items()}


COLLECTION = [
    Made(
        "lab/digits/ae/v1/train",
        facts(
            architecture=["Autoencoder", "MLP"],
            datasets="MNIST",
            optimizer="Adam",
            learning_rate=0.001,
            batch_size=64,
            epochs=20,
            framework="PyTorch",
            loss="mse_loss",
            hardware=["cuda", "cpu"],
        ),
        created="2024-12-20",
        modified="2024-12-20",
        texts=["Autoencoder on handwritten digits."],
        images=[
            ("samples_epoch_005.png", 5, None, "samples"),
            ("samples_epoch_010.png", 10, None, "samples"),
            ("recon_epoch_010.png", 10, None, "reconstruction"),
        ],
    ),
    Made(
        "lab/digits/ae/v2/train",
        facts(
            architecture=["Autoencoder", "MLP"],
            datasets="MNIST",
            optimizer="Adam",
            learning_rate=0.0005,
            batch_size=128,
            epochs=40,
            framework="PyTorch",
            loss="mse_loss",
            hardware="cuda",
            dropout=0.5,
        ),
        created="2025-01-31",
        modified="2025-02-02",
        texts=["Autoencoder on handwritten digits, longer."],
    ),
    Made(
        "lab/fashion/train_clothes",
        facts(
            architecture=["VAE", "Autoencoder"],
            datasets="Fashion-MNIST",
            optimizer="AdamW",
            learning_rate=0.002,
            batch_size=256,
            epochs=30,
            framework="PyTorch",
            scheduler="CosineAnnealingLR",
            weight_decay=0.01,
            settings_kl_weight=0.5,
        ),
        created="2025-03-01",
        modified="2025-03-01",
        texts=["Draws clothes."],
        images=[
            ("sample_class_Sneaker_epoch_10.png", 10, None, "Sneaker"),
            ("sample_class_Bag_epoch_10.png", 10, None, "Bag"),
        ],
    ),
    Made(
        "lab/cifar/resnet/train",
        facts(
            architecture=["ResNet", "CNN"],
            datasets="CIFAR-10",
            optimizer="SGD",
            learning_rate=[0.1, 0.01],
            batch_size=128,
            epochs=200,
            framework="PyTorch",
            momentum=0.9,
            loss="CrossEntropyLoss",
            parameters=11000000,
        ),
        created="2025-03-28",
        modified="2025-05-20",
        texts=["resnet18 on small colour photos"],
    ),
    Made(
        "lab/faces/dcgan",
        facts(
            architecture=["DCGAN", "GAN", "CNN"],
            datasets="CelebA",
            optimizer="Adam",
            learning_rate=0.0002,
            batch_size=128,
            epochs=25,
            framework="PyTorch",
            loss="binary_cross_entropy_with_mask",
            hardware="cuda",
        ),
        created="2024-03-05",
        modified="2024-04-01",
        texts=["A generator against a discriminator."],
    ),
    Made(
        "other/text/lstm",
        facts(
            architecture=["LSTM", "RNN"],
            datasets="IMDb",
            optimizer="RMSprop",
            learning_rate=0.001,
            batch_size=32,
            epochs=5,
            framework=["Keras", "TensorFlow"],
            task="sentiment analysis",
        ),
        kind="notebook",
        author="Bob Writer",
        created="2023-07-01",
        modified="2023-07-02",
        texts=["Tells whether film reviews are friendly."],
    ),
    Made(
        "other/rl/dqn",
        facts(
            architecture="DQN",
            task="reinforcement learning",
            environment="BreakoutNoFrameskip-v4",
            optimizer="Adam",
            learning_rate=0.00025,
            steps=1000000,
            framework="PyTorch",
            settings_gamma=0.99,
            settings_buffer_size=100000,
        ),
        created="2023-07-09",
        modified="2025-06-01",
    ),
    Made(
        "other/rl/ppo",
        facts(
            architecture=["PPO", "Actor-Critic", "Policy Gradient"],
            task="reinforcement learning",
            environment="CartPole-v1",
            optimizer="Adam",
            framework="PyTorch",
            settings_gamma=0.95,
        ),
        created="2022-01-01",
        modified="2022-01-01",
    ),
    Made(
        "other/byhand",
        facts(architecture="Linear", optimizer=[None], framework="NumPy", learning_rate=0.1, epochs=100),
        created="2021-01-01",
        modified="2021-01-01",
        texts=["A straight line without a library."],
    ),
    Made(
        "other/unknown", {}, created="2020-02-02", modified="2020-02-02", texts=["Nothing is said here."], kind="config"
    ),
]
