"""Train the model that proposes tours, from nothing, on one core.

    python -m tours.train --out RUN --rounds 16
    python -m tours.train --out RUN --rounds 16 --resume

Most of the run shows points alone, which is short and teaches the geometry. The last part shows tours as well, as the
searches of `motjuste solve tsp` do: random ones, and the best of the model's own. Data are a function of the seed, the
round and the weights, so a resumed run goes on with the same data. `RUN/checkpoint.pt` is written after each round.
"""

import copy
import functools
import os
from dataclasses import dataclass

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

import rounds
from llama import Layer, Llama, Shape
from optimiser import rate_factor
from rounds import Rounds
from tours import embeddings, play, wire
from tours.play import Game, Player
from tours.states import Lesson, Shown, disguised, lesson
from tours.wire import Codes

SHAPE = {"width": 128, "layers": 6, "heads": 4, "hidden": 352}
STEPS = 128
# Instances of a batch by the number of tours shown.
BATCHES = {0: 64, 5: 40, 10: 32}
# From here on all prompts show tours; before, this share of them does.
TOURS_FROM, EARLY_TOURS = 0.75, 0.05
# How sharp the targets are and how far replies stray from the optimal tour, in units of length: at first, and late.
SHARPNESS, STRAYING = (4.0, 1.0), (30.0, 10.0)
# Weights in the loss: of the neighbours, and until all prompts show tours of what is to be looked up.
NEIGHBOURS, LOOKED_UP = 0.5, 0.25
# Searches that a round begins with, at first and later, and their steps.
GAMES, GAME_STEPS = (16, 128), 3
POINTS = 10
# Share of late batches with fewer points, and of late batches with ten tours that are the model's own.
FEWER, OWN = 0.1, 0.9


@dataclass(frozen=True)
class Settings(rounds.Settings):
    plain: bool


def compiled(model: Llama) -> Llama:
    """The same weights, with layers that are compiled for each shape of batch."""
    twin = copy.deepcopy(model, {id(parameter): parameter for parameter in model.parameters()})
    run = torch.compile(Layer.forward, dynamic=False)
    for layer in twin.layers:
        layer.forward = functools.partial(run, layer)
    return twin


