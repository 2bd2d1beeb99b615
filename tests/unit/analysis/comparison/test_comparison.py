import base64
import dataclasses
import hashlib
import re

import numpy as np
import pytest
from feasible_al.analysis.comparison.entrants import entrants
from feasible_al.analysis.comparison.leader import leader
from feasible_al.analysis.figures import figure_data, write_figure
from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.analysis.summary import what_came_out
from feasible_al.analysis.tables import table_data
from feasible_al.core.errors import InputError
from feasible_al.estimate.power import planned
from feasible_al.jobs.resolve import resolve
from feasible_al.jobs.shown import of_table
from feasible_al.report.forest import forests_of_gains
from feasible_al.report.page import ASSETS
from feasible_al.report.strategies import strategy_parts
from feasible_al.results.collect import join
from scipy import stats

from tests import fake_run as fake

LC = "acquisition/topics/small/least_confidence/none/seed2"


@pytest.fixture
def compared(tmp_path):
    return fake.FakeRun(tmp_path / "results" / "fake", fake.compared_config()).collect()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    run = fake.FakeRun(tmp_path_factory.mktemp("compared") / "fake", fake.compared_config()).collect()
    return run, run.results()


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """The same with seeds enough for verdicts."""
    raw = fake.compared_config() | {"seeds": [1, 2, 3, 4]}
    run = fake.FakeRun(tmp_path_factory.mktemp("decided") / "fake", raw).collect()
    return run, run.results()


def shown(results, name):
    run, read = results
    return table_data(run.config, run.config.tables[name], read)


def row_of(data, *keys):
    return next(row for row in data.rows if all(key in row for key in keys))


def test_the_block_makes_figures_and_tables(results):
    config = results[0].config
    assert {"ranking", "across_datasets", "win_tie_loss", "labels_to_target", "break_even"} <= set(
        config.tables
    )
    assert {"differences_topics", "time_topics", "time_spans", "cost_topics"} <= set(config.figures)
    assert "cost_spans" not in config.figures
    assert config.figures["differences_topics"].series == ("lc", "mismatch", "entropy")


def test_ranking_by_hand(decided):
    data = shown(decided, "ranking")
    frame = data.frame.set_index(["dataset", "series"])
    # Gains 0.02, 0.03, 0.04 and 0.03 at all points from the first query on; t(0.975, 3) = 3.182446.
    lc, half = frame.loc["topics", "lc"], 3.182446 * (0.0002 / 3) ** 0.5 / 2
    assert (lc["difference"], lc["difference_low"], lc["difference_high"]) == pytest.approx(
        (0.03, 0.03 - half, 0.03 + half)
    )
    # All signs equal: 2 / 2^4. Two series of this dataset have a reference, lc and entropy.
    assert (lc["rank"], lc["p_signs"], lc["smallest_p_signs"]) == (1, 0.125, 0.125)
    assert lc["p"] == pytest.approx(stats.ttest_1samp([0.02, 0.03, 0.04, 0.03], 0).pvalue)
    assert (lc["p_holm"], lc["tests"], lc["verdict"]) == (pytest.approx(2 * lc["p"]), 2, "better")
    # The area is a score of the same points: 0.7 on average, four seeds 0.015 higher on average.
    assert lc["area"] - frame.loc["topics", "random"]["area"] == pytest.approx(lc["difference"])
    assert frame.loc["topics", "random"]["area"] == pytest.approx(0.715)
    assert frame.loc["topics", "mismatch"]["reference"] == ""
    row = row_of(data, "Made-up topics", "1")
    assert row[4] == "+0.030 [+0.017,\N{NO-BREAK SPACE}+0.043]"
    assert row[8] == "better"
    notes = " ".join(data.notes)
    assert "With 4 seeds the permutation p cannot be below 0.125." in notes
    assert "on one and the same test set" in notes
    assert "there is no verdict" not in notes
    assert "{" not in notes


