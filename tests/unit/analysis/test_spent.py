"""Device hours behind figures, against the jobs' own files."""

import csv

from feasible_al.analysis.spent import seconds_by_job, spent_on


def seconds_in(folder):
    """All seconds that the jobs below a folder wrote."""
    paths = folder.rglob("timings.csv")
    return sum(
        float(row["seconds"]) for path in paths for row in csv.DictReader(path.read_text().splitlines())
    )


def test_hours_are_those_of_all_jobs_that_a_figure_needs(run):
    seconds = seconds_by_job(run.results().timings)
    expected = sum(seconds_in(run.folder / stage / "spans") for stage in ("acquisition", "successor"))
    said = spent_on(run.config, "curves_spans", seconds, {})
    assert said == f"Device time of the fits behind it: {expected / 3600:,.2f} h."
    # Three trajectories that a model chose, and three random ones with successors: six jobs.
    hours = dict.fromkeys(seconds, 3600.0)
    assert spent_on(run.config, "curves_spans", hours, {}) == "Device time of the fits behind it: 6.00 h."


def test_energy_is_said_where_it_is_known(run):
    seconds = dict.fromkeys(seconds_by_job(run.results().timings), 1800.0)
    joules = {key: 3.6e6 for key in seconds if key[0] == "spans"}
    assert spent_on(run.config, "curves_spans", seconds, joules).endswith("; energy of whole GPUs: 6.00 kWh.")
    joules.popitem()
    said = spent_on(run.config, "curves_spans", seconds, joules)
    assert said.endswith("; energy of whole GPUs: 5.00 kWh (known for 5 of 6 jobs).")


def test_nothing_is_said_where_nothing_was_timed(run):
    assert spent_on(run.config, "curves_spans", {}, {}) == ""
