"""An Inception-like score (Salimans et al. 2016) for small digits.

The network that looks at them is the convolutional classifier next door, as `../classifier/train.py` left it.
"""

from pathlib import Path

import torch
from torch import nn

WEIGHTS = Path("../classifier/runs/cnn/model.pt")


class DigitClassifier(nn.Module):
    """The layers of the classifier whose weights are read."""

    def __init__(self, channels=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(channels, 2 * channels, 3, padding=1),
            nn.BatchNorm2d(2 * channels),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.head = nn.Linear(2 * channels * 4, 10)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


def load_classifier():
    classifier = DigitClassifier()
    classifier.load_state_dict(torch.load(WEIGHTS, weights_only=True))
    return classifier.eval()


@torch.no_grad()
def inception_score(classifier, pictures):
    """exp of the mean KL between the classes of one picture and those of all: 1 is worst, 10 best."""
    log_p = classifier(pictures.unsqueeze(1)).log_softmax(1)
    log_mean = log_p.exp().mean(0, keepdim=True).log()
    return (log_p.exp() * (log_p - log_mean)).sum(1).mean().exp().item()
