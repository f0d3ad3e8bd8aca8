"""Projects with configurations: families beside others, losses by name, data by their classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

CODES = """
class Codes(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 3, 3)
        self.codebook = nn.Embedding(64, 8)

    def forward(self, x):
        z = self.enc(x)
        flat = z.permute(0, 2, 3, 1).reshape(-1, 8)
        distances = flat.pow(2).sum(1, keepdim=True) - 2 * flat @ self.codebook.weight.t()
        indices = torch.argmin(distances, dim=1)
        quantized = self.codebook(indices).view(z.shape)
        commitment = F.mse_loss(quantized.detach(), z) + F.mse_loss(quantized, z.detach())
        return self.dec(z + (quantized - z).detach()), commitment
"""
WRITES = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(32, 32), nn.Linear(32, 32), nn.Linear(32, 32)
        self.first, self.second = nn.LayerNorm(32), nn.LayerNorm(32)
        self.feed = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))
        self.register_buffer("mask", torch.tril(torch.ones(16, 16)))

    def forward(self, x):
        h = self.first(x)
        scores = self.query(h) @ self.key(h).transpose(-2, -1)
        shares = F.softmax(scores.masked_fill(self.mask == 0, float("-inf")), dim=-1)
        x = x + shares @ self.value(h)
        return x + self.feed(self.second(x))

class Writes(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(64, 32)
        self.blocks = nn.Sequential(*[Block() for _ in range(2)])
        self.head = nn.Linear(32, 64)

    def forward(self, x):
        return self.head(self.blocks(self.words(x)))
"""


def test_a_transformer_that_writes_the_codes_of_another_network(tmp_path: Path) -> None:
    text = HEAD + CODES + WRITES + "codes, model = Codes(), Writes()\nrebuilt, extra = codes(pictures)\n"
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert {"VQ-VAE", "GPT"} <= set(values(found, "architecture"))


