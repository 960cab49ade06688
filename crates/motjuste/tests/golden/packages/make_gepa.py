"""What the package gepa decides in a scripted world.

    pip install gepa==0.1.4
    python crates/motjuste/tests/golden/packages/make_gepa.py

writes gepa.json. The rows, the instructions and the answers are ours: a row is answered rightly by an instruction that
holds its word, half rightly by one that holds the word's first letter alone, and else not at all.
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

import gepa
from gepa.core.adapter import EvaluationBatch
from gepa.core.data_loader import ListDataLoader
from gepa.core.state import GEPAState, ValsetEvaluation
from gepa.strategies.batch_sampler import EpochShuffledBatchSampler
from gepa.strategies.candidate_selector import ParetoCandidateSelector

HERE = Path(__file__).resolve().parent

WORDS = ["amber", "beige", "coral", "denim", "ebony", "flax"]
TRAIN = [WORDS[row % 6] for row in range(6)]
VAL = [WORDS[row] for row in (0, 1, 2, 3, 4, 5, 0, 3)]


def score(text, word):
    return 1.0 if word in text.split() else 0.5 if word[0] in text.split() else 0.0


class Silent:
    def log(self, message):
        pass


class Adapter:
    """Answers without a model, and shows what was answered."""

    propose_new_texts = None

    def evaluate(self, batch, candidate, capture_traces=False):
        scores = [score(candidate["text"], word) for word in batch]
        traces = list(zip(batch, scores)) if capture_traces else None
        return EvaluationBatch(outputs=list(batch), scores=scores, trajectories=traces)

    def make_reflective_dataset(self, candidate, eval_batch, components):
        return {"text": [{"Inputs": word, "Feedback": str(s)} for word, s in eval_batch.trajectories]}


class Reflector:
    """Mends the first failure that it is shown; now and then it breaks or changes something else instead."""

    def __init__(self):
        self.calls = 0

    def __call__(self, prompt):
        self.calls += 1
        present = prompt.split("```")[1].strip()
        examples = prompt.split("# Example ")[1:]
        failed = [
            e.split("## Inputs\n")[1].split()[0]
            for e in examples
            if not e.split("## Feedback\n")[1].startswith("1.0")
        ]
        match self.calls % 5:
            case 0:
                text = " ".join(present.split()[:-1]) + f" less{self.calls}"
            case 3:
                text = f"{present} same{self.calls}"
            case 2:
                text = f"{present} {failed[0][0]}"
            case _:
                text = f"{present} {failed[0]}"
        # Who learns forgets: so that no child is better everywhere.
        text = " ".join(["Name", *text.split()[1:][-4:]])
        return f"I would say\n```\n{text}\n```"


class Recorder:
    """One entry for each iteration."""

    def __init__(self):
        self.iterations = []
        self.validated = []
        self.texts = None

    def on_iteration_start(self, event):
        self.texts = None

    def on_proposal_end(self, event):
        self.texts = event["new_instructions"]

    def on_valset_evaluated(self, event):
        self.validated.append([event["scores_by_val_id"][row] for row in sorted(event["scores_by_val_id"])])

    def on_iteration_end(self, event):
        trace = event["state"].full_program_trace[-1]
        self.iterations.append(
            {
                "parent": trace["selected_program_candidate"],
                "rows": list(trace["subsample_ids"]),
                "before": [
                    score(
                        event["state"].program_candidates[trace["selected_program_candidate"]]["text"],
                        TRAIN[row],
                    )
                    for row in trace["subsample_ids"]
                ],
                "child": self.texts and self.texts["text"],
                "after": trace.get("new_subsample_scores"),
                "accepted": bool(event["proposal_accepted"]),
                "val": self.validated[-1] if event["proposal_accepted"] else None,
                "metric_calls": event["state"].total_num_evals,
            }
        )


def run(seed, iterations, start="Name it", **settings):
    recorder, reflector = Recorder(), Reflector()
    result = gepa.optimize(
        seed_candidate={"text": start},
        trainset=TRAIN,
        valset=VAL,
        adapter=Adapter(),
        reflection_lm=reflector,
        reflection_minibatch_size=3,
        stop_callbacks=lambda state: state.i + 1 >= iterations,
        callbacks=[recorder],
        logger=Silent(),
        seed=seed,
        **settings,
    )
    return {
        "settings": settings,
        "start": start,
        "start_val": recorder.validated[0],
        "iterations": recorder.iterations,
        "winner": result.best_candidate["text"],
        "metric_calls": result.total_metric_calls,
        "reflections": reflector.calls,
    }


class Choices(random.Random):
    """Keeps what it is to choose from."""

    def choice(self, these):
        self.these = list(these)
        return self.these[0]


def front(scores):
    """How often each candidate stands in the urn that a parent is drawn from."""
    evaluated = [ValsetEvaluation({}, dict(enumerate(row)), None) for row in scores]
    state = GEPAState({"text": "0"}, evaluated[0])
    for index, evaluation in enumerate(evaluated[1:], 1):
        state.update_state_with_new_program([0], {"text": str(index)}, evaluation, None, 0)
    urn = Choices()
    ParetoCandidateSelector(urn).select_candidate_idx(state)
    return {"scores": scores, "urn": [urn.these.count(index) for index in range(len(scores))]}


def fronts():
    draw = random.Random(7)
    shapes = [(draw.randint(1, 6), draw.randint(1, 7)) for _ in range(60)]
    drawn = [
        [[draw.choice([0.0, 0.5, 1.0]) for _ in range(rows)] for _ in range(pool)] for pool, rows in shapes
    ]
    # Two equal means, of which one can go; which one, the order of the rows decides.
    ties = [[[0, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1]], [[1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 1, 1]]]
    return [front(scores) for scores in drawn + ties]


def batches(rows, size, epochs):
    """The minibatches of so many epochs."""

    class State:
        i = 0

    sampler, state, loader = (
        EpochShuffledBatchSampler(size, random.Random(0)),
        State(),
        ListDataLoader(list(range(rows))),
    )
    for state.i in range(-(-rows // size) * epochs):
        yield list(sampler.next_minibatch_ids(loader, state))


def main():
    golden = {
        "package": f"gepa {version('gepa')}",
        "train": TRAIN,
        "val": VAL,
        "fronts": fronts(),
        "batches": [
            {"rows": rows, "size": size, "batches": list(batches(rows, size, 2))}
            for rows, size in [(6, 3), (7, 3), (8, 3), (2, 3), (5, 2)]
        ],
        "runs": [
            run(0, 24),
            run(1, 24),
            run(2, 16, candidate_selection_strategy="current_best"),
            run(3, 16, acceptance_criterion="improvement_or_equal"),
            run(4, 16, start="Name amber beige coral denim", skip_perfect_score=False),
            run(5, 16, start="Name amber beige coral denim"),
        ],
    }
    (HERE / "gepa.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
