"""Whether a model is for making music."""

from __future__ import annotations

import re

from core.analysis.rules.loss_names import CLASSIFYING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import GENERATING, SEQUENTIAL, Purposed, tables
from core.analysis.rules.words_told import POOLING


def composing(model: Purposed) -> Answer | None:
    """Music that is made: by what makes data, or what goes on with a sequence, over notes that libraries read, or data
    of notes; not where notes are heard, or whole pieces are told apart."""
    notes = next(iter(model.view.program.under(*_OF_NOTES)), None)
    data = next((fact for fact in model.data if tables()[0].get(str(fact.value)) == "music generation"), None)
    if notes is None and data is None:
        return None
    goes_on = not {"GPT", *SEQUENTIAL}.isdisjoint(model.families) and not CLASSIFYING.isdisjoint(model.losses)
    if model.families.keys().isdisjoint(GENERATING) and (not goes_on or model.reads_sound() or _tells_pieces(model)):
        return None
    if data is not None:
        return "music generation", data.place, f"dataset {data.value}"
    return ("music generation", notes.place, f"notes by {notes.name}") if notes is not None else None


def _tells_pieces(model: Purposed) -> bool:
    """Whether all places of a sequence are pooled, or kinds of pieces are spoken of."""
    return bool(model.view.program.named(*POOLING)) or model.view.speaks_of(_KINDS)


_KINDS = re.compile(r"(^|_)(composer|artist|genre|emotion|mood)s?(_|$)")


_OF_NOTES = ("music21.", "pretty_midi.", "mido.", "miditoolkit.", "note_seq.", "pypianoroll.", "muspy.")
"""Libraries that read and write notes."""
