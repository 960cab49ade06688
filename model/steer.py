"""What a soft prompt asks for.

Every option of every attribute of a wording ("core slot 3", "clause 2") owns one fixed orthonormal direction of
embedding space, shared by all tasks. A soft prompt asks, for each attribute, for the option whose direction has the
largest inner product with the mean of its vectors. For the core the options are slots; a permutation of each task maps
slots to its cores, so that no slot is precise everywhere.
"""

import torch
from torch import Tensor

import wording
from chance import order
from wording import OPTIONS, TRAINED_CORES, Wording

SOFT_TOKENS = 5
DIRECTION_SEED = 123
SMALLEST_SCALE, LARGEST_SCALE = 0.15, 1.5
INTRINSIC_DIMENSION = 10

_STARTS = [sum(OPTIONS[:index]) for index in range(len(OPTIONS) + 1)]


def directions(dimension: int) -> Tensor:
    """One orthonormal row an option."""
    generator = torch.Generator().manual_seed(DIRECTION_SEED)
    columns, _ = torch.linalg.qr(torch.randn(dimension, sum(OPTIONS), generator=generator))
    return columns.T.contiguous()


def labels(rows: Tensor, prefix: Tensor) -> Tensor:
    """The option that each prefix of the batch asks for, attribute by attribute."""
    strength = prefix.mean(1) @ rows.T
    spans = zip(_STARTS, _STARTS[1:])
    return torch.stack([strength[:, start:stop].argmax(1) for start, stop in spans], 1)


def core_of_slot(task: str, slot: int) -> int:
    return order(TRAINED_CORES, wording.LOT, "slot", task)[slot]


def wording_of(task: str, label: list[int]) -> Wording:
    frame, verb, slot, clause = label
    return Wording(frame, verb, core_of_slot(task, slot), clause)


def sample(rows: Tensor, count: int, hinted: float, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Training prefixes of mean square 1, the options they ask for, and which of them carry a hint.

    A hint adds the directions of randomly chosen options, with a strength of 1 to 4, to a share of the prefixes.
    """
    prefix = torch.randn(count, SOFT_TOKENS, rows.shape[1], generator=generator)
    has_hint = torch.rand(count, generator=generator) < hinted
    strength = has_hint * (1 + 3 * torch.rand(count, generator=generator))
    choices = [torch.randint(0, options, (count,), generator=generator) for options in OPTIONS]
    chosen = torch.stack([choice + start for choice, start in zip(choices, _STARTS)], 1)
    prefix = prefix + (strength[:, None] * rows[chosen].sum(1))[:, None]
    prefix = prefix / prefix.pow(2).mean((1, 2), keepdim=True).sqrt()
    return prefix, labels(rows, prefix), has_hint


def scales(count: int, generator: torch.Generator) -> Tensor:
    """Log-uniform lengths of the prefix vectors."""
    low, high = torch.tensor([SMALLEST_SCALE, LARGEST_SCALE]).log()
    return (low + (high - low) * torch.rand(count, 1, 1, generator=generator)).exp()


def projection(dimension: int, seed: int) -> Tensor:
    """The random matrix A of InstructZero, entries uniform in [-1, 1]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(INTRINSIC_DIMENSION, SOFT_TOKENS * dimension, generator=generator) * 2 - 1


def soft_prompts(points: Tensor, matrix: Tensor) -> Tensor:
    """Soft prompts for points of [-1, 1]^10."""
    return (points @ matrix).view(len(points), SOFT_TOKENS, -1)
