"""Writes crates/motjuste-lm/tests/fixtures/blocks.json: random blocks of every format of GGML that we read, and the
numbers that they stand for by the package `gguf` 0.19.0 of llama.cpp."""

import json
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize

BLOCKS = 3
# Where the scales of 16 bits lie in a block.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip

random = np.random.default_rng(7)
cases = []
for name, scales in SCALES.items():
    kind = gguf.GGMLQuantizationType[name]
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for at in scales:
        blocks[:, at : at + 2] = random.normal(0, 0.01, BLOCKS).astype("<f2").view(np.uint8).reshape(BLOCKS, 2)
    numbers = dequantize(blocks, kind).astype(np.float32)
    cases.append(
        {
            "code": int(kind),
            "name": name,
            "bytes": blocks.tobytes().hex(),
            "numbers": [float(x) for x in numbers.ravel()],
        }
    )
text = json.dumps(cases, separators=(",", ":"))
(Path(__file__).parent.parent / "crates/motjuste-lm/tests/fixtures/blocks.json").write_text(text + "\n")
