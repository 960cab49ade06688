"""Train the embedded model from nothing, on a CPU, with averaged gradients of a few one-thread processes.

    python train.py --out RUN --tokens 28e6
    python train.py --out RUN --minutes 80
    python train.py --out RUN --minutes 80 --resume

Learning rate and hints follow the share of the budget that is spent. Data are a function of the seed and the step, so a
resumed run goes on with the same stream. `RUN/checkpoint.pt` is written every two minutes; `export.py` reads it.
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import torch.distributed as distributed
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

import steer
import tokenizer as tokenization
from batches import ROUND, Example, Source
from families import TASKS
from llama import Llama, Shape
from optimiser import Optimiser, rate_factor

# Until that share of the budget is spent: the number of tasks that the generator's examples are drawn from. With all
# of them from the start the core is not learned: it takes task and prefix together to know it.
GENERATOR_TASKS = [(0.06, 3), (0.1, 10), (1.0, len(TASKS))]
HINTS = [(0.25, 1.0), (0.35, 0.6), (0.5, 0.3), (1.0, 0.0)]  # share of prefixes with a hint, likewise
PROPOSER_FROM = 0.3  # OPRO's role begins when the core is learned, or its noise would be in the way
TERSEST = [(0.895, 0.0), (1.0, 0.3)]  # share of follower wordings made terse (rare otherwise), likewise
NUMBERS = 5  # that the processes average beside their gradients: time, tokens, and the loss of each role
SECONDS_BETWEEN_LINES = 30
SECONDS_BETWEEN_CHECKPOINTS = 120


@dataclass(frozen=True)
class Settings:
    out: Path
    tokens: float | None
    minutes: float | None
    processes: int
    seed: int
    resume: bool

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"


def scheduled(schedule: list[tuple[float, float]], progress: float) -> float:
    return next(share for until, share in schedule if progress < until or until == 1.0)


class Trainer:
    """One process of a training run; process 0 also prints and saves."""

    def __init__(self, settings: Settings, process: int) -> None:
        self.settings, self.process = settings, process
        tokenizer = Tokenizer.from_file(str(settings.out / "tokenizer.json"))
        torch.manual_seed(settings.seed)
        self.model = Llama(Shape(vocabulary=(tokenizer.get_vocab_size() + 7) // 8 * 8))
        self.source = Source(tokenizer, self.model.shape.width, settings.seed, process)
        self.optimiser = Optimiser(self.model)
        self.step, self.tokens, self.elapsed, self.progress = 0, 0.0, 0.0, 0.0
        self.hinted, self.tersest = scheduled(HINTS, 0), scheduled(TERSEST, 0)  # of the round under way
        self.known, self.proposes = scheduled(GENERATOR_TASKS, 0), False  # likewise
        self.follower_loss = self.generator_loss = self.opro_loss = self.core_accuracy = float("nan")
        if settings.resume:
            self.restore()

    def restore(self) -> None:
        saved = self.optimiser.restore(self.settings.checkpoint)
        self.step, self.tokens = saved["step"], saved["tokens"]
        self.elapsed, self.progress = saved["elapsed"], saved["progress"]
        self.hinted, self.tersest = saved["hinted"], saved["tersest"]
        self.known, self.proposes = saved["known"], saved["proposes"]

    def save(self) -> None:
        names = ("step", "tokens", "elapsed", "progress", "hinted", "tersest", "known", "proposes")
        progress = {name: getattr(self, name) for name in names}
        settings = {"seed": self.settings.seed, "processes": self.settings.processes}
        self.optimiser.save(self.settings.checkpoint, progress | settings)

    def loss(self, batch: list[Example]) -> tuple[Tensor, int]:
        """Weighted mean loss of a batch, and the number of its tokens, padding included."""
        length = max(len(example.tokens) for example in batch)
        tokens = torch.zeros(len(batch), length, dtype=torch.long)
        weights = torch.zeros(len(batch), length)
        for row, example in enumerate(batch):
            tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
            weights[row, : len(example.weights)] = torch.tensor(example.weights)
        counted = weights[:, 1:] > 0
        steered = batch[0].prefix is not None
        with torch.autocast("cpu", dtype=torch.bfloat16):
            embedded = self.model.embedding(tokens)
            if steered:
                _, generator = self.source.generators("scale", self.step)
                prefix = torch.stack([example.prefix for example in batch])
                embedded = torch.cat([prefix * steer.scales(len(batch), generator), embedded], 1)
            states = self.model.hidden_states(embedded.to(torch.bfloat16))[:, embedded.shape[1] - length : -1]
            logits = self.model.logits(states[counted]).float()
        wanted, weight = tokens[:, 1:][counted], weights[:, 1:][counted]
        if steered and self.process == 0 and self.step % 10 == 0:
            self._note_core_accuracy(batch, logits, wanted, weight, counted)
        loss = (F.cross_entropy(logits, wanted, reduction="none") * weight).sum() / weight.sum()
        return loss, tokens.numel()

    def _note_core_accuracy(
        self, batch: list[Example], logits: Tensor, wanted: Tensor, weight: Tensor, counted: Tensor
    ) -> None:
        clean = torch.tensor([not example.hinted for example in batch])[:, None].expand_as(counted)[counted]
        core = clean & (weight > 2)
        if core.any():
            accuracy = (logits.argmax(1) == wanted)[core].float().mean().item()
            self.core_accuracy = _smooth(self.core_accuracy, accuracy, 0.1)

    def run(self) -> None:
        began, last_line, last_save = time.time() - self.elapsed, 0.0, time.time()
        began_here, tokens_here = time.time(), self.tokens
        flat = torch.zeros(sum(p.numel() for p in self.optimiser.parameters) + NUMBERS)
        rounds: list[list[list[Example]]] = []
        while self.progress < 1:
            place = self.step % ROUND
            if place == 0:
                self.hinted = scheduled(HINTS, self.progress)
                self.tersest = scheduled(TERSEST, self.progress)
                self.known = scheduled(GENERATOR_TASKS, self.progress)
                self.proposes = self.progress >= PROPOSER_FROM
            if place == 0 or not rounds:
                index = self.step // ROUND
                rounds = [
                    self.source.follower_round(index, self.tersest),
                    self.source.generator_round(index, self.hinted, self.known),
                    self.source.opro_round(index) if self.proposes else [],
                ]
            losses, tokens = [], 0
            for batches in rounds:
                if not batches:
                    losses.append(0.0)
                    continue
                loss, count = self.loss(batches[place])
                loss.backward()
                losses.append(loss.item())
                tokens += count
            elapsed, tokens, *losses = self._average_gradients(flat, [time.time() - began, tokens, *losses])
            self.optimiser.step(rate_factor(self.step, self.progress))
            self.step += 1
            self.tokens += tokens * self.settings.processes
            self.elapsed = elapsed
            if self.settings.tokens is not None:
                self.progress = self.tokens / self.settings.tokens
            else:
                self.progress = elapsed / (60 * self.settings.minutes)
            self.follower_loss, self.generator_loss, self.opro_loss = (
                _smooth(old, new, 0.03)
                for old, new in zip((self.follower_loss, self.generator_loss, self.opro_loss), losses)
            )
            if self.process == 0 and time.time() - last_line > SECONDS_BETWEEN_LINES:
                last_line = time.time()
                self._print((self.tokens - tokens_here) / (time.time() - began_here))
            if self.process == 0 and time.time() - last_save > SECONDS_BETWEEN_CHECKPOINTS:
                last_save = time.time()
                self.save()
        if self.process == 0:
            self.save()
            self._print((self.tokens - tokens_here) / (time.time() - began_here))

    def _average_gradients(self, flat: Tensor, sums: list[float]) -> list[float]:
        """Average gradients over the processes, and with them a few numbers, which are returned."""
        flat[:-NUMBERS] = torch.cat([p.grad.view(-1) for p in self.optimiser.parameters])
        flat[-NUMBERS:] = torch.tensor(sums)
        if self.settings.processes > 1:
            distributed.all_reduce(flat)
        flat.div_(self.settings.processes)
        start = 0
        for parameter in self.optimiser.parameters:
            parameter.grad.copy_(flat[start : start + parameter.numel()].view_as(parameter))
            start += parameter.numel()
        return flat[-NUMBERS:].tolist()

    def _print(self, speed: float) -> None:
        factor = rate_factor(self.step, self.progress)
        left = self.elapsed * (1 - self.progress) / max(self.progress, 1e-6) / 60
        print(
            f"{self.elapsed / 60:.1f} min, step {self.step}, {self.tokens / 1e6:.2f} M tokens, {speed:.0f} tokens/s, "
            f"{max(0, left):.0f} min left, rate x{factor:.2f}; "
            f"loss: follower {self.follower_loss:.3f} generator {self.generator_loss:.3f} opro {self.opro_loss:.3f}; "
            f"core tokens right without a hint {self.core_accuracy:.3f}",
            flush=True,
        )


def _smooth(old: float, new: float, share: float) -> float:
    return new if old != old else (1 - share) * old + share * new


def work(process: int, settings: Settings) -> None:
    """The body of one process."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if settings.processes > 1:
        meeting = (settings.out / "meeting").resolve().as_uri()
        distributed.init_process_group("gloo", init_method=meeting, rank=process, world_size=settings.processes)
    trainer = Trainer(settings, process)
    if process == 0:
        print(f"{sum(p.numel() for p in trainer.model.parameters()):,} parameters", flush=True)
    trainer.run()
    if settings.processes > 1:
        distributed.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer and checkpoint")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--tokens", type=float, help="stop after this many tokens")
    budget.add_argument("--minutes", type=float, help="stop after this many minutes")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder")
    settings = Settings(**vars(parser.parse_args()))
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "meeting").unlink(missing_ok=True)
    if not settings.resume:
        tokenization.build(settings.out / "tokenizer.json")
    torch.multiprocessing.spawn(work, (settings,), nprocs=settings.processes)


if __name__ == "__main__":
    main()
