"""What is taught when: shares of the examples by the share of the budget that is spent."""

from dataclasses import dataclass

from families import TASKS

# Each line: until that share of the budget is spent, the value.
# The number of tasks that the generator's examples are drawn from. With all of them from the start the core is not
# learned: it takes task and prefix together to know it.
GENERATOR_TASKS = [(0.08, 3), (0.14, 10), (1.0, len(TASKS))]
HINTED = [(0.25, 1.0), (0.35, 0.6), (0.45, 0.3), (1.0, 0.0)]  # share of prefixes with a hint
TERSEST = [(0.895, 0.0), (1.0, 0.3)]  # share of follower wordings made terse (rare otherwise)
PROPOSES = [(0.4, False), (1.0, True)]  # OPRO's role begins when the core is learned, or its noise would be in the way


@dataclass(frozen=True)
class Phase:
    """What a round of batches is drawn with."""

    generator_tasks: int
    hinted: float
    tersest: float
    proposes: bool

    @classmethod
    def at(cls, progress: float) -> "Phase":
        return cls(*(_at(progress, lines) for lines in (GENERATOR_TASKS, HINTED, TERSEST, PROPOSES)))


def _at(progress: float, lines: list[tuple]) -> int | float | bool:
    return next(value for until, value in lines if progress < until or until == 1.0)
