"""Budgets in instances or tokens, from shares or counts of a training set."""

import math
from dataclasses import dataclass

from feasible_al.config.data import Budget
from feasible_al.data.types import Dataset
from feasible_al.errors import InputError


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
    """Sizes of the seed set (a share rounds down) and of the queries (to the nearest).

    Args:
        budget: the config block; shares are of the whole training set (paper, section 4.1).
        dataset: whose training set is meant.
        where: the config key of the budget, for errors.

    Raises:
        InputError: if a size comes out as 0, or nothing would be left for the last query.
    """
    if dataset.task == "classification":
        return amounts_of(budget, len(dataset.train), "instances", where)
    return amounts_of(budget, int(dataset.train.tokens.sum()), "tokens", where)


def amounts_of(budget: Budget, total: int, unit: str, where: str) -> Amounts:
    """The same of a training set that is known by its size alone.

    Args:
        budget: the config block.
        total: the training set's size in the unit of the budget.
        unit: "instances" when classifying, "tokens" when tagging.
        where: the config key of the budget, for errors.

    Raises:
        InputError: as :func:`amounts`.
    """
    seed = math.floor(budget.seed * total) if budget.seed < 1 else int(budget.seed)
    query = round(budget.query * total) if budget.query < 1 else int(budget.query)
    for name, amount, asked in (("seed", seed, budget.seed), ("query", query, budget.query)):
        if amount < 1:
            raise InputError(f"{asked} of {total} {unit} is none at all; ask for more", f"{where}.{name}")
    if seed + (budget.iterations - 1) * query >= total:
        raise InputError(
            f"a seed set of {seed} and {budget.iterations} queries of {query} are more than the {total} "
            f"{unit} of the training set: nothing is left for the last query",
            where,
        )
    return Amounts(seed, query)
