"""What a query finds: exact sets, three-valued negation, order, hints, cohorts, reasons."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.catalog.columns import Columns, columns_of
from core.catalog.ranking import Ranking, TextScores, ranking_of
from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.search.answer import Answer
from core.search.answering import answer, hits, warm
from core.search.glosses import glosses_of
from core.search.query import Expr, Filter, Not, Query, both, either
from core.vocabulary import load
from tests.core.search.made import COLLECTION, Made, WordEmbedder, make_catalogue

Ask = Callable[[str], Answer]


def names(found: Answer) -> set[str]:
    return set(found.ids)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("dataset:mnist", {"lab/digits/ae/v1/train", "lab/digits/ae/v2/train"}),
        ("arch:rnn", {"other/text/lstm"}),
        ("arch:autoencoder -dataset:mnist", {"lab/fashion/train_clothes"}),
        ("environment:cartpole", {"other/rl/ppo"}),
        ("DQN agents playing Atari", {"other/rl/dqn"}),
        ("loss:binary_cross_entropy", {"lab/faces/dcgan"}),
        ("lr:>0.05", {"lab/cifar/resnet/train", "other/byhand"}),
        ("lr:0.01", {"lab/cifar/resnet/train"}),
        ("lr:0.1 arch:cnn", {"lab/cifar/resnet/train"}),
        ("batch:100..200 epochs>=40", {"lab/digits/ae/v2/train", "lab/cifar/resnet/train"}),
        ("optimizer:none", {"other/byhand"}),
        (
            "optimizer!=adam has:learning_rate -arch:linear",
            {"lab/fashion/train_clothes", "lab/cifar/resnet/train", "other/text/lstm"},
        ),
        ("missing:optimizer", {"other/unknown"}),
        ("kind:notebook,config", {"other/text/lstm", "other/unknown"}),
        ("root:lab arch:gan", {"lab/faces/dcgan"}),
        ("path:digits", {"lab/digits/ae/v1/train", "lab/digits/ae/v2/train"}),
        ("id:v2/train", {"lab/digits/ae/v2/train"}),
        ("author:bob*", {"other/text/lstm"}),
        ("gamma:>0.98", {"other/rl/dqn"}),
        ("buffer_size:100k", {"other/rl/dqn"}),
        ("architecture:*gan", {"lab/faces/dcgan"}),
        ("created:2025-03", {"lab/fashion/train_clothes", "lab/cifar/resnet/train"}),
        ("created<2022", {"other/byhand", "other/unknown"}),
        ("modified:2025-05..2025-06", {"lab/cifar/resnet/train", "other/rl/dqn"}),
        ("created>=2025-03-02", {"lab/cifar/resnet/train"}),
        ("hardware:cpu", {"lab/digits/ae/v1/train"}),
        ("VAEs on MNIST or GANs on CelebA", {"lab/faces/dcgan"}),
        ("film reviews", {"other/text/lstm"}),
        ('"straight line"', {"other/byhand"}),
        ("resnet18 on CIFAR-10", {"lab/cifar/resnet/train"}),
        ("resnet50 on CIFAR-10", set()),
        ("transformers for protein folding", set()),
        ("models about chess", set()),
    ],
)
def test_an_answer_is_the_whole_set(question: str, ids: set[str], ask: Ask) -> None:
    assert names(ask(question)) == ids


def test_a_negation_keeps_the_unknown_and_counts_them(ask: Ask) -> None:
    found = ask("-optimizer:adam")
    assert "other/unknown" in found.ids and "other/byhand" in found.ids and "other/rl/ppo" not in found.ids
    assert found.unknown == 1
    assert "other/unknown" not in ask("optimizer!=adam").ids


def test_a_negated_word_excludes_the_text_that_holds_it(ask: Ask) -> None:
    assert names(ask("dataset:mnist -longer")) == {"lab/digits/ae/v1/train"}


def test_tags_and_notes_are_fields(ask: Ask, user: UserFile) -> None:
    user.tag("other/rl/dqn", "best")
    user.note("other/rl/ppo", "Try a larger clip range")
    assert names(ask("tag:Best")) == {"other/rl/dqn"}
    assert names(ask("note:larger")) == {"other/rl/ppo"}
    assert names(ask("has:tag OR has:note")) == {"other/rl/dqn", "other/rl/ppo"}


def test_the_empty_question_shows_all_last_modified_first(ask: Ask) -> None:
    assert ask("").ids[:2] == ("other/rl/dqn", "lab/cifar/resnet/train")
    assert len(ask("").ids) == len(COLLECTION)


def test_a_sort_puts_the_unknown_last_and_ties_by_date_then_id(ask: Ask) -> None:
    ids = ask("sort:-batch_size").ids
    assert ids[0] == "lab/fashion/train_clothes"
    assert ids[1:4] == ("lab/cifar/resnet/train", "lab/digits/ae/v2/train", "lab/faces/dcgan")
    assert set(ids[-4:]) == {"other/rl/dqn", "other/rl/ppo", "other/byhand", "other/unknown"}
    assert ask("sort:epochs").ids[0] == "other/text/lstm"
    assert ask("which model has the largest batch size?").ids == ("lab/fashion/train_clothes",)


def test_a_rank_has_all_that_share_a_value(ask: Ask) -> None:
    first, *others = ask("sort:-batch_size").ids
    assert ask("sort:-batch_size rank:1").ids == (first,)
    second = ask("sort:-batch_size rank:2").ids
    assert len(second) > 1 and second == tuple(others[: len(second)])
    known = ask("sort:-batch_size has:batch_size").ids
    assert ask("sort:-batch_size rank:2..").ids == tuple(others)
    assert ask("sort:-batch_size rank:2..100").ids == known[1:100]
    assert not ask("sort:-batch_size missing:batch_size rank:1").ids


def test_values_are_counted(ask: Ask) -> None:
    several = ask("count.datasets:>1")
    assert several.ids == tuple(id for id in ask("has:datasets").ids if id not in ask("count.datasets:..1").ids)
    assert not ask("count.datasets:0 has:datasets").ids


def test_limits_hold(reader: Reader, user: UserFile) -> None:
    assert len(answer("limit:3", reader, WordEmbedder, user).ids) == 3
    assert len(answer("limit:3", reader, WordEmbedder, user, limit=2).ids) == 2


def test_an_empty_answer_names_the_part_to_drop(ask: Ask) -> None:
    assert ask("arch:gan dataset:celeba lr:>1").hint == "without learning_rate>1: 1 model"
    assert ask("arch:gan dataset:mnist opt:sgd").hint == "without architecture:GAN and datasets:MNIST: 1 model"
    assert ask("seed:987654").hint == "without seed:987654: 10 models"
    assert ask("dataset:mnist").hint is None


def test_a_comparison_answers_each_side(ask: Ask) -> None:
    found = ask("compare Keras models and PyTorch GANs")
    assert [set(side.ids) for side in found.cohorts] == [{"other/text/lstm"}, {"lab/faces/dcgan"}]
    assert set(found.ids) == {"other/text/lstm", "lab/faces/dcgan"}


def test_like_ranks_all_but_itself(ask: Ask) -> None:
    ids = ask("like:lab/digits/ae/v1/train").ids
    assert ids[0] == "lab/digits/ae/v2/train"
    assert "lab/digits/ae/v1/train" not in ids


def test_hits_say_why_they_are_there(ask: Ask, reader: Reader) -> None:
    (hit,) = list(hits(ask("dataset:mnist lr:<0.0008 -opt:sgd"), reader))
    said = {(why.field, why.value) for why in hit.why}
    assert {("datasets", "MNIST"), ("learning_rate", 0.0005)} <= said
    place = next(why.place for why in hit.why if why.field == "datasets")
    assert place and place.file == "/data/lab/digits/ae/v2/train.py" and place.line == 3
    unknown = next(hit for hit in hits(ask("-optimizer:adam"), reader) if hit.id == "other/unknown")
    assert [(why.kind, why.field) for why in unknown.why] == [("unknown", "optimizer")]
    (text,) = hits(ask('text:"film reviews"'), reader)
    assert text.why[0].kind == "word" and text.why[0].value == "film, reviews"
    counted, *_ = hits(ask("count.datasets:1 dataset:mnist"), reader)
    assert [(why.field, why.value) for why in counted.why] == [("datasets", "MNIST")]
    assert text.score is not None


def test_search_works_without_an_embedder(reader: Reader) -> None:
    assert answer("film reviews", reader, lambda: None, None).ids == ("other/text/lstm",)


# -- the columns against the models read one by one


def meets(expr: Expr, made: Made) -> bool:
    """The definition of a filter, on one model."""
    if isinstance(expr, Not):
        return not meets(expr.arg, made)
    if isinstance(expr, Filter):
        return meets_filter(expr, made.facts.get(expr.field, []))
    joined: Sequence[Expr] = expr.args  # type: ignore[union-attr]
    return (all if type(expr).__name__ == "And" else any)(meets(arg, made) for arg in joined)


def meets_filter(leaf: Filter, values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    numbers = [value for value in known if isinstance(value, int | float)]
    limit: Any = leaf.value
    return {
        ":": lambda: limit in known,
        "!=": lambda: bool(known) and limit not in known,
        "<": lambda: any(value < limit for value in numbers),
        ">=": lambda: any(value >= limit for value in numbers),
        "has": lambda: bool(known),
        "missing": lambda: not values,
        "none": lambda: None in values,
    }[leaf.op]()


def test_random_expressions_find_what_their_definition_says(reader: Reader) -> None:
    random_ = random.Random(3)
    leaves: list[Expr] = [
        *(Filter("optimizer", op, "Adam") for op in (":", "!=")),
        *(Filter("learning_rate", op, value) for op in (":", "<", ">=", "!=") for value in (0.001, 0.1, 0.00025)),
        *(Filter("batch_size", op, 128) for op in (":", "<", ">=")),
        *(Filter(name, op) for name in ("optimizer", "epochs", "loss") for op in ("has", "missing", "none")),
    ]  # type: ignore[list-item]
    for _ in range(300):
        expr: Expr | None = random_.choice(leaves)
        for _ in range(random_.randint(0, 3)):
            other = random_.choice(leaves)
            expr = random_.choice([both, either])([expr, random_.choice([other, Not(other)])])
        assert expr is not None
        found = answer(Query(expr), reader, lambda: None, None)
        assert set(found.ids) == {made.id for made in COLLECTION if meets(expr, made)}, str(found.query)


def test_a_technique_is_known_by_the_words_it_leaves(ask: Ask) -> None:
    """Nothing but the description of the technique speaks of folds and splits in this collection."""
    glosses = load().table("techniques", "techniques")
    assert all(spec["says"] and spec["words"] and spec["source"] for spec in glosses.values())
    found = ask("a perceptual, feature or content loss: deep features of a frozen pretrained VGG network")
    assert names(found) <= {model.id for model in COLLECTION if any("vgg" in text.lower() for text in model.texts)}


def test_a_negated_word_also_excludes_its_other_forms(ask: Ask) -> None:
    assert names(ask("dataset:mnist -longer")) == names(ask("dataset:mnist -longers"))


def test_what_the_first_text_needs_is_read_beforehand(reader: Reader) -> None:
    asked: list[Sequence[str]] = []

    class Counting(WordEmbedder):
        def embed(self, texts: Sequence[str]) -> Any:
            asked.append(texts)
            return super().embed(texts)

    warm(reader, Counting)
    before = len(asked)
    assert before
    assert answer('text:"colour photos"', reader, Counting, None).ids
    assert asked[before:] == [["colour photos"]]


@pytest.mark.parametrize(("question", "times"), [('text:"qwerty asdf"', 1), ('text:"qwerty asdf" opt:adam', 2)])
def test_a_hint_looks_for_no_text_again(
    question: str, times: int, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind filters it is looked for among what they leave, and for the hint once among all."""
    looked: list[str] = []
    score = Ranking.score

    def counting(self: Ranking, text: str, *given: Any) -> TextScores:
        looked.append(text)
        return score(self, text, *given)

    monkeypatch.setattr(Ranking, "score", counting)
    found = answer(question, reader, WordEmbedder, None)
    assert not found.ids and found.hint and looked == ["qwerty asdf"] * times


