"""Series against the reference of their dataset, such as random labelling: one family of tests a dataset."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from feasible_al.analysis.bounds import DIFFERENCE
from feasible_al.analysis.curves import SeedCurve, queried, seed_curves, shared_points
from feasible_al.analysis.intervals import Interval, t_interval
from feasible_al.analysis.verdicts import Finding, Sample, findings
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import reference_of
from feasible_al.results.collect import Results


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
    """The series of a dataset that have a reference of that strategy; their tests are one family.

    Args:
        config: of the run.
        results: of it.
        dataset: where.
        strategy: of the reference.
        among: the series that count; all of the dataset when None.
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
