"""Figures, tables, claims and the page where jobs have left nothing: each names what it lacks, and why."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.figures import figure_data, write_figure
from feasible_al.analysis.missing import skipped_or_missing
from feasible_al.analysis.tables import table_data
from feasible_al.commands.pages import Page, make_partial_pages
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.jobs import jobs_of
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.shown import of_claims, of_figure, of_page, of_table
from feasible_al.results.collect import join
from feasible_al.results.messages import Failure, reasons

from tests.fake_run import compared_config, feasible_config

LC = "acquisition/topics/small/least_confidence/none/seed2"
CLAIM = {
    "kind": "score",
    "statement": "It is.",
    "dataset": "topics",
    "series": "lc",
    "reference": "random",
    "expect": "higher",
}
SPAN = {"kind": "time_share", "statement": "It takes.", "dataset": "spans", "series": "mnlp", "above": 0.5}


def failed(job, reason="the disk is gone"):
    return Failure(job, Path(f"{job}.log"), False, reason)


def lost(run, *jobs):
    """A run's folder without what some jobs left, and why jobs are missing when these failed."""
    for job in jobs:
        shutil.rmtree(run.folder / job)
    return reasons(run.config, [failed(job) for job in jobs])


def shown_raw():
    """A config with every kind of figure and table that a made-up run has something for."""
    raw = compared_config() | {"seeds": [1, 2]}
    feasible = feasible_config()
    for block in ("models", "series", "subsampling", "pseudo_labels"):
        raw.setdefault(block, {}).update(
            {name: entry for name, entry in feasible.get(block, {}).items() if name not in raw[block]}
        )
    chosen = ["lc", "ups", "random"]
    kinds = ("learning_curves", "share_trade_off", "time_trade_off")
    raw["figures"] = {kind: {"kind": kind, "dataset": "topics", "series": chosen} for kind in kinds}
    raw["figures"]["learning_curves"]["full"] = ["small"]
    raw["figures"]["differences"] = {"kind": "differences", "dataset": "topics", "series": ["lc", "mismatch"]}
    raw["figures"]["diagram"] = {"kind": "plasm_diagram", "dataset": "topics", "series": ["plasm"]}
    kinds = ("scores", "rank_overlap", "timings", "students", "memory", "datasets", "hyperparameters")
    raw["tables"] = {f"all_{kind}": {"kind": kind} for kind in kinds}
    raw["tables"] |= {
        f"some_{kind}": {"kind": kind, "datasets": ["topics"], "series": ["lc", "ups"]} for kind in kinds
    }
    columns = {"1": (1, [*chosen, "lc", "ups"]), "2": (1, ["lc"]), "3": (3, [])}  # of the paper's tables
    for number, (rows, names) in columns.items():
        where = ["topics", "spans", "topics"][:rows]
        block = {"kind": "published", "published": number, "datasets": where, "series": names}
        raw["tables"][f"published_{number}"] = block
    raw["claims"] = {"c": CLAIM, "t": SPAN}
    return raw


def test_what_a_kind_reads_is_all_that_it_shows(make_run):
    """Figures, tables and claims are the same whether the rest of the run is there or not."""
    run = make_run(shown_raw())
    config, everything = run.config, run.results()
    for name in config.figures:
        alone = join(config, run.folder, of_figure(config, name))
        ours, theirs = figure_data(config, name, alone), figure_data(config, name, everything)
        pd.testing.assert_frame_equal(ours.frame(), theirs.frame())
        assert (ours.caption, ours.absent) == (theirs.caption, theirs.absent), name
    for name, block in config.tables.items():
        alone = join(config, run.folder, of_table(config, block))
        ours, theirs = table_data(config, block, alone), table_data(config, block, everything)
        assert (ours.rows, ours.notes, ours.refusal) == (theirs.rows, theirs.notes, theirs.refusal), name
    assert judge(config, join(config, run.folder, of_claims(config))) == judge(config, everything)


def test_a_missing_seed_costs_that_seed_and_says_so(make_run):
    run = make_run()
    results = join(run.config, run.folder, of_page(run.config), lost(run, LC))
    data = figure_data(run.config, "curves_topics", results)
    lines = {trace.series: [line.seed for line in trace.seeds] for trace in data.traces}
    # What another model made of its labels before is whole, and of this very config.
    assert lines == {"lc": [1, 3], "mismatch": [1, 2, 3], "random": [1, 2, 3]}
    assert data.absent == ("Small > Small: 2 of 3 seeds, without seed 2: the disk is gone",)
    assert "2 seeds of Small > Small, 3 seeds of Small > Large and 3 seeds of random > Small" in data.caption
    table = table_data(run.config, run.config.tables["times"], results)
    assert "Small on Made-up topics: 2 of 3 seeds, without seed 2: the disk is gone." in table.notes


def test_what_never_ran_says_which_job_it_needed(make_run):
    run = make_run()
    jobs = [str(job.folder) for job in jobs_of(run.config) if "spans" in job.folder.parts]
    why = lost(run, *jobs)
    found = reasons(
        run.config, [failed("data/spans", "Traceback (most recent call last):\n  ...\nKeyError: 1")]
    )
    assert found.keys() == why.keys()
    assert found[Path("data/spans")] == "KeyError: 1"
    assert {str(found[Path(job)]) for job in jobs if job != "data/spans"} == {
        "needs data/spans, which failed: KeyError: 1"
    }
    results = join(run.config, run.folder, of_page(run.config), found)
    data = figure_data(run.config, "curves_spans", results)
    assert data.traces == ()
    assert data.absent == (
        "random > Small and Small > Small: missing: needs data/spans, which failed: KeyError: 1",
    )
    assert figure_data(run.config, "curves_topics", results).absent == ()
    assert "Made-up spans: missing: KeyError: 1" in skipped_or_missing(
        run.config, of_page(run.config), results
    )


