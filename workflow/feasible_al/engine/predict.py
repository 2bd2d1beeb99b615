"""The prediction loop: one for every query strategy, evaluation and pseudo-labels."""

import numpy as np
import torch
from torch import nn

from feasible_al.engine.device import Device
from feasible_al.engine.tokens import Tokens, gather, ranges

PAPER_BATCH = 100


def predict(
    model: nn.Module, tokens: Tokens, rows: np.ndarray, device: Device, *, fast: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of every unit of ``rows``.

    Args:
        model: maps a :class:`Batch` to float[units, classes] logits.
        tokens: the split that ``rows`` index.
        rows: int64[n], in any order.
        device: where to compute.
        fast: rows sorted by length and batched by tokens, in the device's precision; otherwise batches of
            100 in the given order in float32, as the paper's timings contain.

    Returns:
        float32[units, classes] log-softmax in the order of ``rows``, and int64[n + 1] unit offsets.
    """
    sizes = tokens.units[rows]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    log_proba: np.ndarray | None = None
    model.eval()
    with torch.inference_mode():
        for positions in (
            _batches(tokens.lengths[rows], device.prediction_tokens) if fast else _in_order(len(rows))
        ):
            with device.autocast(enabled=fast):
                logits = model(gather(tokens, rows[positions], device.torch))
            values = logits.float().log_softmax(dim=-1).cpu().numpy()
            if log_proba is None:
                log_proba = np.empty((offsets[-1], values.shape[1]), dtype=np.float32)
            log_proba[ranges(offsets, positions)] = values
    if log_proba is None:
        raise ValueError("there is nothing to predict")
    return log_proba, offsets


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
