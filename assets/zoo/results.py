"""Measure the studies with two seeds: `python -m assets.zoo.results [STUDY...]` writes results.json and RESULTS.md.

The numbers of the first seed are those of what ships; the second is trained in a temporary copy (`--copies DIR` keeps
the copies there, and uses those that are there already). `--render` only writes RESULTS.md again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from assets.zoo.evaluation import measure
from assets.zoo.running import Runner
from assets.zoo.studies import ZOO, Study, load, named
from assets.zoo.train_all import train_one

KEPT = ZOO / "results.json"
HEAD = """# What the studies of the zoo reach

Each number with two seeds: the first is of the files that ship, the second of a run made in a copy.
`python -m assets.zoo.results STUDY` makes both numbers of a study again and writes this page,
`python -m assets.zoo.train_all STUDY` what ships.

- ELBO, likelihoods: nats, on test data that was not trained on. Higher is better for ↑, lower for ↓.
- score: the Inception score (Salimans et al. 2016) of 500 samples by the zoo's own convolutional classifier, 1 to 10.
- distance: the Fréchet distance (Heusel et al. 2017) between the classifier's features of 500 samples and of the 360
  held-out digits.

| study | number | | first seed | second seed | to compare with |
|---|---|---|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="STUDY")
    parser.add_argument("--copies", type=Path, metavar="DIR")
    parser.add_argument("--render", action="store_true")
    args = parser.parse_args()
    try:
        studies = [] if args.render else named(args.studies)
    except ValueError as error:
        parser.error(str(error))
    with Runner() as runner, tempfile.TemporaryDirectory() as temporary:
        for study in studies:
            entry = both_seeds(runner, study, (args.copies or Path(temporary)).resolve())
            kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
            KEPT.write_text(json.dumps(dict(sorted({**kept, study.name: entry}.items())), indent=1) + "\n")
            print(study.name, json.dumps(entry))
    (ZOO / "RESULTS.md").write_text(render(load(), json.loads(KEPT.read_text())), encoding="utf-8")
    return 0


def both_seeds(runner: Runner, study: Study, copies: Path) -> list[dict[str, Any]]:
    """The numbers of what ships and of a run with the next seed. Raises RuntimeError where that run fails."""
    first, second = study.shipped_seed, study.shipped_seed + 1
    zoo = copies / study.name
    if not zoo.exists():
        error, _ = train_one(runner, study, zoo, seed=second)
        if error:
            raise RuntimeError(f"{study.name} failed with seed {second}:\n{error}")
    entries = []
    for number in study.numbers:
        value, compare = measure(ZOO / study.folder, number)
        again, _ = measure(zoo / study.folder, number)
        entries.append({"name": number["name"], "seeds": {str(first): value, str(second): again}, "compare": compare})
    return entries


def render(studies: dict[str, Study], kept: dict[str, Any]) -> str:
    """The page: a table, and what each study falls short of."""
    rows = []
    for study in studies.values():
        arrows = {number["name"]: "↑" if number["better"] == "higher" else "↓" for number in study.numbers}
        for entry in kept.get(study.name, []):
            values = [f"{value:.4g} (seed {seed})" for seed, value in entry["seeds"].items()]
            cells = [f"`{study.name}`", entry["name"], arrows.get(entry["name"], ""), *values, entry["compare"]]
            rows.append(f"| {' | '.join(cells)} |\n")
    short = [f"- `{study.name}`: {study.short}\n" for study in studies.values() if study.short]
    return HEAD + "".join(rows) + "\n## Where they fall short\n\n" + "".join(short)


if __name__ == "__main__":
    sys.exit(main())
