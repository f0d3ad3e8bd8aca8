"""Whole sentences that ask for something other than a set: two cohorts, pictures, a report, details, a count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.search.grammar import outside_quotes
from core.search.lexicon import Lexicon
from core.search.pictured import read_pictures
from core.search.query import Intent, PictureWish


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence asks for, and the words that say of which models; `sides` holds the two ends of a comparison."""

    intent: Intent
    text: str
    pictures: PictureWish | None = None
    sides: tuple[tuple[str, ...], ...] = ()


_WHO = "boss|manager|colleague|supervisor|adviser|advisor|professor|teacher|friend|team|reviewer"
_ASIDE = re.compile(
    rf"^(?:(?:hi|hello|hey|please|so|ok)[ ,!]+)*(?:(?:(?:my|our|the|a) )?(?:{_WHO})s? "
    r"(?:wants?|needs?|asks?|asked|wanted|would like|is asking)"
    r"(?: me| us)?(?: to (?:know|see|find|have|list|show|get|tell|read|look at))?(?: (?:for|about))?"
    r"|for (?:my|our|a|the) [\w ]{2,30}?,? (?:i|we)(?: am| are|'m|'re)? (?:need|want|would like|look(?:ing)? for))\s+",
    re.IGNORECASE,
)
"""Who asks, and what for: "my boss wants to know which ...", "for my thesis I need ..."."""
_COMPARE = re.compile(
    r"^(?:please |can you |could you |i want to |i would like to |i'd like to |let's |(?:give|show) me (?:a |the )?"
    r"|explain (?:to (?:me|us) )?|tell (?:me|us) |know )*"
    r"(?:(?P<compare>(?:compare|contrast|diff|comparison (?:of|between)):?\s+)"
    r"|(?P<how>(?:how|in (?:what|which) (?:ways?|respects?)) (?:(?:do|does|did|are|is|were)\s+|(?=.+\bdiffers?\b)))"
    r"|(?P<between>(?:(?:what(?:'s| is| are)|show|list|tell me|explain)\s+)?(?:me )?(?:the )?(?:main |key |biggest )?"
    r"(?:differences?(?: in [\w ]+?)?|different|(?:which|what) [\w ]+? differs?"
    r"|what(?:'s| has| is| was)? (?:changed|new|different)) (?:between|of)\s+)|"
    r"(?P<what>what (?:separates|distinguishes|differentiates|sets apart)\s+))(?P<rest>.+)$",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"\s+(?:versus|vs\.?|as opposed to|against|(?<!, )compared (?:with|to)|in comparison (?:with|to))\s+", re.IGNORECASE
)
_JOINTS = {
    "compare": re.compile(r"\s*,?\s+(?:and|with|to|against|versus|vs\.?)\s+", re.IGNORECASE),
    "how": re.compile(
        r"\s+(?:differ(?:s|ent)?|compare|distinguished|deviate)\s+(?:in [\w ]+? )?(?:from|to|with|against)\s+",
        re.IGNORECASE,
    ),
    "between": re.compile(r"\s+and\s+", re.IGNORECASE),
    "what": re.compile(r"\s+(?:from|and)\s+", re.IGNORECASE),
}
_SURE = frozenset(["to", "against", "versus", "vs", "vs."])
"""What joins two sides, where "with" and "and" may stand within one: "compare GANs with dropout to GANs without"."""
_DIFFER = re.compile(r"(.+?\band\b.+?)\s+(?:differ|compare|vary|deviate)(?:\s+in\s+.+)?$", re.IGNORECASE)
"""How do A and B differ?"""
_BEHIND = re.compile(
    r"(?:[:,]|\s[-\u2013\u2014])\s*(?:(?:what|how)(?:\s+|'s\s+)(?:separates|distinguishes|differentiates|differs|changed|changes|is\s+new|new"
    r"|do\s+they|do\s+these|(?:(?:is|are|has|was)\s+)?(?:the\s+)?(?:main\s+)?(?:differen(?:t|ces?)|changed))|differences?)\b[^:,]*$",
    re.IGNORECASE,
)
"""A and B: what separates them?"""
_WITHOUT = re.compile(
    r"(?:(?:please )?(?:compare|contrast)|(?:what is )?(?:the )?differences? between|how (?:do|does))?\s*(?:the )?"
    r"(.+?) with (?:and|versus|vs\.?) without (.+?)(?: differ| compare)?$",
    re.IGNORECASE,
)
"""LSTMs with and without dropout."""
_THAN = re.compile(
    r"(?:do|does|did|are|is|were|was) (?:the )?(?P<one>.+?) (?:use|have|train|run|need|take)\w* .*?"
    r"\b(?:larger|bigger|smaller|higher|lower|more|fewer|less|longer|shorter|deeper|faster|slower)\b.*"
    r" than (?P<other>.+)$",
    re.IGNORECASE,
)
"""Do GANs use larger batches than VAEs?"""
_MORE = r"\b(?:larger|bigger|smaller|higher|lower|more|fewer|less|longer|shorter|deeper|faster|slower)\b"
_OR = re.compile(
    rf"(?:do|does|did) (?:the )?(?P<a>.+?) or (?P<b>.+?) (?:use|have|train|run|need|take)\w* .*?{_MORE}.*$"
    rf"|(?:which|what) [^,:]*?{_MORE}[^,:]*[,:] (?P<c>.+?),? or (?P<d>.+)$"
    rf"|(?P<e>.+?) or (?P<f>.+?)[,:] (?:which|what) .*?{_MORE}.*$",
    re.IGNORECASE,
)
"""Do GANs or VAEs use larger batches? Which train longer, GANs or VAEs?"""
_CLOSING = re.compile(
    r"^(?:put )?(.+ (?:and|with) .+?),? (?:compared|side by side|head to head|in comparison)"
    r"(?: (?:to|with) each other)?$",
    re.IGNORECASE,
)
"""A and B side by side."""
_NEXT_TO = re.compile(r"^(?:put|show|set|place|view) (.+) (?:next to|beside|alongside|against) (.+)$", re.IGNORECASE)
_PAIR = re.compile(
    r"^(?:please )?(?:(?:compare|contrast|(?:what(?:'s| is| are) )?(?:the )?differences? (?:between|of)"
    r"|what (?:separates|distinguishes)|how (?:do|are)) (?:the two|both)(?: of)?(?: the)? (?P<told>.+?)"
    r"(?: differ(?:ent)?| compare)?|(?:the )?(?:two|both) (?P<told_first>.+?),? (?:compared|side by side))$",
    re.IGNORECASE,
)
"""The two Xs compared."""
_HOW_MANY = re.compile(r"^how many (.+?) and how many (.+)$", re.IGNORECASE)
_SETS_APART = re.compile(r"^what (?:sets|tells) (.+?) apart from (.+)$", re.IGNORECASE)
_OF_THAN = re.compile(
    r"(?:is|are|was|were) (?:the )?[\w -]+? (?:of|in|for) (?:the )?(?P<one>.+?) "
    r"(?:larger|bigger|smaller|higher|lower|longer|shorter|greater) than "
    r"(?:(?:that|those|the ones?) (?:of|in|for) )?(?P<other>.+)$",
    re.IGNORECASE,
)
"""Is the learning rate of the GANs higher than that of the VAEs?"""
_REPORT = re.compile(
    r"^(?:please )?(?:(?:write|make|generate|create|give me|produce|prepare|draft)\s+)?"
    r"(?:a |an |the )?(?:\w+ )?report (?:on|about|of|for|comparing)\s+(.+)$",
    re.IGNORECASE,
)
_DETAILS = re.compile(
    r"^(?:please )?(?:tell me (?:more )?about|(?:show (?:me )?)?(?:the )?details? (?:of|about|for|on)|"
    r"what do (?:you|we) know about|who (?:wrote|made|created|committed|changed)|how old (?:is|are)"
    r"|when (?:was|were)(?= .+ (?:made|created|written|added|changed|updated|modified|touched)$))\s+(.+)$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"^(?:how many|count(?: all)?(?: the)?|(?:what is )?the number of|number of"
    r"|what (?:fraction|share|percentage|proportion|part) of(?: the| all| our)?)\s+(.+)$",
    re.IGNORECASE,
)


def read_sentence(question: str, lexicon: Lexicon) -> Sentence:
    """The intent of a question and the words that are left to be read."""
    if aside := _ASIDE.match(question):
        question = question[aside.end() :]
    text = " ".join(question.split()).rstrip("?!. ")
    if sides := _sides(text, lexicon):
        return Sentence("cohorts", text, sides=sides)
    if '"' in text:
        return Sentence("find", question)
    if match := _REPORT.match(text):
        return Sentence("report", match[1])
    if match := _DETAILS.match(text):
        return Sentence("details", match[1])
    if (match := _COUNT.match(text)) and not _is_field(match[1], lexicon):
        return Sentence("count", match[1])
    wanted = read_pictures(text, lexicon)
    return Sentence("images", *wanted) if wanted else Sentence("find", question)


_WITHIN = re.compile(
    r"(?:(?P<joint>on|for|in|among|within|of) (?=[^:,]+,)|(?=[^:,]+:))"
    r"(?P<whole>(?!compar|contrast|please|differ)[^:,]{2,60})[:,]\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
"""What both sides are of, said first: "MNIST: CNN vs MLP", "on CelebA, compare A with B"."""


def _is_field(text: str, lexicon: Lexicon) -> bool:
    """Whether a text begins with a field: "how many epochs" counts no models."""
    found = lexicon.exact(text.split()[:3])
    return found is not None and found.sense.kind in ("field", "setting")


def pair_told(question: str) -> str | None:
    """The words that tell of two models to be compared: "compare the two style transfer scripts"."""
    match = _PAIR.match(" ".join(question.split()).rstrip("?!. "))
    return match and (match["told"] or match["told_first"])


# -- comparisons


def _sides(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], ...]:
    """Every way to part a comparison in two, or the one way to part it in more; none where it is no comparison."""
    if both := _HOW_MANY.match(text):
        return (both.groups(),)
    text = _SETS_APART.sub(r"difference between \1 and \2", text)
    if behind := _BEHIND.search(outside_quotes(text)):
        text = f"difference between {text[: behind.start()]}"
    if apart := _WITHOUT.match(text):
        return ((f"{apart[1]} with {apart[2]}", f"{apart[1]} without {apart[2]}"),)
    if than := _THAN.match(outside_quotes(text)) or _OF_THAN.match(outside_quotes(text)):
        return ((text[slice(*than.span("one"))], text[slice(*than.span("other"))]),)
    if (within := _WITHIN.match(text)) and (sides := _sides(within["rest"], lexicon)) and len(sides) == 1:
        return (tuple(f"{side} {within['joint'] or ''} {within['whole']}" for side in sides[0]),)
    if either := _OR.match(outside_quotes(text)):
        return (tuple(text[slice(*either.span(name))] for name in "abcdef" if either[name]),)
    text = _NEXT_TO.sub(r"\1 versus \2", _CLOSING.sub(r"compare \1", text))
    if (fields := re.fullmatch(r"([^:]+ and [^:]+): ([^:]+)", text)) and _is_field(fields[2], lexicon):
        text = f"compare {fields[1]}"
    bare = outside_quotes(text)
    joined = [m for m in _VERSUS.finditer(bare) if not _is_name(text[: m.start()], text[m.start() :], lexicon)]
    if joined or (joined := _listed(bare)):
        starts = [_begin(bare), *(joint.end() for joint in joined)]
        ends = [*(joint.start() for joint in joined), len(text)]
        *first, last = (text[start:end] for start, end in zip(starts, ends, strict=True))
        return ((*first, _without_tail(last)),)
    match = _COMPARE.match(bare)
    if not match:
        return ()
    kind = next(name for name in _JOINTS if match[name])
    start, end = match.span("rest")
    if kind == "how" and (closed := _DIFFER.match(bare, start)):
        kind, end = "between", closed.end(1)
    joints = list(_JOINTS[kind].finditer(bare, start, end))
    joints = [joint for joint in joints if joint[0].split()[-1].casefold() in _SURE] or joints
    return tuple((text[start : joint.start()], _without_tail(text[joint.end() : end])) for joint in joints)


def _begin(text: str) -> int:
    """Where the first side begins: behind "compare"."""
    asked = re.match(r"(?:please )?(?:compare|contrast):?\s+", text, re.IGNORECASE)
    return asked.end() if asked else 0


def _listed(text: str) -> list[re.Match[str]]:
    """The joints of a list of three sides or more: "compare A, B and C"."""
    joints = list(re.finditer(r",? (?:and|with) |, ", text))
    return joints if _begin(text) and len(joints) > 1 and joints[0][0] == ", " and joints[-1][0] != ", " else []


def said_versus(text: str) -> bool:
    """Whether a sentence surely compares two things, whatever they are."""
    return re.search(r"\s(?:versus|vs\.?|differ(?:s|ent)? from)\s", outside_quotes(text), re.IGNORECASE) is not None


def _is_name(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether the joint stands inside one name: "cats vs dogs"."""
    words = [*before.split()[-1:], *after.split()[:2]]
    found = lexicon.exact([word.strip(",.") for word in words])
    return found is not None and found.length == 3


def _without_tail(text: str) -> str:
    """The second side without what is to be compared: "Flax transformers: optimizer and batch size"."""
    tail = _TAIL.search(outside_quotes(text))
    return text[: tail.start()] if tail else text


_TAIL = re.compile(r":\s|\s+in terms of\s+|\s+with regard to\s+|\s+regarding\s+|\s+by their\s+")
