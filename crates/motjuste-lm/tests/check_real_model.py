"""motjuste-lm beside transformers and llama.cpp on a real model in a GGUF file: whether they say the same, and how far
each is from the file opened to 32 bits.

    cargo build --release -p motjuste-lm --example answers
    pip install torch transformers gguf accelerate llama-cpp-python
    python crates/motjuste-lm/tests/check_real_model.py MODEL.gguf target/release/examples/answers

Compares tokens of a thousand texts, prompts of the chat template, logits, greedy continuations, and soft prompts in
front of the tokens, between them and behind them. Prints what differs; it fails where 32 bits differ by more than
rounding. The error of a precision is the Kullback-Leibler divergence of the next token from 32 bits, behind every
prompt and within every continuation. `--llama-python` names the interpreter that has llama-cpp-python.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

NEW, SOFT = 64, 5
CUTS = [0, 8, 16, 32]
TASKS = {
    "Write the opposite of the word.": ["hot", "careful", "to accept", "outside"],
    "Which animal is larger? Answer with its name.": ["cat, whale", "sheep, mouse", "ant, elephant"],
    "Translate to French.": ["the red house", "I am hungry."],
    "Is the review positive or negative?": ["A dull film, far too long.", "I laughed and cried. Go and see it!"],
    "Sort the numbers.": ["3 17 5 9", "-1, 0.5, 1/3"],
    "Correct the grammar.": ["He go to school yesterday.", "Their is three cat's."],
    "Complete the code.": ["def add(a, b):\n    return", "for (let i = 0; i <"],
    "Name the capital.": ["Portugal", "Japan", "Côte d'Ivoire"],
}
WORDS = [
    "house", "don't", "naïve café", "ÅNGSTRÖM", "straße", "日本語のテキスト", "한국어 문장", "Привет, мир!", "مرحبا",
    "שלום", "👍🏽 ok", "👩‍👩‍👧", "1234567890", "3.14159", "1,000,000.00", "½ ⅓ ²", "Ⅳ Ⅷ ①②③", "a_b-c.d/e",
    "x = y ** 2  # note", "if (a && b) { return; }", "<div class=\"a\">", "http://example.org/?q=a%20b",
    "{\"key\": [1, 2]}", "\ttab", "line\nline", "line\r\nline", "two  spaces", "   three in front",
    "behind   ", "\n\n\n", "zero\u200bwidth", "no\u00a0break", "e\u0301 combining", "ﬁ ligature",
    "İstanbul", "UPPER lower MiXeD", "it's we'll they'd I'M", "!!!???...", "“quotes” – and — dashes",
    "\u0001\u0002",
]  # fmt: skip


def texts() -> list[str]:
    """Texts of every kind that people have, put together and varied, and random letters of Unicode."""
    draw = random.Random(0)
    varied = [form(word) for word in WORDS for form in (str, str.upper, " {}".format, "{}\n".format, "a {} b".format)]
    joined = [" ".join(draw.sample(WORDS, 5)) for _ in range(200)]
    letters = [chr(code) for code in range(1, 0x3000) if chr(code).isprintable()]
    return varied + joined + ["".join(draw.choices(letters, k=draw.randint(1, 40))) for _ in range(600)]


def conversations() -> list[list[dict]]:
    users = [f"{task}\n\nInput: {row}\nOutput:" for task, rows in TASKS.items() for row in rows]
    plain = [[{"role": "user", "content": user}] for user in users]
    system = {"role": "system", "content": "Answer in one word."}
    longer = [{"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Why?"}]
    return plain + [[system, *talk] for talk in plain[:5]] + [[*talk, *longer] for talk in plain[:5]]


class Reference:
    """transformers, the file opened to 32 bits."""

    def __init__(self, model: Path):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(model.parent, gguf_file=model.name)
        load = AutoModelForCausalLM.from_pretrained
        self.model = load(model.parent, gguf_file=model.name, dtype=torch.float32).eval()
        self.embedding = self.model.get_input_embeddings()

    def cut(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def prompt(self, talk: list[dict]) -> list[int]:
        """The tokens of a conversation: through the chat template, or as the beginning of a text."""
        if self.tokenizer.chat_template:
            text = self.tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
            return self.cut(text)
        return self.tokenizer("\n\n".join(message["content"] for message in talk)).input_ids

    def embed(self, asked: dict, row: int):
        rows = self.embedding(self.torch.tensor([asked["tokens"]]))
        hidden, at = rows.shape[-1], asked["soft_at"]
        if asked["soft_scale"] == 0:
            return rows
        soft = [asked["soft_scale"] * ((i * 37 + row * 11) % 101 - 50) / 50 for i in range(SOFT * hidden)]
        soft = self.torch.tensor(soft).view(1, SOFT, hidden)
        return self.torch.cat([rows[:, :at], soft, rows[:, at:]], 1)

    def answer(self, asked: dict, row: int) -> tuple[np.ndarray, list[int]]:
        """The logits behind a sequence, and its greedy continuation."""
        with self.torch.inference_mode():
            out = self.model(inputs_embeds=self.embed(asked, row), use_cache=True, logits_to_keep=1)
            first, written = out.logits[0, -1].numpy(), []
            while len(written) < NEW and (token := int(out.logits[0, -1].argmax())) not in self.ends():
                written.append(token)
                ids = self.torch.tensor([[token]])
                out = self.model(input_ids=ids, past_key_values=out.past_key_values, use_cache=True)
        return first, written

    def ends(self) -> set[int]:
        ends = self.model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        return {*ends, self.tokenizer.eos_token_id}


class Ours:
    """The program `answers`, and the questions that it is asked."""

    def __init__(self, program: str, model: str):
        self.program, self.model = program, model

    def ask(self, questions: dict, vocabulary: int, precision="f32", activations="16") -> tuple[dict, np.ndarray]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "questions.json"
            file.write_text(json.dumps(questions))
            command = [self.program, self.model, "--precision", precision, "--activations", activations]
            subprocess.run([*command, "--questions", str(file), "--out", folder], check=True)
            logits = np.fromfile(Path(folder) / "logits.f32", dtype="<f4").reshape(-1, vocabulary)
            return json.loads((Path(folder) / "answers.json").read_text()), logits


def plain(tokens: list[int]) -> dict:
    return {"tokens": tokens, "soft_at": 0, "soft_scale": 0.0}


def soft_prompts(tokens: list[int]) -> list[dict]:
    places = [0, len(tokens) // 2, len(tokens)]
    return [{"tokens": tokens, "soft_at": at, "soft_scale": scale} for at in places for scale in (0.05, 1.0)]


def divergence(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The Kullback-Leibler divergence of each row's distribution from the reference's, in nats."""
    p, q = (log_softmax(logits.astype(np.float64)) for logits in (reference, other))
    return (np.exp(p) * (p - q)).sum(1)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    logits = logits - logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


