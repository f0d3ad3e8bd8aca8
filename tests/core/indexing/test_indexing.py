"""Indexing real folders: what is added, kept, changed, renamed and removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from core.catalog.first_screen import read_first_screen
from core.catalog.generations import DATABASE, current
from core.catalog.model import Model
from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.errors import BadInput, CatalogDamaged
from core.indexing import tasks
from core.indexing.run import forget, index
from core.progress import Step

SCRIPT = '''"""Train a small network."""
import torch
from torch import nn
from torchvision import datasets

BATCH = {batch}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 784))

    def forward(self, x):
        return self.layers(x)


def main():
    loader = torch.utils.data.DataLoader(datasets.{data}("data"), batch_size=BATCH, shuffle=True)
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr={rate})
    for epoch in range({epochs}):
        for x, _ in loader:
            loss = nn.functional.mse_loss(model(x.flatten(1)), x.flatten(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        torch.save(model.state_dict(), f"output/epoch_{{epoch}}.pt")


if __name__ == "__main__":
    main()
'''


def script(path: Path, batch: int = 64, rate: float = 1e-3, epochs: int = 5, data: str = "MNIST") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT.format(batch=batch, rate=rate, epochs=epochs, data=data))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "flowers"
    script(folder / "v1/train.py")
    script(folder / "v2/train.py", batch=128)
    script(folder / "digits.py", data="FashionMNIST")
    return folder


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return tmp_path / "catalogue"


def models(catalog: Path) -> list[Model]:
    reader = Reader.open(catalog)
    try:
        return reader.models()
    finally:
        reader.close()


def ids(catalog: Path) -> set[str]:
    return {model.id for model in models(catalog)}


def test_a_folder_becomes_models_with_facts_and_places(root: Path, catalog: Path) -> None:
    steps: list[Step] = []
    summary = index(catalog, [root], progress=steps.append)
    assert (summary.models, summary.added, summary.changed, summary.removed) == (3, 3, 0, 0)
    assert summary.problems == ()
    found = {model.id: model for model in models(catalog)}
    assert set(found) == {"flowers/v1/train", "flowers/v2/train", "flowers/digits"}
    second = found["flowers/v2/train"]
    assert second.values("batch_size") == (128,)
    assert second.path == str(root / "v2/train.py") and second.root == str(root)
    fact = next(fact for fact in second.facts if fact.field == "batch_size")
    assert fact.place.file == second.path and fact.place.line == 6
    assert second.dates.created_from == "file" and second.dates.commits is None
    assert second.size == (root / "v2/train.py").stat().st_size
    assert {step.stage for step in steps} >= {"scan", "analyse", "store"}


def test_a_run_that_changes_nothing_publishes_nothing(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    before, listed = current(catalog), models(catalog)
    summary = index(catalog)
    assert current(catalog) == before
    assert (summary.added, summary.changed, summary.removed) == (0, 0, 0)
    assert models(catalog) == listed


def test_no_source_is_kept_for_the_next_run(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    assert tasks._code.cache_info().currsize == tasks._others.cache_info().currsize == 0


def test_the_order_of_files_and_runs_does_not_matter(root: Path, catalog: Path, tmp_path: Path) -> None:
    index(catalog, [root / "v2"])
    forget(catalog, "v2")
    index(catalog, [root])
    other = tmp_path / "other"
    index(other, [root])
    assert models(catalog) == models(other)


def test_changes_additions_deletions(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    script(root / "v2/train.py", batch=256)
    script(root / "v3/train.py")
    (root / "digits.py").unlink()
    summary = index(catalog, [root])
    assert (summary.models, summary.added, summary.changed, summary.removed) == (3, 1, 1, 1)
    found = {model.id: model for model in models(catalog)}
    assert found["flowers/v2/train"].values("batch_size") == (256,)
    assert "flowers/digits" not in found


def test_a_changed_helper_changes_the_models_that_import_it(tmp_path: Path, catalog: Path) -> None:
    root = tmp_path / "flowers"
    path = script(root / "train.py")
    (root / "settings.py").write_text("BATCH_SIZE = 32\n")
    path.write_text("from settings import BATCH_SIZE\n" + path.read_text().replace("BATCH = 64", "BATCH = BATCH_SIZE"))
    index(catalog, [root])
    assert models(catalog)[0].values("batch_size") == (32,)
    (root / "settings.py").write_text("BATCH_SIZE = 48\n")
    summary = index(catalog)
    assert summary.changed == 1
    assert models(catalog)[0].values("batch_size") == (48,)


def test_a_change_within_one_tick_of_the_clock_is_seen(root: Path, catalog: Path) -> None:
    path = root / "digits.py"
    index(catalog, [root])
    stamp = path.stat().st_mtime_ns
    path.write_text(path.read_text().replace("BATCH = 64", "BATCH = 96"))
    os.utime(path, ns=(stamp, stamp))
    index(catalog)
    found = {model.id: model for model in models(catalog)}
    assert found["flowers/digits"].values("batch_size") == (96,)


def test_a_path_inside_a_root_refreshes_that_part_alone(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    script(root / "v1/train.py", batch=1)
    script(root / "v2/train.py", batch=2)
    index(catalog, [root / "v1"])
    found = {model.id: model.values("batch_size") for model in models(catalog)}
    assert found["flowers/v1/train"] == (1,) and found["flowers/v2/train"] == (128,)


def test_a_path_around_a_root_asks_to_forget_it(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    with pytest.raises(BadInput, match="forget"):
        index(catalog, [root.parent])


def test_bad_paths_are_one_line(catalog: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        index(catalog, [tmp_path / "none"])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="neither"):
        index(catalog, [tmp_path / "pipe"])
    assert Reader.open(catalog).ids() == ()


def test_a_file_is_a_root_of_one_file(root: Path, catalog: Path) -> None:
    index(catalog, [root / "digits.py"])
    assert ids(catalog) == {"digits"}


def test_roots_of_one_name_get_different_labels_that_stay(tmp_path: Path, catalog: Path) -> None:
    for parent in ("a", "b"):
        script(tmp_path / parent / "examples/train.py")
    index(catalog, [tmp_path / "a/examples", tmp_path / "b/examples"])
    assert ids(catalog) == {"examples/train", "b.examples/train"}
    forget(catalog, "examples")
    shutil.rmtree(tmp_path / "a")
    index(catalog)
    assert ids(catalog) == {"b.examples/train"}


def test_models_that_share_a_stem_keep_their_suffixes(tmp_path: Path, catalog: Path) -> None:
    root = tmp_path / "x"
    path = script(root / "train.py")
    index(catalog, [root])
    user = UserFile(catalog)
    user.note("x/train", "mine")
    notebook = (
        '{"cells": [{"cell_type": "code", "source": %s, "metadata": {}, "outputs": []}], "metadata": {}, "nbformat": 4}'
    )
    import json

    (root / "train.ipynb").write_text(notebook % json.dumps(path.read_text()))
    index(catalog)
    assert ids(catalog) == {"x/train.py", "x/train.ipynb"}
    assert user.notes("x/train.py") == ["mine"]


def test_a_root_that_is_away_keeps_its_models_and_says_so(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    root.rename(root.with_name("away"))
    summary = index(catalog)
    assert (summary.models, summary.offline, summary.removed) == (3, 3, 0)
    assert all(model.offline for model in models(catalog))
    assert Reader.open(catalog).roots()[0].offline
    root.with_name("away").rename(root)
    assert index(catalog).offline == 0
    assert not any(model.offline for model in models(catalog))


def test_notes_follow_a_renamed_file_and_survive_a_rebuild(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    user = UserFile(catalog)
    user.note("flowers/v2/train", "the good one")
    user.tag("flowers/digits", "old")
    (root / "v2").rename(root / "best")
    index(catalog)
    assert user.notes("flowers/best/train") == ["the good one"]
    for path in catalog.iterdir():
        if path.name != "user.jsonl":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (root / "digits.py").rename(root / "numbers.py")
    index(catalog)
    assert ids(catalog) == {"flowers/v1/train", "flowers/best/train", "flowers/numbers"}
    assert user.notes("flowers/best/train") == ["the good one"]
    assert user.tags("flowers/numbers") == ["old"]


def test_forget_takes_a_root_out_and_leaves_the_notes(root: Path, catalog: Path, tmp_path: Path) -> None:
    script(tmp_path / "other/train.py")
    index(catalog, [root, tmp_path / "other"])
    UserFile(catalog).note("flowers/digits", "mine")
    forgotten = forget(catalog, str(root))
    assert (forgotten.label, forgotten.models) == ("flowers", 3)
    assert ids(catalog) == {"other/train"}
    assert UserFile(catalog).notes("flowers/digits") == ["mine"]
    with pytest.raises(BadInput, match="no root"):
        forget(catalog, "flowers")
    index(catalog)
    assert ids(catalog) == {"other/train"}


@pytest.mark.parametrize("damage", ["database", "gone", "pointer", "text"])
def test_a_damaged_catalogue_says_how_to_rebuild_and_is_rebuilt(root: Path, catalog: Path, damage: str) -> None:
    index(catalog, [root])
    UserFile(catalog).note("flowers/digits", "mine")
    folder = current(catalog)
    assert folder is not None
    if damage == "database":
        (folder / DATABASE).write_bytes(b"not a database" * 1000)
    elif damage == "gone":
        shutil.rmtree(folder)
    elif damage == "pointer":
        (catalog / "CURRENT").write_text("nonsense")
    else:
        (folder / DATABASE).write_bytes((folder / DATABASE).read_bytes()[:20000])
    with pytest.raises(CatalogDamaged) as caught:
        Reader.open(catalog).models()
    assert "modelsearch index" in str(caught.value) and "\n" not in str(caught.value)
    summary = index(catalog)
    assert summary.models == 3
    assert ids(catalog) == {"flowers/v1/train", "flowers/v2/train", "flowers/digits"}
    assert UserFile(catalog).notes("flowers/digits") == ["mine"]


def test_a_catalogue_of_another_version_is_made_anew(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    folder = current(catalog)
    assert folder is not None
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    with pytest.raises(CatalogDamaged, match="another version"):
        Reader.open(catalog)
    assert index(catalog).models == 3


def test_near_identical_models_are_said_to_be(root: Path, catalog: Path) -> None:
    (root / "quite_different.py").write_text(
        (root / "digits.py").read_text().replace("Linear", "Conv2d") + "\nprint('x')\n" * 200
    )
    index(catalog, [root])
    reader = Reader.open(catalog)
    assert "flowers/v2/train" in reader.similar("flowers/v1/train")
    assert reader.similar("flowers/none") == []


def test_first_screen_is_the_empty_question(root: Path, catalog: Path) -> None:
    assert read_first_screen(catalog) is None
    index(catalog, [root])
    first = read_first_screen(catalog)
    assert first is not None and first.total == 3
    reader = Reader.open(catalog)
    assert list(first.rows) == reader.rows(reader.ids())


def test_first_screen_needs_neither_duckdb_nor_numpy(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    code = (
        "import modelsearch, sys; from pathlib import Path\n"
        "from core.catalog.first_screen import read_first_screen\n"
        "assert read_first_screen(Path(sys.argv[1])).total == 3\n"
        "assert not {'duckdb', 'numpy', 'tantivy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(catalog)], check=True, cwd=Path(__file__).parents[3])


def test_hostile_names_and_files_cost_nothing_but_themselves(root: Path, catalog: Path) -> None:
    names = ["new\nline.py", "esc\x1b[31m.py", "[bold]x.py", "with 'quotes' \"too\".py"]
    for name in names:
        script(root / name)
    (root / "broken.py").write_text("def (:\n")
    (root / "latin.py").write_bytes("# caf\xe9\nimport torch\n".encode("latin-1"))
    (root / "nul.py").write_bytes(b"import torch\x00\n")
    (root / "broken.ipynb").write_text('{"cells": [')
    (root / "bomb.yaml").write_text("a: &a [x, x]\nb: !!python/object/apply:os.system ['touch ran']\n")
    (root / "loop").symlink_to(root)
    (root / "empty.py").write_text("")
    (root / "model.pkl").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    summary = index(catalog, [root])
    assert {f"flowers/{name.removesuffix('.py')}" for name in names} <= ids(catalog)
    assert all("\n" not in problem for problem in summary.problems)
    assert not (root / "ran").exists() and not Path("ran").exists()


def test_code_of_which_nothing_can_be_read_is_a_line(root: Path, catalog: Path) -> None:
    """Once, when it is read: a notebook that was cut is looked for in vain, and nothing else would say why."""
    (root / "cut.ipynb").write_text('{"cells": [')
    (root / "empty.ipynb").write_text("")
    (root / "half.py").write_text("import torch\ndef (:\n")
    (told,) = index(catalog, [root]).problems
    assert "cut.ipynb:1: broken notebook" in told
    assert index(catalog).problems == ()


def test_a_file_that_cannot_be_read_is_a_line(root: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.open

    def opening(self: Path, *args: object, **words: object) -> object:
        if self.name == "digits.py":
            raise PermissionError(13, "Permission denied")
        return original(self, *args, **words)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", opening)
    summary = index(catalog, [root])
    assert ids(catalog) == {"flowers/v1/train", "flowers/v2/train"}
    assert [line for line in summary.problems if "digits.py" in line and "Permission denied" in line]
    assert summary.left_out == 1


def test_a_stopped_run_keeps_what_it_did_and_is_completed_by_the_next(root: Path, catalog: Path) -> None:
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 8

    index(catalog, [root], stop=stop)
    Reader.open(catalog).models()
    assert index(catalog).models == 3
    fresh = catalog.with_name("fresh")
    index(fresh, [root])
    assert models(catalog) == models(fresh)


def test_files_that_came_in_a_stopped_run_are_found_by_the_next(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    script(root / "late.py", batch=9)
    scanned = False

    def progress(step: Step) -> None:
        nonlocal scanned
        scanned = scanned or (step.stage == "scan" and step.done > 0)

    index(catalog, progress=progress, stop=lambda: scanned)
    assert "flowers/late" not in ids(catalog)
    assert index(catalog).added == 1
    assert "flowers/late" in ids(catalog)


def test_a_file_that_vanished_outside_the_part_that_is_refreshed(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    (root / "v2/train.py").unlink()
    script(root / "v1/train.py", batch=11)
    assert index(catalog, [root / "v1"]).models == 3
    assert index(catalog).removed == 1


@pytest.mark.parametrize("stamp", [-(10**9), 0, 2**33, 10**12])
def test_a_file_may_claim_any_date(tmp_path: Path, catalog: Path, stamp: int) -> None:
    path = script(tmp_path / "x/train.py")
    try:
        os.utime(path, (stamp, stamp))
    except OSError:
        pytest.skip("this file system has no such date")
    index(catalog, [tmp_path / "x"])
    assert ids(catalog) == {"x/train"}


class Embedder:
    """Vectors that depend on the text alone; counts what it was asked."""

    dimensions = 384

    def __init__(self, name: str = "fake") -> None:
        self.name, self.texts = name, 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        made = np.array([np.random.default_rng(abs(hash((self.name, t))) % 2**32).normal(size=384) for t in texts])
        return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_vectors_are_made_once_for_each_text_and_carried_over(root: Path, catalog: Path) -> None:
    embedder = Embedder()
    index(catalog, [root], embedder=lambda: embedder)
    first = embedder.texts
    assert first > 0
    index(catalog, embedder=lambda: embedder)
    assert embedder.texts == first
    script(root / "a_new_one.py", batch=7)
    index(catalog, embedder=lambda: embedder)
    assert first < embedder.texts < 2 * first
    reader = Reader.open(catalog)
    rows = reader.query("SELECT number, text, embedding FROM passage ORDER BY number")
    assert len(rows) == len(reader.vectors) and reader.meta["embedder"] == "fake"
    for number, text, vector in rows:
        expected = embedder.embed([text])[0]
        assert np.array_equal(np.array(vector, dtype=np.float32), expected)
        assert np.array_equal(reader.vectors[number], expected)


def test_another_embedder_embeds_everything_again(root: Path, catalog: Path) -> None:
    index(catalog, [root], embedder=lambda: Embedder("one"))
    other = Embedder("two")
    index(catalog, embedder=lambda: other)
    reader = Reader.open(catalog)
    assert reader.meta["embedder"] == "two"
    for number, text in reader.query("SELECT number, text FROM passage"):
        assert np.array_equal(reader.vectors[number], other.embed([text])[0])


def test_an_embedder_that_fails_costs_only_the_meaning(root: Path, catalog: Path) -> None:
    def broken() -> Embedder:
        raise RuntimeError("no weights\nhere")

    summary = index(catalog, [root], embedder=broken)
    assert summary.models == 3
    assert summary.problems == ("not searchable by meaning yet: no weights here",)


def test_readers_read_on_while_generations_move(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    reader = Reader.open(catalog)
    listed = reader.models()
    for batch in range(3):
        script(root / "digits.py", batch=200 + batch)
        index(catalog)
        assert reader.models() == listed
    newer = reader.newest()
    assert newer is not reader and newer.models() != listed
    assert newer.newest() is newer
    newer.close()
    assert reader.models() == listed


def test_readers_in_other_threads_always_see_one_whole_generation(root: Path, catalog: Path) -> None:
    index(catalog, [root])
    seen: list[tuple[int, ...]] = []
    failed: list[BaseException] = []
    ended = threading.Event()

    def read() -> None:
        reader = Reader.open(catalog)
        try:
            while not ended.is_set():
                reader = reader.newest()
                batch = {value for model in reader.models() for value in model.values("batch_size")}
                seen.append((len(reader.ids()), len(batch)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for batch in range(4):
        for name in ("v1/train.py", "v2/train.py", "digits.py"):
            script(root / name, batch=300 + batch)
        index(catalog)
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(seen) <= {(3, 2), (3, 1)}


def test_artefacts_are_linked_and_follow_their_files(root: Path, catalog: Path) -> None:
    from PIL import Image

    (root / "v1/output").mkdir()
    for epoch in (1, 2):
        Image.new("RGB", (8, 8), (epoch, 0, 0)).save(root / f"v1/output/samples_epoch_{epoch}.png")
    index(catalog, [root])
    found = Reader.open(catalog).artefacts("flowers/v1/train")
    assert [image.epoch for image in found.images] == [1, 2]
    before = current(catalog)
    index(catalog)
    assert current(catalog) == before
    (root / "v1/output/samples_epoch_2.png").unlink()
    index(catalog)
    assert [image.epoch for image in Reader.open(catalog).artefacts("flowers/v1/train").images] == [1]


def test_dates_come_from_git_and_uncommitted_changes_from_the_file(root: Path, catalog: Path) -> None:
    def git(*words: str) -> None:
        env = {
            **os.environ,
            "GIT_AUTHOR_DATE": "2025-03-01T23:30:00-08:00",
            "GIT_COMMITTER_DATE": "2025-03-01T23:30:00-08:00",
        }
        named = ["-c", "user.name=Ada", "-c", "user.email=a@example.invalid"]
        subprocess.run(["git", "-C", str(root), *named, *words], check=True, capture_output=True, env=env)

    git("init", "-q")
    git("add", "v1", "v2")
    git("commit", "-q", "-m", "first")
    index(catalog, [root])
    found = {model.id: model.dates for model in models(catalog)}
    dates = found["flowers/v1/train"]
    assert (dates.created, dates.created_from, dates.modified_from) == ("2025-03-01T23:30:00-08:00", "git", "git")
    assert (dates.author, dates.commits) == ("Ada", 1)
    assert found["flowers/digits"].created_from == "file" and found["flowers/digits"].author is None
    script(root / "v1/train.py", batch=3)
    git("add", "digits.py")
    git("commit", "-q", "-m", "second")
    assert index(catalog).changed == 2
    found = {model.id: model.dates for model in models(catalog)}
    assert (found["flowers/v1/train"].created_from, found["flowers/v1/train"].modified_from) == ("git", "file")
    assert found["flowers/digits"].created_from == "git"
    days = dict(Reader.open(catalog).query("SELECT id, created_day::VARCHAR FROM model"))
    assert days["flowers/v2/train"] == "2025-03-01"


def test_without_git_or_with_a_broken_repository_the_file_dates_hold_and_it_is_said(
    root: Path, catalog: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    assert index(catalog, [root]).problems == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    summary = index(catalog)
    assert summary.models == 3 and ["git cannot be run" in line for line in summary.problems] == [True]
    assert {model.dates.created_from for model in models(catalog)} == {"file"}


def test_a_folder_without_models_and_an_empty_one(tmp_path: Path, catalog: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/notes.md").write_text("# nothing here")
    summary = index(catalog, [tmp_path / "empty", tmp_path / "other"])
    assert summary.models == 0 and ids(catalog) == set()
    assert [root.label for root in Reader.open(catalog).roots()] == ["empty", "other"]
    first = read_first_screen(catalog)
    assert first is not None and first.total == 0
