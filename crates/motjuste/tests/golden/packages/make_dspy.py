"""What MIPROv2 of the package dspy does for one instruction without demonstrations, and what its estimator draws.

    pip install 'dspy[optuna]==3.4.1' optuna==5.0.0
    python crates/motjuste/tests/golden/packages/make_dspy.py

writes dspy.json. The rows, the replies and the scores are ours.
"""

import json
import logging
import random
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import dspy
import dspy.teleprompt.mipro_optimizer_v2 as mipro
import numpy as np
import optuna
from dspy.teleprompt.utils import create_minibatch
from dspy.utils import DummyLM
from optuna.samplers._tpe.sampler import _split_trials, default_gamma

HERE = Path(__file__).resolve().parent


def rows(kind, count):
    return [
        dspy.Example(question=f"{kind} {row}", answer="yes").with_inputs("question") for row in range(count)
    ]


def score(instruction, row):
    """Right or wrong by the numbers in both: some instructions are better than others."""
    number = int(instruction.split()[-1]) if instruction.split()[-1].isdigit() else 0
    return float((row * 7 + number * 5) % 20 < 4 + number * 3 % 13)


def run(auto, dev):
    """A search, and what it asks and scores."""
    replies = [
        {
            "answer": "yes",
            "observations": f"Fact {call}.",
            "summary": "All rows want a yes.",
            "program_description": "It answers.",
            "module_description": "It answers.",
            "proposed_instruction": f"Instruction {call}",
        }
        for call in range(400)
    ]
    writer, target, scored = DummyLM(replies), DummyLM(replies), []

    def evaluate(size, rows, program, evaluate, rng):
        instruction = program.predictors()[0].signature.instructions
        chosen = rows if size >= len(rows) else create_minibatch(rows, size, rng)
        mean = 100 * sum(score(instruction, int(it.question.split()[-1])) for it in chosen) / len(chosen)
        scored.append({"instruction": instruction, "rows": len(chosen), "score": mean})
        return SimpleNamespace(score=mean)

    mipro.eval_candidate_program = evaluate
    student = dspy.Predict(dspy.Signature("question -> answer", "Answer."))
    optimizer = mipro.MIPROv2(
        metric=lambda *_: 1.0,
        prompt_model=writer,
        task_model=target,
        auto=auto,
        max_bootstrapped_demos=0,
        max_labeled_demos=0,
        num_threads=1,
    )
    with dspy.context(lm=target):
        best = optimizer.compile(student, trainset=rows("train", 25), valset=rows("dev", dev))
    replies_used = int(next(writer.answers)["proposed_instruction"].split()[-1])
    asked = [
        call["messages"][-1]["content"]
        .split("Respond with the corresponding output fields, starting with the field `[[ ## ")[1]
        .split(" ")[0]
        for call in writer.history
    ]
    observed = [
        call["messages"][-1]["content"] for call, kind in zip(writer.history, asked) if kind == "observations"
    ]
    return {
        "auto": auto,
        "dev": dev,
        "asked": {
            "observations": asked.count("observations"),
            "summary": asked.count("summary"),
            "other": replies_used - len(asked),
        },
        "shows_earlier_facts": [
            [fact for fact in range(9) if f"Fact {fact}." in prompt] for prompt in observed
        ],
        "scored": scored,
        "winner": best.signature.instructions,
    }


def estimate(categories, observations, seed, count=0):
    """The densities of good and of other categories after these observations, and how often each is suggested next."""
    draw, space = random.Random(seed), optuna.distributions.CategoricalDistribution(range(categories))
    seen = [(draw.randrange(categories), draw.choice([0.25, 0.5, 0.75, 1.0])) for _ in range(observations)]
    trials = [
        optuna.trial.create_trial(params={"i": category}, distributions={"i": space}, value=value)
        for category, value in seen
    ]

    def study(sampled):
        sampler = optuna.samplers.TPESampler(seed=sampled, multivariate=True)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.add_trials(trials)
        return study

    one, every = study(0), {"i": np.arange(categories)}
    split = _split_trials(one, one.trials, default_gamma(observations))
    built = [
        one.sampler._build_parzen_estimator(one, {"i": space}, part, handle_below=not place)
        for place, part in enumerate(split)
    ]
    densities = [
        [float(f"{value:.15g}") for value in np.exp(estimator.log_pdf(every))] for estimator in built
    ]
    suggested = [0] * categories
    for sampled in range(count):
        suggested[study(sampled).ask().suggest_categorical("i", range(categories))] += 1
    return {
        "categories": categories,
        "seen": seen,
        "good": densities[0],
        "other": densities[1],
        "suggested": suggested if count else None,
    }


def main():
    logging.disable(logging.CRITICAL)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    golden = {
        "package": f"dspy {version('dspy')}, optuna {version('optuna')}",
        "runs": [run("light", 400), run("medium", 400), run("heavy", 400), run("light", 40)],
        "estimates": [
            estimate(*shape)
            for shape in [(6, 9, 0, 1000), (6, 10, 1), (12, 20, 2), (18, 34, 58, 1000), (18, 40, 375, 1000)]
        ],
    }
    (HERE / "dspy.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
