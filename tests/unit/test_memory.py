"""A device whose memory is too small for the batches, played on a CPU by a model that refuses large ones."""

import numpy as np
import pytest
import torch
from feasible_al.config.blocks import Training
from feasible_al.core.errors import OutOfMemory
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import Device, Memory
from feasible_al.engine.optimiser import ClippedAdamW
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.models.architectures.text_cnn import TextCnn

FAST, PAPER = 8, None
WORDS = np.random.default_rng(0)
TEXTS = tuple(" ".join(f"w{w}" for w in WORDS.integers(0, 20, WORDS.integers(1, 9))) for _ in range(40))
DATA = Split(np.arange(40), TEXTS, WORDS.integers(0, 3, 40))
SETTINGS = Training(epochs=2, batch_size=16, minimum_steps=0, learning_rate=1e-2)


def device(tokens: int = 64) -> Device:
    return Device(torch.device("cpu"), "float32", micro_batch=FAST, prediction_tokens=tokens)


def fresh(dropout: float = 0.0):
    spec = TextCnn(kind="text_cnn", embedding_size=8, filters=6, widths=(2, 3), dropout=dropout)
    dataset = Dataset("classification", ("a", "b", "c"), DATA, DATA)
    recipe = spec.recipe(dataset, None, "models.cnn", None)
    return recipe.fresh(1, 0, torch.device("cpu"), plain=False), recipe.tokenize(DATA)


def refuse(model, when):
    """Let a model run out of memory after a forward pass that ``when`` says is too much."""
    forward = model.forward

    def limited(batch):
        logits = forward(batch)  # what it drew for dropout is drawn
        if when(batch):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore words.")
        return logits

    model.forward = limited
    return model


def fitted(when=None, micro_batch=FAST, dropout=0.0):
    """The gradients of every step, the losses, the model's parameters and what the memory recorded."""
    model, tokens = fresh(dropout)
    gradients, on = [], device()
    step = ClippedAdamW.step

    def seen(optimiser, rate):
        gradients.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
        step(optimiser, rate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClippedAdamW, "step", seen)
        result = train(
            model if when is None else refuse(model, when), tokens, DATA.targets, np.arange(40), SETTINGS, on,
            seed=1, point=0, micro_batch=micro_batch,
        )  # fmt: skip
    assert all(p.grad is None for p in model.parameters())
    values = torch.cat([p.detach().flatten() for p in model.parameters()])
    return gradients, result.losses, values, on.memory.take()


def larger_than(limit):
    return lambda batch: len(batch.ids) > limit


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_fit_in_smaller_pieces_is_the_fit_that_had_them_from_the_start(dropout):
    gradients, losses, values, record = fitted(larger_than(2), dropout=dropout)
    expected, expected_losses, expected_values, none = fitted(micro_batch=2, dropout=dropout)
    assert len(gradients) == len(expected) == 6
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(gradients, expected, strict=True))
    assert (losses == expected_losses).all()
    assert torch.equal(values, expected_values)
    assert record == {"times": 2, "smallest": 2}  # 8, 4, and then 2 to the end
    assert none == {"times": 0, "smallest": None}


@pytest.mark.parametrize("micro_batch", [FAST, PAPER], ids=["fast", "paper"])
def test_gradients_are_those_of_the_whole_batch(micro_batch):
    gradients, losses, values, record = fitted(larger_than(3), micro_batch)
    expected, expected_losses, expected_values, _ = fitted(None, PAPER)
    for ours, theirs in zip(gradients, expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert losses == pytest.approx(expected_losses, rel=1e-5)
    assert torch.allclose(values, expected_values, atol=1e-4)
    assert record["smallest"] == 2


def test_a_step_that_fails_in_its_second_piece_counts_the_first_once():
    calls = []

    def fourth(batch):
        calls.append(len(batch.ids))
        return len(calls) == 4

    gradients, losses, _, record = fitted(fourth)
    expected, expected_losses, _, _ = fitted()
    assert calls[:10] == [8, 8, 8, 8, 4, 4, 4, 4, 4, 4]
    for ours, theirs in zip(gradients[:3], expected[:3], strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert losses == pytest.approx(expected_losses, rel=1e-4)
    assert record == {"times": 1, "smallest": 4}


@pytest.mark.parametrize("fast", [True, False])
def test_prediction_in_smaller_batches_says_the_same(fast):
    model, tokens = fresh()
    rows = WORDS.permutation(40)
    expected = predict(model, tokens, rows, device(), fast=fast)
    on, sizes = device(), []

    def three(batch):
        sizes.append(len(batch.ids))
        return len(batch.ids) > 3

    found = predict(refuse(model, three), tokens, rows, on, fast=fast)
    for name in ("log_proba", "labels", "label_log_proba", "offsets"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-6), name
    record = on.memory.take()
    assert record["smallest"] <= 3
    assert record["times"] == sum(size > 3 for size in sizes)
    assert sum(size for size in sizes if size <= 3) == 40


def test_one_instance_that_does_not_fit_is_an_error_for_people():
    with pytest.raises(OutOfMemory, match=r"one instance alone .* \(CUDA out of memory\. .* 2 GiB\.\)$"):
        fitted(larger_than(0))
    model, tokens = fresh()
    with pytest.raises(OutOfMemory, match="one instance alone"):
        predict(refuse(model, larger_than(0)), tokens, np.arange(9), device(), fast=True)


def test_halves_are_rounded_up_and_the_record_starts_anew():
    memory, asked = Memory(), []

    def work(size):
        asked.append(size)
        if size > 2:
            raise torch.OutOfMemoryError("full")
        return "done"

    assert memory.in_parts(work, 7) == ("done", 2)
    assert asked == [7, 4, 2]
    assert memory.take() == {"times": 2, "smallest": 2}
    assert memory.take() == {"times": 0, "smallest": None}
    with pytest.raises(ValueError, match="other"):
        memory.in_parts(lambda _: (_ for _ in ()).throw(ValueError("other")), 4)


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_what_cannot_be_cut_is_tried_once_more(failures):
    memory, left = Memory(), [failures]

    def work() -> str:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory.\nMore words.")
        return "done"

    if failures == 2:
        with pytest.raises(OutOfMemory, match=r"^the model does not fit .* \(CUDA out of memory\.\)$"):
            memory.whole(work)
    else:
        assert memory.whole(work) == "done"
    assert memory.take()["times"] == min(failures, 1)


def test_weights_that_do_not_fit_twice_are_an_error_for_people():
    """Prediction casts all weights first, which is no batch that could be cut."""
    model, tokens = fresh()
    model.frozen = lambda _: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory."))
    with pytest.raises(OutOfMemory, match="the model does not fit"):
        predict(model, tokens, np.arange(4), device(), fast=True)
