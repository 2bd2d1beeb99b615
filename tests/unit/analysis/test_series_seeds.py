"""A series with fewer seeds than the run: it is run, awaited and compared with these alone, and the page says so."""

import pytest
from feasible_al.analysis.curves import seed_curves
from feasible_al.analysis.method_notes import conditions
from feasible_al.analysis.missing import missing
from feasible_al.analysis.summary import what_was_run
from feasible_al.config.schema import Config
from feasible_al.estimate.power import planned
from feasible_al.jobs import jobs_of
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.shown import of_page
from feasible_al.jobs.targets import jobs_for_targets

from tests import fake_run as fake


@pytest.fixture
def raw():
    raw = fake.feasible_config()
    raw["seeds"] = [1, 2, 3, 4]
    raw["series"]["mismatch"]["seeds"] = 2
    raw["figures"] = {"curves": {"dataset": "topics", "series": ["lc", "mismatch"]}}
    pair = {"kind": "score", "dataset": "topics", "family": "gains", "expect": "higher"}
    raw["claims"] = {
        name: {**pair, "statement": "It helps.", "series": name, "reference": "random"}
        for name in ("lc", "ups")
    }
    raw["claims"]["mismatch"] = raw["claims"]["lc"] | {"series": "mismatch", "reference": "lc"}
    return raw


def test_only_the_first_seeds_are_run(raw):
    config = resolved(Config.model_validate(raw))
    for jobs in (jobs_of(config).successor, jobs_for_targets(config, ["curves"])):
        own = [job for job in jobs if job.stage == "successor" and "/large" in str(job.folder)]
        assert sorted(job.trajectory.seed for job in own if job.trajectory.acquisition == "small") == [1, 2]
    assert sorted(job.seed for job in jobs_of(config).acquire if job.acquisition == "small") == [
        seed for seed in (1, 2, 3, 4) for _ in range(3)
    ]


def test_more_seeds_than_the_run_has_are_all_of_them(raw):
    raw["series"]["mismatch"]["seeds"] = 9
    assert resolved(Config.model_validate(raw)).seeds_of("mismatch") == (1, 2, 3, 4)


def test_the_page_says_how_many_and_misses_none(raw, make_run):
    run = make_run(raw)
    run.finish()
    assert [curve.seed for curve in seed_curves(run.config, run.results(), "topics", "mismatch")] == [1, 2]
    assert "each repeated with 4 seeds (2 seeds of Small > Large)" in what_was_run(run.config)
    said = conditions(run.config, "topics", ["lc", "mismatch"])
    assert said.endswith("Seeds of Small > Small: 1 to 4. Seeds of Small > Large: 1 and 2.")
    assert missing(run.config, of_page(run.config), run.results()) == ()


def test_the_power_of_its_tests_is_that_of_its_seeds(raw):
    families = {family.name: family for family in planned(resolved(Config.model_validate(raw)))}
    whole, fewer = families["claims, gains"], families["claims, gains, 2 seeds"]
    assert whole.tests == fewer.tests == 3
    assert len(whole.power) == 2 and fewer.power == ()
