"""What is done with sequences of words: one is made of another, their kinds are told, or there are words at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.facts import Place
from core.analysis.nodes import unparse
from core.analysis.program import Call
from core.analysis.rules.bodies import FORWARDS, Body, last_name
from core.analysis.rules.families.asking import first
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed
from core.analysis.rules.view import View


def translating(model: Purposed) -> Answer | None:
    """One sequence of words in, and another out: of data that are texts, or where either has a vocabulary of its
    own."""
    pair = model.families.get("Seq2Seq")
    if pair is None:
        return None
    translations = any("translat" in str(fact.value).casefold() for fact in model.data)
    if model.holds("text") or translations:
        return "translation", pair.place, "one sequence of words in, another out"
    named = _named(model)
    both = any(map(_SOURCE.match, named)) and any(map(_TARGET.match, named))
    languages = {told[1] for told in map(_LANGUAGE.match, named) if told}
    if not model.data and (both or len(languages) > 1):
        return "translation", pair.place, "words of one vocabulary in, of another out"
    return None


def _named(model: Purposed) -> set[str]:
    """All that the code names, in small letters."""
    return {name.casefold() for body in model.view.bodies for name in (*body.assigned, *body.spoken)}


_VOCABULARIES = r"_(vocab|voc(?![a-z])|lang|tokenizer|i?word2i|language)"
_SOURCE = re.compile(rf"(n_|len_|size_)?(src|source|inp|input|encoder){_VOCABULARIES}")
_TARGET = re.compile(rf"(n_|len_|size_)?(trg|tgt|target|out|output|decoder){_VOCABULARIES}")
"""What the vocabularies, or languages, of both sides are called."""
_LANGUAGE = re.compile(
    r"(en|eng|fr|fra|de|deu|ger|es|spa|it|pt|ru|hi|he|vi|zh|cn|ja|jp|ko|english|french|german|spanish|chinese|korean)"
    rf"({_VOCABULARIES}|_(sent(ence)?s?|words|sequences?)(_|$))"
)
"""The same by the name of a language."""


def speaks_of_words(model: Purposed) -> bool:
    """Whether what is embedded are words or letters of a vocabulary."""
    embedded = bool(model.view.kinds["embedding"])
    return embedded and model.view.speaks_of(_WORDS)


_WORDS = re.compile(r"vocab|token(s|i[sz]er?)?(_|$)|(^|_)words?(_|$)")
"""What symbols of texts are called."""


def sorting_words(model: Purposed) -> str | None:
    """What is classified by a recurrent network over words of unknown data: each of them, where tags are spoken of, or
    the whole, where one answer is kept of all that it gives, or all are weighed, and no word is told that comes
    next."""
    if model.data or {"LSTM", "GRU", "RNN"}.isdisjoint(model.families) or not speaks_of_words(model):
        return None
    named = _named(model)
    if first(model.view, _tagged) is not None or (any(map(_TAGS.search, named)) and not _tells_whole(model, named)):
        return "token classification"
    written = any(_NEXT.search(name) or _TARGET.match(name) for name in named)
    if written or "Seq2Seq" in model.families or model.view.kinds["factory"]:
        return None  # words are made: of others, or of what a ready network sees
    if _tells_words(model.view):
        return None
    whole = "binary_cross_entropy" in model.losses or "Attention" in model.families or _keeps_one(model.view)
    return "text classification" if whole else None


def counts_words(model: Purposed) -> Place | None:
    """Where the words of texts are counted or weighed, or texts made into vectors, before their kinds are told."""
    found = model.view.program.named(*_COUNTING)
    return next((call.place for call in found if call.dotted.startswith(("sklearn.", "gensim."))), None)


_COUNTING = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer", "TfidfTransformer", "Doc2Vec")


def file_of_opinions(model: Purposed) -> Place | None:
    """The name of a file of data, in the script, that says that it holds sentiments."""
    entry = model.view.program.entry
    texts = ((node, node.value) for node in entry.of(ast.Constant) if isinstance(node.value, str))
    return next((entry.place(node) for node, text in texts if "entiment" in text and _OPINIONS.search(text)), None)


_OPINIONS = re.compile(r"sentiments?(?![a-z])[\w.-]*\.(csv|tsv|txt|jsonl?|xlsx?|parquet|pkl)(\.\w+)?$", re.IGNORECASE)


def _tells_words(view: View) -> bool:
    """Whether as many kinds are told as there are words: `Linear(64, len(words))` above `Embedding(len(words), 32)`."""
    rows = (layer.call for layer in view.layers if layer.kind == "embedding")
    words = {size for call in rows for size in _sizes(call, ("input_dim", "num_embeddings"), 1)}
    kinds = (layer.call for layer in view.layers if layer.kind == "linear")
    return any(size in words for call in kinds for size in _sizes(call, ("units", "out_features"), 2))


def _sizes(call: Call, names: tuple[str, ...], places: int) -> Iterator[object]:
    """The numbers that a layer is given under these names, or first, and how they are written: `len(words)`."""
    node = call.node if isinstance(call.node, ast.Call) else None
    given = [*node.args[:places], *(each.value for each in node.keywords if each.arg in names)] if node else []
    yield from (unparse(each).removeprefix("self.") for each in given if not isinstance(each, ast.Constant))
    told = [*call.positional[:places], *(call.keywords[name] for name in names if name in call.keywords)]
    yield from (each.number for each in told if each.number is not None and each.number > _FEWEST)


_FEWEST = 300
"""No layer is as wide by chance as there are more words than that."""


def _tells_whole(model: Purposed, named: set[str]) -> bool:
    """Whether tags are kinds of whole texts, as intents are: one answer is kept, and not that over a word's letters."""
    return _keeps_one(model.view) and not any("char" in name for name in named)


