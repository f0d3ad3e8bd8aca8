"""A plain autoencoder on digits, to compare with vae.py: same layers, same settings (config.yaml), no noise, no KL."""

import argparse
import csv
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from digits import load
from figures import plot_latent, plot_losses, save_grid
from networks import Autoencoder

OUT = Path("runs/autoencoder")

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config.yaml")
parser.add_argument("--data", help="a folder with MNIST's files")
args = parser.parse_args()
config = yaml.safe_load(Path(args.config).read_text())

torch.manual_seed(config["seed"])
OUT.mkdir(parents=True, exist_ok=True)
train_x, train_y, test_x, test_y = load(args.data)
model = Autoencoder(config["hidden"], config["latent_dim"])
optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])


def nats(decoded, x):
    """Squared error in the unit that the VAE's loss has, per picture."""
    return F.mse_loss(decoded, x, reduction="sum") / (2 * config["sigma"] ** 2 * len(x))


history = []
for epoch in range(1, config["epochs"] + 1):
    total = 0.0
    for batch in torch.randperm(len(train_x)).split(config["batch_size"]):
        loss = nats(model(train_x[batch]), train_x[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    with torch.no_grad():
        decoded = model(test_x)
        history.append({"epoch": epoch, "train_loss": total / len(train_x), "test_loss": nats(decoded, test_x).item()})
        if epoch % config["picture_every"] == 0 or epoch == config["epochs"]:
            pairs = torch.stack([test_x[:40].reshape(5, 8, 64), decoded[:40].reshape(5, 8, 64)], dim=1)
            save_grid(pairs.flatten(0, 2), OUT / f"reconstruction_epoch_{epoch:03d}.png", columns=8)
            plot_latent(
                model.encoder(test_x), test_y, OUT / f"latent_epoch_{epoch:03d}.png", "autoencoder, test digits"
            )
            print("epoch {epoch}: train {train_loss:.3f} test {test_loss:.3f}".format(**history[-1]), flush=True)

with open(OUT / "metrics.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, history[0])
    writer.writeheader()
    writer.writerows({name: round(value, 4) for name, value in row.items()} for row in history)
plot_losses(history, OUT / "losses.png")
torch.save(model.state_dict(), OUT / "model.pt")
