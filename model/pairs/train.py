"""Train the model that proposes pairs, from nothing, on one core.

    python -m pairs.train --out RUN --rounds 30
    python -m pairs.train --out RUN --rounds 30 --resume

The target is the true pair of a state's line: a model that has learned this samples from its posterior. Data are a
function of the seed, the round and the weights, so a resumed run goes on with the same data. A round begins with
searches of the model itself; `RUN/checkpoint.pt` is written after each.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

import rounds
from llama import Llama, Shape
from optimiser import rate_factor
from pairs import embeddings, wire
from pairs.line import Line, reply
from pairs.play import NUMBERS, Player, padded
from pairs.states import made_up, thinned
from rounds import Rounds, Settings
from tokenizer import END

SHAPE = {"width": 96, "layers": 4, "heads": 3, "hidden": 256}
# Steps of a round. States of like length are learned together, out of as many batches at a time.
STEPS, SORTED = 64, 8
BATCH = 64
# Searches that a round begins with, and their steps.
GAMES, GAME_STEPS = 96, 6
PLAYED = 0.5
# Behind every pair the model is asked for w as well: weight of that in the loss.
EARLY = 0.3


class Trainer(Rounds):
    def __init__(self, settings: Settings) -> None:
        self.tokenizer = Tokenizer.from_file(str(settings.out / "tokenizer.json"))
        torch.manual_seed(settings.seed)
        model = Llama(Shape(vocabulary=(self.tokenizer.get_vocab_size() + 7) // 8 * 8, **SHAPE))
        embeddings.begin(model.embedding.weight.data, self.tokenizer, torch.Generator().manual_seed(settings.seed))
        self.player = Player(model, self.tokenizer)
        self.end = self.tokenizer.token_to_id(END)
        self.separators = torch.tensor([self.tokenizer.token_to_id(text) for text in wire.firsts(NUMBERS)])
        super().__init__(settings, model)

    def learn_round(self, rng: np.random.Generator) -> str:
        played, solved = self.searches(rng)
        batches = [batch for _ in range(STEPS // SORTED) for batch in self.batches(rng, played)]
        loss = np.mean([self.learn(batch, step) for step, batch in enumerate(batches)])
        shares = " ".join(f"{count / GAMES:.2f}" for count in solved)
        return f"loss {loss:.3f}; solved after each step before this round: {shares}"

    def searches(self, rng: np.random.Generator) -> tuple[list[Line], list[int]]:
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        return self.player.play([Line.draw(rng) for _ in range(GAMES)], GAME_STEPS, generator)

    def batches(self, rng: np.random.Generator, played: list[Line]) -> list[list[list[int]]]:
        own = rng.random(SORTED * BATCH) < PLAYED
        states = [thinned(rng, played[rng.integers(len(played))]) if is_own else made_up(rng) for is_own in own]
        encoded = self.tokenizer.encode_batch([state.prompt + reply(state.truth) for state in states])
        rows = sorted((encoding.ids + [self.end] for encoding in encoded), key=len)
        return [rows[place * BATCH : (place + 1) * BATCH] for place in rng.permutation(SORTED)]

    def learn(self, rows: list[list[int]], step: int) -> float:
        tokens, lengths = padded(rows)
        self.tokens += tokens.numel()
        loss = self.loss(tokens, lengths)
        loss.backward()
        step += self.round * STEPS
        self.optimiser.step(rate_factor(step, step / (self.settings.rounds * STEPS)))
        return loss.item()

    def loss(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """The mean over the replies, and over the pairs that are followed by another."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.model.hidden_states(self.model.embedding(tokens).to(torch.bfloat16)).float()
        columns = torch.arange(tokens.shape[1])[None]
        replies = (columns >= lengths[:, None] - 4) & (columns < lengths[:, None] - 1)
        late = F.cross_entropy(self.model.logits(states[replies]), tokens.roll(-1, 1)[replies])
        # The token before the first number of the next pair ends a pair; the head ends none.
        ends = torch.isin(tokens.roll(-1, 1), self.separators) & (columns > 0)
        w = tokens.gather(1, lengths[:, None] - 3).expand_as(tokens)
        early = F.cross_entropy(self.model.logits(states[ends]), w[ends])
        return late + EARLY * early


def main() -> None:
    settings = Settings(**vars(rounds.parser(__doc__, 30, STEPS).parse_args()))
    rounds.train(settings, lambda path: wire.build(path, NUMBERS), Trainer)


if __name__ == "__main__":
    main()
