import pytest

from tests import fake_run as fake


@pytest.fixture
def raw():
    """The fake run's config as a dictionary, to be changed."""
    return fake.raw_config()


@pytest.fixture
def feasible():
    """The config of the fake run with PLASM, UPS and a student."""
    return fake.feasible_config()


@pytest.fixture
def make_run(tmp_path):
    """A function from a raw config to a fake run's folder."""
    return lambda raw=None, externals=None: fake.FakeRun(tmp_path / "results" / "fake", raw, externals)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The fake run with everything up to its report; not to be changed."""
    run = fake.FakeRun(tmp_path_factory.mktemp("finished") / "results" / "fake")
    run.finish()
    return run


@pytest.fixture(scope="session")
def finished_feasible(tmp_path_factory):
    """The same with PLASM, UPS and a student; not to be changed."""
    folder = tmp_path_factory.mktemp("feasible") / "results" / "fake"
    run = fake.FakeRun(folder, fake.feasible_config())
    run.finish()
    return run


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """The fake run with its tidy tables; not to be changed."""
    return fake.FakeRun(tmp_path_factory.mktemp("run") / "results" / "fake").collect()


@pytest.fixture(scope="session")
def feasible_run(tmp_path_factory):
    """The same with PLASM, UPS and a student; not to be changed."""
    folder = tmp_path_factory.mktemp("feasible_run") / "results" / "fake"
    return fake.FakeRun(folder, fake.feasible_config()).collect()


@pytest.fixture
def own_run(make_run):
    """The fake run with its tidy tables, to be changed."""
    return make_run().collect()
