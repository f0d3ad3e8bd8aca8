"""Following a program: walking its code over abstract values, running nothing."""

from core.analysis.follow.machine import follow

__all__ = ["follow"]
