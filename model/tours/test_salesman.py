"""Tests of the problem, its optimum and the tokenizer for tours: everything that needs no torch."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from tours import evaluate, salesman, states, wire
from tours.optimum import Ways
from tours.salesman import meta_prompt, reply
from tours.states import EXACT, Shown, lesson
from tours.wire import Codes

TEMPLATE = Path(__file__).parents[2] / "crates/motjuste-problems/src/prompts/tsp.txt"


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return wire.build(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


def filled(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{{ " + name + " }}", value)
    return template


def test_the_meta_prompt_is_the_one_of_the_project() -> None:
    head, loop = TEMPLATE.read_text().split("{% for trace in traces %}")
    row, end = loop.split("{% endfor %}")
    points = ", ".join(f"({i}): ({i}, {-10 * i})" for i in range(5))
    rows = filled(row, {"trace.nodes": "0,4,2,3,1", "trace.length": "1234"})
    rows += filled(row, {"trace.nodes": "0,1,2,4,3", "trace.length": "567"})
    known = [([0, 1, 2, 4, 3], 567.9), ([0, 4, 2, 3, 1], 1234.1)]
    expected = filled(head, {"count": "5", "points": points}) + rows + end.removesuffix("\n")
    assert meta_prompt([[i, -10 * i] for i in range(5)], known) == expected


def test_only_the_best_tours_are_shown() -> None:
    prompt = meta_prompt([[0, 0]] * 5, [([0, 1, 2, 3, 4], 100.0 + n) for n in range(30)])
    assert prompt.count("length:\n") == salesman.SHOWN and "\n110\n" not in prompt
    assert prompt.index("\n109\n") < prompt.index("\n100\n")


@pytest.mark.parametrize("n", [5, 8, 10])
def test_codes_are_what_the_tokenizer_makes_of_the_texts(tokenizer: Tokenizer, n: int) -> None:
    shown, codes = Shown.at_random(np.random.default_rng(n), 20, n, 7), Codes(tokenizer)
    prompts = codes.prompts(shown.points, shown.tours, shown.lengths)
    replies = codes.replies(shown.tours[:, 0])
    for place in range(20):
        known = list(zip(shown.tours[place].tolist(), shown.lengths[place].tolist()))[::-1]
        text = meta_prompt(shown.points[place].tolist(), known) + reply(known[-1][0])
        row = [*prompts[place], codes.reply, *replies[place]]
        assert tokenizer.encode(text).ids == row
        assert tokenizer.decode(row) == text


def test_no_prompt_falls_apart_into_bytes(tokenizer: Tokenizer) -> None:
    shown = Shown.at_random(np.random.default_rng(1), 50, 10, 10)
    known = {tokenizer.token_to_id(text) for text in [*wire.fixed(), *wire.rests()]}
    assert set(Codes(tokenizer).prompts(shown.points, shown.tours, shown.lengths).flatten().tolist()) <= known


def test_every_text_survives_the_tokenizer(tokenizer: Tokenizer) -> None:
    for text in [meta_prompt([[-200, 7], [3, 4]], [([0, 1], 77777.0)]), "naïve café 0,12,3", "(3): (1.5, 2)"]:
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_the_exact_optimum_is_the_best_of_all_tours() -> None:
    rng = np.random.default_rng(2)
    distance = salesman.distances(salesman.draw(rng, 20, 7))
    every = np.array([(0, *further) for further in itertools.permutations(range(1, 7))])
    shortest = salesman.lengths(distance, np.broadcast_to(every, (20, *every.shape))).min(1)
    tours, _ = Ways(distance).walk(rng, np.full(20, EXACT))
    assert salesman.lengths(distance, tours[:, None])[:, 0] == pytest.approx(shortest)


def test_regrets_say_how_much_longer_a_tour_becomes() -> None:
    rng = np.random.default_rng(3)
    distance = salesman.distances(salesman.draw(rng, 200, 8))
    ways = Ways(distance)
    exact, _ = ways.walk(rng, np.full(200, EXACT))
    strayed, regrets = ways.walk(rng, np.full(200, 50.0))
    paid = np.take_along_axis(regrets, strayed[:, 1:, None], 2).sum((1, 2))
    best, longer = (salesman.lengths(distance, tours[:, None])[:, 0] for tours in (exact, strayed))
    assert longer - best == pytest.approx(paid, abs=1e-2)
    assert (longer > best + 1).mean() > 0.5


def test_a_lesson_is_a_function_of_the_seed_and_names_the_neighbours() -> None:
    def drawn(seed: int) -> states.Lesson:
        rng = np.random.default_rng(seed)
        return lesson(rng, Shown.at_random(rng, 4, 6, 5), 30.0, 0)

    first, again, other = drawn(3), drawn(3), drawn(4)
    assert (first.tours == again.tours).all() and (first.shown.points != other.shown.points).any()
    assert (first.neighbours.sum(2) == 1).all() and (first.neighbours.sum(1) == 1).all()
    tour = first.tours[0, 0]
    assert first.neighbours[0, tour[2], tour[1]] == first.neighbours[0, tour[2], tour[3]] == 0.5


def test_a_disguise_keeps_the_lengths_and_point_0() -> None:
    rng = np.random.default_rng(5)
    shown = Shown.at_random(rng, 30, 10, 5)
    other = states.disguised(rng, shown)
    assert (other.points != shown.points).any() and (other.tours[..., 0] == 0).all()
    assert salesman.lengths(salesman.distances(other.points), other.tours) == pytest.approx(shown.lengths)


def test_the_table_counts_what_is_close_and_what_is_optimal() -> None:
    row = evaluate.line(10, 12, "model", [0.0, 4.0, 6.0, 2.0], 33.25)
    assert (row["within 5 %"], row["optimal"], row["median gap"], row["mean gap"]) == (3, 1, 3.0, 3.0)
    assert evaluate.printed(row).startswith("| 10 | 12 | model | 3.00 | ")
    assert evaluate.printed(row).endswith("| 1 of 4 | 33.2 |")
