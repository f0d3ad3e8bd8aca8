"""How long a run trains where a branch sets it that nothing decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, analysed, values

CODE = HEAD + """
parser = argparse.ArgumentParser()
parser.add_argument("--size", GIVEN)
args = parser.parse_args()
model, length = nn.Linear(3, 1), 5
if args.size == "large":
    length = 50
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for COUNTER in range(length):
    model(torch.randn(8, 3)).sum().backward()
    optimizer.step()
"""  # fmt: skip


@pytest.mark.parametrize(("counter", "field"), [("epoch", "epochs"), ("step", "steps")])
@pytest.mark.parametrize(("given", "lengths"), [("required=True", [5, 50]), ('default="small"', [5])])
def test_each_length_that_a_branch_may_set(
    tmp_path: Path, counter: str, field: str, given: str, lengths: list[int]
) -> None:
    told = analysed(tmp_path, {"train.py": CODE.replace("COUNTER", counter).replace("GIVEN", given)})
    assert sorted(values(told, field)) == lengths
