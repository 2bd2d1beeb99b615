"""How much of a difference between scores is the choice of the test instances, from stored predictions."""

from collections.abc import Sequence

import numpy as np

from feasible_al.results.counts import Counts

RESAMPLES = 2_000
"""Enough for a standard error to within 2% or so of its own size."""
ROOM = 1 << 22
"""Of test instances drawn at a time, in numbers."""


def resampled(fits: Sequence[Counts], resamples: int = RESAMPLES) -> np.ndarray:
    """float64[resamples, fits]: the scores on test sets drawn with replacement from the one there is.

    All fits are scored on the same draws, which are the same in every call for test sets of one size, so that
    differences between methods and seeds are paired by instance.

    Args:
        fits: any number, on the same test set.
        resamples: how many test sets.
    """
    size = len(fits[0].hits)
    counts = np.stack([column for fit in fits for column in (fit.hits, fit.of)], axis=1).astype(np.float64)
    generator, sums = np.random.default_rng(0), []
    for draws in np.array_split(np.arange(resamples), max(1, resamples * size // ROOM)):
        # How often each instance was drawn.
        times = [np.bincount(generator.integers(size, size=size), minlength=size) for _ in draws]
        sums.append(np.array(times, dtype=np.float64) @ counts)
    hits, of = np.concatenate(sums)[:, ::2], np.concatenate(sums)[:, 1::2]
    scores: np.ndarray = hits / np.maximum(1, of)
    return scores


def test_set_share(fits: Sequence[Counts], weights: Sequence[float]) -> float:
    """The standard error of a difference of two methods' scores that the choice of test instances makes.

    The paired bootstrap over test instances (Efron and Tibshirani, 1993, chapter 6; for such scores
    Berg-Kirkpatrick, Burkett and Klein, 2012): a resample is the same for all seeds and for both methods.
    It is of the fits as they are; what other seeds would have changed is not in it.

    Args:
        fits: of both methods: a seed each, or each seed at each point of its curve.
        weights: how much each counts in the difference: 1 / seeds for a mean over seeds, and less than 0 for
            the method that is subtracted.
    """
    return float((resampled(fits) @ np.asarray(weights)).std(ddof=1))
