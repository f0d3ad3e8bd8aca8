"""Models and artefacts for the tests of reports, made by hand."""

from __future__ import annotations

from core.analysis.facts import Fact, Layer, Place, Value
from core.artifacts.records import Artefacts, Checkpoint, Image, Metric, Series
from core.catalog.model import Dates, Model


def model(
    name: str, warnings: tuple[str, ...] = (), layers: tuple[Layer, ...] = (), **values: Value | list[Value]
) -> Model:
    """A model whose facts stand on lines 10, 11, ... of /data/NAME.py; a list is several values of one field."""
    path = f"/data/{name}.py"
    facts = []
    for field, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            line = 10 + len(facts)
            facts.append(Fact(field, one, Place(path, line, line), "call argument"))
    dates = Dates("2025-03-01T10:00:00+01:00", "2025-03-04T10:00:00+01:00", "git", "git", "Ada", 5)
    return Model(name, path, "script", None, (), "/data", False, dates, 5120, 180, tuple(facts), layers, (), warnings)


GAN = model(
    "gan/train",
    framework="PyTorch",
    architecture=["DCGAN", "GAN", "CNN"],
    task="image generation",
    model_classes=["Generator", "Discriminator"],
    datasets="CIFAR-10",
    batch_size=128,
    learning_rate=0.0002,
    optimizer="Adam",
    epochs=50,
    loss="BCELoss",
    betas=(0.5, 0.999),
    hardware=["cuda", "cpu"],
    parameters=6_300_000,
    scheduler=None,
)

VAE = model(
    "vae/train",
    framework="PyTorch",
    architecture=["VAE", "Autoencoder"],
    task="image generation",
    model_classes="VAE",
    datasets="MNIST",
    batch_size=64,
    learning_rate=0.001,
    optimizer="Adam",
    epochs=20,
    seed=42,
    latent_dim=20,
)

LINEAR = model("linear/train", framework="PyTorch", datasets="MNIST", batch_size=64, learning_rate=0.1, optimizer="SGD")


def series(name: str, split: str, *values: float) -> Series:
    return Series("/data/log.csv", name, split, "epoch", tuple(enumerate(values, 1)), "named by the script")


RUN = Artefacts(
    images=(
        Image("/data/s1.png", 1, None, "", "", "", "", 8, 8, True, ""),
        Image("/data/s9.png", 9, None, "", "", "", "", 0, 0, False, ""),
    ),
    checkpoints=(Checkpoint("/data/w.pt", "torch", 4_200_000, 20, 653_000, (), "", True, ""),),
    series=(series("loss", "train", 0.9, 0.3, 0.1), series("loss", "validation", 0.95, 0.4, 0.5)),
    metrics=(
        Metric("loss", 0.5, "validation", 3, Place("/data/log.csv", 4, 4)),
        Metric("accuracy", 0.91, "test", None, Place("/data/log.csv", 9, 9)),
    ),
)
