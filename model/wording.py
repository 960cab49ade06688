"""What an instruction can say, and what the follower makes of it.

An instruction is frame + verb + core + clause. Two things about it matter, and both are graded:

* *meaning*: a core names its task for some categories of input and another task of the group for the rest. The first
  core of a task is precise (all six categories), the sixth is loose (one); two vague cores are shared word for word by
  the whole group. Which categories a core covers is drawn by lot.
* *format*: frame, verb and clause each count 0, 1 or 2 towards chattiness. While their sum plus the level of the input
  is at most `PATIENCE`, the follower answers bare; beyond that it chats ("the answer is X.").

The lots are design: change `LOT` and the language model has other habits.
"""

import itertools
import random
from typing import NamedTuple

from chance import lot, order
from families import CATEGORIES, GROUP_OF, GROUPS, MISTAKEN_FOR, TASKS, answer, category, level

LOT = 112
PATIENCE = 4
HELD_OUT_SHARE = 0.12
PRIOR_EXPONENT = 0.8

FRAMES = ["", "please ", "your task is to ", "for each input, ", "read the input and "]
VERBS = ["write", "give", "find", "return", "tell me"]
CLAUSES = ["", " for the given input", " and nothing else", " as the answer", " with no explanation"]
FRAME_CHAT = [1, 2, 1, 0, 0]
VERB_CHAT = [0, 1, 1, 0, 2]
CLAUSE_CHAT = [2, 1, 0, 1, 0]

