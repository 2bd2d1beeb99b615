"""Budgets in instances or tokens, from shares or counts of a training set."""

import math
from dataclasses import dataclass

import numpy as np

from feasible_al.config.data import Budget
from feasible_al.core.errors import InputError
from feasible_al.core.values import part
from feasible_al.data.types import Dataset


@dataclass(frozen=True)
class Amounts:
    """A budget in whole numbers: instances when classifying, tokens (words) when tagging.

    Attributes:
        seed: size of the seed set.
        query: size of each query.
    """

    seed: int
    query: int


def amounts(budget: Budget, dataset: Dataset, where: str) -> Amounts:
    """The size of the seed set (a share is rounded down) and of each query (rounded, half to even).

    In tokens, the sentence that crosses the budget of a query is labelled as a whole. Enough must be left for
    the last query even if each of these sentences is one of the longest, so that no pool is ever empty.

    Args:
        budget: the config block; shares are of the whole training set (paper, section 4.1).
        dataset: the dataset; its training set is counted.
        where: the config key of the budget, for errors.

    Raises:
        InputError: if a size is rounded to 0, or nothing might be left for the last query.
    """
    if dataset.task == "classification":
        return amounts_of(budget, len(dataset.train), "instances", where)
    tokens = dataset.train.tokens
    total = int(tokens.sum())
    sizes = amounts_of(budget, total, "tokens", where)
    crossing = np.cumsum(np.sort(tokens)[::-1][: budget.iterations])
    most = sizes.seed + sizes.query * np.arange(len(crossing)) + crossing  # labelled before each query
    sure = int((most < total).sum())
    if sure < budget.iterations:
        raise InputError(
            f"a seed set of {sizes.seed} and {budget.iterations} queries of {sizes.query} may use up the "
            f"{total} tokens of the training set before the last query, since each labels the sentence that "
            f"crosses its budget as a whole (the longest has {tokens.max()} tokens): {_remedy(sure)}",
            where,
        )
    return sizes


def amounts_of(budget: Budget, total: int, unit: str, where: str) -> Amounts:
    """The same as :func:`amounts`, for a training set of which only the size is known.

    Args:
        budget: the config block.
        total: the training set's size in the unit of the budget.
        unit: "instances" when classifying, "tokens" when tagging.
        where: the config key of the budget, for errors.

    Raises:
        InputError: if a size is rounded to 0, or nothing would be left for the last query.
    """
    seed = math.floor(part(budget.seed, total)) if budget.seed < 1 else int(budget.seed)
    query = round(part(budget.query, total)) if budget.query < 1 else int(budget.query)
    for name, amount, asked in (("seed", seed, budget.seed), ("query", query, budget.query)):
        if amount < 1:
            raise InputError(
                f"{asked} of {total} {unit} is less than one of them; raise it", f"{where}.{name}"
            )
    if seed + (budget.iterations - 1) * query >= total:
        raise InputError(
            f"a seed set of {seed} and {budget.iterations} queries of {query} need more than the {total} "
            f"{unit} of the training set: nothing is left for the last query; "
            f"{_remedy(max(0, -((seed - total) // query)))}",
            where,
        )
    return Amounts(seed, query)


def _remedy(iterations: int) -> str:
    """What to change in the config, given the number of queries that surely find something to label."""
    if not iterations:
        return "ask for a smaller seed set"
    return f"lower iterations to {iterations}, or make the seed set or the queries smaller"
