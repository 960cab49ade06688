"""OPRO's role: reading instructions with their scores, worst first, and proposing a better one.

The prompt is, to the letter, the meta-prompt that motjuste writes for OPRO in its tagged style with the instruction at
the beginning of the question. Every sequence plays in a *world of its own*: which options are terse and what each core
covers are drawn anew, as the lots of `wording.py` would be, so the scores shown are all there is to go by. The reply to
learn is a step up in that world: a wording with a higher score that is close to the best one shown. A model that learns
this samples from the steps that the scores leave possible (a decision-pretrained transformer: Lee et al. 2023, arXiv
2306.14892, with the better neighbour in the place of the optimum, which a few scores cannot tell).
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
MOST_TRIED = (4, 8, 8, 16, 32)  # drawn from: searches begin with few
NOTHING_TRIED = 0.05  # share of meta-prompts that show at most where a search starts from
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


def shuffled(rng: random.Random, items: list[int]) -> list[int]:
    return rng.sample(items, len(items))


def tried_in(rng: random.Random, world: World, task: str) -> dict[Wording, int]:
    """Wordings as a search leaves them behind: random ones, then changes and crossings of good ones."""
    scores: dict[Wording, int] = {}
    count = rng.randint(1, rng.choice(MOST_TRIED))
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


def neighbours(chosen: Wording) -> list[Wording]:
    """All wordings with one other option."""
    places = [(place, option) for place, count in enumerate(OPTIONS) for option in range(count)]
    changed = [Wording(*chosen[:place], option, *chosen[place + 1 :]) for place, option in places]
    return [other for other in changed if other != chosen]


def step_up(rng: random.Random, world: World, scores: dict[Wording, int], best: Wording) -> Wording:
    """A better wording than the best one shown: with one other option, or with two where one is not enough.

    Where there is none, the best of those that were not tried.
    """
    near = [chosen for chosen in neighbours(best) if chosen not in scores]
    further = [chosen for middle in near for chosen in rng.sample(neighbours(middle), 3) if chosen not in scores]
    for candidates in (near, further):
        better = [chosen for chosen in candidates if world.score(chosen) > scores[best]]
        if better:
            return rng.choice(better)
    return max(shuffled(rng, near + further), key=world.score)


def sequence(rng: random.Random, task: str) -> tuple[list[tuple[str, int]], Wording]:
    """The instructions of a meta-prompt with their scores, worst first, and the wording to propose."""
    starts = [(rng.choice(STARTS), 0)] * (rng.random() < 0.3)
    if rng.random() < NOTHING_TRIED:
        return starts, wording.draw(rng, task)
    world = World.draw(rng)
    scores = tried_in(rng, world, task)
    ascending = sorted(shuffled(rng, list(scores)), key=scores.__getitem__)
    tried = [(polished(wording.text(task, chosen)), scores[chosen]) for chosen in ascending]
    return (starts + tried)[-MOST_SHOWN:], step_up(rng, world, scores, ascending[-1])
