"""Captions and notes stand alone: sizes, settings, names and seeds of what is shown."""

import pytest
from feasible_al.analysis.figures import figure_data
from feasible_al.analysis.method_notes import conditions
from feasible_al.analysis.tables import table_data
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.defaults import resolved

TOPICS = "Made-up topics: the seed set and each of 3 queries are k = 1% of the texts."
SPANS = "Made-up spans: the seed set is 100 tokens, each of 3 queries k = 1% of the tokens."
UPS = "+ ups: ups with gamma = 0.1, T = 0.01, the whole pool at iterations 1 and 3."


@pytest.fixture
def config(feasible):
    feasible["subsampling"]["few"] = {
        "kind": "random",
        "fraction": 0.25,
        "full_iterations": {"first": 1, "every": 5},
    }
    feasible["series"]["few"] = {**feasible["series"]["lc"], "subsampling": "few", "label": "a quarter"}
    return resolved(Config.model_validate(feasible))


def test_one_strategy_without_names(config):
    said = conditions(config, "topics", ["lc", "ups", "random"], named=False)
    assert said == f"{TOPICS} Query strategy: least_confidence. {UPS} Seeds: 1 to 3."


def test_names_and_labels_are_explained(config):
    said = conditions(config, "topics", ["few", "plasm", "soft"])
    assert said == (
        f"{TOPICS} Query strategy: least_confidence. Names: who chooses > who learns; in PLASM, who chooses > who "
        "labels > who learns. a quarter: Small + few > Small. + few: random with fraction = 0.25, the whole pool at "
        "iteration 1. soft: the labeller's probabilities; a gold instance weighs 2 times as much as a pseudo-labelled "
        "one. Seeds: 1 to 3."
    )


def test_labels_of_several_strategies_name_theirs(feasible):
    feasible["series"]["lc"]["label"], feasible["seeds"] = "certain", [7, 3]
    feasible["series"]["entropy"] = {
        **feasible["series"]["lc"],
        "strategy": "entropy",
        "label": "Small > Small",
    }
    said = conditions(resolved(Config.model_validate(feasible)), "topics", ["lc", "entropy"])
    assert "Query strategy" not in said
    assert "Small > Small, by strategy: certain (least_confidence), Small > Small (entropy)." in said
    assert said.endswith("Seeds: 3 and 7.")


def test_every_figure_of_numbers_ends_with_them(feasible_run):
    config, results = feasible_run.config, feasible_run.results()
    topics, spans = (figure_data(config, f"curves_{name}", results).caption for name in ("topics", "spans"))
    assert topics.endswith(conditions(config, "topics", config.figures["curves_topics"].series))
    assert UPS in topics
    assert SPANS in spans
    assert "gamma" not in spans
    assert "k = " not in topics.split(TOPICS)[0]


@pytest.mark.parametrize("kind", ["scores", "timings", "rank_overlap", "memory"])
def test_every_table_of_measurements_says_them_for_each_of_its_datasets(feasible_run, kind):
    config, results = feasible_run.config, feasible_run.results()
    data = table_data(config, Table(kind=kind), results)
    assert data.notes[0].startswith(TOPICS)
    assert data.notes[1].startswith(SPANS)
    assert UPS in data.notes[0]
    assert ("Names: " in data.notes[0]) == (kind == "scores")
    named = table_data(config, Table(kind=kind, series=("lc", "mnlp")), results)
    assert not any("gamma" in note for note in named.notes)


def test_tables_of_models_and_data_have_none(feasible_run):
    results = feasible_run.results()
    for kind in ("datasets", "students", "hyperparameters"):
        notes = table_data(feasible_run.config, Table(kind=kind), results).notes
        assert not any("k = " in note for note in notes)
