"""The config, resolved once, and what the rules need to know of it."""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from feasible_al import versions
from feasible_al.config import resolve, save
from feasible_al.config.jobs import hash_of, jobs_of
from feasible_al.environment import job_environment
from feasible_al.errors import InputError
from feasible_al.io import digest
from feasible_al.stages.state import clear as clear_state

try:
    CONFIG = resolve(config)
except InputError as error:
    raise WorkflowError(str(error)) from None

RUN = Path("results", CONFIG.run.name)
CONFIG_FILE = save(CONFIG, RUN)
JOBS = jobs_of(CONFIG)
HASHES = {str(job.folder): hash_of(CONFIG, job) for job in JOBS}
TRAJECTORY = r"[^/]+/[^/]+/[^/]+/[^/]+/seed\d+"

job_environment(Path(workflow.basedir))


wildcard_constraints:
    dataset="|".join(CONFIG.datasets),
    model="|".join(CONFIG.models),
    seed=r"\d+",
    trajectory=TRAJECTORY,
    figure="|".join(CONFIG.figures),
    table="|".join(CONFIG.tables),


def config_file(wildcards, input):
    """The resolved config. A param that looks at the input is no reason to run a job again; its slice is."""
    return CONFIG_FILE


def dataset_of(wildcards):
    """The prepared dataset that a trajectory draws from."""
    dataset = wildcards.trajectory.split("/")[0]
    return f"{RUN}/data/{dataset}/stats.json"


def prepare_hash(wildcards):
    """The slice of the config that a dataset depends on."""
    return HASHES[f"data/{wildcards.dataset}"]


def acquire_hash(wildcards):
    """The slice of the config that a trajectory depends on."""
    return HASHES[f"acquisition/{wildcards.trajectory}"]


def successor_hash(wildcards):
    """The slice of the config that a successor depends on."""
    return HASHES[f"successor/{wildcards.trajectory}/gold/{wildcards.model}"]


def full_hash(wildcards):
    """The slice of the config that a full-data fit depends on."""
    return HASHES[f"full/{wildcards.dataset}/{wildcards.model}/seed{wildcards.seed}"]


def points_of(dataset):
    """The points of a dataset's curves."""
    return range(CONFIG.datasets[dataset].budget.iterations + 1)


def all_results(wildcards):
    """The last file of every job of the run."""
    files = [f"{RUN}/{job.folder}/stats.json" for job in JOBS.prepare]
    files += [
        f"{RUN}/{job.folder}/manifest.json" for job in (*JOBS.trajectories, *JOBS.full)
    ]
    for job in JOBS.successors:
        files += [
            f"{RUN}/{job.folder}/point{point}/manifest.json"
            for point in points_of(job.trajectory.dataset)
        ]
    return files


def look(wildcards):
    """What figures, tables and the report show besides the results: names, labels, titles, notes."""
    return digest([versions.STAGES["report"], CONFIG.model_dump(mode="json")])
