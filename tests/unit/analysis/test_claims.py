import json
import math
from copy import copy
from dataclasses import replace

import pandas as pd
import pytest
from feasible_al.analysis.claims.hypothesis import KINDS
from feasible_al.analysis.claims.ledger import judge, write_claims
from feasible_al.analysis.claims.ledger_row import LedgerRow, verdict_counts
from feasible_al.analysis.claims.scores import points_of
from feasible_al.analysis.curves import seed_curves
from feasible_al.analysis.statistics import holm, p_values, smallest_effect
from feasible_al.cli import main
from feasible_al.config import Config
from feasible_al.config.claims import ClaimBlock, Subject
from feasible_al.core.errors import InputError
from feasible_al.jobs.checks.claims import of_claims
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.resolve import resolve, save
from feasible_al.results.overlap import TOP_PERCENTS
from scipy import stats
from statsmodels.stats.multitest import multipletests

# Area at points 1 to 3, minus random, seeds 1 to 4: lc 0.02, 0.03, 0.04, 0.03; mismatch -0.1, -0.11, -0.09, -0.1;
# mnlp 0.05, -0.05, 0, 0. Random itself: 0.7, 0.71, 0.72, 0.73. Seconds: train 66, 69, 72, 75; inference 18, and
# with ups 12.5.
LC = {"dataset": "topics", "series": "lc", "reference": "random"}
MNLP = {"dataset": "spans", "series": "mnlp", "reference": "random"}
LOSS = {"dataset": "topics", "series": "mismatch", "reference": "random"}
SCORE = {"kind": "score", "expect": "higher", **LC}
EQUAL = {"kind": "equal", "dataset": "topics", "series": "ups", "reference": "lc", "gap": ["lc", "random"]}
SHARE = {"kind": "time_share", "dataset": "topics", "series": "lc", "above": 0.1}
RATIO = {"kind": "time_ratio", "dataset": "topics", "series": "ups", "reference": "lc", "time_of": "overall"}
TOP = {"kind": "overlap", "dataset": "topics", "series": "lc", "iteration": 1, "top": 10}


@pytest.fixture
def feasible(feasible):
    """With seeds enough for verdicts."""
    feasible["seeds"] = [1, 2, 3, 4]
    return feasible


COLLECTED = {}
"""Runs and their results by their configs: claims change neither."""


def asked(make_run, raw, **claims):
    """A made-up run with claims, and its results; its times are of the paper's engine."""
    key = json.dumps(raw, sort_keys=True)
    if key not in COLLECTED:
        run = make_run(raw).collect()
        COLLECTED[key] = run, run.results()
    made, results = COLLECTED[key]
    run = copy(made)
    run.config = resolved(
        Config.model_validate(
            raw
            | {"claims": {name: {"statement": f"{name} is so.", **claim} for name, claim in claims.items()}}
        )
    )
    return run, replace(results, timings=results.timings.assign(engine="paper"))


def verdict_on(make_run, raw, claim):
    run, results = asked(make_run, raw, it=claim)
    return judge(run.config, results)[0]