# Six cores from precise to loose, then one that is never trained.
OWN_CORES = {
    "first_letter": [
        "the first letter of the word", "the initial letter", "the opening character", "the leading letter of the word",
        "the starting sign", "the front of the word", "the letter that the word starts with",
    ],
    "second_letter": [
        "the second letter of the word", "letter two of the word", "the following character", "the next letter",
        "the inner sign", "the neighbour letter", "the letter that is second in the word",
    ],
    "last_letter": [
        "the last letter of the word", "the final letter", "the closing character", "the ending letter of the word",
        "the rear sign", "the rest of the word", "the letter that is last in the word",
    ],
    "uppercase": [
        "the uppercase form of the word", "the word in capital letters", "the upper case version",
        "the capitalized word", "the shouted word", "the headline form of the word",
        "the word written in capital letters",
    ],
    "plural": [
        "the plural form of the word", "the word in the plural", "the multiple version", "the several form",
        "the counted noun", "the group of the thing", "the noun in plural form",
    ],
    "german": [
        "the German translation of the word", "the word in German", "the Austrian word",
        "the Vienna version of the word", "the foreign word", "the Hamburg name of it",
        "the translation of the word into German",
    ],
    "french": [
        "the French translation of the word", "the word in French", "the Belgian word", "the Lyon version of the word",
        "the translated word", "the Paris name of it", "the translation of the word into French",
    ],
    "antonym": [
        "the opposite of the word", "the antonym of the word", "the reverse meaning", "the contrary word",
        "the contrast to the word", "the other side of the word", "a word with the opposite meaning",
    ],
    "synonym": [
        "the synonym of the word", "a word with the same meaning", "the similar word", "the equivalent word",
        "the replacement of the word", "the near word", "a synonym of the given word",
    ],
    "sum": [
        "the sum of the two numbers", "the total of the numbers", "the added numbers", "the combined numbers",
        "the joint value", "the overall figure", "the sum of both numbers",
    ],
    "difference": [
        "the difference of the two numbers", "the gap between the numbers", "the subtracted numbers",
        "the distance of the numbers", "the remaining value", "the leftover figure",
        "the difference between the numbers",
    ],
    "larger_number": [
        "the larger of the two numbers", "the maximum of the numbers", "the bigger number", "the higher number",
        "the winning value", "the top figure", "the number that is larger",
    ],
    "negation": [
        "the negation of the sentence", "the negated sentence", "the denial of the sentence", "the negative version",
        "the sentence with not", "the refused statement", "the sentence in negated form",
    ],
    "question": [
        "the question form of the sentence", "the sentence as a question", "the asked sentence",
        "the interrogative version", "the query about it", "the doubtful statement", "the sentence in question form",
    ],
    "past": [
        "the past tense of the sentence", "the sentence in the past", "the sentence of yesterday",
        "the earlier version", "the memory of it", "the history of the statement", "the sentence in past tense",
    ],
    "sentiment": [
        "the sentiment of the review", "if the review is positive or negative", "the polarity of the text",
        "the opinion of the writer", "the feeling in it", "the mood of the text", "the sentiment of the text",
    ],
    "topic": [
        "the topic of the review", "the subject of the text", "the reviewed work", "the theme of the writer",
        "the item in it", "the matter of the text", "the topic of the text",
    ],
    "number_words": [
        "the number in words", "the spelled number", "the English name of the number", "the spoken number",
        "the long form of it", "the text of the number", "the number spelled in words",
    ],
    "successor": [
        "the next number", "the number plus one", "the increased number", "the successor of the number",
        "the step after it", "the neighbour of the number", "the number after it plus one",
    ],
    "parity": [
        "the parity of the number", "if the number is odd or even", "the odd or even sort",
        "the divisibility of the number", "the type of it", "the class of the number", "if the number is even or odd",
    ],
}  # fmt: skip
VAGUE_CORES = {
    "letters": ["some form of the word", "one piece of the word"],
    "nouns": ["the same thing in another form", "the noun put differently"],
    "meanings": ["a related word", "a linked word"],
    "pairs": ["some result of the numbers", "a computed value"],
    "sentences": ["the changed sentence", "a variant of the sentence"],
    "reviews": ["a judgement of the text", "a label for the text"],
    "numbers": ["some fact about the number", "a view of the number"],
}
# Whole sentences people type; the generator does not write them. They take the place of verb and core.
PLAIN_SENTENCES = {
    "first_letter": ["extract the first letter of the word", "take the letter at the start"],
    "second_letter": ["extract the second letter of the input word", "pick letter number two"],
    "last_letter": ["extract the last letter of the word", "take the letter at the end"],
    "uppercase": ["convert the word to uppercase", "capitalize every letter"],
    "plural": ["make the word plural", "convert the noun to its plural form"],
    "german": ["translate the word into German", "translate from English to German"],
    "french": ["translate the word into French", "translate from English to French"],
    "antonym": ["write a word that means the opposite", "name an antonym"],
    "synonym": ["write a word that means the same", "name a synonym"],
    "sum": ["add the two numbers", "calculate the sum"],
    "difference": ["subtract the smaller number from the larger number", "calculate the difference"],
    "larger_number": ["choose the larger number", "compare the numbers and pick the largest one"],
    "negation": ["negate the sentence", "make the sentence negative"],
    "question": ["turn the sentence into a question", "ask a question about the sentence"],
    "past": ["rewrite the sentence in the past tense", "change is to was"],
    "sentiment": ["classify the sentiment as positive or negative", "decide if the review is positive or negative"],
    "topic": ["name what the review is about", "extract the topic"],
    "number_words": ["spell the number in words", "write the number as English words"],
    "successor": ["add one to the number", "count up by one"],
    "parity": ["decide if the number is odd or even", "say even or odd"],
}

OWN = 6
TRAINED_CORES = OWN + 2
HELD_OUT_CORE = TRAINED_CORES
PLAIN = HELD_OUT_CORE + 1
OPTIONS = (len(FRAMES), len(VERBS), TRAINED_CORES, len(CLAUSES))
CATEGORIES_COVERED = [6, 5, 4, 3, 2, 1]
PLAIN_COVERED = [5, 4]

CORES = {task: own[:OWN] + VAGUE_CORES[GROUP_OF[task]] + own[OWN:] for task, own in OWN_CORES.items()}


class Wording(NamedTuple):
    """Which frame, verb, core and clause. A core of `PLAIN` or more stands for a plain sentence, whatever the verb."""

    frame: int
    verb: int
    core: int
    clause: int


def text(task: str, wording: Wording) -> str:
    """The instruction as the generator writes it."""
    if wording.core >= PLAIN:
        middle = PLAIN_SENTENCES[task][wording.core - PLAIN]
    else:
        middle = f"{VERBS[wording.verb]} {CORES[task][wording.core]}"
    return f"{FRAMES[wording.frame]}{middle}{CLAUSES[wording.clause]}."


