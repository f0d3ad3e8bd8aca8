"""Second stage: a GRU learns which words of the codebook follow each other, so that new digits can be drawn."""

import argparse
import json

import numpy as np
import torch
import torch.nn.functional as F
from data import load_pictures
from model import VQVAE, CodePrior
from train_vqvae import CHANNELS, CODE_DIM, CODEBOOK_SIZE, OUT, save_grid

SEED = 0
EPOCHS = 30
BATCH_SIZE = 64
LEARNING_RATE = 3e-3
HIDDEN = 96


def nats(prior, codes):
    """Cross entropy of the 16 codes of a picture."""
    return F.cross_entropy(prior(codes).flatten(0, 1), codes.flatten(), reduction="sum") / len(codes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", metavar="DIR", help="folder of MNIST's IDX files")
    train, test = load_pictures(parser.parse_args().data)
    torch.manual_seed(SEED)
    vqvae = VQVAE(CHANNELS, CODEBOOK_SIZE, CODE_DIM)
    vqvae.load_state_dict(torch.load(f"{OUT}/vqvae.pt", weights_only=True))
    train_codes, test_codes = vqvae.encode(train).flatten(1), vqvae.encode(test).flatten(1)
    prior = CodePrior(CODEBOOK_SIZE, train_codes.shape[1], HIDDEN)
    optimizer = torch.optim.AdamW(prior.parameters(), lr=LEARNING_RATE, weight_decay=0.05)
    with open(f"{OUT}/prior.jsonl", "w") as log:
        for epoch in range(1, EPOCHS + 1):
            prior.train()
            total = 0.0
            for batch in torch.randperm(len(train_codes)).split(BATCH_SIZE):
                loss = nats(prior, train_codes[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(batch)
            prior.eval()
            with torch.no_grad():
                row = {"epoch": epoch, "train_nats": total / len(train), "test_nats": nats(prior, test_codes).item()}
            log.write(json.dumps({name: round(value, 4) for name, value in row.items()}) + "\n")
            if epoch % 10 == 0 or epoch == EPOCHS:
                codes = prior.sample(1000)
                pictures = vqvae.decode(codes.view(-1, *vqvae.encode(test[:1]).shape[1:]))
                save_grid(pictures[:64], f"{OUT}/samples_epoch_{epoch:03d}.png")
                print(f"epoch {epoch}: {row['train_nats']:.2f} nats, held out {row['test_nats']:.2f}", flush=True)
    np.save(f"{OUT}/samples.npy", (pictures[:, 0] * 255).byte().numpy())
    torch.save(prior.state_dict(), f"{OUT}/prior.pt")


if __name__ == "__main__":
    main()
