import pandas as pd
import pytest
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_record, write_record

CURVES = (
    "dataset,series,acquisition,strategy,subsampling,labeller,successor,seed,point,labelled_instances,"
    "labelled_tokens,labelled_fraction,pseudo_instances,metric,value,converged"
)
TIMINGS = (
    "dataset,stage,acquisition,strategy,subsampling,labeller,successor,seed,iteration,phase,seconds,instances,"
    "tokens,host,processor,device,threads,precision,engine,exclusive"
)
OVERLAP = "dataset,acquisition,strategy,subsampling,seed,iteration,top_percent,fraction"
LC = "acquisition/topics/small/least_confidence/none/seed2"


def table(run, name):
    return pd.read_csv(run.folder / "tables" / f"{name}.csv", keep_default_na=False)


def test_columns_are_those_that_were_agreed(run):
    for name, columns in (("curves", CURVES), ("timings", TIMINGS), ("overlap", OVERLAP)):
        assert (run.folder / "tables" / f"{name}.csv").read_text().splitlines()[0] == columns


def test_one_row_per_series_dataset_seed_point_and_metric(run):
    curves = table(run, "curves")
    # Five curves (random on two datasets) of 3 seeds x 4 points, two of them by two metrics; two full-data fits.
    assert len(curves) == (5 + 2) * 3 * 4 + 2
    assert not curves.duplicated(["dataset", "series", "seed", "point", "successor", "metric"]).any()
    assert curves.groupby("dataset")["metric"].unique().map(list).to_dict() == {
        "topics": ["accuracy"],
        "spans": ["f1", "f1_strict"],
    }
    assert list(curves["series"].drop_duplicates()) == ["lc", "mismatch", "random", "mnlp", "full"]


def test_a_curve_is_the_acquisitions_own_or_the_successors(run):
    curves = table(run, "curves").set_index(["series", "dataset", "seed", "point"])
    own, successor = curves.loc[("lc", "topics", 2, 3)], curves.loc[("mismatch", "topics", 2, 3)]
    assert (own["acquisition"], own["successor"], own["value"]) == ("small", "small", 0.84)
    assert (successor["acquisition"], successor["successor"], successor["value"]) == ("small", "large", 0.7)
    assert curves.loc[("random", "topics", 1, 0), "acquisition"] == "none"


def test_share_counts_instances_when_classifying_and_tokens_when_tagging(run):
    curves = table(run, "curves").set_index(["series", "dataset", "seed", "point", "metric"])
    assert curves.loc[("lc", "topics", 2, 3, "accuracy"), "labelled_fraction"] == 40 / 1000
    for metric in ("f1", "f1_strict"):
        assert curves.loc[("mnlp", "spans", 2, 3, metric), "labelled_fraction"] == 402 / 5000


def test_full_data_fits(run):
    full = table(run, "curves").query("series == 'full'")
    assert full[["acquisition", "strategy", "labeller", "successor"]].drop_duplicates().values.tolist() == [
        ["none", "none", "gold", "small"]
    ]
    assert full["value"].tolist() == [0.9, 0.92]
    assert full["labelled_fraction"].tolist() == [1.0, 1.0]


def test_times_have_a_row_per_row_of_a_job(run):
    timings = table(run, "timings")
    # Trained trajectories: 6, of 1 + 3 x 6 + 3 rows. Successors: large and random's on two datasets,
    # 9 jobs x 4 points x 2 rows. Full: 2 rows.
    assert timings["stage"].value_counts().to_dict() == {"acquire": 6 * 22, "successor": 9 * 4 * 2, "full": 2}
    assert timings["exclusive"].all()


def test_disturbed_iterations_are_not_exclusive(make_run):
    run = make_run()
    run.edit_manifest(LC, exclusive=False, shared_iterations=[2], resumed_iterations=[3])
    timings = table(run.collect(), "timings")
    wrong = timings[~timings["exclusive"]]
    assert set(zip(wrong["strategy"], wrong["seed"], wrong["iteration"], strict=True)) == {
        ("least_confidence", 2, 2),
        ("least_confidence", 2, 3),
    }


def test_a_job_that_was_shared_without_saying_when_is_not_exclusive_at_all(make_run):
    run = make_run()
    run.edit_manifest(LC, exclusive=False)
    timings = table(run.collect(), "timings")
    assert len(timings[~timings["exclusive"]]) == 22


def test_each_iteration_has_the_machine_that_it_was_computed_on(make_run):
    run = make_run()
    other = {"host": "machine-b", "cpu": "Old", "device": "A GPU", "precision": "bfloat16", "threads": 4}
    run.edit_manifest(LC, elsewhere=[other | {"iterations": [1, 2]}])
    timings = table(run.collect(), "timings").query(
        "stage == 'acquire' and strategy == 'least_confidence' and seed == 2"
    )
    columns = ["host", "processor", "device", "precision", "threads"]
    for early, rows in timings.groupby(timings["iteration"].isin([1, 2])):
        expected = list(other.values()) if early else ["machine-a", "A processor", "cpu", "float32", 2]
        assert rows[columns].drop_duplicates().values.tolist() == [expected]


def test_same_input_same_bytes(own_run):
    files = [own_run.folder / "tables" / name for name in ("curves.csv", "timings.csv", "overlap.csv")]
    before = [file.read_bytes() for file in files]
    own_run.collect()
    assert [file.read_bytes() for file in files] == before


