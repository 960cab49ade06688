"""The problem as `motjuste solve tsp` poses it: drawn points, closed tours, and the meta-prompt."""

import numpy as np

from tours.wire import FOLLOW, REPLY, REPLY_END, REQUEST, SIDE, TRACE, TRACE_END, head, index, node

SHOWN = 10
START_TOURS = 5


def draw(rng: np.random.Generator, count: int, n: int) -> np.ndarray:
    """Points with coordinates uniform in [-100, 100], cut to whole numbers."""
    return np.trunc(rng.uniform(-SIDE, SIDE, (count, n, 2))).astype(int)


def distances(points: np.ndarray) -> np.ndarray:
    """Of every instance, between all points."""
    difference = (points[:, :, None] - points[:, None]).astype(float)
    return np.hypot(difference[..., 0], difference[..., 1])


def random_tours(rng: np.random.Generator, count: int, tours: int, n: int) -> np.ndarray:
    """Uniform tours from point 0."""
    further = np.broadcast_to(np.arange(1, n), (count, tours, n - 1))
    return np.concatenate([np.zeros((count, tours, 1), int), rng.permuted(further, axis=2)], 2)


def lengths(distance: np.ndarray, tours: np.ndarray) -> np.ndarray:
    """Of the closed tours of every instance."""
    instance = np.arange(len(tours))[:, None, None]
    return distance[instance, tours, np.roll(tours, -1, 2)].sum(2)


def worst_first(tours: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tours of every instance and their lengths, the longest first."""
    order = np.argsort(-values, 1)
    return np.take_along_axis(tours, order[..., None], 1), np.take_along_axis(values, order, 1)


def meta_prompt(points: list[list[int]], known: list[tuple[list[int], float]]) -> str:
    """The text of `tsp.txt`: the best tours, the worst of them first, lengths cut to whole numbers."""
    shown = sorted(known, key=lambda row: row[1])[:SHOWN][::-1]
    labels = [head(len(points)), *map(index, range(1, len(points)))]
    coordinates = "".join(f"{label}{x}, {y})" for label, (x, y) in zip(labels, points))
    traces = "".join(f"{TRACE}{''.join(map(node, tour[1:]))}{TRACE_END}{int(length)}" for tour, length in shown)
    return coordinates + FOLLOW + traces + "".join(REQUEST)


def reply(tour: list[int]) -> str:
    return REPLY + "".join(map(node, tour[1:])) + REPLY_END
