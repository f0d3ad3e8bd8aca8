"""The entry point: loads the project's packages from beside this file, then hands over to `tui`.

`core`, `models`, `tui` and `assets` are common words. A user's folder may hold packages of the same names, and
PYTHONPATH puts that folder in front. So the four are loaded by path, before anything else of the project is
imported, and `sys.path` stays as it is: neither the user's packages nor the standard library are touched.
"""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ("core", "models", "tui", "assets")


def _load(name: str) -> None:
    """Make `import name` mean the package beside this file, whatever another folder calls so."""
    home = HERE / name / "__init__.py"
    present = sys.modules.get(name)
    if present is not None and getattr(present, "__file__", None) == str(home):
        return
    for other in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[other]
    spec = spec_from_file_location(name, home, submodule_search_locations=[str(home.parent)])
    if spec is None or spec.loader is None:
        raise ImportError(f"ModelSearch is not complete: {home} is missing")
    package = module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


# Before numpy is imported: the threads of its matrix products wait busily, so that one of half a millisecond keeps all
# cores from other work for thirty.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

for _name in PACKAGES:
    _load(_name)


def main() -> None:
    """Run the command line with the arguments of this process and exit."""
    from tui.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
