"""Which version this is."""

from __future__ import annotations


def version() -> str:
    """From the installed package, else from the `pyproject.toml` of the checkout."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("modelsearch")
    except PackageNotFoundError:
        return _of_checkout()


def _of_checkout() -> str:
    import tomllib
    from pathlib import Path

    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "(unknown version)"
