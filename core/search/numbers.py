"""Numbers as people write them in questions: 1e-4, 10k, 20M, 64 MB, 1,000, 50 %, two."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12, "%": 1e-2}
_SIZES = {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SIZES |= {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "byte": 1, "bytes": 1, "megabytes": 1e6, "gigabytes": 1e9}
_NUMBER = re.compile(
    r"([-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?)\s*([a-z%]*)", re.IGNORECASE
)
_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_WORDS = {word: number for number, word in enumerate(_SMALL)}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS |= {"hundred": 100, "thousand": 1000} | _TENS
_WORDS |= {f"{ten}-{_SMALL[one]}": number + one for ten, number in _TENS.items() for one in range(1, 10)}
SCALES = {"million": 10**6, "thousand": 1000, "billion": 10**9, "hundred": 100, "k": 1000, "m": 10**6, "%": 0.01}
"""What stands behind a number and makes it larger."""
_PARTS = {"half": 2, "quarter": 4, "tenth": 10, "hundredth": 100, "thousandth": 1000, "ten-thousandth": 10**4}
_PARTS |= {"millionth": 10**6}
_POWER = re.compile(r"(\d+(?:\.\d+)?)\s*(?:\*\*|\^)\s*(-?\d+)|(?:(\d+(?:\.\d+)?)\s*[x*×]\s*)?10\s*\^\s*(-?\d+)")


def tidy(number: float) -> int | float:
    """A whole number as int, so that it prints and compares as people write it."""
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def read_number(text: str, size: bool = False) -> int | float | None:
    """The number a text states (in bytes where `size`), or None: `10k` = 10000, `1e-4`, `64MB`, `2^10`, `two`."""
    text = re.sub(r"^([-+]?0),(?=\d+$)", r"\1.", text.strip().casefold())  # "0,001" as much of Europe writes it
    if text in _WORDS:
        return _WORDS[text]
    if power := _POWER.fullmatch(text):
        return _read_power(power)
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    factor = (_SIZES if size else _SUFFIXES).get(match[2], None if match[2] else 1.0)
    if factor is None:
        return None
    number = float(match[1].replace(",", "").replace("_", "")) * factor
    if number in (float("inf"), float("-inf")):
        return None
    return tidy(round(number, 12) if factor == 1e-2 else number)


def read_spoken(words: Sequence[str]) -> tuple[int, int]:
    """The number that words say together, and how many they are: "a hundred and twenty-eight" is (128, 4)."""
    said = length = 0
    for place, word in enumerate(words):
        number = 1 if word == "a" and not place else _WORDS.get(word, 0)
        last = said % 100
        if number == 1000 and said:
            said *= 1000
        elif number == 100:
            said += 99 * last or 100
        elif 0 < number < 100 and (last == 0 or (last in _TENS.values() and number < 10)):
            said += number
        elif word == "and" and said >= 100 and not _begins_another(words[place + 1 :]):
            continue
        else:
            break
        length = place + 1
    return said, length


def read_part(words: Sequence[str]) -> tuple[float, int]:
    """The part of one, or of a large number, that words say, and how many they are: "a tenth" is (0.1, 2), "a quarter
    of a million" (250000, 5); (0, 0) for none."""
    many = 1 if words[0] in ("a", "half") else _WORDS.get(words[0], 0)
    named = 0 if words[0] == "half" else 1
    part = _PARTS.get(words[named].removesuffix("s")) if len(words) > named else None
    if not part or not many:
        return 0, 0
    behind = list(words[named + 1 : named + 4])
    of = behind[:1] == ["of"]
    if behind[of : of + 1] == ["a"] and behind[of + 1 : of + 2] and behind[of + 1] in SCALES:
        return tidy(many * SCALES[behind[of + 1]] / part), named + 3 + of
    return (many / part, named + 1) if named else (0, 0)


def _begins_another(words: Sequence[str]) -> bool:
    """Whether another large number stands behind "and": "one hundred and two hundred"."""
    return any(word in SCALES or word == "a" for word in words[:2])


def _read_power(match: re.Match[str]) -> int | float | None:
    base, exponent, factor, ten = match.groups()
    power = int(exponent if exponent is not None else ten)
    if abs(power) > 300 or (base and float(base) > 1e6):
        return None
    try:
        return tidy(float(base) ** power if base else float(factor or 1) * 10.0**power)
    except (OverflowError, ZeroDivisionError):
        return None
