"""The training and prediction loops against slow, obvious ones."""

import numpy as np
import pytest
import torch
from feasible_al.config.blocks import Training
from feasible_al.config.models import ScratchWeights
from feasible_al.core.errors import NonFiniteLoss
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import Device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.predict import predict
from feasible_al.engine.schedule import batches, learning_rate_factor, schedule_of, schedule_of_steps
from feasible_al.engine.tokens import Tokens, gather, ranges
from feasible_al.engine.train import train
from feasible_al.models.architectures.text_cnn import TextCnn
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.layers import WindowConvolution
from feasible_al.models.pretrained import ScratchRecipe
from torch import nn

CPU = Device(torch.device("cpu"), "float32", micro_batch=3, prediction_tokens=40)
FAST, PAPER = {"micro_batch": 3}, {"micro_batch": None}


def split(task: str, n: int = 24) -> Split:
    rng = np.random.default_rng(0)
    words = [[f"w{w}" for w in rng.integers(0, 30, rng.integers(1, 12))] for _ in range(n)]
    texts = (
        tuple(" ".join(ws) for ws in words) if task == "classification" else tuple(tuple(ws) for ws in words)
    )
    units = n if task == "classification" else sum(map(len, words))
    return Split(np.arange(n), texts, rng.integers(0, 3, units))


def recipe(kind: str, task: str, data: Split):
    if kind == "cnn":
        spec = TextCnn(kind="text_cnn", embedding_size=8, filters=6, widths=(2, 3), dropout=0)
        return spec.recipe(Dataset(task, ("a", "b", "c"), data, data), None, "models.cnn", None)
    weights = ScratchWeights(kind="scratch", layers=2, hidden_size=16, heads=2)
    return ScratchRecipe(weights, DropoutRates(0.0, None), task, 3, data, None)


def literal_fit(
    model: nn.Module, tokens: Tokens, targets: np.ndarray, steps: list[np.ndarray], rates: list[float]
):
    """One instance at a time, unpadded; AdamW by its textbook definition in float64 state."""
    losses = []
    state = {
        p: (torch.zeros_like(p, dtype=torch.float64), torch.zeros_like(p, dtype=torch.float64))
        for p in model.parameters()
    }
    model.train()
    for number, (rows, rate) in enumerate(zip(steps, rates, strict=True), start=1):
        model.zero_grad()
        units = sum(tokens.units[row] for row in rows)
        total = 0.0
        for row in rows:
            batch = gather(tokens, np.array([row]), torch.device("cpu"), targets)
            loss = nn.functional.cross_entropy(model(batch), batch.labels, reduction="sum") / units
            loss.backward()
            total += loss.item()
        losses.append(total)
        norm = sum((p.grad.double() ** 2).sum() for p in model.parameters() if p.grad is not None) ** 0.5
        scale = min(1.0, 1.0 / (norm.item() + 1e-6))
        with torch.no_grad():
            for p, (m, v) in state.items():
                if p.grad is None:
                    continue
                g = p.grad.double() * scale
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.999).add_(0.001 * g * g)
                decay = 0.01 if p.dim() > 1 else 0.0
                step = (m / (1 - 0.9**number)) / ((v / (1 - 0.999**number)).sqrt() + 1e-8)
                p.copy_(p.double() * (1 - rate * decay) - rate * step)
    return np.array(losses)


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("kind", ["cnn", "encoder"])
@pytest.mark.parametrize("mode", [FAST, PAPER], ids=["fast", "paper"])
def test_training_equals_one_instance_at_a_time(kind, task, mode):
    data = split(task)
    made = recipe(kind, task, data)
    tokens = made.tokenize(data)
    settings = Training(epochs=1, batch_size=8, minimum_steps=0, learning_rate=1e-3)
    rows = np.arange(24)
    fitted = made.fresh(1, 2, CPU.torch, plain=False)
    result = train(fitted, tokens, data.targets, rows, settings, CPU, seed=1, point=2, **mode)
    fit = schedule_of(24, settings)
    slow = made.fresh(1, 2, CPU.torch, plain=False)
    rates = [
        settings.learning_rate * learning_rate_factor(step, fit.steps, settings) for step in range(fit.steps)
    ]
    losses = literal_fit(slow, tokens, data.targets, batches(rows, fit, 1, 2), rates)
    assert result.losses == pytest.approx(losses, rel=1e-5)
    for (name, a), b in zip(fitted.named_parameters(), slow.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-6), name


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("kind", ["cnn", "encoder"])
def test_fast_and_paper_mode_give_the_same_losses_and_probabilities(kind, task):
    data = split(task)
    made = recipe(kind, task, data)
    tokens = made.tokenize(data)
    settings = Training(epochs=3, batch_size=5, minimum_steps=0, learning_rate=2e-3)
    outcomes = []
    for mode in (FAST, PAPER):
        model = made.fresh(4, 0, CPU.torch, plain=False)
        losses = train(
            model, tokens, data.targets, np.arange(20), settings, CPU, seed=4, point=0, **mode
        ).losses
        rows = np.array([23, 2, 11, 20, 7, 22])
        outcomes.append((losses, predict(model, tokens, rows, CPU, fast=mode is FAST)))
    (fast_losses, fast), (paper_losses, paper) = outcomes
    assert fast_losses == pytest.approx(paper_losses, rel=1e-4)
    assert fast.log_proba == pytest.approx(paper.log_proba, abs=1e-4)
    assert (fast.offsets == paper.offsets).all()


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("kind", ["cnn", "encoder"])
@pytest.mark.parametrize("fast", [True, False])
def test_prediction_equals_one_instance_at_a_time_whatever_the_order(kind, task, fast):
    data = split(task)
    made = recipe(kind, task, data)
    tokens = made.tokenize(data)
    model = made.fresh(0, 0, CPU.torch, plain=False).eval()
    rows = np.random.default_rng(1).permutation(24)
    found = predict(model, tokens, rows, CPU, fast=fast)
    log_proba, offsets = found.log_proba, found.offsets
    for place, row in enumerate(rows):
        with torch.inference_mode():
            alone = model(gather(tokens, np.array([row]), CPU.torch)).log_softmax(-1).numpy()
        assert log_proba[offsets[place] : offsets[place + 1]] == pytest.approx(alone, abs=1e-5)
    assert np.exp(log_proba).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (found.labels == log_proba.argmax(axis=1)).all()
    assert (found.label_log_proba == log_proba.max(axis=1)).all()


