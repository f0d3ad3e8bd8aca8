"""Files of HOCON, which pyhocon reads: sections in braces, keys with dots, values without quotes."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.analysis.facts import Place
from core.analysis.program import DictValue, ListValue, Resolved
from core.analysis.source import Source

TREE = "pyhocon.ConfigTree"
"""What a section is called, whose entries are asked for by keys with dots."""
INCLUDED = "include"
"""The key of the file that a file is laid over."""
DEEPEST = 60
_SECTION = re.compile(r"^[ \t]*[\w.-]+[ \t]*(?:[=:][ \t]*)?\{[ \t]*$", re.MULTILINE)
_TOKEN = re.compile(
    r'"(?P<text>(?:\\.|[^"\\\n])*)"?|(?P<comment>(?:#|//)[^\n]*)|(?P<sign>[{}\[\],=:\n])|(?P<word>[^\s{}\[\],=:"#]+)'
)
"""A text that is not closed ends with its line."""
_INCLUDE = re.compile(r'^\s*include\s+(?:\w+\()*"([^"\n]+)"')


def is_hocon(text: str) -> bool:
    """Whether a text has sections in braces."""
    return _SECTION.search(text) is not None


def read(source: Source, plain: Callable[[str], object]) -> Resolved:
    """The value of a file, its words read by `plain`. Raises ValueError where it is nested too deeply."""
    return Resolved(_Reader(source, plain).section(0), Place(source.path, 1, 1), "config")


class _Reader:
    """Goes over the signs and words of a text, once."""

    def __init__(self, source: Source, plain: Callable[[str], object]) -> None:
        self.path, self.plain = source.path, plain
        self.tokens: list[tuple[str, str, int]] = []
        for number, line in enumerate(source.text.split("\n"), 1):
            if included := _INCLUDE.match(line):
                self.tokens += [("word", INCLUDED, number), ("sign", "=", number), ("text", included[1], number)]
            else:
                found = ((str(each.lastgroup), each) for each in _TOKEN.finditer(line))
                self.tokens += [(kind, each[kind], number) for kind, each in found if kind != "comment"]
            self.tokens.append(("sign", "\n", number))
        self.at = 0

    def _next(self) -> tuple[str, str, int]:
        """The next sign or word; at the end a closing brace."""
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else ("sign", "}", len(self.tokens))

    def section(self, depth: int) -> DictValue:
        """The entries up to the closing brace."""
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        made = DictValue(dotted=TREE)
        while (token := self._next())[1] != "}" or token[0] != "sign":
            kind, key, line = token
            if kind != "sign":
                self._put(made, key.split(".") if kind == "word" else [key], self._value(depth, line, key))
        return made

    def _put(self, into: DictValue, keys: list[str], value: Resolved) -> None:
        """An entry under a key with dots; sections of one key are one."""
        for key in keys[:-1]:
            old = into.entries.get(key)
            if old is None or not isinstance(old.value, DictValue):
                old = into.entries[key] = value.but(value=DictValue(dotted=TREE), name=key)
            assert isinstance(old.value, DictValue)
            into = old.value
        old = into.entries.get(keys[-1])
        if old is not None and isinstance(old.value, DictValue) and isinstance(value.value, DictValue):
            old.value.entries.update(value.value.entries)
        else:
            into.entries[keys[-1]] = value

    def _value(self, depth: int, line: int, name: str) -> Resolved:
        """What stands behind a key: a section, a list, or the words up to the end of the line."""
        words: list[str] = []
        while True:
            kind, text, _ = self._next()
            if kind != "sign":
                words.append(text)
            elif text == "{" and not words:
                return Resolved(self.section(depth + 1), Place(self.path, line, line), "config", name=name)
            elif text == "[" and not words:
                return Resolved(self._list(depth + 1, line, name), Place(self.path, line, line), "config", name=name)
            elif text in ",}]\n" and (words or text != "\n"):
                self.at -= text in "}]"
                break
            elif text == "\n":
                break
        last = name.rpartition(".")[2]
        return Resolved(self.plain(" ".join(words)), Place(self.path, line, line), "config", name=last)

    def _list(self, depth: int, line: int, name: str) -> ListValue:
        """The items up to the closing bracket."""
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        items: list[Resolved] = []
        while self.at < len(self.tokens) and (token := self.tokens[self.at])[1] != "]":
            if token[0] == "sign" and token[1] in ",\n}":
                self.at += 1
            else:
                items.append(self._value(depth, line, name))
        self.at += 1
        return ListValue(items)


def inside(value: DictValue, key: object) -> Resolved | None:
    """The entry of a section under a key with dots."""
    parts = key.split(".") if value.dotted == TREE and isinstance(key, str) else []
    for part in parts[:-1]:
        found = value.entries.get(part)
        if found is None or not isinstance(found.value, DictValue):
            return None
        value = found.value
    return value.entries.get(parts[-1]) if parts else None
