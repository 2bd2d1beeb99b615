"""The prediction loop: one for every query strategy, evaluation and pseudo-labels."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from feasible_al.engine.device import Device
from feasible_al.engine.model import Predicted, UnitModel
from feasible_al.engine.tokens import Batch, Tokens, gather, ranges

PAPER_BATCH = 100


@dataclass(frozen=True)
class Prediction:
    """A model's predictions for some instances; units are in the order of the instances.

    Attributes:
        log_proba: float32[units, classes], log-probability of each class.
        labels: int64[units], the predicted labels: the most probable class, or a CRF's best sequence.
        label_log_proba: float32[units]; their sum over an instance is the log-probability of all its labels.
        offsets: int64[n + 1], where each instance's units begin.
        embeddings: float32[n, size], inputs of the last linear layer, averaged over an instance's units; None
            when not requested.
    """

    log_proba: np.ndarray
    labels: np.ndarray
    label_log_proba: np.ndarray
    offsets: np.ndarray
    embeddings: np.ndarray | None = None


def predict(
    model: UnitModel,
    tokens: Tokens,
    rows: np.ndarray,
    device: Device,
    *,
    fast: bool,
    embed: bool = False,
    dropout: bool = False,
) -> Prediction:
    """The model's predictions for every unit of ``rows``, in smaller batches where memory runs out.

    Args:
        model: fitted or not.
        tokens: the split that ``rows`` index.
        rows: int64[n], in any order.
        device: where to compute.
        fast: whether rows are sorted by length and batched by tokens, in the device's precision; otherwise
            in batches of 100 in the given order in float32, as in the paper's timings.
        embed: whether to return embeddings too.
        dropout: whether dropout is on as in training, drawn from torch's global generators.

    Raises:
        ValueError: if ``rows`` is empty.
        OutOfMemory: if a single instance does not fit into the device's memory.
    """
    if len(rows) == 0:
        raise ValueError("there are no rows to predict")
    offsets = np.concatenate([[0], np.cumsum(tokens.units[rows])])
    parts = offsets  # where the units of each part of a batch begin
    room = device.prediction_tokens if fast else PAPER_BATCH
    if fast and not embed and model.units_at_once is not None:
        tokens, rows = tokens.one_by_one(), ranges(tokens.unit_offsets, rows)
        parts, room = np.arange(len(rows) + 1), max(room, model.units_at_once)
    # A batch is limited in padded tokens, or in paper mode in instances.
    costs = tokens.lengths[rows] if fast else np.ones(len(rows), dtype=np.int64)
    order = np.argsort(-costs, kind="stable")
    model.eval()
    if dropout:
        _switch_dropout_on(model)
    precision = device.dtype if fast else torch.float32
    with ExitStack() as contexts:
        contexts.enter_context(torch.inference_mode())
        device.memory.whole(lambda: contexts.enter_context(model.frozen(precision)))
        inputs = contexts.enter_context(_inputs_of(model.head if embed else None))

        def predicted(positions: np.ndarray) -> tuple[Predicted, torch.Tensor | None]:
            inputs.clear()  # a batch that did not fit into memory may have left some
            batch = gather(tokens, rows[positions], device.torch)
            with device.autocast(enabled=fast):
                logits = model(batch)
            means = _means(model.at_units(inputs[0], batch).float(), batch) if embed else None
            return model.predictions(logits.float(), batch), means

        found, embedded = zip(*device.memory.in_batches(predicted, order, costs, room), strict=True)
    units = ranges(parts, order)
    arrays = []
    for pieces in zip(*found, strict=True):
        values = torch.cat(pieces).cpu().numpy()  # one copy to the host, at the end
        array = np.empty_like(values)
        array[units] = values
        arrays.append(array)
    log_proba, labels, label_log_proba = arrays
    embeddings = None
    if embed:
        values = torch.cat(embedded).cpu().numpy()
        embeddings = np.empty_like(values)
        embeddings[order] = values
    return Prediction(log_proba, labels, label_log_proba, offsets, embeddings)


def _switch_dropout_on(model: nn.Module) -> None:
    """Switch the whole model to training mode except normalisation, which keeps its running statistics.

    Switching only the dropout modules is not enough: attention decides by its own mode, and layers that are
    dropped as a whole by the mode of the module that runs them.
    """
    model.train()
    for module in model.modules():
        if isinstance(module, _NormBase):
            module.eval()


@contextmanager
def _inputs_of(layer: nn.Module | None) -> Iterator[list[torch.Tensor]]:
    """A list to which each call of ``layer`` adds its input."""
    seen: list[torch.Tensor] = []
    if layer is None:
        yield seen
        return
    handle = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        yield seen
    finally:
        handle.remove()


def _means(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """float32[rows, size]: the mean over each row's units."""
    sums = values.new_zeros(len(batch.ids), values.shape[1]).index_add_(0, batch.unit_rows, values)
    units = values.new_zeros(len(batch.ids)).index_add_(0, batch.unit_rows, values.new_ones(len(values)))
    return sums / units[:, None]
