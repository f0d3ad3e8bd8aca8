"""A GRU reads two numbers, another writes their sum (Cho et al. 2014), with attention (Luong et al. 2015) or without.

    python seq2seq.py                               # configs/attention.yaml
    python seq2seq.py --config configs/plain.yaml   # all that is read passes through one state

Numbers are written with the last digit first, which is where adding begins.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
import yaml
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy

PLUS = START = 10
SYMBOLS = 11
TEST_SUMS = 2000


def digits_of(numbers, places):
    """(n,) numbers to (n, places) digits, the last first."""
    return numbers[:, None] // 10 ** torch.arange(places) % 10


def encode(pairs, digits):
    """Numbers of two sums, from 0 to 10 ** (2 * digits) - 1, to the symbols of question and answer."""
    a, b = pairs // 10**digits, pairs % 10**digits
    plus = torch.full((len(pairs), 1), PLUS)
    return torch.cat([digits_of(a, digits), plus, digits_of(b, digits)], dim=1), digits_of(a + b, digits + 1)


class Encoder(nn.Module):
    def __init__(self, embedding, hidden):
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, embedding)
        self.gru = nn.GRU(embedding, hidden, batch_first=True)

    def forward(self, question):
        return self.gru(self.embed(question))


class DotAttention(nn.Module):
    """Mixes what the encoder said, by its likeness to the decoder's state."""

    def __init__(self, hidden):
        super().__init__()
        self.ask = nn.Linear(hidden, hidden, bias=False)
        self.join = nn.Linear(2 * hidden, hidden)

    def forward(self, states, memory):
        weights = torch.softmax(self.ask(states) @ memory.transpose(1, 2), dim=-1)
        return torch.tanh(self.join(torch.cat([states, weights @ memory], dim=-1))), weights


class Decoder(nn.Module):
    def __init__(self, embedding, hidden, attention):
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, embedding)
        self.gru = nn.GRU(embedding, hidden, batch_first=True)
        self.attention = DotAttention(hidden) if attention else None
        self.out = nn.Linear(hidden, SYMBOLS)

    def forward(self, symbols, state, memory):
        states, state = self.gru(self.embed(symbols), state)
        weights = None
        if self.attention is not None:
            states, weights = self.attention(states, memory)
        return self.out(states), state, weights


class Seq2Seq(nn.Module):
    def __init__(self, embedding, hidden, attention):
        super().__init__()
        self.encoder = Encoder(embedding, hidden)
        self.decoder = Decoder(embedding, hidden, attention)

    def forward(self, question, answer):
        """Logits of each symbol of the answer, given those before it."""
        memory, state = self.encoder(question)
        begun = torch.cat([torch.full((len(answer), 1), START), answer[:, :-1]], dim=1)
        return self.decoder(begun, state, memory)[0]

    @torch.no_grad()
    def answer(self, question, length):
        """The likeliest symbols one by one, and what was looked at for each (None without attention)."""
        memory, state = self.encoder(question)
        symbol = torch.full((len(question), 1), START)
        written, looked = [], []
        for _ in range(length):
            logits, state, weights = self.decoder(symbol, state, memory)
            symbol = logits.argmax(-1)
            written.append(symbol)
            looked.append(weights)
        return torch.cat(written, dim=1), looked


def draw_errors(wrong, path):
    """Which places of which answers are wrong: 50 answers a column, white is wrong."""
    grid = wrong[:500].reshape(10, 50, -1).permute(1, 0, 2)
    grid = nn.functional.pad(grid.float(), (0, 1), value=0.4).flatten(1)
    Image.fromarray((grid.numpy() * 255).astype(np.uint8)).resize((grid.shape[1] * 8, 400), Image.NEAREST).save(path)


def draw_attention(looked, path):
    """One block a sum: a row for each written digit, a column for each symbol that was read; bright is looked at."""
    blocks = torch.cat(looked, dim=1)[:12]
    blocks = nn.functional.pad(blocks, (0, 1, 0, 1))
    height, width = blocks.shape[1:]
    grid = blocks.reshape(3, 4, height, width).permute(0, 2, 1, 3).reshape(3 * height, 4 * width)
    Image.fromarray((grid.numpy() * 255).astype(np.uint8)).resize((width * 64, height * 48), Image.NEAREST).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/attention.yaml")
    config = yaml.safe_load(Path(parser.parse_args().config).read_text())
    torch.manual_seed(config["seed"])
    out = Path("runs") / config["run"]
    out.mkdir(parents=True, exist_ok=True)

    digits = config["digits"]
    order = torch.randperm(10 ** (2 * digits), generator=torch.Generator().manual_seed(0))
    train, (test_questions, test_answers) = order[TEST_SUMS:], encode(order[:TEST_SUMS], digits)
    model = Seq2Seq(config["embedding"], config["hidden"], config["attention"])
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config["steps"])
    losses = []
    with open(out / "log.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["step", "train_loss", "exact_match"])
        for step in range(1, config["steps"] + 1):
            question, answer = encode(train[torch.randint(len(train), (config["batch_size"],))], digits)
            loss = cross_entropy(model(question, answer).flatten(0, 1), answer.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config["clip"])
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
            if step % 100 == 0 or step == config["steps"]:
                written, looked = model.answer(test_questions, digits + 1)
                wrong = written != test_answers
                exact = 1 - wrong.any(dim=1).float().mean().item()
                log.writerow([step, f"{np.mean(losses[-100:]):.5f}", f"{exact:.4f}"])
            if step % 400 == 0 or step == config["steps"]:
                draw_errors(wrong, out / f"errors_step_{step:05d}.png")
                if config["attention"]:
                    draw_attention(looked, out / f"attention_step_{step:05d}.png")
                print(f"step {step}: loss {np.mean(losses[-100:]):.4f}, {exact:.4f} of the sums are right", flush=True)
    torch.save(model.state_dict(), out / "model.pt")


if __name__ == "__main__":
    main()
