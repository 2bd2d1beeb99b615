"""What a fit starts from: a tokenizer, and a fresh model for every fit."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch

from feasible_al.config.models import Made, ModelBlock
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens
from feasible_al.models.words import Vocabulary

NOTHING_MADE = Made()


class Recipe(Protocol):
    """A model of the config made ready for one dataset; loaded once per job."""

    def tokenize(self, split: Split) -> Tokens:
        """The split's instances as token ids, with one unit per text or word."""

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A model before any fit, on ``device``.

        Args:
            seed: of the run.
            point: of the trajectory; new weights are drawn from a generator of this seed and point.
            device: where the model goes.
            plain: as in the paper's timings: read the checkpoint again, and run layers as their library does.
                Otherwise the initial weights are kept in memory, and only what is read is computed.
        """


def recipe_for(
    name: str, block: ModelBlock, dataset: Dataset, max_length: int | None, made: Made = NOTHING_MADE
) -> Recipe:
    """The recipe of the model called ``name`` in the config; see :meth:`ModelBlock.recipe` for the rest.

    Raises:
        InputError: if a checkpoint is not as the config says.
    """
    recipe: Recipe = block.recipe(dataset, max_length, f"models.{name}", made)
    return recipe


class WordsRecipe:
    """An architecture over the words of a training set; see :class:`Recipe`.

    Args:
        build: ``(words, classes, tagging, **settings) -> model``, as in ``models/architectures``.
        dataset: its training texts (never their labels) give the vocabulary.
        max_length: longest input in words, or None.
        where: the config key of the model, for errors.
        settings: passed to ``build`` by name.
    """

    def __init__(
        self,
        build: Callable[..., UnitModel],
        dataset: Dataset,
        max_length: int | None,
        where: str,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._build, self._settings = build, settings or {}
        self._max_length, self._where = max_length, where
        self._classes, self._tagging = len(dataset.labels), dataset.task == "tagging"
        self._vocabulary = Vocabulary(dataset.train.texts)

    def tokenize(self, split: Split) -> Tokens:
        """Lower-case words as ids."""
        return self._vocabulary.tokenize(split.texts, self._max_length)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A model with new random weights.

        Raises:
            InputError: if the architecture takes other settings than the config gives.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            try:
                model = self._build(len(self._vocabulary), self._classes, self._tagging, **self._settings)
            except TypeError as error:
                raise InputError(f"cannot be built: {error}", self._where) from error
        return model.to(device)