def test_a_family_that_is_absent_names_the_nearest_that_is_there(reader: Reader) -> None:
    found = answer("architecture:CycleGAN", reader, WordEmbedder, None)
    assert not found.ids and found.hint is not None and found.hint.startswith("no CycleGAN; architecture:GAN: ")


def test_a_family_in_its_own_words_finds_models_of_it(ask: Ask) -> None:
    says = load().table("glosses", "architecture")["GAN"][0]
    found = names(ask(says))
    assert found and found <= {model.id for model in COLLECTION if "GAN" in model.facts.get("architecture", [])}


def test_a_family_that_no_model_is_of_is_not_spoken_of(reader: Reader) -> None:
    embedder, columns = WordEmbedder(), columns_of(reader)
    says = load().table("glosses", "architecture")
    for family, known in (("GAN", True), ("CycleGAN", False)):
        near = glosses_of(embedder).near(embedder.embed([says[family][0]])[0], columns, ranking_of(reader))
        assert (("architecture", family) in {each[:2] for each in near}) is known


def test_a_task_that_a_text_mentions_is_not_that_of_a_model_known_for_another(tmp_path: Path) -> None:
    """The text of a translator of pictures speaks of translation, too."""
    text = ["translation from one domain to another"]
    made = [Made("lab/known", facts={"task": ["image-to-image"]}, texts=text), Made("lab/unknown", texts=text)]
    made += [Made("lab/general", facts={"task": ["classification"]}, texts=text)]
    reader, embedder = make_catalogue(tmp_path, made), WordEmbedder()
    vector = embedder.embed([load().table("glosses", "task")["translation"][0]])[0]
    spoken = glosses_of(embedder).spoken(vector, columns_of(reader), ranking_of(reader))
    told = dict(zip(columns_of(reader).ids, spoken.told, strict=True))
    assert told["lab/unknown"] == told["lab/general"] > 0 == told["lab/known"]


