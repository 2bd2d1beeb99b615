"""Blocks of a successor's points, and the patterns that tell jobs' folders apart."""

import re

from feasible_al.config import Config
from feasible_al.jobs import hash_of, jobs_of, rerun_hash
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.groups import groups_of, pattern
from feasible_al.results.integrity import results
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analysis.fake_run import feasible_config


def config(block=None):
    raw = feasible_config()
    raw["run"] |= {"block": block}
    return resolved(Config.model_validate(raw))


@given(st.integers(1, 6))
def test_blocks_are_a_successors_points_cut_in_order(size):
    whole = {str(job.folder): job for job in jobs_of(config()).successors}
    parts = jobs_of(config(size)).successors
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
def test_what_a_point_is_known_by_does_not_depend_on_its_block(size):
    def hashes(block):
        settings = config(block)
        return {
            result.folder: (hash_of(settings, result.job), rerun_hash(settings, job))
            for job in jobs_of(settings).successors
            for result in results(job)
        }

    assert hashes(size) == hashes(None)


folders = st.lists(
    st.sampled_from(["a", "a+b", "a.b", "seed", "x/seed1", "seed2"]), min_size=1, max_size=3
).map("/".join)


@given(st.sets(st.tuples(folders, st.integers(0, 12), st.sampled_from(["", "/gold/a", "/gold/a.b"]))))
def test_a_pattern_fits_its_own_folders_alone(parts):
    names = sorted(f"{before}/seed{seed}{after}" for before, seed, after in parts)
    ours, others = names[::2], {*names[1::2]} - {*names[::2]}
    found = re.compile(pattern(ours))
    assert all(found.fullmatch(name) for name in ours)
    assert not any(found.fullmatch(name) for name in others)
    # What a dot stands for is a dot.
    assert not any(
        found.fullmatch(name.replace(".", "x")) for name in ours if name.replace(".", "x") not in ours
    )


def test_every_job_is_in_one_group_which_leaves_its_files():
    jobs = jobs_of(config(2))
    reused = {job.name for job in jobs.trajectories[:2]}
    found = [
        (group, job)
        for groups in groups_of(jobs, reused).values()
        for group in groups
        for job in group.jobs.values()
    ]
    assert sorted(job.name for _, job in found) == sorted(job.name for job in jobs)
    for group, job in found:
        assert group.files == job.outputs
        assert group.rule.startswith("reuse") == (job.name in reused)
        assert re.fullmatch(group.folders, str(job.folder))
    rules = [group.rule for groups in groups_of(jobs, reused).values() for group in groups]
    assert len({*rules}) == len(rules)
