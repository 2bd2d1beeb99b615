"""The statistical power of a run's verdicts, before it is run: the tests in each family and their power."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from feasible_al.analysis.claims.phrases import excluded
from feasible_al.analysis.names import counted, dataset_name
from feasible_al.analysis.statistics import FEWEST, power, seeds_for
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import reference_of

EFFECTS = (1.0, 2.0)
"""True means of paired differences, in standard deviations of these differences between seeds."""


@dataclass(frozen=True)
class Family:
    """Tests that are corrected together (Holm, 1979).

    Attributes:
        name: the question that the tests answer.
        tests: their number.
        power: of one test, for each of ``EFFECTS``, with its series' seeds; empty if these are too few.
        seeds: seeds needed for a power of 80%, for each of ``EFFECTS``; infinite above 1,000.
    """

    name: str
    tests: int
    power: tuple[float, ...]
    seeds: tuple[float, ...]


def planned(config: Config) -> list[Family]:
    """The families of a run: its claims, its series against random labelling, and its comparison.

    Tests with fewer seeds than the run has have a row of their own, and are corrected with their family.
    """
    every = list(_tests(config))
    sizes = Counter(name for name, _ in every)
    return [
        Family(
            name if seeds == len(config.seeds) else f"{name}, {counted(seeds, 'seed')}",
            sizes[name],
            tuple(power(effect, seeds, sizes[name]) for effect in EFFECTS if seeds >= FEWEST),
            tuple(seeds_for(effect, sizes[name], FEWEST) for effect in EFFECTS),
        )
        for name, seeds in dict.fromkeys(every)
    ]


def _tests(config: Config) -> Iterator[tuple[str, int]]:
    """The family of each test of a run, and the number of seeds that its series share."""

    def shared(*series: str) -> int:
        return min(len(config.seeds_of(name)) for name in series)

    for claim in config.claims.values():
        if not excluded(config, claim):
            yield f"claims, {claim.family or claim.kind}", shared(*(series for _, _, series in claim.uses()))
    run = set(config.curves_run())
    for series, dataset in config.curves_run():
        reference = reference_of(config, dataset, series)
        if reference and (reference, dataset) in run:
            yield f"{dataset_name(config, dataset)}, minus random", shared(series, reference)
    if config.comparison:
        for dataset in config.comparison.datasets(config.series):
            place, takers = dataset_name(config, dataset), config.comparison.on(dataset, config.series)
            ranked = [series for series in takers if (series, dataset) in run]
            for series in ranked:
                reference = reference_of(config, dataset, series, config.comparison.against)
                if reference in ranked:
                    yield f"{place}, ranking against {config.comparison.against}", shared(series, reference)
            for pair in combinations(ranked, 2):
                yield f"{place}, all pairs", shared(*pair)
