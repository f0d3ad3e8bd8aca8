"""Near-identical sources."""

from __future__ import annotations

from core.indexing.likeness import near_identical, signature

LINES = [f"layer_{i} = nn.Linear(in_{i}, out_{i * 3})  # a comment {i}" for i in range(60)]
SOURCE = "\n".join([*LINES, "LR = 1e-3", 'OUT = "v1"'])


def found(**sources: str) -> dict[tuple[str, str], float]:
    return {
        (a, b): score for a, b, score in near_identical({id: (signature(text), "") for id, text in sources.items()})
    }


def test_versions_that_differ_in_literals_and_comments_are_identical() -> None:
    other = SOURCE.replace("1e-3", "5e-4").replace('"v1"', "'somewhere else'").replace("a comment", "another one")
    assert found(a=SOURCE, b=other) == {("a", "b"): 1.0, ("b", "a"): 1.0}


def test_a_few_changed_lines_are_near_and_a_rewrite_is_not() -> None:
    near = SOURCE + "\noptimizer = torch.optim.SGD(model.parameters(), lr=LR)"
    far = "\n".join(f"value_{i} = compute(thing_{i}, other_{i})[{i}]" for i in range(60))
    pairs = found(a=SOURCE, near=near, far=far)
    assert set(pairs) == {("a", "near"), ("near", "a")} and pairs["a", "near"] > 0.9


def test_short_texts_and_other_groups_are_not_compared() -> None:
    assert signature("import torch\n") == "" and signature("") == ""
    assert near_identical({"a": (signature(SOURCE), "x"), "b": (signature(SOURCE), "y")}) == []


def test_a_signature_is_the_same_in_every_process() -> None:
    assert signature(SOURCE) == signature(SOURCE) and signature(SOURCE)[:8] == "0224a8f2"
