"""What the model learns from: instances, tours shown with them, and what every next step of a tour costs.

The exact optimum says by how much the best tour becomes longer with each next point: the regret. The target at every
step of a reply is a distribution over the next points, proportional to exp(-regret / sharpness); at point 0 both
directions of the optimal tour are as good. The reply follows the optimal tour, and a second one strays from it, so that
the model learns to go on from a mistake.
"""

from dataclasses import dataclass

import numpy as np

from tours import salesman
from tours.optimum import Ways

# A temperature that keeps to the optimum, and draws between its two directions.
EXACT = 1e-3


@dataclass(frozen=True)
class Shown:
    """Instances, and the tours that the meta-prompt shows, the longest first."""

    points: np.ndarray
    tours: np.ndarray
    lengths: np.ndarray

    @classmethod
    def at_random(cls, rng: np.random.Generator, count: int, n: int, tours: int) -> "Shown":
        """As a search begins, with that many random tours."""
        points = salesman.draw(rng, count, n)
        drawn = salesman.random_tours(rng, count, tours, n)
        return cls(points, *salesman.worst_first(drawn, salesman.lengths(salesman.distances(points), drawn)))


@dataclass(frozen=True)
class Lesson:
    """What is to be learned behind each prompt."""

    shown: Shown
    # The optimal tour and one that strays, their steps' regrets, and the two neighbours of each point.
    tours: np.ndarray
    regrets: np.ndarray
    neighbours: np.ndarray
    # Tours in front of the request that take up room and cannot be seen.
    unseen: int


def lesson(rng: np.random.Generator, shown: Shown, straying: float, unseen: int) -> Lesson:
    count = len(shown.points)
    ways = Ways(salesman.distances(shown.points))
    exact, exact_regrets = ways.walk(rng, np.full(count, EXACT))
    strayed, regrets = ways.walk(rng, straying * rng.random(count) + EXACT)
    tours, steps = np.stack([exact, strayed], 1), np.stack([exact_regrets, regrets], 1)
    return Lesson(shown, tours, steps, neighbours(exact), unseen)


def disguised(rng: np.random.Generator, shown: Shown) -> Shown:
    """The same instances turned, mirrored and with other numbers for all points but the first."""
    count, n, _ = shown.points.shape
    row = np.arange(count)[:, None]
    number = salesman.random_tours(rng, count, 1, n)[:, 0]
    points = np.empty_like(shown.points)
    points[row, number] = np.where(rng.random((count, 1, 1)) < 0.5, shown.points, shown.points[..., ::-1])
    points *= rng.choice([-1, 1], (count, 1, 2))
    return Shown(points, number[row[..., None], shown.tours], shown.lengths)


def neighbours(tours: np.ndarray) -> np.ndarray:
    """Half for each of the two neighbours that a point has on its instance's tour."""
    count, n = tours.shape
    shares = np.zeros((count, n, n), np.float32)
    row = np.arange(count)[:, None]
    for following in (np.roll(tours, -1, 1), np.roll(tours, 1, 1)):
        shares[row, tours, following] += 0.5
    return shares
