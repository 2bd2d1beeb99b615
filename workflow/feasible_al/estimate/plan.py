"""The work of a whole run, and the work saved because series share jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.estimate.disk import disk
from feasible_al.estimate.sizes import counted_sizes_of
from feasible_al.estimate.work import Work, total, work_of
from feasible_al.jobs import Job, Successor, jobs_of
from feasible_al.results.reuse import jobs_to_reuse

STAGES = (
    *("prepare", "distill", "encode", "import", "acquire"),
    *("successors (gold)", "successors (labeller)", "full"),
)


@dataclass(frozen=True)
class Plan:
    """The work of a run: with the jobs that are finished already, without those taken over from earlier runs.

    Attributes:
        stages: work by stage, in the workflow's order.
        datasets: work by dataset.
        reused: work of the jobs that are taken over from earlier runs.
        alone: work if each series were run by itself, with full-data fits counted once.
        disk: bytes by kind of file.
    """

    stages: Mapping[str, Work]
    datasets: Mapping[str, Work]
    reused: Work
    alone: Work
    disk: Mapping[str, int]

    @property
    def together(self) -> Work:
        """The work of the run."""
        return total(self.stages.values())


def plan(config: Config, run_folder: Path) -> Plan:
    """The plan of a run; nothing need be prepared, nor fetched if the config gives its sizes.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``; prepared data there give their sizes.

    Raises:
        InputError: if the size of a dataset is not known, or a budget does not fit it.
    """
    jobs = jobs_of(config)
    sizes = {job.dataset: counted_sizes_of(config, job.dataset, run_folder) for job in jobs.prepare}

    def work(job: Job) -> Work:
        return total(work_of(config, job, sizes[job.dataset]))

    reused = jobs_to_reuse(config, run_folder)
    works = [(job, work(job)) for job in jobs if job.name not in reused]
    return Plan(
        {stage: total(part for job, part in works if stage_of(job) == stage) for stage in STAGES},
        {name: total(part for job, part in works if job.dataset == name) for name in sizes},
        total(work(job) for job in jobs if job.name in reused),
        total(work(job) for job in unshared(config)),
        disk(config, jobs, sizes),
    )


def stage_of(job: Job) -> str:
    """The stage of a job; successors with and without a labeller are two stages."""
    if isinstance(job, Successor):
        return "successors (gold)" if job.gold else "successors (labeller)"
    return job.stage


def unshared(config: Config) -> list[Job]:
    """The jobs if each series were run by itself; full-data fits and students that only they need, once."""
    datasets = {name: block.model_copy(update={"full": None}) for name, block in config.datasets.items()}
    jobs: list[Job] = []
    for name, series in config.series.items():
        jobs += jobs_of(config.model_copy(update={"series": {name: series}, "datasets": datasets}))
    shared = jobs_of(config)
    return [*jobs, *shared.full, *(student for student in shared.distill if student not in jobs)]
