"""The config, resolved once, and what the rules need to know of it."""

import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from feasible_al import versions
from feasible_al.config import load, save
from feasible_al.config.jobs import Distill, Full, Prepare, hash_of, jobs_of
from feasible_al.environment import job_environment
from feasible_al.errors import InputError
from feasible_al.estimate.runtime import runtime
from feasible_al.io import digest
from feasible_al.stages.state import clear as clear_state

# Not Snakemake's own merged `config`: it knows no lines of files, and leaves a replaced block's keys behind.
FILES = workflow.overwrite_configfiles or ["config.yaml"]
try:
    CONFIG = load([Path(file) for file in FILES], dict(workflow.config_settings.config))
except InputError as error:
    raise WorkflowError(str(error)) from None

RUN = Path("results", CONFIG.run.name)
CONFIG_FILE = save(CONFIG, RUN)
JOBS = jobs_of(CONFIG)
BY_FOLDER = {str(job.folder): job for job in JOBS}
HASHES = {folder: hash_of(CONFIG, job) for folder, job in BY_FOLDER.items()}
job_environment(Path(workflow.basedir))


wildcard_constraints:
    dataset="|".join(CONFIG.datasets),
    model="|".join(CONFIG.models),
    seed=r"\d+",
    figure="|".join(CONFIG.figures),
    table="|".join(CONFIG.tables),


def config_file(wildcards, input):
    """The resolved config. A param that looks at the input is no reason to run a job again; its slice is."""
    return CONFIG_FILE


def job_hash(wildcards):
    """The slice of the config that a job depends on."""
    return HASHES[wildcards.job]


def minutes(wildcards, attempt):
    """How long a job may take. Snakemake asks once per job and attempt."""
    return runtime(CONFIG, BY_FOLDER[wildcards.job], RUN, attempt)


def needs(wildcards):
    """The files that a job reads."""
    return [f"{RUN}/{path}" for path in BY_FOLDER[wildcards.job].inputs(CONFIG)]


def by_outputs(jobs):
    """Suffixes, files and folders of jobs that leave the same files: Snakemake must know all of them ahead."""
    groups = {}
    for job in jobs:
        groups.setdefault(job.outputs, []).append(re.escape(str(job.folder)))
    return [
        (f"_{number}" if number else "", files, "|".join(folders))
        for number, (files, folders) in enumerate(sorted(groups.items()))
    ]


def all_results(wildcards):
    """The files of every job of the run."""
    return [f"{RUN}/{job.folder}/{file}" for job in JOBS for file in job.outputs]


def look(wildcards):
    """What figures, tables and the report show besides the results: names, labels, titles, notes."""
    return digest([versions.STAGES["report"], CONFIG.model_dump(mode="json")])
