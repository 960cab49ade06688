"""Tests of the training of the model for tours. None needs its weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from llama import Llama, Shape
from tours import embeddings, play, train, wire
from tours.play import PROPOSALS, Player
from tours.states import Shown, lesson
from tours.wire import Codes

SMALL = {"width": 32, "layers": 2, "heads": 2, "hidden": 48}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return wire.build(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


@pytest.fixture
def player(tokenizer: Tokenizer) -> Player:
    torch.manual_seed(0)
    model = Llama(Shape(vocabulary=tokenizer.get_vocab_size(), **SMALL))
    embeddings.begin(model.embedding.weight.data, tokenizer, torch.Generator().manual_seed(0))
    return Player(model, Codes(tokenizer))


@torch.no_grad()
def test_a_proposal_is_read_from_the_prompt_and_its_own_beginning(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The i-th proposal of a row takes its i-th likeliest point at every step.
    ranks = torch.arange(6)
    monkeypatch.setattr(play, "draw", lambda logits, _: logits.topk(6).indices[:, ranks, ranks])
    shown = Shown.at_random(np.random.default_rng(0), 3, 6, 4)
    tours = player.propose(shown, torch.Generator(), proposals=6)
    prompts = player.codes.prompts(shown.points, shown.tours, shown.lengths)
    for prompt, proposals in zip(prompts, tours):
        for rank, tour in enumerate(proposals):
            row = torch.tensor([*prompt, player.codes.reply, *player.codes.nodes[tour[1:-1]]])
            states = player.model.hidden_states(player.model.embedding(row)[None])[0, -5:]
            likely = player.model.logits(states)[:, player.nodes[:6]].topk(6).indices[:, rank]
            assert tour[1:].tolist() == likely.tolist()


def test_a_search_ends_with_the_optimal_tour(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    games = play.begin(np.random.default_rng(1), 3, 7)
    assert all(len(game.known) == 5 and game.gap >= 0 for game in games)

    def propose_optimum(shown: Shown, generator: torch.Generator) -> np.ndarray:
        taught = lesson(np.random.default_rng(0), shown, 1.0, 0)
        return np.repeat(taught.tours[:, :1], PROPOSALS, 1)

    monkeypatch.setattr(player, "propose", propose_optimum)
    player.step(games, torch.Generator())
    assert all(game.is_solved for game in games)


def test_a_tour_that_misses_a_point_is_no_tour() -> None:
    game = play.begin(np.random.default_rng(1), 1, 5)[0]
    before = dict(game.known)
    game.look(np.array([[0, 1, 2, 3, 3], [0, 1, 1, 2, 4]]))
    assert game.known == before


def test_near_coordinates_begin_near_each_other(player: Player) -> None:
    rows = player.model.embedding.weight[torch.from_numpy(player.codes.first)]
    near = (rows[1:] - rows[:-1]).norm(dim=1).mean()
    far = (rows[60:] - rows[:-60]).norm(dim=1).mean()
    assert near < 0.5 * far


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = {0: 8, 5: 4, 10: 4}
    values = {"SHAPE": SMALL, "STEPS": 3, "BATCHES": batches, "GAMES": (4, 12), "GAME_STEPS": 2, "EARLY_TOURS": 0.5}
    for name, value in values.items():
        monkeypatch.setattr(train, name, value)


class KilledError(Exception):
    """Ends a training as a kill would."""


def begun(out: Path, resume: bool = False) -> train.Trainer:
    out.mkdir(exist_ok=True)
    wire.build(out / "tokenizer.json")
    return train.Trainer(train.Settings(out, rounds=2, seed=0, resume=resume, plain=True))


def test_a_resumed_training_is_an_uninterrupted_one(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = begun(tmp_path / "whole")
    whole.run()
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(train.Trainer, "_print", lambda *_: (_ for _ in ()).throw(KilledError))
        begun(tmp_path / "parts").run()
    parts = begun(tmp_path / "parts", resume=True)
    assert parts.round == 1
    parts.run()
    assert (whole.round, whole.tokens) == (parts.round, parts.tokens)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, parts.model.state_dict()[name]), name


def test_the_second_reply_does_not_see_the_first() -> None:
    positions, mask = train.places(20 + 2 * 5 + 1, 20, 5, 3)
    start = 9
    assert positions[0, :start].tolist() == list(range(start))
    assert positions[0, start:21].tolist() == list(range(start + 21, 42))
    assert positions[0, 21:26].tolist() == positions[0, 26:31].tolist() == list(range(42, 47))
    assert mask[0, 0, 26, :21].all() and not mask[0, 0, 26:, 21:26].any() and mask[0, 0, 30, 26:31].all()
    assert not mask[0, 0].triu(1).any()


def test_the_loss_is_of_replies_and_of_neighbours(tmp_path: Path, quick: None) -> None:
    trainer = begun(tmp_path)
    rng = np.random.default_rng(0)
    taught = lesson(rng, Shown.at_random(rng, 4, 10, 5), 30.0, 0)
    assert all(loss > 0 for loss in trainer.losses(taught))
    with torch.no_grad():
        trainer.model.embedding.weight.zero_()
    # Without knowledge every token is as likely as any other: twelve of a reply, counted as eleven.
    replies, neighbours, looked_up = (loss.item() for loss in trainer.losses(taught))
    assert replies == pytest.approx(12 / 11 * np.log(trainer.model.shape.vocabulary), rel=1e-5)
    assert neighbours == pytest.approx(np.log(10), rel=1e-5)
    assert looked_up == pytest.approx((np.log(10) + 3 * np.log(201)) / 4, rel=1e-5)
