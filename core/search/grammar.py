"""The grammar of questions: splits a line into qualifiers, phrases, operators and prose, and builds the expression.

    query := or;  or := and ("OR" | "|") and ...;  and := term (["AND"] term)*
    term  := ["-" | "NOT"] (qualifier | word | "phrase" | "(" or ")")

What a qualifier or a run of plain words means is not decided here: a `Meaning` says it. No line is an error:
an unclosed quote or parenthesis ends with the line, an operator without an operand is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from core.search.query import Expr, Text, both, either, negate

DEEPEST = 40
"""Parentheses nested deeper than this are passed over, so that no line exhausts the stack."""

LONGEST = 20_000
"""Characters of a line that are read."""


@dataclass(frozen=True, slots=True)
class Qualifier:
    """`name op values` as written: `values` with their quotes taken off, each with whether it was quoted; and whether a
    dash or NOT stands before."""

    name: str
    op: str
    values: tuple[tuple[str, bool], ...]
    raw: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    kind: Literal["word", "phrase", "qualifier", "open", "close", "or", "and", "not"]
    text: str
    qualifier: Qualifier | None = None


class Meaning(Protocol):
    """What the parts of a line mean."""

    def knows(self, name: str) -> bool:
        """Whether `name:` may begin a qualifier."""

    def means(self, name: str) -> bool:
        """Whether it means something there: the name of a field, or of a wish such as `sort`."""

    def joins(self, before: str, name: str) -> bool:
        """Whether the word before belongs to the name: "batch size:64"."""

    def qualifier(self, said: Qualifier) -> Expr | None: ...

    def prose(self, words: str) -> Expr | None: ...


_PUNCTUATION = {"“": '"', "”": '"', "„": '"', "−": "-", "–": "-", "—": " - ", "≤": "<=", "≥": ">=", "≠": "!=", "×": "x"}
_SPELLINGS = str.maketrans(_PUNCTUATION)
_CHUNK = re.compile(r'(?:[^\s()|"]|"(?:\\.|[^"\\])*(?:"|$))+')
_PHRASE = re.compile(r'"(?:\\.|[^"\\])*(?:"|$)')
_QUALIFIER = re.compile(r"([^\W\d][\w.-]*?)(<=|>=|!=|==|:!(?=\w)|[:=<>](?!=$))(.+)", re.DOTALL)
_BEGUN = re.compile(r'([^\W\d][\w.-]*?)(?:<=|>=|!=|==|:!|[:=<>])"?')
_CLOSED = re.compile(r'(?:[^"]|"(?:\\.|[^"\\])*")*')
_VALUE = re.compile(r'(?:"(?:\\.|[^"\\])*(?:"|$)|[^",])+')
_OPERATORS: dict[str, Literal["or", "and", "not"]] = {"OR": "or", "AND": "and", "NOT": "not"}


_QUOTED = re.compile(r'["“”„](?:\\.|[^"“”„\\])*(?:["“”„]|$)', re.DOTALL)


def outside_quotes(text: str) -> str:
    """The text with what stands in quotes blanked out, letter for letter: words in quotes join and part nothing."""
    return _QUOTED.sub(lambda match: "\0" * len(match[0]), text)


def unquote(text: str) -> str:
    """A quoted text without its quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"') if text.startswith('"') else text)


def split_line(line: str, meaning: Meaning) -> list[Token]:
    """The tokens of one line."""
    line = " ".join(line[:LONGEST].translate(_SPELLINGS).split())
    tokens: list[Token] = []
    place = 0
    while place < len(line):
        letter = line[place]
        if letter in "()|":
            tokens.append(Token({"(": "open", ")": "close", "|": "or"}[letter], letter))  # type: ignore[arg-type]
        elif letter == "-" and _negates(line, place):
            tokens.append(Token("not", "-"))
        elif match := _CHUNK.match(line, place):
            if match.end() == len(line) and _is_begun(match[0], meaning):
                break
            tokens.append(_token(match[0], tokens[-1] if tokens else None, meaning))
            place = match.end()
            continue
        place += 1
    return tokens


