"""Train the zoo from nothing: `python -m assets.zoo.train_all [STUDY...]`.

Each study runs as its author would run it, in its own folder, one after the other, on one thread, so that the same
machine gives the same results. `--into DIR` works on a copy, and `--quick` runs only a few steps of each (on a copy).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ZOO = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Study:
    """A folder, the arguments of one run in it, where its printed lines are kept, and what makes it quick.

    `quick` says which text of which file is replaced; `quick_arguments` are added to the command.
    """

    name: str
    folder: str
    script: str
    arguments: tuple[str, ...] = ()
    log: str = ""
    quick: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    quick_arguments: tuple[str, ...] = ()


STUDIES = (
    Study("vae-v1", "vae/v1", "train_vae.py", quick_arguments=("--epochs", "1")),
    Study("vae-v2", "vae/v2", "train_vae.py", quick_arguments=("--epochs", "1")),
    Study(
        "classifier-cnn",
        "classifier",
        "train.py",
        log="runs/cnn/train.log",
        quick={"configs/cnn.yaml": (("epochs: 40", "epochs: 1"),)},
    ),
    Study(
        "classifier-mlp",
        "classifier",
        "train.py",
        ("--config", "configs/mlp.yaml"),
        "runs/mlp/train.log",
        quick={"configs/mlp.yaml": (("epochs: 60", "epochs: 1"),)},
    ),
    Study("conditional-gan", "conditional_gan", "cgan.py", quick={"cgan.py": (("EPOCHS = 300", "EPOCHS = 1"),)}),
    Study(
        "diffusion",
        "diffusion",
        "diffusion_digits.py",
        quick={
            "diffusion_digits.py": (
                ("steps: int = 3000", "steps: int = 50"),
                ("timesteps: int = 200", "timesteps: int = 4"),
            )
        },
    ),
    Study(
        "latent-diffusion",
        "latent_diffusion",
        "train.py",
        quick_arguments=("--ae-epochs", "1", "--diffusion-epochs", "1", "--timesteps", "4"),
    ),
    Study(
        "add-numbers",
        "add_numbers",
        "main.py",
        quick={"main.py": (("EPOCHS = 40", "EPOCHS = 1"), ("LIMIT = 100", "LIMIT = 10"))},
    ),
    Study("wgan-2d", "wgan_2d", "wgan_gp.py", quick_arguments=("--steps", "50", "--n-critic", "1")),
    Study(
        "flow-2d",
        "flow_2d",
        "real_nvp.ipynb",
        quick={"real_nvp.ipynb": (("num_epochs = 60", "num_epochs = 5"), ("points = 10000", "points = 8256"))},
    ),
)


def run_study(study: Study, zoo: Path, quick: bool = False) -> None:
    """Run one study in a zoo folder. Raises CalledProcessError with what it printed."""
    folder = zoo / study.folder
    if quick:
        _shorten(study, folder)
    script = (
        [str(Path(__file__).resolve()), "--notebook", study.script]
        if study.script.endswith(".ipynb")
        else [study.script]
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *script, *study.arguments, *(study.quick_arguments if quick else ())]
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    if study.log:
        (folder / study.log).write_text(done.stdout)


def _shorten(study: Study, folder: Path) -> None:
    """Replace the numbers that make it long. Raises ValueError where one is not there any more."""
    for name, replacements in study.quick.items():
        text = (folder / name).read_text()
        for old, new in replacements:
            if old not in text:
                raise ValueError(f"{study.folder}/{name} does not say {old!r}")
            text = text.replace(old, new)
        (folder / name).write_text(text)


def run_notebook(path: Path) -> None:
    """Run the code cells in turn and keep what they print as their outputs."""
    book = json.loads(path.read_text())
    names: dict[str, object] = {"__name__": "__main__"}
    count = 0
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("".join(cell["source"]), f"{path.name} cell {count}", "exec"), names)
            cell["execution_count"] = count
            lines = printed.getvalue().splitlines(keepends=True)
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
    path.write_text(json.dumps(book, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=", ".join(study.name for study in STUDIES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--into", type=Path)
    parser.add_argument("--notebook", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.notebook:
        run_notebook(args.notebook)
        return 0
    unknown = set(args.studies) - {study.name for study in STUDIES}
    if unknown:
        parser.error(f"no study is called {', '.join(sorted(unknown))}")
    zoo = args.into or (Path(tempfile.mkdtemp(prefix="zoo-")) if args.quick else ZOO)
    if zoo != ZOO:
        shutil.copytree(ZOO, zoo, dirs_exist_ok=True)
    return train([study for study in STUDIES if not args.studies or study.name in args.studies], zoo, args.quick)


def train(studies: list[Study], zoo: Path, quick: bool) -> int:
    """Run studies with a bar on stderr; the first that fails ends it, with what it said."""
    for done, study in enumerate(studies):
        bar = "#" * (20 * done // len(studies))
        print(f"\r[{bar:20}] {done}/{len(studies)} {study.name:20}", end="", file=sys.stderr, flush=True)
        started = time.monotonic()
        try:
            run_study(study, zoo, quick)
        except subprocess.CalledProcessError as error:
            print(f"\n{study.name} failed\n{error.stderr}", file=sys.stderr)
            return 1
        print(f"\r\x1b[K{study.name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"trained {len(studies)} studies in {zoo}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