def test_the_same_fit_is_the_same_to_the_bit_and_depends_on_seed_and_point():
    data = split("classification")
    made = recipe("encoder", "classification", data)
    tokens = made.tokenize(data)
    settings = Training(epochs=2, minimum_steps=0)

    def losses(seed: int, point: int) -> list[float]:
        model = made.fresh(seed, point, CPU.torch, plain=False)
        return train(
            model, tokens, data.targets, np.arange(20), settings, CPU, seed=seed, point=point, **FAST
        ).losses.tolist()

    assert losses(1, 1) == losses(1, 1)
    assert losses(1, 1) != losses(1, 2)
    assert losses(1, 1) != losses(2, 1)


def test_training_leaves_the_global_generator_alone():
    data = split("classification")
    made = recipe("cnn", "classification", data)
    tokens = made.tokenize(data)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model = made.fresh(0, 0, CPU.torch, plain=False)
    train(model, tokens, data.targets, np.arange(9), Training(minimum_steps=0), CPU, seed=0, point=0, **FAST)
    assert (torch.rand(3) == expected).all()


@pytest.mark.parametrize("mode", [FAST, PAPER], ids=["fast", "paper"])
def test_a_weight_of_two_counts_as_two_copies(mode):
    """One batch in which an instance has weight 2, and one in which it occurs twice."""
    data = split("tagging", 6)
    made = recipe("cnn", "tagging", data)
    tokens = made.tokenize(data)
    settings = Training(epochs=1, batch_size=8, minimum_steps=0, learning_rate=1e-2, schedule="constant")
    weights = np.ones(6, dtype=np.float32)
    weights[4] = 2
    outcomes = []
    for rows, used in ((np.arange(6), weights), (np.array([0, 1, 2, 3, 4, 4, 5]), None)):
        model = made.fresh(1, 0, CPU.torch, plain=False)
        result = train(
            model, tokens, data.targets, rows, settings, CPU, seed=1, point=0, weights=used, **mode
        )
        outcomes.append((result.losses, [p.detach().numpy() for p in model.parameters()]))
    assert outcomes[0][0] == pytest.approx(outcomes[1][0], rel=1e-5)
    for ours, theirs in zip(outcomes[0][1], outcomes[1][1], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_certain_soft_targets_are_hard_ones():
    data = split("classification")
    made = recipe("cnn", "classification", data)
    tokens = made.tokenize(data)
    settings = Training(epochs=2, batch_size=8, minimum_steps=0, learning_rate=1e-2)
    losses = [
        train(
            made.fresh(1, 0, CPU.torch, plain=False), tokens, targets, np.arange(24), settings, CPU,
            seed=1, point=0, **FAST,
        ).losses
        for targets in (data.targets, np.eye(3, dtype=np.float32)[data.targets])
    ]  # fmt: skip
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_plan_of_steps_ends_where_it_says():
    settings = Training(batch_size=16, minimum_steps=0)
    for instances, steps in ((40, 100), (16, 5), (3, 7)):
        fit = schedule_of_steps(instances, steps, settings)
        cut = batches(np.arange(instances), fit, 0, 0)
        assert len(cut) == fit.steps == steps
        assert max(map(len, cut)) == min(16, instances)
        seen = np.bincount(np.concatenate(cut), minlength=instances)
        assert seen.max() - seen.min() <= 1


def test_a_loss_that_is_not_finite_names_step_and_rate():
    class Broken(UnitModel):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1, 3))

        def forward(self, batch):
            return self.weight.expand(len(batch.ids), 3) * float("nan")

    tokens = Tokens.from_rows([[1, 2]] * 8, [[0]] * 8, 0)
    settings = Training(epochs=1, batch_size=4, minimum_steps=0, learning_rate=0.5, schedule="constant")
    with pytest.raises(NonFiniteLoss, match=r"step 1 of 2, learning rate 0\.5"):
        train(
            Broken(), tokens, np.zeros(8, int), np.arange(8), settings, CPU, seed=0, point=0, micro_batch=None
        )