def test_what_a_model_is_called_after_counts_like_a_fact_beside_a_description(tmp_path: Path) -> None:
    made = [Made("lab/adaboost/train"), Made("lab/ada/boosted", texts=["adaboost"]), Made("lab/other")]
    reader, embedder = make_catalogue(tmp_path, made), WordEmbedder()
    vector = embedder.embed([load().table("glosses", "architecture")["AdaBoost"][0]])[0]
    spoken = glosses_of(embedder).spoken(vector, columns_of(reader), ranking_of(reader))
    stated = dict(zip(columns_of(reader).ids, spoken.stated, strict=True))
    assert stated["lab/adaboost/train"] > 0 == stated["lab/ada/boosted"] == stated["lab/other"]


def test_a_task_that_no_model_is_for_is_that_of_the_wider_one(tmp_path: Path) -> None:
    """Who writes text with no model of text generation means the language models."""
    made = [Made("lab/one", facts={"task": ["language modelling"]}), Made("lab/two", facts={"task": ["regression"]})]
    embedder = WordEmbedder()
    vector = embedder.embed([load().table("glosses", "task")["text generation"][0]])[0]
    narrow = [*made, Made("lab/three", facts={"task": ["text generation"]})]
    for name, models, meant in (("wide", made, {"lab/one"}), ("narrow", narrow, {"lab/three"})):
        reader = make_catalogue(tmp_path / name, models)
        spoken = glosses_of(embedder).spoken(vector, columns_of(reader), ranking_of(reader))
        ids = np.array(columns_of(reader).ids)
        assert set(ids[spoken.meant]) == meant
        assert "lab/two" in ids[spoken.of_others]
        assert not set(ids[spoken.of_others]) & meant


