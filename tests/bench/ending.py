"""Where an answer should end: `ending.py [--clones FOLDER] [KEY.json ...]`, as `answer_keys.py` takes them.

Without a KEY, those of meaning in `tests/bench/keys/`. Prints the set F1 of the free texts among their questions with
the cut as it is, with other numbers for the step at which a list ends, with the numbers chosen on all keys but the one
they are tried on, and with the best possible cut of the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from answer_keys import Key, arguments, given_keys, indexed
from numpy.typing import NDArray

from core.catalog.columns import Mask, columns_of
from core.catalog.reading import Reader
from core.catalog.word_index import Scores
from core.protocols import TextEmbedder
from core.search import cutoff
from core.search.answering import Answering, split_text
from core.search.reading import read_question
from models import text_embedder

Numbers = tuple[float, float, float]
GRID: list[Numbers] = list(product((0.5, 0.55, 0.6, 0.65, 0.7), (0.85, 0.9, 0.95, 1.0), (0.03, 0.06, 0.1)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the models weigh for a question, and which of them are right."""

    weights: Scores
    right: Mask

    def f1(self, found: Mask) -> float:
        if not self.right.any():
            return float(not found.any())
        both = np.count_nonzero(found & self.right)
        return 2 * both / (np.count_nonzero(found) + np.count_nonzero(self.right))

    def ended(self, numbers: Numbers) -> float:
        """The F1 of a list that ends by these numbers."""
        cutoff.LEAST, cutoff.MOST, cutoff.STEP = numbers
        return self.f1(self.weights >= cutoff.end(self.weights, self.weights.max(initial=0.0)))

    def best(self) -> float:
        ends = np.append(np.unique(self.weights), np.inf)
        return max(self.f1(self.weights >= end) for end in ends)


def asked(key: Key, reader: Reader, embedder: TextEmbedder) -> list[Asked]:
    """The questions of a key that have free text of which a cut decides."""
    answering, paths = Answering(reader, lambda: embedder, None), columns_of(reader).paths

    def named(names: Sequence[str]) -> NDArray[np.bool_]:
        wanted = {key.place(name) for name in names}
        return np.array([path in wanted for path in paths])

    found = []
    for question in key.questions:
        query = read_question(question["query"], reader)
        texts, filters = split_text(query.expr)
        if query.cohorts or filters is not None or not texts or any(text.phrase for text in texts):
            continue
        everything = np.ones(len(paths), bool)
        evidence = answering.evidence(" ".join(text.words for text in texts), everything)
        right, judged = named(question["relevant"]), ~named(question.get("neutral", ()))
        weights = evidence.weight(everything, False, everything)[judged | right]
        found.append(Asked(weights, right[judged | right]))
    return found


def mean(sets: Sequence[Sequence[Asked]], numbers: Numbers) -> float:
    return float(np.mean([one.ended(numbers) for of in sets for one in of]))


def main() -> None:
    parser, others = arguments(__doc__, "meaning*.json")
    given = parser.parse_args()
    embedder = text_embedder.load()
    if embedder is None:
        raise SystemExit("there is no embedder: `modelsearch setup`")
    now = (cutoff.LEAST, cutoff.MOST, cutoff.STEP)
    sets = []
    for _, key in given_keys(given, others):
        with indexed(key) as library:
            sets.append(asked(key, library.reader(), embedder))
    if not sets:
        return
    print(f"{sum(map(len, sets))} free texts over {len(sets)} keys")
    print(f"as it is {mean(sets, now):.3f}, without a step {mean(sets, (now[0], now[1], 9)):.3f}")
    for numbers in sorted(GRID, key=lambda numbers: -mean(sets, numbers))[:5]:
        print(f"least {numbers[0]}, most {numbers[1]}, step {numbers[2]}: {mean(sets, numbers):.3f}")
    if len(sets) > 1:
        kept = [max(GRID, key=lambda n: mean(sets[:at] + sets[at + 1 :], n)) for at in range(len(sets))]
        tried = [one.ended(numbers) for of, numbers in zip(sets, kept, strict=True) for one in of]
        print(f"chosen on all keys but the one they are tried on {np.mean(tried):.3f}")
    print(f"the best cut of the same order {np.mean([one.best() for of in sets for one in of]):.3f}")


if __name__ == "__main__":
    main()
