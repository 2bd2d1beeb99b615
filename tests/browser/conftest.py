import importlib.util
from pathlib import Path

import pytest

# The made-up run that the unit tests of analysis use.
_file = Path(__file__).parents[1] / "unit" / "analysis" / "fake_run.py"
_spec = importlib.util.spec_from_file_location("fake_run", _file)
fake = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fake)


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    """The report of the fake run, with a label too long for one line and one left-out iteration."""
    raw = fake.feasible_config()
    raw["series"]["mismatch"]["label"] = "a small model chooses, a large one learns from what was chosen"
    run = fake.FakeRun(tmp_path_factory.mktemp("results") / "fake", raw)
    run.edit_manifest("acquisition/topics/small/least_confidence/none/seed2", resumed_iterations=[2])
    return run.finish()
