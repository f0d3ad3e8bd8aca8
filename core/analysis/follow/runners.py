"""Training loops of libraries, written down in `assets/runners`: followed in place of what a script takes from them."""

from __future__ import annotations

import os.path
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.analysis.program import Module, Resolved
from core.analysis.source import Source, read_source

if TYPE_CHECKING:
    from core.analysis.follow.machine import Machine

_KIN = dict.fromkeys(("mmseg", "mmcls", "mmpose", "mmdet3d", "mmaction", "mmrotate", "mmocr", "mmedit"), "mmdet")
"""Libraries that train as another one does."""
FOLDER = str(Path(__file__).parents[3] / "assets" / "runners")


def stands_in(m: Machine, dotted: str) -> Resolved | None:
    """What is followed for a name of a library, `detectron2.engine.DefaultTrainer`; None where none is written down."""
    library, source = _written_for(dotted)
    if source is None or source.tree is None or source.path == m.frame.scope.module.source.path:
        return None
    if source.path not in m.modules:
        module = m.modules[source.path] = Module(source.path, library, source.tree, source)
        m.walk_module(module)
    known = m.modules[source.path]
    name = dotted.rpartition(".")[2]
    return known.scope.names.get(name) if known is not None and not name.startswith("_") else None


@cache
def _written_for(dotted: str) -> tuple[str, Source | None]:
    """The library that a name is of, and the file that is written down for it, if there is one."""
    library, _, rest = dotted.partition(".")
    library = _KIN.get(library, library)
    return library, _sources().get(library) if rest else None


def vendored(path: str | None, name: str) -> str:
    """The name in a library of what a file copies of it: `yacs.config.CfgNode` of `lib/config/yacs.py`."""
    return f"yacs.config.{name}" if name == "CfgNode" and path and os.path.basename(path) == "yacs.py" else ""


def is_written_down(path: str) -> bool:
    """Whether a place is here, and so states nothing of the user's."""
    return path.startswith(FOLDER + os.sep)


@cache
def _sources() -> dict[str, Source]:
    """The files, by library."""
    return {path.stem: read_source(path) for path in sorted(Path(FOLDER).glob("*.py"))}
