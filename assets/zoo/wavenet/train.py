"""Trains a WaveNet on generated waves: `python train.py | tee train.log`."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from wavenet import WaveNet
from waves import LEVELS, least_nats, markov_nats, noisy_levels


@dataclass
class TrainConfig:
    num_waves: int = 1000
    length: int = 256
    channels: int = 24
    dilations: list[int] = field(default_factory=lambda: [1, 2, 4, 8, 16, 32, 64])
    epochs: int = 10
    batch_size: int = 16
    lr: float = 4e-3
    seed: int = 0
    out: str = "waves"


def nats(model, levels):
    """The mean cost of a sample given those before it, without the first."""
    return F.cross_entropy(model(levels[:, :-1]), levels[:, 1:])


def draw(waves, path, scale=2):
    """One wave a row; between two samples a line."""
    count, length = waves.shape
    picture = np.zeros((count, LEVELS + 4, length), dtype=np.uint8)
    for row, wave in zip(picture, waves.tolist(), strict=True):
        for x, (a, b) in enumerate(zip([wave[0], *wave], wave, strict=False)):
            row[LEVELS - max(a, b) : LEVELS + 1 - min(a, b), x] = 255
    Image.fromarray(picture.reshape(-1, length)).resize((length * scale, picture.shape[0] * 36 * scale)).save(path)


def main(cfg: TrainConfig):
    torch.manual_seed(cfg.seed)
    out = Path(cfg.out)
    out.mkdir(exist_ok=True)
    _, train = noisy_levels(cfg.num_waves, cfg.length, torch.Generator().manual_seed(0))
    clean, test = noisy_levels(200, cfg.length, torch.Generator().manual_seed(1))
    print(f"least {least_nats(clean, test):.4f} baseline {markov_nats(train, test):.4f}")
    draw(test[:6], out / "data.png")
    model = WaveNet(LEVELS, cfg.channels, cfg.dilations)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cfg.epochs)
    for epoch in range(1, cfg.epochs + 1):
        losses = []
        for batch in torch.randperm(len(train)).split(cfg.batch_size):
            loss = nats(model, train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        with torch.no_grad():
            reached = nats(model, test).item()
        print(f"Epoch {epoch}/{cfg.epochs} train_nats: {np.mean(losses):.4f} test_nats: {reached:.4f}", flush=True)
        if epoch % 5 == 0 or epoch == cfg.epochs:
            begun = test[:6, :1]
            waves = model.generate(begun, cfg.length - 1, torch.Generator().manual_seed(cfg.seed))
            draw(waves, out / f"generated_epoch_{epoch:02d}.png")
    torch.save(model.state_dict(), out / "wavenet.pt")


if __name__ == "__main__":
    main(TrainConfig())
