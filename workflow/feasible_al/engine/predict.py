"""The prediction loop: one for every query strategy, evaluation and pseudo-labels."""

from dataclasses import dataclass
from functools import partial

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
    """The model's predictions for every unit of ``rows``, in smaller batches where memory runs out.

    Args:
        model: fitted or not.
        tokens: the split that ``rows`` index.
        rows: int64[n], in any order.
        device: where to compute.
        fast: rows sorted by length and batched by tokens, in the device's precision; otherwise batches of
            100 in the given order in float32, as the paper's timings contain.

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

    def predicted(start: int, size: int) -> Predicted:
        batch = gather(tokens, rows[order[start : start + size]], device.torch)
        with device.autocast(enabled=fast):
            logits = model(batch)
        return model.predictions(logits.float(), batch)

    found: list[Predicted] = []
    start = 0
    model.eval()
    with torch.inference_mode(), model.frozen(device.dtype if fast else torch.float32):
        while start < len(order):
            longest = int(costs[order[start]])
            asked = min(max(1, room // longest), len(order) - start)
            part, fitted = device.memory.fit(partial(predicted, start), asked)
            room = room if fitted == asked else fitted * longest
            found.append(part)
            start += fitted
    units = ranges(offsets, order)
    arrays = []
    for parts in zip(*found, strict=True):
        values = torch.cat(parts).cpu().numpy()  # one copy to the host, after all is done
        array = np.empty_like(values)
        array[units] = values
        arrays.append(array)
    log_proba, labels, label_log_proba = arrays
    return Prediction(log_proba, labels, label_log_proba, offsets)
