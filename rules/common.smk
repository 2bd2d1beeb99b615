"""The resolved config, its jobs, and functions that rules call."""

import gc
import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from feasible_al.commands.pages import PAGE_RULES, Page, make_partial_pages
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest
from feasible_al.core.processes import job_environment
from feasible_al.estimate.times import runtime
from feasible_al.jobs import (
    MANIFEST,
    Acquire,
    Distill,
    Encode,
    Full,
    ImportLabels,
    Prepare,
    Successor,
    dependencies_of,
    jobs_of,
    makers_of,
    rerun_hash,
    shown,
    state_hash,
    versions,
)
from feasible_al.jobs.resolve import load, save
from feasible_al.jobs.targets import jobs_of_shown, jobs_of_target
from feasible_al.report.reading import reading_of
from feasible_al.results import externals
from feasible_al.results.batches import batches_of, read_batches, write_batches
from feasible_al.results.kept import keep_points
from feasible_al.results.messages import remove_failure_notes
from feasible_al.results.outdated import incomplete, outdated, rerun_messages
from feasible_al.results.reuse import jobs_to_reuse, read_reused, write_reused
from feasible_al.results.state import remove_states
from feasible_al.stages.gpu_check import gpus_of

# Thousands of jobs are a million small objects that live as long as the run; garbage collection among them would
# take a tenth of the time of planning.
gc.set_threshold(100_000, 50, 50)

# Not Snakemake's own merged `config`: it has no line numbers for errors, and keeps the keys of a replaced block.
FILES = workflow.overwrite_configfiles or ["config.yaml"]
try:
    CONFIG = load([Path(file) for file in FILES], dict(workflow.config_settings.config))
    RUN = Path("results", CONFIG.run.name)
    # The main process alone reads the files: a job's own process must not see other data, or another run's results.
    if workflow.is_main_process:
        CONFIG = externals.with_digests(CONFIG, RUN)
        REUSED = jobs_to_reuse(CONFIG, RUN)
    else:
        CONFIG = externals.with_planned_digests(CONFIG, RUN)
        REUSED = read_reused(RUN)
except InputError as error:
    raise WorkflowError(str(error)) from None

JOBS = jobs_of(CONFIG)
JOB = {str(job.record.parent): job for job in JOBS}
MAKERS = makers_of(JOBS)
# Finished jobs that must run again. Snakemake sees the files beside a record only, and of a record that ended a wider
# range of points before it does not know how it was made.
AGAIN = {}
if workflow.is_main_process:
    AGAIN = incomplete(JOBS, RUN) | outdated(CONFIG, JOBS, RUN)
    for line in rerun_messages(AGAIN):
        logger.info(line)
    BATCHES = batches_of(CONFIG, JOBS, RUN, AGAIN, REUSED)
else:
    BATCHES = read_batches(JOBS, RUN)
# By the folder of the record that stands for them: the jobs that one process runs.
BATCH = {str(batch[-1].record.parent): batch for batch in BATCHES}
LAST = {job: batch[-1] for batch in BATCHES for job in batch}
CONFIG_FILE = save(CONFIG, RUN)
job_environment(Path(workflow.basedir))


wildcard_constraints:
    figure="|".join(map(re.escape, CONFIG.figures)),
    table="|".join(map(re.escape, CONFIG.tables)),


# Snakemake ignores params that take `input` or `resources` when it looks for changed params: the job's hash decides.
def config_file(wildcards, input):
    """The resolved config."""
    return CONFIG_FILE


def job_name(wildcards, input):
    """The name of a job on the command line."""
    return JOB[wildcards.job].name


def batch_option(wildcards, input):
    """The seeds of a batch on the command line; nothing for a job of its own."""
    seeds = [str(job.seed) for job in batch_of(wildcards)]
    return f" --seeds {' '.join(seeds)}" if len(seeds) > 1 else ""


def reading(wildcards, input):
    """How to read a figure, in Snakemake's report: nothing of the config, which could contain markup."""
    return reading_of(CONFIG.figures[wildcards.figure].kind)


