"""Words that are read in pictures, or say what pictures show."""

from __future__ import annotations

import re

from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import GENERATING, Purposed
from core.analysis.rules.sights import makes_tokens


def reading(model: Purposed) -> Answer | None:
    """Convolutions before a network over sequences, whose symbols are those of an alphabet."""
    if "CNN" not in model.families or {"LSTM", "GRU", "RNN", "Transformer"}.isdisjoint(model.families):
        return None
    body = next((body for body in model.view.bodies if body.speaks_of(_ALPHABET)), None)
    return ("text recognition", body.place(body.node), "letters of an alphabet in pictures") if body else None


_ALPHABET = re.compile(r"(^|_)(alphabets?|char_?sets?)(_|$)")


def captioning(model: Purposed) -> Answer | None:
    """Pictures that are described: a network over words, beside convolutions or fed with what others made of them."""
    described = next((fact for fact in model.data if fact.value in ("COCO", "Flickr8k", "Flickr30k")), None)
    if described is None or any(name in model.families for name in GENERATING):
        return None
    written = makes_tokens(model.view)
    if described.value == "COCO" and not (written or model.view.speaks_of(_WORDS)):
        return None  # its things are found, or followed
    both = "CNN" in model.families or written
    by_words = {"LSTM", "GRU", "RNN", *({"Transformer"} if both else ())} & model.families.keys()
    if not by_words or not (both or model.view.kinds["embedding"]):
        return None
    return "image captioning", described.place, "pictures in, words out"


_WORDS = re.compile(r"(^|_)(captions?|vocab(ulary)?|words?)(_|$)")
