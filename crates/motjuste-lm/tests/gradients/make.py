"""Losses and their gradients in the input embeddings, computed by PyTorch for the tiny models of every family.

    python crates/motjuste-lm/tests/gradients/make.py

writes reference.json beside this file, from the models in ../families and ../fixtures. Needs torch and transformers.
Each case is a row of tokens, what is lost behind it, and the gradient in the embeddings of its first tokens.
"""

import json
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, PreTrainedModel

HERE = Path(__file__).resolve().parent
FAMILIES = sorted(path.parent for path in HERE.parent.glob("families/*/config.json"))
MODELS = [*FAMILIES, HERE.parent / "fixtures" / "tiny-llama"]

# Tokens of the prompt, tokens of the answer, rows of the gradient that are kept. Longer than windows and trained contexts.
ANSWERS = [(7, 3, 9), (33, 4, 6)]
# The same with a set of tokens in place of an answer.
SETS = [(12, 3, 5)]


def tokens(count: int, vocabulary: int, seed: int) -> list[int]:
    return [1 + (7 + 31 * i + 5 * seed) % (vocabulary - 2) for i in range(count)]


def log_probabilities(model: PreTrainedModel, embeddings: torch.Tensor) -> torch.Tensor:
    logits = model(inputs_embeds=embeddings[None], use_cache=False).logits[0]
    return logits.float().log_softmax(dim=-1)


def case(model: PreTrainedModel, prompt: list[int], target: list[int], is_answer: bool, kept: int) -> dict:
    """The mean of −log p over an answer's tokens, or −log Σ p over a set of tokens behind the prompt."""
    row = prompt + target[:-1] if is_answer else prompt
    embeddings = model.get_input_embeddings()(torch.tensor(row)).detach().requires_grad_()
    log_p = log_probabilities(model, embeddings)
    if is_answer:
        loss = -log_p[-len(target) :].gather(1, torch.tensor(target)[:, None]).mean()
    else:
        loss = -log_p[-1, target].logsumexp(dim=0)
    loss.backward()
    gradient = [float(f"{value:.7g}") for value in embeddings.grad[:kept].flatten().tolist()]
    return {"tokens": prompt, "target": target, "is_answer": is_answer, "loss": loss.item(), "gradient": gradient}


def cases(folder: Path) -> list[dict]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    vocabulary = model.config.vocab_size
    made = []
    for is_answer, sizes in [(True, ANSWERS), (False, SETS)]:
        for count, targets, kept in sizes:
            prompt, target = tokens(count, vocabulary, 0), tokens(targets, vocabulary, count)
            made.append(case(model, prompt, target, is_answer, kept))
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    source = f"transformers {transformers.__version__}, torch {torch.__version__}, float32"
    models = {folder.name: cases(folder) for folder in MODELS}
    reference = json.dumps({"source": source, "models": models}, separators=(",", ":"))
    (HERE / "reference.json").write_text(reference + "\n")
