"""The recipe of an architecture from a plug-in."""

import torch

from feasible_al.config.models import PluginModel
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.models.words import Vocabulary


class WordsRecipe:
    """An architecture with the vocabulary of a training set; see :class:`Recipe`.

    Args:
        spec: the config block.
        dataset: its training texts (never their labels) give the vocabulary.
        max_length: longest input in words, or None.
        where: the config key of the model, for errors.
    """

    def __init__(self, spec: PluginModel, dataset: Dataset, max_length: int | None, where: str) -> None:
        self._spec, self._max_length, self._where = spec, max_length, where
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
        build = ARCHITECTURES[self._spec.architecture].build
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            try:
                model = build(len(self._vocabulary), self._classes, self._tagging, **self._spec.settings)
            except TypeError as error:
                raise InputError(f"cannot be built: {error}", f"{self._where}.settings") from error
        return model.to(device)
