"""Whether a model is for making music."""

from __future__ import annotations

from core.analysis.rules.comparing import CLASSIFYING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import GENERATING, SEQUENTIAL, Purposed, tables


def composing(model: Purposed) -> Answer | None:
    """Music that is made: by what makes data, or what goes on with a sequence, over notes that libraries read, or data
    of notes."""
    notes = next(iter(model.view.program.whose(_is_of_notes)), None)
    data = next((fact for fact in model.data if tables()[0].get(str(fact.value)) == "music generation"), None)
    if notes is None and data is None:
        return None
    goes_on = not {"GPT", *SEQUENTIAL}.isdisjoint(model.families) and not CLASSIFYING.isdisjoint(model.losses)
    if model.families.keys().isdisjoint(GENERATING) and not goes_on:
        return None
    if data is not None:
        return "music generation", data.place, f"dataset {data.value}"
    return ("music generation", notes.place, f"notes by {notes.name}") if notes is not None else None


def _is_of_notes(dotted: str) -> bool:
    return dotted.startswith(
        ("music21.", "pretty_midi.", "mido.", "miditoolkit.", "note_seq.", "pypianoroll.", "muspy.")
    )