def with_gains(results, dataset, series, gains):
    """The same results, but a series has its seeds' gains over random labelling at every point."""
    frame = results.curves.copy()
    for seed, gain in gains.items():
        shown = frame["metric"] != "f1_strict"
        here = (frame["dataset"] == dataset) & (frame["seed"] == seed) & shown
        random = frame[here & (frame["series"] == "random")].set_index("point")["value"]
        own = here & (frame["series"] == series)
        frame.loc[own, "value"] = frame.loc[own, "point"].map(random) + gain
    return replace(results, curves=frame)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (SCORE, "reproduced"),
        (SCORE | {"expect": "lower"}, "contradicted"),
        (SCORE | MNLP, "undecided"),
        (SCORE | {"measure": "early"}, "reproduced"),  # point 1: at point 0 nothing differs
        (SCORE | {"measure": "last"}, "reproduced"),
        (EQUAL, "undecided"),  # the same for every seed
        (EQUAL | MNLP | {"gap": None, "margin": 0.5}, "reproduced"),
        (EQUAL | LOSS, "contradicted"),
        (EQUAL | MNLP | {"gap": None, "margin": 0.005}, "undecided"),
        (EQUAL | MNLP | {"gap": ["mnlp", "random"]}, "not testable"),
        ({"kind": "larger_gap", "first": LOSS, "second": LC}, "reproduced"),
        ({"kind": "larger_gap", "first": LC, "second": LOSS}, "contradicted"),
        ({"kind": "larger_gap", "first": MNLP, "second": LC}, "undecided"),
        (SHARE, "reproduced"),
        (SHARE | {"above": 0.5}, "contradicted"),
        (SHARE | {"above": 0.2}, "undecided"),
        (SHARE | {"above": 0.5, "time_of": "train"}, "reproduced"),
        (SHARE | {"pool": 120000}, "not testable"),
        (RATIO | {"below": 0.95}, "reproduced"),
        (RATIO | {"below": 0.9}, "contradicted"),
        (RATIO | {"below": 0.9368}, "undecided"),
        (RATIO | {"below": 0.95, "pool": 1000}, "reproduced"),
        (RATIO | {"below": 0.7, "time_of": "inference"}, "undecided"),  # the same for every seed
        (RATIO | {"below": 0.3, "time_of": "inference", "iterations": "subsampled"}, "undecided"),
        (TOP | {"at_least": 0.5}, "undecided"),  # 0.5, 1, 0.5, 0.5
    ],
)
def test_verdicts(make_run, feasible, claim, verdict):
    assert verdict_on(make_run, feasible, claim).verdict == verdict


@pytest.mark.parametrize("fraction", [1.0, 0.8])
def test_fractions_without_any_spread(make_run, feasible, fraction):
    run, results = asked(make_run, feasible, it=TOP | {"at_least": 0.9})
    found = judge(run.config, replace(results, overlap=results.overlap.assign(fraction=fraction)))[0]
    # Four seeds on one side: 2 / 2^4.
    assert (found.estimate, found.verdict, found.p) == (pytest.approx(fraction), "undecided", 0.125)
    assert found.result == f"{fraction:.4f}, 4 seeds"


def test_without_any_spread_at_the_bound_no_effect_is_named(make_run, feasible):
    run, results = asked(make_run, feasible, it=TOP | {"at_least": 0.9})
    found = judge(run.config, replace(results, overlap=results.overlap.assign(fraction=0.9)))[0]
    assert found.verdict == "undecided"
    assert "All seeds have the same value" in found.reason
    assert "would have been found" not in found.reason


def test_every_kind_of_claim_has_a_hypothesis():
    kinds = Config.model_json_schema()["properties"]["claims"]["patternProperties"]
    assert set(next(iter(kinds.values()))["discriminator"]["mapping"]) == set(KINDS)
    tops = Config.model_json_schema()["$defs"]["Overlap"]["properties"]["top"]["enum"]
    assert tuple(tops) == TOP_PERCENTS


def test_a_difference_is_tested_by_the_paired_t_test(make_run, feasible):
    run, results = asked(make_run, feasible, it=SCORE)
    found = judge(run.config, results)[0]
    first, second = (
        [curve.area((1, 2, 3)) for curve in seed_curves(run.config, results, "topics", series)]
        for series in ("lc", "random")
    )
    assert found.p == pytest.approx(2 * stats.ttest_rel(first, second, alternative="greater").pvalue)
    assert found.p_holm == found.p
    # t(0.975, 3) = 3.182446; the squares of the deviations 0.01, 0, 0.01 and 0 add up to 0.0002.
    half = 3.182446 * math.sqrt(0.0002 / 3) / 2
    assert (found.estimate, found.low, found.high) == pytest.approx((0.03, 0.03 - half, 0.03 + half))
    assert (found.seeds, found.tests, found.bound, found.dataset) == (4, 1, 0, "Made-up topics")
    assert found.quantity == (
        "test accuracy of Small > Small minus that of random > Small, area under the points that both have"
    )
    assert (found.margin, found.test) == ("above 0", "t test, paired by seed")
    assert found.reason.startswith("At points 1 to 3.")
    assert found.result == "+0.0300 [+0.0170,\N{NO-BREAK SPACE}+0.0430], 4 seeds"


