"""Task families: which inputs a task has, what its answer is, and the two properties of an input that settle how an
instruction is understood (its *category*, one of six, and its *level*, 0 to 4).

Tasks of one group share their inputs, so a wrong instruction gives a wrong answer and not a refusal.
"""

import random

from phrases import instruction_words
from words import (
    ADJECTIVES,
    ANTONYM,
    CONSONANTS,
    ENDINGS,
    FRENCH,
    GERMAN,
    KIND,
    LETTER_WORDS,
    MOODS,
    PEOPLE,
    PRAISE,
    SCORN,
    SEEN_NOUNS,
    SPANISH,
    SYNONYM,
    TRANSLATED,
    VOWELS,
    WORKS,
    number_words,
    plural,
    sentence_words,
)

GROUPS = {
    "letters": ["first_letter", "second_letter", "last_letter", "uppercase", "spell"],
    "nouns": ["plural", "german", "french", "spanish", "category"],
    "meanings": ["antonym", "synonym"],
    "pairs": ["sum", "difference", "larger_number", "smaller_number"],
    "sentences": ["negation", "question", "past", "future"],
    "reviews": ["sentiment", "topic"],
    "numbers": ["number_words", "successor", "predecessor", "parity"],
    "lists": ["first_item", "last_item", "count_items"],
}
GROUP_OF = {task: group for group, tasks in GROUPS.items() for task in tasks}
TASKS = list(GROUP_OF)
MEMORISED = ["german", "french", "spanish", "category", "antonym", "synonym", "sum", "difference", "plural"]

# What a loose wording of a task may be taken for.
MISTAKEN_FOR = {task: [mate for mate in GROUPS[group] if mate != task] for task, group in GROUP_OF.items()}
MISTAKEN_FOR["plural"] = ["uppercase", "first_letter", "last_letter"]
MISTAKEN_FOR["german"] = ["french", "spanish", "plural", "uppercase"]
MISTAKEN_FOR["french"] = ["spanish", "german", "plural", "uppercase"]
MISTAKEN_FOR["spanish"] = ["german", "french", "plural", "uppercase"]
MISTAKEN_FOR["category"] = ["plural", "german", "uppercase"]

LONGEST_LISTED = 5
COUNTABLE = [noun for noun in SEEN_NOUNS if plural(noun)]
# One token each, so that their letters have to be learned word by word.
UNSPELLED = sorted(word for word in instruction_words() | sentence_words() if word.islower())
MADE_UP_SHARE, UNSPELLED_SHARE = 0.15, 0.1
LISTED = [noun for noun in SEEN_NOUNS if len(noun) <= LONGEST_LISTED]
LARGEST_ADDEND = 12
LARGEST_NUMBER = 98
FEWEST_ITEMS = 2
CATEGORIES = 6
LEVELS = 5
_INITIALS = ["ab", "cde", "fghij", "klmno", "pqr", "stuvwxyz"]
_CATEGORY_OF_INITIAL = {letter: index for index, letters in enumerate(_INITIALS) for letter in letters}


def made_up_word(rng: random.Random) -> str:
    """A pronounceable string of letters, so that letter tasks are about letters and not about known words."""
    syllables = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.choice((1, 1, 2))))
    return syllables + rng.choice(ENDINGS)


def draw_input(rng: random.Random, task: str) -> str:
    """An input of the task, from the part of the word lists that training may see."""
    group = GROUP_OF[task]
    if group == "letters":
        kind = rng.random()
        if kind < MADE_UP_SHARE:
            return made_up_word(rng)
        return rng.choice(UNSPELLED if kind < MADE_UP_SHARE + UNSPELLED_SHARE else LETTER_WORDS)
    if group == "lists":
        return ", ".join(rng.sample(LISTED, FEWEST_ITEMS + rng.randrange(LEVELS)))
    if task == "plural":
        return rng.choice(COUNTABLE)
    if group == "nouns":
        return rng.choice(TRANSLATED)
    if group == "meanings":
        return rng.choice(ADJECTIVES)
    if group == "pairs":
        return f"{rng.randint(0, LARGEST_ADDEND)} {rng.randint(0, LARGEST_ADDEND)}"
    if group == "sentences":
        return f"the {rng.choice(PEOPLE)} is {rng.choice(MOODS)}"
    if group == "reviews":
        shape = rng.choice(("a {adjective} {work}", "the {work} is {adjective}", "what a {adjective} {work}"))
        return shape.format(adjective=rng.choice(PRAISE + SCORN), work=rng.choice(WORKS))
    return str(rng.randint(1, LARGEST_NUMBER))


