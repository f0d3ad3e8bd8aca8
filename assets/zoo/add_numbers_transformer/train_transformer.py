"""A transformer (Vaswani et al. 2017) that learns to add numbers of three digits, read and written last digit first."""

import json
import os

import numpy as np
import torch
import torch.nn as nn
from PIL import Image

# the sums
DIGITS = 3
TEST_SIZE = 2000
PLUS, BEGIN, VOCABULARY = 10, 10, 11

# the model
D_MODEL = 48
N_HEADS = 4
N_LAYERS = 2
D_FF = 96
DROPOUT = 0.0

# the training
MAX_ITERS = 800
BATCH_SIZE = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.01
EVAL_INTERVAL = 50
SEED = 0
OUT_DIR = "results"


def write_digits(numbers, places):
    return torch.stack([numbers // 10**place % 10 for place in range(places)], dim=1)


def make_batch(indices):
    """Each index below 10 ** (2 * DIGITS) is a pair of numbers: symbols of the question, and of their sum."""
    first, second = indices // 10**DIGITS, indices % 10**DIGITS
    plus = torch.full_like(indices, PLUS)[:, None]
    src = torch.cat([write_digits(first, DIGITS), plus, write_digits(second, DIGITS)], dim=1)
    return src, write_digits(first + second, DIGITS + 1)


class AdditionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.src_embed = nn.Embedding(VOCABULARY, D_MODEL)
        self.tgt_embed = nn.Embedding(VOCABULARY, D_MODEL)
        self.src_position = nn.Parameter(0.1 * torch.randn(2 * DIGITS + 1, D_MODEL))
        self.tgt_position = nn.Parameter(0.1 * torch.randn(DIGITS + 1, D_MODEL))
        self.transformer = nn.Transformer(
            D_MODEL, N_HEADS, N_LAYERS, N_LAYERS, D_FF, DROPOUT, batch_first=True, norm_first=True
        )
        self.generator = nn.Linear(D_MODEL, VOCABULARY)

    def encode(self, src):
        return self.transformer.encoder(self.src_embed(src) + self.src_position)

    def decode(self, tgt, memory):
        length = tgt.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        h = self.tgt_embed(tgt) + self.tgt_position[:length]
        return self.generator(self.transformer.decoder(h, memory, tgt_mask=mask))

    def forward(self, src, tgt):
        return self.decode(tgt, self.encode(src))


@torch.no_grad()
def greedy_decode(model, src):
    memory = model.encode(src)
    written = torch.full((len(src), 1), BEGIN)
    for _ in range(DIGITS + 1):
        symbol = model.decode(written, memory)[:, -1:].argmax(-1)
        written = torch.cat([written, symbol], dim=1)
    return written[:, 1:]


def plot_places(history, path, height=120):
    """The share of right digits by place, over the training: one curve for each place, brighter for later ones."""
    picture = np.zeros((height, 12 * len(history)), dtype=np.uint8)
    for column, row in enumerate(history):
        for place, share in enumerate(row["right_by_place"]):
            y = int((1 - share) * (height - 3))
            picture[y : y + 3, 12 * column : 12 * column + 11] = 95 + 40 * place
    Image.fromarray(picture).resize((picture.shape[1] * 2, height * 2), Image.NEAREST).save(path)


def train():
    torch.manual_seed(SEED)
    os.makedirs(OUT_DIR, exist_ok=True)
    order = torch.randperm(10 ** (2 * DIGITS), generator=torch.Generator().manual_seed(0))
    test_src, test_answers = make_batch(order[:TEST_SIZE])
    train_indices = order[TEST_SIZE:]

    model = AdditionTransformer()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=MAX_ITERS)
    criterion = nn.CrossEntropyLoss()
    history = []
    for iteration in range(1, MAX_ITERS + 1):
        model.train()
        src, answers = make_batch(train_indices[torch.randint(len(train_indices), (BATCH_SIZE,))])
        tgt = torch.cat([torch.full((BATCH_SIZE, 1), BEGIN), answers[:, :-1]], dim=1)
        loss = criterion(model(src, tgt).flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()

        if iteration % EVAL_INTERVAL == 0 or iteration == MAX_ITERS:
            model.eval()
            right = greedy_decode(model, test_src) == test_answers
            row = {"iteration": iteration, "train_loss": loss.item(), "exact_match": right.all(1).float().mean().item()}
            history.append({**row, "right_by_place": right.float().mean(0).tolist()})
            print(f"iter {iteration}: loss {row['train_loss']:.4f}, exact match {row['exact_match']:.4f}", flush=True)
        if iteration % 200 == 0 or iteration == MAX_ITERS:
            plot_places(history, os.path.join(OUT_DIR, f"digits_iter_{iteration}.png"))
    with open(os.path.join(OUT_DIR, "history.json"), "w") as file:
        json.dump(history, file, indent=1)
    torch.save(model.state_dict(), os.path.join(OUT_DIR, "transformer.pt"))


if __name__ == "__main__":
    train()