def test_a_gap_is_paired_by_seed_too(make_run, feasible):
    found = verdict_on(make_run, feasible, {"kind": "larger_gap", "first": LOSS, "second": MNLP})
    # Errors of random labelling are 0.3, 0.29, 0.28 and 0.27; accuracy and F1 meet as ratios of errors.
    here, there = [0.4 / 0.3, 0.4 / 0.29, 0.37 / 0.28, 0.37 / 0.27], [0.25 / 0.3, 0.34 / 0.29, 1, 1]
    expected = stats.ttest_rel(here, there, alternative="greater")
    assert found.p == pytest.approx(2 * expected.pvalue)
    assert found.estimate == pytest.approx(sum(here) / 4 - sum(there) / 4)
    assert found.dataset == "Made-up topics and Made-up spans"


def test_a_gap_to_a_score_without_errors_has_no_size(make_run, feasible):
    run, results = asked(make_run, feasible, it={"kind": "larger_gap", "first": LOSS, "second": MNLP})
    perfect = results.curves.assign(
        value=results.curves["value"].mask(results.curves["series"] == "random", 1.0)
    )
    found = judge(run.config, replace(results, curves=perfect))[0]
    assert (found.verdict, found.reason) == ("not testable", "a score of 1 leaves no errors to compare with")


def test_seconds_are_compared_seed_by_seed(make_run, feasible):
    run, results = asked(
        make_run, feasible, share=SHARE | {"above": 0.2}, ratio=RATIO | {"below": 0.94}, part=RATIO
        | {"below": 0.5, "time_of": "inference", "iterations": "subsampled"},
    )  # fmt: skip
    share, ratio, part = judge(run.config, results)
    shares = [18 / 84, 18 / 87, 18 / 90, 18 / 93]
    ratios = [78.5 / 84, 81.5 / 87, 84.5 / 90, 87.5 / 93]
    assert share.estimate == pytest.approx(sum(shares) / 4)
    assert share.p == pytest.approx(2 * stats.ttest_1samp(shares, 0.2, alternative="greater").pvalue)
    assert ratio.p == pytest.approx(2 * stats.ttest_1samp(ratios, 0.94, alternative="less").pvalue)
    assert (part.estimate, part.p, part.verdict) == (pytest.approx(1.5 / 6), 0.125, "undecided")
    assert "All seeds have the same value" in part.reason
    assert share.result.startswith("0.2037 [0.18")


def test_equivalence_by_hand():
    values, margin = [0.001, -0.0005, 0.0012, 0.0002], 0.003
    error = (sum((v - 0.000475) ** 2 for v in values) / 3) ** 0.5 / 2
    inside = stats.t.sf((margin - 0.000475) / error, 3)
    above = stats.t.sf((0.000475 - margin) / error, 3)
    assert p_values(values, "within", margin) == pytest.approx((inside, min(1, 2 * above)))
    outside = [value - 0.01 for value in values]
    assert p_values(outside, "within", margin)[1] == pytest.approx(
        2 * stats.t.sf((0.01 - 0.000475 - margin) / error, 3)
    )


@pytest.mark.parametrize(
    ("value", "side", "expected"),
    [
        (0.2, "above", (0.125, 1)),
        (0.2, "below", (1, 0.125)),
        (0.1, "above", (1, 1)),
        (0.05, "within", (0.125, 1)),
        (-0.2, "within", (1, 0.25)),
    ],
)
def test_without_spread_signs_are_counted(value, side, expected):
    assert p_values([value, value + 1e-17, value], side, 0.1) == expected


def test_holm_by_hand():
    # 4 · 0.005, 3 · 0.01, 2 · 0.03, and 1 · 0.04, which may not fall below the one before.
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.7, "b": 0.9}) == {"a": 1, "b": 1}
    assert holm({}) == {}


