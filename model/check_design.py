"""Print what a perfectly trained follower would score: the design, before any training.

For every task: mean and maximum over all trained wordings, the share at or above .9, the share at 0, the best of 10,
25, 50 and 100 random wordings, a precise and terse wording, and the wording that the generator's prior makes most
likely, with its score. Tasks with a task file are marked.
"""

import random

import numpy

import wording
from families import TASKS, draw_input
from make_tasks import DESCRIPTIONS


def inputs_of(task: str, count: int = 100) -> list[str]:
    rng = random.Random(f"design/{task}")
    return [draw_input(rng, task) for _ in range(count)]


def main() -> None:
    rng = numpy.random.default_rng(0)
    greedy_scores, shares = [], []
    for task in TASKS:
        inputs = inputs_of(task)
        scores = numpy.array([wording.design_score(task, w, inputs[:20]) for w in wording.all_wordings()])
        best_of = [numpy.mean([rng.choice(scores, k, False).max() for _ in range(200)]) for k in (10, 25, 50, 100)]
        likely = wording.most_likely(task)
        greedy = wording.design_score(task, likely, inputs)
        precise = wording.design_score(task, wording.most_precise(task), inputs)
        greedy_scores.append(greedy)
        shares.append((scores >= 0.9).mean())
        mark = "*" if task in DESCRIPTIONS else " "
        print(
            f"{mark}{task:14s} mean {scores.mean():.2f} max {scores.max():.2f} >=.9 {(scores >= 0.9).mean():.3f} "
            f"zero {(scores == 0).mean():.2f} best of 10/25/50/100 {' '.join(f'{b:.2f}' for b in best_of)} "
            f"precise {precise:.2f} greedy {greedy:.2f} {wording.text(task, likely)!r}"
        )
    print(
        f"lot {wording.LOT}: greedy mean {numpy.mean(greedy_scores):.2f} max {max(greedy_scores):.2f}, "
        f"share >= .9 {numpy.mean(shares):.3f}"
    )


if __name__ == "__main__":
    main()
