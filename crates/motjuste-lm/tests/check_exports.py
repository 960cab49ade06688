"""Checks that other programs read what motjuste-lm exports and answer as it does.

    pip install torch transformers            # the Hugging Face folder
    pip install llama-cpp-python              # the GGUF files; builds llama.cpp
    python crates/motjuste-lm/tests/check_exports.py

A check whose package is missing is skipped, and says so.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]


def check_transformers(folder: Path, answers: list[dict]) -> None:
    """Same tokens, logits within 1e-4, same greedy continuations, and a chat template that passes text through."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    worst = 0.0
    for answer in answers:
        batch = tokenizer(answer["prompt"], return_tensors="pt", add_special_tokens=False)
        assert batch.input_ids[0].tolist() == answer["tokens"], answer["prompt"]
        with torch.no_grad():
            logits = model(batch.input_ids).logits[0, -1]
            written = model.generate(**batch, max_new_tokens=24, do_sample=False)
        worst = max(worst, (logits - torch.tensor(answer["logits"])).abs().max().item())
        new = written[0, batch.input_ids.shape[1] :].tolist()
        ended = [token for token in new if token != tokenizer.eos_token_id]
        assert ended == answer["greedy"], (answer["prompt"], ended, answer["greedy"])
        chat = tokenizer.apply_chat_template([{"role": "user", "content": answer["prompt"]}], tokenize=False)
        assert chat == answer["prompt"], chat
    assert worst < 1e-4, worst
    print(f"transformers: {len(answers)} prompts, same tokens and texts, logits within {worst:.1e}")


def check_llama_cpp(folder: Path, answers: list[dict]) -> None:
    """Same tokens for the tasks' texts; in 32 bits the same greedy continuations; 8 bits load and write too."""
    from llama_cpp import Llama

    for name in ["f32.gguf", "q8_0.gguf"]:
        model = Llama(str(folder / name), n_ctx=512, verbose=False)
        same = 0
        for answer in answers:
            tokens = model.tokenize(answer["prompt"].encode(), add_bos=False, special=True)
            assert tokens == answer["tokens"], (answer["prompt"], tokens, answer["tokens"])
            written = []
            for token in model.generate(tokens, temp=0.0, repeat_penalty=1.0):
                if token == model.token_eos() or len(written) == 24:
                    break
                written.append(token)
            same += written == answer["greedy"] and model.detokenize(written).decode(errors="replace") == answer["text"]
        assert same == len(answers) or name != "f32.gguf", same
        texts = json.loads((folder / "texts.json").read_text())
        cut = [model.tokenize(text["text"].encode(), add_bos=False, special=True) == text["tokens"] for text in texts]
        print(f"llama.cpp, {name}: {same} of {len(answers)} written the same, {sum(cut)} of {len(cut)} cut the same")


def run(check, *arguments) -> None:
    try:
        check(*arguments)
    except ImportError as error:
        print(f"{check.__name__} skipped: {error}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = ["cargo", "run", "--release", "-q", "-p", "motjuste-lm", "--example", "export", "--", folder]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
        answers = json.loads((Path(folder) / "answers.json").read_text())
        run(check_transformers, Path(folder) / "huggingface", answers)
        run(check_llama_cpp, Path(folder), answers)


if __name__ == "__main__":
    main()