def test_the_share_of_the_test_set_by_hand(decided):
    """A test instance tells for the series by how often it alone is right about it; 100 of them are drawn."""
    telling = np.zeros(100)
    for seed, gain in ((1, 2), (2, 3), (3, 4), (4, 3)):
        for random, weight in ((60, 0.25), (70, 0.5), (80, 0.25)):
            right = random + seed - 1  # the first ones, and so many more
            telling[right : right + gain] += weight / 4
    assert telling.mean() == pytest.approx(0.03)
    expected = telling.std() / 10
    for name in ("ranking", "scores"):
        frame = shown(decided, name).frame.set_index(["dataset", "series"])
        assert frame.loc[("topics", "lc"), "test_set_error"] == pytest.approx(expected, rel=0.05)
        assert frame.loc[("topics", "entropy"), "test_set_error"] == pytest.approx(0, abs=1e-12)
        assert "Intervals and p values do not include it" in " ".join(shown(decided, name).notes)
    # Twice 0.007 is more than the half width of 0.013.
    cell = next(row for row in shown(decided, "ranking").rows if row[2] == "Small > Small")[5]
    assert cell == f"{expected:.3f}*"


def test_one_contrast_has_one_verdict_wherever_it_is_shown(decided):
    run, read = decided
    ranking = shown(decided, "ranking").frame.set_index(["dataset", "series"])
    scores = shown(decided, "scores").frame.set_index(["dataset", "series"])
    sentences = what_came_out(run.config, read)
    parts = [sentence for part in strategy_parts(run.config, read) for sentence in part.results]
    both = [key for key in ranking.index if ranking.loc[key, "reference"]]
    assert len(both) == 4
    for dataset, series in both:
        ranked, scored = ranking.loc[(dataset, series)], scores.loc[(dataset, series)]
        assert ranked["difference"] == scored["area_difference"]
        assert (ranked["p_holm"], ranked["verdict"]) == (scored["p_holm"], scored["verdict"])
        place = f"{dataset_name(run.config, dataset)}, {series_name(run.config, series)}:"
        said = [each for each in (*sentences, *parts) if each.startswith(place)]
        assert [each.endswith(f": {ranked['verdict']}.") for each in said] == [True, True], said


def test_those_who_are_ranked_are_a_family_whatever_else_is_read(tmp_path):
    raw = fake.compared_config() | {"seeds": [1, 2, 3, 4]}
    raw["comparison"]["series"] = ["lc", "random"]  # and not entropy, which has a reference too
    run = fake.FakeRun(tmp_path / "results" / "fake", raw).collect()
    block = run.config.tables["ranking"]
    for results in (join(run.config, run.folder, of_table(run.config, block)), run.results()):
        frame = table_data(run.config, block, results).frame.set_index(["dataset", "series"])
        assert frame.loc[("topics", "lc"), ["tests", "verdict"]].tolist() == [1, "better"]
    families = {family.name: family.tests for family in planned(run.config)}
    assert families["Made-up topics, minus random"] == 2
    assert families["Made-up topics, ranking against random"] == families["Made-up topics, all pairs"] == 1


def test_with_few_seeds_there_are_numbers_and_the_reason_why_no_more(results):
    run, read = results
    for name in ("ranking", "scores"):
        data = shown(results, name)
        verdicts = data.frame.set_index(["dataset", "series"])["verdict"]
        assert verdicts["topics", "lc"] == "too few seeds"
        assert "With fewer than 4 seeds there are numbers but no verdict" in " ".join(data.notes)
    assert shown(results, "ranking").frame.set_index("series").loc["lc", "difference"] == pytest.approx(0.03)
    assert not shown(results, "win_tie_loss").frame[["win", "tie", "loss"]].any().any()
    words = " ".join(what_came_out(run.config, read))
    assert "3 seeds, too few for a verdict." in words
    assert not re.search("better|worse|undecided", words)