@pytest.mark.parametrize(("config", "expected"), [("BertConfig", True), ("OwnConfig", False)])
def test_a_network_that_the_configuration_of_a_librarys_describes(config: str, expected: bool, tmp_path: Path) -> None:
    text = HEAD + (
        "from transformers import BertConfig, PreTrainedModel\n"
        "from settings import OwnConfig\n"
        "class Base(PreTrainedModel):\n"
        f"    config_class = {config}\n"
        "class Reads(Base):\n"
        "    def __init__(self, config):\n"
        "        super().__init__(config)\n"
        "        self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 2)\n"
        "    def forward(self, x):\n"
        "        return self.second(self.first(x))\n"
        f"model = Reads({config}())\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert ("BERT" in values(found, "architecture")) == expected


def test_a_network_without_bases_that_a_configuration_describes(tmp_path: Path) -> None:
    text = HEAD + (
        "from transformers import BertConfig\n"
        "class Reads:\n"
        "    config_class = BertConfig\n"
        "    def __init__(self):\n"
        "        self.first = nn.Linear(8, 2)\n"
        "    def __call__(self, x):\n"
        "        return self.first(x)\n"
        "    def parameters(self):\n"
        "        return self.first.parameters()\n"
        "model = Reads()\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert values(found, "architecture")


def test_networks_that_are_put_into_a_list_later_are_parts(tmp_path: Path) -> None:
    text = HEAD + (
        "class Sees(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3))\n"
        "    def forward(self, x):\n"
        "        return self.body(x).mean((2, 3))\n"
        "def make():\n"
        "    return Sees()\n"
        "class Grows(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.sees = nn.ModuleList()\n"
        "    def grow(self, classes):\n"
        "        self.sees.append(make())\n"
        "        self.tell, self.aside = nn.Linear(16, classes), nn.Linear(16, classes + 1)\n"
        "    def forward(self, x):\n"
        "        return self.tell(torch.cat([sees(x) for sees in self.sees], 1))\n"
        "model = Grows()\n"
        "model.grow(10)\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert values(found, "architecture") == ["CNN"]


def test_a_loss_that_computes_nothing_stands_for_none(tmp_path: Path) -> None:
    losses = "import torch.nn as nn\nclass NoLoss(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text = HEAD + "from losses import NoLoss\nmodel = nn.Linear(3, 2)\nspare = NoLoss()\n"
    text += STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    found = analysed(tmp_path, {"train.py": text, "losses.py": losses})
    assert values(found, "loss") == ["cross_entropy"]


@pytest.mark.parametrize(("made", "expected"), [("get_loss('MSELoss', {})", ["MSELoss"]), ("get_loss('own', {})", [])])
def test_a_loss_that_a_library_makes_by_its_name(made: str, expected: list[str], tmp_path: Path) -> None:
    text = HEAD + f"from helpers.training import get_loss\nmodel = nn.Linear(3, 2)\ncriterion = {made}\n"
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = criterion(model(x), y)")})
    assert values(found, "loss") == expected


LIT = """
import lightning as L

class Learns(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def training_step(self, batch, at):
        x, y = batch
        loss = F.cross_entropy(self.layer(x), y)
        self._log_loss(loss)
        return loss

    def _log_loss(self, loss):
        self.log("loss", loss)

    def ASKING(self, batch, at):
        return self.prior(batch[0])

    def prior(self, x):
        return F.kl_div(self.layer(x), x)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)

L.Trainer(max_epochs=3).fit(Learns(), loader)
"""


@pytest.mark.parametrize(("asking", "expected"), [("validation_step", 1), ("training_epoch", 2)])
def test_what_only_judging_asks_is_no_loss(asking: str, expected: int, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + LIT.replace("ASKING", asking)})
    assert values(found, "loss") == ["cross_entropy", "kl_div"][:expected]


def test_nothing_is_typed_that_other_settings_would_give_way_to(tmp_path: Path) -> None:
    text = HEAD + (
        "import sys\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=0.1)\n"
        "def typed(words):\n"
        "    return [word.replace('--', '').split('=')[0] for word in words]\n"
        "names, given = typed(sys.argv[1:]), vars(parser.parse_args())\n"
        "settings = {}\n"
        "chosen = {name: value for name, value in given.items() if name in names}\n"
        "for each in [given, {'lr': 0.5}, chosen]:\n"
        "    for name, value in each.items():\n"
        "        settings[name] = value\n"
        "model = nn.Linear(3, 2)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=settings['lr'])\n"
        "for x, y in loader:\n"
        "    loss = F.cross_entropy(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
    )
    assert values(analysed(tmp_path, {"train.py": text}), "learning_rate") == [0.5]


def test_data_by_the_class_that_reads_them_and_all_its_folders(tmp_path: Path) -> None:
    text = HEAD + (
        "class vqa_dataset(torch.utils.data.Dataset):\n"
        "    def __init__(self, transform, notes, pictures, more):\n"
        "        self.folders = pictures, more\n"
        "data = vqa_dataset(None, 'notes/', '/data/VQA/mscoco/', '/data/visual-genome/')\n"
        "loader = torch.utils.data.DataLoader(data, batch_size=8)\n"
        "model = nn.Linear(3, 2)\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert values(found, "datasets") == ["VQA v2", "COCO", "Visual Genome"]


def test_how_often_a_sampler_draws_is_no_batch(tmp_path: Path) -> None:
    text = HEAD + (
        "class ClassesSampler:\n"
        "    def __init__(self, labels, n_batch, n_classes):\n"
        "        self.labels, self.n_batch, self.n_classes = labels, n_batch, n_classes\n"
        "loader = torch.utils.data.DataLoader(data, batch_sampler=ClassesSampler(labels, 200, 5))\n"
        "model = nn.Linear(3, 2)\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert values(found, "batch_size") == []


PRESETS = """
defaults:
  batch_size: 16
  lr: 0.01
debug:
  batch_size: 8
"""


def test_a_section_of_defaults_goes_before_what_may_be_laid_over_it(tmp_path: Path) -> None:
    text = HEAD + (
        "import yaml\n"
        "from runs import overlaid\n"
        "settings = overlaid(yaml.safe_load(open('configs.yaml')))\n"
        "loader = streamed(settings)\n"
        "model = nn.Linear(3, 2)\n"
    )
    text += STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    found = analysed(tmp_path, {"train.py": text, "configs.yaml": PRESETS})
    assert values(found, "batch_size") == [16]


NOAM = """
import json
import numpy as np
other = json.load(open("vocoder.json"))
model = nn.Linear(3, 2)
optimizer = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98))
WIDTH = 256
init_lr = BASE
for step, (x, y) in enumerate(loader):
    for group in optimizer.param_groups:
        group["lr"] = init_lr * np.min([np.power(step, -0.5), step * 0.001])
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("base", "expected"), [("np.power(WIDTH, -0.5)", []), ("draw()", [0.0002])])
def test_a_rate_that_is_worked_out_of_a_width(base: str, expected: list[float], tmp_path: Path) -> None:
    files = {"train.py": HEAD + NOAM.replace("BASE", base), "vocoder.json": '{"learning_rate": 0.0002, "width": 8}'}
    assert values(analysed(tmp_path, files), "learning_rate") == expected


def test_a_rate_for_each_image_is_one(tmp_path: Path) -> None:
    text = NOAM.replace("WIDTH = 256", "batch, lr_per_image = 64, 1e-4").replace("BASE", "lr_per_image * batch")
    text = text.replace("init_lr", "lr").replace("np.min([np.power(step, -0.5), step * 0.001])", "np.power(step, -0.5)")
    found = analysed(tmp_path, {"train.py": HEAD + text, "vocoder.json": "{}"})
    assert values(found, "learning_rate") == [1e-4]


SPEAKS = """
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = nn.MultiheadAttention(32, 4)
        self.first, self.second = nn.LayerNorm(32), nn.LayerNorm(32)
        self.feed = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 32))

    def forward(self, x):
        x = self.first(x + self.attend(x, x, x)[0])
        return self.second(x + self.feed(x))

class Lasts(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(32, 1)

    def forward(self, TAKEN):
        return self.line(encoder_output).squeeze(-1)

class Speaks(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 32)
        self.encoder = nn.Sequential(*[Layer() for _ in range(3)])
        self.lasts = Lasts()

    def forward(self, x, mask):
        return self.lasts(GIVEN)

model = Speaks()
"""


@pytest.mark.parametrize(
    ("taken", "given", "expected"),
    [
        ("encoder_output, mask", "self.encoder(self.words(x)), mask", False),
        ("said, encoder_output", "x, self.encoder(self.words(x))", True),
    ],
)
def test_a_decoder_is_given_more_than_an_encoders_output(
    taken: str, given: str, expected: bool, tmp_path: Path
) -> None:
    text = HEAD + SPEAKS.replace("TAKEN", taken).replace("GIVEN", given)
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.l1_loss(model(x, None), y)")})
    assert ("Seq2Seq" in values(found, "architecture")) == expected


def test_a_maker_of_timms_own_goes_by_what_it_makes(tmp_path: Path) -> None:
    text = HEAD + (
        "from timm.models.vision_transformer import _create_vision_transformer\n"
        "model = _create_vision_transformer('own_tiny', patch_size=8, embed_dim=192)\n"
    )
    found = analysed(tmp_path, {"train.py": text + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")})
    assert values(found, "architecture") == ["ViT", "Transformer", "Attention"]
