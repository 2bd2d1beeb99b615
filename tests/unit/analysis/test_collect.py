import pandas as pd
import pytest
from feasible_al.errors import InputError

CURVES = (
    "dataset,series,acquisition,strategy,subsampling,labeller,successor,seed,point,labelled_instances,"
    "labelled_tokens,labelled_fraction,pseudo_instances,metric,value,converged"
)
TIMINGS = (
    "dataset,stage,acquisition,strategy,subsampling,labeller,successor,seed,iteration,phase,seconds,instances,"
    "tokens,host,device,precision,engine,exclusive"
)
LC = "acquisition/topics/small/least_confidence/none/seed2"


def table(run, name):
    return pd.read_csv(run.folder / "tables" / f"{name}.csv", keep_default_na=False)


def test_columns_are_those_that_were_agreed(run):
    for name, columns in (("curves", CURVES), ("timings", TIMINGS)):
        assert (run.folder / "tables" / f"{name}.csv").read_text().splitlines()[0] == columns


def test_one_row_per_series_dataset_seed_and_point(run):
    curves = table(run, "curves")
    # Five curves (random on two datasets) of 3 seeds x 4 points, and two full-data fits.
    assert len(curves) == 5 * 3 * 4 + 2
    assert not curves.duplicated(["dataset", "series", "seed", "point", "successor"]).any()
    assert list(curves["series"].drop_duplicates()) == ["lc", "mismatch", "random", "mnlp", "full"]


def test_a_curve_is_the_acquisitions_own_or_the_successors(run):
    curves = table(run, "curves").set_index(["series", "dataset", "seed", "point"])
    own, successor = curves.loc[("lc", "topics", 2, 3)], curves.loc[("mismatch", "topics", 2, 3)]
    assert (own["acquisition"], own["successor"], own["value"]) == ("small", "small", 0.84)
    assert (successor["acquisition"], successor["successor"], successor["value"]) == ("small", "large", 0.71)
    assert curves.loc[("random", "topics", 1, 0), "acquisition"] == "none"


def test_share_counts_instances_when_classifying_and_tokens_when_tagging(run):
    curves = table(run, "curves").set_index(["series", "dataset", "seed", "point"])
    assert curves.loc[("lc", "topics", 2, 3), "labelled_fraction"] == 40 / 1000
    assert curves.loc[("mnlp", "spans", 2, 3), "labelled_fraction"] == 402 / 5000


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


def test_same_input_same_bytes(run):
    files = [run.folder / "tables" / name for name in ("curves.csv", "timings.csv")]
    before = [file.read_bytes() for file in files]
    run.collect()
    assert [file.read_bytes() for file in files] == before


def test_names_that_look_like_missing_values_stay_names(make_run, raw):
    raw["series"]["NA"] = raw["series"].pop("lc")
    run = make_run(raw).collect()
    assert (table(run, "curves")["series"] == "NA").sum() == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a whole CSV file"),
        ("point,labelled_instances\n0,10\n", "no column labelled_tokens, metric, value, converged"),
        (
            "point,labelled_instances,labelled_tokens,metric,value,converged\n0,10,100,accuracy,0.5,true\n1,20,2",
            "metrics.csv:3",
        ),
        (
            "point,labelled_instances,labelled_tokens,metric,value,converged\n0,10,100,accuracy,nan,true\n",
            "'nan' in column value",
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
    (run.folder / LC / "manifest.json").write_text('{"host": "machine-a"}')
    with pytest.raises(InputError, match=r"seed2/manifest\.json: lacks 'device'"):
        run.collect()
