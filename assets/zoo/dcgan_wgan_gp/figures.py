"""Pictures of pictures: grids, ways through the latent space, and samples beside what they resemble."""

import torch
import torch.nn.functional as F
from PIL import Image


def save_grid(pictures, columns, path, scale=4):
    """Pictures (n, 1, h, w) in [-1, 1] side by side, with a grey line between them."""
    tiles = F.pad(pictures.cpu(), (1, 1, 1, 1), value=-0.2)
    height, width = tiles.shape[2:]
    grid = tiles.reshape(-1, columns, height, width).permute(0, 2, 1, 3).reshape(-1, columns * width)
    picture = Image.fromarray(((grid + 1) * 127.5).byte().numpy())
    picture.resize((picture.width * scale, picture.height * scale), Image.NEAREST).save(path)


def paths_between(starts, ends, steps):
    """Points on the great circles from starts to ends, (n * steps, d): a straight line would cross the empty middle."""
    angle = torch.acos(F.cosine_similarity(starts, ends))[:, None, None]
    part = torch.linspace(0, 1, steps, device=starts.device)[None, :, None]
    points = torch.sin((1 - part) * angle) * starts[:, None] + torch.sin(part * angle) * ends[:, None]
    return (points / torch.sin(angle)).flatten(0, 1)


def nearest(samples, training, count):
    """Distances to the nearest training pictures and the pictures: (n, count), (n, count, 1, h, w)."""
    distances, places = torch.cdist(samples.flatten(1), training.flatten(1)).topk(count, largest=False)
    return distances, training[places]
