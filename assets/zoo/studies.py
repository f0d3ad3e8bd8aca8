"""The studies of the zoo as `studies.toml` lists them; how one is made quick, or given another seed or data."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ZOO = Path(__file__).resolve().parent
NUMBER = re.compile(r"\d+(?=\D*$)")
"""The last number of a text: the seed."""


@dataclass(frozen=True)
class Study:
    """One run: a script in a folder, and what `studies.toml` says about it (its head explains each entry)."""

    name: str
    folder: str
    script: str
    seed: str | Mapping[str, str]
    arguments: list[str] = field(default_factory=list)
    log: str = ""
    data: str | Mapping[str, str] = ""
    data_kind: str = "mnist"
    reads: list[str] = field(default_factory=list)
    grids: list[str] = field(default_factory=list)
    quick: Mapping[str, Any] = field(default_factory=dict)
    numbers: list[Mapping[str, Any]] = field(default_factory=list)
    short: str = ""

    @property
    def shipped_seed(self) -> int:
        """The seed that the script has of itself. Raises ValueError where `seed` names no number."""
        text = self.seed if isinstance(self.seed, str) else next(iter(self.seed.values()))
        found = NUMBER.search(text)
        if not found:
            raise ValueError(f"{self.name}: no number in its seed {text!r}")
        return int(found[0])


def load(path: Path = ZOO / "studies.toml") -> dict[str, Study]:
    """Every study by its name, in the order of the file."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Study(name, **table) for name, table in tables.items()}


def named(names: Iterable[str]) -> list[Study]:
    """The studies of these names, or all. Raises ValueError for a name that is none."""
    studies, wanted = load(), set(names)
    if wanted - studies.keys():
        raise ValueError(f"no study is called {', '.join(sorted(wanted - studies.keys()))}")
    return [study for study in studies.values() if not wanted or study.name in wanted]


def copy(study: Study, zoo: Path) -> Path:
    """Copy what a study is made of and reads, without what it left, into another zoo folder; gives its new folder."""
    code = (".py", ".ipynb", ".yaml", ".yml", ".toml")
    sources = [path for path in sorted((ZOO / study.folder).rglob("*")) if path.suffix in code]
    for source in [*sources, *(ZOO / name for name in study.reads)]:
        target = zoo / source.relative_to(ZOO)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return zoo / study.folder


def prepare(
    study: Study, folder: Path, quick: bool = False, seed: int | None = None, data: Path | None = None
) -> list[str]:
    """Change a copy of a study's files as asked; gives the arguments to run it with.

    Raises ValueError where a file does not say any more what is to be replaced.
    """
    arguments = list(study.arguments)
    if quick:
        arguments += study.quick.get("arguments", [])
        for name, texts in study.quick.get("replace", {}).items():
            _replace(folder / name, texts)
    if seed is not None:
        if isinstance(study.seed, str):
            arguments += NUMBER.sub(str(seed), study.seed).split()
        else:
            for name, text in study.seed.items():
                _replace(folder / name, {text: NUMBER.sub(str(seed), text)})
    if data is not None:
        if isinstance(study.data, str):
            arguments += [study.data, str(data)]
        else:
            for name, text in study.data.items():
                _replace(folder / name, {text: f"{text.split(' = ')[0]} = {str(data)!r}"})
    return arguments


def _replace(path: Path, texts: Mapping[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in texts.items():
        if old not in text:
            raise ValueError(f"{path.name} does not say {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
