"""The config, resolved once, and what the rules need to know of it."""

import gc
import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from feasible_al.commands.environment import job_environment
from feasible_al.commands.rest import RULES_OF_PAGES, Page, make_rest
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest
from feasible_al.estimate.times import runtime
from feasible_al.jobs import (
    Prepare,
    dataset_of,
    jobs_of,
    rerun_hash,
    shown,
    state_hash,
    versions,
)
from feasible_al.jobs.groups import groups_of, last_of, lost_of, read_by
from feasible_al.jobs.resolve import load, save
from feasible_al.jobs.targets import jobs_behind, jobs_of_target
from feasible_al.results import externals
from feasible_al.results.failures import forget
from feasible_al.results.outdated import outdated, told
from feasible_al.results.reuse import record, recorded, taken_over
from feasible_al.results.state import clear as clear_state
from feasible_al.stages.gpu_check import gpus_of

# Thousands of jobs are a million small objects that live as long as the run: looking for rubbish among them takes
# a tenth of the time that planning takes.
gc.set_threshold(100_000, 50, 50)

# Not Snakemake's own merged `config`: it knows no lines of files, and leaves a replaced block's keys behind.
FILES = workflow.overwrite_configfiles or ["config.yaml"]
try:
    CONFIG = load([Path(file) for file in FILES], dict(workflow.config_settings.config))
    RUN = Path("results", CONFIG.run.name)
    # Settled once: a job's own process must not find other data, or that another run has finished it meanwhile.
    if workflow.is_main_process:
        CONFIG = externals.settled(CONFIG, RUN)
        REUSED = taken_over(CONFIG, RUN)
    else:
        CONFIG = externals.recorded(CONFIG, RUN)
        REUSED = recorded(RUN)
except InputError as error:
    raise WorkflowError(str(error)) from None

JOBS = jobs_of(CONFIG)
if workflow.is_main_process:
    for line in told(outdated(CONFIG, JOBS, RUN)):
        logger.info(line)
CONFIG_FILE = save(CONFIG, RUN)
GROUPS = groups_of(JOBS, REUSED)
job_environment(Path(workflow.basedir))


wildcard_constraints:
    figure="|".join(map(re.escape, CONFIG.figures)),
    table="|".join(map(re.escape, CONFIG.tables)),


def config_file(wildcards, input):
    """The resolved config. A param that looks at the input is no reason to run a job again; its slice is."""
    return CONFIG_FILE


def call(group):
    """What a command needs to know besides. Like the config, blocks and GPUs are no reason to run a job again."""
    return lambda wildcards, input, resources: (
        f"{CONFIG_FILE} {group.jobs[wildcards.job].name} --gpus {gpus_of(resources)}"
    )


def job_hash(group):
    """The slice of the config that a job depends on."""
    return lambda wildcards: rerun_hash(CONFIG, group.jobs[wildcards.job])


def minutes(group):
    """How long a job may take. Snakemake asks once per job and attempt."""
    return lambda wildcards, attempt: runtime(
        CONFIG, group.jobs[wildcards.job], RUN, attempt
    )


def needs(group):
    """What a job reads, by the records of what wrote it: Snakemake takes its time over every file."""
    return lambda wildcards: [
        f"{RUN}/{path}" for path in read_by(CONFIG, group.jobs[wildcards.job])
    ]


def prepared(group):
    """What a job's prepared dataset is known by."""
    return (
        lambda wildcards: f"{RUN}/{Prepare(dataset_of(group.jobs[wildcards.job])).folder}/stats.json"
    )


def job_name(group):
    """What the command line calls a job."""
    return lambda wildcards, input: group.jobs[wildcards.job].name


def source(group):
    """The run that a job is taken over from."""
    return lambda wildcards, input: str(REUSED[group.jobs[wildcards.job].name])


def written(group):
    """The files that a job leaves."""
    return expand(f"{RUN}/{{{{job}}}}/{{file}}", file=group.files)


def records(what):
    """The file that each job writes last whose results are shown."""
    return [f"{RUN}/{last_of(job)}" for job in jobs_behind(CONFIG, JOBS, what)]


def lost(target):
    """What the jobs behind a target should have left and is not there: theirs to write, though it is drawn."""
    jobs = jobs_of_target(CONFIG, JOBS, target)
    return lambda wildcards: [
        f"{RUN}/{path}" for job in jobs for path in lost_of(job, RUN)
    ]


def look(wildcards):
    """What figures, tables and the report show besides the results: names, labels, titles, notes."""
    return digest([versions.STAGES["report"], CONFIG.model_dump(mode="json")])


def begun():
    """The names of the states of jobs that have not left their results yet."""
    return {
        state_hash(CONFIG, job) for job in JOBS if not (RUN / last_of(job)).exists()
    }


def make_pages(log):
    """Make the figures, tables and the page that were asked for of what there is, unless somebody stopped it."""
    if workflow.scheduler.running or workflow.scheduler._user_kill:
        return
    jobs = [
        job for job in workflow.dag.needrun_jobs() if job.rule.name in RULES_OF_PAGES
    ]
    for job in jobs:
        workflow.persistence.started(job)  # the next start makes them anew
    pages = [
        Page(job.rule.name, "".join(job.wildcards), [*map(Path, job.output)])
        for job in jobs
    ]
    logs = [Path(job.log[0]) for job in workflow.scheduler.failed if job.log]
    ours = [*map(Path, [log] if isinstance(log, str) else log)]
    for line in make_rest(CONFIG, RUN, pages, ours, logs):
        logger.error(line)
