"""The sentences a reader sees: true to the facts, whatever these are, and well formed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.analysis.facts import Fact, Layer, Place, Value
from core.artifacts.records import Artefacts
from core.fields import LISTED
from core.report import claims
from core.report.claims import IT, Claim
from core.report.document import footnotes, short_names
from core.report.planning import plan
from core.report.verification import verify
from core.report.wording import clean, factor, field_text, file_size, joined, label, number, series, share, value_text
from tests.core.report.making import GAN, VAE, model


def text(claim: Claim | None) -> str:
    return "" if claim is None else claim.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1, "1"),
        (1234, "1234"),
        (12345, "12,345"),
        (0.0002, "0.0002"),
        (1e-5, "1e-5"),
        (2.5e-10, "2.5e-10"),
        (1e20, "1e20"),
        (3.0, "3"),
        (-0.5, "-0.5"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (True, "yes"),
        (None, "none"),
        ("", "empty"),
        ((0.5, 0.999), "(0.5, 0.999)"),
        ("a\n\x1b[31mb", "a [31mb"),
    ],
)
def test_values_are_shown_short_and_exact(value: Value, shown: str) -> None:
    assert value_text(value) == shown


def test_numbers_read_back_as_they_were() -> None:
    for value in (0.1, 1e-7, 3e-4, 123456789, 0.999, 6.25e-2, 1e9):
        assert float(number(value).replace(",", "")) == value


def test_small_words() -> None:
    assert (series([]), series(["a"]), series(["a", "b"]), series(["a", "b", "c"])) == (
        "",
        "a",
        "a and b",
        "a, b and c",
    )
    assert series(list("abcdefgh"), most=3) == "a, b and 6 more"
    assert joined(["x in a and b", "y in c"]) == "x in a and b, and y in c"
    assert (label("batch_size", 2), label("loss", 2), label("epochs", 2), label("parameters")) == (
        "batch sizes", "losses", "epochs", "parameters",
    )  # fmt: skip
    assert (file_size(1), file_size(999), file_size(1000), file_size(12_345_678)) == (
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "12.3 MB",
    )
    assert (share(1, 3), share(1, 1000)) == ("33 %", "under 1 %")
    assert (factor(4, 2), factor(1, 3), factor(500, 1), factor(1, 2e-311)) == ("2", "0.33", "500", "5.0e+310")
    assert field_text("created", "2025-03-01T10:00:00+01:00") == "2025-03-01"
    assert len(clean("word " * 100)) <= 80 and clean("word " * 100).endswith("…")


def test_stages_are_told_apart() -> None:
    place = Place("/data/x.py", 3, 3)
    facts = [Fact("datasets", "MNIST", place, "call")]
    for stage, rate, epochs in (("autoencoder", 0.01, 5), ("diffusion", 0.002, 90)):
        facts += [Fact("learning_rate", rate, place, "call", stage), Fact("epochs", epochs, place, "call", stage)]
    two = replace(model("x"), facts=tuple(facts))
    told = [claim.text for claim in plan([two], [Artefacts()])[0].claims]
    assert told[1:] == [
        "It is trained on MNIST.",
        "In the stage autoencoder it is trained for 5 epochs at a learning rate of 0.01.",
        "In the stage diffusion it is trained for 90 epochs at a learning rate of 0.002.",
    ]
    for claim in plan([two], [Artefacts()])[0].claims:
        assert verify(claim.text, claim) is None
    swapped = "In the stage autoencoder it is trained for 90 epochs at a learning rate of 0.01."
    assert verify(swapped, plan([two], [Artefacts()])[0].claims[2]) is not None


def test_configs_several_datasets_and_single_epochs() -> None:
    config = replace(model("c", epochs=1, datasets=["A", "B"]), kind="config", script="/data/run.py")
    assert text(claims.identity(config, "c")) == "c is a configuration of run.py."
    assert text(claims.training(config, IT)) == "It is trained on one or more of A and B for 1 epoch."
    assert verify(text(claims.training(config, IT)), claims.training(config, IT) or claims.identity(config, IT)) is None
    steps = model("s", environment="CartPole-v1", steps=1000)
    assert text(claims.training(steps, IT)) == "It is trained in the environment CartPole-v1 for 1000 steps."
    assert claims.gaps(steps) == [field for field in claims.EXPECTED if field not in ("datasets", "epochs")]


def test_overridden_and_computed_values_are_said() -> None:
    place = Place("/data/x.py", 3, 3)
    facts = (
        Fact("batch_size", 512, place, "computed: num_envs * num_steps"),
        Fact("epochs", 3, place, "overridden by call"),
    )
    told = [claim.text for claim in plan([replace(model("x"), facts=facts)], [Artefacts()])[4].claims]
    assert told == ["The batch size is 512, computed: num_envs * num_steps.", "The epochs are 3, overridden by call."]


def test_layers_are_counted_over_the_leaves() -> None:
    place = Place("/data/x.py", 3, 3)
    layers = (
        Layer("net", "Sequential", "", None, place),
        Layer("net.0", "Linear", "784, 32", 25120, place),
        Layer("net.1", "ReLU", "", 0, place),
        Layer("net.2", "Linear", "32, 10", 330, place),
    )
    whole = Layer("Net", "Net", "", None, place)
    for around in ((), (whole,)):  # a network of a class holds its layers, by their own names
        of_class = model("x", layers=(*around, *layers))
        assert text(claims.layers(of_class, IT)) == "Its layer tree ends in 3 layers: 2 Linear and 1 ReLU."
    two = model("x", layers=(whole, Layer("Other", "Other", "", None, place)))
    assert text(claims.layers(two, IT)) == "Its layer tree ends in 2 layers: 1 Net and 1 Other."
    one = model("x", layers=layers)
    assert text(claims.layers(one, IT)) == "Its layer tree ends in 3 layers: 2 Linear and 1 ReLU."
    many = model(
        "y", layers=tuple(replace(layers[1], name=str(n), kind=f"Kind{min(n, n // 2 * 2)}") for n in range(15))
    )
    assert text(claims.layers(many, IT)).endswith("2 Kind10, 2 Kind12, 2 Kind2, 2 Kind4, 2 Kind6 and 3 others.")
    assert text(claims.largest_layer(one, IT)) == (
        "The largest layer, net.0 (Linear), holds 25,120 of its 25,450 parameters, 99 %."
    )


def test_files_of_one_name_are_told_apart() -> None:
    files = ["/r/a/v1/train.py", "/r/a/v2/train.py", "/r/b/v1/train.py", "/r/x.py"]
    assert list(short_names(files).values()) == ["a/v1/train.py", "v2/train.py", "b/v1/train.py", "x.py"]
    assert short_names(["main", "a/main"]) == {"main": "main", "a/main": "a/main"}


def test_footnotes_gather_lines_and_name_cells() -> None:
    places = [Place("/a.py", 9, 9), Place("/a.py", 3, 3), Place("/n.ipynb", 2, 2, 4), Place("/a.py", 9, 9)]
    assert footnotes(places, short_names(p.file for p in places)) == ["a.py:3, 9", "n.ipynb cell 4:2"]


value = (
    some.integers(-(10**12), 10**12)
    | some.floats(allow_nan=True)
    | some.text(max_size=40)
    | some.booleans()
    | some.tuples(some.floats(0, 1), some.floats(0, 1))
    | some.none()
)
facts = some.dictionaries(some.sampled_from(LISTED), some.lists(value, min_size=1, max_size=3), max_size=12)


@settings(max_examples=150, deadline=None)
@given(facts, facts)
def test_any_facts_make_a_report_whose_sentences_hold(
    first: dict[str, list[Value]], second: dict[str, list[Value]]
) -> None:
    models = [model("a/x", **first), model("b/x", **second)]  # type: ignore[arg-type]
    for chosen in (models[:1], models):
        for section in plan(chosen, [Artefacts()] * len(chosen)):
            for claim in section.claims:
                assert "\n" not in claim.text and claim.text.isprintable()
                assert claim.text[-1] in '."' and "  " not in claim.text.replace("\u2028", "")
            for table in section.tables:
                assert all(len(row) == len(table.head) for row in table.rows)


def test_known_models_have_no_sentence_that_fails_its_own_claim() -> None:
    for chosen in ([GAN], [VAE], [GAN, VAE]):
        for section in plan(chosen, [Artefacts()] * len(chosen)):
            for claim in section.claims:
                assert claim.plain or verify(claim.text, claim) is None, claim.text