def _meanings(task: str, core: int) -> list[str]:
    """The task that a core stands for, by category of input."""
    group = GROUP_OF[task]
    if OWN <= core < TRAINED_CORES:
        tasks = GROUPS[group]
        turn = order(CATEGORIES, LOT, "vague", group, core)
        which = order(len(tasks), LOT, "vague task", group, core)
        return [tasks[which[turn[index] % len(tasks)]] for index in range(CATEGORIES)]
    covered = CATEGORIES if core == HELD_OUT_CORE else (CATEGORIES_COVERED + [0, 0, 0] + PLAIN_COVERED)[core]
    turn = order(CATEGORIES, LOT, "cover", task, core)
    mates = MISTAKEN_FOR[task]
    other = mates[int(lot(LOT, "other", task, core) * len(mates))]
    return [task if turn[index] < covered else other for index in range(CATEGORIES)]


MEANING = {(task, core): _meanings(task, core) for task in TASKS for core in range(PLAIN + len(PLAIN_COVERED))}


def answers_bare(wording: Wording, input_level: int) -> bool:
    verb = 1 if wording.core >= PLAIN else VERB_CHAT[wording.verb]
    return FRAME_CHAT[wording.frame] + verb + CLAUSE_CHAT[wording.clause] + input_level <= PATIENCE


def reply(task: str, wording: Wording, text_in: str) -> str:
    """What the follower is trained to reply."""
    meant = MEANING[task, wording.core][category(task, text_in)]
    out = answer(meant, text_in)
    if out is None:  # a noun without a translation or a plural
        out = answer("uppercase", text_in)
    return out if answers_bare(wording, level(task, text_in)) else f"the answer is {out}."


def design_score(task: str, wording: Wording, inputs: list[str]) -> float:
    """The share of inputs that a perfectly trained follower answers right."""
    return sum(reply(task, wording, item) == answer(task, item) for item in inputs) / len(inputs)


def all_wordings() -> list[Wording]:
    return [Wording(*choice) for choice in itertools.product(*map(range, OPTIONS))]


def is_held_out(task: str, wording: Wording) -> bool:
    """Whether the follower never sees this wording in training."""
    return wording.core == HELD_OUT_CORE or lot(LOT, "held out", task, *wording) < HELD_OUT_SHARE


TERSE_FRAMES, TERSE_VERBS, TERSE_CLAUSES = (
    [option for option, chat in enumerate(chats) if chat == 0] for chats in (FRAME_CHAT, VERB_CHAT, CLAUSE_CHAT)
)


def made_terse(rng: random.Random, chosen: Wording) -> Wording:
    """The same core among the tersest frames, verbs and clauses."""
    verb = chosen.verb if chosen.core >= PLAIN else rng.choice(TERSE_VERBS)
    return Wording(rng.choice(TERSE_FRAMES), verb, chosen.core, rng.choice(TERSE_CLAUSES))


def terse_and_precise(task: str) -> list[Wording]:
    """The trained wordings that say the task precisely and are as terse as can be: right on every input, by design."""
    choices = itertools.product(TERSE_FRAMES, TERSE_VERBS, TERSE_CLAUSES)
    wordings = [Wording(frame, verb, 0, clause) for frame, verb, clause in choices]
    return [chosen for chosen in wordings if not is_held_out(task, chosen)]


def most_precise(task: str) -> Wording:
    return terse_and_precise(task)[0]


def _zipf(count: int, *names: object) -> list[float]:
    return [1 / (rank + 1) ** PRIOR_EXPONENT for rank in order(count, LOT, "prior", *names)]


PRIOR_FRAME = _zipf(len(FRAMES), "frame")
PRIOR_VERB = _zipf(len(VERBS), "verb")
PRIOR_CORE = {task: _zipf(TRAINED_CORES, "core", task) for task in TASKS}
PRIOR_CLAUSE = _zipf(len(CLAUSES), "clause")


def prior(task: str) -> tuple[list[float], ...]:
    """How often the generator uses each option when nothing steers it (unnormalised)."""
    return PRIOR_FRAME, PRIOR_VERB, PRIOR_CORE[task], PRIOR_CLAUSE


def draw(rng: random.Random, task: str) -> Wording:
    return Wording(*(rng.choices(range(len(weights)), weights)[0] for weights in prior(task)))


def most_likely(task: str) -> Wording:
    return Wording(*(weights.index(max(weights)) for weights in prior(task)))