def gpus(wildcards, input, resources):
    """The number of GPUs that the scheduler is asked for."""
    return gpus_of(resources)


def source(wildcards, input):
    """The run that a job is taken over from."""
    return str(REUSED[JOB[wildcards.job].name])


def batch_of(wildcards):
    """The jobs that one process runs: a batch, or a job alone."""
    return BATCH.get(wildcards.job, (JOB[wildcards.job],))


def job_hash(wildcards):
    """The hash of all that a job depends on; of a batch its last one, so that jobs may be batched differently."""
    return rerun_hash(CONFIG, JOB[wildcards.job])


def minutes(wildcards, attempt):
    """The time limit of a job. Snakemake asks once for each job and attempt."""
    return runtime(CONFIG, batch_of(wildcards), RUN, attempt)


def needs(wildcards):
    """The records of the jobs that a batch needs; a finished job that has to run again is forced to."""
    batch = batch_of(wildcards)
    if any(job.name in AGAIN for job in batch):
        workflow.dag.forcefiles.add(f"{RUN}/{batch[-1].record}")
    return records(
        needed for job in batch for needed in dependencies_of(CONFIG, job, MAKERS)
    )


def prepared(wildcards):
    """The record of a job's dataset, which a job that is taken over needs alone."""
    needs(wildcards)
    return f"{RUN}/{Prepare(JOB[wildcards.job].dataset).record}"


def reused(folder):
    """Whether the job of a record's folder is taken over from an earlier run."""
    return JOB[folder].name in REUSED


def left_by(stage):
    """The files that every job of a stage leaves in its record's folder."""
    return expand(f"{RUN}/{{{{job}}}}/{{file}}", file=stage.files)


def tidy(name):
    """A tidy table, as Snakemake's report shows it."""
    return report(
        f"{RUN}/tables/{name}.csv",
        caption="../report/captions/snakemake/tidy.rst",
        category="Data",
        labels={"table": name},
    )


def records(jobs):
    """The file that each job writes last, or the last job of its batch."""
    return [*dict.fromkeys(f"{RUN}/{LAST.get(job, job).record}" for job in jobs)]


def target_records(target):
    """The records of the jobs whose results a target shows."""
    return records(jobs_of_target(CONFIG, JOBS, target))


def look(wildcards):
    """The hash of what figures, tables and the report show besides results: names, labels, titles, notes."""
    return digest([versions.STAGES["report"], CONFIG.model_dump(mode="json")])


def begun():
    """The names of the states of jobs that have not finished, and of those that this run leaves out."""
    left = {state_hash(CONFIG, job) for job in JOBS if not (RUN / job.record).exists()}
    if CONFIG.narrow:
        states = {path.name for path in (RUN / "state").glob("*")}
        left |= states - {state_hash(CONFIG, job) for job in JOBS}
    return left


def taken_over():
    """From where jobs are taken over, also those that this run leaves out."""
    names = {job.name for job in JOBS}
    before = read_reused(RUN).items() if CONFIG.narrow else ()
    return {name: run for name, run in before if name not in names} | REUSED


def make_pages(log):
    """Make the targets' figures, tables and report from the results that exist, unless a user stopped the run."""
    if workflow.scheduler.running or workflow.scheduler._user_kill:
        return
    jobs = [job for job in workflow.dag.needrun_jobs() if job.rule.name in PAGE_RULES]
    for job in jobs:
        # Marked as incomplete, so that the next start makes it again.
        workflow.persistence.started(job)
    pages = [
        Page(job.rule.name, "".join(job.wildcards), [*map(Path, job.output)])
        for job in jobs
    ]
    logs = [Path(job.log[0]) for job in workflow.scheduler.failed if job.log]
    ours = [*map(Path, [log] if isinstance(log, str) else log)]
    for line in make_partial_pages(CONFIG, RUN, pages, ours, logs):
        logger.error(line)
