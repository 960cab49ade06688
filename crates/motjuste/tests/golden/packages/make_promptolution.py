"""What the package promptolution decides with scripted scores and replies: EvoPrompt and CAPO.

    pip install promptolution==2.3.0
    python crates/motjuste/tests/golden/packages/make_promptolution.py

writes promptolution.json. The instructions are numbers in words of ours, and their scores are made up.
"""

import json
import logging
import random
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from promptolution.optimizers.capo import CAPO
from promptolution.optimizers.evoprompt_de import EvoPromptDE
from promptolution.optimizers.evoprompt_ga import EvoPromptGA
from promptolution.utils.capo_utils import (
    build_few_shot_examples,
    perform_crossover,
    perform_mutation,
)
from promptolution.utils.formatting import extract_from_tag
from promptolution.utils.prompt import Prompt
from promptolution.utils.templates import (
    EVOPROMPT_DE_TEMPLATE,
    EVOPROMPT_DE_TEMPLATE_TD,
)
from promptolution.utils.test_statistics import paired_t_test

HERE = Path(__file__).resolve().parent

# EvoPrompt: a population of four, five steps, ties among the scores, and a reply without tags in each step.
FIRST = [0.25, 0.5, 0.25, 0.75]
CHILDREN = [
    [0.5, 0.75, 0.125, 0.625],
    [0.5, 0.5, 0.875, 0.0],
    [0.875, 0.25, 0.875, 0.75],
    [0.0, 0.0, 0.0, 0.0],
    [0.875, 1.0, 0.9375, 0.875],
]


class Task:
    """Scores instructions by a list, and keeps what it was asked."""

    task_type, task_description, eval_strategy = "classification", "", "full"

    def __init__(self, scores):
        self.of, self.asked = scores, []

    def evaluate(self, prompts, predictor):
        self.asked.append([prompt.instruction for prompt in prompts])
        return SimpleNamespace(agg_scores=np.array([self.of[prompt.instruction] for prompt in prompts]))


class Writer:
    """Replies from a list, and keeps what it was asked."""

    def __init__(self, replies):
        self.replies, self.asked = iter(replies), []

    def get_response(self, prompts):
        self.asked.append(prompts)
        return [next(self.replies) for _ in prompts]


def evolve(kind, template):
    names = [[f"step {step} child {place}" for place in range(4)] for step in range(len(CHILDREN))]
    first = [f"first {place}" for place in range(4)]
    scores = dict(zip(first, FIRST))
    scores |= {name: score for step in zip(names, CHILDREN) for name, score in zip(*step)}
    reply = lambda place, name: (
        name if place == 2 else f"1. Say <prompt>x</prompt>. 2. <prompt>{name}</prompt>"
    )
    writer = Writer(reply(place, name) for step in names for place, name in enumerate(step))
    task, predictor = Task(scores), SimpleNamespace(extraction_description=None)
    optimizer = kind(predictor, task, meta_llm=writer, initial_prompts=first, prompt_template=template)
    populations = []
    keep = SimpleNamespace(
        on_step_end=lambda it: (
            populations.append(([p.instruction for p in it.prompts], list(map(float, it.scores)))) or True
        ),
        on_train_end=lambda it: None,
    )
    optimizer.callbacks = [keep]
    np.random.seed(0), random.seed(0)
    optimizer.optimize(len(CHILDREN))
    step = lambda told, asked, after: {
        "told": [one.split("|") for one in told],
        "children": asked,
        "scores": [scores[one] for one in asked],
        "population": after[0],
        "population_scores": after[1],
    }
    steps = [step(*it) for it in zip(writer.asked, task.asked[1:], populations)]
    return {
        "first": task.asked[0],
        "first_scores": FIRST,
        "steps": steps,
        "evaluations": sum(map(len, task.asked)),
    }


