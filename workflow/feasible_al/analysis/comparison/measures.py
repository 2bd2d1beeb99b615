"""What one seed's curve comes to: final score, and labels needed to reach a target."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from feasible_al.analysis.bounds import Range
from feasible_al.analysis.curves import SeedCurve
from feasible_al.analysis.intervals import ROUNDING


def final(curve: SeedCurve) -> float:
    """The score at the last point."""
    return curve.scores[-1]


@dataclass(frozen=True)
class Reached:
    """Where a curve reaches a target.

    Attributes:
        share: labelled share of the training set there; the last one of the curve when it never does.
        point: the first point at or behind it.
        censored: whether the budget ended before the target was reached.
    """

    share: float
    point: int
    censored: bool


def reachable(curves: Iterable[SeedCurve], size: int) -> Range:
    """The fewest and the most labels that curves can need: the smallest seed set, the largest budget."""
    shares = [share for curve in curves for share in (curve.shares[0], curve.shares[-1])]
    return size * min(shares), size * max(shares)


def reach(curve: SeedCurve, target: float) -> Reached:
    """Where a curve has the score ``target``, on straight lines between the points of its monotone fit.

    The fit is the nearest curve that never falls (isotonic regression; Barlow et al., 1972): the first
    crossing of the scores themselves would be the earlier, the noisier they are.

    A share that is cut at the end of the budget, with the censored cases counted, is the restricted mean of
    survival analysis (Royston and Parmar, 2013): unlike a mean of those that arrive, it favours nobody.
    """
    scores = isotonic_regression(curve.scores).x
    above = np.flatnonzero(scores >= target - ROUNDING)
    if not above.size:
        return Reached(curve.shares[-1], curve.points[-1], censored=True)
    place = int(above[0])
    if place == 0:
        return Reached(curve.shares[0], curve.points[0], censored=False)
    before = slice(place - 1, place + 1)
    share = float(np.interp(target, scores[before], curve.shares[before]))
    return Reached(share, curve.points[place], censored=False)
