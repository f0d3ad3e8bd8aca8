"""Digit classifiers, one config each: `python train.py --config configs/mlp.yaml`.

`--data DIR` takes MNIST's files in a folder instead of scikit-learn's digits. Prints one line an epoch; run it as
`python train.py | tee runs/cnn/train.log`.
"""

import argparse
import gzip
import os

import numpy as np
import torch
import yaml
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class ConvNet(nn.Module):
    """Two convolutions and a linear head."""

    def __init__(self, channels, dropout):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(channels, 2 * channels, 3, padding=1),
            nn.BatchNorm2d(2 * channels),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * channels * 4, 10)

    def forward(self, x):
        return self.head(self.dropout(self.features(x).flatten(1)))


class Perceptron(nn.Module):
    """Linear layers only."""

    def __init__(self, hidden, dropout):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 10),
        )

    def forward(self, x):
        return self.layers(x)


def read_idx(path):
    """One file of MNIST, gzipped or not: the last byte of its first four says how many sizes follow."""
    with gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb") as file:
        data = file.read()
    shape = np.frombuffer(data, ">i4", count=data[3], offset=4)
    return torch.tensor(np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape))


def load(folder):
    """Pictures and labels, and which of them are to train and to test."""
    if folder is None:
        digits = load_digits()
        x, y = torch.tensor(digits.images / 16, dtype=torch.float32), torch.tensor(digits.target)
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
        return x.unsqueeze(1), y, order[:1437], order[1437:]
    parts = [os.path.join(folder, part) for part in ("train", "t10k")]
    x = torch.cat([read_idx(part + "-images-idx3-ubyte") for part in parts]).unsqueeze(1)
    y = torch.cat([read_idx(part + "-labels-idx1-ubyte") for part in parts]).long()
    order = torch.arange(len(y))
    train = len(read_idx(parts[0] + "-labels-idx1-ubyte"))
    return F.avg_pool2d(F.pad(x / 255, (2, 2, 2, 2)), 4), y, order[:train], order[train:]


def build(config):
    if config["model"] == "cnn":
        return ConvNet(config["channels"], config["dropout"])
    return Perceptron(config["hidden"], config["dropout"])


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def draw_mistakes(model, x, y, path):
    """The test digits that were read wrong, at most 16; black where there are fewer."""
    with torch.no_grad():
        wrong = x[model(x).argmax(1) != y][:16].cpu()
    tiles = torch.zeros(16, 8, 8)
    tiles[: len(wrong)] = wrong[:, 0]
    grid = F.pad(tiles.reshape(2, 8, 8, 8), (1, 1, 1, 1), value=0.4).permute(0, 2, 1, 3).reshape(20, 80)
    Image.fromarray((grid.numpy() * 255).astype(np.uint8)).resize((400, 100), Image.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="configs/cnn.yaml")
    parser.add_argument("--data", help="a folder with the files of MNIST")
    args = parser.parse_args()
    with open(args.config) as file:
        config = yaml.safe_load(file)
    torch.manual_seed(config["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    x, y, train, test = load(args.data)
    loader = DataLoader(TensorDataset(x[train], y[train]), batch_size=config["batch_size"], shuffle=True)
    test_x, test_y = x[test].to(device), y[test].to(device)

    model = build(config).to(device)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=config["lr"], momentum=config["momentum"], weight_decay=config["weight_decay"]
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=config["epochs"])
    out = os.path.join("runs", config["name"])
    os.makedirs(out, exist_ok=True)
    for epoch in range(1, config["epochs"] + 1):
        model.train()
        losses = []
        for images, labels in loader:
            loss = F.cross_entropy(model(images.to(device)), labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        reached = accuracy(model, test_x, test_y)
        print(f"Epoch {epoch}/{config['epochs']} train_loss: {np.mean(losses):.4f} test_acc: {reached:.4f}", flush=True)
    draw_mistakes(model, test_x, test_y, os.path.join(out, "mistakes.png"))
    torch.save(model.state_dict(), os.path.join(out, "model.pt"))


if __name__ == "__main__":
    main()
