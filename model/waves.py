"""Rows of an embedding for numbers: near numbers begin near each other, so that few examples teach all."""

import math
from collections.abc import Callable

import torch
from tokenizers import Tokenizer
from torch import Tensor

# Root mean square of an embedding row.
SIZE = 0.05


def waves(numbers: Tensor, lengths: list[float], generator: torch.Generator, width: int) -> Tensor:
    """Sines and cosines of the numbers, mixed into `width` columns of root mean square 1."""
    angles = 2 * math.pi * numbers[:, None] / torch.tensor(lengths)
    mixed = torch.randn(2 * len(lengths), width, generator=generator) / math.sqrt(len(lengths))
    return torch.cat([angles.sin(), angles.cos()], 1) @ mixed


def putting(weight: Tensor, tokenizer: Tokenizer, generator: torch.Generator) -> Callable[[list[str], Tensor], None]:
    """What overwrites the rows of tokens of one kind: with rows of their own, and a part that all of them have."""

    def put(texts: list[str], rows: Tensor) -> None:
        kind = torch.randn(weight.shape[1], generator=generator)
        places = [tokenizer.token_to_id(text) for text in texts]
        weight[places] = SIZE * (rows + kind) / math.sqrt(2)

    return put
