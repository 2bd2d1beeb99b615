"""The test set's own share in differences between areas, beside the share of the seeds."""

import math
from collections.abc import Collection, Sequence

from feasible_al.analysis.contrasts import Contrast
from feasible_al.analysis.curves import seed_curves
from feasible_al.analysis.intervals import Interval
from feasible_al.analysis.numbers import number
from feasible_al.analysis.test_set import test_set_share
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results
from feasible_al.results.counts import Counts

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
    fits: list[Counts] = []
    weights: list[float] = []
    for name, sign in zip(pair, (1, -1), strict=True):
        curves = {curve.seed: curve for curve in seed_curves(config, results, dataset, name)}
        for seed in seeds:
            fits += results.counts(name, dataset, seed, tuple(points))
            weights += (sign * curves[seed].weights(points) / len(seeds)).tolist()
    return test_set_share(fits, weights)


def contrast_error(
    config: Config, results: Results, dataset: str, series: str, contrast: Contrast | None
) -> float:
    """The :func:`sampling_error` of a series' contrast; NaN without one."""
    if contrast is None:
        return math.nan
    pair = (series, contrast.reference)
    return sampling_error(config, results, dataset, pair, contrast.gains.keys(), contrast.points)


def as_large(error: float, interval: Interval) -> bool:
    """Whether two standard errors reach as far as an interval does; never where there is none."""
    return 2 * error >= max(interval.mean - interval.low, interval.high - interval.mean)


def shown(error: float, interval: Interval, decimals: int) -> str:
    """The error, rounded, with a star where it is :func:`as_large`."""
    return number(error, decimals) + "*" * as_large(error, interval)
