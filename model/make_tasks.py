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
from families import GROUP_OF, LARGEST_ADDEND, LETTER_WORDS, answer, draw_input
from words import ADJECTIVES, COUNTABLE_UNSEEN, SEEN_NOUNS, TRANSLATED, UNSEEN, plural

SEED = 20
DESCRIPTIONS = {
    "first_letter": "Write the first letter of the word.",
    "second_letter": "Write the second letter of the word.",
    "last_letter": "Write the last letter of the word.",
    "uppercase": "Write the word in capital letters.",
    "spell": "Spell the word, letter by letter.",
    "plural": "Write the plural of the noun.",
    "german": "Translate the word into German.",
    "french": "Translate the word into French.",
    "spanish": "Translate the word into Spanish.",
    "category": "Say what kind of thing the noun is.",
    "antonym": "Write a word that means the opposite.",
    "synonym": "Write a word that means the same.",
    "sum": "Add the two numbers.",
    "difference": "Write the difference of the two numbers.",
    "larger_number": "Write the larger of the two numbers.",
    "smaller_number": "Write the smaller of the two numbers.",
    "negation": "Negate the sentence.",
    "question": "Turn the sentence into a question.",
    "past": "Write the sentence in the past tense.",
    "future": "Write the sentence in the future tense.",
    "sentiment": "Say whether the review is positive or negative.",
    "topic": "Say what the review is about.",
    "number_words": "Write the number in words.",
    "successor": "Write the next number.",
    "predecessor": "Write the number before it.",
    "parity": "Say whether the number is odd or even.",
    "first_item": "Write the first item of the list.",
    "last_item": "Write the last item of the list.",
    "count_items": "Count the items of the list.",
}
TRAIN, DEV, TEST = 40, 20, 100


def inputs(task: str) -> tuple[list[str], list[str]]:
    """Inputs for demonstrations, and inputs for dev and test, shuffled; they may be the same list."""
    rng = random.Random(lot(SEED, task))
    group = GROUP_OF[task]
    if group == "letters":
        known, fresh = list(LETTER_WORDS), list(UNSEEN)
    elif task == "plural":
        known, fresh = [noun for noun in SEEN_NOUNS if plural(noun)], list(COUNTABLE_UNSEEN)
    elif group in ("nouns", "meanings"):
        known = fresh = list(TRANSLATED if group == "nouns" else ADJECTIVES)
    elif group == "pairs":
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
        'metric = "induction_exact_match"',
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
