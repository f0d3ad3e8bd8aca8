"""How a command line is read, without running anything."""

from __future__ import annotations

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.commands import modelsearch
from tui.cli.parsing import split


def read(*args: str) -> tuple[str, dict[str, Any]]:
    """The command and its parameters, as click hands them to the function."""
    outer = modelsearch.make_context("modelsearch", list(args))
    outer.obj = outer.params["catalog"]
    name, command, rest = modelsearch.resolve_command(outer, [*outer._protected_args, *outer.args])
    assert command is not None
    assert name is not None
    with command.make_context(name, rest, parent=outer) as inner:
        return name, inner.params


def words(*args: str) -> tuple[str, str]:
    name, params = read(*args)
    return name, " ".join(params["words"])


@pytest.mark.parametrize(
    ("line", "meant"),
    [("lst", "list"), ("serch gan", "search"), ("image captioning", ""), ("lists of GANs", ""), ("-- lst", "")],
)
def test_a_first_word_that_is_nearly_a_command_is_told(
    capsys: pytest.CaptureFixture[str], line: str, meant: str
) -> None:
    assert read(*line.split())[0] == "ask"
    told = f"modelsearch: {line.split()[0]} is no command; do you mean modelsearch {meant}?\n"
    assert capsys.readouterr().err == (told if meant else "")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), ("ask", "")),
        (("diffusion", "-conditional"), ("ask", "diffusion -conditional")),
        (("-conditional",), ("ask", "-conditional")),
        (("--", "show", "me", "all", "GANs"), ("ask", "show me all GANs")),
        (("ask", "me"), ("ask", "ask me")),
        (("search", "lr<1e-3", "-o", "-conditional"), ("search", "lr<1e-3 -o -conditional")),
        (("search", "a", "--", "--json", "--nonsense"), ("search", "a --json --nonsense")),
        (("search", "--limit", "3", "-b"), ("search", "-b")),
        (("images", "-5", "--epoch", "-1"), ("images", "-5")),
        (("report", "x", "-o", "r.md", "-y"), ("report", "x -y")),
    ],
)
def test_every_word_that_is_no_option_is_the_questions(args: tuple[str, ...], expected: tuple[str, str]) -> None:
    assert words(*args) == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("search", "--jsn", "x"), "no such option: --jsn; did you mean --json?"),
        (("--jsn",), "no such option: --jsn; did you mean --json?"),
        (("show", "x", "--batch=y"), "no such option: --batch; it belongs to: search"),
        (("search", "--limit"), "--limit needs a value"),
        (("search", "--limit", "many"), "'many' is not a valid integer"),
        (("roots", "-x"), "roots has no option -x"),
        (("compare", "a", "b"), "compare needs two questions"),
        (("compare", "a", "--with"), "compare needs two questions"),
        (("show",), "Missing argument"),
        (("forget",), "Missing argument"),
    ],
)
def test_bad_usage_is_one_clear_line(args: tuple[str, ...], message: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        read(*args)
    assert message in raised.value.format_message()
    assert "\n" not in raised.value.format_message()


def test_the_catalogue_may_stand_before_or_after() -> None:
    for args in (("--catalog", "c", "list"), ("list", "--catalog", "c"), ("--catalog=b", "list", "--catalog=c")):
        assert str(read(*args)[1]["catalog"]) == "c"
    assert str(read("--catalog", "c", "a", "question")[1]["catalog"]) == "c"
    assert read("list")[1]["catalog"] is None


@pytest.mark.parametrize(
    "args",
    [
        ("compare", "a", "-b", "--with", "c", "-d"),
        ("compare", "--with", "c -d", "a", "-b"),
        ("compare", "a", "--with=c", "-d", "-b"),
    ],
)
def test_two_questions(args: tuple[str, ...]) -> None:
    _, params = read(*args)
    assert " ".join(params["words"]).split()[0] == "a"
    assert params["second"].split()[:2] == ["c", "-d"]


def test_an_option_may_stand_in_either_question() -> None:
    _, params = read("compare", "a", "--json", "--with", "b", "--catalog", "c")
    assert (params["words"], params["second"], params["as_json"], str(params["catalog"])) == (("a",), "b", True, "c")


@given(st.lists(st.text(min_size=1)))
def test_nothing_of_a_question_is_lost(given_words: list[str]) -> None:
    command = modelsearch.commands["search"]
    context = click.Context(command)
    assert split(command, context, ["--", *given_words]) == ([], given_words)
    plain = [word for word in given_words if not word.startswith("--") and word not in ("-",)]
    assert split(command, context, plain) == ([], plain)
