"""Generated waves: a tone with two overtones that swells and fades, noise on top, in 32 levels."""

import math

import torch

LEVELS = 32
NOISE = 0.06


def clean_waves(count, length, generator):
    """Tones of random pitch, phase and tremolo, (count, length) within -1 and 1."""

    def uniform(low, high):
        return low + (high - low) * torch.rand(count, 1, generator=generator)

    time = torch.arange(length)
    phase = 2 * math.pi * (uniform(0.02, 0.05) * time + uniform(0, 1))
    shape = torch.sin(phase) + uniform(0, 0.6) * torch.sin(2 * phase) + uniform(0, 0.4) * torch.sin(3 * phase)
    tremolo = 1 + 0.4 * torch.sin(2 * math.pi * (uniform(0.003, 0.008) * time + uniform(0, 1)))
    return 0.9 * shape * tremolo / (shape * tremolo).abs().amax(1, keepdim=True)


def quantise(waves):
    return ((waves + 1) / 2 * LEVELS).long().clamp(0, LEVELS - 1)


def noisy_levels(count, length, generator):
    clean = clean_waves(count, length, generator)
    return clean, quantise(clean + NOISE * torch.randn(clean.shape, generator=generator))


def least_nats(clean, levels):
    """What a sample costs one who knows the wave without its noise: no model can do better on average."""
    edges = torch.linspace(-1, 1, LEVELS + 1)
    edges[0], edges[-1] = -math.inf, math.inf
    below = torch.special.ndtr((edges[levels] - clean) / NOISE)
    above = torch.special.ndtr((edges[levels + 1] - clean) / NOISE)
    return -(above - below).clamp(min=1e-12).log().mean().item()


def markov_nats(train, test):
    """The baseline: a table of which level follows which."""
    counts = torch.ones(LEVELS, LEVELS)
    counts.index_put_((train[:, :-1].flatten(), train[:, 1:].flatten()), torch.ones(()), accumulate=True)
    chances = counts / counts.sum(1, keepdim=True)
    return -chances[test[:, :-1], test[:, 1:]].log().mean().item()
