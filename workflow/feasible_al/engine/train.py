"""The training loop: one for every model and both tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from feasible_al.config.blocks import Training
from feasible_al.core import rng
from feasible_al.core.errors import NonFiniteLoss
from feasible_al.engine.device import Device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.optimiser import ClippedAdamW
from feasible_al.engine.schedule import (
    Schedule,
    batches,
    ends_of_epochs,
    learning_rate_factor,
    schedule_of,
)
from feasible_al.engine.tokens import Tokens, gather, ranges

Checkpoint = Mapping[str, torch.Tensor]
"""A copy of a model's parameters, by name, in the host's memory."""


@dataclass(frozen=True)
class TrainResult:
    """The course of a fit.

    Attributes:
        losses: float32[steps], mean loss per unit of each step, in nats.
        converged: whether the mean loss of the last tenth of the steps is below that of the best constant
            prediction for the same labels.
        checkpoints: the parameters at the ends of the last epochs, in their order.
    """

    losses: np.ndarray
    converged: bool
    checkpoints: tuple[Checkpoint, ...] = ()


def train(
    model: UnitModel,
    tokens: Tokens,
    targets: np.ndarray,
    rows: np.ndarray,
    settings: Training,
    device: Device,
    *,
    seed: int,
    point: int,
    micro_batch: int | None,
    schedule: Schedule | None = None,
    weights: np.ndarray | None = None,
    checkpoints: int = 0,
) -> TrainResult:
    """Fit ``model`` in place on ``rows`` (paper, Table 4: AdamW, slanted triangular rate, clipping).

    The loss of a step is the weighted mean over the units of one random batch. With ``micro_batch`` the batch
    is sorted by length and cut into pieces to save padding; their gradients add up to that of the batch. When
    the device runs out of memory, the step starts again with smaller pieces, which later steps use too.

    Args:
        model: already on the device.
        tokens: the split that ``rows`` index into.
        targets: int64[units of the split], or float32[units of the split, classes] distributions.
        rows: int64[n], sorted; the instances to learn from.
        settings: resolved training settings.
        device: where to compute.
        seed: of the run.
        point: of the trajectory; with the seed it determines batch order and dropout.
        micro_batch: instances per micro-batch; None for whole batches in their own order.
        schedule: epochs, batch size and steps; from the minimum-steps rule when None.
        weights: float32[n], the weight of each of the split's instances; None when all are 1.
        checkpoints: at the ends of how many of the last epochs the parameters are kept.

    Raises:
        NonFiniteLoss: naming the first bad step and its learning rate.
        OutOfMemory: if a single instance does not fit into the device's memory.
    """
    schedule = schedule or schedule_of(len(rows), settings)
    optimiser = device.memory.whole(partial(ClippedAdamW, model, settings.weight_decay, settings.clip_norm))
    losses = torch.zeros(schedule.steps, device=device.torch)
    ends, kept = ends_of_epochs(len(rows), schedule, checkpoints), []

    def backward(rows: np.ndarray, generators: list[torch.Tensor], size: int) -> torch.Tensor:
        """The loss of a batch, computed in pieces of ``size``; gradients are left in the parameters."""
        optimiser.clear()
        device.rewind(generators)
        units = tokens.units[rows]
        total = float(units.sum() if weights is None else units @ weights[rows])
        loss = torch.zeros((), device=device.torch)
        for piece in _pieces(tokens, rows, size, by_length=micro_batch is not None):
            batch = gather(tokens, piece, device.torch, targets, weights)
            with device.autocast():
                logits = model(batch)
            each = model.loss(logits.float(), batch)
            part = (each if batch.weights is None else each * batch.weights).sum() / total
            part.backward()  # type: ignore[no-untyped-call]
            loss += part.detach()
        return loss

    # For models that pack, a batch is sorted by length and cut only if it does not fit into memory.
    size = schedule.batch_size if micro_batch is None or model.packs else micro_batch
    model.train()
    with torch.random.fork_rng(devices=[device.torch] if device.torch.type == "cuda" else []):
        torch.manual_seed(rng.torch_seed(seed, "dropout", point))
        lengths = tokens.lengths if settings.batches == "length_grouped" else None
        for step, batch_rows in enumerate(batches(rows, schedule, seed, point, lengths)):
            asked = min(size, len(batch_rows))
            work = partial(backward, batch_rows, device.generators())
            losses[step], fitted = device.memory.in_parts(work, asked)
            size = size if fitted == asked else fitted
            optimiser.step(settings.learning_rate * learning_rate_factor(step, schedule.steps, settings))
            if step + 1 in ends:
                kept.append({name: of.to("cpu", copy=True) for name, of in model.state_dict().items()})
    optimiser.clear()
    history = losses.cpu().numpy()  # the only copy to the host
    bad = np.flatnonzero(~np.isfinite(history))
    if bad.size:
        rate = settings.learning_rate * learning_rate_factor(int(bad[0]), schedule.steps, settings)
        raise NonFiniteLoss(
            f"loss {history[bad[0]]} at step {bad[0] + 1} of {schedule.steps}, learning rate {rate:.3g}"
        )
    return TrainResult(history, _converged(history, targets, tokens, rows), tuple(kept))


def _pieces(tokens: Tokens, rows: np.ndarray, size: int, *, by_length: bool) -> list[np.ndarray]:
    if by_length:
        rows = rows[np.argsort(-tokens.lengths[rows], kind="stable")]
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _converged(losses: np.ndarray, targets: np.ndarray, tokens: Tokens, rows: np.ndarray) -> bool:
    """Whether the final loss is below the labels' entropy, the loss of the best constant prediction."""
    learned = targets[ranges(tokens.unit_offsets, rows)]
    share = np.bincount(learned) / len(learned) if learned.ndim == 1 else learned.mean(axis=0)
    entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
    return bool(losses[-max(1, len(losses) // 10) :].mean() < entropy or entropy == 0)
