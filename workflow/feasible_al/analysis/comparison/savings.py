"""What a strategy saves against its reference: labels, device seconds, and where both break even."""

import math
from dataclasses import dataclass
from typing import Literal

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.comparison.entrants import Entrant, terms_of
from feasible_al.analysis.comparison.measures import Reached, reach, reachable
from feasible_al.analysis.curves import full_scores
from feasible_al.analysis.intervals import Interval, spread, t_interval
from feasible_al.analysis.seconds import refusal, rows_of, seconds_of
from feasible_al.config.schema import Config
from feasible_al.jobs.prepared import distilled_of
from feasible_al.results.collect import Results

HOUR = 3600  # seconds
DEVICE_TIME = (
    "Device time: training the acquisition model, scoring and selection, summed up to a point, from seeds "
    "without a disturbed iteration. A strategy without a model takes none; that of an imported trajectory is "
    "unknown. Not included: training the successor, training a labeller and its predictions, "
    "distilling a student."
)

DeviceSeconds = dict[int, tuple[float, ...]]
"""By seed: a value per point, 0 at the first."""


def device_seconds(config: Config, results: Results, dataset: str, series: str) -> DeviceSeconds:
    """Seconds of all iterations before each point, of seeds without a disturbed iteration."""
    if config.series[series].strategy in config.imported_trajectories:
        return {}
    iterations = config.datasets[dataset].budget.iterations
    acquirers = acquirers_of(config, dataset, [series])
    if not acquirers:
        return dict.fromkeys(config.seeds_of(series), (0.0,) * (iterations + 1))
    seconds = seconds_of(rows_of(results.timings, acquirers[0], iterations))
    by_point = [seconds.summed("overall", point) for point in range(iterations + 1)]
    return {seed: tuple(sums[seed] for sums in by_point) for seed in by_point[-1]}


def machines_differ(config: Config, results: Results, dataset: str, series: tuple[str, ...]) -> str:
    """Why the device times of some series must not be compared; empty if they may."""
    iterations = config.datasets[dataset].budget.iterations
    acquirers = acquirers_of(config, dataset, series)
    return refusal(rows_of(results.timings, acquirer, iterations) for acquirer in acquirers)


def target_of(config: Config, results: Results, dataset: str, series: str) -> float:
    """The target score: a share of the successor's mean full-data score; NaN without full-data fits."""
    scores = full_scores(config, results, dataset, config.series[series].successor)
    return terms_of(config).target * spread(scores).mean


@dataclass(frozen=True)
class Saving:
    """Labels saved on the way to a target, paired by seed.

    Attributes:
        own: labels needed, by seed.
        other: those of the reference.
        by_seed: labels of the reference minus its own; a target that is not reached counts as the whole
            budget.
        labels: their mean.
        own_censored: seeds whose budget ended before the target.
        other_censored: those of the reference.
    """

    own: dict[int, Reached]
    other: dict[int, Reached]
    by_seed: tuple[float, ...]
    labels: Interval
    own_censored: int
    other_censored: int

    @property
    def bound(self) -> str:
        """The effect of censoring on the labels saved: ``at least``, ``at most``, ``unclear`` or none."""
        if self.own_censored and self.other_censored:
            return "unclear"
        if self.other_censored:
            return "at least"
        return "at most" if self.own_censored else ""


def saving(entrant: Entrant, reference: Entrant, target: float, size: int) -> Saving:
    """How many labels a series saves on the way to ``target``, over the seeds that both have.

    Args:
        entrant: the series.
        reference: what it is compared with.
        target: a score.
        size: of the training set, in the units of labels.
    """
    seeds = [seed for seed in entrant.curves if seed in reference.curves]
    own, other = ({seed: reach(each.curves[seed], target) for seed in seeds} for each in (entrant, reference))
    low, high = reachable([*entrant.curves.values(), *reference.curves.values()], size)
    saved = tuple(size * (other[seed].share - own[seed].share) for seed in seeds)
    return Saving(
        own,
        other,
        saved,
        t_interval(saved, (low - high, high - low)),
        sum(reached.censored for reached in own.values()),
        sum(reached.censored for reached in other.values()),
    )


def extra_seconds(found: Saving, own: DeviceSeconds, other: DeviceSeconds) -> Interval:
    """Extra device seconds to the first point at or after the target: mean and interval over timed seeds."""
    return t_interval(
        [own[seed][found.own[seed].point] - other[seed][found.other[seed].point] for seed in found.own]
    )


Pays = Literal["always", "above", "below", "never", "unclear"]


@dataclass(frozen=True)
class Price:
    """The price of a label at which a series and its reference cost the same.

    Attributes:
        pays: at which prices of a label the series is worth its device time: above the value, or below it if
            it takes less time and more labels.
        value: the price; NaN where there is none.
        bound: ``at least`` or ``at most`` if labels or seconds are not fully known; else empty.
    """

    pays: Pays
    value: float = math.nan
    bound: str = ""


def break_even(cost: float, labels: float, bound: str = "", uncounted: bool = False) -> Price:
    """The price of a label from which a series pays: ``cost / labels``.

    Args:
        cost: extra cost of device time and of an imported labeller, compared with the reference.
        labels: saved against it.
        bound: of the labels saved; see :attr:`Saving.bound`.
        uncounted: whether the series costs more than this.
    """
    if bound == "unclear" or math.isnan(cost) or math.isnan(labels):
        return Price("unclear")
    if cost <= 0 <= labels:
        return Price("unclear" if bound == "at most" or uncounted else "always")
    if cost >= 0 >= labels:
        return Price("unclear" if bound == "at least" else "never")
    pays: Pays = "above" if labels > 0 else "below"
    lower, higher = ("at most", "at least") if pays == "above" else ("at least", "at most")
    bounds = {lower if bound == "at least" else higher} if bound else set()
    if uncounted:
        bounds.add(higher)
    if len(bounds) > 1:
        return Price("unclear")
    return Price(pays, cost / labels, "".join(bounds))


def uncounted(config: Config, series: str, reference: str) -> bool:
    """Whether a series fits a labeller or distils a student, which its reference does without."""
    own, other = config.series[series], config.series[reference]
    model = config.models.get(own.acquisition)
    distilled = model is not None and distilled_of(model) is not None
    return distilled or (own.labeller in config.models and own.labeller != other.labeller)