def test_what_ran_in_one_process_with_a_failed_job_says_so(make_run):
    jobs = jobs_of(make_run().config)
    first, second, third = (
        job for job in jobs.acquire if job.folder.parts[1:4] == ("topics", "none", "random")
    )
    why = reasons(make_run().config, [failed(first.name)], [(first, second)])
    assert why[first.folder] == "the disk is gone"
    assert why[second.folder] == f"ran with {first.name}, which failed: the disk is gone"
    assert third.folder not in why
    needing = {
        job.folder: why.get(job.folder) for job in jobs.successor if job.trajectory in (first, second, third)
    }
    assert [*needing.values()] == [f"needs {first.name}, which failed: the disk is gone"] * 2 + [None]


@pytest.mark.parametrize(
    ("reason", "brief"),
    [
        ("data.csv:3: no label", "data.csv:3: no label"),
        ("the end of its log:\nTraceback (most recent call last):\n  File ...\nKeyError: 1", "KeyError: 1"),
        ("killed by signal 9 (Killed); the end of its log:\nstep 1\nstep 2", "killed by signal 9 (Killed)"),
        ("two faults:\none\ntwo", "two faults:"),
        ("a" * 301, "a" * 300 + "..."),
    ],
)
def test_a_reason_in_a_line(reason, brief):
    assert failed("x", reason).brief == brief


def test_what_a_job_said_last_breaks_no_drawing(make_run):
    run = make_run()
    shutil.rmtree(run.folder / LC)
    why = reasons(run.config, [failed(LC, "KeyError: '\x1b[31m<b>\x00 & $x$'")])
    write_figure(run.config, "curves_topics", run.folder, why)
    ET.parse(run.folder / "figures/curves_topics.svg")  # noqa: S314 - our own drawing


def test_a_job_that_nobody_knows_to_have_failed_was_not_run(make_run):
    run = make_run()
    lost(run, LC)
    results = join(run.config, run.folder, of_figure(run.config, "curves_topics"), {})
    assert set(results.missing.values()) == {"not run"}


def test_a_torn_result_costs_its_own_series_and_says_what_to_do(make_run):
    run = make_run()
    path = run.folder / LC / "metrics.csv"
    path.write_text(path.read_text()[:-5])
    shown = of_figure(run.config, "curves_topics")
    with pytest.raises(InputError, match="incomplete or changed"):
        join(run.config, run.folder, shown)
    (reason,) = join(run.config, run.folder, shown, {}).missing.values()
    assert f"incomplete or changed since its job wrote it (SHA-256); run the job {LC} again" in reason


def test_a_result_of_another_config_does_not_pass_for_this_ones(make_run, raw):
    run = make_run(raw)
    raw["models"]["small"]["training"] = {"epochs": 3}
    other = resolved(Config.model_validate(raw))
    results = join(other, run.folder, of_figure(other, "curves_topics"), {})
    assert set(results.curves["series"]) == set()
    assert all("from a job with the hash" in reason for reason in results.missing.values())


def test_a_claim_says_what_it_was_judged_without(make_run, raw):
    raw["claims"] = {"c": CLAIM, "t": SPAN}
    run = make_run(raw)
    jobs = [str(job.folder) for job in jobs_of(run.config) if "spans" in job.folder.parts]
    why = lost(run, LC, *jobs)
    score, share = judge(run.config, join(run.config, run.folder, of_claims(run.config), why))
    assert score.seeds == 2
    assert score.reason.endswith("Small > Small: 2 of 3 seeds, without seed 2: the disk is gone.")
    assert (share.verdict, share.seeds) == ("not testable", 0)
    assert share.reason == "not run: Made-up spans. Small: missing: the disk is gone."


def test_pages_are_made_from_the_results_that_exist_and_nothing_stale_is_left(make_run, tmp_path):
    run = make_run()
    for name in run.config.figures:
        write_figure(run.config, name, run.folder)
    lost(run, LC)
    (tmp_path / "workflow.log").write_text("")
    log = run.folder / f"logs/{LC}.log"
    log.parent.mkdir(parents=True)
    log.write_text("error: <b>the disk is gone</b>\n")
    figure = run.folder / "figures/curves_spans.svg"
    pages = [
        Page("report", "", [run.folder / "report.html"]),
        Page("figure", "curves_topics", [run.folder / "figures/curves_topics.svg"]),
        Page("figure", "nothing", [figure]),
        Page("table", "scores", [run.folder / "tables/scores.csv"]),
        Page("collect", "", []),
    ]
    told = list(make_partial_pages(run.config, run.folder, pages, [tmp_path / "workflow.log"], [log]))
    assert told[0] == "collect was made from the results that exist"
    assert told[2].startswith("figure nothing cannot be made:\nunknown figure 'nothing'")
    assert not figure.exists()
    assert pd.read_csv(run.folder / "tables/scores.csv").set_index("series").loc["lc", "seeds"] == 2
    assert pd.read_csv(run.folder / "tables/curves.csv").query("series == 'lc'")[
        "seed"
    ].unique().tolist() == [1, 3]
