"""The tokenizer of the model that proposes tours. A point is three tokens, and so is what stands around a tour:

    ", (3): ("   "12,"   " -5)"        "\\n\\n<trace> 0"   ",7"   …   " </trace>\\nlength:\\n61"   "3"

The head holds the number of points and the index of point 0. A length is its leading two digits and the rest. The
request is a token a phrase: behind all points and tours it gives the model a place for each point to think about it.
The reply is " <trace> 0", a token for each further point, and " </trace>". All of it is a byte-level BPE in the
standard `tokenizer.json` format.
"""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import pieces
from tokenizer import END

LEAST, MOST = 5, 10
SIDE = 100
COORDINATES = range(-SIDE, SIDE + 1)
FOLLOW = (
    ".\nA trace visits every point once and returns to where it began. Some traces follow with their lengths, in "
    "descending order of length. Shorter traces are better."
)
REQUEST = [
    "\n\nPropose one new trace",
    " that is different",
    " from every trace above",
    " and shorter than all of them.",
    " It begins at point 0",
    " and visits every point",
    " exactly once.",
    " Write it between <trace>",
    " and </trace>,",
    " the numbers of the points",
    " separated by commas.",
]
TRACE, TRACE_END = "\n\n<trace> 0", " </trace>\nlength:\n"
REPLY, REPLY_END = " <trace> 0", " </trace>"
LEADING = 2


def head(n: int) -> str:
    return f"These are the coordinates of {n} points: (0): ("


def index(point: int) -> str:
    return f", ({point}): ("


def node(point: int) -> str:
    return f",{point}"


def leading_digits() -> list[str]:
    return [f"{TRACE_END}{number}" for number in range(10**LEADING)]


def rests() -> list[str]:
    return [f"{number:0{length}}" for length in range(1, LEADING + 1) for number in range(10**length)]


def fixed() -> list[str]:
    """Every text that is one token."""
    points = [index(point) for point in range(1, MOST)] + [node(point) for point in range(MOST)]
    coordinates = [f"{number}," for number in COORDINATES] + [f" {number})" for number in COORDINATES]
    heads = [head(n) for n in range(LEAST, MOST + 1)]
    return [*heads, FOLLOW, *REQUEST, TRACE, REPLY, REPLY_END, *points, *coordinates, *leading_digits()]


def build(path: Path) -> Tokenizer:
    """Write `tokenizer.json`."""
    return pieces.build(path, rests(), fixed())


class Codes:
    """Prompts and replies of many instances as tokens, without the way over their texts."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        def codes(texts: list[str]) -> np.ndarray:
            return np.array([tokenizer.token_to_id(text) for text in texts])

        self.heads = codes([head(max(n, LEAST)) for n in range(MOST + 1)])
        self.indices = codes([index(max(point, 1)) for point in range(MOST)])
        self.first = codes([f"{number}," for number in COORDINATES])
        self.second = codes([f" {number})" for number in COORDINATES])
        self.nodes = codes([node(point) for point in range(MOST)])
        self.follow, self.trace, self.reply, self.reply_end, self.end = codes([FOLLOW, TRACE, REPLY, REPLY_END, END])
        self.request = codes(REQUEST)
        self.leading = codes(leading_digits())
        self.rest, self.long_rest = codes(rests()[:10]), codes(rests()[10:])

    def prompts(self, points: np.ndarray, tours: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """One row for each instance; all have as many points, and as many tours, the longest first."""
        rows = [self.points(points), self.constant([self.follow], len(points))]
        rows += [self.trace_rows(tours[:, place], lengths[:, place]) for place in range(tours.shape[1])]
        return np.concatenate([*rows, self.constant(self.request, len(points))], 1)

    def points(self, points: np.ndarray) -> np.ndarray:
        count, n, _ = points.shape
        labels = np.concatenate([self.heads[[n]], self.indices[1:n]])
        columns = [np.broadcast_to(labels, (count, n)), self.first[points[..., 0] + SIDE]]
        return np.stack([*columns, self.second[points[..., 1] + SIDE]], 2).reshape(count, 3 * n)

    def trace_rows(self, tours: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        whole = lengths.astype(int)
        is_long = whole >= 1000
        leading = self.leading[np.where(is_long, whole // 100, whole // 10)]
        rest = np.where(is_long, self.long_rest[whole % 100], self.rest[whole % 10])
        ends = np.stack([leading, rest], 1)
        return np.concatenate([self.constant([self.trace], len(tours)), self.nodes[tours[:, 1:]], ends], 1)

    def replies(self, tours: np.ndarray) -> np.ndarray:
        """What follows the reply's first token, up to its end."""
        return np.concatenate([self.nodes[tours[:, 1:]], self.constant([self.reply_end], len(tours))], 1)

    @staticmethod
    def constant(row: list | np.ndarray, count: int) -> np.ndarray:
        return np.broadcast_to(np.asarray(row), (count, len(row)))
