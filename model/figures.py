"""Measured figures with their intervals, and the goals they are held against. All intervals at 95 %."""

import math
from dataclasses import dataclass

import numpy

Z = 1.959964


@dataclass
class Figure:
    """A measured number, its interval, and the goal it is held against: ">= x" and "<= x" ask the number, "> x" asks
    the whole interval."""

    name: str
    value: float
    low: float
    high: float
    goal: str = ""

    @property
    def reached(self) -> bool | None:
        if not self.goal:
            return None
        comparison, bound = self.goal.split()
        reached = {">=": self.value >= float(bound), "<=": self.value <= float(bound), ">": self.low > float(bound)}
        return reached[comparison]

    def __str__(self) -> str:
        mark = {True: "reached", False: "NOT reached", None: ""}[self.reached]
        return f"{self.name:68s} {self.value:6.3f} [{self.low:.3f}, {self.high:.3f}]  {self.goal:14s} {mark}"


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's interval of a share of `count` draws."""
    scale = 1 + Z * Z / count
    centre = (share + Z * Z / (2 * count)) / scale
    half = Z / scale * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return centre - half, centre + half


def proportion(name: str, hits: list, goal: str = "") -> Figure:
    share = float(numpy.mean(hits))
    return Figure(name, share, *wilson(share, len(hits)), goal)


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t, by the expansion of Cornish and Fisher (three digits from ten degrees on)."""
    if freedom < 1:
        return math.inf
    first = (Z**3 + Z) / (4 * freedom)
    return Z + first + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom**2)


def mean(name: str, values: list[float], goal: str = "") -> Figure:
    """A mean over tasks or runs."""
    middle = float(numpy.mean(values))
    half = student(len(values) - 1) * float(numpy.std(values, ddof=1)) / math.sqrt(len(values))
    return Figure(name, middle, middle - half, middle + half, goal)


def single(name: str, value: float, goal: str = "") -> Figure:
    """A number without spread of its own, such as the worst of all tasks."""
    return Figure(name, value, value, value, goal)
