"""Write a checkpoint as a standard Hugging Face folder that `transformers.LlamaForCausalLM` loads as it is.

    python export.py RUN ../crates/motjuste-embedded/models/embedded
    python export.py RUN ../crates/motjuste-embedded/models/embedded-tours --dtype bfloat16

Files are replaced one by one, each atomically, so a reader never sees half a file.
"""

import argparse
import json
import os
from pathlib import Path

import torch
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import Tensor

from llama import Llama, Shape
from tokenizer import END, PAD, START


def as_transformers(model: Llama, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """The weights under the names of transformers, joined matrices taken apart. Output embeddings are tied."""
    tensors = {"model.embed_tokens.weight": model.embedding.weight, "model.norm.weight": model.norm.weight}
    for index, layer in enumerate(model.layers):
        query, key, value = layer.query_key_value.weight.chunk(3)
        gate, up = layer.gate_up.weight.chunk(2)
        named = {
            "input_layernorm": layer.norm_attention.weight,
            "post_attention_layernorm": layer.norm_feed.weight,
            "self_attn.q_proj": query,
            "self_attn.k_proj": key,
            "self_attn.v_proj": value,
            "self_attn.o_proj": layer.out.weight,
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": layer.down.weight,
        }
        tensors |= {f"model.layers.{index}.{name}.weight": tensor for name, tensor in named.items()}
    return {name: tensor.detach().to(dtype).contiguous().clone() for name, tensor in tensors.items()}


def configuration(shape: Shape, tokenizer: Tokenizer, dtype: torch.dtype) -> dict:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "head_dim": shape.width // shape.heads,
        "hidden_act": "silu",
        "max_position_embeddings": shape.positions,
        "rms_norm_eps": shape.epsilon,
        "rope_theta": shape.theta,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "pretraining_tp": 1,
        "bos_token_id": tokenizer.token_to_id(START),
        "eos_token_id": tokenizer.token_to_id(END),
        "pad_token_id": tokenizer.token_to_id(PAD),
        "torch_dtype": str(dtype).removeprefix("torch."),
        "use_cache": True,
    }


def replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def export(model: Llama, tokenizer_file: Path, folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """Write the folder, the weights in numbers of this type."""
    folder.mkdir(parents=True, exist_ok=True)
    content = tokenizer_file.read_bytes()
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    config = configuration(model.shape, tokenizer, dtype)
    generation = {name: config[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_eos_token": False,
        "bos_token": START,
        "eos_token": END,
        "pad_token": PAD,
        "clean_up_tokenization_spaces": False,
        "model_max_length": model.shape.positions,
    }
    replace(folder / "tokenizer.json", content)
    for name, value in [
        ("config.json", config),
        ("generation_config.json", generation | {"do_sample": False}),
        ("tokenizer_config.json", tokenizer_config),
    ]:
        replace(folder / name, (json.dumps(value, indent=2) + "\n").encode())
    replace(folder / "model.safetensors", save(as_transformers(model, dtype), metadata={"format": "pt"}))


def load_checkpoint(path: Path) -> Llama:
    saved = torch.load(path, map_location="cpu")
    model = Llama(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of train.py")
    parser.add_argument("folder", type=Path, help="folder to write")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32", help="how weights are stored")
    arguments = parser.parse_args()
    model = load_checkpoint(arguments.run / "checkpoint.pt")
    export(model, arguments.run / "tokenizer.json", arguments.folder, getattr(torch, arguments.dtype))
    size = sum(path.stat().st_size for path in arguments.folder.iterdir())
    print(f"{arguments.folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
