"""The exported model in its two roles: greedy texts for many prompts at once, with or without soft prompts."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

import prompts
import steer
from llama import Llama, Shape
from tokenizer import END

BATCH = 400
LONGEST = 26


def from_transformers(tensors: dict[str, Tensor], shape: Shape) -> Llama:
    """The training model with weights in the names of transformers; the inverse of `export.as_transformers`."""
    state = {"embedding.weight": tensors["model.embed_tokens.weight"], "norm.weight": tensors["model.norm.weight"]}
    for index in range(shape.layers):
        old, new = f"model.layers.{index}", f"layers.{index}"
        attention = [tensors[f"{old}.self_attn.{name}_proj.weight"] for name in "qkv"]
        state[f"{new}.query_key_value.weight"] = torch.cat(attention)
        state[f"{new}.out.weight"] = tensors[f"{old}.self_attn.o_proj.weight"]
        gate_up = [tensors[f"{old}.mlp.{name}_proj.weight"] for name in ("gate", "up")]
        state[f"{new}.gate_up.weight"] = torch.cat(gate_up)
        state[f"{new}.down.weight"] = tensors[f"{old}.mlp.down_proj.weight"]
        state[f"{new}.norm_attention.weight"] = tensors[f"{old}.input_layernorm.weight"]
        state[f"{new}.norm_feed.weight"] = tensors[f"{old}.post_attention_layernorm.weight"]
    model = Llama(shape)
    model.load_state_dict(state)
    return model.eval()


class Speaker:
    """A model and its tokenizer, read from an exported folder."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        shape = Shape(
            vocabulary=config["vocab_size"],
            width=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            hidden=config["intermediate_size"],
            positions=config["max_position_embeddings"],
            theta=config["rope_theta"],
            epsilon=config["rms_norm_eps"],
        )
        self.model = from_transformers(load_file(folder / "model.safetensors"), shape)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.end = self.tokenizer.token_to_id(END)
        self._scores: dict[tuple, float] = {}

    @property
    def width(self) -> int:
        return self.model.shape.width

    @torch.no_grad()
    def write(self, texts: list[str], prefixes: Tensor | None = None) -> list[str]:
        """Greedy continuations. Prompts of like length go together."""
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        places = sorted(range(len(texts)), key=lambda place: len(encoded[place]))
        written = [""] * len(texts)
        for start in range(0, len(places), BATCH):
            chosen = places[start : start + BATCH]
            rows = [self.model.embedding(torch.tensor(encoded[place])) for place in chosen]
            if prefixes is not None:
                rows = [torch.cat([prefixes[place], row]) for place, row in zip(chosen, rows)]
            lengths = torch.tensor([len(row) for row in rows])
            embedded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_side="left")
            for place, tokens in zip(chosen, self.model.generate(embedded, lengths, self.end, LONGEST).tolist()):
                kept = tokens[: tokens.index(self.end)] if self.end in tokens else tokens
                written[place] = self.tokenizer.decode(kept).strip()
        return written

    def follow(self, instruction: str, texts: list[str]) -> list[str]:
        return self.write([prompts.follower_prompt(instruction, text) for text in texts])

    def instruct(self, shown: list[tuple[str, str]], points: Tensor, matrix: Tensor) -> list[str]:
        """The instruction that each point of [-1, 1]^10 leads to, from the same demonstrations."""
        prompt = prompts.generator_prompt(shown)
        return self.write([prompt] * len(points), steer.soft_prompts(points, matrix))

    def scores(self, instructions: list[str], examples: list[tuple[str, str]]) -> list[float]:
        """Exact match of each instruction on the examples; an instruction is run once for the same examples."""
        key = tuple(examples)
        new = [item for item in dict.fromkeys(instructions) if (item, key) not in self._scores]
        replies = iter(self.write([prompts.follower_prompt(item, text) for item in new for text, _ in examples]))
        for item in new:
            self._scores[item, key] = sum(next(replies) == right for _, right in examples) / len(examples)
        return [self._scores[item, key] for item in instructions]
