"""How text becomes words: the same for what is indexed and what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.text_index import build, open_index
from core.catalog.tokens import parts, split, words


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ConditionalUNet", ("conditional", "unet")),
        ("cifar10", ("cifar", "10")),
        ("ResNet18", ("res", "net", "18")),
        ("HTTPServer", ("http", "server")),
        ("VQVae", ("vq", "vae")),
        ("mnist", ()),
        ("2048", ()),
        ("Ünïcode", ()),
    ],
)
def test_compounds_are_split_where_case_or_digits_begin(word: str, expected: tuple[str, ...]) -> None:
    assert split(word) == expected


def test_digits_and_small_words_are_kept_whole() -> None:
    assert words("not all v2, batch_size=2048!") == ["not", "all", "v2", "batch", "size", "2048"]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_words_without_blanks(text: str) -> None:
    assert all(word and not any(map(str.isspace, word)) for word in [*words(text), *parts(text)])


def test_an_index_finds_wholes_and_parts_by_passage(tmp_path: Path) -> None:
    build(
        tmp_path / "text",
        [
            (0, 0, "A ConditionalUNet on cifar10", ("/f.py", 3, 4, None)),
            (1, 1, "ResNet18 on CIFAR100", ("/g.ipynb", 1, 2, 0)),
            (-1, 0, "flowers/v2", ("/f.py", 1, 1, None)),
        ],
    )
    index = open_index(tmp_path / "text")
    searcher = index.searcher()

    def found(field: str, word: str) -> set[int]:
        hits = searcher.search(tantivy.Query.term_query(index.schema, field, word), 10).hits
        return {searcher.doc(address)["passage"][0] for _, address in hits}

    assert found("words", "cifar10") == {0}
    assert found("parts", "unet") == {0}
    assert found("parts", "cifar") == {0, 1}
    assert found("words", "v2") == {-1}
    assert found("words", "on") == {0, 1}
