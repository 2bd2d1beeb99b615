"""What the page says of fits that learned nothing."""

from dataclasses import replace

from feasible_al.analysis.summary import unlearned


def failing(run, *, series, point, seeds):
    """The run's results where fits of a series did not converge."""
    results = run.results()
    curves = results.curves.copy()
    rows = (curves["series"] == series) & (curves["point"] == point) & curves["seed"].isin(seeds)
    curves.loc[rows, "converged"] = False
    return unlearned(run.config, replace(results, curves=curves))


def test_before_the_end_it_is_told_without_alarm(run):
    (sentence,) = unlearned(run.config, run.results())
    assert sentence.startswith(
        "Of the 45 fits before the end of a curve, 1 did not converge, probably because"
    )


def test_where_all_converge_there_is_nothing_to_say(run):
    results = run.results()
    assert unlearned(run.config, replace(results, curves=results.curves.assign(converged=True))) == []


def test_at_the_end_it_says_which_model_and_what_to_change(run):
    first, early = failing(run, series="mismatch", point=3, seeds=[1, 2])
    assert first.startswith(
        "Made-up topics, Large: 2 of 3 fits at the end of a curve or on all labels did not converge: they are "
        "no better than predicting the most frequent class of the test set for every text"
    )
    for advice in (
        "models.large.training: epochs, now 5, and minimum_steps, now 350",
        "another learning_rate (now 5e-05)",
        "more labels (datasets.topics.budget)",
    ):
        assert advice in first
    assert early.startswith("Of the 45 fits")


def test_full_data_fits_count_with_the_ends(run):
    first, _ = failing(run, series="full", point=0, seeds=[2])
    # Three seeds of two curves with this successor, and two fits on all labels.
    assert first.startswith("Made-up topics, Small: 1 of 8 fits at the end")


def test_tagging_counts_its_own_metric_once(run):
    first, _ = failing(run, series="mnlp", point=3, seeds=[3])
    assert first.startswith("Made-up spans, Small: 1 of 6 fits at the end")
    assert "the most frequent tag of the test set for every word" in first
