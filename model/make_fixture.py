"""Reference values for crates/motjuste-lm/tests/parity.rs, computed by transformers.

    python model/make_fixture.py

writes tests/fixtures/embedded.json, embedded-pairs.json and embedded-tours.json from the models of these names in
crates/motjuste-embedded/models/, and tests/fixtures/tiny-llama.json from a tiny random model beside
them, which is made first if it is missing. Needs torch, transformers and tokenizers. Run it again
whenever a shipped model changes: the fixture records the hash of the weights that it was made from.
"""

import hashlib
import json
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from pairs.line import meta_prompt
from tours import salesman

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "crates/motjuste-embedded/models"
FIXTURES = ROOT / "crates/motjuste-lm/tests/fixtures"
TINY = FIXTURES / "tiny-llama"

EMBEDDED_TEXTS = [
    "Input: tree\nOutput:",
    "Instruction: write the word in capitals\n\nInput: orange\nOutput:",
    "Input: big\nOutput: small\n\nInput: hot\nOutput: cold\n\nInput: 17 apples\nOutput: 17",
]
PAIRS_TEXTS = [
    meta_prompt([(12, 18, 409628.7), (13, 10, 98.2)]),
    meta_prompt([(40, -3, 21512345.0), (15, 15, 1041.0), (19, 12, 171869.3)]) + " [15",
]
TOURS_POINTS = [[51, 0], [5, 57], [-17, 46], [42, 86], [-77, 45], [85, -93], [-97, 72], [96, 91], [-70, 94], [77, 64]]
TOURS = [([0, 5, 4, 6, 7, 8, 2, 9, 3, 1], 1290.6), ([0, 9, 8, 6, 2, 7, 5, 3, 1, 4], 979.2)]
TOURS_TEXTS = [
    salesman.meta_prompt(TOURS_POINTS, TOURS),
    salesman.meta_prompt(TOURS_POINTS, TOURS[1:]) + " <trace> 0,5,9",
]
TINY_TEXTS = ["a", "the cat sat on the mat", "a quick brown fox jumps over the lazy dog again and again"]
NEW_TOKENS = 12


def soft_prompt(tokens: int, hidden: int) -> torch.Tensor:
    """Embeddings that the test can make without rounding: multiples of 1/64."""
    values = [(i * 37 % 101 - 50) / 64 for i in range(tokens * hidden)]
    return torch.tensor(values).reshape(tokens, hidden)


def greedy(model: LlamaForCausalLM, embeddings: torch.Tensor) -> list[int]:
    out = model.generate(
        inputs_embeds=embeddings[None],
        attention_mask=torch.ones(1, len(embeddings), dtype=torch.long),
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
    )
    ends = model.config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    return [token for token in out[0].tolist() if token not in ends]


def rounded(values: torch.Tensor) -> list[float]:
    return [round(value, 7) for value in values.tolist()]


def case(model: LlamaForCausalLM, tokenizer: Tokenizer, text: str, soft_tokens: int, stride: int) -> dict:
    tokens = tokenizer.encode(text, add_special_tokens=False).ids
    rows = model.get_input_embeddings()(torch.tensor(tokens))
    embeddings = torch.cat([soft_prompt(soft_tokens, model.config.hidden_size), rows])
    out = model(inputs_embeds=embeddings[None], output_hidden_states=True)
    hidden = out.hidden_states[-1][0]  # behind the final norm
    return {
        "text": text,
        "tokens": tokens,
        "soft_tokens": soft_tokens,
        "logits": rounded(out.logits[0, -1, ::stride]),
        "last_hidden": rounded(hidden[-1]),
        "mean_hidden": rounded(hidden.mean(dim=0)),
        "greedy": greedy(model, embeddings),
    }


def fixture(folder: Path, texts: list[str], stride: int) -> dict:
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cases = [case(model, tokenizer, text, soft, stride) for text in texts for soft in (0, 5)]
    return {
        "source": f"transformers {transformers.__version__}, torch {torch.__version__}, float32",
        "weights_sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "logits_stride": stride,
        "cases": cases,
    }


def tiny_tokenizer() -> Tokenizer:
    """Letters, space and an end token; no merges."""
    letters = ["</s>", *"abcdefghijklmnopqrstuvwxyz", "Ġ"]
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["</s>"])
    return tokenizer


def make_tiny() -> None:
    """What the shipped model is not: grouped heads, a head of its own, another rope base, widths
    that are no multiple of anything, several end tokens."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=28,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=6,
        max_position_embeddings=128,
        rms_norm_eps=1e-5,
        rope_theta=500.0,
        tie_word_embeddings=False,
        initializer_range=0.4,
        bos_token_id=None,
        eos_token_id=[0, 3],
        pad_token_id=None,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0},
    )
    LlamaForCausalLM(config).save_pretrained(TINY)
    (TINY / "generation_config.json").unlink(missing_ok=True)
    PreTrainedTokenizerFast(tokenizer_object=tiny_tokenizer()).save_pretrained(TINY)
    (TINY / "tokenizer_config.json").unlink(missing_ok=True)


def write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


@torch.no_grad()
def main() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    if not TINY.exists():
        make_tiny()
    write(FIXTURES / "tiny-llama.json", fixture(TINY, TINY_TEXTS, 1))
    shipped = {"embedded": EMBEDDED_TEXTS, "embedded-pairs": PAIRS_TEXTS, "embedded-tours": TOURS_TEXTS}
    for name, texts in shipped.items():
        write(FIXTURES / f"{name}.json", fixture(MODELS / name, texts, 8))


if __name__ == "__main__":
    main()
