"""Lots drawn by name: a hash of what the lot is for, so that the design does not depend on the order of the code."""

import hashlib
import random


def lot(*names: object) -> float:
    """A number in [0, 1) settled by the names."""
    text = "|".join(map(str, names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def order(count: int, *names: object) -> list[int]:
    """A permutation of range(count) settled by the names."""
    items = list(range(count))
    random.Random(lot(*names)).shuffle(items)
    return items
