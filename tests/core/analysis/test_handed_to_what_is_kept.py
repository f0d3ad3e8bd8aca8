"""Networks of a module of one's own, whose methods are those of what it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, names, values

KEEPS = """
    from keras.layers import Dense, Input
    from keras.models import Model
    class Forecasts:
        def __init__(self, length):
            x = Input(shape=(length,))
            self.kept = {"ahead": Model(x, Dense(1)(Dense(8)(x)))}
            self.asked = choose()
        def __getattr__(self, name):
            found = getattr(self.kept[self.asked], name)
            def asks(*args, **kwargs):
                return getattr(self.kept[self.asked], found.__name__)(*args, **kwargs)
            return asks
"""
FITS = """
    from forecasts import Forecasts
    net = Forecasts(9)
    net.compile(loss="mae", optimizer="adam")
    net.FIT
"""


@pytest.mark.parametrize(
    ("fit", "listed"), [("fit(x, y, epochs=7)", True), ("train_on_batch(x, y)", True), ("fit(x)", False)]
)
def test_what_is_fitted_is_built_elsewhere(tmp_path: Path, fit: str, listed: bool) -> None:
    code = {"forecasts.py": KEEPS, "train.py": FITS.replace("FIT", fit)}
    assert names(tmp_path, code) == ["train.py"] * listed


def test_methods_of_what_an_object_keeps(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"forecasts.py": KEEPS, "train.py": FITS.replace("FIT", "fit(x, y, epochs=7)")})
    assert values(found, "loss") == ["mae"]
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "epochs") == [7]
