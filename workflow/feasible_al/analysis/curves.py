"""Curves by seed, and what is read off them: last scores, means over points, differences from random."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from feasible_al.analysis.intervals import Interval, interval
from feasible_al.analysis.names import METRIC, UNIT
from feasible_al.analysis.results import Results
from feasible_al.config.blocks import Series
from feasible_al.config.schema import Config

PLAIN = "random labelling"


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

    def mean_score(self, points: Sequence[int]) -> float:
        """Mean over some of its points: the area under that part, every point weighing the same."""
        return float(np.mean([self.scores[self.points.index(point)] for point in points]))


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


@dataclass(frozen=True)
class Comparison:
    """A series against random labelling, paired by seed, at the points that both have.

    Attributes:
        reference: the random series.
        points: the points that both have.
        last: difference of the scores at the last of them.
        mean: difference of the means over them.
    """

    reference: str
    points: tuple[int, ...]
    last: Interval
    mean: Interval


def reference_of(config: Config, dataset: str, series: str, strategy: str = "random") -> str | None:
    """The series of ``strategy`` with the same successor and labels on the dataset, or with gold alone.

    None for such a series itself, and where there is none.
    """
    block = config.series[series]
    if block.strategy == strategy:
        return None
    for labels in (_labels(block), (None, "hard", "own")):
        for name, other in config.series.items():
            alike = other.successor == block.successor and _labels(other) == labels
            if other.strategy == strategy and alike and dataset in other.datasets:
                return name
    return None


def _labels(block: Series) -> tuple[str | None, str, str]:
    """What a series' successor learns from, and for how long."""
    return block.labeller, block.pseudo_labels, block.steps


def lacking(config: Config, series: str, reference: str) -> str:
    """What a reference does without beside the strategy, in words; empty when it is nothing."""
    block = config.series[series]
    if _labels(block) == _labels(config.series[reference]):
        return ""
    return "without pseudo-labels" if block.labeller else "without the additional training steps"


def against(config: Config, series: str, reference: str) -> str:
    """What a series is compared with, in words: random labelling, and what else the reference lacks."""
    return f"{PLAIN} {lacking(config, series, reference)}".strip()


def compare(config: Config, results: Results, dataset: str, series: str) -> Comparison | None:
    """A series minus its reference; None where there is no such series."""
    reference = reference_of(config, dataset, series)
    if reference is None:
        return None
    own, other = (seed_curves(config, results, dataset, name) for name in (series, reference))
    points = shared_points([*own, *other])
    return Comparison(
        reference, points, last=_difference(own, other, points[-1:]), mean=_difference(own, other, points)
    )


def _difference(own: Iterable[SeedCurve], other: Iterable[SeedCurve], points: Sequence[int]) -> Interval:
    first, second = ({c.seed: c.mean_score(points) for c in curves if points} for curves in (own, other))
    return interval([first[seed] - second[seed] for seed in first if seed in second])


def no_interval(difference: Interval) -> str:
    """Why a difference that was measured has no interval."""
    return "one seed" if difference.count == 1 else "the seeds do not differ"


def verdict(difference: Interval) -> str:
    """Whether a difference from random is more than seed noise, in plain words."""
    if difference.count == 0:
        return "no seed or no point in common with the random series"
    if not difference.known:
        return f"no interval: {no_interval(difference)}"
    if not difference.excludes_zero:
        return "undecided: interval contains 0"
    return (
        "higher than random: interval above 0"
        if difference.low > 0
        else "lower than random: interval below 0"
    )
