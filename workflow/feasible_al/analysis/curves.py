"""Curves by seed, their areas, and the differences of series from their reference."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feasible_al.analysis.bounds import DIFFERENCE
from feasible_al.analysis.intervals import Interval, t_interval
from feasible_al.analysis.names import UNIT
from feasible_al.analysis.statistics import Finding, Sample, findings
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import reference_of
from feasible_al.results.collect import Results

AREA = (
    "Area: the area under the curve of the score over the labelled share, from the first query to the end of "
    "the budget, computed with trapezoids and divided by that width, so that it is a mean score. The part "
    "before the first query does not count: nothing has been chosen there, and all series with one successor "
    "have the same model."
)


@dataclass(frozen=True)
class SeedCurve:
    """One seed's curve, by ascending point.

    Attributes:
        seed: the seed.
        points: point numbers.
        shares: labelled share of the training set at each point.
        scores: the test score at each point.
        pseudo: training instances with a labeller's label at each point.
        unconverged: how many of its fits did not converge.
    """

    seed: int
    points: tuple[int, ...]
    shares: tuple[float, ...]
    scores: tuple[float, ...]
    pseudo: tuple[int, ...]
    unconverged: int

    def area(self, points: Sequence[int] = ()) -> float:
        """Area under the curve between some of its points, by trapezoids, divided by its width: a mean score.

        Args:
            points: ascending; all from the first query on when empty.
        """
        points = points or queried(self.points)
        scores = [self.scores[self.points.index(point)] for point in points]
        return float(np.dot(self.weights(points), scores))

    def weights(self, points: Sequence[int]) -> np.ndarray:
        """float64[points]: the weight of each score in the area between these points; they sum to 1."""
        shares = [self.shares[self.points.index(point)] for point in points]
        if shares[0] == shares[-1]:  # one point, or no labels between them
            return np.full(len(shares), 1 / len(shares))
        gaps = np.diff(shares)
        weights: np.ndarray = (np.append(0, gaps) + np.append(gaps, 0)) / 2 / (shares[-1] - shares[0])
        return weights


def queried(points: Iterable[int]) -> tuple[int, ...]:
    """The points from the first query on, which areas and differences are computed from."""
    return tuple(point for point in points if point > 0)


def seed_curves(config: Config, results: Results, dataset: str, series: str) -> tuple[SeedCurve, ...]:
    """The curves of a series, one per seed that was run, in the order of the config's seeds."""
    frame = results.curves
    columns = ["seed", "point", "labelled_fraction", "value", "pseudo_instances", "converged"]
    rows = frame.loc[
        (frame["dataset"] == dataset)
        & (frame["series"] == series)
        & (frame["metric"] == config.datasets[dataset].shown_metric),
        columns,
    ].sort_values("point")
    by_seed: dict[int, list[Any]] = {}
    for seed, *row in zip(*(rows[name].tolist() for name in columns), strict=True):
        by_seed.setdefault(seed, []).append(row)
    return tuple(_curve(seed, by_seed[seed]) for seed in config.seeds_of(series) if seed in by_seed)


def _curve(seed: int, rows: list[Any]) -> SeedCurve:
    points, shares, scores, pseudo, converged = zip(*rows, strict=True)
    return SeedCurve(seed, points, shares, scores, pseudo, len(converged) - sum(converged))


def shared_points(curves: Iterable[SeedCurve]) -> tuple[int, ...]:
    """The points that all curves have, ascending."""
    every = [set(curve.points) for curve in curves]
    return tuple(sorted(set.intersection(*every))) if every else ()


def training_size(config: Config, results: Results, dataset: str) -> int:
    """The size of the training set: texts, or tokens when tagging."""
    unit = "tokens" if UNIT[config.datasets[dataset].task] == "tokens" else "instances"
    return int(results.stats[dataset]["splits"]["train"][unit])


def full_scores(config: Config, results: Results, dataset: str, model: str) -> tuple[float, ...]:
    """The scores of a model fitted on the whole training set, one per seed."""
    frame = results.curves
    rows = frame[
        (frame["dataset"] == dataset)
        & (frame["series"] == "full")
        & (frame["successor"] == model)
        & (frame["metric"] == config.datasets[dataset].shown_metric)
    ]
    return tuple(rows["value"].tolist())


@dataclass(frozen=True)
class Contrast:
    """A series minus its reference, paired by seed, at the points that both have from the first query on.

    Attributes:
        reference: the other series.
        points: the points that both have.
        gains: differences of the areas between them, by seed.
        area: their mean and verdict.
        last: difference of the scores at the last point.
    """

    reference: str
    points: tuple[int, ...]
    gains: Mapping[int, float]
    area: Finding
    last: Interval


def contrasts(
    config: Config,
    results: Results,
    dataset: str,
    strategy: str = "random",
    among: Collection[str] | None = None,
) -> dict[str, Contrast]:
    """Contrasts of the series of a dataset that have a reference with that strategy; one family of tests.

    Args:
        config: of the run.
        results: of it.
        dataset: where.
        strategy: of the reference.
        among: the series to compare; all of the dataset when None.
    """
    references = {
        name: reference
        for name, block in config.series.items()
        if dataset in block.datasets
        and (among is None or name in among)
        and (reference := reference_of(config, dataset, name, strategy)) is not None
    }
    points: dict[str, tuple[int, ...]] = {}
    gains: dict[str, dict[int, float]] = {}
    last: dict[str, Interval] = {}
    for name, reference in references.items():
        own, other = (seed_curves(config, results, dataset, each) for each in (name, reference))
        points[name] = queried(shared_points([*own, *other]))
        gains[name] = _differences(own, other, points[name])
        last[name] = t_interval([*_differences(own, other, points[name][-1:]).values()], DIFFERENCE)
    found = findings({name: Sample([*values.values()]) for name, values in gains.items()})
    return {
        name: Contrast(reference, points[name], gains[name], found[name], last[name])
        for name, reference in references.items()
    }


def _differences(
    own: Sequence[SeedCurve], other: Sequence[SeedCurve], points: Sequence[int]
) -> dict[int, float]:
    """Differences of the areas between some points, by seed; empty without points."""
    first, second = ({c.seed: c.area(points) for c in curves if points} for curves in (own, other))
    return {seed: first[seed] - second[seed] for seed in first if seed in second}
