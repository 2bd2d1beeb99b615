"""Curves by seed, and what is read off them: scores and areas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from feasible_al.analysis.names import UNIT
from feasible_al.config.data import METRIC
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

AREA = (
    "Area: under the curve of the score over the labelled share, by trapezoids, from the first query to the "
    "end of the budget and divided by that width, so that it is a score. What comes before the first query "
    "is not in it: nothing has been chosen there, and series with one successor have one and the same model."
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
        """Area over the labelled share between some of its points, by trapezoids, over its width: a score.

        Args:
            points: ascending; all from the first query on when empty.
        """
        points = points or queried(self.points)
        scores = [self.scores[self.points.index(point)] for point in points]
        return float(np.dot(self.weights(points), scores))

    def weights(self, points: Sequence[int]) -> np.ndarray:
        """float64[points]: what each score counts in the area between them; they sum to 1."""
        shares = [self.shares[self.points.index(point)] for point in points]
        if shares[0] == shares[-1]:  # one point, or no labels between them
            return np.full(len(shares), 1 / len(shares))
        gaps = np.diff(shares)
        weights: np.ndarray = (np.append(0, gaps) + np.append(gaps, 0)) / 2 / (shares[-1] - shares[0])
        return weights


def queried(points: Iterable[int]) -> tuple[int, ...]:
    """The points from the first query on: areas and differences are of these."""
    return tuple(point for point in points if point > 0)


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
            columns = ("point", "labelled_fraction", "value", "pseudo_instances")
            points, shares, scores, pseudo = (tuple(own[name].tolist()) for name in columns)
            unconverged = int((~own["converged"]).sum())
            curves.append(SeedCurve(seed, points, shares, scores, pseudo, unconverged))
    return tuple(curves)


def shared_points(curves: Iterable[SeedCurve]) -> tuple[int, ...]:
    """The points that all curves have, ascending."""
    every = [set(curve.points) for curve in curves]
    return tuple(sorted(set.intersection(*every))) if every else ()


def training_size(config: Config, results: Results, dataset: str) -> int:
    """How much there is to label: texts, or tokens when tagging."""
    unit = "tokens" if UNIT[config.datasets[dataset].task] == "tokens" else "instances"
    return int(results.stats[dataset]["splits"]["train"][unit])


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
