"""Where the rows of the embedding begin: near numbers near each other, all tokens of a point with a part in common."""

import torch
from tokenizers import Tokenizer
from torch import Tensor

from tours.wire import COORDINATES, LEADING, LEAST, MOST, REQUEST, head, index, leading_digits, node, rests
from waves import putting, waves

# Wavelengths of a coordinate's waves, and of the logarithm of a length.
WAVES = [800.0, 400.0, 200.0, 100.0, 50.0, 25.0]
DECADES = [0.1, 0.2, 0.4, 0.8]


def begin(weight: Tensor, tokenizer: Tokenizer, generator: torch.Generator) -> None:
    """Overwrite the rows of tokens that stand for numbers and points."""
    width, put = weight.shape[1], putting(weight, tokenizer, generator)
    numbers = torch.tensor(list(COORDINATES), dtype=torch.float)
    for text in ("{},", " {})"):
        put([text.format(number) for number in COORDINATES], waves(numbers, WAVES, generator, width))
    points = torch.randn(MOST, width, generator=generator)
    put([index(point) for point in range(1, MOST)], points[1:])
    put([head(n) for n in range(LEAST, MOST + 1)], points[:1])
    put([node(point) for point in range(MOST)], points)
    put(REQUEST[:MOST], points)
    leading = torch.tensor([max(1, number) for number in range(10**LEADING)], dtype=torch.float)
    put(leading_digits(), waves(leading.log10(), DECADES, generator, width))
    share = torch.tensor([int(text) / 10 ** len(text) for text in rests()])
    put(rests(), 0.3 * waves(share, [1.0, 2.0], generator, width))
