"""The jobs that a resolved config asks for, their folders, and the slice of the config each depends on.

The workflow's rules, the plan and the stages all take their jobs from here. Two figures that need the
same job name the same object, so nothing runs twice.
"""

from feasible_al.jobs.expansion import Jobs, curve_of, jobs_of
from feasible_al.jobs.fits import (
    MANIFEST,
    PREDICTIONS,
    TEST_PREDICTIONS,
    Full,
    Job,
    Successor,
    Trajectory,
    dataset_of,
    hash_of,
    options_of,
    rerun_hash,
    state_hash,
)
from feasible_al.jobs.outside import dataset_key, model_key, trajectory_key
from feasible_al.jobs.prepared import Distill, Prepare
from feasible_al.jobs.settings import distilled_of, engine_of, training_of

__all__ = [
    "MANIFEST",
    "PREDICTIONS",
    "TEST_PREDICTIONS",
    "Distill",
    "Full",
    "Job",
    "Jobs",
    "Prepare",
    "Successor",
    "Trajectory",
    "curve_of",
    "dataset_key",
    "dataset_of",
    "distilled_of",
    "engine_of",
    "hash_of",
    "jobs_of",
    "model_key",
    "options_of",
    "rerun_hash",
    "state_hash",
    "training_of",
    "trajectory_key",
]
