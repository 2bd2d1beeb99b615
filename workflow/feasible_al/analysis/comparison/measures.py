"""Measures of one seed's curve: its final score, and the labels needed to reach a target."""

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
        share: labelled share of the training set there; the last of the curve if it never reaches it.
        point: the first point at or after it.
        censored: whether the budget ended before the target was reached.
    """

    share: float
    point: int
    censored: bool


def reachable(curves: Iterable[SeedCurve], size: int) -> Range:
    """The fewest and the most labels that curves can need: those of their first and of their last points."""
    shares = [share for curve in curves for share in (curve.shares[0], curve.shares[-1])]
    return size * min(shares), size * max(shares)


def reach(curve: SeedCurve, target: float) -> Reached:
    """Where a curve reaches the score ``target``, by linear interpolation of its monotone fit.

    The fit is the nearest curve that never falls (isotonic regression; Barlow et al., 1972). The first
    crossing of the scores themselves would be earlier the noisier they are.

    If the target is never reached, the share is that of the end of the budget, and the case is censored. The
    mean of such shares is the restricted mean of survival analysis (Royston and Parmar, 2013); a mean of the
    cases that reach the target would favour series that rarely do.
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
