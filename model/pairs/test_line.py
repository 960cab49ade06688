"""Tests of the problem, its states and the tokenizer for pairs: everything that needs no torch."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

import figures
from pairs import evaluate, states, wire
from pairs.line import HIGH, LOW, POINTS, SHOWN, TRUE_HIGH, TRUE_LOW, Line, meta_prompt, reply

TEMPLATE = Path(__file__).parents[2] / "crates/motjuste-problems/src/prompts/linear_regression.txt"
NUMBERS = range(LOW, HIGH + 1)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return wire.build(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json", NUMBERS)


def test_the_meta_prompt_is_the_one_of_the_project() -> None:
    head, loop = TEMPLATE.read_text().split("{% for pair in pairs %}")
    row, end = loop.split("{% endfor %}")
    rows = row.replace("{{ pair.w }}", "40").replace("{{ pair.b }}", "-3").replace("{{ pair.value }}", "512")
    rows += row.replace("{{ pair.w }}", "15").replace("{{ pair.b }}", "14").replace("{{ pair.value }}", "49")
    assert meta_prompt([(15, 14, 49.9), (40, -3, 512.3)]) == head + rows + end.removesuffix("\n")


def test_only_the_best_pairs_are_shown() -> None:
    prompt = meta_prompt([(n, n, 1000.0 + n) for n in range(30)])
    assert prompt.count("value:\n") == SHOWN and "w=20," not in prompt
    assert prompt.index("w=19,") < prompt.index("w=0,")


def test_the_loss_is_the_sum_of_squared_residuals() -> None:
    line = Line((2, 3), np.zeros(POINTS))
    line.look([(2, 4), (1, 3)])
    assert line.known == {(2, 4): 50.0, (1, 3): 42925.0}
    assert not line.is_solved


def test_a_drawn_line_is_in_its_range_and_starts_where_the_project_starts() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        line = Line.draw(rng)
        assert all(TRUE_LOW <= number <= TRUE_HIGH for number in line.truth)
        assert 1 <= len(line.known) <= 5 and all(10 <= n <= 20 for pair in line.known for n in pair)


def test_a_pair_with_its_value_is_four_tokens(tokenizer: Tokenizer) -> None:
    prompt = meta_prompt([(15, -4, 409628.0)])
    encoding = tokenizer.encode(prompt + reply((15, -4)))
    row = ["\n\ninput:\nw=15", ", b=-4", "\nvalue:\n409", "628"]
    assert encoding.tokens == [wire.HEAD, *row, wire.REQUEST, " [15", ", -4]"]
    assert tokenizer.decode(encoding.ids) == prompt + reply((15, -4))


def test_every_text_survives_the_tokenizer(tokenizer: Tokenizer) -> None:
    for text in [meta_prompt([(-200, 1234, 5.5e8)]), "naïve café\n [7, 7]", "w=15.5, b=1"]:
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_states_stay_within_the_numbers_that_have_tokens(tokenizer: Tokenizer) -> None:
    rng = np.random.default_rng(1)
    known = {*wire.firsts(NUMBERS), *wire.seconds(NUMBERS)}
    for _ in range(100):
        state = states.made_up(rng)
        assert all(LOW <= number <= HIGH for number in state.truth)
        tokens = tokenizer.encode(state.prompt).tokens
        assert sum(token in known for token in tokens) == 2 * state.prompt.count("value:\n") > 0


def test_states_are_a_function_of_the_seed() -> None:
    drawn = [[states.made_up(np.random.default_rng(seed)) for _ in range(5)] for seed in (3, 3, 4)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_wilson_is_the_textbook_interval() -> None:
    # Newcombe 1998, Statistics in Medicine 17: 81 of 263 gives .2553 to .3662.
    assert figures.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_table_counts_what_was_found() -> None:
    solved = {"solved_after": 7, "evaluations": 7, "stop_reason": {"solved": {"step": 2}}}
    failed = {"solved_after": None, "evaluations": 30, "stop_reason": "steps"}
    row = evaluate.line("0 to 40", "model", [solved, failed, solved])
    assert (row["found"], row["median steps"], row["most steps"]) == (2, 2, 2)
    assert row["mean evaluations"] == pytest.approx(44 / 3)
    assert evaluate.printed(row).startswith("| 0 to 40 | model | 2 of 3 | ")
