from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.facts import Place
from tui.cli.printing import Printer, cells, coloured, fit, fit_end, safe, wrap
from tui.wording import field_text, place_text, plural, size_text, value_text, values_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2e-4, "2e-4"),
        (1e-05, "1e-5"),
        (0.5, "0.5"),
        (0.01, "0.01"),
        (100.0, "100"),
        (0.00012345, "1.2345e-4"),
        (0.0, "0"),
        (-0.001, "-1e-3"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (1024, "1024"),
        (True, "yes"),
        (None, "none"),
        ((0.5, 0.999), "(0.5, 0.999)"),
        ("Adam", "Adam"),
    ],
)
def test_values_as_a_researcher_writes_them(value: object, text: str) -> None:
    assert value_text(value) == text  # type: ignore[arg-type]


@given(st.floats(allow_nan=False))
def test_no_digit_of_a_number_is_lost(value: float) -> None:
    assert float(value_text(value)) == value


def test_places_sizes_and_counts() -> None:
    assert place_text(Place("/lab/a/lib/net.py", 41, 45), "/lab/a") == "lib/net.py:41"
    assert place_text(Place("/lab/ab/net.py", 41, 45), "/lab/a") == "net.py:41"
    assert place_text(Place("/lab/a/n.ipynb", 2, 2, 3)) == "n.ipynb cell 3:2"
    assert [size_text(size) for size in (312, 4200, 5_000_000)] == ["312 B", "4.2 kB", "5.0 MB"]
    assert (plural(1, "model"), plural(1204, "model")) == ("1 model", "1,204 models")
    assert (field_text("size", 5057), field_text("lines", 5057)) == ("5,057 B", "5057")
    assert (values_text(()), values_text((1, 2)), values_text((), "unknown")) == ("", "1, 2", "unknown")


@given(st.text())
def test_nothing_that_a_terminal_acts_on_passes(text: str) -> None:
    shown = safe(text)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(st.text(), st.integers(1, 30))
def test_cut_text_fits(text: str, width: int) -> None:
    shown = safe(text)
    assert cells(fit(shown, width)) <= width
    assert cells(fit_end(shown, width)) <= width
    if cells(shown) <= width:
        assert fit(shown, width) == fit_end(shown, width) == shown


@given(st.text(), st.integers(2, 30))
def test_wrapped_text_fits_and_is_whole(text: str, width: int) -> None:
    shown = safe(text)
    lines = wrap(shown, width)
    assert max(map(cells, lines)) <= width
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")


def test_the_end_of_an_id_is_kept() -> None:
    assert fit_end("flowers/v2/train", 9) == "…v2/train"
    assert fit("flowers/v2/train", 9) == "flowers/…"


def test_a_table_fits_the_terminal_and_keeps_its_first_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()
    rows = [("a-very-long-identifier/that/goes/on/and/on", "DCGAN, GAN, CNN", "MNIST", "128")]
    Printer(out).table(("id", "architecture", "dataset", "batch"), rows, keep=2)
    lines = out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert all(cells(line) <= 40 for line in lines)
    assert lines[1].startswith("…")
    assert "DCGAN" in lines[1]
    assert "128" not in lines[1]


def test_where_there_is_no_terminal_nothing_is_cut_or_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    out = io.StringIO()
    printer = Printer(out)
    printer.table(("id", "architecture"), [("x" * 50, "a\tb\x1b[31m")])
    printer.line(("y" * 50, "red"))
    assert out.getvalue() == f"{'x' * 50}\ta\\tb\\x1b[31m\n{'y' * 50}\n"


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert coloured(Terminal())
    assert not coloured(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not coloured(Terminal())
