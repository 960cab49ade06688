"""Training in rounds on one core. Each round is saved, and a run that was stopped goes on from the last."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from llama import Llama
from optimiser import Optimiser


@dataclass(frozen=True)
class Settings:
    out: Path
    rounds: int
    seed: int
    resume: bool

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"


class Rounds:
    """A run. Who trains a model says what one round of it is, in `learn_round`."""

    def __init__(self, settings: Settings, model: Llama) -> None:
        self.settings, self.model, self.optimiser = settings, model, Optimiser(model)
        self.round, self.tokens, self.elapsed = 0, 0, 0.0
        if settings.resume:
            saved = self.optimiser.restore(settings.checkpoint)
            self.round, self.tokens, self.elapsed = saved["round"], saved["tokens"], saved["elapsed"]

    def learn_round(self, rng: np.random.Generator) -> str:
        """Learns from what this stream draws, and says how it went."""
        raise NotImplementedError

    def save(self) -> None:
        progress = {name: getattr(self, name) for name in ("round", "tokens", "elapsed")}
        self.optimiser.save(self.settings.checkpoint, progress | {"seed": self.settings.seed})

    def run(self) -> None:
        while self.round < self.settings.rounds:
            began = time.time()
            said = self.learn_round(np.random.default_rng([self.settings.seed, self.round]))
            self.round += 1
            self.elapsed += time.time() - began
            self.save()
            self._print(said)

    def _print(self, said: str) -> None:
        left = self.elapsed / self.round * (self.settings.rounds - self.round) / 60
        at = f"{self.elapsed / 60:.1f} min, round {self.round}, {self.tokens / 1e6:.2f} M tokens, {left:.0f} min left"
        print(f"{at}; {said}", flush=True)


def parser(doc: str | None, rounds: int, steps: int) -> argparse.ArgumentParser:
    """The options of `Settings`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer and checkpoint")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"rounds of {steps} steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder")
    return parser


def train(settings: Settings, build: Callable[[Path], object], trainer: Callable[[Settings], Rounds]) -> None:
    """Writes the tokenizer, unless it is there from before, and runs to the end."""
    settings.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if not settings.resume:
        build(settings.out / "tokenizer.json")
    run = trainer(settings)
    print(f"{sum(parameter.numel() for parameter in run.model.parameters()):,} parameters", flush=True)
    run.run()
