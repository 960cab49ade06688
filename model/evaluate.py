"""Measure an exported model and print its figures; `card.py` writes them into the model card.

    python evaluate.py ../crates/motjuste-embedded/models/embedded --tasks ../tasks
    python evaluate.py ../crates/motjuste-embedded/models/embedded --tasks ../tasks --json figures.json
    python evaluate.py ../crates/motjuste-embedded/models/embedded --only follower generator

Proportions of draws have Wilson intervals; means over tasks have intervals of Student's t over the tasks. Both at 95 %.
"""

import argparse
import json
import math
import random
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy
import torch

import opro
import prompts
import search
import steer
import wording
from chance import lot
from families import GROUP_OF, GROUPS, TASKS, answer, draw_input
from figures import Figure, mean, proportion, single
from inference import Speaker
from words import UNSEEN, is_unseen

SEED = 7
LETTER_TASKS = ("first_letter", "second_letter", "last_letter")
EASY_GROUPS = ("letters", "nouns", "meanings", "sentences", "reviews")


def examples(task: str, count: int, seed: int = SEED, unseen: bool = False) -> list[tuple[str, str]]:
    """Examples that do not depend on training data order; unseen words where the task takes any word."""
    rng = random.Random(lot(seed, "examples", task))
    if unseen and GROUP_OF[task] == "letters":
        texts = rng.sample(UNSEEN, min(count, len(UNSEEN)))
    else:
        drawn = (draw_input(rng, task) for _ in range(20 * count))
        texts = list(dict.fromkeys(drawn))[:count]
    return [(text, answer(task, text)) for text in texts]


_WORDINGS = {task: {wording.text(task, chosen): chosen for chosen in wording.all_wordings()} for task in TASKS}


def parse(task: str, instruction: str) -> wording.Wording | None:
    return _WORDINGS[task].get(instruction)


def is_grammatical(instruction: str) -> bool:
    return any(instruction in known for known in _WORDINGS.values())


def best_trained(speaker: Speaker, task: str) -> wording.Wording:
    """The best of the terse and precise wordings, picked on examples of its own."""
    candidates = wording.terse_and_precise(task)
    scores = speaker.scores([wording.text(task, chosen) for chosen in candidates], examples(task, 40, SEED + 1))
    return candidates[scores.index(max(scores))]


def follower(speaker: Speaker) -> list[Figure]:
    """How well the best, a held-out, a wrong and a random wording do."""
    chosen_best = {task: best_trained(speaker, task) for task in TASKS}
    best, held_out, wrong, plain, random_scores, fresh, agreed = {}, [], [], [], [], [], []
    for task in TASKS:
        test = examples(task, 100, unseen=True)
        precise = chosen_best[task]
        best[task] = speaker.scores([wording.text(task, precise)], test)[0]
        held_out += speaker.scores([wording.text(task, precise._replace(core=wording.HELD_OUT_CORE))], test)
        mates = [wording.text(mate, chosen_best[mate]) for mate in GROUPS[GROUP_OF[task]] if mate != task]
        wrong.append(float(numpy.mean(speaker.scores(mates, test))))
        typed = [sentence[0].upper() + sentence[1:] + "." for sentence in wording.PLAIN_SENTENCES[task]]
        plain.append(float(numpy.mean(speaker.scores(typed, test))))
        rng = random.Random(lot(SEED, "random wordings", task))
        drawn = rng.sample(wording.all_wordings(), 50)
        dev = examples(task, 20)
        random_scores += speaker.scores([wording.text(task, chosen) for chosen in drawn], dev)
        unseen = [chosen for chosen in drawn if wording.is_held_out(task, chosen)]
        for chosen in unseen:
            text, _ = dev[len(agreed) % len(dev)]
            agreed.append(speaker.follow(wording.text(task, chosen), [text])[0] == wording.reply(task, chosen, text))
        if task in LETTER_TASKS:
            assert all(is_unseen(text) for text, _ in test)
            fresh.append(best[task])
    scores = numpy.array(random_scores)
    easy = [score for task, score in best.items() if GROUP_OF[task] in EASY_GROUPS]
    hard = [score for task, score in best.items() if GROUP_OF[task] not in EASY_GROUPS]
    print("  best trained phrasing by task: " + " ".join(f"{task} {score:.2f}" for task, score in best.items()))
    return [
        mean("best trained phrasing, word, letter and template tasks", easy, ">= 0.95"),
        single("  worst of them", min(easy), ">= 0.95"),
        mean("best trained phrasing, number and list tasks", hard, ">= 0.8"),
        single("  worst of them", min(hard), ">= 0.8"),
        mean("held-out paraphrase (core never trained)", held_out, ">= 0.7"),
        single("first, second, last letter on unseen words, worst", min(fresh), ">= 0.9"),
        mean("wrong instruction of the same group", wrong, "<= 0.1"),
        mean("sentences people type (plain sentences)", plain),
        proportion("held-out combinations: reply as designed", agreed),
        proportion("random wordings scoring 0", scores == 0),
        proportion("random wordings scoring between 0 and .9", (scores > 0) & (scores < 0.9)),
        proportion("random wordings scoring .9 or more", scores >= 0.9, "<= 0.05"),
    ]


