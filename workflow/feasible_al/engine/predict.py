"""The prediction loop: one for every query strategy, evaluation and pseudo-labels."""

from collections.abc import Iterator
from contextlib import contextmanager
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
    """What a model says of some instances; units are in the order of the instances.

    Attributes:
        log_proba: float32[units, classes], log-probability of each class.
        labels: int64[units], what is predicted: the most probable class, or a CRF's best sequence.
        label_log_proba: float32[units]; an instance's sum is the log-probability of all its labels together.
        offsets: int64[n + 1], where each instance's units begin.
        embeddings: float32[n, size], what the last linear layer reads, averaged over an instance's units;
            None when not asked for.
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
        fast: rows sorted by length and batched by tokens, in the device's precision; otherwise batches of
            100 in the given order in float32, as the paper's timings contain.
        embed: whether embeddings are wanted too.
        dropout: whether everything that is dropped at random in training is dropped here too, drawn from
            torch's global generators.

    Raises:
        ValueError: if ``rows`` is empty.
        OutOfMemory: if the device's memory is too small for one instance.
    """
    if len(rows) == 0:
        raise ValueError("there is nothing to predict")
    offsets = np.concatenate([[0], np.cumsum(tokens.units[rows])])
    # A batch has room for so many padded tokens, or in the paper's way for so many instances.
    costs = tokens.lengths[rows] if fast else np.ones(len(rows), dtype=np.int64)
    room = device.prediction_tokens if fast else PAPER_BATCH
    order = np.argsort(-costs, kind="stable")
    model.eval()
    if dropout:
        _drop_as_in_training(model)
    precision = device.dtype if fast else torch.float32
    with torch.inference_mode(), model.frozen(precision), _read_by(model.head if embed else None) as read:

        def predicted(positions: np.ndarray) -> tuple[Predicted, torch.Tensor | None]:
            read.clear()  # where memory ran out, something may be left
            batch = gather(tokens, rows[positions], device.torch)
            with device.autocast(enabled=fast):
                logits = model(batch)
            means = _means(model.at_units(read[0], batch).float(), batch) if embed else None
            return model.predictions(logits.float(), batch), means

        found, embedded = zip(*device.memory.in_batches(predicted, order, costs, room), strict=True)
    units = ranges(offsets, order)
    arrays = []
    for parts in zip(*found, strict=True):
        values = torch.cat(parts).cpu().numpy()  # one copy to the host, after all is done
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


def _drop_as_in_training(model: nn.Module) -> None:
    """Switch the whole model to training but for normalisation, which keeps to its running statistics.

    The module that holds a probability is often not the one whose switch decides: attention reads its own,
    and whole layers are left out by what runs them.
    """
    model.train()
    for module in model.modules():
        if isinstance(module, _NormBase):
            module.eval()


@contextmanager
def _read_by(layer: nn.Module | None) -> Iterator[list[torch.Tensor]]:
    """A list that each call of ``layer`` adds its input to."""
    read: list[torch.Tensor] = []
    if layer is None:
        yield read
        return
    handle = layer.register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
    try:
        yield read
    finally:
        handle.remove()


def _means(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """float32[rows, size]: the mean over each row's units."""
    sums = values.new_zeros(len(batch.ids), values.shape[1]).index_add_(0, batch.unit_rows, values)
    return sums / torch.bincount(batch.unit_rows, minlength=len(batch.ids))[:, None]
