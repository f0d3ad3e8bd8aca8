"""The environments that an agent learns in. They are never data sets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.filing import in_order
from core.analysis.nodes import unparse, walk
from core.analysis.program import Call, Class, Function, Program, Resolved
from core.analysis.rules.judging import is_evaluation

MAKERS: frozenset[str] = frozenset(vocabulary.load().table("environments", "calls")["makers"])
"""Calls whose first argument (or `id`, `env_id`, ...) names an environment; Procgen's second."""
NAMED: tuple[str, ...] = tuple(vocabulary.load().table("environments", "calls")["named"])
"""What the argument is called that names an environment."""
_SUITES = "tf_agents.environments.suite_"
"""Where TF-Agents keeps what loads environments."""
_MAKE = ("make", "make_vec", "make_env", "make_atari")
_KEPT = ("gym.envs.", "gymnasium.envs.", "bsuite.environments.", "minigrid.envs.", "gym_minigrid.envs.")
"""Where libraries keep classes of environments."""
_OF_MANY = ("AtariEnv", "EnvSpec")
"""Classes there that are no environment before they are told which."""
_WORLDS = ("multiagent.scenarios.load", "mpe.scenarios.load")
"""How the names of calls end that load a scenario of many agents."""
_SCENARIOS = ("Game.load_config", "Game.set_doom_scenario_path")
"""How the names of calls of VizDoom end that are given a scenario."""
MODELS = ("stable_baselines3.", "stable_baselines.", "sb3_contrib.")
"""Agents that make their environment from its name, the second argument."""


def environments(program: Program) -> Iterator[Fact]:
    """Accepts calls that make an environment by a known name: gym.make("CartPole-v1"), suite.load("cheetah", "run");
    not one whose name says that it is to judge in, where others train."""
    found: dict[str, Fact] = {}
    for call in in_order([program.whose(_may_make), program.given("domain_name")]):
        for given in _given(program, call):
            for one in _told(given):
                if one.text and 1 < len(one.text) < 100:
                    value = _named(one.text)
                    found.setdefault(value, Fact("environment", value, one.place, one.how))
    trained = [fact for name, fact in found.items() if not is_evaluation(name)]
    yield from trained or found.values() or _own(program)


def _told(given: Resolved) -> tuple[Resolved, ...]:
    """What is given; nothing where it is any entry of a dict, of which the run must be told one."""
    several = tuple(given.all())
    return () if len(several) > 1 and all(one.how == "dict entry" for one in several) else several


def _may_make(dotted: str) -> bool:
    return (
        dotted in MAKERS
        or dotted == "dm_control.suite.load"
        or dotted.endswith((*_MAKE, *_SCENARIOS, *_WORLDS))
        or dotted.startswith((*MODELS, "pettingzoo.", "ray.rllib.", _SUITES, *_KEPT))
    )


def _given(program: Program, call: Call) -> Iterator[Resolved]:
    """The names, or the objects, by which a call makes its environments."""
    dotted = call.dotted
    if _is_named(call):
        second = dotted.startswith((*MODELS, "procgen."))
        named = call.argument("", int(second)) or next((call.keywords[n] for n in NAMED if n in call.keywords), None)
        if named is not None:
            yield named
    elif dotted == "dm_control.suite.load" or {"domain_name", "task_name"} <= call.keywords.keys():
        domain, task = call.argument("domain_name", 0), call.argument("task_name", 1)
        if domain is not None and task is not None and domain.text and task.text:
            yield domain.but(value=f"{domain.text}-{task.text}", how="computed: domain-task")
    elif dotted.startswith(_KEPT) and call.name[:1].isupper() and call.name not in _OF_MANY:
        yield Resolved(call.name, call.place, "call")
    elif dotted.endswith(_SCENARIOS):
        yield from _of_scenario(call)
    elif dotted.endswith(_WORLDS) and call.positional and call.positional[0].text:
        yield call.positional[0].but(value=call.positional[0].text.removesuffix(".py"))
    elif dotted.startswith("pettingzoo.") and call.name in ("env", "parallel_env", "raw_env"):
        yield _of_module(program, call, dotted.split(".")[-2])


