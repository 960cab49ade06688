"""OPRO's role: reading instructions with their scores, worst first, and proposing a better one.

The prompt is, to the letter, the meta-prompt that motjuste writes for OPRO in its tagged style with the instruction at
the beginning of the question. Every sequence plays in a *world of its own*: which options are terse and what each core
covers are drawn anew, as the lots of `wording.py` would be, so the scores shown are all there is to go by. The reply to
learn is the best wording of that world, seen by the model only through the scores; a model that learns this samples
from what is still possible (a decision-pretrained transformer: Lee et al. 2023, arXiv 2306.14892).
"""

import random
from dataclasses import dataclass

import wording
from families import CATEGORIES, LEVELS
from wording import OPTIONS, Wording

TASK = (
    "Write an instruction, which stands for <INS>. Here are instructions that were tried before, each with its score. "
    "Scores range from 0 to 100."
)
TEXT, SCORE = "\n\ntext:\n", "\nscore:\n"
PROBLEM, ANSWER = "\n\nProblem:\n<INS>\n", "\n\nGround truth answer:\n"
PROBLEMS = "\n\n\nHere are some of the problems."
REQUEST = (
    "\n\n\nWrite an instruction that is different from all of the instructions above and has a higher score than any "
    "of them. Begin it with <INS> and end it with </INS>. It should be concise and effective, and apply to all "
    "problems of this kind."
)
OPEN, CLOSE = "<INS>", "</INS>"
SCAFFOLD = [TASK, TEXT, SCORE, PROBLEMS + PROBLEM, PROBLEM, ANSWER, REQUEST, OPEN, CLOSE]

MOST_SHOWN = 20
MOST_TRIED = 40
INPUTS = (20, 100)  # of which a score is the mean
# What people begin a search with; it says nothing about the task.
STARTS = ["Let's solve the problem.", "Solve the problem.", "Answer the question.", ""]


def meta_prompt(tried: list[tuple[str, int]], examples: list[tuple[str, str]]) -> str:
    """Instructions with their scores in the order of showing, then examples, then the request."""
    shown = "".join(f"{TEXT}{text}{SCORE}{score}" for text, score in tried)
    problems = PROBLEMS * bool(examples) + "".join(f"{PROBLEM}{text}{ANSWER}{out}" for text, out in examples)
    return f"{TASK}{shown}{problems}{REQUEST}"


def reply(instruction: str) -> str:
    return f"{OPEN} {instruction}{CLOSE}"


def polished(instruction: str) -> str:
    """As OPRO keeps an instruction: with a capital."""
    return instruction[:1].upper() + instruction[1:]


@dataclass(frozen=True)
class World:
    """What the scores of one sequence depend on."""

    frame_chat: list[int]
    verb_chat: list[int]
    clause_chat: list[int]
    covered: list[set[int]]
    inputs: list[tuple[int, int]]

    @classmethod
    def draw(cls, rng: random.Random) -> "World":
        coverage = shuffled(rng, [*wording.CATEGORIES_COVERED, 2, 2])
        levels = [(rng.randrange(CATEGORIES), rng.randrange(LEVELS)) for _ in range(rng.choice(INPUTS))]
        return cls(
            shuffled(rng, wording.FRAME_CHAT),
            shuffled(rng, wording.VERB_CHAT),
            shuffled(rng, wording.CLAUSE_CHAT),
            [set(rng.sample(range(CATEGORIES), count)) for count in coverage],
            levels,
        )

    def score(self, chosen: Wording) -> int:
        """Per cent of the inputs answered right."""
        chat = self.frame_chat[chosen.frame] + self.verb_chat[chosen.verb] + self.clause_chat[chosen.clause]
        covered = self.covered[chosen.core]
        right = sum(kind in covered and chat + level <= wording.PATIENCE for kind, level in self.inputs)
        return round(100 * right / len(self.inputs))

    def best(self, rng: random.Random) -> Wording:
        """One of the best wordings: the widest core among the tersest other options."""
        core = max(range(len(self.covered)), key=lambda index: len(self.covered[index]))
        frame, verb, clause = (
            rng.choice([option for option, chat in enumerate(chats) if chat == 0])
            for chats in (self.frame_chat, self.verb_chat, self.clause_chat)
        )
        return Wording(frame, verb, core, clause)


def shuffled(rng: random.Random, items: list[int]) -> list[int]:
    return rng.sample(items, len(items))


def tried_in(rng: random.Random, world: World, task: str) -> dict[Wording, int]:
    """Wordings as a search leaves them behind: random ones, then changes and crossings of good ones."""
    scores: dict[Wording, int] = {}
    count = rng.randint(1, MOST_TRIED)
    random_ones = rng.randint(1, count)
    for place in range(count):
        chosen = wording.draw(rng, task) if rng.random() < 0.5 else uniform(rng)
        if place >= random_ones:
            chosen = descendant(rng, scores)
        scores.setdefault(chosen, world.score(chosen))
    return scores


def uniform(rng: random.Random) -> Wording:
    return Wording(*map(rng.randrange, OPTIONS))


def descendant(rng: random.Random, scores: dict[Wording, int]) -> Wording:
    """Two of the better ones crossed, or one of them with an option or two drawn anew."""
    better = sorted(scores, key=scores.__getitem__)[-4:]
    one, other = rng.choice(better), rng.choice(better)
    crossed = [rng.choice(pair) for pair in zip(one, other)]
    for _ in range(rng.randint(0, 2)):
        place = rng.randrange(len(OPTIONS))
        crossed[place] = rng.randrange(OPTIONS[place])
    return Wording(*crossed)


def sequence(rng: random.Random, task: str) -> tuple[list[tuple[str, int]], Wording]:
    """The instructions of a meta-prompt with their scores, worst first, and the wording to propose."""
    world = World.draw(rng)
    scores = tried_in(rng, world, task)
    tried = [(polished(wording.text(task, chosen)), score) for chosen, score in scores.items()]
    if rng.random() < 0.7:
        tried.append((rng.choice(STARTS), 0))
    if rng.random() < 0.1:
        tried = tried[-1:]
    rng.shuffle(tried)
    tried.sort(key=lambda pair: pair[1])
    return tried[-MOST_SHOWN:], world.best(rng)
