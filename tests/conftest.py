"""Tests run in an empty folder, without what somebody's shell has set, and leave nothing set behind them."""

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
def _environment_as_before():
    """What one test sets must not decide how another one ends."""
    before = _environment()
    yield
    assert _environment() == before


@pytest.fixture(autouse=True)
def _folder_of_its_own(_environment_as_before, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _environment() -> dict[str, str]:
    """All but what pytest sets for each test, and scikit-learn and PyTorch when they are first used."""
    unset = {
        name: value for name, value in os.environ.items() if not name.startswith(("KMP_", "TORCHINDUCTOR_"))
    }
    return {name: value for name, value in unset.items() if name != "PYTEST_CURRENT_TEST"}
