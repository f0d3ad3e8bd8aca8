"""Pictures that are made good or read, views that are drawn together, and data unlike what was learned from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

CONVOLVING = """
model = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 3, 3, padding=1))
"""
TELLING = """
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))
"""


def tasks(folder: Path, network: str, step: str, said: str = "", before: str = "") -> list[object]:
    code = HEAD + before + network + STEP.replace("LOSS", step.replace("\n", "\n        "))
    files = {"train.py": code} | ({"README.md": said} if said else {})
    return values(analysed(folder / "folder" / "of" / "somebody", files), "task")


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("noise = torch.randn(x.size())\nmixed = x + noise\nloss = F.mse_loss(model(mixed), noise)", ["denoising"]),
        ("noisy = spoil(x)\nloss = F.l1_loss(model(noisy), x)", ["denoising"]),
        ("hazy = x\nloss = F.mse_loss(model(hazy), y)", ["image restoration"]),
        ("img_lowlight = x\nloss = (model(img_lowlight) - 0.6).abs().mean()", ["image restoration"]),
        ("out = model(x)\nloss = F.mse_loss(out, y)\nlikeness = psnr(out, y)", ["image-to-image"]),
        ("out = model(x)\nloss = F.mse_loss(out, y)", []),
        ("hazy = x\nloss = F.cross_entropy(model(hazy), y)", ["image classification"]),
        ("frames = x\nout = model(frames)\nloss = F.mse_loss(out, y)\nlikeness = psnr(out, y)", []),
    ],
)
def test_pictures_are_made_good(tmp_path: Path, step: str, found: list[str]) -> None:
    assert tasks(tmp_path, CONVOLVING, step) == found


def test_a_classifier_of_noisy_pictures_tells_kinds(tmp_path: Path) -> None:
    step = "noisy = x + torch.randn(x.size())\nloss = F.cross_entropy(model(noisy), y)"
    assert tasks(tmp_path, TELLING, step) == ["image classification"]


@pytest.mark.parametrize(
    ("loss", "found"),
    [
        ("-F.cosine_similarity(p, z.detach()).mean()", ["contrastive learning"]),
        ("1 - F.cosine_similarity(p, z.detach()).mean()", []),
    ],
)
def test_a_view_is_drawn_to_one_that_is_held_still(tmp_path: Path, loss: str, found: list[str]) -> None:
    assert tasks(tmp_path, TELLING, f"p, z = model(x), model(y)\nloss = {loss}") == found


@pytest.mark.parametrize("name", ["NCECriterion", "DINOLoss", "BarlowTwinsLoss"])
def test_losses_of_views_are_for_representations(tmp_path: Path, name: str) -> None:
    loss = f"""
class {name}(nn.Module):
    def forward(self, scores):
        return -scores.log().mean()
criterion = {name}()
"""
    assert tasks(tmp_path, TELLING, "loss = criterion(model(x))", before=loss) == ["contrastive learning"]


@pytest.mark.parametrize(
    ("name", "found"), [("normal_class", "anomaly detection"), ("one_class", "image classification")]
)
def test_what_is_normal_is_a_class(tmp_path: Path, name: str, found: str) -> None:
    before = f"{name} = 0\nloader = [(x, y) for x, y in everything if y == {name}]\n"
    assert tasks(tmp_path, TELLING, "loss = F.cross_entropy(model(x), y)", before=before) == [found]


@pytest.mark.parametrize(("other", "found"), [("target", "domain adaptation"), ("second", "image classification")])
def test_kinds_are_carried_over_to_another_domain(tmp_path: Path, other: str, found: str) -> None:
    step = f"""source, {other} = x
