"""Write the task files of `tasks/`: tasks that the embedded model can do, with data of their own seed.

    python make_tasks.py ../tasks

Train, dev and test of a task share no input. Dev and test of the letter tasks and of the plural use words that the
embedded model has never seen; the other families are finite lists whose inputs all occur in its training.
"""

import argparse
import json
import random
from pathlib import Path

from chance import lot
from families import LARGEST_ADDEND, LETTER_WORDS, answer, draw_input
from words import ADJECTIVES, COUNTABLE_UNSEEN, SEEN_NOUNS, TRANSLATED, UNSEEN, plural

SEED = 20
DESCRIPTIONS = {
    "first_letter": "Write the first letter of the word.",
    "second_letter": "Write the second letter of the word.",
    "plural": "Write the plural of the noun.",
    "larger_number": "Write the larger of the two numbers.",
    "sum": "Add the two numbers.",
    "negation": "Negate the sentence.",
    "sentiment": "Say whether the review is positive or negative.",
    "antonym": "Write a word that means the opposite.",
    "german": "Translate the word into German.",
}
TRAIN, DEV, TEST = 40, 20, 100


def inputs(task: str) -> tuple[list[str], list[str]]:
    """Inputs for demonstrations, and inputs for dev and test, shuffled; they may be the same list."""
    rng = random.Random(lot(SEED, task))
    if task in ("first_letter", "second_letter"):
        known, fresh = list(LETTER_WORDS), list(UNSEEN)
    elif task == "plural":
        known, fresh = [noun for noun in SEEN_NOUNS if plural(noun)], list(COUNTABLE_UNSEEN)
    elif task in ("antonym", "german"):
        known = fresh = list(ADJECTIVES if task == "antonym" else TRANSLATED)
    elif task in ("sum", "larger_number"):
        numbers = range(LARGEST_ADDEND + 1)
        known = fresh = [f"{left} {right}" for left in numbers for right in numbers]
    else:
        known = fresh = list(dict.fromkeys(draw_input(rng, task) for _ in range(2000)))
    rng.shuffle(known)
    if fresh is not known:
        rng.shuffle(fresh)
    return known, fresh


def splits(task: str) -> dict[str, list[str]]:
    """Disjoint inputs of train, dev and test. A short list gives up demonstrations first, then test inputs."""
    known, fresh = inputs(task)
    dev, test = fresh[:DEV], fresh[DEV : DEV + TEST]
    if fresh is known:
        train = fresh[DEV + TEST : DEV + TEST + TRAIN]
        if len(train) < 30:
            train, test = fresh[-30:], test[: len(fresh) - 30 - DEV]
    else:
        train = known[:TRAIN]
    return {"train": train, "dev": dev, "test": test}


def write_task(folder: Path, task: str) -> None:
    (folder / task).mkdir(parents=True, exist_ok=True)
    lines = [
        f'name = "{task}"',
        f'description = "{DESCRIPTIONS[task]}"',
        'metric = "exact_match"',
        "",
        "[data]",
        *(f'{split} = "{task}/{split}.jsonl"' for split in ("train", "dev", "test")),
    ]
    (folder / f"{task}.toml").write_text("\n".join(lines) + "\n")
    for split, chosen in splits(task).items():
        rows = [json.dumps({"input": text, "output": answer(task, text)}, ensure_ascii=False) for text in chosen]
        (folder / task / f"{split}.jsonl").write_text("\n".join(rows) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for task in DESCRIPTIONS:
        write_task(folder, task)


if __name__ == "__main__":
    main()
