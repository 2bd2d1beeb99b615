"""Self-influence against formulas and slow gradients, and the checkpoints that it is measured at."""

import copy

import numpy as np
import pytest
import torch
from feasible_al.config.blocks import Training
from feasible_al.config.models import Head, RandomVectors, ScratchWeights
from feasible_al.data.types import Dataset
from feasible_al.engine.influence import self_influence
from feasible_al.engine.schedule import schedule_of_steps
from feasible_al.engine.tokens import Tokens, gather
from feasible_al.engine.train import train
from feasible_al.models.architectures.text_cnn import TextCnn
from feasible_al.models.cnn_bilstm_crf import CnnBilstmCrfRecipe, Sizes
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.features import Features, layout
from feasible_al.models.frozen import HeadRecipe
from feasible_al.models.head import HeadLayers
from feasible_al.models.headed import HeadAlone
from feasible_al.models.pretrained import ScratchRecipe
from torch import nn

from tests.unit.test_engine import CPU, split

LABELS = ("O", "B-X", "I-X")
KINDS = [("cnn", "classification"), ("cnn", "tagging"), ("encoder", "classification"), ("encoder", "tagging")]
KINDS += [("frozen", "classification"), ("frozen", "tagging"), ("crf", "tagging")]


def recipe_of(kind: str, task: str, data):
    """A recipe of each kind of model, all with dropout."""
    dataset = Dataset(task, LABELS, data, data)
    if kind == "cnn":
        spec = TextCnn(kind="text_cnn", embedding_size=8, filters=6, widths=(2, 3), dropout=0.5)
        return spec.recipe(dataset, None, "models.cnn", None)
    if kind == "crf":
        return CnnBilstmCrfRecipe(
            Sizes(4, 3, (2, 3), 5, 6, 0.5), RandomVectors(kind="random", size=7), 3, data, None, "models.crf"
        )
    weights = ScratchWeights(kind="scratch", layers=2, hidden_size=16, heads=2)
    whole = ScratchRecipe(weights, DropoutRates(0.3, 0.5), task, 3, data, None)
    if kind == "encoder":
        return whole
    rows = layout(whole.tokenize(data), 0, pooled=True)
    states = torch.randn(len(rows.ids), 10, generator=torch.Generator().manual_seed(0))
    features = Features(states, {"train": rows, "test": rows}, pooled=True)
    return HeadRecipe(features, 0.5, dataset, Head(hidden=9))


def parameters(model: nn.Module) -> dict[str, torch.Tensor]:
    return copy.deepcopy(model.state_dict())


