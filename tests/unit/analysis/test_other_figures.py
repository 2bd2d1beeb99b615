"""Figures that are not learning curves: trade-offs and the diagram."""

import pytest
from feasible_al.analysis.figures import figure_data
from feasible_al.analysis.figures.draw import draw
from feasible_al.analysis.figures.style import trace_style

from tests import fake_run as fake


@pytest.fixture(scope="module")
def trading(tmp_path_factory):
    feasible = fake.feasible_config()
    series = ["lc", "ups", "random", "plasm"]
    feasible["figures"] = {
        "share": {"kind": "share_trade_off", "dataset": "topics", "series": series},
        "time": {"kind": "time_trade_off", "dataset": "topics", "series": series},
        "how": {"kind": "plasm_diagram", "dataset": "topics", "series": ["plasm"], "number": "1"},
    }
    feasible["run"]["scaled"] = "Made up, and small"
    return fake.FakeRun(tmp_path_factory.mktemp("trading") / "results" / "fake", feasible).collect()


def data_of(run, name):
    return figure_data(run.config, name, run.results())


def test_share_scored_against_the_mean_of_the_curve(trading):
    data = data_of(trading, "share")
    lc, ups = data.traces
    assert (lc.x, ups.counts) == ((100,), (3,))
    # Iterations 1 and 3 score 900 of 900, iteration 2 99, 90 and 81.
    assert [line.x[0] for line in ups.seeds] == pytest.approx([100 * (1800 + n) / 2700 for n in (99, 90, 81)])
    # Seed 1: 0.6, 0.7, 0.8 from the first query on, and a gain of 0.02.
    assert lc.seeds[0].y[0] == pytest.approx(0.7 + 0.02)
    # Random labelling scores nothing, and PLASM has one point of four.
    assert len(data.absent) == 2


def test_seconds_of_all_queries(trading):
    lc, ups = data_of(trading, "time").traces
    # 0.5 + 5 + 0.5 each; a full iteration under UPS draws nothing, 5.5, and the other one takes 0.5 + 0.5 + 0.5.
    assert (lc.x[0], ups.x[0]) == pytest.approx((18, 5.5 + 1.5 + 5.5))


def test_the_diagram_names_the_models_of_its_series(trading):
    data = data_of(trading, "how")
    assert {"acquisition model\nStudent", "labeller\nLarge", "successor\nSmall"} <= set(data.boxes.values())
    assert "gold labels train labeller Large." in data.description
    assert data.frame()["what"].tolist().count("train") == 4


def test_the_diagram_of_labels_that_no_model_chose(make_run, feasible):
    feasible["series"]["drawn"] = {**feasible["series"]["plasm"], "acquisition": "none", "strategy": "random"}
    feasible["figures"] = {"how": {"kind": "plasm_diagram", "dataset": "topics", "series": ["drawn"]}}
    data = data_of(make_run(feasible).collect(), "how")
    assert "query strategy\nrandom" in data.boxes.values()
    assert data.frame()["what"].tolist().count("train") == 3
    assert data.caption.startswith("random chooses the instances to annotate; Large learns")


def test_every_kind_is_drawn_in_all_formats_with_its_remark(trading, tmp_path):
    for name in ("share", "time", "how"):
        draw(data_of(trading, name), tmp_path)
        assert {path.suffix for path in tmp_path.glob(f"{name}.*")} == {".csv", ".svg", ".pdf", ".png"}
        assert "Made up, and small" in (tmp_path / f"{name}.svg").read_text()


def test_series_of_one_name_look_the_same(make_run, raw):
    raw["series"]["again"] = {
        **raw["series"]["lc"],
        "datasets": ["topics"],
        "strategy": "entropy",
        "label": "Small > Small",
    }
    raw["series"]["lc"]["label"] = "Small > Small"
    config = make_run(raw).config
    assert trace_style(config, "again") == trace_style(config, "lc")
    # mnlp on spans is called so too; mismatch and random are not.
    assert len({trace_style(config, name) for name in config.series}) == 3


def test_a_marker_of_a_whole_curve_is_not_called_a_point(trading, tmp_path):
    draw(data_of(trading, "share"), tmp_path)
    svg = (tmp_path / "share.svg").read_text()
    assert "Small &gt; Small, whole curve" in svg
    assert "point 0" not in svg