def test_who_leads_and_how_sure_that_is(decided, results):
    run, read = decided
    assert leader(run.config, read, "topics") == (
        "Made-up topics: the largest area under the curve of test accuracy is that of Small > Small (0.745). "
        "In tests of all pairs, a larger family than those against random labelling, all others are worse."
    )
    assert leader(run.config, read, "spans").endswith(
        "none of the 2 others is worse; against Small > Small and Entropy it is undecided."
    )
    assert leader(results[0].config, results[1], "topics").endswith(
        "too few seeds for a verdict on the others."
    )


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        (["better"], "In a test of the pair, the other is worse."),
        (["undecided"], "In a test of the pair, against s1 it is undecided."),
        ([""], "There are too few seeds for a verdict on the others."),
        (["better", "better", ""], ", 2 of the 3 others are worse; there are too few seeds for a verdict on s3."),
        (["better", "undecided", "worse"], ", 1 of the 3 others is worse; against s2 it is undecided; s3 did better "
         "with the seeds of both."),
        (["undecided"] * 6, ", none of the 6 others is worse; against s1, s2, s3, s4, s5 and s6 it is undecided."),
        (["undecided"] * 7, "; against s1, s2, s3, s4, s5 and 2 more it is undecided."),
    ],
)  # fmt: skip
def test_every_outcome_of_the_pairs_has_words(decided, monkeypatch, verdicts, says):
    run, read = decided
    names = [f"s{place}" for place in range(len(verdicts) + 1)]
    module = "feasible_al.analysis.comparison.leader"
    any_entrant = next(iter(entrants(run.config, read, "topics").values()))
    monkeypatch.setattr(f"{module}.entrants", lambda *_: dict.fromkeys(names, any_entrant))
    monkeypatch.setattr(f"{module}.duels", lambda _: dict(zip(names[1:], verdicts, strict=True)))
    monkeypatch.setattr(
        f"{module}.tally", lambda _, other, fought: {fought[0][other]: 1} if fought[0][other] else {}
    )
    monkeypatch.setattr(f"{module}.series_name", lambda _, series: series)
    assert leader(run.config, read, "topics").endswith(says)


def test_outcomes_begin_with_the_leader_and_follow_the_picture(decided):
    run, read = decided
    said = iter(what_came_out(run.config, read))
    for dataset, forest in zip(("topics", "spans"), forests_of_gains(run.config, read), strict=True):
        assert next(said) == leader(run.config, read, dataset)
        assert len(forest.lines) == 2
        for line in forest.lines:
            assert next(said).startswith(f"{dataset_name(run.config, dataset)}, {line.says}: ")


def test_wins_ties_and_losses(decided):
    frame = shown(decided, "win_tie_loss").frame.set_index(["series", "against"])
    assert frame.loc["lc", "random"].tolist() == [1, 0, 0]
    assert frame.loc["random", "lc"].tolist() == [0, 0, 1]
    assert frame.loc["entropy", "random"].tolist() == [0, 2, 0]
    assert frame.loc["lc", "mnlp"].tolist() == [0, 0, 0]


def test_labels_to_target_by_hand(results):
    data = shown(results, "labels_to_target")
    frame = data.frame.set_index(["dataset", "series"])
    lc, random = frame.loc["topics", "lc"], frame.loc["topics", "random"]
    # Target 0.88 · 0.91 = 0.8008. Random labelling has 0.8, 0.81, 0.82 at 40 labels, and 0.1 less at 30.
    needed = [40, 30 + 10 * 0.908, 30 + 10 * 0.808]
    assert lc["target"] == pytest.approx(0.8008)
    assert (random["labels"], random["not_reached"]) == (pytest.approx(sum(needed) / 3), 1)
    saved = [needed[0] - 38.08, needed[1] - 36.08, needed[2] - 34.08]
    assert lc["saved"] == pytest.approx(sum(saved) / 3)
    assert row_of(data, "Made-up topics", "0.840 [0.790,\N{NO-BREAK SPACE}0.890]")[-1].startswith(
        "at least +3 ["
    )
    assert row_of(data, "Made-up topics", "random > Small")[4].startswith("at least 39 [")
    assert "No target for Large on Made-up topics: it was not fitted on all data there." in data.notes


def test_break_even_by_hand(results):
    frame = shown(results, "break_even").frame.set_index(["dataset", "series"])
    lc = frame.loc["topics", "lc"]
    # Iterations 1 to 3 take 17 + seed, 27 + seed and 37 + seed seconds; all of them are on the way to the target.
    assert lc["extra_seconds"] == pytest.approx(81 + 3 * 2)
    assert lc["price"] == pytest.approx(87 / 3600 / lc["labels_saved"])
    # One seed of random labelling does not arrive, so more labels are saved than are counted.
    assert (lc["pays"], lc["price_bound"], lc["timed_seeds"]) == ("above", "at most", 3)
    assert frame.loc["topics", "entropy"]["pays"] == "unclear"  # neither always arrives


