"""The tokenizer: whole words for instructions and scaffold, single letters for everything else.

A byte-level BPE in the standard `tokenizer.json` format with `ignore_merges`: a word in the vocabulary is one token,
any other word falls apart into "space + first letter" and letters, because these are the only merges. At the start of a
line, where no space is before them, the words that begin an instruction are tokens too: that is how OPRO's meta-prompt
shows instructions.
"""

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from opro import SCAFFOLD as OPRO_SCAFFOLD
from phrases import SENTENCE_STARTS, instruction_words
from prompts import CLOSING
from words import sentence_words

PAD, START, END = "<pad>", "<s>", "</s>"
SCAFFOLD = ["Input:", "\nOutput:", "Instruction:", "\n\n", CLOSING, *OPRO_SCAFFOLD]
SPACE = "Ġ"


def build(path: Path) -> Tokenizer:
    """Write `tokenizer.json`; the same words give the same file."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [symbol for symbol in alphabet if symbol.isascii() and symbol.isalnum()]
    whole_words = sorted(SPACE + word for word in instruction_words() | sentence_words())
    starts = sorted(word for word in SENTENCE_STARTS if len(word) > 1)
    tokens = [PAD, START, END, *alphabet, *(SPACE + letter for letter in letters), *whole_words, *starts]
    return saved(path, tokens, [(SPACE, letter) for letter in letters], SCAFFOLD)


def saved(path: Path, tokens: list[str], merges: list[tuple[str, str]], whole: list[str]) -> Tokenizer:
    """Write a byte-level BPE of these tokens, in which some texts are whole wherever they stand."""
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([PAD, START, END])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in whole])
    tokenizer.save(str(path))
    return tokenizer
