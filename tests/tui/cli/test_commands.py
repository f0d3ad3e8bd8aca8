"""Every command as a process on a small collection: output, JSON and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.fields import LISTED, SINGLE
from tests.tui.cli.conftest import Done

Ask = Callable[..., Done]
IDS = {"flowers/v1/train", "flowers/v2/train", "flowers/sgd", "flowers/fashion"}


# -- list and show


def test_list_names_every_model_once(ask: Ask) -> None:
    done = ask("list")
    assert done.code == 0
    assert {line.split("\t")[0] for line in done.out.splitlines()} == IDS


def test_list_as_json_has_every_key(ask: Ask) -> None:
    models = ask("list", "--json").lines
    assert {model["id"] for model in models} == IDS
    keys = {"id", "path", "script", "aliases", "kind", "root", "offline", "warnings", "created_from", "modified_from"}
    keys |= {*LISTED, *SINGLE, "settings", "metrics", "layers", "facts"}
    assert all(set(model) == keys for model in models)
    order = [(model["modified"], model["id"]) for model in models]
    assert [modified for modified, _ in order] == sorted((modified for modified, _ in order), reverse=True)


def test_every_listed_value_has_a_fact_with_a_place(ask: Ask) -> None:
    for model in ask("list", "--json").lines:
        facts = {(fact["field"], json.dumps(fact["value"])) for fact in model["facts"]}
        for field in LISTED:
            assert all((field, json.dumps(value)) in facts for value in model[field])
        for fact in model["facts"]:
            assert Path(fact["file"]).is_absolute()
            assert 1 <= fact["line"] <= fact["end_line"]


def test_show_has_facts_artefacts_and_neighbours(ask: Ask, collection: Path) -> None:
    (model,) = ask("show", "v2/train", "--json").lines
    assert model["path"] == str(collection / "v2" / "train.py")
    assert (model["batch_size"], model["learning_rate"], model["epochs"]) == ([64], [2e-4], [9])
    assert model["optimizer"] == ["Adam"]
    assert model["datasets"] == ["MNIST"]
    assert {image["epoch"] for image in model["artefacts"]["images"]} == {0, 8}
    assert "flowers/v1/train" in model["similar"]


def test_show_for_people_has_the_place_of_a_fact(ask: Ask) -> None:
    done = ask("show", "flowers/v2/train")
    assert "2e-4" in done.out
    assert "train.py:" in done.out
    assert "argparse default" in done.out
    assert "unknown" in done.out


def test_what_a_run_logged_stands_in_columns(ask: Ask) -> None:
    shown = ask("show", "flowers/v2/train").out
    lines = shown.partition("\nmetrics\n")[2].partition("\n\n")[0].splitlines()
    assert lines == [
        "  loss (train)  0.0123457 at epoch 8  log.csv:3",
        "  accuracy      0.75 at epoch 8       log.csv:3",
    ]


@pytest.mark.parametrize("name", ["flowers/sgd", "sgd", "SGD", "sgd.py", "flowers_sgd"])
def test_an_id_may_be_written_in_many_ways(ask: Ask, name: str) -> None:
    (model,) = ask("show", name, "--json").lines
    assert model["id"] == "flowers/sgd"


def test_an_unknown_id_is_exit_1_and_says_what_is_near(ask: Ask) -> None:
    done = ask("show", "flowers/sgdd")
    assert (done.code, done.out) == (1, "")
    assert "flowers/sgd" in done.err
    assert len(done.err.splitlines()) == 1


def test_an_ambiguous_id_is_exit_2_and_lists_the_candidates(ask: Ask) -> None:
    done = ask("show", "train")
    assert (done.code, done.out) == (2, "")
    assert "flowers/v1/train" in done.err
    assert "flowers/v2/train" in done.err


@pytest.mark.parametrize("command", ["show", "diff"])
def test_words_that_are_no_ids_are_offered_as_a_question(ask: Ask, command: str) -> None:
    done = ask(command, "me", "all", "GANs")
    assert (done.code, done.out) == (1, "")
    assert f"modelsearch -- {command} me all GANs" in done.err


# -- search


def test_search_answers_with_the_set(ask: Ask) -> None:
    (answer,) = ask("search", "optimizer:adam", "batch:<200", "--json").lines
    assert {result["id"] for result in answer["results"]} == {"flowers/v1/train", "flowers/v2/train"}
    assert answer["total"] == 2
    assert {"query", "intent", "expr", "text", "total", "unknown", "results"} <= set(answer)
    why = answer["results"][0]["why"]
    assert {"kind", "field", "value", "place", "text"} == set(why[0])


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("images:2", {"flowers/v2/train"}),
        ("images:>2", set()),
        ("Adam without pictures", {"flowers/v1/train", "flowers/fashion"}),
        ("which runs have logs?", {"flowers/v2/train"}),
        ("has:checkpoints", set()),
    ],
)
def test_what_runs_left_behind_is_asked_for(ask: Ask, question: str, found: set[str]) -> None:
    (answer,) = ask("search", question, "--json").lines
    assert {result["id"] for result in answer["results"]} == found


def test_a_dash_excludes(ask: Ask) -> None:
    (answer,) = ask("search", "-dataset:mnist", "--json").lines
    assert {result["id"] for result in answer["results"]} == {"flowers/sgd", "flowers/fashion"}


def test_the_limit_cuts_the_results_and_not_the_total(ask: Ask) -> None:
    (answer,) = ask("search", "--limit", "1", "--json").lines
    assert (len(answer["results"]), answer["total"]) == (1, 4)


def test_nothing_found_is_exit_1_with_a_hint(ask: Ask) -> None:
    done = ask("search", "optimizer:adam", "dataset:cifar10", "--json")
    assert done.code == 1
    (answer,) = done.lines
    assert answer["results"] == []
    assert "hint" in answer


def test_a_question_without_a_command_is_searched_where_there_is_no_terminal(ask: Ask) -> None:
    done = ask("dataset:cifar10")
    assert done.code == 0
    assert done.out.startswith("flowers/sgd\t")
    assert ask("dataset:cifar10", "--json").lines == ask("search", "dataset:cifar10", "--json").lines


def test_a_malformed_question_is_one_line_and_exit_2(ask: Ask) -> None:
    done = ask("search", "lr:<banana")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "banana" in done.err


def test_the_canonical_line_asks_the_same(ask: Ask) -> None:
    (first,) = ask("search", "optimiser adam but not CIFAR-10", "--json").lines
    (second,) = ask("search", first["query"], "--json").lines
    assert second["query"] == first["query"]
    assert second["results"] == first["results"]


def test_batch_answers_every_line(ask: Ask, tmp_path: Path) -> None:
    lines = "dataset:mnist\n\nlr:<banana\nepochs:9"
    done = ask("search", "--batch", "-", "--json", stdin=lines)
    assert done.code == 2
    found = done.lines
    assert [("error" in line) for line in found] == [False, True, True, False]
    assert all(set(line) == {"query", "error", "results"} for line in found[1:3])
    assert [result["id"] for result in found[3]["results"]] == ["flowers/v2/train"]
    (tmp_path / "questions").write_text("dataset:mnist\nepochs:9\n")
    again = ask("search", "--batch", tmp_path / "questions")
    assert again.code == 0
    assert len(again.lines) == 2


def test_batch_takes_bytes_that_are_not_utf8(ask: Ask) -> None:
    done = ask("search", "--batch", "-", stdin=b"epochs:9\n\xff\xfe\n")
    assert done.code == 2
    assert ["error" in line for line in done.lines] == [False, True]


# -- diff, compare, images, report


def test_diff_has_what_differs_first(ask: Ask) -> None:
    (diff,) = ask("diff", "v1/train", "v2/train", "--json").lines
    rows = {row["field"]: row for row in diff["rows"]}
    assert (rows["epochs"]["a"], rows["epochs"]["b"], rows["epochs"]["same"]) == ([5], [9], False)
    assert rows["optimizer"]["same"]
    assert rows["epochs"]["place_a"][0]["file"].endswith("v1/train.py")
    assert [row["same"] for row in diff["rows"]] == sorted(row["same"] for row in diff["rows"])
    assert "changed" in {row["change"] for row in diff["layers"]}
    assert "code" not in diff
    (coded,) = ask("diff", "v1/train", "v2/train", "--json", "--code").lines
    assert "+++ " in coded["code"]


def test_diff_for_people_folds_what_is_equal(ask: Ask) -> None:
    done = ask("diff", "v1/train", "v2/train")
    assert "epochs\t5  train.py:" in done.out
    assert "equal: " in done.out


def test_diff_needs_two(ask: Ask) -> None:
    done = ask("diff", "v1/train")
    assert done.code == 1
    assert "two models" in done.err


def test_the_app_is_refused_without_a_terminal(ask: Ask) -> None:
    done = ask("diff", "v1/train", "v2/train", "--tui")
    assert done.code == 2
    assert "terminal" in done.err


def test_compare_counts_both_sides(ask: Ask) -> None:
    (found,) = ask("compare", "dataset:mnist", "--with", "-dataset:mnist", "--json").lines
    assert [cohort["n"] for cohort in found["cohorts"]] == [2, 2]
    row = next(row for row in found["rows"] if row["field"] == "batch_size")
    assert row["a"]["values"] == [{"value": 64, "n": 2}]
    assert (row["b"]["median"], row["b"]["range"]) == (192, [128, 256])
    assert ask("compare", "dataset:mnist", "--with", "optimizer:lion").code == 1


def test_images_of_a_model_and_of_a_question(ask: Ask) -> None:
    done = ask("images", "v2/train", "--json")
    assert [image["epoch"] for image in done.lines] == [0, 8]
    keys = {"id", "path", "model", "epoch", "step", "label", "stage", "created", "modified", "width", "height"}
    assert all(set(image) == {*keys, "readable", "why"} for image in done.lines)
    assert len({image["id"] for image in done.lines}) == 2
    assert [image["epoch"] for image in ask("images", "v2/train", "--epoch", "8", "--json").lines] == [8]
    asked = ask("images", "dataset:mnist", "--json")
    assert len(asked.lines) == 2
    assert "read as a question" in asked.err
    assert ask("images", "sgd").code == 1


def test_where_there_is_no_such_picture_what_gives_some_is_told(ask: Ask) -> None:
    done = ask("images", "v2/train", "--epoch", "700")
    assert done.code == 1 and "without --epoch 700: 2 pictures" in done.err
    done = ask("images", "pictures of v2/train at epoch 700")
    assert done.code == 1 and "without image.epoch:700: 2 pictures" in done.err
    done = ask("search", "pictures of v2/train at epoch 700")
    assert done.code == 1 and "1 model, but no such picture; without image.epoch:700: 2 pictures" in done.err


def test_how_a_question_was_read_is_told_with_its_corrections(ask: Ask) -> None:
    assert "datsets:MNIST (no field is called datsets; did you mean datasets?)" in ask("search", "datsets:MNIST").err
    assert "optimizer:SGD: 1 model" in ask("search", "optimizer:SGD").err


def test_a_metric_of_one_split_is_asked_for(ask: Ask) -> None:
    assert ask("search", "train_loss:<0.1").out.startswith("flowers/v2/train\t")
    assert "metrics.train_loss<0.1: 1 model" in ask("search", "training loss below 0.1").err
    assert ask("search", "validation loss below 0.1").code == 1


def test_a_number_is_compared_with_the_metric_of_a_fields_name(ask: Ask) -> None:
    assert "metrics.loss<0.1: 1 model" in ask("search", "loss:<0.1").err
    assert "takes : and != only" in ask("search", "loss:<low").err
    assert "takes : and != only" in ask("search", "optimizer:<3").err


def test_pictures_like_another_come_later(ask: Ask) -> None:
    done = ask("images", "x", "--like", "a.png")
    assert (done.code, len(done.err.splitlines())) == (2, 1)


def test_a_report_as_markdown_and_as_a_page(ask: Ask, tmp_path: Path) -> None:
    done = ask("report", "sgd", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert done.code == 0
    assert done.out.startswith("# ")
    assert "sgd.py:" in done.out
    page = tmp_path / "report.html"
    assert ask("report", "sgd", "-o", page).code == 0
    assert page.read_text().lstrip().lower().startswith("<!doctype html")
    assert ask("report", "sgd", "-o", tmp_path / "report.doc").code == 2
    assert ask("report", "sgd", "-o", tmp_path / "no" / "such" / "report.md").code == 2
    assert ask("report", "optimizer:lion").code == 1


# -- roots


def test_a_path_without_a_model_is_told(run: Ask, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing trained")
    done = run("index", tmp_path / "notes.txt", "--catalog", tmp_path / "c")
    assert done.code == 0 and "notes.txt: no model was found in it (modelsearch forget notes takes it out)" in done.err
    assert "no model" not in run("index", "--catalog", tmp_path / "c").err


def test_roots_and_forget(run: Ask, collection: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    (summary,) = run("index", collection / "v1", collection / "sgd.py", "--json", "--catalog", catalog).lines
    assert summary["models"] == summary["added"] == 2
    assert set(summary) == {"models", "added", "changed", "removed", "offline", "left_out", "seconds"}
    roots = run("roots", "--json", "--catalog", catalog).lines
    assert {root["path"] for root in roots} == {str(collection / "v1"), str(collection / "sgd.py")}
    assert run("forget", "v1", "--catalog", catalog).code == 0
    assert len(run("list", "--json", "--catalog", catalog).lines) == 1
    assert run("forget", "v1", "--catalog", catalog).code != 0


def test_a_second_run_changes_nothing(run: Ask, collection: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    run("index", collection, "--catalog", catalog)
    before = run("list", "--json", "--catalog", catalog).out
    (summary,) = run("index", "--json", "--catalog", catalog).lines
    assert (summary["added"], summary["changed"], summary["removed"]) == (0, 0, 0)
    assert run("list", "--json", "--catalog", catalog).out == before


def test_the_catalogue_comes_from_the_option_the_environment_or_the_configuration(
    run: Ask, catalogue: Path, tmp_path: Path
) -> None:
    count = lambda done: len(done.out.splitlines())  # noqa: E731
    assert count(run("--catalog", catalogue, "list")) == 4
    assert count(run("list", env={"MODELSEARCH_CATALOG": str(catalogue)})) == 4
    (tmp_path / "modelsearch").mkdir()
    (tmp_path / "modelsearch" / "config.toml").write_text(f'[catalog]\npath = "{catalogue}"\n[ui]\nsize = 3\n')
    done = run("list", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert count(done) == 4
    assert "ui.size: unknown entry" in done.err
    assert run("list", env={"MODELSEARCH_CATALOG": str(tmp_path / "other")}).code == 1


def test_doctor_says_what_is_there(ask: Ask) -> None:
    done = ask("doctor", "--json")
    (found,) = done.lines
    assert all(set(check) == {"name", "ok", "found", "advice"} for check in found)
    assert {"python", "duckdb", "vss", "embedder", "writer", "catalogue"} <= {check["name"] for check in found}
    assert done.code == (0 if all(check["ok"] for check in found if check["name"] not in ("git", "writer")) else 1)
