"""Makes the tasks and the wordings of the ruler: see README.md beside this file.

python3 ruler/make.py tasks                        the task files and their rows, from rows/
python3 ruler/make.py replies MOTJUSTE MODELS OUT  what two real models write, into the folder OUT (hours)
python3 ruler/make.py wordings OUT                 wordings.jsonl of every task, from people/ and OUT
"""

import json
import random
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
}
ALSO = {
    "nonliving": ["not living", "non-living", "nonliving"],
    "ham": ["not spam"],
}
OPEN = {
    "opposite": "Write the opposite of a word.",
    "animal": "Write the name of the larger of two animals.",
}


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


def opposite():
    pairs = [line.split("\t") for line in lines("opposite")]
    rows = [row(word, one_or_all(answers.split("|"))) for word, answers in pairs]
    random.Random(SEED).shuffle(rows)
    return cut(rows)


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
    return cut([row(f"{l}, {s}" if i % 2 else f"{s}, {l}", l) for i, (s, l) in enumerate(pairs)])


def write_rows(path, rows):
    random.Random(SEED).shuffle(rows)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def metric(name):
    if name == "opposite":
        return '"normalized"'
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
    write_task("opposite", OPEN["opposite"], opposite())
    write_task("animal", OPEN["animal"], animal())


if __name__ == "__main__":
    {"tasks": tasks}[sys.argv[1]](*sys.argv[2:])
