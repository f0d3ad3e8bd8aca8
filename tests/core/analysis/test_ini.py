"""Settings in INI files, read through configparser."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

CONFIG = """
    import configparser

    config = configparser.ConfigParser()
    config.read("./config.conf")
    default = "DEFAULT"
    default_config = config[default]
"""
SETTINGS = """
[DEFAULT]
EnvID = MontezumaRevengeNoFrameskip-v4
LearningRate = 1e-4   ; of both
BatchSize = 64
UseGPU = True

[training]
Epochs = 12
"""
TRAIN = """
    import gym, torch
    from config import *

    env = gym.make(default_config["EnvID"])
    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=float(default_config["LearningRate"]))
    loader = torch.utils.data.DataLoader(env, batch_size=default_config.getint("BatchSize"))
    for epoch in range(config.getint("training", "epochs")):
        for x in loader:
            model(x).sum().backward()
            optimizer.step()
"""


def test_settings_of_an_ini_file(tmp_path: Path) -> None:
    (tmp_path / "config.conf").write_text(SETTINGS.lstrip())
    found = analysed(tmp_path, {"train.py": TRAIN, "config.py": CONFIG})
    assert values(found, "environment") == ["MontezumaRevengeNoFrameskip-v4"]
    assert values(found, "learning_rate") == [1e-4]
    assert values(found, "batch_size") == [64]
    assert values(found, "epochs") == [12]
    (rate,) = [fact for fact in found.facts if fact.field == "learning_rate"]
    assert rate.place.file.endswith("config.conf") and rate.place.line == 3


SECTION = """
    import ast, configparser, torch

    SETTINGS_FILE = "hyper.ini"

    def section(files=(), name="Custom", /):
        parser = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
        parser.optionxform = str
        if len(parser.read(files)) == 0:
            raise ValueError("no settings")
        return {key: ast.literal_eval(text) for key, text in dict(parser[name]).items()}

    settings = section([SETTINGS_FILE], "Custom")
    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["lr"], betas=settings["betas"])
    for epoch in range(settings["epochs"]):
        model(torch.ones(4)).sum().backward()
        optimizer.step()
"""
INDENTED = """
[Custom]
    # of all
    lr = 5e-4
    note = "what stands deeper
        epochs = 3"
    epochs = 12
    betas = (0.5, 0.9)
"""


def test_a_section_of_literals_that_stand_indented(tmp_path: Path) -> None:
    (tmp_path / "hyper.ini").write_text(INDENTED)
    found = analysed(tmp_path, {"train.py": SECTION})
    assert (values(found, "learning_rate"), values(found, "epochs")) == ([0.0005], [12])
    assert [(fact.place.file[-9:], fact.place.line) for fact in found.facts if fact.field == "epochs"] == [
        ("hyper.ini", 7)
    ]
    assert values(found, "betas") == [(0.5, 0.9)]


OLD = """
    import ConfigParser
    from keras.models import Sequential
    from keras.layers import Dense

    config = ConfigParser.RawConfigParser()
    config.read("configuration.txt")
    print "settings read"
    model = Sequential([Dense(8, input_dim=4, activation="relu"), Dense(2, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    batch_size = int(config.get("run", "batch_size"))
    model.fit(x, y, nb_epoch=int(config.get("run", "N_epochs")), batch_size=batch_size)
"""


def test_settings_of_a_text_read_by_the_parser_of_python_2(tmp_path: Path) -> None:
    files = {"src/train.py": OLD, "configuration.txt": "[run]\nN_epochs = 150\nbatch_size = 32\n"}
    found = analysed(tmp_path, files, "src/train.py")
    assert values(found, "epochs") == [150]
    assert values(found, "batch_size") == [32]
