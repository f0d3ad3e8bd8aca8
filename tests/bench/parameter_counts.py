"""Parameter counts read from source, against PyTorch's own count of the networks that the same scripts build.

    python tests/bench/parameter_counts.py FOLDER...        (default: the demo collection)

Each script is started in a copy of its folder, in a process that stops when its networks are built, with data and
missing packages replaced by stand-ins (`_building.py`). This executes the scripts: use it on folders that you trust.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import modelsearch  # noqa: F401  (loads the packages beside it)
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.outline import outline
from core.analysis.source import read_source

KINDS = (".py", ".ipynb", ".yaml", ".yml", ".json", ".toml")
BUILDING = Path(__file__).with_name("_building.py")
LIMIT = 120
"""Seconds for one script to build its networks."""


@dataclass(frozen=True)
class Counted:
    """A model, the counts that the product states, and where its script and configuration stand in the folder."""

    id: str
    script: str
    config: str | None
    stated: tuple[int, ...]


def counted(folder: Path) -> Iterator[Counted]:
    """The PyTorch models of a folder and the counts that are stated for them."""
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in KINDS and p.is_file() and ".git" not in p.parts]
    sources = {str(path): read_source(path) for path in files if path.stat().st_size < 5_000_000}
    outlines = {path: outline(source) for path, source in sources.items()}
    for candidate in discover(outlines, str(folder)):
        facts = analyse(candidate, lambda path: sources.get(path) or read_source(path)).facts
        stated = tuple(fact.value for fact in facts if fact.field == "parameters" and isinstance(fact.value, int))
        if any(fact.field == "framework" and fact.value == "PyTorch" for fact in facts):
            script = candidate.script or candidate.path
            config = candidate.path if candidate.script else None
            yield Counted(os.path.relpath(candidate.path, folder), script, config, stated)


def built(model: Counted, folder: Path) -> tuple[dict[str, list[int]], str]:
    """PyTorch's counts by class of the networks that the script builds, and why it stopped."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".git", "data", "datasets"))
        script = copy / os.path.relpath(model.script, folder)
        command = [
            sys.executable,
            str(BUILDING),
            str(script),
            str(Path(place) / "counts.json"),
            ",".join(map(str, model.stated)),
        ]
        if model.config:
            command += ["--config", str(copy / os.path.relpath(model.config, folder))]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        try:
            subprocess.run(command, cwd=script.parent, env=environment, capture_output=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return {}, f"not done in {LIMIT} s"
        report = Path(place) / "counts.json"
        if not report.exists():
            return {}, "ended without a report"
        told = json.loads(report.read_text())
        return told["counts"], told["why"]


def main() -> int:
    folders = [Path(name).resolve() for name in sys.argv[1:]] or [Path(__file__).parents[2] / "assets" / "zoo"]
    verdicts: Counter[str] = Counter()
    for folder in folders:
        for model in counted(folder):
            if not model.stated:
                print(f"not stated {folder.name}/{model.id}", flush=True)
                continue
            counts, why = built(model, folder)
            verdict = _verdict(model, [count for group in counts.values() for count in group], why)
            verdicts[verdict] += 1
            detail = f"torch: {counts or '-'} ({why})" if verdict != "equal" else ""
            print(f"{verdict:10} {folder.name}/{model.id}: {', '.join(map(str, model.stated))} {detail}", flush=True)
    print(f"{verdicts['equal']} equal, {verdicts['DIFFERS']} different, {verdicts['in part']} equal as far as built")
    print(f"{verdicts['not built']} that could not be built")
    return 1 if verdicts["DIFFERS"] else 0


def _verdict(model: Counted, totals: list[int], why: str) -> str:
    """How the stated counts compare with those of the networks that were built before the script ended."""
    same = [count for count in model.stated if count in totals]
    if not totals or len(same) == len(model.stated):
        return "equal" if totals else "not built"
    return "in part" if same and why.partition(":")[0].endswith("Error") else "DIFFERS"


if __name__ == "__main__":
    sys.exit(main())
