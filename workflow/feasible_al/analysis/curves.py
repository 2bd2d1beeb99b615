"""Curves by seed, and what is read off them: last scores, means over points, differences from random."""

from dataclasses import dataclass

import numpy as np

from feasible_al.analysis.intervals import Interval, paired_interval
from feasible_al.analysis.names import METRIC
from feasible_al.analysis.results import Results
from feasible_al.config.schema import Config


@dataclass(frozen=True)
class SeedCurve:
    """One seed's curve, by ascending point.

    Attributes:
        seed: the seed.
        points: point numbers.
        shares: labelled share of the training set at each point.
        scores: the test score at each point.
        unconverged: how many of its fits did not converge.
    """

    seed: int
    points: tuple[int, ...]
    shares: tuple[float, ...]
    scores: tuple[float, ...]
    unconverged: int

    @property
    def mean_score(self) -> float:
        """Mean over points: the area under the curve, every point weighing the same."""
        return float(np.mean(self.scores))


def seed_curves(config: Config, results: Results, dataset: str, series: str) -> tuple[SeedCurve, ...]:
    """The curves of a series, one per seed that was run, in the order of the config's seeds."""
    frame = results.curves
    rows = frame[
        (frame["dataset"] == dataset)
        & (frame["series"] == series)
        & (frame["metric"] == METRIC[config.datasets[dataset].task])
    ]
    curves = []
    for seed in config.seeds:
        own = rows[rows["seed"] == seed].sort_values("point")
        if len(own):
            points, shares, scores = (
                tuple(own[name].tolist()) for name in ("point", "labelled_fraction", "value")
            )
            curves.append(SeedCurve(seed, points, shares, scores, int((~own["converged"]).sum())))
    return tuple(curves)


def full_scores(config: Config, results: Results, dataset: str, model: str) -> tuple[float, ...]:
    """The scores of a model fitted on the whole training set, one per seed."""
    frame = results.curves
    rows = frame[
        (frame["dataset"] == dataset)
        & (frame["series"] == "full")
        & (frame["successor"] == model)
        & (frame["metric"] == METRIC[config.datasets[dataset].task])
    ]
    return tuple(rows["value"].tolist())


@dataclass(frozen=True)
class Comparison:
    """A series against random labelling, paired by seed.

    Attributes:
        reference: the random series.
        last: difference of the scores at the last point.
        mean: difference of the means over points.
    """

    reference: str
    last: Interval
    mean: Interval


def reference_of(config: Config, dataset: str, series: str) -> str | None:
    """The random series with the same successor on the dataset; none for a random series itself."""
    block = config.series[series]
    if block.strategy == "random":
        return None
    for name, other in config.series.items():
        if other.strategy == "random" and other.successor == block.successor and dataset in other.datasets:
            return name
    return None


def compare(config: Config, results: Results, dataset: str, series: str) -> Comparison | None:
    """A series minus the random series that has its successor; none where there is no such series."""
    reference = reference_of(config, dataset, series)
    if reference is None:
        return None
    own, other = (seed_curves(config, results, dataset, name) for name in (series, reference))
    return Comparison(
        reference,
        last=paired_interval({c.seed: c.scores[-1] for c in own}, {c.seed: c.scores[-1] for c in other}),
        mean=paired_interval({c.seed: c.mean_score for c in own}, {c.seed: c.mean_score for c in other}),
    )


def verdict(difference: Interval) -> str:
    """Whether a difference from random is more than seed noise, in plain words."""
    if difference.count == 0:
        return "not run"
    if not difference.known:
        return "one seed: no interval"
    if not difference.excludes_zero:
        return "undecided: interval contains 0"
    return (
        "higher than random: interval above 0"
        if difference.low > 0
        else "lower than random: interval below 0"
    )
