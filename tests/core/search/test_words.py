"""Dates and numbers in words, completion, pictures."""

from __future__ import annotations

from datetime import date

import pytest

from core.catalog.reading import Reader
from core.catalog.user import UserFile
from core.search.answering import answer
from core.search.completion import complete
from core.search.dates import Clock, read_between, read_date
from core.search.misspelt import ByLength
from core.search.numbers import read_number
from core.search.pictures import pictures
from tests.core.search.made import WordEmbedder

CLOCK = Clock(date(2025, 6, 18), lambda month: 2024 if month == 4 else None)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2025", "2025"),
        ("March 2025", "2025-03"),
        ("mar 2025", "2025-03"),
        ("2025-03-01", "2025-03-01"),
        ("March 15, 2025", "2025-03-15"),
        ("the 2nd of February 2025", "2025-02-02"),
        ("april", "2024-04"),
        ("may", "2025-05"),
        ("july", "2024-07"),
        ("first quarter of 2025", "2025-01-01..2025-03-31"),
        ("q4 2024", "2024-10-01..2024-12-31"),
        ("second half of 2024", "2024-07-01..2024-12-31"),
        ("summer of 2024", "2024-06-01..2024-08-31"),
        ("last spring", "2025-03-01..2025-05-31"),
        ("last autumn", "2024-09-01..2024-11-30"),
        ("this summer", "2025-06-01..2025-08-31"),
        ("last winter", "2024-12-01..2025-02-28"),
        ("the spring", "2024-03-01..2024-05-31"),
        ("the week of May 28, 2025", "2025-05-26..2025-06-01"),
        ("week of May 2025", None),
        ("five years ago", "2020-06-18"),
        ("yesterday", "2025-06-17"),
        ("last week", "2025-06-09..2025-06-15"),
        ("last month", "2025-05"),
        ("this year", "2025"),
        ("the past two weeks", "2025-06-04..2025-06-18"),
        ("last 7 days", "2025-06-11..2025-06-18"),
        ("3 months ago", "2025-03-18"),
        ("31 February 2025", None),
        ("2025-13", None),
        ("soon", None),
    ],
)
def test_a_date_is_read(text: str, span: str | None) -> None:
    found = read_date(text, CLOCK)
    assert (str(found) if found else None) == span


def test_a_month_without_a_year_says_which_is_meant() -> None:
    found = read_date("april", CLOCK)
    assert found and found.note == "April 2024"


def test_a_year_said_once_holds_for_both_ends() -> None:
    assert str(read_between("January", "March 2025", CLOCK)) == "2025-01-01..2025-03-31"
    assert read_between("soon", "March 2025", CLOCK) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e-4", 1e-4),
        ("10k", 10_000),
        ("20M", 20_000_000),
        ("1,000", 1000),
        (".5", 0.5),
        ("two", 2),
        ("2^10", 1024),
        ("10^-3", 1e-3),
        ("50%", 0.5),
        ("abc", None),
        ("1e999", None),
        ("1,00", None),
        ("e5", None),
        ("", None),
    ],
)
def test_a_number_is_read(text: str, number: float | None) -> None:
    assert read_number(text) == number


def test_a_size_is_read() -> None:
    assert read_number("10 MB", size=True) == 10_000_000
    assert read_number("1KiB", size=True) == 1024


