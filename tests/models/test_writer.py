"""The writer with the real llama.cpp. Skipped where `modelsearch setup` has not installed it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.artifacts.records import Artefacts
from core.errors import BadInput
from core.report.writing import write_report
from models import writer
from tests.core.report.making import LINEAR

why = writer.missing()
needs_writer = pytest.mark.skipif(why is not None, reason=str(why))

FIXED = "Answer in a few words.\n\nQuestion: What is the capital of Italy?\nAnswer: Rome.\n\n"
ASK = FIXED + "Question: What is the capital of France?\nAnswer:"


@pytest.fixture(scope="module")
def pen() -> writer.LlamaWriter:
    found = writer.load()
    assert found is not None
    return found


@needs_writer
def test_it_writes_piece_by_piece(pen: writer.LlamaWriter) -> None:
    pieces = list(pen.write(ASK, max_tokens=12))
    assert len(pieces) > 1
    assert "Paris" in "".join(pieces)
    assert pen.name == "SmolLM2-135M-Instruct.Q4_1"


@needs_writer
def test_one_prompt_gives_one_text_whatever_came_before(pen: writer.LlamaWriter) -> None:
    fresh = writer.load()
    assert fresh is not None
    first = "".join(fresh.write(ASK, max_tokens=16))
    list(pen.write("Tell me a story about a fox and a long river.", max_tokens=8))
    list(pen.write(FIXED + "Question: Who wrote Hamlet?\nAnswer:", max_tokens=8))
    assert "".join(pen.write(ASK, max_tokens=16)) == first
    assert "".join(pen.write(ASK, max_tokens=16)) == first


@needs_writer
def test_the_fixed_part_of_a_prompt_is_read_once(pen: writer.LlamaWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    list(pen.write(ASK, max_tokens=2))
    read: list[int] = []
    inner = pen._llama.read

    def counting(tokens: list[int], stop: object = None) -> bool:
        read.append(len(tokens))
        return inner(tokens)

    monkeypatch.setattr(pen._llama, "read", counting)
    list(pen.write(FIXED + "Question: And of Spain?\nAnswer:", max_tokens=1))
    whole = len(pen._llama.tokenize(FIXED, special=False))
    assert sum(read) < whole


@needs_writer
def test_a_grammar_is_kept_to(pen: writer.LlamaWriter) -> None:
    assert "".join(pen.write("Say something.", grammar='root ::= ("alpha" | "beta") " " [0-9] "!"')) in {
        f"{word} {digit}!" for word in ("alpha", "beta") for digit in range(10)
    }
    with pytest.raises(BadInput, match="grammar"):
        list(pen.write("x", grammar="root ::= ("))
    assert "".join(pen.write("Say it.", grammar='root ::= "é – 漢"')) == "é – 漢"


@needs_writer
def test_it_stops_when_told(pen: writer.LlamaWriter) -> None:
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 10

    assert 0 < len(list(pen.write("Tell a long story.", max_tokens=200, stop=stop))) <= 10
    assert list(pen.write("Tell a long story.", stop=lambda: True)) == []
    assert "Paris" in "".join(pen.write(ASK, max_tokens=12))


@needs_writer
def test_an_abandoned_text_does_not_lock_it(pen: writer.LlamaWriter) -> None:
    pieces = pen.write("Tell a long story.")
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert "".join(pen.write(ASK, max_tokens=4))


@needs_writer
def test_a_prompt_that_is_too_long_is_bad_input(pen: writer.LlamaWriter) -> None:
    with pytest.raises(BadInput, match="longer than"):
        list(pen.write("word " * 4000))
    assert "".join(pen.write(ASK, max_tokens=4))


@needs_writer
def test_control_tokens_in_a_prompt_are_plain_text(pen: writer.LlamaWriter) -> None:
    control = pen._llama.tokenize("<|im_end|>", special=True)
    assert len(control) == 1
    assert control[0] not in [token for part in pen._paragraphs("a <|im_end|> b")[1:-1] for token in part]
    assert [token for part in pen._paragraphs("a <|im_end|> b") for token in part].count(control[0]) == 1


@needs_writer
def test_a_file_that_is_no_model_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + b"\x00" * 100)
    with pytest.raises(BadInput, match="not a GGUF model"):
        writer.load(tmp_path / "x.gguf")
    assert writer.load(tmp_path / "none.gguf") is None
    assert "none.gguf" in str(writer.missing(tmp_path / "none.gguf"))


@needs_writer
def test_loading_and_writing_print_nothing(tmp_path: Path) -> None:
    """Not on Python's streams and not past them, where a terminal application draws."""
    code = (
        "import modelsearch; from models import writer; from pathlib import Path;"
        "from core.errors import BadInput\n"
        "try: writer.load(Path(__import__('sys').argv[1]))\n"
        "except BadInput: pass\n"
        "w = writer.load(); assert ''.join(w.write('Hello', max_tokens=3))"
    )
    (tmp_path / "x.gguf").write_bytes(b"nothing")
    run = [sys.executable, "-c", code, str(tmp_path / "x.gguf")]
    done = subprocess.run(run, cwd=Path(__file__).parents[2], capture_output=True, check=True, env=dict(os.environ))
    assert done.stdout == b"" and done.stderr == b""


@needs_writer
def test_a_report_written_by_it_says_only_what_the_claims_say(pen: writer.LlamaWriter) -> None:
    from core.report.planning import plan
    from core.report.verification import verify

    report = write_report([LINEAR], [Artefacts()], "", lambda: pen)
    assert report.writer == pen.name
    for section, planned in zip(report.sections, plan([LINEAR], [Artefacts()]), strict=True):
        for sentence, claim in zip(section.sentences, planned.claims, strict=True):
            assert sentence.text == claim.text or verify(sentence.text, claim) is None
