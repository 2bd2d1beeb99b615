"""An imported labeller in figures, tables and the report: what it covers, how good it is, what it costs."""

import pytest
from feasible_al.analysis.figures import figure_data
from feasible_al.analysis.method_notes import method_notes
from feasible_al.analysis.names import series_name
from feasible_al.analysis.tables import table_data
from feasible_al.jobs.resolve import resolve

from tests import fake_run as fake

COVERAGE = (
    "Made-up topics: the file of llm labels 500 of 1,000 training instances (50%); compared with their gold "
    "labels, accuracy 0.850."
)
PAID = (
    "Made-up topics: series with the imported labeller llm also pay for every label in its file, at once: 500 "
    "texts at 0.02 each."
)


def config_with_labeller():
    """The comparison, with a series that learns from the labels of a file too, and is no better for it."""
    raw = fake.compared_config()
    raw["imported_labellers"] = {"llm": {"path": "labels.csv", "price": 0.02, "citation": "A model <2024>"}}
    raw["series"]["taught"] = {**raw["series"]["lc"], "labeller": "llm"}
    return raw


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    run = fake.FakeRun(tmp_path_factory.mktemp("taught") / "fake", config_with_labeller()).collect()
    return run.config, run.results()


def test_its_labels_are_added_to_the_break_even_price(taught):
    config, results = taught
    data = table_data(config, config.tables["break_even"], results)
    frame = data.frame[data.frame["dataset"] == "topics"].set_index("series")
    # 500 labels at 0.02, and the 87 seconds of its acquisition.
    assert frame["labeller_cost"].to_dict() == {"taught": 10, "lc": 0, "entropy": 0}
    assert frame.loc["taught", "labels_saved"] == frame.loc["lc", "labels_saved"]
    assert frame.loc["taught", "price"] == pytest.approx((10 + 87 / 3600) / frame.loc["lc", "labels_saved"])
    assert frame.loc["taught", "price_bound"] == frame.loc["lc", "price_bound"]  # all of it is counted
    assert data.notes[-1] == PAID


def test_its_labels_cost_the_same_at_every_point(taught):
    config, results = taught
    data = figure_data(config, "cost_topics", results)
    costs = {trace.series: trace.x for trace in data.traces}
    assert costs["taught"] == pytest.approx([10 + cost for cost in costs["lc"]])
    assert PAID in data.caption
    times = {trace.series: trace.x for trace in figure_data(config, "time_topics", results).traces}
    assert times["taught"] == times["lc"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The report without and with it."""
    raws = (fake.compared_config(), config_with_labeller())
    folders = (tmp_path_factory.mktemp("pages") / "results" / "fake" for _ in raws)
    return [fake.FakeRun(folder, raw).finish().read_text() for folder, raw in zip(folders, raws, strict=True)]


def test_the_report_says_what_it_covers_how_well_and_from_which_file(pages):
    without, page = pages
    assert "imported labeller" not in without
    assert COVERAGE in page
    assert PAID in page
    assert "<dt>Labels of llm for topics</dt>" in page
    assert "imported; 500 of 1,000 training instances" in page
    assert f"sha256 of labels.csv begins with <code>{'ef' * 8}</code>" in page
    assert "llm: an imported labeller. Its labels come from a file (A model &lt;2024&gt;)" in page


def test_it_is_named_by_its_key_and_no_model_of_a_method():
    config = resolve(config_with_labeller())
    assert series_name(config, "taught") == "Small > llm > Small"
    (note,) = (note for note in method_notes(config, "topics") if "labeller" in note)
    assert note.startswith("llm: an imported labeller.")
    assert note.endswith("Here: Small > llm > Small.")


def test_the_diagram_does_not_train_it(make_run):
    raw = config_with_labeller()
    raw["figures"] = {"how": {"kind": "plasm_diagram", "dataset": "topics", "series": ["taught"]}}
    run = make_run(raw).collect()
    data = figure_data(run.config, "how", run.results())
    assert "labeller\nllm" in data.boxes.values()
    assert data.frame()["what"].tolist().count("train") == 3  # the acquisition model, and the successor twice
    assert data.caption == (
        "Small chooses the instances to annotate; llm labels the rest of the pool; Small learns from both."
    )
