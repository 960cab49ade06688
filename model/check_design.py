"""Print what a perfectly trained follower would score: the design, before any training.

For every task: mean and maximum over all trained wordings, the share at or above .9, the share at 0, the best of 10,
25, 50 and 100 random wordings, a precise and terse wording, and the wording that the generator's prior makes most
likely, with its score. With `--coverage`, a Markdown list of what every core means.
"""

import argparse
import random

import numpy

import wording
from families import GROUP_OF, TASKS, draw_input


def inputs_of(task: str, count: int = 100) -> list[str]:
    rng = random.Random(f"design/{task}")
    return [draw_input(rng, task) for _ in range(count)]


def print_coverage() -> None:
    """For every wording of every task: the categories of input (0 to 5) it is right for, and what else it means."""
    for task in TASKS:
        print(f"\n### {task} ({GROUP_OF[task]})\n\n| wording | right for | otherwise |\n|---|---|---|")
        kinds = [""] * wording.OWN + [" (vague)"] * 2 + [" (never trained)"]
        kinds += [" (plain sentence)"] * len(wording.PLAIN_COVERED)
        for core, phrase in enumerate(wording.CORES[task] + wording.PLAIN_SENTENCES[task]):
            meaning = wording.MEANING[task, core]
            covered = " ".join(str(index) for index, meant in enumerate(meaning) if meant == task)
            others = ", ".join(sorted(set(meaning) - {task}))
            print(f"| {phrase}{kinds[core]} | {covered} | {others} |")


def print_scores() -> None:
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
        print(
            f"{task:14s} mean {scores.mean():.2f} max {scores.max():.2f} >=.9 {(scores >= 0.9).mean():.3f} "
            f"zero {(scores == 0).mean():.2f} best of 10/25/50/100 {' '.join(f'{b:.2f}' for b in best_of)} "
            f"precise {precise:.2f} greedy {greedy:.2f} {wording.text(task, likely)!r}"
        )
    print(
        f"lot {wording.LOT}: greedy mean {numpy.mean(greedy_scores):.2f} max {max(greedy_scores):.2f}, "
        f"share >= .9 {numpy.mean(shares):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coverage", action="store_true", help="list what every core means")
    if parser.parse_args().coverage:
        print_coverage()
    else:
        print_scores()


if __name__ == "__main__":
    main()