def _is_named(call: Call) -> bool:
    """Whether a call is given the name of an environment, and nothing else that tells it."""
    if call.dotted.startswith(MODELS) and call.dotted.count(".") == 1:
        return True
    named = (_SUITES, "load"), ("ray.rllib.", "environment")
    homes = any(call.dotted.startswith(home) and call.name == name for home, name in named)
    return homes or call.dotted in MAKERS or _makes(call)


def _of_module(program: Program, call: Call, name: str) -> Resolved:
    """`pong_v3.parallel_env()`; the option that named the module, where it was imported by that."""
    if name in unparse(call.node.func):
        return Resolved(name, call.place, "call")
    option = next((option for option in program.options if option.value.text == name), None)
    return option.value if option else Resolved(name, call.place, "computed: the module's name")


def _of_scenario(call: Call) -> Iterator[Resolved]:
    """`game.load_config("scenarios/basic.cfg")` of VizDoom."""
    given = call.positional[0] if call.positional else None
    if given is not None and given.text:
        stem = given.text.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
        yield given.but(value=f"VizDoom-{stem}", how="computed: library-scenario")


def _own(program: Program) -> Iterator[Fact]:
    """Environments of the user's own: objects of classes that derive from a library's `Env`, wrappers left out, or that
    can be reset and answer a step with what is seen, a reward and whether it is over."""
    told: set[str] = set()
    built: dict[Class, Call] = {}
    for each in program.instances:
        built.setdefault(each.cls, each.call)
    for cls, call in built.items():
        of_library = any(re.search(r"\.(\w*Env|DiscreteEnv|Environment)$", base) for base in cls.external_bases())
        world = (of_library or _answers_steps(cls)) and not _wraps(cls)
        if world and cls.name not in told and cls.name not in _NAMELESS:
            told.add(cls.name)
            yield Fact("environment", cls.name, call.place, "class of the user's")


def has_a_world(program: Program) -> bool:
    """Whether an object of the user's is a world, a wrapper of one among them."""
    return any(_answers_steps(cls) for cls in {each.cls for each in program.instances})


_NAMELESS = frozenset({"Env", "Environment", "GameState"})
"""What a world is called that has no name of its own."""


def _wraps(cls: Class) -> bool:
    """Whether objects of a class are given the environments that they step: wrappers, and what steps many at once."""
    if any(name.endswith("Wrapper") for name in (cls.name, *cls.external_bases())):
        return True
    init = cls.find("__init__")
    arguments = init.value.node.args.args if init is not None and isinstance(init.value, Function) else []
    return any(re.match(r"v?envs?(_fns?|_list)?$", argument.arg) for argument in arguments)


def _answers_steps(cls: Class) -> bool:
    """Whether a class is called a game or has a `reset`, and has a `step(action)`, or one of a kind (`play_step`), that
    returns three things or more."""
    if cls.find("reset") is None and not re.search(r"Game|World|Env", cls.name):
        return False
    named = [value for part in cls.lineage() for name, value in part.attributes.items() if _STEP.search(name)]
    return any(_gives_several(value.value) for value in named)


_STEP = re.compile(r"^((play|frame|game|env)_)?step$")


def _gives_several(function: object) -> bool:
    """Whether a method is given an action and returns three to seven things."""
    if not isinstance(function, Function) or len(function.node.args.args) != 2:
        return False
    given = (node.value for node in walk(function.node) if isinstance(node, ast.Return))
    return any(isinstance(each, ast.Tuple) and 3 <= len(each.elts) <= 7 for each in given)


def _makes(call: Call) -> bool:
    """`make` of any library that is given a name with a version: `Maze-v0`; a `make(env_id)` of the user's own."""
    asked = getattr(call.target.node.args, "args", []) if isinstance(call.target, Function) else []
    own = call.name == "make" and bool(asked) and re.match(r"env(ironment)?(_|$)", asked[0].arg) is not None
    if (call.target is not None and not own) or call.name not in _MAKE:
        return False
    text = call.positional[0].text if call.positional else None
    return bool(text and re.search(r"\w[-_]v\d+$", text))


def _named(text: str) -> str:
    """A file that holds an environment (Unity) goes by its stem."""
    stem = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return stem.rsplit(".", 1)[0] if stem.endswith((".app", ".exe", ".x86", ".x86_64")) else text
