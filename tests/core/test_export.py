from __future__ import annotations

import json

import pytest

from core.artifacts.records import Artefacts, Checkpoint, Series
from core.export import artefacts_json, expr_json, line, model_json, plain, query_text
from core.fields import LISTED, SINGLE
from core.search.query import And, Filter, Not, Or, Query, Text
from core.vocabulary import load
from tests.core.compare.building import layer, metric, model


def test_the_fields_are_those_of_the_vocabulary() -> None:
    assert {*LISTED, *SINGLE, "layers", "metrics"} == set(load().fields)


def test_a_model_has_every_field_known_or_not() -> None:
    found = model_json(model("a"))
    assert all(found[field] == [] for field in LISTED)
    assert all(field in found for field in SINGLE)
    assert found["description"] is None
    assert found["settings"] == {}


def test_values_are_lists_and_compound_values_one_element() -> None:
    facts = {"betas": [(0.5, 0.999)], "optimizer": [None, "Adam", "Adam"], "settings.n_critic": 5}
    facts["description"] = "A GAN."
    found = model_json(model("a", facts, layers=(layer("fc"),), metrics=(metric("loss", 0.1, "train"),)))
    assert found["betas"] == [[0.5, 0.999]]
    assert found["optimizer"] == ["Adam"]
    assert found["settings"] == {"n_critic": [5]}
    assert found["description"] == "A GAN."
    assert [fact["field"] for fact in found["facts"]].count("optimizer") == 3
    assert set(found["facts"][0]) == {"field", "value", "file", "line", "end_line", "cell", "how", "stage"}
    assert set(found["layers"][0]) == {"name", "class", "args", "parameters", "place"}
    assert set(found["metrics"][0]) == {"name", "value", "split", "epoch", "place"}


def test_a_line_is_one_line_of_valid_json() -> None:
    nasty = {"name": "a\nb\x1b[31m\x9b31m\u2028\udce9\u202eé"}
    nasty |= {"value": plain(float("nan")), "low": plain((1.5, float("inf")))}
    text = line(nasty)
    assert len(text.splitlines()) == 1
    assert text.encode("utf-8")
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text)
    assert json.loads(text) == {**nasty, "value": "nan", "low": [1.5, "inf"]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        line(float("nan"))


def test_the_tree_of_a_question() -> None:
    either = Or((Filter("epochs", "..", (1, None)), Text("conditional")))
    expr = And((Filter("lr", "<", 1e-3), Not(either), Text("a b", True)))
    assert expr_json(expr) == {
        "op": "and",
        "args": [
            {"field": "lr", "op": "<", "value": 1e-3},
            {
                "op": "not",
                "args": [
                    {
                        "op": "or",
                        "args": [
                            {"field": "epochs", "op": "..", "value": [1, None]},
                            {"field": "text", "op": ":", "value": "conditional"},
                        ],
                    }
                ],
            },
            {"field": "text", "op": "phrase", "value": "a b"},
        ],
    }
    assert query_text(Query(expr)) == '"a b"'
    assert expr_json(None) is None


def test_artefacts_keep_every_field() -> None:
    checkpoint = Checkpoint("m.pt", "pickle", 10, 3, None, (("fc.weight", (4, 8)),), "2025-01-01", True, "same folder")
    series = Series("log.csv", "loss", "train", "epoch", ((1.0, 0.5), (2.0, float("nan"))), "written by train.py:3")
    found = artefacts_json(Artefacts(checkpoints=(checkpoint,), series=(series,)))
    assert found["images"] == []
    assert found["checkpoints"][0]["tensors"] == {"fc.weight": [4, 8]}
    assert json.loads(line(found))["series"][0]["points"] == [[1.0, 0.5], [2.0, "nan"]]
