"""What the verdicts of a run could find, before it is run: tests in each family, and their power."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from feasible_al.analysis.claims.words import excluded
from feasible_al.analysis.names import dataset_name
from feasible_al.analysis.statistics import FEWEST, power, seeds_for
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import reference_of

EFFECTS = (1.0, 2.0)
"""True means of paired differences, in standard deviations of these differences between seeds."""


@dataclass(frozen=True)
class Family:
    """Tests that are corrected for one another.

    Attributes:
        name: the question.
        tests: how many they are.
        power: of one of them, by ``EFFECTS``, with the seeds of the config; none when they are too few.
        seeds: that would find an effect of each size with a probability of 80%; infinite beyond 1,000.
    """

    name: str
    tests: int
    power: tuple[float, ...]
    seeds: tuple[float, ...]


def planned(config: Config) -> list[Family]:
    """The families of a run: of its claims, of series against random labelling, and of its comparison."""
    seeds = len(config.seeds)
    return [
        Family(
            name,
            tests,
            tuple(power(effect, seeds, tests) for effect in EFFECTS if seeds >= FEWEST),
            tuple(seeds_for(effect, tests, FEWEST) for effect in EFFECTS),
        )
        for name, tests in Counter(_tests(config)).items()
    ]


def _tests(config: Config) -> Iterator[str]:
    """The family of every test."""
    for claim in config.claims.values():
        if not excluded(config, claim):
            yield f"claims, {claim.family or claim.kind}"
    run = set(config.curves_run())
    for series, dataset in config.curves_run():
        if (reference_of(config, dataset, series), dataset) in run:
            yield f"{dataset_name(config, dataset)}, minus random"
    if config.comparison:
        for dataset in config.comparison.datasets(config.series):
            place, takers = dataset_name(config, dataset), config.comparison.on(dataset, config.series)
            ranked = [series for series in takers if (series, dataset) in run]
            for series in ranked:
                if reference_of(config, dataset, series, config.comparison.against) in ranked:
                    yield f"{place}, ranking against {config.comparison.against}"
            for _ in combinations(ranked, 2):
                yield f"{place}, all pairs"
