"""A whole tiny run: files, numbers and repetition."""

import json
import re
import shutil

import pandas as pd
import pytest
import yaml
from feasible_al.jobs import versions

from tests import audit
from tests.workflow.conftest import ROOT, TINY, contents, start

pytestmark = pytest.mark.slow


def test_says_how_long_it_takes_and_where_the_report_is(tiny_run):
    output = (tiny_run / "output.txt").read_text()
    sizes, _, announcement = output.splitlines()[:3]
    assert re.fullmatch(
        r"spans: train 300 instances, [\d,]+ tokens; test 100 instances, [\d,]+ tokens", sizes
    )
    assert announcement.startswith("tiny: 22 fits, about")
    assert "iteration 3 of 3 done" in output
    assert output.splitlines()[-1] == "report: results/tiny/report.html"
    assert (tiny_run / "results/tiny/report.html").stat().st_size > 20_000


def test_a_second_run_computes_nothing_and_changes_no_file(copy_of_tiny_run):
    results = copy_of_tiny_run / "results" / "tiny"
    before = {
        path: path.stat().st_mtime_ns
        for path in results.rglob("*")
        if path.is_file() and "logs" not in path.parts
    }
    process = start(copy_of_tiny_run, TINY)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "every fit is done already" in output
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_trajectory_is_consistent_with_itself(tiny_run):
    folder = tiny_run / "results/tiny/acquisition/spans/encoder/mnlp/none/seed1"
    queries, scores = pd.read_csv(folder / "queries.csv"), pd.read_parquet(folder / "scores.parquet")
    metrics, timings = pd.read_csv(folder / "metrics.csv"), pd.read_csv(folder / "timings.csv")
    assert queries["instance"].is_unique
    assert queries["iteration"].unique().tolist() == [0, 1, 2]
    train = pd.read_parquet(tiny_run / "results/tiny/data/spans/train.parquet")
    words = train.set_index("id")["words"].str.len()
    assert (queries["tokens"] == queries["instance"].map(words)).all()
    for iteration, query in queries[queries["iteration"] > 0].groupby("iteration"):
        ranked = scores[scores["iteration"] == iteration].sort_values("score", ascending=False)
        assert query["instance"].tolist() == ranked["instance"].head(len(query)).tolist()
        earlier = queries[queries["iteration"] < iteration]["instance"]
        assert sorted(ranked["instance"]) == sorted(set(words.index) - set(earlier))
        assert query["tokens"].sum() > 500 >= query["tokens"].sum() - query["tokens"].iloc[-1]
    labelled = [(queries["iteration"] <= point).sum() for point in range(3)]
    assert metrics["metric"].unique().tolist() == ["f1", "f1_strict"]
    for _, rows in metrics.groupby("metric"):
        assert rows["labelled_instances"].tolist() == labelled
    assert timings["iteration"].max() == 2
    assert set(timings["phase"]) == {"tokenize", "setup", "train", "evaluate", "inference", "selection"}


def test_the_seed_set_is_shared_by_all_series_of_a_seed(tiny_run):
    folder = tiny_run / "results/tiny/acquisition/topics"

    def seed_set(trajectory: str) -> list[int]:
        queries = pd.read_csv(folder / trajectory / "queries.csv")
        return queries[queries["iteration"] == 0]["instance"].tolist()

    one = seed_set("encoder/least_confidence/none/seed1")
    assert one == seed_set("none/random/none/seed1") == seed_set("student/least_confidence/ups/seed1")


def test_the_same_fit_is_the_same_fit_wherever_it_runs(tiny_run):
    """Point 0 of every series of one model: the seed set alone."""
    results = tiny_run / "results/tiny"
    acquired = (results / "acquisition/topics/encoder/least_confidence/none/seed1/metrics.csv").read_text()
    fitted = (results / "successor/topics/none/random/none/seed1/gold/encoder/point0/metrics.csv").read_text()
    assert fitted.splitlines() == acquired.splitlines()[:2]


def test_every_manifest_says_what_stands_behind_the_result(tiny_run):
    manifests = list((tiny_run / "results/tiny").rglob("manifest.json"))
    # Trajectories; successors at three points and at one; full-data fits; the student.
    assert len(manifests) == 5 + (2 * 3 + 4) + 2 + 1
    for path in manifests:
        manifest = json.loads(path.read_text())
        assert path.parent.match(f"*/{manifest['job']}") or path.parent.parent.match(f"*/{manifest['job']}")
        assert manifest["attempts"] == 1
        assert manifest["resumed_iterations"] == []
        name, version = manifest["slice"]["stage"]
        assert version == versions.STAGES[name]
        assert manifest["versions"]["torch"]


def test_the_page_of_files_names_every_key_of_a_record(tiny_run):
    page = (ROOT / "docs/files.md").read_text()
    sections = {"manifest.json": "Records", "stats.json": "Prepared data"}
    for name, heading in sections.items():
        table = page.split(f"## {heading}\n")[1].split("| key | meaning |\n")[1].split("\n\n")[0]
        cells = " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))
        found = {
            key for path in (tiny_run / "results/tiny").rglob(name) for key in json.loads(path.read_text())
        }
        assert found <= {*re.findall(r"`(\w+)`", cells)}
        assert {"hash", "slice", "files", "digest"} <= found


