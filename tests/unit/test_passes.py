"""Passes with dropout on: whatever drops something in training drops it here, and nothing else changes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.model import UnitModel
from feasible_al.jobs.defaults import resolved
from feasible_al.stages.fitting import Fitting
from torch import nn

from tests.small_config import generated, small_config

TEXTS = tuple(f"{first} {second}" for first in "abcde" for second in "abcde")
SPLIT = Split(np.arange(25), TEXTS, np.arange(25) % 3)
CONFIG = small_config(
    "passes",
    datasets={"pairs": generated(train=25, test=25, seed=5, query=5)},
    series={"s": {"datasets": ["pairs"], "acquisition": "cnn", "strategy": "bald", "successor": "cnn"}},
)


class Features(UnitModel):
    """Embeddings of a text's words, summed, changed and classified; subclasses change them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(30, 8)
        self.classifier = nn.Linear(8, 3)

    def change(self, features):
        """What a subclass does to them."""
        return features

    def forward(self, batch):
        return self.classifier(self.change(self.embedding(batch.ids).sum(dim=1)))


class Unused(Features):
    """A layer of dropout that nothing goes through."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.5)


class DroppedWeights(Features):
    """DropConnect (Wan et al., 2013), by torch's function and a rate that no attribute has."""

    def change(self, features):
        return features @ nn.functional.dropout(torch.eye(8), 0.3, training=self.training)


class StochasticDepth(Features):
    """Whole rows skip a layer (Huang et al., 2016)."""

    def change(self, features):
        if not self.training:
            return features
        return features * (torch.rand(len(features), 1) > 0.5)


class Normalised(Features):
    """Batch normalisation, and nothing that drops."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(8)

    def change(self, features):
        return self.norm(features)


class NormalisedAndDropped(Normalised):
    """The same, and dropout behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.3)

    def change(self, features):
        return self.dropout(super().change(features))


@pytest.fixture(scope="module")
def fitting():
    """A model's fits on a few texts, whose passes any model can make."""
    config = resolved(Config.model_validate(CONFIG))
    data = Dataset("classification", ("x", "y", "z"), SPLIT, SPLIT)
    return Fitting(config, "pairs", "cnn", data, Path(), 1, first=1)


def passes(fitting, model, seed=1, iteration=1):
    return fitting.predict_mc(model, np.arange(25), seed, iteration)


@pytest.mark.parametrize("kind", [DroppedWeights, StochasticDepth, NormalisedAndDropped])
def test_whatever_drops_in_training_drops_in_passes(fitting, kind):
    found = passes(fitting, kind())
    assert found.shape == (10, 25, 3)
    assert len({each.tobytes() for each in found}) == 10


@pytest.mark.parametrize("kind", [Features, Unused, Normalised])
def test_a_model_that_drops_nothing_is_refused(fitting, kind):
    with pytest.raises(InputError, match=r"models\.cnn: has no dropout, which this strategy needs"):
        passes(fitting, kind())


def test_statistics_of_normalisation_are_used_and_kept(fitting):
    model = NormalisedAndDropped()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = passes(fitting, model)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    model.norm.running_mean += 3.0  # nothing to whoever takes the statistics of each batch
    assert not np.array_equal(found, passes(fitting, model))


def test_draws_are_named_and_leave_the_global_generator_alone(fitting):
    model = DroppedWeights()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, later, other = (
        passes(fitting, model, *named) for named in ((1, 1), (1, 1), (1, 2), (2, 1))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, later)
    assert not np.array_equal(first, other)
    assert torch.equal(before, torch.get_rng_state())


def test_dropout_is_off_again_afterwards(fitting):
    model = DroppedWeights()
    before = fitting.predict_pool(model, np.arange(25)).log_proba
    passes(fitting, model)
    assert np.array_equal(before, fitting.predict_pool(model, np.arange(25)).log_proba)
