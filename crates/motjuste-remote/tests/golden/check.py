"""Checks with PyTorch that the payloads are read, and read equal.

prompt_embeds_3x100.b64 is what src/served/payload.rs writes and torch.load(weights_only=True) reads;
input_embeds_2x3_1x3.json is what src/served/sglang.rs writes. Their tests compare the bytes. Whoever changes a writer
runs the tests, copies what they wrote here, and runs this.
"""

import base64
import io
import json
import pathlib

import torch

ROWS, COLUMNS = 3, 100
here = pathlib.Path(__file__)
payload = here.with_name("prompt_embeds_3x100.b64").read_text().strip()
tensor = torch.load(io.BytesIO(base64.b64decode(payload, validate=True)), weights_only=True)
expected = ((torch.arange(ROWS * COLUMNS, dtype=torch.float32) - 150) / 7).reshape(ROWS, COLUMNS)
assert tensor.dtype == torch.float32 and tensor.shape == expected.shape, tensor
assert torch.equal(tensor, expected)
print(f"torch {torch.__version__} reads {tuple(tensor.shape)} equal")

prompts = json.loads(here.with_name("input_embeds_2x3_1x3.json").read_text())["input_embeds"]
rows = torch.cat([torch.tensor(prompt, dtype=torch.float32) for prompt in prompts])
assert [len(prompt) for prompt in prompts] == [2, 1]
assert torch.equal(rows, ((torch.arange(9, dtype=torch.float32) - 4) / 7).reshape(3, 3))
print("and the nested lists equal")
