"""Tasks told by losses, by data and by what the code speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

START = """
import torch
from torch import nn, optim
from torch.nn import functional as F
"""


def trained(loss: str) -> str:
    return f"""
opt = optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    {loss}(net(x), y).backward()
    opt.step()
"""


def tasks(folder: Path, code: str) -> list[object]:
    return values(analysed(folder, {"train.py": START + code}), "task")


@pytest.mark.parametrize(
    ("name", "found"),
    [("images", "text recognition"), ("sounds", "speech recognition"), ("mels", "speech recognition")],
)
def test_what_is_written_down_is_seen_or_heard(tmp_path: Path, name: str, found: str) -> None:
    code = f"""
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(2), nn.LSTM(64, 32))
opt, ctc = optim.Adam(net.parameters()), nn.CTCLoss()
for batch in loader:
    {name}, targets, sizes = batch
    ctc(net({name}), targets, sizes, sizes).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("name", "found"), [("mel", "audio generation"), ("codes", "data generation")])
def test_what_is_made_of_spectra_sounds(tmp_path: Path, name: str, found: str) -> None:
    code = f"""
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ConvTranspose1d(80, 1, 16)
    def forward(self, x):
        return self.layers(x)
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Conv1d(1, 1, 16)
    def forward(self, x):
        return self.layers(x)
generator, discriminator = Generator(), Discriminator()
opt_g, opt_d = optim.Adam(generator.parameters()), optim.Adam(discriminator.parameters())
for batch in loader:
    {name}, real = batch
    made = generator({name})
    ((discriminator(made) - 1) ** 2).mean().backward()
    opt_g.step()
    loss = (discriminator(made.detach()) ** 2).mean() + ((discriminator(real) - 1) ** 2).mean()
    loss.backward()
    opt_d.step()
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("loss", "found"), [("HoleLoss", []), ("DiceLoss", ["image segmentation"])])
def test_a_unet_segments_where_its_loss_judges_kinds(tmp_path: Path, loss: str, found: list[str]) -> None:
    code = f"""
class {loss}(nn.Module):
    def forward(self, made, wanted):
        return ((made - wanted).abs() * wanted).sum()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up = nn.Conv2d(3, 8, 3, stride=2), nn.ConvTranspose2d(8, 3, 2, stride=2)
        self.last = nn.Conv2d(6, 2, 3)
    def forward(self, x):
        return self.last(torch.cat([x, self.up(self.down(x))], 1))
net, judge = Net(), {loss}()
{trained("judge")}"""
    assert tasks(tmp_path, code) == found


def test_rows_of_a_table_are_classified_though_columns_are_cut(tmp_path: Path) -> None:
    code = f"""
from sklearn.datasets import load_breast_cancer
x, y = load_breast_cancer(return_X_y=True)
loader = [(x[:, 1:], x[:, :-1])]
net = nn.Sequential(nn.TransformerEncoderLayer(8, 2), nn.Linear(8, 2))
{trained("F.cross_entropy")}"""
    assert tasks(tmp_path, code) == ["classification"]


@pytest.mark.parametrize(("name", "found"), [("audio", ["audio generation"]), ("x", ["language modelling"])])
def test_what_continues_sound_makes_sound(tmp_path: Path, name: str, found: list[str]) -> None:
    code = f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.codes, self.cells, self.head = nn.Embedding(256, 64), nn.GRU(64, 64), nn.Linear(64, 256)
    def forward(self, x):
        return self.head(self.cells(self.codes(x))[0])
net = Net()
opt = optim.Adam(net.parameters())
for {name} in loader:
    F.cross_entropy(net({name}[:, :-1]), {name}[:, 1:]).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == found


@pytest.mark.parametrize(("name", "found"), [("wav", []), ("rows", ["time series forecasting"])])
def test_sound_that_is_made_better_is_no_forecast(tmp_path: Path, name: str, found: list[str]) -> None:
    code = f"""
net = nn.LSTM(64, 64)
opt = optim.Adam(net.parameters())
for batch in loader:
    {name}, clean = batch
    F.l1_loss(net({name}), clean).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *((name, "depth estimation") for name in ("disparity", "disp_left", "depth_pred", "gt_depths")),
        *((name, "image classification") for name in ("disp_interval", "disp_true", "depth_map", "out")),
    ],
)
def test_disparities_tell_depth(tmp_path: Path, name: str, found: str) -> None:
    code = f"""
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 1, 3))
opt = optim.Adam(net.parameters())
for x, y in loader:
    {name} = net(x)
    F.cross_entropy({name}, y).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == [found]


def test_views_of_rooms_are_made_by_depth(tmp_path: Path) -> None:
    code = """
class RealEstate10KDataset(torch.utils.data.Dataset):
    pass

net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 1, 3))
opt = optim.Adam(net.parameters())
for x, y in DataLoader(RealEstate10KDataset()):
    depth_pred = net(x)
    F.mse_loss(render(depth_pred, x), y).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == ["novel view synthesis"]


CHANGED = """
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 64, 4, stride=2), nn.ConvTranspose2d(64, 3, 4, stride=2))
    def forward(self, x):
        return self.layers(x)
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Conv2d(3, 1, 4)
    def forward(self, x):
        return torch.sigmoid(self.layers(x))
generator, discriminator, bce = Generator(), Discriminator(), nn.BCELoss()
opt_g, opt_d = optim.Adam(generator.parameters()), optim.Adam(discriminator.parameters())
for masked_img, real in loader:
    z = torch.randn(8, 64)
    made = generator(GIVEN)
    bce(discriminator(made), torch.ones(8)).backward()
    opt_g.step()
    (bce(discriminator(made.detach()), torch.zeros(8)) + bce(discriminator(real), torch.ones(8))).backward()
    opt_d.step()
"""


