"""How research code is configured: flags that must be given, files beside the script, parts named in a file."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, names, values

TORCH = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"

FLAGS = """
import run_lib
from absl import app, flags
from ml_collections.config_flags import config_flags
FLAGS = flags.FLAGS
config_flags.DEFINE_config_file("config", None, "what to train")
flags.DEFINE_enum("mode", None, ["train", "eval"], "what to do")
flags.mark_flags_as_required(["config", "mode"])
def main(argv):
    if FLAGS.mode == "train":
        run_lib.train(FLAGS.config)
    elif FLAGS.mode == "eval":
        run_lib.evaluate(FLAGS.config)
if __name__ == "__main__":
    app.run(main)
"""

RUN = (
    TORCH
    + """
import steps
def train(config):
    net = nn.Linear(4, 2)
    step = steps.step_of(optim.Adam(net.parameters(), lr=config.lr))
    for _ in range(config.iterations):
        step(net, next(batches))
"""
)

STEPS = (
    TORCH
    + """
def step_of(optimizer):
    def step(net, batch):
        F.mse_loss(net(batch), batch).backward()
        optimizer.step()
    return step
def least(parameters):
    return optim.SGD(parameters, lr=0.1)
"""
)

PLAIN = """
import ml_collections
def get_config():
    config = ml_collections.ConfigDict()
    config.lr = {lr}
    config.iterations = 100
    return config
"""


def test_what_must_be_chosen_is_train_and_the_launcher_is_entered(tmp_path: Path) -> None:
    files = {
        "main.py": FLAGS,
        "run_lib.py": RUN,
        "steps.py": STEPS,
        "configs/one.py": PLAIN.format(lr=1e-3),
        "configs/two.py": PLAIN.format(lr=2e-4),
    }
    assert names(tmp_path, files) == ["configs/one.py", "configs/two.py"]
    found = analysed(tmp_path, files, "configs/two.py")
    assert (values(found, "learning_rate"), values(found, "loss")) == ([2e-4], ["mse_loss"])


BESIDE = (
    TORCH
    + """
import argparse, json
class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self
parser = argparse.ArgumentParser()
parser.add_argument("--config", default="")
a = parser.parse_args()
with open(a.config) as file:
    data = file.read()
h = AttrDict(json.loads(data))
net = nn.Linear(4, 2)
opt = optim.AdamW(net.parameters(), h.learning_rate)
for x in torch.utils.data.DataLoader(data, batch_size=h.batch_size):
    F.l1_loss(net(x), x).backward()
    opt.step()
"""
)


def test_configurations_beside_the_script_are_models(tmp_path: Path) -> None:
    files = {
        "train.py": BESIDE,
        "config_v1.json": '{"learning_rate": 0.0002,\n "batch_size": 16}',
        "config_v2.json": '{"learning_rate": 0.0004,\n "batch_size": 8}',
        "package.json": '{"name": "none"}',
    }
    assert names(tmp_path, files) == ["config_v1.json", "config_v2.json"]
    found = analysed(tmp_path, files, "config_v2.json")
    assert (values(found, "learning_rate"), values(found, "batch_size")) == ([0.0004], [8])


NAMED = """
import importlib
import pytorch_lightning as pl
from omegaconf import OmegaConf
def make(config):
    module, name = config["target"].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)(**config.get("params", dict()))
model = make(OmegaConf.load("models/v1.yaml").model)
model.learning_rate = 1e-5
pl.Trainer(gpus=1).fit(model, loader)
"""

OUTER = (
    TORCH
    + """
import pytorch_lightning as pl
class Coder(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(8, 2), nn.Linear(2, 8)
    def encode(self, x):
        return self.encoder(x)
    def configure_optimizers(self):
        return optim.SGD(self.parameters(), lr=0.5)
class Control(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return [self.conv(x)]
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
    def forward(self, x, control=None):
        h = self.conv(x)
        h += control.pop()
        return h
class Whole(pl.LightningModule):
    def __init__(self, width):
        super().__init__()
        self.coder, self.control, self.net = Coder(), Control(), Net(width)
        self.alphas = torch.cumprod(1 - torch.linspace(0, 1, 10), dim=0)
    def training_step(self, batch, index):
        z = self.coder.encode(batch)
        noisy = self.alphas.sqrt()[3] * z + (1 - self.alphas).sqrt()[3] * torch.randn_like(z)
        return F.mse_loss(self.net(noisy, control=self.control(z)), z)
    def configure_optimizers(self):
        return optim.AdamW(self.parameters(), lr=self.learning_rate)
"""
)


def test_a_part_named_in_a_file_is_followed_and_only_the_whole_is_trained(tmp_path: Path) -> None:
    files = {
        "train.py": NAMED,
        "lib/whole.py": OUTER,
        "models/v1.yaml": "model:\n  target: lib.whole.Whole\n  params:\n    width: 8\n",
    }
    found = analysed(tmp_path, files)
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["AdamW"], [1e-5])
    assert values(found, "architecture")[:2] == ["ControlNet", "Latent Diffusion"]


ENGINE = (
    TORCH
    + """
from torchnet.engine import Engine
def processor(sample):
    return F.nll_loss(net(sample), sample), None
net = nn.Linear(4, 2)
Engine().train(processor, batches, maxepoch=500, optimizer=optim.Adam(net.parameters()))
"""
)


def test_an_engine_that_is_given_an_optimizer_trains(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ENGINE})
    assert (values(found, "epochs"), values(found, "loss")) == ([500], ["nll_loss"])


PAIRS = (
    TORCH
    + """
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(80, 1, 3)
    def forward(self, x):
        return self.conv(x)
class MultiScaleDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3)
    def forward(self, y, y_hat):
        return self.conv(y), self.conv(y_hat)
generator, msd = Generator(), MultiScaleDiscriminator()
opt_g, opt_d = optim.AdamW(generator.parameters()), optim.AdamW(msd.parameters())
for x, y in loader:
    y_hat = generator(x)
    real, fake = msd(y, y_hat.detach())
    ((1 - real) ** 2 + fake ** 2).mean().backward()
    opt_d.step()
    (1 - msd(y, y_hat)[1]).mean().backward()
    opt_g.step()
"""
)


def test_a_judge_may_be_known_by_its_class_and_be_given_pairs(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": PAIRS}), "architecture") == ["GAN", "CNN"]


ONLY_SPREAD = (
    TORCH
    + """
import argparse
import nets
parser = argparse.ArgumentParser()
parser.add_argument("--arch", default="small")
parser.add_argument("--lr", default=5e-4, type=float)
parser.add_argument("--min_lr", default=1e-6, type=float)
parser.add_argument("--distributed", action="store_true")
parser.add_argument("--gpu", default=None, type=int)
args = parser.parse_args()
net = nets.__dict__[args.arch]()
if args.distributed:
    net = nn.parallel.DistributedDataParallel(net)
elif args.gpu is not None:
    net = net.cuda(args.gpu)
    raise NotImplementedError("only spread over machines")
else:
    raise NotImplementedError("only spread over machines")
opt = optim.AdamW(net.parameters())
rates = torch.linspace(args.lr * 8 / 256, args.min_lr, 100)
for step, x in enumerate(loader):
    for group in opt.param_groups:
        group["lr"] = rates[step]
    F.mse_loss(net(x), x).backward()
    opt.step()
"""
)

NETS = (
    TORCH
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
    def forward(self, x):
        return self.layer(x)
def small():
    return Net()
"""
)


