"""The series in front of a ranking, and how sure that is, in words."""

from collections.abc import Iterator

from feasible_al.analysis.comparison.entrants import duels, entrants, tally
from feasible_al.analysis.curves import SeedCurve
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import dataset_name, listed, score_name, series_name
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

PAIR, PAIRS = (
    "In a test of the pair",
    "In tests of all pairs, a larger family than those against random labelling",
)
MOST = 5
"""Series that a part of a sentence names, or one more rather than "1 more"."""


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
    by_verdict: dict[str, list[str]] = {"better": [], "undecided": [], "worse": [], "": []}
    for other in others:
        counts = tally(first, other, fought)
        verdict = next((verdict for verdict, count in counts.items() if count), "")
        by_verdict[verdict].append(series_name(config, other))
    if len(by_verdict[""]) == len(others):
        return f"{says} There are too few seeds for a verdict on the others."
    parts = [
        *_worse(len(by_verdict["better"]), len(others)),
        *(f"against {_named(near)} it is undecided" for near in [by_verdict["undecided"]] if near),
        *(f"{_named(ahead)} did better with the seeds of both" for ahead in [by_verdict["worse"]] if ahead),
        *(f"there are too few seeds for a verdict on {_named(few)}" for few in [by_verdict[""]] if few),
    ]
    return f"{says} {PAIR if len(others) == 1 else PAIRS}, {'; '.join(parts)}."


def _worse(beaten: int, others: int) -> Iterator[str]:
    if others == 1:
        yield from ["the other is worse"] * beaten
    elif beaten == others:
        yield "all others are worse"
    else:
        yield f"{beaten or 'none'} of the {others} others {'are' if beaten > 1 else 'is'} worse"


def _named(series: list[str]) -> str:
    return listed(series if len(series) <= MOST + 1 else [*series[:MOST], f"{len(series) - MOST} more"])
