"""How much of a difference the choice of test instances makes, beside the choice of seeds."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from feasible_al.analysis.curves import Contrast, seed_curves
from feasible_al.analysis.intervals import Interval, number
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results
from feasible_al.results.counts import Counts, score_of_sums

RESAMPLES = 2_000
"""Enough for a standard error with a relative error of about 2%."""
ROOM = 1 << 22
"""The most numbers that are drawn at a time, which bounds the memory."""
TOGETHER = 32
"""Fits that are scored at a time."""
HEADING = "Standard error, test set"
NOTE = (
    f"{HEADING}: how much the difference of the areas would vary for the same fits on other test sets of "
    "this size, by the paired bootstrap over test instances. Intervals and p values do not include it. A "
    "star (*) marks a difference whose interval is no wider than two of these errors on each side: another "
    "test set may give another answer."
)


def resampled(fits: Sequence[Counts], resamples: int = RESAMPLES) -> np.ndarray:
    """float64[resamples, fits]: the scores on test sets drawn with replacement from the real one.

    All fits are scored on the same draws, which are the same in every call for test sets of one size, so that
    differences between methods and seeds are paired by instance.

    Args:
        fits: any number, on the same test set.
        resamples: how many test sets.
    """
    blocks = [
        [scores for part in _parts(fits) for scores in _scores(times, part)]
        for times in _draws(len(fits[0].hits), resamples)
    ]
    return np.concatenate(blocks, axis=1).T


def _parts(fits: Sequence[Counts]) -> Iterator[Sequence[Counts]]:
    """A few fits at a time: products want many columns, but each fit may have one for each class."""
    return (fits[start : start + TOGETHER] for start in range(0, len(fits), TOGETHER))


def _scores(times: np.ndarray, fits: Sequence[Counts]) -> Iterator[np.ndarray]:
    """float64[some resamples] of each fit: its scores on test sets in which each instance is so often."""
    ends = np.cumsum([fit.hits.shape[1] for fit in fits])[:-1]
    hits, of = (
        np.split(times @ np.concatenate(each, axis=1, dtype=np.float64), ends, axis=1)
        for each in ([fit.hits for fit in fits], [fit.of for fit in fits])
    )
    return map(score_of_sums, hits, of)


def _draws(size: int, resamples: int) -> Iterable[np.ndarray]:
    """float64[some resamples, size]: how often each instance was drawn, block by block."""
    blocks = max(1, resamples * size // ROOM)
    return _kept(size, resamples) if blocks == 1 else _drawn(size, resamples, blocks)


@lru_cache(maxsize=2)  # all differences on a dataset take the same draws
def _kept(size: int, resamples: int) -> list[np.ndarray]:
    return [*_drawn(size, resamples, 1)]


def _drawn(size: int, resamples: int, blocks: int) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(0)
    for draws in np.array_split(np.arange(resamples), blocks):
        drawn = [np.bincount(generator.integers(size, size=size), minlength=size) for _ in draws]
        yield np.array(drawn, dtype=np.float64)


def error_of_test_set(fits: Sequence[Counts], weights: Sequence[float]) -> float:
    """Standard error of a difference of two methods' scores that is due to the choice of test instances.

    The paired bootstrap over test instances (Efron and Tibshirani, 1993, chapter 6; for such scores
    Berg-Kirkpatrick, Burkett and Klein, 2012): a resample is the same for all seeds and for both methods.
    The fits are taken as they are: variation over seeds is not included.

    Args:
        fits: of both methods: a seed each, or each seed at each point of its curve.
        weights: of each fit in the difference: 1 / seeds for a mean over seeds, negative for the method that
            is subtracted.
    """
    return float((resampled(fits) @ np.asarray(weights)).std(ddof=1))


def sampling_error(
    config: Config,
    results: Results,
    dataset: str,
    pair: tuple[str, str],
    seeds: Collection[int],
    points: Sequence[int],
) -> float:
    """Standard error of the difference of two series' areas that is due to the choice of test instances.

    Args:
        config: of the run.
        results: of it.
        dataset: where.
        pair: the two series.
        seeds: those that both have.
        points: ascending; those of the area. NaN without seeds or points.
    """
    if not seeds or not points:
        return math.nan
    key = dataset, pair, tuple(seeds), tuple(points)
    if key in results.errors:
        return results.errors[key]
    fits: list[Counts] = []
    weights: list[float] = []
    for name, sign in zip(pair, (1, -1), strict=True):
        curves = {curve.seed: curve for curve in seed_curves(config, results, dataset, name)}
        for seed in seeds:
            fits += results.counts(name, dataset, seed, tuple(points))
            weights += (sign * curves[seed].weights(points) / len(seeds)).tolist()
    results.errors[key] = error_of_test_set(fits, weights)
    return results.errors[key]


def contrast_error(
    config: Config, results: Results, dataset: str, series: str, contrast: Contrast | None
) -> float:
    """The :func:`sampling_error` of a series' contrast; NaN without one."""
    if contrast is None:
        return math.nan
    pair = (series, contrast.reference)
    return sampling_error(config, results, dataset, pair, contrast.gains.keys(), contrast.points)


def as_large(error: float, interval: Interval) -> bool:
    """Whether two standard errors are at least as large as half an interval; False without an interval."""
    return 2 * error >= max(interval.mean - interval.low, interval.high - interval.mean)


def starred(error: float, interval: Interval, decimals: int) -> str:
    """The error, rounded, with a star where it is :func:`as_large`."""
    return number(error, decimals) + "*" * as_large(error, interval)