def test_smallest_effect_against_the_printed_table(make_run, feasible):
    # t(0.975, 3) = 3.182446, t(0.8, 3) = 0.978472; the squares of 0.05 and -0.05 add up to 0.005.
    expected = (3.182446 + 0.978472) * math.sqrt(0.005 / 3) / 2
    assert smallest_effect([0.05, -0.05, 0, 0]) == pytest.approx(expected)
    found = verdict_on(make_run, feasible, SCORE | MNLP)
    assert found.smallest_effect == pytest.approx(expected)
    assert "a true value 0.0849 away from 0 would have been found with probability 0.8" in found.reason
    # One of five: t(0.995, 3) = 5.840909.
    expected = (5.840909 + 0.978472) * math.sqrt(0.005 / 3) / 2
    assert smallest_effect([0.05, -0.05, 0, 0], tests=5) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gains", "margin"),
    [
        ({1: 0.004, 2: 0.006, 3: 0.008, 4: 0.006}, 0.0015),  # a quarter of the mean
        ({1: 0.04, 2: 0.06, 3: 0.08, 4: 0.06}, 0.003),  # of accuracy
    ],
)
def test_the_margin_when_none_is_given(make_run, feasible, gains, margin):
    run, results = asked(make_run, feasible, it=EQUAL)
    found = judge(run.config, with_gains(results, "topics", "lc", gains))[0]
    assert found.bound == pytest.approx(margin)
    kind = (
        "fixed before the run."
        if margin == 0.003
        else "a quarter of that gain: the rule stood before the run"
    )
    assert f"Margin: ±{margin:.4f}, {kind}" in found.reason
    assert found.margin == (
        "within ±0.003, or a quarter of what Small > Small gains over random > Small in this run if that is less"
    )


def test_the_margin_of_f1_and_one_that_is_given(make_run, feasible):
    claim = EQUAL | MNLP | {"gap": ["mnlp", "random"]}
    run, results = asked(make_run, feasible, default=claim, given=claim | {"margin": 0.2})
    rows = judge(run.config, with_gains(results, "spans", "mnlp", {1: 0.04, 2: 0.05, 3: 0.06, 4: 0.05}))
    assert [row.bound for row in rows] == [0.005, 0.2]
    assert [row.verdict for row in rows] == ["contradicted", "reproduced"]


def test_where_active_learning_gains_nothing_equality_says_nothing(make_run, feasible):
    found = verdict_on(make_run, feasible, EQUAL | {"gap": ["random", "lc"]})
    assert found.verdict == "not testable"
    assert found.reason.startswith(
        "active learning gains nothing here: test accuracy of random > Small minus"
    )


@pytest.mark.parametrize(
    ("points", "measure", "chosen"),
    [
        (range(1, 16), "early", (1, 2, 3, 4, 5)),
        ((3, 6), "early", (3,)),
        ((3, 5), "last", (5,)),
        ((3, 5), "mean", (3, 5)),
        ((), "early", ()),
    ],
)
def test_points_of_a_measure(points, measure, chosen):
    assert points_of(tuple(points), measure) == chosen


def test_a_claim_waits_for_what_it_requires(make_run, feasible):
    run, results = asked(
        make_run,
        feasible,
        last={**SCORE, "requires": ["middle"]},
        middle={**SCORE, "requires": ["shaky"]},
        shaky=SCORE | MNLP,
        fine={**SCORE, "requires": ["base"]},
        base=SCORE,
    )
    # Five claims of a family count, whatever is withheld.
    rows = {row.claim: row for row in judge(run.config, results)}
    assert rows["base"].p_holm == pytest.approx(5 * rows["base"].p)
    sure = with_gains(results, "topics", "lc", {1: 0.02, 2: 0.0201, 3: 0.0202, 4: 0.0201})
    rows = {row.claim: row for row in judge(run.config, sure)}
    assert {name: row.verdict for name, row in rows.items()} == {
        "last": "not testable",
        "middle": "not testable",
        "shaky": "undecided",
        "fine": "reproduced",
        "base": "reproduced",
    }
    assert rows["middle"].reason == "requires shaky (“shaky is so.”), which is undecided"
    assert rows["last"].reason == "requires middle (“middle is so.”), which is not testable"
    assert list(rows) == ["last", "middle", "shaky", "fine", "base"]


