"""An encoder-decoder of LSTMs with dot-product attention (Luong et al. 2015)."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, symbols, size):
        super().__init__()
        self.embed = nn.Embedding(symbols, 32)
        self.lstm = nn.LSTM(32, size, batch_first=True)

    def forward(self, question):
        return self.lstm(self.embed(question))


class Decoder(nn.Module):
    """One step at a time; looks back at all that the encoder said."""

    def __init__(self, symbols, size):
        super().__init__()
        self.embed = nn.Embedding(symbols + 1, 32)
        self.lstm = nn.LSTM(32, size, batch_first=True)
        self.out = nn.Linear(2 * size, symbols)

    def forward(self, symbol, state, memory):
        h, state = self.lstm(self.embed(symbol), state)
        weights = torch.softmax(h @ memory.transpose(1, 2), dim=-1)
        return self.out(torch.cat([h, weights @ memory], dim=-1)), state, weights


class Adder(nn.Module):
    def __init__(self, symbols, size):
        super().__init__()
        self.symbols = symbols
        self.encoder = Encoder(symbols, size)
        self.decoder = Decoder(symbols, size)

    def forward(self, question, answer=None, length=3):
        """Logits of the answer's symbols and the attention; feeds back its own symbols where no answer is given."""
        memory, state = self.encoder(question)
        symbol = torch.full((len(question), 1), self.symbols, device=question.device)
        logits, attention = [], []
        for place in range(length):
            step, state, weights = self.decoder(symbol, state, memory)
            logits.append(step)
            attention.append(weights)
            symbol = answer[:, place : place + 1] if answer is not None else step.argmax(-1)
        return torch.cat(logits, dim=1), torch.cat(attention, dim=1)
