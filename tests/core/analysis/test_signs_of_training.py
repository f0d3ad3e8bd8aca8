"""Calls that are signs of training, and calls that only look like them."""

from __future__ import annotations

import ast

import pytest

from core.analysis.evidence import trains


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("trainer.fit_loader(loader, epochs=3)", "fit"),
        ("scaler.fit_loader(loader)", ""),
        ("fit_loader(loader)", ""),
        ("vectorizer.fit_dataset(words)", ""),
        ("engine.train_one_epoch(model, optimizer, loader)", "step"),
        ("engine.train_one_epoch(model, loader)", ""),
        ("scaler.fit(x, batch_size=32)", "fit"),
    ],
)
def test_signs(code: str, sign: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    function = call.func
    holder = getattr(function.value, "id", "") if isinstance(function, ast.Attribute) else ""
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    assert trains(name, holder, isinstance(function, ast.Attribute), frozenset({"torch"}), call) == sign


@pytest.mark.parametrize(("code", "sign"), [("groups.fit_predict(x)", "fit"), ("scaler.fit_transform(x)", "")])
def test_what_finds_groups_is_fitted_as_it_is_asked_for_them(code: str, sign: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    assert trains(call.func.attr, "groups", True, frozenset({"sklearn"}), call) == sign


@pytest.mark.parametrize(
    ("code", "library", "sign"),
    [
        ("net.fit(batches, validation_data=rest, **settings)", "helpers", "fit"),
        ("net.fit(batches)", "helpers", ""),
        ("model.train(epochs, batches, callbacks=[saved])", "mindspore", "train"),
        ("runner.run({'train': True})", "rl_games", "run"),
        ("runner.run({'train': True})", "jobs", ""),
        ("net.train(mode=tuned)", "transformers", ""),
        ("Net.from_pretrained(name).train(tuned)", "transformers", ""),
    ],
)
def test_what_libraries_are_asked_to_train(code: str, library: str, sign: str) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    holder = getattr(call.func.value, "id", "")
    assert trains(call.func.attr, holder, True, frozenset({library}), call) == sign
