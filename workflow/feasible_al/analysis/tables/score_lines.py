"""What a series came to on a dataset: a row of the table of scores."""

import math
from dataclasses import dataclass

from feasible_al.analysis.curves import Comparison, SeedCurve, shared_points, verdict
from feasible_al.analysis.intervals import Interval, Spread, spread

NO_INTERVAL = Interval(math.nan, math.nan, math.nan, 0)


@dataclass(frozen=True)
class ScoreLine:
    """A series on a dataset.

    Attributes:
        dataset: where.
        series: its key.
        every: how many points a whole curve of the dataset has.
        curves: one per seed.
        comparison: with random labelling, where there is something to compare with.
        random: whether it is random labelling itself.
    """

    dataset: str
    series: str
    every: int
    curves: tuple[SeedCurve, ...]
    comparison: Comparison | None
    random: bool

    @property
    def points(self) -> tuple[int, ...]:
        """The points that all seeds have."""
        return shared_points(self.curves)

    @property
    def partial(self) -> bool:
        """Whether it was evaluated at some points only."""
        return 0 < len(self.points) < self.every

    @property
    def last(self) -> Spread:
        """Score at the last of them."""
        return spread([curve.mean_score(self.points[-1:]) for curve in self.curves])

    @property
    def area(self) -> Spread:
        """Of a whole curve only: means over different points cannot be compared."""
        return spread([curve.mean_score(self.points) for curve in self.curves if not self.partial])

    @property
    def share(self) -> float:
        """Labelled share of the training set at the last point."""
        return spread([curve.shares[-1] for curve in self.curves]).mean

    @property
    def pseudo(self) -> float:
        """Instances with a labeller's label at the last point."""
        return spread([curve.pseudo[-1] for curve in self.curves]).mean

    @property
    def fits(self) -> tuple[int, int]:
        """Fits that did not converge, and all fits."""
        return sum(curve.unconverged for curve in self.curves), sum(
            len(curve.points) for curve in self.curves
        )

    @property
    def verdict(self) -> str:
        """Whether it differs from random labelling, in words."""
        if not self.curves:
            return "not run"
        if self.random:
            return "the reference"
        return verdict(self.comparison.mean) if self.comparison else "no random series to compare"

    def record(self) -> dict[str, object]:
        """Its numbers, unrounded."""
        failed, fits = self.fits
        last, mean = (
            (self.comparison.last, self.comparison.mean) if self.comparison else (NO_INTERVAL, NO_INTERVAL)
        )
        return {
            "dataset": self.dataset,
            "series": self.series,
            "seeds": len(self.curves),
            "points": _numbers(self.points),
            "last_labelled_fraction": self.share,
            "last_pseudo_instances": self.pseudo,
            "last_mean": self.last.mean,
            "last_std": self.last.std,
            "mean_over_points_mean": self.area.mean,
            "mean_over_points_std": self.area.std,
            "reference": self.comparison.reference if self.comparison else "",
            "paired_seeds": mean.count,
            "paired_points": _numbers(self.comparison.points if self.comparison else ()),
            "last_difference": last.mean,
            "last_difference_low": last.low,
            "last_difference_high": last.high,
            "mean_difference": mean.mean,
            "mean_difference_low": mean.low,
            "mean_difference_high": mean.high,
            "verdict": self.verdict,
            "not_converged": failed,
            "fits": fits,
        }


def _numbers(points: tuple[int, ...]) -> str:
    return " ".join(map(str, points))
