"""The plan of a run against what the run then did, and time limits in the workflow."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from feasible_al.estimate.plan import plan
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.sizes import sizes_of
from feasible_al.estimate.times import remaining
from feasible_al.estimate.work import total, work_of
from feasible_al.jobs import Acquire, Full, Successor, jobs_of
from feasible_al.jobs.resolve import load

from tests.workflow.conftest import ROOT, TINY, planned

pytestmark = pytest.mark.slow


def done(results: Path, job: Acquire | Successor | Full) -> tuple[int, int]:
    """The fits of a job, and the instances of the pool that it scored or labelled, by its files."""
    folder = results / job.folder
    fits = sum(pd.read_csv(path)["point"].nunique() for path in folder.rglob("metrics.csv"))
    timings = pd.concat(pd.read_csv(path) for path in folder.rglob("timings.csv"))
    scored = int(timings.loc[timings["phase"] == "inference", "instances"].sum())
    if isinstance(job, Acquire):  # which labels the rest of the pool outside its timings
        scored += sum(
            pd.read_parquet(path)["instance"].nunique() for path in folder.rglob("predictions.parquet")
        )
    return fits, scored


def test_the_plans_counts_are_those_of_the_run(tiny_run):
    config, results = load([TINY]), tiny_run / "results/tiny"
    jobs = jobs_of(config)
    trained = [job for job in jobs.acquire if job.acquisition != "none"]
    compared = 0
    for job in (*trained, *jobs.successor, *jobs.full):
        work = total(work_of(config, job, sizes_of(config, job.dataset, results)))
        fits, scored = done(results, job)
        assert work.fits == fits
        # Sentences that a strategy prefers are not of mean length; of UPS's draw 4 is a standard deviation.
        tolerance = 0.1 * scored if job.dataset == "spans" else 12 if "ups" in job.folder.parts else 0
        assert abs(work.scored - scored) <= tolerance, job.folder
        compared += fits
    assert compared == plan(config, results).together.fits - 1  # the student


def test_nothing_remains_of_a_finished_run(tiny_run):
    assert remaining(load([TINY]), tiny_run / "results/tiny", Speed.assumed(1e9)).steps == {}


LIMITS = """
import sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

snakefile, *configs = map(Path, sys.argv[1:])
with SnakemakeApi(OutputSettings(dryrun=True)) as api:
    settings = ConfigSettings(configfiles=configs)
    workflow = api.workflow(ResourceSettings(cores=1), config_settings=settings, snakefile=snakefile)
    workflow.dag().execute_workflow(executor="dryrun")
    limits = [job.resources.runtime for job in workflow._workflow.dag.jobs if "device" in job.resources.keys()]
print(*limits)
"""


def limits(folder: Path, *configs: Path) -> list[int]:
    """The time limits, in minutes, of the jobs on a device that a dry run plans; it prints none of them."""
    command = [sys.executable, "-c", LIMITS, str(ROOT / "Snakefile"), *map(str, configs)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 0, answer.stderr
    return [int(limit) for limit in answer.stdout.splitlines()[-1].split()]


def test_the_rules_take_their_time_limits_from_the_devices_rate(tmp_path):
    over = tmp_path / "over.yaml"
    over.write_text(yaml.safe_dump({"engine": {"device_tflops": 1.0}}))
    devices = 1 + 5 + 6 + 2  # a student, trajectories, successors, full-data fits
    assert limits(tmp_path, TINY) == [720] * devices
    assert limits(tmp_path, TINY, over) == [30] * devices


def test_a_devices_rate_reruns_no_job(tiny_run, tmp_path):
    over = tmp_path / "over.yaml"
    over.write_text(yaml.safe_dump({"engine": {"device_tflops": 1.0}}))
    assert not set(planned(tiny_run, TINY, over)) & {
        "prepare",
        "distill",
        "acquire",
        "fit_successor",
        "fit_full",
    }
