"""Train the zoo from nothing: `python -m assets.zoo.train_all [STUDY...]`.

Each study of `studies.toml` runs in its own folder, one after the other, on one thread, so that the same machine gives
the same results. `--into DIR` works on a copy; `--quick` (a few steps of each) and `--seed N` do so always.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from assets.zoo.running import Runner
from assets.zoo.studies import ZOO, Study, copy, named, prepare


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", metavar="STUDY")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--into", type=Path, metavar="DIR")
    args = parser.parse_args()
    try:
        studies = named(args.studies)
    except ValueError as error:
        parser.error(str(error))
    changes = args.quick or args.seed is not None
    zoo = args.into or (Path(tempfile.mkdtemp(prefix="zoo-")) if changes else ZOO)
    return train(studies, zoo.resolve(), args.quick, args.seed)


def train(studies: list[Study], zoo: Path, quick: bool = False, seed: int | None = None) -> int:
    """Train studies with a bar on stderr, and end with those that failed and what they said; gives the exit code."""
    failed: dict[str, str] = {}
    with Runner() as runner:
        for done, study in enumerate(studies):
            bar = "#" * (20 * done // len(studies))
            print(f"\r[{bar:20}] {done}/{len(studies)} {study.name:24}", end="", file=sys.stderr, flush=True)
            error, seconds = train_one(runner, study, zoo, quick, seed)
            if error:
                failed[study.name] = error
            outcome = "failed" if error else f"{seconds:.0f} s of processor time"
            print(f"\r\x1b[K{study.name}: {outcome}", file=sys.stderr)
    print(f"trained {len(studies) - len(failed)} of {len(studies)} studies in {zoo}", file=sys.stderr)
    for name, error in failed.items():
        print(f"\n{name} failed:\n{error}", file=sys.stderr)
    return 1 if failed else 0


def train_one(
    runner: Runner, study: Study, zoo: Path, quick: bool = False, seed: int | None = None, data: Path | None = None
) -> tuple[str, float]:
    """Train one study, in a copy where `zoo` is another folder; gives what it died of ("" if not) and its seconds."""
    folder = ZOO / study.folder if zoo == ZOO else copy(study, zoo)
    done = runner.run(folder, study.script, prepare(study, folder, quick, seed, data))
    if done.code:
        return done.stderr or f"exit code {done.code}", done.seconds
    if study.log:
        (folder / study.log).parent.mkdir(parents=True, exist_ok=True)
        (folder / study.log).write_text(done.stdout, encoding="utf-8")
    return "", done.seconds


if __name__ == "__main__":
    sys.exit(main())
