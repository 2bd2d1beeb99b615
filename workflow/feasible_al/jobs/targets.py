"""The jobs whose results a target of the workflow needs."""

from collections.abc import Sequence
from pathlib import Path

from feasible_al.config.schema import Config
from feasible_al.core.errors import unknown_name
from feasible_al.jobs import Job, Jobs, curve_of, jobs_of, trajectory_of
from feasible_al.jobs.expansion import with_dependencies
from feasible_al.jobs.shown import Shown, of_figure, of_table


def jobs_for_targets(config: Config, targets: Sequence[str]) -> list[Job]:
    """The jobs of some targets, with all jobs that they need; all jobs if no target is named.

    Raises:
        InputError: if the config has no such target.
    """
    every = jobs_of(config)
    known = {"all", "data", *config.figures, *config.panels, *config.tables}
    for target in targets:
        if target not in known:
            raise unknown_name("figure or table", target, known, "--target")
    wanted = [job for target in targets or ["all"] for job in jobs_of_target(config, every, target)]
    return with_dependencies(config, every, wanted)


def jobs_of_target(config: Config, jobs: Jobs, target: str) -> list[Job]:
    """The jobs whose results a target shows: a figure, a table, a panel, data, or all."""
    if target == "all":
        return [*jobs]
    if target == "data":
        return [*jobs.prepare]
    if target in config.tables:
        return jobs_of_shown(config, jobs, of_table(config, config.tables[target]))
    shown = Shown()
    for name in config.panels.get(target, (target,)):
        shown |= of_figure(config, name)
    return jobs_of_shown(config, jobs, shown)


def jobs_of_shown(config: Config, jobs: Jobs, shown: Shown) -> list[Job]:
    """The jobs that write the results shown, in the workflow's order, without the jobs that these need.

    Args:
        config: the resolved config.
        jobs: all jobs of the config.
        shown: the results.
    """
    if shown.times:
        return [*jobs]
    run = set(config.curves_run())
    points: dict[Path, set[int]] = {}
    for series, dataset in shown.curves & run:
        for seed in config.seeds_of(series):
            curve = curve_of(config, series, dataset, seed)
            points.setdefault(curve.folder, set()).update(curve.points)
    for series, dataset in shown.chosen:  # a skipped series may share its trajectory with one that is run
        for seed in config.seeds_of(series):
            points.setdefault(trajectory_of(config, series, dataset, seed).folder, set())
    return [
        *(job for job in jobs.prepare if job.dataset in shown.datasets),
        *(job for job in jobs.distill if job.dataset in shown.students),
        *(job for job in jobs.labels if (job.labeller, job.dataset) in shown.labellers),
        *(job for job in jobs.acquire if job.folder in points),
        *(job for job in jobs.successor if not points.get(job.folder, set()).isdisjoint(job.points)),
        *(job for job in jobs.full if (job.model, job.dataset) in shown.full),
    ]
