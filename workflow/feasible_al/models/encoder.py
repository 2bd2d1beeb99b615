"""Hugging Face encoders as :class:`UnitModel`, and embeddings of texts by an encoder without a fit."""

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import nn

from feasible_al.engine.device import Device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Batch, Tokens, gather
from feasible_al.models.dropout import replace_dropout
from feasible_al.models.packed import PackedLayers, can_pack


class StatesModel(UnitModel):
    """A network whose tokens have states, also before any fit."""

    def hidden(self, batch: Batch) -> torch.Tensor:
        """float[rows, longest, size]: the last state of every token; only if not packed."""
        raise NotImplementedError


class EncoderModule(StatesModel):
    """A Hugging Face model whose logits are read at the units.

    Args:
        model: a sequence or token classification model.
        task: "classification" or "tagging".
        packed: leave out what is not read, if :func:`can_pack`; otherwise run it as Hugging Face does.
    """

    def __init__(self, model: Any, task: str, *, packed: bool) -> None:
        super().__init__()
        self.model: Any = model
        self.tagging = task == "tagging"
        self.packs = packed and can_pack(model)
        if self.packs:
            replace_dropout(model)
        self._packed = PackedLayers(model, rows=not self.tagging) if self.packs else None
        # XLNet classifies a text by its last position, so padding must stand before the text.
        self._ends_rows = not self.tagging and getattr(model.config, "summary_type", None) == "last"

    @property
    def head(self) -> nn.Linear:
        """The last linear layer outside the encoder, whatever the architecture calls it."""
        encoder = set(self.model.base_model.modules())
        layers = [m for m in self.model.modules() if isinstance(m, nn.Linear) and m not in encoder]
        return layers[-1]

    def at_units(self, values: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The values at the units, from what the model computes.

        When tagging, that is one row of all units (packed) or a value for every position. Of a text, a
        decoder computes a value for every position, and the last one before the padding counts.
        """
        if self.tagging:
            return values[0] if self.packs else values[batch.unit_rows, batch.unit_positions]
        if values.dim() == 2:
            return values
        tokens = (batch.ids != self.model.config.pad_token_id).int()
        last = (tokens * torch.arange(tokens.shape[1], device=tokens.device)).argmax(dim=1)
        return values[torch.arange(len(last), device=last.device), last]

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits."""
        if self._packed is not None:
            return self.at_units(self.model(**self._packed.inputs(batch)).logits, batch)
        ids, mask = batch.ids, batch.mask
        if mask is not None and self._ends_rows:
            tokens_last = mask.int().argsort(dim=1, stable=True)
            ids, mask = ids.gather(1, tokens_last), mask.gather(1, tokens_last)
        return self.at_units(_run(self.model, ids, mask).logits, batch)

    def hidden(self, batch: Batch) -> torch.Tensor:
        """See :meth:`StatesModel.hidden`."""
        return last_states(self.model.base_model, batch.ids, batch.mask)

    def frozen(self, dtype: torch.dtype) -> AbstractContextManager[None]:
        """See :meth:`PackedLayers.frozen`."""
        return super().frozen(dtype) if self._packed is None else self._packed.frozen(dtype)


class SeenEmbedding(nn.Module):
    """An embedding with only those rows that a dataset uses.

    The other rows are never read and get no gradient. Without them the optimiser, the gradient's norm and the
    copies of the initial weights take less time; nothing else changes.

    Args:
        embedding: the whole embedding.
        seen: int64[n], the ids in use, the padding id among them.
    """

    lookup: torch.Tensor

    def __init__(self, embedding: nn.Embedding, seen: torch.Tensor) -> None:
        super().__init__()
        lookup = torch.full((embedding.num_embeddings,), -1, device=seen.device)
        lookup[seen] = torch.arange(len(seen), device=seen.device)
        self.register_buffer("lookup", lookup, persistent=False)
        self.weight = nn.Parameter(embedding.weight.detach()[seen].clone())
        self.padding = None if embedding.padding_idx is None else int(lookup[embedding.padding_idx])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """float[..., size]; an id outside the dataset is an IndexError."""
        return nn.functional.embedding(self.lookup[ids], self.weight, self.padding)


def last_states(base: Any, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """float[rows, longest, size]: the last state of every token, by a Hugging Face model without a head."""
    encoder = base.get_encoder() if base.config.is_encoder_decoder else base
    states: torch.Tensor = _run(encoder, ids, mask)[0]
    return states


def mean_states(states: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """float[rows, size]: the mean over the tokens of each row."""
    if mask is None:
        return states.mean(dim=1)
    return (states * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def _run(model: Any, ids: torch.Tensor, mask: torch.Tensor | None) -> Any:
    return model(input_ids=ids, attention_mask=None if mask is None else mask.long())


def represent(model: StatesModel, tokens: Tokens, device: Device) -> np.ndarray:
    """float32[n, size]: the mean of each row's last hidden states (Reimers and Gurevych, 2019), of length 1.

    Args:
        model: not packed, since packed layers leave out the last states of most tokens.
        tokens: the texts.
        device: where to compute.
    """
    order = np.argsort(-tokens.lengths, kind="stable")

    def represented(rows: np.ndarray) -> torch.Tensor:
        batch = gather(tokens, rows, device.torch)
        with device.autocast():
            states = model.hidden(batch).float()
        return torch.nn.functional.normalize(mean_states(states, batch.mask), dim=1)

    model.eval()
    with torch.inference_mode():
        found = [*device.memory.in_batches(represented, order, tokens.lengths, device.prediction_tokens)]
    points = torch.cat(found).cpu().numpy()
    ordered = np.empty_like(points)
    ordered[order] = points
    return ordered
