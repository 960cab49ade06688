"""motjuste-lm beside transformers and llama.cpp on a real model in a GGUF file: how fast each reads and writes.

    cargo build --release -p motjuste-lm --example generate_soft_prompts
    pip install torch transformers gguf accelerate llama-cpp-python
    python crates/motjuste-lm/benches/real_model.py MODEL.gguf target/release/examples/generate_soft_prompts

Every kind reads 5 soft tokens and 55 tokens a row, 25 rows or one, and writes 32 tokens behind each, greedily, in a
process of its own. Prints tokens per second of processor time with one thread and per second that passes with two, and
the most memory. transformers opens the file to 32 bits; its int8 is PyTorch's dynamic quantisation of the linear maps,
which rounds inputs to 8 bits. llama.cpp takes the file as it is, and files that it makes of it itself; it keeps keys
and values in 16 bits. `--llama-python` names the interpreter that has llama-cpp-python.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from beside_others import SPEEDS, llama_cpp, transformers

SOFT, PROMPT, NEW = 5, 55, 32
ROUNDS = {25: 2, 1: 8}
OURS = [("f32", "16"), ("as-stored", "16"), ("as-stored", "8")]
TRANSFORMERS = ["f32", "bf16", "int8"]
LLAMA_CPP = {"as it is": None, "bf16": "BF16", "q8_0": "Q8_0", "q4_0": "Q4_0"}


def loaded(model: Path, kind: str):
    """A model of transformers and its embedding."""
    import torch
    from transformers import AutoModelForCausalLM

    dtype = torch.bfloat16 if kind == "bf16" else torch.float32
    found = AutoModelForCausalLM.from_pretrained(model.parent, gguf_file=model.name, dtype=dtype).eval()
    embedding = found.get_input_embeddings()
    if kind == "int8":
        found = torch.ao.quantization.quantize_dynamic(found, {torch.nn.Linear}, dtype=torch.qint8)
    return found, embedding


def write_inputs(model: Path, path: Path) -> None:
    """What the first layer reads, shape (25, SOFT + PROMPT, hidden)."""
    import torch

    _, embedding = loaded(model, "f32")
    vocabulary, hidden = embedding.weight.shape
    soft = [[((i * 37 + row * 11) % 101) / 1024 - 0.05 for i in range(SOFT * hidden)] for row in range(25)]
    tokens = torch.tensor([[(i * 7919 + 13) % vocabulary for i in range(PROMPT)]] * 25)
    with torch.inference_mode():
        inputs = torch.cat([torch.tensor(soft).view(25, SOFT, hidden), embedding(tokens)], 1)
    np.save(path, inputs.numpy())


def transformers_worker(model: str, kind: str, inputs: np.ndarray, threads: int) -> dict:
    import torch

    torch.set_num_threads(threads)
    return transformers(loaded(Path(model), kind)[0], 0, inputs, NEW, ROUNDS[len(inputs)])


def llama_cpp_worker(model: str, kind: str, inputs: np.ndarray, threads: int) -> dict:
    return llama_cpp(Path(model), inputs, threads, NEW, ROUNDS[len(inputs)])


def converted(model: str, kind: str, out: str) -> None:
    """A file of another type, made by llama.cpp."""
    import llama_cpp as library

    settings = library.llama_model_quantize_default_params()
    settings.ftype = getattr(library, f"LLAMA_FTYPE_MOSTLY_{kind}")
    settings.allow_requantize = True
    assert library.llama_model_quantize(model.encode(), out.encode(), settings) == 0


WORKERS = {"transformers": transformers_worker, "llama.cpp": llama_cpp_worker}


def work(arguments: list[str]) -> None:
    name, model, kind, inputs, rows, threads = arguments
    if name == "convert":
        return converted(model, kind, inputs)
    print(json.dumps(WORKERS[name](model, kind, np.load(inputs)[: int(rows)], int(threads))))


def run(command: list[str], threads: int) -> dict:
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout.splitlines()[-1])


def ours(program: str, model: str, precision: str, activations: str, rows: int) -> list[str]:
    command = [program, model, "--precision", precision, "--activations", activations, "--rows", str(rows)]
    return [*command, "--prompt", str(PROMPT), "--new", str(NEW), "--rounds", str(ROUNDS[rows])]


def commands(arguments: argparse.Namespace, folder: Path):
    """Every kind: its name, and the command for some rows and threads."""
    model, inputs = arguments.model, str(folder / "inputs.npy")

    def worker(python: str, name: str, path: str, kind: str):
        return lambda rows, threads: [python, __file__, "--work", name, path, kind, inputs, str(rows), str(threads)]

    def program(precision: str, bits: str):
        return lambda rows, _: ours(arguments.program, model, precision, bits, rows)

    for precision, bits in OURS:
        yield f"motjuste-lm {precision}, {bits} bits", program(precision, bits)
    for kind in TRANSFORMERS:
        yield f"transformers {kind}", worker(sys.executable, "transformers", model, kind)
    if not arguments.llama_python:
        return
    for name, kind in LLAMA_CPP.items():
        path = str(folder / f"{kind}.gguf") if kind else model
        if kind:
            convert = [arguments.llama_python, __file__, "--work", "convert", model, kind, path, "0", "0"]
            subprocess.run(convert, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield f"llama.cpp {name}", worker(arguments.llama_python, "llama.cpp", path, name)


def show(name: str, command, threads: int) -> None:
    read, write = SPEEDS[2:] if threads == 1 else SPEEDS[:2]
    results = [run(command(rows, threads), threads) for rows in ROUNDS]
    cells = [f"{result[speed]:8.1f}" for result in results for speed in (read, write)]
    print(f"{name:<30} {threads} {' '.join(cells)} {results[-1]['peak_mb']:7.0f} MB", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        return work(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("program")
    parser.add_argument("--llama-python", help="interpreter that has llama-cpp-python and numpy; none leaves it out")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--only", default="", help="kinds whose names hold this")
    arguments = parser.parse_args()
    print(f"{'':30}   reading  writing  reading  writing\n{'':30} {'25 rows':>18} {'1 row':>17}")
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(arguments.model), Path(folder) / "inputs.npy")
        for name, command in commands(arguments, Path(folder)):
            for threads in arguments.threads if arguments.only in name else []:
                show(name, command, threads)


if __name__ == "__main__":
    main()
