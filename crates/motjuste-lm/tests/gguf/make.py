"""Tiny random models as GGUF files, with logits by transformers and tokens by llama.cpp.

    pip install torch transformers gguf llama-cpp-python
    python crates/motjuste-lm/tests/gguf/make.py

Names and block formats are those of the `gguf` package, the order of query and key rows that of llama.cpp's converter.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from llama_cpp import Llama
from transformers import AutoConfig, AutoModelForCausalLM

HERE = Path(__file__).resolve().parent
LAYERS, HEADS, HEADS_KV, HEAD, CONTEXT = 2, 4, 2, 16, 64
TEXTS = [
    "the cat sat on the mat",
    "  two  spaces, and a tab\there",
    "It's 12345 o'clock; don't wait!\n\nNew line",
    "naïve café, 日本語 🙂",
    "<s>special</s> in the text",
    "",
]
TOKENS = [[1, 5, 9, 40, 7], [30, 2, 60, 61, 62, 63, 3, 3, 8, 90, 12, 55]]

SMALL = {
    "vocab_size": 320,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS_KV,
    "max_position_embeddings": CONTEXT,
    "head_dim": HEAD,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": None,
}
# Architecture of the file: what the model is, and its tokenizer (kind, pre).
MODELS = {
    "llama": ({"model_type": "llama", "rope_theta": 500.0}, ("llama", "default")),
    "qwen2": ({"model_type": "qwen2", "tie_word_embeddings": True, "head_dim": 8}, ("gpt2", "qwen2")),
    "qwen3": ({"model_type": "qwen3"}, ("gpt2", "qwen2")),
    "gemma2": ({"model_type": "gemma2", "query_pre_attn_scalar": HEAD, "sliding_window": 8}, ("llama", "default")),
    "gemma3": ({"model_type": "gemma3_text", "query_pre_attn_scalar": HEAD, "sliding_window": 8}, ("llama", "default")),
    "phi3": ({"model_type": "phi3", "head_dim": 8, "sliding_window": None}, ("llama", "default")),
    "llama3": ({"model_type": "llama", "rope_theta": 5e5}, ("gpt2", "llama-bpe")),
}


def words() -> list[str]:
    """Beginnings of the texts' words, so that longer ones can be put together."""
    found = {word[:end] for text in TEXTS for word in text.split() for end in range(2, len(word) + 1)}
    return sorted(word for word in found if word.isascii() and word.isalpha())[:40]


def byte_level() -> tuple[list[str], list[int], list[str]]:
    """The 256 bytes as GPT-2 writes them, then words with their merges."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(b) if b in printable else None for b in range(256)]
    spare = iter(range(256, 512))
    letters = [letter or chr(next(spare)) for letter in letters]
    tokens = ["<unk>", "<s>", "</s>", *letters]
    merges = []
    for word in words():
        if word[:-1] in tokens and word not in tokens:
            tokens.append(word)
            merges.append(f"{word[:-1]} {word[-1]}")
    tokens += [f"<unused{i}>" for i in range(SMALL["vocab_size"] - len(tokens))]
    return tokens, [3, 3, 3, *[1] * (len(tokens) - 3)], merges


def sentence_piece() -> tuple[list[str], list[int], list[float]]:
    """Control tokens, 256 bytes, then words and letters with falling scores."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]
    types = [2, 3, 3, *[6] * 256]
    pieces = ["▁", *"abcdehimnorstuwy", "th", "he", "▁th", "▁the", "at", "▁cat", "▁c", "an", "and", "▁s", "▁sat", "on"]
    pieces = [piece for piece in dict.fromkeys(pieces)][: SMALL["vocab_size"] - len(tokens)]
    scores = [0.0] * len(tokens) + [-float(i) for i in range(len(pieces))]
    tokens += pieces
    types += [1] * len(pieces)
    fill = SMALL["vocab_size"] - len(tokens)
    tokens += [f"<unused{i}>" for i in range(fill)]
    return tokens, [*types, *[5] * fill], [*scores, *[-1e4] * fill]


def add_tokenizer(writer: gguf.GGUFWriter, kind: str, pre: str) -> None:
    writer.add_tokenizer_model(kind)
    writer.add_tokenizer_pre(pre)
    if kind == "gpt2":
        tokens, types, merges = byte_level()
        writer.add_token_merges(merges)
    else:
        tokens, types, scores = sentence_piece()
        writer.add_token_scores(scores)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """The halves of each head, row by row in turn."""
    return rows.reshape(heads, 2, -1, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def write(name: str, kind: str, model, config, tokenizer: tuple[str, str], quantisation: gguf.GGMLQuantizationType) -> Path:
    architecture = kind.removesuffix("3") if kind == "llama3" else kind
    path = HERE / f"{name}.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS_KV)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    writer.add_rope_freq_base((rope.get("full_attention") or rope)["rope_theta"])
    if kind.startswith("gemma"):
        writer.add_sliding_window(config.sliding_window)
    if kind == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    add_tokenizer(writer, *tokenizer)
    enum = {name: arch for arch, name in gguf.MODEL_ARCH_NAMES.items()}[architecture]
    names = gguf.get_tensor_name_map(enum, LAYERS)
    for their_name, tensor in model.state_dict().items():
        if their_name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = tensor.float().numpy()
        if architecture == "llama" and ".q_proj." in their_name:
            values = interleaved(values, HEADS)
        if architecture == "llama" and ".k_proj." in their_name:
            values = interleaved(values, HEADS_KV)
        if kind.startswith("gemma") and their_name.endswith("norm.weight"):
            values = values + np.float32(1)
        kept = gguf.GGMLQuantizationType.F32 if values.ndim == 1 else quantisation
        data = gguf.quants.quantize(np.ascontiguousarray(values), kept)
        writer.add_tensor(names.get_name(their_name, (".weight", ".bias")), data, raw_dtype=kept)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def main() -> None:
    reference = {"texts": TEXTS, "tokens": TOKENS, "models": {}}
    for name, (settings, tokenizer) in MODELS.items():
        torch.manual_seed(len(reference["models"]))
        config = AutoConfig.for_model(**(SMALL | settings))
        model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.1)
            logits = [model(torch.tensor([tokens])).logits[0, -1, ::7].tolist() for tokens in TOKENS]
        path = write(name, name, model, config, tokenizer, gguf.GGMLQuantizationType.F32)
        if name == "qwen3":
            write("qwen3-f16", name, model, config, tokenizer, gguf.GGMLQuantizationType.F16)
            write("qwen3-q8_0", name, model, config, tokenizer, gguf.GGMLQuantizationType.Q8_0)
        vocabulary = Llama(str(path), vocab_only=True, verbose=False)
        encoded = [vocabulary.tokenize(text.encode(), add_bos=False, special=True) for text in TEXTS]
        reference["models"][name] = {"logits": logits, "encoded": encoded}
        print(name, encoded[0])
    (HERE / "reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
