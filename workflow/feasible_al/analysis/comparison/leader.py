"""The series in front of a ranking, and how sure that is, in words."""

from feasible_al.analysis.comparison.entrants import duels, entrants, tally
from feasible_al.analysis.curves import SeedCurve
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import dataset_name, listed, score_name, series_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

MOST = 5  # series that a sentence names


def leader(config: Config, results: Results, dataset: str) -> str:
    """Which compared series has the largest mean area, and which others the test cannot set apart from it.

    The tests are those of the table of wins, ties and losses: all pairs of a dataset are one family. Empty if
    fewer than two series are ranked.
    """
    board = entrants(config, results, dataset)
    if len(board) < 2:
        return ""
    first, *others = board
    area = spread(board[first].values(SeedCurve.area)).mean
    says = (
        f"{dataset_name(config, dataset)}: the largest area under the curve of {score_name(config, dataset)} "
        f"is that of {series_name(config, first)} ({area:.3f})."
    )
    fought = [duels(board)]
    beaten = {other: tally(first, other, fought) for other in others}
    tested = [other for other, counts in beaten.items() if sum(counts.values())]
    if not tested:
        return f"{says} There are too few seeds for a verdict on the others."
    near = [series_name(config, other) for other in tested if not beaten[other]["better"]]
    if not near:
        return f"{says} The test finds all of the other {len(tested)} worse."
    named = near if len(near) <= MOST + 1 else [*near[:MOST], f"{len(near) - MOST} more"]
    return (
        f"{says} The test finds {len(tested) - len(near)} of the other {len(tested)} worse; against "
        f"{listed(named)} it is undecided."
    )
