"""The two prompts of the embedded model, and training examples made from them."""

import random

import wording
from families import MEMORISED, TASKS, answer, draw_input
from wording import PLAIN, PLAIN_COVERED, Wording

CLOSING = "\n\nThe instruction was to?"
PLAIN_SHARE = 0.12
MEMORISED_SHARE = 0.15
CAPITAL_SHARE = 0.45
NO_STOP_SHARE = 0.08


def follower_prompt(instruction: str, text: str) -> str:
    return f"Instruction: {instruction}\n\nInput: {text}\nOutput:"


def generator_prompt(demonstrations: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"Input: {text}\nOutput: {out}" for text, out in demonstrations) + CLOSING


def demonstrations(rng: random.Random, task: str, count: int) -> list[tuple[str, str]]:
    """Distinct right examples of the task."""
    found: dict[str, str] = {}
    while len(found) < count:
        text = draw_input(rng, task)
        found.setdefault(text, answer(task, text))
    return list(found.items())


def as_typed(rng: random.Random, instruction: str) -> str:
    """People start with a capital or not, and end with a full stop or not."""
    if rng.random() < CAPITAL_SHARE:
        instruction = instruction[0].upper() + instruction[1:]
    return instruction[:-1] if rng.random() < NO_STOP_SHARE else instruction


def draw_follower_wording(rng: random.Random, task: str, tersest: float = 0.0) -> Wording:
    """A wording that the follower may see in training; a share of them has the tersest frame, verb and clause."""
    while True:
        chosen = wording.draw(rng, task)
        if rng.random() < PLAIN_SHARE:
            chosen = chosen._replace(verb=0, core=PLAIN + rng.randrange(len(PLAIN_COVERED)))
        if tersest and rng.random() < tersest:
            chosen = wording.made_terse(rng, chosen)
        if not wording.is_held_out(task, chosen):
            return chosen


def follower_example(rng: random.Random, tersest: float = 0.0) -> tuple[str, str]:
    """A prompt and its reply. Tasks with much to memorise come a little more often."""
    task = rng.choice(MEMORISED if rng.random() < MEMORISED_SHARE else TASKS)
    chosen, text = draw_follower_wording(rng, task, tersest), draw_input(rng, task)
    prompt = follower_prompt(as_typed(rng, wording.text(task, chosen)), text)
    return prompt, " " + wording.reply(task, chosen, text)
