"""The rules, each a function from Program to Facts, in the order in which they are asked.

A rule is registered by being listed here.
"""

from collections.abc import Callable, Iterable

from core.analysis.facts import Layer
from core.analysis.program import Program, Rule
from core.analysis.rules.architecture import architecture
from core.analysis.rules.datasets import datasets
from core.analysis.rules.description import description
from core.analysis.rules.environment import environments
from core.analysis.rules.framework import frameworks
from core.analysis.rules.hardware import hardware
from core.analysis.rules.layers import layer_tree, parameters
from core.analysis.rules.loss import losses
from core.analysis.rules.model_classes import model_classes
from core.analysis.rules.naming import named_only
from core.analysis.rules.task import task
from core.analysis.rules.training import TRAINING

RULES: tuple[Rule, ...] = (
    frameworks, architecture, task, model_classes, named_only, parameters, datasets, environments, losses, hardware,
    description, *TRAINING,
)  # fmt: skip

LAYERS: Callable[[Program], Iterable[Layer]] | None = layer_tree
"""What makes the layer tree."""
