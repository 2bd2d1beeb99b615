"""Who is compared on a dataset, and with whom."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from feasible_al.analysis.comparison.measures import area
from feasible_al.analysis.comparison.paired import interval
from feasible_al.analysis.curves import SeedCurve, reference_of, seed_curves
from feasible_al.analysis.intervals import Interval, spread
from feasible_al.analysis.results import Results
from feasible_al.config.comparison import Comparison
from feasible_al.config.schema import Config

Measure = Callable[[SeedCurve], float]


@dataclass(frozen=True)
class Entrant:
    """A series in the comparison on a dataset.

    Attributes:
        series: its key.
        reference: the key of the series that it is measured against; None for such a series itself.
        curves: by seed; whole curves only, since areas under parts cannot be compared.
    """

    series: str
    reference: str | None
    curves: Mapping[int, SeedCurve]

    def values(self, measure: Measure) -> list[float]:
        """A measure of each seed's curve."""
        return [measure(curve) for curve in self.curves.values()]

    def minus(self, other: "Entrant", measure: Measure) -> list[float]:
        """Differences of a measure by seed, over the seeds that both have."""
        return [
            measure(curve) - measure(other.curves[seed])
            for seed, curve in self.curves.items()
            if seed in other.curves
        ]


Entrants = Mapping[str, Entrant]
"""By series, the best mean area first."""


def terms_of(config: Config) -> Comparison:
    """The config's comparison, or the plain one for a table that was asked for without it."""
    return config.comparison or Comparison()


def compared(config: Config, dataset: str) -> tuple[str, ...]:
    """The series that are to be compared on a dataset, in config order."""
    return terms_of(config).on(dataset, config.series)


def entrants(config: Config, results: Results, dataset: str) -> Entrants:
    """Those of them that have a whole curve, ranked by their mean area."""
    points = config.datasets[dataset].budget.iterations + 1
    found = []
    for series in compared(config, dataset):
        curves = {c.seed: c for c in seed_curves(config, results, dataset, series) if len(c.points) == points}
        if curves:
            reference = reference_of(config, dataset, series, terms_of(config).against)
            found.append(Entrant(series, reference, curves))
    ranked = sorted(found, key=lambda entrant: -spread(entrant.values(area)).mean)
    return {entrant.series: entrant for entrant in ranked}


def left_out(config: Config, known: Entrants, dataset: str) -> list[str]:
    """The series without a whole curve."""
    return [series for series in compared(config, dataset) if series not in known]


def gains(entrant: Entrant, known: Entrants, measure: Measure = area) -> list[float]:
    """Differences from its reference by seed; empty when it has none among the compared."""
    reference = known.get(entrant.reference or "")
    return entrant.minus(reference, measure) if reference else []


def outcome(difference: Interval) -> str:
    """``win``, ``loss``, or ``tie`` when the interval has 0 in it or there is none."""
    if not difference.excludes_zero:
        return "tie"
    return "win" if difference.mean > 0 else "loss"


def tally(first: str, second: str, boards: Iterable[Entrants]) -> dict[str, int]:
    """On how many datasets a series wins against, ties with and loses to another, by areas paired by seed."""
    counts = {"win": 0, "tie": 0, "loss": 0}
    for board in boards:
        if first in board and second in board:
            counts[outcome(interval(board[first].minus(board[second], area)))] += 1
    return counts
