"""What was run and what came out, in plain words."""

from feasible_al.analysis.curves import compare
from feasible_al.analysis.intervals import Interval
from feasible_al.analysis.names import SCORE, counted, dataset_name, datasets_run, listed, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables.base import with_bounds
from feasible_al.config.jobs import Jobs, jobs_of
from feasible_al.config.schema import Config


def what_was_run(config: Config) -> str:
    """Datasets, series, seeds and fits."""
    jobs = jobs_of(config)
    names = [f"{dataset_name(config, name)} ({config.datasets[name].task})" for name in datasets_run(config)]
    return (
        f"This run measures {counted(len(config.series), 'series')} on {listed(names)}, each repeated with "
        f"{counted(len(config.seeds), 'seed')}: {counted(fit_count(config, jobs), 'fit')} in all."
    )


def fit_count(config: Config, jobs: Jobs) -> int:
    """How many models were trained: one per point of each curve, and the full-data fits."""
    trained = [job for job in jobs.trajectories if job.acquisition != "none"]
    on = [job.dataset for job in trained] + [job.trajectory.dataset for job in jobs.successors]
    return sum(config.datasets[dataset].budget.iterations + 1 for dataset in on) + len(jobs.full)


def what_came_out(config: Config, results: Results) -> list[str]:
    """Per dataset and series: active learning minus random, and whether that is more than seed noise."""
    sentences = []
    for dataset in datasets_run(config):
        differences = {
            name: comparison.mean
            for name, series in config.series.items()
            if dataset in series.datasets and (comparison := compare(config, results, dataset, name))
        }
        place = dataset_name(config, dataset)
        if not differences:
            sentences.append(
                f"{place}: no series has a random series with the same successor to compare with."
            )
        score = SCORE[config.datasets[dataset].task]
        sentences += [
            f"{place}, {series_name(config, name)}: {_outcome(difference, score)}"
            for name, difference in differences.items()
        ]
    return sentences


def _outcome(difference: Interval, score: str) -> str:
    if difference.count == 0:
        return "not run, or no seed in common with the random series."
    amount = round(abs(difference.mean), 3)
    direction = (
        f"{amount:.3f} {'higher' if difference.mean > 0 else 'lower'} than" if amount else "the same as"
    )
    size = f"{score} {direction} with random labelling"
    if not difference.known:
        return f"{size} on average over the curve; one seed, so nothing can be said about seed noise."
    evidence = f"{size} on average over the curve (difference {with_bounds(difference, 3)}, 95% interval, "
    evidence += f"{counted(difference.count, 'seed')})"
    if difference.excludes_zero:
        return f"{evidence}. This is more than seed noise."
    return f"{evidence}. Undecided: the interval contains 0, so this may be seed noise."
