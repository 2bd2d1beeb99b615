"""A narrowed config: fewer jobs with the hashes that they have in the whole one, and what cannot be narrowed."""

from pathlib import Path

import pytest
import yaml
from feasible_al.commands.narrow import Part, load_part
from feasible_al.core.errors import InputError
from feasible_al.jobs import Acquire, Successor, hash_of, jobs_of, rerun_hash
from feasible_al.jobs.resolve import load_saved, resolve, save
from feasible_al.jobs.targets import jobs_for_targets

from tests import fake_run as fake


@pytest.fixture
def raw():
    raw = fake.feasible_config()
    raw["seeds"] = [1, 2, 3, 4]
    raw["series"]["own"] = raw["series"]["lc"] | {"labeller": "small", "successor": "large"}
    raw["series"]["mismatch"]["seeds"] = 2
    raw["figures"] = {
        "all_topics": {"dataset": "topics", "series": ["lc", "mismatch", "random"]},
        "taught": {"dataset": "topics", "series": ["plasm", "longer"]},
        "tags": {"dataset": "spans", "series": ["mnlp"]},
    }
    raw["panels"] = {"both": ["taught", "tags"]}
    raw["tables"]["sizes"] = {"kind": "datasets"}
    raw["claims"] = {"lc": fake.CLAIM | {"series": "lc"}}
    return raw


def parts(config):
    """Every job with a single result: successors point by point."""
    for job in jobs_of(config):
        if isinstance(job, Successor):
            yield from (job.at((point,)) for point in job.points)
        else:
            yield job


@pytest.mark.parametrize(
    "narrow",
    [
        {"seeds": [1]},
        {"points": [0, 3]},
        {"seeds": [2, 4], "points": [1]},
        {"targets": ["taught"]},
        {"targets": ["both", "times"], "seeds": [3], "points": [3]},
    ],
)
def test_its_jobs_are_jobs_of_the_whole_run(raw, narrow):
    whole, config = resolve(raw), resolve(raw | {"narrow": narrow})
    # Equal jobs: also of the same predictions, which decide whether a finished job is enough for the whole run.
    left, every = set(parts(config)), set(parts(whole))
    assert left < every
    for job in left:
        assert hash_of(config, job) == hash_of(whole, job)
        assert rerun_hash(config, job) == rerun_hash(whole, job)


def test_a_config_that_is_not_narrowed_does_not_mention_it(raw):
    assert "narrow" not in resolve(raw).model_dump()
    assert resolve(raw).whole.seeds == (1, 2, 3, 4)


def test_seeds_are_those_that_a_series_has_anyway(raw):
    config = resolve(raw | {"narrow": {"seeds": [2, 3]}})
    assert config.seeds == (2, 3)
    assert config.seeds_of("lc") == (2, 3)
    assert config.seeds_of("mismatch") == (2,)  # it has the first two of the run's
    # Full-data fits have the first two seeds too.
    assert [job.seed for job in jobs_of(config).full] == [2]
    later = resolve(raw | {"narrow": {"seeds": [3]}})
    assert later.series["mismatch"].skip
    assert jobs_of(later).full == ()


def test_points_are_those_that_a_series_has_anyway(raw):
    config = resolve(raw | {"narrow": {"points": [0, 3]}})
    points = {
        job.folder.name: job.points for job in jobs_of(config).successor if "student" in str(job.folder)
    }
    assert points["large"] == (3,)  # the labeller, for PLASM at points 1 and 3, of which 3 is left
    random = [job for job in jobs_of(config).successor if job.trajectory.strategy == "random"]
    assert {job.points for job in random} == {(0, 3)}
    # An acquisition labels the pool at all points that the whole run asks for, or it would have to run again.
    (own,) = [job for job in jobs_of(config).acquire if job.predicted and job.seed == 1]
    assert own.predicted == (0, 1, 2, 3)


def test_targets_have_their_series_and_those_that_these_need(raw):
    config = resolve(raw | {"narrow": {"targets": ["taught"]}})
    assert [*config.series] == ["plasm", "longer"]
    assert [*config.figures] == ["taught"]
    assert config.tables == config.panels == config.claims == {}
    asked = jobs_for_targets(resolve(raw), ["taught"])
    assert {job.folder for job in jobs_of(config)} == {job.folder for job in asked}
    assert {job.acquisition for job in jobs_of(config) if isinstance(job, Acquire)} == {"student"}
    assert [*resolve(raw | {"narrow": {"targets": ["both"]}}).figures] == ["taught", "tags"]


def test_a_control_counts_the_pseudo_labels_of_a_series_that_is_left_out(raw):
    raw["pseudo_labels"]["sure"] = {"drop": {"kind": "threshold", "confidence": 0.9}}
    raw["series"]["plasm"]["pseudo_labels"] = "sure"
    raw["series"]["soft"]["pseudo_labels"] = "sure"
    raw["series"]["longer"]["successor"] = raw["series"]["plasm"]["successor"]
    raw["figures"]["taught"]["series"] = ["longer"]
    config = resolve(raw | {"narrow": {"targets": ["taught"]}})
    assert [*config.series] == ["longer"]
    controls = [job for job in jobs_of(config).successor if job.control]
    assert len(controls) == 4
    assert set(controls) <= set(jobs_of(resolve(raw)).successor)


def test_a_saved_config_is_whole_and_narrowed_again_when_it_is_read(raw, tmp_path):
    config = resolve(raw | {"narrow": {"seeds": [1], "targets": ["tags"], "command": "c"}})
    read = load_saved(save(config, tmp_path))
    assert read == config
    assert read.whole == config.whole
    assert set(jobs_of(read)) == set(jobs_of(config))
    assert save(read, tmp_path) == save(config, tmp_path)


@pytest.mark.parametrize(
    ("narrow", "message"),
    [
        ({"seeds": [1, 9]}, "narrow.seeds: the config has no seed 9; its seeds are 1, 2, 3, 4"),
        ({"points": [0, 4]}, "narrow.points: there is no point 4 on spans; the last one is 3"),
        ({"points": [-1]}, "narrow.points: there is no point -1 on spans; the last one is 3"),
        ({"targets": ["tagss"]}, "narrow.targets: unknown figure or table 'tagss'; did you mean 'tags'?"),
        ({"targets": ["sizes"]}, "narrow.targets: sizes shows no series"),
        ({"targets": ["taught"], "points": [0]}, "narrow: nothing is left to run"),
        ({"seed": [1]}, "narrow.seed: unknown key 'seed'; did you mean 'seeds'?"),
    ],
)
def test_what_is_not_in_the_config_is_named(raw, narrow, message):
    with pytest.raises(InputError) as error:
        resolve(raw | {"narrow": narrow})
    assert message in str(error.value)


def test_a_command_line_narrows_a_page_by_what_has_series(raw, tmp_path, monkeypatch):
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(raw))
    monkeypatch.chdir(tmp_path)
    files = [Path("c.yaml")]
    config, goals = load_part("run", files, Part((1,), (0, 3), ("tags",)))
    assert goals == ["all"]
    assert config.narrow.command == "feasible-al run c.yaml --target tags --seeds 1 --points 0,3"
    config, goals = load_part("run", files, Part(targets=("tags", "sizes")))
    assert (config.narrow, goals) == (None, ["tags", "sizes"])
    config, goals = load_part("run", files, Part((2,), targets=("data",)))
    assert (config.seeds, config.narrow.targets, goals) == ((2,), (), ["data"])
    assert load_part("run", files, Part(targets=("all", "tags")))[0].narrow is None
