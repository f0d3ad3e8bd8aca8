"""Whole sentences that ask for something other than a set: two cohorts, pictures, a report, details, a count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.search.lexicon import Lexicon
from core.search.parting import is_field, part
from core.search.pictured import read_pictures
from core.search.query import Intent, PictureWish


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence asks for, and the words that say of which models; `sides` holds the two ends of a comparison."""

    intent: Intent
    text: str
    pictures: PictureWish | None = None
    sides: tuple[tuple[str, ...], ...] = ()


_WHO = (
    r"boss|manager|colleague|supervisor|adviser|advisor|professor|prof|pi|teacher|friend|team|reviewer(?: \d)?"
    r"|customer|client|student|examiner|editor|intern"
)
_ASIDE = re.compile(
    rf"^(?:(?:hi|hello|hey|please|so|ok)[ ,!]+)*(?:(?:(?:my|our|the|a) )?(?:{_WHO})s? "
    r"(?:wants?|needs?|asks?|asked|wanted|would like|is asking)"
    r"(?: me| us)?(?: to (?:know|see|find|have|list|show|get|tell|read|look at))?(?: (?:for|about))?"
    r"|for (?:my|our|a|the) [\w ]{2,30}?,? (?:i|we)(?: am| are|'m|'re)? (?:need|want|would like|look(?:ing)? for)"
    r"|(?:i|we) (?:do not|don'?t|can'?t|cannot) (?:know|remember|recall)(?: [^,;]+)?[,;](?: but)?(?: it (?:was|is))?"
    r")\s+",
    re.IGNORECASE,
)
"""Who asks, and what for: "my boss wants to know which ...", "for my thesis I need ...", "I don't know its name, but
..."."""
_THANKS = re.compile(r" (?:please|pls|thanks|thank you)$", re.IGNORECASE)
_SEVERAL = "models|scripts|runs|notebooks|experiments|agents|networks|implementations|configs|ones|versions|variants"
_PAIR = re.compile(
    r"^(?:please )?(?:(?:compare|contrast|(?:what(?:'s| is| are) |explain |describe |show (?:me )?)?(?:the )?"
    r"differences? (?:between|of)"
    r"|what (?:separates|distinguishes)|how (?:do|are)) (?:(?:the )?[\w -]{3,40}? (?:of|in|for|between) )?"
    r"(?:the (?:two|three|four)|both)(?: of)?(?: the)? (?P<told>.+?)"
    r"(?: differ(?:ent)?| compare)?"
    r"|compare (?:all (?:of )?(?:(?:the|our|my) )?(?:(?:two|three|four|five|six|\d+) )?(?P<told_all>.+)"
    rf"|(?:the|our|my|these) (?P<told_several>.+ (?:{_SEVERAL})))"
    r"|(?:the )?(?:two|both) (?P<told_first>.+?),? (?:compared|side by side))$",
    re.IGNORECASE,
)
"""The two Xs compared, or all of them."""
_REPORT = re.compile(
    r"^(?:please )?(?:(?:write|make|generate|create|give me|produce|prepare|draft)\s+)?"
    r"(?:a |an |the )?(?:\w+ )?report (?:on|about|of|for|comparing)\s+(.+)$",
    re.IGNORECASE,
)
_ONE = "model|script|run|notebook|experiment|implementation|config"
_DETAILS = re.compile(
    r"^(?:please )?(?:tell me (?:more )?about|(?:show (?:me )?)?(?:the )?details? (?:of|about|for|on)|"
    r"(?:describe|explain|summari[sz]e|walk (?:me|us) through|open)"
    rf"(?= \S*/\S*$| \S+\.(?:py|ipynb|ya?ml)$| (?:the|our|my) (?:(?!an? |the |with |by )[\w.+-]+ )+(?:{_ONE})$)|"
    r"what do (?:you|we) know about|who (?:wrote|made|created|committed|changed)|how old (?:is|are)"
    r"|when (?:was|were)(?= .+ (?:made|created|written|added|changed|updated|modified|touched)$))\s+(.+)$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"^(?:how many|count(?: all)?(?: the)?|(?:what is )?the number of|number of"
    r"|(?:what (?:is )?)?(?:the )?(?:fraction|share|percentage|proportion) of(?: the| all| our)?"
    r"|what part of(?: the| all| our)?"
    r"|what (?:fraction|share|percentage|proportion)(?= (?:uses?|ha[sv]e?|is|are|trains?|runs?)\b))\s+(.+)$",
    re.IGNORECASE,
)


def read_sentence(question: str, lexicon: Lexicon) -> Sentence:
    """The intent of a question and the words that are left to be read."""
    if aside := _ASIDE.match(question):
        question = question[aside.end() :]
    text = _THANKS.sub("", " ".join(question.split()).rstrip("?!. ")).rstrip(",?!. ")
    if sides := part(text, lexicon):
        return Sentence("cohorts", text, sides=sides)
    if '"' in text:
        return Sentence("find", question)
    if match := _REPORT.match(text):
        return Sentence("report", match[1])
    if match := _DETAILS.match(text):
        return Sentence("details", match[1])
    if (match := _COUNT.match(text)) and not is_field(match[1], lexicon):
        return Sentence("count", match[1])
    wanted = read_pictures(text, lexicon)
    return Sentence("images", *wanted) if wanted else Sentence("find", question)


def pair_told(question: str) -> str | None:
    """The words that tell of two models to be compared: "compare the two style transfer scripts"."""
    match = _PAIR.match(" ".join(question.split()).rstrip("?!. "))
    return match and next(filter(None, match.groupdict().values()))
