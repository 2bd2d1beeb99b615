import json
import math

import pandas as pd
import pytest
from feasible_al.analysis.tables import TABLES, table_data, write_table
from feasible_al.analysis.tables.base import spread_of_iterations
from feasible_al.analysis.tables.latex import escaped
from feasible_al.config.blocks import Table
from feasible_al.core.errors import InputError
from feasible_al.core.io import write_record
from feasible_al.jobs.reads import TABLE_KINDS

LC = "acquisition/topics/small/least_confidence/none/seed2"


def data_of(run, kind, **block):
    return table_data(run.config, Table(kind=kind, **block), run.results())


def plain(rows):
    return [tuple(cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row) for row in rows]


def seconds(run, **block):
    frame = data_of(run, "timings", **block).frame
    return {
        (r["dataset"], r["iteration"], r["step"]): (r["Small mean"], r["Small std"], r["Small seeds"])
        for _, r in frame.iterrows()
    }


def test_what_planning_knows_of_the_kinds_without_importing_them_is_what_they_say():
    assert {name: kind.reads for name, kind in TABLES.items()} == TABLE_KINDS
    assert list(TABLE_KINDS) == sorted(TABLE_KINDS)


def test_class_sizes_of_a_profile_are_a_note(make_run, raw):
    raw["datasets"]["topics"]["profile"] = {"kind": "geometric", "largest": 500, "ratio": 50}
    run = make_run(raw)
    path = run.folder / "data/topics/stats.json"
    facts = json.loads(path.read_text())
    facts["checks"]["train"]["profile_dropped"] = 2345
    write_record(path, facts)
    notes = data_of(run.collect(), "datasets").notes
    assert (
        "Made-up topics: the training set is a seeded sample with the class sizes 500 a, 300 b, 190 c and 10 d; "
        "2,345 instances are left out. The test set is whole."
    ) in notes
    assert not any("Made-up spans" in note for note in notes)


def test_datasets_in_the_papers_layout(run):
    data = data_of(run, "datasets")
    assert plain(data.rows) == [
        (
            "Made-up topics",
            "1,000 / 20,000",
            "100 / 2,000",
            "1%",
            "1%",
            "4",
            "5 (4 dropped)",
            "7 (0 dropped)",
            "n/a",
        ),
        (
            "Made-up spans",
            "400 / 5,000",
            "100 / 2,000",
            "100 tokens",
            "1%",
            "1 (2)",
            "5 (4 dropped)",
            "7 (0 dropped)",
            "2,400",
        ),
    ]
    assert data.frame["train_tokens"].tolist() == [20000, 5000]


def test_scores_and_paired_differences(run):
    rows = data_of(run, "scores").frame.set_index(["dataset", "series"])
    lc = rows.loc[("topics", "lc")]
    assert (lc["seeds"], lc["reference"], lc["paired_seeds"]) == (3, "random", 3)
    assert (lc["last_mean"], lc["last_std"]) == pytest.approx((0.84, 0.02))
    # Gains 0.02, 0.03, 0.04 at all points from the first query on; t(0.975, 2) = 4.302653.
    half = 4.302653 * 0.01 / math.sqrt(3)
    for name in ("last", "area"):
        found = lc[[f"{name}_difference", f"{name}_difference_low", f"{name}_difference_high"]].tolist()
        assert found == pytest.approx([0.03, 0.03 - half, 0.03 + half], abs=1e-7)
    assert lc["verdict"] == "too few seeds"


def test_what_all_series_have_in_common_before_the_first_query_dilutes_no_difference(run):
    """Point 0 is one and the same model on both sides; with it, a third of the gain would be gone."""
    rows = data_of(run, "scores").frame.set_index("series")
    assert rows.loc["lc", "paired_points"] == "1 2 3"
    # Seed 1 gains 0.02 on 0.6, 0.7, 0.8, seed 2 0.03 and seed 3 0.04, each 0.01 above the one before.
    assert rows.loc["lc", "area_mean"] == pytest.approx(0.74)
    assert rows.loc["lc", "area_mean"] - rows.loc["random", "area_mean"].iloc[0] == pytest.approx(0.03)


