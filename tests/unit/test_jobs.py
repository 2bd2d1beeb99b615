"""Ranges of a successor's points, and the files and records of jobs."""

from feasible_al.config import Config
from feasible_al.jobs import hash_of, jobs_of, rerun_hash
from feasible_al.jobs.defaults import resolved
from feasible_al.results.integrity import results
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_run import feasible_config


def config(points=None):
    raw = feasible_config()
    raw["run"] |= {"points_per_job": points}
    return resolved(Config.model_validate(raw))


@given(st.integers(1, 6))
def test_ranges_are_a_successors_points_cut_in_order(size):
    whole = {str(job.folder): job for job in jobs_of(config()).successor}
    parts = jobs_of(config(size)).successor
    assert len({job.name for job in parts}) == len(parts)
    for folder, job in whole.items():
        own = [part for part in parts if str(part.folder) == folder]
        assert [point for part in own for point in part.points] == list(job.points)
        assert [point for part in own for point in part.predicted] == list(job.predicted)
        assert all(len(part.points) == size for part in own[:-1])
        assert 1 <= len(own[-1].points) <= size
        assert {name for part in own for name in part.outputs} == {*job.outputs}
        assert {part.soft for part in own} == {job.soft}
        if len(job.points) <= size:
            assert own == [job]


@given(st.integers(1, 6))
def test_the_hash_of_a_point_does_not_depend_on_its_range(size):
    def hashes(block):
        settings = config(block)
        return {
            result.folder: (hash_of(settings, result.job), rerun_hash(settings, job))
            for job in jobs_of(settings).successor
            for result in results(job)
        }

    assert hashes(size) == hashes(None)


@given(st.integers(1, 6))
def test_every_job_has_a_record_of_its_own_among_its_files(size):
    jobs = [*jobs_of(config(size))]
    assert len({job.record for job in jobs}) == len(jobs)
    assert len({job.log for job in jobs}) == len(jobs)
    for job in jobs:
        assert str(job.record.relative_to(job.folder)) in job.outputs
        # What a rule declares lies beside the record.
        beside = {str(job.record.parent.relative_to(job.folder) / file) for file in job.files}
        assert beside <= {*job.outputs}
