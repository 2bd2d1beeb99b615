"""What decides a claim: a number per seed, and where their mean must lie.

Every config loads this file, so it imports neither pandas nor scipy.
"""

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
    """This run cannot judge a claim; the message says why, for readers of the report."""


@dataclass(frozen=True)
class Evidence:
    """What a run measured for a claim.

    Attributes:
        values: one per seed, in the units of the bound.
        bound: what their mean is compared with.
        remark: what else a reader should know, as sentences.
        error: standard error of their mean that is due to the choice of test instances; NaN unless they are
            differences of scores.
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
        side: on which side of the bound it must lie.
        possible: its smallest and largest possible value.
        measure: measures it; raises :class:`Untestable`.
    """

    quantity: str
    margin: str
    test: str
    side: Side
    possible: Range
    measure: "Callable[[Results], Evidence]"


KINDS: Registry[Callable[[Config, Any], Hypothesis]] = Registry("claim kind")
"""By kind, the function that turns a claim into a hypothesis; see :func:`claim_kind`."""


def claim_kind(
    name: str,
) -> Callable[[Callable[[Config, Any], Hypothesis]], Callable[[Config, Any], Hypothesis]]:
    """Decorator for a function ``(config, claim) -> Hypothesis``; the claim is a block of this kind."""

    def register(make: Callable[[Config, Any], Hypothesis]) -> Callable[[Config, Any], Hypothesis]:
        KINDS.add(name, make)
        return make

    return register
