"""Agents and their losses that libraries have ready, by the family of reinforcement learning that they train."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.analysis.rules.bodies import last_name
from core.analysis.rules.families.asking import Evidence
from core.analysis.rules.view import View

LIBRARIES = {
    "PPO": "PPO", "PPO2": "PPO", "PPO1": "PPO", "SAC": "SAC", "TD3": "TD3", "DDPG": "DDPG", "DQN": "DQN",
    "A2C": "Actor-Critic", "QRDQN": "DQN", "TRPO": "TRPO", "RecurrentPPO": "PPO", "MaskablePPO": "PPO",
    "PPOConfig": "PPO", "DQNConfig": "DQN", "DQNAgent": "DQN", "DqnAgent": "DQN", "DDPGAgent": "DDPG",
    "PPOTrainer": "PPO", "DQNPolicy": "DQN", "PPOPolicy": "PPO", "SACPolicy": "SAC", "CategoricalDqnAgent": "C51",
    "DdpgAgent": "DDPG", "Td3Agent": "TD3", "PPOAgent": "PPO", "PPOClipAgent": "PPO", "PPOKLPenaltyAgent": "PPO",
    "SacAgent": "SAC", "ReinforceAgent": "Policy Gradient", "C51": "C51", "RainbowDQN": "C51", "Rainbow": "C51",
    "IQN": "DQN", "FQF": "DQN", "BDQN": "DQN", "Reinforce": "Policy Gradient", "DiscreteSAC": "SAC", "REDQ": "SAC",
    "CQL": "SAC", "NPG": "Actor-Critic", "C51Policy": "C51", "RainbowPolicy": "C51", "TD3Policy": "TD3", "TD3BC": "TD3",
    "DDPGPolicy": "DDPG", "A2CPolicy": "Actor-Critic", "PGPolicy": "Policy Gradient", "DiscreteSACPolicy": "SAC",
    "REDQPolicy": "SAC", "QRDQNPolicy": "DQN", "IQNPolicy": "DQN", "FQFPolicy": "DQN", "TRPOPolicy": "TRPO",
    "NPGPolicy": "Actor-Critic", "CQLPolicy": "SAC", "A2CAlgo": "Actor-Critic", "PPOAlgo": "PPO", "A3C": "Actor-Critic",
    "ACER": "Actor-Critic", "DoubleDQN": "DQN", "PAL": "DQN", "CategoricalDQN": "C51", "CategoricalDoubleDQN": "C51",
    "SoftActorCritic": "SAC", "REINFORCE": "Policy Gradient", "SACConfig": "SAC", "TD3Config": "TD3",
    "DDPGConfig": "DDPG", "CQLConfig": "SAC", "DoubleDQNConfig": "DQN", "TD3PlusBCConfig": "TD3", "D4PG": "DDPG",
    "D4PGConfig": "DDPG", "IMPALA": "Actor-Critic", "IMPALAConfig": "Actor-Critic", "R2D2": "DQN", "PPOBuilder": "PPO",
    "OnPolicyRunner": "PPO", "SACBuilder": "SAC", "TD3Builder": "TD3", "D4PGBuilder": "DDPG", "DQNBuilder": "DQN",
    "DiscreteSACConfig": "SAC", "NFQConfig": "DQN", "DiscreteCQLConfig": "DQN", "DiscreteBCQConfig": "DQN",
    "AWACConfig": "Actor-Critic", "IQLConfig": "Actor-Critic", "CRRConfig": "Actor-Critic", "CalQLConfig": "SAC",
    "ReBRACConfig": "TD3",
}  # fmt: skip
LIBRARIES |= {f"{name}ExperimentBuilder": family for name, family in LIBRARIES.items()}
"""Tianshou's experiments too, which make an agent."""


ROOTS = frozenset({
    "stable_baselines3", "stable_baselines", "sb3_contrib", "sbx", "ray", "tf_agents", "tianshou", "rl", "keras_rl",
    "pfrl", "chainerrl", "acme", "d3rlpy", "skrl", "torch_ac", "rsl_rl",
})  # fmt: skip
"""Libraries of agents."""


def ready_agents(view: View) -> Iterator[Evidence]:
    """An agent of a known library (Stable-Baselines3, RLlib, TF-Agents, Tianshou), or what trains one (Brax)."""
    for call in view.program.named(*LIBRARIES):
        root = call.dotted.partition(".")[0]
        if root in ROOTS:
            yield Evidence(LIBRARIES[call.name], call.place, f"{call.name} of {root}")
    for call in view.program.named("train"):
        if call.dotted.startswith("brax.training.agents.") and (family := BRAX.get(call.dotted.split(".")[3])):
            yield Evidence(family, call.place, f"train of {call.dotted.rpartition('.')[0]}")


BRAX = {"ppo": "PPO", "sac": "SAC", "apg": "Policy Gradient"}
"""Packages of Brax's agents by the families that their `train` trains."""


OBJECTIVES = {
    "PPOLoss": "PPO", "ClipPPOLoss": "PPO", "KLPENPPOLoss": "PPO", "DQNLoss": "DQN", "DistributionalDQNLoss": "C51",
    "DDPGLoss": "DDPG", "SACLoss": "SAC", "DiscreteSACLoss": "SAC", "TD3Loss": "TD3", "TD3BCLoss": "TD3",
    "A2CLoss": "Actor-Critic, Policy Gradient", "ReinforceLoss": "Policy Gradient", "REDQLoss": "SAC", "TQCLoss": "SAC",
    "CrossQLoss": "SAC", "CQLLoss": "SAC", "DiscreteCQLLoss": "DQN", "IQLLoss": "Actor-Critic", "QMixerLoss": "DQN",
    "DiscreteIQLLoss": "Actor-Critic", "DreamerActorLoss": "Actor-Critic", "RNDLoss": "RND",
}  # fmt: skip
"""Loss modules of TorchRL by the families that they train."""


LOSSES = {
    "q_learning": "DQN", "double_q_learning": "DQN", "q_lambda": "DQN", "categorical_q_learning": "C51",
    "categorical_double_q_learning": "C51", "quantile_q_learning": "DQN", "persistent_q_learning": "DQN",
    "policy_gradient_loss": "Policy Gradient", "clipped_surrogate_pg_loss": "PPO", "dpg_loss": "DDPG",
}  # fmt: skip
"""Losses of RLax by the family that they train."""


def ready_losses(view: View) -> Iterator[Evidence]:
    """A loss of RLax, called or given to `vmap`; a loss module of TorchRL."""
    for call in view.program.named(*OBJECTIVES):
        if call.dotted.startswith("torchrl.objectives."):
            for family in OBJECTIVES[call.name].split(", "):
                yield Evidence(family, call.place, f"{call.name} of torchrl")
    for body in view.bodies:
        for node in body.of(ast.Attribute) if "rlax" in body.spoken else ():
            if node.attr in LOSSES and last_name(node.value) == "rlax":
                yield Evidence(LOSSES[node.attr], body.place(node), f"{node.attr} of rlax")
