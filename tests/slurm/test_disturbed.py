"""Whatever a cluster does to a run, it ends in the bytes of an undisturbed one."""

import json
import shlex
import time
from collections.abc import Callable

import pytest

from tests.slurm.conftest import HERE, ROOT, command
from tests.slurm.disturb import GREEDY, LATE, SEEDS, fits
from tests.slurm.one_node import run

pytestmark = pytest.mark.slurm

COMPARED = ("queries.csv", "metrics.csv", "scores.parquet", "test_predictions.parquet")


def trajectory(folder, seed):
    (found,) = folder.glob(f"results/slurm/acquisition/topics/*/*/*/seed{seed}")
    return found


def test_two_gpu_jobs_at_once_have_different_devices(disturbed, folder):
    assert sorted(fit.gpu for fit in disturbed.preempted) == ["0", "1"]
    logs = [*folder.glob("results/slurm/logs/acquisition/**/*.log")]
    assert len(logs) == len(SEEDS)
    for log in logs:
        assert "GPUs promised: 1; allocated on" in log.read_text()


def test_preempted_jobs_are_requeued_by_slurm_and_complete(disturbed):
    for fit in disturbed.preempted:
        assert f"{fit.seed} COMPLETED 1" in disturbed.states
    assert len([state for state in disturbed.states if not state.endswith(" 0")]) == 2


def test_what_is_cancelled_killed_or_too_long_is_retried(disturbed):
    ends = {disturbed.cancelled.seed: "CANCELLED", disturbed.killed.seed: "FAILED", LATE: "TIMEOUT"}
    for seed, state in ends.items():
        assert {f"{seed} {state} 0", f"{seed} COMPLETED 0"} <= {*disturbed.states}


def test_what_ran_out_of_memory_gets_more(disturbed, folder):
    logs = folder.glob(f".snakemake/slurm_logs/rule_acquire/*seed{GREEDY}/*.log")
    assert any("exceeded memory limit" in log.read_text() for log in logs)
    assert f"{GREEDY} COMPLETED 0" in disturbed.states


@pytest.mark.parametrize("seed", SEEDS)
def test_the_files_are_those_of_an_undisturbed_run(seed, disturbed, folder, undisturbed):
    ours, theirs = trajectory(folder, seed), trajectory(undisturbed, seed)
    for name in COMPARED:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()
    if seed not in {GREEDY, LATE}:  # which may be stopped before they begin
        assert json.loads((ours / "manifest.json").read_text())["attempts"] == 2


def test_snakemake_may_be_a_job_itself_and_takes_its_jobs_along(slurm, tmp_path):
    called = command("results/canary/tables/curves.csv", [ROOT / "configs" / "canary.yaml"], "slurm", *HERE)
    script = tmp_path / "driver.sh"
    script.write_text(f"#!/bin/sh\nexec {shlex.join(called)}\n")
    script.chmod(0o755)
    job = run("sbatch", "--parsable", "--mem=1500", f"--chdir={tmp_path}", str(script)).strip()
    patiently(lambda: [*fits(tmp_path)])
    (fit,) = fits(tmp_path)
    assert fit.job != job
    run("scancel", "--signal=INT", "--batch", job)  # as sbatch --signal=B:INT does before the time is over
    patiently(lambda: not run("squeue", "--noheader", f"--jobs={job},{fit.job}"))
    assert "JobState=CANCELLED" in run("scontrol", "show", "job", fit.job)
    assert not [*tmp_path.glob(".snakemake/locks/*")]


def patiently(what: Callable[[], object], seconds: float = 300) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.3)
