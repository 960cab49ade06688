"""Tests of the tasks, the wordings, the prompts and the tokenizer: everything that needs no torch."""

import json
import random
from pathlib import Path

from tokenizers import Tokenizer

import families
import figures
import make_tasks
import opro
import prompts
import schedule
import search
import wording
import words


def test_there_are_enough_words_and_tasks() -> None:
    assert len(families.TASKS) >= 24
    assert len(words.LETTER_WORDS) >= 500
    assert len(words.TRANSLATED) >= 60 and len(words.ADJECTIVES) >= 60


def test_unseen_words_never_occur_in_training_inputs() -> None:
    rng, unseen = random.Random(0), set(words.UNSEEN)
    for task in families.TASKS:
        assert not unseen & {families.draw_input(rng, task) for _ in range(2000)}


def test_every_task_answers_its_own_inputs() -> None:
    rng = random.Random(1)
    for task in families.TASKS:
        for _ in range(100):
            text = families.draw_input(rng, task)
            assert families.answer(task, text)
            assert 0 <= families.category(task, text) < families.CATEGORIES
            assert 0 <= families.level(task, text) < families.LEVELS


def test_follower_never_sees_a_held_out_wording() -> None:
    rng = random.Random(2)
    for _ in range(5000):
        task = rng.choice(families.TASKS)
        chosen = prompts.draw_follower_wording(rng, task, tersest=0.3)
        assert not wording.is_held_out(task, chosen)
        assert chosen.core != wording.HELD_OUT_CORE


def test_about_an_eighth_of_the_wordings_is_held_out() -> None:
    held_out = [wording.is_held_out(task, w) for task in families.TASKS for w in wording.all_wordings()]
    assert 0.1 < sum(held_out) / len(held_out) < 0.14


def test_precise_and_terse_wordings_are_always_answered_right() -> None:
    rng = random.Random(3)
    for task in families.TASKS:
        inputs = [families.draw_input(rng, task) for _ in range(50)]
        assert wording.design_score(task, wording.most_precise(task), inputs) == 1


def test_the_most_likely_wording_leaves_something_to_search_for() -> None:
    rng = random.Random(4)
    for task in families.TASKS:
        inputs = [families.draw_input(rng, task) for _ in range(100)]
        assert wording.design_score(task, wording.most_likely(task), inputs) <= 0.75


def test_design_is_the_same_every_time() -> None:
    """Changing a lot changes the model: these values may only change together with the weights."""
    assert wording.LOT == 112
    assert wording.text("plural", wording.most_likely("plural")) == (
        "your task is to find the repeated thing and nothing else."
    )
    assert wording.MEANING["antonym", 10] == ["synonym", "antonym", "synonym", "antonym", "antonym", "synonym"]
    assert wording.MEANING["plural", 3] == ["plural", "uppercase", "plural", "uppercase", "plural", "plural"]


def test_no_two_wordings_of_a_task_read_the_same() -> None:
    for task in families.TASKS:
        texts = [wording.text(task, chosen) for chosen in wording.all_wordings()]
        assert len(set(texts)) == len(texts)


def test_texts_survive_the_tokenizer(tokenizer: Tokenizer) -> None:
    rng = random.Random(5)
    texts = [*words.GERMAN.values(), *words.FRENCH.values(), "naïve façade", "42 + 7", "What is it?"]
    texts += ["".join(prompts.follower_example(rng)) for _ in range(50)]
    texts += [opro.meta_prompt(opro.sequence(rng, task)[0], []) for task in families.TASKS]
    texts += [prompts.generator_prompt(prompts.demonstrations(rng, task, 3)) for task in families.TASKS]
    for text in texts:
        assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_inputs_are_spelled_and_instructions_are_not(tokenizer: Tokenizer) -> None:
    for word in set(words.LETTER_WORDS + words.UNSEEN) - set(families.UNSPELLED):
        assert len(tokenizer.encode(" " + word).ids) == len(word)
    for task in families.TASKS:
        for core in wording.CORES[task]:
            assert len(tokenizer.encode(" " + core).ids) == len(core.split())


