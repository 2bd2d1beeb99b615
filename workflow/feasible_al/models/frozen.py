"""Recipes of encoders with a head of our own: whole, with frozen lower layers, or frozen as a whole."""

from typing import Any

import torch
from transformers import AutoModel

from feasible_al.config.models import Head
from feasible_al.core import rng
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens
from feasible_al.models.checkpoints import Checkpoint
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.features import Features
from feasible_al.models.head import HeadLayers, draw
from feasible_al.models.headed import HeadAlone, HeadedEncoder
from feasible_al.models.pretrained import PretrainedRecipe


class HeadedRecipe(PretrainedRecipe):
    """An encoder checkpoint with a head of our own; see :class:`PretrainedRecipe`.

    Args:
        head: the head's settings.
        frozen: how many first layers are frozen, where their states are stored.
    """

    def __init__(
        self,
        source: Checkpoint,
        dropout: DropoutRates,
        dataset: Dataset,
        max_length: int | None,
        where: str,
        head: Head,
        frozen: int = 0,
        features: Features | None = None,
    ) -> None:
        self._head, self._frozen, self._features, self._dataset = head, frozen, features, dataset
        super().__init__(source, dropout, dataset.task, len(dataset.labels), max_length, where)
        # Stored states take the place of embeddings, and are tried by the job that stores them.
        self._tried, self._embeds = features is not None, features is None

    def tokenize(self, split: Split) -> Tokens:
        """Subwords, or the rows of the stored states; see :meth:`PretrainedRecipe.tokenize`."""
        if self._features is None:
            return super().tokenize(split)
        return self._features.of(split, self._dataset)

    def _class(self) -> Any:
        return AutoModel

    def _checked_end(self, config: Any) -> int | None:
        return None  # whatever the encoder, a text is read as the head says

    def _with_head(self, hugging_face: Any, missing: set[str], *, packed: bool) -> tuple[UnitModel, set[str]]:
        size = hugging_face.config.hidden_size
        classifier = HeadLayers(size, self._head.hidden, self._classes, self._dropout.head or 0.0)
        states = None if self._features is None else self._features.states
        model = HeadedEncoder(
            hugging_face, classifier, self._task, self._head.pooling,
            packed=packed, frozen=self._frozen, states=states,
        )  # fmt: skip
        return model, set()

    def _draw(self, model: Any, new: set[str], seed: int) -> None:
        draw(model.classifier, seed)


class HeadRecipe:
    """A head of our own over stored states, newly drawn at every fit; see :class:`Recipe`.

    Args:
        features: the stored states, one per unit.
        dropout: of the head.
        dataset: the dataset that the states are of.
        head: the head's settings.
    """

    def __init__(self, features: Features, dropout: float, dataset: Dataset, head: Head) -> None:
        self._features, self._dropout, self._dataset, self._head = features, dropout, dataset, head

    def tokenize(self, split: Split) -> Tokens:
        """The rows of the stored states."""
        return self._features.of(split, self._dataset)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A head with new random weights."""
        states = self._features.states
        size, classes = states.shape[1], len(self._dataset.labels)
        classifier = HeadLayers(size, self._head.hidden, classes, self._dropout)
        draw(classifier, rng.torch_seed(seed, "initial weights", point))
        return HeadAlone(states, classifier).to(device)
