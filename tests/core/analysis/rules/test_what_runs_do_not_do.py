"""What stands beside a run, or in a branch that it does not take, and says nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values


def _of_sections(text: str) -> dict[str, str]:
    code = """
import argparse
import torch
import yaml
parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
with open(parser.parse_args().config) as file:
    settings = yaml.safe_load(file)
net = torch.nn.Linear(3, 4)
groups = [
    {"params": [net.weight], "lr": settings["heads"]["lr"] * settings["train"]["base_lr"]},
    {"params": [net.bias], "lr": settings["train"]["base_lr"]},
]
optimizer = torch.optim.SGD(groups)
for step, x in enumerate(torch.utils.data.DataLoader(torch.zeros(9, 3), batch_size=settings["train"]["batch_size"])):
    net(x).mean().backward()
    optimizer.step()
    if step // 10 == settings["train"]["epoch"]:
        break
"""
    return {"train.py": code, "configs/a.yaml": text, "configs/b.yaml": text.replace("50", "60")}


def test_the_section_of_training_states_its_epochs_and_the_base_its_rate(tmp_path: Path) -> None:
    text = """
        train:
          batch_size: 16
          epoch: 50
          base_lr: 0.005
        warmup:
          epoch: 5
        heads:
          lr: 0.1
          train_epoch: 10
    """
    found = analysed(tmp_path, _of_sections(text), "configs/a.yaml")
    assert values(found, "epochs") == [50]
    assert values(found, "learning_rate") == [0.005]


def test_an_optimizer_of_ones_own_has_no_default_where_groups_have_their_rates(tmp_path: Path) -> None:
    code = """
from torch.optim import Optimizer
class SignSGD(Optimizer):
    def __init__(self, params, lr=1e-3):
        super().__init__(params, {"lr": lr})
model = nn.Linear(3, 4)
optimizer = SignSGD([dict(params=model.parameters(), lr=wanted / width ** 0.5)])
for x, y in loader:
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "learning_rate") == []


@pytest.mark.parametrize("name", ["loader_vis", "loader_tmp"])
def test_batches_to_look_at_are_not_trained_on(tmp_path: Path, name: str) -> None:
    code = f"""
def cycle(loader):
    while True:
        yield from loader
model = nn.Linear(3, 4)
loader = cycle(torch.utils.data.DataLoader(data, batch_size=32))
{name} = cycle(torch.utils.data.DataLoader(data, batch_size=1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(1000):
    x, y = next(loader)
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "batch_size") == [32]


def test_plans_of_an_agent_are_diffused(tmp_path: Path) -> None:
    code = """
import gym
env = gym.make("Hopper-v2")
betas = torch.linspace(1e-4, 0.02, 100)
alphas = 1. - betas
kept = torch.sqrt(torch.cumprod(alphas, dim=0))
model = nn.Linear(3, 3)
"""
    loss = "noise = torch.randn_like(x); loss = F.mse_loss(model(kept[t] * x + rest[t] * noise), x)"
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", loss)})
    assert "Diffusion" in values(found, "architecture")


def test_a_codec_is_no_decoder(tmp_path: Path) -> None:
    code = """
class EncodecFeatures(nn.Module):
    def __init__(self):
        super().__init__()
        self.codes = nn.Embedding(9, 8)
        self.lstm = nn.LSTM(8, 8)
    def forward(self, x):
        return self.lstm(self.codes(x))[0]
model = EncodecFeatures()
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert "Seq2Seq" not in values(found, "architecture")


def test_joining_what_examples_hold_is_no_unet(tmp_path: Path) -> None:
    code = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, stride=2)
        self.text = nn.Linear(4, 8)
    def see(self, batch):
        return F.interpolate(self.down(batch["image"]), scale_factor=2)
    def forward(self, batch):
        others = torch.stack([batch[f"text_{i}"] for i in range(3)], dim=1)
        masks = torch.stack([batch[f"mask_{i}"] for i in range(3)], dim=1)
        texts = torch.cat([batch["text"].unsqueeze(1), others], dim=1)
        masks = torch.cat([batch["mask"].unsqueeze(1), masks], dim=1)
        return self.text(texts * masks) + self.see(batch).mean()
model = Net()
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert "UNet" not in values(found, "architecture")


def test_what_a_branch_not_taken_compares_reconstructs_nothing(tmp_path: Path) -> None:
    code = """
def nearest(matrix):
    u, _, v = torch.linalg.svd(matrix)
    return u @ v
def bent(matrix, kind="log"):
    if kind == "log":
        return torch.log(torch.linalg.svdvals(matrix)) ** 2
    turned = nearest(matrix)
    return ((matrix - turned) ** 2).sum()
model = nn.Linear(3, 4)
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = bent(model(x)) * 0.1")})
    assert "Autoencoder" not in values(found, "architecture")


def test_spread_arguments_may_give_what_is_none_by_default(tmp_path: Path) -> None:
    code = """
def onto(things, device):
    return [thing.to(device) for thing in things]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(3, 4)
    def forward(self, x, targets=None):
        made = self.head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(made, targets)
        return made, loss
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
def train(epochs=1):
    for _ in range(epochs):
        for batch in loader:
            made, loss = model(*SPREAD)
            loss.backward()
            optimizer.step()
for epoch in range(50):
    train()
"""
    for number, spread in enumerate(("batch", "onto(batch, 0)")):
        found = analysed(tmp_path / str(number), {"train.py": HEAD + code.replace("SPREAD", spread)})
        assert values(found, "loss") == ["cross_entropy"]
        assert values(found, "epochs") == [50]


def test_a_warm_up_of_averages_is_no_discount(tmp_path: Path) -> None:
    code = """