def generator(speaker: Speaker) -> list[Figure]:
    """The generator without a soft prompt."""
    grammatical, right, first, gap = [], [], [], []
    for task in TASKS:
        rng = random.Random(lot(SEED, "demonstrations", task))
        shown = [prompts.generator_prompt(prompts.demonstrations(rng, task, 5)) for _ in range(20)]
        texts = speaker.write(shown)
        grammatical += [is_grammatical(text) for text in texts]
        right += [parse(task, text) is not None for text in texts]
        dev = examples(task, 20)
        scores = speaker.scores(texts, dev)
        first.append(float(numpy.mean(scores)))
        best = speaker.scores([wording.text(task, best_trained(speaker, task))], dev)[0]
        gap += [best - score > 0.05 for score in scores]
    return [
        proportion("generator without prefix: grammatical", grammatical, ">= 0.995"),
        proportion("generator without prefix: right task", right, ">= 0.95"),
        mean("generator without prefix: score of the first guess", first),
        proportion("generator without prefix: first guess is not the best", gap, ">= 0.5"),
    ]


def points(count: int, seed: int) -> torch.Tensor:
    """A scrambled Sobol sequence in [-1, 1]^10."""
    return 2 * torch.quasirandom.SobolEngine(steer.INTRINSIC_DIMENSION, True, seed).draw(count) - 1


def shown_examples(task: str, seed: int) -> list[tuple[str, str]]:
    return prompts.demonstrations(random.Random(lot(seed, "shown", task)), task, 5)


def steering(speaker: Speaker, projections: int = 2) -> list[Figure]:
    """Whether soft prompts are followed, attribute by attribute."""
    rows = steer.directions(speaker.width)
    followed: dict[str, list[list[bool]]] = {task: [] for task in TASKS}
    distinct, garbage, right = [], [], []
    for task in TASKS:
        for seed in range(projections):
            matrix, box = steer.projection(speaker.width, 1000 + seed), points(100, seed)
            texts = speaker.instruct(shown_examples(task, seed), box, matrix)
            asked = steer.labels(rows, steer.soft_prompts(box, matrix)).tolist()
            distinct.append(len(set(texts)))
            garbage += [not is_grammatical(text) for text in texts]
            for text, label in zip(texts, asked):
                said, wanted = parse(task, text), steer.wording_of(task, label)
                right.append(said is not None)
                followed[task].append([said is not None and a == b for a, b in zip(said or wanted, wanted)])
    joined = numpy.array([row for task_rows in followed.values() for row in task_rows])
    figures = [
        proportion(f"steering: {name} follows the soft prompt", joined[:, index], ">= 0.85")
        for index, name in enumerate(("frame", "verb", "core", "clause"))
    ]
    worst = {task: float(numpy.mean([row[2] for row in task_rows])) for task, task_rows in followed.items()}
    print("  core followed, by task: " + " ".join(f"{task} {share:.2f}" for task, share in worst.items()))
    return [
        *figures,
        single("steering: core, worst task", min(worst.values()), ">= 0.85"),
        proportion("steering: right task", right),
        mean("distinct instructions in 100 draws", distinct, ">= 60"),
        single("distinct instructions in 100 draws, worst", min(distinct)),
        proportion("garbage", garbage, "<= 0.01"),
    ]


