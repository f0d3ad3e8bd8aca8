"""Projects with a registry of their own, configurations made of others, and older or rarer parts of research code."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import HEAD, STEP, analysed, values

REGISTRY = """
class Registry(dict):
    def __init__(self, *args, **kwargs):
        super(Registry, self).__init__(*args, **kwargs)

    def register(self, name, module=None):
        if module is not None:
            _register(self, name, module)
            return

        def register_fn(fn):
            _register(self, name, fn)
            return fn

        return register_fn


def _register(kept, name, module):
    assert name not in kept
    kept[name] = module


NETWORKS = Registry()
"""

REGISTERED = """
from torch import nn
from lib import registry


class Narrow(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)


class Wide(Narrow):
    pass


@registry.NETWORKS.register("narrow")
def narrow(settings):
    return Narrow(settings["width"])


registry.NETWORKS.register("wide", Wide)
"""

ASKED = """
from lib import registry
from lib.networks import Narrow

model = registry.NETWORKS["narrow"]({"width": 8})
"""


def test_a_dict_of_ones_own_keeps_what_is_registered(tmp_path: Path) -> None:
    files = {
        "lib/__init__.py": "",
        "lib/registry.py": REGISTRY,
        "lib/networks.py": REGISTERED,
        "train.py": HEAD + ASKED + STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)"),
    }
    found = analysed(tmp_path, files, "train.py")
    assert (values(found, "model_classes"), values(found, "architecture")) == (["Narrow"], ["CNN"])


FLAGGED = (
    HEAD
    + """
from absl import app, flags
from ml_collections import config_flags
FLAGS = flags.FLAGS
config_flags.DEFINE_config_file("config", "configs/small.py", "what to train")
def main(argv):
    model = nn.Linear(4, 2)
    if FLAGS.config.decay is not None:
        optimizer = torch.optim.AdamW(model.parameters(), lr=FLAGS.config.lr)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=FLAGS.config.lr)
    for x, y in loader:
        F.mse_loss(model(x), y).backward()
        optimizer.step()
if __name__ == "__main__":
    app.run(main)
"""
)
BASE = """
import ml_collections
from ml_collections.config_dict import config_dict
def get_config():
    config = ml_collections.ConfigDict()
    config.lr = 0.02
    config.decay = config_dict.placeholder(float)
    return config
"""
BUILT = "from configs import base\ndef get_config():\n    config = base.get_config()\n    return config\n"


def test_what_the_default_configuration_imports_is_read(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": FLAGGED, "configs/base.py": BASE, "configs/small.py": BUILT}, "train.py")
    assert (values(found, "learning_rate"), values(found, "optimizer")) == ([0.02], ["Adam"])


STEPS = """
import jax
from flax import linen as nn

def step(optimizer, batch):
    def loss_of(params):
        return ((nn.Dense(3).apply(params, batch) - batch) ** 2).mean()
    gradient = jax.grad(loss_of)(optimizer.target)
    return optimizer.apply_gradient(gradient)
"""
OLD_FLAX = """
import jax
from flax import optim
import steps

def main(params, batches):
    optimizer = optim.Adam(learning_rate=0.001).create(params)
    run = jax.pmap(steps.step)
    for batch in batches:
        optimizer = run(optimizer, batch)

if __name__ == "__main__":
    main({}, [])
"""


def test_the_steps_of_flaxs_first_optimizers(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": OLD_FLAX, "steps.py": STEPS}, "train.py")
    assert (values(found, "optimizer"), values(found, "learning_rate")) == (["Adam"], [0.001])


SIGNS = """
class ImageNetTrain(torch.utils.data.Dataset):
    def __getitem__(self, index):
        return index

class Signs(nn.Module):
    def forward(self, x):
        quantized = torch.where(x > 0, self.codebook_scale, -self.codebook_scale)
        return x + (quantized - x).detach()

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.signs, self.decoder = nn.Conv2d(3, 8, 3), Signs(), nn.Conv2d(8, 3, 3)
    def forward(self, x):
        return self.decoder(self.signs(self.encoder(x)))

model = Model()
loader = torch.utils.data.DataLoader(ImageNetTrain(), batch_size=4)
"""


def test_signs_for_a_codebook_and_data_named_for_training(tmp_path: Path) -> None:
    text = HEAD + SIGNS + STEP.replace("LOSS", "loss = F.mse_loss(model(x), x)")
    found = analysed(tmp_path, {"train.py": text}, "train.py")
    assert values(found, "architecture")[0] == "VQ-VAE"
    assert values(found, "datasets") == ["ImageNet"]


def test_networks_of_tiny_cuda_nn_are_mlps(tmp_path: Path) -> None:
    text = HEAD + (
        "import tinycudann as tcnn\n"
        "class Field(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.net = tcnn.Network(n_input_dims=3, n_output_dims=4, network_config={'n_neurons': 64})\n"
        "    def forward(self, x):\n        return self.net(x)\n"
        "model = Field()\n"
    )
    text += STEP.replace("LOSS", "loss = F.mse_loss(model(x), y)")
    found = analysed(tmp_path, {"train.py": text}, "train.py")
    assert values(found, "architecture") == ["MLP"]
