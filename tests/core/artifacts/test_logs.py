"""Series out of the logs that training leaves."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.artifacts.logs import read_log

Points = tuple[tuple[float, float], ...]


def read(tmp_path: Path, name: str, data: str | bytes) -> dict[tuple[str, str, str], Points]:
    """Points by name, split and unit."""
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return {(told.name, told.split, told.unit): told.points for told in read_log(str(path))}


def test_csv_with_epochs(tmp_path: Path) -> None:
    found = read(tmp_path, "metrics.csv", "epoch,train_loss,val_loss,lr\n1,0.5,0.6,0.1\n2,0.25,,0.05\n")
    assert found[("loss", "train", "epoch")] == ((1, 0.5), (2, 0.25))
    assert found[("loss", "validation", "epoch")] == ((1, 0.6),)
    assert found[("lr", "", "epoch")] == ((1, 0.1), (2, 0.05))


def test_the_last_value_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("step;loss\n10;3\n20;2\n30;1.5\n")
    (told,) = read_log(str(tmp_path / "a.csv"))
    assert (told.unit, told.points[-1], told.last.line) == ("step", (30, 1.5), 4)


def test_csv_of_lightning_tells_epoch_and_step(tmp_path: Path) -> None:
    text = "epoch,step,train_loss,val_acc\n0,49,0.9,\n0,99,0.8,\n0,99,,0.5\n1,149,0.7,\n1,199,,0.6\n"
    found = read(tmp_path, "metrics.csv", text)
    assert found[("loss", "train", "step")] == ((49, 0.9), (99, 0.8), (149, 0.7))
    assert found[("acc", "validation", "epoch")] == ((0, 0.5), (1, 0.6))


def test_csv_with_a_column_for_the_split(tmp_path: Path) -> None:
    found = read(tmp_path, "log.csv", "epoch,phase,loss\n1,train,3\n1,val,4\n2,train,2\n2,val,3\n")
    assert found == {("loss", "train", "epoch"): ((1, 3), (2, 2)), ("loss", "validation", "epoch"): ((1, 4), (2, 3))}


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2\n", "sepal,petal,species\n1,2,setosa\n", "epoch,note\n1,fine\n", "epoch\n1\n", "loss,acc\n1,2\n"],
)
def test_tables_that_are_no_logs(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "iris.csv", text) == {}


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"epoch": n, "loss_d": 1 / n, "val": {"acc": n / 10}, "time": 3} for n in (1, 2)]
    found = read(tmp_path, "log.jsonl", "\n".join(map(json.dumps, rows)) + "\nnot json\n{broken\n")
    assert found == {
        ("loss_d", "", "epoch"): ((1, 1.0), (2, 0.5)),
        ("acc", "validation", "epoch"): ((1, 0.1), (2, 0.2)),
    }


def test_a_history_of_keras(tmp_path: Path) -> None:
    found = read(tmp_path, "history.json", json.dumps({"loss": [3, 2], "val_accuracy": [0.5, 0.75]}, indent=1))
    assert found == {
        ("loss", "", "epoch"): ((1, 3), (2, 2)),
        ("accuracy", "validation", "epoch"): ((1, 0.5), (2, 0.75)),
    }


def test_the_state_of_a_trainer(tmp_path: Path) -> None:
    history = [
        {"epoch": 0.5, "step": 10, "loss": 2.0},
        {"epoch": 1.0, "step": 20, "loss": 1.0},
        {"epoch": 1.0, "step": 20, "eval_loss": 1.5},
    ]
    found = read(tmp_path, "trainer_state.json", json.dumps({"best_metric": None, "log_history": history}))
    assert found == {("loss", "", "epoch"): ((0.5, 2.0), (1.0, 1.0)), ("loss", "validation", "epoch"): ((1.0, 1.5),)}


def test_a_list_of_rows_without_a_clock(tmp_path: Path) -> None:
    found = read(tmp_path, "history.json", json.dumps([{"loss": 3}, {"loss": 2}]))
    assert found == {("loss", "", "epoch"): ((0, 3), (1, 2))}


@pytest.mark.parametrize(
    "value",
    [{"lr": 0.1, "layers": [1, 2]}, [1, 2, 3], {"a": {"b": [{"c": "d"}]}}, "text", None, {"images": [{"id": 3}]}],
)
def test_json_that_is_no_log(tmp_path: Path, value: object) -> None:
    assert read(tmp_path, "config.json", json.dumps(value)) == {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Epoch 3 loss 0.12 val_acc 0.9", {("loss", ""): (3, 0.12), ("acc", "validation"): (3, 0.9)}),
        (
            "Epoch [3/20], Train Loss: 0.12, Val Loss: 0.2",
            {("loss", "train"): (3, 0.12), ("loss", "validation"): (3, 0.2)},
        ),
        ("Epoch 3/20 train_loss: 0.12 test_acc: 0.9833", {("loss", "train"): (3, 0.12), ("acc", "test"): (3, 0.9833)}),
        ("epoch=3 | loss=1.5e-3 | psnr=20.1", {("loss", ""): (3, 1.5e-3), ("psnr", ""): (3, 20.1)}),
        (
            "[3/25][100/938] Loss_D: 0.5 Loss_G: 1.25 D(x): 0.75",
            {("loss_d", ""): (3, 0.5), ("loss_g", ""): (3, 1.25), ("D(x)", ""): (3, 0.75)},
        ),
        ("Train Epoch: 3 [640/60000 (1%)]\tLoss: 0.25", {("loss", "train"): (3, 0.25)}),
        ("====> Epoch: 3 Average loss: 104.5", {("average_loss", ""): (3, 104.5)}),
        ("epoch 3: accuracy 98.5%", {("accuracy", ""): (3, 0.985)}),
        ("2025-01-02 10:11:12,345 INFO epoch 3 - loss: 0.5 - time: 12.5s", {("loss", ""): (3, 0.5)}),
        ("\x1b[32mEpoch 3\x1b[0m loss: 0.5", {("loss", ""): (3, 0.5)}),
        ("epoch 3 loss nan acc 0.5", {("acc", ""): (3, 0.5)}),
    ],
)
def test_printed_lines(tmp_path: Path, line: str, expected: dict[tuple[str, str], tuple[float, float]]) -> None:
    found = read(tmp_path, "train.log", f"Using cuda, lr: 0.1\n{line}\n")
    assert {(name, split): points[-1] for (name, split, _), points in found.items()} == expected
    assert {unit for _, _, unit in found} == {"epoch"}


def test_printed_steps(tmp_path: Path) -> None:
    found = read(tmp_path, "train.log", "step 100: loss 2.5\nstep 200: loss 1.5\n")
    assert found == {("loss", "", "step"): ((100, 2.5), (200, 1.5))}


def test_progress_of_keras_carries_its_epoch(tmp_path: Path) -> None:
    first = "Epoch 1/2\n1/9 [>....] - ETA: 3s - loss: 0.9\r9/9 [====] - 3s 2ms/step - loss: 0.5 - val_loss: 0.75\n"
    text = first + "Epoch 2/2\n9/9 [====] - loss: 0.25 - val_loss: 0.5\n"
    found = read(tmp_path, "out.txt", text)
    assert found[("loss", "", "epoch")] == ((1, 0.5), (2, 0.25))
    assert found[("loss", "validation", "epoch")] == ((1, 0.75), (2, 0.5))


@pytest.mark.parametrize(
    "text", ["", "torch>=2\nnumpy==1.2\n", "This step 1 is: done. Score nothing.\n", "the loss of the war in 1918\n"]
)
def test_text_that_is_no_log(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "requirements.txt", text) == {}


def event(step: int, tag: str, value: float) -> bytes:
    """One TFRecord with a scalar, as TensorBoard's writers lay it out (checksums are not looked at)."""
    inner = b"\x0a" + bytes([len(tag)]) + tag.encode() + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(inner)]) + inner
    data = b"\x09" + bytes(8) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary
    return struct.pack("<Q", len(data)) + bytes(4) + data + bytes(4)