def test_a_difference_within_seed_noise_stays_undecided(make_run, raw):
    raw["seeds"] = [1, 2, 3, 4]
    mnlp = data_of(make_run(raw).collect(), "scores").frame.set_index("series").loc["mnlp"]
    # Gains 0.05, -0.05, 0 and 0.
    assert mnlp["last_difference"] == pytest.approx(0)
    assert mnlp["last_difference_high"] == pytest.approx(3.182446 * math.sqrt(0.005 / 3) / 2, abs=1e-6)
    assert (mnlp["p_holm"], mnlp["verdict"]) == (pytest.approx(1), "undecided")


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
        "0.720",
        "+0.020",
        "+0.020",
        "0.008",  # two instances at each of three points, (2/16 + 2/4 + 2/16) / 100 less 0.02², over 100
        "too few seeds",
        "0 of 4",
    )


def test_a_worse_series_is_called_worse(make_run, raw):
    raw["seeds"] = [1, 2, 3, 4]
    raw["series"]["random_large"] = {"datasets": ["topics"], "strategy": "random", "successor": "large"}
    rows = data_of(make_run(raw).collect(), "scores").frame.set_index("series")
    assert rows.loc["mismatch", "area_difference"] == pytest.approx(-0.1)
    assert rows.loc["mismatch", ["tests", "verdict"]].tolist() == [2, "worse"]
    assert rows.loc["lc", "verdict"] == "better"


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
    assert data.notes[-1] == (
        "Machine: machine-a; device cpu, processor A processor, 2 threads, float32, engine mode fast."
    )


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
        ("device", "A GPU", "more than one device (A GPU and cpu)"),
        ("cpu", "Another", "more than one processor (A processor and Another)"),
        ("threads", 16, "more than one number of threads (2 and 16)"),
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


def test_equal_nodes_share_a_table_and_are_named(make_run):
    run = make_run()
    run.edit_manifest(LC, host="machine-b")
    run.collect()
    assert seconds(run, datasets=("topics",), iterations=(2,))["topics", "all", "train"] == pytest.approx(
        (69, 3, 3)
    )
    data = data_of(run, "timings")
    assert data.refusal == ""
    assert data.notes[-1].startswith("Machines: machine-a and machine-b; device cpu, processor A processor,")


def test_a_job_that_went_on_with_another_device_has_seconds_of_both(make_run):
    run = make_run()
    other = {
        "host": "machine-b",
        "cpu": "A processor",
        "device": "A GPU",
        "precision": "float32",
        "threads": 2,
    }
    run.edit_manifest(LC, elsewhere=[other | {"iterations": [1, 2]}], resumed_iterations=[3])
    run.collect()
    assert "more than one device (A GPU and cpu)" in data_of(run, "timings").refusal


def test_an_iteration_that_is_left_out_anyway_does_not_cause_a_refusal(make_run):
    run = make_run()
    run.edit_manifest(LC, device="A GPU", exclusive=False)
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


def test_csv_is_the_exact_numbers(own_run):
    for name in own_run.config.tables:
        write_table(own_run.config, name, own_run.folder)
    scores = pd.read_csv(own_run.folder / "tables" / "scores.csv")
    assert scores.set_index("series").loc["lc", "area_difference"] == pytest.approx(0.03)
    assert len(pd.read_csv(own_run.folder / "tables" / "times.csv")) == 2 * (3 * 3 + 3 + 1)


def test_overlap_in_the_papers_layout(feasible_run):
    data = data_of(feasible_run, "rank_overlap", datasets=("topics",))
    assert [column.label for column in data.columns] == [
        "Acquisition model",
        "Top share",
        "Iteration 1",
        "Iteration 2",
    ]
    # Iteration 1 leaves 16: of seed 2 ranks 0 and 1/16 are queried, of the others 0 and 15/16.
    # Iteration 2 leaves 14: 1/14 is below 10% too.
    assert plain(data.rows) == [
        (chooser if top == 10 else "", f"{top}%", "0.667 ± 0.289", "0.667 ± 0.289")
        for chooser in ("Small", "Student")
        for top in (10, 20, 30, 40, 50)
    ]
    assert data.frame.loc[0, ["acquisition", "top_percent", "iteration 2 seeds"]].tolist() == ["small", 10, 3]
    assert not any("older scores" in note for note in data.notes)


