"""How much of the rarest class each query found, against the miniature's queries read by hand.

Seed set 0 and 1; seeds 1 and 3 query 2 and 19, 3 and 18, 4 and 17; seed 2 queries 2 and 3, 4 and 5, 6 and 7.
"""

import shutil

import pandas as pd
import pytest
from feasible_al.analysis.figures import figure_data
from feasible_al.analysis.rare_class import Rarest, rarest_class
from feasible_al.analysis.tables import table_data
from feasible_al.config.blocks import Table
from feasible_al.core.errors import InputError
from feasible_al.jobs.resolve import resolve
from feasible_al.jobs.shown import of_figure
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.results.collect import join
from feasible_al.results.rows import gold_of

SERIES = ["lc", "mismatch", "random"]
FIGURE = {"kind": "rare_class", "dataset": "topics", "series": SERIES}


@pytest.fixture
def rare_run(make_run, raw):
    raw["figures"] = {"rare": FIGURE}
    return make_run(raw).seal()


def read(run):
    """What the figure reads and nothing else."""
    return join(run.config, run.folder, of_figure(run.config, "rare"))


def test_the_share_found_counted_by_hand(rare_run):
    data = figure_data(rare_run.config, "rare", read(rare_run))
    # The two series of the same trajectory are one line.
    assert [trace.label for trace in data.traces] == ["Small", "random"]
    for trace in data.traces:
        assert trace.points == (0, 1, 2, 3)
        assert [line.y for line in trace.seeds] == [(10, 10, 30, 30), (10, 20, 20, 30), (10, 10, 30, 30)]
        assert [line.x for line in trace.seeds] == [pytest.approx((0.2, 0.4, 0.6, 0.8))] * 3
        assert trace.mean == pytest.approx((10, 40 / 3, 80 / 3, 30))
        assert trace.high[1] - trace.mean[1] == pytest.approx(10 / 3**0.5)
    assert data.absent == ()
    assert "'d' (the rarest class: 10 of 1,000 training texts)" in data.caption
    assert "'d'" in data.y_label


def test_what_each_query_found_counted_by_hand(rare_run):
    results = join(rare_run.config, rare_run.folder, of_figure(rare_run.config, "rare"))
    data = table_data(rare_run.config, Table(kind="rare_class", series=SERIES), results)
    shown = [column.label for column in data.columns]
    assert shown[1:] == [
        "Class",
        "Seed set",
        "Query 1",
        "Query 2",
        "Query 3",
        "All labelled (% of the class)",
    ]
    numbers = data.frame.set_index("acquisition").loc[["small", "none"]]
    for iteration, mean in enumerate((1, 1 / 3, 4 / 3, 1 / 3)):
        assert numbers[f"iteration {iteration} mean"].tolist() == pytest.approx([mean, mean])
    assert numbers["iteration 1 std"].tolist() == pytest.approx([1 / 3**0.5] * 2)
    assert numbers["found_percent_mean"].tolist() == pytest.approx([30, 30])
    assert numbers["seeds"].tolist() == [3, 3]


def test_only_trajectories_are_run_for_it(rare_run):
    stages = {job.stage for job in jobs_for_targets(rare_run.config, ["rare"])}
    assert stages == {"prepare", "acquire"}
    assert any(
        job.folder.match("*/none/random/none/seed1") for job in jobs_for_targets(rare_run.config, ["rare"])
    )


def test_a_trajectory_that_is_missing_is_named(rare_run):
    shutil.rmtree(rare_run.folder / "acquisition/topics/none/random")
    results = join(rare_run.config, rare_run.folder, of_figure(rare_run.config, "rare"), {})
    data = figure_data(rare_run.config, "rare", results)
    assert [trace.label for trace in data.traces] == ["Small"]
    assert any(line.startswith("random") and "not run" in line for line in data.absent)
    shutil.rmtree(rare_run.folder / "data")
    nothing = figure_data(
        rare_run.config,
        "rare",
        join(rare_run.config, rare_run.folder, of_figure(rare_run.config, "rare"), {}),
    )
    assert nothing.traces == ()


def test_queries_of_another_training_set_are_refused(rare_run):
    path = rare_run.folder / "data/topics/train.parquet"
    pd.read_parquet(path).query("id != 19").to_parquet(path, index=False)
    rare_run.seal()
    with pytest.raises(
        InputError, match=r"queries.csv: names an instance that the training set does not have"
    ):
        read(rare_run)


@pytest.mark.parametrize(
    ("sizes", "rarest"),
    [
        ({"a": 5, "b": 0, "c": 2}, Rarest("c", 2, 7, alone=True)),  # a class that only the test set has
        ({"a": 3, "b": 2, "c": 2}, Rarest("b", 2, 7, alone=False)),
    ],
)
def test_the_rarest_class_has_fewest_texts_but_some(rare_run, sizes, rarest):
    results = read(rare_run)
    facts = {"task": "classification", "labels": list(sizes)}
    facts["splits"] = {"train": {"instances": 7, "per_class": sizes}}
    results.stats["topics"] = facts
    assert rarest_class(results, "topics") == rarest


def test_gold_labels_are_those_of_the_training_set(rare_run):
    gold = gold_of(rare_run.config, rare_run.folder, "topics")
    assert gold[gold == "d"].index.tolist() == [0, 3, 6, 9, 12, 15, 18]


def test_a_profile_brings_both_by_itself(raw):
    del raw["datasets"]["topics"]["label"]
    plain = resolve(raw)
    assert "rare_class" not in plain.tables
    raw["datasets"]["topics"]["profile"] = {"kind": "geometric", "largest": 9, "ratio": 3}
    config = resolve(raw)
    assert config.figures.keys() - plain.figures.keys() == {"rare_class_topics"}
    assert config.tables["rare_class"].datasets == ("topics",)


@pytest.mark.parametrize(
    ("block", "value", "key"),
    [
        ("figures", {**FIGURE, "dataset": "spans", "series": ["mnlp"]}, "figures.x.dataset"),
        ("tables", {"kind": "rare_class", "datasets": ["spans"]}, "tables.x.datasets"),
    ],
)
def test_spans_are_no_classes(raw, block, value, key):
    raw[block] = {"x": value}
    with pytest.raises(
        InputError, match=f"{key}: rare_class is about classes, and 'spans' is a tagging dataset"
    ):
        resolve(raw)
