"""Run a PyTorch script until its networks are built and write how many parameters they have.

    python _building.py SCRIPT REPORT.json COUNT,COUNT... [the script's arguments]

It stops at the first training step at which networks of all COUNTs are built, or after `SECONDS`. Data loaders are
empty, packages that are not installed are stand-ins, weights are not downloaded. Used by `parameter_counts.py`.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import runpy
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import torch

SECONDS = 20
"""Processor time for one script."""


class Stopped(BaseException):
    """Every network that was expected is built, or the time is over."""


class Missing(types.ModuleType):
    """A package that is not installed: its classes of networks are `nn.Module`, the rest answers anything."""

    __path__: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("Module"):
            return torch.nn.Module
        value = type(name, (), {"__init__": lambda self, *a, **k: None}) if name.endswith("Callback") else MagicMock()
        setattr(self, name, value)
        return value


class Stand(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what nobody else finds, unless it could be the script's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        top = name.split(".")[0]
        around = (self.folder, *self.folder.parents)
        if any((place / top).exists() or (place / f"{top}.py").exists() for place in around) or _by_a_library():
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return Missing(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _by_a_library() -> bool:
    """Whether an installed package asks: it does without what is not there."""
    frame = sys._getframe(2)
    while frame is not None and ("importlib" in frame.f_code.co_filename or frame.f_code.co_filename == __file__):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and (
        "site-packages" in frame.f_code.co_filename or "lib/python" in frame.f_code.co_filename
    )


class Empty:
    """A data loader with nothing in it."""

    def __init__(self, dataset: Any = None, *rest: Any, **options: Any) -> None:
        self.dataset, self.batch_size = dataset, options.get("batch_size", 1)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 1


def loader(dataset: Any = None, *rest: Any, _real: Any = torch.utils.data.DataLoader, **options: Any) -> Any:
    """The real loader, or an empty one where the data is a stand-in."""
    try:
        return _real(dataset, *rest, **options)
    except (TypeError, ValueError, AttributeError):
        return Empty(dataset, *rest, **options)


def watch(kept: list[torch.nn.Module], expected: set[int]) -> None:
    """Keep every network that is made. No step of training changes a weight; one stops if all is there."""
    made = torch.nn.Module.__init__

    def keep(self: torch.nn.Module, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        kept.append(self)

    def step(*given: Any, **named: Any) -> Any:
        if expected <= {count for group in counts(kept).values() for count in group}:
            raise Stopped

    torch.nn.Module.__init__ = keep  # type: ignore[method-assign]
    torch.Tensor.backward = step  # type: ignore[method-assign]
    for optimizer in vars(torch.optim).values():
        if isinstance(optimizer, type) and issubclass(optimizer, torch.optim.Optimizer):
            optimizer.step = step  # type: ignore[method-assign]


def counts(kept: list[torch.nn.Module]) -> dict[str, list[int]]:
    """Parameters (a shared one once) of each network that is part of no other, by its class."""
    parts = {id(child) for module in kept for child in module.modules() if child is not module}
    found: dict[str, list[int]] = {}
    for module in kept:
        size = sum(weight.numel() for weight in module.parameters())
        if size and id(module) not in parts:
            found.setdefault(type(module).__name__, []).append(size)
    return found


def run(script: Path) -> None:
    if script.suffix == ".ipynb":
        names: dict[str, Any] = {"__name__": "__main__"}
        for cell in json.loads(script.read_text())["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
    else:
        runpy.run_path(str(script), run_name="__main__")


def _over(*_: object) -> None:
    raise Stopped


def main() -> None:
    script, report, expected, *rest = sys.argv[1:]
    kept: list[torch.nn.Module] = []
    watch(kept, {int(count) for count in expected.split(",")})
    signal.signal(signal.SIGPROF, _over)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    torch.utils.data.DataLoader = loader  # type: ignore[misc,assignment]
    sys.argv = [script, *rest]
    sys.path.insert(0, str(Path(script).parent))
    sys.meta_path.append(Stand(Path(script).parent))
    why = "ended"
    try:
        run(Path(script))
    except Stopped:
        why = "stopped"
    except BaseException as error:  # whatever stops it, what it has built is counted
        why = f"{type(error).__name__}: {error}"[:200]
    Path(report).write_text(json.dumps({"counts": counts(kept), "why": why}))


if __name__ == "__main__":
    main()