def test_overlap_of_what_is_asked_for(feasible_run):
    data = data_of(feasible_run, "rank_overlap", series=("ups", "mnlp"), iterations=(2, 9))
    assert [column.label for column in data.columns][3:] == ["Iteration 2", "Iteration 9"]
    assert [row[:2] for row in data.rows if row[1]] == [
        ("Made-up topics", "Small + ups"),
        ("Made-up spans", "Small"),
    ]
    assert {row[4] for row in data.rows} == {"n/a"}
    assert any("older scores" in note for note in data.notes)


def test_without_a_ranking_there_is_a_reason_instead_of_an_overlap(run):
    data = data_of(run, "rank_overlap", series=("random",))
    assert "needs two iterations that score the pool" in data.refusal
    assert data.rows == ()


def test_students_beside_their_teachers(feasible_run):
    data = data_of(feasible_run, "students", datasets=("topics",))
    assert plain(data.rows) == [
        ("Student of Large", "attention", "17.4 and 22.7", "1.87 times", "0.880", "0.900", "0.850")
    ]
    assert data.frame.loc[0, ["student", "score_teacher", "parameters_student"]].tolist() == [
        "student",
        0.9,
        17_400_000,
    ]
    assert data.notes[-1] == (
        "Made-up topics: teacher and student were fitted on 40 labelled instances, with one seed. "
        "Score: test accuracy. Agreement: the share of test texts to which both models give the same label."
    )
    assert data_of(feasible_run, "students", datasets=("spans",)).rows == ()


def test_a_subsampled_trajectory_has_a_column_and_a_share_of_the_pool(feasible_run):
    data = data_of(feasible_run, "timings", datasets=("topics",), iterations=(1, 2))
    assert [column.label for column in data.columns[2:]] == ["Small", "Small + ups", "Student"]
    cells = {row[:2]: row[2:4] for row in plain(data.rows) if row[0]}
    assert cells["2", "train"] == ("23.0 ± 1.0", "23.0 ± 1.0")
    inference = [row[2:4] for row in plain(data.rows) if row[1] == "inference"]
    # Iterations 1 and 2, and all three: 5.5 + 1.5 + 5.5 with subsampling.
    assert inference == [("6.0 ± 0.0", "5.5 ± 0.0"), ("6.0 ± 0.0", "1.5 ± 0.0"), ("18.0 ± 0.0", "12.5 ± 0.0")]
    # 99, 90 and 81 of 900 at one of three iterations.
    share = "Small + ups on Made-up topics scored 10.0 ± 1.0% of the pool at its subsampled iterations and "
    assert [note.replace("\N{NO-BREAK SPACE}", " ") for note in data.notes if "scored" in note] == [
        f"{share}70.0 ± 0.3% of it over all iterations."
    ]


def test_the_share_of_the_pool_is_told_even_when_seconds_are_not(make_run, feasible):
    run = make_run(feasible)
    run.edit_manifest(LC, device="A GPU")
    data = data_of(run.collect(), "timings", datasets=("topics",))
    assert data.refusal
    conditions, share = data.notes
    assert conditions.startswith(
        "Made-up topics: the seed set and each of 3 queries are k = 1% of the texts."
    )
    assert "of the pool at its subsampled iterations" in share


def test_a_rule_that_never_subsampled_is_told(make_run, feasible):
    feasible["subsampling"]["ups"]["full_iterations"] = [1, 2, 3]
    run = make_run(feasible)
    for path in run.folder.glob("acquisition/*/small/*/ups/*/timings.csv"):
        lines = [line for line in path.read_text().splitlines() if ",sampling," not in line]
        path.write_text("\n".join(lines) + "\n")
    run.seal()
    notes = data_of(run, "timings", datasets=("topics",)).notes
    assert (
        "Small + ups on Made-up topics scored the whole pool: none of its iterations was a subsampled one."
        in (notes)
    )


