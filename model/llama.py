"""A Llama, as plain as it gets, for training on a CPU. `export.py` writes it in the names that transformers expects."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 160
    layers: int = 4
    heads: int = 5
    hidden: int = 448
    positions: int = 1280
    theta: float = 10_000.0
    epsilon: float = 1e-5

    def as_dict(self) -> dict:
        return asdict(self)


class Norm(nn.Module):
    """Root-mean-square normalisation."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary position embedding, in the convention that pairs the first half of a head with the second."""
    first, second = x.chunk(2, -1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.norm_attention = Norm(width, shape.epsilon)
        self.norm_feed = Norm(width, shape.epsilon)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, width, bias=False)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor, cache: dict | None, mask: Tensor | None) -> Tensor:
        batch, length, width = x.shape
        joined = self.query_key_value(self.norm_attention(x))
        query, key, value = joined.view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, key = rotate(query, cosine, sine), rotate(key, cosine, sine)
        if cache is not None:
            if "key" in cache:
                key, value = torch.cat([cache["key"], key], 2), torch.cat([cache["value"], value], 2)
            cache["key"], cache["value"] = key, value
        # In f32: the half-precision backward pass of this operation is slow on CPUs.
        with torch.autocast("cpu", enabled=False):
            attended = F.scaled_dot_product_attention(
                query.float(), key.float(), value.float(), attn_mask=mask, is_causal=mask is None
            )
        x = x + self.out(attended.to(x.dtype).transpose(1, 2).reshape(batch, length, width))
        gate, up = self.gate_up(self.norm_feed(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.epsilon)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                last = name.endswith(("out.weight", "down.weight"))
                scale = 0.05 if "embedding" in name else 0.03 / math.sqrt(2 * shape.layers) if last else 0.02
                nn.init.normal_(parameter, 0, scale)
        head = shape.width // shape.heads
        frequencies = 1 / shape.theta ** (torch.arange(0, head, 2) / head)
        angles = torch.arange(shape.positions)[:, None] * frequencies
        self.register_buffer("cosine", angles.cos(), False)
        self.register_buffer("sine", angles.sin(), False)

    def hidden_states(
        self,
        embedded: Tensor,
        caches: list[dict] | None = None,
        positions: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Normalised states after the last layer. Without a mask attention is causal and positions count from 0."""
        if positions is None:
            cosine, sine = self.cosine[: embedded.shape[1]], self.sine[: embedded.shape[1]]
        else:
            cosine, sine = self.cosine[positions][:, None], self.sine[positions][:, None]
        cosine, sine = cosine.to(embedded.dtype), sine.to(embedded.dtype)
        x = embedded
        for index, layer in enumerate(self.layers):
            x = layer(x, cosine, sine, None if caches is None else caches[index], mask)
        return self.norm(x)

    def logits(self, states: Tensor) -> Tensor:
        return F.linear(states, self.embedding.weight.to(states.dtype))

    @torch.no_grad()
    def generate(
        self, embedded: Tensor, lengths: Tensor, end: int, longest: int, draw: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Continuations of left-padded embedded prompts, each token drawn from logits; behind `end` is only `end`."""
        batch, width = embedded.shape[:2]
        caches: list[dict] = [{} for _ in self.layers]
        padding = (width - lengths)[:, None]
        columns = torch.arange(width)[None]
        valid = columns >= padding
        causal = torch.ones(width, width, dtype=torch.bool).tril()
        mask = (valid[:, None, None, :] & causal) | torch.eye(width, dtype=torch.bool)
        state = self.hidden_states(embedded, caches, (columns - padding).clamp(min=0), mask)[:, -1]
        tokens, done = [], torch.zeros(batch, dtype=torch.bool)
        for step in range(longest):
            token = torch.where(done, end, draw(self.logits(state)))
            tokens.append(token)
            done |= token == end
            if done.all() or step == longest - 1:
                break
            valid = torch.cat([valid, torch.ones(batch, 1, dtype=torch.bool)], 1)
            positions = (lengths + step)[:, None]
            state = self.hidden_states(self.embedding(token)[:, None], caches, positions, valid[:, None, None])[:, -1]
        return torch.stack(tokens, 1)
