"""With any allowed names, a config resolves to one that jobs can read, and its figures can be drawn."""

import xml.etree.ElementTree as ET

import pytest
from feasible_al.analysis.figures import write_figure
from feasible_al.analysis.tables import write_table
from feasible_al.core.errors import InputError
from feasible_al.jobs.resolve import load_saved, resolve, save
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import fake_run as fake

LONG = "n" * 63
NAMES = st.from_regex(r"[a-zA-Z0-9][A-Za-z0-9_.+-]{0,63}", fullmatch=True)


def named(dataset, model, series, other):
    """The made-up run's config with other names for its parts, and a comparison."""
    names = {"topics": dataset, "small": model, "lc": series, "random": other}

    def renamed(value):
        if isinstance(value, dict):
            return {names.get(key, key): renamed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [renamed(inner) for inner in value]
        return names.get(value, value) if isinstance(value, str) else value

    raw = fake.raw_config()
    for part in ("datasets", "series"):
        raw[part] = {name: raw[part][name] for name in ("topics", "lc", "random") if name in raw[part]}
    raw["series"]["random"]["datasets"] = ["topics"]
    raw = renamed(raw)
    raw["series"][other]["strategy"] = "random"
    fake.TRAIN[dataset], fake.METRIC[dataset] = fake.TRAIN["topics"], fake.METRIC["topics"]
    return raw | {"run": {"name": dataset}, "comparison": {"label_price": {dataset: 0.5}}}


@pytest.mark.slow
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(NAMES, min_size=4, max_size=4, unique_by=str.lower))
@example(["ag-news", "c++", "class", "NA"])
@example(["1", "seed1", "null", "true"])
@example(["a.svg", "a-b", "a.b", "a+b"])
@example([f"{LONG}{digit}" for digit in "1234"])
def test_any_names_give_figures_and_tables(tmp_path_factory, names):
    raw = named(*names)
    config, folder = resolve(raw), tmp_path_factory.mktemp("run") / "results" / names[0]
    assert load_saved(save(config, folder)) == config  # what every job reads
    run = fake.FakeRun(folder, raw).collect()
    assert set(config.figures) == {f"{kind}_{names[0]}" for kind in ("curves", "differences", "time", "cost")}
    for figure in config.figures:
        write_figure(config, figure, run.folder)
        ET.parse(folder / "figures" / f"{figure}.svg")  # noqa: S314 - our own drawing
    write_table(config, "scores", run.folder)
    assert (folder / "tables" / "scores.csv").exists()


def test_names_that_differ_in_a_mark_have_a_figure_each():
    raw = fake.raw_config()
    raw["datasets"] = dict.fromkeys(("a-b", "a.b", "a+b", "a_b"), raw["datasets"]["topics"])
    raw["series"] = {"random": raw["series"]["random"] | {"datasets": list(raw["datasets"])}}
    assert sorted(resolve(raw).figures) == ["curves_a+b", "curves_a-b", "curves_a.b", "curves_a_b"]


def test_a_grid_of_long_names_can_be_read_by_jobs(tmp_path):
    raw = fake.raw_config()
    model, rule, grid = (letter * 64 for letter in "mrg")
    raw["models"][model] = raw["models"]["small"]
    raw["subsampling"] = {rule: {"kind": "random"}}
    pairs = {"pairs": [[model, model]], "strategies": ["least_confidence"], "subsampling": [rule]}
    raw["grid"] = {grid: {"datasets": ["topics"], **pairs}}
    config = resolve(raw)
    name = f"{grid}-{model}-least_confidence-{model}-{rule}"
    assert name in config.series
    assert load_saved(save(config, tmp_path)) == config
    raw["figures"] = {"mine": {"dataset": "topics", "series": [name]}}
    assert resolve(raw).figures["mine"].series == (name,)


def test_two_series_of_one_name_are_refused():
    raw = fake.raw_config()
    raw["models"]["small-ups"] = raw["models"]["small"]
    raw["subsampling"] = {"ups": {"kind": "ups"}}
    grid = {"datasets": ["topics"], "strategies": ["least_confidence"], "subsampling": ["none", "ups"]}
    raw["grid"] = {"g": grid | {"pairs": [["small", "small"], ["small", "small-ups"]]}}
    with pytest.raises(
        InputError, match=r"grid\.g: another series is called 'g-small-least_confidence-small-ups'"
    ):
        resolve(raw)


@pytest.mark.parametrize("name", ["fit_successor", "acquire", "reuse", "prepare", "all", "curves"])
def test_a_figure_cannot_be_called_like_a_rule(name):
    raw = fake.raw_config()
    raw["figures"] = {name: {"dataset": "topics", "series": ["lc"]}}
    with pytest.raises(InputError, match=f"the name '{name}' is taken; choose another"):
        resolve(raw)


@pytest.mark.parametrize("name", [1, 1.5, True, None])
def test_a_name_that_yaml_takes_for_something_else_is_to_be_quoted(name):
    raw = fake.raw_config()
    raw["datasets"][name] = raw["datasets"]["topics"]
    with pytest.raises(InputError, match=f"YAML reads this as {name}, not as text: write it in quotes"):
        resolve(raw)


def test_a_name_that_is_too_long_is_told_the_limit():
    raw = fake.raw_config()
    raw["datasets"]["x" * 65] = raw["datasets"]["topics"]
    with pytest.raises(InputError, match="is not a name: at most 64 letters, digits and"):
        resolve(raw)
