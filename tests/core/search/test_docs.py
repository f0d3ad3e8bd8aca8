"""The examples of docs/search.md: each left line is read as the right one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.catalog.reading import Reader
from core.search.reading import read_question

PAGE = Path(__file__).parents[3] / "docs" / "search.md"
ROWS = re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_page_has_its_examples() -> None:
    assert len(ROWS) > 25


@pytest.mark.parametrize(("question", "line"), ROWS)
def test_an_example_is_read_as_the_page_says(question: str, line: str, reader: Reader) -> None:
    assert str(read_question(question, reader)) == line
