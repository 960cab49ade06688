"""The exact optimum of many instances at once by dynamic programming (Held and Karp 1962).

C(S, k) is the length of the shortest path from point 0 through all points of S that ends in k ∈ S. Read backwards it is
the shortest way home from k through the rest of S, so one table says what every next step of every tour costs.
"""

import numpy as np


class Ways:
    """The table of each instance; row S is a bit set, point k + 1 has bit k."""

    def __init__(self, distance: np.ndarray) -> None:
        self.distance = distance.astype(np.float32)
        count, n, _ = distance.shape
        self.others = n - 1
        self.table = np.full((1 << self.others, count, self.others), np.inf, np.float32)
        for k in range(self.others):
            self.table[1 << k, :, k] = self.distance[:, 0, k + 1]
        for visited in range(1, (1 << self.others) - 1):
            self._go_on(visited)

    def _go_on(self, visited: int) -> None:
        inside = [k for k in range(self.others) if visited >> k & 1]
        outside = [k for k in range(self.others) if not visited >> k & 1]
        for k in outside:
            paths = self.table[visited][:, inside] + self.distance[:, k + 1, 1:][:, inside]
            self.table[visited | 1 << k, :, k] = paths.min(1)

    def regrets(self, left: np.ndarray, here: np.ndarray) -> np.ndarray:
        """By how much the best tour becomes longer with each point as the next; infinite for points not left."""
        row = np.arange(len(left))
        home = self.table[left, row] + self.distance[row, here, 1:]
        is_left = left[:, None] >> np.arange(self.others) & 1
        home = np.where(is_left, home, np.inf)
        regret = home - home.min(1, keepdims=True)
        return np.concatenate([np.full((len(left), 1), np.inf, np.float32), regret], 1)

    def walk(self, rng: np.random.Generator, temperature: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A tour of each instance, and the regrets at each of its steps.

        The next point is drawn with probabilities proportional to exp(-regret / temperature).
        """
        count = len(self.distance)
        left, here = np.full(count, (1 << self.others) - 1), np.zeros(count, int)
        tour, steps = [here], []
        for _ in range(self.others):
            regret = self.regrets(left, here)
            noise = rng.gumbel(size=regret.shape)
            here = (noise - regret / temperature[:, None]).argmax(1)
            left = left & ~(1 << (here - 1))
            tour.append(here)
            steps.append(regret)
        return np.stack(tour, 1), np.stack(steps, 1)
