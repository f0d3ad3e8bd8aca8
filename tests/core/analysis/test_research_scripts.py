"""The styles of research code: command dispatchers, events, configurations that are run, wrappers of training."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

NET = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"

DISPATCHED = (
    NET
    + """
import fire
import ignite.distributed as idist
def training(rank, config):
    net = nn.Linear(4, 2)
    loader = idist.auto_dataloader(data, batch_size=config["batch_size"], shuffle=True)
    opt = optim.SGD(net.parameters(), lr=config["learning_rate"])
    for epoch in range(config["num_epochs"]):
        for x, y in loader:
            F.cross_entropy(net(x), y).backward()
            opt.step()
def run(batch_size=512, learning_rate=0.4, num_epochs=24, backend=None):
    config = locals()
    with idist.Parallel(backend=backend) as parallel:
        parallel.run(training, config)
if __name__ == "__main__":
    fire.Fire({"run": run})
"""
)

EVENTS = (
    NET
    + """
from ignite.engine import Engine, Events
def main():
    net = nn.Linear(4, 2)
    opt = optim.Adam(net.parameters(), lr=3e-2)
    trainer, evaluator = Engine(lambda engine, batch: net(batch)), Engine(lambda engine, batch: net(batch))
    @trainer.on(Events.EPOCH_COMPLETED)
    def learn():
        F.mse_loss(net(x), y).backward()
        opt.step()
        evaluator.run(held_out, max_epochs=1)
    trainer.run(steps, max_epochs=7)
if __name__ == "__main__":
    main()
"""
)


def test_commands_given_by_name_are_followed(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": DISPATCHED})
    assert (values(found, "batch_size"), values(found, "learning_rate"), values(found, "epochs")) == (
        [512],
        [0.4],
        [24],
    )


def test_handlers_of_events_train_and_evaluators_count_no_epochs(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": EVENTS})
    assert (values(found, "optimizer"), values(found, "epochs")) == (["Adam"], [7])


RUNNER = (
    NET
    + """
import fire
from py_config_runner import ConfigObject
def run_training(config_filepath):
    config = ConfigObject(config_filepath)
    for epoch in range(config.num_epochs):
        for x, y in config.train_loader:
            config.criterion(config.model(x), y).backward()
            config.optimizer.step()
if __name__ == "__main__":
    fire.Fire({"training": run_training})
"""
)

RUN_BY_PATH = """
import os
import torch.nn as nn
from torch import optim
from torchvision.models import resnet50
assert "DATA" in os.environ
batch_size = 64
num_epochs = {epochs}
model = resnet50(weights=None)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1)
"""


def test_configurations_that_are_run_are_models(tmp_path: Path) -> None:
    files = {
        "main.py": RUNNER,
        "configs/long.py": RUN_BY_PATH.format(epochs=105),
        "configs/short.py": RUN_BY_PATH.format(epochs=2),
        "configs/eval_long.py": RUN_BY_PATH.format(epochs=1),
    }
    assert names(tmp_path, files) == ["configs/long.py", "configs/short.py"]
    found = analysed(tmp_path, files, "configs/long.py")
    assert (values(found, "epochs"), values(found, "optimizer"), values(found, "loss")) == (
        [105],
        ["SGD"],
        ["CrossEntropyLoss"],
    )


WRAPPED = (
    NET
    + """
import pytorch_lightning as pl
class Half(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(into, 64), nn.ReLU(), nn.Linear(64, out))
    def forward(self, x):
        return self.layers(x)
class Whole(pl.LightningModule):
    def __init__(self, encoder_class=Half, decoder_class=Half):
        super().__init__()
        self.save_hyperparameters()
        self.encoder = encoder_class(784, 8)
        self.decoder = decoder_class(8, 784)
    def forward(self, x):
        return self.decoder(self.encoder(x))
    def training_step(self, batch, index):
        x, _ = batch
        x_hat = self.forward(x)
        return F.mse_loss(x, x_hat)
    def configure_optimizers(self):
        return optim.Adam(self.parameters(), lr=1e-3)
pl.Trainer(max_epochs=5).fit(Whole(), loader)
"""
)


def test_a_wrapper_that_joins_networks_is_a_network(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": WRAPPED})
    assert values(found, "model_classes") == ["Whole", "Half"]
    assert values(found, "architecture") == ["Autoencoder", "MLP"]


DENOISER = (
    NET
    + """
class Denoiser:
    def scalings(self, sigma):
        c_skip = 0.25 / (sigma**2 + 0.25)
        c_out = sigma * 0.5 / (sigma**2 + 0.25) ** 0.5
        return c_skip, c_out
    def {loss}(self, net, x, sigma):
        c_skip, c_out = self.scalings(sigma)
        return ((c_skip * x + c_out * net(x) - x) ** 2).mean()
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 3, 3))
opt = optim.Adam(net.parameters())
for x in loader:
    Denoiser().{loss}(net, x, 1.0).backward()
    opt.step()
"""
)


def test_denoisers_scaled_by_noise_diffuse_and_consistent_ones_are_told(tmp_path: Path) -> None:
    plain = analysed(tmp_path / "a", {"train.py": DENOISER.replace("{loss}", "training_loss")})
    assert values(plain, "architecture") == ["Diffusion", "CNN"]
    same = analysed(tmp_path / "b", {"train.py": DENOISER.replace("{loss}", "consistency_loss")})
    assert values(same, "architecture")[0] == "Consistency Model"


SEVERAL = (
    NET
    + """
class Joining(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3)
    def forward(self, x):
        return torch.cat([self.conv(x), x], dim=1)
class Adding(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)
    def forward(self, x):
        return x + self.two(self.one(x))
