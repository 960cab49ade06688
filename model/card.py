"""Write measured figures into the model card, between its markers.

python card.py figures.json README.md
"""

import argparse
import json
from pathlib import Path

COLUMNS = [("greedy", "first guess"), ("found", "best of random draws"), ("precise", "precise wording")]


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def header(cells: list[str]) -> list[str]:
    return [row(cells), "|" + "---|" * len(cells)]


def interval(figure: dict, digits: int) -> str:
    if figure["low"] == figure["high"]:
        return ""
    high = figure["high"] if figure["value"] > 1 else min(1, figure["high"])
    return f"{figure['low']:.{digits}f} to {high:.{digits}f}"


def figure_row(figure: dict) -> str:
    digits = 1 if figure["value"] > 1.5 else 3
    verdict = {True: "reached", False: "**not reached**", None: ""}[figure["reached"]]
    goal = figure["goal"].replace(">=", "≥").replace("<=", "≤")
    name = figure["name"].replace("  ", "… ", 1) if figure["name"].startswith("  ") else figure["name"]
    return row([name, f"{figure['value']:.{digits}f}", interval(figure, digits), goal, verdict, figure["section"]])


def figures_table(figures: list[dict]) -> list[str]:
    return header(["figure", "measured", "95 % interval", "goal", "", "section"]) + list(map(figure_row, figures))


def tasks_table(tasks: list[dict]) -> list[str]:
    titles = [title for _, name in COLUMNS for title in (name, "dev", "test")]
    rows = []
    for task in tasks:
        cells = [task["task"]]
        for key, _ in COLUMNS:
            cells += [task[key], f"{task[f'{key}_dev']:.2f}", f"{task[f'{key}_test']:.2f}"]
        rows.append(row(cells))
    return header(["task", *titles]) + rows


def fill(card: str, name: str, lines: list[str]) -> str:
    """The card with `lines` between the markers of that name."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = card.split(opening)
    _, after = rest.split(closing)
    return before + opening + "\n".join(lines) + "\n" + closing + after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, help="written by evaluate.py --json")
    parser.add_argument("card", type=Path)
    arguments = parser.parse_args()
    measured = json.loads(arguments.figures.read_text())
    card = fill(arguments.card.read_text(), "figures", figures_table(measured["figures"]))
    arguments.card.write_text(fill(card, "tasks", tasks_table(measured["tasks"])))


if __name__ == "__main__":
    main()