def test_a_sentence_may_mean_two_tasks(tmp_path: Path) -> None:
    tasks = ["translation", "summarisation"]
    made = [Made(f"lab/{name}", facts={"task": [name]}) for name in (*tasks, "regression")]
    reader, embedder = make_catalogue(tmp_path, made), WordEmbedder()
    glosses = load().table("glosses", "task")
    vectors = embedder.embed([glosses[name][1] for name in tasks])
    spoken = glosses_of(embedder).spoken(vectors.sum(axis=0) / 2**0.5, columns_of(reader), ranking_of(reader))
    ids = np.array(columns_of(reader).ids)
    assert set(ids[spoken.meant]) == {"lab/translation", "lab/summarisation"}
    assert set(ids[spoken.of_others]) == {"lab/regression"}


def test_a_family_that_does_it_stands_for_a_task_that_no_model_is_known_for(tmp_path: Path) -> None:
    made = [Made("lab/one", facts={"architecture": ["K-Means"]}), Made("lab/two", facts={"architecture": ["GAN"]})]
    embedder, vocabulary = WordEmbedder(), load()
    task, family = vocabulary.table("glosses", "task")["clustering"][-1], "K-Means: "
    family += vocabulary.table("glosses", "architecture")["K-Means"][0]
    vectors = embedder.embed([task, family])
    vector = (0.75 * vectors[0] + 0.6 * vectors[1]) / np.linalg.norm(0.75 * vectors[0] + 0.6 * vectors[1])
    known = [*made, Made("lab/three", facts={"task": ["clustering"]})]
    for name, models, meant in (("unknown", made, "lab/one"), ("known", known, "lab/three")):
        reader = make_catalogue(tmp_path / name, models)
        spoken = glosses_of(embedder).spoken(vector, columns_of(reader), ranking_of(reader))
        assert set(np.array(columns_of(reader).ids)[spoken.stated > 0]) == {meant}


