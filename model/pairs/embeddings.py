"""Where the rows of the embedding begin: tokens of near numbers near each other, so that few examples teach all."""

import torch
from tokenizers import Tokenizer
from torch import Tensor

from pairs.play import NUMBERS
from pairs.wire import LEADING, VALUE, first_replies, firsts, leading_digits, rests, second_replies, seconds
from waves import putting, waves

# Wavelengths of a whole number's waves, and how many decades a value's logarithm is spread over.
WAVES = [3, 5, 8, 13, 21, 34, 55, 89]
DECADES = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]


def begin(weight: Tensor, tokenizer: Tokenizer, generator: torch.Generator) -> None:
    """Overwrite the rows of tokens that stand for numbers."""
    width, put = weight.shape[1], putting(weight, tokenizer, generator)
    numbers = torch.tensor(list(NUMBERS), dtype=torch.float)
    for texts in ((firsts, first_replies), (seconds, second_replies)):
        rows = waves(numbers, WAVES, generator, width)
        for kind in texts:
            put(kind(NUMBERS), rows)
    digits = leading_digits()
    leading = torch.tensor([max(1, int(text.removeprefix(VALUE))) for text in digits], dtype=torch.float)
    rows = waves(leading.log10(), DECADES, generator, width)
    for length in range(1, LEADING + 1):
        chosen = [place for place, text in enumerate(digits) if len(text) == len(VALUE) + length]
        put([digits[place] for place in chosen], rows[chosen])
    for length in range(1, LEADING + 1):
        texts = [text for text in rests() if len(text) == length]
        share = torch.tensor([int(text) / 10**length for text in texts])
        put(texts, 0.3 * waves(share, [1.0, 2.0], generator, width))
