"""Train the model that proposes tours, from nothing, on one core.

    python -m tours.train --out RUN --rounds 16
    python -m tours.train --out RUN --rounds 16 --resume

Most of the run shows points alone, which is short and teaches the geometry. The last part shows tours as well, as the
searches of `motjuste solve tsp` do: random ones, and the best of the model's own. Data are a function of the seed, the
round and the weights, so a resumed run goes on with the same data. `RUN/checkpoint.pt` is written after each round.
"""

import argparse
import copy
import functools
import os
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from llama import Layer, Llama, Shape
from optimiser import Optimiser, rate_factor
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
class Settings:
    out: Path
    rounds: int
    seed: int
    resume: bool
    plain: bool

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"


def compiled(model: Llama) -> Llama:
    """The same weights, with layers that are compiled for each shape of batch."""
    twin = copy.deepcopy(model, {id(parameter): parameter for parameter in model.parameters()})
    run = torch.compile(Layer.forward, dynamic=False)
    for layer in twin.layers:
        layer.forward = functools.partial(run, layer)
    return twin


class Trainer:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        tokenizer = Tokenizer.from_file(str(settings.out / "tokenizer.json"))
        self.codes = Codes(tokenizer)
        torch.manual_seed(settings.seed)
        self.model = Llama(Shape(vocabulary=(tokenizer.get_vocab_size() + 7) // 8 * 8, positions=512, **SHAPE))
        embeddings.begin(self.model.embedding.weight.data, tokenizer, torch.Generator().manual_seed(settings.seed))
        self.fast = self.model if settings.plain else compiled(self.model)
        self.player = Player(self.model, self.codes)
        self.optimiser = Optimiser(self.model)
        self.round, self.tokens, self.elapsed = 0, 0, 0.0
        if settings.resume:
            self.restore()

    def restore(self) -> None:
        saved = self.optimiser.restore(self.settings.checkpoint)
        self.round, self.tokens, self.elapsed = saved["round"], saved["tokens"], saved["elapsed"]

    def save(self) -> None:
        progress = {name: getattr(self, name) for name in ("round", "tokens", "elapsed")}
        self.optimiser.save(self.settings.checkpoint, progress | {"seed": self.settings.seed})

    @property
    def is_late(self) -> bool:
        """Whether all prompts show tours."""
        return self.round >= TOURS_FROM * self.settings.rounds

    def run(self) -> None:
        while self.round < self.settings.rounds:
            began = time.time()
            rng = np.random.default_rng([self.settings.seed, self.round])
            played, gaps = self.searches(rng)
            losses = [self.learn(self.lesson(rng, played), step) for step in range(STEPS)]
            self.round += 1
            self.elapsed += time.time() - began
            self.save()
            self._print(gaps, np.mean(losses, 0))

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

    def _print(self, gaps: list[np.ndarray], losses: np.ndarray) -> None:
        found = " ".join(f"{100 * gap.mean():.2f}% ({(gap < 1e-6).mean():.2f})" for gap in gaps)
        left = self.elapsed / self.round * (self.settings.rounds - self.round) / 60
        print(
            f"{self.elapsed / 60:.1f} min, round {self.round}, {self.tokens / 1e6:.2f} M tokens, {left:.0f} min left; "
            f"losses {' '.join(f'{loss:.3f}' for loss in losses)}; gaps (solved) after each step: {found}",
            flush=True,
        )


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer and checkpoint")
    parser.add_argument("--rounds", type=int, default=16, help=f"rounds of {STEPS} steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder")
    parser.add_argument("--plain", action="store_true", help="compile nothing: half as fast, no compiler needed")
    settings = Settings(**vars(parser.parse_args()))
    settings.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if not settings.resume:
        wire.build(settings.out / "tokenizer.json")
    trainer = Trainer(settings)
    print(f"{sum(p.numel() for p in trainer.model.parameters()):,} parameters", flush=True)
    trainer.run()


if __name__ == "__main__":
    main()
