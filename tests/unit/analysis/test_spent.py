"""Device hours behind figures, against the seconds of the made-up run added up by hand."""

from feasible_al.analysis.spent import key_of, seconds_by_job, spent_on
from feasible_al.jobs import Acquire


def test_hours_are_those_of_all_jobs_that_a_figure_needs(run):
    seconds = seconds_by_job(run.results().timings)
    config = run.config
    # Iterations 1 to 4 of seed s: setup 1, train 10 t + s, and three times inference 5 and selection 0.5.
    chosen = key_of(Acquire("spans", "small", "mnlp", "none", 2))
    of_spans = {key: value for key, value in seconds.items() if key[0] == "spans"}
    assert seconds[chosen] == sum(of_spans[key] for key in of_spans if key == chosen)
    said = spent_on(config, "curves_spans", seconds, {})
    assert said == f"Device time of the fits behind it: {sum(of_spans.values()) / 3600:,.2f} h."
    hours = dict.fromkeys(seconds, 3600.0)
    assert (
        spent_on(config, "curves_spans", hours, {})
        == f"Device time of the fits behind it: {len(of_spans)}.00 h."
    )


def test_energy_is_said_where_it_is_known(run):
    seconds = dict.fromkeys(seconds_by_job(run.results().timings), 1800.0)
    joules = {key: 3.6e6 for key in seconds if key[0] == "spans"}
    said = spent_on(run.config, "curves_spans", seconds, joules)
    assert said.endswith(f"; energy of the GPUs: {len(joules)}.00 kWh.")
    joules.popitem()
    said = spent_on(run.config, "curves_spans", seconds, joules)
    assert said.endswith(
        f"; energy of the GPUs: {len(joules)}.00 kWh (known for {len(joules)} of {len(joules) + 1} jobs)."
    )


def test_nothing_is_said_where_nothing_was_timed(run):
    assert spent_on(run.config, "curves_spans", {}, {}) == ""
