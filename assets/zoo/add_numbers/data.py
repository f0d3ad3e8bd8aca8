"""Sums as text: `47+8` and its answer `55`, written backwards, since the last digit is known first."""

import torch

ALPHABET = "0123456789+ "
QUESTION, ANSWER = 5, 3


def encode(text, length):
    return [ALPHABET.index(character) for character in text.ljust(length)]


def all_sums(limit):
    """Every a + b with both below the limit, as two tensors of symbols."""
    pairs = [(a, b) for a in range(limit) for b in range(limit)]
    questions = [encode(f"{a}+{b}", QUESTION) for a, b in pairs]
    answers = [encode(str(a + b)[::-1], ANSWER) for a, b in pairs]
    return torch.tensor(questions), torch.tensor(answers)


def split(questions, answers, share=0.8, seed=0):
    """Training and test sums, apart from each other."""
    order = torch.randperm(len(questions), generator=torch.Generator().manual_seed(seed))
    cut = int(share * len(order))
    return (questions[order[:cut]], answers[order[:cut]]), (questions[order[cut:]], answers[order[cut:]])