domain_loss = F.cross_entropy(model({other}), y)
loss = F.cross_entropy(model(source), y) + domain_loss"""
    assert tasks(tmp_path, TELLING, step) == [found]


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Semantic segmentation of streets", "image segmentation"),
        ("A small network", "image classification"),
        ("Captioning and semantic segmentation", "image classification"),
    ],
)
def test_the_heading_of_a_readme_says_what_for(tmp_path: Path, heading: str, found: str) -> None:
    said = f"# {heading}\n\nRun `train.py`; not for captioning.\n"
    assert tasks(tmp_path, TELLING, "loss = F.cross_entropy(model(x), y)", said) == [found]


def test_the_heading_of_a_readme_further_up_speaks_of_scripts_that_it_names(tmp_path: Path) -> None:
    known = "from torchvision.datasets import CIFAR10\nloader = CIFAR10('a')\n"
    code = HEAD + known + TELLING + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    told = "# Semantic segmentation\n\nRun `python tools/train.py`.\n"
    files = {"tools/train.py": code, "tools/other.py": code, "README.md": told}
    folder = tmp_path / "a" / "b" / "c"
    assert values(analysed(folder, files, "tools/train.py"), "task") == ["image segmentation"]
    assert values(analysed(folder, files, "tools/other.py"), "task") == ["image classification"]


def test_letters_of_an_alphabet_are_read(tmp_path: Path) -> None:
    network = """
alphabet = "abcdef"
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.features, self.rows, self.out = nn.Conv2d(1, 8, 3), nn.LSTM(8, 16), nn.Linear(16, len(alphabet))
    def forward(self, images):
        rows, _ = self.rows(self.features(images).flatten(2).permute(2, 0, 1))
        return self.out(rows)
model = Reader()
"""
    step = "images, letters = x, y\nloss = F.cross_entropy(model(images), letters)"
    assert tasks(tmp_path, network, step) == ["text recognition"]


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("images, masks = x\ncut = images * (1 - masks).float()\nloss = F.l1_loss(model(cut), images)", ["inpainting"]),
        ("rows, masks = x\ncut = rows * (1 - masks)\nloss = F.l1_loss(model(cut), rows)", []),
    ],
)
def test_what_a_mask_covers_is_made(tmp_path: Path, step: str, found: list[str]) -> None:
    assert tasks(tmp_path, CONVOLVING, step) == found


DENOISING = """
betas = torch.linspace(1e-4, 0.02, 1000)
alphas_cumprod = torch.cumprod(1 - betas, 0)
"""


@pytest.mark.parametrize(("given", "found"), [("y_cond", "image-to-image"), ("x_self_cond", "image generation")])
def test_a_picture_beside_the_noise_is_changed(tmp_path: Path, given: str, found: str) -> None:
    step = f"""{given}, noise, t = y, torch.randn_like(x), torch.randint(0, 1000, (8,))
a = alphas_cumprod[t]
noised = a.sqrt() * x + (1 - a).sqrt() * noise
loss = F.mse_loss(model(torch.cat([{given}, noised], dim=1), t), noise)"""
    assert tasks(tmp_path, CONVOLVING, step, before=DENOISING) == [found]


ADVERSARIES = """
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.content, self.manner = nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)
        self.back = nn.ConvTranspose2d(8, 3, 3)
    def encode(self, x):
        return self.content(x), self.manner(x)
    def decode(self, FIRST, manner):
        return self.back(FIRST * manner)
model, judge = Generator(), nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 1))
optimizer_d = torch.optim.Adam(judge.parameters(), lr=0.01)
bce = nn.BCEWithLogitsLoss()
"""


@pytest.mark.parametrize(("held", "found"), [("content", "image-to-image"), ("hidden", "image generation")])
def test_what_one_picture_holds_in_the_manner_of_another(tmp_path: Path, held: str, found: str) -> None:
    step = """content, _ = model.encode(x)