def test_times_of_two_devices_are_refused(compared):
    compared.edit_manifest(LC, device="A GPU")
    compared.collect()
    read = compared.results()
    data = table_data(compared.config, compared.config.tables["break_even"], read)
    assert data.refusal.startswith("No times are shown")
    assert not data.rows
    assert not figure_data(compared.config, "time_topics", read).traces


def test_across_datasets(results):
    data = shown(results, "across_datasets")
    assert data.frame["series"].tolist() == ["random", "entropy"]
    assert data.frame.set_index("series").loc["entropy", "difference"] == pytest.approx(0.0)
    assert "no verdict for fewer than 4 datasets" in " ".join(data.notes)
    assert set(data.frame["verdict"]) == {"too few datasets"}


def test_tests_over_datasets_are_corrected(tmp_path, monkeypatch):
    raw = fake.compared_config()
    names = [f"d{number}" for number in range(6)]
    plain = {key: value for key, value in raw["datasets"]["topics"].items() if key != "full"}
    raw["datasets"] = dict.fromkeys(names, plain)
    for table, value in ((fake.TRAIN, (1000, 20000)), (fake.METRIC, "accuracy")):
        for name in names:
            monkeypatch.setitem(table, name, value)
    for number, name in enumerate(names):
        gains = {1: 0.01 + number / 500, 2: 0.02, 3: 0.03}
        monkeypatch.setitem(fake.GAIN, (name, "entropy", "small"), gains)
        monkeypatch.setitem(fake.GAIN, (name, "margin", "small"), gains)
    model = {"acquisition": "small", "successor": "small"}
    raw["series"] = {
        strategy: {"datasets": names, "strategy": strategy, **(model if strategy != "random" else {})}
        | {"successor": "small"}
        for strategy in ("random", "entropy", "margin")
    }
    raw["series"]["margin"]["datasets"] = names[:3]
    raw["comparison"] = {"against": "random"}
    run = fake.FakeRun(tmp_path / "results" / "fake", raw).collect()
    data = shown((run, run.results()), "across_datasets")
    frame = data.frame.set_index("series")
    # Gains of 0.02 + number / 1500 on average over three seeds, on six datasets; three datasets give no verdict.
    expected = stats.ttest_1samp([0.02 + number / 1500 for number in range(6)], 0).pvalue
    assert frame.loc["entropy", ["paired_datasets", "p", "p_holm"]].tolist() == [
        6,
        pytest.approx(expected),
        pytest.approx(expected),
    ]
    assert frame.loc["entropy", "verdict"] == "better"
    assert frame.loc["margin", "datasets"] == 3
    assert frame.loc["margin", ["p", "p_holm"]].isna().all()
    assert row_of(data, "Small > Small (margin)")[-1] == "too few datasets"


def test_differences_at_each_point(results):
    run, read = results
    data = figure_data(run.config, "differences_topics", read)
    lc = data.traces[0]
    assert lc.mean == pytest.approx((0.0, 0.03, 0.03, 0.03))
    assert lc.high[1] - lc.mean[1] == pytest.approx(4.3027 * 0.01 / 3**0.5, rel=1e-4)
    assert data.absent == ("Small > Large: no random series to compare with at its points",)


def test_score_against_time_and_cost(results):
    run, read = results
    times = {trace.series: trace.x for trace in figure_data(run.config, "time_topics", read).traces}
    assert times["random"] == (0, 0, 0, 0)
    assert times["lc"] == pytest.approx((0, 19, 48, 87))
    costs = {trace.series: trace.x for trace in figure_data(run.config, "cost_topics", read).traces}
    assert costs["random"] == pytest.approx((5, 10, 15, 20))
    assert costs["lc"][3] == pytest.approx(20 + 87 / 3600)


@pytest.fixture
def run_with(tmp_path):
    """A collected run with more series."""

    def make(series, **blocks):
        raw = fake.compared_config() | blocks
        raw["series"] |= series
        run = fake.FakeRun(tmp_path / "results" / "fake", raw).collect()
        return run, run.results()

    return make


