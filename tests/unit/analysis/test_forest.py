"""Forest plots: places on the axis by hand, and what is left out."""

import math
from dataclasses import replace

import pytest
from feasible_al.analysis.claims.ledger_row import LedgerRow
from feasible_al.report.forest import forest_of_claims, forests_of_gains


def row(
    claim, kind="score", estimate=0.0, low=math.nan, high=math.nan, bound=0.0, verdict="undecided", seeds=5
):
    return LedgerRow(
        claim, f"About {claim}.", "", False, kind, "family", "News", "a difference", "above 0", "t test",
        bound=bound, estimate=estimate, low=low, high=high, seeds=seeds, verdict=verdict,
    )  # fmt: skip


def test_places_are_percentages_of_the_axis_which_contains_all_ends_and_zero():
    forest = forest_of_claims([row("a", estimate=0.1, low=0.0, high=0.3), row("b", estimate=-0.1)])
    assert (forest.low, forest.high, forest.zero) == ("\N{MINUS SIGN}0.100", "+0.300", 25.0)
    first, second = forest.lines
    assert (first.low, first.middle, first.high) == (25.0, 50.0, 100.0)
    assert (second.low, second.middle, second.high) == (0.0, 0.0, 0.0)  # no interval
    assert first.address == "#claim-a"
    assert first.margin is None


def test_a_margin_is_drawn_around_zero_and_widens_the_axis():
    forest = forest_of_claims([row("same", kind="equal", estimate=0.0, low=-0.01, high=0.01, bound=0.02)])
    (line,) = forest.lines
    assert line.margin == (0.0, 100.0)
    assert (line.low, line.middle, line.high, forest.zero) == (25.0, 50.0, 75.0, 50.0)


def test_claims_stand_by_verdict_and_others_are_counted():
    rows = [
        row("a", estimate=0.1, verdict="reproduced"),
        row("b", estimate=0.2, verdict="undecided"),
        row("c", estimate=0.3, verdict="reproduced"),
        row("d", kind="time_ratio", estimate=0.5, verdict="reproduced"),
        row("e", verdict="not testable", seeds=0),
    ]
    forest = forest_of_claims(rows)
    assert [line.says for line in forest.lines] == ["About a.", "About c.", "About b."]
    assert forest.left_out.startswith("2 claims ")
    assert forest_of_claims(rows[3:]) is None


def test_claims_that_say_the_same_have_their_keys():
    one, other = row("one"), replace(row("other"), says="About one.")
    assert [line.place for line in forest_of_claims([one, other, row("b")]).lines] == [
        "News (one)", "News (other)", "News",
    ]  # fmt: skip


def test_no_difference_at_all_has_a_place():
    (line,) = forest_of_claims([row("a")]).lines
    assert line.middle == 0.0


def test_gains_are_those_of_the_run_with_the_largest_first(finished):
    first, *_ = forests_of_gains(finished.config, finished.results())
    assert first.title == "Made-up topics"
    gains = [float(line.text.split()[0].replace("\N{MINUS SIGN}", "-")) for line in first.lines]
    assert gains == sorted(gains, reverse=True)
    small = next(line for line in first.lines if line.says == "Small > Small")
    assert small.text.split("[")[0].strip() == "+0.030"  # as the fake run is made, and the page says in words
    assert small.verdict == "too few seeds"


@pytest.mark.parametrize("value", [0.25, -0.25])
def test_the_dot_lies_in_its_interval(value):
    (line,) = forest_of_claims([row("a", estimate=value, low=value - 0.1, high=value + 0.1)]).lines
    assert 0 <= line.low < line.middle < line.high <= 100
