"""What a file asks for that stands elsewhere: modules by their names, folders of them, what a command line starts."""

from __future__ import annotations

import ast

from core.analysis.config_hooks import ConfigHooks
from core.analysis.config_hooks import last as _last
from core.analysis.config_paths import folder_of, package_of, package_written
from core.analysis.nodes import below
from core.analysis.outline import MAIN, Outline
from core.analysis.statement_roles import dotted

ASKING = frozenset({"getattr", "run", "Fire", "import_module", "__import__", "append", "insert", "load_source"})
"""Calls that may ask for what stands elsewhere."""


class AskHooks(ConfigHooks):
    """Notes what calls ask for that stands elsewhere."""

    def __init__(self, made: Outline) -> None:
        super().__init__(made)
        self.modules: set[str] = set()
        self.uses: dict[str, dict[str, None]] = {}
        self.asking: list[tuple[str, str]] = []
        """Where a module is asked for what an option names, and the module: `getattr(agents, args.agent)`."""
        self.commanding: list[tuple[str, list[ast.expr]]] = []
        """Calls that make a command line of functions or of a class: where they stand, and what they are given."""

    def asks_for(self, node: ast.Call, name: str, holder: str, where: str) -> None:
        """Note what a call asks for that stands elsewhere: a module, a folder of modules, or what a command starts."""
        made = self.made
        if name == "getattr" and len(node.args) > 1:
            self._asked_of_a_module(node, where)
        elif name == "run" and holder == "app" and not node.args:
            self.uses.setdefault(where, {})["main"] = None  # tf.app.run() calls main
        elif name == "Fire" or (name, holder) == ("run", "CliApp"):
            self.commanding.append((where, node.args))
        elif name in ("import_module", "__import__") and node.args:
            self._import_asked(node.args[0])
        elif name in ("append", "insert") and holder == "path" and node.args and (folder := folder_of(node.args[-1])):
            made.put.append(folder)
        elif name == "load_source" and node.args and (package := self._package(node.args[0])):
            made.packages.append(package)
        if name == "Fire" and where not in ("", MAIN) and "." not in where:  # what an installed command starts
            made.runs = True
            self.uses.setdefault("", {})[where] = None

    def _asked_of_a_module(self, node: ast.Call, where: str) -> None:
        """Note what `getattr(agents, args.agent)` asks a module for, and the `run` of
        `getattr(import_module("lib.training"), "run")`."""
        module, name = node.args[0], node.args[1]
        if (asked := dotted(module)) in self.modules:
            self.asking.append((where, asked))
        for made in self._meant(module) if isinstance(name, ast.Constant) else ():
            if isinstance(made, ast.Call) and made.args and _last(made.func) == "import_module":
                text = getattr(made.args[0], "value", None)
                if isinstance(text, str):
                    self.uses.setdefault(where, {})[f"{text.lstrip('.')}.{getattr(name, 'value', '')}"] = None

    def _import_asked(self, node: ast.expr) -> None:
        """Note the module that a call imports by its name, or the package of it where the name is made."""
        told = [getattr(each, "value", None) for each in self._meant(node) if isinstance(each, ast.Constant)]
        texts = [text for text in told if isinstance(text, str) and text.strip(".")]
        for text in texts:
            named = text.lstrip(".")
            self.made.imports.append((named, len(text) - len(named), [("", named)]))
        if not isinstance(node, ast.Constant) and not texts:
            self.made.packages.append(self._package(node) or "*")
            self.made.launches += filter(None, map(package_written, self._meant(node)))

    def _package(self, node: ast.expr) -> str:
        """The package of which a module is imported by a made name, which may be kept under another before."""
        return next(filter(None, map(package_of, self._meant(node))), "")

    def _meant(self, node: ast.expr) -> list[ast.expr]:
        """An expression, and what is kept under its name."""
        name = node.id if isinstance(node, ast.Name) else ""
        lines = below(self.tree, ast.Assign) if name else []
        return [node, *(line.value for line in lines if _last(line.targets[0]) == name)]
