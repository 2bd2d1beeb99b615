"""What `feasible-al status` says of a made-up run in every condition."""

import json
import subprocess
import sys
import time

import pytest
from feasible_al.cli import main
from feasible_al.commands.status import config_of, statuses
from feasible_al.core.errors import InputError
from feasible_al.core.io import write_json
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import save
from feasible_al.results.batches import write_batches
from feasible_al.results.integrity import state_folder
from feasible_al.results.state import LEASE

LC = "acquisition/topics/small/least_confidence/none/seed{}"
HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def begin(run, number, done):
    """A job whose first output is missing, and its state after some steps."""
    name = LC.format(number)
    (run.folder / name / "queries.csv").unlink()
    (job,) = [job for job in jobs_of(run.config) if job.name == name]
    state = state_folder(run.config, job, run.folder)
    write_json(state / "progress.json", {"job": name, "done": done, "steps": 4, "time": time.time()})
    return state


def by_job(run):
    return {status.job: status for status in statuses(run.config, run.folder)}


def test_every_condition(make_run):
    run = make_run()
    assert {status.condition for status in by_job(run).values() if status.stage != "prepare"} == {"done"}
    running, failed = begin(run, 1, 2), begin(run, 2, 0)
    begin(run, 3, 3)
    (run.folder / "full/topics/small/seed1/metrics.csv").unlink()
    write_json(failed / "failure.json", {"job": LC.format(2), "message": "datasets.topics: [no] such file"})
    log = run.folder / "logs" / f"{LC.format(3)}.log"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"point 1\n\xffMemoryError\x1b[2J: all gone\n\n")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(running / LEASE)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        found = by_job(run)
        holder.kill()
    assert found[LC.format(1)].condition == "running"
    assert found[LC.format(1)].steps == "2 of 4"
    assert (found[LC.format(2)].condition, found[LC.format(2)].reason) == (
        "failed",
        "datasets.topics: [no] such file",
    )
    assert found[LC.format(3)].condition == "stopped"
    assert found[LC.format(3)].reason.endswith("MemoryError\x1b[2J: all gone")
    assert found["full/topics/small/seed1"].condition == "planned"
    assert by_job(run)[LC.format(1)].condition == "stopped"  # its process is gone


def test_a_batch_has_one_log_and_a_condition_for_each_job(make_run):
    run = make_run()
    begin(run, 1, 2)
    (run.folder / LC.format(2) / "queries.csv").unlink()  # not begun
    jobs = {job.name: job for job in jobs_of(run.config)}
    write_batches(run.folder, [tuple(jobs[LC.format(number)] for number in (1, 2))])
    log = run.folder / "logs" / f"{LC.format(2)}.log"
    log.parent.mkdir(parents=True)
    log.write_text("Killed\n")
    found = by_job(run)
    first, second = found[LC.format(1)], found[LC.format(2)]
    assert (first.condition, first.steps, first.reason, first.log) == ("stopped", "2 of 4", "Killed", log)
    assert (second.condition, second.reason) == ("planned", "")


def test_what_another_config_left_of_a_job_is_not_its_state(make_run):
    run = make_run()
    state = begin(run, 1, 2)
    write_json(state / "failure.json", {"job": LC.format(1), "message": "an old fault"})
    state.rename(state.with_name("0" * 16))
    found = by_job(run)[LC.format(1)]
    assert (found.condition, found.steps, found.reason) == ("planned", "", "")


def test_it_is_printed_with_counts_and_without_control_characters(make_run, capsys):
    run = make_run()
    save(run.config, run.folder)
    begin(run, 3, 3)
    log = run.folder / "logs" / f"{LC.format(3)}.log"
    log.parent.mkdir(parents=True)
    log.write_text("\x1b[2Jkilled\n")
    assert main(["status", str(run.folder)]) == 0
    output = capsys.readouterr().out
    jobs = list(jobs_of(run.config))
    done = len(jobs) - 1
    assert f"fake: {done} of {len(jobs)} jobs done" in output
    assert f"stopped: {LC.format(3)}, 3 of 4 steps done" in output
    assert "killed" in output
    assert "\x1b[2J" not in output


def test_a_torn_state_is_left_out_and_no_run_is_an_error(make_run, tmp_path):
    run = make_run()
    state = begin(run, 1, 1)
    (state / "progress.json").write_text(json.dumps({"job": LC.format(1)})[:-4])
    assert by_job(run)[LC.format(1)].condition == "planned"
    with pytest.raises(InputError, match="there is no run here"):
        config_of(tmp_path)
    assert main(["status", str(tmp_path / "none")]) == 2