@pytest.mark.parametrize(("loss", "verdict"), [(-0.0997, "contradicted"), (0.0, "not testable")])
def test_only_what_would_be_reproduced_waits_for_its_premise(make_run, feasible, loss, verdict):
    """A series that is clearly worse is not as good, whatever is known of the premise."""
    claim = EQUAL | {"gap": None, "margin": 0.003, "series": "lc", "reference": "random"}
    run, results = asked(make_run, feasible, base=SCORE | MNLP, it={**claim, "requires": ["base"]})
    gains = {seed: loss + error for seed, error in zip((1, 2, 3, 4), (-1e-3, 1e-3, -1e-4, 1e-4), strict=True)}
    base, found = judge(run.config, with_gains(results, "topics", "lc", gains))
    assert base.verdict == "undecided"
    assert found.verdict == verdict


def test_claims_of_one_family_are_corrected_for_one_another_and_no_others(make_run, feasible):
    run, results = asked(
        make_run,
        feasible,
        first={**SCORE, "family": "gains"},
        second={**SCORE, **MNLP, "family": "gains"},
        third={**SCORE, "family": "alone"},
        fourth=SHARE,
        fifth=RATIO | {"below": 0.95},
    )
    first, second, third, fourth, fifth = judge(run.config, results)
    pair = multipletests([first.p, second.p], method="holm")[1]
    assert (first.p_holm, second.p_holm) == pytest.approx(tuple(pair))
    assert (third.p_holm, fourth.p_holm, fifth.p_holm) == (third.p, fourth.p, fifth.p)
    assert [row.family for row in (first, third, fourth, fifth)] == [
        "gains",
        "alone",
        "time_share",
        "time_ratio",
    ]
    assert first.chance == f"p = {first.p:.4f}, after Holm in 2 tests of gains = {first.p_holm:.4f}"


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_few_seeds_give_numbers_and_no_verdict(make_run, feasible, seeds):
    feasible["seeds"] = list(range(1, seeds + 1))
    feasible["datasets"]["topics"]["full"]["seeds"] = 1
    run, results = asked(make_run, feasible, gain=SCORE, rank=TOP | {"at_least": 0.5})
    sure = with_gains(results, "topics", "lc", {1: 0.2, 2: 0.2001, 3: 0.2002})
    gain, rank = judge(run.config, sure)
    assert (gain.verdict, rank.verdict) == ("not testable", "not testable")
    assert gain.reason == f"{seeds} seed{'s' if seeds > 1 else ''}; a verdict needs 4. At points 1 to 3."
    assert gain.estimate == pytest.approx(0.2 + (seeds - 1) * 0.00005)
    assert (gain.seeds, gain.tests, math.isnan(gain.p)) == (seeds, 0, True)
    assert gain.chance == ""


def test_claims_of_differences_have_the_test_sets_share_beside_them(make_run, feasible):
    claims = {"gain": SCORE, "equal": EQUAL | LC | {"gap": None, "margin": 0.01}, "time": SHARE}
    run, results = asked(make_run, feasible, **claims)
    gain, equal, time = judge(run.config, results)
    # See test_comparison.py: 0.0069, of which twice as much is more than half the interval, and than the margin.
    assert gain.test_set_error == equal.test_set_error == pytest.approx(0.0069, rel=0.05)
    assert gain.sampling == f"test set: standard error {gain.test_set_error:.4f}"
    assert "Another test set may give another verdict" in gain.reason
    assert "Another test set may give another verdict" in equal.reason
    assert (math.isnan(time.test_set_error), time.sampling) == (True, "")


def test_intervals_end_where_what_they_are_of_does(make_run, feasible):
    run, results = asked(make_run, feasible, it=SCORE, share=SHARE, top=TOP | {"at_least": 0.5})
    # -0.205 and a standard deviation of 0.58 reach to -1.13; fractions of 0.625 and 0.25 to 1.02.
    wild = with_gains(results, "topics", "lc", {1: 0.3, 2: -0.7, 3: -0.72, 4: 0.3})
    gain, share, top = judge(run.config, wild)
    assert gain.low == -1
    assert top.high == 1
    assert 0 < share.low < share.high < 1


