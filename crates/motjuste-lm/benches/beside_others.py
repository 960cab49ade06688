"""motjuste-lm beside transformers and llama.cpp: a batch of soft prompts on models of three sizes with random weights.

    pip install torch transformers gguf llama-cpp-python
    python crates/motjuste-lm/benches/beside_others.py [--shape embedded] [--threads 2] [--repeats 5]

Writes a Llama of the given shape with fixed random weights into a temporary folder, as safetensors and as a GGUF file
of 32 bits, and runs a process of each kind in turn. All read the same 25 x (5 soft tokens + 48 tokens) and write 32
tokens each, greedily; nothing ends early and no prompt is shared, so this is the speed of the arithmetic alone. Prints
medians of the repeats, per second and per second of processor time (the figure to trust on a busy machine, with one
thread), and the medians and ranges of the ratios within a repeat.

llama.cpp is run from the interpreter of `--llama-python`, so that it may live in an environment of its own; where it is
missing it is left out. It keeps keys and values in 16 bits and decides about flash attention, as it does by default.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOFT, PROMPT = 5, 48
LENGTH = SOFT + PROMPT
SPEEDS = [f"{part}_tokens_per_{unit}" for unit in ["s", "cpu_s"] for part in ["prefill", "decode"]]
OURS = "motjuste-lm f32"


@dataclass(frozen=True)
class Shape:
    """A Llama, and how often a process repeats its work to be long enough for the clock."""

    vocabulary: int
    hidden: int
    feed_forward: int
    layers: int
    heads: int
    key_value_heads: int
    rounds: int


SHAPES = {
    "embedded": Shape(968, 160, 448, 4, 5, 5, 20),  # the model in the binary, 1.4 M parameters
    "small": Shape(4096, 256, 832, 6, 8, 8, 8),  # 6.5 M
    "half-billion": Shape(151936, 896, 4864, 24, 14, 2, 1),  # Qwen2-0.5B
}


def write_model(shape: Shape, folder: Path, rows: int) -> None:
    """A folder in the format of Hugging Face, `f32.gguf`, and `inputs.npy` of shape (rows, LENGTH, hidden)."""
    import numpy as np
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=None,
    )
    model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    model = model.float()
    write_gguf(shape, {name: tensor.detach().numpy() for name, tensor in model.named_parameters()}, folder)
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    index = torch.arange(SOFT * shape.hidden)
    soft = torch.stack([((index * 37 + row * 11) % 101) / 1024 - 0.05 for row in range(rows)])
    tokens = (torch.arange(PROMPT) * 7919 + 13) % shape.vocabulary
    with torch.inference_mode():
        prompt = model.get_input_embeddings()(tokens).expand(rows, -1, -1)
        np.save(folder / "inputs.npy", torch.cat([soft.view(rows, SOFT, shape.hidden), prompt], 1).numpy())


def write_gguf(shape: Shape, weights: dict, folder: Path) -> None:
    """The weights under llama.cpp's names, without a vocabulary."""
    try:
        import gguf
    except ImportError:
        return
    writer = gguf.GGUFWriter(folder / "f32.gguf", "llama")
    writer.add_context_length(1024)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_tokenizer_model("none")
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, shape.layers)
    for name, weight in weights.items():
        for part, heads in (("q_proj", shape.heads), ("k_proj", shape.key_value_heads)):
            if part in name:  # its rotary embedding pairs neighbours, not halves
                weight = weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)
        writer.add_tensor(names.get_name(name, (".weight",)), weight.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def clocks():
    """Seconds that passed, and seconds that processors worked on this process."""
    import numpy as np

    return np.array([time.perf_counter(), time.process_time()])


def peak_mb() -> float:
    """The most memory of this process, in MB; unlike `getrusage`, without what the process had that started it."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1000


def measured(load: float, read, write, shape: tuple[int, int, int], rounds: int, new: int) -> dict:
    """Speeds of reading inputs of this shape and writing behind them, over rounds; one more comes first where they are
    several."""
    rows, length, _ = shape
    prefill = decode = 0
    for place in range(-1 if rounds > 1 else 0, rounds):
        start = clocks()
        state = read()
        between = clocks()
        written = write(state)
        if place >= 0:
            prefill, decode = prefill + between - start, decode + clocks() - between
    return {
        "load_s": load,
        "peak_mb": peak_mb(),
        "written": written,
        **dict(zip(SPEEDS[::2], rounds * rows * length / prefill, strict=True)),
        **dict(zip(SPEEDS[1::2], rounds * rows * (new - 1) / decode, strict=True)),
    }


def transformers_worker(folder: Path, threads: int, new: int, shape: Shape) -> dict:
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(threads)
    start = time.perf_counter()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    load = time.perf_counter() - start
    return transformers(model, load, np.load(folder / "inputs.npy"), new, shape.rounds)


def transformers(model, load: float, inputs, new: int, rounds: int) -> dict:
    """What a model of transformers comes to on inputs of shape (rows, length, hidden)."""
    import torch
    from transformers import DynamicCache

    inputs = torch.from_numpy(inputs).to(model.dtype)

    def read():
        cache = DynamicCache()
        return cache, model(inputs_embeds=inputs, past_key_values=cache, logits_to_keep=1).logits[:, -1]

    def write(state) -> list[int]:
        cache, logits = state
        tokens = [logits.argmax(-1)]
        while len(tokens) < new:
            tokens.append(model(input_ids=tokens[-1][:, None], past_key_values=cache).logits[:, -1].argmax(-1))
        return [token[0].item() for token in tokens]

    with torch.inference_mode():
        return measured(load, read, write, inputs.shape, rounds, new)


def llama_cpp_worker(folder: Path, threads: int, new: int, shape: Shape) -> dict:
    import numpy as np

    return llama_cpp(folder / "f32.gguf", np.load(folder / "inputs.npy"), threads, new, shape.rounds)


def llama_cpp(file: Path, inputs, threads: int, new: int, rounds: int) -> dict:
    """What llama.cpp comes to on inputs of shape (rows, length, hidden)."""
    import llama_cpp as library
    import numpy as np

    library.llama_backend_init()
    silent = library.llama_log_callback(lambda level, text, data: None)
    library.llama_log_set(silent, None)
    inputs = np.ascontiguousarray(inputs)
    rows, length, hidden = inputs.shape
    start = time.perf_counter()
    model = library.llama_model_load_from_file(str(file).encode(), library.llama_model_default_params())
    load = time.perf_counter() - start
    settings = library.llama_context_default_params()
    settings.n_ctx, settings.n_seq_max = 256 * rows, rows
    settings.n_batch = settings.n_ubatch = rows * length
    settings.n_threads = settings.n_threads_batch = threads
    context = library.llama_init_from_model(model, settings)
    vocabulary = library.llama_vocab_n_tokens(library.llama_model_get_vocab(model))
    prompts = library.llama_batch_init(rows * length, hidden, 1)
    ctypes.memmove(prompts.embd, inputs.ctypes.data, inputs.nbytes)
    for place in range(rows * length):
        row, position = divmod(place, length)
        prompts.pos[place], prompts.n_seq_id[place], prompts.seq_id[place][0] = position, 1, row
        prompts.logits[place] = position == length - 1
    prompts.n_tokens = rows * length
    steps = library.llama_batch_init(rows, 0, 1)
    steps.n_tokens = rows
    for row in range(rows):
        steps.n_seq_id[row], steps.seq_id[row][0], steps.logits[row] = 1, row, True

    def decoded(batch) -> np.ndarray:
        assert library.llama_decode(context, batch) == 0
        return np.ctypeslib.as_array(library.llama_get_logits(context), (rows, vocabulary))

    def read() -> np.ndarray:
        library.llama_memory_clear(library.llama_get_memory(context), True)
        return decoded(prompts)

    def write(logits: np.ndarray) -> list[int]:
        written = []
        for step in range(new):
            tokens = logits.argmax(1)
            written.append(int(tokens[0]))
            if step + 1 < new:
                for row in range(rows):
                    steps.token[row], steps.pos[row] = tokens[row], length + step
                logits = decoded(steps)
        return written

    system = library.llama_print_system_info().decode().strip()
    return measured(load, read, write, inputs.shape, rounds, new) | {"system": system}


WORKERS = {"transformers": transformers_worker, "llama.cpp": llama_cpp_worker}


def run(command: list[str], threads: int) -> dict:
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    output = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def has_llama_cpp(python: str, folder: Path) -> bool:
    found = subprocess.run([python, "-c", "import llama_cpp, numpy"], capture_output=True).returncode == 0
    if not found or not (folder / "f32.gguf").exists():
        print("llama.cpp is left out: it takes the packages gguf (here) and llama-cpp-python (--llama-python)")
        return False
    return True


def show(runs: dict[str, list[dict]]) -> None:
    for name, results in runs.items():
        peak, load = (statistics.median(result[key] for result in results) for key in ("peak_mb", "load_s"))
        print(f"{name}: peak {peak:.0f} MB, loaded in {load:.2f} s, begins {results[0]['written'][:6]}")
        if "system" in results[0]:
            print(f"    {results[0]['system']}")
        for key in SPEEDS:
            line = f"    {key:24} {statistics.median(result[key] for result in results):9.1f}"
            if name != OURS:
                ratios = [ours[key] / theirs[key] for ours, theirs in zip(runs[OURS], results, strict=True)]
                median, low, high = statistics.median(ratios), min(ratios), max(ratios)
                line += f"   {OURS} is {median:.2f}x ({low:.2f} to {high:.2f})"
            print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="embedded")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=25, help="soft prompts in the batch")
    parser.add_argument("--new", type=int, default=32, help="tokens to write")
    parser.add_argument("--llama-python", default=sys.executable, help="interpreter that has llama-cpp-python")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    shape = SHAPES[arguments.shape]
    if arguments.worker:
        kind, folder = arguments.worker
        print(json.dumps(WORKERS[kind](Path(folder), arguments.threads, arguments.new, shape)))
        return
    build = ["cargo", "build", "--release", "-q", "-p", "motjuste-lm", "--example", "generate_soft_prompts"]
    subprocess.run(build, cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        write_model(shape, Path(folder), arguments.rows)
        new = ["--new", str(arguments.new)]
        ours = ["target/release/examples/generate_soft_prompts", folder, *new]
        ours += ["--rows", str(arguments.rows), "--rounds", str(shape.rounds)]
        theirs = [__file__, "--shape", arguments.shape, "--threads", str(arguments.threads), *new, "--worker"]
        commands = {
            OURS: [*ours, "--precision", "f32"],
            "motjuste-lm Q8_0": [*ours, "--precision", "q8_0"],
            "transformers f32": [sys.executable, *theirs, "transformers", folder],
        }
        if has_llama_cpp(arguments.llama_python, Path(folder)):
            commands["llama.cpp f32"] = [arguments.llama_python, *theirs, "llama.cpp", folder]
        runs: dict[str, list[dict]] = {name: [] for name in commands}
        for _ in range(arguments.repeats):
            for name, command in commands.items():
                runs[name].append(run(command, arguments.threads))
    show(runs)


if __name__ == "__main__":
    main()