def slow(model: nn.Module, tokens: Tokens, targets: np.ndarray, row: int) -> float:
    """The squared norm of the gradient of one instance's mean loss, by ``backward``."""
    model.eval().zero_grad()
    batch = gather(tokens, np.array([row]), CPU.torch, targets)
    model.loss(model(batch), batch).mean().backward()
    return sum(float(p.grad.double().square().sum()) for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_self_influence_is_the_mean_squared_gradient_of_an_instance_alone(kind, task):
    data = split(task)
    made = recipe_of(kind, task, data)
    tokens = made.tokenize(data)
    models = [made.fresh(seed, 0, CPU.torch, plain=False) for seed in (1, 2)]
    rows = np.array([7, 3, 0, 22])
    found = self_influence(
        models[1], [parameters(model) for model in models], tokens, data.targets, rows, CPU
    )
    # Whole encoders are packed; the slow gradient is that of the library's own forward pass.
    plain = [made.fresh(seed, 0, CPU.torch, plain=True) for seed in (1, 2)]
    for place, row in enumerate(rows):
        expected = np.mean([slow(model, tokens, data.targets, row) for model in plain]) / tokens.units[row]
        assert found[place] == pytest.approx(expected, rel=1e-3), row
    assert np.isfinite(found).all()
    assert len({*found.tolist()}) == len(rows)


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_gradients_of_an_encoder_are_those_of_torch_func(task):
    data = split(task)
    made = recipe_of("encoder", task, data)
    tokens = made.tokenize(data)
    model = made.fresh(3, 0, CPU.torch, plain=True).eval()
    weights = dict(model.named_parameters())
    found = self_influence(model, [parameters(model)], tokens, data.targets, np.arange(5), CPU)
    for row in range(5):
        batch = gather(tokens, np.array([row]), CPU.torch, data.targets)

        def loss(weights, batch=batch):
            logits = torch.func.functional_call(model, weights, (batch,))
            return nn.functional.cross_entropy(logits, batch.labels)

        gradients = torch.func.grad(loss)({name: weight.detach() for name, weight in weights.items()})
        expected = sum(float(gradient.square().sum()) for gradient in gradients.values()) / tokens.units[row]
        assert found[row] == pytest.approx(expected, rel=1e-3)


def head(seed: int, states: torch.Tensor) -> HeadAlone:
    """A linear head over stored states: softmax regression, with dropout."""
    torch.manual_seed(seed)
    return HeadAlone(states, HeadLayers(states.shape[1], None, 3, 0.5))


def probabilities(model: HeadAlone, x: np.ndarray) -> np.ndarray:
    weight, bias = (p.detach().numpy().astype(float) for p in model.classifier.output.parameters())
    odds = np.exp(x @ weight.T + bias)
    return odds / odds.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("soft", [False, True])
def test_softmax_regression_by_its_formula(soft):
    """||g||^2 = ||p - y||^2 (||x||^2 + 1), averaged over two checkpoints."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(6, 4)).astype(np.float32)
    y = generator.dirichlet(np.ones(3), 6).astype(np.float32) if soft else np.eye(3)[[0, 2, 1, 1, 0, 2]]
    targets = y if soft else y.argmax(axis=1)
    tokens = Tokens.from_rows([[row] for row in range(6)], [[0]] * 6, 0)
    first, last = (head(seed, torch.from_numpy(x)) for seed in (1, 2))
    found = self_influence(
        last, [parameters(first), parameters(last)], tokens, targets, np.array([5, 0, 2]), CPU
    )
    by_hand = 0.0
    for model in (first, last):
        by_hand = by_hand + ((probabilities(model, x) - y) ** 2).sum(axis=1) * ((x**2).sum(axis=1) + 1) / 2
    assert found == pytest.approx(by_hand[[5, 0, 2]], rel=1e-5)
    assert found.dtype == np.float32


def test_a_sentences_gradient_is_that_of_its_mean_loss_and_counts_per_word():
    """A sentence of 3 words and one of 1; between them one that truncation left without any."""
    x = np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)
    targets = np.array([0, 2, 1, 2])
    tokens = Tokens.from_rows([[0, 1, 2], [], [3]], [[0, 1, 2], [], [0]], 0)
    model = head(4, torch.from_numpy(x))
    found = self_influence(model, [parameters(model)], tokens, targets, np.arange(3), CPU)
    # The gradient of a word's loss is the outer product of p - y with its input and 1.
    errors = probabilities(model, x) - np.eye(3)[targets]
    words = errors[:, :, None] * np.column_stack([x, np.ones(4)])[:, None, :]
    by_hand = [(words[:3].mean(axis=0) ** 2).sum() / 3, 0, (words[3] ** 2).sum()]
    assert found == pytest.approx(by_hand, rel=1e-5)


def test_an_instance_that_lost_its_units_but_not_its_tokens_has_no_influence():
    tokens = Tokens.from_rows([[2, 3], [4], [5]], [[0, 1], [], [0]], 0)
    data = split("tagging")
    model = recipe_of("cnn", "tagging", data).fresh(0, 0, CPU.torch, plain=False)
    found = self_influence(model, [parameters(model)], tokens, np.array([0, 1, 2]), np.arange(3), CPU)
    assert found[1] == 0 < found[[0, 2]].min()


@pytest.mark.parametrize("kind", ["cnn", "encoder"])
def test_checkpoints_are_where_shorter_fits_end(kind):
    """At a constant rate, a fit of three epochs is the beginning of one of five."""
    data = split("classification")
    made = recipe_of(kind, "classification", data)
    tokens = made.tokenize(data)

    def fit(epochs: int, checkpoints: int):
        settings = Training(
            epochs=epochs, batch_size=5, minimum_steps=0, learning_rate=1e-3, schedule="constant"
        )
        model = made.fresh(1, 2, CPU.torch, plain=False)
        result = train(
            model, tokens, data.targets, np.arange(22), settings, CPU,
            seed=1, point=2, micro_batch=3, checkpoints=checkpoints,
        )  # fmt: skip
        return parameters(model), result

    _, result = fit(5, 3)
    assert len(result.checkpoints) == 3
    for epochs, kept in zip((3, 4, 5), result.checkpoints, strict=True):
        ended, _ = fit(epochs, 0)
        assert ended.keys() == kept.keys()
        assert all(torch.equal(ended[name], kept[name]) for name in ended), epochs
    assert len(fit(2, 3)[1].checkpoints) == 2


def test_a_last_epoch_that_is_cut_short_ends_with_the_fit():
    data = split("classification")
    made = recipe_of("cnn", "classification", data)
    model = made.fresh(0, 0, CPU.torch, plain=False)
    settings = Training(batch_size=10, minimum_steps=0)
    result = train(
        model, made.tokenize(data), data.targets, np.arange(24), settings, CPU, seed=0, point=0,
        micro_batch=None, schedule=schedule_of_steps(24, 5, settings), checkpoints=1,
    )  # fmt: skip
    (kept,) = result.checkpoints
    assert all(torch.equal(kept[name], weight) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_keeping_checkpoints_changes_no_bit_of_a_fit(kind, task):
    data = split(task)
    made = recipe_of(kind, task, data)
    tokens = made.tokenize(data)
    settings = Training(epochs=4, batch_size=6, minimum_steps=0, learning_rate=1e-3)
    fits = []
    for more in ({}, {"checkpoints": 3}):
        model = made.fresh(3, 1, CPU.torch, plain=False)
        result = train(
            model, tokens, data.targets, np.arange(20), settings, CPU, seed=3, point=1, micro_batch=3, **more
        )
        fits.append((result, parameters(model)))
    (plain, ended), (keeping, same) = fits
    assert plain.checkpoints == ()
    assert plain.losses.tobytes() == keeping.losses.tobytes()
    assert all(torch.equal(ended[name], same[name]) for name in ended)


def test_wrong_labels_have_the_largest_self_influence():
    """Three clusters in which a tenth of the labels is wrong."""
    generator = np.random.default_rng(5)
    right = generator.integers(0, 3, 200)
    x = (np.eye(3, 8)[right] * 4 + generator.normal(size=(200, 8))).astype(np.float32)
    wrong = generator.choice(200, 20, replace=False)
    targets = right.copy()
    targets[wrong] = (right[wrong] + generator.integers(1, 3, 20)) % 3
    tokens = Tokens.from_rows([[row] for row in range(200)], [[0]] * 200, 0)
    model = head(0, torch.from_numpy(x))
    settings = Training(epochs=10, batch_size=16, minimum_steps=0, learning_rate=1e-2)
    result = train(
        model, tokens, targets, np.arange(200), settings, CPU,
        seed=0, point=0, micro_batch=None, checkpoints=3,
    )  # fmt: skip
    found = self_influence(model, result.checkpoints, tokens, targets, np.arange(200), CPU)
    assert len(np.intersect1d(np.argsort(-found)[:20], wrong)) >= 17
