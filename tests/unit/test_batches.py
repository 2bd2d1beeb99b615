"""Which jobs one process runs, seed by seed, and what it does when one of them fails."""

from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from feasible_al.cli import main
from feasible_al.commands import job as command
from feasible_al.config import Config
from feasible_al.core.errors import FitFailure, InputError, OutOfTime
from feasible_al.jobs import Acquire, Successor, dependencies_of, jobs_of, makers_of
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.resolve import save
from feasible_al.results.batches import batches_of, read_batches, with_seed, write_batches
from feasible_al.results.messages import failures, note_failure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fake_run import feasible_config

NOWHERE = Path("nowhere")


def config(seeds=(1, 2, 3), **run):
    raw = feasible_config()
    raw["run"] |= run
    return resolved(Config.model_validate(raw | {"seeds": list(seeds)}))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5, unique=True),
    st.integers(1, 6),
    st.sampled_from([None, 1, 2]),
    st.randoms(use_true_random=False),
)
def test_batches_hold_each_job_once_by_seed_and_never_wait_for_each_other(seeds, size, points, random):
    settings = config(seeds, seeds_per_job=size, points_per_job=points)
    jobs = jobs_of(settings)
    reused = {job.name for job in jobs if random.random() < 0.3}
    batches = batches_of(settings, jobs, NOWHERE, (), reused)
    batched = [job for batch in batches for job in batch]
    assert len(batched) == len(set(batched))
    assert not reused.intersection(job.name for job in batched)
    for batch in batches:
        assert 2 <= len(batch) <= size
        numbers = [job.seed for job in batch]
        assert numbers == sorted(set(numbers))
        assert len({job.name.replace(f"/seed{job.seed}", "") for job in batch}) == 1
        assert [with_seed(batch[0], number) for number in numbers] == list(batch)
    # No fewer batches would do: all but one of those alike are full, and what is alone is alone of its kind.
    alike = Counter(with_seed(job, 0) for job in jobs if job.seed is not None and job.name not in reused)
    cut = Counter(with_seed(batch[0], 0) for batch in batches)
    assert all(
        cut[kind] == number // size + (number % size > 1) for kind, number in alike.items() if size > 1
    )
    # The workflow of batches has no circle.
    unit = {job: batch for batch in batches for job in batch}
    makers, graph = makers_of(jobs), TopologicalSorter()
    for job in jobs:
        needed = (unit.get(other, other) for other in dependencies_of(settings, job, makers))
        graph.add(unit.get(job, job), *needed)
    graph.prepare()


def test_without_the_key_there_are_no_batches():
    settings = config()
    assert batches_of(settings, jobs_of(settings), NOWHERE, (), ()) == []


def test_what_is_finished_is_in_no_batch_unless_it_runs_again(tmp_path):
    settings = config(seeds_per_job=3)
    jobs = jobs_of(settings)
    first, second, third = jobs.acquire[:3]
    assert [job.seed for job in jobs.acquire[:3]] == [1, 2, 3]
    (tmp_path / second.record).parent.mkdir(parents=True)
    (tmp_path / second.record).touch()
    assert batches_of(settings, jobs, tmp_path, (), ())[0] == (first, third)
    assert batches_of(settings, jobs, tmp_path, {second.name}, ())[0] == (first, second, third)


def test_a_job_that_failed_before_holds_up_no_other(tmp_path):
    settings = config(seeds_per_job=3)
    jobs = jobs_of(settings)
    bad = jobs.acquire[1]
    note_failure(settings, bad, tmp_path, FitFailure("loss nan"))
    makers = makers_of(jobs)
    apart = {bad} | {job for job in jobs.successor if bad in dependencies_of(settings, job, makers)}
    assert any(isinstance(job, Successor) for job in apart)
    batched = {job for batch in batches_of(settings, jobs, tmp_path, (), ()) for job in batch}
    assert apart.isdisjoint(batched)
    assert {job for job in jobs.acquire if job.seed != 2} <= batched


def test_batches_are_read_as_they_were_written(tmp_path):
    settings = config(seeds_per_job=2)
    jobs = jobs_of(settings)
    batches = batches_of(settings, jobs, tmp_path, (), ())
    assert read_batches(jobs, tmp_path) == []
    write_batches(tmp_path, batches)
    assert batches
    assert read_batches(jobs, tmp_path) == batches
    write_batches(tmp_path, [])
    assert read_batches(jobs, tmp_path) == []


@pytest.mark.parametrize("status", [1, 2])
def test_of_a_failed_batch_each_failed_job_is_told(tmp_path, status):
    settings = config(seeds_per_job=3)
    jobs = jobs_of(settings)
    batch = batches_of(settings, jobs, tmp_path, (), ())[0]
    write_batches(tmp_path, [batch])
    log, workflow_log = tmp_path / batch[-1].log, tmp_path / "snakemake.log"
    log.parent.mkdir(parents=True)
    workflow_log.write_text(f"Command 'step x > {log} 2>&1' returned non-zero exit status {status}.")
    log.write_text("all was well\nkilled\n")
    note_failure(settings, batch[0], tmp_path, FitFailure("loss nan"))
    # It did not come to the end of the batch: what ended it is told.
    (only,) = failures(settings, [workflow_log], tmp_path)
    assert (only.job, only.bad_input) == (batch[-1].name, status == 2)
    log.write_text(f"all was well\nerror: 2 of 3 jobs failed\n{batch[0].name}: loss nan\n")
    note_failure(settings, batch[1], tmp_path, InputError("no data"))
    told = failures(settings, [workflow_log], tmp_path)
    assert [(failure.job, failure.reason, failure.bad_input) for failure in told] == [
        (batch[0].name, "loss nan", False),
        (batch[1].name, "no data", True),
    ]
    assert {failure.log for failure in told} == {log}


@pytest.fixture
def called(tmp_path, monkeypatch):
    """Runs a batch whose jobs do what they are told by seed; returns exit code and seeds run."""
    settings = config()
    saved = save(settings, tmp_path)
    name = next(job for job in jobs_of(settings).acquire if job.seed == 3).name

    def call(**does):
        ran = []

        def run(_config, job, *_):
            assert isinstance(job, Acquire)
            ran.append(job.seed)
            if error := does.get(f"seed{job.seed}"):
                raise error

        monkeypatch.setattr(command, "_run", run)
        return main(["step", str(saved), name, "--seeds", "1", "2", "3"]), ran

    return call


@pytest.mark.parametrize(
    ("does", "code", "ran"),
    [
        ({}, 0, [1, 2, 3]),
        ({"seed1": InputError("no data")}, 2, [1, 2, 3]),
        ({"seed2": FitFailure("loss nan")}, 1, [1, 2, 3]),
        ({"seed1": FitFailure("loss nan"), "seed3": InputError("no data")}, 2, [1, 2, 3]),
        ({"seed1": KeyError("x")}, 1, [1, 2, 3]),
        ({"seed2": OutOfTime("stopped")}, 75, [1, 2]),
        ({"seed1": OSError(28, "No space left on device")}, 1, [1]),
    ],
)
def test_one_that_fails_stops_no_other_unless_there_is_no_time_or_disk(called, capsys, does, code, ran):
    assert called(**does) == (code, ran)
    said = capsys.readouterr().err
    if ran == [1, 2, 3] and does:
        *_, count = (line for line in said.splitlines() if line.startswith("error: "))
        assert count == f"error: {len(does)} of 3 jobs failed"
        assert all(f"/{seed}: " in said for seed in does)