def wheel(scores, draws):
    """How often each pair of parents is drawn, out of so many."""
    counts = np.zeros((len(scores), len(scores)), int)

    class Counter:
        def get_response(self, prompts):
            for prompt in prompts:
                counts[tuple(map(int, prompt.split("|")))] += 1
            return prompts

    optimizer = EvoPromptGA.__new__(EvoPromptGA)
    optimizer.prompts = [Prompt(str(index)) for index in range(len(scores))]
    optimizer.scores, optimizer.selection_mode = scores, "wheel"
    optimizer.prompt_template, optimizer.meta_llm = "<prompt1>|<prompt2>", Counter()
    np.random.seed(1)
    for _ in range(draws // len(scores)):
        optimizer._crossover(optimizer.prompts, scores)
    return {"scores": scores, "counts": counts.tolist()}


def t_tests():
    draw = np.random.default_rng(3)
    cases = [
        (draw.integers(0, 2, n).tolist(), draw.integers(0, 2, n).tolist())
        for n in (2, 3, 5, 8, 13, 30)
        for _ in range(8)
    ]
    cases += [
        ([1.0] * 4, [1.0] * 4),
        ([1.0] * 4, [0.0] * 4),
        ([0.0] * 4, [1.0] * 4),
        ([1.0], [0.0]),
        ([0.5, 0.5], [0.25, 0.25]),
    ]
    return [
        {"a": a, "b": b, "ahead": [alpha for alpha in (0.05, 0.2) if paired_t_test(a, b, alpha)]}
        for a, b in cases
    ]


def race_cases():
    """Races of made-up scores: contender by row."""
    draw = np.random.default_rng(5)
    for number in range(30):
        contenders, most = int(draw.integers(5, 10)), int(draw.integers(2, 5))
        right = draw.uniform(0.1, 0.95, contenders)
        scores = (draw.uniform(size=(contenders, 30)) < right[:, None]).astype(float)
        if number % 3 == 0:
            scores = np.round(scores * draw.choice([0.25, 0.5, 1.0], size=scores.shape), 2)
        if number % 5 == 4:
            scores[1] = scores[0]
        yield {
            "most": most,
            "block": 5,
            "blocks": int(draw.integers(2, 7)),
            "penalty": float(draw.choice([0.0, 0.05, 0.3])),
            "first": max(2, contenders - 3),
            "words": [int(words) for words in draw.integers(3, 40, contenders)],
            "scores": scores.tolist(),
        }


class Contender:
    """An instruction of so many words."""

    def __init__(self, place, words):
        self.place, self.text = place, " ".join(["x"] * words)

    def construct_prompt(self):
        return self.text


class Blocks:
    """A task that scores by a matrix, block by block."""

    def __init__(self, case):
        self.case, self.index, self.left = case, 0, []

    def reset_block_idx(self):
        self.index = 0

    def increment_block_idx(self):
        self.index += 1

    def rows(self, contenders, begin, end):
        return np.array([self.case["scores"][it.place][begin:end] for it in contenders])

    def evaluate(self, contenders, predictor, eval_strategy=None):
        if eval_strategy == "evaluated":
            seen = self.rows(contenders, 0, self.index * self.case["block"])
            return SimpleNamespace(agg_scores=seen.mean(axis=1))
        self.left.append([it.place for it in contenders])
        begin = self.index * self.case["block"]
        return SimpleNamespace(scores=self.rows(contenders, begin, begin + self.case["block"]))


def race(case):
    contenders = [Contender(*it) for it in enumerate(case["words"])]
    optimizer = CAPO.__new__(CAPO)
    optimizer.task, optimizer.predictor = Blocks(case), None
    optimizer.max_n_blocks_eval, optimizer.alpha, optimizer.test_statistic = (
        case["blocks"],
        0.2,
        paired_t_test,
    )
    optimizer.length_penalty, optimizer.token_counter = case["penalty"], lambda text: float(len(text.split()))
    optimizer.max_prompt_length = max(len(it.text.split()) for it in contenders[: case["first"]])
    prompts, _ = optimizer._do_racing(contenders, case["most"])
    return {**case, "left": optimizer.task.left, "order": [it.place for it in prompts]}


class Echo:
    tokenizer = None

    def get_response(self, prompts):
        return ["<prompt>new</prompt>" for _ in prompts]


def shares(draws):
    """How many draws have each size, and how many show a row twice."""
    sizes = [sum(len(one) == size for one in draws) for size in range(7)]
    return {"sizes": sizes, "repeats": sum(len(set(one)) < len(one) for one in draws)}


def examples(draws=4000):
    optimizer = SimpleNamespace(
        df_few_shots=pd.DataFrame({"x": [str(row) for row in range(9)], "y": [str(row) for row in range(9)]}),
        task=SimpleNamespace(x_column="x", y_column="y"),
        create_fs_reasoning=False,
        target_begin_marker="",
        target_end_marker="",
        upper_shots=5,
        crossovers_per_iter=draws,
        crossover_template="<mother><father>",
        mutation_template="<instruction>",
        meta_llm=Echo(),
    )
    np.random.seed(2), random.seed(2)
    first = [build_few_shot_examples("", random.randint(0, 5), optimizer) for _ in range(draws)]
    parents = [Prompt("a", ["1", "2", "3"]), Prompt("b", ["3", "4"])]
    crossed = [it.few_shots for it in perform_crossover(parents, optimizer)]
    mutated = [
        it.few_shots for it in perform_mutation([Prompt("c", ["1", "2"]) for _ in range(draws)], optimizer)
    ]
    return {"draws": draws, "first": shares(first), "crossed": shares(crossed), "mutated": shares(mutated)}


def main():
    logging.disable(logging.CRITICAL)
    replies = [
        "<prompt>a</prompt> then <prompt> b </prompt> end",
        "no tags",
        "<prompt>open",
        "a</prompt>b",
        "<prompt></prompt>",
        "<prompt>a <prompt>b</prompt> c</prompt>",
    ]
    golden = {
        "package": f"promptolution {version('promptolution')}",
        "readings": [
            {"reply": reply, "text": extract_from_tag(reply, "<prompt>", "</prompt>")} for reply in replies
        ],
        "genetic": evolve(EvoPromptGA, "<prompt1>|<prompt2>"),
        "differential": evolve(EvoPromptDE, "<prompt0>|<prompt1>|<prompt2>|<prompt3>"),
        "has_donor": any(
            "<prompt3>" in template for template in (EVOPROMPT_DE_TEMPLATE, EVOPROMPT_DE_TEMPLATE_TD)
        ),
        "wheels": [wheel([0.6, 0.3, 0.1, 0.0], 8000), wheel([0.0, 0.0, 0.0], 6000)],
        "t_tests": t_tests(),
        "races": [race(case) for case in race_cases()],
        "examples": examples(),
    }
    (HERE / "promptolution.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
