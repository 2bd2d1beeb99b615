"""Encoders with a head of our own, whole or above stored states, and such a head alone."""

from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn

from feasible_al.engine.tokens import Batch
from feasible_al.models.dropout import replace_dropout
from feasible_al.models.encoder import StatesModel, last_states, mean_states
from feasible_al.models.features import placed
from feasible_al.models.head import HeadLayers
from feasible_al.models.packed import PackedLayers, Packing, can_pack, pack
from feasible_al.models.stack import keep_layers, layers_of


class StoredStates:
    """The stored states of a dataset, for a model that reads them in place of running its frozen layers.

    Args:
        states: float[total, size]; a token's id is the row of its state.

    Attributes:
        ids: the tokens whose states a layer gives that :meth:`replaces`.
    """

    def __init__(self, states: torch.Tensor) -> None:
        self._states, self._device = states, states.device
        self.ids: torch.Tensor | None = None

    def of(self, ids: torch.Tensor) -> torch.Tensor:
        """float32[..., size]: the states of some tokens."""
        if ids.device != self._device:  # the first batch says where the model is
            self._states, self._device = placed(self._states, ids.device), ids.device
        # Ten times as fast on a CPU as indexing with brackets.
        found = self._states.index_select(0, ids.flatten().to(self._states.device))
        return found.to(ids.device, torch.float32).view(*ids.shape, -1)

    def replaces(self, layer: Any) -> None:
        """Make a layer give the stored states, in the form of what it gave.

        Raises:
            ValueError: in its first call, if it gives more than states.
        """
        runs, others = layer.forward, -1
        layer.requires_grad_(False)

        def forward(*args: Any, **options: Any) -> Any:
            nonlocal runs, others
            if self.ids is None:
                raise RuntimeError("called before any batch")
            states = self.of(self.ids)
            if runs is not None:
                with torch.no_grad():
                    given = runs(*args, **options)
                runs = None
                if isinstance(given, tuple):
                    others = len(given) - 1
                    if any(part is not None for part in given[1:]):
                        raise ValueError("the layer gives more than states")
            return states if others < 0 else (states, *[None] * others)

        layer.forward = forward


class HeadedEncoder(StatesModel):
    """An encoder, or its upper layers above stored states, and a head of our own.

    Args:
        base: a Hugging Face model without a head.
        classifier: the head.
        task: "classification" or "tagging".
        pooling: what is read of a text; see the config block ``Head``.
        packed: leave out what is not read, if :func:`can_pack`; otherwise run it as Hugging Face does.
        frozen: how many first layers are frozen, if their states are stored.
        states: the stored states; None if the whole encoder runs.
    """

    def __init__(
        self,
        base: Any,
        classifier: HeadLayers,
        task: str,
        pooling: str,
        *,
        packed: bool,
        frozen: int = 0,
        states: torch.Tensor | None = None,
    ) -> None:
        super().__init__()
        self.base, self.classifier = base, classifier
        self._units = task == "tagging" or pooling == "first"
        self.packs = packed and can_pack(base)
        self._packed: PackedLayers | None = None
        self._stored: StoredStates | None = None
        layers = range(frozen, base.config.num_hidden_layers)
        if self.packs:
            replace_dropout(base)
            base.pooler = None  # never read
            if states is not None:
                keep_layers(base, layers)
            self._packed = PackedLayers(base, everything=not self._units)
            if states is not None:  # nothing of the encoder is left but its upper layers
                self.base, self._stored = layers_of(base), StoredStates(states)
        elif states is not None:
            keep_layers(base, [frozen - 1, *layers])
            self._stored = StoredStates(states)
            self._stored.replaces(layers_of(base)[0])

    @property
    def head(self) -> nn.Linear:
        """The last linear layer."""
        return self.classifier.output

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits."""
        if self._packed is None:
            read = self.read(self.hidden(batch), batch)
        else:
            if self._stored is None:
                inputs = self._packed.inputs(batch)
                packing, read = inputs["packing"], self.base(**inputs)[0][0]
            else:
                ids, packing = pack(batch)
                read = self._packed.run(self._stored.of(ids), packing)
            if not self._units:
                read = _means(read, packing)
        logits: torch.Tensor = self.classifier(read)
        return logits

    def read(self, states: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[units, size]: what the head reads, from float[rows, longest, size] states."""
        if self._units:
            return states[batch.unit_rows, batch.unit_positions]
        return mean_states(states, batch.mask)

    def hidden(self, batch: Batch) -> torch.Tensor:
        """See :meth:`StatesModel.hidden`."""
        if self._stored is None:
            return last_states(self.base, batch.ids, batch.mask)
        self._stored.ids = batch.ids
        # Whatever the embeddings give, the stored states take its place.
        return last_states(self.base, torch.zeros_like(batch.ids), batch.mask)

    def frozen(self, dtype: torch.dtype) -> AbstractContextManager[None]:
        """See :meth:`PackedLayers.frozen`."""
        return super().frozen(dtype) if self._packed is None else self._packed.frozen(dtype)


class HeadAlone(StatesModel):
    """A head of our own over the stored states of units: the model of an encoder that is frozen as a whole.

    Args:
        states: float[total, size]; a unit's id is the row of its state.
        classifier: the head.
    """

    packs = True
    units_at_once = 4096  # a unit costs less than what a small batch costs beside its units

    def __init__(self, states: torch.Tensor, classifier: HeadLayers) -> None:
        super().__init__()
        self.classifier, self._stored = classifier, StoredStates(states)

    @property
    def head(self) -> nn.Linear:
        """The last linear layer."""
        return self.classifier.output

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits."""
        logits: torch.Tensor = self.classifier(
            self._stored.of(batch.ids[batch.unit_rows, batch.unit_positions])
        )
        return logits

    def hidden(self, batch: Batch) -> torch.Tensor:
        """float[rows, longest, size]: the stored states."""
        return self._stored.of(batch.ids)


def _means(states: torch.Tensor, packing: Packing) -> torch.Tensor:
    """float[rows, size]: the mean over the tokens of each row, of a flat batch."""
    means, start = [], 0
    for rows, length in packing.groups:
        part = states[start : start + rows * length].view(rows, length, -1)
        mask = None if packing.mask is None else packing.mask[:, 0, 0]
        means.append(mean_states(part, mask))
        start += rows * length
    return torch.cat(means)
