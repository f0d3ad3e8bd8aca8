"""Which model made which file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from core.analysis.facts import Place, WritePath
from core.artifacts.linking import Listed, Maker, assign, find_artefacts
from core.artifacts.records import Image as Picture


def listed(root: Path) -> list[Listed]:
    """All files of a folder as a scan sees them."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return [Listed(str(path), path.stat().st_size) for path in files]


def draw(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 4)).save(path)


def maker(root: Path, path: str, *templates: str, **more: object) -> Maker:
    """A model that writes these pictures, each template in a line of its own."""
    place = str(root / path)
    writes = tuple(WritePath(text, "image", Place(place, line, line)) for line, text in enumerate(templates, 10))
    return Maker(place, writes, **more)  # type: ignore[arg-type]


def pictures(root: Path, one: Maker, *others: Maker) -> dict[str, Picture]:
    found = find_artefacts(one, str(root), listed(root), others)
    return {os.path.relpath(image.path, root): image for image in found.images}


def test_pictures_under_the_folder_of_the_only_model(tmp_path: Path) -> None:
    draw(tmp_path, "a/output/samples_epoch_5.png", "b/output/samples_epoch_7.png")
    found = pictures(tmp_path, maker(tmp_path, "a/train.py"), maker(tmp_path, "b/train.py"))
    assert list(found) == ["a/output/samples_epoch_5.png"]
    image = found["a/output/samples_epoch_5.png"]
    assert (image.epoch, image.label, image.width, image.height, image.readable) == (5, "samples", 8, 4, True)
    assert image.why == "stands under the folder of train.py"


def test_what_the_code_says_it_writes_decides_between_two_models_in_a_folder(tmp_path: Path) -> None:
    draw(tmp_path, "out/gan_12.png", "out/grid-3.png")
    gan = maker(tmp_path, "first.py", "out/gan_{epoch}.png")
    vae = maker(tmp_path, "second.py", "./out/grid-{step:03d}.png")
    assert {name: (i.epoch, i.step) for name, i in pictures(tmp_path, gan, vae).items()} == {
        "out/gan_12.png": (12, None)
    }
    found = pictures(tmp_path, vae, gan)
    assert {name: (i.epoch, i.step) for name, i in found.items()} == {"out/grid-3.png": (None, 3)}
    assert found["out/grid-3.png"].why == "second.py:10 writes ./out/grid-{step:03d}.png"


def test_a_name_decides_where_no_write_path_does(tmp_path: Path) -> None:
    draw(tmp_path, "results/vae/epoch_1.png", "results/beta_vae/epoch_1.png", "results/other/epoch_1.png")
    vae, beta = maker(tmp_path, "train_vae.py"), maker(tmp_path, "train_beta_vae.py")
    assert list(pictures(tmp_path, vae, beta)) == ["results/vae/epoch_1.png"]
    assert list(pictures(tmp_path, beta, vae)) == ["results/beta_vae/epoch_1.png"]


def test_outputs_beside_the_folders_of_several_models_need_the_whole_name(tmp_path: Path) -> None:
    draw(tmp_path, "results/wgan/x.png", "logo/gan_logo.png", "results/b/c/y.png")
    models = [maker(tmp_path, path) for path in ("code/train_wgan.py", "code/gan_basics.py", "b/c/train.py")]
    found = [list(pictures(tmp_path, one, *(other for other in models if other is not one))) for one in models]
    assert found == [["results/wgan/x.png"], [], ["results/b/c/y.png"]]


def test_scripts_in_a_code_folder_own_the_outputs_beside_it(tmp_path: Path) -> None:
    draw(tmp_path, "results/epoch_2.png")
    assert list(pictures(tmp_path, maker(tmp_path, "src/train.py"))) == ["results/epoch_2.png"]


def test_a_script_is_run_from_the_folder_above_it(tmp_path: Path) -> None:
    draw(tmp_path, "shots/x_3.png", "other/y.png")
    one = maker(tmp_path, "deep/down/here/go.py", "shots/x_{epoch}.png")
    assert list(pictures(tmp_path, one, maker(tmp_path, "deep/other/go.py"))) == ["shots/x_3.png"]


