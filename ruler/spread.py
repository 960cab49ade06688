"""Prints how the wordings of each matrix spread: `python3 ruler/spread.py` (needs pyarrow). Two Markdown tables.

The first: test scores of all wordings. The second: the best of each source, with the number of its wordings.
"""

import statistics
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as parquet

HERE = Path(__file__).parent
SOURCES = ["people", "smollm2-paraphrase", "smollm2-description", "smollm2-examples", "smollm2-soft", "gemma-soft"]


def means(path):
    """The source and the mean test and dev score of each instruction."""
    scores, sources = defaultdict(lambda: defaultdict(list)), {}
    for cell in parquet.read_table(path).to_pylist():
        scores[cell["instruction"]][cell["split"]].append(cell["score"] or 0.0)
        sources[cell["instruction"]] = cell["source"]
    return [(sources[text], statistics.mean(of["test"]), statistics.mean(of["dev"])) for text, of in scores.items()]


def correlation(pairs):
    dev, test = zip(*pairs)
    return statistics.correlation(dev, test)


def spread(name, lines):
    test = [score for _, score, _ in lines]
    numbers = [statistics.mean(test), statistics.stdev(test), min(test), statistics.median(test), max(test)]
    cells = [f"{number:.2f}" for number in [*numbers, correlation([(dev, score) for _, score, dev in lines])]]
    return f"| `{name}` | {len(lines)} | {' | '.join(cells)} |"


def by_source(name, lines):
    cells = []
    for source in SOURCES:
        of = [score for own, score, _ in lines if own == source]
        cells.append(f"{max(of):.2f} of {len(of)} (mean {statistics.mean(of):.2f})" if of else "none")
    return f"| `{name}` | {' | '.join(cells)} |"


def main():
    matrices = [(path.parent.name, means(path)) for path in sorted(HERE.glob("*/smollm2.parquet"))]
    print("| task | wordings | mean | sd | min | median | max | dev and test correlate |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(spread(*matrix) for matrix in matrices))
    print(f"\n| task | {' | '.join(SOURCES)} |\n|{'---|' * (len(SOURCES) + 1)}")
    print("\n".join(by_source(*matrix) for matrix in matrices))


if __name__ == "__main__":
    main()
