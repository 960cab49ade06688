"""motjuste-lm beside transformers on a real model in a GGUF file: reading and writing, one thread.

    cargo build --release -p motjuste-lm --example generate_soft_prompts
    pip install torch transformers gguf accelerate
    python crates/motjuste-lm/benches/real_model.py MODEL.gguf target/release/examples/generate_soft_prompts

Every kind reads 5 soft tokens and 55 tokens a row, 25 rows or one, and writes 32 tokens behind each, greedily. Prints
tokens per second of processor time. transformers opens the file to 32 bits; its int8 is PyTorch's dynamic quantisation
of the linear maps, which rounds inputs to 8 bits.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

SOFT, PROMPT, NEW = 5, 55, 32


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def show(kind: str, rows: int, read: float, write: float) -> None:
    print(f"{kind:<28} {rows:>2} rows  reading {read:7.1f}  writing {write:7.1f}", flush=True)


def ours(model: str, program: str, precision: str, activations: str) -> None:
    for rows in [25, 1]:
        command = [program, model, "--precision", precision, "--activations", activations, "--rows", str(rows)]
        command += ["--prompt", str(PROMPT), "--new", str(NEW), "--rounds", "2" if rows == 25 else "8"]
        done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, "RAYON_NUM_THREADS": "1"})
        figures = json.loads(done.stdout)
        read, write = figures["prefill_tokens_per_cpu_s"], figures["decode_tokens_per_cpu_s"]
        show(f"motjuste-lm {precision} {activations}", rows, read, write)


def theirs(model: Path, kind: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    dtype = torch.bfloat16 if kind == "bf16" else torch.float32
    loaded = AutoModelForCausalLM.from_pretrained(model.parent, gguf_file=model.name, dtype=dtype).eval()
    embedding = loaded.get_input_embeddings()
    vocabulary, hidden = embedding.weight.shape
    if kind == "int8":
        loaded = torch.ao.quantization.quantize_dynamic(loaded, {torch.nn.Linear}, dtype=torch.qint8)

    def run(inputs, new: int) -> None:
        out = loaded(inputs_embeds=inputs, use_cache=True, logits_to_keep=1)
        for _ in range(new - 1):
            token = out.logits[:, -1].argmax(-1)
            out = loaded(input_ids=token[:, None], past_key_values=out.past_key_values, use_cache=True)

    for rows in [25, 1]:
        soft = [[((i * 37 + r * 11) % 101) / 1024 - 0.05 for i in range(SOFT * hidden)] for r in range(rows)]
        tokens = torch.tensor([[(i * 7919 + 13) % vocabulary for i in range(PROMPT)]] * rows)
        soft = torch.tensor(soft, dtype=dtype).view(rows, SOFT, hidden)
        with torch.inference_mode():
            inputs = torch.cat([soft, embedding(tokens)], 1)
            run(inputs, 2)
            times = []
            for new in [1, NEW]:
                start = processor_time()
                run(inputs, new)
                times.append(processor_time() - start)
        read, both = times
        show(f"transformers {kind}", rows, rows * (SOFT + PROMPT) / read, rows * (NEW - 1) / (both - read))


def main() -> None:
    model, program = sys.argv[1:]
    for precision, activations in [("f32", "16"), ("as-stored", "16"), ("as-stored", "8")]:
        ours(model, program, precision, activations)
    for kind in ["f32", "bf16", "int8"]:
        theirs(Path(model), kind)


main()
