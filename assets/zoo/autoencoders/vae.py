"""A variational autoencoder on digits, with the settings of config.yaml, and how it differs from autoencoder.py.

Run autoencoder.py first: at the end both draw the same test digits again.
"""

import argparse
import csv
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml
from digits import load
from figures import compare, plane, plot_latent, plot_losses, save_grid
from networks import Autoencoder, VariationalAutoencoder

OUT = Path("runs/vae")

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config.yaml")
parser.add_argument("--data", help="a folder with MNIST's files")
args = parser.parse_args()
config = yaml.safe_load(Path(args.config).read_text())

torch.manual_seed(config["seed"])
OUT.mkdir(parents=True, exist_ok=True)
train_x, train_y, test_x, test_y = load(args.data)
model = VariationalAutoencoder(config["hidden"], config["latent_dim"])
optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])


def terms(x):
    """Reconstruction and KL of a batch, in nats per picture; pixels are Gaussian with deviation sigma."""
    decoded, mean, log_variance = model(x)
    reconstruction = F.mse_loss(decoded, x, reduction="sum") / (2 * config["sigma"] ** 2 * len(x))
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / len(x)
    return reconstruction, kl


history = []
for epoch in range(1, config["epochs"] + 1):
    total = 0.0
    for batch in torch.randperm(len(train_x)).split(config["batch_size"]):
        reconstruction, kl = terms(train_x[batch])
        loss = reconstruction + kl
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    with torch.no_grad():
        reconstruction, kl = (term.item() for term in terms(test_x))
        row = {"epoch": epoch, "train_loss": total / len(train_x), "test_loss": reconstruction + kl}
        history.append({**row, "test_reconstruction": reconstruction, "test_kl": kl})
        if epoch % config["picture_every"] == 0 or epoch == config["epochs"]:
            save_grid(model.decode(plane()), OUT / f"plane_epoch_{epoch:03d}.png", columns=15)
            plot_latent(model.encode(test_x)[0], test_y, OUT / f"latent_epoch_{epoch:03d}.png", "VAE, test digits")
            print(
                "epoch {epoch}: train {train_loss:.3f} test {test_loss:.3f} kl {test_kl:.3f}".format(**history[-1]),
                flush=True,
            )

with open(OUT / "metrics.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, history[0])
    writer.writeheader()
    writer.writerows({name: round(value, 4) for name, value in row.items()} for row in history)
plot_losses(history, OUT / "losses.png")
torch.save(model.state_dict(), OUT / "model.pt")

plain = Autoencoder(config["hidden"], config["latent_dim"])
plain.load_state_dict(torch.load("runs/autoencoder/model.pt", weights_only=True))
with torch.no_grad():
    redrawn = plain(test_x), model.decode(model.encode(test_x)[0])
compare(test_x, *redrawn, OUT / "compared_with_autoencoder.png")
errors = {name: F.mse_loss(x, test_x).item() for name, x in zip(("autoencoder", "vae"), redrawn, strict=True)}
print("squared error of a test pixel:", {name: round(error, 5) for name, error in errors.items()})