def llama_worker(model: str, questions: str, out: str) -> None:
    """In the interpreter that has llama-cpp-python: tokens of the texts, logits, and greedy continuations."""
    from llama_cpp import Llama, llama_get_logits_ith

    asked = json.loads(Path(questions).read_text())
    llama = Llama(model, n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False, logits_all=False)
    cut = [llama.tokenize(text.encode(), add_bos=False, special=True) for text in asked["texts"]]
    logits, written = [], []
    for sequence in asked["sequences"]:
        llama.reset()
        llama.eval(sequence["tokens"])
        last = llama_get_logits_ith(llama.ctx, -1)
        logits.append(np.ctypeslib.as_array(last, (llama.n_vocab(),)).copy())
        written.append([])
        if not sequence.get("greedy"):
            continue
        for token in llama.generate(sequence["tokens"], temp=0.0, repeat_penalty=1.0):
            if token in asked["ends"] or len(written[-1]) == asked["new"]:
                break
            written[-1].append(token)
    np.save(out, np.array(logits, dtype=np.float32))
    Path(out).with_suffix(".json").write_text(json.dumps({"texts": cut, "written": written}))


def ask_llama(python: str, model: str, questions: dict, ends: set[int]) -> tuple[dict, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "questions.json", Path(folder) / "out.npy"
        file.write_text(json.dumps(questions | {"ends": sorted(ends)}))
        subprocess.run([python, __file__, "--llama-worker", model, str(file), str(out)], check=True)
        return json.loads(out.with_suffix(".json").read_text()), np.load(out)


def check_tokens(reference: Reference, questions: dict, answers: dict) -> None:
    ours = [text["tokens"] for text in answers["texts"]]
    theirs = [reference.cut(text) for text in questions["texts"]]
    back = [reference.tokenizer.decode(text["tokens"]) == text["text"] for text in answers["texts"]]
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    print(f"tokens: {same} of {len(ours)} texts cut as transformers does; {sum(back)} decoded alike")


def check_conversations(reference: Reference, prompts: list[list[int]], theirs: list[list[int]], answers: dict) -> None:
    said = answers["conversations"]
    lengths = sum(len(prompt) == answer["tokens_in"] for prompt, answer in zip(prompts, said, strict=True))
    texts = [reference.tokenizer.decode(written) for written in theirs]
    same = sum(text.strip() == answer["text"].strip() for text, answer in zip(texts, said, strict=True))
    print(f"conversations: {lengths} of {len(said)} prompts of the same length, {same} answers the same")


def check_sequences(name: str, theirs, answers: list[list[int]], logits: np.ndarray) -> None:
    worst = max(float(np.abs(a - b).max()) for (a, _), b in zip(theirs, logits, strict=True))
    top = sum(a.argmax() == b.argmax() for (a, _), b in zip(theirs, logits, strict=True))
    same = sum(a == b for (_, a), b in zip(theirs, answers, strict=True))
    print(
        f"{name}: logits within {worst:.1e}, {top} of {len(theirs)} top tokens, {same} continuations of {NEW} the same"
    )
    assert worst < 1e-3, worst


def main() -> None:
    if sys.argv[1:2] == ["--llama-worker"]:
        return llama_worker(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("program")
    parser.add_argument("--llama-python", help="interpreter that has llama-cpp-python and numpy; none leaves it out")
    parser.add_argument("--llama-files", nargs="*", default=[], help="further files of the model for llama.cpp")
    arguments = parser.parse_args()
    reference, ours = Reference(Path(arguments.model)), Ours(arguments.program, arguments.model)
    vocabulary = reference.embedding.weight.shape[0]
    prompts = [reference.prompt(talk) for talk in conversations()]
    softs = [asked for prompt in prompts[::3] for asked in soft_prompts(prompt)]
    sequences = [*map(plain, prompts), *softs]
    theirs = [reference.answer(asked, row) for row, asked in enumerate(sequences)]
    questions = {"texts": texts(), "sequences": sequences, "conversations": conversations(), "new": NEW}
    answers, logits = ours.ask(questions, vocabulary)
    check_tokens(reference, questions, answers)
    check_conversations(reference, prompts, [written for _, written in theirs[: len(prompts)]], answers)
    check_sequences("prompts", theirs[: len(prompts)], answers["written"][: len(prompts)], logits[: len(prompts)])
    check_sequences("soft prompts", theirs[len(prompts) :], answers["written"][len(prompts) :], logits[len(prompts) :])
    errors(arguments, reference, ours, prompts, [written for _, written in theirs], vocabulary)


def errors(arguments, reference: Reference, ours: Ours, prompts, written, vocabulary: int) -> None:
    """How far each precision is from the file opened to 32 bits."""
    cuts = [(row, cut) for row in range(len(prompts)) for cut in CUTS if cut <= len(written[row])]
    sequences = [plain(prompts[row] + written[row][:cut]) | {"greedy": cut == 0} for row, cut in cuts]
    questions = {"texts": texts(), "sequences": sequences, "conversations": [], "new": NEW}
    starts = [place for place, (_, cut) in enumerate(cuts) if cut == 0]
    want = [written[row] for row in range(len(prompts))]
    exact = ours.ask(questions, vocabulary)[1]

    def show(name: str, answers: dict, logits: np.ndarray) -> None:
        off = divergence(exact, logits)
        top = (exact.argmax(1) == logits.argmax(1)).mean()
        same = sum(answers["written"][place] == wanted for place, wanted in zip(starts, want, strict=True))
        worst = np.abs(exact - logits).max()
        print(f"{name:<28} KL {off.mean():.5f} (most {off.max():.4f})  logits within {worst:.2f}  top {top:.3f}  "
              f"continuations {same} of {len(want)}", flush=True)  # fmt: skip

    for precision, bits in [("as-stored", "16"), ("as-stored", "8"), ("q8_0", "16")]:
        show(f"motjuste-lm {precision}, {bits} bits", *ours.ask(questions, vocabulary, precision, bits))
    if not arguments.llama_python:
        return
    for file in [arguments.model, *arguments.llama_files]:
        answers, logits = ask_llama(arguments.llama_python, file, questions, reference.ends())
        show(f"llama.cpp {Path(file).stem}", answers, logits)
        if file == arguments.model:
            cut = ours.ask(questions, vocabulary)[0]["texts"]
            same = sum(a["tokens"] == b for a, b in zip(cut, answers["texts"], strict=True))
            print(f"llama.cpp cuts {same} of {len(cut)} texts as motjuste-lm does")


if __name__ == "__main__":
    main()