class Trainer(Rounds):
    def __init__(self, settings: Settings) -> None:
        tokenizer = Tokenizer.from_file(str(settings.out / "tokenizer.json"))
        self.codes = Codes(tokenizer)
        torch.manual_seed(settings.seed)
        model = Llama(Shape(vocabulary=(tokenizer.get_vocab_size() + 7) // 8 * 8, positions=512, **SHAPE))
        embeddings.begin(model.embedding.weight.data, tokenizer, torch.Generator().manual_seed(settings.seed))
        self.fast = model if settings.plain else compiled(model)
        self.player = Player(model, self.codes)
        super().__init__(settings, model)

    @property
    def is_late(self) -> bool:
        """Whether all prompts show tours."""
        return self.round >= TOURS_FROM * self.settings.rounds

    def learn_round(self, rng: np.random.Generator) -> str:
        played, gaps = self.searches(rng)
        losses = np.mean([self.learn(self.lesson(rng, played), step) for step in range(STEPS)], 0)
        found = " ".join(f"{100 * gap.mean():.2f}% ({(gap < 1e-6).mean():.2f})" for gap in gaps)
        return f"losses {' '.join(f'{loss:.3f}' for loss in losses)}; gaps (solved) after each step: {found}"

    def searches(self, rng: np.random.Generator) -> tuple[list[Game], list[np.ndarray]]:
        """Searches of the model: those with ten tours to show that are not solved, and the gaps after each step."""
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        games = play.begin(rng, GAMES[self.is_late], POINTS)
        states, gaps = [], []
        for _ in range(GAME_STEPS):
            self.player.step([game for game in games if not game.is_solved], generator)
            gaps.append(np.array([game.gap for game in games]))
            open_games = [game for game in games if not game.is_solved and len(game.known) >= 10]
            states += [Game(game.points, game.optimum, dict(game.known)) for game in open_games]
        return states, gaps

    def lesson(self, rng: np.random.Generator, played: list[Game]) -> Lesson:
        is_late = self.is_late
        tours = int(rng.choice([5, 10])) if is_late or rng.random() < EARLY_TOURS else 0
        n = int(rng.integers(wire.LEAST, POINTS)) if is_late and rng.random() < FEWER else POINTS
        count = BATCHES[tours]
        if is_late and tours == 10 and n == POINTS and len(played) >= 8 and rng.random() < OWN:
            shown = disguised(rng, play.together([played[place] for place in rng.choice(len(played), count)]))
        else:
            shown = Shown.at_random(rng, count, n, tours)
        # Points alone look as if up to ten tours stood behind them that cannot be seen.
        unseen = 0 if tours else int(rng.integers(11))
        return lesson(rng, shown, STRAYING[is_late], unseen)

    def learn(self, taught: Lesson, step: int) -> list[float]:
        losses = self.losses(taught)
        replies, neighbours, looked_up = losses
        (replies + NEIGHBOURS * neighbours + (0 if self.is_late else LOOKED_UP) * looked_up).backward()
        step += self.round * STEPS
        self.optimiser.step(rate_factor(step, step / (self.settings.rounds * STEPS)))
        return [loss.item() for loss in losses]

    def losses(self, taught: Lesson) -> tuple[Tensor, Tensor, Tensor]:
        """The mean over the tokens of replies, and over the points for their neighbours and for what is looked up."""
        n = taught.tours.shape[2]
        tokens, start = self.tokens_of(taught)
        self.tokens += tokens.numel()
        positions, mask = places(tokens.shape[1], start, n, taught.unseen)
        model = self.fast if n == POINTS else self.model
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model.hidden_states(model.embedding(tokens).to(torch.bfloat16), None, positions, mask).float()
        request = states[:, start - len(wire.REQUEST) : start - len(wire.REQUEST) + n]
        looked_up = self.lookup_loss(states[:, 2 : 3 * n : 3], request, taught.shown.points)
        return self.reply_loss(states[:, start - 1 :], taught), self.neighbour_loss(request, taught), looked_up

    def tokens_of(self, taught: Lesson) -> tuple[Tensor, int]:
        """Prompt, the first token of a reply, and what follows it twice; and where the first token is."""
        shown = taught.shown
        prompts = self.codes.prompts(shown.points, shown.tours, shown.lengths)
        replies = [self.codes.replies(taught.tours[:, way]) for way in range(2)]
        row = [prompts, self.codes.constant([self.codes.reply], len(prompts)), *replies]
        return torch.from_numpy(np.concatenate(row, 1)), prompts.shape[1]

    def reply_loss(self, states: Tensor, taught: Lesson) -> Tensor:
        n, codes = taught.tours.shape[2], self.codes
        # Columns: the points, and what begins and ends a reply.
        wanted = torch.tensor([*codes.nodes[:n], codes.reply, codes.reply_end, codes.end])
        logits = self.model.logits(states)
        shares = logits[..., wanted] - logits.logsumexp(-1, keepdim=True)
        ways = [torch.cat([shares[:, 1:2], shares[:, 2 + way * n : 2 + (way + 1) * n]], 1) for way in range(2)]
        of_ways = torch.stack(ways, 1)
        targets = torch.from_numpy(taught.regrets).div(-SHARPNESS[self.is_late]).softmax(-1)
        steps = (targets * of_ways[:, :, : n - 1, :n]).sum((2, 3))
        ends = of_ways[:, :, n - 1, n + 1] + of_ways[:, :, n, n + 2]
        return -((steps + ends).mean() + shares[:, 0, n].mean()) / (n + 1)

    def neighbour_loss(self, request: Tensor, taught: Lesson) -> Tensor:
        """The phrases of the request, one a point, name the neighbours of that point."""
        logits = self.among(request, self.codes.nodes[: taught.tours.shape[2]])
        return -(torch.from_numpy(taught.neighbours) * logits.log_softmax(-1)).sum(-1).mean()

    def lookup_loss(self, ends: Tensor, request: Tensor, points: np.ndarray) -> Tensor:
        """The end of a point names its number and first coordinate, and its phrase of the request both coordinates."""
        codes, wanted = self.codes, torch.from_numpy(points + wire.SIDE)
        number = torch.arange(points.shape[1]).expand(len(points), -1)
        asked = [(ends, codes.nodes[: points.shape[1]], number), (ends, codes.first, wanted[..., 0])]
        asked += [(request, codes.first, wanted[..., 0]), (request, codes.second, wanted[..., 1])]
        losses = [
            F.cross_entropy(self.among(states, rows).flatten(0, 1), right.flatten()) for states, rows, right in asked
        ]
        return torch.stack(losses).mean()

    def among(self, states: Tensor, codes: np.ndarray) -> Tensor:
        """Logits of these tokens alone."""
        return F.linear(states, self.model.embedding.weight[torch.from_numpy(codes)])


def places(width: int, start: int, n: int, unseen: int) -> tuple[Tensor, Tensor]:
    """Positions and mask of prompt and two replies: both begin behind `start`, and the second does not see the first.

    So many tours that nobody sees take up room in front of the request.
    """
    columns = torch.arange(width)
    is_second = columns > start + n
    positions = torch.where(is_second, columns - n, columns)
    positions += unseen * (n + 2) * (columns >= start - len(wire.REQUEST))
    is_first = (columns > start) & ~is_second
    mask = (columns[:, None] >= columns) & ~(is_second[:, None] & is_first)
    return positions[None], mask[None, None]


def main() -> None:
    parser = rounds.parser(__doc__, 16, STEPS)
    parser.add_argument("--plain", action="store_true", help="compile nothing: half as fast, no compiler needed")
    rounds.train(Settings(**vars(parser.parse_args())), wire.build, Trainer)


if __name__ == "__main__":
    main()
