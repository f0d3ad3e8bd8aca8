"""A vector-quantised VAE (van den Oord et al. 2017) for 8 x 8 digits, and a prior over its 4 x 4 codes."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class VectorQuantizer(nn.Module):
    """Puts the nearest entry of a codebook in the place of each vector; the gradient goes straight through."""

    def __init__(self, entries, size):
        super().__init__()
        self.codebook = nn.Embedding(entries, size)
        nn.init.uniform_(self.codebook.weight, -1 / entries, 1 / entries)

    def nearest(self, z):
        return torch.cdist(z.flatten(0, 2), self.codebook.weight).argmin(1).view(z.shape[:3])

    def forward(self, z):
        z = z.permute(0, 2, 3, 1)
        codes = self.nearest(z)
        quantized = self.codebook(codes)
        codebook_loss = F.mse_loss(quantized, z.detach())
        commitment_loss = F.mse_loss(z, quantized.detach())
        quantized = z + (quantized - z).detach()
        return quantized.permute(0, 3, 1, 2), codes, codebook_loss, commitment_loss


class VQVAE(nn.Module):
    def __init__(self, channels, entries, size):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, size, 1),
        )
        self.quantizer = VectorQuantizer(entries, size)
        self.decoder = nn.Sequential(
            nn.Conv2d(size, channels, 3, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 1, 3, padding=1),
        )

    def forward(self, x):
        quantized, codes, codebook_loss, commitment_loss = self.quantizer(self.encoder(x))
        return self.decoder(quantized), codes, codebook_loss, commitment_loss

    @torch.no_grad()
    def encode(self, x):
        return self.quantizer.nearest(self.encoder(x).permute(0, 2, 3, 1))

    @torch.no_grad()
    def decode(self, codes):
        return self.decoder(self.quantizer.codebook(codes).permute(0, 3, 1, 2)).clamp(0, 1)


class CodePrior(nn.Module):
    """Reads the codes of a picture row by row and says which comes next."""

    def __init__(self, entries, places, hidden):
        super().__init__()
        self.start = entries
        self.symbol = nn.Embedding(entries + 1, hidden)
        self.place = nn.Parameter(torch.zeros(places, hidden))
        self.rnn = nn.GRU(hidden, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(hidden, entries)

    def forward(self, codes):
        before = F.pad(codes[:, :-1], (1, 0), value=self.start)
        h, _ = self.rnn(self.dropout(self.symbol(before) + self.place))
        return self.head(self.dropout(h))

    @torch.no_grad()
    def sample(self, count):
        symbol = torch.full((count, 1), self.start)
        state, codes = None, []
        for place in self.place:
            h, state = self.rnn(self.symbol(symbol) + place, state)
            symbol = torch.multinomial(self.head(h[:, -1]).softmax(-1), 1)
            codes.append(symbol)
        return torch.cat(codes, dim=1)