def test_scaffold_is_one_token_each(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(prompts.generator_prompt([("a", "b"), ("c", "d")])).tokens
    assert tokens[0] == "Input:" and tokens[2] == "\nOutput:" and tokens[4] == "\n\n" and tokens[-1] == prompts.CLOSING


def test_a_meta_prompt_is_scaffold_words_and_letters(tokenizer: Tokenizer) -> None:
    prompt = opro.meta_prompt([("", 0), ("Write the sum of the two numbers.", 100)], [("3 12", "15"), ("an ox", "x")])
    encoded = tokenizer.encode(prompt)
    assert tokenizer.decode(encoded.ids, skip_special_tokens=False) == prompt
    words_shown = ["Write", *(f"Ġ{word}" for word in "the sum of the two numbers".split()), "."]
    assert encoded.tokens == [
        *(opro.TASK, opro.TEXT, opro.SCORE, "0", opro.TEXT, *words_shown, opro.SCORE, *"100"),
        *(opro.PROBLEMS + opro.PROBLEM, "3", "Ġ1", "2", opro.ANSWER, *"15"),
        *(opro.PROBLEM, "a", "n", "Ġo", "x", opro.ANSWER, "x", opro.REQUEST),
    ]


def test_meta_prompts_are_ascending() -> None:
    rng = random.Random(6)
    for _ in range(200):
        tried, _ = opro.sequence(rng, rng.choice(families.TASKS))
        scores = [score for _, score in tried]
        assert scores == sorted(scores) and len(scores) <= opro.MOST_SHOWN


def test_the_reply_to_learn_is_a_new_wording_close_to_the_best_and_better() -> None:
    rng, steps = random.Random(7), 0
    for _ in range(300):
        world, task = opro.World.draw(rng), rng.choice(families.TASKS)
        scores = opro.tried_in(rng, world, task)
        best = max(scores, key=scores.__getitem__)
        chosen = opro.step_up(rng, world, scores, best)
        assert chosen not in scores
        assert sum(old != new for old, new in zip(best, chosen)) <= 2
        steps += world.score(chosen) > scores[best]
    assert steps > 250


def test_a_meta_prompt_says_nothing_of_the_real_design() -> None:
    """In its own world any core may be the widest."""
    rng = random.Random(8)
    worlds = [opro.World.draw(rng) for _ in range(300)]
    widest = {max(range(wording.TRAINED_CORES), key=lambda core: len(world.covered[core])) for world in worlds}
    assert widest == set(range(wording.TRAINED_CORES))


def test_the_schedule_ends_with_all_tasks_and_no_hints() -> None:
    assert schedule.Phase.at(0) == schedule.Phase(3, 1.0, 0.0, False)
    assert schedule.Phase.at(1) == schedule.Phase(len(families.TASKS), 0.0, 0.3, True)


def test_guidance_finds_what_depends_on_one_word() -> None:
    texts = [f"{verb} the {core} now." for verb in "abcdefgh" for core in "ijklmnop"]
    values = [0.1 + 0.05 * text.endswith("m now.") + 0.8 * (text == "d the m now.") for text in texts]
    assert search.gain_of_guidance(texts, values, budget=25, repeats=5, seed=0) >= 0


def test_a_difference_is_held_against_its_interval() -> None:
    assert figures.mean("", [0.1, 0.1, 0.11], "> 0").reached is True
    assert figures.mean("", [0.1, -0.09, 0.0], "> 0").reached is False
    assert figures.proportion("", [1, 0], ">= 0.5").reached and not figures.proportion("", [1, 0], "<= 0.4").reached


def test_task_files_are_up_to_date_and_disjoint() -> None:
    folder = Path(__file__).parent.parent / "tasks"
    for task in make_tasks.DESCRIPTIONS:
        wanted = make_tasks.splits(task)
        assert len(wanted["train"]) >= 20 and len(wanted["dev"]) == 20 and len(wanted["test"]) >= 48
        assert not set(wanted["train"]) & set(wanted["dev"]) and not set(wanted["dev"]) & set(wanted["test"])
        assert not set(wanted["train"]) & set(wanted["test"])
        for split, inputs in wanted.items():
            rows = [json.loads(line) for line in (folder / task / f"{split}.jsonl").read_text().splitlines()]
            assert [row["input"] for row in rows] == inputs
