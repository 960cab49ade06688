"""The exported model in its two roles: greedy texts for many prompts at once, with or without soft prompts."""

import json
from functools import partial
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


def draw(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """A token a row: the most likely one at temperature 0."""
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]


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
    def write(
        self, texts: list[str], prefixes: Tensor | None = None, temperature: float = 0.0, seed: int = 0
    ) -> list[str]:
        """Continuations, greedy at temperature 0. Prompts of like length go together."""
        generator = torch.Generator().manual_seed(seed)
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
            sampler = partial(draw, temperature=temperature, generator=generator)
            written_tokens = self.model.generate(embedded, lengths, self.end, LONGEST, sampler)
            for place, tokens in zip(chosen, written_tokens.tolist()):
                kept = tokens[: tokens.index(self.end)] if self.end in tokens else tokens
                written[place] = self.tokenizer.decode(kept, skip_special_tokens=False).strip()
        return written

    def follow(self, instruction: str, texts: list[str]) -> list[str]:
        return self.write([prompts.follower_prompt(instruction, text) for text in texts])

    def instruct(self, shown: list[tuple[str, str]], points: Tensor, matrix: Tensor) -> list[str]:
        """The instruction that each point of [-1, 1]^10 leads to, from the same demonstrations."""
        prompt = prompts.generator_prompt(shown)
        return self.write([prompt] * len(points), steer.soft_prompts(points, matrix))

    @torch.no_grad()
    def replies_right(self, pairs: list[tuple[str, str]]) -> list[bool]:
        """Whether the greedy continuation of each prompt is the wanted text, and then the end.

        It is if and only if each wanted token is the most likely one after the wanted tokens before it, so a single
        pass over prompt and wanted text settles it, without generating.
        """
        starts = [len(encoding.ids) for encoding in self.tokenizer.encode_batch([prompt for prompt, _ in pairs])]
        encoded = self.tokenizer.encode_batch([f"{prompt} {wanted}" for prompt, wanted in pairs])
        tokens = [encoding.ids + [self.end] for encoding in encoded]
        places = sorted(range(len(pairs)), key=lambda place: len(tokens[place]))
        right = [False] * len(pairs)
        for first in range(0, len(places), BATCH):
            chosen = places[first : first + BATCH]
            rows = [torch.tensor(tokens[place]) for place in chosen]
            padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
            columns = torch.arange(padded.shape[1] - 1)
            asked = columns >= torch.tensor([starts[place] - 1 for place in chosen])[:, None]
            asked &= columns < torch.tensor([len(row) - 1 for row in rows])[:, None]
            states = self.model.hidden_states(self.model.embedding(padded))[:, :-1]
            wrong = torch.zeros(asked.shape, dtype=torch.bool)
            wrong[asked] = self.model.logits(states[asked]).argmax(-1) != padded[:, 1:][asked]
            for place, has_error in zip(chosen, wrong.any(1).tolist()):
                right[place] = not has_error
        return right

    def scores(self, instructions: list[str], examples: list[tuple[str, str]]) -> list[float]:
        """Exact match of each instruction on the examples; an instruction is run once for the same examples."""
        key = tuple(examples)
        new = [item for item in dict.fromkeys(instructions) if (item, key) not in self._scores]
        pairs = [(prompts.follower_prompt(item, text), out) for item in new for text, out in examples]
        right = self.replies_right(pairs)
        for place, item in enumerate(new):
            hits = right[place * len(examples) : (place + 1) * len(examples)]
            self._scores[item, key] = sum(hits) / len(examples)
        return [self._scores[item, key] for item in instructions]
