"""The comparison: whether there is something to compare."""

from collections.abc import Iterator

from feasible_al.config import Config
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs.checks.base import Problem
from feasible_al.strategies import STRATEGIES


def of_comparison(config: Config) -> Iterator[Problem]:
    """What is wrong between the comparison and the rest of a resolved config."""
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
        message = f"no series that takes part has the strategy {comparison.against!r}"
        yield ("comparison", "against"), InputError(message)
    elif not comparison.datasets(config.series):
        yield ("comparison",), InputError("no dataset has two series that take part")
