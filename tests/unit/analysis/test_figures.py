import xml.etree.ElementTree as ET
from dataclasses import replace

import pandas as pd
import pytest
from feasible_al.analysis.figures import FIGURES, figure_data, write_figure
from feasible_al.analysis.figures.draw import compose
from feasible_al.analysis.figures.style import COLOURS, trace_style
from feasible_al.core.errors import InputError
from feasible_al.jobs.reads import FIGURE_KINDS, declared
from matplotlib.collections import LineCollection

SVG = "{http://www.w3.org/2000/svg}"


def data_of(run, name="curves_topics"):
    return figure_data(run.config, name, run.results())


def svg_of(run, name="curves_topics"):
    write_figure(run.config, name, run.folder)
    return (run.folder / "figures" / f"{name}.svg").read_text()


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg):
    return ["".join(element.itertext()) for element in parsed(svg).iter(f"{SVG}text")]


def test_what_planning_knows_of_the_kinds_without_importing_them_is_what_they_say():
    assert {name: kind.reads for name, kind in FIGURES.items()} == FIGURE_KINDS
    assert list(FIGURE_KINDS) == sorted(FIGURE_KINDS)


def test_mean_and_band_at_each_point(run):
    lc = data_of(run).traces[0]
    assert lc.label == "Small > Small"
    assert lc.x == pytest.approx([1.0, 2.0, 3.0, 4.0])
    # Point 3: 0.8, 0.81, 0.82 plus 0.02, 0.03, 0.04.
    assert (lc.mean[3], lc.low[3], lc.high[3]) == pytest.approx((0.84, 0.82, 0.86))
    assert lc.counts == (3, 3, 3, 3)
    assert [line.y[3] for line in lc.seeds] == pytest.approx([0.82, 0.84, 0.86])


def test_x_is_the_share_of_tokens_that_was_really_labelled(run):
    data = data_of(run, "curves_spans")
    assert data.x_label == "labelled tokens (% of the training set)"
    assert data.y_label == "test span F1"
    # 101, 102 and 103 of 5,000 tokens.
    assert data.traces[0].x[0] == pytest.approx(2.04)
    assert [line.x[0] for line in data.traces[0].seeds] == pytest.approx([2.02, 2.04, 2.06])


def test_upper_bound_and_caption_say_spread_and_count(run):
    data = data_of(run)
    level = data.levels[0]
    assert (level.mean, level.count) == (pytest.approx(0.91), 2)
    assert "mean over 3 seeds; band: ±1 sample standard deviation" in data.caption
    assert "Small, all data: 0.910 ± 0.014 (sample standard deviation), 2 seeds." in data.caption


def test_what_the_study_does_not_show_is_marked(make_run, raw):
    shown = {"dataset": "topics", "series": ["lc", "random"], "full": ["small"]}
    raw["figures"] = {"marked": {**shown, "added": ["random", "small"]}, "plain": shown}
    run = make_run(raw).collect()
    data = data_of(run, "marked")
    assert data.entries == ("Small > Small", "random > Small †", "Small, all data †")
    assert "† Added here: the study's own figure is not known to have it." in data.caption
    assert "random > Small †" in texts(svg_of(run, "marked"))
    # Hidden and drawn under its name, marked or not.
    assert 'data-series="random &gt; Small"' in svg_of(run, "marked")
    # Nothing is marked where nothing of it is drawn.
    less = figure_data(
        run.config, "marked", replace(run.results(), curves=run.results().curves.query("series == 'lc'"))
    )
    assert "†" not in less.caption
    plain = data_of(run, "plain")
    assert (plain.traces, plain.levels) == (data.traces, data.levels)
    assert "†" not in " ".join((plain.caption, *plain.entries))


def test_one_seed_has_no_band_and_says_so(make_run, raw):
    raw["seeds"] = [1]
    run = make_run(raw).collect()
    data = data_of(run)
    assert data.traces[0].low[0] != data.traces[0].low[0]
    assert "One seed: the spread is unknown" in data.caption
    assert "band" not in data.caption.split("drawn")[1]
    svg_of(run)


def test_a_series_that_is_skipped_is_named_with_the_reason(make_run, raw):
    raw["series"]["mismatch"]["skip"] = "no time"
    run = make_run(raw)
    assert [trace.series for trace in data_of(run).traces] == ["lc", "random"]
    assert data_of(run).absent == ("Small > Large: not run: no time",)
    assert "Small > Large: not run: no time" in texts(svg_of(run))


def test_a_series_at_one_point_is_a_marker_with_a_bar(feasible_run):
    data = data_of(feasible_run)
    plasm = next(trace for trace in data.traces if trace.series == "plasm")
    assert (plasm.label, plasm.points, plasm.x) == ("Student > Large > Small", (3,), pytest.approx((4.0,)))
    assert (plasm.mean[0], plasm.low[0], plasm.high[0]) == pytest.approx((0.92, 0.9, 0.94))
    axes = compose(data).axes[0]
    marker = next(
        line for line in axes.lines if line.get_marker() == plasm.style.marker and len(line.get_xdata()) == 1
    )
    assert (marker.get_linestyle(), marker.get_color()) == ("None", plasm.style.colour)
    dots = [
        line.get_ydata()[0]
        for line in axes.lines
        if line.get_marker() == "." and line.get_color() == plasm.style.colour
    ]
    assert dots == pytest.approx([0.9, 0.92, 0.94])
    bars = [c.get_segments()[0] for c in axes.collections if isinstance(c, LineCollection)]
    assert any(bar.ravel().tolist() == pytest.approx([4.0, 0.9, 4.0, 0.94]) for bar in bars)
    assert "Student > Large > Small has 0.920 at 4.0%." in data.description
    assert "A marker without a line: a series evaluated at one point" in data.caption


