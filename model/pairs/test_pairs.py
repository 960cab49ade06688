"""Tests of the training of the model for pairs. None needs its weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from llama import Llama, Shape
from pairs import embeddings, play, states, train, wire
from pairs.line import LOW, Line
from pairs.play import NUMBERS, PROPOSALS, Player, padded

SMALL = {"width": 32, "layers": 2, "heads": 2, "hidden": 48}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return wire.build(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json", NUMBERS)


@pytest.fixture
def player(tokenizer: Tokenizer) -> Player:
    torch.manual_seed(0)
    model = Llama(Shape(vocabulary=tokenizer.get_vocab_size(), **SMALL))
    embeddings.begin(model.embedding.weight.data, tokenizer, torch.Generator().manual_seed(0))
    return Player(model, tokenizer)


def test_a_proposal_is_read_from_the_prompt_and_its_own_beginning(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    prompts = [states.made_up(rng).prompt for _ in range(4)]
    # The i-th draw of a row is its i-th likeliest number.
    monkeypatch.setattr(play, "draw", lambda logits, count, _: logits.topk(count).indices)
    for prompt, pairs in zip(prompts, player.propose(prompts, torch.Generator())):
        likely = ranked(player, prompt)[player.first].topk(PROPOSALS).indices + LOW
        assert [w for w, _ in pairs] == likely.tolist()
        for w, b in pairs[:3]:
            assert b == ranked(player, f"{prompt} [{w}")[player.second].argmax() + LOW


@torch.no_grad()
def ranked(player: Player, text: str) -> torch.Tensor:
    """The logits behind a text, read as one sequence."""
    tokens = torch.tensor([player.tokenizer.encode(text).ids])
    return player.model.logits(player.model.hidden_states(player.model.embedding(tokens))[0, -1])


def test_a_search_ends_with_the_true_pair(player: Player) -> None:
    lines = [Line.draw(np.random.default_rng(seed)) for seed in range(3)]

    def propose_truth(prompts: list[str], generator: torch.Generator) -> list[list[tuple[int, int]]]:
        return [[next(line.truth for line in lines if line.meta_prompt() == prompt)] for prompt in prompts]

    player.propose = propose_truth
    visited, solved = player.play(lines, 3, torch.Generator())
    assert len(visited) == 3 and solved == [3, 3, 3]
    assert not any(line.is_solved for line in visited)


def test_near_numbers_begin_near_each_other(player: Player) -> None:
    rows = player.model.embedding.weight[player.first]
    near = (rows[1:] - rows[:-1]).norm(dim=1).mean()
    far = (rows[20:] - rows[:-20]).norm(dim=1).mean()
    assert near < 0.8 * far


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SHAPE": SMALL, "STEPS": 4, "SORTED": 2, "BATCH": 8, "GAMES": 3, "GAME_STEPS": 2}.items():
        monkeypatch.setattr(train, name, value)


class KilledError(Exception):
    """Ends a training as a kill would."""


def begun(out: Path, resume: bool = False) -> train.Trainer:
    out.mkdir(exist_ok=True)
    wire.build(out / "tokenizer.json", NUMBERS)
    return train.Trainer(train.Settings(out, rounds=2, seed=0, resume=resume))


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


def test_the_loss_is_of_replies_and_of_pairs_before_others(tmp_path: Path, quick: None) -> None:
    trainer = begun(tmp_path)
    rng = np.random.default_rng(0)
    tokens, lengths = padded(trainer.batches(rng, [Line.draw(rng)])[0])
    assert trainer.loss(tokens, lengths) > 0
    with torch.no_grad():
        trainer.model.embedding.weight.zero_()
    # Without knowledge every token is as likely as any other.
    expected = (1 + train.EARLY) * np.log(trainer.model.shape.vocabulary)
    assert trainer.loss(tokens, lengths).item() == pytest.approx(expected, rel=1e-5)
