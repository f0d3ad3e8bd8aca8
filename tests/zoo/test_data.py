"""The studies read data that they did not bring: MNIST's own files, gzipped or not, and folders of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assets.zoo.running import Runner
from assets.zoo.studies import ZOO, load
from assets.zoo.train_all import train_one

WITH_DATA = {name: study for name, study in load().items() if study.data}
READERS = {
    "autoencoders": "from digits import load; x = load(folder)[0]",
    "beta_vae": "from digits import mnist; x = mnist(folder)[0]",
    "classifier": "from train import load; x, _, train, _ = load(folder); x = x[train]",
    "conditional_diffusion": "from guided import mnist; from pathlib import Path; x = mnist(Path(folder))[0]",
    "dcgan_wgan_gp": "from digits import digits; x = digits(folder)[0]",
    "diffusion": "from diffusion_digits import load_images; x = load_images(folder)",
    "diffusion_transformer": "from dit import load_images; x = load_images(folder)",
    "gan_ae": "from gan_ae import load_data; x = load_data(folder)[0]",
    "latent_diffusion": "from train import load_pictures; from pathlib import Path; x = load_pictures(Path(folder))",
    "pixelcnn": "from pixelcnn import load_levels; from pathlib import Path; x = load_levels(Path(folder))[0]",
    "vae/v1": "from train_vae import load; x = load(folder)[0]",
    "vae/v2": "from train_vae import load; x = load(folder)[0]",
    "vq_vae": "from data import load_pictures; x = load_pictures(folder)[0]",
}
"""The line of code that has a study read the training pictures of `folder`."""


@pytest.mark.parametrize("study", READERS)
def test_mnist_is_read_as_the_digits_are(study: str, runner: Runner, mnist: Path, tmp_path: Path) -> None:
    lines = ["import sys", "import numpy as np", f"sys.path.insert(0, {str(ZOO / study)!r})"]
    (tmp_path / "plain.py").write_text("\n".join([*lines, "folder = sys.argv[1]", READERS[study], "np.save('x', x)"]))
    expected = np.load(mnist / "expected.npy")
    for folder in (mnist / "plain", mnist / "gz"):
        done = runner.run(tmp_path, "plain.py", [str(folder)])
        assert not done.code, done.stderr
        read = np.load(tmp_path / "x.npy")
        assert read.size == expected.size
        assert np.corrcoef(read.ravel(), expected.ravel())[0, 1] > 0.995


@pytest.mark.parametrize("name", WITH_DATA)
def test_the_data_can_be_a_folder(name: str, runner: Runner, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    given = request.getfixturevalue(WITH_DATA[name].data_kind)
    folders = sorted(path for path in given.iterdir() if path.is_dir())
    folder = folders[list(WITH_DATA).index(name) % len(folders)]  # every other study has it gzipped
    error, _ = train_one(runner, WITH_DATA[name], tmp_path, quick=True, data=folder)
    assert not error


@pytest.mark.parametrize("name", WITH_DATA)
def test_a_folder_without_data_is_said(name: str, runner: Runner, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    error, _ = train_one(runner, WITH_DATA[name], tmp_path, quick=True, data=empty)
    assert str(empty) in error
