"""WaveNet (van den Oord et al. 2016): causal convolutions whose reach doubles from layer to layer."""

import torch
import torch.nn.functional as F
from torch import nn


class CausalConv1d(nn.Conv1d):
    """Two taps, the present and one `dilation` samples ago."""

    def __init__(self, inputs, outputs, dilation):
        super().__init__(inputs, outputs, kernel_size=2, dilation=dilation)

    def forward(self, x):
        return super().forward(F.pad(x, (self.dilation[0], 0)))


class GatedBlock(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.conv = CausalConv1d(channels, 2 * channels, dilation)
        self.mix = nn.Conv1d(channels, 2 * channels, 1)

    def forward(self, x):
        signal, gate = self.conv(x).chunk(2, dim=1)
        onwards, skip = self.mix(torch.tanh(signal) * torch.sigmoid(gate)).chunk(2, dim=1)
        return x + onwards, skip


class WaveNet(nn.Module):
    def __init__(self, levels, channels, dilations):
        super().__init__()
        self.embed = nn.Embedding(levels, channels)
        self.start = CausalConv1d(channels, channels, 1)
        self.blocks = nn.ModuleList(GatedBlock(channels, dilation) for dilation in dilations)
        self.head = nn.Sequential(
            nn.ReLU(), nn.Conv1d(channels, channels, 1), nn.ReLU(), nn.Conv1d(channels, levels, 1)
        )
        self.reach = 2 + sum(dilations)

    def forward(self, levels):
        """Levels (n, length) to logits (n, levels, length) of the sample that follows each."""
        x = self.start(self.embed(levels).transpose(1, 2))
        skips = 0
        for block in self.blocks:
            x, skip = block(x)
            skips = skips + skip
        return self.head(skips)

    @torch.no_grad()
    def generate(self, levels, length, generator):
        """Go on from levels (n, begun), sample by sample."""
        for _ in range(length):
            chances = self(levels[:, -self.reach :])[:, :, -1].softmax(1)
            levels = torch.cat([levels, torch.multinomial(chances, 1, generator=generator)], dim=1)
        return levels
