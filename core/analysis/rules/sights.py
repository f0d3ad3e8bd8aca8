"""Whether the networks of a run look at pictures, told by their layers."""

from __future__ import annotations

from core import vocabulary
from core.analysis.rules.view import View


def along_a_line(view: View) -> bool:
    """Whether all convolutions go along one axis, as over sound."""
    names = [layer.call.name.casefold() for layer in view.layers if layer.kind in ("conv", "convt")]
    return bool(names) and all("1d" in name for name in names)


def misnames(view: View, name: object) -> bool:
    """Whether what is named like texts are pictures: what is read is convolved in two dimensions or goes through a
    ready-made network for pictures, and no word is embedded or made a token (`imdb` has faces too)."""
    words = vocabulary.load()
    if name not in words.table("datasets", "holds")["text"] or view.has(*_OF_WORDS):
        return False
    if makes_tokens(view):
        return False
    ready = (layer.family for layer in view.layers if layer.kind == "factory")
    pictured = any("CNN" in words.parents("architecture", family) for family in ready)
    return pictured or bool(view.kinds["conv"] and not along_a_line(view))


_OF_WORDS = ("embedding", "rnn", "lstm", "gru", "transformer")


def makes_tokens(view: View) -> bool:
    """Whether a library makes tokens of texts."""
    return bool(view.program.whose(_is_tokenizer))


def _is_tokenizer(dotted: str) -> bool:
    return "Tokenizer" in dotted