def test_one_point_of_one_seed_can_be_drawn(make_run, feasible):
    feasible["seeds"] = [1]
    run = make_run(feasible).collect()
    assert "Student > Large > Small" in " ".join(texts(svg_of(run)))
    assert "A marker without a line" not in data_of(run).caption


def test_csv_has_what_is_drawn(own_run):
    write_figure(own_run.config, "curves_topics", own_run.folder)
    frame = pd.read_csv(own_run.folder / "figures" / "curves_topics.csv")
    # Three series of 4 points, each mean and three seeds, and the upper bound.
    assert len(frame) == 3 * 4 * 4 + 1
    mean = frame[(frame["series"] == "lc") & (frame["kind"] == "mean") & (frame["point"] == 3)].iloc[0]
    assert (mean["x"], mean["y"], mean["low"], mean["high"], mean["seeds"]) == pytest.approx(
        (4, 0.84, 0.82, 0.86, 3)
    )
    assert frame[frame["kind"] == "level"]["y"].tolist() == pytest.approx([0.91])


def test_a_series_looks_the_same_in_every_figure(run):
    styles = [
        {trace.series: trace.style for trace in data_of(run, name).traces}
        for name in ("curves_topics", "curves_spans")
    ]
    assert styles[0]["random"] == styles[1]["random"]
    assert len(set(styles[0].values())) == 3


def test_styles_stay_distinct_beyond_the_palette(make_run, raw):
    raw["series"] = {f"more{i}": {**raw["series"]["random"], "label": f"more {i}"} for i in range(24)}
    config = make_run(raw).config
    assert len({trace_style(config, series) for series in config.series}) == 24


def _contrast(first, second):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("paper", ["#ffffff", "#121417"])
def test_colours_can_be_seen_on_both_papers(colour, paper):
    assert _contrast(colour, paper) >= 3


def test_svg_is_the_same_twice_and_takes_the_pages_ink(own_run):
    svg = svg_of(own_run)
    assert svg_of(own_run) == svg
    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Made-up topics"
    assert "0.840 at 4.0%" in root.find(f"{SVG}desc").text
    assert "currentColor" in svg
    assert "#1b1f24" not in svg
    assert "test accuracy" in texts(svg)
    assert root.find(f".//{SVG}style") is None
    assert root.find(f".//{SVG}metadata") is None


def test_two_figures_share_no_id(own_run):
    ids = [
        element.get("id")
        for name in ("curves_topics", "curves_spans")
        for element in parsed(svg_of(own_run, name)).iter()
        if element.get("id")
    ]
    assert len(ids) == len(set(ids))


def test_labels_are_text_and_neither_mathematics_nor_markup(make_run, raw):
    label = "costs $1$ & <b>_^{2} </style>"
    raw["series"]["lc"]["label"] = label
    svg = svg_of(make_run(raw).collect())
    assert label in texts(svg)
    assert "<b>" not in svg
    assert "</style>" not in svg


def test_all_formats_are_written_with_embedded_fonts(own_run):
    write_figure(own_run.config, "curves_topics", own_run.folder)
    folder = own_run.folder / "figures"
    assert {path.suffix for path in folder.glob("curves_topics.*")} == {".svg", ".pdf", ".png", ".csv"}
    pdf = (folder / "curves_topics.pdf").read_bytes()
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf
    assert (folder / "curves_topics.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_figure_is_refused_by_name(run):
    with pytest.raises(InputError, match="unknown figure 'curves_topic'; did you mean 'curves_topics'"):
        write_figure(run.config, "curves_topic", run.folder)


@pytest.mark.parametrize(
    "decorator",
    [
        'figure("a", ("curves",))',
        'figure(kind="a", reads=("curves",))',
        'figure("a", reads=CURVES)',
        'base.figure("a", reads=("curve",))',
    ],
)
def test_a_decorator_that_cannot_be_read_from_the_file_is_named(tmp_path, decorator):
    (tmp_path / "figures").mkdir()
    path = tmp_path / "figures" / "a.py"
    path.write_text(f"@{decorator}\ndef a(config, name, block, results): ...\n")
    with pytest.raises(ValueError, match=rf"{path}:1: write @figure\(\"KIND\", \.\.\., reads="):
        declared("figure", tmp_path)


def test_a_kinds_own_remark_stays_beside_that_of_a_scaled_run(make_run, raw, monkeypatch):
    raw["run"]["scaled"] = "Small."
    run = make_run(raw).collect()
    kind = FIGURES["learning_curves"]

    def remarking(*arguments):
        return replace(kind.draft(*arguments), remark="Note.")

    monkeypatch.setitem(FIGURES._entries, "learning_curves", replace(kind, draft=remarking))
    assert figure_data(run.config, "curves_topics", run.results()).remark == "Small. Note."
