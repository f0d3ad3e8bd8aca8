"""First stage: teaches the VQ-VAE to draw digits with 16 words out of a codebook of 32."""

import argparse
import json
import os

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from data import load_pictures
from model import VQVAE
from PIL import Image

SEED = 0
EPOCHS = 60
BATCH_SIZE = 64
LEARNING_RATE = 2e-3
CHANNELS = 32
CODEBOOK_SIZE = 32
CODE_DIM = 8
COMMITMENT = 0.25
REVIVE_EVERY = 5  # epochs; entries that no picture used start again as the code of a training digit
OUT = "out"


def save_grid(pictures, path, columns=8):
    rows = len(pictures) // columns
    tiles = F.pad(pictures.reshape(rows, columns, 8, 8).clamp(0, 1), (1, 1, 1, 1), value=0.4)
    grid = (tiles.permute(0, 2, 1, 3).reshape(rows * 10, columns * 10) * 255).byte()
    Image.fromarray(grid.numpy()).resize((columns * 50, rows * 50), Image.NEAREST).save(path)


def codebook_use(codes):
    """How often each entry is used, and the perplexity: as many entries used evenly are as varied."""
    share = torch.bincount(codes.flatten(), minlength=CODEBOOK_SIZE) / codes.numel()
    return share, torch.exp(-(share * share.clamp_min(1e-9).log()).sum()).item()


@torch.no_grad()
def revive(model, share, pictures):
    """Give unused entries the vector of some place of some digit. Returns how many there were."""
    dead = share == 0
    vectors = model.encoder(pictures).permute(0, 2, 3, 1).flatten(0, 2)
    model.quantizer.codebook.weight[dead] = vectors[torch.randint(len(vectors), (int(dead.sum()),))]
    return int(dead.sum())


def plot_use(share, path):
    plt.figure(figsize=(5, 2.5))
    plt.bar(range(CODEBOOK_SIZE), share)
    plt.xlabel("entry of the codebook")
    plt.ylabel("share of test codes")
    plt.tight_layout()
    plt.savefig(path, dpi=70)
    plt.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", metavar="DIR", help="folder of MNIST's IDX files")
    train, test = load_pictures(parser.parse_args().data)
    torch.manual_seed(SEED)
    os.makedirs(OUT, exist_ok=True)
    model = VQVAE(CHANNELS, CODEBOOK_SIZE, CODE_DIM)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    with open(f"{OUT}/vqvae.jsonl", "w") as log:
        for epoch in range(1, EPOCHS + 1):
            sums = torch.zeros(3)
            for batch in torch.randperm(len(train)).split(BATCH_SIZE):
                x = train[batch]
                decoded, _, codebook_loss, commitment_loss = model(x)
                reconstruction = F.mse_loss(decoded, x)
                loss = reconstruction + codebook_loss + COMMITMENT * commitment_loss
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                sums += torch.tensor([loss.item(), reconstruction.item(), commitment_loss.item()]) * len(x)
            means = (sums / len(train)).tolist()
            with torch.no_grad():
                decoded, codes, *_ = model(test)
            share, perplexity = codebook_use(codes)
            row = {"epoch": epoch, "loss": means[0], "reconstruction": means[1], "commitment": means[2]}
            row |= {"test_reconstruction": F.mse_loss(decoded, test).item(), "perplexity": perplexity}
            log.write(json.dumps({name: round(value, 6) for name, value in row.items()}) + "\n")
            if epoch % REVIVE_EVERY == 0 and epoch < EPOCHS // 2:
                revive(model, codebook_use(model.encode(train))[0], train)
            if epoch % 20 == 0 or epoch == EPOCHS:
                save_grid(torch.cat([test[:32], decoded[:32]]), f"{OUT}/reconstruction_epoch_{epoch:03d}.png")
                plot_use(share, f"{OUT}/codebook_epoch_{epoch:03d}.png")
                print(f"epoch {epoch}: loss {means[0]:.5f} perplexity {perplexity:.1f}", flush=True)
    torch.save(model.state_dict(), f"{OUT}/vqvae.pt")


if __name__ == "__main__":
    main()
