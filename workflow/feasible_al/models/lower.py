"""The frozen layers of a checkpoint, which run once per dataset."""

import copy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset
from feasible_al.engine.device import Device
from feasible_al.engine.tokens import Tokens, gather, ranges
from feasible_al.models import checkpoints
from feasible_al.models.architectures.encoder import Encoder, too_few_layers
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.features import layout
from feasible_al.models.frozen import HeadedRecipe
from feasible_al.models.headed import HeadedEncoder
from feasible_al.models.stack import keep_layers, layers_of

TRIED = 4  # rows on which the upper layers are tried


class LowerLayers:
    """The frozen layers of an encoder of the config.

    Args:
        block: the encoder's config block.
        dataset: the dataset to encode.
        max_length: longest input in subwords, or None.
        where: the config key of the model, for errors.
        student: the folder of its checkpoint where the workflow distils it.
        device: where to compute.

    Attributes:
        pooled: whether all layers are frozen, so that a unit's state is all that is read.
        splits: the tokenized splits, by name.
        size: of a state.

    Raises:
        InputError: if the checkpoint cannot be loaded or has fewer layers, or if its upper layers need more
            than the states of the lower ones.
    """

    def __init__(
        self,
        block: Encoder,
        dataset: Dataset,
        max_length: int | None,
        where: str,
        student: Path | None,
        device: Device,
    ) -> None:
        source = checkpoints.locate(block.weights, where, student)
        head = block.own_head
        if head is None or block.frozen_layers is None:
            raise TypeError(f"{where} has no frozen layers")
        recipe = HeadedRecipe(source, DropoutRates(0.0, 0.0), dataset, max_length, where, head)
        self.splits = {"train": recipe.tokenize(dataset.train), "test": recipe.tokenize(dataset.test)}
        model: Any = recipe.fresh(0, 0, device.torch, plain=True).eval()
        layers = model.base.config.num_hidden_layers
        count = layers if block.frozen_layers == "all" else block.frozen_layers
        if count > layers:
            raise too_few_layers(count, layers, where)
        self.pooled, self.size = count == layers, int(model.base.config.hidden_size)
        self._device = device
        self._seen: list[Any] = []
        self._model: HeadedEncoder = model if self.pooled else copy.deepcopy(model)
        if not self.pooled:
            keep_layers(self._model.base, range(count), f"{where}.frozen_layers")
            # A last normalisation, which some encoders have, is not a part of the last frozen layer.
            layers_of(self._model.base)[-1].register_forward_hook(lambda *call: self._seen.append(call[2]))
            self._try(model, count, dataset.task, head.pooling, f"{where}.frozen_layers")

    @cached_property
    def layouts(self) -> dict[str, Tokens]:
        """Where the states of each split stand when they are stored one after the other."""
        train = layout(self.splits["train"], 0, pooled=self.pooled)
        return {
            "train": train,
            "test": layout(self.splits["test"], len(train.ids), pooled=self.pooled),
        }

    def states(self, tokens: Tokens, rows: np.ndarray) -> np.ndarray:
        """float32[n, size]: the states of ``rows``, one after the other; as :func:`layout` lays them out."""
        kept = tokens.unit_offsets if self.pooled else tokens.offsets
        offsets = np.concatenate([[0], np.cumsum(np.diff(kept)[rows])])
        found = np.empty((offsets[-1], self.size), dtype=np.float32)

        def encoded(positions: np.ndarray) -> None:
            batch = gather(tokens, rows[positions], self._device.torch)
            self._seen.clear()
            with self._device.autocast():
                states = self._model.hidden(batch)
            if self.pooled:
                read = self._model.read(states, batch)
            else:
                (last,) = self._seen
                states = last[0] if isinstance(last, tuple) else last
                read = states.flatten(0, 1) if batch.mask is None else states[batch.mask]
            found[ranges(offsets, positions)] = read.float().cpu().numpy()

        order = np.argsort(-tokens.lengths[rows], kind="stable")
        costs, room = tokens.lengths[rows], self._device.prediction_tokens
        with torch.inference_mode():
            for _ in self._device.memory.in_batches(encoded, order, costs, room):
                pass
        return found

    def _try(self, whole: HeadedEncoder, count: int, task: str, pooling: str, where: str) -> None:
        """Run the upper layers on the states of a few texts: they must give what the whole encoder gives."""
        tokens = self.splits["train"]
        order = np.argsort(tokens.lengths, kind="stable")
        rows = np.unique(order[np.linspace(0, len(order) - 1, TRIED).astype(int)])
        batch = gather(tokens, rows, self._device.torch)
        some = self._some(tokens, rows)
        try:
            states = torch.from_numpy(self.states(tokens, rows))
            upper = HeadedEncoder(
                copy.deepcopy(whole.base), whole.classifier, task, pooling,
                packed=False, frozen=count, states=states,
            )  # fmt: skip
            with torch.inference_mode(), self._device.autocast():
                expected = whole(batch)
                found = upper.eval()(gather(some, np.arange(len(rows)), self._device.torch))
            same = float((found - expected).abs().max()) <= 0.02 * float(expected.abs().max())
        except (TypeError, AttributeError, LookupError, ValueError, RuntimeError):
            same = False  # what the layers' own code raises when it lacks something
        if not same:
            raise InputError(
                f"the upper layers of {type(whole.base).__name__} need more than the states of the lower "
                "ones; write all",
                where,
            )

    def _some(self, tokens: Tokens, rows: np.ndarray) -> Tokens:
        """The rows alone, laid out as their states."""
        ids = [tokens.ids[ranges(tokens.offsets, rows[i : i + 1])].tolist() for i in range(len(rows))]
        units = [
            tokens.unit_positions[ranges(tokens.unit_offsets, rows[i : i + 1])].tolist()
            for i in range(len(rows))
        ]
        return layout(Tokens.from_rows(ids, units, tokens.pad), 0, pooled=False)
