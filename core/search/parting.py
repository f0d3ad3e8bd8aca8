"""Where a comparison is parted into its sides: by its shape, by what joins the sides, by the words that ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.search.english import english
from core.search.grammar import outside_quotes
from core.search.lexicon import Lexicon

LONGEST = 500
"""Characters of a line that is parted: nobody compares in more, and the shapes take time by the third power of it."""
Ways = tuple[tuple[str, ...], ...]
"""Ways to part a comparison, each the texts of its sides."""

_MORE = (
    r"\b(?:larger|bigger|smaller|higher|lower|more|fewer|less|longer|shorter|deeper|faster|slower|greater"
    r"|newer|older)\b"
)
_USED = r"(?:use|have|train|run|need|take)\w*"
_SHAPES = [
    re.compile(shape, re.IGNORECASE)
    for shape in (
        # how many GANs and how many VAEs
        r"how many (?P<a>.+?) and how many (?P<b>.+)$",
        # which rates do GANs use and which do VAEs use
        rf"(?:which|what|how (?:many|much|long)) .*?\b(?:do|does|did) (?P<a>.+?) {_USED},?"
        rf" (?:and|while|but) (?:which|what|how (?:many|much|long)) (?:\w+ )?(?:do|does|did) (?P<b>.+?)(?: {_USED})?$",
        # do GANs use larger batches than VAEs; does one use another rate than the other
        rf"(?:do|does|did|are|is|were|was) (?:the )?(?P<a>.+?) {_USED} .*?"
        rf"(?:{_MORE}|\b(?:another|a different|other|the same)\b).* (?:than|as|from) (?P<b>.+)$",
        # is the rate of the GANs higher than that of the VAEs
        r"(?:is|are|was|were) (?:the )?[\w -]+? (?:of|in|for) (?:the )?(?P<a>.+?) "
        rf"{_MORE} than (?:(?:that|those|the ones?) (?:of|in|for) )?(?P<b>.+)$",
        # is DDPG's rate higher than TD3's
        rf"(?:is|are|was|were|do|does|did) (?:the )?(?P<a>[\w-]+)(?:'s|s') [\w -]+? {_MORE} than "
        r"(?:(?:that|those|the ones?) (?:of|in|for) )?(?:the )?(?!\d)(?P<b>[\w -]+?)(?:'s|s'|')?$",
        # is the rate higher in the GANs or in the VAEs
        rf"(?:is|are|was|were) (?:the )?[\w -]+? {_MORE} (?:of|in|for|with|on) (?:the )?(?P<a>.+?)"
        r" (?:or|than) (?:(?:of|in|for|with|on) )?(?:the )?(?P<b>.+)$",
        # is PPO faster than SAC; but not "is the rate higher than 0.1"
        r"(?:is|are|was|were|do|does|did) (?!there\b)(?:the )?(?P<a>[\w-]+(?: [\w-]+){0,3}?) (?:(?:much|really) )?"
        r"(?:(?:work|do|perform|learn|converge)s? )?(?!newer|older)"
        rf"(?:{_MORE}|\bbetter|\bworse)(?: [a-z]+(?:-[a-z]+)?)? than (?:the )?(?!\d)(?P<b>.+)$",
        # are there more GANs than VAEs
        r"are there (?:more|fewer|as many) (?P<a>[a-z][\w-]*(?: [\w-]+){0,2}?) (?:than|as|or) (?P<b>[a-z].+)$",
        # what do GANs have that VAEs don't
        r"what (?:do|does) (?P<a>.+?) have that (?P<b>.+?) (?:don't|do not|doesn't|does not|lacks?)$",
        # GANs on the one hand and VAEs on the other
        r"(?P<a>.+?) on (?:the )?one (?:hand|side),? (?:and )?(?P<b>.+?) on the other(?: hand| side)?$",
        r"on (?:the )?one (?:hand|side),? (?P<a>.+?),? (?:and )?on the other(?: hand| side)?,? (?P<b>.+)$",
        # in contrast to VAEs, what do GANs use
        r"(?:in (?:contrast|comparison)|compared|relative) (?:to|with) (?P<a>[^,]+), (?:what|which|how) .*?"
        rf"(?:do|does|did|are|is) (?P<b>.+?)(?: {_USED}| do)?$",
    )
]
"""Sentences whose sides stand in fixed places."""
_EITHER = re.compile(
    rf"(?:do|does|did) (?:the )?(?P<a>.+?) or (?P<b>.+?) {_USED} .*?{_MORE}.*$"
    rf"|(?:which|what|who) [^,:]*?(?:{_MORE}|\bdiffers?\b)[^,:]*[,:] (?P<c>.+?),? or (?P<d>.+)$"
    rf"|(?P<e>.+?) or (?P<f>.+?)(?:(?:[,:]| [-\u2013\u2014]) (?:which|what) .*?{_MORE}.*|: (?:which|what) [\w -]+"
    r"|[,:] how (?:do|does) (?:their|its|the) [\w -]+ (?:compare|differ))$",
    re.IGNORECASE,
)
"""Do GANs or VAEs use larger batches? Which train longer, GANs or VAEs? GANs or VAEs: which optimizer?"""
_WITHOUT = re.compile(
    r"(?:(?:please )?(?:compare|contrast)|(?:what is )?(?:the )?differences? between|how (?:do|does))?\s*(?:the )?"
    r"(?:(.+?) )?with (?:and|versus|vs\.?) without (.+?)(?: differ| compare)?$",
    re.IGNORECASE,
)
"""LSTMs with and without dropout."""
_WITHIN = re.compile(
    r"(?:(?P<joint>on|for|in|among|within|of) (?=[^:,]+,)|(?=[^:,]+:))"
    r"(?P<whole>(?!compar|contrast|please|differ)[^:,]{2,60})[:,]\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
"""What both sides are of, said first: "MNIST: CNN vs MLP", "on CelebA, compare A with B"."""
_BEHIND = re.compile(
    r"(?:[:,]|\s[-\u2013\u2014])\s*(?:"
    r"(?:which|what)\s[\w ]+?\s(?:are\s+(?:not\s+the\s+same|different)|differs?|changed?)"
    r"|(?:what|how)(?:\s+|'s\s+)(?:separates|distinguishes|differentiates|differs|changed|changes|is\s+new|new"
    r"|do\s+they|do\s+these|do\s+(?:their|the)\s+[\w -]+\s(?:compare|differ)"
    r"|(?:(?:is|are|has|was)\s+)?(?:the\s+)?(?:main\s+)?(?:differen(?:t|ces?)|diff|changed))|differences?)\b[^:,]*$",
    re.IGNORECASE,
)
"""A and B: what separates them?"""
_EACH_OTHER = re.compile(
    r",?\s+(?:next )?(?:from|to|with|than|against|beside)\s(?:each|one) (?:an)?other\b", re.IGNORECASE
)
_TAIL = re.compile(
    r":\s|,?\s+(?:in terms of|with (?:regard|respect) to|regarding|concerning|when it comes to|as (?:regards|far as|to)"
    r"|by their|apart$)(?:\s|$)",
    re.IGNORECASE,
)
"""What is to be compared: "Flax transformers: optimizer and batch size"."""
_POLITE = re.compile(
    r"^(?:(?:please|can you|could you|would you|i want to|i would like to|i'd like to|i need to|let's|let us)\s)*(?="
    r"(?:put|show|set|place|view|weigh|hold|pit|stack|tell)\s)",
    re.IGNORECASE,
)
_PUT = re.compile(
    r"^(?:put|show|set|place|view|weigh|hold|pit|stack) (.+?) (?:up )?(?:next to|beside|alongside|against) (.+)$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:(?:put|set|show|place|pit|stack|hold|tell) )?(?P<both>.+?(?: and | with |/|-).+?),?"
    r" (?:compared|comparison|side by side|head to head|in comparison|apart|differences?)$",
    re.IGNORECASE,
)
"""A and B side by side."""
_COMPARED_ON = re.compile(
    r"^how (?:do|does) (?:the )?[\w -]+? (?:compare|differ|vary) (?:between|across|among) (.+ and .+)$"
    r"|^how do (.+? and .+?)(?: (?:hyper-?parameters|settings|set-?ups|configs|configurations))?"
    r" (?:compare|differ|stack up)( (?:on|for|at) .+)$",
    re.IGNORECASE,
)
"""How do batch sizes compare between A and B; how do A and B compare on MNIST?"""
_SEVERAL = re.compile(
    r"^(?:what(?:'s| is| are) )?(?:the )?(?:main )?(?:differences?|distinctions?) (?:between|among|of) "
    r"(?P<named>.+?, .+)$"
    r"|^how (?:do|are) (?P<asked>.+?, .+?) (?:differ(?:ent)?|compare)\b.*$"
    r"|^differences?: ?(?P<listed>.+?(?:, | and ).+)$",
    re.IGNORECASE,
)
"""How do A, B and C differ?"""
_WHEN = re.compile(
    r",? (?:when|if|once|after) (?:(?:they|it|both)(?: is| are|'re)? )?(?=[\w-]+(?:ed|ing)\b)",
    re.IGNORECASE,
)
"""How does A differ from B when trained on C?"""
_APART = re.compile(r"^what (?:sets|tells) (.+?) apart from (.+)$", re.IGNORECASE)

_VERSUS = re.compile(
    r"\s+(?:versus|vs?\.?|as opposed to|relative to|against|contra|next to|(?<!, )(?:as )?compared (?:with|to)"
    r"|in (?:comparison|contrast) (?:with|to)|(?:do(?:es)? )?(?:things )?differently (?:from|than|to))\s+"
    r"|\s*(?:<-+>|[↔⇔])\s*",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"\b(?:(?P<compare>(?:compar(?:e|ing)|contrast(?:ing)?|juxtapos(?:e|ing)|diff)(?: between)?:?\s"
    r"|(?:(?:side[- ]by[- ]side|head[- ]to[- ]head|direct) )?(?<!for )comparison"
    r"(?: table| chart)?(?: of| between| for)?:?\s|side[- ]by[- ]side(?: of|:)\s)"
    r"|(?P<alike>how (?:similar|alike|different|close|comparable|far apart) (?:are|is)\s"
    r"|what (?:is|'s) (?:the same|common|shared|alike|similar) (?:and what is \w+ )?(?:in|to|of|between|for)\s"
    r"|what (?:do|does) (?=.+in common))"
    r"|(?P<how>(?:how|in (?:what|which)(?: ways?| respects?| manner)?) (?:(?:do|does|did|are|is|were)\s+"
    r"|(?=.+\b(?:differ(?:ent)?|deviate|diverge|compare|stack up|measure up|fare)s?\b))"
    r"|(?:do|does|did) (?=.+\bdiffer\b))"
    r"|(?P<what>what (?:separates|distinguishes|differentiates|sets apart)\s)"
    r"|(?P<between>(?:what(?:'s| has| is| was| would)? (?:changed?|changes|new|different|differs?)"
    r"(?: about| (?:if|when)(?: \w+){1,2}?| \w+ing)?|(?:which|what) [\w ]+? differs?"
    r"|(?:differen(?:ces?|t)|distinctions?|gap|delta|similarit(?:y|ies)(?: and differences)?|relation)"
    r"(?: in [\w ]+?)?(?: (?:are|is) there)?) (?:between|of|in|from)\s"
    r"|differences? (?=\S+(?: | and |/)\S+$)))\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_JOINTS = {
    "compare": re.compile(r"\s*,?\s+(?:and|&|with|to|against|versus|vs\.?)\s+", re.IGNORECASE),
    "how": re.compile(
        r"\s+(?:differ(?:s|ent)?|compares?|distinguish(?:es|ed)?(?: themselves| itself)?|deviates?|diverges?)"
        r"\s+(?:in [\w ]+? )?(?:from|to|with|against)\s+",
        re.IGNORECASE,
    ),
    "between": re.compile(r"\s+(?:and|&|or|to|with|versus|vs\.?)\s+", re.IGNORECASE),
    "alike": re.compile(r"\s+(?:and|&|to|with|from)\s+", re.IGNORECASE),
    "what": re.compile(r"\s+(?:from|and)\s+", re.IGNORECASE),
}
_BARE = re.compile(r"\s*/\s*|(?<=\w)-(?=\w)|\s+")
_SURE = frozenset(["to", "against", "versus", "vs", "vs."])
"""What joins two sides, where "with" and "and" may stand within one: "compare GANs with dropout to GANs without"."""
_DIFFER = re.compile(
    r"(.+?(?:\band\b|&).+?)\s+(?:(?:are )?(?:different|alike|similar)|differ|compare|vary|deviate|diverge"
    r"|have in common|stack up|measure up|fare)(?:\s+in\b.*)?$",
    re.IGNORECASE,
)
"""How do A and B differ?"""


def part(text: str, lexicon: Lexicon) -> Ways:
    """Every way to part a comparison in two, or the one way to part it in more; none where it is no comparison."""
    if len(text) > LONGEST:
        return ()
    text = _POLITE.sub("", text)
    asked = _asked(outside_quotes(text))
    if asked or _POLITE.match(text):
        text = _EACH_OTHER.sub("" if asked else " side by side", text)
    if several := _SEVERAL.match(outside_quotes(text)):
        text = f"compare {''.join(_groups(several, text))}"
    text = _COMPARED_ON.sub(r"compare \1\2\3", text)
    text = _APART.sub(r"difference between \1 and \2", text)
    if behind := _BEHIND.search(outside_quotes(text)):
        within = _WITHIN.match(outside_quotes(text[: behind.start()]))
        rest = within.start("rest") if within else 0
        joined = _VERSUS.search(outside_quotes(text[: behind.start()]))
        text = f"{text[:rest]}{'' if joined else 'difference between '}{text[rest : behind.start()]}"
    bare = outside_quotes(text)
    if (when := _WHEN.search(bare)) and re.match("how ", bare, re.IGNORECASE):
        return _each(part(text[: when.start()], lexicon), text[when.end() :])
    if apart := _WITHOUT.match(bare):
        left, right = (text[slice(*apart.span(side))] if apart[side] else "" for side in (1, 2))
        return ((f"{left} with {right}", f"{left} without {right}"),)
    if (found := next(filter(None, (shape.match(bare) for shape in _SHAPES)), None)) and not is_field(
        found["a"], lexicon
    ):
        return (_groups(found, text),)
    if (within := _WITHIN.match(bare)) and (sides := part(text[within.start("rest") :], lexicon)) and len(sides) == 1:
        whole = text[slice(*within.span("whole"))]
        return _each(sides, f"{within['joint'] or ''} {whole}")
    if either := _EITHER.match(bare):
        return (_groups(either, text),)
    return _joined(_PUT.sub(r"\1 versus \2", _closed(text)), lexicon)


def said_versus(text: str) -> bool:
    """Whether a sentence surely compares two things, whatever they are."""
    return re.search(r"\s(?:versus|vs\.?|differ(?:s|ent)? from)\s", outside_quotes(text), re.IGNORECASE) is not None


def _each(ways: Ways, said: str) -> Ways:
    """The same ways with what is said of every side."""
    return tuple(tuple(f"{side} {said}" for side in sides) for sides in ways)


def _groups(match: re.Match[str], text: str) -> tuple[str, ...]:
    """The sides that a shape names, as they are written."""
    return tuple(text[slice(*match.span(name))] for name, side in match.groupdict().items() if side)


def _closed(text: str) -> str:
    """A line that ends with what asks for a comparison as one that begins so: "A and B side by side"."""
    closed = _CLOSING.match(outside_quotes(text))
    return f"compare {text[slice(*closed.span('both'))]}" if closed and not _asked(text) else text


def _joined(text: str, lexicon: Lexicon) -> Ways:
    """The ways to part a line at what stands between its sides, else behind the words that ask for a comparison."""
    if (fields := re.fullmatch(r"([^:]+ and [^:]+): ([^:]+)", text)) and is_field(fields[2], lexicon):
        text = f"compare {fields[1]}"
    bare = outside_quotes(text)
    joined = [m for m in _VERSUS.finditer(bare) if not _is_name(text[: m.start()], text[m.start() :], lexicon)]
    if joined or (joined := _listed(bare)):
        starts = [_begin(bare), *(joint.end() for joint in joined)]
        ends = [*(joint.start() for joint in joined), len(text)]
        *first, last = (text[start:end] for start, end in zip(starts, ends, strict=True))
        return ((*first, _without_tail(last)),)
    head = _asked(bare)
    if not head:
        return ()
    kind = next(name for name in _JOINTS if head[name])
    start, end = head.span("rest")
    if kind in ("how", "alike") and (closed := _DIFFER.match(bare, start)):
        kind, end = "between", closed.end(1)
    if tail := _TAIL.search(bare, start, end):
        end = tail.start()
    joints = list(_JOINTS[kind].finditer(bare, start, end))
    joints = [joint for joint in joints if joint[0].split()[-1].casefold() in _SURE] or joints
    ways = tuple((text[start : joint.start()], text[joint.end() : end]) for joint in joints)
    return ways or tuple(_beside(text[start:end], lexicon))


def _beside(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Two names of one kind that nothing joins: "difference GAN VAE", "GRU/LSTM comparison"."""
    for joint in _BARE.finditer(text):
        sides = (text[: joint.start()], text[joint.end() :])
        found = [lexicon.exact(side.split()) for side in sides]
        whole = [
            one.sense.field for one, side in zip(found, sides, strict=True) if one and one.length == len(side.split())
        ]
        if len(whole) == 2 and whole[0] == whole[1]:
            yield sides


