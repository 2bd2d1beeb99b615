"""Seconds of device time by seed and point: what choosing had taken by then."""

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.seconds import refusal, rows_of, seconds_of
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

NOT_IN_IT = (
    "Device time: training the acquisition model, scoring and selecting, summed up to a point; of seeds none "
    "of whose iterations was disturbed. A strategy without a model takes none; what an imported trajectory "
    "took is not known. Training the measured model is not in it, nor labelling by a labeller, nor the "
    "distillation of a student."
)

Seconds = dict[int, tuple[float, ...]]
"""By seed: a value per point, 0 at the first."""


def device_seconds(config: Config, results: Results, dataset: str, series: str) -> Seconds:
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