@pytest.mark.parametrize(
    ("given", "found", "family"), [("masked_img", "image-to-image", "GAN"), ("z", "image generation", "DCGAN")]
)
def test_what_is_given_pictures_and_no_noise_changes_them(tmp_path: Path, given: str, found: str, family: str) -> None:
    code = CHANGED.replace("GIVEN", given)
    assert tasks(tmp_path, code) == [found]
    assert values(analysed(tmp_path, {"train.py": START + code}), "architecture")[0] == family


def test_data_by_the_name_of_texts_may_be_pictures(tmp_path: Path) -> None:
    head = "loader = load('data/aclImdb/train')\n"
    faces = "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2))\n"
    words = "net = nn.Sequential(nn.Embedding(900, 8), nn.LSTM(8, 8), nn.Linear(8, 2))\n"
    assert tasks(tmp_path, head + faces + trained("F.cross_entropy")) != ["sentiment analysis"]
    assert tasks(tmp_path, head + words + trained("F.cross_entropy")) == ["sentiment analysis"]


@pytest.mark.parametrize(
    ("loss", "found"), [("info_nce_loss", "contrastive learning"), ("F.cross_entropy", "image classification")]
)
def test_views_of_one_thing_are_drawn_together(tmp_path: Path, loss: str, found: str) -> None:
    code = f"""
def info_nce_loss(z, y):
    scores = z @ z.T / 0.1
    return -(scores.diag() - scores.logsumexp(1)).mean()
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2))
{trained(loss)}"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(
    ("fed", "found"), [("x[:, 1:] - x[:, :-1]", ["classification"]), ("x[:, :-1], x[:, 1:]", ["language modelling"])]
)
def test_differences_continue_nothing(tmp_path: Path, fed: str, found: list[str]) -> None:
    code = f"""
net = nn.LSTM(8, 16)
opt = optim.Adam(net.parameters())
for x, y in loader:
    fed = {fed}
    F.cross_entropy(net(fed), y).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == found


@pytest.mark.parametrize(
    ("boxes", "found"), [("", "image segmentation"), (" + F.l1_loss(at, y)", "image classification")]
)
def test_what_boxes_share_is_measured_too(tmp_path: Path, boxes: str, found: str) -> None:
    code = f"""
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))
opt = optim.Adam(net.parameters())
for x, y in loader:
    made = at = net(x)
    mean_iou = measured(made, y)
    loss = F.cross_entropy(made, y){boxes}
    loss.backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("more", "found"), [("gamma", "classification"), ("gamma * after", "reinforcement learning")])
def test_rewards_grow_by_what_is_discounted(tmp_path: Path, more: str, found: str) -> None:
    code = f"""
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 3))
opt = optim.Adam(net.parameters())
for x, y, reward, after in loader:
    total = reward
    total += {more}
    F.cross_entropy(net(x), total).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(
    ("step", "found"), [("with torch.no_grad(): near", "classification"), ("near.backward()", "meta-learning")]
)
def test_few_examples_may_only_judge_what_is_trained_on_many(tmp_path: Path, step: str, found: str) -> None:
    code = f"""
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 3))
opt = optim.Adam(net.parameters())
for x, y in loader:
    F.cross_entropy(net(x), y).backward()
    opt.step()
def told_apart(support_x, query_x):
    near = torch.cdist(net(query_x), net(support_x)).mean()
    {step}
told_apart(torch.load("a.pt"), torch.load("b.pt"))
"""
    assert tasks(tmp_path, code) == [found]


@pytest.mark.parametrize(("wanted", "found"), [("x[1:]", ["language modelling"]), ("self.kinds[at]", [])])
def test_a_data_set_may_shift_what_is_to_be_told(tmp_path: Path, wanted: str, found: list[str]) -> None:
    code = f"""
class Pieces(torch.utils.data.Dataset):
    def __init__(self):
        self.all, self.kinds = torch.load("x.pt"), torch.load("y.pt")
    def __getitem__(self, at):
        x = self.all[at]
        return x[:-1], {wanted}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.look_up, self.read, self.out = nn.Embedding(9, 8), nn.GRU(8, 8), nn.Linear(8, 9)
    def forward(self, x):
        return self.out(self.read(self.look_up(x))[0])
net = Net()
opt = optim.Adam(net.parameters())
for x, y in torch.utils.data.DataLoader(Pieces(), batch_size=4):
    F.cross_entropy(net(x), y).backward()
    opt.step()
"""
    assert tasks(tmp_path, code) == found


@pytest.mark.parametrize(
    ("step", "acting"),
    [("for group in self.of.param_groups: group['lr'] = 0.1 / (1 + count)", False), ("self.at = count", True)],
)
def test_steps_of_a_schedule_of_ones_own_are_no_actions(tmp_path: Path, step: str, acting: bool) -> None:
    code = f"""
class Slower:
    def __init__(self, of):
        self.of = of
        self.step(0)
    def step(self, count):
        {step}
class Mean:
    def __init__(self):
        self.reset()
    def reset(self):
        self.sum = 0
net, mean = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)), Mean()
opt = optim.Adam(net.parameters())
slower = Slower(opt)
for x, y in loader:
    F.mse_loss(net(x), y).backward()
    opt.step()
"""
    assert ("reinforcement learning" in tasks(tmp_path, code)) is acting
