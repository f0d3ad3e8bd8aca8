"""Every shape of query gives what exact search gives, also where the database has an HNSW index over the embeddings.

DuckDB asks such an index before a `WHERE` and then silently gives too few rows: nothing here may come to use it.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from core.catalog.columns import columns_of
from core.catalog.generations import ROUNDED
from core.catalog.nearness import load_vss
from core.catalog.ranking import ranking_of
from core.catalog.reading import Reader
from core.catalog.schema import DIMENSIONS
from core.catalog.tokens import words
from core.search.answer import Answer
from core.search.answering import Answering, answer, hits
from tests.core.search.made import GENERATION, Made, WordEmbedder, facts, make_catalogue

WORDS = [
    "noise",
    "pictures",
    "of",
    "faces",
    "roads",
    "language",
    "graphs",
    "reward",
    "agents",
    "speech",
    "music",
    "weather",
    "protein",
    "sorting",
]
QUESTIONS = [
    "",
    "opt:adam",
    "lr:<0.01 -dataset:mnist",
    "missing:dropout epochs:>20 sort:-epochs",
    "text:music",
    'text:"pictures of faces"',
    'text:"weather and speech" opt:adam',
    'text:"reward agents" lr:<0.002 -dataset:mnist',
    'text:"language graphs" -protein',
    'text:"noise roads" sort:epochs limit:7',
    '"of faces" opt:sgd',
    "(dataset:mnist OR opt:sgd) text:protein",
    "like:lab/m007",
    "like:lab/m007 opt:adam",
    "like:lab/m007 text:sorting",
    "compare models with Adam and models with SGD",
]


def models() -> list[Made]:
    chance = random.Random(5)

    def one(number: int) -> Made:
        said = facts(
            optimizer=chance.choice(["Adam", "SGD", "RMSprop"]),
            datasets=chance.choice(["MNIST", "CIFAR-10", "CelebA"]),
            learning_rate=chance.choice([0.1, 0.005, 0.001]),
            epochs=chance.randint(1, 50),
        )
        if chance.random() < 0.5:
            said["dropout"] = [0.5]
        texts = [" ".join(chance.sample(WORDS, 4)) for _ in range(chance.randint(0, 5))]
        return Made(f"lab/m{number:03d}", said, modified=f"2024-06-{number % 28 + 1:02d}", texts=texts)

    return [one(number) for number in range(80)]


MODELS = models()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = make_catalogue(tmp_path_factory.mktemp("plain") / "catalog", MODELS)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def indexed(plain: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The same catalogue with its embeddings in the database and an HNSW index over them."""
    catalog = tmp_path_factory.mktemp("indexed") / "catalog"
    shutil.copytree(plain.catalog, catalog)
    with duckdb.connect(str(catalog / GENERATION / "catalogue.duckdb")) as db:
        load_vss(db)
        db.execute("SET hnsw_enable_experimental_persistence = true")
        for number, vector in enumerate(plain.vectors):
            text = str(vector.tolist())
            db.execute(
                f"UPDATE passage SET embedding = ?::VARCHAR::FLOAT[{DIMENSIONS}] WHERE number = ?", [text, number]
            )
        db.execute("CREATE INDEX nearest ON passage USING HNSW (embedding) WITH (metric = 'cosine')")
        assert db.execute("SELECT count(*) FROM duckdb_indexes()").fetchall() == [(1,)]
    reader = Reader.open(catalog)
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def exact(plain: Reader, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The same catalogue without the embeddings in bytes."""
    catalog = tmp_path_factory.mktemp("exact") / "catalog"
    shutil.copytree(plain.catalog, catalog)
    (catalog / GENERATION / ROUNDED).unlink()
    reader = Reader.open(catalog)
    yield reader
    reader.close()


def ask(question: str, reader: Reader) -> Answer:
    return answer(question, reader, WordEmbedder, None)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_index_changes_no_answer(question: str, plain: Reader, indexed: Reader) -> None:
    one, other = ask(question, plain), ask(question, indexed)
    assert (one.ids, one.scores, one.unknown) == (other.ids, other.scores, other.unknown)
    assert hits(one, plain) == hits(other, indexed)
    assert one.ids or one.hint


@pytest.mark.parametrize("question", [question for question in QUESTIONS if "text" in question])
def test_bytes_change_no_answer(question: str, plain: Reader, exact: Reader) -> None:
    one, other = ask(question, plain), ask(question, exact)
    assert (one.ids, one.scores, one.unknown, one.hint) == (other.ids, other.scores, other.unknown, other.hint)


def test_questions_find_something(plain: Reader) -> None:
    assert sum(bool(ask(question, plain).ids) for question in QUESTIONS) >= len(QUESTIONS) - 2


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 1.0])
def test_meaning_is_the_cosine_of_the_nearest_passage(share: float, indexed: Reader) -> None:
    count = len(MODELS)
    among = np.random.default_rng(3).random(count) < share
    among[7] = True
    (vector,) = WordEmbedder().embed(["pictures of faces"])
    found = ranking_of(indexed).score("pictures of faces", WordEmbedder(), among).meaning.of(among)
    passages = indexed.query("SELECT number, model FROM passage ORDER BY number")
    for model in np.flatnonzero(among):
        own = [float(indexed.vectors[number] @ vector) for number, of in passages if of == model]
        assert found[model] == pytest.approx(max(own), abs=1e-6)


@pytest.mark.parametrize("text", ["noise roads", "music", "protein sorting"])
@pytest.mark.parametrize(
    "filters", ["", "opt:adam", "dataset:mnist lr:<0.01", "-dataset:mnist epochs:>30", "epochs:>49"]
)
def test_text_behind_filters_is_exact_search_over_what_they_leave(text: str, filters: str, indexed: Reader) -> None:
    met = set(ask(filters, indexed).ids)
    mask = np.array([name in met for name in columns_of(indexed).ids])
    everything = Answering(indexed, WordEmbedder, None).evidence(text, np.ones(len(mask), bool))
    filtered = bool(filters)
    kept = np.flatnonzero(mask & everything.relevant(mask, filtered))
    marks = np.round(everything.relevance(mask, filtered, mask), 9)
    expected = [columns_of(indexed).ids[number] for number in sorted(kept, key=lambda n: (-marks[n], n))]
    assert list(ask(f'{filters} text:"{text}"', indexed).ids) == expected


def test_a_subject_leaves_out_what_is_known_to_show_another(plain: Reader) -> None:
    data = {made.id: made.facts["datasets"] for made in MODELS}
    assert {name for id in ask("text:faces", plain).ids for name in data[id]} == {"CelebA"}
    assert len({name for id in ask("text:roads", plain).ids for name in data[id]}) > 1


@pytest.mark.parametrize("text", ["pictures of faces", "language graphs"])
def test_a_sort_orders_what_a_text_finds(text: str, indexed: Reader) -> None:
    epochs = {made.id: made.facts["epochs"][0] for made in MODELS}
    default = list(ask("", indexed).ids)
    found = set(ask(f'opt:adam,sgd text:"{text}"', indexed).ids)
    assert found
    expected = sorted((id for id in default if id in found), key=lambda id: epochs[id])
    assert list(ask(f'opt:adam,sgd text:"{text}" sort:epochs', indexed).ids) == expected


def said(made: Made) -> list[list[str]]:
    """The words of each passage of a model and of its names, as the text index has them."""
    texts = [f"{made.id} {made.facts}", *made.texts, made.id]
    return [words(text) for text in texts]


@pytest.mark.parametrize("word", ["protein", "music"])
def test_a_negated_word_leaves_out_what_holds_it(word: str, indexed: Reader) -> None:
    without = {made.id for made in MODELS if not any(word in passage for passage in said(made))}
    assert 0 < len(without) < len(MODELS)
    assert set(ask(f"-{word}", indexed).ids) == without
    chosen = {made.id for made in MODELS if made.facts["optimizer"] == ["SGD"]}
    assert set(ask(f"opt:sgd -{word}", indexed).ids) == without & chosen


@pytest.mark.parametrize("phrase", ["of faces", "music weather", "protein sorting"])
def test_a_phrase_is_its_words_in_a_row(phrase: str, indexed: Reader) -> None:
    asked = words(phrase)
    holding = {made.id for made in MODELS if any(_in_a_row(asked, passage) for passage in said(made))}
    assert set(ask(f'"{phrase}"', indexed).ids) == holding
    assert set(ask(f'-"{phrase}"', indexed).ids) == {made.id for made in MODELS} - holding


def _in_a_row(asked: list[str], passage: list[str]) -> bool:
    return any(passage[start : start + len(asked)] == asked for start in range(len(passage)))


def test_likeness_is_the_cosine_of_the_mean_passages(indexed: Reader) -> None:
    sums: dict[int, np.ndarray] = {}
    for number, model in indexed.query("SELECT number, model FROM passage"):
        sums[model] = sums.get(model, np.zeros(DIMENSIONS)) + indexed.vectors[number]
    means = {model: total / np.linalg.norm(total) for model, total in sums.items()}
    others = sorted(set(means) - {7}, key=lambda model: (-round(float(means[model] @ means[7]), 9), model))
    assert list(ask("like:lab/m007", indexed).ids) == [columns_of(indexed).ids[model] for model in others]


def test_a_sort_is_exact_and_its_ties_are_the_default_order(indexed: Reader) -> None:
    known = [made for made in MODELS if made.facts["optimizer"] == ["Adam"]]
    known.sort(key=lambda made: made.id)
    known.sort(key=lambda made: made.modified, reverse=True)
    known.sort(key=lambda made: -made.facts["epochs"][0])
    assert list(ask("opt:adam sort:-epochs", indexed).ids) == [made.id for made in known]


def test_text_alone_over_a_large_catalogue_is_served_by_its_index(indexed: Reader, tmp_path: Path) -> None:
    shutil.copytree(indexed.catalog, tmp_path / "catalog")
    with duckdb.connect(str(tmp_path / "catalog" / GENERATION / "catalogue.duckdb")) as db:
        load_vss(db)
        db.execute("INSERT INTO meta VALUES ('recall', '1.0')")
    served = Reader.open(tmp_path / "catalog")
    (vector,) = WordEmbedder().embed(["pictures of faces"])
    every = np.ones(len(MODELS), bool)
    exact, found = (
        ranking_of(reader).score("pictures of faces", WordEmbedder(), every).meaning.of(every)
        for reader in (indexed, served)
    )
    reached = np.flatnonzero(~np.isnan(found))
    assert found[reached] == pytest.approx(exact[reached], abs=1e-5)
    assert np.nanmax(found) == pytest.approx(np.nanmax(exact), abs=1e-5)
    assert plan_uses_index(served, vector)
    served.close()


def plan_uses_index(reader: Reader, vector: np.ndarray) -> bool:
    sql = "EXPLAIN SELECT number FROM passage ORDER BY array_cosine_distance(embedding, ?::VARCHAR::FLOAT[384]) LIMIT 9"
    return "HNSW_INDEX_SCAN" in str(reader.query(sql, [str(vector.tolist())]))
