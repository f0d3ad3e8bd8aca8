"""Boosted trees and other estimators that are fitted."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.rules.architecture import architecture
from core.analysis.rules.environment import environments
from core.analysis.rules.framework import frameworks
from core.analysis.rules.loss import losses
from core.analysis.rules.optimizers import optimizers
from core.analysis.rules.rates import learning_rates
from core.analysis.rules.task import task
from tests.core.analysis.writing import program


def test_a_booster_is_told_its_rate_in_a_dict(tmp_path: Path) -> None:
    text = """
        import xgboost as xgb
        from sklearn.datasets import load_iris
        param = {"max_depth": 2}
        param["eta"] = 0.1
        bst = xgb.train(param, xgb.DMatrix(*load_iris(return_X_y=True)), 10)
    """
    found = program(tmp_path, {"train.py": text})
    assert [(fact.value, fact.place.line) for fact in learning_rates(found)] == [(0.1, 4)]
    assert [fact.value for fact in frameworks(found)] == ["XGBoost", "scikit-learn"]


@pytest.mark.parametrize(
    ("fitted", "first"),
    [("xgb.XGBRegressor().fit(X, y)", "XGBoost"), ("SVC().fit(X, y)", "scikit-learn")],
)
def test_the_library_whose_estimator_is_fitted_comes_first(fitted: str, first: str, tmp_path: Path) -> None:
    text = f"""
        from sklearn.model_selection import GridSearchCV
        from sklearn.svm import SVC
        import xgboost as xgb
        X, y = load()
        {fitted}
        GridSearchCV(xgb.XGBRegressor(), {{}}).fit(X, y)
    """
    assert next(frameworks(program(tmp_path, {"train.py": text}))).value == first


def test_a_class_that_wraps_an_optimizer_is_none(tmp_path: Path) -> None:
    text = """
        import keras
        from keras import optimizers
        class WithUpdates(optimizers.Optimizer):
            def __init__(self, optimizer, updates):
                self.optimizer = optimizer
        both = WithUpdates(optimizers.Adam(lr=0.001), 0.01)
    """
    found = program(tmp_path, {"train.py": text})
    assert [fact.value for fact in optimizers(found)] == ["Adam"]
    assert [fact.value for fact in learning_rates(found)] == [0.001]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import navix\nenv = navix.make('Navix-Empty-5x5-v0')", ["Navix-Empty-5x5-v0"]),
        ("import tables\nenv = tables.make('round-table')", []),
    ],
)
def test_what_makes_an_environment(text: str, expected: list[str], tmp_path: Path) -> None:
    assert [fact.value for fact in environments(program(tmp_path, {"train.py": text}))] == expected


@pytest.mark.parametrize(
    ("trained", "loss", "purpose"),
    [
        ("xgb.train({'objective': 'binary:logistic'}, data)", ["binary:logistic"], "classification"),
        ("xgb.dask.train(client, {'objective': 'survival:aft'}, data)", ["survival:aft"], "survival analysis"),
        ("lgb.train(params={'objective': 'l1'}, train_set=data)", ["l1"], "regression"),
        ("lgb.LGBMRanker().fit(X, y)", [], "ranking"),
        ("CatBoostClassifier(loss_function='MultiClass').fit(X, y)", ["MultiClass"], "classification"),
    ],
)
def test_an_objective_is_the_loss_and_tells_the_task(
    tmp_path: Path, trained: str, loss: list[str], purpose: str
) -> None:
    imports = (
        "import xgboost as xgb\nimport xgboost.dask\nimport lightgbm as lgb\nfrom catboost import CatBoostClassifier\n"
    )
    found = program(tmp_path, {"train.py": imports + trained})
    assert [fact.value for fact in losses(found)] == loss
    assert [fact.value for fact in task(found)] == [purpose]
    assert [fact.value for fact in architecture(found)] == ["Gradient Boosted Trees"]
