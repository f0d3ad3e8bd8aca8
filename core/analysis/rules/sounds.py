"""What is done with sound: it goes on from what came before, or texts are spoken."""

from __future__ import annotations

import ast
import re

from core.analysis.rules.bodies import last_name
from core.analysis.rules.loss_names import COMPARING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import HEARD, Purposed
from core.analysis.rules.symbols import of_examples, one_after_slice, one_place_on


def sounding_on(model: Purposed) -> Answer | None:
    """The targets of what hears are its inputs one place on; where symbols are embedded, those may be words, and what
    is shifted must be called sound."""
    for body in (*model.view.bodies, *of_examples(model.view.program)):
        found = body.once(one_place_on) or body.once(one_after_slice)
        own = isinstance(found, ast.Subscript) and HEARD.search(last_name(found.value))
        if found is not None and (own or not model.view.kinds["embedding"]):
            return "audio generation", body.place(found), "the targets are the inputs one place on"
    return None


def speaking(model: Purposed) -> Answer | None:
    """Letters or phonemes in, and a spectrum out that is compared with the wanted one, and is not given back."""
    loss = next((fact for name, fact in model.losses.items() if name in COMPARING), None)
    if loss is None or "Autoencoder" in model.families or not model.view.kinds["embedding"] or not model.hears():
        return None
    both = model.view.speaks_of(_SPELT) and model.view.speaks_of(_SPECTRUM)
    return ("speech synthesis", loss.place, f"loss {loss.value} of spectra, of texts") if both else None


_SPELT = re.compile(r"(^|_)(texts?|phon(es?|emes?)|chars|graphemes?)(_|$)")
_SPECTRUM = re.compile(r"(^|_)mels?(_|$)|spec(trogram)?s?$")
"""What writing, and what sound is made of, are called."""