def test_names_that_look_like_missing_values_stay_names(make_run, raw):
    raw["series"]["NA"] = raw["series"].pop("lc")
    run = make_run(raw).collect()
    assert (table(run, "curves")["series"] == "NA").sum() == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a complete CSV file"),
        ("point,labelled_instances\n0,10\n", "no column labelled_tokens, metric, value, converged"),
        (
            "point,labelled_instances,labelled_tokens,metric,value,converged\n0,10,100,accuracy,0.5,true\n1,20,2",
            "metrics.csv:3",
        ),
        (
            "point,labelled_instances,labelled_tokens,metric,value,converged\n0,10,100,accuracy,nan,true\n",
            "'nan' in column 'value' is not a finite number",
        ),
    ],
)
def test_a_torn_file_is_named_with_its_job(make_run, text, message):
    run = make_run()
    (run.folder / LC / "metrics.csv").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        run.collect()
    assert f"{LC}/metrics.csv" in str(caught.value)
    assert f"run the job {LC} again" in str(caught.value)


def test_an_absent_file_is_named_with_its_job(make_run):
    run = make_run()
    folder = "successor/topics/small/least_confidence/none/seed3/gold/large"
    (run.folder / folder / "point2" / "timings.csv").unlink()
    with pytest.raises(InputError, match=r"point2/timings\.csv: there is no such file") as caught:
        run.collect()
    assert f"run the job {folder} again" in str(caught.value)


def test_a_manifest_without_a_fact_is_named(make_run):
    run = make_run()
    path = run.folder / LC / "manifest.json"
    write_record(path, {key: value for key, value in read_record(path, "").items() if key != "device"})
    with pytest.raises(InputError, match=r"seed2/manifest\.json: has no device"):
        run.collect()


def test_overlap_has_the_trajectories_that_score(run):
    found = table(run, "overlap")
    # Trained trajectories: 6, of 2 iterations whose query is followed by another, and five top shares.
    assert len(found) == 6 * 2 * 5
    assert set(found["acquisition"]) == {"small"}
    # Of 16 that are left, seed 2 queries ranks 0 and 1/16, the others 0 and 15/16.
    first = found[(found["iteration"] == 1) & (found["top_percent"] == 10) & (found["dataset"] == "topics")]
    assert dict(zip(first["seed"], first["fraction"], strict=True)) == {1: 0.5, 2: 1.0, 3: 0.5}


def test_overlap_of_a_subsampled_trajectory_counts_stale_scores(feasible_run):
    found = table(feasible_run, "overlap")
    stale = found[(found["subsampling"] == "ups") & (found["iteration"] == 2) & (found["seed"] == 1)]
    assert stale["fraction"].tolist() == [0.5] * 5


def test_one_iteration_overlaps_with_nothing(make_run):
    run = make_run()
    for folder in run.folder.glob("acquisition/*/small/*/none/seed*"):
        lines = (folder / "queries.csv").read_text().splitlines()
        (folder / "queries.csv").write_text("\n".join(line for line in lines if line[0] in "i01") + "\n")
    assert table(run.collect(), "overlap").columns.tolist() == OVERLAP.split(",")


SCORES = {"iteration": [1], "instance": [2], "score": [0.5], "fresh": [True]}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"iteration": [1], "instance": [2], "uncertainty": [0.5]}, "no column score"),
        (SCORES | {"score": ["high"]}, "something in column 'score' is not a finite number"),
        (SCORES | {"score": [float("nan")]}, "something in column 'score' is not a finite number"),
        (SCORES | {"instance": [2.5]}, "something in column 'instance' is not a whole number"),
        (SCORES, "the query of iteration 2 is not from the pool of iteration 1"),
    ],
)
def test_wrong_scores_are_named_with_their_job(make_run, columns, message):
    run = make_run()
    pd.DataFrame(columns).to_parquet(run.folder / LC / "scores.parquet")
    with pytest.raises(InputError, match=message) as caught:
        run.collect()
    assert str(caught.value).startswith(str(run.folder / LC / "scores.parquet"))
    assert f"run the job {LC} again" in str(caught.value)


def test_a_job_with_other_points_is_named(make_run):
    run = make_run()
    path = run.folder / LC / "metrics.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(
        InputError, match=r"metrics\.csv: not the points \[0, 1, 2, 3\]; run the job"
    ) as caught:
        run.collect()
    assert f"run the job {LC} again" in str(caught.value)


def test_scores_that_are_absent_or_torn_are_named_with_their_job(make_run):
    run = make_run()
    path = run.folder / LC / "scores.parquet"
    whole = path.read_bytes()
    for spoil, message in (
        (path.unlink, "there is no such file"),
        (lambda: path.write_bytes(whole[:-20]), "absent or damaged"),
    ):
        spoil()
        with pytest.raises(InputError, match=message) as caught:
            run.collect()
        assert f"run the job {LC} again" in str(caught.value)


def test_successors_of_a_labeller_have_their_own_points_and_counts(feasible_run, feasible):
    curves = table(feasible_run, "curves")
    rows = {name: curves[(curves["series"] == name) & (curves["seed"] == 1)] for name in feasible["series"]}
    assert rows["plasm"][["labeller", "point", "pseudo_instances", "value"]].values.tolist() == [
        ["large", 3, 960, 0.9]
    ]
    assert rows["soft"]["labeller"].unique().tolist() == ["large~soft"]
    assert rows["soft"]["point"].tolist() == [1, 3]
    assert rows["longer"][["labeller", "pseudo_instances"]].values.tolist() == [["gold~pool", 0]]
    assert rows["ups"]["subsampling"].unique().tolist() == ["ups"]


def test_the_time_that_a_student_took_is_told(feasible_run):
    timings = table(feasible_run, "timings")
    student = timings[timings["stage"] == "distill"]
    assert student[["successor", "labeller", "phase", "seconds"]].values.tolist() == [
        ["student", "none", "setup", 1.0],
        ["student", "none", "train", 50.0],
    ]
