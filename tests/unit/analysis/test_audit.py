"""Everything that is shown of a made-up run, computed once more by other code."""

import pytest
from feasible_al.jobs.resolve import save

from tests import audit


@pytest.fixture(scope="module")
def run(finished_feasible):
    save(finished_feasible.config, finished_feasible.folder)
    return finished_feasible.folder


def test_tidy_tables(run):
    audit.check_tidy_tables(run)


def test_scores_as_written_and_as_displayed(run):
    assert audit.check_scores(run) == 9  # eight series, of which one on two datasets


def test_sums_of_times(run):
    assert audit.check_times(run) == 2 * (3 * 3 + 3 + 1) * 3  # datasets, rows, columns


def test_means_and_bands_of_figures(run):
    assert audit.check_figures(run) == 6 * 4 + 1 + 2 + 1  # six whole curves, and three with some points
