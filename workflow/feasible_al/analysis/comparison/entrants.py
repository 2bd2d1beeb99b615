"""Who is compared on a dataset, and with whom."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from scipy.stats import rankdata

from feasible_al.analysis.comparison.measures import area
from feasible_al.analysis.curves import SeedCurve, lacking, reference_of, seed_curves, training_size
from feasible_al.analysis.intervals import ROUNDING, Interval, interval, spread
from feasible_al.analysis.names import UNIT, dataset_name, series_name
from feasible_al.analysis.results import Results
from feasible_al.budget import amounts_of
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

    def only(self, seeds: Collection[int]) -> "Entrant":
        """The same with some seeds alone."""
        return replace(self, curves={seed: curve for seed, curve in self.curves.items() if seed in seeds})


Entrants = Mapping[str, Entrant]
"""By series, the best mean area first."""


def terms_of(config: Config) -> Comparison:
    """The config's comparison, or the plain one for a table that was asked for without it."""
    return config.comparison or Comparison()


def compared(config: Config, dataset: str) -> tuple[str, ...]:
    """The series that are to be compared on a dataset, in config order."""
    return terms_of(config).on(dataset, config.series)


def entrants(config: Config, results: Results, dataset: str) -> Entrants:
    """Those of them that have a whole curve within the budget, ranked by their mean area."""
    points = config.datasets[dataset].budget.iterations + 1
    found = []
    for series in compared(config, dataset):
        curves = {c.seed: c for c in seed_curves(config, results, dataset, series) if len(c.points) == points}
        if curves and keep_to_budget(config, results, dataset, series, curves.values()):
            reference = reference_of(config, dataset, series, terms_of(config).against)
            found.append(Entrant(series, reference, curves))
    ranked = sorted(found, key=lambda entrant: -spread(entrant.values(area)).mean)
    return {entrant.series: entrant for entrant in ranked}


def keep_to_budget(
    config: Config, results: Results, dataset: str, series: str, curves: Iterable[SeedCurve]
) -> bool:
    """Whether each point has what the budget says, give or take half a query; an import need not."""
    if config.series[series].strategy not in config.trajectories:
        return True
    block, total = config.datasets[dataset], training_size(config, results, dataset)
    sizes = amounts_of(block.budget, total, UNIT[block.task], f"datasets.{dataset}.budget")
    return all(
        abs(share * total - sizes.seed - point * sizes.query) <= sizes.query / 2
        for curve in curves
        for point, share in zip(curve.points, curve.shares, strict=True)
    )


def ranks(known: Entrants) -> dict[str, float]:
    """Rank of each by mean area from 1 on; equal ones share the mean of their ranks."""
    areas = [round(spread(entrant.values(area)).mean / ROUNDING) for entrant in known.values()]
    return dict(zip(known, rankdata([-each for each in areas]).tolist(), strict=True))


def unlike(config: Config, boards: Mapping[str, Entrants]) -> list[str]:
    """A sentence on each series whose reference lacks more than its strategy; boards are by dataset."""
    return [
        f"{series_name(config, own)} on {dataset_name(config, dataset)} is measured against "
        f"{series_name(config, other)}, {lack}: more than the strategies makes the difference."
        for dataset, known in boards.items()
        for own, entrant in known.items()
        if (other := entrant.reference) in known and other and (lack := lacking(config, own, other))
    ]


def left_out(config: Config, known: Entrants, dataset: str) -> list[str]:
    """The series without a whole curve, or not within the budget."""
    return [series for series in compared(config, dataset) if series not in known]


def gains(entrant: Entrant, known: Entrants, measure: Measure = area) -> list[float]:
    """Differences from its reference by seed; empty when it has none among the compared."""
    reference = known.get(entrant.reference or "")
    return entrant.minus(reference, measure) if reference else []


def outcome(difference: Interval) -> str:
    """``win``, ``loss``, or ``tie`` when the interval has 0 in it, or seeds that do not differ give none."""
    if not difference.excludes_zero:
        return "tie"
    return "win" if difference.mean > 0 else "loss"


def tally(first: str, second: str, boards: Iterable[Entrants]) -> dict[str, int]:
    """On how many datasets a series wins against, ties with and loses to another, by areas paired by seed.

    Only where they have two seeds in common.
    """
    counts = {"win": 0, "tie": 0, "loss": 0}
    for board in boards:
        if first in board and second in board:
            found = interval(board[first].minus(board[second], area))
            if found.count > 1:
                counts[outcome(found)] += 1
    return counts
