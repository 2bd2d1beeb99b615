"""Whatever a cluster does to a run, it ends in the bytes of an undisturbed one."""

import json
import re

import pytest

from tests.slurm.conftest import HERE, ROOT, finished, start
from tests.slurm.disturb import GREEDY, LATE, SEEDS
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


def test_short_jobs_of_a_rule_are_one_array(slurm, tmp_path):
    finished(start(tmp_path, "data", [ROOT / "configs" / "tiny.yaml"], "slurm", *HERE), tmp_path)
    jobs = run("scontrol", "show", "jobs", "--oneliner").splitlines()
    arrays = [re.search(r"ArrayJobId=(\d+) ArrayTaskId=(\d)", job) for job in jobs if str(tmp_path) in job]
    assert sorted(array.group(2) for array in arrays) == ["1", "2"]
    assert len({array.group(1) for array in arrays}) == 1
