"""What the published code of CAPO decides with scripted scores and replies.

    git clone https://github.com/finitearth/capo /tmp/capo && git -C /tmp/capo checkout 2b09caa
    pip install promptolution==2.3.0
    PYTHONPATH=/tmp/capo python crates/motjuste/tests/golden/packages/make_capo.py

writes capo.json, for the same races and draws as make_promptolution.py.
"""

import json
import random
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from capo.capo import CAPOptimizer
from capo.prompt import Prompt
from capo.statistical_tests import paired_t_test
from make_promptolution import Contender, Echo, race_cases, shares

HERE = Path(__file__).resolve().parent


class Optimizer(CAPOptimizer):
    """The published one, under a later promptolution than it was written for."""

    _pre_optimization_loop = _step = None


class Blocks:
    """A task that scores by a matrix, block by block, and remembers what it scored."""

    def __init__(self, case, contenders):
        self.case, self.left, self.seen = case, [], [set() for _ in contenders]
        self.blocks = [(block, None) for block in range(len(case["scores"][0]) // case["block"])]
        self.place = {it.construct_prompt(): it.place for it in contenders}

    def rows(self, place, blocks):
        size = self.case["block"]
        return [
            score
            for block in blocks
            for score in self.case["scores"][place][block * size : (block + 1) * size]
        ]

    def evaluate_on_block(self, prompts, block, predictor):
        places = [self.place[prompt] for prompt in prompts]
        self.left.append(places)
        for place in places:
            self.seen[place].add(block)
        return np.array([self.rows(place, [block]) for place in places])

    def get_avg_scores(self, prompts):
        places = [self.place[prompt] for prompt in prompts]
        return np.array([np.mean(self.rows(place, self.seen[place])) for place in places])


def race(case):
    contenders = [Contender(*it) for it in enumerate(case["words"])]
    for it in contenders:
        it.text = it.text[:-1] + str(it.place)  # no two are the same
    optimizer = Optimizer.__new__(Optimizer)
    optimizer.task, optimizer.predictor, optimizer.verbosity = Blocks(case, contenders), None, 0
    optimizer.max_n_blocks_eval, optimizer.test_statistic = case["blocks"], partial(paired_t_test, alpha=0.2)
    optimizer.shuffle_blocks_per_iter, optimizer.length_penalty = False, case["penalty"]
    optimizer.token_count = lambda it: len(it.construct_prompt().split())
    optimizer.max_prompt_length = max(optimizer.token_count(it) for it in contenders[: case["first"]])
    order = optimizer._do_racing(contenders, case["most"])
    return {"left": optimizer.task.left, "order": [it.place for it in order]}


def examples(draws=4000):
    """The examples of first instructions, of a cross and of a mutation."""
    optimizer = Optimizer.__new__(Optimizer)
    rows = [str(row) for row in range(9)]
    optimizer.df_few_shots = pd.DataFrame({"input": rows, "target": rows})
    predict = lambda instruction, inputs, return_seq: (
        np.array(["?"] * len(inputs)),
        np.array(["?"] * len(inputs), object),
    )
    optimizer.predictor = SimpleNamespace(begin_marker="", end_marker="", predict=predict)
    optimizer.task, optimizer.meta_llm, optimizer.verbosity = SimpleNamespace(description=""), Echo(), 0
    optimizer.upper_shots, optimizer.crossovers_per_iter = 5, draws
    optimizer.crossover_meta_prompt, optimizer.mutation_meta_prompt = "<mother><father>", "<instruction>"
    optimizer.logger = None
    np.random.seed(2), random.seed(2)
    first = [it.few_shots for it in optimizer._initialize_population([""] * draws)]
    crossed = [
        it.few_shots for it in optimizer._crossover([Prompt("a", ["1", "2", "3"]), Prompt("b", ["3", "4"])])
    ]
    mutated = [it.few_shots for it in optimizer._mutate([Prompt("c", ["1", "2"]) for _ in range(draws)])]
    return {"draws": draws, "first": shares(first), "crossed": shares(crossed), "mutated": shares(mutated)}


def main():
    warnings.filterwarnings("ignore")
    golden = {
        "package": "finitearth/capo 2b09caa",
        "races": [race(case) for case in race_cases()],
        "examples": examples(),
    }
    (HERE / "capo.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
