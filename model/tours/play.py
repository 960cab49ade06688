"""Searches of the model on many instances at once, as `motjuste solve tsp` runs them: eight proposals a step."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from llama import Llama
from tours import salesman
from tours.optimum import Ways
from tours.states import EXACT, Shown
from tours.wire import Codes

PROPOSALS = 8
TOGETHER = 64
Tour = tuple[int, ...]


@dataclass
class Game:
    """One instance with the tours seen so far."""

    points: np.ndarray
    optimum: float
    known: dict[Tour, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        return min(self.known.values()) / self.optimum - 1

    @property
    def is_solved(self) -> bool:
        return self.gap < 1e-6

    def look(self, tours: np.ndarray) -> None:
        """Evaluate the tours that visit every point; return nothing for the others."""
        valid = tours[(np.sort(tours, 1) == np.arange(tours.shape[1])).all(1)]
        values = salesman.lengths(salesman.distances(self.points[None]), valid[None])[0]
        for tour, value in zip(map(tuple, valid.tolist()), values.tolist()):
            self.known.setdefault(tour, value)

    def shown(self) -> list[tuple[Tour, float]]:
        """What the meta-prompt shows."""
        return sorted(self.known.items(), key=lambda item: item[1])[: salesman.SHOWN][::-1]


def begin(rng: np.random.Generator, count: int, n: int) -> list[Game]:
    """Searches on drawn points, with the tours that every search begins with."""
    points = salesman.draw(rng, count, n)
    distance = salesman.distances(points)
    exact, _ = Ways(distance).walk(rng, np.full(count, EXACT))
    optima = salesman.lengths(distance, exact[:, None])[:, 0]
    games = [Game(*row) for row in zip(points, optima.tolist())]
    for game, tours in zip(games, salesman.random_tours(rng, count, salesman.START_TOURS, n)):
        game.look(tours)
    return games


def together(games: list[Game]) -> Shown:
    """What searches with equally many tours show."""
    rows = [list(zip(*game.shown())) for game in games]
    points = np.stack([game.points for game in games])
    return Shown(points, np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


class Player:
    """Draws tours at temperature 1. Only tokens of a tour are drawn, but a point may come twice."""

    def __init__(self, model: Llama, codes: Codes) -> None:
        self.model, self.codes = model, codes
        self.nodes = torch.from_numpy(codes.nodes)

    @torch.no_grad()
    def propose(self, shown: Shown, generator: torch.Generator, proposals: int = PROPOSALS) -> np.ndarray:
        prompts = self.codes.prompts(shown.points, shown.tours, shown.lengths)
        tokens = torch.from_numpy(np.concatenate([prompts, self.codes.constant([self.codes.reply], len(prompts))], 1))
        caches: list[dict] = [{} for _ in self.model.layers]
        states = self.model.hidden_states(self.model.embedding(tokens), caches)[:, -1:]
        states = states.expand(-1, proposals, -1)
        tour = [torch.zeros(states.shape[:2], dtype=torch.long)]
        seen = torch.ones(proposals, tokens.shape[1], dtype=torch.bool)
        # A proposal sees the prompt and its own beginning, not the others.
        itself = torch.eye(proposals, dtype=torch.bool)
        for step in range(shown.points.shape[1] - 1):
            logits = self.model.logits(states)[..., self.nodes[: shown.points.shape[1]]]
            tour.append(draw(logits, generator))
            seen = torch.cat([seen, itself], 1)
            positions = torch.full((1, proposals), tokens.shape[1] + step)
            embedded = self.model.embedding(self.nodes[tour[-1]])
            states = self.model.hidden_states(embedded, caches, positions, seen[None, None])
        return torch.stack(tour, -1).numpy()

    def step(self, games: list[Game], generator: torch.Generator) -> None:
        """Proposals for each search, evaluated. Prompts of one length go together."""
        by_tours: dict[int, list[Game]] = {}
        for game in games:
            by_tours.setdefault(min(len(game.known), salesman.SHOWN), []).append(game)
        for alike in by_tours.values():
            for first in range(0, len(alike), TOGETHER):
                chosen = alike[first : first + TOGETHER]
                for game, tours in zip(chosen, self.propose(together(chosen), generator)):
                    game.look(tours)


def draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    shares = logits.softmax(-1).flatten(0, 1)
    return torch.multinomial(shares, 1, generator=generator).view(logits.shape[:-1])
