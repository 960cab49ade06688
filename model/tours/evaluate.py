"""Measure the model as people use it: `motjuste solve tsp`, beside methods without a model.

    python -m tours.evaluate MOTJUSTE [--count 100] [--json FILE]

MOTJUSTE is the binary. The instances are drawn with seeds from 1000; a search ends with the optimum, or after 12 or 1
steps of eight calls. Gaps are to the exact optimum. 2-opt begins with the five tours that the model begins with; random
tours are as many as the model evaluated. Intervals are Wilson's for shares, and Student's t for means.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from statistics import median

import figures

STEPS = [12, 1]
# What depends on the steps: the others are counted once.
STEPPING = ["model", "random tours"]
POINTS = [10, 8, 6, 5]
SEED = 1000
CLOSE = 5.0


def solve(arguments: argparse.Namespace, n: int, steps: int) -> list[dict]:
    """The runs of `solve tsp` on the drawn instances."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(arguments.motjuste.resolve()), "--json", "--store", f"{folder}/store.sqlite", "solve", "tsp"]
        command += ["--n", str(n), "--count", str(arguments.count), "--seed", str(SEED), "--steps", str(steps)]
        command += ["--out", f"{folder}/page"] + (["--model", arguments.model] if arguments.model else [])
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["runs"]


def gaps(runs: list[dict]) -> dict[str, list[float]]:
    """The gap of every method on each instance in per cent, and that of the tours that the model begins with."""
    methods = [gap["method"] for gap in runs[0]["gaps"]]
    found = {name: [100 * run["gaps"][place]["gap"] for run in runs] for place, name in enumerate(methods)}
    return found | {"best of five random tours": [100 * run["start_gap"] for run in runs]}


def line(n: int, steps: int, method: str, found: list[float], evaluations: float | None) -> dict:
    close = sum(gap <= CLOSE for gap in found)
    average = figures.mean(method, found)
    return {
        "points": n,
        "steps": steps,
        "method": method,
        "instances": len(found),
        "mean gap": average.value,
        "interval": (average.low, average.high),
        "median gap": median(found),
        "within 5 %": close,
        "interval within": figures.wilson(close / len(found), len(found)),
        "optimal": sum(gap < 1e-6 for gap in found),
        "mean evaluations": evaluations,
    }


def block(arguments: argparse.Namespace, n: int, steps: int) -> list[dict]:
    runs = solve(arguments, n, steps)
    made = sum(run["model"]["evaluations"] for run in runs) / len(runs)
    found = {name: values for name, values in gaps(runs).items() if steps == STEPS[0] or name in STEPPING}
    return [line(n, steps, name, values, made if name in STEPPING else None) for name, values in found.items()]


def printed(row: dict) -> str:
    count = row["instances"]
    (low, high), (least, most) = row["interval"], row["interval within"]
    gap = f"{row['mean gap']:.2f} | {low:.2f} to {high:.2f} | {row['median gap']:.2f}"
    close = f"{row['within 5 %']} of {count} | {least:.2f} to {most:.2f} | {row['optimal']} of {count}"
    made = "" if row["mean evaluations"] is None else f"{row['mean evaluations']:.1f}"
    steps = row["steps"] if row["method"] in STEPPING else ""
    text = f"| {row['points']} | {steps} | {row['method']} | {gap} | {close} | {made} |"
    return text.replace("-0.00", "0.00")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("motjuste", type=Path, help="the binary")
    parser.add_argument("--count", type=int, default=100, help="instances")
    parser.add_argument("--points", type=int, nargs="+", default=POINTS, help="points of an instance")
    parser.add_argument("--model", help="another model than the default")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    columns = ["points", "steps", "method", "mean gap, %", "95 % interval", "median", "within 5 %", "95 % interval"]
    print("| " + " | ".join([*columns, "optimal", "evaluations"]) + " |")
    print("|" + "---|" * (len(columns) + 2))
    rows = []
    for n, steps in [(n, steps) for n in arguments.points for steps in STEPS]:
        measured = block(arguments, n, steps)
        rows += measured
        print("\n".join(map(printed, measured)), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
