"""The jobs that a resolved config asks for, their folders, and the slice of the config that each depends on.

The workflow's rules, the plan and the stages all take their jobs from here. Jobs are compared by
value, so a job that two figures need runs once.
"""

from feasible_al.jobs.expansion import Jobs, curve_of, dependencies_of, jobs_of, makers_of, trajectory_of
from feasible_al.jobs.fits import Acquire, Full, Successor, options_of, rerun_hash
from feasible_al.jobs.imported import ImportLabels
from feasible_al.jobs.job import (
    MANIFEST,
    PREDICTIONS,
    TEST_PREDICTIONS,
    Job,
    dataset_key,
    hash_of,
    labeller_key,
    model_key,
    state_hash,
    trajectory_key,
)
from feasible_al.jobs.prepared import (
    Distill,
    Encode,
    Prepare,
    distilled_of,
    encode_of,
    engine_of,
    training_of,
    unfrozen,
)

__all__ = [
    "MANIFEST",
    "PREDICTIONS",
    "TEST_PREDICTIONS",
    "Acquire",
    "Distill",
    "Encode",
    "Full",
    "ImportLabels",
    "Job",
    "Jobs",
    "Prepare",
    "Successor",
    "curve_of",
    "dataset_key",
    "dependencies_of",
    "distilled_of",
    "encode_of",
    "engine_of",
    "hash_of",
    "jobs_of",
    "labeller_key",
    "makers_of",
    "model_key",
    "options_of",
    "rerun_hash",
    "state_hash",
    "training_of",
    "trajectory_key",
    "trajectory_of",
    "unfrozen",
]
