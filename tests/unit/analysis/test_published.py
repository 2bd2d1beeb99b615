"""The paper's numbers: that they are the paper's, and how ours stand beside them."""

import math
from pathlib import Path

import feasible_al
import pandas as pd
import pytest
from feasible_al.analysis.tables import table_data
from feasible_al.config.blocks import Table

FOLDER = Path(feasible_al.__file__).parent / "analysis" / "published"
MODELS = ["ELECTRA", "BERT", "DistilBERT", "ELECTRA + UPS", "DistilBERT + UPS"]


def paper(name):
    return pd.read_csv(FOLDER / f"table{name}.csv", comment="#", dtype=str)


def mean(cell):
    return float(cell.split("±")[0])


@pytest.mark.parametrize("name", ["1", "6"])
def test_train_and_inference_add_up_to_overall_in_every_row(name):
    """As they do in the paper, up to what its rounding and one misprint leave."""
    table = paper(name).set_index(["iteration", "step"])
    assert list(table.columns) == MODELS
    assert table.shape == (15, 5)
    for iteration in ("2", "6", "10", "15", "sum"):
        for model in MODELS:
            parts = mean(table.loc[(iteration, "train"), model]) + mean(
                table.loc[(iteration, "inference"), model]
            )
            assert parts == pytest.approx(mean(table.loc[(iteration, "overall"), model]), abs=0.35)


def test_what_the_paper_derives_from_its_times():
    overall = {
        name: paper(name).set_index(["iteration", "step"]).loc[("sum", "overall")].map(mean) for name in "16"
    }
    saved = {
        (name, model): round(100 * (1 - times[model] / times["ELECTRA"]), 1)
        for name, times in overall.items()
        for model in ("DistilBERT", "DistilBERT + UPS", "ELECTRA + UPS")
    }
    assert saved["1", "DistilBERT"] == 34.6
    assert saved["6", "DistilBERT"] == 32.0
    assert saved["1", "DistilBERT + UPS"] == 63.4
    assert saved["6", "DistilBERT + UPS"] == 47.3
    assert saved["1", "ELECTRA + UPS"] == 37.6


def test_spot_values_typed_from_the_paper():
    first, sixth = (paper(name).set_index(["iteration", "step"]) for name in "16")
    assert first.loc[("2", "train")].tolist() == [
        "176.3±1.4",
        "174.8±1.4",
        "87.4±0.8",
        "178.0±1.4",
        "87.9±0.5",
    ]
    assert first.loc[("15", "inference"), "DistilBERT + UPS"] == "39.3±2.6"
    assert sixth.loc[("sum", "overall"), "BERT"] == "1722.6±24.1"
    second = paper("2").set_index("percent")
    assert second.loc["50"].tolist() == [".980", ".991", "1"]
    assert second.loc["10"].tolist() == [".503", ".649", ".924"]
    third = paper("3").set_index("dataset")
    assert third.loc["OntoNotes 5.0"].tolist() == ["59.9K/1088.5K", "8.3K/152.7K", "2%", "18"]


def beside(run, **block):
    return table_data(run.config, Table(kind="published", **block), run.results())


def test_times_beside_the_papers(run):
    data = beside(run, published="1", datasets=("topics",), series=("lc",) * 5)
    cells = data.frame.set_index(["iteration", "step", "column"])
    # Iteration 2: setup 1 and train 20 + seed; 0.5 + 5 + 0.5 of querying.
    train = cells.loc[("2", "train", "ELECTRA")]
    assert (train["mean"], train["paper"], train["ratio"]) == (23, "176.3±1.4", pytest.approx(23 / 176.3))
    assert cells.loc[("2", "inference", "BERT"), "ratio"] == pytest.approx(6 / 623.8)
    # All three iterations: setup 3, train 60 + 3 seed, 18 of querying.
    assert cells.loc[("sum", "overall", "ELECTRA"), "mean"] == 3 + 60 + 6 + 18
    # There is no iteration 15 here.
    assert math.isnan(cells.loc[("15", "train", "BERT"), "mean"])
    row = next(row for row in data.rows if row[:2] == ("2", "train"))
    assert row[2].replace("\N{NO-BREAK SPACE}", " ") == "23 / 176.3±1.4 (0.13)"
    assert next(row for row in data.rows if row[0] == "15")[2].startswith("n/a")
    assert "ELECTRA: Small > Small" in data.notes[-1]


def test_a_skipped_series_leaves_its_column_empty(make_run, raw):
    raw["series"]["mnlp"]["datasets"] = ["spans"]
    raw["series"]["other"] = {**raw["series"]["lc"], "skip": "too slow"}
    data = beside(
        make_run(raw).collect(), published="6", datasets=("topics",), series=("lc", "other") + ("lc",) * 3
    )
    assert data.frame.loc[data.frame["column"] == "BERT", "mean"].isna().all()


def test_overlaps_beside_the_papers(run):
    data = beside(run, published="2", datasets=("topics",), series=("lc",))
    cells = data.frame.set_index(["top", "column"])
    ours = run.results().overlap
    ours = ours[(ours["dataset"] == "topics") & (ours["iteration"] == 1) & (ours["top_percent"] == 50)]
    assert cells.loc[("50%", "Iteration 1"), "mean"] == pytest.approx(ours["fraction"].mean())
    assert cells.loc[("50%", "Iteration 1"), "paper"] == ".980"
    assert math.isnan(cells.loc[("50%", "Iteration 6"), "mean"])


def test_sizes_beside_the_papers(run):
    data = beside(run, published="3", datasets=("topics", "spans", "topics"))
    cells = data.frame.drop_duplicates(["dataset", "column"]).set_index(["dataset", "column"])
    assert cells.loc[("Made-up topics", "Train, instances"), ["mean", "paper"]].tolist() == [1000, "15K"]
    assert cells.loc[("Made-up topics", "Train, instances"), "ratio"] == pytest.approx(1000 / 15000)
    assert cells.loc[("Made-up topics", "Classes"), "ratio"] == pytest.approx(4 / 4)
    assert cells.loc[("Made-up spans", "Classes"), ["mean", "paper"]].tolist() == [1, "18"]


def test_memory_by_acquisition_model(run):
    run.edit_manifest("acquisition/topics/small/least_confidence/none/seed2", peak_memory_mb=812.5)
    data = table_data(run.config, Table(kind="memory"), run.results())
    frame = data.frame.set_index("dataset")
    # 512.5, 812.5, 512.5: mean 612.5, and 100 from the mean by two, 200 by one: std sqrt(60000 / 2).
    assert (frame.loc["topics", "mean"], frame.loc["topics", "std"]) == pytest.approx(
        (612.5, math.sqrt(30000))
    )
    assert [row[:2] for row in data.rows] == [("Made-up topics", "Small"), ("Made-up spans", "Small")]
