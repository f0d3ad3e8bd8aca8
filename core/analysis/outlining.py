"""Filling an outline: one pass over the tree of a file."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

from core.analysis.asking_hooks import ASKING, AskHooks
from core.analysis.config_hooks import WRITING, is_number, overrides
from core.analysis.config_hooks import last as _last
from core.analysis.config_paths import end_of_path, fields_of, package_asked
from core.analysis.descents import PRODUCTS, Descents, as_addition, perturbs, updates
from core.analysis.evidence import (
    BUILDING,
    WHOLE,
    WORLDS,
    asks_a_trainer,
    builds,
    changes_weights,
    may_train,
    prepares,
    runs_training,
    trains,
)
from core.analysis.nodes import LEAVES, PARTS, below, children, name_of, statements, unparse, walk
from core.analysis.outline import MAIN, MOST_NAMES, Outline
from core.analysis.statement_roles import (
    DEFINITIONS,
    acts,
    chosen_in,
    dotted,
    is_event,
    is_guard,
    is_quiet,
    is_test,
    registers,
)

_NAMED = frozenset({*DEFINITIONS, ast.ClassDef})
_SPELT = frozenset({ast.Name, ast.Attribute})
_SILENT = LEAVES - {ast.Name} | {ast.Import, ast.ImportFrom, ast.Pass}
"""Kinds of node that say nothing."""
_JOINING = frozenset({ast.Add, ast.Div})
"""What puts texts and paths together."""
_MOVING = frozenset({ast.Add, ast.Sub, ast.MatMult})
"""What weights are changed by, where it is done by hand."""
_SPEAKING: dict[type[ast.AST], Callable[[Any], Sequence[ast.AST]]] = PARTS | {
    ast.Call: lambda node: [node.func, *node.args, *[word.value for word in node.keywords]],
    ast.BinOp: lambda node: (node.left, node.right),
    ast.Compare: lambda node: (node.left, *node.comparators),
    ast.UnaryOp: lambda node: (node.operand,),
    ast.BoolOp: lambda node: node.values,
    ast.AugAssign: lambda node: (node.target, node.value),
    **dict.fromkeys(_NAMED, lambda node: ()),
}
"""The parts of the commonest kinds of node that may say something; what is defined is walked by itself."""
_CUSTOMARY = {"tf": "tensorflow", "torch": "torch", "keras": "keras", "jax": "jax", "mx": "mxnet"}
"""Libraries by the names that everybody gives them: another module may hand them on with all that it has, as by
`from layers import *`."""
_TOLD = frozenset({"args", "FLAGS"})
"""What holds what a script is told: no methods of others, `if args.train: ...`."""
_LOOPS = frozenset({"scan", "fori_loop", "while_loop"})
"""Calls that are loops."""


class Walk(AskHooks):
    """Fills an outline in one pass over the tree."""

    def __init__(self, made: Outline) -> None:
        super().__init__(made)
        self.own: set[str] = set()
        """What the module binds by a name."""
        self.signs: set[int] = set()
        """The calls (by id) that are signs of training."""
        self.by_hand = Descents()
        self.updating: dict[str, None] = {}
        """The functions that change weights."""
        self.adding: set[str] = set()
        """What it calls `parser.add_argument`, or a helper that does: `arg = partial(add_arguments, parser=parser)`."""

    def module(self, tree: ast.Module) -> None:
        """Outline a file: its statements one by one, then what they say together."""
        made, self.tree = self.made, tree
        lines = statements(tree)
        self._imports(tree, lines)
        bound = (line for line in lines if type(line) is ast.Assign and type(line.value) in (ast.Attribute, ast.Call))
        self.adding = {_last(line.targets[0]) for line in bound if _adds_options(line.value)} - {""}
        quiet = self._statements(tree)
        self._descending()
        self._commands()
        self._attacking(tree)
        self._start(tree)
        self._loops([line for line in lines if isinstance(line, ast.For | ast.While)])
        folders = self.hydra_folders[:1]
        made.configs += [("hydra", f"{folder}|{file}", "") for folder in folders for file in self.composed]
        made.only_assigns = quiet and bool(made.assigns or self._only_get_config(tree))
        made.keys = self._settings(tree) if made.only_assigns else []
        self._choices_by_name()
        self.resolve()
        given = next((where for where, used in self.uses.items() if ".argv" in used), None)
        if given is not None and made.suffixes and not made.configs:  # a path that it takes by hand
            made.configs.append(("offered", "", given))
        made.uses = {name: list(used)[:MOST_NAMES] for name, used in self.uses.items()}
        made.updates = list(self.updating)[:MOST_NAMES]

    def _statements(self, tree: ast.Module) -> bool:
        """Walk the statements of a file; whether all of them only state, as in a configuration."""
        made, quiet = self.made, True
        for statement in tree.body:
            if isinstance(statement, ast.If) and is_guard(statement.test):
                made.guard = made.runs = True
                quiet = False
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                self._assignment(statement)
            elif isinstance(statement, ast.ClassDef):
                made.bases.extend(base for node in statement.bases if (base := dotted(node)))
                made.fields.extend(fields_of(statement)[: MOST_NAMES - len(made.fields)])
            elif not is_quiet(statement):
                quiet = False
                made.runs = made.runs or acts(statement)
            self._visit([statement], MAIN if isinstance(statement, ast.If) and is_guard(statement.test) else "")
        return quiet

    def _attacking(self, tree: ast.Module) -> None:
        """Slopes by whose signs only what goes into a network is moved train nothing: `x - 0.1 * x.grad.sign()`;
        weights may go by signs too: `for p in net.parameters(): p -= rate * p.grad.sign()`."""
        signs = {sign for told in self.made.trains.values() for sign in told}
        used = {name for names in self.uses.values() for name in names} if signs == {"backward"} else set()
        if used >= {".grad", ".sign", ".requires_grad"} and not (".step" in used or self._signs_of_weights(tree)):
            self.made.trains.clear()
            self.made.descends.clear()

    def _signs_of_weights(self, tree: ast.Module) -> bool:
        """Whether signs are asked for as a loop goes over the parameters of a network."""
        loops = (loop for loop in below(tree, ast.For) if re.search(r"param|weight", unparse(loop.iter)))
        return any(_last(call.func) == "sign" for loop in loops for call in below(loop, ast.Call))

    def _descending(self) -> None:
        """Note where steps down a gradient are taken by hand, of what is multiplied."""
        made, descents = self.made, self.by_hand
        descending = [*descents.down, *descents.climbing()]
        for where in descending if descents.products else ():
            made.trains.setdefault(where, []).append("descent")
        made.multiplies = list(descents.products)[:MOST_NAMES]
        made.descends = list(dict.fromkeys((*descending, *descents.steps)))[:MOST_NAMES]

    def _start(self, tree: ast.Module) -> None:
        """Note whether a file does something when it is run: a command of a package that an installer starts, a
        notebook, `history = model.fit(x, y)`."""
        made = self.made
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        if made.path.endswith("__main__.py") and not made.guard and self.uses.get("", {}).keys().isdisjoint(functions):
            made.runs = True  # an installed command starts one
            self.uses.setdefault("", {}).update(dict.fromkeys(functions))
        made.runs = made.runs or (made.kind == "notebook" and bool(tree.body))
        made.runs = made.runs or not {"train", "fit"}.isdisjoint(made.trains.get("", ()))

    def _loops(self, loops: list[ast.For | ast.While]) -> None:
        """Note whether there are loops, of epochs, and in which something is trained."""
        made = self.made
        made.looping = bool(loops)
        made.epochs = any("epoch" in getattr(getattr(loop, "target", None), "id", "") for loop in loops)
        made.repeats |= any(self._trains_again(call) for loop in loops if self.signs for call in below(loop, ast.Call))

    def _choices_by_name(self) -> None:
        """What options name by default is used where it is looked up by that name."""
        made = self.made
        for used in self.uses.values():
            if "eval" in used:  # eval(args.runner)(args): the runner that is the default
                used.update(dict.fromkeys(text for text in made.preset if text.isidentifier()))
        for where, module in self.asking:
            self.uses.setdefault(where, {}).update(
                dict.fromkeys(f"{module}.{text}" for text in made.preset if text.isidentifier())
            )

    def _commands(self) -> None:
        """`fire.Fire()` starts any function of the file, `fire.Fire(Trainer)` any method of the class."""
        for where, given in self.commanding:
            names = [_last(each) for each in given]
            functions = [name for name in self.uses if name and "." not in name and name != MAIN]
            methods = [f".{name.partition('.')[2]}" for name in self.uses if name.partition(".")[0] in names]
            self.uses.setdefault(where, {}).update(dict.fromkeys(methods if given else functions))

    def _trains_again(self, call: ast.Call) -> bool:
        """Whether a call in a loop trains: by a sign of it, or by what is called a step (`p_train_step(state)`)."""
        return id(call) in self.signs or re.search(r"train|step|update|fit", _last(call.func)) is not None

    def _only_get_config(self, tree: ast.Module) -> bool:
        return any(isinstance(node, DEFINITIONS) and node.name == "get_config" for node in tree.body)

    def _settings(self, tree: ast.Module) -> list[str]:
        """The names that a configuration written in Python gives values: `lr`, `optim.lr` of `config.optim.lr`."""
        lines: list[ast.Assign] = below(tree, ast.Assign)
        given = [dotted(target) for line in lines for target in line.targets if isinstance(target, ast.Attribute)]
        own = (name.partition(".")[2] for name in given if name)
        return list(dict.fromkeys((*self.made.assigns, *own)))[:MOST_NAMES]

    def _imports(self, tree: ast.Module, lines: list[ast.AST]) -> None:
        """All imports, also those inside functions."""
        imports = [line for line in lines if isinstance(line, ast.Import | ast.ImportFrom)]
        for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name
                    self.made.imports.append((alias.name, 0, [("", local)]))
                    self.modules.add(local.split(".")[0])
                    self.libraries.add(alias.name.split(".")[0])
            else:
                pairs = [(alias.name, alias.asname or alias.name) for alias in node.names]
                self.made.imports.append((node.module or "", node.level, pairs))
                self.modules.update(local for _, local in pairs)
                if not node.level and node.module:
                    self.libraries.add(node.module.split(".")[0])
        if "*" in self.modules:
            spoken = {node.id for node in below(tree, ast.Name)} - self.modules
            self.libraries.update(library for name, library in _CUSTOMARY.items() if name in spoken)
        testing = bool(self.libraries & {"pytest", "unittest"}) or any(
            "absltest" in name or "parameterized" in name for name in self.modules
        )
        self.made.testing = testing and any(map(is_test, lines))

    def _assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [n.id for target in targets for n in walk(target) if isinstance(n, ast.Name)]
        if isinstance(targets[0], ast.Name):
            self.own.add(targets[0].id)
        elif is_number(node.value):  # `config.epochs = 100` of what another file made
            holder = targets[0].value if isinstance(targets[0], ast.Attribute) else None
            self.made.overrides += isinstance(holder, ast.Name) and self._is_imported(holder.id)
        self.made.assigns.extend(names[:20] if len(self.made.assigns) < MOST_NAMES else ())
        if names == ["_base_"] and node.value is not None:  # of OpenMMLab's configurations
            texts = (inner.value for inner in walk(node.value) if isinstance(inner, ast.Constant))
            self.made.bases.extend(text for text in texts if isinstance(text, str) and text.endswith(".py"))
        if names == ["custom_imports"] and node.value is not None:
            texts = (inner.value for inner in walk(node.value) if isinstance(inner, ast.Constant))
            self.made.imports.extend((text, 0, [("", text)]) for text in texts if isinstance(text, str))
        if isinstance(node.value, ast.Dict) and len(names) == 1:
            self.dicts[names[0]] = node.value
        if isinstance(node.value, ast.Constant):
            self.made.settings += sum(name.isupper() for name in names)
        if isinstance(node.value, ast.Call) and _last(node.value.func) not in ("Path",):
            self.made.runs = self.made.runs or bool(builds(_last(node.value.func), self.libraries))

    def _is_imported(self, name: str) -> bool:
        """Whether a name is imported; with a star, whether nothing of the module's own bears it."""
        return name in self.modules or ("*" in self.modules and name not in self.own)

    def _visit(self, stack: list[ast.AST], where: str) -> None:
        """Walk some code, the last first; what stands in a nested definition belongs to that."""
        used: dict[str, None] | None = None
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind in _SPELT:
                if used is None:
                    used = self.uses.setdefault(where, {})
                if kind is ast.Name:
                    used[node.id] = None  # type: ignore[attr-defined]
                    continue
                first = self._attribute(node, used)  # type: ignore[arg-type]
                if type(first) not in LEAVES:
                    stack.append(first)
            elif kind not in _SILENT:
                if kind in _NOTED:
                    _NOTED[kind](self, node, where)
                stack += (_SPEAKING.get(kind) or children)(node)

    def _operation(self, node: ast.AugAssign | ast.BinOp, where: str) -> None:
        kind = type(node.op)
        if kind in _JOINING and type(node) is ast.BinOp:
            self.joined.append(node)
        if kind in _MOVING:
            if updates(node):
                self.updating[where] = None
            self._step(node, where)

    def _made_text(self, node: ast.JoinedStr, where: str) -> None:
        self.joined.append(node)

    def _assigned(self, node: ast.Assign, where: str) -> None:
        if type(node.value) is ast.BinOp:
            if (added := as_addition(node)) is not None:
                self._step(added, where)
            self.by_hand.make(node)

    def _loop(self, node: ast.For | ast.While, where: str) -> None:
        if "tensorflow" in self.libraries:
            self.made.loops = self.made.loops or any(map(runs_training, below(node, ast.Call)))

    def _choice(self, node: ast.If | ast.Dict | ast.List, where: str) -> None:
        self.made.chosen.extend(chosen_in(node)[: MOST_NAMES - len(self.made.chosen)])

    def _annotated(self, node: ast.AnnAssign, where: str) -> None:
        self.made.preset.extend([text] if node.value is not None and (text := end_of_path(node.value)) else [])

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, where: str) -> None:
        inner = f"{where}.{node.name}" if where and where != MAIN else node.name
        if len(self.uses) < MOST_NAMES:
            self.uses.setdefault(inner, {})
        for decorator in node.decorator_list:
            used = self.uses.setdefault(where, {})
            if is_event(decorator):
                used[node.name] = None
            elif not where and registers(decorator):
                used[node.name] = None
                self.made.registered.append(node.name)
        before, after = (node.bases, []) if isinstance(node, ast.ClassDef) else ([], node.args.defaults)
        self._visit([*before, *node.decorator_list, *node.body, *after], inner)

    def _step(self, node: ast.AugAssign | ast.BinOp, where: str) -> None:
        self.by_hand.step(node, where)
        if self.libraries & WORLDS and perturbs(node):
            self.made.trains.setdefault(where, []).append("chance")

    def _attribute(self, node: ast.expr, used: dict[str, None]) -> ast.expr:
        """Note `.c`, `a.b.c`, `.b`, `a.b` and `a` of `a.b.c`, the dotted ones where `a` is imported, and `.args.step`
        of what a script is told; what it is of."""
        names = []
        while type(node) is ast.Attribute:
            names.append(node.attr)
            node = node.value
        spelt = node.id if type(node) is ast.Name else ""
        imported = spelt in self.modules
        for at, name in enumerate(names):
            holder = names[at + 1] if at + 1 < len(names) else spelt
            used[f".{name}" if holder not in _TOLD else f".{holder}.{name}"] = None
            if imported:
                used[".".join((spelt, *reversed(names[at:])))] = None
        if spelt:
            used[spelt] = None
        return node

    def _call(self, node: ast.Call, where: str) -> None:
        made = self.made
        name = _last(node.func)
        name = "add_argument" if name in self.adding else name
        holder = _last(node.func.value) if type(node.func) is ast.Attribute else ""
        if name in PRODUCTS:
            self.by_hand.products[where] = None
        if may_train(name):
            self._sign(node, name, holder, where)
        made.repeats |= name in _LOOPS
        made.builds += name in BUILDING and builds(name, self.libraries)
        if changes_weights(name, holder):
            self.updating[where] = None
        if name in ASKING:
            self.asks_for(node, name, holder, where)
        for keyword in node.keywords:
            if type(keyword.value) is ast.Constant:
                made.settings += is_number(keyword.value) and bool(keyword.arg)
        for given in node.args:
            kind = type(given)
            if kind is ast.Dict and name not in WRITING:
                made.overrides += overrides(given)  # type: ignore[arg-type]
            elif kind is ast.BinOp and (package := package_asked(given, name)):
                made.packages.append(package)
        self.read_by(node, name, holder, where)

    def _sign(self, node: ast.Call, name: str, holder: str, where: str) -> None:
        """Note a call that is a sign of training."""
        fitted = self._maker(holder) if name == "fit" else ""
        sign = trains(name, fitted or holder, type(node.func) is ast.Attribute, self.libraries, node)
        if sign and not (sign == "fit" and where.endswith((".forward", ".call"))):  # a layer of that name
            self.made.trains.setdefault(where, []).append(sign)
            self.signs.add(id(node))
            self.made.repeats |= sign in WHOLE
        if not sign and asks_a_trainer(name, holder, self.libraries):
            self.made.asks.append(where)

    def _maker(self, name: str) -> str:
        """The class of what prepares data that is kept under a name: `StandardScaler` of `processor.fit(x)`."""
        lines = [line for line in below(self.tree, ast.Assign) if _last(line.targets[0]) == name] if name else []
        makers = (_last(line.value.func) for line in lines if isinstance(line.value, ast.Call))
        return next((maker for maker in makers if prepares(maker)), "")


_NOTED: dict[type[ast.AST], Callable[[Walk, Any, str], None]] = {
    ast.Call: Walk._call,
    ast.JoinedStr: Walk._made_text,
    **dict.fromkeys((ast.AugAssign, ast.BinOp), Walk._operation),
    ast.Assign: Walk._assigned,
    **dict.fromkeys((ast.For, ast.While), Walk._loop),
    **dict.fromkeys((ast.If, ast.Dict, ast.List), Walk._choice),
    ast.AnnAssign: Walk._annotated,
    **dict.fromkeys(_NAMED, Walk._definition),
}
"""What notes what a node of a kind says."""


def _adds_options(made: ast.expr) -> bool:
    """`parser.add_argument`, `functools.partial(add_arguments, parser=parser)`"""
    if isinstance(made, ast.Call) and _last(made.func) == "partial":
        return bool(made.args) and name_of(made.args[0]) in ("add_argument", "add_arguments", "add_arg")
    return name_of(made) == "add_argument"
