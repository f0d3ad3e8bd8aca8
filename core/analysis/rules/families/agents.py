"""Agents and their losses that libraries have ready, by the family of reinforcement learning that they train."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.analysis.rules.bodies import last_name
from core.analysis.rules.families.asking import Evidence
from core.analysis.rules.view import View
from core.vocabulary import keys_of

ROOTS = frozenset({
    "stable_baselines3", "stable_baselines", "sb3_contrib", "sbx", "ray", "tf_agents", "tianshou", "rl", "keras_rl",
    "pfrl", "chainerrl", "acme", "d3rlpy", "skrl", "torch_ac", "rsl_rl",
})  # fmt: skip
"""Libraries of agents."""


def ready_agents(view: View) -> Iterator[Evidence]:
    """An agent of a known library (Stable-Baselines3, RLlib, TF-Agents, Tianshou), or what trains one (Brax)."""
    agents, brax = keys_of("algorithms", "agents"), keys_of("algorithms", "brax")
    for call in view.program.alike(_may_be_an_agent):
        root = call.dotted.partition(".")[0]
        if root in ROOTS:
            family = agents[call.name.removesuffix(_EXPERIMENT)][0]
            yield Evidence(family, call.place, f"{call.name} of {root}")
    for call in view.program.named("train"):
        if call.dotted.startswith("brax.training.agents."):
            for family in brax.get(call.dotted.split(".")[3], ()):
                yield Evidence(family, call.place, f"train of {call.dotted.rpartition('.')[0]}")


_EXPERIMENT = "ExperimentBuilder"
"""How Tianshou's experiments end, which make an agent."""


def _may_be_an_agent(name: str) -> bool:
    return name.removesuffix(_EXPERIMENT) in keys_of("algorithms", "agents")


def ready_losses(view: View) -> Iterator[Evidence]:
    """A loss of RLax, called or given to `vmap`; a loss module of TorchRL."""
    objectives, losses = keys_of("algorithms", "torchrl"), keys_of("algorithms", "rlax")
    for call in view.program.named(*objectives):
        if call.dotted.startswith("torchrl.objectives."):
            for family in objectives[call.name]:
                yield Evidence(family, call.place, f"{call.name} of torchrl")
    for body in view.bodies:
        for node in body.of(ast.Attribute) if "rlax" in body.spoken else ():
            for family in losses.get(node.attr, ()) if last_name(node.value) == "rlax" else ():
                yield Evidence(family, body.place(node), f"{node.attr} of rlax")
