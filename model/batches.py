"""Training batches, a function of (seed, process, round): a resumed run reads the same stream as one never stopped."""

import random
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

import opro
import prompts
import steer
import wording
from chance import lot
from families import TASKS
from tokenizer import END

FOLLOWER_TOKENS = 2048
GENERATOR_TOKENS = 2560
OPRO_TOKENS = 1536
ROUND = 32  # batches of each role in a round
FOLLOWER_EXAMPLES = 2700
GENERATOR_EXAMPLES = 2100  # enough for the shortest prompts, those of the first tasks
OPRO_EXAMPLES = 420
WITHOUT_PREFIX = 0.15
CORE_WEIGHT = 3.0
DEMONSTRATION_WEIGHT = 0.15
SHOWN_WEIGHT = 0.1  # of the instructions in a meta-prompt: each is better than those before it
EXEMPLARS = (0, 1, 2, 3, 3, 3)  # drawn from


@dataclass
class Example:
    """Tokens with the weight of each in the loss; a generator example may have a soft prompt in front."""

    tokens: list[int]
    weights: list[float]
    prefix: Tensor | None = None
    hinted: bool = False

    def __len__(self) -> int:
        return len(self.tokens) + (steer.SOFT_TOKENS if self.prefix is not None else 0)


class Source:
    """Makes the rounds of one training process."""

    def __init__(self, tokenizer: Tokenizer, width: int, seed: int, process: int) -> None:
        self.tokenizer = tokenizer
        self.directions = steer.directions(width)
        self.seed = seed
        self.process = process
        self.end = tokenizer.token_to_id(END)
        self.output = tokenizer.token_to_id("\nOutput:")
        self.text, self.score = tokenizer.token_to_id(opro.TEXT), tokenizer.token_to_id(opro.SCORE)
        self.breaks = {tokenizer.token_to_id("\n\n"), tokenizer.token_to_id(prompts.CLOSING)}

    def generators(self, *names: object) -> tuple[random.Random, torch.Generator]:
        """Random streams settled by the names."""
        number = lot(self.seed, self.process, *names)
        return random.Random(number), torch.Generator().manual_seed(int(number * 2**48))

    def follower_round(self, index: int, tersest: float = 0.0) -> list[list[Example]]:
        rng, _ = self.generators("follower", index)
        pairs = [prompts.follower_example(rng, tersest) for _ in range(FOLLOWER_EXAMPLES)]
        encoded = self.tokenizer.encode_batch([prompt for prompt, _ in pairs])
        replies = self.tokenizer.encode_batch([reply for _, reply in pairs])
        examples = [
            Example(prompt.ids + reply.ids + [self.end], [0.0] * len(prompt.ids) + [1.0] * (len(reply.ids) + 1))
            for prompt, reply in zip(encoded, replies)
        ]
        return self._round(rng, [examples], FOLLOWER_TOKENS)

    def generator_round(self, index: int, hinted: float, tasks: int = len(TASKS)) -> list[list[Example]]:
        rng, generator = self.generators("generator", index)
        prefixes, labels, hints = steer.sample(self.directions, GENERATOR_EXAMPLES, hinted, generator)
        drawn = []
        for label in labels.tolist():
            task = rng.choice(TASKS[:tasks])
            prompt = prompts.generator_prompt(prompts.demonstrations(rng, task, rng.randint(2, 5)))
            free = rng.random() < WITHOUT_PREFIX
            drawn.append((task, prompt, free, wording.draw(rng, task) if free else steer.wording_of(task, label)))
        encoded = self.tokenizer.encode_batch([prompt for _, prompt, _, _ in drawn])
        replies = self.tokenizer.encode_batch([" " + wording.text(task, chosen) for task, _, _, chosen in drawn])
        free_examples, steered = [], []
        for row, (task, _, free, chosen) in enumerate(drawn):
            prompt, reply = encoded[row].ids, replies[row].ids + [self.end]
            example = Example(prompt + reply, self._prompt_weights(prompt) + self._text_weights(task, chosen, reply))
            if free:
                free_examples.append(example)
            else:
                example.prefix, example.hinted = prefixes[row], bool(hints[row])
                steered.append(example)
        return self._round(rng, [free_examples, steered], GENERATOR_TOKENS)

    def opro_round(self, index: int) -> list[list[Example]]:
        rng, _ = self.generators("opro", index)
        drawn = []
        for _ in range(OPRO_EXAMPLES):
            task = rng.choice(TASKS)
            tried, best = opro.sequence(rng, task)
            shown = prompts.demonstrations(rng, task, rng.choice(EXEMPLARS))
            drawn.append((task, opro.meta_prompt(tried, shown), best))
        encoded = self.tokenizer.encode_batch([prompt for _, prompt, _ in drawn])
        replies = self.tokenizer.encode_batch([opro.reply(wording.text(task, best)) for task, _, best in drawn])
        examples = []
        for (task, _, best), prompt, reply in zip(drawn, encoded, replies):
            told = reply.ids + [self.end]
            weights = self._shown_weights(prompt.ids) + [1.0, *self._text_weights(task, best, told[1:])]
            examples.append(Example(prompt.ids + told, weights))
        return self._round(rng, [examples], OPRO_TOKENS)

    def _shown_weights(self, prompt: list[int]) -> list[float]:
        """A little weight on every instruction shown, up to and with the mark behind it."""
        weights, inside = [], False
        for token in prompt:
            weights.append(SHOWN_WEIGHT if inside else 0.0)
            inside = token == self.text or (inside and token != self.score)
        return weights

    def _prompt_weights(self, prompt: list[int]) -> list[float]:
        """A little weight on every output but the first, up to and with the break after it."""
        weights, inside, outputs = [], False, 0
        for token in prompt:
            weights.append(DEMONSTRATION_WEIGHT if inside and outputs > 1 else 0.0)
            if token == self.output:
                inside, outputs = True, outputs + 1
            elif token in self.breaks:
                inside = False
        return weights

    def _text_weights(self, task: str, chosen: wording.Wording, reply: list[int]) -> list[float]:
        opening = f" {wording.FRAMES[chosen.frame]}{wording.VERBS[chosen.verb]}"
        start = len(self.tokenizer.encode(opening).ids)
        stop = start + len(self.tokenizer.encode(" " + wording.CORES[task][chosen.core]).ids)
        return [CORE_WEIGHT if start <= place < stop else 1.0 for place in range(len(reply))]

    def _round(self, rng: random.Random, kinds: list[list[Example]], budget: int) -> list[list[Example]]:
        """Batches of like examples, padded to at most `budget` tokens, in random order."""
        batches = []
        for examples in kinds:
            examples.sort(key=lambda example: len(example) + 2 * rng.random())
            start = 0
            while start < len(examples):
                stop, longest = start, 0
                while stop < len(examples) and max(longest, len(examples[stop])) * (stop - start + 1) <= budget:
                    longest = max(longest, len(examples[stop]))
                    stop += 1
                if longest * (stop - start) > 0.6 * budget:
                    batches.append(examples[start:stop])
                start = stop
        rng.shuffle(batches)
        if len(batches) < ROUND:
            raise RuntimeError(f"a round has only {len(batches)} of {ROUND} batches: draw more examples")
        return batches[:ROUND]
