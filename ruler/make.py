"""Makes the tasks and the wordings of the ruler: see README.md beside this file.

python3 ruler/make.py tasks                        the task files and their rows, from rows/
python3 ruler/make.py replies MOTJUSTE MODELS OUT  what two real models write, into the folder OUT (hours)
python3 ruler/make.py wordings OUT                 wordings.jsonl of every task, from people/ and OUT
"""

import json
import random
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SEED = 14

# Task: description, metric, and what an answer may also be called.
CLASSES = {
    "review": "Say whether a review is positive or negative.",
    "headline": "Say which section of a newspaper a headline belongs to.",
    "language": "Name the language of a sentence.",
    "question": "Say whether words without punctuation are a question or a statement.",
    "food": "Say whether a thing is a fruit, a vegetable or something else.",
    "living": "Say whether a thing is living or not living.",
    "tense": "Say whether a sentence is in the past or in the present tense.",
    "spam": "Say whether a message is spam or not spam.",
    "continent": "Name the continent of a country or a city: Africa, Asia, Europe or America.",
    "subject": "Name the school subject of a term: mathematics, music, biology or geography.",
}
ALSO = {
    "nonliving": ["not living", "non-living", "nonliving"],
    "ham": ["not spam"],
    "mathematics": ["mathematics", "maths", "math"],
}
ANIMAL = "Write the name of the larger of two animals."


