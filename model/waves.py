"""Rows of an embedding for numbers: near numbers begin near each other, so that few examples teach all."""

import math

import torch
from torch import Tensor

# Root mean square of an embedding row.
SIZE = 0.05


def waves(numbers: Tensor, lengths: list[float], generator: torch.Generator, width: int) -> Tensor:
    """Sines and cosines of the numbers, mixed into `width` columns of root mean square 1."""
    angles = 2 * math.pi * numbers[:, None] / torch.tensor(lengths)
    mixed = torch.randn(2 * len(lengths), width, generator=generator) / math.sqrt(len(lengths))
    return torch.cat([angles.sin(), angles.cos()], 1) @ mixed
