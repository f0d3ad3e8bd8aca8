"""Which model a text means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.naming import Named, exact, resolve
from core.errors import AmbiguousModel, UnknownModel

NAMES = (
    Named("flowers/v1/train", "/data/flowers/v1/train.py"),
    Named("flowers/v2/train", "/data/flowers/v2/train.py", ("/data/flowers/v2/launch.py",)),
    Named("flowers/v2/train_fast", "/data/flowers/v2/train_fast.py"),
    Named("digits/vae", "/data/digits/vae.py"),
    Named("digits/x.py", "/data/digits/x.py"),
    Named("digits/x.ipynb", "/data/digits/x.ipynb"),
    Named("digits/04_deep_vae", "/data/digits/04_deep_vae.py"),
    Named("digits/2024", "/data/digits/2024.py"),
)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("flowers/v1/train", "flowers/v1/train"),
        ("v2/train", "flowers/v2/train"),
        ("vae", "digits/vae"),
        ("VAE", "digits/vae"),
        ("digits/x.py", "digits/x.py"),
        ("v2/train.py", "flowers/v2/train"),
        ("v2/launch.py", "flowers/v2/train"),
        ("/data/flowers/v1/train.py", "flowers/v1/train"),
        ("./v2/train", "flowers/v2/train"),
        ("v2_train", "flowers/v2/train"),
        ("flowers/v1", "flowers/v1/train"),
        ("fast", "flowers/v2/train_fast"),
        ("v2 fast", "flowers/v2/train_fast"),
    ],
)
def test_unambiguous_pieces_resolve(text: str, id: str) -> None:
    assert resolve(text, NAMES) == id


@pytest.mark.parametrize("text", ["train", "flowers", "x", "digits"])
def test_ambiguous_pieces_list_the_candidates(text: str) -> None:
    with pytest.raises(AmbiguousModel) as caught:
        resolve(text, NAMES)
    assert len(caught.value.candidates) > 1
    assert all(text in id for id in caught.value.candidates)


def test_unknown_names_offer_the_nearest() -> None:
    with pytest.raises(UnknownModel) as caught:
        resolve("flowers/v3/trane", NAMES)
    assert "flowers/v1/train" in caught.value.nearest


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("v2/train", "flowers/v2/train"),
        ("vae", "digits/vae"),
        ("Deep_VAE", "digits/04_deep_vae"),
        ("2024", "digits/2024"),
        ("train", None),
        ("fast", None),
        ("v2_train", None),
        ("", None),
    ],
)
def test_exact_takes_ids_and_unambiguous_tails_alone(text: str, id: str | None) -> None:
    assert exact(text, NAMES) == id


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_resolves_or_is_refused(text: str) -> None:
    try:
        assert resolve(text, NAMES) in {named.id for named in NAMES}
    except (UnknownModel, AmbiguousModel):
        assert exact(text, NAMES) is None or text.strip()
