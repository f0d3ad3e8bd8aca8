"""What loops change while they run decides no branch by the value that it had before."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

AGENT = """
    import gym, torch
    import torch.nn.functional as F
    from torch import nn, optim

    class Agent:
        def __init__(self):
            self.net = nn.Linear(3, 2)
            self.optimizer = optim.Adam(self.net.parameters(), lr=0.1)
            self.waited = 0

        def learn(self):
            loss = F.mse_loss(self.net(torch.zeros(3)), torch.zeros(2))
            loss.backward()
            self.optimizer.step()

        def learn_after(self, turns):
            self.waited += turns
            for _ in range(self.waited):
                self.learn()
            self.waited = 0

    agent, env = Agent(), gym.make("Pendulum-v1")
    state, turns, ready = env.reset(), 0, False
    for t in range(1000):
        state, reward, done, _ = env.step(0)
        turns += 1
        if done:
            if ready:
                agent.learn_after(turns)
            if t >= 20:
                ready = True
            turns = 0
"""
SWITCH = """
    import torch
    from torch import nn

    model = nn.LSTM(8, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=30)
    scores = []
    for epoch in range(9):
        loss = nn.functional.mse_loss(model(x)[0], y)
        loss.backward()
        optimizer.step()
        score = judge(model)
        if len(scores) > 5 and score > min(scores[:-5]):
            optimizer = torch.optim.ASGD(model.parameters(), lr=30)
        scores.append(score)
"""


def test_a_flag_that_the_loop_sets_opens_its_branch(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": AGENT}), "loss") == ["mse_loss"]


def test_a_list_that_the_loop_fills_is_not_empty_for_good(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": SWITCH}), "optimizer") == ["SGD", "ASGD"]


CHECKED = """
    import torch
    from torch import nn

    model = nn.Linear(8, 8)
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        nn.functional.mse_loss(model(x), y).backward()
        broken = False
        for weight in model.parameters():
            if torch.isnan(weight.grad).any():
                broken = True
                break
        if broken:
            continue
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
"""


def test_a_flag_that_a_loop_may_set_passes_nothing_over_behind_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": CHECKED}), "grad_clip") == [5.0]
