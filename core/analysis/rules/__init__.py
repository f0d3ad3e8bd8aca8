"""The rules, each a function from Program to Facts, in the order in which they are asked.

A rule is registered by being listed here.
"""

from core.analysis.program import Rule

RULES: tuple[Rule, ...] = ()
