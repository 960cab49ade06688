"""Tiny random models of every family, with reference values computed by transformers.

    python crates/motjuste-lm/tests/families/make.py [NAME...]

writes one folder for each: config.json and weights as transformers writes them, and reference.json
with logits and greedy tokens of sequences of unequal length, longer than windows and trained
contexts. Needs torch and transformers. The settings are chosen so that nothing a family does is
without effect at this size: small caps, short windows, gains and biases away from their neutral values.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

HERE = Path(__file__).resolve().parent
NEW_TOKENS = 6
# (soft tokens, tokens)
LENGTHS = [(0, 1), (3, 4), (0, 17), (5, 35)]
END = 99

SMALL = {
    "vocab_size": 100,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": None,
    "eos_token_id": END,
    "pad_token_id": None,
}

FAMILIES = {
    "llama3": {
        "model_type": "llama",
        "dtype": "bfloat16",
        "tie_word_embeddings": True,
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 1000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    },
    # In the form of transformers 4, with every bias and in several files.
    "llama-biased": {
        "model_type": "llama",
        "attention_bias": True,
        "mlp_bias": True,
        "rope_parameters": {"rope_type": "linear", "rope_theta": 500.0, "factor": 4.0},
        "old_form": True,
        "shard": "25KB",
    },
    "mistral": {"model_type": "mistral", "head_dim": 12, "sliding_window": 8},
    "qwen2": {
        "model_type": "qwen2",
        "tie_word_embeddings": True,
        "use_sliding_window": True,
        "sliding_window": 8,
        "max_window_layers": 1,
    },
    "qwen3": {
        "model_type": "qwen3",
        "head_dim": 16,
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 10000.0,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
        },
    },
    "gemma2": {
        "model_type": "gemma2",
        "head_dim": 12,
        "query_pre_attn_scalar": 7,
        "sliding_window": 8,
        "attn_logit_softcapping": 2.0,
        "final_logit_softcapping": 2.0,
    },
    "gemma3": {
        "model_type": "gemma3_text",
        "num_hidden_layers": 3,
        "intermediate_size": 32,
        "head_dim": 10,
        "query_pre_attn_scalar": 7,
        "sliding_window": 8,
        "sliding_window_pattern": 3,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            "full_attention": {"rope_type": "linear", "rope_theta": 1000.0, "factor": 8.0},
        },
    },
    "phi3": {
        "model_type": "phi3",
        "sliding_window": 20,
        "original_max_position_embeddings": 24,
        "rope_parameters": {
            "rope_type": "longrope",
            "rope_theta": 1000.0,
            "partial_rotary_factor": 0.5,
            "short_factor": [1.0, 1.25],
            "long_factor": [2.0, 5.0],
        },
    },
    "smollm3": {
        "model_type": "smollm3",
        "num_hidden_layers": 3,
        "intermediate_size": 32,
        "tie_word_embeddings": True,
        "no_rope_layer_interval": 2,
    },
}


def randomise(model: PreTrainedModel, dtype: torch.dtype) -> None:
    """Weights of the size that keeps activations near one; gains and biases a little off neutral."""
    for name, parameter in model.named_parameters():
        noise = torch.randn_like(parameter)
        if parameter.dim() == 1:
            value = parameter + 0.2 * noise
        elif "embed" in name or "head" in name:
            # Gemma multiplies embeddings by √hidden.
            value = (0.1 if "gemma" in model.config.model_type else 0.5) * noise
        else:
            value = 1.5 * noise / parameter.shape[1] ** 0.5
        parameter.copy_(value.to(dtype).float())


def to_old_form(folder: Path) -> None:
    """`rope_theta` and `rope_scaling` at the top, as transformers 4 wrote them."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}
    path.write_text(json.dumps(config, indent=2) + "\n")


def soft_prompt(tokens: int, hidden: int) -> torch.Tensor:
    """Embeddings that the test can make without rounding: multiples of 1/64."""
    values = [(i * 37 % 101 - 50) / 64 for i in range(tokens * hidden)]
    return torch.tensor(values).reshape(tokens, hidden)


def logits(model: PreTrainedModel, embeddings: torch.Tensor) -> torch.Tensor:
    return model(inputs_embeds=embeddings[None], use_cache=False).logits[0, -1]


def greedy(model: PreTrainedModel, embeddings: torch.Tensor) -> list[int]:
    written: list[int] = []
    while len(written) < NEW_TOKENS:
        token = int(logits(model, embeddings).argmax())
        if token == END:
            break
        written.append(token)
        embeddings = torch.cat([embeddings, model.get_input_embeddings()(torch.tensor([token]))])
    return written


def case(model: PreTrainedModel, soft_tokens: int, count: int) -> dict:
    tokens = [(7 + 31 * i + 5 * count) % END for i in range(count)]
    rows = model.get_input_embeddings()(torch.tensor(tokens))
    embeddings = torch.cat([soft_prompt(soft_tokens, rows.shape[1]), rows])
    return {
        "tokens": tokens,
        "soft_tokens": soft_tokens,
        "logits": [round(value, 6) for value in logits(model, embeddings).tolist()],
        "greedy": greedy(model, embeddings),
    }


@torch.no_grad()
def make(name: str) -> None:
    settings = {**SMALL, **FAMILIES[name]}
    old_form, shard = settings.pop("old_form", False), settings.pop("shard", "1GB")
    dtype = getattr(torch, settings.pop("dtype", "float16"))
    torch.manual_seed(sum(map(ord, name)))
    config = AutoConfig.for_model(settings.pop("model_type"), **settings)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    randomise(model, dtype)
    cases = [case(model, soft, count) for soft, count in LENGTHS]
    folder = HERE / name
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if old_form:
        to_old_form(folder)
    source = f"transformers {transformers.__version__}, torch {torch.__version__}, float32"
    reference = {"source": source, "cases": cases}
    (folder / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for family in sys.argv[1:] or FAMILIES:
        make(family)
