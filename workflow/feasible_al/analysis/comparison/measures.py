"""What one seed's curve comes to: area, final score, and labels needed to reach a target."""

from dataclasses import dataclass

import numpy as np

from feasible_al.analysis.curves import SeedCurve


def area(curve: SeedCurve) -> float:
    """Area under the curve over the labelled share, by trapezoids, over the width of the budget: a score."""
    shares, scores = np.array(curve.shares), np.array(curve.scores)
    if len(shares) == 1:
        return float(scores[0])
    return float(np.trapezoid(scores, shares) / (shares[-1] - shares[0]))


def final(curve: SeedCurve) -> float:
    """The score at the last point."""
    return curve.scores[-1]


@dataclass(frozen=True)
class Reached:
    """Where a curve first reaches a target.

    Attributes:
        share: labelled share of the training set there; the last one of the curve when it never does.
        point: the first point at or behind it.
        censored: whether the budget ended before the target was reached.
    """

    share: float
    point: int
    censored: bool


def reach(curve: SeedCurve, target: float) -> Reached:
    """Where a curve first has the score ``target``, on straight lines between its points.

    A share that is cut at the end of the budget, with the censored cases counted, is the restricted mean of
    survival analysis (Royston and Parmar, 2013): unlike a mean of those that arrive, it favours nobody.
    """
    above = np.flatnonzero(np.array(curve.scores) >= target)
    if not above.size:
        return Reached(curve.shares[-1], curve.points[-1], censored=True)
    place = int(above[0])
    if place == 0:
        return Reached(curve.shares[0], curve.points[0], censored=False)
    before = slice(place - 1, place + 1)
    share = float(np.interp(target, curve.scores[before], curve.shares[before]))
    return Reached(share, curve.points[place], censored=False)
