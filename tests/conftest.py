"""Tests run in an empty folder and without what somebody's shell has set."""

import os

import pytest

THEIRS = ("SNAKEMAKE_", "HF_", "SLURM_", "XDG_")
SHOWN = {"COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"}
DATA = "FEASIBLE_AL_DATA"


def pytest_configure():
    """Before anything is imported that looks at it."""
    for name in [name for name in os.environ if name.startswith(THEIRS) or name in SHOWN]:
        del os.environ[name]


def pytest_collection_finish():
    """Modules of tests on real data have noted where they are."""
    os.environ.pop(DATA, None)


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
