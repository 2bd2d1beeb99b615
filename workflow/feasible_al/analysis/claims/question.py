"""What decides a claim: a number per seed, and where their mean must lie."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from feasible_al.analysis.intervals import Range
from feasible_al.analysis.statistics import Side
from feasible_al.results.collect import Results


class Untestable(Exception):
    """This run cannot judge a claim; the message says why, to readers of the report."""


@dataclass(frozen=True)
class Evidence:
    """What a run measured.

    Attributes:
        values: one per seed, in the units of the bound.
        bound: what their mean is compared with.
        remark: what else a reader should know of them, as sentences.
        error: standard error of their mean by the choice of test instances; NaN where it is of no test set.
    """

    values: tuple[float, ...]
    bound: float
    remark: str = ""
    error: float = math.nan


@dataclass(frozen=True)
class Question:
    """A claim in terms of numbers.

    Attributes:
        quantity: what is measured, in words.
        margin: where it must lie, in words.
        test: by which test, in words.
        side: where it must lie.
        possible: the least and the most that it can be.
        answer: measures it; raises :class:`Untestable`.
    """

    quantity: str
    margin: str
    test: str
    side: Side
    possible: Range
    answer: Callable[[Results], Evidence]
