"""A tokenizer in which the pieces of one meta-prompt are whole tokens, and everything else falls apart into bytes."""

from pathlib import Path

from tokenizers import Tokenizer, pre_tokenizers

from tokenizer import END, PAD, START, saved


def build(path: Path, numbers: list[str], pieces: list[str]) -> Tokenizer:
    """Write `tokenizer.json`: these numbers are tokens where they stand alone, these pieces wherever they stand."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return saved(path, [PAD, START, END, *alphabet, *numbers], [], pieces)
