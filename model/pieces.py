"""A tokenizer in which the pieces of one meta-prompt are whole tokens, and everything else falls apart into bytes."""

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from tokenizer import END, PAD, START


def build(path: Path, numbers: list[str], pieces: list[str]) -> Tokenizer:
    """Write `tokenizer.json`: these numbers are tokens where they stand alone, these pieces wherever they stand."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = dict.fromkeys([PAD, START, END, *alphabet, *numbers])
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([PAD, START, END])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in pieces])
    tokenizer.save(str(path))
    return tokenizer