for net in (nn.Sequential(Joining(), Joining()), Adding()):
    opt = optim.Adam(net.parameters())
    for x, y in loader:
        F.cross_entropy(net(x), y).backward()
        opt.step()
"""
)


def test_networks_that_are_compared_are_all_named(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SEVERAL})
    assert values(found, "architecture") == ["DenseNet", "CNN", "ResNet"]


MOVED = (
    NET
    + """
class EnergyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(8, 1, 3))
    def forward(self, x):
        return self.layers(x).mean()
def samples(net, x):
    for _ in range(60):
        x = x + torch.randn_like(x) * 0.01
        net(x).backward()
        x.data.add_(-10 * x.grad.data)
    return x
net = EnergyNet()
opt = optim.Adam(net.parameters())
for x in loader:
    (net(x) - net(samples(net, x))).backward()
    opt.step()
"""
)


def test_samples_moved_by_their_own_gradient_are_energies(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MOVED})
    assert values(found, "architecture") == ["Energy-Based", "CNN"]


PATCHED = (
    NET
    + """
def img_to_patch(x, patch_size):
    return x.reshape(2, -1, patch_size * patch_size)
def attend(q, k, v):
    return F.softmax(torch.matmul(q, k.transpose(-2, -1)), dim=-1) @ v
class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(16, 48), nn.Linear(16, 16)
    def forward(self, x):
        return self.out(attend(*self.qkv(x).chunk(3, dim=-1)))
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.LayerNorm(16), nn.LayerNorm(16)
        self.attend, self.dense = Attend(), nn.Linear(16, 16)
    def forward(self, x):
        x = x + self.attend(self.a(x))
        return x + self.dense(self.b(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block())
    def forward(self, x):
        return self.blocks(img_to_patch(x, 4)).mean(1)
net = Net()
opt = optim.Adam(net.parameters())
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    opt.step()
"""
)


def test_a_function_may_cut_patches_and_another_attend(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": PATCHED})
    assert values(found, "architecture") == ["ViT", "Transformer", "Attention"]


JUDGED = (
    NET
    + """
import lpips
class Trainer:
    def __init__(self):
        self.perceptual = lpips.LPIPS(net="vgg")
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 3, 3))
        self.opt = optim.Adam(self.net.parameters())
    def train(self):
        for x, y in loader:
            loss = F.mse_loss(self.net(x), y){more}
            loss.backward()
            self.opt.step()
Trainer().train()
"""
)


def test_a_loss_kept_and_never_called_is_none(tmp_path: Path) -> None:
    idle = analysed(tmp_path / "a", {"train.py": JUDGED.replace("{more}", "")})
    used = analysed(tmp_path / "b", {"train.py": JUDGED.replace("{more}", " + self.perceptual(x, y)")})
    assert (values(idle, "loss"), values(used, "loss")) == (["mse_loss"], ["LPIPS", "mse_loss"])


GAMES = (
    NET
    + """
def g_nonsaturating_loss(fake):
    return F.softplus(-fake).mean()
net = nn.Linear(4, 1)
opt = optim.Adam(net.parameters())
for x in loader:
    g_loss = g_nonsaturating_loss(net(x))
    g_loss.backward()
    opt.step()
"""
)


def test_a_function_called_a_loss_is_named_for_what_it_is(tmp_path: Path) -> None:
    assert values(
        analysed(tmp_path, {"train.py": GAMES.replace("F.softplus(-fake).mean()", "(-fake).mean()")}), "loss"
    ) == ["g_nonsaturating_loss"]


CHOSEN = """
import argparse
from runners import *
parser = argparse.ArgumentParser()
parser.add_argument("--runner", default="ScoreRunner")
def main():
    eval(parser.parse_args().runner)().train()
if __name__ == "__main__":
    main()
"""

CHOOSABLE = (
    NET
    + """
def sliced_score_estimation(net, x, sigma, power):
    return (net(x) * sigma ** power).mean()
class SSIM(nn.Module):
    def forward(self, x, y):
        return F.conv2d(x, y).mean()
class ScoreRunner:
    def train(self):
        net, measure = nn.Linear(4, 4), SSIM()
        opt = optim.Adam(net.parameters(), lr=1e-3)
        paths = open("data/celeba/images.txt").readlines()
        test_dir = "data/Set5/all.txt"
        open(test_dir)
        for x in paths:
            loss = sliced_score_estimation(net, x, 1.0, 2.0)
            loss.backward()
            opt.step()
            measure(x, x)
"""
)


def test_a_text_that_is_evaluated_names_a_class(tmp_path: Path) -> None:
    files = {"main.py": CHOSEN, "runners/__init__.py": "from runners.score import *\n", "runners/score.py": CHOOSABLE}
    assert names(tmp_path, files) == ["main.py"]
    found = analysed(tmp_path, files, "main.py")
    assert (values(found, "learning_rate"), values(found, "loss")) == ([1e-3], ["sliced_score_estimation"])
    assert (values(found, "datasets"), values(found, "model_classes")) == (["CelebA"], [])


TRIED = (
    NET
    + """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--lr", type=float, default=4e-3)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--data", default="./data/penn")
args = parser.parse_args()
net = nn.Linear(4, 4)
opt = optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x in batches:
        F.mse_loss(net(x), x).backward()
        opt.step()
"""
)


def test_a_script_that_is_called_a_test_and_trains_is_a_model(tmp_path: Path) -> None:
    plain = "import train\ndef test_it():\n    assert train\n"
    files = {"music_test.py": TRIED, "tests/music_test.py": TRIED, "other_test.py": plain}
    assert names(tmp_path, files) == ["music_test.py"]
    found = analysed(tmp_path, files, "music_test.py")
    (told,) = [each for each in found.facts if each.field == "datasets"]
    assert (told.value, told.how) == ("Penn Treebank", "argparse default")