def test_fields_and_values_are_completed_with_counts(reader: Reader, user: UserFile) -> None:
    fields = {each.text: each for each in complete("opti", 4, reader, user)}
    assert fields["optimizer:"].count == 9 and (fields["optimizer:"].start, fields["optimizer:"].stop) == (0, 4)
    values = complete("lr<1 optimizer:ad", 17, reader, user)
    assert [(each.text, each.count) for each in values[:2]] == [("Adam", 4), ("AdamW", 1)]
    assert values[0].start == 15
    assert any(each.text == "architecture:VAE" for each in complete("va", 2, reader, user))
    assert complete("GAN", 3, reader, user)[0].text == "architecture:GAN"
    assert [each.text for each in complete("dataset:mnist,cif", 17, reader, user)] == ["CIFAR-10"]
    assert any(each.text == "buffer_size:" for each in complete("buf", 3, reader, user))
    assert complete("sort:-ep", 8, reader, user)[0].text == "-epochs"
    assert complete("", 0, reader, user) == []
    assert "rank:" in [each.text for each in complete("ra", 2, reader, user)]
    assert complete("sort:-lr rank:", 14, reader, user) == []
    assert "rank" not in [each.text for each in complete("sort:ra", 7, reader, user)]


def test_what_is_counted_is_completed(reader: Reader, user: UserFile) -> None:
    assert "count." in [each.text for each in complete("cou", 3, reader, user)]
    (field,) = complete("count.datas", 11, reader, user)
    assert (field.text, field.start, field.stop) == ("count.datasets:", 0, 11)
    assert complete("count.tag", 9, reader, user) == complete("count.lim", 9, reader, user) == []
    assert [each.text for each in complete("count.datasets:", 15, reader, user)][:1] == ["1"]


def test_values_are_counted_in_what_the_rest_of_the_line_leaves(reader: Reader, user: UserFile) -> None:
    def counts(line: str, cursor: int | None = None) -> dict[str, int | None]:
        return {each.text: each.count for each in complete(line, cursor or len(line), reader, user)}

    assert counts("dataset:")["CIFAR-10"] == 1
    assert counts("arch:autoencoder dataset:") == {"MNIST": 2, "Fashion-MNIST": 1}
    assert counts("dataset: opt:adamw", 8) == {"Fashion-MNIST": 1}
    assert "CIFAR-10" in counts("arch:autoencoder OR dataset:")
    assert counts("arch:ppo dataset:")["MNIST"] == 2  # none of them has one: those of the collection


@pytest.mark.parametrize(
    ("question", "files"),
    [
        ("show the samples of the digit autoencoder v1 at epoch 10", ["samples_epoch_010.png"]),
        ("images of lab/digits/ae/v1/train at epoch 10", ["recon_epoch_010.png", "samples_epoch_010.png"]),
        ("latest samples of lab/digits/ae/v1/train", ["samples_epoch_010.png"]),
        ("Sneaker pictures of the clothes model", ["sample_class_Sneaker_epoch_10.png"]),
        ("images of the clothes model at epoch 20", []),
        ("lab/faces/dcgan", []),
    ],
)
def test_pictures_are_found(question: str, files: list[str], reader: Reader) -> None:
    found = pictures(question, reader, WordEmbedder, None)
    assert [hit.image.path.rsplit("/", 1)[1] for hit in found] == files


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("samples of lab/digits/ae/v1/train at epoch 700", "without image.epoch:700: 2 pictures"),
        ("interpolations of lab/digits/ae/v1/train at epoch 700", "without image.epoch:700 and image.label:interpol: "),
        ("pictures of lab/faces/dcgan", "none of them has a picture"),
    ],
)
def test_where_no_picture_is_as_wished_the_part_to_drop_is_told(question: str, hint: str, reader: Reader) -> None:
    found = answer(question, reader, WordEmbedder, None)
    assert found.ids and not found.pictures
    assert found.hint is not None and found.hint.startswith(hint)


def test_an_epoch_narrows_pictures(reader: Reader) -> None:
    assert len(pictures("lab/digits/ae/v1/train", reader, WordEmbedder, None, epoch=5)) == 1


def test_names_about_as_long_keep_their_order() -> None:
    names = ByLength(["adam", "adamw", "sgd", "adagrad", "madam"])
    assert names.about("adma", 1) == ["adam", "adamw", "sgd", "madam"]
    assert names.about("adma", 1, "a") == ["adam", "adamw"]
