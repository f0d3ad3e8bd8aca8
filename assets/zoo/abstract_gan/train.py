"""A GAN on small abstract pictures in colour, drawn by `pictures.py` or out of a folder: `python train.py --data DIR`.

It never settles. The discriminator is ahead all the time (it gives real pictures 0.7 to 0.9 and fakes 0.05 to 0.2),
neither loss says how good the pictures are, and what one draw of noise becomes changes from one sample to the next.
With other rates or another seed the generator may well answer with the same few pictures for a while: look at the
samples, choose an epoch by eye, and do not read the last one as the best.

Prints one line an epoch; run it as `python train.py | tee results/train.log`.
"""

import argparse
import os

import matplotlib
import numpy as np
import torch
import yaml
from pictures import drawn, from_folder, save_grid
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

matplotlib.use("Agg")
import matplotlib.pyplot as plt


class Generator(nn.Module):
    """Noise to 4 x 4, doubled three times."""

    def __init__(self, latent_dim, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.ConvTranspose2d(latent_dim, 4 * channels, 4, bias=False),
            nn.BatchNorm2d(4 * channels),
            nn.ReLU(),
            nn.ConvTranspose2d(4 * channels, 2 * channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(2 * channels),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, 3, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z[:, :, None, None])


class Discriminator(nn.Module):
    """The logit of a picture being real."""

    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(2 * channels),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * channels, 4 * channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(4 * channels),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * channels, 1, 4),
        )

    def forward(self, x):
        return self.net(x).flatten()


def init_weights(module):
    """As Radford et al. (2015): small normal weights."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)


def train_epoch(generator, discriminator, optimizer_g, optimizer_d, loader, config, device):
    """One pass over the pictures; means of both losses and of the probabilities given to real and fake pictures."""
    criterion = nn.BCEWithLogitsLoss()
    means = []
    for (real,) in loader:
        real = real.to(device)
        fake = generator(torch.randn(len(real), config["latent_dim"], device=device))

        real_logits, fake_logits = discriminator(real), discriminator(fake.detach())
        loss_d = criterion(real_logits, torch.full_like(real_logits, config["real_label"]))
        loss_d = loss_d + criterion(fake_logits, torch.zeros_like(fake_logits))
        optimizer_d.zero_grad()
        loss_d.backward()
        optimizer_d.step()

        logits = discriminator(fake)
        loss_g = criterion(logits, torch.ones_like(logits))
        optimizer_g.zero_grad()
        loss_g.backward()
        optimizer_g.step()

        scores = (torch.sigmoid(real_logits).mean().item(), torch.sigmoid(fake_logits).mean().item())
        means.append((loss_d.item(), loss_g.item(), *scores))
    return np.mean(means, axis=0)


def plot(history, path):
    """Both losses and both scores by epoch."""
    loss_d, loss_g, real_score, fake_score = np.transpose(history)
    epochs = range(1, len(history) + 1)
    figure, (losses, scores) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    losses.plot(epochs, loss_d, label="discriminator")
    losses.plot(epochs, loss_g, label="generator")
    losses.set(xlabel="epoch", title="losses")
    scores.plot(epochs, real_score, label="real pictures")
    scores.plot(epochs, fake_score, label="fake pictures")
    scores.set(xlabel="epoch", title="scores", ylim=(0, 1))
    for axes in (losses, scores):
        axes.legend()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--data", help="a folder of pictures; without one they are drawn")
    args = parser.parse_args()
    with open(args.config) as file:
        config = yaml.safe_load(file)
    torch.manual_seed(config["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out = config["out"]
    os.makedirs(out, exist_ok=True)
    pictures = from_folder(args.data) if args.data else drawn(config["pictures"])
    loader = DataLoader(TensorDataset(pictures), batch_size=config["batch_size"], shuffle=True, drop_last=True)
    save_grid(pictures[:20], 10, f"{out}/real.jpg")

    generator = Generator(config["latent_dim"], config["channels"]).to(device).apply(init_weights)
    discriminator = Discriminator(config["channels"]).to(device).apply(init_weights)
    betas = (config["beta1"], 0.999)
    optimizer_g = torch.optim.Adam(generator.parameters(), lr=config["lr_g"], betas=betas)
    optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=config["lr_d"], betas=betas)
    noise = torch.randn(500, config["latent_dim"], device=device)
    history = []
    for epoch in range(1, config["epochs"] + 1):
        generator.train()
        history.append(train_epoch(generator, discriminator, optimizer_g, optimizer_d, loader, config, device))
        names = ("loss_d", "loss_g", "real_score", "fake_score")
        values = " ".join(f"{name}: {value:.4f}" for name, value in zip(names, history[-1], strict=True))
        print(f"Epoch {epoch}/{config['epochs']} {values}", flush=True)
        if epoch % config["sample_every"] == 0 or epoch == config["epochs"]:
            generator.eval()
            with torch.no_grad():
                save_grid(generator(noise[:20]), 10, f"{out}/samples_epoch_{epoch:02d}.jpg")
    with torch.no_grad():
        samples = generator.eval()(noise)
    np.save(f"{out}/samples.npy", ((nn.functional.avg_pool2d(samples, 4).cpu() + 1) * 127.5).byte().numpy())
    plot(history, f"{out}/curves.png")
    torch.save(generator.state_dict(), f"{out}/generator.pt")


if __name__ == "__main__":
    main()