ELSEWHERE = {"elsewhere": {"datasets": ["topics"], "strategy": "theirs", "successor": "small"}}
THEIRS = {"theirs": {"path": "{dataset}-{seed}.csv"}}


def test_what_an_imported_trajectory_took_is_not_known(run_with):
    run, read = run_with(ELSEWHERE, imported_trajectories=THEIRS)
    frame = shown((run, read), "break_even").frame.set_index("series")
    assert frame.loc["elsewhere", ["seconds", "extra_seconds", "price"]].isna().all()
    assert frame.loc["elsewhere", "pays"] == "unclear"
    data = figure_data(run.config, "time_topics", read)
    assert data.absent == ("theirs > Small: no undisturbed times",)


def test_an_imported_trajectory_beyond_the_budget_is_not_ranked(run_with):
    run, read = run_with(ELSEWHERE, imported_trajectories=THEIRS)
    assert "elsewhere" in set(shown((run, read), "ranking").frame["series"])
    curves = read.curves.copy()
    more = (curves["series"] == "elsewhere") & (curves["point"] > 0)
    curves.loc[more, "labelled_fraction"] *= 5
    read = dataclasses.replace(read, curves=curves)
    data = shown((run, read), "ranking")
    assert "elsewhere" not in set(data.frame["series"])
    assert (
        "Not ranked on Made-up topics, because no whole curve lies within the budget: theirs > Small."
        in data.notes
    )
    assert "elsewhere" not in {
        trace.series for trace in figure_data(run.config, "differences_topics", read).traces
    }


def test_a_gain_of_pseudo_labels_is_said_to_be_one_and_its_price_is_a_bound(run_with):
    plasm = {"datasets": ["topics"], "acquisition": "small", "strategy": "least_confidence"}
    run, read = run_with({"plasm": plasm | {"labeller": "large", "successor": "small"}})
    sentence = "is compared with random > Small, without pseudo-labels"
    for name in ("ranking", "labels_to_target", "break_even"):
        assert sentence in " ".join(shown((run, read), name).notes), name
    line = shown((run, read), "break_even").frame.set_index("series").loc["plasm"]
    assert line["pays"] == "unclear"  # at least, for want of the labeller's time; at most, by censoring


def test_disturbed_times_do_not_count_but_scores_do(compared):
    compared.edit_manifest(LC, exclusive=False, shared_iterations=[2])
    compared.collect()
    read = compared.results()
    data = figure_data(compared.config, "time_topics", read)
    lc = next(trace for trace in data.traces if trace.series == "lc")
    assert lc.x == pytest.approx((0, 17 + 2, 44 + 4, 81 + 6))  # of seeds 1 and 3
    assert lc.counts == (3, 3, 3, 3)
    assert "least_confidence: 2" in data.caption or "Small > Small: 2" in data.caption
    line = table_data(compared.config, compared.config.tables["break_even"], read).frame.set_index("series")
    assert line.loc["lc", "timed_seeds"] == 2


def test_equal_series_share_their_rank(run_with):
    equal = {"datasets": ["topics"], "acquisition": "small", "strategy": "margin", "successor": "small"}
    results = run_with({"margin": equal})
    ranks = shown(results, "ranking").frame.set_index(["dataset", "series"])["rank"]["topics"]
    assert (ranks["lc"], ranks["random"], ranks["entropy"], ranks["margin"]) == (1, 3, 3, 3)


def test_one_seed_has_no_band_and_no_winner(tmp_path):
    raw = fake.compared_config()
    raw["seeds"] = [1]
    raw["datasets"]["topics"]["full"]["seeds"] = 1
    run = fake.FakeRun(tmp_path / "results" / "fake", raw).collect()
    read = run.results()
    for name in ("differences_topics", "time_topics"):
        assert "no band is drawn" in figure_data(run.config, name, read).caption
    assert (
        not table_data(run.config, run.config.tables["win_tie_loss"], read)
        .frame[["win", "tie", "loss"]]
        .any()
        .any()
    )


