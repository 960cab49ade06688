"""Searches of the model on many lines at once, as `motjuste solve linreg` runs them: eight proposals a step."""

from copy import copy

import torch
from tokenizers import Tokenizer
from torch import Tensor

from llama import Llama
from pairs.line import HIGH, LOW, Line, Pair
from pairs.wire import first_replies, second_replies

NUMBERS = range(LOW, HIGH + 1)
PROPOSALS = 8
TOGETHER = 128


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Rows of tokens, filled up on the right with token 0, and their lengths."""
    tokens = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    return tokens, torch.tensor([len(row) for row in rows])


class Player:
    """Draws pairs at temperature 1. Only tokens of a reply are drawn; anything else would be no pair at all."""

    def __init__(self, model: Llama, tokenizer: Tokenizer) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.first = torch.tensor([tokenizer.token_to_id(text) for text in first_replies(NUMBERS)])
        self.second = torch.tensor([tokenizer.token_to_id(text) for text in second_replies(NUMBERS)])

    @torch.no_grad()
    def propose(self, prompts: list[str], generator: torch.Generator) -> list[list[Pair]]:
        tokens, lengths = padded([encoding.ids for encoding in self.tokenizer.encode_batch(prompts)])
        caches: list[dict] = [{} for _ in self.model.layers]
        states = self.model.hidden_states(self.model.embedding(tokens), caches)
        last = states[torch.arange(len(prompts)), lengths - 1]
        w = draw(self.model.logits(last)[:, self.first], PROPOSALS, generator)
        # The first token of each reply sees the prompt and itself, not the others.
        seen = torch.arange(tokens.shape[1])[None] < lengths[:, None]
        seen = seen[:, None, :].expand(-1, PROPOSALS, -1)
        itself = torch.eye(PROPOSALS, dtype=torch.bool)[None].expand(len(prompts), -1, -1)
        mask = torch.cat([seen, itself], 2)[:, None]
        positions = lengths[:, None].expand(-1, PROPOSALS)
        states = self.model.hidden_states(self.model.embedding(self.first[w]), caches, positions, mask)
        logits = self.model.logits(states)[..., self.second]
        b = draw(logits.flatten(0, 1), 1, generator).view_as(w)
        pairs = torch.stack([w, b], -1) + LOW
        return [[tuple(pair) for pair in row] for row in pairs.tolist()]

    def step(self, lines: list[Line], generator: torch.Generator) -> None:
        """Eight proposals for each line, evaluated."""
        lines = sorted(lines, key=lambda line: len(line.known))
        for first in range(0, len(lines), TOGETHER):
            chosen = lines[first : first + TOGETHER]
            for line, pairs in zip(chosen, self.propose([line.meta_prompt() for line in chosen], generator)):
                line.look(pairs)

    def play(self, lines: list[Line], steps: int, generator: torch.Generator) -> tuple[list[Line], list[int]]:
        """All states that the searches came through, and how many were solved after each step."""
        visited, solved, open_lines = [], [], [line for line in lines if not line.is_solved]
        for _ in range(steps):
            for line in open_lines:
                earlier = copy(line)
                earlier.known = dict(line.known)
                visited.append(earlier)
            if open_lines:
                self.step(open_lines, generator)
            open_lines = [line for line in open_lines if not line.is_solved]
            solved.append(len(lines) - len(open_lines))
        return visited, solved


def draw(logits: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return torch.multinomial(logits.softmax(-1), count, replacement=True, generator=generator)
