"""What a series came to on a dataset: a row of the table of scores."""

import math
from dataclasses import dataclass

from feasible_al.analysis.contrasts import Contrast
from feasible_al.analysis.curves import SeedCurve, queried, shared_points
from feasible_al.analysis.intervals import Spread, spread
from feasible_al.analysis.verdicts import UNTESTED


@dataclass(frozen=True)
class ScoreLine:
    """A series on a dataset.

    Attributes:
        dataset: where.
        series: its key.
        every: how many points a whole curve of the dataset has from the first query on.
        curves: one per seed.
        comparison: with random labelling, where there is something to compare with.
        random: whether it is random labelling itself.
        error: of the difference, from the choice of the test set; see :func:`sampling_error`.
    """

    dataset: str
    series: str
    every: int
    curves: tuple[SeedCurve, ...]
    comparison: Contrast | None
    random: bool
    error: float = math.nan

    @property
    def points(self) -> tuple[int, ...]:
        """The points that all seeds have."""
        return shared_points(self.curves)

    @property
    def partial(self) -> bool:
        """Whether it was evaluated at some points only."""
        return len(self.points) > 0 and len(queried(self.points)) < self.every

    @property
    def last(self) -> Spread:
        """Score at the last of them."""
        return spread([curve.area(self.points[-1:]) for curve in self.curves])

    @property
    def area(self) -> Spread:
        """Of a whole curve only: means over different points cannot be compared."""
        return spread([curve.area() for curve in self.curves if not self.partial])

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
        if self.comparison is None:
            return "no random series to compare"
        return (
            self.comparison.area.verdict
            if self.comparison.gains
            else "no seed or no point in common with random"
        )

    def record(self) -> dict[str, object]:
        """Its numbers, unrounded."""
        failed, fits = self.fits
        last = self.comparison.last if self.comparison else UNTESTED.interval
        area = self.comparison.area if self.comparison else UNTESTED
        return {
            "dataset": self.dataset,
            "series": self.series,
            "seeds": len(self.curves),
            "points": _numbers(self.points),
            "last_labelled_fraction": self.share,
            "last_pseudo_instances": self.pseudo,
            "last_mean": self.last.mean,
            "last_std": self.last.std,
            "area_mean": self.area.mean,
            "area_std": self.area.std,
            "reference": self.comparison.reference if self.comparison else "",
            "paired_seeds": area.interval.count,
            "paired_points": _numbers(self.comparison.points if self.comparison else ()),
            "last_difference": last.mean,
            "last_difference_low": last.low,
            "last_difference_high": last.high,
            "area_difference": area.interval.mean,
            "area_difference_low": area.interval.low,
            "area_difference_high": area.interval.high,
            "test_set_error": self.error,
            "p": area.p,
            "p_holm": area.p_holm,
            "tests": area.tests,
            "verdict": self.verdict,
            "not_converged": failed,
            "fits": fits,
        }


def _numbers(points: tuple[int, ...]) -> str:
    return " ".join(map(str, points))
