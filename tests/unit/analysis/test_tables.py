import math

import pandas as pd
import pytest
from feasible_al.analysis.kinds import TABLE_KINDS
from feasible_al.analysis.results import read_results
from feasible_al.analysis.tables import TABLES, table_data, write_table
from feasible_al.analysis.tables.latex import escaped
from feasible_al.analysis.tables.timings import spread_of_iterations
from feasible_al.config.blocks import Table
from feasible_al.errors import InputError

LC = "acquisition/topics/small/least_confidence/none/seed2"


def data_of(run, kind, **block):
    return table_data(run.config, Table(kind=kind, **block), read_results(run.config, run.folder))


def plain(rows):
    return [tuple(cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row) for row in rows]


def seconds(run, **block):
    frame = data_of(run, "timings", **block).frame
    return {
        (r["dataset"], r["iteration"], r["step"]): (r["Small mean"], r["Small std"], r["Small seeds"])
        for _, r in frame.iterrows()
    }


def test_registry_matches_the_names_that_config_validation_knows():
    assert tuple(TABLES) == TABLE_KINDS


def test_datasets_in_the_papers_layout(run):
    data = data_of(run, "datasets")
    assert plain(data.rows) == [
        ("Made-up topics", "1,000 / 20,000", "100 / 2,000", "1%", "1%", "4", "5, 4 dropped", "7, 0 dropped"),
        (
            "Made-up spans",
            "400 / 5,000",
            "100 / 2,000",
            "100 tokens",
            "1%",
            "1 (2)",
            "5, 4 dropped",
            "7, 0 dropped",
        ),
    ]
    assert data.frame["train_tokens"].tolist() == [20000, 5000]


def test_scores_and_paired_differences(run):
    rows = data_of(run, "scores").frame.set_index(["dataset", "series"])
    lc = rows.loc[("topics", "lc")]
    assert (lc["seeds"], lc["reference"], lc["paired_seeds"]) == (3, "random", 3)
    assert (lc["last_mean"], lc["last_std"]) == pytest.approx((0.84, 0.02))
    # Gains 0.02, 0.03, 0.04 at the last point; three quarters of that over four points.
    # t(0.975, 2) = 4.302653.
    half = 4.302653 * 0.01 / math.sqrt(3)
    assert (lc["last_difference"], lc["last_difference_low"], lc["last_difference_high"]) == pytest.approx(
        (0.03, 0.03 - half, 0.03 + half), abs=1e-7
    )
    assert (lc["mean_difference"], lc["mean_difference_low"]) == pytest.approx(
        (0.0225, 0.75 * (0.03 - half)), abs=1e-7
    )
    assert lc["verdict"] == "higher than random: interval above 0"


def test_a_difference_within_seed_noise_stays_undecided(run):
    mnlp = data_of(run, "scores").frame.set_index("series").loc["mnlp"]
    # Gains 0.05, -0.05, 0.
    assert mnlp["last_difference"] == pytest.approx(0)
    assert mnlp["last_difference_high"] == pytest.approx(4.302653 * 0.05 / math.sqrt(3), abs=1e-6)
    assert mnlp["verdict"] == "undecided: interval contains 0"


def test_other_verdicts_and_fits_that_did_not_converge(run):
    rows = data_of(run, "scores").frame.set_index(["dataset", "series"])
    assert rows.loc[("topics", "mismatch"), "verdict"] == "no random series to compare"
    assert rows.loc[("topics", "random"), "verdict"] == "the reference"
    assert rows.loc[("topics", "mismatch"), ["not_converged", "fits"]].tolist() == [1, 12]
    assert rows.loc[("topics", "lc"), "not_converged"] == 0


def test_one_seed_has_no_interval(make_run, raw):
    raw["seeds"] = [1]
    data = data_of(make_run(raw).collect(), "scores", datasets=("topics",))
    assert plain(data.rows)[0] == (
        "Small > Small",
        "1",
        "0.820",
        "0.665",
        "n/a",
        "n/a",
        "one seed: no interval",
        "0 of 4",
    )


def test_a_worse_series_is_called_lower(make_run, raw):
    raw["series"]["random_large"] = {"datasets": ["topics"], "strategy": "random", "successor": "large"}
    rows = data_of(make_run(raw).collect(), "scores").frame.set_index("series")
    assert rows.loc["mismatch", "mean_difference"] == pytest.approx(-0.075)
    assert rows.loc["mismatch", "verdict"] == "lower than random: interval below 0"


def test_seconds_of_chosen_iterations_and_their_sum(run):
    found = seconds(run, datasets=("topics",), iterations=(2,))
    # Iteration 2: setup 1 + train 20 + seed; sampling, inference and selection 0.5 + 5 + 0.5.
    assert found == {
        ("topics", "2", "train"): pytest.approx((23, 1, 3)),
        ("topics", "2", "inference"): pytest.approx((6, 0, 3)),
        ("topics", "2", "overall"): pytest.approx((29, 1, 3)),
        ("topics", "all", "train"): pytest.approx((69, 3, 3)),
        ("topics", "all", "inference"): pytest.approx((18, 0, 3)),
        ("topics", "all", "overall"): pytest.approx((87, 3, 3)),
        ("topics", "per job", "tokenize"): pytest.approx((3, 0, 3)),
    }


