"""Entrants: the series that are compared on a dataset, their references, ranks and pairs."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from scipy.stats import rankdata

from feasible_al.analysis.curves import Contrast, SeedCurve, contrasts, seed_curves, training_size
from feasible_al.analysis.intervals import ROUNDING, spread
from feasible_al.analysis.names import UNIT, dataset_name, lacking, series_name
from feasible_al.analysis.statistics import Finding, Sample, findings
from feasible_al.config.comparison import Comparison
from feasible_al.config.schema import Config
from feasible_al.jobs.budget import amounts_of
from feasible_al.jobs.shown import reference_of
from feasible_al.results.collect import Results

CurveScore = Callable[[SeedCurve], float]


@dataclass(frozen=True)
class Entrant:
    """A series in the comparison on a dataset.

    Attributes:
        series: its key.
        reference: the key of the series that it is compared with; None if there is none, or if it has its
            strategy.
        curves: by seed; complete curves only, since areas under parts cannot be compared.
    """

    series: str
    reference: str | None
    curves: Mapping[int, SeedCurve]

    def values(self, measure: CurveScore) -> list[float]:
        """A measure of each seed's curve."""
        return [measure(curve) for curve in self.curves.values()]

    def minus(self, other: "Entrant", measure: CurveScore) -> list[float]:
        """Differences of a measure by seed, over the seeds that both have."""
        return [
            measure(curve) - measure(other.curves[seed])
            for seed, curve in self.curves.items()
            if seed in other.curves
        ]

    def only(self, seeds: Collection[int]) -> "Entrant":
        """The same with some seeds alone."""
        return replace(self, curves={seed: curve for seed, curve in self.curves.items() if seed in seeds})


Entrants = Mapping[str, Entrant]
"""By series, the best mean area first."""


def terms_of(config: Config) -> Comparison:
    """The config's comparison, or the default one for a table without it."""
    return config.comparison or Comparison()


def compared(config: Config, dataset: str) -> tuple[str, ...]:
    """The series to compare on a dataset, in the order of the config."""
    return terms_of(config).on(dataset, config.series)


def entrants(config: Config, results: Results, dataset: str) -> Entrants:
    """The series that have a complete curve within the budget, ranked by their mean area."""
    points = config.datasets[dataset].budget.iterations + 1
    found = []
    for series in compared(config, dataset):
        curves = {c.seed: c for c in seed_curves(config, results, dataset, series) if len(c.points) == points}
        if curves and keep_to_budget(config, results, dataset, series, curves.values()):
            reference = reference_of(config, dataset, series, terms_of(config).against)
            found.append(Entrant(series, reference, curves))
    ranked = sorted(found, key=lambda entrant: -spread(entrant.values(SeedCurve.area)).mean)
    return {entrant.series: entrant for entrant in ranked}


def keep_to_budget(
    config: Config, results: Results, dataset: str, series: str, curves: Iterable[SeedCurve]
) -> bool:
    """Whether each point has the labels of the budget, up to half a query; imported trajectories need not."""
    if config.series[series].strategy not in config.imported_trajectories:
        return True
    block, total = config.datasets[dataset], training_size(config, results, dataset)
    sizes = amounts_of(block.budget, total, UNIT[block.task], f"datasets.{dataset}.budget")
    return all(
        abs(share * total - sizes.seed - point * sizes.query) <= sizes.query / 2
        for curve in curves
        for point, share in zip(curve.points, curve.shares, strict=True)
    )


def ranks(known: Entrants) -> dict[str, float]:
    """Ranks by mean area, from 1; equal areas share the mean of their ranks."""
    areas = [round(spread(entrant.values(SeedCurve.area)).mean / ROUNDING) for entrant in known.values()]
    return dict(zip(known, rankdata([-each for each in areas]).tolist(), strict=True))


def unlike(config: Config, boards: Mapping[str, Entrants]) -> list[str]:
    """A sentence on each series whose reference differs in more than the strategy; boards by dataset."""
    return [
        f"{series_name(config, own)} on {dataset_name(config, dataset)} is compared with "
        f"{series_name(config, other)}, {lack}: the difference is not due to the strategies alone."
        for dataset, known in boards.items()
        for own, entrant in known.items()
        if (other := entrant.reference) in known and other and (lack := lacking(config, own, other))
    ]


def left_out(config: Config, known: Entrants, dataset: str) -> list[str]:
    """The series without a complete curve within the budget."""
    return [series for series in compared(config, dataset) if series not in known]


def against_reference(config: Config, results: Results, dataset: str, known: Entrants) -> dict[str, Contrast]:
    """Contrasts of the entrants with a reference that takes part; these tests are one family."""
    own = [name for name, entrant in known.items() if entrant.reference in known]
    return contrasts(config, results, dataset, terms_of(config).against, own)


def duels(board: Entrants) -> dict[tuple[str, str], Finding]:
    """All pairs of a dataset: the area of the first minus that of the second; one family of tests."""
    pairs = combinations(board, 2)
    return findings({(a, b): Sample(board[a].minus(board[b], SeedCurve.area)) for a, b in pairs})


def tally(first: str, second: str, fought: Iterable[Mapping[tuple[str, str], Finding]]) -> dict[str, int]:
    """On how many datasets a series is better than another, undecided, and worse; with enough seeds only."""
    counts: dict[str, int] = {"better": 0, "undecided": 0, "worse": 0}
    for board in fought:
        if found := board.get((first, second)):
            verdict: str = found.verdict
        elif found := board.get((second, first)):
            verdict = {"better": "worse", "worse": "better"}.get(found.verdict, found.verdict)
        else:
            continue
        if verdict in counts:
            counts[verdict] += 1
    return counts