import gym
env = gym.make("Hopper-v2")
class Average:
    def __init__(self, inv_gamma=1.0, power=0.75):
        self.inv_gamma, self.power = inv_gamma, power
    def decay(self, step):
        step = max(0, step - 1)
        value = 1 - (1 + step / self.inv_gamma) ** -self.power
        return max(0.0, min(value, 0.9999))
average = Average()
model = nn.Linear(3, 4)
"""
    loss = "loss = F.mse_loss(model(x), y); decay = average.decay(epoch); env.step(model(env.reset()))"
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", loss)})
    assert "DQN" not in values(found, "architecture")


def test_a_state_of_flax_is_restored_as_what_it_is(tmp_path: Path) -> None:
    code = """
import jax
import optax
from flax import linen as nn
from flax.training import checkpoints, train_state
class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(4)(x)
class Learner:
    def __init__(self):
        self.net = Net()
        self.state = train_state.TrainState.create(
            apply_fn=self.net.apply, params=self.net.init(key, x), tx=optax.adamw(2e-4)
        )
    def update(self, x, y):
        def compared(params):
            return optax.softmax_cross_entropy(self.state.apply_fn(params, x), y).mean()
        grads = jax.grad(compared)(self.state.params)
        self.state = self.state.apply_gradients(grads=grads)
learner = Learner()
learner = checkpoints.restore_checkpoint("left", learner)
for epoch in range(7):
    for x, y in loader:
        learner.update(x, y)
"""
    found = analysed(tmp_path, {"train.py": code})
    assert values(found, "loss") == ["softmax_cross_entropy"]


def test_ignite_alone_takes_steps(tmp_path: Path) -> None:
    files = {
        "engine/training.py": """
            from ignite.engine import create_supervised_trainer
            def do_train(model, optimizer, loader, compare):
                trainer = create_supervised_trainer(model, optimizer, compare)
                trainer.run(loader, max_epochs=9)
        """,
        "train.py": """
            import torch
            import torch.nn.functional as F
            from engine.training import do_train
            model = torch.nn.Linear(3, 4)
            do_train(model, torch.optim.SGD(model.parameters(), lr=0.1), loader, F.cross_entropy)
        """,
    }
    assert values(analysed(tmp_path, files), "epochs") == [9]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ("", ["weighted_mse"]),
        ("    return parts['loss']\n", []),
    ],
)
def test_a_loss_may_turn_gradients_off_for_what_it_only_tells(tmp_path: Path, parts: str, told: list[str]) -> None:
    code = f"""
def weighted_mse(made, wanted):
    parts = dict()
    {"error = (made - wanted) ** 2" if not parts else "pass"}
    with torch.no_grad():
        parts["loss"] = ((made - wanted) ** 2).mean()
{parts}    parts["loss"] = error.mean()
    return parts["loss"]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 4)
    def forward(self, x, y, compared):
        made = self.layer(x)
        return [compare(made, y) for compare in compared]
model = Net()
"""
    if parts:
        code = code.replace('    parts["loss"] = error.mean()\n    return parts["loss"]\n', "")
    found = analysed(
        tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = model(x, y, [weighted_mse])[0]")}
    )
    assert values(found, "loss") == told


def test_what_is_summed_in_a_function_called_a_loss_goes_backward(tmp_path: Path) -> None:
    code = """
def asymmetric_l2_loss(u, tau):
    return torch.mean(torch.abs(tau - (u < 0).float()) * u**2)
def iql_loss(model, x, y):
    value = model(x)
    value_loss = asymmetric_l2_loss(y - value, 0.8)
    td_loss = F.mse_loss(value, y)
    loss = value_loss + td_loss
    return loss, {"td": td_loss.item()}
model = nn.Linear(3, 4)
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss, told = iql_loss(model, x, y)")})
    assert sorted(values(found, "loss")) == ["asymmetric_l2_loss", "mse_loss"]


def test_what_an_evaluator_is_built_of_is_no_model(tmp_path: Path) -> None:
    code = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 3, padding=1)
    def forward(self, x):
        return self.layer(x)
class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return self.layer(x)
class FIDScore(nn.Module):
    def __init__(self):
        super().__init__()
        self.pyramid = Pyramid()
    def forward(self, x):
        return self.pyramid(x).mean()
class PicturesEvaluatorOnline(nn.Module):
    def __init__(self, score):
        super().__init__()
        self.score = score
evaluator = PicturesEvaluatorOnline(FIDScore())
model = Net()
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert values(found, "model_classes") == ["Net"]


def test_a_loader_of_ones_own_is_named_for_its_data(tmp_path: Path) -> None:
    code = """
from torchvision.datasets import ImageFolder
class CelebADataLoader:
    def __init__(self, folder):
        self.loader = torch.utils.data.DataLoader(ImageFolder(folder), batch_size=4)
model = nn.Conv2d(3, 4, 3)
loader = CelebADataLoader("./data/").loader
"""
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")})
    assert values(found, "datasets") == ["CelebA"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("outer_loss", ["mse_loss"]), ("after_loss", ["mse_loss"]), ("pull_loss", ["mse_loss", "pull_loss"])],
)
def test_where_a_loss_stands_says_not_which_it_is(tmp_path: Path, name: str, told: list[str]) -> None:
    code = f"""
def {name}(x):
    return spread(x).mean()
model = nn.Linear(3, 4)
"""
    loss = f"loss = F.mse_loss(model(x), y) + {name}(x)"
    found = analysed(tmp_path, {"train.py": HEAD + code + STEP.replace("LOSS", loss)})
    assert sorted(values(found, "loss")) == told
