"""The two networks: the same layers, but the second draws its code from a Gaussian."""

from itertools import pairwise

import torch
from torch import nn


def layers(sizes):
    """Linear layers of these sizes with ReLU between them."""
    stack = []
    for inputs, outputs in pairwise(sizes):
        stack += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*stack[:-1])


class Autoencoder(nn.Module):
    def __init__(self, hidden, latent_dim):
        super().__init__()
        self.encoder = layers([64, *hidden, latent_dim])
        self.decoder = layers([latent_dim, *reversed(hidden), 64])

    def forward(self, x):
        return torch.sigmoid(self.decoder(self.encoder(x)))


class VariationalAutoencoder(nn.Module):
    def __init__(self, hidden, latent_dim):
        super().__init__()
        self.encoder = layers([64, *hidden, 2 * latent_dim])
        self.decoder = layers([latent_dim, *reversed(hidden), 64])

    def encode(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, z):
        return torch.sigmoid(self.decoder(z))

    def forward(self, x):
        mean, log_variance = self.encode(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decode(z), mean, log_variance
