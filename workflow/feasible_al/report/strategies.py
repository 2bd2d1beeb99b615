"""The query strategies of a comparison, one after the other: what they are and how they fared."""

import inspect
from dataclasses import dataclass

from feasible_al.analysis.comparison.entrants import against_reference, compared, entrants, ranks, terms_of
from feasible_al.analysis.intervals import with_bounds
from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results
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
        places, against = ranks(known), against_reference(config, results, dataset, known)
        for series in compared(config, dataset):
            found = sentences.setdefault(config.series[series].strategy, [])
            place = f"{dataset_name(config, dataset)}, {series_name(config, series)}"
            if series not in known:
                found.append(f"{place}: no complete curve within the budget.")
                continue
            rank = f"{place}: rank {places[series]:g} of {len(known)}"
            if series not in against or not against[series].gains:
                found.append(f"{rank}.")
                continue
            area = against[series].area
            difference = f"area {with_bounds(area.interval, 3)} against {terms_of(config).against}"
            found.append(f"{rank}, {difference}: {area.verdict}.")
    return [_part(config, name, tuple(found)) for name, found in sentences.items()]


def _part(config: Config, name: str, results: tuple[str, ...]) -> StrategyPart:
    if name in config.imported_trajectories:
        citation = config.imported_trajectories[name].citation
        return StrategyPart(name, 1, citation, "Queries made elsewhere, imported from a file.", results)
    strategy = STRATEGIES[name]
    says = (inspect.getdoc(strategy.score) or "").partition("\n\n")[0]
    return StrategyPart(
        name, strategy.version, strategy.citation, " ".join(says.replace("``", "").split()), results
    )
