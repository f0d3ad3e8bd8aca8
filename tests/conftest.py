"""What every test needs: the project's own packages, and no touching of the user's files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import modelsearch  # noqa: F401  (loads core, models, tui and assets from the checkout)


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Configuration, data and logs of the tests stay out of the user's home.

    The cache stays: the exported embedder lies there, and exporting it takes a minute.
    """
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        for name in ("MODELSEARCH_CATALOG", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        yield