def _asked(text: str) -> re.Match[str] | None:
    """The words that ask for a comparison, where only one who asks speaks before them: "could you explain how ..."."""
    head = _HEAD.search(text)
    lead = re.findall(r"\w+(?='\w)|(?<!')\b\w+", text[: head.start()].casefold()) if head else []
    words = english()
    if lead and not (
        lead[0] in words.lead | words.asking and all(word in words.generic | words.asking for word in lead)
    ):
        return None
    return head


def _begin(text: str) -> int:
    """Where the first side begins: behind the words that ask."""
    asked = re.match(
        r"(?:please )?(?:(?:compare|contrast):?|what(?:'s| is) (?:different|new) (?:about|in)|what (?:do|does))\s+",
        text,
        re.IGNORECASE,
    )
    return asked.end() if asked else 0


def _listed(text: str) -> list[re.Match[str]]:
    """The joints of a list of three sides or more: "compare A, B and C"."""
    joints = list(re.finditer(r",? (?:and|with) |, ", text))
    return joints if _begin(text) and len(joints) > 1 and joints[0][0] == ", " and joints[-1][0] != ", " else []


def is_field(text: str, lexicon: Lexicon) -> bool:
    """Whether a text begins with a field: "how many epochs" counts no models."""
    found = lexicon.exact(text.split()[:3])
    return found is not None and found.sense.kind in ("field", "setting")


def _is_name(before: str, after: str, lexicon: Lexicon) -> bool:
    """Whether the joint stands inside one name: "cats vs dogs"."""
    words = [*before.split()[-1:], *after.split()[:2]]
    found = lexicon.exact([word.strip(",.") for word in words])
    return found is not None and found.length == 3


def _without_tail(text: str) -> str:
    """The last side without what is to be compared."""
    tail = _TAIL.search(outside_quotes(text))
    return text[: tail.start()] if tail else text