def test_a_technique_is_known_by_the_plural_of_its_name(tmp_path: Path) -> None:
    made = [Made("lab/hypernetworks/train"), Made("lab/other")]
    reader, embedder = make_catalogue(tmp_path, made), WordEmbedder()
    vector = embedder.embed([load().table("techniques", "techniques")["hypernetwork"]["says"][0]])[0]
    spoken = glosses_of(embedder).spoken(vector, columns_of(reader), ranking_of(reader))
    assert dict(zip(columns_of(reader).ids, spoken.shown > 0, strict=True)) == {
        "lab/hypernetworks/train": True,
        "lab/other": False,
    }


def test_a_phrase_is_found_in_the_parts_of_a_name(tmp_path: Path) -> None:
    made = [Made("lab/one", texts=["class HierarchicalVAE"]), Made("lab/two", texts=["a VAE, hierarchical"])]
    found = answer('"hierarchical vae"', make_catalogue(tmp_path, made), WordEmbedder, None)
    assert names(found) == {"lab/one"}


def test_rows_are_the_same_once_all_are_kept(reader: Reader) -> None:
    columns = Columns(reader)
    found = columns.rows([3, 1])
    columns.keep_rows()
    assert Columns(reader).rows([3, 1]) == found == columns.rows([3, 1])
    assert columns.rows([0, 2]) == Columns(reader).rows([0, 2])


def test_a_task_that_is_called_by_its_name_is_no_other_one(tmp_path: Path) -> None:
    """Object detection is near to other tasks of pictures; where no model detects objects, none of these is meant."""
    made = [Made(f"lab/{name}", facts={"task": [name]}) for name in ("image classification", "regression")]
    reader, embedder = make_catalogue(tmp_path, made), WordEmbedder()
    says = load().table("glosses", "task")["image classification"][0]
    near = glosses_of(embedder).near
    asked = embedder.embed([says])[0], columns_of(reader), ranking_of(reader)
    assert ("task", "image classification") in {each[:2] for each in near(*asked)}
    assert ("task", "image classification") not in {each[:2] for each in near(*asked, "object detection in photos")}
    assert ("task", "image classification") in {each[:2] for each in near(*asked, "image classification of pets")}
