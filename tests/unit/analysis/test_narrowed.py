"""The page of a narrowed run says so; that of the whole run does not."""

import pytest
from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.figures import figure_data
from feasible_al.analysis.tables import table_data
from feasible_al.config.blocks import Narrow
from feasible_al.jobs.narrow import narrowed, series_of

from tests import fake_run as fake


@pytest.fixture
def part_of(feasible, make_run):
    """A function from a ``narrow`` block to a run that is narrowed, in the folder of a whole one."""
    feasible["seeds"] = [1, 2, 3, 4]
    feasible["claims"] = {
        "lc": fake.CLAIM | {"series": "lc"},
        "plasm": fake.CLAIM | {"series": "plasm", "reference": "longer"},
    }
    feasible["figures"] = {
        "curves": {"dataset": "topics", "series": ["lc", "mismatch", "random"], "full": ["small"]},
        "taught": {"dataset": "topics", "series": ["plasm", "longer"]},
    }

    def narrow(**block):
        run = make_run(feasible)
        run.config = narrowed(run.config.model_copy(update={"narrow": Narrow(**block)}))
        return run

    return narrow


def test_a_page_of_some_seeds_and_points(part_of):
    run = part_of(seeds=(2, 3), points=(0, 3), command="feasible-al run <c>.yaml --seeds 2,3")
    page = run.finish().read_text()
    said = "A part of the run: only seeds 2 and 3 of 4; successors at points 0 and 3."
    assert f"<strong>Narrowed.</strong> {said}" in page
    assert "<code>feasible-al run &lt;c&gt;.yaml --seeds 2,3</code>" in page
    assert "each repeated with 2 seeds" in page
    results = run.results()
    assert {*results.curves["seed"]} == {2, 3}
    rows = results.curves[results.curves["series"] == "random"]
    assert {*rows["point"]} == {0, 3}
    # A figure and a table are read without their page, too.
    assert figure_data(run.config, "curves", results).remark == said
    assert table_data(run.config, run.config.tables["scores"], results).notes[0] == said
    # Two seeds are too few for a verdict, and the ledger says so.
    row = {row.claim: row for row in judge(run.config, results)}["lc"]
    assert (row.verdict, row.seeds) == ("not testable", 2)
    assert row.reason.startswith("2 seeds; a verdict needs 4.")


def test_a_series_without_a_point_that_is_left_is_not_run(part_of):
    run = part_of(points=(1,))
    page = run.finish().read_text()
    assert "not run: the run is narrowed to other points" in page
    row = {row.claim: row for row in judge(run.config, run.results())}["plasm"]
    assert row.verdict == "not testable"
    assert "the run is narrowed to other points" in row.reason


def test_a_page_of_one_figure_has_nothing_else(part_of):
    run = part_of(targets=("taught",))
    page = run.finish().read_text()
    assert "only what taught shows." in page
    assert "Claims need the whole run" in page
    assert 'id="claims"' not in page
    assert {*run.results().curves["series"]} == {"plasm", "longer"}
    assert "Incomplete" not in page


@pytest.mark.parametrize("config", [fake.raw_config, fake.feasible_config, fake.compared_config])
def test_every_target_has_a_page(make_run, config):
    run = make_run(config())
    whole = run.config
    for target in (*whole.figures, *whole.tables):
        if series_of(whole, [target]):
            part = Narrow(targets=(target,), seeds=(1, 2))
            run.config = narrowed(whole.model_copy(update={"narrow": part}))
            page = run.finish().read_text()
            assert f"seeds 1 and 2 of 3; what {target} shows." in page
            assert "Incomplete" not in page
            assert [*run.config.figures, *run.config.tables] == [target]


def test_a_whole_page_says_nothing_of_it(finished_feasible):
    assert "Narrowed" not in (finished_feasible.folder / "report.html").read_text()