def skip_series(raw):
    raw["series"]["lc"]["skip"] = "its weights are elsewhere"


def skip_dataset(raw):
    raw["datasets"]["topics"]["skip"] = "nobody has the texts"


def scale(raw):
    raw["run"]["scaled"] = "Small models on small pools."


@pytest.mark.parametrize(
    ("claim", "change", "reason"),
    [
        (SCORE, skip_series, "not run: Small > Small: its weights are elsewhere"),
        (EQUAL, skip_series, "not run: Small > Small: its weights are elsewhere"),
        (SHARE, skip_dataset, "not run: Made-up topics: nobody has the texts"),
        (SHARE, scale, "roles and sizes are not the paper's: Small models on small pools."),
        (TOP | {"at_least": 0.5}, scale, "roles and sizes are not the paper's: Small models on small pools."),
        (SHARE | {"pool": 120000}, None, "pool of 1,000 instances instead of 120,000"),
    ],
)
def test_reasons_of_the_config(make_run, feasible, claim, change, reason):
    if change:
        change(feasible)
    found = verdict_on(make_run, feasible, claim)
    assert (found.verdict, found.reason, found.seeds) == ("not testable", reason, 0)
    assert math.isnan(found.p)


def lc_rows(frame):
    return (frame["strategy"] == "least_confidence") & (frame["subsampling"] == "none") & (
        frame["acquisition"] == "small"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "seeds", "reason"),
    [
        (
            "engine",
            "fast",
            (1, 2, 3, 4),
            "engine mode fast and paper; the claim is about times of mode paper",
        ),
        ("device", "A GPU", (1, 2, 3, 4), "times from more than one device (A GPU and cpu)"),
        ("host", "machine-b", (1, 2, 3, 4), ""),
        ("exclusive", False, (1, 2, 3, 4), "no undisturbed iteration of Small"),
        ("exclusive", False, (1, 2), "2 seeds; a verdict needs 4."),
    ],
)
def test_reasons_of_times(make_run, feasible, column, value, seeds, reason):
    run, results = asked(make_run, feasible, it=RATIO | {"below": 0.95})
    frame = results.timings.copy()
    frame.loc[lc_rows(frame) & frame["seed"].isin(seeds), column] = value
    assert judge(run.config, replace(results, timings=frame))[0].reason == reason


def test_an_engine_that_is_not_the_papers(make_run, feasible):
    run, results = asked(make_run, feasible, it=SHARE)
    frame = results.timings.assign(engine="fast")
    reason = judge(run.config, replace(results, timings=frame))[0].reason
    assert reason == "engine mode fast; the claim is about times of mode paper"


