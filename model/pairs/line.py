"""The problem as `motjuste solve linreg` poses it: a hidden line, values of the loss at pairs, and the meta-prompt."""

from dataclasses import dataclass, field

import numpy as np

from pairs.wire import FIRST, HEAD, REQUEST, SECOND, VALUE

POINTS = 50
SHOWN = 20
START_PAIRS = 5
START_LOW, START_HIGH = 10, 20
# True pairs of the training data, bounds included, and the pairs that have a token.
TRUE_LOW, TRUE_HIGH = -5, 45
LOW, HIGH = -10, 50

Pair = tuple[int, int]


@dataclass
class Line:
    """One line with its noise, and the values seen so far."""

    truth: Pair
    noise: np.ndarray
    known: dict[Pair, float] = field(default_factory=dict)

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Line":
        w, b = rng.integers(TRUE_LOW, TRUE_HIGH + 1, 2).tolist()
        line = cls((w, b), rng.standard_normal(POINTS))
        start = np.rint(rng.uniform(START_LOW, START_HIGH, (START_PAIRS, 2))).astype(int)
        line.look(map(tuple, start.tolist()))
        return line

    def look(self, pairs: "list[Pair] | map") -> None:
        """Evaluate the pairs that are new: the sum of squared residuals over x = 1, …, 50."""
        for pair in pairs:
            if pair not in self.known:
                slope, offset = self.truth[0] - pair[0], self.truth[1] - pair[1]
                self.known[pair] = float(((self.noise + slope * np.arange(1, POINTS + 1) + offset) ** 2).sum())

    @property
    def is_solved(self) -> bool:
        return self.truth in self.known

    def meta_prompt(self) -> str:
        return meta_prompt([(w, b, value) for (w, b), value in self.known.items()])


def meta_prompt(known: list[tuple[int, int, float]]) -> str:
    """The text of `linear_regression.txt`: the best pairs, the worst of them first, values cut to whole numbers."""
    shown = sorted(known, key=lambda row: row[2])[:SHOWN][::-1]
    rows = [f"{FIRST}{w}{SECOND}{b}{VALUE}{int(value)}" for w, b, value in shown]
    return HEAD + "".join(rows) + REQUEST


def reply(pair: Pair) -> str:
    return f" [{pair[0]}, {pair[1]}]"
