"""The schedule of a fit: number of steps, batches and learning rate."""

import math
from dataclasses import dataclass

import numpy as np

from feasible_al.config.blocks import Training
from feasible_al.core import rng
from feasible_al.core.values import part


@dataclass(frozen=True)
class Schedule:
    """Epochs and batch size of one fit.

    Attributes:
        epochs: passes over the instances.
        batch_size: instances per step; the last step of an epoch may have fewer.
        steps: optimiser steps in all.
    """

    epochs: int
    batch_size: int
    steps: int


SMALLEST_BATCH = 4
GROUPED_BATCHES = 50
CHECKPOINTS = 3
"""The last epochs of a fit at whose ends self-influence is measured, as in the authors' later version."""


def schedule_of(instances: int, settings: Training) -> Schedule:
    """The minimum-steps rule: the largest batch of 4 or more that gives enough steps, else more epochs.

    The authors' code takes batch sizes from a list, which gives another result for 14 of the sizes below
    1,200. A configured ``batch_size`` below 4 is used as it is.

    Args:
        instances: size of the labelled set, at least 1.
        settings: epochs, largest batch size and minimum number of steps.
    """
    smallest = min(SMALLEST_BATCH, settings.batch_size)
    for batch_size in range(settings.batch_size, smallest - 1, -1):
        per_epoch = math.ceil(instances / batch_size)
        if settings.epochs * per_epoch >= settings.minimum_steps:
            return Schedule(settings.epochs, batch_size, settings.epochs * per_epoch)
    per_epoch = math.ceil(instances / smallest)
    epochs = math.ceil(settings.minimum_steps / per_epoch)
    return Schedule(epochs, smallest, epochs * per_epoch)


def schedule_of_steps(instances: int, steps: int, settings: Training) -> Schedule:
    """A given number of steps in batches of the full size; the last epoch may be cut short."""
    return Schedule(math.ceil(steps / math.ceil(instances / settings.batch_size)), settings.batch_size, steps)


def ends_of_epochs(instances: int, schedule: Schedule, last: int) -> list[int]:
    """The numbers of steps after which the ``last`` epochs end; all epochs if there are fewer."""
    per_epoch = math.ceil(instances / schedule.batch_size)
    epochs = range(max(0, schedule.epochs - last), schedule.epochs)
    return [min((epoch + 1) * per_epoch, schedule.steps) for epoch in epochs]


def batches(
    rows: np.ndarray, schedule: Schedule, seed: int, point: int, lengths: np.ndarray | None = None
) -> list[np.ndarray]:
    """The rows of every step: a uniform shuffle per epoch, cut in order, the last smaller batch kept.

    Args:
        rows: int64[n], the instances to learn from.
        schedule: epochs, batch size and steps.
        seed: of the run.
        point: of the trajectory.
        lengths: of all rows of the split, for batches of similar length: each stretch of 50 batches is
            sorted by length before it is cut, and its batches are shuffled. None for no sorting.
    """
    generator = rng.generator(seed, "batch order", point)
    steps: list[np.ndarray] = []
    for _ in range(schedule.epochs):
        order = generator.permutation(rows)
        if lengths is None:
            steps += _cut(order, schedule.batch_size)
        else:
            for stretch in _cut(order, GROUPED_BATCHES * schedule.batch_size):
                alike = _cut(stretch[np.argsort(-lengths[stretch], kind="stable")], schedule.batch_size)
                steps += [alike[i] for i in generator.permutation(len(alike))]
    return steps[: schedule.steps]


def _cut(order: np.ndarray, size: int) -> list[np.ndarray]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def learning_rate_factor(step: int, steps: int, settings: Training) -> float:
    """The share of the peak learning rate at ``step`` (from 0) of ``steps``.

    ``slanted_triangular`` rises linearly from 0 during the warm-up and then falls linearly to 0, as in the
    authors' runs (Howard and Ruder, 2018, stop at 1/32 of the peak). ``linear`` has no warm-up.
    """
    if settings.schedule == "constant":
        return 1.0
    warmup = math.floor(part(settings.warmup, steps)) if settings.schedule == "slanted_triangular" else 0
    if step < warmup:
        return step / warmup
    return (steps - step) / max(1, steps - warmup)
