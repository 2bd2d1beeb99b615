"""A successor without the pseudo-labels of the largest self-influence, from the config to its results."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.jobs import curve_of, hash_of
from feasible_al.jobs.resolve import load, resolve, save
from feasible_al.results.externals import with_digests
from feasible_al.stages import fitting
from feasible_al.stages.fitting import Fitting

from tests.small_config import CNN, LC, generated, small_config

PLASM = {**LC, "labeller": "cnn", "successor": "other"}
OTHER = {"epochs": 4, "minimum_steps": 0, "batch_size": 16}
CONFIG = small_config(
    "r",
    datasets={"topics": generated(train=200, seed=10, query=10)},
    models={
        "cnn": {**CNN, "training": {"epochs": 3, "minimum_steps": 30}},
        "other": {**CNN, "training": OTHER},
    },
    pseudo_labels={
        "filtered": {"drop": {"kind": "self_influence", "share": 0.25}, "gold_weight": 2},
        "weighted": {"gold_weight": 2},
    },
    series={"plasm": {**PLASM, "pseudo_labels": "filtered"}},
)
POOLS = (190, 180)
DROPPED = (48, 45)  # a quarter of them, 47.5 to the even


def started(raw: dict) -> tuple[Path, dict[str, str]]:
    """The saved config with the jobs that the curves need done, and the job of each series."""
    Path("config.yaml").write_text(yaml.safe_dump(raw))
    config = with_digests(load([Path("config.yaml")]), Path("results/r"))
    saved = save(config, Path("results/r"))
    first = curve_of(config, next(iter(config.series)), "topics", 1)
    assert main(["step", str(saved), "data/topics"]) == 0
    assert main(["step", str(saved), first.trajectory.name]) == 0
    return saved, {name: curve_of(config, name, "topics", 1).name for name in config.series}


@pytest.fixture
def fits(monkeypatch):
    """What is learnt: rows, steps, weights and checkpoints of each fit, without the warm-up."""
    found = []

    def training(*arguments, train=fitting.train, **settings):
        result = train(*arguments, **settings)
        if "weights" in settings:
            found.append((arguments[3], len(result.losses), settings["weights"], len(result.checkpoints)))
        return result

    monkeypatch.setattr(fitting, "train", training)
    return found


def manifest(job: str, point: int) -> dict:
    return json.loads(Path("results/r", job, f"point{point}/manifest.json").read_text())


def test_a_successor_is_fitted_again_on_what_is_kept(fits):
    raw = CONFIG | {"series": CONFIG["series"] | {"all": {**PLASM, "pseudo_labels": "weighted"}}}
    saved, jobs = started(raw)
    fits.clear()
    assert main(["step", str(saved), jobs["plasm"]]) == 0
    filtered = [*fits]
    fits.clear()
    assert main(["step", str(saved), jobs["all"]]) == 0
    queries = pd.read_csv(Path("results/r/acquisition/topics/cnn/least_confidence/none/seed1/queries.csv"))
    ids = pd.read_parquet("results/r/data/topics/train.parquet")["id"].to_numpy()
    for point, (pool, dropped) in enumerate(zip(POOLS, DROPPED, strict=True)):
        (all_rows, steps, weights, kept), (rows, fewer, again, none) = filtered[2 * point : 2 * point + 2]
        # The first fit is that of the series without a filter.
        assert all_rows.tolist() == fits[point][0].tolist() == list(range(200))
        assert steps == fits[point][1]
        assert (kept, none) == (3, 0)
        assert len(rows) == 200 - dropped
        assert fewer == 4 * -(-len(rows) // 16) < steps
        gold = np.flatnonzero(np.isin(ids, queries.loc[queries["iteration"] <= point, "instance"]))
        assert set(gold) <= set(rows)
        for each in (weights, again):
            assert np.flatnonzero(each == 2).tolist() == gold.tolist()
        assert manifest(jobs["plasm"], point)["pseudo_instances"] == pool - dropped
        assert manifest(jobs["all"], point)["pseudo_instances"] == pool
    # Both fits and the self-influence are timed; only the second fit is evaluated.
    times = pd.read_csv(Path("results/r", jobs["plasm"], "point1/timings.csv"))
    found = list(zip(times["phase"], times["instances"], strict=True))
    assert found == [
        ("setup", 200), ("train", 200), ("inference", 180), ("setup", 155), ("train", 155), ("evaluate", 20),
    ]  # fmt: skip


def test_only_the_fit_on_what_is_kept_is_evaluated(monkeypatch):
    """Dropping the same instances without a first fit gives the same results."""
    saved, jobs = started(CONFIG)
    dropped = []

    def filtered(self, data, *arguments, method=Fitting.filtered):
        found = method(self, data, *arguments)
        dropped.append(np.setdiff1d(data.rows, found.rows))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Fitting, "filtered", filtered)
        assert main(["step", str(saved), jobs["plasm"]]) == 0
    folder = Path("results/r", jobs["plasm"])
    paths = [folder / f"point{point}" / "test_predictions.parquet" for point in (0, 1)]
    before = [pd.read_parquet(path) for path in paths]
    for made in ("successor", "state"):
        Path("results/r", made).rename(f"first_{made}")
    again = iter(dropped)
    monkeypatch.setattr(Fitting, "filtered", lambda self, data, *_: data.without(next(again)))
    assert main(["step", str(saved), jobs["plasm"]]) == 0
    for path, frame in zip(paths, before, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(path), frame)


def test_a_control_takes_the_steps_of_what_is_kept_without_any_other_fit(fits):
    raw = CONFIG | {"series": CONFIG["series"] | {"control": {**LC, "successor": "other", "steps": "pool"}}}
    saved, jobs = started(raw)
    fits.clear()
    assert main(["step", str(saved), jobs["control"]]) == 0
    assert [len(rows) for rows, *_ in fits] == [10, 20]
    assert [steps for _, steps, *_ in fits] == [4 * 10, 4 * 10]  # 152 and 155 instances in batches of 16
    assert [checkpoints for *_, checkpoints in fits] == [0, 0]
    assert manifest(jobs["control"], 1)["pseudo_instances"] == 0


def test_wrong_labels_of_an_imported_labeller_are_found_without_confidence(fits):
    """A tenth of the labels of a file is wrong."""
    learning = {**OTHER, "epochs": 8, "learning_rate": 5e-3}
    network = {"kind": "text_cnn", "embedding_size": 16, "filters": 16, "training": learning}
    raw = CONFIG | {
        "datasets": {"topics": generated(train=300, seed=10, query=10, classes=2)},
        "models": CONFIG["models"] | {"other": network},
        "pseudo_labels": {"filtered": {"drop": {"kind": "self_influence", "share": 0.1}}},
        "imported_labellers": {"llm": {"path": "topics.csv", "price": 0.5}},
        "series": {"plasm": {**PLASM, "labeller": "llm", "pseudo_labels": "filtered", "points": [0]}},
    }
    Path("topics.csv").write_text("instance,label\n0,class000\n")
    saved, _ = started(raw)
    texts = pd.read_parquet("results/r/data/topics/train.parquet")
    other = {"class000": "class001", "class001": "class000"}
    wrong = np.random.default_rng(0).choice(300, 30, replace=False)
    given = [other[label] if row in wrong else label for row, label in enumerate(texts["label"])]
    texts.assign(label=given)[["id", "label"]].set_axis(["instance", "label"], axis=1).to_csv(
        "topics.csv", index=False
    )
    saved, jobs = started(raw)
    assert main(["step", str(saved), "labels/topics/llm"]) == 0
    fits.clear()
    assert main(["step", str(saved), jobs["plasm"]]) == 0
    (before, *_), (after, *_) = fits
    dropped = np.setdiff1d(before, after)
    assert len(dropped) == 29
    assert len(np.intersect1d(dropped, wrong)) >= 20


def test_a_share_of_less_than_one_instance_takes_no_first_fit(fits):
    raw = CONFIG | {"pseudo_labels": {"filtered": {"drop": {"kind": "self_influence", "share": 0.001}}}}
    saved, jobs = started(raw)
    fits.clear()
    assert main(["step", str(saved), jobs["plasm"]]) == 0
    assert [len(rows) for rows, *_ in fits] == [200, 200]
    assert manifest(jobs["plasm"], 0)["pseudo_instances"] == 190


def test_the_share_is_part_of_the_hash():
    def hashed(**drop) -> str:
        config = resolve(CONFIG | {"pseudo_labels": {"filtered": {"drop": drop}}})
        return hash_of(config, curve_of(config, "plasm", "topics", 1))

    drops = [
        {"kind": "self_influence", "share": 0.1},
        {"kind": "self_influence", "share": 0.2},
        {"kind": "least_sure", "share": 0.1},
    ]
    assert len({hashed(**drop) for drop in drops}) == 3


@pytest.mark.parametrize("share", [0, 1])
def test_a_share_is_more_than_nothing_and_less_than_all(share, capsys):
    raw = CONFIG | {"pseudo_labels": {"filtered": {"drop": {"kind": "self_influence", "share": share}}}}
    Path("config.yaml").write_text(yaml.safe_dump(raw))
    assert main(["validate", "config.yaml"]) == 2
    found = capsys.readouterr().err
    assert "pseudo_labels.filtered.drop.share" in found
    assert ("greater than 0" if share == 0 else "less than 1") in found
