"""What analysing collections costs, against parsing the same files with `ast.parse`, in processor time.

    python tests/bench/analysis_cost.py FOLDER...
"""

from __future__ import annotations

import ast
import functools
import gc
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import modelsearch  # noqa: F401  (loads the packages beside it)
from core.analysis.analyser import analyse
from core.analysis.discovery import discover
from core.analysis.outline import outline
from core.analysis.source import read_source
from core.indexing.worker import COLLECTING

KINDS = (".py", ".ipynb", ".yaml", ".yml", ".json", ".toml", ".md")
LARGEST = 5_000_000


def measure(folder: Path) -> tuple[int, int, float, float]:
    """Files, models, seconds of parsing, seconds of everything (parsing too)."""
    files = [p for p in sorted(folder.rglob("*")) if p.suffix in KINDS and ".git" not in p.parts and p.is_file()]
    files = [p for p in files if p.stat().st_size < LARGEST]
    before = time.process_time()
    sources = {str(path): read_source(path) for path in files}
    read = functools.cache(lambda path: sources[path] if path in sources else read_source(path))
    found = discover({path: outline(source) for path, source in sources.items()}, str(folder))
    for candidate in found:
        analyse(candidate, read)
    whole = time.process_time() - before
    before = time.process_time()
    for source in sources.values():
        if source.tree is not None and source.kind == "python":
            ast.parse(source.text)
    return len(files), len(found), time.process_time() - before, whole


def main() -> None:
    gc.set_threshold(*COLLECTING)  # as in the processes that index
    print(f"{'folder':40} {'files':>6} {'models':>6} {'parse s':>8} {'all s':>8} {'ratio':>6}")
    for name in sys.argv[1:]:
        files, models, parsing, whole = measure(Path(name).resolve())
        print(f"{name[-40:]:40} {files:6} {models:6} {parsing:8.2f} {whole:8.2f} {whole / max(parsing, 1e-9):6.1f}")


if __name__ == "__main__":
    main()