_TAGS = re.compile(
    r"(^|_)tags?(2|_to_|_)?(ix|idx|ids?|index|map|set|vocab)(_|$)|(^|_)(n|nb|num|number_of|pos|ner)_tags?(_|$)|2tag$"
)
_NEXT = re.compile(r"(^|_)(next_?(char|word|token|letter|symbol)|seed_?(text|word)|generated?_?(text|word|name|seq))")
"""What is called so where each word is told something of, and where words are made one after the other."""


def _tagged(body: Body) -> ast.AST | None:
    """Words and tags that stand beside each other: `for word, tag in sentence`."""
    pairs = ((node, {last_name(each) for each in node.elts}) for node in body.of(ast.Tuple))
    return next((node for node, names in pairs if any(map(names.issuperset, _PAIRED))), None)


_PAIRED = (("word", "tag"), ("words", "tags"), ("token", "tag"), ("tokens", "tags"))


def _keeps_one(view: View) -> bool:
    """Whether of all places only the last is kept, `out[:, -1]`, `hidden[-1]`, or the most or the mean of them; Keras
    keeps the last unless it is told to `return_sequences`."""
    if first(view, _keeps_last) is not None:
        return True
    layers = [layer.call for layer in view.layers if layer.kind in ("lstm", "gru", "rnn")]
    in_keras = [call for call in layers if "keras" in call.dotted]
    return bool(in_keras) and bool(view.program.named(*POOLING) or not all(map(_gives_all, in_keras)))


def _keeps_last(body: Body) -> ast.AST | None:
    """A forward, or what lays a recurrence into a graph, that takes the last place of what is recurrent:
    `out[:, -1, :]`, `hidden[-1]`, `hidden[-2, :, :]`."""
    if (body.name not in FORWARDS or body.cls is None) and _LAYING.isdisjoint(body.calls):
        return None
    return next((node for node in body.of(ast.Subscript) if _LAST.fullmatch(unparse(node.slice))), None)


_LAYING = frozenset({"dynamic_rnn", "static_rnn", "bidirectional_dynamic_rnn", "static_bidirectional_rnn"})
_LAST = re.compile(r"\(?(:, )?-[12](, :)*\)?")
POOLING = ("GlobalMaxPool1D", "GlobalMaxPooling1D", "GlobalAveragePooling1D", "GlobalAvgPool1D")


def _gives_all(call: Call) -> bool:
    given = call.argument("return_sequences")
    return given is not None and given.value is True