def smoothness(speaker: Speaker) -> list[Figure]:
    """How often a step of a given length (as a share of half the diagonal of the box) keeps the text."""
    kept: dict[float, list[bool]] = {0.05: [], 0.1: [], 0.4: []}
    for place, task in enumerate(TASKS):
        matrix, box = steer.projection(speaker.width, 1000 + place), points(20, place)
        generator = torch.Generator().manual_seed(place)
        turn = torch.randn(box.shape, generator=generator)
        turn = turn / turn.norm(dim=1, keepdim=True) * math.sqrt(steer.INTRINSIC_DIMENSION)
        shown = shown_examples(task, 0)
        here = speaker.instruct(shown, box, matrix)
        for step, same in kept.items():
            there = speaker.instruct(shown, box + step * turn, matrix)
            same += [a == b for a, b in zip(here, there)]
    return [
        proportion("same text after a step of 5 %", kept[0.05], ">= 0.75"),
        proportion("same text after a step of 10 %", kept[0.1]),
        proportion("same text after a step of 40 %", kept[0.4], "<= 0.4"),
    ]


def best_of(values: list[float], count: int, seed: int) -> float:
    """The best of `count` random ones, on average."""
    rng = numpy.random.default_rng(seed)
    return float(numpy.mean([rng.choice(values, count, replace=False).max() for _ in range(500)]))


def searching(speaker: Speaker) -> list[Figure]:
    """Whether a search can tell better wordings, and whether a larger budget pays."""
    gains, growth = [], []
    for place, task in enumerate(TASKS):
        matrix = steer.projection(speaker.width, 2000 + place)
        drawn = speaker.instruct(shown_examples(task, place), points(150, place), matrix)
        values = speaker.scores(drawn, examples(task, 20))
        growth.append(max(values[:100]) - best_of(values[:100], 10, place))
        pool = list(dict.fromkeys(drawn))
        pool_values = [values[drawn.index(text)] for text in pool]
        gains.append(search.gain_of_guidance(pool, pool_values, budget=25, repeats=10, seed=place))
    return [
        mean("GP on words minus random pick, best after 25 paid instructions", gains, ">= 0.05"),
        mean("best of 100 random draws minus best of 10", growth),
        proportion("tasks where that is .15 or more", numpy.array(growth) >= 0.15, ">= 0.5"),
    ]


class Proposal(NamedTuple):
    """What OPRO's role made of one meta-prompt, beside a random wording."""

    is_instruction: bool
    is_new: bool
    score: float
    best_known: float
    by_chance: float


def proposals(speaker: Speaker, task: str, count: int, tried: int, shown: int) -> list[Proposal]:
    """One proposal at temperature 1 for each of `count` meta-prompts, which show the best of some random wordings."""
    rng, dev = random.Random(lot(SEED, "proposing", task)), examples(task, 20)
    drawn = [[wording.text(task, w) for w in rng.sample(wording.all_wordings(), tried + 1)] for _ in range(count)]
    scores = [speaker.scores(texts, dev) for texts in drawn]
    known = [
        {opro.polished(text): round(100 * s) for text, s in zip(row[:tried], found)}
        for row, found in zip(drawn, scores)
    ]
    ascending = [sorted(row.items(), key=lambda pair: pair[1])[-shown:] for row in known]
    metas = [opro.meta_prompt(row, shown_examples(task, place)[:3]) for place, row in enumerate(ascending)]
    replies = speaker.write(metas, temperature=1.0, seed=SEED)
    texts = [reply.removeprefix(opro.OPEN).removesuffix(opro.CLOSE).strip() for reply in replies]
    return [
        Proposal(parse(task, text) is not None, opro.polished(text) not in row, score, max(found[:tried]), found[tried])
        for text, row, score, found in zip(texts, known, speaker.scores(texts, dev), scores)
    ]


