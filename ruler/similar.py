"""How differently do wordings do that have nearly the same words? Needs pyarrow.

For each task: pairs of wordings whose sets of words overlap by 70 % or more (Jaccard), and all pairs; of both the mean
difference of their scores over all rows. Pairs in which both are right on next to no row are left out.

    python3 ruler/similar.py
"""

import re
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq

HERE = Path(__file__).parent


def scores(task):
    """The mean score of each wording over all rows."""
    table = pq.read_table(HERE / task / "smollm2.parquet", columns=["instruction", "score"]).to_pydict()
    rows = {}
    for instruction, score in zip(table["instruction"], table["score"]):
        rows.setdefault(instruction, []).append(score or 0.0)
    return {instruction: sum(all_) / len(all_) for instruction, all_ in rows.items()}


def overlap(one, other):
    return len(one & other) / max(len(one | other), 1)


def main():
    print("| task | wordings | close pairs | mean difference, close | all | the widest |")
    print("|---|---|---|---|---|---|")
    for path in sorted(HERE.glob("*/smollm2.parquet")):
        score = scores(path.parent.name)
        words = {text: set(re.findall(r"\w+", text.lower())) for text in score}
        pairs = [pair for pair in combinations(score, 2) if max(score[pair[0]], score[pair[1]]) > 0.02]
        differences = {pair: abs(score[pair[0]] - score[pair[1]]) for pair in pairs}
        close = [pair for pair in pairs if overlap(words[pair[0]], words[pair[1]]) >= 0.7]
        widest = max(close, key=differences.get)
        told = " / ".join(f"“{text}” {score[text]:.2f}" for text in widest)
        mean = lambda some: sum(differences[pair] for pair in some) / max(len(some), 1)
        name = path.parent.name
        print(f"| `{name}` | {len(score)} | {len(close)} | {mean(close):.3f} | {mean(pairs):.3f} | {told} |")


main()