def test_a_switch_without_which_nothing_runs_is_on_and_rates_put_in_groups_are_configured(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": ONLY_SPREAD, "nets.py": NETS})
    assert (values(found, "optimizer"), values(found, "loss")) == (["AdamW"], ["mse_loss"])
    assert (values(found, "learning_rate"), values(found, "model_classes")) == ([5e-4], ["Net"])


PACKAGED = (
    TORCH
    + """
import mnist1d
data = mnist1d.data.get_dataset(mnist1d.data.get_dataset_args(), path="data.pkl")
net = nn.Sequential(nn.Linear(40, 100), nn.ReLU(), nn.Linear(100, 10))
opt = optim.SGD(net.parameters(), lr=0.05)
for epoch in range(50):
    F.cross_entropy(net(torch.tensor(data["x"])), torch.tensor(data["y"])).backward()
    opt.step()
"""
)


def test_a_package_may_be_one_data_set(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": PACKAGED}), "datasets") == ["MNIST-1D"]


OVER = (
    TORCH
    + """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", default=0.1, type=float)
args = parser.parse_args()
args.lr = 0.02
net = nn.Linear(4, 4)
opt = optim.SGD(net.parameters(), lr=args.lr)
for x in loader:
    F.mse_loss(net(x), x).backward()
    opt.step()
"""
)


def test_what_is_overridden_is_said(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": OVER})
    (rate,) = [each for each in found.facts if each.field == "learning_rate"]
    assert (rate.value, rate.how) == (0.02, "assignment over 0.1 (argparse default)")


def test_what_the_runner_of_openmmlab_calls_is_followed(tmp_path: Path) -> None:
    files = {
        "tools/train.py": """
            import argparse
            import mmcv
            from mmcv.runner import build_runner
            from lib.gan import StaticGAN
            parser = argparse.ArgumentParser()
            parser.add_argument("config", help="train config file path")
            cfg = mmcv.Config.fromfile(parser.parse_args().config)
            model = StaticGAN()
            runner = build_runner(cfg.runner, default_args=dict(model=model))
            runner.run([1], cfg.workflow, cfg.total_iters)
        """,
        "tools/lib/__init__.py": "",
        "tools/lib/gan.py": """
            import torch
            from torch import nn
            from mmcv.cnn import ConvModule
            class Maker(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.up = ConvModule(100, 3, 4)
                def forward(self, noise):
                    return self.up(noise)
            class Judge(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.down = ConvModule(3, 1, 4)
                def forward(self, x):
                    return self.down(x)
            class StaticGAN(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.generator, self.discriminator = Maker(), Judge()
                def train_step(self, data, optimizer):
                    fake = self.generator(torch.randn(4, 100, 1, 1))
                    judged = self.discriminator(fake.detach())
                    real = self.discriminator(data["img"])
                    loss = nn.functional.softplus(judged).mean() + nn.functional.softplus(-real).mean()
                    loss.backward()
                    optimizer["discriminator"].step()
                    made = nn.functional.softplus(-self.discriminator(fake)).mean()
                    made.backward()
                    optimizer["generator"].step()
        """,
        "configs/a.py": "optimizer = dict(type='Adam', lr=0.1)\ntotal_iters = 30\n"
        "data = dict(train=dict(imgs_root='data/celeba-cropped/pictures'))\n",
        "configs/b.py": "optimizer = dict(type='Adam', lr=0.2)\ntotal_iters = 40\n"
        "data = dict(train=dict(data_prefix='data/cifar10'))\n",
    }
    found = analysed(tmp_path, files, "configs/b.py")
    assert set(values(found, "architecture")) >= {"GAN", "CNN"}
    assert values(found, "datasets") == ["CIFAR-10"] and values(found, "learning_rate") == [0.2]
    assert values(analysed(tmp_path, files, "configs/a.py"), "datasets") == ["CelebA"]
