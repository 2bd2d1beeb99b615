"""Frozen layers: a model over stored states is the whole model whose lower layers get no gradient."""

import numpy as np
import pytest
import torch
from feasible_al.config.blocks import Training
from feasible_al.config.models import FolderWeights, Head, Made
from feasible_al.core.errors import InputError
from feasible_al.engine.device import Device
from feasible_al.engine.predict import predict
from feasible_al.engine.tokens import gather
from feasible_al.engine.train import train
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.features import ROWS, STATES, read_features, write_rows
from feasible_al.models.lower import LowerLayers
from feasible_al.models.recipe import recipe_for
from feasible_al.models.stack import layers_of

from tests.contract.test_checkpoints import ALIKE, CASES, dataset, folder_of  # noqa: F401 - a fixture

CPU = torch.device("cpu")
DEVICE = Device(CPU, "float32", micro_batch=4, prediction_tokens=100)
ROWS_SEEN = np.array([0, 3, 4, 7, 9, 11])
PACKED = ["bert", "distilbert", "electra", "roberta"]
# Their upper layers need more than the states of the lower ones; all layers can be frozen.
NEED_MORE = {"albert", "longformer", "t5", "xlm", "xlnet"}


def block_of(folder, **settings):
    weights = FolderWeights(kind="folder", path=str(folder))
    return Encoder(kind="encoder", weights=weights, dropout=0.0, **settings)


def encoded(block, data, folder):
    """The recipe of a model whose lower layers have run, as the job `encode` runs them."""
    lower = LowerLayers(block, data, None, "models.m", None, DEVICE)
    # Several parts, as the job has several steps.
    parts = [
        lower.states(tokens, rows)
        for tokens in lower.splits.values()
        for rows in np.array_split(np.arange(len(tokens)), 3)
    ]
    np.save(folder / STATES, np.concatenate(parts).astype(block.features or "float16"))
    write_rows(folder / ROWS, lower.layouts, pooled=lower.pooled)
    return recipe_for("m", block, data, None, Made(features=folder))


def switch_off(model, frozen):
    """No gradients for embeddings and the first layers of a whole model."""
    above = layers_of(model.base)[frozen:]
    for parameter in model.base.parameters():
        parameter.requires_grad_(False)
    for parameter in above.parameters():
        parameter.requires_grad_(True)
    return model


def trained(model, above):
    """The parameters that a fit changes: of the head, and of the layers above the frozen ones."""
    layers = []
    if above and hasattr(model, "base"):
        layers = model.base if isinstance(model.base, torch.nn.ModuleList) else layers_of(model.base)
    named = [(f"{i}.{n}", p) for i, layer in enumerate(layers[-above:]) for n, p in layer.named_parameters()]
    return dict(named) | {f"head.{name}": p for name, p in model.classifier.named_parameters()}


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("frozen", [1, 2, "all"])
@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("pooling", ["mean", "first"])
@pytest.mark.parametrize("plain", [False, True])
def test_frozen_is_whole_without_gradients(folder_of, tmp_path, name, frozen, task, pooling, plain):  # noqa: F811
    data, head = dataset(task), Head(hidden=12, pooling=pooling)
    block = block_of(folder_of(name), frozen_layers=frozen, features="float32", head=head)
    recipe = encoded(block, data, tmp_path)
    whole_recipe = recipe_for("m", block_of(folder_of(name), head=head), data, None)
    tokens, whole_tokens = recipe.tokenize(data.train), whole_recipe.tokenize(data.train)
    depth = 2 if frozen == "all" else frozen
    model = recipe.fresh(1, 2, CPU, plain=plain)
    whole = switch_off(whole_recipe.fresh(1, 2, CPU, plain=plain), depth)
    assert model.packs == (not plain or depth == 2)
    mine, theirs = trained(model, 2 - depth), trained(whole, 2 - depth)
    assert mine.keys() == theirs.keys()
    assert len(mine) == len([p for p in whole.parameters() if p.requires_grad])
    # One step's gradients.
    losses = []
    for each, read in ((model, tokens), (whole, whole_tokens)):
        batch = gather(read, ROWS_SEEN, CPU, data.train.targets)
        losses.append(each.loss(each(batch), batch))
        losses[-1].sum().backward()
    assert torch.allclose(*losses, atol=1e-5)
    for key, parameter in mine.items():
        assert parameter.grad.abs().max() > 0, key
        assert torch.allclose(parameter.grad, theirs[key].grad, atol=1e-5), key
    # A whole fit, and what it predicts.
    settings = Training(epochs=3, batch_size=4, minimum_steps=0, learning_rate=1e-2)
    outcomes = []
    for each, read in ((model, tokens), (whole, whole_tokens)):
        each.zero_grad()
        result = train(
            each, read, data.train.targets, ROWS_SEEN, settings, DEVICE, seed=1, point=2, micro_batch=4
        )
        found = predict(each, read, np.arange(len(read)), DEVICE, fast=not plain)
        outcomes.append((result.losses, found.log_proba))
    assert np.ptp(outcomes[0][0]) > 1e-3  # it learns something
    for mine_too, theirs_too in zip(*outcomes, strict=True):
        assert np.allclose(mine_too, theirs_too, atol=1e-4 if plain else 1e-5)


