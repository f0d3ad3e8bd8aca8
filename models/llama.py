"""llama.cpp through the C functions of llama-cpp-python, as little of it as the writer needs.

Its own `Llama` class is not used: to be silent it points the process's stdout and stderr at /dev/null while it
loads, and would blank the screen of a terminal application; and what it keeps of earlier prompts can change a text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp as C
import numpy as np

from core.errors import BadInput


@C.llama_log_callback  # type: ignore[untyped-decorator, unused-ignore]
def _silence(level: int, text: bytes, data: Any) -> None:
    """llama.cpp tells of every tensor that it loads; nobody reads that."""


CHUNK = 64
"""Tokens read in one go; between two chunks the reading can be stopped."""

_TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Llama:
    """One GGUF model with its context. Not for several threads at once.

    `tokens` are those whose keys and values the context holds. Raises BadInput where the file is no usable model.
    """

    def __init__(self, path: Path, context: int, threads: int) -> None:
        C.llama_log_set(_silence, ctypes.c_void_p(0))
        C.llama_backend_init()
        self._model = C.llama_model_load_from_file(str(path).encode(), C.llama_model_default_params())
        if not self._model:
            raise BadInput(f"{path} is not a GGUF model that llama.cpp can read")
        options = C.llama_context_default_params()
        options.n_ctx = self.context = context
        options.n_batch = options.n_ubatch = CHUNK
        options.n_threads = options.n_threads_batch = threads
        self._context = C.llama_init_from_model(self._model, options)
        if not self._context:
            C.llama_model_free(self._model)
            raise BadInput(f"{path} cannot be run by llama.cpp with a context of {context} tokens")
        self._vocabulary = C.llama_model_get_vocab(self._model)
        self._memory = C.llama_get_memory(self._context)
        self.tokens: list[int] = []

    def close(self) -> None:
        """Free the model's memory; the object is not to be used after."""
        C.llama_free(self._context)
        C.llama_model_free(self._model)

    # -- text and tokens

    def around(self) -> tuple[str, str]:
        """What the model's own chat template puts before and after a user's message; both empty where it has none."""
        mark = "\x02"
        message = (C.llama_chat_message * 1)(C.llama_chat_message(b"user", mark.encode()))
        template = C.llama_model_chat_template(self._model, None)
        buffer = ctypes.create_string_buffer(4096)
        size = C.llama_chat_apply_template(template, message, 1, True, buffer, len(buffer)) if template else -1
        if not 0 < size <= len(buffer) or mark.encode() not in buffer.raw[:size]:
            return "", ""
        head, _, tail = buffer.raw[:size].decode().partition(mark)
        return head, tail

    def tokenize(self, text: str, special: bool, first: bool = False) -> list[int]:
        """Tokens of a text; control tokens are read in it only where `special`. `first`: with the opening one."""
        data = text.encode("utf-8", "replace")
        buffer = (C.llama_token * (len(data) + 8))()
        size = C.llama_tokenize(self._vocabulary, data, len(data), buffer, len(buffer), first, special)
        return list(buffer[: max(size, 0)])

    def piece(self, token: int) -> bytes:
        """The bytes of one token; a character can be spread over several."""
        buffer = ctypes.create_string_buffer(256)
        size = C.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(size, 0)]

    def ends(self, token: int) -> bool:
        return bool(C.llama_vocab_is_eog(self._vocabulary, token))

    # -- reading and choosing

    def keep(self, count: int) -> None:
        """Forget all tokens but the first `count`."""
        if not C.llama_memory_seq_rm(self._memory, 0, count, -1):
            # Some kinds of network cannot forget a part.
            C.llama_memory_clear(self._memory, True)
            count = 0
        del self.tokens[count:]

    def read(self, tokens: Sequence[int], stop: Callable[[], bool] = lambda: False) -> bool:
        """Read on from what is held. False where it was stopped. Raises BadInput where the context is full."""
        if len(self.tokens) + len(tokens) > self.context:
            raise BadInput(f"the prompt is longer than the model's {self.context} tokens")
        for start in range(0, len(tokens), CHUNK):
            if stop():
                return False
            part = tokens[start : start + CHUNK]
            held = (C.llama_token * len(part))(*part)  # the batch points into it
            if failed := C.llama_decode(self._context, C.llama_batch_get_one(held, len(part))):
                raise BadInput(f"llama.cpp cannot go on with this text (code {failed})")
            self.tokens.extend(part)
        return True

    def likeliest(self, grammar: Grammar | None) -> int:
        """The token most likely to come next among those that the grammar allows."""
        size = C.llama_vocab_n_tokens(self._vocabulary)
        logits = np.ctypeslib.as_array(C.llama_get_logits_ith(self._context, -1), shape=(size,))
        best = int(logits.argmax())
        if grammar is None or grammar.allows(np.array([best], np.int32), logits[best : best + 1])[0]:
            return best
        allowed = grammar.allows(np.arange(size, dtype=np.int32), logits)
        return int(np.where(allowed, logits, -np.inf).argmax())

    def grammar(self, text: str) -> Grammar:
        return Grammar(self._vocabulary, text)


class Grammar:
    """A GBNF grammar and how far a text has come in it. Raises BadInput where the grammar cannot be read."""

    def __init__(self, vocabulary: Any, text: str) -> None:
        self._sampler = C.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        if not self._sampler:
            raise BadInput("llama.cpp cannot read this grammar")

    def allows(self, ids: np.ndarray[Any, Any], logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Which of these tokens may come next. Costs by their number, so the likeliest is asked first."""
        data = np.zeros(len(ids), _TOKEN_DATA)
        data["id"], data["logit"] = ids, logits
        pointer = data.ctypes.data_as(ctypes.POINTER(C.llama_token_data))
        array = C.llama_token_data_array(data=pointer, size=len(ids), selected=-1, sorted=False)
        C.llama_sampler_apply(self._sampler, ctypes.byref(array))
        return np.asarray(np.isfinite(data["logit"]))

    def accept(self, token: int) -> None:
        C.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        C.llama_sampler_free(self._sampler)