def test_text_of_the_times_table(run):
    data = data_of(run, "timings", datasets=("topics",), iterations=(2,))
    assert [column.label for column in data.columns] == ["Iteration", "Step", "Small"]
    assert plain(data.rows)[:4] == [
        ("2", "train", "23.0 ± 1.0"),
        ("", "inference", "6.0 ± 0.0"),
        ("", "overall", "29.0 ± 1.0"),
        ("All iterations", "train", "69.0 ± 3.0"),
    ]
    assert data.group_starts == (True, False, False, True, False, False, True)
    assert data.notes[-1] == "Machine: machine-a; device cpu, float32, engine mode fast."


def test_a_shared_iteration_is_left_out_with_its_sum_and_counted(make_run):
    run = make_run()
    run.edit_manifest(LC, exclusive=False, shared_iterations=[2])
    run.collect()
    found = seconds(run, datasets=("topics",), iterations=(1, 2))
    # Seeds 1 and 3 remain.
    assert found["topics", "1", "train"] == pytest.approx((13, 1, 3))
    assert found["topics", "2", "train"] == pytest.approx((23, math.sqrt(2), 2))
    assert found["topics", "all", "train"] == pytest.approx((69, math.sqrt(18), 2))
    data = data_of(run, "timings", datasets=("topics",), iterations=(2,))
    assert plain(data.rows)[0] == ("2", "train", "23.0 ± 1.4 (2)")
    assert any("1 iteration (1 of Small on Made-up topics)" in note for note in data.notes)


def test_the_fit_after_the_last_query_is_in_no_time_even_when_it_was_disturbed(make_run):
    run = make_run()
    run.edit_manifest(LC, exclusive=False, shared_iterations=[4])
    run.collect()
    assert seconds(run, datasets=("topics",))["topics", "all", "train"] == pytest.approx((69, 3, 3))
    assert not any("Left out" in note for note in data_of(run, "timings").notes)


def test_without_any_undisturbed_seed_there_is_no_sum(make_run, raw):
    raw["seeds"] = [2]
    raw["datasets"]["topics"]["full"] = None
    run = make_run(raw)
    run.edit_manifest(LC, resumed_iterations=[1])
    run.collect()
    cells = {row[:2]: row[2] for row in data_of(run, "timings", datasets=("topics",)).rows}
    assert cells["All iterations", "train"] == "n/a"
    assert cells["1", "train"] == "n/a"
    assert cells["2", "train"] == "23.0"


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("host", "machine-b", "more than one host (machine-a and machine-b)"),
        ("device", "A GPU", "more than one device (A GPU and cpu)"),
        ("precision", "bfloat16", "more than one precision (bfloat16 and float32)"),
        ("engine", "paper", "more than one engine mode (fast and paper)"),
    ],
)
def test_machines_and_settings_are_never_mixed(make_run, key, value, named):
    run = make_run()
    run.edit_manifest(LC, **{key: value})
    run.collect()
    data = data_of(run, "timings")
    assert named in data.refusal
    assert data.rows == ()
    assert data.frame.empty
    # A table that leaves that trajectory out is not affected.
    assert data_of(run, "timings", datasets=("spans",)).refusal == ""


def test_an_iteration_that_is_left_out_anyway_does_not_cause_a_refusal(make_run):
    run = make_run()
    run.edit_manifest(LC, host="machine-b", exclusive=False)
    run.collect()
    assert data_of(run, "timings").refusal == ""


def test_two_strategies_of_a_model_have_a_column_each(make_run, raw):
    raw["series"]["entropy"] = {**raw["series"]["lc"], "strategy": "entropy"}
    data = data_of(make_run(raw).collect(), "timings", datasets=("topics",))
    assert [column.label for column in data.columns[2:]] == ["Small, least_confidence", "Small, entropy"]


@pytest.mark.parametrize(
    ("iterations", "shown"), [(1, (1,)), (3, (1, 2, 3)), (5, (2, 3, 4, 5)), (15, (2, 6, 10, 15))]
)
def test_shown_iterations_are_the_papers_for_fifteen(iterations, shown):
    assert spread_of_iterations(iterations) == shown


def test_latex_is_escaped_and_complete(make_run, raw):
    raw["datasets"]["topics"]["label"] = r"50% of A&B_{x} $\alpha$ ~^#"
    run = make_run(raw).collect()
    write_table(run.config, "datasets", run.folder)
    text = (run.folder / "tables" / "datasets.tex").read_text()
    assert r"50\% of A\&B\_\{x\} \$\textbackslash{}alpha\$ \textasciitilde{}\textasciicircum{}\#" in text
    assert text.count(r"\\") == 3
    assert r"\toprule" in text
    assert text.rstrip().endswith(r"\end{tabular}")
    assert escaped("1 ± 2\N{NO-BREAK SPACE}[\N{MINUS SIGN}3]") == r"1 $\pm$ 2~{[}$-$3]"


def test_csv_is_the_exact_numbers(run):
    for name in run.config.tables:
        write_table(run.config, name, run.folder)
    scores = pd.read_csv(run.folder / "tables" / "scores.csv")
    assert scores.set_index("series").loc["lc", "mean_difference"] == pytest.approx(0.0225)
    assert len(pd.read_csv(run.folder / "tables" / "times.csv")) == 2 * (3 * 3 + 3 + 1)


def test_an_unknown_table_is_refused_by_name(run):
    with pytest.raises(InputError, match="unknown table 'score'; did you mean 'scores'"):
        write_table(run.config, "score", run.folder)
