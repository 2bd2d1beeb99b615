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
    "Device time: training the acquisition model, scoring and selecting, summed up to a point; of seeds none "
    "of whose iterations was disturbed. A strategy without a model takes none; what an imported trajectory "
    "took is not known. Training the measured model is not in it, nor labelling by a labeller, nor the "
    "distillation of a student."
)

DeviceSeconds = dict[int, tuple[float, ...]]
"""By seed: a value per point, 0 at the first."""


def device_seconds(config: Config, results: Results, dataset: str, series: str) -> DeviceSeconds:
    """Seconds of all iterations before each point, of the seeds that have them all undisturbed."""
    if config.series[series].strategy in config.imported_trajectories:
        return {}
    iterations = config.datasets[dataset].budget.iterations
    acquirers = acquirers_of(config, dataset, [series])
    if not acquirers:
        return dict.fromkeys(config.seeds, (0.0,) * (iterations + 1))
    seconds = seconds_of(rows_of(results.timings, acquirers[0], iterations))
    by_point = [seconds.summed("overall", point) for point in range(iterations + 1)]
    return {seed: tuple(sums[seed] for sums in by_point) for seed in by_point[-1]}


def machines_differ(config: Config, results: Results, dataset: str, series: tuple[str, ...]) -> str:
    """Why the device times of some series must not be compared; empty when they may."""
    iterations = config.datasets[dataset].budget.iterations
    acquirers = acquirers_of(config, dataset, series)
    return refusal(rows_of(results.timings, acquirer, iterations) for acquirer in acquirers)


def target_of(config: Config, results: Results, dataset: str, series: str) -> float:
    """The target score: a share of the mean full-data score of the same successor; NaN without such a fit."""
    scores = full_scores(config, results, dataset, config.series[series].successor)
    return terms_of(config).target * spread(scores).mean


@dataclass(frozen=True)
class Saving:
    """Labels saved on the way to a target, paired by seed.

    Attributes:
        own: labels needed, by seed.
        other: those of the reference.
        by_seed: labels of the reference minus its own, each counted to the end of the budget when that is not
            enough.
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
    """Device seconds to the first point at or behind the target, minus the reference's, by timed seed."""
    return t_interval(
        [own[seed][found.own[seed].point] - other[seed][found.other[seed].point] for seed in found.own]
    )


Pays = Literal["always", "above", "below", "never", "unclear"]


@dataclass(frozen=True)
class Price:
    """The price of a label at which a series and its reference cost the same.

    Attributes:
        pays: at which prices the series pays for its device time: above that one, or below it when it takes
            less time and more labels.
        value: the price; NaN where there is none.
        bound: how it is bound by labels and seconds that are not counted: ``at least``, ``at most``, or not.
    """

    pays: Pays
    value: float = math.nan
    bound: str = ""


def break_even(
    seconds: float, labels: float, device_hour: float, bound: str = "", uncounted: bool = False
) -> Price:
    """From which price of a label on a series pays: ``seconds / 3600 · device_hour / labels``.

    Args:
        seconds: of device time more than the reference.
        labels: saved against it.
        device_hour: price of an hour of the device.
        bound: how the labels saved are bound; see :class:`Saving`.
        uncounted: whether the series takes more seconds than those.
    """
    if bound == "unclear" or math.isnan(seconds) or math.isnan(labels):
        return Price("unclear")
    if seconds <= 0 <= labels:
        return Price("unclear" if bound == "at most" or uncounted else "always")
    if seconds >= 0 >= labels:
        return Price("unclear" if bound == "at least" else "never")
    pays: Pays = "above" if labels > 0 else "below"
    lower, higher = ("at most", "at least") if pays == "above" else ("at least", "at most")
    bounds = {lower if bound == "at least" else higher} if bound else set()
    if uncounted:
        bounds.add(higher)
    if len(bounds) > 1:
        return Price("unclear")
    return Price(pays, seconds / HOUR * device_hour / labels, "".join(bounds))


def uncounted(config: Config, series: str, reference: str) -> bool:
    """Whether a series needs a labeller or a distillation that its reference does without."""
    own, other = config.series[series], config.series[reference]
    model = config.models.get(own.acquisition)
    return (model is not None and distilled_of(model) is not None) or own.labeller not in (
        None,
        other.labeller,
    )
