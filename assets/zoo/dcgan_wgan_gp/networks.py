"""A small DCGAN (Radford et al. 2015): strided convolutions and no pooling, for pictures of 8 x 8."""

from torch import nn


class Generator(nn.Module):
    """Noise to a picture in [-1, 1], from 2 x 2 to 4 x 4 to 8 x 8."""

    def __init__(self, latent_dim, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(latent_dim, 4 * 2 * channels),
            nn.Unflatten(1, (2 * channels, 2, 2)),
            nn.BatchNorm2d(2 * channels),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * channels, channels, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z)


class Critic(nn.Module):
    """A picture to a score. No batch norm: the penalty is on the slope at each picture by itself."""

    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * 2 * channels, 1),
        )

    def forward(self, x):
        return self.net(x).squeeze(1)
