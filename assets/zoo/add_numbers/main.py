"""Teaches an LSTM to add two numbers below 100 and keeps its history as JSON."""

import json
from pathlib import Path

import numpy as np
import torch
from data import ALPHABET, all_sums, split
from PIL import Image
from torch import nn

from models import Adder

EPOCHS = 40
BATCH = 64
LR = 2e-3
HIDDEN = 128
LIMIT = 100
OUT = Path("out")


def exact(model, questions, answers):
    """The share of sums whose every digit is right."""
    model.eval()
    with torch.no_grad():
        logits, _ = model(questions)
    return (logits.argmax(-1) == answers).all(dim=1).float().mean().item()


def draw_attention(model, questions, path):
    """One block a sum: rows are the answer's digits, columns the question's symbols; bright is looked at."""
    model.eval()
    with torch.no_grad():
        _, attention = model(questions[:12])
    grid = np.zeros((3 * 4, 4 * 6), dtype=np.uint8)
    for index, block in enumerate(attention.numpy()):
        row, column = divmod(index, 4)
        grid[row * 4 : row * 4 + 3, column * 6 : column * 6 + 5] = block * 255
    Image.fromarray(grid).resize((24 * 16, 12 * 16), Image.NEAREST).save(path)


def train():
    torch.manual_seed(0)
    OUT.mkdir(exist_ok=True)
    (questions, answers), (test_questions, test_answers) = split(*all_sums(LIMIT))
    model = Adder(len(ALPHABET), HIDDEN)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.4)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        batches = torch.randperm(len(questions)).split(BATCH)
        for batch in batches:
            logits, _ = model(questions[batch], answers[batch])
            loss = criterion(logits.flatten(0, 1), answers[batch].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        scheduler.step()
        reached = exact(model, test_questions, test_answers)
        train_loss = round(total / len(batches), 5)
        history.append({"epoch": epoch + 1, "train_loss": train_loss, "test_exact_match": round(reached, 4)})
        if (epoch + 1) % 10 == 0 or epoch + 1 == EPOCHS:
            draw_attention(model, test_questions, OUT / f"attention_{epoch + 1}.png")
            print(history[-1], flush=True)
    (OUT / "history.json").write_text(json.dumps(history, indent=1))
    torch.save(model.state_dict(), OUT / "adder.pt")


if __name__ == "__main__":
    train()
