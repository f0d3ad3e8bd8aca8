from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.search.answer import Answer
from core.search.answering import answer
from tests.core.search.made import COLLECTION, WordEmbedder, make_catalogue


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    found = make_catalogue(tmp_path_factory.mktemp("made"), COLLECTION)
    yield found
    found.close()


@pytest.fixture
def user(tmp_path: Path) -> UserFile:
    return UserFile(tmp_path)


@pytest.fixture
def ask(reader: Reader, user: UserFile) -> Callable[[str], Answer]:
    """The answer to a question over the made collection, with an embedder that knows words only."""
    return lambda question: answer(question, reader, WordEmbedder, user)
