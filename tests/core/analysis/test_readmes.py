"""What READMEs say of each script that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.analysis.readmes import LONGEST, named, names_any, sections, told
from tests.core.analysis.writing import HEAD, STEP, analysed

SCRIPT = f"{HEAD}\nmodel = nn.Linear(1, 1)\n{STEP.replace('LOSS', 'loss = F.mse_loss(model(x), y)')}"
README = """
# Studies

All of them are small, see [the scripts](lab).

- [Plain](lab/plain.py): a line through noisy
  points
- [Deep](lab/deep.py): a stack of rare things

## The bold one

Something with a name of its own, in [code](https://example.org/me/studies/blob/main/lab/bold.py#L3).

```
python lab/bold.py
```

| script | what it does |
| --- | --- |
| `lab/deep.py` | learns slowly |
"""


def said(path: str, text: str = README) -> list[str]:
    return [each for each, _ in told(sections(text), path)]


def test_a_list_item_is_of_the_script_that_it_names() -> None:
    assert said("lab/plain.py") == ["Studies Plain: a line through noisy points"]


def test_a_section_of_one_script_is_all_of_it() -> None:
    text = README.partition("| script")[0]
    assert said("lab/bold.py", text) == ["The bold one Something with a name of its own, in code."]


def test_a_section_of_several_gives_each_its_part() -> None:
    assert said("lab/deep.py") == ["Studies Deep: a stack of rare things", "The bold one lab/deep.py learns slowly"]


def test_a_part_stands_on_its_lines() -> None:
    lines = README.split("\n")
    [(_, piece)] = told(sections(README), "lab/plain.py")
    assert lines[piece.line - 1].startswith("- [Plain]")
    assert lines[piece.end - 1] == "  points"


@pytest.mark.parametrize(
    ("text", "path", "is_named"),
    [
        ("run `python train.py`", "train.py", True),
        ("run `python other/train.py`", "train.py", False),
        ("[it](./a%20b/net.ipynb)", "a b/net.ipynb", True),
        ("[it](https://example.org/me/lab)", "lab/net.py", False),
        ("[it](https://example.org/me/x/tree/main/lab)", "lab/net.py", True),
        ("[it](lab/)", "lab/net.py", True),
        ("nothing of it", "lab/net.py", False),
    ],
)
def test_what_names_a_script(text: str, path: str, is_named: bool) -> None:
    assert names_any(named(text), path) == is_named


def test_a_readme_further_up_tells_of_the_scripts_that_it_names(tmp_path: Path) -> None:
    files = {
        "README.md": README,
        "lab/plain.py": SCRIPT,
        "lab/deep.py": SCRIPT,
        "lab/README.md": "# Lab\n\nA lab of lines.\n",
    }
    texts = [passage.text for passage in analysed(tmp_path, files, "lab/plain.py").passages if passage.kind == "readme"]
    assert texts == ["Studies Plain: a line through noisy points", "# Lab\n\nA lab of lines."]


@pytest.mark.parametrize("mark", ["](", "![a](", "<", "<!--", "[", "\n", "a/"])
def test_marks_that_never_end_are_read_through(mark: str) -> None:
    """A picture may stand in a README as text, cut off where reading ends."""
    for text in (f"# A train.py\n{mark}" + "a" * LONGEST, "# A train.py\n" + mark * (LONGEST // len(mark))):
        assert len(list(told(sections(text), "train.py"))) == 1
