"""A folder that means harm: everything in it that could be run makes a canary file, and every name wears escapes."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import zipfile
from pathlib import Path

ESCAPE = "\x1b]0;owned\x07\x1b[31m\x1b[2J\x9b5n"
"""Sets the title, the colour, clears the screen, asks for the status (an 8-bit one)."""
BIDI = "\u202e\u2066\u200f"
ODD = f"[red]bold[/] {ESCAPE} {BIDI} <b>&amp;</b> `x` | \u2028 \u061c \ufeff $(touch x)"

SCRIPT = '''"""ABOUT"""
import os
import torch
from torch import nn
from torchvision.utils import save_image

open(CANARY, "w").write("the script")
os.system("touch CANARY_PATH")


class NAME(nn.Module):
    """ABOUT"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 64))

    def forward(self, x):
        return self.body(x)


def main(batch_size=64, note="ABOUT"):
    model = NAME()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(5):
        for x in torch.utils.data.DataLoader(torch.load("checkpoint.pt"), batch_size=batch_size):
            loss = nn.functional.mse_loss(model(x), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        save_image(x, f"samples/epoch_{epoch}.png")
    torch.save(model.state_dict(), "checkpoint.pt")


main()
'''


class Touch:
    """Unpickled, it makes the canary."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.canary}'",)


def make(home: Path, canary: Path) -> None:
    """Fill the folder; whatever of it is run makes `canary`."""
    home.mkdir(parents=True)
    _sources(home, canary)
    _checkpoints(home, canary)
    _notebook(home, canary)
    _configurations(home, canary)
    _pictures(home)
    _logs(home)
    _repository(home, canary)


def _script(path: Path, canary: Path, name: str = "Net", about: str = "Train a net.") -> None:
    text = SCRIPT.replace("CANARY_PATH", str(canary)).replace("CANARY", repr(str(canary)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("NAME", name).replace("ABOUT", about), encoding="utf-8")


def _sources(home: Path, canary: Path) -> None:
    run = f"open({str(canary)!r}, 'w').write(__file__)\n"
    for name in ("setup", "conftest", "sitecustomize", "usercustomize", "__init__", "core", "duckdb"):
        (home / f"{name}.py").write_text(run)
    for name in ("torch", "numpy", "yaml", "sitecustomize"):
        (home / "shadows").mkdir(exist_ok=True)
        (home / "shadows" / f"{name}.py").write_text(run)
    _script(home / "shadows" / "train.py", canary)
    (home / "evil.pth").write_text(f"import os; os.system(\"touch '{canary}'\")\n")
    _script(home / "train.py", canary, about=ODD.replace("\\", ""))
    escaped = ODD.encode("unicode_escape").decode().replace('"', "'")
    _script(home / "escaped" / "train.py", canary, about=escaped)
    (home / "doubling").mkdir()
    (home / "doubling" / "train.py").write_text(_doubling())
    _script(home / "classes" / "train.py", canary, name="Ｎet\u0301", about="A class of other letters.")
    for number, name in enumerate(("new\nline", f"a{ESCAPE}b", f"bidi{BIDI}", "[red]x[/red]", "-rf", "a b 'c' \"d\"")):
        _script(home / f"odd{number}" / f"{name}.py", canary)
    _script(home / "--help" / "$(touch x).py", canary)


def _doubling() -> str:
    """Values that would fill every memory in sixty lines, were they made; and texts that are no Unicode."""
    begun = "text, items, table, number, name = 'xx', [1], {'a': 1}, 3, '\\ud800\\x00'\n"
    steps = (
        "text = text + text", "text = f'{text}{text}'", "text = '%s%s' % (text, text)", "text = '-'.join([text, text])",
        "text = text.replace('x', text)", "items = items + items", "items = [*items, *items]", "items.extend(items)",
        "items += items", "table = {'a': table, 'b': table}", "number = number ** number", "text = 'a' * 10**12",
    )  # fmt: skip
    lines = "\n".join(f"{step}" for step in steps for _ in range(60))
    return (
        begun
        + lines
        + "\n"
        + SCRIPT.replace("open(CANARY", "print(text, items, table, number, name")
        .replace("NAME", "Doubled")
        .replace("lr=1e-3", "lr=number")
        .replace("ABOUT", "A net.")
        .replace(', "w").write("the script")', ")")
    )


def _checkpoints(home: Path, canary: Path) -> None:
    data = pickle.dumps({"state_dict": Touch(canary), "epoch": 3})
    for name in ("checkpoint.pt", "model.pkl", "weights.ckpt", "a.joblib", "b.npy", "events.out.tfevents.1.x"):
        (home / name).write_bytes(data)
    with zipfile.ZipFile(home / "zip.pth", "w") as archive:
        archive.writestr("archive/data.pkl", data)
    for name, member in (("bomb.pt", "archive/data.pkl"), ("bomb.keras", "config.json"), ("bomb.npz", "w.npy")):
        with zipfile.ZipFile(home / name, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(member, "w") as inner:
            for _ in range(100):
                inner.write(b"\0" * (1 << 20))
    with zipfile.ZipFile(home / "names.npz", "w") as archive:
        archive.writestr(f"../../{ESCAPE}[red].npy", b"\x93NUMPY\x01\x00v\x00{'shape': (3, 4), }")
    header = json.dumps({f"{ODD}.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    (home / "named.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(24))


def _notebook(home: Path, canary: Path) -> None:
    code = SCRIPT.replace("CANARY_PATH", str(canary)).replace("CANARY", repr(str(canary)))
    code = code.replace("NAME", "Noted").replace("ABOUT", "A notebook")
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": [f"{ODD}\n"] * 1000},
        {"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000},
        {"output_type": "display_data", "data": {"text/html": f"<script>{ODD}</script>", "image/png": "!" * 100_000}},
        {"output_type": "error", "ename": ODD, "evalue": ODD, "traceback": [ODD]},
    ]
    cells = [
        {"cell_type": "markdown", "source": [f"# {ODD}\n"], "metadata": {}},
        {"cell_type": "code", "source": f"!touch {canary}\n%run setup.py\n", "outputs": [], "metadata": {}},
        {"cell_type": "code", "source": f"%%bash\ntouch {canary}\n", "outputs": outputs, "metadata": {}},
        {"cell_type": "code", "source": code.splitlines(keepends=True), "outputs": outputs, "metadata": {}},
    ]
    (home / "book.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))


def _configurations(home: Path, canary: Path) -> None:
    laughs = "a: &a [lol, lol]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
    )
    merged = "a: &a {x: 1}\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)}\n  <<: [*{chr(97 + n)}, *{chr(97 + n)}]\n  k{n}: *{chr(97 + n)}\n"
        for n in range(20)
    )
    configs = home / "configs"
    configs.mkdir()
    files = {
        "tags.yaml": f"lr: !!python/object/apply:os.system ['touch {canary}']\nname: !!python/name:os.system\n"
        f"m: !!python/module:os\nbatch_size: 32\nt: !evil {{a: 1}}\n",
        "laughs.yaml": laughs,
        "merged.yaml": merged,
        "itself.yaml": "a: &a [*a, {b: *a}]\nm: &m\n  <<: *m\n",
        "deep.yaml": "[" * 100_000,
        "wide.yaml": "\n".join(f"{' ' * n}k:" for n in range(700)),
        "deep.json": '{"a":' * 100_000,
        "deep.toml": "a = " + "[" * 100_000,
        "dotted.toml": ".".join(["a"] * 20_000) + " = 1\n",
        "number.json": '{"lr": ' + "9" * 100_000 + ', "e": 1e999999}',
        "number.toml": "lr = " + "9" * 100_000 + "\ndate = 0000-99-99\n",
        "names.yaml": json.dumps({ODD: {ODD: ODD}}),
    }
    for name, text in files.items():
        (configs / name).write_text(text)
    _script(home / "configured.py", canary)
    reading = (
        "import argparse, yaml\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--config', default='configs/tags.yaml')\n"
        "cfg = yaml.load(open(p.parse_args().config), Loader=yaml.UnsafeLoader)\n"
    )
    text = (home / "configured.py").read_text().replace("lr=1e-3", "lr=cfg['lr']")
    (home / "configured.py").write_text(text.replace("import os\n", f"import os\n{reading}"))


def _pictures(home: Path) -> None:
    samples = home / "samples"
    samples.mkdir()
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 100_000, 100_000) + b"\x08\x02\0\0\0" + b"\0\0\0\0"
    (samples / "epoch_1.png").write_bytes(head)
    (samples / f"epoch_2{ESCAPE}.png").write_bytes(b"\x89PNG broken")
    (samples / "epoch_3.png").write_bytes(b"GIF89a" + b"\xff" * 100)
    (samples / "epoch_4.svg").write_text(f'<svg onload="{ODD}"><image href="file:///etc/passwd"/></svg>')


def _logs(home: Path) -> None:
    (home / "metrics.csv").write_text(f'epoch,loss,"{ODD}"\n1,0.5,1\n2,nan,inf\n3,1e400,-1e400\n')
    (home / "log.jsonl").write_text(json.dumps({"epoch": 1, ODD: 0.5, "loss": 0.25}) + "\n" + "[" * 50_000 + "\n")
    (home / "train.log").write_text(f"epoch 1 loss 0.5 {ODD}\n" * 10)


def _repository(home: Path, canary: Path) -> None:
    """A history whose configuration names the canary's maker wherever a configuration can name a program."""
    program = home / ".canary"
    program.write_text(f"#!/bin/sh\ntouch '{canary}'\ncat\n")
    program.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": f"[red]Mal{ESCAPE}lory", "GIT_AUTHOR_EMAIL": "m@example.invalid",
        "GIT_COMMITTER_NAME": "M", "GIT_COMMITTER_EMAIL": "m@example.invalid",
    }  # fmt: skip
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", ODD]):
        subprocess.run(["git", "-C", str(home), *words], check=True, env=env, capture_output=True)
    git = home / ".git"
    (git / "config").write_text(configuration(str(program), git))
    (git / "evil").write_text(configuration(str(program), git).replace("[include", "[ignored"))
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"):
        (git / "hooks").mkdir(exist_ok=True)
        (git / "hooks" / hook).write_bytes(program.read_bytes())
        (git / "hooks" / hook).chmod(0o755)
    (home / ".gitattributes").write_text("* diff=evil filter=evil merge=evil\n")


def configuration(program: str, git: Path) -> str:
    """A git configuration in which every setting that may name a program names this one."""
    return f"""
[core]
    repositoryformatversion = 0
    fsmonitor = {program}
    hooksPath = {git}/hooks
    pager = {program}
    editor = {program}
    sshCommand = {program}
    askPass = {program}
    gitProxy = {program}
    alternateRefsCommand = {program}
[include]
    path = evil
[includeIf "gitdir:**"]
    path = evil
[log]
    showSignature = true
[gpg]
    program = {program}
[gpg "ssh"]
    program = {program}
    defaultKeyCommand = {program}
[diff]
    external = {program}
[diff "evil"]
    textconv = {program}
    command = {program}
[filter "evil"]
    clean = {program}
    smudge = {program}
    process = {program}
    required = true
[merge "evil"]
    driver = {program}
[pager]
    log = {program}
[alias]
    log = !{program}
    rev-parse = !{program}
    ls-tree = !{program}
[credential]
    helper = !{program}
[remote "origin"]
    url = ext::{program}
    promisor = true
    uploadpack = {program}
[uploadpack]
    packObjectsHook = {program}
[protocol]
    allow = always
[trace2]
    eventTarget = af_unix:{program}
[interactive]
    diffFilter = {program}
[sequence]
    editor = {program}
[web]
    browser = {program}
[maintenance]
    auto = true
"""