def test_curves_that_share_nothing(make_run, feasible):
    run, results = asked(make_run, feasible, it=SCORE)
    own = results.curves["series"] == "lc"
    moved = results.curves.copy()
    moved.loc[own, "point"] += 10
    for curves, reason in (
        (results.curves[~own], "not run: Small > Small: this run has no curve of it"),
        (moved, "no point in common after the first query"),
        (
            results.curves[~(own & (results.curves["seed"] < 3))],
            "2 seeds; a verdict needs 4. At points 1 to 3.",
        ),
    ):
        assert judge(run.config, replace(results, curves=curves))[0].reason == reason


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({"kind": "scores", **LC}, "claims.it.kind: unknown kind 'scores'; did you mean 'score'?"),
        (SCORE | {"says": "So."}, "claims.it.says: key 'says' is now called 'statement'"),
        (SCORE | {"than": "lc"}, "claims.it.than: key 'than' is now called 'reference'"),
        (SCORE | {"beyond": True}, "claims.it.beyond: key 'beyond' is now called 'control'"),
        (RATIO | {"block": "overall"}, "claims.it.block: key 'block' is now called 'time_of'"),
        (SCORE | {"serie": "lc"}, "claims.it.serie: unknown key 'serie'; did you mean 'series'?"),
        (SCORE | {"statement": ""}, "claims.it.statement: String should have at least 1 character"),
        (SCORE | {"series": "lcc"}, "claims.it.series: unknown series 'lcc'; did you mean 'lc'?"),
        (SCORE | {"reference": "x"}, "claims.it.reference: unknown series 'x'"),
        (SCORE | {"dataset": "topic"}, "claims.it.dataset: unknown dataset 'topic'; did you mean 'topics'?"),
        (SCORE | {"dataset": "spans"}, "claims.it.series: series 'lc' does not run on 'spans'"),
        (SCORE | {"requires": ["at"]}, "claims.it.requires: unknown claim 'at'"),
        (
            SCORE | {"requires": ["it"]},
            "claims.it.requires: a circle of claims: it requires it",
        ),
        (EQUAL | {"gap": None}, "claims.it: give a margin, or the gap"),
        (EQUAL | {"gap": ["lc", "mnlp"]}, "claims.it.gap: series 'mnlp' does not run on 'topics'"),
        (
            {"kind": "larger_gap", "first": LC, "second": MNLP | {"reference": "x"}},
            "claims.it.second.reference: unknown series 'x'",
        ),
        (
            {"kind": "larger_gap", "first": LC | {"dataset": "x"}, "second": MNLP},
            "claims.it.first.dataset: unknown dataset 'x'",
        ),
        (SHARE | {"series": "random"}, "claims.it.series: series 'random' has no acquisition model"),
        (
            RATIO | {"below": 1, "reference": "random"},
            "claims.it.reference: series 'random' has no acquisition model",
        ),
        (
            RATIO | {"below": 1, "series": "lc", "iterations": "subsampled"},
            "claims.it.iterations: series 'lc' scores the whole pool at every iteration",
        ),
        (
            TOP | {"at_least": 0.5, "iteration": 3},
            "claims.it.iteration: must be at most 2, the last on topics that another query follows",
        ),
        (TOP | {"at_least": 0.5, "top": 15}, "claims.it.top: Input should be 10, 20, 30, 40 or 50"),
        (TOP | {"at_least": 1}, "claims.it.at_least: Input should be less than 1"),
    ],
)
def test_a_claim_that_cannot_be_asked_is_refused_by_key(feasible, claim, message):
    feasible["claims"] = {"it": {"statement": "So it is.", **claim}}
    with pytest.raises(InputError) as error:
        resolve(feasible)
    assert message in str(error.value)


@pytest.mark.parametrize("measure", ["mean", "early", "last"])
def test_point_0_alone_is_refused_whatever_the_measure(feasible, measure):
    shared = {**feasible["series"]["plasm"], "points": [0]}
    feasible["series"] |= {"one": shared, "other": {**shared, "subsampling": "ups"}}
    claim = SCORE | {"series": "one", "reference": "other", "measure": measure}
    feasible["claims"] = {"it": {"statement": "So it is.", **claim}}
    message = r"claims\.it\.measure: one and other have no point in common on topics after the first query"
    with pytest.raises(InputError, match=message):
        resolve(feasible)


def test_a_claim_about_one_series_at_point_0_alone_is_refused(feasible):
    # No built-in kind is about the score of one series.
    class Alone(Subject, ClaimBlock):
        kind: str = "alone"

    claim = Alone(statement="It is.", dataset="topics", series="one")
    feasible["series"]["one"] = {**feasible["series"]["plasm"], "points": [0]}
    config = resolve(feasible).model_copy(update={"claims": {"it": claim}})
    ((key, error),) = of_claims(config)
    assert key == ("claims", "it", "series")
    assert "'one' has point 0 alone, before any strategy chose" in str(error)


def test_a_circle_of_requirements_is_spelt_out(feasible):
    claims = {"a": "b", "b": "c", "c": "a", "d": "a"}
    feasible["claims"] = {
        name: {"statement": name, **SCORE, "requires": [other]} for name, other in claims.items()
    }
    with pytest.raises(
        InputError, match=r"a circle of claims: (a requires b requires c requires a|b .* b|c .* c)$"
    ):
        resolve(feasible)


