#!/usr/bin/env python3
"""Markdown tables of what `motjuste replay --json` left: python3 ruler/table.py FOLDER

One row a method: its mean test score, each task with the same weight; how far the first method is ahead of it, the mean
over tasks of the mean over seeds, with Student's 95 % interval over tasks; tasks on which the first is better and worse.
"""

import json
import sys
from pathlib import Path


def load(folder, kind):
    files = sorted(folder.glob(f"{kind}-*.json"), key=lambda path: int(path.stem.split("-")[-1]))
    return {int(path.stem.split("-")[-1]): json.loads(path.read_text()) for path in files}


def label(method):
    """TRIPLE and OPRO are told something of the budget; each is one method all the same."""
    name = method.split()[0]
    return name if name in ("triple-sh", "opro") else method


def below(run, name):
    """The share of studies whose answer is more than a standard error, .06 on 64 test rows, worse than the prompt in use."""
    own = [one for one in run["studies"] if label(one["method"]) == name and one.get("in_use") is not None]
    return sum(one["test"][0] < one["in_use"] - 0.06 for one in own) / len(own) if own else None


def spans(name):
    """A method and its settings, each as code: `motjuste`, `race.rule=halving`."""
    return ", ".join(f"`{word}`" for word in name.split())


def cell(mark):
    ahead = mark["behind_the_first"]
    if ahead is None:
        return f"{mark['test']:.3f} | –"
    better, worse = mark["tasks"]
    return f"{mark['test']:.3f} | {ahead['value']:+.3f} ({ahead['low']:+.3f} to {ahead['high']:+.3f}), {better}:{worse}"


def table(runs):
    marks = {calls: {label(one["method"]): one for one in run["methods"]} for calls, run in runs.items()}
    names = list(marks[min(runs)])
    print("| method | " + " | ".join(f"{calls} calls | first ahead by" for calls in runs) + " | reach 95 % | dev above test |")
    print("|---" * (2 * len(runs) + 3) + "|")
    for name in names:
        cells = [cell(marks[calls][name]["at"][0]) if name in marks[calls] else " | " for calls in runs]
        end = marks[max(calls for calls in runs if name in marks[calls])][name]
        reached, median = end["reached_95"], end["calls_to_95"]
        calls = f"{100 * reached:.0f} %" + (f", after {median}" if median else "")
        print(f"| {spans(name)} | " + " | ".join(cells) + f" | {calls} | {end['at'][0]['dev_above_test']:+.3f} |")
    print()
    for calls, run in runs.items():
        shares = [(name, below(run, name)) for name in names]
        told = [f"{spans(name)} {100 * share:.1f} %" for name, share in shares if share is not None]
        if told:
            print(f"Worse than the prompt in use after {calls} calls: {', '.join(told)}.\n")


def main():
    folder = Path(sys.argv[1])
    for kind in ("pool", "networks", "words"):
        runs = load(folder, kind)
        if runs:
            print(f"{kind}:\n")
            table(runs)


main()
