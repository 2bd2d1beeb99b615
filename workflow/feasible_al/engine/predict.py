"""The prediction loop: one for every query strategy, evaluation and pseudo-labels."""

from dataclasses import dataclass

import numpy as np
import torch

from feasible_al.engine.device import Device
from feasible_al.engine.model import Predicted, UnitModel
from feasible_al.engine.tokens import Tokens, gather, ranges

PAPER_BATCH = 100


@dataclass(frozen=True)
class Prediction:
    """What a model says of some instances; units are in the order of the instances.

    Attributes:
        log_proba: float32[units, classes], log-probability of each class.
        labels: int64[units], what is predicted: the most probable class, or a CRF's best sequence.
        label_log_proba: float32[units]; an instance's sum is the log-probability of all its labels together.
        offsets: int64[n + 1], where each instance's units begin.
    """

    log_proba: np.ndarray
    labels: np.ndarray
    label_log_proba: np.ndarray
    offsets: np.ndarray


def predict(model: UnitModel, tokens: Tokens, rows: np.ndarray, device: Device, *, fast: bool) -> Prediction:
    """The model's predictions for every unit of ``rows``.

    Args:
        model: fitted or not.
        tokens: the split that ``rows`` index.
        rows: int64[n], in any order.
        device: where to compute.
        fast: rows sorted by length and batched by tokens, in the device's precision; otherwise batches of
            100 in the given order in float32, as the paper's timings contain.

    Raises:
        ValueError: if ``rows`` is empty.
    """
    if len(rows) == 0:
        raise ValueError("there is nothing to predict")
    offsets = np.concatenate([[0], np.cumsum(tokens.units[rows])])
    order = _batches(tokens.lengths[rows], device.prediction_tokens) if fast else _in_order(len(rows))
    found: list[Predicted] = []
    model.eval()
    with torch.inference_mode(), model.frozen(device.dtype if fast else torch.float32):
        for positions in order:
            batch = gather(tokens, rows[positions], device.torch)
            with device.autocast(enabled=fast):
                logits = model(batch)
            found.append(model.predictions(logits.float(), batch))
    units = ranges(offsets, np.concatenate(order))
    arrays = []
    for parts in zip(*found, strict=True):
        values = torch.cat(parts).cpu().numpy()  # one copy to the host, after all is done
        array = np.empty_like(values)
        array[units] = values
        arrays.append(array)
    log_proba, labels, label_log_proba = arrays
    return Prediction(log_proba, labels, label_log_proba, offsets)


def _batches(lengths: np.ndarray, tokens: int) -> list[np.ndarray]:
    """Positions by descending length, cut so that a padded batch has at most ``tokens`` tokens."""
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        size = max(1, tokens // int(lengths[order[start]]))
        batches.append(order[start : start + size])
        start += size
    return batches


def _in_order(n: int) -> list[np.ndarray]:
    return [np.arange(start, min(start + PAPER_BATCH, n)) for start in range(0, n, PAPER_BATCH)]
