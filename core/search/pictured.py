"""Questions for pictures: which of whose are wanted, "samples of the CelebA model at epoch 100"."""

from __future__ import annotations

import re

from core.search.english import english, singulars
from core.search.lexicon import Lexicon
from core.search.query import PictureWish
from core.vocabulary import fold

_NOUNS = {
    **dict.fromkeys(("image", "images", "picture", "pictures", "pics", "pic", "thumbnails", "frames", "outputs"), ""),
    **dict.fromkeys(("sample", "samples"), "sample"),
    **dict.fromkeys(("reconstruction", "reconstructions"), "recon"),
    **dict.fromkeys(("plot", "plots", "curve", "curves"), "curve"),
    **dict.fromkeys(("interpolation", "interpolations"), "interpol"),
    **dict.fromkeys(("generation", "generations"), "generat"),
}  # fmt: skip
"""Words for pictures -> what their names or labels then hold."""

_ASK = frozenset(
    (
        "show",
        "display",
        "open",
        "view",
        "see",
        "give",
        "me",
        "us",
        "what",
        "get",
        "find",
        "list",
        "look",
        "do",
        "does",
        "did",
        "like",
        "would",
    )
)
_SHOW = _ASK | frozenset(("please", "the", "all", "any", "some", "are", "let", "of", "at"))
_MADE = frozenset(["generated", "produced", "saved", "resulting", "output", "drawn", "example", "created"])
_LATEST = frozenset(["latest", "last", "newest", "final", "most", "recent"])
_EPOCH = re.compile(
    r"(?:,?\s*\b(?:at|from|after|in|of|for|during|on)\s+)?(?:the\s+)?\b(?P<unit>epoch|step|iteration)s?\s+#?(?P<number>\d{1,9})\b"
    r"|,?\s*\b(?:at|after)\s+(?P<count>\d{1,9})\s+(?P<counted>epoch|step|iteration)s?\b",
    re.IGNORECASE,
)
_EPOCHS = re.compile(
    r",?\s*\b(?:(?:at|from|of|for|in|between)\s+)?epochs?\s+(?P<first>\d{1,9})\s*(?:-|to|and|through|until|up to)\s*"
    r"(?:epoch\s+)?(?P<last>\d{1,9})\b"
    r"|,?\s*\b(?:before|up to|until|till)\s+epoch\s+(?P<until>\d{1,9})\b"
    r"|,?\s*\b(?:of|from|in)\s+the\s+first\s+(?P<early>\d{1,9})\s+epochs"
    r"|,?\s*\b(?:since|from|beyond)\s+epoch\s+(?P<since>\d{1,9})(?:\s+on(?:wards?)?\b)",
    re.IGNORECASE,
)
"""Several epochs: "from epochs 10 to 20", "before epoch 5", "from epoch 50 on"."""
_LAST_EPOCH = re.compile(
    r"\b(?:at|from|after|in|of)\s+(?:the\s+)?(?:last|final|latest)\s+(?:epoch|step|iteration)\b", re.IGNORECASE
)
_CLASS = re.compile(
    r"(?:,?\s*\b(?:of|from|for|in|with)\s+)?(?:the\s+)?\b(class|digit|label|number)\s+#?(\d{1,4})\b", re.IGNORECASE
)
_DRAWS = re.compile(
    r"^(?:show (?:me )?|see |let me see )?what (?P<model>.+?) "
    r"(?:draws?|drew|generates?|generated|paints?|produces?|produced)\b(?=$| (?:at|after|in|from)\b)",
    re.IGNORECASE,
)
"""What a model draws is its samples."""
_INSIDE = frozenset(["in", "from", "into", "to", "on", "between", "with", "for", "across", "inside", "two"])
"""Behind these words pictures are what a model works on: "find objects in pictures"."""
_OF = frozenset(["of", "from", "for", "by", "generated", "produced", "made", "drawn", "written", "saved"])


