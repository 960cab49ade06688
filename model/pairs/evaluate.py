"""Measure the model as people use it: `motjuste solve linreg`, beside random search and coordinate descent.

    python -m pairs.evaluate MOTJUSTE [--repeats 20] [--json FILE]

MOTJUSTE is the binary. Every range of true pairs gets as many searches of at most twelve steps, each on a line of its
own. The true pairs of a range are drawn with a seed; the published ones are repeated. The rivals get as many
evaluations as the model made. Intervals are Wilson's.
"""

import argparse
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figures import wilson
from pairs.line import Pair

STEPS = 12
SEED = 1000
PUBLISHED = [(15, 14), (17, 17), (16, 10), (3, 5), (25, 23), (2, 30), (36, -1)]
RANGES = {
    "10 to 20": (10, 20),
    "0 to 40": (0, 40),
    "-5 to 45": (-5, 45),
}
METHODS = ["model", "random search", "coordinate descent"]


def blocks(repeats: int) -> Iterator[tuple[str, list[Pair]]]:
    """The name of each block of the table, and the true pairs of its searches."""
    rng = random.Random(SEED)
    for name, (low, high) in RANGES.items():
        yield name, [(rng.randint(low, high), rng.randint(low, high)) for _ in range(repeats)]
    for pair in PUBLISHED:
        yield f"({pair[0]}, {pair[1]})", [pair] * repeats


def solve(binary: Path, folder: str, pair: Pair, seed: int) -> dict:
    """The only run of `solve linreg` on this pair with this seed."""
    command = [str(binary), "--json", "--store", f"{folder}/store.sqlite", "solve", "linreg"]
    command += ["--w", str(pair[0]), "--b", str(pair[1]), "--repeats", "1", "--steps", str(STEPS), "--seed", str(seed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["runs"][0]


def reached(run: dict) -> dict[str, dict]:
    """What each method reached."""
    return {"model": run["model"]} | {baseline["method"]: baseline for baseline in run["baselines"]}


def block(binary: Path, name: str, pairs: list[Pair]) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        runs = [solve(binary, folder, pair, SEED + place) for place, pair in enumerate(pairs)]
    return [line(name, method, [reached(run)[method] for run in runs]) for method in METHODS]


def line(name: str, method: str, runs: list[dict]) -> dict:
    """One method on one block. Only the model has steps."""
    found = [run for run in runs if run["solved_after"] is not None]
    steps = sorted(run["stop_reason"]["solved"]["step"] for run in found if "stop_reason" in run)
    return {
        "true pair": name,
        "method": method,
        "searches": len(runs),
        "found": len(found),
        "interval": wilson(len(found) / len(runs), len(runs)),
        "median steps": steps[len(steps) // 2] if steps else None,
        "most steps": steps[-1] if steps else None,
        "mean evaluations": sum(run["evaluations"] for run in runs) / len(runs),
    }


def printed(row: dict) -> str:
    low, high = row["interval"]
    steps = "" if row["median steps"] is None else f"{row['median steps']} ({row['most steps']})"
    share = f"{row['found']} of {row['searches']} | {low:.2f} to {high:.2f}"
    return f"| {row['true pair']} | {row['method']} | {share} | {steps} | {row['mean evaluations']:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("motjuste", type=Path, help="the binary")
    parser.add_argument("--repeats", type=int, default=20, help="searches of a block")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    arguments = parser.parse_args()
    print(f"| true pair | method | found in {STEPS} steps | 95 % interval | steps, median (most) | evaluations |")
    print("|---|---|---|---|---|---|")
    figures = []
    for name, pairs in blocks(arguments.repeats):
        rows = block(arguments.motjuste.resolve(), name, pairs)
        figures += rows
        print("\n".join(map(printed, rows)), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
