"""What is drawn of both: losses, the latent plane, reconstructions."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def save_grid(pictures, path, columns):
    """Rows of 64 pixels as pictures side by side, with a grey line between them."""
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(0, 1), (1, 1, 1, 1), value=0.4)
    grid = tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10)
    Image.fromarray((grid.numpy() * 255).astype(np.uint8)).resize((columns * 40, rows * 40), Image.NEAREST).save(path)


def plot_losses(history, path):
    """One line for each number of the history that is not the epoch."""
    plt.figure(figsize=(5, 3.5))
    for name in history[0]:
        if name != "epoch":
            plt.plot([row["epoch"] for row in history], [row[name] for row in history], label=name)
    plt.xlabel("epoch")
    plt.ylabel("nats")
    plt.legend()
    plt.tight_layout()
    plt.savefig(path, dpi=70)
    plt.close()


def plot_latent(codes, labels, path, title):
    """The plane of codes, coloured by the digit."""
    plt.figure(figsize=(5, 4.2))
    plt.scatter(codes[:, 0], codes[:, 1], c=labels, cmap="tab10", s=9, vmin=-0.5, vmax=9.5)
    plt.colorbar(ticks=range(10))
    plt.title(title)
    plt.tight_layout()
    plt.savefig(path, dpi=70)
    plt.close()


def plane(size=15, reach=2.2):
    """Codes on a square grid around the origin."""
    line = torch.linspace(-reach, reach, size)
    return torch.cartesian_prod(line.flip(0), line).flip(1)


def compare(originals, plain, variational, path):
    """Test digits and how each network draws them again: three rows for every 16 digits."""
    save_grid(torch.cat([originals[:16], plain[:16], variational[:16]]), path, columns=16)
