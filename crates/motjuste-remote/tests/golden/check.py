"""Checks with PyTorch that torch.load(weights_only=True) reads our payload, and reads it equal.

prompt_embeds_3x100.b64 is what src/served/payload.rs writes; its test compares the bytes. Whoever changes the writer
runs the test, copies what it wrote here, and runs this.
"""

import base64
import io
import pathlib

import torch

ROWS, COLUMNS = 3, 100
payload = pathlib.Path(__file__).with_name("prompt_embeds_3x100.b64").read_text().strip()
tensor = torch.load(io.BytesIO(base64.b64decode(payload, validate=True)), weights_only=True)
expected = ((torch.arange(ROWS * COLUMNS, dtype=torch.float32) - 150) / 7).reshape(ROWS, COLUMNS)
assert tensor.dtype == torch.float32 and tensor.shape == expected.shape, tensor
assert torch.equal(tensor, expected)
print(f"torch {torch.__version__} reads {tuple(tensor.shape)} equal")
