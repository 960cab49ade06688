"""motjuste-lm beside transformers: a batch of soft prompts on a random model of half a billion parameters.

    pip install torch transformers
    python crates/motjuste-lm/benches/beside_transformers.py [--repeats 3] [--threads 2]

Writes a Llama of the shape of Qwen2-0.5B with fixed random weights into a temporary folder (1 GB, bf16) and runs, in
turn, a process of each kind: transformers in 32 bits, motjuste-lm in 32 bits, motjuste-lm in Q8_0. All read the same
25 x (5 soft tokens + 48 tokens) and write 32 tokens each, greedily. Prints the best of the repeats, per second and
per second of processor time (the figure to trust on a busy machine, with one thread), and the ratios.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROWS, SOFT, PROMPT = 25, 5, 48
SPEEDS = [f"{part}_tokens_per_{unit}" for unit in ["s", "cpu_s"] for part in ["prefill", "decode"]]


def write_model(folder: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=151936,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def clocks():
    """Seconds that passed, and seconds that processors worked on this process."""
    import numpy as np

    return np.array([time.perf_counter(), time.process_time()])


def transformers_worker(folder: Path, threads: int, new: int) -> dict:
    import torch
    from transformers import AutoModelForCausalLM, DynamicCache

    torch.set_num_threads(threads)
    start = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    load = time.perf_counter() - start
    hidden, vocabulary = model.config.hidden_size, model.config.vocab_size
    index = torch.arange(SOFT * hidden)
    soft = torch.stack([((index * 37 + row * 11) % 101) / 1024 - 0.05 for row in range(ROWS)])
    tokens = (torch.arange(PROMPT) * 7919 + 13) % vocabulary
    with torch.inference_mode():
        prompt = model.get_input_embeddings()(tokens).expand(ROWS, -1, -1)
        embedded = torch.cat([soft.view(ROWS, SOFT, hidden), prompt], 1)
        cache, written = DynamicCache(), []
        start = clocks()
        logits = model(inputs_embeds=embedded, past_key_values=cache, logits_to_keep=1).logits[:, -1]
        prefill = clocks() - start
        first = logits[0, 0].item()
        start = clocks()
        for step in range(new):
            token = logits.argmax(-1)
            written.append(token[0].item())
            if step + 1 < new:
                logits = model(input_ids=token[:, None], past_key_values=cache).logits[:, -1]
        decode = clocks() - start
    return {
        "load_s": load,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
        "logit": first,
        "written": written,
        **dict(zip(SPEEDS[::2], ROWS * (SOFT + PROMPT) / prefill, strict=True)),
        **dict(zip(SPEEDS[1::2], ROWS * (new - 1) / decode, strict=True)),
    }


def run(command: list[str], threads: int) -> dict:
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    output = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def best(runs: list[dict]) -> dict:
    return runs[0] | {key: max(run[key] for run in runs) for key in SPEEDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--new", type=int, default=32, help="tokens to write")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(transformers_worker(arguments.worker, arguments.threads, arguments.new)))
        return
    build = ["cargo", "build", "--release", "-q", "-p", "motjuste-lm", "--example", "generate_soft_prompts"]
    subprocess.run(build, cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder))
        new = ["--new", str(arguments.new)]
        ours = ["target/release/examples/generate_soft_prompts", folder, *new]
        theirs = [sys.executable, __file__, "--threads", str(arguments.threads), *new, "--worker", folder]
        commands = {
            "transformers f32": theirs,
            "motjuste-lm f32": [*ours, "--precision", "f32"],
            "motjuste-lm Q8_0": [*ours, "--precision", "q8_0"],
        }
        runs: dict[str, list[dict]] = {name: [] for name in commands}
        for _ in range(arguments.repeats):
            for name, command in commands.items():
                runs[name].append(run(command, arguments.threads))
    reference = best(runs["transformers f32"])
    for name in commands:
        result = best(runs[name])
        print(f"{name}: peak {result['peak_mb']:.0f} MB, loaded in {result['load_s']:.1f} s, {result['written'][:4]}")
        for key in SPEEDS:
            print(f"    {key:24} {result[key]:7.1f}  {result[key] / reference[key]:.2f}x")


if __name__ == "__main__":
    main()
