"""Networks of MXNet's symbols: what ends them says what they are for, and two modules may play against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

SYMBOLS = """
    import mxnet as mx
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=WIDE)
    model = mx.mod.Module(symbol=mx.symbol.END(data=net, name="end"))
    model.fit(batches, optimizer="sgd", optimizer_params={"learning_rate": 0.1}, num_epoch=4)
"""


@pytest.mark.parametrize(
    ("end", "family", "task"),
    [
        ("SoftmaxOutput", "Logistic Regression", "classification"),
        ("LogisticRegressionOutput", "Logistic Regression", "classification"),
        ("LinearRegressionOutput", "Linear", "regression"),
    ],
)
def test_what_ends_a_symbol_says_what_it_is_for(end: str, family: str, task: str, tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": SYMBOLS.replace("END", end).replace("WIDE", "3")})
    assert (values(found, "loss"), values(found, "task")) == ([end], [task])
    assert values(found, "architecture")[0] == family


def test_an_iterator_is_a_data_set(tmp_path: Path) -> None:
    text = SYMBOLS.replace("END", "SoftmaxOutput").replace("WIDE", "10").replace("batches", "mx.io.MNISTIter(image=a)")
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == ["MNIST"]


MODULES = """
    import mxnet as mx
    def convolved(x):
        x = mx.sym.Convolution(x, kernel=(4, 4), stride=(2, 2), num_filter=8)
        return mx.sym.FullyConnected(mx.sym.Flatten(x), num_hidden=1)
    made = mx.sym.Deconvolution(mx.sym.Variable("code"), kernel=(4, 4), stride=(2, 2), num_filter=1)
    modG = mx.mod.Module(symbol=made, data_names=("code",), label_names=None)
    modG.init_optimizer(optimizer="adam", optimizer_params={"learning_rate": 0.002})
    told = mx.sym.LogisticRegressionOutput(convolved(mx.sym.Variable("data")), name="told")
    modD = mx.mod.Module(symbol=told, data_names=("data",), label_names=("told_label",))
    modD.init_optimizer(optimizer="adam", optimizer_params={"learning_rate": 0.002})
    for epoch in range(5):
        for batch in pictures:
            modG.forward(mx.io.DataBatch([mx.random.normal(0, 1, shape=(16, 8, 1, 1))], None), is_train=True)
            outputs = modG.get_outputs()
            modD.forward(mx.io.DataBatch(outputs, [zeros]), is_train=True)
            modD.backward()
            modD.update()
            modD.forward(mx.io.DataBatch(batch.data, [ones]), is_train=True)
            modD.backward()
            modD.update()
            modD.forward(mx.io.DataBatch(outputs, [ones]), is_train=True)
            modD.backward()
            modG.backward(modD.get_input_grads())
            modG.update()
"""


def test_two_modules_play_against_each_other(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": MODULES})
    assert "GAN" in values(found, "architecture")
    assert values(found, "task") == ["image generation"]
