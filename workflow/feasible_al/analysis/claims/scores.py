"""Scores of two series, paired by seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from feasible_al.analysis.claims.hypothesis import Evidence, Untestable
from feasible_al.analysis.curves import queried, seed_curves, shared_points
from feasible_al.analysis.names import at_points, series_name
from feasible_al.analysis.test_set import sampling_error
from feasible_al.config.claims import Measure, SeriesPair
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class Pairs:
    """What two series score between some points.

    Attributes:
        scores: by seed, the measure of the series and of its reference.
        points: the points that the measure is of.
    """

    scores: dict[int, tuple[float, float]]
    points: tuple[int, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """Series minus reference, a value per seed."""
        return tuple(own - other for own, other in self.scores.values())

    @property
    def where(self) -> str:
        """The points in words."""
        return at_points(self.points)


def paired(config: Config, results: Results, part: SeriesPair, measure: Measure) -> Pairs:
    """The areas of a series and of its reference by seed.

    Raises:
        Untestable: if one of them was not run, or they have no point or no seed in common.
    """
    names = part.series, part.reference
    own, other = (seed_curves(config, results, part.dataset, name) for name in names)
    for name, of_seeds in zip(names, (own, other), strict=True):
        if not of_seeds:
            raise Untestable(f"not run: {series_name(config, name)}: this run has no curve of it")
    points = points_of(queried(shared_points([*own, *other])), measure)
    if not points:
        raise Untestable("no point in common after the first query")
    first, second = ({curve.seed: curve.area(points) for curve in of} for of in (own, other))
    scores = {seed: (first[seed], second[seed]) for seed in first if seed in second}
    if not scores:
        raise Untestable("no seed in common")
    return Pairs(scores, points)


def evidence(
    config: Config, results: Results, part: SeriesPair, pairs: Pairs, bound: float, remark: str
) -> Evidence:
    """The differences of two series, with the standard error that the choice of test instances makes."""
    names = part.series, part.reference
    error = sampling_error(config, results, part.dataset, names, pairs.scores, pairs.points)
    return Evidence(pairs.differences, bound, remark, error)


def points_of(points: Sequence[int], measure: Measure) -> tuple[int, ...]:
    """The points that a measure is of, among those that both series have from the first query on."""
    if measure == "early":
        return tuple(points[: max(1, len(points) // 3)])
    return tuple(points[-1:] if measure == "last" else points)
