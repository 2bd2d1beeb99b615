"""Claims and the comparison of strategies: whether the run can decide them."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from feasible_al.config import Config
from feasible_al.config.blocks import Key
from feasible_al.config.claims import ClaimBlock, Subject
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs.checks import Problem
from feasible_al.strategies import STRATEGIES


def of_claims(config: Config) -> Iterator[Problem]:
    """Check the claims against the rest of a resolved config."""
    for name, claim in config.claims.items():
        key = ("claims", name)
        for other in claim.requires:
            if other not in config.claims:
                yield (*key, "requires"), unknown_name("claim", other, config.claims)
        faults = [fault for use in claim.uses() for fault in _of_use(config, *use)]
        faults = faults or [*_of_choosing(config, claim), *_of_points(config, claim)]
        for inner, error in faults:
            yield (*key, *inner), error
    try:
        TopologicalSorter({name: claim.requires for name, claim in config.claims.items()}).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        yield (
            ("claims", circle[0], "requires"),
            InputError(f"a circle of claims: {' requires '.join(circle)}"),
        )


def _of_use(config: Config, key: Key, dataset: str, series: str) -> Iterator[Problem]:
    if dataset not in config.datasets:
        yield (*key[:-1], "dataset"), unknown_name("dataset", dataset, config.datasets)
    if series not in config.series:
        yield key, unknown_name("series", series, config.series)
    elif dataset in config.datasets and dataset not in config.series[series].datasets:
        yield key, InputError(f"series {series!r} does not run on {dataset!r}")


def _of_points(config: Config, claim: ClaimBlock) -> Iterator[Problem]:
    """A claim cannot be about the seed set alone, since no strategy chose it."""
    for key, _, name in claim.uses():
        if claim.reads == "curves" and not claim.pairs() and config.series[name].points == (0,):
            message = f"series {name!r} has point 0 alone, before any strategy chose; give it later points"
            yield key, InputError(message)
    for part in claim.pairs():
        every = range(config.datasets[part.dataset].budget.iterations + 1)
        own, other = (set(config.series[name].points or every) for name in (part.series, part.reference))
        if (own & other) <= {0}:
            message = (
                f"{part.series} and {part.reference} have no point in common on {part.dataset} after the "
                "first query, and before it no strategy chose anything; give both the same later points"
            )
            yield ("measure",), InputError(message)


def _of_choosing(config: Config, claim: ClaimBlock) -> Iterator[Problem]:
    """Times and rankings need an acquisition model; what else a kind of claim needs."""
    for key, _, series in claim.uses():
        if claim.reads != "curves" and config.series[series].acquisition == "none":
            message = f"series {series!r} has no acquisition model, so it has no times and no rankings"
            yield key, InputError(message)
    if isinstance(claim, Subject):
        rule = config.subsampling.get(config.series[claim.series].subsampling)
        for key, fault in claim.faults(config.datasets[claim.dataset].budget.iterations, rule):
            yield key, InputError(fault)


def of_comparison(config: Config) -> Iterator[Problem]:
    """Check the comparison against the rest of a resolved config."""
    comparison = config.comparison
    if comparison is None:
        return
    if comparison.against not in STRATEGIES:
        yield ("comparison", "against"), unknown_name("query strategy", comparison.against, STRATEGIES)
    for name in comparison.series:
        if name not in config.series:
            yield ("comparison", "series"), unknown_name("series", name, config.series)
    for name in comparison.label_price:
        if name not in config.datasets:
            yield ("comparison", "label_price", name), unknown_name("dataset", name, config.datasets)
    takers = comparison.series or tuple(config.series)
    strategies = {config.series[name].strategy for name in takers if name in config.series}
    if comparison.against not in strategies:
        message = f"no series of the comparison has the strategy {comparison.against!r}"
        yield ("comparison", "against"), InputError(message)
    elif not comparison.datasets(config.series):
        yield ("comparison",), InputError("no dataset has two series that take part in the comparison")
