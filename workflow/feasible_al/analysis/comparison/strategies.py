"""The query strategies of a comparison, one after the other: what they are and how they fared."""

import inspect
from dataclasses import dataclass

from feasible_al.analysis.comparison.entrants import compared, entrants, gains, ranks, terms_of
from feasible_al.analysis.intervals import interval
from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables.base import with_bounds
from feasible_al.config.schema import Config
from feasible_al.strategies import STRATEGIES


@dataclass(frozen=True)
class StrategyPart:
    """A strategy in the report.

    Attributes:
        name: its name in the config.
        version: of its results.
        citation: where it comes from.
        says: the first line of its description.
        results: a sentence per dataset and series.
    """

    name: str
    version: int
    citation: str
    says: str
    results: tuple[str, ...]


def strategy_parts(config: Config, results: Results) -> list[StrategyPart]:
    """A part per strategy that takes part, in config order."""
    sentences: dict[str, list[str]] = {}
    for dataset in terms_of(config).datasets(config.series):
        known = entrants(config, results, dataset)
        places = ranks(known)
        for series in compared(config, dataset):
            found = sentences.setdefault(config.series[series].strategy, [])
            place = f"{dataset_name(config, dataset)}, {series_name(config, series)}"
            if series not in known:
                found.append(f"{place}: no whole curve within the budget.")
                continue
            rank = f"{place}: rank {places[series]:g} of {len(known)}"
            difference = interval(gains(known[series], known))
            against = f"area {with_bounds(difference, 3)} against {terms_of(config).against}"
            found.append(f"{rank}, {against}." if difference.count else f"{rank}.")
    return [_part(config, name, tuple(found)) for name, found in sentences.items()]


def _part(config: Config, name: str, results: tuple[str, ...]) -> StrategyPart:
    if name in config.trajectories:
        citation = config.trajectories[name].citation
        return StrategyPart(name, 1, citation, "Queries made elsewhere, imported from a file.", results)
    strategy = STRATEGIES[name]
    says = (inspect.getdoc(strategy.score) or "").partition("\n\n")[0]
    return StrategyPart(
        name, strategy.version, strategy.citation, " ".join(says.replace("``", "").split()), results
    )
