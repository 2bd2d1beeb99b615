"""BERT's layers over a flat batch: without padding, and without parts of the last layer that are not read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from feasible_al.engine.tokens import Batch
from feasible_al.models.shapes import fill


class Packing(NamedTuple):
    """Where the tokens of a padded batch go when they are laid out flat, row after row.

    Attributes:
        groups: rows and their common length, in order. One attention call serves a group.
        mask: bool[rows, 1, 1, longest], true on tokens, if padding was kept; otherwise None.
        real: int64[tokens], where each token stands in the flattened padded batch; None when all are kept.
        positions: int64[tokens], where each token stands in its row.
        units: int64[units], where each unit's token stands in the flat batch.
    """

    groups: list[tuple[int, int]]
    mask: torch.Tensor | None
    real: torch.Tensor | None
    positions: torch.Tensor
    units: torch.Tensor


def packed_without_padding(batch: Batch) -> Packing:
    """Without padding, in groups of rows of equal length; a batch sorted by length makes few groups."""
    if batch.mask is None:
        return packed_with_padding(batch)
    lengths = batch.mask.sum(dim=1)
    real = batch.mask.flatten().nonzero().flatten()
    starts = lengths.cumsum(0) - lengths
    values, counts = torch.unique_consecutive(lengths, return_counts=True)
    groups = list(zip(counts.tolist(), values.tolist(), strict=True))
    positions = real % batch.mask.shape[1]
    return Packing(groups, None, real, positions, starts[batch.unit_rows] + batch.unit_positions)


def packed_with_padding(batch: Batch) -> Packing:
    """All rows as one group with their padding: few kernels, and the host need not wait for sizes."""
    rows, longest = batch.ids.shape
    mask = None if batch.mask is None else batch.mask[:, None, None, :]
    positions = torch.arange(longest, device=batch.ids.device).repeat(rows)
    return Packing([(rows, longest)], mask, None, positions, batch.unit_rows * longest + batch.unit_positions)


def pack(batch: Batch) -> tuple[torch.Tensor, Packing]:
    """int64[tokens] ids of a batch laid out flat, and where its tokens go."""
    on_cpu = batch.ids.device.type == "cpu"
    packing = packed_without_padding(batch) if on_cpu else packed_with_padding(batch)
    ids = batch.ids.flatten()
    return ids if packing.real is None else ids[packing.real], packing


class Weights(NamedTuple):
    """The matrices of one layer; those of query, key and value are joined."""

    inputs: torch.Tensor
    inputs_bias: torch.Tensor
    out: torch.Tensor
    up: torch.Tensor
    down: torch.Tensor


class Layer(NamedTuple):
    """The modules of one layer, whatever its architecture calls them."""

    projections: tuple[nn.Linear, nn.Linear, nn.Linear]
    attention_dropout: nn.Dropout
    out: nn.Linear
    out_dropout: nn.Module
    out_norm: nn.Module
    up: nn.Linear
    activation: Any
    down: nn.Linear
    down_dropout: nn.Module
    down_norm: nn.Module


def _bert(layer: Any) -> Layer:
    attention, mixed, output = layer.attention.self, layer.attention.output, layer.output
    return Layer(
        (attention.query, attention.key, attention.value), attention.dropout,
        mixed.dense, mixed.dropout, mixed.LayerNorm,
        layer.intermediate.dense, layer.intermediate.intermediate_act_fn,
        output.dense, output.dropout, output.LayerNorm,
    )  # fmt: skip


def _distilbert(layer: Any) -> Layer:
    attention, feed_forward = layer.attention, layer.ffn
    return Layer(
        (attention.q_lin, attention.k_lin, attention.v_lin), attention.dropout,
        attention.out_lin, nn.Identity(), layer.sa_layer_norm,
        feed_forward.lin1, feed_forward.activation,
        feed_forward.lin2, feed_forward.dropout, layer.output_layer_norm,
    )  # fmt: skip


_LAYERS = {"bert": _bert, "electra": _bert, "roberta": _bert, "distilbert": _distilbert}


class PackedLayers:
    """Replaces the ``forward`` of a Hugging Face encoder.

    It computes the same, but nothing for padding and, after the attention of the last layer, nothing for
    tokens that are not read.

    Args:
        model: an encoder, with or without a head, for which :func:`can_pack` is true.
        rows: give units as rows of one token, as heads of texts expect; otherwise what is read is one row.
        everything: whether all tokens are read, not the units alone.
    """

    def __init__(self, model: Any, *, rows: bool = False, everything: bool = False) -> None:
        # The model refers to this object. A reference back would keep its memory until garbage collection.
        self._heads, self._rows, self._everything = model.config.num_attention_heads, rows, everything
        base = model.base_model
        encoder = base.transformer if model.config.model_type == "distilbert" else base.encoder
        self._layers = [_LAYERS[model.config.model_type](layer) for layer in encoder.layer]
        self._first = base.embeddings.padding_idx + 1 if model.config.model_type == "roberta" else 0
        self._frozen: list[Weights] | None = None
        encoder.forward = self._forward

    def inputs(self, batch: Batch) -> dict[str, Any]:
        """What the model is called with."""
        ids, packing = pack(batch)
        return {
            "input_ids": ids[None],
            "position_ids": (packing.positions + self._first)[None],
            "packing": packing,
        }

    @contextmanager
    def frozen(self, dtype: torch.dtype) -> Iterator[None]:
        """Inside this context the weights must not change, so they are joined and cast only once."""
        with torch.no_grad():
            self._frozen = [
                Weights(*(matrix.to(dtype) for matrix in self._weights(layer))) for layer in self._layers
            ]
        try:
            yield
        finally:
            self._frozen = None

    def _weights(self, layer: Layer) -> Weights:
        return Weights(
            torch.cat([linear.weight for linear in layer.projections]),
            torch.cat([linear.bias for linear in layer.projections]),
            layer.out.weight, layer.up.weight, layer.down.weight,
        )  # fmt: skip

    def _forward(
        self, hidden_states: torch.Tensor, *_: Any, packing: Packing, **__: Any
    ) -> BaseModelOutputWithPastAndCrossAttentions:
        x = self.run(hidden_states[0], packing)
        return BaseModelOutputWithPastAndCrossAttentions(
            last_hidden_state=x[:, None] if self._rows else x[None]
        )

    def run(self, x: torch.Tensor, packing: Packing) -> torch.Tensor:
        """float[read, size]: the last states of what is read, from float[tokens, size] first states."""
        read, x = (x if self._everything else packing.units), fill(x)
        for number, layer in enumerate(self._layers):
            weights = self._weights(layer) if self._frozen is None else self._frozen[number]
            mixed = self._attend(functional.linear(x, weights.inputs, weights.inputs_bias), layer, packing)
            if number == len(self._layers) - 1 and not self._everything:
                units = fill(packing.units)
                mixed, x = mixed[units], x[units]
            x = layer.out_norm(x + layer.out_dropout(functional.linear(mixed, weights.out, layer.out.bias)))
            inner = layer.activation(functional.linear(x, weights.up, layer.up.bias))
            x = layer.down_norm(
                x + layer.down_dropout(functional.linear(inner, weights.down, layer.down.bias))
            )
        return x[: len(read)]

    def _attend(self, projected: torch.Tensor, layer: Layer, packing: Packing) -> torch.Tensor:
        """float[tokens, size]: the values, mixed within each row; zeros for what only fills the batch."""
        dropout = layer.attention_dropout
        mixed = []
        sizes = [rows * length for rows, length in packing.groups]
        *parts, filling = torch.split(projected, [*sizes, len(projected) - sum(sizes)])
        for part, (rows, length) in zip(parts, packing.groups, strict=True):
            query, key, value = part.view(rows, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            if dropout.training and dropout.p > 0 and part.device.type == "cpu":  # torch's own is slower here
                scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
                found = dropout(scores.softmax(dim=-1)) @ value
            else:
                found = functional.scaled_dot_product_attention(
                    query, key, value, packing.mask, dropout.p if dropout.training else 0.0
                )
            mixed.append(found.transpose(1, 2).reshape(rows * length, -1))
        return torch.cat([*mixed, torch.zeros_like(filling[:, : mixed[0].shape[1]])])


def can_pack(model: Any) -> bool:
    """Whether the model's layers are of a kind that :class:`PackedLayers` knows."""
    return model.config.model_type in _LAYERS and not getattr(model.config, "is_decoder", False)