def edge(made: list[Proposal]) -> float:
    """How much oftener a proposal beats the best known than a random wording does."""
    return float(numpy.mean([int(p.score > p.best_known) - int(p.by_chance > p.best_known) for p in made]))


def beating(by_task: list[list[Proposal]], known: str) -> list[Figure]:
    made = [proposal for row in by_task for proposal in row]
    return [
        proportion(f"OPRO: a proposal beats the best of {known}", [p.score > p.best_known for p in made]),
        proportion("  a random wording beats it", [p.by_chance > p.best_known for p in made]),
        mean("  difference", [edge(row) for row in by_task], "> 0"),
        mean("  score of a proposal", [float(numpy.mean([p.score for p in row])) for row in by_task]),
        mean("  of a random wording", [float(numpy.mean([p.by_chance for p in row])) for row in by_task]),
    ]


def proposing(speaker: Speaker) -> list[Figure]:
    """OPRO's role on the follower itself, at the beginning of a search and further on."""
    early = [proposals(speaker, task, count=20, tried=8, shown=8) for task in TASKS]
    late = [proposals(speaker, task, count=6, tried=40, shown=20) for task in TASKS]
    made = [proposal for row in early for proposal in row]
    return [
        proportion("OPRO: reply is an instruction of the task", [p.is_instruction for p in made]),
        proportion("OPRO: reply is none of those shown", [p.is_new for p in made]),
        *beating(early, "eight, all shown"),
        *beating(late, "forty, of which the twenty best are shown"),
    ]


def read_examples(path: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [(row["input"], row["output"]) for row in rows]


def shipped(speaker: Speaker, folder: Path, draws: int = 100, projections: int = 3) -> list[dict]:
    """For each task file: the first guess, the best of random soft prompts (picked on dev), a precise wording."""
    table = []
    for file in sorted(folder.glob("*.toml")):
        task = file.stem
        train, dev, test = (read_examples(folder / task / f"{split}.jsonl") for split in ("train", "dev", "test"))
        shown = random.Random(lot(SEED, "shown", task)).sample(train, 5)
        greedy = speaker.write([prompts.generator_prompt(shown)])[0]
        drawn = []
        for seed in range(projections):
            drawn += speaker.instruct(shown, points(draws, seed), steer.projection(speaker.width, seed))
        found = max(dict.fromkeys(drawn), key=lambda text: speaker.scores([text], dev)[0])
        precise = wording.text(task, best_trained(speaker, task))
        row = {"task": task, "distinct": len(set(drawn))}
        for name, text in (("greedy", greedy), ("found", found), ("precise", precise)):
            row[name] = text
            row[f"{name}_dev"] = speaker.scores([text], dev)[0]
            row[f"{name}_test"] = speaker.scores([text], test)[0]
        table.append(row)
        print(
            f"  {task:14s} first guess {row['greedy_dev']:.2f} dev {row['greedy_test']:.2f} test {greedy!r}\n"
            f"  {'':14s} best of {len(drawn)} draws ({row['distinct']} distinct) {row['found_dev']:.2f} dev "
            f"{row['found_test']:.2f} test {found!r}\n"
            f"  {'':14s} best trained {row['precise_dev']:.2f} dev {row['precise_test']:.2f} test {precise!r}",
            flush=True,
        )
    return table


SECTIONS = {
    "follower": follower,
    "generator": generator,
    "steering": steering,
    "smoothness": smoothness,
    "searching": searching,
    "proposing": proposing,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="exported model")
    parser.add_argument("--tasks", type=Path, help="folder of task files to measure as well")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    speaker = Speaker(arguments.folder)
    figures: list[dict] = []
    for name in arguments.only:
        print(name, flush=True)
        for figure in SECTIONS[name](speaker):
            print(f"  {figure}", flush=True)
            figures.append({**asdict(figure), "reached": figure.reached, "section": name})
    table = []
    if arguments.tasks:
        print("task files", flush=True)
        table = shipped(speaker, arguments.tasks)
    if arguments.json:
        content = {"figures": figures, "tasks": table}
        arguments.json.write_text(json.dumps(content, indent=2, default=float) + "\n")


if __name__ == "__main__":
    main()
