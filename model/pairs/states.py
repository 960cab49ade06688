"""States to learn from: what a search knows before it has found the true pair.

Half are made up: the start and further pairs of mixed quality. The other half come from searches of the model itself
(`play.py`), so that it learns from the states that its own proposals lead to.
"""

from dataclasses import dataclass

import numpy as np

from pairs.line import HIGH, LOW, Line, Pair, meta_prompt

MOST_FURTHER = 30
# A start may hold the true pair; then nothing is better, and the true pair is still what is wanted.
SOLVED = 0.03
# How far from the true pair, in units of w and b: the standard deviation is drawn log-uniformly.
NEAREST, FARTHEST = 0.5, 10.0
# Along the valley of the loss b falls by the mean of x when w grows by one.
VALLEY = -25.5


@dataclass(frozen=True)
class State:
    prompt: str
    truth: Pair


def made_up(rng: np.random.Generator) -> State:
    line = Line.draw(rng)
    if rng.random() < SOLVED:
        line.look([line.truth])
    spread = np.exp(rng.uniform(np.log(NEAREST), np.log(FARTHEST)))
    for _ in range(int((MOST_FURTHER + 1) * rng.random() ** 2)):
        pair = further(rng, line, spread)
        if pair != line.truth:
            line.look([pair])
    return State(line.meta_prompt(), line.truth)


def further(rng: np.random.Generator, line: Line, spread: float) -> Pair:
    """One more pair: anywhere, near the true pair, in its valley, or beside the best so far."""
    (w, b), kind = line.truth, rng.random()
    if kind < 0.15:
        return tuple(rng.integers(LOW, HIGH + 1, 2).tolist())
    if kind < 0.55:
        move = spread * rng.standard_normal(2)
    elif kind < 0.75:
        along = rng.integers(-1, 2)
        move = np.array([along, VALLEY * along + 3 * rng.standard_normal()])
    else:
        w, b = min(line.known, key=line.known.get)
        move = 2 * rng.standard_normal(2)
    return within(w + move[0], b + move[1])


def within(w: float, b: float) -> Pair:
    w, b = np.clip(np.rint([w, b]), LOW, HIGH).astype(int).tolist()
    return w, b


def thinned(rng: np.random.Generator, line: Line) -> State:
    """A state of a search, in half of the cases without some of its pairs."""
    rows = [(w, b, value) for (w, b), value in line.known.items()]
    if rng.random() < 0.5:
        kept = rng.random(len(rows)) < rng.uniform(0.5, 1)
        kept[rng.choice(len(rows), min(len(rows), 4), replace=False)] = True
        rows = [row for row, keep in zip(rows, kept) if keep]
    return State(meta_prompt(rows), line.truth)
