"""The test set's own share in differences between areas, beside the share of the seeds."""

import math
from collections.abc import Collection, Sequence

import numpy as np

from feasible_al.analysis.contrasts import Contrast
from feasible_al.analysis.curves import seed_curves
from feasible_al.analysis.intervals import Interval
from feasible_al.analysis.numbers import number
from feasible_al.analysis.test_set import test_set_share
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

HEADING = "Standard error, test set"
NOTE = (
    f"{HEADING}: of the difference of the areas, by the paired bootstrap over test instances: what another "
    "test set of this size would make of the same fits. It is in no interval and no p; where twice as much "
    "reaches the half width of an interval (marked *), another test set may say otherwise."
)


def sampling_error(
    config: Config,
    results: Results,
    dataset: str,
    pair: tuple[str, str],
    seeds: Collection[int],
    points: Sequence[int],
) -> float:
    """Standard error of the difference of two series' areas that the choice of test instances makes.

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
    ours, theirs = (
        [counts for seed in seeds for counts in results.counts(name, dataset, seed, tuple(points))]
        for name in pair
    )
    curves = {curve.seed: curve for curve in seed_curves(config, results, dataset, pair[0])}
    weights = np.concatenate([curves[seed].weights(points) for seed in seeds]) / len(seeds)
    return test_set_share(ours, theirs, weights.tolist())


def contrast_error(config: Config, results: Results, dataset: str, series: str, contrast: Contrast) -> float:
    """The :func:`sampling_error` of a series' contrast."""
    pair = (series, contrast.reference)
    return sampling_error(config, results, dataset, pair, contrast.gains.keys(), contrast.points)


def as_large(error: float, interval: Interval) -> bool:
    """Whether two standard errors reach as far as an interval does; never where there is none."""
    return 2 * error >= max(interval.mean - interval.low, interval.high - interval.mean)


def shown(error: float, interval: Interval, decimals: int) -> str:
    """The error, rounded, with a star where it is :func:`as_large`."""
    return number(error, decimals) + "*" * as_large(error, interval)