def test_two_configs_of_one_script_are_told_apart_by_name(tmp_path: Path) -> None:
    draw(tmp_path, "runs/small/epoch_1.png", "runs/large/epoch_1.png")
    script = str(tmp_path / "train.py")
    write = (WritePath("runs/*/epoch_{epoch}.png", "image", Place(script, 3, 3)),)
    small = Maker(str(tmp_path / "configs/small.yaml"), write, script)
    large = Maker(str(tmp_path / "configs/large.yaml"), write, script)
    assert list(pictures(tmp_path, small, large)) == ["runs/small/epoch_1.png"]
    assert list(pictures(tmp_path, large, small)) == ["runs/large/epoch_1.png"]


def test_a_script_is_also_called_by_its_default_config(tmp_path: Path) -> None:
    draw(tmp_path, "runs/small/a.png", "runs/large/a.png")
    default = str(tmp_path / "configs/small.yaml")
    script = Maker(str(tmp_path / "train.py"), aliases=(default,))
    large = Maker(str(tmp_path / "configs/large.yaml"), script=script.path)
    assert list(pictures(tmp_path, script, large)) == ["runs/small/a.png"]
    assert list(pictures(tmp_path, large, script)) == ["runs/large/a.png"]


def test_pictures_come_in_the_order_of_their_epochs(tmp_path: Path) -> None:
    draw(tmp_path, "loss.png", "epoch_100.png", "epoch_20.png")
    assert list(pictures(tmp_path, maker(tmp_path, "train.py"))) == ["epoch_20.png", "epoch_100.png", "loss.png"]


def test_twins_that_write_the_same_file_both_have_it(tmp_path: Path) -> None:
    draw(tmp_path, "out/epoch_1.png")
    first, second = maker(tmp_path, "a.py", "out/epoch_{epoch}.png"), maker(tmp_path, "b.py", "out/epoch_{epoch}.png")
    assert "so does b.py" in pictures(tmp_path, first, second)["out/epoch_1.png"].why
    assert "so does a.py" in pictures(tmp_path, second, first)["out/epoch_1.png"].why


@pytest.mark.parametrize("folder", ["data/train", "dataset", "docs", "images/content-images"])
def test_what_was_given_to_a_model_is_not_its_output(tmp_path: Path, folder: str) -> None:
    draw(tmp_path, f"{folder}/cat.png")
    assert pictures(tmp_path, maker(tmp_path, "train.py")) == {}
    assert list(pictures(tmp_path, maker(tmp_path, "train.py", f"{folder}/{{label}}.png"))) == [f"{folder}/cat.png"]


def test_of_pictures_that_are_there_to_be_read_those_of_an_epoch_were_made_by_the_model(tmp_path: Path) -> None:
    draw(tmp_path, "assets/structure.png", "assets/results/epoch019_samples.png", "data/step_7.png")
    assert list(pictures(tmp_path, maker(tmp_path, "train.py"))) == ["assets/results/epoch019_samples.png"]


def test_a_folder_crowded_with_pictures_is_a_data_set(tmp_path: Path) -> None:
    names = [f"faces/{number:06d}.jpg" for number in range(500)]
    files = [Listed(str(tmp_path / name), 1) for name in names]
    assert assign(str(tmp_path), [maker(tmp_path, "train.py")], files) == {}
    timed = [Listed(str(tmp_path / f"out/epoch_{number}.png"), 1) for number in range(500)]
    assert len(assign(str(tmp_path), [maker(tmp_path, "train.py")], timed)[str(tmp_path / "train.py")]) == 500


@pytest.mark.parametrize(
    ("names", "epochs", "expected"),
    [
        (["400.png", "800.png"], 15, [(None, 400), (None, 800)]),
        (["400.png", "800.png"], None, [(None, 400), (None, 800)]),
        (["fake-1.png", "fake-2.png"], 15, [(1, None), (2, None)]),
        (["fake-1.png", "fake-2.png"], None, [(1, None), (2, None)]),
        (["fake-10.png", "fake-200.png"], 15, [(None, 10), (None, 200)]),
    ],
)
def test_bare_numbers_count_epochs_up_to_the_number_of_epochs(
    tmp_path: Path, names: list[str], epochs: int | None, expected: list[tuple[int | None, int | None]]
) -> None:
    draw(tmp_path, *names)
    found = pictures(tmp_path, maker(tmp_path, "train.py", epochs=epochs))
    assert [(image.epoch, image.step) for image in found.values()] == expected


def test_the_hole_of_a_write_path_says_what_a_bare_number_counts(tmp_path: Path) -> None:
    draw(tmp_path, "images/7.png", "images/Sneaker-8.png")
    one = maker(tmp_path, "train.py", "images/{step}.png", "images/{label}-{epoch}.png", epochs=10)
    found = pictures(tmp_path, one)
    assert (found["images/7.png"].epoch, found["images/7.png"].step) == (None, 7)
    assert (found["images/Sneaker-8.png"].epoch, found["images/Sneaker-8.png"].label) == (8, "Sneaker")


