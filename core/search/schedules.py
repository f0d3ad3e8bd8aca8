"""Schedules of the learning rate that scripts keep by themselves, known by the setting that chooses them."""

from __future__ import annotations

from core.fields import SETTINGS
from core.search.lexicon import Lexicon
from core.search.query import Filter

_CHOOSING = (
    "scheduler",
    "lr_scheduler",
    "lr_schedule",
    "lr_sched",
    "lr_policy",
    "lr_decay_type",
    "learning_rate_schedule",
)
"""Settings that choose one; `schedule` alone may be that of a diffusion's noise."""


def schedules_set_to(value: str, lexicon: Lexicon) -> list[Filter]:
    """The settings of the collection that choose this schedule: `scheduler: cosine`."""
    columns = lexicon.columns
    if columns is None:
        return []
    own = set(lexicon.settings())
    fields = [SETTINGS + name for name in lexicon.settings_called(_CHOOSING) if name in own]
    told = [(field, said) for field in fields for said in columns.column(field).values if isinstance(said, str)]
    return [
        Filter(field, ":", said) for field, said in told if lexicon.vocabulary.canonical("scheduler", said) == value
    ]
