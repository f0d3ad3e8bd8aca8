"""Packages of a project that have the name of a library."""

from __future__ import annotations

from pathlib import Path

from tests.core.analysis.writing import analysed, values

FILES = {
    "main.py": "from engine.trainer import Trainer\nTrainer().train()\n",
    "engine/__init__.py": "",
    "engine/trainer.py": """
        import torch
        import datasets.faces as faces
        from datasets.loaders import loader_of

        class Trainer:
            def __init__(self):
                self.model = torch.nn.Linear(2, 2)
                self.optimizer = torch.optim.SGD(self.model.parameters(), lr=faces.RATE)
            def train(self):
                for x, y in loader_of(faces.FACES):
                    torch.nn.functional.mse_loss(self.model(x), y).backward()
                    self.optimizer.step()
        """,
    "datasets/__init__.py": "",
    "datasets/faces.py": "FACES = 'faces'\nRATE = 0.2\n",
    "datasets/loaders.py": """
        from torch.utils.data import DataLoader
        def loader_of(data):
            return DataLoader(data, batch_size=24)
        """,
}


def test_a_file_below_imports_what_lies_beside_the_script(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, FILES, "main.py")
    assert values(analysis, "batch_size") == [24]
    assert values(analysis, "learning_rate") == [0.2]


def test_a_folder_of_a_librarys_name_needs_no_init(tmp_path: Path) -> None:
    """For what it has; whatever else is asked of that name is the library's."""
    script = """
        import torch
        from datasets import load_dataset
        from datasets.lists import loader

        words = load_dataset("imdb")
        net = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for x in loader():
            net(x).sum().backward()
            optimizer.step()
    """
    lists = "from torch.utils.data import DataLoader\ndef loader():\n    return DataLoader(range(9), batch_size=7)\n"
    found = analysed(tmp_path, {"train.py": script, "datasets/lists.py": lists}, "train.py")
    assert values(found, "batch_size") == [7] and values(found, "datasets") == ["IMDb"]
