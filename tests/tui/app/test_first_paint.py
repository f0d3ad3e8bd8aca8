"""What is imported before the first rows are on the screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
import modelsearch
from core.configuration import Configuration
from core.library import Library
from pathlib import Path
from tui.app.application import ModelSearchApp
from tui.app.screen import MainScreen

painted = []

def begin(screen):
    text = "\\n".join("".join(segment.text for segment in strip) for strip in screen._compositor.render_strips())
    painted.append((text, sorted(sys.modules)))
    screen.app.exit()

MainScreen._begin = begin
ModelSearchApp(Library(Path(sys.argv[1])), None, None, Configuration()).run(headless=True, size=(140, 40))
text, modules = painted[0]
assert "digits/vae_wide" in text, text
print("\\n".join(modules))
"""

HEAVY = {
    "duckdb",
    "numpy",
    "torch",
    "onnxruntime",
    "llama_cpp",
    "tantivy",
    "tokenizers",
    "PIL",
    "textual_image",
    "yaml",
    "core.catalog.reading",
    "core.search.answering",
    "models.text_embedder",
    "models.writer",
    "tui.app.panes.details",
    "tui.app.widgets.lines",
    "textual.widgets._markdown",
    "textual.widgets._text_area",
    "pygments",
}


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    from core.catalog.first_screen import to_json, write_first_screen
    from core.catalog.generations import making, writing
    from tests.tui.app.fake import MODELS, row

    with writing(tmp_path), making(tmp_path) as folder:
        write_first_screen(folder, [to_json(row(item)) for item in MODELS], len(MODELS))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, cwd=Path.cwd(), check=False
    )
    assert done.returncode == 0, done.stderr
    early = HEAVY & set(done.stdout.split())
    assert early == set()
