"""Finished points of a successor that gets more: which are kept, and which are left to fit."""

import shutil

import pytest
from feasible_al.jobs import jobs_of
from feasible_al.results.integrity import state_folder
from feasible_al.results.kept import keep_points, kept_points, left_of, restore_points

from tests import fake_run as fake

POINTS = (0, 1, 2, 3)


@pytest.fixture
def run(tmp_path):
    return fake.FakeRun(tmp_path / "results/fake")


@pytest.fixture
def job(run):
    return next(job for job in jobs_of(run.config).successor if job.points == POINTS)


def after_start(run, job):
    keep_points(run.config, jobs_of(run.config), run.folder)
    return kept_points(run.config, job, run.folder), left_of(run.config, job, run.folder).points


def test_a_finished_successor_keeps_nothing(run, job):
    assert after_start(run, job) == ((), ())


def test_finished_points_are_kept_and_put_back(run, job):
    shutil.rmtree(run.folder / job.folder / "point2")
    assert after_start(run, job) == ((0, 1, 3), (2,))
    before = (run.folder / job.folder / "point3/metrics.csv").read_bytes()
    shutil.rmtree(run.folder / job.folder / "point3")  # as the workflow does with the last one
    restore_points(run.config, job, run.folder)
    assert (run.folder / job.folder / "point3/metrics.csv").read_bytes() == before
    assert not (run.folder / job.folder / "point2").exists()


def test_a_file_that_is_missing_at_one_point_alone_leaves_the_others(run, job):
    (run.folder / job.folder / "point1/metrics.csv").unlink()
    assert after_start(run, job) == ((0, 2, 3), (1,))


def test_a_damaged_point_is_not_kept(run, job):
    shutil.rmtree(run.folder / job.folder / "point2")
    (run.folder / job.folder / "point1/metrics.csv").write_text("point\n")
    kept, _ = after_start(run, job)
    assert kept == (0, 3)


def test_a_state_with_fits_is_left_as_it_is(run, job):
    """Its fits are numbered without the points that were kept when they were made."""
    shutil.rmtree(run.folder / job.folder / "point2")
    (state_folder(run.config, job, run.folder) / "step0000").mkdir(parents=True)
    assert after_start(run, job) == ((), POINTS)
