"""What a series saves against its reference, and what that costs: labels, seconds, break-even price."""

import math
from dataclasses import dataclass

from feasible_al.analysis.comparison.device import Seconds
from feasible_al.analysis.comparison.entrants import Entrant, terms_of
from feasible_al.analysis.comparison.measures import Reached, reach
from feasible_al.analysis.comparison.paired import interval
from feasible_al.analysis.curves import full_scores
from feasible_al.analysis.intervals import Interval, spread
from feasible_al.analysis.names import UNIT
from feasible_al.analysis.results import Results
from feasible_al.config.schema import Config

HOUR = 3600


def target_of(config: Config, results: Results, dataset: str, series: str) -> float:
    """The target score: a share of the mean full-data score of the same successor; NaN without such a fit."""
    scores = full_scores(config, results, dataset, config.series[series].successor)
    return terms_of(config).target * spread(scores).mean


def training_size(config: Config, results: Results, dataset: str) -> int:
    """How much there is to label: texts, or tokens when tagging."""
    unit = "tokens" if UNIT[config.datasets[dataset].task] == "tokens" else "instances"
    return int(results.stats[dataset]["splits"]["train"][unit])


@dataclass(frozen=True)
class Saving:
    """Labels saved on the way to a target, paired by seed.

    Attributes:
        own: labels needed, by seed.
        other: those of the reference.
        labels: the reference's minus its own; each counted to the end of the budget when it is not enough.
        own_censored: seeds whose budget ended before the target.
        other_censored: those of the reference.
    """

    own: dict[int, Reached]
    other: dict[int, Reached]
    labels: Interval
    own_censored: int
    other_censored: int

    @property
    def bound(self) -> str:
        """How censoring binds the labels saved: ``at least``, ``at most``, or nothing, or not at all."""
        if self.own_censored and self.other_censored:
            return "unclear"
        if self.other_censored:
            return "at least"
        return "at most" if self.own_censored else ""


def saving(entrant: Entrant, reference: Entrant, target: float, size: int) -> Saving:
    """How many labels a series saves on the way to ``target``, over the seeds that both have.

    Args:
        entrant: the series.
        reference: what it is measured against.
        target: a score.
        size: of the training set, in the units of labels.
    """
    seeds = [seed for seed in entrant.curves if seed in reference.curves]
    own, other = ({seed: reach(each.curves[seed], target) for seed in seeds} for each in (entrant, reference))
    return Saving(
        own,
        other,
        interval([size * (other[seed].share - own[seed].share) for seed in seeds]),
        sum(reached.censored for reached in own.values()),
        sum(reached.censored for reached in other.values()),
    )


def extra_seconds(found: Saving, own: Seconds, other: Seconds) -> Interval:
    """Device seconds on the way to the target, minus the reference's, over the seeds timed in both."""
    return interval(
        [
            own[seed][found.own[seed].point] - other[seed][found.other[seed].point]
            for seed in found.own
            if seed in own and seed in other
        ]
    )


def break_even(seconds: float, labels: float, device_hour: float) -> float:
    """The price of a label from which on a method pays for its device time.

    Args:
        seconds: of device time more than the reference.
        labels: saved against it.
        device_hour: price of an hour of the device.

    Returns:
        ``seconds / 3600 · device_hour / labels``; 0 when it takes no more time and costs no labels, infinite
        when it saves none; NaN when either is unknown. (Saving time but no labels is a trade the other way
        round, and infinite too.)
    """
    if math.isnan(seconds) or math.isnan(labels):
        return math.nan
    if labels <= 0:
        return math.inf
    return max(0.0, seconds / HOUR * device_hour / labels)