def test_events_of_tensorboard_and_a_cut_end(tmp_path: Path) -> None:
    data = event(1, "Loss/train", 0.5) + event(2, "Loss/train", 0.25) + event(2, "Loss/val", 1.0)
    name = "events.out.tfevents.1700000000.host"
    whole = read(tmp_path, name, data)
    assert whole == {("loss", "train", "step"): ((1, 0.5), (2, 0.25)), ("loss", "validation", "step"): ((2, 1.0),)}
    assert read(tmp_path, name, data[:-7]) == {("loss", "train", "step"): ((1, 0.5), (2, 0.25))}


def test_a_record_that_is_a_picture_is_passed_over(tmp_path: Path) -> None:
    large = struct.pack("<Q", 2 << 20) + bytes(4) + bytes(2 << 20) + bytes(4)
    found = read(tmp_path, "events.out.tfevents.1.h", large + event(3, "acc", 0.5))
    assert found == {("acc", "", "step"): ((3, 0.5),)}


def test_what_a_notebook_printed(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["epoch 1 loss 0.5\n", "epoch 2 loss 0.25\n"]}
    cells = [{"cell_type": "markdown", "source": []}, {"cell_type": "code", "source": [], "outputs": [output]}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    (told,) = read_log(str(tmp_path / "a.ipynb"))
    assert (told.name, told.points, told.last.cell) == ("loss", ((1, 0.5), (2, 0.25)), 1)


def test_long_series_are_thinned_and_end_where_they_ended(tmp_path: Path) -> None:
    text = "step,loss\n" + "".join(f"{n},{n}\n" for n in range(40_000))
    ((_, points),) = read(tmp_path, "a.csv", text).items()
    assert len(points) <= 5_003 and points[-1] == (39_999, 39_999)


def test_a_thinned_series_keeps_its_best(tmp_path: Path) -> None:
    text = "step,loss\n" + "".join(f"{n},{1 if n == 20_001 else 2 + n % 3}\n" for n in range(40_000))
    ((_, points),) = read(tmp_path, "a.csv", text).items()
    assert min(points, key=lambda point: point[1]) == (20_001, 1)


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.csv", "{n},{n}"), ("a.log", "step {n} loss {n} " + "x" * 60), ("a.jsonl", '{{"step": {n}, "loss": {n}}}')],
)
def test_a_long_log_is_read_to_its_end(tmp_path: Path, name: str, line: str) -> None:
    header, count = ("step,loss\n" if name == "a.csv" else ""), 300_000
    (tmp_path / name).write_text(header + "".join(line.format(n=n) + "\n" for n in range(1, count + 1)))
    (told,) = read_log(str(tmp_path / name))
    assert (told.name, told.points[-1]) == ("loss", (count, count))
    assert told.last.line == count + header.count("\n")
    steps = [step for step, _ in told.points]
    assert steps[0] == 1 and any(count * 0.4 < step < count * 0.6 for step in steps)


def test_a_large_table_that_is_no_log_is_left_alone(tmp_path: Path) -> None:
    assert read(tmp_path, "data.csv", "width,loss\n" + "1,2\n" * 3_000_000) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    name=st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.log", "events.out.tfevents.1", "a.ipynb"]),
    data=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(str.encode),
        st.text('epoch los:=.,0123456789\n[]{}"/%-e', max_size=300).map(str.encode),
    ),
)
def test_any_bytes_are_read(tmp_path: Path, name: str, data: bytes) -> None:
    read(tmp_path, name, data)


HOSTILE = [
    "epoch 1 " + "a " * 5000,
    "epoch 1 " + "loss:" * 5000,
    "epoch 1 " + "1" * 99_999,
    "[" * 99_999,
    "a-" * 50_000,
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_lines_end(tmp_path: Path, number: int) -> None:
    read(tmp_path, "a.log", (HOSTILE[number] + "\n") * 200)
