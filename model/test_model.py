"""Tests of the training code and the export. None needs the trained weights."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import export
import inference
import prompts
import schedule
import steer
import train
import wording
from batches import ROUND, Source
from llama import Llama, Shape
from muon import orthogonalised

SMALL = {"width": 32, "layers": 2, "heads": 2, "hidden": 48}


def test_directions_are_orthonormal() -> None:
    rows = steer.directions(64)
    assert torch.allclose(rows @ rows.T, torch.eye(sum(wording.OPTIONS)), atol=1e-5)


def test_labels_follow_a_strong_direction() -> None:
    rows = steer.directions(64)
    wanted = wording.Wording(3, 1, 6, 4)
    starts = [0, 6, 12, 24]
    prefix = sum(rows[start + option] for start, option in zip(starts, wanted)).expand(1, steer.SOFT_TOKENS, 64)
    assert steer.labels(rows, prefix).tolist() == [list(wanted)]


def test_rounds_are_a_function_of_seed_process_and_index(tokenizer: inference.Tokenizer) -> None:
    first, again = (Source(tokenizer, 32, 0, 0).follower_round(3) for _ in range(2))
    other = Source(tokenizer, 32, 0, 1).follower_round(3)
    assert [e.tokens for batch in first for e in batch] == [e.tokens for batch in again for e in batch]
    assert [e.tokens for batch in first for e in batch] != [e.tokens for batch in other for e in batch]
    assert len(Source(tokenizer, 32, 0, 0).generator_round(0, 0.6)) == ROUND
    for _, tasks in schedule.GENERATOR_TASKS:
        assert len(Source(tokenizer, 32, 0, 0).generator_round(0, 1.0, tasks)) == ROUND
    assert len(Source(tokenizer, 32, 0, 0).opro_round(0)) == ROUND


@pytest.fixture
def settings(tokenizer_file: Path, tmp_path: Path) -> train.Settings:
    shutil.copy(tokenizer_file, tmp_path / "tokenizer.json")
    return train.Settings(tmp_path, tokens=3e5, minutes=None, processes=1, device="cpu", seed=0, resume=False)


def weights(trainer: train.Trainer) -> torch.Tensor:
    return torch.cat([parameter.detach().view(-1) for parameter in trainer.model.parameters()])


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(settings: train.Settings) -> None:
    unbroken = train.Trainer(settings, 0)
    unbroken.advance()
    unbroken.save()
    resumed = train.Trainer(replace(settings, resume=True), 0)
    for trainer in (unbroken, resumed):
        trainer.advance()
    assert resumed.step == unbroken.step == 2 and resumed.progress == unbroken.progress > 0
    assert torch.equal(weights(resumed), weights(unbroken))


def test_one_process_learns_what_two_learn_together(settings: train.Settings) -> None:
    alone = train.Trainer(settings, 0)
    together = [train.Trainer(replace(settings, processes=2), process) for process in range(2)]
    for trainer in (alone, *together):
        trainer.rounds = [trainer.round(source) for source in trainer.sources]
    tokens, losses = alone.learn(0)
    theirs = [trainer.learn(0) for trainer in together]
    assert tokens == sum(count for count, _ in theirs)
    assert losses == pytest.approx([sum(pair) / 2 for pair in zip(*(row for _, row in theirs))], rel=1e-5)
    for mean, *parts in zip(alone.optimiser.parameters, *(trainer.optimiser.parameters for trainer in together)):
        assert torch.allclose(mean.grad, (parts[0].grad + parts[1].grad) / 2, atol=1e-5)


def test_muon_steps_are_nearly_orthogonal() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalised(torch.randn(2, 24, 48)))
    assert values.min() > 0.5 and values.max() < 1.5


@pytest.fixture(scope="module")
def exported(tokenizer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Llama, Path]:
    torch.manual_seed(0)
    vocabulary = inference.Tokenizer.from_file(str(tokenizer_file)).get_vocab_size()
    model = Llama(Shape(vocabulary=vocabulary, **SMALL)).eval()
    folder = tmp_path_factory.mktemp("exported")
    export.export(model, tokenizer_file, folder)
    return model, folder


def test_exported_model_is_the_one_transformers_loads(exported: tuple[Llama, Path]) -> None:
    transformers = pytest.importorskip("transformers")
    model, folder = exported
    theirs = transformers.LlamaForCausalLM.from_pretrained(folder).eval()
    tokens = torch.randint(0, model.shape.vocabulary, (2, 40))
    with torch.no_grad():
        ours = model.logits(model.hidden_states(model.embedding(tokens)))
        assert (theirs(tokens).logits - ours).abs().max() < 1e-4


def test_generating_in_a_batch_equals_generating_alone(exported: tuple[Llama, Path]) -> None:
    speaker = inference.Speaker(exported[1])
    texts = ["Input: a\nOutput:", "Instruction: write it.\n\nInput: house\nOutput:"]
    assert speaker.write(texts) == [speaker.write([text])[0] for text in texts]


def test_judging_replies_in_one_pass_agrees_with_generating_them(
    exported: tuple[Llama, Path], tokenizer_file: Path, tmp_path: Path
) -> None:
    """On a model that has learned a few replies by heart."""
    model, _ = exported
    pairs = [
        (prompts.follower_prompt("write it.", word), word[0] * (place % 3 + 1)) for place, word in enumerate("abcd")
    ]
    model = Llama(model.shape)
    speaker = inference.Speaker(exported[1])
    encoded = [speaker.tokenizer.encode(f"{prompt} {reply}").ids + [speaker.end] for prompt, reply in pairs]
    tokens = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids) for ids in encoded], True, padding_value=speaker.end)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(80):
        logits = model.logits(model.hidden_states(model.embedding(tokens)))
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    export.export(model.eval(), tokenizer_file, tmp_path)
    speaker = inference.Speaker(tmp_path)
    written = speaker.write([prompt for prompt, _ in pairs])
    for wanted in ([reply for _, reply in pairs], ["a"] * 4, ["aa"] * 4):
        asked = [(prompt, reply) for (prompt, _), reply in zip(pairs, wanted)]
        assert speaker.replies_right(asked) == [text == reply for text, reply in zip(written, wanted)]
    assert any(text == reply for text, (_, reply) in zip(written, pairs))