def _negates(line: str, place: int) -> bool:
    """Whether a dash stands before a term: after a space or an opening, before something that is no space or number."""
    before = line[place - 1] if place else " "
    after = line[place + 1 : place + 2]
    return before in " (|-" and bool(after) and after not in " -|)" and not (after.isdigit() or after == ".")


def _is_begun(chunk: str, meaning: Meaning) -> bool:
    """Whether this is a qualifier that still lacks its value, as while one types: "tag:" asks nothing yet."""
    match = _BEGUN.fullmatch(chunk)
    return match is not None and meaning.means(match[1])


def _token(chunk: str, before: Token | None, meaning: Meaning) -> Token:
    if chunk in _OPERATORS:
        return Token(_OPERATORS[chunk], chunk)
    if _PHRASE.fullmatch(chunk):
        return Token("phrase", unquote(chunk))
    said = read_qualifier(chunk)
    joined = said and before and before.kind == "word" and meaning.joins(before.text, said.name)
    if said and not joined and meaning.knows(said.name):
        return Token("qualifier", chunk, said)
    return Token("word", chunk.replace('"', " ").strip())


def read_qualifier(chunk: str) -> Qualifier | None:
    """`lr<1e-3`, `dataset:a,"b c"`: the name, the operator and the values of a chunk, whatever the name is."""
    if not _CLOSED.fullmatch(chunk):
        chunk = chunk.rstrip("\\") + '"'  # else it would swallow what is printed behind it
    match = _QUALIFIER.fullmatch(chunk)
    if not match:
        return None
    name, op, rest = match.groups()
    values = tuple((" ".join(unquote(part).split()), part.startswith('"')) for part in _VALUE.findall(rest))
    op = {"=": ":", "==": ":", ":!": "!="}.get(op, op)
    return Qualifier(name, op, values, chunk) if values else None


class _Parser:
    def __init__(self, tokens: Sequence[Token], meaning: Meaning) -> None:
        self._tokens, self._meaning, self._place, self._depth = tokens, meaning, 0, 0

    def _peek(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def parse(self) -> Expr | None:
        found = []
        while self._place < len(self._tokens):
            found.append(self._or())
            self._place += self._peek() == "close"
        return both(found)

    def _or(self) -> Expr | None:
        args = [self._and()]
        while self._peek() == "or":
            self._place += 1
            args.append(self._and())
        return either(args)

    def _and(self) -> Expr | None:
        args: list[Expr | None] = []
        while self._peek() not in ("", "or", "close"):
            if self._peek() == "and":
                self._place += 1
            else:
                args.append(self._term())
        return both(args)

    def _term(self) -> Expr | None:
        negated = False
        start = self._place
        while self._peek() == "not":
            self._place, negated = self._place + 1, not negated
        found = self._operand(alone=negated)
        if found is None and negated and self._tokens[start].text == "NOT" and self._peek() == "word":
            return self._meaning.prose(f"not {self._run()}")
        return negate(found) if negated else found

    def _operand(self, alone: bool) -> Expr | None:
        kind = self._peek()
        if kind == "open":
            return self._group()
        if kind == "word":
            return self._words(alone)
        if kind not in ("phrase", "qualifier"):
            return None
        token = self._tokens[self._place]
        self._place += 1
        if token.qualifier:
            return self._meaning.qualifier(replace(token.qualifier, negated=alone))
        return Text(" ".join(token.text.split()), phrase=True) if token.text.strip() else None

    def _group(self) -> Expr | None:
        self._place, self._depth = self._place + 1, self._depth + 1
        if self._depth > DEEPEST:
            self._place = len(self._tokens)
            return None
        found = self._or()
        self._place, self._depth = self._place + (self._peek() == "close"), self._depth - 1
        return found

    def _words(self, alone: bool) -> Expr | None:
        """A run of plain words; after a dash or NOT only the first one."""
        return self._meaning.prose(self._run(1 if alone else len(self._tokens)))

    def _run(self, most: int = LONGEST) -> str:
        start = self._place
        while self._peek() == "word" and self._place - start < most:
            self._place += 1
        return " ".join(token.text for token in self._tokens[start : self._place])


def parse(line: str, meaning: Meaning) -> Expr | None:
    """The expression of one line. Never raises on what is written."""
    return _Parser(split_line(line, meaning), meaning).parse()