def test_one_point_is_compared_at_that_point(feasible_run):
    data = data_of(feasible_run, "scores", datasets=("topics",))
    plasm = data.frame.set_index("series").loc["plasm"]
    assert (plasm["reference"], plasm["points"], plasm["paired_points"]) == ("random", "3", "3")
    # At point 3 the gains are 0.10, 0.11 and 0.12; t(0.975, 2) = 4.302653.
    half = 4.302653 * 0.01 / math.sqrt(3)
    for name in ("last", "area"):
        found = plasm[[f"{name}_difference", f"{name}_difference_low", f"{name}_difference_high"]].tolist()
        assert found == pytest.approx([0.11, 0.11 - half, 0.11 + half], abs=1e-7)
    assert plasm["last_mean"] == pytest.approx(0.92)
    assert plasm["last_pseudo_instances"] == 960
    assert math.isnan(plasm["area_mean"])
    row = next(row for row in plain(data.rows) if row[0].startswith("Student > Large > Small,"))
    assert row[:4] == ("Student > Large > Small, at point 3", "3", "0.920 ± 0.020", "n/a")
    place = "Student > Large > Small: "
    assert (
        f"{place}compared with random labelling without pseudo-labels (random > Small), at point 3."
        in data.notes
    )
    assert any(note.startswith(f"{place}at the last point, 960 training instances") for note in data.notes)


def test_a_mean_difference_is_of_the_points_that_both_have(feasible_run):
    frame = data_of(feasible_run, "scores", datasets=("topics",)).frame.set_index("series")
    # Points 1 and 3 of a curve that equals random labelling.
    assert frame.loc["soft", "paired_points"] == "1 3"
    assert frame.loc["soft", "area_difference"] == pytest.approx(0)
    # A whole curve against a whole curve, as before.
    assert frame.loc["ups", "paired_points"] == "1 2 3"
    assert frame.loc["ups", "area_difference"] == pytest.approx(0.03)


def test_the_reference_has_the_same_labels_where_there_is_one(make_run, feasible):
    feasible["series"] |= {
        f"random_{name}": {**feasible["series"][name], "acquisition": "none", "strategy": "random"}
        for name in ("soft", "longer")
    }
    data = data_of(make_run(feasible).collect(), "scores", datasets=("topics",))
    references = data.frame.set_index("series")["reference"].to_dict()
    assert {name: references[name] for name in ("lc", "ups", "plasm", "soft", "longer")} == {
        "lc": "random",
        "ups": "random",
        "plasm": "random",  # the other PLASM series with random labels has soft ones
        "soft": "random_soft",
        "longer": "random_longer",
    }
    compared = [note for note in data.notes if "compared with" in note]
    assert any(
        "(soft): compared with random labelling (random > Large > Small (soft)), at" in n for n in compared
    )
    assert not any("additional" in note for note in compared)


def test_series_without_a_point_in_common_are_not_compared(make_run, feasible):
    random = {"datasets": ["topics"], "strategy": "random", "successor": "small", "labeller": "large"}
    feasible["series"]["random_plasm"] = random | {"points": [1]}
    data = data_of(make_run(feasible).collect(), "scores", datasets=("topics",))
    plasm = data.frame.set_index("series").loc["plasm"]
    assert (plasm["reference"], plasm["paired_seeds"]) == ("random_plasm", 0)
    row = next(row for row in data.rows if row[0].startswith("Student > Large > Small,"))
    assert row[4:8] == ("n/a", "n/a", "n/a", "no seed or no point in common with random")


def test_an_unknown_table_is_refused_by_name(run):
    with pytest.raises(InputError, match="unknown table 'score'; did you mean 'scores'"):
        write_table(run.config, "score", run.folder)
