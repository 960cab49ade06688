"""The tokenizer of the model that proposes pairs. A pair with its value is four tokens in most cases:

    "\\n\\ninput:\\nw=15"   ", b=14"   "\\nvalue:\\n409"   "628"

The first two carry a whole number each; the third the leading three digits of the value, which say how large it is
together with the length of the rest. The rest of up to three digits is one token, of more it is one for each digit.
The reply is " [15" and ", 14]". All of it is a byte-level BPE in the standard `tokenizer.json` format.
"""

from pathlib import Path

from tokenizers import Tokenizer

import pieces

HEAD = (
    "You are minimising a function of two variables, w and b. Nobody knows its formula; you learn of it from pairs "
    "that were tried. They follow with the value of the function at each, in descending order of value. Lower values "
    "are better."
)
FIRST, SECOND, VALUE = "\n\ninput:\nw=", ", b=", "\nvalue:\n"
REQUEST = (
    "\n\nPropose one new pair (w, b) that is different from every pair above and has a lower value than all of them. "
    "Do not write code. End your reply with the pair, two numbers in square brackets: [w, b]"
)
LEADING = 3


def firsts(numbers: range) -> list[str]:
    return [f"{FIRST}{number}" for number in numbers]


def seconds(numbers: range) -> list[str]:
    return [f"{SECOND}{number}" for number in numbers]


def first_replies(numbers: range) -> list[str]:
    return [f" [{number}" for number in numbers]


def second_replies(numbers: range) -> list[str]:
    return [f", {number}]" for number in numbers]


def leading_digits() -> list[str]:
    return [f"{VALUE}{number}" for number in range(10**LEADING)]


def rests() -> list[str]:
    return [f"{number:0{length}}" for length in range(1, LEADING + 1) for number in range(10**length)]


def build(path: Path, numbers: range) -> Tokenizer:
    """Write `tokenizer.json` with tokens for these whole numbers as w and as b."""
    fixed = [HEAD, REQUEST, *firsts(numbers), *seconds(numbers), *first_replies(numbers), *second_replies(numbers)]
    return pieces.build(path, rests(), fixed + leading_digits())
