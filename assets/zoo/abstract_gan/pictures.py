"""Small abstract pictures, (n, 3, 32, 32) in [-1, 1]: drawn here, or out of a folder."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

SIZE = 32
SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}
PALETTES = (
    ("#f4ead5", "#d9480f", "#1d3557", "#e9b44c"),
    ("#faf3dd", "#5e6472", "#aed9e0", "#b8336a"),
    ("#202c39", "#f29559", "#b8d5b8", "#f2d492"),
)


def colours(palette):
    return np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in palette])


def draw(noise, size=SIZE):
    """Four squares with circles in circles, after Kandinsky's study of 1913, each picture in one palette."""
    fine = 2 * size  # drawn twice as large, so that edges can be smoothed
    palette = colours(PALETTES[noise.integers(len(PALETTES))])
    y, x = np.mgrid[:fine, :fine]
    picture = np.zeros((fine, fine, 3))
    for top in (0, size):
        for left in (0, size):
            middle = size / 2 + noise.uniform(-2, 2, 2)
            radii = np.sort(noise.uniform(0.15, 0.5, 2))[::-1] * size
            away = np.hypot(y - top - middle[0], x - left - middle[1])
            inside = (y // size * size == top) & (x // size * size == left)
            for radius, colour in zip((2 * size, *radii), palette[noise.permutation(4)[:3]], strict=True):
                picture[inside & (away < radius)] = colour
    return picture.reshape(size, 2, size, 2, 3).mean((1, 3))


def drawn(count, seed=0):
    noise = np.random.default_rng(seed)
    return to_tensor(np.stack([draw(noise) for _ in range(count)]))


def from_folder(folder):
    """Every picture of a folder and the folders in it, the middle square of each. Raises FileNotFoundError for none."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise FileNotFoundError(f"no pictures in {folder}")
    pictures = [ImageOps.fit(Image.open(path).convert("RGB"), (SIZE, SIZE)) for path in paths]
    return to_tensor(np.stack([np.asarray(picture) for picture in pictures]))


def to_tensor(pictures):
    return torch.tensor(pictures / 127.5 - 1, dtype=torch.float32).permute(0, 3, 1, 2)


def save_grid(pictures, columns, path, scale=2):
    """Pictures side by side."""
    count, _, height, width = pictures.shape
    tiles = pictures.reshape(count // columns, columns, 3, height, width).permute(0, 3, 1, 4, 2)
    grid = ((tiles.reshape(-1, columns * width, 3) + 1) * 127.5).byte().cpu().numpy()
    picture = Image.fromarray(grid)
    picture.resize((picture.width * scale, picture.height * scale), Image.NEAREST).save(path, quality=85)
