"""What decides a claim: a number per seed, and where their mean must lie. Light: every config loads it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feasible_al.analysis.bounds import Range, Side
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry

if TYPE_CHECKING:  # it imports pandas
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
class Hypothesis:
    """A claim in terms of numbers.

    Attributes:
        quantity: what is measured, in words.
        margin: where it must lie, in words.
        test: by which test, in words.
        side: where it must lie.
        possible: the least and the most that it can be.
        measure: measures it; raises :class:`Untestable`.
    """

    quantity: str
    margin: str
    test: str
    side: Side
    possible: Range
    measure: "Callable[[Results], Evidence]"


KINDS: Registry[Callable[[Config, Any], Hypothesis]] = Registry("claim kind")
"""By kind, what makes the hypothesis of a claim; see :func:`claim_kind`."""


def claim_kind(
    name: str,
) -> Callable[[Callable[[Config, Any], Hypothesis]], Callable[[Config, Any], Hypothesis]]:
    """Decorator for a function ``(config, claim) -> Hypothesis``; the claim is a block of this kind."""

    def register(make: Callable[[Config, Any], Hypothesis]) -> Callable[[Config, Any], Hypothesis]:
        KINDS.add(name, make)
        return make

    return register