def test_the_csv_has_every_claim_unrounded(make_run, feasible):
    run, _ = asked(make_run, feasible, gain={**SCORE, "where": "Fig. 2", "control": True}, time=SHARE)
    assert main(["claims", str(save(run.config, run.folder))]) == 0
    path = run.folder / "tables" / "claims.csv"
    assert path.read_text().splitlines()[0] == (
        "claim,says,where,beyond,kind,family,dataset,quantity,margin,test,bound,estimate,low,high,seeds,"
        "test_set_error,p,p_holm,tests,smallest_effect,verdict,reason"
    )
    gain, time = pd.read_csv(path).to_dict("records")
    found = judge(run.config, run.results())[0]
    assert (gain["p"], gain["low"], gain["verdict"]) == (found.p, found.low, "reproduced")
    assert (gain["where"], gain["beyond"]) == ("Fig. 2", True)
    assert (time["verdict"], time["seeds"]) == ("not testable", 0)
    assert math.isnan(time["estimate"])


def test_a_run_without_claims_has_an_empty_ledger(own_run):
    write_claims(own_run.config, own_run.folder)
    assert len(pd.read_csv(own_run.folder / "tables" / "claims.csv")) == 0


def test_the_report_opens_with_the_ledger(make_run, feasible):
    attack = "</th><script>alert(1)</script>&\"'"
    feasible["run"]["scaled"] = f"Small. {attack}"
    claims = {
        "gain": {**SCORE, "statement": f"It gains. {attack}", "where": attack, "control": True},
        "shaky": SCORE | MNLP,
        "time": SHARE,
        "lower": SCORE | {"expect": "lower"},
        "more": {"kind": "larger_gap", "first": LOSS, "second": LC},
    }
    run, _ = asked(make_run, feasible, **claims)
    html = run.finish().read_text()
    assert html.count("<script") == 1  # ours
    assert "It gains. &lt;/th&gt;&lt;script&gt;" in html
    order = [
        '<p class="scaled"><strong>Scaled down.</strong> Small. &lt;/th',
        '<section id="claims">',
        "correction for its family",
        "on one and the same test set.",
        '<th scope="col">Verdict</th>',
        '<th scope="rowgroup" colspan="5">Reproduced: 2 of 5</th>',
        '<th scope="row">It gains.',
        "a control, not a claim of the paper",
        '<td class="verdict reproduced">reproduced</td>',
        "+0.0300 [+0.0170,\N{NO-BREAK SPACE}+0.0430], 4 seeds",
        "p = 0.0052, after Holm in 3 tests of score = 0.0156",
        '<th scope="rowgroup" colspan="5">Contradicted: 1 of 5</th>',
        '<th scope="rowgroup" colspan="5">Undecided: 1 of 5</th>',
        '<td class="verdict undecided">undecided</td>',
        '<th scope="rowgroup" colspan="5">Not testable: 1 of 5</th>',
        '<td class="verdict not-testable">not testable</td>',
        "roles and sizes are not the paper&#39;s",
        '<section id="outcomes">',
        "<figure>",
        "tables/claims.csv",
    ]
    place = 0
    for part in order:
        assert part in html[place:], part
        place = html.index(part, place)
    assert (
        html.count("With fewer than 4 seeds") == 1
    )  # where it says how verdicts are made, and not in the ledger


def test_a_report_without_claims_has_no_ledger(finished):
    html = (finished.folder / "report.html").read_text()
    assert 'id="claims"' not in html
    assert "claims.csv" not in html
    assert 'class="scaled"' not in html


def test_the_opening_counts_verdicts_and_names_what_is_contradicted():
    row = LedgerRow("a", "It pays.", "Figure 1", False, "score", "f", "News", "q", "above 0", "t test")
    verdicts = ["reproduced", "contradicted", "undecided", "undecided", "not testable"]
    assert verdict_counts([replace(row, verdict=verdict) for verdict in verdicts]) == (
        "Of 5 claims, 2 are decided: 1 reproduced, 1 contradicted. 2 are undecided, and 1 could not be tested. "
        "Contradicted: It pays (News)."
    )
    assert verdict_counts([]) == ""
    assert "Contradicted" not in verdict_counts([row])
