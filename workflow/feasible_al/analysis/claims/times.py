"""Claims about seconds: judged only where the seconds are those that the paper's tables contain."""

from functools import partial

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.claims.question import Evidence, Question, Untestable
from feasible_al.analysis.intervals import AMOUNT, FRACTION
from feasible_al.analysis.names import acquirer_name, listed
from feasible_al.analysis.seconds import Seconds, differing, rows_of, seconds_of
from feasible_al.config.claims import TimeRatio, TimeShare
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


def time_share(config: Config, claim: TimeShare) -> Question:
    """A step takes more than a share of the seconds of acquisition."""
    return Question(
        quantity=f"share of {claim.block} in the seconds of acquisition by {chooser(config, claim.series)}, "
        "summed over all iterations",
        margin=f"above {claim.above:g}",
        test="t test over seeds",
        side="above",
        possible=FRACTION,
        answer=partial(_share, config, claim),
    )


def time_ratio(config: Config, claim: TimeRatio) -> Question:
    """A step takes less than a multiple of another series' seconds."""
    step = "train and inference" if claim.block == "overall" else claim.block
    own, other = chooser(config, claim.series), chooser(config, claim.than)
    return Question(
        quantity=f"seconds of {step} with {own} over those with {other}, summed over {claim.iterations} "
        "iterations",
        margin=f"below {claim.below:g}",
        test="t test over seeds, of ratios paired by seed",
        side="below",
        possible=AMOUNT,
        answer=partial(_ratio, config, claim),
    )


def chooser(config: Config, series: str) -> str:
    """The model that chooses, and what part of the pool it scores."""
    block = config.series[series]
    return acquirer_name(config, block.acquisition, block.subsampling)


def _share(config: Config, claim: TimeShare, results: Results) -> Evidence:
    (seconds,) = _comparable(config, results, claim, claim.series)
    iterations = config.datasets[claim.dataset].budget.iterations
    part, whole = (seconds.summed(block, iterations) for block in (claim.block, "overall"))
    return Evidence(tuple(part[seed] / whole[seed] for seed in whole), claim.above)


def _ratio(config: Config, claim: TimeRatio, results: Results) -> Evidence:
    rule = config.subsampling.get(config.series[claim.series].subsampling)
    iterations = claim.summed(rule, config.datasets[claim.dataset].budget.iterations)
    own, other = (
        seconds.over(claim.block, iterations)
        for seconds in _comparable(config, results, claim, claim.series, claim.than)
    )
    return Evidence(tuple(own[seed] / other[seed] for seed in own if seed in other), claim.below)


def _comparable(
    config: Config, results: Results, claim: TimeShare | TimeRatio, *series: str
) -> list[Seconds]:
    """Seconds of the series' acquisition, of undisturbed iterations.

    Raises:
        Untestable: if they are not of the paper's pool, engine and one machine.
    """
    size = results.stats[claim.dataset]["splits"]["train"]["instances"]
    if claim.pool is not None and size != claim.pool:
        raise Untestable(f"pool of {size:,} instances instead of {claim.pool:,}")
    iterations = config.datasets[claim.dataset].budget.iterations
    frames = [
        rows_of(results.timings, acquirer, iterations)
        for name in series
        for acquirer in acquirers_of(config, claim.dataset, [name])
    ]
    for name, rows in zip(series, frames, strict=True):
        if not rows["exclusive"].any():
            raise Untestable(f"no undisturbed iteration of {chooser(config, name)}")
    modes = sorted({mode for rows in frames for mode in rows.loc[rows["exclusive"], "engine"]})
    if modes != ["paper"]:
        raise Untestable(f"engine mode {listed(modes)}; the paper's times are those of mode paper")
    if mixed := differing(frames):
        raise Untestable(f"times from {listed(mixed)}")
    return [seconds_of(rows) for rows in frames]