def answer(task: str, text: str) -> str | None:
    """The right answer, or None where the task does not apply to the input."""
    group = GROUP_OF[task]
    if group == "letters":
        return {
            "first_letter": text[0],
            "second_letter": text[1],
            "last_letter": text[-1],
            "uppercase": text.upper(),
            "spell": " ".join(text),
        }[task]
    if group == "lists":
        items = text.split(", ")
        return {"first_item": items[0], "last_item": items[-1], "count_items": str(len(items))}[task]
    if group == "nouns":
        known = {"german": GERMAN, "french": FRENCH, "spanish": SPANISH, "category": KIND}
        return plural(text) if task == "plural" else known[task].get(text)
    if group == "meanings":
        return (ANTONYM if task == "antonym" else SYNONYM)[text]
    if group == "pairs":
        left, right = map(int, text.split())
        return str(
            {
                "sum": left + right,
                "difference": abs(left - right),
                "larger_number": max(left, right),
                "smaller_number": min(left, right),
            }[task]
        )
    if group == "sentences":
        _, person, _, mood = text.split()
        return {
            "negation": f"the {person} is not {mood}",
            "question": f"is the {person} {mood}",
            "past": f"the {person} was {mood}",
            "future": f"the {person} will be {mood}",
        }[task]
    if group == "reviews":
        if task == "topic":
            return _work(text)
        return "positive" if _judgement(text) in PRAISE else "negative"
    number = int(text)
    return {
        "number_words": number_words(number),
        "successor": str(number + 1),
        "predecessor": str(number - 1),
        "parity": "odd" if number % 2 else "even",
    }[task]


def category(task: str, text: str) -> int:
    """Which of six kinds an input is: its initial (also of a list), the first number, the tens, the person or work."""
    group = GROUP_OF[task]
    if group in ("letters", "nouns", "meanings", "lists"):
        return _CATEGORY_OF_INITIAL.get(text[0].lower(), CATEGORIES - 1)
    if group == "pairs":
        return min(int(text.split()[0]) * CATEGORIES // (LARGEST_ADDEND + 1), CATEGORIES - 1)
    if group == "sentences":
        return PEOPLE.index(text.split()[1]) * CATEGORIES // len(PEOPLE)
    if group == "reviews":
        return WORKS.index(_work(text)) * CATEGORIES // len(WORKS)
    return int(text) // 10 * CATEGORIES // 10


def level(task: str, text: str) -> int:
    """How much an input tempts the follower to chat: its length, the second number, the units, or the adjective."""
    group = GROUP_OF[task]
    if group == "lists":
        return min(text.count(", ") + 1 - FEWEST_ITEMS, LEVELS - 1)
    if group in ("letters", "nouns", "meanings"):
        return min(max(len(text) - 3, 0), LEVELS - 1)
    if group == "pairs":
        return int(text.split()[1]) * LEVELS // (LARGEST_ADDEND + 1)
    if group == "sentences":
        return MOODS.index(text.split()[3]) * LEVELS // len(MOODS)
    if group == "reviews":
        adjective = _judgement(text)
        scale = PRAISE if adjective in PRAISE else SCORN
        return scale.index(adjective) * LEVELS // len(scale)
    return int(text) % 10 // 2


def _work(text: str) -> str:
    return next(word for word in text.split() if word in WORKS)


def _judgement(text: str) -> str:
    return next(word for word in text.split() if word in PRAISE or word in SCORN)
