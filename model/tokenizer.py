"""The tokenizer: whole words for instructions and scaffold, single letters for everything else.

A byte-level BPE in the standard `tokenizer.json` format with `ignore_merges`: a word in the vocabulary is one token,
any other word falls apart into "space + first letter" and letters, because these are the only merges.
"""

import re
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

import wording
import words
from prompts import CLOSING

PAD, START, END = "<pad>", "<s>", "</s>"
SCAFFOLD = ["Input:", "\nOutput:", "Instruction:", "\n\n", CLOSING]
SPACE = "Ġ"


def instruction_words() -> set[str]:
    """Every word of every wording, in lower case and with a capital where a sentence can start with it."""
    sentences = [sentence for task in wording.PLAIN_SENTENCES.values() for sentence in task]
    phrases = [core for cores in wording.CORES.values() for core in cores]
    starts = wording.FRAMES + wording.VERBS + sentences
    capitals = [phrase[:1].upper() + phrase[1:] for phrase in starts]
    text = " ".join(phrases + starts + capitals + wording.CLAUSES + ["the answer is"])
    return {word for word in re.findall(r"[A-Za-z]+", text) if len(word) > 1}


def sentence_words() -> set[str]:
    fixed = "the is a not was what positive negative odd even".split()
    word_lists = (words.PEOPLE, words.MOODS, words.PRAISE, words.SCORN, words.WORKS, words.UNITS, words.TENS, fixed)
    return {word for word_list in word_lists for word in word_list if len(word) > 1}


def build(path: Path) -> Tokenizer:
    """Write `tokenizer.json`; the same words give the same file."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [symbol for symbol in alphabet if symbol.isascii() and symbol.isalnum()]
    whole_words = sorted(SPACE + word for word in instruction_words() | sentence_words())
    tokens = [PAD, START, END, *alphabet, *(SPACE + letter for letter in letters), *whole_words]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    merges = [(SPACE, letter) for letter in letters]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([PAD, START, END])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in SCAFFOLD])
    tokenizer.save(str(path))
    return tokenizer