def read_pictures(text: str, lexicon: Lexicon) -> tuple[str, PictureWish] | None:
    """The words that say which models, and which of their pictures, where a question is for pictures: "Sneaker pictures
    of the clothes model", "samples of X at epoch 10"."""
    text = _DRAWS.sub(r"samples of \g<model>", text)
    several = _EPOCHS.search(text)
    text = _EPOCHS.sub(" ", text)
    said = _EPOCH.search(text)
    last = _LAST_EPOCH.search(text)
    kind = _CLASS.search(text)
    rest = _CLASS.sub(" ", _LAST_EPOCH.sub(" ", _EPOCH.sub(" ", text)))
    words = [word.strip(",;:") for word in rest.split()]
    lows = [word.casefold() for word in words]
    place = next((place for place, word in enumerate(lows) if word in _NOUNS), None)
    if place is None or place > 6 or (place and lows[place - 1] in _INSIDE):
        return None
    unsaid = _SHOW | _LATEST | _MADE | english().dropped
    before = [word for word in words[:place] if word.casefold() not in unsaid]
    after, asked = words[place + 1 :], any(word in _ASK for word in lows[:place])
    owned = bool(after) and after[0].casefold() in _OF
    shown = _shown(after[1:], lexicon) if owned else []
    told = bool(said or last or several or shown or (kind and not after))
    if not _wants_pictures(before, after, asked, owned, told, lexicon, lows[place]):
        return None
    label = [
        *(before if owned else ()),
        *(word for word in shown if word.casefold() not in english().dropped),
        f"class_{kind[2]}" if kind else _NOUNS[lows[place]],
    ]
    model = after[1 + len(shown) :] if owned else before + after
    while model and model[0].casefold() in _OF:
        model = model[1:]
    number = int(said["number"] or said["count"]) if said else None
    epochs = said is not None and (said["unit"] or said["counted"]).casefold() == "epoch"
    wish = PictureWish(
        epoch=_bounds(several) if several else number if epochs else None,
        step=None if epochs else number,
        label=" ".join(word for word in label if word),
        latest=bool(last or _LATEST & set(lows[:place])),
    )
    return " ".join(model), wish


def _shown(words: list[str], lexicon: Lexicon) -> list[str]:
    """The words at the start by which pictures are labelled: "pictures of sneakers from the clothes model"."""
    labels = lexicon.columns.picture_labels if lexicon.columns else frozenset()
    end = next((place for place, word in enumerate(words) if word.casefold() in _OF), len(words))
    said = [word for word in words[:end] if word.casefold() not in english().dropped]
    known = all(any(form in labels for form in singulars(fold(word))) for word in said)
    named = lexicon.exact(said) if end == len(words) else None  # "images of the GANs": whose, not of what
    whose = named is not None and named.sense.kind == "value" and lexicon.in_use(named.sense.field, named.sense.value)
    return words[:end] if known and said and not whose else []


def _bounds(several: re.Match[str]) -> int | tuple[int | None, int | None]:
    """The first and the last of several epochs; one where both are it."""
    said = {name: int(number) for name, number in several.groupdict().items() if number}
    if "until" in said:
        return None, said["until"] - several[0].casefold().split().count("before")
    first, last = said.get("first", said.get("since")), said.get("last", said.get("early"))
    return first if first is not None and first == last else (first, last)


def _wants_pictures(
    before: list[str], after: list[str], asked: bool, owned: bool, dated: bool, lexicon: Lexicon, noun: str
) -> bool:
    """Whether pictures are wanted, not models that have to do with them ("animal images", "classify images")."""
    if any(word.casefold() in _MAKING for word in before) or (
        after and after[0].casefold() in ("classification", "generation")
    ):
        return False
    if before and (found := lexicon.exact([*before, noun])) and found.sense.kind == "concept":
        return False
    found = lexicon.exact(before) if before and not after and _NOUNS[noun] else None
    if dated or (found and found.length == len(before) and found.sense.field == "architecture"):
        return True  # "GAN samples"
    about_model = re.search(
        r"\b(?:models?|scripts?|runs?|experiments?|trainings?)\b", " ".join(before + after), re.IGNORECASE
    )
    if owned:
        named = any("/" in word for word in after) or any(lexicon.exact(after[n:]) for n in range(1, len(after)))
        return bool(asked or about_model or (named and not before))
    return asked and (bool(about_model) or not after)


_MAKING = frozenset(
    [
        "generate",
        "generates",
        "generating",
        "synthesise",
        "synthesize",
        "create",
        "creates",
        "classify",
        "classifies",
        "classifying",
        "upscale",
        "sharpen",
        "segment",
        "segments",
        "denoise",
        "colorize",
        "translate",
        "translates",
        "translating",
        "compress",
        "reconstruct",
        "turn",
        "turns",
        "whether",
        "two",
        "that",
        "which",
        "can",
        "how",
        "low-resolution",
        "recognise",
        "recognize",
        "detect",
        "caption",
        "describe",
        "label",
        "between",
        "train",
        "trained",
        "use",
        "uses",
        "using",
        "make",
        "makes",
        "input",
    ]
)