SLOW = [pytest.param(name, marks=pytest.mark.slow) if name in ALIKE else name for name in CASES]


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("frozen", [1, "all"])
@pytest.mark.parametrize("name", SLOW)
def test_every_architecture_can_be_frozen(folder_of, tmp_path, name, frozen, task):  # noqa: F811
    data = dataset(task)
    block = block_of(folder_of(name), frozen_layers=frozen, features="float32")
    if frozen == 1 and name in NEED_MORE:
        with pytest.raises(InputError, match=r"models.m.frozen_layers: "):
            encoded(block, data, tmp_path)
        return
    recipe = encoded(block, data, tmp_path)
    whole = recipe_for("m", block_of(folder_of(name), head=Head()), data, None)
    tokens = [each.tokenize(data.test) for each in (recipe, whole)]
    found, expected = (
        predict(each.fresh(0, 0, CPU, plain=False), read, np.arange(12), DEVICE, fast=True)
        for each, read in zip((recipe, whole), tokens, strict=True)
    )
    assert np.allclose(found.log_proba, expected.log_proba, atol=1e-5)
    assert np.array_equal(found.offsets, expected.offsets)


@pytest.mark.parametrize("frozen", [1, "all"])
def test_half_precision_rounds_and_takes_half_of_the_space(folder_of, tmp_path, frozen):  # noqa: F811
    data, sizes = dataset("tagging"), {}
    for features in ("float16", "float32"):
        (tmp_path / features).mkdir()
        block = block_of(folder_of("bert"), frozen_layers=frozen, features=features)
        encoded(block, data, tmp_path / features)
        sizes[features] = (tmp_path / features / STATES).stat().st_size - 128  # the header
    assert sizes["float16"] * 2 == sizes["float32"]
    rounded, exact = (read_features(tmp_path / name).states for name in ("float16", "float32"))
    assert torch.equal(rounded, exact.half())
    assert 0 < float((rounded.float() - exact).abs().max()) < 2e-3


def test_states_are_read_from_the_disk_and_never_changed(folder_of, tmp_path):  # noqa: F811
    data = dataset("classification")
    recipe = encoded(block_of(folder_of("bert"), frozen_layers="all"), data, tmp_path)
    before = (tmp_path / STATES).read_bytes()
    states = read_features(tmp_path).states
    states += 1
    assert (tmp_path / STATES).read_bytes() == before
    model = recipe.fresh(0, 0, CPU, plain=False)
    assert all(parameter.numel() < states.numel() * 100 for parameter in model.parameters())
    assert not [name for name in model.state_dict() if "classifier" not in name]


def test_more_layers_than_there_are(folder_of, tmp_path):  # noqa: F811
    with pytest.raises(InputError, match=r"models.m.frozen_layers: 3 layers cannot be frozen: .* has 2"):
        encoded(block_of(folder_of("bert"), frozen_layers=3), dataset("tagging"), tmp_path)


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_a_head_alone_predicts_units_whatever_instance_they_are_of(folder_of, tmp_path, monkeypatch, task):  # noqa: F811
    data = dataset(task)
    recipe = encoded(block_of(folder_of("bert"), frozen_layers="all"), data, tmp_path)
    tokens, model = recipe.tokenize(data.train), recipe.fresh(1, 2, CPU, plain=False)
    sizes = []
    model.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0].unit_rows)))
    monkeypatch.setattr(type(model), "units_at_once", 5)
    device = Device(CPU, "float32", micro_batch=4, prediction_tokens=1)
    rows = np.array([11, 3, 0, 9, 4])
    by_units = predict(model, tokens, rows, device, fast=True)
    units = tokens.units[rows]
    assert sizes == [5] * (units.sum() // 5) + [units.sum() % 5] * bool(units.sum() % 5)
    by_rows = predict(model, tokens, rows, device, fast=False)
    np.testing.assert_array_equal(by_units.offsets, np.concatenate([[0], np.cumsum(units)]))
    np.testing.assert_array_equal(by_units.labels, by_rows.labels)
    np.testing.assert_allclose(by_units.log_proba, by_rows.log_proba, atol=1e-6)
    np.testing.assert_allclose(by_units.label_log_proba, by_rows.label_log_proba, atol=1e-6)


@pytest.mark.parametrize("frozen", [1, "all", None])
def test_what_fills_a_batch_changes_nothing(folder_of, tmp_path, monkeypatch, frozen):  # noqa: F811
    data = dataset("tagging")
    block = block_of(folder_of("bert"), frozen_layers=frozen, head=Head(hidden=12))
    recipe = encoded(block, data, tmp_path) if frozen is not None else recipe_for("m", block, data, None)
    tokens = recipe.tokenize(data.train)
    model = recipe.fresh(1, 2, CPU, plain=False)
    found = {}
    for step in (1, 16):
        monkeypatch.setattr("feasible_al.models.shapes.STEP", step)
        device = Device(CPU, "bfloat16", micro_batch=4, prediction_tokens=1000)
        batch = gather(tokens, ROWS_SEEN, CPU, data.train.targets)
        assert len(batch.unit_rows) % 16  # so something fills it
        seen = []
        handle = model.head.register_forward_pre_hook(
            lambda _, inputs, seen=seen: seen.append(len(inputs[0]))
        )
        with device.autocast():
            loss = model.loss(model(batch).float(), batch)
        handle.remove()
        assert seen == [-(-len(batch.unit_rows) // step) * step]
        model.zero_grad()
        loss.sum().backward()
        gradients = torch.cat([p.grad.flatten() for p in model.classifier.parameters()])
        predicted = predict(model, tokens, ROWS_SEEN, device, fast=True, embed=True)
        found[step] = (loss.detach(), gradients, predicted.log_proba, predicted.embeddings)
    for filled, bare in zip(found[16], found[1], strict=True):
        assert filled.shape == bare.shape
        np.testing.assert_allclose(filled, bare, atol=0.02 * np.abs(bare).max())
