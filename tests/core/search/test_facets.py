"""The values of an answer's models, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from core.catalog.reading import Reader
from core.search.answer import Answer
from core.search.facets import FIELDS, facets
from tests.core.search.made import COLLECTION


def test_facets_count_each_value_once_a_model(ask: Callable[[str], Answer], reader: Reader) -> None:
    (found,) = facets(ask("arch:autoencoder"), reader, ["datasets"])
    assert found.counts == (("MNIST", 2), ("Fashion-MNIST", 1)) and found.unknown == 0


def test_facets_of_all_models_are_those_of_the_collection(ask: Callable[[str], Answer], reader: Reader) -> None:
    for found in facets(ask(""), reader, ["architecture", "optimizer"], most=1000):
        values = [set(made.facts.get(found.field, [])) for made in COLLECTION]
        assert dict(found.counts) == Counter(value for own in values for value in own)
        assert found.unknown == sum(not own for own in values)


def test_an_empty_answer_has_empty_facets(ask: Callable[[str], Answer], reader: Reader) -> None:
    found = facets(ask("models about chess"), reader)
    assert [each.field for each in found] == list(FIELDS)
    assert all(not each.counts and each.unknown == 0 for each in found)
