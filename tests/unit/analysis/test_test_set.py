"""The share of the test set in a difference of scores: against enumeration, closed forms and other people's scores."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from feasible_al.analysis.test_set import error_of_test_set, resampled, sampling_error
from feasible_al.config.data import METRICS
from feasible_al.results.counts import Counts, counts_of, read_counts, read_gold
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2
from sklearn.metrics import accuracy_score, recall_score
from sklearn.metrics import f1_score as macro_f1_score

TAGS = ("O", "O", "O", "B-X", "I-X", "B-Y", "I-Y")


def counts(*rows: tuple[int, int]) -> Counts:
    hits, of = zip(*rows, strict=True)
    return Counts(np.array(hits)[:, None], np.array(of)[:, None])


def share_of(ours, theirs, weights) -> float:
    return error_of_test_set([*ours, *theirs], [*weights, *np.negative(weights)])


def exact(ours, theirs, weights) -> float:
    """The standard error over every possible test set of as many instances."""
    size = len(ours[0].hits)
    found = []
    for drawn in product(range(size), repeat=size):
        rows = list(drawn)
        scores = [
            [fit.hits[rows].sum() / fit.of[rows].sum() if fit.of[rows].sum() else 0.0 for fit in fits]
            for fits in (ours, theirs)
        ]
        found.append(np.dot(np.subtract(*scores), weights))
    return float(np.std(found))


def test_span_f1_against_all_test_sets_there_could_be():
    ours = [counts((4, 4), (2, 3), (0, 1), (0, 0)), counts((2, 4), (2, 2), (0, 2), (0, 0))]
    theirs = [counts((2, 5), (0, 3), (0, 0), (0, 1)), counts((4, 5), (0, 2), (0, 0), (0, 0))]
    for weights in ([0.5, 0.5], [0.9, 0.1]):
        assert share_of(ours, theirs, weights) == pytest.approx(exact(ours, theirs, weights), rel=0.05)


def test_accuracy_against_its_closed_form():
    """The standard deviation of the differences by instance over the root of their number."""
    right = np.random.default_rng(1).random((6, 400)) < np.array([0.8, 0.7, 0.75, 0.6, 0.7, 0.65])[:, None]
    fits = [counts(*((int(hit), 1) for hit in row)) for row in right]
    by_instance = right[:3].mean(axis=0) - right[3:].mean(axis=0)
    expected = by_instance.std() / np.sqrt(400)
    assert share_of(fits[:3], fits[3:], [1 / 3] * 3) == pytest.approx(expected, rel=0.05)


SCORERS = {
    "accuracy": accuracy_score,
    "balanced_accuracy": lambda *pair: recall_score(*pair, labels=sorted(set(pair[0])), average="macro"),
    "macro_f1": lambda *pair: macro_f1_score(*pair, average="macro"),
    "f1": lambda *pair: f1_score(*pair, zero_division=0),
    "f1_strict": lambda *pair: f1_score(*pair, mode="strict", scheme=IOB2, zero_division=0),
}


@pytest.mark.parametrize("metric", [name for names in METRICS.values() for name in names])
def test_scores_of_resamples_are_those_of_other_people_on_the_same_instances(metric):
    random = np.random.default_rng(2)
    if metric in METRICS["classification"]:
        # A long tail: draws often lack d, which only predictions have in some.
        gold, found = random.choice(list("abcd"), (2, 40), p=[0.6, 0.3, 0.08, 0.02]).tolist()
    else:
        lengths = random.integers(1, 9, 40)
        gold, found = ([random.choice(TAGS, n).tolist() for n in lengths] for _ in range(2))
    fit, scored = counts_of(metric, gold, found), SCORERS[metric]
    assert fit.score == pytest.approx(scored(gold, found))
    draws = np.random.default_rng(0)  # that of the module
    for score in resampled([fit], 20)[:, 0]:
        rows = draws.integers(40, size=40)
        assert score == pytest.approx(scored([gold[i] for i in rows], [found[i] for i in rows]))


def test_blocks_of_draws_change_nothing(monkeypatch):
    fits = [counts(*[(i % 2, 1) for i in range(50)])]
    whole = resampled(fits, 30)
    monkeypatch.setattr("feasible_al.analysis.test_set.ROOM", 200)
    assert np.array_equal(whole, resampled(fits, 30))


def test_fits_scored_together_have_the_scores_that_they_have_alone():
    """Also where their predictions are of different numbers of classes."""
    random = np.random.default_rng(5)
    labels = [
        random.choice(list(letters), 40).tolist() for letters in ("ab", "abc", "abcd", "a") for _ in range(20)
    ]
    gold = random.choice(list("ab"), 40).tolist()
    fits = [counts_of("macro_f1", gold, found) for found in labels]
    assert len({fit.hits.shape[1] for fit in fits}) == 3
    whole = resampled(fits, 20)
    assert np.array_equal(whole, np.hstack([resampled([fit], 20) for fit in fits]))


def test_an_error_is_computed_once_and_belongs_to_its_results(run, monkeypatch):
    results = run.results()
    asked = run.config, results, "topics", ("lc", "random"), [1, 2], (1, 2, 3)
    found = sampling_error(*asked)
    monkeypatch.setattr("feasible_al.analysis.test_set.error_of_test_set", lambda *_: 7.0)
    assert sampling_error(*asked) == found
    other = run.config, replace(results), *asked[2:]
    assert sampling_error(*other) == 7.0


def test_pairing_by_instance_is_what_makes_it_small():
    right = (np.random.default_rng(3).random(300) < 0.7).astype(int)
    better = right.copy()
    better[np.flatnonzero(right == 0)[:3]] = 1  # three more of 300
    ours, theirs = (counts(*((hit, 1) for hit in row)) for row in (better, right))
    assert share_of([ours], [ours], [1.0]) == 0.0
    alone = resampled([ours])[:, 0].std()
    assert share_of([ours], [theirs], [1.0]) < alone / 3


@pytest.mark.parametrize(("dataset", "series"), [("topics", "lc"), ("topics", "mismatch"), ("spans", "mnlp")])
def test_stored_predictions_give_the_scores_of_the_curve(run, dataset, series):
    curves = run.results().curves.query("series == @series and metric != 'f1_strict'")
    gold = read_gold(run.config, run.folder, dataset)
    for seed in run.config.seeds:
        found = read_counts(run.config, run.folder, gold, series, dataset, seed, range(4))
        expected = curves[curves["seed"] == seed].sort_values("point")["value"]
        assert [counts.score for counts in found] == pytest.approx(expected.tolist())


def test_each_series_counts_with_the_widths_of_its_own_curve(run):
    """Two of one strategy's queries may hold more tokens than the other's."""
    results, points = run.results(), (1, 2, 3)
    curves, shares = results.curves.copy(), {"lc": [0.02, 0.03, 0.04], "random": [0.02, 0.037, 0.04]}
    moved = (curves["series"] == "random") & (curves["point"] == 2)
    curves.loc[moved, "labelled_fraction"] = 0.037
    found = sampling_error(run.config, replace(results, curves=curves), "topics", tuple(shares), [1], points)
    scores = resampled([fit for name in shares for fit in results.counts(name, "topics", 1, points)])
    ours, theirs = (
        np.trapezoid(part, width, axis=1) / 0.02
        for part, width in zip((scores[:, :3], scores[:, 3:]), shares.values(), strict=True)
    )
    assert found == pytest.approx((ours - theirs).std(ddof=1))
