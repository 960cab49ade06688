"""Train the embedded model from nothing: on a CPU with two one-thread processes, on a GPU with one.

    python train.py --out RUN --tokens 54e6
    python train.py --out RUN --minutes 80
    python train.py --out RUN --minutes 80 --resume

The schedule follows the share of the budget that is spent. Data come in `STREAMS` streams, each a function of the seed
and the step, so a resumed run goes on with the same data, and one process learns from the same as two do, whose
gradients are averaged. `RUN/checkpoint.pt` is written every two minutes; `export.py` reads it.
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
from llama import Llama, Shape
from optimiser import Optimiser, rate_factor
from schedule import Phase

Batches = list[list[Example]]

STREAMS = 2
ROLES = ("follower", "generator", "opro")
SECONDS_BETWEEN_LINES = 30
SECONDS_BETWEEN_CHECKPOINTS = 120


@dataclass(frozen=True)
class Settings:
    out: Path
    tokens: float | None
    minutes: float | None
    processes: int
    device: str
    seed: int
    resume: bool

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"


class Trainer:
    """One process of a training run; process 0 also prints and saves."""

    def __init__(self, settings: Settings, process: int) -> None:
        self.settings, self.process = settings, process
        tokenizer = Tokenizer.from_file(str(settings.out / "tokenizer.json"))
        torch.manual_seed(settings.seed)
        self.model = Llama(Shape(vocabulary=(tokenizer.get_vocab_size() + 7) // 8 * 8)).to(settings.device)
        self.hidden_states = self.model.hidden_states
        if settings.device != "cpu":
            self.hidden_states = torch.compile(self.hidden_states, dynamic=True)
        streams = range(process, STREAMS, settings.processes)
        self.sources = [Source(tokenizer, self.model.shape.width, settings.seed, stream) for stream in streams]
        self.optimiser = Optimiser(self.model)
        self.step, self.tokens, self.elapsed = 0, 0.0, 0.0
        self.phase = Phase.at(0)  # of the round under way
        self.losses, self.core_accuracy = [float("nan")] * len(ROLES), float("nan")
        self.rounds: list[list[Batches]] = []  # by stream and role
        if settings.resume:
            self.restore()
        self.began, self.elapsed_before = time.time(), self.elapsed

    @property
    def progress(self) -> float:
        """The share of the budget that is spent."""
        if self.settings.tokens is not None:
            return self.tokens / self.settings.tokens
        return self.elapsed / (60 * self.settings.minutes)

    def restore(self) -> None:
        saved = self.optimiser.restore(self.settings.checkpoint)
        self.step, self.tokens, self.elapsed = saved["step"], saved["tokens"], saved["elapsed"]
        self.phase = Phase(**saved["phase"])

    def save(self) -> None:
        progress = {"step": self.step, "tokens": self.tokens, "elapsed": self.elapsed, "phase": vars(self.phase)}
        self.optimiser.save(self.settings.checkpoint, progress | {"seed": self.settings.seed})

    def run(self) -> None:
        last_line, last_save, tokens_before = 0.0, time.time(), self.tokens
        while self.progress < 1:
            self.advance()
            if self.process == 0 and time.time() - last_line > SECONDS_BETWEEN_LINES:
                last_line = time.time()
                self.print(tokens_before)
            if self.process == 0 and time.time() - last_save > SECONDS_BETWEEN_CHECKPOINTS:
                last_save = time.time()
                self.save()
        if self.process == 0:
            self.save()
            self.print(tokens_before)

    def advance(self) -> None:
        """One step: a batch of every role from every stream, one update."""
        place = self.step % ROUND
        if place == 0:
            self.phase = Phase.at(self.progress)
        if place == 0 or not self.rounds:
            self.rounds = [self.round(source) for source in self.sources]
        tokens, losses = self.learn(place)
        # The clock is averaged too, so that all processes see the same progress.
        elapsed = self.elapsed_before + time.time() - self.began
        self.elapsed, tokens, *losses = self.average([elapsed, tokens, *losses])
        self.optimiser.step(rate_factor(self.step, self.progress))
        self.step += 1
        self.tokens += tokens * self.settings.processes
        self.losses = [_smooth(old, new, 0.03) for old, new in zip(self.losses, losses)]

    def round(self, source: Source) -> list[Batches]:
        """Batches of a stream for every role; none for a role that has not begun."""
        index, phase = self.step // ROUND, self.phase
        return [
            source.follower_round(index, phase.tersest),
            source.generator_round(index, phase.hinted, phase.generator_tasks),
            source.opro_round(index) if phase.proposes else [],
        ]

    def learn(self, place: int) -> tuple[int, list[float]]:
        """Adds up gradients; returns the tokens read and the mean loss of each role."""
        tokens, losses = 0, [0.0] * len(ROLES)
        for source, roles in zip(self.sources, self.rounds):
            for role, batches in enumerate(roles):
                if batches:
                    loss, count = self.loss(source, batches[place])
                    (loss / len(self.sources)).backward()
                    losses[role] += loss.item() / len(self.sources)
                    tokens += count
        return tokens, losses

    def loss(self, source: Source, batch: list[Example]) -> tuple[Tensor, int]:
        """Weighted mean loss of a batch, and the number of its tokens, padding included."""
        device, kind = self.settings.device, torch.device(self.settings.device).type
        length = max(len(example.tokens) for example in batch)
        tokens = torch.zeros(len(batch), length, dtype=torch.long)
        weights = torch.zeros(len(batch), length)
        for row, example in enumerate(batch):
            tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
            weights[row, : len(example.weights)] = torch.tensor(example.weights)
        counted = (weights[:, 1:] > 0).to(device)
        tokens, weights = tokens.to(device), weights.to(device)
        steered = batch[0].prefix is not None
        with torch.autocast(kind, dtype=torch.bfloat16):
            embedded = self.model.embedding(tokens)
            if steered:
                _, generator = source.generators("scale", self.step)
                prefix = torch.stack([example.prefix for example in batch])
                prefix = prefix * steer.scales(len(batch), generator)
                embedded = torch.cat([prefix.to(device), embedded], 1)
            states = self.hidden_states(embedded.to(torch.bfloat16))[:, embedded.shape[1] - length : -1]
            logits = self.model.logits(states[counted]).float()
        wanted, weight = tokens[:, 1:][counted], weights[:, 1:][counted]
        if steered and self.process == 0 and self.step % 10 == 0:
            self._note_core_accuracy(batch, logits, wanted, weight, counted)
        loss = (F.cross_entropy(logits, wanted, reduction="none") * weight).sum() / weight.sum()
        return loss, tokens.numel()

    def _note_core_accuracy(
        self, batch: list[Example], logits: Tensor, wanted: Tensor, weight: Tensor, counted: Tensor
    ) -> None:
        clean = torch.tensor([not example.hinted for example in batch]).to(counted.device)
        core = clean[:, None].expand_as(counted)[counted] & (weight > 2)
        if core.any():
            accuracy = (logits.argmax(1) == wanted)[core].float().mean().item()
            self.core_accuracy = _smooth(self.core_accuracy, accuracy, 0.1)

    def average(self, numbers: list[float]) -> list[float]:
        """Averages gradients over the processes, and with them a few numbers, which are returned."""
        if self.settings.processes == 1:
            return numbers
        gradients = [parameter.grad for parameter in self.optimiser.parameters]
        flat = torch.cat([*(gradient.view(-1) for gradient in gradients), torch.tensor(numbers)])
        distributed.all_reduce(flat)
        flat /= self.settings.processes
        *averaged, numbers = flat.split([*(gradient.numel() for gradient in gradients), len(numbers)])
        for gradient, mean in zip(gradients, averaged):
            gradient.copy_(mean.view_as(gradient))
        return numbers.tolist()

    def print(self, tokens_before: float) -> None:
        speed = (self.tokens - tokens_before) / (time.time() - self.began)
        left = self.elapsed * (1 - self.progress) / max(self.progress, 1e-6) / 60
        losses = " ".join(f"{role} {loss:.3f}" for role, loss in zip(ROLES, self.losses))
        print(
            f"{self.elapsed / 60:.1f} min, step {self.step}, {self.tokens / 1e6:.2f} M tokens, {speed:.0f} tokens/s, "
            f"{max(0, left):.0f} min left, rate x{rate_factor(self.step, self.progress):.2f}; loss: {losses}; "
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
    parser.add_argument("--device", help="default: a GPU where torch sees one")
    parser.add_argument("--processes", type=int, choices=[1, STREAMS], help=f"default: {STREAMS}, on a GPU 1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder")
    arguments = parser.parse_args()
    arguments.device = arguments.device or ("cuda" if torch.cuda.is_available() else "cpu")
    arguments.processes = arguments.processes or (STREAMS if arguments.device == "cpu" else 1)
    if arguments.device != "cpu" and arguments.processes > 1:
        parser.error("a GPU is used by one process: leave --processes out")
    settings = Settings(**vars(arguments))
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "meeting").unlink(missing_ok=True)
    if not settings.resume:
        tokenization.build(settings.out / "tokenizer.json")
    torch.multiprocessing.spawn(work, (settings,), nprocs=settings.processes)


if __name__ == "__main__":
    main()