def lines(name):
    return (HERE / "rows" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def row(text, output):
    return {"input": text, "output": output}


def classes(name):
    """Rows by label, in the order of the file."""
    found = {}
    for line in lines(name):
        if line.startswith("# "):
            label = found.setdefault(line[2:], [])
        else:
            label.append(line)
    return found


def one_or_all(names):
    return names[0] if len(names) == 1 else names


def class_splits(name):
    """The same lines of each label are in the same split, since many of them mirror each other."""
    labels = classes(name)
    count = len(next(iter(labels.values())))
    assert all(len(texts) == count for texts in labels.values()), name
    order = list(range(count))
    random.Random(SEED).shuffle(order)
    held = round(count * 80 / 192)
    parts = order[: count - 2 * held], order[count - 2 * held : count - held], order[count - held :]
    return [
        [row(texts[i], one_or_all(ALSO.get(label, [label]))) for label, texts in labels.items() for i in part]
        for part in parts
    ]


def cut(rows):
    return [rows[:32], rows[32:112], rows[112:192]]


def animal():
    """No pair is there twice; half of the time the larger stands first."""
    sizes = [line.split() for line in lines("animal")[1:]]
    pairs = [
        (small, large)
        for a, smaller in enumerate(sizes)
        for larger in sizes[a + 2 :]
        for small in smaller
        for large in larger
    ]
    random.Random(SEED).shuffle(pairs)
    return cut(
        [row(f"{large}, {small}" if i % 2 else f"{small}, {large}", large) for i, (small, large) in enumerate(pairs)]
    )


def write_rows(path, rows):
    random.Random(SEED).shuffle(rows)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def metric(name):
    if name == "animal":
        labels = sorted(animal for line in lines(name)[1:] for animal in line.split())
    else:
        labels = [also for label in classes(name) for also in ALSO.get(label, [label])]
    return f'{{ name = "label", labels = {json.dumps(labels)} }}'


def write_task(name, description, splits):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    for split, rows in zip(("train", "dev", "test"), splits):
        write_rows(folder / f"{split}.jsonl", rows)
    data = "".join(f'{split} = "{name}/{split}.jsonl"\n' for split in ("train", "dev", "test"))
    text = f'name = "{name}"\ndescription = "{description}"\nmetric = {metric(name)}\n\n[data]\n{data}'
    (HERE / f"{name}.toml").write_text(text, encoding="utf-8")


def tasks():
    for name, description in CLASSES.items():
        write_task(name, description, class_splits(name))
    write_task("animal", ANIMAL, animal())


# What a model is asked for: an instruction from train examples alone, one from the task's description and train
# examples, and another wording of what people wrote. At temperature 1 the last is hardly ever one.
FROM_EXAMPLES = [
    "Write an instruction that tells somebody how to get from each input to its output.",
    "What was I asked to do with each input? Answer with the instruction.",
    "Write one short prompt for a language model, so that it gives these outputs for these inputs.",
    "Below are examples of a task. Describe the task as a command.",
]
FROM_DESCRIPTION = [
    "Write a clear instruction for this task.",
    "Write a short prompt that makes a language model do this task.",
    "How would you ask somebody to do this? Write what you would say.",
    "Write an instruction for this task that says which answers are allowed.",
]
PARAPHRASE = [
    "Say this in other words.",
    "Rewrite this instruction so that it is clearer.",
    "Rewrite this instruction so that it is shorter.",
    "Rewrite this instruction with more detail.",
]
COUNTS = {"examples": 30, "description": 40, "paraphrase": 80}
TEMPERATURES = {1: ["examples", "description"], 0.5: ["paraphrase"]}
ALL = [*CLASSES, "animal"]
SMOLLM2 = "smollm2-135m-instruct-q4_1.gguf"
GEMMA = "gemma-3-270m-q4_k_m.gguf"


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def people(name):
    texts = (HERE / "people" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [text.replace("\\n", "\n") for text in texts]


def first(output):
    return output if isinstance(output, str) else output[0]


def shown(rows):
    return "\n".join(f"Input: {r['input']}\nOutput: {first(r['output'])}" for r in rows)


def asks(name, kind):
    """The prompts of one kind, each with examples or a wording of its own draw."""
    lot = random.Random(f"{SEED} {name} {kind}")
    train = read_rows(HERE / name / "train.jsonl")
    for i in range(COUNTS[kind]):
        examples = shown(lot.sample(train, 3))
        if kind == "examples":
            yield f"{FROM_EXAMPLES[i % 4]}\n\n{examples}"
        elif kind == "description":
            told = CLASSES.get(name, ANIMAL)
            yield f"{FROM_DESCRIPTION[i % 4]}\n\nTask: {told}\n\n{examples}"
        else:
            yield f"{PARAPHRASE[i % 4]}\n\n{people(name)[i % 80]}"


def motjuste(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.PIPE)


def sampled(program, models, out, name, temperature, kinds):
    """SmolLM2's replies to the prompts: a task whose rows are the prompts."""
    prompts = [(kind, ask) for kind in kinds for ask in asks(name, kind)]
    path = out / f"{name}-ask.jsonl"
    path.write_text("".join(json.dumps(row(ask, "-")) + "\n" for _, ask in prompts), encoding="utf-8")
    task = out / f"{name}-ask.toml"
    one = '[{ input = "a", output = "b" }]'
    data = f'[data]\ntrain = {one}\ntest = {one.replace("a", "c")}\ndev = "{path.name}"\n'
    user = '[prompt]\nuser = "{{ input }}\\n\\n{{ instruction }}"\n'
    task.write_text(f'name = "ask"\nmetric = "exact"\n{data}{user}', encoding="utf-8")
    end = ("--instruction", "Write the instruction and nothing else.", "--split", "dev", "--temperature", temperature)
    call = [program, "eval", task, *end, "--target", models / SMOLLM2, "--answer-tokens", 36, "--json"]
    call += ["--store", out / "store.sqlite"]
    told = json.loads(subprocess.run([*map(str, call)], check=True, stdout=subprocess.PIPE).stdout)
    return [{"source": f"smollm2-{prompts[e['example']][0]}", "text": e["answer"]} for e in told["per_example"]]


def soft(program, models, out, name, model, size, tokens, end):
    """What soft prompts in front of train examples are decoded to: the pool of random-pick."""
    task = HERE / f"{name}.toml"
    text = task.read_text(encoding="utf-8").replace(f'"{name}/', f'"{(HERE / name).resolve()}/')
    copy = out / f"{name}-{model.split('-')[0]}.toml"
    copy.write_text(text + (f"\n[templates]\ninduce = {json.dumps(end)}\n" if end else ""), encoding="utf-8")
    store = out / f"{copy.stem}.sqlite"
    pool = ("--method", "random-pick", "--set", f"size={size}", "--set", "start=1", "--set", "batch=1")
    few = ("--budget-trials", 1, "--dev-examples", 1, "--answer-tokens", 8, "--instruction-tokens", tokens)
    where = ("--generator", models / model, "--store", store, "--out", out / copy.stem, "--force", "--yes")
    motjuste(program, "run", copy, *pool, *few, *where)
    with sqlite3.connect(store) as kept:
        (step,) = kept.execute("select body from events where kind = 'step' order by rowid desc").fetchone()
    return [{"source": f"{model.split('-')[0]}-soft", "text": text} for text in texts(json.loads(step))]


def texts(step):
    return [reply["text"] for reply in step["step"]["replies"]]


BASE = (
    "{% for example in demonstrations %}Input: {{ example.input }}\nOutput: {{ example.output }}\n\n{% endfor %}"
    "The instruction was to"
)


def replies(program, models, out, *names):
    """A base model gets a template that it goes on with."""
    models, out = Path(models), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for name in names or ALL:
        found = [one for t, kinds in TEMPERATURES.items() for one in sampled(program, models, out, name, t, kinds)]
        found += soft(program, models, out, name, SMOLLM2, 56, 36, None)
        found += soft(program, models, out, name, GEMMA, 44, 24, BASE)
        text = "".join(json.dumps(reply, ensure_ascii=False) + "\n" for reply in found)
        (out / f"{name}.jsonl").write_text(text, encoding="utf-8")


FENCES = re.compile(r"^(here is|here's|sure|certainly)\b[^:\n]*:\s*", re.IGNORECASE)


def tidied(reply):
    """The instruction in a reply: a base model's first line, else all of it without talk in front and quotes around."""
    text = reply["text"].strip()
    if reply["source"].startswith("gemma"):
        text = text.split("\n")[0].strip()
    text = FENCES.sub("", text).strip()
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1].strip()
    return {"instruction": text, "source": reply["source"]}


def usable(text):
    return any(letter.isalpha() for letter in text) and len(text.encode()) <= 600


def wordings(out):
    """People's first where two are equal; then all in one random order."""
    for name in ALL:
        found = [{"instruction": text, "source": "people"} for text in people(name)]
        found += [tidied(reply) for reply in read_rows(Path(out) / f"{name}.jsonl")]
        kept = {}
        for one in found:
            if usable(one["instruction"]):
                kept.setdefault(" ".join(one["instruction"].split()).casefold(), one)
        order = list(kept.values())
        random.Random(SEED).shuffle(order)
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in order)
        (HERE / name / "wordings.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    {"tasks": tasks, "replies": replies, "wordings": wordings}[sys.argv[1]](*sys.argv[2:])