@pytest.mark.parametrize("numbers", ["tidy_tables", "counts", "scores", "times", "figures"])
def test_numbers_computed_once_more_by_other_code(tiny_run, numbers):
    getattr(audit, f"check_{numbers}")(tiny_run / "results/tiny")


def test_active_learning_beats_chance_on_text_that_can_be_learned(tiny_run):
    curves = pd.read_csv(tiny_run / "results/tiny/tables/curves.csv")
    curves = curves[curves["metric"] != "f1_strict"]
    full = curves[curves["series"] == "full"].set_index("dataset")["value"]
    assert full["topics"] > 0.8
    assert full["spans"] > 0.4


def test_state_is_cleared_when_all_is_accepted(tiny_run):
    assert list((tiny_run / "results/tiny/state").glob("*")) == []
    assert len(contents(tiny_run)) == 5 * 4 + 2 * (2 * 3 + 4) + 2 * 2


def test_ups_scores_a_part_anew_keeps_the_rest_and_queries_what_it_scored(tiny_run):
    folder = tiny_run / "results/tiny/acquisition/topics/student/least_confidence/ups/seed1"
    queries, scores = pd.read_csv(folder / "queries.csv"), pd.read_parquet(folder / "scores.parquet")
    timings = pd.read_csv(folder / "timings.csv")
    first, second = (scores[scores["iteration"] == i].set_index("instance") for i in (1, 2))
    assert first["fresh"].all()
    assert set(second.index) == set(first.index) - set(queries[queries["iteration"] == 1]["instance"])
    stale = second[~second["fresh"]]
    assert 0 < len(stale) < len(second)
    assert (stale["score"] == first["score"].loc[stale.index]).all()
    fresh = second[second["fresh"]].sort_values("score", ascending=False)
    query = queries[queries["iteration"] == 2]
    assert query["instance"].tolist() == fresh.index[: len(query)].tolist()
    # Rank up to gamma by the stored score is always among them.
    stored = first["score"].loc[second.index].sort_values(ascending=False, kind="stable")
    sure = stored[stored > stored.iloc[int(0.2 * len(stored)) + 1]].index
    assert second["fresh"].loc[sure].all()
    inference = timings[(timings["iteration"] == 2) & (timings["phase"] == "inference")]
    assert inference["instances"].tolist() == [len(fresh)]
    assert "sampling" in set(timings["phase"])


def test_plasm_learns_gold_and_the_labellers_rest_and_the_control_gold_alone(tiny_run):
    results = tiny_run / "results/tiny"
    curves = pd.read_csv(results / "tables/curves.csv").query("metric == 'f1'").set_index("series")
    queries = pd.read_csv(results / "acquisition/spans/encoder/mnlp/none/seed1/queries.csv")
    plasm, control = curves.loc["plasm_crf"], curves.loc["as_many_steps"]
    assert plasm["point"] == control["point"] == 2
    assert plasm["labelled_instances"] == control["labelled_instances"] == len(queries)
    assert (plasm["pseudo_instances"], control["pseudo_instances"]) == (300 - len(queries), 0)
    assert (plasm["labeller"], control["labeller"]) == ("encoder", "gold~pool")
    predictions = pd.read_parquet(
        results / "acquisition/spans/encoder/mnlp/none/seed1/point2/predictions.parquet"
    )
    assert set(predictions["instance"]).isdisjoint(queries["instance"])
    assert predictions["instance"].nunique() == 300 - len(queries)


def test_two_trajectories_agree_to_the_byte_as_far_as_they_are_the_same(tiny_run, tmp_path):
    """The first, full iteration with and without subsampling, by the same student."""
    overlay = tmp_path / "overlay.yaml"
    series = {
        "datasets": ["topics"],
        "acquisition": "student",
        "strategy": "least_confidence",
        "successor": "student",
    }
    overlay.write_text(yaml.safe_dump({"series": {"whole": series}}))
    shutil.copytree(tiny_run, tmp_path / "run", copy_function=shutil.copy2)
    output, _ = (process := start(tmp_path / "run", TINY, overlay)).communicate(timeout=300)
    assert process.returncode == 0, output
    folder = tmp_path / "run/results/tiny/acquisition/topics/student/least_confidence"
    parts = []
    for subsampling in ("none", "ups"):
        files = {}
        for name in ("queries", "scores"):
            path = folder / subsampling / "seed1" / f"{name}.{'csv' if name == 'queries' else 'parquet'}"
            table = pd.read_csv(path) if name == "queries" else pd.read_parquet(path)
            files[name] = table[table["iteration"] <= 1].to_csv(index=False).encode()
        metrics = (folder / subsampling / "seed1/metrics.csv").read_bytes().splitlines()
        parts.append((files, metrics[:3]))  # points 0 and 1
    assert parts[0] == parts[1]