_, manner = model.encode(y)
fake = model.decode(content, manner)
d_loss = bce(judge(x), torch.ones(8, 1)) + bce(judge(fake.detach()), torch.zeros(8, 1))
d_loss.backward()
optimizer_d.step()
loss = bce(judge(fake), torch.ones(8, 1))"""
    assert tasks(tmp_path, ADVERSARIES.replace("FIRST", held), step) == [found]


@pytest.mark.parametrize(("name", "found"), [("sdf", ["3D reconstruction"]), ("height", ["regression"])])
def test_how_far_points_are_from_a_surface(tmp_path: Path, name: str, found: list[str]) -> None:
    network = "model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))\n"
    step = f"points, {name} = x, y.clamp(-1, 1)\n{name} = {name} / 2\nloss = F.l1_loss(model(points), {name})"
    assert tasks(tmp_path, network, step) == found


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ("num_joints, heatmap_size = 17, 64\nheatmap_size = [64, 64]", "image classification"),
        ("joints = y\nheatmap = draw(joints)", "pose estimation"),
    ],
)
def test_what_a_configuration_says_of_heat_is_no_map(tmp_path: Path, stated: str, found: str) -> None:
    assert tasks(tmp_path, TELLING, f"{stated}\nloss = F.cross_entropy(model(x), y)") == [found]


@pytest.mark.parametrize(
    ("value", "found"), [('args["meta"]["depth"]', "image classification"), ("model(x)", "depth estimation")]
)
def test_how_many_layers_are_wanted_is_no_depth(tmp_path: Path, value: str, found: str) -> None:
    assert tasks(tmp_path, TELLING, f"pred_depth = {value}\nloss = F.cross_entropy(model(x), y)") == [found]


@pytest.mark.parametrize(("beside", "found"), [("radius", "image classification"), ("seed", "meta-learning")])
def test_places_around_which_others_are_asked_for(tmp_path: Path, beside: str, found: str) -> None:
    before = f"""
def pairs(queries, supports, {beside}):
    return nearest(queries, supports, {beside})
"""
    step = "pairs(x, x, 1)\nloss = F.cross_entropy(model(x), y)"
    assert tasks(tmp_path, TELLING, step, before=before) == [found]


def test_what_follows_the_weights_steps_in_no_world(tmp_path: Path) -> None:
    step = "ema.step(model.parameters())\nmeter.reset()\nloss = F.cross_entropy(model(x), y)"
    assert tasks(tmp_path, TELLING, step, before="ema, meter = follow(), count()\n") == ["image classification"]


@pytest.mark.parametrize(("words", "found"), [("captions", "image captioning"), ("boxes", "image classification")])
def test_what_is_seen_is_described_in_words(tmp_path: Path, words: str, found: str) -> None:
    network = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.rows, self.out = nn.Conv2d(3, 8, 3), nn.LSTM(8, 16), nn.Linear(16, 4)
    def forward(self, x):
        return self.out(self.rows(self.conv(x).flatten(2))[0])
from torchvision.datasets import CocoDetection
loader = CocoDetection("a", "b")
model = Net()
"""
    assert tasks(tmp_path, network, f"{words} = y\nloss = F.cross_entropy(model(x), {words})") == [found]


@pytest.mark.parametrize(("word", "found"), [("gaze", ["gaze estimation"]), ("value", [])])
def test_what_several_functions_speak_of(tmp_path: Path, word: str, found: list[str]) -> None:
    before = f"""
def error({word}, wanted):
    return angle({word}) - angle(wanted)
def read(row):
    {word} = row[1:]
    return {word}
"""
    step = "loss = F.l1_loss(model(x), y)\nerror(read(x), y)"
    assert tasks(tmp_path, CONVOLVING, step, before=before) == found


@pytest.mark.parametrize(("name", "found"), [("RateDistortionLoss", ["image compression"]), ("SharpLoss", [])])
def test_what_a_loss_is_called_after(tmp_path: Path, name: str, found: list[str]) -> None:
    loss = f"""
class {name}(nn.Module):
    def forward(self, out, x):
        return (out - x).abs().mean() + out.std()
criterion = {name}()
"""
    assert tasks(tmp_path, CONVOLVING, "loss = criterion(model(x), x)", before=loss) == found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("cloud", "point cloud segmentation"),
        ("num_points", "point cloud segmentation"),
        ("scene", "image classification"),
    ],
)
def test_pictures_of_a_scan_are_no_clouds(tmp_path: Path, word: str, found: str) -> None:
    before = "class ScanNet(torch.utils.data.Dataset):\n    pass\nloader = ScanNet()\n"
    step = f"{word} = x\nloss = F.cross_entropy(model({word}), y)"
    assert tasks(tmp_path, TELLING, step, before=before) == [found]


def test_whether_a_distance_is_wanted_is_none(tmp_path: Path) -> None:
    network = "model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))\n"
    step = "points, sdf = x, None\nloss = F.l1_loss(model(points), y)"
    assert tasks(tmp_path, network, step) == ["regression"]
