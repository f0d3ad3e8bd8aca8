"""A deep Q network (Mnih et al. 2015) with double targets (van Hasselt et al. 2016) and its memory."""

import numpy as np
import torch
from torch import nn


class QNetwork(nn.Module):
    """Boards as one-hot tiles; convolutions over pairs of neighbours, then the value of each of the four moves."""

    def __init__(self, hidden):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(16, hidden, 2),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(hidden * 4, 256),
            nn.ReLU(),
            nn.Linear(256, 4),
        )

    def forward(self, boards):
        tiles = nn.functional.one_hot(boards.long(), 16).permute(0, 3, 1, 2).float()
        return self.net(tiles)


class ReplayBuffer:
    """The last transitions; the oldest are overwritten."""

    def __init__(self, capacity):
        self.boards = np.zeros((capacity, 4, 4), dtype=np.int8)
        self.actions = np.zeros(capacity, dtype=np.int64)
        self.rewards = np.zeros(capacity, dtype=np.float32)
        self.next_boards = np.zeros((capacity, 4, 4), dtype=np.int8)
        self.next_allowed = np.zeros((capacity, 4), dtype=bool)
        self.capacity = capacity
        self.count = 0

    def add(self, *transitions):
        places = (self.count + np.arange(len(transitions[0]))) % self.capacity
        columns = (self.boards, self.actions, self.rewards, self.next_boards, self.next_allowed)
        for column, values in zip(columns, transitions, strict=True):
            column[places] = values
        self.count += len(places)

    def sample(self, size, rng):
        chosen = rng.integers(min(self.count, self.capacity), size=size)
        columns = (self.boards, self.actions, self.rewards, self.next_boards, self.next_allowed)
        return [torch.from_numpy(column[chosen]) for column in columns]
