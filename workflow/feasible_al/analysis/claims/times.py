"""Seconds of acquisition that may be compared."""

from collections.abc import Sequence

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.claims.hypothesis import Untestable
from feasible_al.analysis.claims.phrases import chooser
from feasible_al.analysis.names import listed
from feasible_al.analysis.seconds import Seconds, differing, rows_of, seconds_of
from feasible_al.config.blocks import EngineMode
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


def comparable_seconds(
    config: Config,
    results: Results,
    dataset: str,
    series: Sequence[str],
    pool: int | None,
    engine: EngineMode,
) -> list[Seconds]:
    """Seconds of each series' acquisition, of undisturbed iterations.

    Raises:
        Untestable: if the training set has not ``pool`` instances, or they are not of mode ``engine`` and of
            one machine.
    """
    size = results.stats[dataset]["splits"]["train"]["instances"]
    if pool is not None and size != pool:
        raise Untestable(f"pool of {size:,} instances instead of {pool:,}")
    iterations = config.datasets[dataset].budget.iterations
    frames = [
        rows_of(results.timings, acquirer, iterations)
        for name in series
        for acquirer in acquirers_of(config, dataset, [name])
    ]
    for name, rows in zip(series, frames, strict=True):
        if not rows["exclusive"].any():
            raise Untestable(f"no undisturbed iteration of {chooser(config, name)}")
    modes = sorted({mode for rows in frames for mode in rows.loc[rows["exclusive"], "engine"]})
    if modes != [engine]:
        raise Untestable(f"engine mode {listed(modes)}; the claim is about times of mode {engine}")
    if mixed := differing(frames):
        raise Untestable(f"times from {listed(mixed)}")
    return [seconds_of(rows) for rows in frames]