def test_marks_of_two_devices_are_refused(run_with):
    run, _ = run_with(
        {}, figures={"trade": {"dataset": "topics", "kind": "time_trade_off", "series": ["lc", "entropy"]}}
    )
    assert figure_data(run.config, "trade", run.results()).traces
    run.edit_manifest(LC, device="A GPU")
    run.collect()
    data = figure_data(run.config, "trade", run.results())
    assert not data.traces
    assert data.caption.startswith("No times are shown")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"against": "randm"}, "comparison.against: unknown query strategy 'randm'"),
        ({"against": "margin"}, "no series of the comparison has the strategy 'margin'"),
        ({"series": ["lc", "nobody"]}, "comparison.series: unknown series 'nobody'"),
        ({"series": ["random"]}, "no dataset has two series"),
        ({"label_price": {"topic": 1.0}}, "comparison.label_price.topic: unknown dataset 'topic'"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(change, message):
    raw = fake.compared_config()
    raw["comparison"] |= change
    if change.get("series") == ["random"]:
        raw["series"]["random"]["datasets"] = ["topics"]
    with pytest.raises(InputError) as error:
        resolve(raw)
    assert message in str(error.value)


def test_the_report_has_a_part_for_each_strategy_and_one_script_that_its_policy_lets_run(compared):
    attack = "</script><script>alert(1)</script>"
    raw = fake.compared_config()
    raw["series"]["entropy"]["label"] = attack
    raw["figures"] = {"f": {"dataset": "topics", "series": ["lc", "entropy"]}}
    run = fake.FakeRun(compared.folder, raw)
    del run.config.figures["time_topics"], run.config.figures["time_spans"]  # drawing takes a second each
    del run.config.figures["cost_topics"], run.config.figures["differences_spans"]
    html = run.finish().read_text()
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    assert scripts == [(ASSETS / "enhance.js").read_text()]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    part = html[html.index('id="comparison"') : html.index('id="dataset-topics"')]
    text = " ".join(re.sub(r"<[^>]+>", " ", part).split())
    assert "least_confidence 1 - max_y p(y|x)" in text
    assert "Lewis and Gale (1994); paper, section 3.1; version 1" in text
    assert "rank 1 of 4, area +0.030 [+0.005, +0.055] against random: too few seeds." in text
    assert part.count('class="sortable"') == 4


@pytest.mark.slow
def test_a_page_of_twenty_strategies_on_three_datasets_stays_small(tmp_path, monkeypatch):
    monkeypatch.setattr(fake, "ITERATIONS", 9)
    raw = fake.compared_config()
    raw["seeds"] = list(range(1, 6))
    raw["datasets"]["topics"]["full"]["seeds"] = 1
    for name in raw["datasets"]:
        raw["datasets"][name]["budget"]["iterations"] = 9
    raw["datasets"]["more"] = {**raw["datasets"]["spans"]}
    monkeypatch.setitem(fake.TRAIN, "more", fake.TRAIN["spans"])
    monkeypatch.setitem(fake.METRIC, "more", "f1")
    monkeypatch.setattr(fake, "SCORED", dict.fromkeys(range(1, 6), 90))
    monkeypatch.setattr(fake, "FULL", {1: 0.9})
    names = list(raw["datasets"])
    raw["subsampling"] = {
        f"s{number}": {"kind": "random", "fraction": number / 20} for number in range(1, 20)
    }
    raw["series"] = {"random": {"datasets": names, "strategy": "random", "successor": "small"}} | {
        f"a strategy with a long name, {rule}".replace(" ", "_").replace(",", ""): {
            "datasets": names,
            "acquisition": "small",
            "strategy": "entropy",
            "successor": "small",
            "subsampling": rule,
        }
        for rule in raw["subsampling"]
    }
    raw["comparison"]["label_price"] = dict.fromkeys(names, 0.5)
    page = fake.FakeRun(tmp_path / "results" / "fake", raw).finish()
    assert len(set(re.findall(r'data-series="([^"]+)"', page.read_text()))) == 20
    assert page.stat().st_size < 5_000_000


def test_times_of_unlike_machines_leave_a_picture_that_says_so(compared):
    compared.edit_manifest(LC, device="cuda")
    compared.collect()
    write_figure(compared.config, "time_topics", compared.folder)
    data = figure_data(compared.config, "time_topics", compared.results())
    assert data.traces == ()
    assert "more than one device (cpu and cuda)" in data.caption
    assert "Nothing can be drawn." in (compared.folder / "figures/time_topics.svg").read_text()