def test_converged_means_better_than_the_best_constant_prediction():
    data = split("classification")
    made = recipe("cnn", "classification", data)
    tokens = made.tokenize(data)

    def converged(rate: float) -> bool:
        settings = Training(epochs=30, minimum_steps=0, learning_rate=rate)
        model = made.fresh(0, 0, CPU.torch, plain=False)
        return train(
            model, tokens, data.targets, np.arange(24), settings, CPU, seed=0, point=0, **FAST
        ).converged

    assert converged(1e-2)
    assert not converged(1e-9)


def test_gathered_batches_by_brute_force():
    rows = [[5, 6, 7], [8], [9, 10]]
    tokens = Tokens.from_rows(rows, [[0, 2], [0], [1]], pad=0)
    batch = gather(tokens, np.array([2, 0]), torch.device("cpu"), np.array([10, 11, 12, 13]))
    assert batch.ids.tolist() == [[9, 10, 0], [5, 6, 7]]
    assert batch.mask.tolist() == [[True, True, False], [True, True, True]]
    assert batch.unit_rows.tolist() == [0, 1, 1]
    assert batch.unit_positions.tolist() == [1, 0, 2]
    assert batch.targets.tolist() == [13, 10, 11]
    assert gather(tokens, np.array([1]), torch.device("cpu")).mask is None


def test_ranges_by_brute_force():
    offsets = np.array([0, 3, 3, 5, 9])
    rows = np.array([3, 1, 0])
    assert ranges(offsets, rows).tolist() == [5, 6, 7, 8, 0, 1, 2]
    assert ranges(offsets, np.array([1])).tolist() == []


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_window_convolution_is_a_same_padded_convolution(width):
    ours = WindowConvolution(4, 6, width)
    theirs = nn.Conv1d(4, 6, width)
    with torch.no_grad():
        theirs.weight.copy_(ours.linear.weight.view(6, 4, width))
        theirs.bias.copy_(ours.linear.bias)
    words = torch.randn(2, 7, 4)
    padded = nn.functional.pad(words.transpose(1, 2), ((width - 1) // 2, width // 2))
    assert torch.allclose(ours(words), theirs(padded).transpose(1, 2), atol=1e-5)