def test_a_stage_is_read_from_the_name(tmp_path: Path) -> None:
    draw(tmp_path, "autoencoder_reconstruction_e0020.png", "diffusion_samples_e0030.png")
    found = pictures(tmp_path, maker(tmp_path, "train.py", stages=("autoencoder", "diffusion")))
    assert [image.stage for image in found.values()] == ["autoencoder", "diffusion"]


def test_a_write_path_says_the_stage_of_what_it_matches(tmp_path: Path) -> None:
    draw(tmp_path, "codes_1.png", "other_1.png")
    where = str(tmp_path / "train.py")
    written = WritePath("codes_{epoch}.png", "image", Place(where, 3, 3), "autoencoder")
    found = pictures(tmp_path, Maker(where, (written,), stages=("autoencoder", "diffusion")))
    assert [image.stage for image in found.values()] == ["autoencoder", ""]


def test_series_of_one_name_are_told_apart_by_their_logs(tmp_path: Path) -> None:
    for name, value in (("autoencoder", 3), ("diffusion", 4)):
        (tmp_path / f"{name}_log.csv").write_text(f"epoch,loss\n1,{value}\n")
    found = find_artefacts(maker(tmp_path, "train.py"), str(tmp_path), listed(tmp_path))
    assert {metric.name: metric.value for metric in found.metrics} == {"autoencoder_loss": 3, "diffusion_loss": 4}


@pytest.mark.parametrize(
    ("logs", "told"),
    [
        (("metrics.csv", "train.csv"), [("loss", ""), ("loss", "train")]),
        (("log/history_val.csv", "log/history_train.csv"), [("loss", "train"), ("loss", "validation")]),
        (("a/val_log.csv", "b/log.csv"), [("a_loss", "validation"), ("b_loss", "")]),
    ],
)
def test_words_for_logs_and_splits_are_no_part_of_a_name(
    logs: tuple[str, ...], told: list[tuple[str, str]], tmp_path: Path
) -> None:
    for log in logs:
        (tmp_path / log).parent.mkdir(exist_ok=True)
        (tmp_path / log).write_text("epoch,loss\n1,2\n")
    found = find_artefacts(maker(tmp_path, "train.py"), str(tmp_path), listed(tmp_path))
    assert sorted((metric.name, metric.split) for metric in found.metrics) == told


def test_runs_that_a_number_tells_apart_log_one_metric(tmp_path: Path) -> None:
    for seed in range(3):
        (tmp_path / f"seed{seed}.csv").write_text(f"epoch,return\n1,{seed}\n")
    found = find_artefacts(maker(tmp_path, "train.py"), str(tmp_path), listed(tmp_path))
    assert sorted((metric.name, metric.value) for metric in found.metrics) == [("return", seed) for seed in range(3)]


def test_a_file_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    found = find_artefacts(maker(tmp_path, "train.py"), str(tmp_path), [Listed(str(tmp_path / "x.png"), 1)])
    assert found.images == () and "x.png" in found.warnings[0]


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    draw(tmp_path, "b_epoch_2.png", "a_epoch_1.png")
    files = listed(tmp_path)
    one = maker(tmp_path, "train.py")
    assert find_artefacts(one, str(tmp_path), files) == find_artefacts(one, str(tmp_path), files[::-1])


def test_hostile_templates_are_matched_in_bounded_time(tmp_path: Path) -> None:
    draw(tmp_path, "a" * 200 + ".png")
    one = maker(
        tmp_path, "x/train.py", "*a*a*a*a*a*b", "{a}{b}{c}{d}{e}{f}x", "***", "{", "[", "(?P<x>", "a{epoch}{epoch}.png"
    )
    other = maker(tmp_path, "y/train.py")
    assert pictures(tmp_path, one, other) == {}


def test_pictures_of_several_runs_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    names = [f"runs/{run}/samples_epoch_{epoch}.png" for run in ("beta_1", "beta_4") for epoch in (1, 2)]
    draw(tmp_path, *names, "runs/beta_4/codes.png")
    found = pictures(tmp_path, maker(tmp_path, "train.py"))
    labels = {path: image.label for path, image in found.items()}
    assert labels == {name: f"{name.split('/')[1]} samples" for name in names} | {"runs/beta_4/codes.png": "codes"}
