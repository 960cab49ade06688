"""What an instruction can say, and what the follower makes of it.

An instruction is frame + verb + core + clause. Two things about it matter, and both are graded:

* *meaning*: a core names its task for some categories of input and another task of the group for the rest. The first
  core of a task is precise (all six categories), the tenth is loose (one); two vague cores are shared word for word by
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
from phrases import CLAUSES, FRAMES, OWN_CORES, PLAIN_SENTENCES, VAGUE_CORES, VERBS

LOT = 112
PATIENCE = 4
HELD_OUT_SHARE = 0.12
PRIOR_EXPONENT = 0.8

FRAME_CHAT = [1, 2, 1, 0, 0, 2]
VERB_CHAT = [0, 1, 1, 0, 2, 1]
CLAUSE_CHAT = [1, 2, 0, 1, 0, 0]

OWN = 10
TRAINED_CORES = OWN + 2
HELD_OUT_CORE = TRAINED_CORES
PLAIN = HELD_OUT_CORE + 1
OPTIONS = (len(FRAMES), len(VERBS), TRAINED_CORES, len(CLAUSES))
CATEGORIES_COVERED = [6, 5, 5, 4, 4, 3, 3, 2, 2, 1]
PLAIN_COVERED = [5, 5, 4]
PLAIN_CHAT = 0

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
    verb = PLAIN_CHAT if wording.core >= PLAIN else VERB_CHAT[wording.verb]
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
